"""Up to which n an export is exact: the bounds hold for what is computed, and the limit holds on both sides."""

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from constructions import decode
from constructions.architectures import Bound, Domain
from constructions.errors import ContractError, ModelError, ResourceError
from constructions.gallery import GALLERY, from_gallery
from constructions.interchange import (
    LARGEST_INTEGER,
    NumberType,
    OnnxDecoder,
    StepBounds,
    fractional_coordinates,
    largest_size,
    npz_bytes,
    onnx_bytes,
    require_guarantee,
    step_bounds,
)
from constructions.interchange._guarantee import _Growing
from constructions.interchange._step import planned
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from constructions.wiring import Domain as Sizes
from constructions.wiring import (
    Polynomial,
    Range,
    Ranges,
    SymbolicAttention,
    SymbolicLayer,
    SymbolicMatrix,
    SymbolicRecurrence,
    n,
)
from tests.bound_reference import reference
from tests.planted_faults import reworded
from tests.step_operations import run

COUNTING = ("gallery/double-histogram", "gallery/dyck-k-ptf", "gallery/histogram", "gallery/most-frequent")
"""Heads that count, and layers after them that look at other positions."""


@functools.cache
def bounds_of(name: str) -> StepBounds:
    return step_bounds(from_gallery(name) if name in GALLERY else construction(name))


NO_LIMIT = 10**12
"""No larger size is looked for; the numbers of rnn/turing do not grow."""

TYPES: tuple[NumberType, ...] = ("float32", "float64", "int64")


def prompts_with_large_numbers(subject: Construction, n: int) -> list[list[str]]:
    """Short prompts of the largest numbers that the model of size n knows, for its task."""
    a, b, d = n, n - 1, n - 2
    task = subject.name.partition("/")[2]
    texts = {
        "index": [f"<s> {a} {b} {a} ? 2", f"<s> {b} {a} ? 2"],
        "associative-recall": [f"<s> {a} {b} {a} {d} ? {a}", f"<s> {a} {b} {a} ? {b}", f"<s> {a} {b} {a} ? {d}"],
        "c-gram": [f"<s> {a} {b} {a} {a} {b} {d} ? {a} {b}", f"<s> {a} {b} {a} ? {b} {b}"],
        "counting": [f"<s> {a} {b} {a} ? {a} 1", f"<s> {a} {b} {a} ? {a} 2", f"<s> {a} {b} {a} ? {a} {n}"],
        "istree": [f"<s> {a} ~ {b} {b} ~ {d} END", f"<s> {a} ~ {b} {b} ~ {d} {d} ~ {a} END"],
    }
    written_by_task = list(subject.reads(next(iter(subject.task.boundary(n)))))
    if task not in texts:
        return [written_by_task]
    return [text.replace("END", written_by_task[-1]).split() for text in texts[task]]


def disagreements(subject: Construction, n: int, type_name: NumberType, prompts: Sequence[Sequence[str]]) -> list[str]:
    """Prompts on which the exported step does not write the first tokens of exact arithmetic."""
    model = subject.at(n)
    decoder = OnnxDecoder(onnx_bytes(model, type_name, fractions=fractional_coordinates(subject.blueprint)))
    found = []
    for prompt in prompts:
        expected = decode(model, prompt, max_tokens=40).tokens
        if decoder.decode(prompt, 40) != expected:
            found.append(" ".join(prompt))
    return found


def can_be_written(name: str, n: int) -> bool:
    """Whether the two tables with a row per token fit into a file that is read."""
    blueprint = construction(name).blueprint
    low, high = (end(**dict.fromkeys(blueprint.domain.minimum, n)) for end in blueprint.numbers)
    tokens = high - low + 1 + len(blueprint.specials)
    return tokens * len(blueprint.coordinates) < 2**24 - 2**16


def near_the_limit(type_name: NumberType, most: int, least: int = 0) -> list[tuple[str, NumberType, int]]:
    """Constructions whose largest size lies between these; rnn/turing, whose tables do not grow, whatever it is."""
    cases = []
    for name in CONSTRUCTIONS:
        largest = bounds_of(name).largest_size(type_name)
        if largest is None or not can_be_written(name, largest):
            continue
        if least <= largest <= most or (name == "rnn/turing" and not least):
            cases.append((name, type_name, largest))
    return cases


SOON = near_the_limit("float32", 3000) + near_the_limit("float64", 1000) + near_the_limit("int64", 1000)
LATER = near_the_limit("float64", 10**6, 1001) + near_the_limit("int64", 2 * 10**6, 1001)


@pytest.mark.parametrize(("name", "type_name", "n"), SOON)
def test_the_limit_holds_on_both_sides(name: str, type_name: NumberType, n: int) -> None:
    """At the largest size the step agrees with exact arithmetic; one above, nothing is promised."""
    subject = construction(name)
    require_guarantee(subject, n, type_name, "argmax")
    assert disagreements(subject, n, type_name, prompts_with_large_numbers(subject, n)) == []
    bounds = bounds_of(name)
    assert bounds.largest_integer(n) <= LARGEST_INTEGER[type_name]
    if n == NO_LIMIT:
        assert bounds.largest_integer(n) == bounds.largest_integer(1)
        return
    assert LARGEST_INTEGER[type_name] < bounds.largest_integer(n + 1)
    with pytest.raises(ContractError, match=f"up to n = {n:,}, not for n = {n + 1:,}: .* export a smaller n"):
        require_guarantee(subject, n + 1, type_name, "argmax")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "type_name", "n"), LATER)
def test_the_limit_holds_on_both_sides_far_out(name: str, type_name: NumberType, n: int) -> None:
    test_the_limit_holds_on_both_sides(name, type_name, n)


def test_all_sizes_that_can_be_written_are_tried_at_their_limit() -> None:
    """What is not in the two lists has so many tokens that the tables are refused."""
    tried = {(name, type_name) for name, type_name, _ in SOON + LATER}
    for name in CONSTRUCTIONS:
        for type_name in TYPES:
            if (name, type_name) not in tried:
                subject = construction(name)
                n = bounds_of(name).largest_size(type_name)
                assert n is not None
                with pytest.raises((ResourceError, ModelError), match=r"tables of|cannot be searched"):
                    npz_bytes(subject.at(n))


@pytest.mark.parametrize(
    ("name", "n", "prompt"),
    [
        ("transformer/associative-recall", 1024, "<s> 1023 1 1023 2 ? 1023"),
        ("hybrid/c-gram", 1024, "<s> 1023 1022 1 1023 1022 2 ? 1023 1022"),
    ],
)
def test_far_beyond_the_limit_float32_writes_other_tokens(name: str, n: int, prompt: str) -> None:
    """The limit is no mere form: the later of two records is no longer told from the earlier one."""
    subject = construction(name)
    assert disagreements(subject, n, "float32", [prompt.split()]) == [prompt]
    assert disagreements(subject, n, "float64", [prompt.split()]) == []


def observed(subject: Construction, n: int, cases: int) -> int:
    """The largest integer, or sum of magnitudes, that occurs in the step of size n on boundary and random inputs."""
    model = subject.at(n)
    plan = planned(model, "int64", "argmax", fractional_coordinates(subject.blueprint))
    rng = np.random.default_rng(n)
    boundary = list(subject.task.boundary(n))
    instances = [*boundary[:: max(1, len(boundary) // cases)], *(subject.task.sample(rng, n) for _ in range(cases))]
    largest = 0
    for instance in instances:
        tokens = [*subject.reads(instance), *subject.expected(instance, n)[:-1]]
        *_, seen = run(plan, np.array([model.vocabulary.encode(tokens)]))
        largest = max(largest, seen)
    return largest


@pytest.mark.parametrize("name", [*CONSTRUCTIONS, *COUNTING])
def test_nothing_is_computed_beyond_the_bounds(name: str) -> None:
    subject = named(name)
    n = 3 if "istree" in name else 6
    bound, seen = bounds_of(name).largest_integer(n), observed(subject, n, 1)
    assert seen <= bound
    assert bound <= 1000 * seen  # nor is the bound idle


def test_bounds_that_do_not_hold_are_found_out() -> None:
    """Ranges that say less than what occurs: then more is computed than the bounds allow."""
    subject = construction("transformer/associative-recall")
    narrow = Range(Polynomial.constant(0), Polynomial.constant(1))
    ranges = dict.fromkeys(subject.blueprint.ranges, narrow)
    false = replace(subject, blueprint=replace(subject.blueprint, ranges=ranges))
    assert observed(subject, 6, 2) > step_bounds(false).largest_integer(6)


def test_a_scale_that_need_not_grow_is_refused() -> None:
    """No wiring makes one, since it proves what its scales must exceed to be positive, by coefficients."""
    subject = construction("transformer/associative-recall")
    domain = subject.blueprint.domain
    scales = {**domain.scales, "M": n * n - 3 * n + 4}  # at 1, 2, 3: 2, 2, 4; in n - 1 it has a negative coefficient
    changed = replace(subject.blueprint, name="shrinking", domain=Sizes(domain.minimum, scales))
    with pytest.raises(ContractError, match=r"^shrinking: the scale M is at least .* cannot be shown to grow with n"):
        step_bounds(replace(subject, blueprint=changed))


def noted(bounds: StepBounds, n: int) -> tuple[set[int], set[int]]:
    """All bounds of integers and leaks at a size."""
    domain = bounds.blueprint.domain
    sizes = dict.fromkeys(domain.minimum, n)
    values = {name: size - domain.minimum[name] for name, size in sizes.items()} | domain.scale_values(**sizes)
    return {p(**values) for p in bounds.sizes} | {0}, {p(**values) for p in bounds.leaks} | {0}


@pytest.mark.parametrize("name", [*CONSTRUCTIONS, *COUNTING])
def test_bounds_are_those_that_are_derived_once_more(name: str) -> None:
    """By polynomials for all sizes, and by dense integers for one.

    Coefficient by coefficient the larger of two polynomials may exceed both, but not at the least size, where there
    is one coefficient; a simulation has two sizes with different least values.
    """
    blueprint, bounds = named(name).blueprint, bounds_of(name)
    if name != "rnn/turing":
        sizes, leaks = reference(blueprint, blueprint.least, step=True)
        assert sizes <= noted(bounds, blueprint.least)[0]
        assert leaks <= noted(bounds, blueprint.least)[1]
    for at in (blueprint.least, 6):
        assert [max(found) for found in noted(bounds, at)] == [max(f) for f in reference(blueprint, at, step=True)]


FAULTS: dict[str, tuple[type, str, str, str, str]] = {
    "values are not multiplied": (Domain, "product", "weight * x[column].size", "weight", "transformer/index"),
    "leaks are not passed on": (Domain, "product", "weight * x[column].error", "self.zero", "transformer/index"),
    "a product keeps one side's leak": (
        Bound, "times", "self.size * other.error + other.size * self.error + self.error", "other.error",
        "transformer/istree",
    ),
    "values are not multiplied by the context": (
        _Growing, "read", "v.size * several", "v.size", "reading",
    ),
    "where the slope is not 0 they are not": (
        _Growing, "read", "head.name in self.flow.averaging", "head.name in self.flow.averaging and not head.slope",
        "reading, sloped",
    ),
    "recency is left out of scores": (
        _Growing, "score", "abs(head.slope) * self.positions", "self.zero", "sloped",
    ),
    "recency has no denominator": (
        _Growing, "score", "recency.times(self.denominator)", "recency", "gallery/histogram, sloped",
    ),
    "what is divided is not off by the denominator": (
        _Growing, "divided", " + size * over", "", "gallery/double-histogram",
    ),
    "numbers at other positions are not divided": (
        _Growing, "elsewhere", "self.denominator == self.one", "True", "gallery/histogram",
    ),
    "numbers at other positions are no bounds": (
        _Growing, "elsewhere", "self.product(row, self.held(self.known)).size", "self.zero", "gallery/histogram",
    ),
    "nothing is divided": (_Growing, "through", "if settles", "if False", "gallery/double-histogram"),
    "all is divided": (_Growing, "through", "if settles", "if True", "gallery/histogram"),
    "leaks of a head are not counted": (
        _Growing, "read", " + self.positions * (v.size + v.error)", "", "transformer/index",
    ),
    "what averages is taken for an integer": (
        _Growing, "commit", "self.denominator = self.denominator.times(count)", "pass", "transformer/counting",
    ),
    "what was there keeps its denominator": (
        _Growing, "commit", "x = [bound.times(count) for bound in x]", "pass", "transformer/counting",
    ),
    "units do not square the denominator": (
        _Growing, "commit", "self.denominator.times(self.denominator)", "self.denominator", "transformer/counting",
    ),
    "a recurrence does not see what it holds": (
        Ranges, "state", "[*cells, *fed]", "cells", "remembering",
    ),
    "positions are not squared": (
        Ranges, "interpret", "self.positions * self.positions", "self.zero", "transformer/index",
    ),
    "logits are not counted": (_Growing, "logits", "self.product(list(row.items()), x)", "", "transformer/index"),
}  # fmt: skip


def named(name: str) -> Construction:
    """A construction, or one with another average or recurrence, in which the number in question is like no other."""
    if name in CONSTRUCTIONS:
        return construction(name)
    if name in GALLERY:
        return from_gallery(name)
    if name == "gallery/histogram, sloped":
        subject = from_gallery("gallery/histogram")
        *before, layer = subject.blueprint.layers
        assert isinstance(layer, SymbolicAttention)
        sloped = replace(layer, heads=tuple(replace(head, slope=10**6) for head in layer.heads))
        return replace(subject, blueprint=replace(subject.blueprint, layers=(*before, sloped)))
    subject = construction("hybrid/index" if name == "remembering" else "transformer/counting")
    layers = list[SymbolicLayer]()
    for layer in subject.blueprint.layers:
        if isinstance(layer, SymbolicRecurrence):
            layers.append(replace(layer, transition=times(3, layer.transition)))
        elif isinstance(layer, SymbolicAttention) and name != "remembering":
            slope = {"reading": 0, "sloped": 10**6, "reading, sloped": 1}[name]
            factor = 1 if name == "sloped" else 10**6
            heads = [replace(head, slope=slope, value=times(factor, head.value)) for head in layer.heads]
            layers.append(replace(layer, heads=tuple(heads)))
        else:
            layers.append(layer)
    return replace(subject, blueprint=replace(subject.blueprint, layers=tuple(layers)))


def times(factor: int, matrix: SymbolicMatrix) -> SymbolicMatrix:
    return replace(matrix, entries={place: factor * entry for place, entry in matrix.entries.items()})


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_in_the_bounds_are_found_by_deriving_them_once_more(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, method, old, new, name = FAULTS[fault]
    subject = named(name)
    least = subject.blueprint.least
    derived = reference(subject.blueprint, least, step=True)
    assert all(once <= found for once, found in zip(derived, noted(step_bounds(subject), least), strict=True))
    monkeypatch.setattr(owner, method, reworded(owner, method, (old, new)))
    assert any(once - found for once, found in zip(derived, noted(step_bounds(subject), least), strict=True))


@pytest.mark.parametrize("name", list(CONSTRUCTIONS))
def test_bounds_grow_with_n(name: str) -> None:
    """By their form: no coefficient is negative, and scales grow. Here at some sizes, for the form's own sake."""
    bounds = bounds_of(name)
    assert all(c >= 0 for polynomial in (*bounds.sizes, *bounds.leaks) for _, c in polynomial.terms)
    least = bounds.blueprint.least
    values = [bounds.largest_integer(n) for n in range(least, least + 40)]
    assert values == sorted(values)


def test_the_limits_are_those_of_the_documentation() -> None:
    found = {
        name: tuple(largest_size(construction(name), type_name) for type_name in TYPES)
        for name in ("transformer/associative-recall", "transformer/counting", "hybrid/istree")
    }
    assert found == {
        "transformer/associative-recall": (125, 92681, 1048573),
        "transformer/counting": (40, 6512, 36851),
        "hybrid/istree": (5, 212, 721),
    }


@pytest.mark.parametrize("type_name", ["float32", "float64"])
@pytest.mark.parametrize("name", list(CONSTRUCTIONS))
def test_softmax_reaches_as_far_as_arg_max(name: str, type_name: NumberType) -> None:
    bounds = bounds_of(name)
    assert bounds.largest_size(type_name, "softmax") == bounds.largest_size(type_name)


def test_leaks_are_counted() -> None:
    """A model in which what leaks would grow beyond its allowance is refused for softmax, not for arg max."""
    bounds = step_bounds(construction("transformer/istree"))
    assert bounds.largest_leak(10) > 1
    assert bounds.fits(10, "float32", "argmax")
    large = replace(bounds, leaks=(*bounds.leaks, Polynomial.constant(2**87)))
    assert large.fits(10, "float32", "argmax")
    assert not large.fits(10, "float32", "softmax")
    assert large.fits(10, "float64", "softmax")
