"""Numbers in the prose of README.md and docs/ that no page computes: each is computed here."""

import importlib
import json
import math
import re
from pathlib import Path

import pytest
import sympy

from constructions.machines import champion
from constructions.theorems import THEOREMS
from proofs_check.cli import main
from proofs_check.lower_bounds import closed_form, count, least_by_solver, scope_of
from tests.worked_example_runs import run

ROOT = Path(__file__).resolve().parents[1]


def text_of(name: str) -> str:
    """With blanks for ends of lines, so that a sentence is found however it is broken."""
    return " ".join((ROOT / name).read_text(encoding="utf-8").split())


def table(name: str, heading: str) -> list[list[str]]:
    """The rows of the table whose first line begins like that."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(heading))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert ended.value.code == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_table_of_theorems_in_the_readme() -> None:
    """All theorems stand there, each once, with the numbers of tokens that their claims are about."""
    rows = table("README.md", "| theorem | verdict")
    named = [number for row in rows for number in row[0].split(", ")]
    assert sorted(named) == sorted(THEOREMS)
    far = {number: row[3] for row in rows for number in row[0].split(", ")}
    for number, formula in (
        ("4.7", "2n"),
        ("5.3", "74n - 36"),
        ("5.6", "9n - 4"),
        ("5.4", "8 T + 1"),
        ("5.7", "2 T + 1"),
    ):
        assert formula in far[number]
        spaced = re.sub(r"([0-9])n", r"\1 n", formula)
        assert any(re.search(rf"\b{re.escape(spaced)} tokens", claim.statement) for claim in THEOREMS[number].claims)
    assert any(claim.statement.startswith("the first token written") for claim in THEOREMS["5.6"].claims)
    assert {row[1] for row in rows} == {"VERIFIED"}  # CI runs verify, whose summary says so for each


def test_the_bits_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    said = text_of("README.md")
    total = printed(capsys, "bound", "istree", "--n", "1024")
    promise = printed(capsys, "bound", "istree", "--n", "1024", "--convention", "promise")
    assert f"needs {total['bits']} bits if edges may repeat (at least {promise['bits']} with" in said
    assert (total["exact"], promise["exact"]) == (True, False)


def test_the_champion_in_the_readme() -> None:
    said, five = text_of("README.md"), champion("bb5")
    assert f"after {five.steps:,} steps with {five.nonblank:,} ones" in said
    assert f"--machine {five.text} " in said


def test_what_recall_looks_like_in_the_worked_example() -> None:
    trace = run("transformer/associative-recall", "3 1 4 1 5 ? 4")
    (head,) = [h for block in trace.moments[0].blocks for h in block.heads if h.name == "found"]
    (pick,) = head.picks
    said = text_of("docs/worked-examples.md")
    assert f"larger than any other by {head.gap}." in said
    assert f"Position {pick.position} is one" in said


def test_how_far_brute_force_was_run() -> None:
    """The numbers of prefixes, and the sizes, are those of the tests that run them."""
    rows = {row[0]: row[1:] for row in table("docs/lower-bounds.md", "| task | up to |")}
    prefixes = {
        "Index, k = 2": 2**20,
        "Counting, k = n": 7**7,
        "associative recall, n different tokens, total": math.factorial(9),
        "the same, promise": math.factorial(7),
        "associative recall, any word, total": 5**9,
        "IsTree, a repeated edge means NO": 2 ** math.comb(7, 2),
        "IsTree, repeated edges ignored": 2 ** math.comb(6, 2),
    }
    for task, number in prefixes.items():
        assert rows[task][1].removesuffix(" sets of edges") == f"{number:,}"
    # Linear de Bruijn words: k! to the power k^(c - 2).
    assert rows["c-gram, linear de Bruijn words, total and promise"][1] == f"{2 ** (2**3)}; {6**3}"
    assert len(rows) == len(prefixes) + 1
    run_there = (ROOT / "tests/proofs_check/lower_bounds/test_state_counts.py").read_text(encoding="utf-8")
    for scope in (
        '"index", 20, 2',
        '"counting", 7',
        '"associative-recall", 9',
        '"associative-recall", 7, None, "promise"',
        '"associative-recall", 9, 5, family="words"',
        '"istree", 7',
        '"istree", 6, repeats="ignored"',
    ):
        assert f"scope_of({scope})" in run_there.split("test_as_far_as_a_minute_goes")[0].split("mark.slow")[1]


def test_what_is_known_where_the_formula_is_a_lower_bound() -> None:
    scopes = {
        "IsTree, 4 nodes": scope_of("istree", 4, None, "promise"),
        "associative recall, 3 of 5 different tokens": scope_of("associative-recall", 3, 5, "promise"),
        "c-gram with c = 3, 4 different tokens": scope_of("c-gram", 4, None, "promise"),
        "c-gram with c = 3, 5 different tokens": scope_of("c-gram", 5, None, "promise"),
        "2 pairs, 3 keys, 2 values": scope_of("associative-recall", 2, 2, "promise", keys=3),
    }
    rows = table("docs/lower-bounds.md", "| promise | formula")
    assert [row[0] for row in rows] == list(scopes)
    for (_, formula, between, exact), scope in zip(rows, scopes.values(), strict=True):
        known, counted = closed_form(scope), count(scope)
        assert known is not None
        assert (str(known.states), between) == (formula, f"{counted.lower} to {counted.upper}")
        assert str(least_by_solver(scope)) == exact


def test_the_logarithm_of_the_bell_number() -> None:
    states = closed_form(scope_of("istree", 1024))
    assert states is not None
    assert states.states == sympy.bell(1024) + 1
    assert "For n = 1024, $\\log_2$ is 6585.05." in text_of("docs/lower-bounds.md")
    assert 2**6585045 <= states.states**1000 < 2**6585055  # rounded to two places


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("an input file of the command line", ("proofs_check._commands._shared", "_LARGEST_INPUT", "{mib} MiB")),
        ("memory of a run", ("constructions.engine._decode", "DEFAULT_MEMORY", "{gib} GiB")),
        ("a text with graphs", ("constructions.tasks._graph_formats", "MAXIMAL_TEXT", "2^{log} characters")),
        ("a machine", ("constructions.machines._reading", "MOST_CHARACTERS", "2^{log} characters")),
        ("a machine", ("constructions.machines._machine", "MOST_STATES", "2^{log} states")),
        ("a machine", ("constructions.machines._machine", "MOST_SYMBOLS", "2^{log} symbols")),
        ("a machine", ("constructions.machines._machine_builder", "MOST_ENTRIES", "2^{log} entries")),
        ("a tape of the simulator", ("constructions.machines._simulator", "MOST_CELLS", "2^{log} cells")),
        ("a certificate", ("proofs_check.kernel._reading", "MOST_BYTES", "{mib} MiB")),
        ("a certificate", ("proofs_check.kernel._reading", "MOST_VALUES", "{value:,} values")),
        ("a certificate", ("proofs_check.kernel._reading", "MOST_DIGITS", "{value:,} digits")),
        ("fooling sets that the kernel checks", ("proofs_check.kernel._fooling", "MOST_PREFIXES", "10^{ten} prefixes")),
        ("fooling sets that the kernel checks", ("proofs_check.kernel._fooling", "MOST_CELLS", "{value:,} pairs")),
        ("runs that the kernel makes", ("proofs_check.kernel._runs", "MOST_INPUTS", "10^{ten} inputs")),
        ("runs that the kernel makes", ("proofs_check.kernel._runs", "MOST_STEPS", "{value:,} steps on one")),
        (
            "runs that the kernel makes",
            ("proofs_check.kernel._search", "MOST_STEPS", "{value:,} steps of all searches"),
        ),
    ],
    ids=str,
)
def test_limits_of_the_page_on_security_are_those_of_the_code(what: str, limit: tuple[str, str, str]) -> None:
    module, name, shown = limit
    value = getattr(importlib.import_module(module), name)
    words = shown.format(
        value=value, mib=value >> 20, gib=value >> 30, log=value.bit_length() - 1, ten=len(str(value)) - 1
    )
    scaled = {
        "mib": value % 2**20,
        "gib": value % 2**30,
        "log": value & (value - 1),
        "ten": value - 10 ** (len(str(value)) - 1),
    }
    assert all(rest == 0 for unit, rest in scaled.items() if f"{{{unit}}}" in shown)
    (row,) = [row for row in table("docs/security.md", "| what | limit |") if row[0] == what]
    assert words in row[1]
