"""Sampled sizes reach past the powers of two that a scale could hide behind."""

import inspect
import re
from dataclasses import replace

import pytest

from constructions.numerics import Float
from constructions.tasks import FAR, TASKS, AssociativeRecall, task
from constructions.theorems import CONSTRUCTIONS, Claim, Construction, construction, variants
from constructions.wiring import _heads
from proofs_check.evidence import REFUTED, VERIFIED, Examiner, Plan, Subject, sampled
from proofs_check.evidence._inputs import FAR_CASES

ANSWERS = Claim("answers", "the answer is right", "mine", "answers", None, "the inputs that were run")


def with_a_constant_scale(monkeypatch: pytest.MonkeyPatch, scale: int) -> Construction:
    """Associative recall whose recency scale is a constant, and what it needs is trivial, so that it is built."""
    source = inspect.getsource(_heads.latest)
    for old, new in (
        ("wiring.recency_scale, 2 if", f"Polynomial.constant({scale}), 2 if"),
        ("at_most(wiring.context + 1, scale,", "at_most(0, 0,"),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new)
    names = dict(vars(_heads))
    exec(source, names)  # noqa: S102
    monkeypatch.setattr(_heads, "latest", names["latest"])
    return construction("transformer/associative-recall", fresh=True)


@pytest.mark.parametrize("scale", [128, 256, 1024])
def test_a_scale_that_does_not_grow_is_refuted(monkeypatch: pytest.MonkeyPatch, scale: int) -> None:
    """Up to the scale nothing is wrong: sizes up to 89 do not show it, and the contracts were told to be silent."""
    wrong = with_a_constant_scale(monkeypatch, scale)
    effort = replace(AssociativeRecall.effort, largest=0, permuted=0)
    near = Examiner(Plan({"associative-recall": replace(effort, far=())})).about(ANSWERS, wrong)
    assert near.verdict == VERIFIED
    result = Examiner(Plan({"associative-recall": effort})).about(ANSWERS, wrong)
    assert result.verdict == REFUTED
    assert result.counterexample is not None
    assert scale - 2 < result.counterexample.n <= 2 * scale


def test_the_far_sizes_lie_around_the_powers_of_two() -> None:
    assert FAR == (127, 128, 129, 255, 256, 257, 1023, 1024, 1025)
    assert {task(name).effort.far for name in TASKS} == {FAR}


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_construction_is_run_at_far_sizes(name: str) -> None:
    """All of them, but for the one that writes 74 n tokens, which ends at 129; and the words say so."""
    subject = Subject(variants(name)[0])
    far = (255, 257, 1025) if name != "retrieval/istree" else (127, 1025)
    run = sampled(subject, (3,), 10, seed=0, far=far)
    assert run.tally.failure is None
    reached = 127 if name == "retrieval/istree" else 1025
    assert re.search(rf"n up to {reached}, seed 0", run.words)
    sizes = set(run.tally.reach)
    assert sizes == {3, *(n for n in far if n <= reached)}
    near = sampled(subject, (3,), 10, seed=0).tally.inputs
    assert run.tally.inputs == near + FAR_CASES * (len(sizes) - 1)


def test_rounded_arithmetic_is_not_run_far_away() -> None:
    run = sampled(Subject(construction("transformer/index"), Float(24)), (3,), 10, seed=0, far=FAR)
    assert "n up to 3," in run.words
