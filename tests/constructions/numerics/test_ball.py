"""Balls enclose exact results, decide comparisons or raise, and enclose softmax."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Evaluator
from constructions.engine import decode
from constructions.errors import InputError, PrecisionError, RetrievalGapError
from constructions.numerics import Ball, Matrix, Segment
from constructions.theorems import construction
from tests.fraction_reference import residual
from tests.random_models import models, prompts

EXAMPLES = settings(max_examples=80, deadline=None)


def holds(ball: flint.arb, value: Fraction) -> bool:
    with flint.ctx.workprec(4000):
        return bool(ball.contains(flint.fmpq(int(value.numerator), int(value.denominator))))


@given(st.data(), st.sampled_from([2, 10, 53, 200]))
@EXAMPLES
def test_random_models_are_enclosed_or_not_decided(data: st.DataObject, bits: int) -> None:
    model = data.draw(models())
    ids = data.draw(prompts(model))
    try:
        x, _ = Evaluator(model, Ball(bits)).run(np.array(ids))
    except PrecisionError:
        return  # what is compared overlaps
    for balls, exact in zip(x.tolist(), residual(model, ids), strict=True):
        assert all(holds(ball, value) for ball, value in zip(balls, exact, strict=True))


def test_enough_bits_decide_every_construction() -> None:
    for name in ("index", "associative-recall", "counting"):
        made = construction(f"transformer/{name}")
        for instance in list(made.task.boundary(3))[:8]:
            for number_system in (Ball(100), Ball(100, 40)):
                written = decode(made.at(3), made.reads(instance), arithmetic=number_system, max_tokens=2).tokens
                assert written == made.expected(instance, 3)


def test_the_margin_is_proved() -> None:
    made = construction("transformer/index")
    model, ball = made.at(3), Ball(100, 40)
    evaluator = Evaluator(model, ball)
    x, _ = evaluator.run(np.array(model.vocabulary.encode(["<s>", "3", "1", "2", "?", "2"])), last=1)
    (margin,) = ball.margin(evaluator.logits(x))
    assert margin > flint.arb("0.99")


def test_overlapping_balls_are_not_compared() -> None:
    ball = Ball(20)
    third = ball.lift(np.array([[1, 1]]), 3, (1, 1))
    with pytest.raises(PrecisionError, match="ball:20: two logits overlap"):
        ball.argmax(third)
    segment = Segment(third.reshape(2, 1), third.reshape(2, 1), 0, 2)
    one = ball.lift(np.array([[1]]), 1, (1,))
    with pytest.raises(PrecisionError, match="two scores of attention overlap"):
        ball.attend(one, [segment], 0, 1)
    assert issubclass(PrecisionError, RetrievalGapError)


def test_equal_exact_numbers_tie() -> None:
    ball = Ball(20)
    x = ball.lift(np.array([[1, 3, 3, 2]]), 1, (3,) * 4)
    assert ball.argmax(x).tolist() == [1]
    key, value = ball.lift(np.array([[5], [5], [4]]), 1, (5,)), ball.lift(np.array([[1], [4], [9]]), 1, (9,))
    (read,) = ball.attend(ball.lift(np.array([[1]]), 1, (1,)), [Segment(key, value, 0, 3)], 0, 2).ravel()
    assert holds(read, Fraction(5, 2))


def test_a_gate_around_0_is_enclosed_without_a_decision() -> None:
    ball = Ball(30)
    around = np.array([[flint.arb(0, 1)]], dtype=object)
    (unit,) = ball.gated(around, ball.lift(np.array([[2]]), 1, (2,))).ravel()
    assert all(holds(unit, Fraction(v)) for v in (0, 1, 2))


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=6), st.sampled_from([Fraction(1, 3), Fraction(7)]))
@EXAMPLES
def test_softmax_is_enclosed(scores: list[int], b: Fraction) -> None:
    """Against the same quotient at 400 bits; the narrow ball lies within the wide one."""

    def read(bits: int) -> Any:
        ball = Ball(bits, b)
        key, value = (ball.lift(np.array(v)[:, None], 1, (9,)) for v in (scores, range(len(scores))))
        query = ball.lift(np.array([[1]]), 1, (1,))
        return ball.attend(query, [Segment(key, value, 0, len(scores))], 0, len(scores) - 1)[0, 0]

    assert read(30).overlaps(read(400))
    with flint.ctx.workprec(500):
        q = flint.arb(flint.fmpq(b.numerator, b.denominator))
        weights = [(q * s).exp() for s in scores]
        definition = sum((w * j for j, w in enumerate(weights)), flint.arb(0)) / sum(weights, flint.arb(0))
        assert read(60).overlaps(definition)  # both enclose the same number
        assert read(60).rad() < flint.arb(2) ** -40


def leaked(b: str, positions: int, bits: int = 200) -> Any:
    """1 minus the weight of the position that a look-up in the middle wants."""
    ball = Ball(bits, b)
    j = np.arange(positions)
    key = ball.lift(np.stack([j, -(j**2)], axis=-1), 1, (positions**2,) * 2)
    wanted = positions // 2
    query = ball.lift(np.array([[2 * wanted, 1]]), 1, (positions**2,) * 2)
    value = ball.lift((j != wanted).astype(np.int64)[:, None], 1, (1,))
    return ball.attend(query, [Segment(key, value, 0, positions)], 0, positions - 1)[0, 0]


@pytest.mark.parametrize(("p", "threshold"), [(4, "4.1271"), (8, "6.9295"), (16, "12.4766")])
def test_from_which_temperature_a_look_up_rounds_to_hard_attention(p: int, threshold: str) -> None:
    """The softmax rounded once to p fraction bits is 1 at the wanted position as long as less than half a unit leaks.

    2^-(p+1) is reached, to the digits given, at the threshold, and (p + 2) ln 2 is enough.
    """
    half = flint.arb(2) ** -(p + 1)
    below, above = (f"{float(threshold) + step:.5f}" for step in (-0.0001, 0.0001))
    assert leaked(below, 41) > half
    assert leaked(above, 41) < half
    assert leaked(f"{(p + 2) * 0.69314718056 + 1e-9:.10f}", 41) < half


@pytest.mark.parametrize("b", ["0.5", "1", "4.1271"])
def test_what_a_look_up_leaks_is_at_most_the_closed_form(b: str) -> None:
    for positions in (3, 11, 60):
        terms = [(-flint.arb(b) * d * d).exp() for d in range(1, 60)]
        assert leaked(b, positions) < 2 * sum(terms, flint.arb(0))


@pytest.mark.parametrize("p", [4, 8, 16])
def test_match_latest_rounds_to_hard_attention_from_p_plus_1_times_ln_2(p: int) -> None:
    """With recency gap 1 at most 1/(e^b - 1) leaks in proportion, which is e^-b of the whole."""

    def leak(b: str) -> Any:
        ball = Ball(200, b)
        one, positions = ball.lift(np.array([[1]]), 1, (1,)), 200
        key = ball.lift(np.zeros((positions, 1), dtype=np.int64), 1, (0,))
        value = ball.lift((np.arange(positions) != positions - 1).astype(np.int64)[:, None], 1, (1,))
        return ball.attend(one, [Segment(key, value, 0, positions)], 1, positions - 1)[0, 0]

    half = flint.arb(2) ** -(p + 1)
    assert leak(f"{(p + 1) * 0.69314718056 + 1e-9:.10f}") < half
    assert leak(f"{(p + 1) * 0.69314718056 - 1e-3:.10f}") > half


@pytest.mark.parametrize("bits", [0, 1, 10**7])
def test_other_precisions_are_refused(bits: int) -> None:
    with pytest.raises(InputError, match="working precision"):
        Ball(bits)


def test_the_working_precision_of_others_is_left_alone() -> None:
    before = flint.ctx.prec
    ball = Ball(77)
    ball.linear(Matrix.from_rows([[1]]), ball.lift(np.array([[1]]), 3, (1,)))
    assert flint.ctx.prec == before
