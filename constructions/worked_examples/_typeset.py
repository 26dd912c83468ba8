"""Worked examples as Markdown, HTML and LaTeX, from the templates beside this file."""

import base64
import functools
import hashlib
from collections.abc import Callable, Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from constructions.worked_examples import _phrases as words
from constructions.worked_examples._data import Trace
from constructions.worked_examples._drawing import RADIUS, drawing_of
from constructions.worked_examples._escaping import latex, markdown

_TEMPLATES = resources.files("constructions.worked_examples") / "templates"


def as_html(trace: Trace, *, full: bool = False) -> str:
    """The trace as one self-contained page, readable without JavaScript; with it one steps from token to token.

    Nothing is loaded from anywhere, which the page's own policy forbids; every text of the user is escaped.
    """
    style, script = (_TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    own = {"style": Markup(style), "script": Markup(script), "policy": policy_for(style, script)}  # noqa: S704  (files of this package)
    return environment("html").get_template("page.html.j2").render(_names(trace, full) | own) + "\n"


def as_markdown(trace: Trace, *, full: bool = False) -> str:
    """The trace as Markdown with tables."""
    return environment("md").get_template("page.md.j2").render(_names(trace, full)) + "\n"


def as_latex(trace: Trace, *, full: bool = False) -> str:
    """The trace in LaTeX for pdflatex; the packages are amsmath, booktabs, geometry, longtable, microtype and tikz."""
    return environment("tex").get_template("page.tex.j2").render(_names(trace, full)) + "\n"


def _names(trace: Trace, full: bool) -> dict[str, object]:
    drawing = None if trace.picture is None else drawing_of(trace.picture)
    explained = {group.moment.position for group in words.groups(trace, full)}
    return {"trace": trace, "full": full, "words": words, "drawing": drawing, "radius": RADIUS, "explained": explained}


def policy_for(style: str, script: str | None = None) -> str:
    """The content policy of a page that uses this style, runs this script or none, and loads nothing at all."""
    runs = "" if script is None else f"script-src '{_digest(script)}'; "
    return f"default-src 'none'; style-src '{_digest(style)}'; {runs}base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@functools.cache
def environment(kind: str) -> jinja2.Environment:
    """HTML is escaped by jinja2 itself; in the other formats everything that an expression yields is."""
    escape: Callable[[object], object] | None = {"md": markdown, "tex": latex}.get(kind)
    # LaTeX is full of braces and percent signs, so its templates use other brackets.
    brackets = ("<%", "%>", "<<", ">>", "<#", "#>") if kind == "tex" else ("{%", "%}", "{{", "}}", "{#", "#}")
    return jinja2.Environment(
        block_start_string=brackets[0],
        block_end_string=brackets[1],
        variable_start_string=brackets[2],
        variable_end_string=brackets[3],
        comment_start_string=brackets[4],
        comment_end_string=brackets[5],
        loader=jinja2.PackageLoader("constructions.worked_examples"),
        autoescape=kind == "html",  # noqa: S701  (the others escape in finalize)
        finalize=escape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def card(title: str, lead: str, tables: Sequence[object]) -> str:
    """A part of a page for notebooks: a title, a sentence (``lead``), and tables (:class:`Table`)."""
    return environment("html").get_template("card.html.j2").render(title=title, lead=lead, tables=tables)
