"""What the contracts promise of numbers and errors holds in every run: largest integers, bits, leaks, b(n, p)."""

from collections.abc import Iterator
from fractions import Fraction

import flint
import numpy as np
import pytest

from constructions import decode
from constructions.architectures import Bound, Domain, Evaluator
from constructions.numerics import Ball, Exact, Fixed, Float, Rationals
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from constructions.wiring import Blueprint, Ranges, Wiring, bounds, bounds_at, fixed_temperature
from constructions.wiring import n as size
from constructions.wiring._bounds import _AtSize, _Errors
from tests.bound_reference import reference
from tests.planted_faults import reworded

ATTENTION = [name for name in CONSTRUCTIONS if not name.startswith(("retrieval", "rnn"))]


def some(subject: Construction, n: int, count: int) -> Iterator[object]:
    """The edge cases of a task at this size and random ones."""
    yield from list(subject.task.boundary(n))[:count]
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield subject.task.sample(rng, n)


def contexts(subject: Construction, n: int, count: int = 6) -> Iterator[np.ndarray]:
    model = subject.at(n)
    for instance in some(subject, n, count):
        tokens = subject.reads(instance) + subject.expected(instance, n)[:-1]
        yield np.array(model.vocabulary.encode(tokens), dtype=np.int64)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_no_number_that_occurs_is_larger_than_the_bound(name: str) -> None:
    """Observed: the residual stream, gates, values, products, queries, states, and logits of real runs."""
    subject, n = construction(name), 5
    here, everywhere = bounds_at(subject.blueprint, n), bounds(subject.blueprint)
    assert here is not None
    assert everywhere is not None
    assert here.largest <= everywhere.largest(n=n)
    assert here.sufficient <= everywhere.sufficient(n)
    assert here.spread <= everywhere.spread(n=n)
    seen: list[int] = []

    def watch(layer: str, quantity: str, array: object) -> None:
        if isinstance(array, Rationals):
            seen.append(int(np.abs(array.numerators).max(initial=0)))

    evaluator = Evaluator(subject.at(n), Exact())
    for ids in contexts(subject, n):
        x, _ = evaluator.run(ids, observe=watch)
        seen.append(int(np.abs(evaluator.logits(x).numerators).max(initial=0)))
    fractions = 1 if here.decision is None else n + 4  # numerators over a common denominator
    assert max(seen) <= here.largest * fractions
    assert max(seen) >= 8


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_bounds_are_those_that_are_derived_once_more(name: str) -> None:
    """By a domain of integers over what is known for all sizes, and by dense integers for one."""
    blueprint = construction(name).blueprint
    for at in (blueprint.least, 6):
        assert noted(blueprint, at) == reference(blueprint, at, step=False)


def noted(blueprint: Blueprint, at: int) -> tuple[set[int], set[int]]:
    """All bounds of integers and errors at a size; the largest of them are those that are told."""
    domain, here = _AtSize(blueprint, at), bounds_at(blueprint, at)
    domain.run()
    assert here is None or (here.largest, here.spread) == (max(domain.seen), max(domain.spread))
    return {*domain.seen, 0}, {*domain.spread, 0}


FAULTS: dict[str, tuple[type, str, str, str, str]] = {
    "values are not multiplied": (Domain, "product", "weight * x[column].size", "weight", "transformer/index"),
    "errors are not passed on": (Domain, "product", "weight * x[column].error", "self.zero", "transformer/index"),
    "a product keeps one side's error": (
        Bound, "times", "self.size * other.error + other.size * self.error + self.error", "other.error",
        "transformer/istree",
    ),
    "recency is left out of scores": (
        Domain, "score", "abs(head.slope) * over * self.positions", "0", "transformer/associative-recall",
    ),
    "products of scores are left out": (Domain, "score", "total = total.plus(product)", "pass", "transformer/index"),
    "what leaks is not counted": (_Errors, "read", "2 * v.size + v.error", "v.error", "transformer/index"),
    "what adds up is not counted": (Domain, "commit", "self.note(total)", "pass", "transformer/index"),
    "units are not counted": (Domain, "gated", "self.note(units)", "pass", "hybrid/istree"),
    "a recurrence does not see what it holds": (Ranges, "state", "[*cells, *fed]", "cells", "retrieval/istree"),
    "what averages is taken for an integer": (
        _Errors, "_decision", "(self.positions + 1)", "1", "transformer/counting",
    ),
    "an average is not known to be one": (
        _Errors, "read", "self.averaged |= {row for row, _ in head.output.entries}", "pass", "transformer/counting",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_in_the_bounds_are_found_by_deriving_them_once_more(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound is missing, or what a fraction needs is not 3 (K D + 1)."""
    owner, method, old, new, name = FAULTS[fault]
    blueprint = construction(name).blueprint
    right = bounds_at(blueprint, 6)
    monkeypatch.setattr(owner, method, reworded(owner, method, (old, new)))
    derived, found = reference(blueprint, 6, step=False), bounds_at(blueprint, 6)
    if found is None or right is None or found.decision != right.decision:
        assert right is not None
        assert method in ("_decision", "read")
        return
    assert any(once - told for once, told in zip(derived, noted(blueprint, 6), strict=True))


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_with_the_bits_that_suffice_nothing_is_rounded(name: str) -> None:
    """Float(p) writes the tokens of exact arithmetic; without fractions its whole residual stream is equal."""
    subject, n = construction(name), 6
    here = bounds_at(subject.blueprint, n)
    assert here is not None
    model = subject.at(n)
    exact, rounded = Evaluator(model, Exact()), Evaluator(model, Float(here.sufficient))
    for ids in contexts(subject, n):
        x, _ = exact.run(ids)
        y, _ = rounded.run(ids)
        assert (exact.next_tokens(x) == rounded.next_tokens(y)).all()
        if here.decision is None:
            assert x.denominators is None
            assert (x.numerators == y).all()


@pytest.mark.parametrize("name", ATTENTION)
def test_at_the_stated_temperature_a_float_writes_the_tokens_of_exact_arithmetic(name: str) -> None:
    subject, n = construction(name), 5
    here = bounds_at(subject.blueprint, n)
    assert here is not None
    p = here.sufficient + 1
    model = subject.at(n)
    exact, soft = Evaluator(model, Exact()), Evaluator(model, Float(p, here.temperature(p)))
    for ids in contexts(subject, n, 4):
        x, _ = exact.run(ids)
        y, _ = soft.run(ids)
        assert (exact.next_tokens(x) == soft.next_tokens(y)).all()


def fixed_at(subject: Construction, n: int, fraction_bits: int) -> int:
    here = bounds_at(subject.blueprint, n)
    assert here is not None
    return min(62 - fraction_bits, here.largest.bit_length() + 2)


@pytest.mark.parametrize("name", ATTENTION)
def test_fixed_point_at_its_temperature_is_hard_attention_value_by_value(name: str) -> None:
    """Every number of every layer is the same, at (f + 2) ln 2, whatever n is."""
    subject, n, bits = construction(name), 6, 8
    whole = fixed_at(subject, n, bits)
    model = subject.at(n)
    hard = Evaluator(model, Fixed(whole, bits))
    soft = Evaluator(model, Fixed(whole, bits, fixed_temperature(bits)))
    for ids in contexts(subject, n, 4):
        first, second = list[np.ndarray](), list[np.ndarray]()
        hard.run(ids, observe=lambda _, q, a, kept=first: kept.append(a) if q.endswith(("residual", "read")) else None)
        soft.run(ids, observe=lambda _, q, a, kept=second: kept.append(a) if q.endswith(("residual", "read")) else None)
        assert len(first) == len(second) > 1
        assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_a_little_less_than_the_temperature_of_fixed_point_is_seen() -> None:
    """At half of it a neighbour's weight no longer rounds to 0, and some value differs: the test above can fail."""
    subject, n, bits = construction("transformer/associative-recall"), 6, 8
    whole = fixed_at(subject, n, bits)
    model = subject.at(n)
    hard = Evaluator(model, Fixed(whole, bits))
    soft = Evaluator(model, Fixed(whole, bits, fixed_temperature(bits) / 2))
    ids = next(contexts(subject, n))
    assert (hard.run(ids)[0] != soft.run(ids)[0]).any()


@pytest.mark.parametrize("bits", [4, 8, 16])
def test_neighbours_round_to_0_from_the_exact_threshold_on(bits: int) -> None:
    """A key that is lower by 1 has the weight 0 in fixed point from (f + 1) ln 2 on; position look-up rounded once
    needs at most (f + 2) ln 2: 1 / (1 + 2 e^-b) rounds to 1 from ln(2^(f+2) - 2) on, which is 4.1271 for f = 4."""
    with flint.ctx.workprec(200):
        threshold = (bits + 1) * flint.arb.const_log2()
        for shift, weight in ((Fraction(1, 1000), 0), (Fraction(-1, 1000), 1)):
            b = Fraction(round(float(threshold.mid()) * 10**9), 10**9) + shift
            units = Fixed(8, bits, b).exponentials(np.array([-(1 << bits)], dtype=np.int64))
            assert units.tolist() == [weight]
        once = flint.arb((1 << (bits + 2)) - 2).log()
        assert float(once.mid()) == pytest.approx({4: 4.1271, 8: 6.9295, 16: 12.4766}[bits], abs=6e-5)
        assert once < (bits + 2) * flint.arb.const_log2()
        assert float(fixed_temperature(bits)) > float(once.mid())


@pytest.mark.parametrize("name", ATTENTION)
def test_balls_prove_the_margin_at_the_stated_temperature(name: str) -> None:
    """The true softmax, enclosed, has the tokens of hard attention, by a margin of nearly the whole gap."""
    subject, n, p = construction(name), 4, 12
    here = bounds_at(subject.blueprint, n)
    assert here is not None
    model, ball = subject.at(n), Ball(256, here.temperature(p))
    exact, soft = Evaluator(model, Exact()), Evaluator(model, ball)
    for ids in contexts(subject, n, 1):
        x, _ = exact.run(ids)
        y, _ = soft.run(ids)
        logits = soft.logits(y)
        assert (exact.next_tokens(x) == soft.next_tokens(y)).all()
        gap = Fraction(1) if here.decision is None else Fraction(1, n + 4)
        least = gap - 2 * Fraction(1, 1 << (p + 3))
        own = len(ids) - 1  # the last position writes; others may tie, their logits are of no use
        margin = ball.margin(logits[own : own + 1])[0]
        assert margin > flint.arb(flint.fmpq(least.numerator, least.denominator))


def test_below_the_stated_temperature_tokens_go_wrong() -> None:
    """Inverse temperature 1/8: the average over neighbours is not the token that was asked for."""
    subject = construction("transformer/index")
    text = "3 1 4 1 5 ? 2"
    instance = subject.task.parse(text)
    right = subject.expected(instance)
    here = bounds_at(subject.blueprint, 5)
    assert here is not None
    model, prompt = subject.at(5), subject.reads(instance)
    assert decode(model, prompt, arithmetic=Float(24, here.temperature(24))).tokens == right
    assert decode(model, prompt, arithmetic=Float(24, Fraction(1, 8))).tokens != right


def test_the_bits_that_suffice_are_about_those_that_are_needed() -> None:
    """Two bits of n for a position, three for the latest match; the leading coefficient says the rest."""
    index, recall = (bounds(construction(f"transformer/{name}").blueprint) for name in ("index", "associative-recall"))
    assert index is not None
    assert recall is not None
    assert (index.largest.degree, recall.largest.degree) == (2, 3)
    assert str(index.largest) == "3 n^2 + 8 n + 4"
    counting = bounds(construction("transformer/counting").blueprint)
    assert counting is not None
    assert counting.decision is not None
    assert (counting.largest.degree, counting.decision.degree) == (2, 1)


@pytest.mark.parametrize("count", range(1, 33))
def test_the_sign_of_a_count_is_right_with_the_bits_that_the_fraction_needs(count: int) -> None:
    """2 - fl((2 t + 3) fl(1 / (c + 1))) has the right sign for every t, with p from 2^p >= 3 (2 D + 1), D = c + 1."""
    p = (3 * (2 * (count + 1) + 1) - 1).bit_length()
    for extra in (0, 1, 5):
        number = Float(p + extra).format.round
        weight = number(Fraction(1, count + 1))
        for t in range(2 * count):
            x = number(Fraction(2 * t + 3) * Fraction(weight))
            assert (x < 2) == (count > t)
            assert x != 2


def test_the_bound_for_fractions_is_needed() -> None:
    """With far fewer bits some sign is wrong, so the test above can fail."""
    number = Float(4).format.round
    wrong = [
        (c, t)
        for c in range(1, 33)
        for t in range(2 * c)
        if (number(Fraction(2 * t + 3) * Fraction(number(Fraction(1, c + 1)))) < 2) != (c > t)
    ]
    assert wrong


def test_fractions_that_the_argument_does_not_cover_have_no_bound() -> None:
    w = Wiring("two averages", specials=("<s>", "?"), numbers=(0, size), context=size + 2)
    back = w.offset("back", 1)
    found = w.average("matches", [(w.token, back[w.token])], excluding=w.is_token("?"))
    w.write_sign(2 - w.product(2 * w.token + 3, found[w.start], "x") - found[w.start])
    assert bounds(w.finish()) is None


def test_a_bound_that_is_too_small_is_found_by_the_tests_above(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the slope of the recency left out of the scores, fewer bits are promised than are needed."""
    subject = construction("transformer/associative-recall")
    here = bounds_at(subject.blueprint, 6)
    assert here is not None
    model = subject.at(6)
    fewer = Evaluator(model, Float(here.sufficient - 4))
    exact = Evaluator(model, Exact())
    wrong = [ids for ids in contexts(subject, 6, 30) if (exact.run(ids)[0].numerators != fewer.run(ids)[0]).any()]
    assert wrong


def test_temperatures_grow_with_p_and_stay_above_the_logarithm() -> None:
    found = bounds(construction("transformer/istree").blueprint)
    assert found is not None
    for n in (4, 100):
        for p in (2, 8, 24, 53):
            q = p + 3 + (found.share * found.spread)(n=n).bit_length() - 1
            assert found.temperature(n, p) >= Fraction(69314718, 10**8) * q
            assert found.temperature(n, p) <= found.temperature(n, p + 1)
