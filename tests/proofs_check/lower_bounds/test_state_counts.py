"""The numbers of states: published literals = brute force = closed form, for both conventions."""

import itertools
import math
import time
from typing import Any

import numpy as np
import pytest
import sympy as sp

from constructions.errors import InputError, ResourceError, RetrievalGapError
from proofs_check.lower_bounds import Scope, closed_form, count, expression, growths, least_classes, scope_of
from proofs_check.lower_bounds._conflicts import check_classes
from proofs_check.lower_bounds._counts import Count
from proofs_check.lower_bounds._graphs import edge_sets, promise_rows, refine
from proofs_check.lower_bounds._growth import K, k, m, n
from proofs_check.lower_bounds._prefixes import all_prefixes, prefix_batches, prefix_count
from proofs_check.lower_bounds._tasks._istree import labelled_forests, partitions_without_singletons


def de_bruijn(letters: int, length: int, convention: str = "total") -> Scope:
    size = letters**length + length - 1
    return scope_of("c-gram", size, letters, convention, c=length + 1, family="de-bruijn")


TOTAL: list[tuple[Scope, int]] = [
    *((scope_of("index", size, letters), states) for size, letters, states in [(1, 1, 1), (4, 2, 16), (3, 3, 27)]),
    *((scope_of("counting", size), states) for size, states in enumerate([3, 10, 35, 126, 462, 1716], 2)),
    *((scope_of("counting", size, 2), size + 1) for size in (1, 4, 9)),
    *((scope_of("associative-recall", size), states) for size, states in enumerate([2, 6, 24, 120, 720, 5040], 2)),
    *((scope_of("associative-recall", 2 * letters - 1, letters, family="words"), states)
      for letters, states in [(2, 7), (3, 41), (4, 304), (5, 3064)]),
    *((scope_of("associative-recall", size, letters, keys=keys), states)
      for size, letters, keys, states in [(1, 2, 3, 6), (2, 2, 2, 8), (2, 2, 3, 18), (3, 2, 3, 26), (2, 3, 2, 15)]),
    *((de_bruijn(letters, length), states)
      for letters, length, states in [(2, 1, 2), (2, 2, 4), (2, 3, 16), (2, 4, 256), (3, 1, 6), (3, 2, 216)]),
    *((scope_of("istree", size), states) for size, states in enumerate([3, 6, 16, 53, 204], 2)),
    *((scope_of("istree", size, repeats="ignored"), states) for size, states in enumerate([2, 8, 39, 292], 2)),
]  # fmt: skip

PROMISE: list[tuple[Scope, int]] = [
    *((scope_of("index", size, letters, "promise"), states) for size, letters, states in [(4, 2, 16), (3, 3, 27)]),
    *((scope_of("counting", size, None, "promise"), states) for size, states in enumerate([3, 10, 35, 126], 2)),
    *((scope_of("associative-recall", size, None, "promise"), states)
      for size, states in enumerate([1, 2, 6, 24, 120], 2)),
    *((de_bruijn(letters, length, "promise"), states)
      for letters, length, states in [(2, 1, 1), (2, 2, 1), (2, 3, 2), (3, 1, 2), (3, 2, 24)]),
    *((scope_of("associative-recall", 2 * letters - 1, letters, "promise", family="words"), states)
      for letters, states in [(2, 3), (3, 17), (4, 142)]),
    *((scope_of("associative-recall", size, 2, "promise", keys=size), states) for size, states in [(2, 4), (3, 8)]),
    *((scope_of("istree", size, None, "promise"), states) for size, states in [(2, 1), (3, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "states"), TOTAL + PROMISE, ids=str)
def test_literal_brute_force_and_closed_form_agree(scope: Scope, states: int) -> None:
    found, formula = count(scope), closed_form(scope)
    assert formula is not None
    assert (found.lower, found.upper, formula.states, formula.exact) == (states, states, states, True)
    assert 2 ** (formula.bits - 1) < states <= 2**formula.bits or states == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "scope",
    [
        scope_of("index", 20, 2),
        scope_of("counting", 7),
        scope_of("associative-recall", 8),
        scope_of("associative-recall", 9),
        scope_of("associative-recall", 7, None, "promise"),
        scope_of("associative-recall", 9, 5, family="words"),
        de_bruijn(2, 4),
        de_bruijn(2, 4, "promise"),
        de_bruijn(3, 2, "promise"),
        scope_of("istree", 7),
        scope_of("istree", 6, repeats="ignored"),
    ],
    ids=str,
)
def test_as_far_as_a_minute_goes(scope: Scope) -> None:
    """Processor time: on a busy machine the clock says nothing."""
    formula, began = closed_form(scope), time.process_time()
    found = count(scope)
    assert formula is not None
    assert found.lower == found.upper == formula.states
    assert time.process_time() - began < 60


def test_simple_graphs_need_at_least_the_partitions_without_singletons() -> None:
    for nodes, states in enumerate([1, 4, 11, 41, 162], 4):
        formula = closed_form(scope_of("istree", nodes, None, "promise"))
        assert formula is not None
        assert (formula.states, formula.exact) == (states, False)
    # Brute force finds more: the bound is not tight.
    assert count(scope_of("istree", 4, None, "promise")).lower == 4
    assert count(scope_of("istree", 5, None, "promise")).lower > 20


def test_constant_vocabulary_loses_the_bound() -> None:
    """With a fixed alphabet, recall needs no more states however long the words get."""
    for letters, states in [(2, 7), (3, 41)]:
        short, enough = 2 * letters - 2, 2 * letters - 1
        by_length = [count(scope_of("associative-recall", size, letters, family="words")).lower
                     for size in range(1, enough + 4)]  # fmt: skip
        assert by_length[enough - 1 :] == [states] * 4
        assert short < 2 or by_length[short - 1] < states
        assert closed_form(scope_of("associative-recall", short, letters, family="words")) is None
        long = closed_form(scope_of("associative-recall", 10**5, letters, family="words"))
        assert long is not None
        assert long.states == states
    logarithmic = closed_form(scope_of("counting", 10**6, 2))
    assert logarithmic is not None
    assert logarithmic.states == 10**6 + 1


def added_up(value: Any) -> Any:
    """Sums with numbers as limits, term by term from the outside; sympy would look for closed forms."""
    if isinstance(value, sp.Sum):
        ((variable, low, high),) = value.limits
        return sum(added_up(value.function.subs(variable, term)) for term in range(int(low), int(high) + 1))
    return value.func(*map(added_up, value.args)) if value.args else value


@pytest.mark.parametrize("scope", [scope for scope, _ in TOTAL + PROMISE], ids=str)
def test_the_formula_that_is_printed_gives_the_number(scope: Scope) -> None:
    formula = closed_form(scope)
    assert formula is not None
    sizes = {n: scope.n, k: scope.alphabet, m: scope.query_length, K: scope.keys or 1}
    value = added_up(expression(formula.formula).subs(sizes))
    forests = value.atoms(expression("forests(n)").func)
    value = value.subs({found: labelled_forests(int(found.args[0])) for found in forests})
    assert value == formula.states


def test_far_beyond_enumeration() -> None:
    large = closed_form(scope_of("istree", 1024))
    small = closed_form(scope_of("istree", 64))
    assert large is not None
    assert small is not None
    assert (large.states.bit_length() - 1, small.states.bit_length() - 1) == (6585, 216)
    triangle = [1]  # the Bell triangle: each row begins with the last number of the row before
    for _ in range(1023):
        triangle = list(itertools.accumulate([triangle[-1], *triangle]))
    assert large.states == triangle[-1] + 1


@pytest.mark.parametrize("size", [999, 1000, 1001, 1500])
def test_long_products_are_those_of_python(size: int) -> None:
    """From 1,000 factors on FLINT multiplies."""
    assert closed_form(scope_of("index", size, 7)) == Count(7**size, True, "k**n")
    assert closed_form(scope_of("counting", size)).states == math.comb(2 * size - 1, size)  # type: ignore[union-attr]
    for more in (0, 1, 700):
        found = closed_form(scope_of("associative-recall", size, size + more))
        assert found is not None
        assert found.states == math.perm(size + more, size)


@pytest.mark.parametrize("growth", growths(), ids=lambda growth: growth.what)
def test_every_limit_is_one(growth: Any) -> None:
    assert set(growth.evidence()) == {1}


def test_growths_are_printed_to_the_base_2() -> None:
    printed = {growth.what: str(growth) for growth in growths()}
    assert printed["counting, k = n"] == "2*n"
    assert printed["istree, a repeated edge means NO"] == "n*log2(n)"
    assert printed["c-gram, linear de Bruijn words, c = 3, k growing, total"] == "n*log2(n)/2"
    assert printed["key-value, n >= K, k fixed, total"] == "K*log2(k + 1)"


def test_the_inequalities_of_the_squeezed_limits() -> None:
    from proofs_check.lower_bounds import bell

    for size in range(90, 110):  # on both sides of where FLINT takes over
        assert bell(size + 1) == sum(math.comb(size, k) * bell(k) for k in range(size + 1))
    for size in range(2, 60):
        assert all(bell(size) >= q ** (size - q) for q in range(1, size + 1))
        assert bell(size) <= size**size
        assert size ** (size - 2) <= labelled_forests(size) <= (size + 1) ** (size - 1)
        assert 2 * partitions_without_singletons(size) >= bell(size - 1)


def test_recurrences_against_lists_of_graphs() -> None:
    for nodes in range(2, 7):
        sets = edge_sets(nodes)
        assert int(sets.forest.sum()) == labelled_forests(nodes)
        assert int(sets.tree.sum()) == nodes ** (nodes - 2)


ROWS = [
    scope_of("index", 3, 3),
    scope_of("counting", 3, 3),
    scope_of("associative-recall", 4),
    scope_of("associative-recall", 3, 5),
    scope_of("associative-recall", 4, 3, family="words"),
    scope_of("associative-recall", 2, 2, keys=2),
    scope_of("c-gram", 5, 3, c=3, family="words"),
    scope_of("c-gram", 5, 2, c=3),
    scope_of("c-gram", 4, 4, c=4),
]


@pytest.mark.parametrize("scope", ROWS, ids=str)
def test_rows_are_those_of_the_reference(scope: Scope) -> None:
    prefixes = all_prefixes(scope)
    assert len(prefixes) == len(set(prefixes)) == prefix_count(scope)
    queries = scope.queries()
    rows = scope.answer_rows(np.array(prefixes))
    for prefix, row in zip(prefixes, rows.tolist(), strict=True):
        assert [scope.answer_token(code) for code in row] == scope.reference.answers(prefix, queries)


def test_classes_of_the_quotient_are_components_and_dead() -> None:
    for nodes in range(2, 6):
        sets, quotient = edge_sets(nodes), refine(nodes)
        forests = np.flatnonzero(sets.forest)
        parts = {tuple(sets.components[place]): int(quotient.class_of[place]) for place in forests}
        assert len(set(parts.values())) == len(parts) == len(quotient.transitions) - 1
        assert set(quotient.class_of[~sets.forest]).isdisjoint(parts.values())


def test_planted_faults_are_found_in_classes() -> None:
    rows = promise_rows(4)
    found = least_classes(rows)
    with pytest.raises(RetrievalGapError, match="does not conflict"):
        check_classes(rows, found._replace(clique=[*found.clique, found.clique[0]]))
    spoiled = found.merged.copy()
    spoiled[found.colours[found.clique[0]]] = 3 - spoiled[found.colours[found.clique[0]]]
    with pytest.raises(RetrievalGapError, match="is not answered rightly"):
        check_classes(rows, found._replace(merged=spoiled))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("sorting", 3), {}, "no task is called 'sorting'"),
        (("index", 0), {}, "n = 0: expected at least 1"),
        (("istree", 1), {}, "expected at least 2"),
        (("index", 3, 0), {}, "alphabet = 0"),
        (("index", 3, 2, "both"), {}, "there are total, promise"),
        (("istree", 3, 4), {}, "leave it out"),
        (("index", 3), {"c": 4}, "only c-gram has a c"),
        (("c-gram", 3), {"c": 7}, "c = 7"),
        (("index", 3), {"family": "distinct"}, "does not fit index"),
        (("associative-recall", 4, 3), {"family": "distinct"}, "do not exist"),
        (("c-gram", 6, 2), {"family": "de-bruijn"}, "have the length"),
        (("index", 3), {"keys": 2}, "only the family key-value"),
        (("associative-recall", 3), {"keys": 0}, "at least 1 key"),
        (("istree", 3, None, "promise"), {"repeats": "no"}, "under total"),
        (("istree", 3), {"repeats": "yes"}, "expected no"),
    ],
)
def test_bad_scopes_are_refused(arguments: tuple[Any, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        scope_of(*arguments, **options)


def test_too_much_is_refused_before_it_is_done() -> None:
    with pytest.raises(ResourceError, match="too many to enumerate"):
        list(prefix_batches(scope_of("index", 40, 2)))
    with pytest.raises(ResourceError, match="answers that are compared"):
        count(scope_of("index", 40, 2))
    with pytest.raises(ResourceError, match="at most 7 nodes"):
        count(scope_of("istree", 8))
    with pytest.raises(ResourceError, match="bits"):
        closed_form(scope_of("index", 10**9, 2))
    with pytest.raises(ResourceError, match="recurrence"):
        closed_form(scope_of("istree", 10**4, repeats="ignored"))
    assert sum(len(batch) for batch in prefix_batches(scope_of("index", 16, 2))) == 2**16
