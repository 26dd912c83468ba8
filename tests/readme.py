"""The commands of the README, and what each must print."""

import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """Every command that stands in a text: in blocks, whole lines; in sentences, what begins with the program."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
    typed = [line for language, block in blocks if not language for line in block.splitlines()]
    lines = [line.removeprefix("$ ") for line in typed if re.match(r"\$ |retrieval-gap |python3 |pip ", line)]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    said = re.findall(r"`((?:retrieval-gap|pip|python3) [^`]*)`", prose)
    return [*lines, *said]


def shown(text: str) -> dict[str, str]:
    """What the README shows below a command that has a prompt before it."""
    return dict(re.findall(r"^```\n\$ (.*)\n([^`]*)^```", text, re.M))


def rows(text: str) -> list[str]:
    """The table of ``verify``, with its head; without the seconds, its last column, which are a machine's."""
    lines = [line.rstrip() for line in text.splitlines()]
    head = next(place for place, line in enumerate(lines) if line.startswith("theorem  verdict "))
    numbers = [re.sub(r" +\d+$", "", line) for line in lines if re.match(r"\d+\.\d+ +[A-Z]+ ", line)]
    return [*lines[head - 1 : head + 1], *numbers]


INSTALL = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/retrieval-gap verify"

Check = Callable[[str], bool]

COMMANDS: dict[str, Check] = {
    INSTALL: lambda printed: rows(printed) == rows(README),
    "retrieval-gap verify 4.7 --details": lambda printed: "VERIFIED  Theorem 4.7: 12 of 12 claims hold\n" in printed,
    "retrieval-gap bound istree --n 1024": lambda printed: re.search(r"\b6586\b", printed) is not None,
    "retrieval-gap run hybrid/turing --machine 1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA --steps 50000000": lambda printed: (
        "steps: 47,176,870 (" in printed and "nonblank cells: 4,098\n" in printed and "answer: HALT\n" in printed
    ),
    **{command: result.__eq__ for command, result in shown(README).items()},
}
"""Each command, and whether what it prints is what the README says; what the README shows is compared as it stands."""

ELSEWHERE = {
    "pip install '.[docs]' && python3 -m sphinx -j auto docs build/html",
    "python3 -m venv .venv-test && .venv-test/bin/pip install '.[test]' && .venv-test/bin/python -m pytest",
    "retrieval-gap prove",
}
"""Commands that CI itself runs, as they stand in the README."""


def exit_code(command: str) -> int:
    """1 where the README shows a refutation."""
    return int(shown(README).get(command, "").startswith("REFUTED"))
