"""Converts what a wiring is given to what it means, or refuses it with the form that was expected."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._refusal import refused, shown
from constructions.wiring._value import Operand, Value, own

_T = TypeVar("_T")

_KEY_AND_QUERY = "a list of pairs (key, query), such as [(w.token, 3)]"


def tokens(name: str, argument: str, given: Sequence[str]) -> tuple[str, ...]:
    """Several tokens; one string would be taken apart into letters."""
    several = () if isinstance(given, str) else tuple(given)
    if not several or not all(isinstance(token, str) for token in several) or len(set(several)) < len(several):
        raise refused(
            f"{name}: {argument}= was given {shown(given)}, not one or more different tokens",
            f'give a tuple of strings, such as {argument}=("<s>", "?")',
        )
    return several


def pairs(
    domain: Domain, given: Iterable[tuple[Operand, Operand]], by: str, form: str = _KEY_AND_QUERY
) -> list[tuple[Value, Value]]:
    """Pairs of values, all of this wiring."""
    if not isinstance(given, Iterable):
        raise refused(f"{by} was given {shown(given)}, which holds no pairs", f"give {form}")
    return [(own(domain, one, by), own(domain, other, by)) for one, other in (_pair(pair, by, form) for pair in given)]


def flags(domain: Domain, given: Operand | Iterable[Operand], by: str) -> tuple[Value, ...]:
    """One condition or several, as values of this wiring; their ranges are looked at by those who use them."""
    return tuple(own(domain, flag, by) for flag in (given if isinstance(given, Iterable) else (given,)))


def ends(by: str, given: tuple[Polynomial | int, Polynomial | int]) -> tuple[Polynomial, Polynomial]:
    """The ends of a range: integers, or polynomials in n."""
    low, high = _pair(given, by, "(least, largest), such as (0, n)")
    return Polynomial.of(low, by), Polynomial.of(high, by)


def _pair(given: tuple[_T, _T], by: str, form: str) -> tuple[_T, _T]:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise refused(f"{by} was given {shown(given)}, which is no pair", f"give {form}")
    return given


def least_size(name: str, size: str, given: int) -> int:
    """The least value of a size: one integer."""
    value = Polynomial.of(given, f"{name}: the least {size}").as_constant
    if value is None:
        raise refused(f"{name}: the least {size} is a number, not {shown(given)}", "give an integer such as 1")
    return value
