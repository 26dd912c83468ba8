"""Theorems of other papers: verified by name and with ``--all``, listed apart, and no part of what ``verify`` runs."""

import inspect
import json
from dataclasses import replace
from typing import Any

import pytest

from constructions.errors import InputError
from constructions.tasks import NEIGHBOUR_TASKS, TASKS, Effort, register, task
from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, NEIGHBOURS, THEOREMS, StateCount, theorem
from proofs_check._commands import _parts, verifying
from proofs_check.certificates import canonical_text
from proofs_check.cli import main
from proofs_check.evidence import Examiner, Plan, TheoremResult
from proofs_check.kernel import check
from proofs_check.lower_bounds import lower_half

SMALL = {
    name: Effort(2 if name != "turing" else 0, 0, sizes=(2, 4), far=(), measured=(4,))
    for name in (*NEIGHBOUR_TASKS, "turing")
}


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_every_claim_holds_on_a_few_inputs(name: str) -> None:
    result = Examiner(Plan(SMALL, cases=30)).theorem(theorem(name))
    assert result.claims
    assert {(c.name, c.verdict, c.reason) for c in result.claims if c.verdict != "VERIFIED"} == set()
    assert theorem(name).not_checked


def one_more(count: StateCount) -> StateCount:
    return replace(count, states=lambda n: count.states(n) + 1)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_lower_halves_hold_and_wrong_numbers_are_refuted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = theorem(name)
    results = lower_half(name)
    assert len(results) == len(stated.lower)
    for result, count in zip(results, stated.lower, strict=True):
        assert result.verdict == "VERIFIED"
        for_all_n = ["machine-checked"] * len(count.theorems) or ["argued"]
        assert [evidence.kind for evidence in result.evidence] == ["exhaustive", *for_all_n]
        if result.certificate is not None:
            assert check(canonical_text(result.certificate).encode()).word == "VERIFIED"
    wrong = tuple(one_more(count) for count in stated.lower)
    monkeypatch.setitem(NEIGHBOURS, name, replace(stated, lower=wrong))
    assert {result.verdict for result in lower_half(name)} <= {"REFUTED"}
    assert all("the formula says" in str(result.reason) for result in lower_half(name))


FAULTS = {
    "rnn/bounded-dyck": ("stack[:-1] if stack[-1:] + letter in KINDS", "stack[:-1] if stack"),
    "hybrid/mqar": ("w.back(QUERIES - 1, w.token)", "w.back(QUERIES, w.token)"),
    "hybrid/selective-copying": ("read - (DATA - 1)", "read - DATA"),
    "transformer/circuit-rnn": ("(w.equal(node, between + 1,", "(w.equal(node, between + 2,"),
    "transformer/circuits": (
        "between + 2 * (w.position - mark) + side",
        "between + 2 * (w.position - mark) + 3 - side",
    ),
    "transformer/disjointness": ("w.both(here, there)", "w.both(here, here)"),
    "transformer/equality": ("~w.equal(here, there)", "w.both(here, ~there)"),
    "transformer/nearest-neighbour": ("* (2 * n**2)", "* 1"),  # what is no label is too near
    "transformer/copying": ("zip(gram(1), gram(0), strict=True)", "zip(gram(1)[:1], gram(0)[:1], strict=True)"),
}
"""What is written instead of what in the file of the theorem."""


def test_every_file_has_its_fault() -> None:
    """What is translated, or made from a table, has them in tests of its own."""
    assert FAULTS.keys() | {"transformer/rnn-turing", "transformer/s5", "transformer/a5"} == NEIGHBOURING.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_refuted(name: str) -> None:
    old, new = FAULTS[name]
    text = inspect.getsource(inspect.getmodule(inspect.unwrap(NEIGHBOURING[name])))  # type: ignore[arg-type]
    assert text.count(old) == 1
    verdicts = []
    for spoiled in (text, text.replace(old, new)):
        file: dict[str, Any] = {"__name__": "spoiled"}
        exec(compile(spoiled, "spoiled", "exec"), file)  # noqa: S102
        subject = file["CONSTRUCTIONS"][name]()
        claims = [c for c in file["THEOREM"].claims if c.quantity in ("answers", "transcript")]
        examiner = Examiner(Plan(SMALL | {subject.task.name: Effort(2, 0, sizes=(2, 4, 9), far=())}, cases=100))
        verdicts.append({examiner.about(claim, subject).verdict for claim in claims})
    assert verdicts == [{"VERIFIED"}, {"REFUTED"}]


def test_which_theorems_verify_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[tuple[str, ...]] = []

    def noted(plan: Any, numbers: Any, workers: int, progress: Any) -> Any:
        asked.append(tuple(numbers))
        return (TheoremResult(theorem(number), ()) for number in numbers)

    monkeypatch.setattr(verifying, "verified", noted)
    for arguments in ((), ("--all",), ("copying",), ("4.7", "copying")):
        code, _, err = told(capsys, "verify", *arguments)
        assert (code, err) == (0, "")
    assert asked == [tuple(THEOREMS), (*THEOREMS, *NEIGHBOURS), ("copying",), ("4.7", "copying")]
    assert set(THEOREMS).isdisjoint(NEIGHBOURS)
    assert set(CONSTRUCTIONS).isdisjoint(NEIGHBOURING)
    assert {part.number for part in _parts._parts("copying")} == {"copying"}
    for words, told_so in (
        ("--all 4.7", "leave out 4.7"),
        ("--all --construction gallery/parity", "leave out --construction"),
        ("copyin", "did you mean 'copying'?"),
    ):
        code, _, err = told(capsys, "verify", *words.split())
        assert code == 2
        assert told_so in err


def test_they_are_listed_apart(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "list")
    assert code == 0
    ours, apart = out.split("\nNeighbours: ")
    for name in (*NEIGHBOURS, *NEIGHBOURING, *NEIGHBOUR_TASKS):
        assert f"\n  {name} " in apart
        assert f"\n  {name} " not in ours
    code, out, _ = told(capsys, "list", "--json")
    found = json.loads(out)
    assert [entry["number"] for entry in found["neighbours"]["theorems"]] == list(NEIGHBOURS)
    assert [entry["name"] for entry in found["neighbours"]["constructions"]] == list(NEIGHBOURING)
    assert [entry["name"] for entry in found["neighbours"]["tasks"]] == list(NEIGHBOUR_TASKS)


@pytest.mark.parametrize("name", [name for name in NEIGHBOURING if name != "transformer/rnn-turing"])
def test_run_generate_and_explain_serve_them(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    family, _, asked = name.partition("/")
    text = task(asked).text_form
    code, out, _ = told(capsys, "run", name, text)
    assert code == 0
    assert out.splitlines()[-1] == f"answer: {task(asked).answer(task(asked).parse(text))}"
    code, out, _ = told(capsys, "explain", name, text)
    assert code == 0
    assert "the reference" in out or "agree" in out or "answer" in out
    code, out, _ = told(capsys, "generate", asked, "--n", "5", "--count", "3", "--family", family)
    assert code == 0
    for line in out.splitlines():
        entry = json.loads(line)
        assert entry["answer"] == entry["transcript"][-1] == task(asked).answer(task(asked).parse(entry["input"]))


def test_two_tasks_of_one_name_are_refused() -> None:
    before = dict(NEIGHBOUR_TASKS)
    for given in ("copying", "index"):
        with pytest.raises(InputError, match=f"two tasks are called {given!r}"):
            register(task(given), apart=True)
    with pytest.raises(InputError, match="two tasks are called 'copying'"):
        register(task("copying"))
    assert before == NEIGHBOUR_TASKS
    assert "copying" not in TASKS
