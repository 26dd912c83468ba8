"""The tables of docs/lower-bounds.md: every number is what the command prints."""

import json
import re
from pathlib import Path

import pytest

from proofs_check.cli import main

PAGE = Path(__file__).parents[3] / "docs" / "lower-bounds.md"

CELLS = re.compile(r"^\|[^|]*\| `([^`]*)` \| ([0-9, ]+) \| ([0-9, ]+) \|", re.M)

ROWS = [
    (options, [int(n) for n in sizes.split(",")], [int(number) for number in numbers.split(",")])
    for options, sizes, numbers in CELLS.findall(PAGE.read_text("utf-8"))
]


def test_the_tables_are_read() -> None:
    assert len(ROWS) == 22
    assert {options.split()[0] for options, _, _ in ROWS} == {
        "index", "associative-recall", "c-gram", "counting", "istree"
    }  # fmt: skip


@pytest.mark.parametrize(("options", "sizes", "numbers"), ROWS, ids=[options for options, _, _ in ROWS])
def test_row(options: str, sizes: list[int], numbers: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for size in sizes:
        with pytest.raises(SystemExit) as ended:
            main(["bound", *re.sub(r"\bN\b", str(size), options).split(), "--json"])
        assert ended.value.code == 0
        document = json.loads(capsys.readouterr().out)
        assert document["exact"] == (options != "istree --n N --convention promise")
        found.append(document["states"])
    assert found == numbers
