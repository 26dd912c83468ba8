"""Runs in floating and fixed point explained: scores as they are compared, matches as the weights mean them."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from constructions import CONSTRUCTIONS, decode
from constructions.errors import InputError, PrecisionError
from constructions.numerics import BFLOAT16, FLOAT16, Arithmetic, Ball, Fixed, Float
from constructions.worked_examples import Trace, as_text, explain
from constructions.worked_examples._readings import row_of
from tests.worked_example_runs import INPUTS, run, subject

INDEX = f"{' '.join(map(str, range(1, 17)))} ? 13"


def rounded(arithmetic: Arithmetic[Any], text: str = INDEX, name: str = "transformer/index") -> Trace:
    return explain(subject(name), text, arithmetic=arithmetic)


def to_bits(value: int, bits: int) -> int:
    """The nearest integer with so many binary digits, ties to even; the exponent has no ends."""
    unit = 2 ** max(0, abs(value).bit_length() - bits)
    return int(round(Fraction(value, unit)) * unit)


@pytest.mark.parametrize("bits", [5, 6, 7, 8])
def test_scores_that_became_equal_are_picked_together(bits: int) -> None:
    """The score of position j is 26 j - j^2, each product, the square and the difference rounded."""
    (head,) = [head for block in rounded(Float(bits)).moments[0].blocks for head in block.heads]
    near = {j: to_bits(to_bits(26 * j, bits) - to_bits(j * j, bits), bits) for j in range(19)}
    best = max(near.values())
    assert [pick.position for pick in head.picks] == [j for j in near if near[j] == best]
    assert head.score == best
    assert head.second_score == max(score for score in near.values() if score < best)
    assert [pick.position for pick in head.matches] == [13] * (near[13] == best)
    assert ([pick.position for pick in head.picks] == [13]) == (bits == 8)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_with_enough_bits_everything_is_as_without_rounding(name: str) -> None:
    text = INPUTS[name.partition("/")[2]]
    exact, chosen = run(name, text), subject(name)
    rest = {"n": 30, "max_tokens": len(exact.tokens) - exact.prompt} if name.endswith("/turing") else {}
    for arithmetic in (Float(53), Fixed(40, 12)):
        trace = explain(chosen, chosen.task.parse(text), arithmetic=arithmetic, **rest)
        assert trace.tokens == exact.tokens
        assert trace.agrees == exact.agrees
        assert trace.arithmetic == arithmetic.name
        if "counting" not in name:  # an average of three is rounded
            assert trace.moments == exact.moments


SYSTEMS = [Float(4), Float(6), Float(7), Float(8), Float(BFLOAT16), Fixed(12, 4), Fixed(12, 0)]


@pytest.mark.parametrize("arithmetic", SYSTEMS, ids=repr)
def test_what_is_explained_is_what_is_written(arithmetic: Arithmetic[Any]) -> None:
    index = subject("transformer/index")
    for place in (1, 5, 13, 16):
        text = INDEX.replace("? 13", f"? {place}")
        trace = rounded(arithmetic, text)
        written = decode(index.at(16), index.reads(index.task.parse(text)), arithmetic=arithmetic)
        assert trace.moments[0].decision.token.text == written.answer
        assert trace.agrees == (written.answer == str(place))


def test_the_number_system_stands_in_the_title() -> None:
    assert as_text(rounded(Float(7))).startswith("transformer/index, n = 16, in float:7\n")
    assert "13, ANOTHER ONE" in as_text(rounded(Float(7)))
    assert as_text(rounded(Float(9))).startswith("transformer/index, n = 16, in float:9\n")
    assert as_text(run("transformer/index", INDEX)).startswith("transformer/index, n = 16\n")


@pytest.mark.parametrize("arithmetic", [Ball(40), Float(8, "6.93"), Fixed(10, 4, "6.93")])
def test_number_systems_without_exact_numbers_or_hard_attention_are_refused(arithmetic: Arithmetic[Any]) -> None:
    with pytest.raises(InputError, match="runs are explained in exact arithmetic, or in floating or fixed point"):
        rounded(arithmetic)


def test_infinite_numbers_are_refused() -> None:
    half = Float(FLOAT16)
    assert row_of(half, np.array([[1.5, -65504.0]]), 0) == (Fraction(3, 2), -65504)
    with pytest.raises(PrecisionError, match="float16: a number is infinite"):
        row_of(half, np.array([[1.0, np.inf]]), 0)
    with pytest.raises(PrecisionError, match="float16"):
        rounded(half, f"{' '.join(['1'] * 300)} ? 299")
