"""The formats by name."""

from collections.abc import Callable

from constructions.errors import unknown
from constructions.worked_examples._data import Trace
from constructions.worked_examples._text import as_text
from constructions.worked_examples._typeset import as_html, as_latex, as_markdown

_FORMATS: dict[str, Callable[..., str]] = {"text": as_text, "md": as_markdown, "html": as_html, "tex": as_latex}

FORMATS = tuple(_FORMATS)
"""``text``, ``md`` (Markdown), ``html``, ``tex`` (LaTeX)."""


def render(trace: Trace, name: str, *, full: bool = False) -> str:
    """The trace in the format of this name; ``full`` shows all scores, gates and states.

    Raises:
        InputError: if there is no such format.
    """
    if name not in _FORMATS:
        raise unknown("format", name, FORMATS)
    return _FORMATS[name](trace, full=full)
