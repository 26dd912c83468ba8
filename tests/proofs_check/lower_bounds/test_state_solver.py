"""With python-sat, the least number of states where clique and colouring leave a gap."""

import builtins
import itertools
from pathlib import Path
from typing import Any

import pytest

from constructions.errors import InputError
from proofs_check.certificates import canonical_text
from proofs_check.cli import main
from proofs_check.kernel import check
from proofs_check.kernel._reference import Question, answer
from proofs_check.lower_bounds import (
    Scope,
    check_machine,
    closed_form,
    count,
    least_by_solver,
    least_machine_by_solver,
    machine_with,
    no_machine_certificate,
    refute,
    run_machine,
    scope_of,
)

WHERE_THE_FORMULA_IS_A_LOWER_BOUND = [
    (scope_of("istree", 4, None, "promise"), 1, 4),
    (scope_of("associative-recall", 3, 5, "promise"), 12, 12),
    (scope_of("c-gram", 4, None, "promise"), 2, 3),
    (scope_of("c-gram", 5, None, "promise"), 6, 6),
    (scope_of("associative-recall", 2, 2, "promise", keys=3), 4, 4),
]


@pytest.mark.parametrize(("scope", "formula", "least"), WHERE_THE_FORMULA_IS_A_LOWER_BOUND, ids=str)
def test_gaps_are_closed(scope: Scope, formula: int, least: int) -> None:
    known = closed_form(scope)
    assert known is not None
    assert (known.states, known.exact) == (formula, False)
    assert least_by_solver(scope) == least


@pytest.mark.parametrize(
    "scope",
    [
        scope_of("istree", 3, None, "promise"),
        scope_of("associative-recall", 4, None, "promise"),
        scope_of("associative-recall", 3, 4, "promise"),
        scope_of("associative-recall", 5, 3, "promise"),
        scope_of("c-gram", 10, 2, "promise", c=4, family="de-bruijn"),
        scope_of("index", 3, 2, "promise"),
        scope_of("counting", 3, None, "promise"),
    ],
    ids=str,
)
def test_no_machine_has_one_state_fewer_than_the_formula(scope: Scope) -> None:
    known = closed_form(scope)
    assert known is not None
    assert known.exact
    rows = scope.table()
    found = machine_with(rows, known.states)
    assert found is not None
    assert found.upper == known.states
    assert machine_with(rows, known.states - 1) is None
    assert least_by_solver(scope) == known.states


def test_the_solver_is_within_clique_and_colouring() -> None:
    for scope in (scope_of("c-gram", 4, 3, "promise"), scope_of("associative-recall", 4, 3, "promise")):
        counted = count(scope)
        assert counted.lower <= least_by_solver(scope) <= counted.upper


TINY = [
    scope_of("index", 3, 2),
    scope_of("counting", 3),
    scope_of("associative-recall", 4),
    scope_of("associative-recall", 3, 2),
    scope_of("associative-recall", 2, 2, keys=2),
    scope_of("c-gram", 5, 2, c=3),
    scope_of("istree", 3),
    scope_of("associative-recall", 4, None, "promise"),
    scope_of("associative-recall", 3, 5, "promise"),
    scope_of("associative-recall", 2, 2, "promise", keys=3),
    scope_of("c-gram", 4, None, "promise"),
]


@pytest.mark.parametrize("scope", TINY, ids=str)
def test_what_the_solver_finds_is_run_and_what_it_excludes_is_proved(scope: Scope) -> None:
    """Machine and proof, under both conventions: one is run on everything, the kernel checks the other."""
    machine, _ = least_machine_by_solver(scope)
    states = machine.classes.upper
    known = closed_form(scope)
    assert known is not None
    assert states == known.states if known.exact else states >= known.states
    if scope.task != "istree":
        assert check_machine(scope, machine) == states
        assert refute(lambda n, k: machine, scope).verdict == "VERIFIED"
    certificate = no_machine_certificate(scope)
    assert certificate["too_few"] == states - 1
    verdict = check(canonical_text(certificate).encode())
    assert (verdict.word, f"at least {states:,} are needed" in verdict.message) == ("VERIFIED", True)
    # One state more is enough, so whatever the proof, it must not pass.
    spoiled = {**certificate, "too_few": states}
    assert check(canonical_text(spoiled).encode()).word in ("REJECTED", "MALFORMED")


def test_a_machine_for_graphs_is_run() -> None:
    scope = scope_of("istree", 3)
    machine, _ = least_machine_by_solver(scope)
    edges = [(1, 2), (2, 1), (2, 3), (1, 3)]
    states = set()
    for prefix in (list(chosen) for size in range(4) for chosen in itertools.product(edges, repeat=size)):
        state = run_machine(machine, [f"{u}-{v}" for u, v in prefix])
        states.add(tuple(machine.step(state, "?")))
        for query in (list(chosen) for size in range(3) for chosen in itertools.product(edges, repeat=size)):
            words = [node for edge in prefix + query for node in edge]
            written = machine.output(run_machine(machine, ["?", *(f"{u}-{v}" for u, v in query)], state))
            assert written == answer(Question("istree", 3, 3), tuple(words), ())
    assert len(states) == 6
    graphs = scope_of("istree", 3, None, "promise")
    few, _ = least_machine_by_solver(graphs)
    found = refute(lambda n, k: few, graphs)
    assert (found.verdict, few.classes.upper) == ("VERIFIED", 2)


def test_a_proof_by_cases_has_lemmas() -> None:
    certificate = no_machine_certificate(scope_of("istree", 4, None, "promise"))
    assert (certificate["too_few"], certificate["pinned"]) == (3, [])
    assert len(certificate["proof"]) > 10
    text = check(canonical_text(certificate).encode()).message
    assert "at least 4 are needed" in text
    for place in (0, len(certificate["proof"]) // 2):
        shorter = {**certificate, "proof": certificate["proof"][place + 1 :]}
        spoiled = check(canonical_text(shorter).encode())
        # Leaving out one lemma of many may leave a proof; leaving out half of them does not.
        assert place == 0 or spoiled.word == "REJECTED"


def test_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.json"
    for arguments, code, words in (
        (["certify", "c-gram", "--n", "4", "--convention", "promise", "--by-solver", "--out", str(out)], 0, "2 states"),
        (["check", str(out)], 0, "at least 3 are needed"),
        (["bound", "c-gram", "--n", "4", "--convention", "promise", "--by-solver"], 0, "states   3\n"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == code
        assert words in capsys.readouterr().out
    for arguments, words in (
        (["certify", "index", "--n", "1", "--alphabet", "1", "--by-solver", "--out", str(out)], "one state is enough"),
        (["bound", "index", "--n", "2", "--by-solver", "--error", "1/8"], "leave out --error"),
        (["bound", "index", "--n", "12", "--alphabet", "2", "--by-solver"], "different rows"),
        (["bound", "istree", "--n", "4", "--repeats", "ignored", "--by-solver"], "without a solver"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        assert (ended.value.code, captured.err.count("\n")) == (2, 1)
        assert words in captured.err


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("pysat"):
            raise ImportError(name)
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match="extra 'proof'"):
        machine_with(scope_of("istree", 3, None, "promise").table(), 2)
