"""What contracts promise for all sizes is what happens: gaps, magnitudes and ranges, observed on random tokens.

The constructions of the theorems and a few wirings of odd parts run on random tokens, legal prompts or not,
and everything that occurs inside is compared with the contracts. Contracts that promise too much are planted
and must be found out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from gmpy2 import mpq

from constructions.architectures import Evaluator, FeedForward, Model
from constructions.numerics import Exact, Rationals
from constructions.theorems import construction
from constructions.wiring import Blueprint, Contract, Inequality, Polynomial, Range, Wiring, n


def odd_parts() -> Blueprint:
    """Negative numbers, look-ups without a default, squares of differences, cases of products."""
    w = Wiring("odd parts", specials=("<s>", "?", "x"), numbers=(-n, 2 * n), context=3 * n + 4, least=2)
    before = w.offset("before", 2)
    found = w.latest("found", [(before[w.token], w.token), (w.is_number, w.is_number)], excluding=2 * w.is_token("x"))
    far = w.at("far", w.token - 1)
    gap = w.square(w.token - found[w.token])
    scaled = w.product(w.position, far[w.token], name="scaled")
    chosen = w.cases((w.is_token("?"), gap), (w.at_least(scaled, 2), -scaled), otherwise=w.token, name="chosen")
    again = w.latest("again", [(w.square(before[w.token]), gap)], default=True)
    small = w.cases((w.at_least(chosen, n + 1 - n), w.one), otherwise=again[w.token], name="small")
    w.write("x", when=[again.hit, w.is_token("?")])
    w.write(small, when=w.is_number)
    w.write("?")
    return w.finish()


def fractions() -> Blueprint:
    """Averages, of negative numbers too, what they are multiplied with, and a head behind them."""
    w = Wiring("fractions", specials=("<s>", "?", "x"), numbers=(-1, n), context=2 * n + 4)
    mean = w.average("mean", [(w.token, w.token)], excluding=w.is_token("x"))
    other = w.average("other", [(w.is_number, w.is_number)])
    _ = w.product(w.position, mean[w.token] - other[w.position], name="difference")
    first = w.product(mean[w.start], other[w.start] + other[w.token], name="of two averages")
    _ = w.select(w.is_number, first - 1, name="kept")
    _ = w.latest("behind", [(w.equal(w.position, 2), w.is_number)])[first]
    w.write("?")
    return w.finish()


def mirror() -> Blueprint:
    """The only alternative is a number, from as far below 0 as above."""
    w = Wiring("mirror", specials=("<s>", "?"), numbers=(-n, n), context=n + 3)
    w.write(-w.token)
    return w.finish()


def one_word() -> Blueprint:
    """The only alternative is a special token."""
    w = Wiring("one word", specials=("<s>", "?"), numbers=(0, n), context=n + 3)
    w.write("?")
    return w.finish()


CONSTRUCTIONS = {
    "index": lambda: construction("transformer/index").blueprint,
    "associative recall": lambda: construction("transformer/associative-recall").blueprint,
    "2-gram": lambda: construction("transformer/c-gram", c=2).blueprint,
    "4-gram": lambda: construction("transformer/c-gram", c=4).blueprint,
    "counting": lambda: construction("transformer/counting").blueprint,
    "istree": lambda: construction("transformer/istree").blueprint,
    "odd parts": odd_parts,
    "fractions": fractions,
    "mirror": mirror,
    "one word": one_word,
}


def entries(x: Rationals) -> Iterator[tuple[int, mpq]]:
    """Every entry with the index of its feature; a fraction is in lowest terms, so its parts can be bounded."""
    features = x.numerators.shape[-1]
    flat = x.numerators.reshape(-1, features).tolist()
    below = [1] * len(flat) if x.denominators is None else x.denominators.reshape(-1).tolist()
    for row, denominator in zip(flat, below, strict=True):
        for feature, value in enumerate(row):
            yield feature, mpq(int(value), int(denominator))


def size_of(value: mpq) -> int:
    below = value.denominator
    return int(abs(value.numerator) if below == 1 else max(abs(value.numerator), below))


class Watch:
    """Sees everything that occurs and notes what no contract allows."""

    def __init__(self, blueprint: Blueprint, size: int) -> None:
        self.blueprint = blueprint
        self.model: Model = blueprint.at(size)
        self.values = {"n": size, **blueprint.domain.scale_values(n=size)}
        self.contracts = {contract.name: contract for contract in blueprint.contracts}
        self.violations: set[str] = set()
        self.allowed = {name: contract.magnitude(**self.values) for name, contract in self.contracts.items()}
        self.gaps: dict[str, mpq] = {}
        self.largest = 0
        self._query: Rationals | None = None

    def run(self, ids: np.ndarray) -> None:
        """Token ids of shape (batch, positions)."""
        evaluator = Evaluator(self.model, Exact())
        x, _ = evaluator.run(ids, observe=self.see)
        self._coordinates(x)
        logits = evaluator.logits(x)
        for _, value in entries(logits):
            self._magnitude("unembedding", size_of(value))
        if self.contracts["unembedding"].gap is not None:
            for row in logits.numerators.reshape(-1, logits.numerators.shape[-1]).tolist():
                self._gap("unembedding", [mpq(int(value)) for value in row])

    def see(self, layer: str, quantity: str, seen: object) -> None:
        if quantity.endswith(".query"):
            assert isinstance(seen, Rationals)
            self._query = seen
        elif quantity.endswith(".segments"):
            self._scores(quantity.removesuffix(".segments"), seen)
        elif quantity == "units":
            assert isinstance(seen, Rationals)
            self._units(int(layer.removeprefix("layer ")), seen)

    def _scores(self, name: str, segments: object) -> None:
        query, (segment,) = self._query, segments  # type: ignore[misc]
        assert query is not None
        slope = next(head.slope for head in self.model.heads if head.name == name)
        (scores,), hidden = Exact().scores(query, [segment], slope, 0)
        below = np.ones(scores.shape[:-1]) if query.denominators is None else query.denominators
        common = 1
        if segment.key.denominators is not None:
            common = int(np.lcm.reduce(segment.key.denominators.astype(np.int64).reshape(-1)))
        for row, denominator in zip(scores.reshape(-1, scores.shape[-1]).tolist(), below.reshape(-1), strict=True):
            real = [mpq(int(score), int(denominator) * common) for score in row if score != hidden]
            self._gap(name, real)
            self._magnitude(name, max(map(abs, real)))

    def _units(self, layer: int, seen: Rationals) -> None:
        """The units of one gadget together, since their products are added."""
        model_layer = self.model.layers[layer]
        assert isinstance(model_layer, FeedForward)
        factors = {unit: mpq(abs(weight)) for _, unit, weight in model_layer.output.entries()}
        gadgets = [unit.rpartition(".")[0] for unit in model_layer.units]
        rows: list[dict[str, mpq]] = []
        for unit, value in entries(seen):
            if unit == 0:
                rows.append({})
            rows[-1][gadgets[unit]] = rows[-1].get(gadgets[unit], 0) + factors[unit] * size_of(value)
        for row in rows:
            for gadget, total in row.items():
                self._magnitude(gadget, total)

    def _coordinates(self, x: Rationals) -> None:
        extents = [self.blueprint.ranges[name] for name in self.blueprint.coordinates]
        numbers = [(r.low(**self.values), r.high(**self.values), r.denominator(**self.values)) for r in extents]
        for feature, value in entries(x):
            low, high, denominator = numbers[feature]
            self.largest = max(self.largest, size_of(value))
            if not (low <= value <= high and value.denominator <= denominator):
                self.violations.add(f"range of {self.blueprint.coordinates[feature]}")

    def _gap(self, name: str, scores: list[mpq]) -> None:
        best = max(scores)
        lower = [score for score in scores if score < best]
        if lower:
            gap = best - max(lower)
            self.gaps[name] = min(gap, self.gaps.get(name, gap))
            promised = self.contracts[name].gap
            if promised is not None and gap < promised(**self.values):
                self.violations.add(f"gap of {name}")

    def _magnitude(self, name: str, seen: mpq | int) -> None:
        self.largest = max(self.largest, -int(-seen))
        if seen > self.allowed[name]:
            self.violations.add(f"magnitude of {name}")


def observed(blueprint: Blueprint, size: int, seed: int, batches: int = 6) -> Watch:
    """Random tokens after the first, of several lengths, from few and from all numbers."""
    watch, rng = Watch(blueprint, size), np.random.default_rng([seed, size])
    vocabulary = watch.model.vocabulary
    longest = min(blueprint.context(n=size) + 1, 24)
    for batch in range(batches):
        length = longest if batch < 2 else int(rng.integers(1, longest + 1))
        letters = np.arange(1, len(vocabulary))  # the first special token stands at the first position alone
        if batch % 2:
            letters = rng.choice(letters, size=min(len(letters), 4), replace=False)
        ids = rng.choice(letters, size=(12, length))
        ids[:, 0] = 0
        watch.run(ids)
    return watch


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_nothing_that_occurs_violates_a_contract(name: str) -> None:
    blueprint = CONSTRUCTIONS[name]()
    for size in (1, 2, 3, 5, 8):
        if size >= blueprint.least:
            watch = observed(blueprint, size, seed=1)
            assert watch.violations == set()
            assert watch.largest <= blueprint.largest_activation(n=size)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_parameters_are_bounded_and_needs_are_true(name: str) -> None:
    blueprint = CONSTRUCTIONS[name]()
    for size in [*range(blueprint.least, 20), 33, 64, 65, 1000]:
        values = {"n": size, **blueprint.domain.scale_values(n=size)}
        assert all(need.polynomial(**values) >= 0 for contract in blueprint.contracts for need in contract.needs)
        parameters = [p(**values) for _, matrix in blueprint.matrices for p in matrix.entries.values()]
        assert max(map(abs, parameters)) <= blueprint.largest_parameter(n=size)


def planted(blueprint: Blueprint, **changes: Mapping[str, object]) -> Blueprint:
    """A copy of the construction in which fields of contracts are changed, by the contract's name."""
    contracts = tuple(
        replace(contract, **{field: by_name[contract.name] for field, by_name in changes.items()})
        if all(contract.name in by_name for by_name in changes.values())
        else contract
        for contract in blueprint.contracts
    )
    return replace(blueprint, contracts=contracts)


ONE = Polynomial.constant(1)


@pytest.mark.parametrize("name", ["previous", "found", "unembedding"])
def test_a_gap_that_is_not_there_is_noticed(name: str) -> None:
    blueprint = planted(construction("transformer/associative-recall").blueprint, gap={name: ONE + 1})
    watch = observed(blueprint, 3, seed=2)
    assert watch.violations == {f"gap of {name}"}
    assert watch.gaps[name] == 1


@pytest.mark.parametrize("name", ["previous", "found", "unembedding"])
def test_a_magnitude_that_is_exceeded_is_noticed(name: str) -> None:
    blueprint = construction("transformer/associative-recall").blueprint
    watch = observed(planted(blueprint, magnitude={name: ONE * 9}), 3, seed=2)
    assert watch.violations == {f"magnitude of {name}"}


@pytest.mark.parametrize("name", ["(2 t + 3) w"])
def test_a_magnitude_of_a_gate_that_is_exceeded_is_noticed(name: str) -> None:
    blueprint = construction("transformer/counting").blueprint
    watch = observed(planted(blueprint, magnitude={name: n}), 3, seed=2)
    assert watch.violations == {f"magnitude of {name}"}


@pytest.mark.parametrize(
    ("coordinate", "wrong"),
    [
        ("token", Range(Polynomial.constant(0), n - 1)),
        ("position", Range(ONE, n + 3)),
        ("matches.is <s>", Range(Polynomial.constant(0), ONE, Polynomial.constant(2))),
    ],
)
def test_a_range_that_is_left_is_noticed(coordinate: str, wrong: Range) -> None:
    blueprint = construction("transformer/counting").blueprint
    watch = observed(replace(blueprint, ranges={**blueprint.ranges, coordinate: wrong}), 3, seed=2)
    assert watch.violations == {f"range of {coordinate}"}


def test_a_contract_names_the_first_need_that_cannot_be_proved() -> None:
    needs = (Inequality("0 <= n", n), Inequality("3 <= n", n - 3), Inequality("4 <= n", n - 4))
    contract = Contract("mine", "gadget", needs, "nothing", None, n)
    blueprint = construction("transformer/index").blueprint
    with pytest.raises(Exception, match="gadget 'mine' cannot be proved exact for all n >= 1: it needs 3 <= n"):
        contract.prove(blueprint.domain, "test")
    contract.prove(replace(blueprint.domain, minimum={"n": 4}), "test")


def test_a_need_with_a_scale_says_what_the_scale_is() -> None:
    scale = Polynomial.variable("S")
    contract = Contract("mine", "gadget", (Inequality("S <= n", n - scale),), "nothing", None, n)
    with pytest.raises(Exception, match=r"S is a power of two from n \+ 3 up to below 2 n \+ 6"):
        contract.prove(construction("transformer/index").blueprint.domain, "test")
