"""Inequalities between polynomials: what is proved holds, and it is what wiring proves."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructions.wiring import Domain as WiringDomain
from constructions.wiring import Polynomial
from proofs_check.certificates import polynomial_to_json
from proofs_check.kernel import _polynomials
from proofs_check.kernel._reading import Fields
from proofs_check.kernel._verdict import Incomplete, Malformed

n, S = Polynomial.variable("n"), Polynomial.variable("S")

POLYNOMIALS = st.lists(st.tuples(st.integers(-6, 9), st.integers(0, 3), st.integers(0, 2)), max_size=5).map(
    lambda terms: sum((c * n**i * S**j for c, i, j in terms), Polynomial.constant(0))
)
LOWER = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 5)).map(lambda c: c[0] * n**2 + c[1] * n + c[2])


def domain(least: int = 1, **scales: Polynomial) -> _polynomials.Domain:
    value: dict[str, Any] = {
        "variables": {"n": {"from": least}},
        "scales": {name: {"lower": polynomial_to_json(p)} for name, p in scales.items()},
    }
    return _polynomials.Domain(Fields(value, "certificate", ("scales", "variables")))


def read(polynomial: Polynomial) -> _polynomials.Polynomial:
    return _polynomials.read(polynomial_to_json(polynomial), "polynomial", {"n", "S"})


@given(POLYNOMIALS, LOWER, st.integers(0, 3))
def test_kernel_and_wiring_prove_the_same(polynomial: Polynomial, lower: Polynomial, least: int) -> None:
    expected = WiringDomain({"n": least}, {"S": lower}).proves(polynomial)
    assert domain(least, S=lower).proves(read(polynomial)) == expected


@given(POLYNOMIALS, LOWER, st.integers(0, 3))
def test_what_is_proved_holds_at_every_point(polynomial: Polynomial, lower: Polynomial, least: int) -> None:
    if not domain(least, S=lower).proves(read(polynomial)):
        return
    for size in range(least, least + 12):
        bound = lower(n=size)
        assert all(polynomial(n=size, S=scale) >= 0 for scale in range(bound, 2 * bound))


@pytest.mark.parametrize(
    ("polynomial", "proved"),
    [
        (n - 1, True),
        (n - 2, False),
        (n**2 - 2 * n + 1, True),
        (n**2 - 3 * n + 3, False),  # true at every integer, but the test cannot see it
        (S - n - 1, True),
        (S - n - 2, False),
        (2 * n + 2 - S, True),
        (2 * n + 1 - S, False),
        (Polynomial.constant(0), True),
        (Polynomial.constant(-1), False),
    ],
)
def test_single_inequalities(polynomial: Polynomial, proved: bool) -> None:
    assert domain(S=n + 1).proves(read(polynomial)) == proved


@given(POLYNOMIALS, POLYNOMIALS)
def test_sums_and_products(f: Polynomial, g: Polynomial) -> None:
    assert _polynomials.add(read(f), read(g)) == read(f + g)
    assert _polynomials.add(read(f), read(g), -3) == read(f - 3 * g)
    assert _polynomials.multiply(read(f), read(g)) == read(f * g)


@pytest.mark.parametrize(
    "terms",
    [
        [[0, {}]],
        [[1, {"n": 0}]],
        [[1, {"n": 33}]],
        [[1, {"m": 1}]],
        [[1, {}], [1, {"n": 1}]],
        [[1, {"n": 1}], [1, {"n": 1}]],
        [[1, {"n": True}]],
        [[True, {"n": 1}]],
        [["1/2", {}]],
        [[1]],
        [[1, []]],
        [{}],
        {},
        None,
        [[1, {"n": 1}, 1]],
    ],
)
def test_malformed_polynomials(terms: object) -> None:
    with pytest.raises(Malformed):
        _polynomials.read(terms, "polynomial", {"n", "S"})


@pytest.mark.parametrize(
    "value",
    [
        {"variables": {"n": {"from": -1}}, "scales": {}},
        {"variables": {"n": {}}, "scales": {}},
        {"variables": {"n": 1}, "scales": {}},
        {"variables": [], "scales": {}},
        {"variables": {"n m": {"from": 1}}, "scales": {}},
        {"variables": {"n": {"from": 1}}, "scales": {"n": {"lower": [[1, {}]]}}},
        {"variables": {"n": {"from": 1}}, "scales": {"S": {"lower": []}}},
        {"variables": {"n": {"from": 0}}, "scales": {"S": {"lower": [[1, {"n": 1}]]}}},
        {"variables": {"n": {"from": 1}}, "scales": {"S": {"lower": [[1, {"T": 1}]]}, "T": {"lower": [[1, {}]]}}},
        {"variables": {f"n{i}": {"from": 1} for i in range(7)}, "scales": {}},
    ],
)
def test_malformed_domains(value: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        _polynomials.Domain(Fields(value, "certificate", ("scales", "variables")))


def test_hostile_polynomials_are_stopped() -> None:
    names = ["a", "b", "c", "d"]
    value: dict[str, Any] = {
        "variables": {name: {"from": 1} for name in names},
        "scales": {s: {"lower": [[1, {name: 8}] for name in names] + [[1, {}]]} for s in ("S", "T")},
    }
    hostile = _polynomials.Domain(Fields(value, "certificate", ("scales", "variables")))
    terms = [[1, {"S": i, "T": 32 - i}] for i in range(1, 32)]
    terms.sort(key=lambda term: sorted(term[1].items()))  # type: ignore[attr-defined]
    polynomial = _polynomials.read(terms, "polynomial", hostile.names)
    with pytest.raises(Incomplete, match="products of terms"):
        hostile.proves(polynomial)


def test_a_scale_is_a_power_of_two_between_its_bounds() -> None:
    """Every power of two chosen by wiring lies where the substitution p + s, 2 p - s supposes it."""
    for a, b in itertools.product(range(4), range(1, 4)):
        lower = a * n**2 + b
        for size in range(20):
            value = WiringDomain({"n": 0}, {"S": lower}).scale_values(n=size)["S"]
            assert lower(n=size) <= value < 2 * lower(n=size)
