"""``verify`` on several processes says what it says on one, failures and refusals included."""

import itertools
import json
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest

from constructions.errors import PrecisionError, ResourceError
from constructions.numerics import Fixed
from constructions.tasks import Effort
from constructions.theorems import THEOREMS
from proofs_check._commands import _parts, verifying
from proofs_check.cli import main
from proofs_check.evidence import ClaimResult, Examiner, Plan

SMALL = Plan(
    {task: Effort(2, 2, sizes=(2, 3), far=(), measured=(4, 8)) for task in ("index", "istree", "turing")},
    cases=20,
)


def run(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, object]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("number", ["4.7", "5.4", "5.6"])
def test_the_parts_are_all_claims_in_their_order(number: str) -> None:
    """Against the examiner, which goes through the claims themselves."""
    plan = Plan({**SMALL.efforts, **{t: Effort(1, 1, (1, 2), far=(), measured=(4,)) for t in _RETRIEVAL}}, cases=10)
    (found,) = _parts.verified(plan, [number], 1, None)
    wanted = Examiner(plan).theorem(THEOREMS[number]).claims
    assert [(r.name, r.subject, r.verdict, r.evidence) for r in found.claims[: len(wanted)]] == [
        (r.name, r.subject, r.verdict, r.evidence) for r in wanted
    ]
    assert {r.claim.quantity for r in found.claims[len(wanted) :]} <= {"states"}


_RETRIEVAL = ("index", "associative-recall", "c-gram", "counting")


@pytest.mark.parametrize(("arithmetic", "code"), [("exact", 0), ("float:4", 1)])
def test_two_processes_say_what_one_says(
    arithmetic: str, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verdicts, evidence and counterexamples; four bits are too few for the tour."""
    few = Effort(3, 0, sizes=(2, 3, 8), far=(33,), measured=(4, 16))
    monkeypatch.setattr(verifying, "Plan", partial(Plan, {"istree": few}, 100))
    arguments = ["verify", "4.7", "--max-n", "3", "--arithmetic", arithmetic, "--json"]
    one, two = run([*arguments, "--workers", "1"], capsys), run([*arguments, "--workers", "2"], capsys)
    assert one == two
    assert one[0] == code


def test_an_error_in_another_process_is_the_error_here() -> None:
    plan = Plan(SMALL.efforts, cases=20, arithmetic=Fixed(4, 2))
    with pytest.raises(PrecisionError):
        list(_parts.verified(plan, ["4.7"], 2, None))


def test_a_process_that_is_ended_is_reported_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(*_: object) -> Future[object]:
        future = Future[object]()
        future.set_exception(BrokenProcessPool("a child process terminated abruptly"))
        return future

    monkeypatch.setattr(_parts.Pool, "submit", dying)
    with pytest.raises(ResourceError, match="--workers 1"):
        list(_parts.verified(SMALL, ["4.7"], 2, None))


def test_parts_that_are_given_up_are_no_progress() -> None:
    """An interrupt is told of in one line, which no line about work follows."""
    done, broken, cancelled = futures = [Future[tuple[list[ClaimResult], float]]() for _ in range(3)]
    seen: list[tuple[str, int, int]] = []
    first, *parts = itertools.islice(_parts._parts("4.6"), 4)
    _parts._Shared(first, dict(zip(parts, futures, strict=True)), SMALL, lambda *line: seen.append(line))
    done.set_result(([], 0.0))
    broken.set_exception(BrokenProcessPool("killed"))
    assert cancelled.cancel()
    assert seen == [("parts of the evidence", 1, 4)]


def test_parts_that_no_process_has_begun_are_judged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first, and others in their order, each once, of other theorems too, until what is waited for is done."""
    first, *parts = itertools.islice(_parts._parts("4.6"), 5)
    begun, *left = futures = [Future[tuple[list[ClaimResult], float]]() for _ in parts]
    assert begun.set_running_or_notify_cancel()
    here: list[_parts._Part] = []

    def judge(part: _parts._Part, _: Plan) -> tuple[list[ClaimResult], float]:
        here.append(part)
        if len(here) == 3:
            begun.set_result(([], 7.0))
        return [], float(len(here))

    monkeypatch.setattr(_parts._Part, "judge", judge)
    shared = _parts._Shared(first, dict(zip(parts, futures, strict=True)), SMALL, None)
    assert shared.judged(parts[0]) == ([], 7.0)
    assert here == [first, *parts[1:3]]
    assert [future.cancelled() for future in left] == [True, True, False]
    assert [shared.judged(part) for part in (first, *parts[1:])] == [([], float(order)) for order in (1, 2, 3, 4)]


def test_progress_counts_the_parts() -> None:
    seen: list[tuple[str, int, int]] = []
    list(_parts.verified(SMALL, ["4.7"], 2, lambda *line: seen.append(line)))
    total = len(list(_parts._parts("4.7")))
    assert max(done for _, done, _ in seen) == total
    assert {of for _, _, of in seen} == {total}
