"""Selectors: which positions a position looks at, as pairs that must be equal and a table over few values."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from constructions.errors import ContractError
from constructions.wiring import Value, refused

Predicate = Callable[[int, int], bool]

PREDICATES: Final[dict[str, Predicate]] = {
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Apart from ``==``, of key and query."""

MOST_VALUES = 64
"""The most values of a key or query that is compared by a table."""


@dataclass(frozen=True)
class Few:
    """A key and a query of few values each, and the pairs (key, query) that are selected."""

    key: Value
    query: Value
    chosen: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Selector:
    """For each position the positions up to it that it selects: where all pairs are equal and the table says so.

    ``a & b`` selects what both select. ``~a`` and ``a | b`` are there where tables alone decide.
    """

    pairs: tuple[tuple[Value, Value], ...] = ()
    few: Few | None = None

    def __and__(self, other: "Selector") -> "Selector":
        if self.few is None or other.few is None:
            return Selector(self.pairs + other.pairs, self.few or other.few)
        return Selector(self.pairs + other.pairs, self._joined(other, operator.and_))

    def __or__(self, other: "Selector") -> "Selector":
        if self.pairs or other.pairs or self.few is None or other.few is None:
            raise _of_full_rank("a | b", "selector_width(a) + selector_width(b) - selector_width(a & b)")
        return Selector((), self._joined(other, operator.or_))

    def __invert__(self) -> "Selector":
        few = self.few
        if self.pairs or few is None:
            raise _of_full_rank("~a", "selector_width of all positions, select_all(), less that of a")
        keys, queries = values_of(few.key), values_of(few.query)
        every = {(k, q) for k in keys for q in queries}
        return Selector((), Few(few.key, few.query, frozenset(every - few.chosen)))

    def _joined(self, other: "Selector", join: Callable[[bool, bool], bool]) -> Few:
        """One table over both keys and both queries."""
        one, two = self.few, other.few
        if one is None or two is None:
            raise TypeError("two tables are joined")
        keys, queries = values_of(two.key), values_of(two.query)
        wide, deep = len(keys), len(queries)
        chosen = frozenset(
            (k * wide + m - keys.start, q * deep + r - queries.start)
            for k in values_of(one.key)
            for m in keys
            for q in values_of(one.query)
            for r in queries
            if join((k, q) in one.chosen, (m, r) in two.chosen)
        )
        return Few(one.key * wide + two.key - keys.start, one.query * deep + two.query - queries.start, chosen)


def values_of(value: Value) -> range:
    """The integers that a value can be; none if they are many, or depend on n."""
    low, high = (end.as_constant for end in (value.range.low, value.range.high))
    if low is None or high is None or high - low >= MOST_VALUES or not value.range.integer:
        return range(0)
    return range(low, high + 1)


def compared(keys: Value, queries: Value, predicate: str | Predicate) -> Selector:
    """The selector of a predicate other than equality.

    Raises:
        ContractError: unless keys and queries have few values, whatever n is.
    """
    if isinstance(predicate, str) and predicate not in PREDICATES:
        known = " ".join(("==", *PREDICATES))
        raise refused(f"select by {predicate!r}", f"expected one of {known}, or a function of key and query")
    holds = PREDICATES[predicate] if isinstance(predicate, str) else predicate
    name = repr(predicate) if isinstance(predicate, str) else "a function"
    for value in (keys, queries):
        if not values_of(value):
            raise refused(
                f"select by {name} compares {keys.label} with {queries.label}, but {value.label} has range "
                f"{value.range}: all selected keys must have the same score and all others a lower one; for n values "
                "such scores form a matrix of a rank that grows with n, and so would the width of the head",
                f"narrow it with wiring.clamp to at most {MOST_VALUES} values, select by ==, or make the comparison "
                "token by token in a chain of thought",
            )
    chosen = frozenset((k, q) for k in values_of(keys) for q in values_of(queries) if holds(k, q))
    return Selector((), Few(keys, queries, chosen))


def _of_full_rank(what: str, instead: str) -> ContractError:
    return refused(
        f"{what} of selectors by ==: the positions that are not equal would need the same score and the equal one a "
        "lower one; for n values these are matrices of rank n, and so wide would the head be",
        f"for how many there are take {instead}",
    )
