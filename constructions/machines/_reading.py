"""One way in for all formats."""

import re
from collections.abc import Callable, Mapping

from constructions.errors import InputError, ResourceError
from constructions.machines._bbchallenge import read_bbchallenge
from constructions.machines._jflap import read_jflap
from constructions.machines._machine import Machine
from constructions.machines._machine_builder import shown
from constructions.machines._morphett import read_morphett
from constructions.machines._yaml import read_yaml

MOST_CHARACTERS = 2**20
"""The longest text that is read."""

_READERS: Mapping[str, Callable[[str], Machine]] = {
    "bbchallenge": read_bbchallenge,
    "yaml": read_yaml,
    "morphett": read_morphett,
    "jflap": read_jflap,
}

MACHINE_FORMATS = tuple(_READERS)
"""The formats that :func:`read_machine` knows."""


def read_machine(text: str, format: str | None = None, word: str = "") -> Machine:  # noqa: A002
    """The machine that a text describes; without a format it is guessed.

    Args:
        text: at most ``MOST_CHARACTERS`` characters.
        format: one of ``MACHINE_FORMATS``.
        word: what the machine will run on; a wildcard (of morphett) stands for its symbols too.

    Raises:
        InputError: for whatever is not one deterministic machine with one tape; the message names the line.
        ResourceError: if the text is too long.

    >>> read_machine("1RB1LB_1LA1RZ").name
    '1RB1LB_1LA1RZ'
    """
    if len(text) > MOST_CHARACTERS:
        raise ResourceError(f"a text of {len(text)} characters: at most {MOST_CHARACTERS} are read")
    text = text.removeprefix("\ufeff")
    chosen = guess_machine_format(text) if format is None else format
    if chosen not in _READERS:
        raise InputError(f"no machine format is called {shown(chosen)}; there are {', '.join(MACHINE_FORMATS)}")
    return read_morphett(text, word) if chosen == "morphett" else _READERS[chosen](text)


def guess_machine_format(text: str) -> str:
    """The format that a text is most likely in; never fails, reading it may.

    >>> [guess_machine_format(text) for text in ("1RB---_1LA1RZ", "<structure/>", "blank: ' '", "0 1 1 r halt")]
    ['bbchallenge', 'jflap', 'yaml', 'morphett']
    """
    content = text.strip()
    if content.startswith("<"):
        return "jflap"
    if re.match(r"(?:[0-9][LR][A-Z]|---){2}", content) or not re.search(r"[\s:;]", content):
        return "bbchallenge"
    if content.startswith("{") or any(
        re.match(r"""\s*["']?(table|blank|start state|source code)["']?\s*:""", line) for line in text.splitlines()
    ):
        return "yaml"
    return "morphett"
