"""Reads a machine in any of the formats, which is guessed unless it is named."""

import re
from collections.abc import Callable, Mapping

from constructions.errors import InputError, ResourceError, unknown
from constructions.machines._bbchallenge import read_bbchallenge
from constructions.machines._jflap import read_jflap
from constructions.machines._machine import Machine
from constructions.machines._morphett import read_morphett
from constructions.machines._septuple import read_septuple
from constructions.machines._yaml import read_yaml

MOST_CHARACTERS = 2**20
"""The longest text that is read."""

_Say = Callable[[str], object]

_READERS: Mapping[str, Callable[[str, str, _Say], Machine]] = {
    "bbchallenge": lambda text, _, say: read_bbchallenge(text, say),
    "yaml": lambda text, _, say: read_yaml(text, say),
    "morphett": lambda text, word, _: read_morphett(text, word),
    "jflap": lambda text, _word, _say: read_jflap(text),
    "septuple": lambda text, _word, _say: read_septuple(text),
}

MACHINE_FORMATS = tuple(_READERS)
"""The formats that :func:`read_machine` knows."""


def read_machine(
    text: str,
    format: str | None = None,  # noqa: A002
    word: str = "",
    line: int | None = None,
    say: _Say = lambda _: None,
) -> Machine:
    """The machine that a text describes; without a format it is guessed.

    Args:
        text: at most ``MOST_CHARACTERS`` characters.
        format: one of ``MACHINE_FORMATS``.
        word: what the machine will run on; a wildcard (of morphett) stands for its symbols too.
        line: of a text with a machine a line, which one to read, counted from 1.
        say: called with what stands in the text and is not read.

    Raises:
        InputError: for whatever is not one deterministic machine with one tape; the message names the line.
        ResourceError: if the text is too long.

    >>> read_machine("1RB1LB_1LA1RZ").name
    '1RB1LB_1LA1RZ'
    """
    if len(text) > MOST_CHARACTERS:
        raise ResourceError(f"a text of {len(text)} characters: at most {MOST_CHARACTERS} are read")
    text = text.removeprefix("\ufeff")
    if line is not None:
        lines = text.splitlines()
        if not 1 <= line <= len(lines):
            raise InputError(f"line {line} is asked for, but there are {len(lines):,} lines")
        text = "\n" * (line - 1) + lines[line - 1]
    chosen = guess_machine_format(text) if format is None else format
    if chosen not in _READERS:
        raise unknown("machine format", chosen, MACHINE_FORMATS)
    return _READERS[chosen](text, word, say)


def guess_machine_format(text: str) -> str:
    """The format that a text is most likely in; never fails, reading it may.

    >>> [guess_machine_format(text) for text in ("1RB---_1LA1RZ", "<structure/>", "blank: ' '", "0 1 1 r halt")]
    ['bbchallenge', 'jflap', 'yaml', 'morphett']
    """
    content = text.strip()
    if content.startswith("<"):
        return "jflap"
    if re.search(r"(?m)^#Q\s*=\s*\{", content):
        return "septuple"
    if re.search(r"(?m)^\s*(?:[#(]?[0-9]+[.:,)]?\s+)?(?:(?:[0-9][LR][A-Z]|---)[ _]?){2}", content) or not re.search(
        r"[\s:;]", content
    ):
        return "bbchallenge"
    if content.startswith("{") or any(
        re.match(r"""\s*["']?(table|blank|start state|source code)["']?\s*:""", line) for line in text.splitlines()
    ):
        return "yaml"
    return "morphett"
