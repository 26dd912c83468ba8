"""Numbers of states of the tasks of neighbours: by formula, by listing, by a machine and by the kernel."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from constructions.errors import InputError, ResourceError
from constructions.theorems import NEIGHBOURS, theorem
from proofs_check.certificates import canonical_text
from proofs_check.cli import main
from proofs_check.kernel import check
from proofs_check.kernel._reference import FURTHER
from proofs_check.lower_bounds import (
    Budget,
    Count,
    Scope,
    check_machine,
    closed_form,
    count,
    count_certificate,
    fooling_certificate,
    least_by_solver,
    least_machine,
    lower_half,
    no_machine_certificate,
    refute,
    scope_of,
)
from proofs_check.lower_bounds._tasks import _listed

SCOPES = [
    *(scope_of(name, n) for name in ("equality", "disjointness", "nearest-neighbour") for n in (1, 2, 3, 5)),
    *(scope_of("bounded-dyck", n) for n in (1, 2, 3, 4)),
    *(scope_of("copying", n, k) for n, k in ((1, 1), (3, 2), (2, 4))),
    *(scope_of("mqar", n, k) for n, k in ((1, 2), (3, 2), (2, 3))),
]


def verdict_on(certificate: dict[str, Any]) -> str:
    return check(canonical_text(certificate).encode()).word


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_formula_list_machine_and_kernel_agree(scope: Scope) -> None:
    known = closed_form(scope)
    assert known is not None
    found = count(scope)
    assert known.states == found.lower == found.upper == scope.attained()
    exactly, fooling = count_certificate(scope), fooling_certificate(scope)
    for certificate in (exactly, fooling):
        assert (certificate["states"], certificate["version"]) == (known.states, 2)
        assert verdict_on(certificate) == "VERIFIED"
        one_more = {**certificate, "states": known.states + 1, "bits": known.states.bit_length()}
        assert verdict_on(one_more) == "REJECTED"
    assert exactly["prefixes"] == len(list(scope.prefixes())) == len(set(scope.prefixes()))
    assert all(map(scope.occurs, scope.prefixes()))
    assert scope.input_count == len(list(scope.inputs()))


def test_a_machine_that_forgets_is_seen() -> None:
    """The row machine of equality, which after the last letter takes the row of another word."""
    scope = scope_of("equality", 3)

    class Forgets(_listed._Keeper):
        def read(self, summary: Any, letter: int) -> Any:
            return super().read((1, *summary[1:]) if len(summary) == 2 else summary, letter)

    assert isinstance(scope, _listed.Listed)
    assert check_machine(scope, least_machine(scope)) == 8
    with pytest.raises(Exception, match=r"yes is written after 2 1 1 \? 1 1 1, expected no"):
        check_machine(scope, Forgets(scope))


@pytest.mark.parametrize("task", FURTHER)
def test_the_commands_write_what_check_verifies(task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> tuple[object, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        return ended.value.code, capsys.readouterr().out

    path = str(tmp_path / "count.json")
    code, out = told("bound", task, "--n", "3", "--json")
    found = json.loads(out)
    assert (code, found["exact"]) == (0, True)
    code, out = told("certify", task, "--n", "3", "--out", path)
    assert code == 0
    assert f"exactly {found['states']} states" in out
    code, out = told("check", path)
    assert code == 0
    assert f"is exactly {found['states']}, " in out
    certificate = json.loads(Path(path).read_text(encoding="utf-8"))
    Path(path).write_text(canonical_text({**certificate, "states": found["states"] - 1}), encoding="utf-8")
    code, out = told("check", path)
    assert code == 1
    assert "REJECTED" in out


def test_the_solver_finds_the_same() -> None:
    for scope, states in ((scope_of("equality", 2), 4), (scope_of("bounded-dyck", 2), 6), (scope_of("mqar", 1), 2)):
        assert least_by_solver(scope) == states
        certificate = no_machine_certificate(scope)
        assert certificate["too_few"] == states - 1
        assert verdict_on(certificate) == "VERIFIED"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: scope_of("equality", 3, 3), "this task has 2 letters"),
        (lambda: scope_of("bounded-dyck", 3, 2), "this task has 4 letters"),
        (lambda: scope_of("mqar", 3, 2, "promise"), "no query of mqar is undefined"),
        (lambda: scope_of("equality", 3, family="row"), "does not fit equality"),
        (lambda: scope_of("equality", 3, c=4), "only c-gram has a c"),
        (lambda: scope_of("copyng", 3), "did you mean 'copying'"),
        (lambda: count_certificate(scope_of("associative-recall", 3, None, "promise")), "every query is legal"),
        (lambda: count_certificate(scope_of("associative-recall", 3, 4)), "every query is legal"),
        (lambda: count_certificate(scope_of("istree", 3)), "every query is legal"),
        (lambda: count_certificate(scope_of("equality", 9)), "more than this kernel checks"),
        (lambda: count(scope_of("bounded-dyck", 6)), "too many to list"),
        (lambda: refute(lambda n, k: None, scope_of("mqar", 2)), "several tokens"),
        (lambda: refute(lambda n, k: None, scope_of("copying", 2)), "several tokens"),
    ],
)
def test_what_is_not_asked_is_refused(ask: Callable[[], object], message: str) -> None:
    with pytest.raises((InputError, ResourceError), match=re.escape(message)):
        ask()


class Reads:
    """Keeps the first ``most`` letters, and answers as a scope does."""

    def __init__(self, scope: Scope, most: int) -> None:
        self.scope, self.most = scope, most

    def initial(self) -> tuple[str, ...]:
        return ()

    def step(self, state: tuple[str, ...], token: str) -> tuple[str, ...]:
        keeps = "?" in state or token == "?" or len(state) < self.most
        return (*state, token) if keeps else state

    def output(self, state: tuple[str, ...]) -> str:
        place = state.index("?")
        prefix = tuple(map(int, state[:place]))
        for longer in self.scope.prefixes():  # what is forgotten is taken to be as in the first prefix that fits
            if longer[: len(prefix)] == prefix:
                return str(self.scope.answer(longer, tuple(map(int, state[place + 1 :]))))
        raise AssertionError(state)


@pytest.mark.parametrize("task", ["equality", "disjointness", "nearest-neighbour", "bounded-dyck"])
def test_the_adversary_knows_them(task: str) -> None:
    for n, budget in ((3, Budget(200_000, 60)), (4, Budget(3_000, 60))):  # all inputs; candidates that are drawn
        scope = scope_of(task, n)
        length = len(next(scope.prefixes()))
        right = refute(lambda n, k, s=scope, m=length: Reads(s, m), scope, budget=budget)
        assert right.verdict == ("VERIFIED" if n == 3 else "INCOMPLETE"), right
        wrong = refute(lambda n, k, s=scope, m=length: Reads(s, m - 1), scope, budget=budget)
        assert wrong.verdict == "REFUTED"
        assert len(wrong.prefixes) == 2
        assert [replay.wrong for replay in wrong.answers].count(True) == 1


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_claims_of_neighbours_are_counted_by_the_kernel(name: str) -> None:
    counts = theorem(name).lower
    for result, stated in zip(lower_half(name), counts, strict=True):
        known = not callable(stated.task) and stated.task.name in FURTHER
        assert (result.certificate is not None and result.certificate["kind"] == "state-count") == known
        assert ("counted by the kernel" in result.evidence[0].words) == known


def test_a_formula_that_is_wrong_is_refuted_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_listed.BracketsScope, "formula", lambda scope: Count(6, True, "6"))
    (result,) = [result for result in lower_half("separate") if "bounded Dyck" in result.claim.name]
    assert result.verdict == "REFUTED"
    assert "states is 6, expected 3" in str(result.reason)


def test_a_task_that_answers_otherwise_than_the_kernel_thinks_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the product's task alone: disjointness that looks at the first place only."""
    (stated,) = [c for c in theorem("separate").lower if c.name == "disjointness"]
    monkeypatch.setattr(_listed.TwoWordsScope, "answer", lambda s, p, q: "no" if p[0] == q[0] == 2 else "yes")
    monkeypatch.setitem(NEIGHBOURS, "separate", replace(theorem("separate"), lower=(stated,)))
    (result,) = lower_half("separate")
    assert result.verdict == "REFUTED"
    assert "2 states are enough, the formula says 4" in str(result.reason)


def test_the_page_has_the_numbers() -> None:
    page = (Path(__file__).parents[3] / "docs" / "neighbours.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (`[^|]*) \|[^|]*\|[^|]*\| ([^|]*) \|$", page, re.MULTILINE))
    named = {task: states for tasks, states in rows.items() for task in re.findall(r"`([a-z-]+)`", tasks)}
    assert set(named) == set(FURTHER)
    for scope in SCOPES:
        shown = named[scope.task]
        power = re.fullmatch(r"\$([2k])\^n\$", shown)
        if power is not None:
            base = scope.alphabet if power[1] == "k" else 2
            assert count(scope).lower == base**scope.n
        else:
            even, odd = map(int, re.findall(r"(\d) if n is", shown))
            assert count(scope).lower == (odd if scope.n % 2 else even)
