"""For every exact count a machine with so many states, right on all prefixes and queries."""

import itertools
from typing import Any

import pytest

from constructions.errors import InputError, RetrievalGapError
from constructions.tasks import SEPARATOR
from proofs_check.kernel._reference import Question, answer, edges_of, is_legal
from proofs_check.lower_bounds import Machine, Scope, check_machine, closed_form, least_machine, run_machine, scope_of

BOTH = ("total", "promise")

SCOPES = [
    *(scope_of(task, n, k, convention) for task in ("index", "counting") for convention in BOTH
      for n, k in [(1, 1), (1, 3), (3, 3), (5, 2), (4, 4)]),
    *(scope_of("associative-recall", n, k, convention, family="distinct") for convention in BOTH
      for n, k in [(1, 1), (1, 2), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (2, 4), (3, 4), (4, 5)]),
    *(scope_of("associative-recall", n, k, convention, family="words") for convention in BOTH
      for n, k in [(1, 1), (3, 1), (3, 2), (5, 2), (5, 3), (6, 3), (7, 4)]),
    *(scope_of("associative-recall", n, k, convention, keys=keys) for convention in BOTH
      for n, k, keys in [(2, 2, 2), (3, 2, 3), (3, 3, 2), (1, 2, 3), (2, 1, 3)]),
    *(scope_of("c-gram", k**m + m - 1, k, convention, c=m + 1, family="de-bruijn") for convention in BOTH
      for k, m in [(1, 2), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2)]),
    *(scope_of("c-gram", n, k, convention, c=3, family="distinct") for convention in BOTH
      for n, k in [(2, 3), (3, 3), (3, 5)]),
    scope_of("c-gram", 4, 4, c=3), scope_of("c-gram", 5, 5, c=4),
    scope_of("associative-recall", 2, 3, keys=4), scope_of("associative-recall", 2, 5),
]  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_exactly_so_many_states(scope: Scope) -> None:
    formula = closed_form(scope)
    assert formula is not None
    assert check_machine(scope, least_machine(scope)) == formula.states


def graph_states(scope: Scope, prefixes: list[tuple[int, ...]], queries: list[tuple[int, ...]]) -> set[Any]:
    """All states after the prefixes; every answer is compared with the kernel's reference."""
    machine, question = least_machine(scope), Question("istree", scope.n, scope.n)
    states = set()
    for prefix in prefixes:
        state = run_machine(machine, words(prefix))
        states.add(state)
        for query in queries:
            if scope.convention == "promise" and not is_legal(question, prefix, query):
                continue
            expected = answer(question, *without_repeats(prefix, query, scope.repeats == "ignored"))
            assert machine.output(run_machine(machine, (SEPARATOR, *words(query)), state)) == expected
    return states


def words(edges: tuple[int, ...]) -> list[str]:
    return [f"{u}-{v}" for u, v in edges_of(edges)]


def without_repeats(prefix: tuple[int, ...], query: tuple[int, ...], really: bool) -> tuple[Any, Any]:
    if not really:
        return prefix, query
    once = {frozenset(edge): edge for edge in edges_of(prefix + query)}
    return tuple(node for edge in once.values() for node in edge), ()


@pytest.mark.parametrize(
    ("nodes", "convention", "repeats", "states"),
    [(2, "total", "no", 3), (3, "total", "no", 6), (4, "total", "no", 16), (2, "total", "ignored", 2),
     (3, "total", "ignored", 8), (4, "total", "ignored", 39), (2, "promise", None, 1), (3, "promise", None, 2)],
)  # fmt: skip
def test_graphs(nodes: int, convention: str, repeats: str | None, states: int) -> None:
    scope = scope_of("istree", nodes, None, convention, repeats=repeats)
    directed = list(itertools.permutations(range(1, nodes + 1), 2))
    longest = 4 if nodes < 4 else 0
    lists = [tuple(itertools.chain(*edges)) for size in range(longest + 1)
             for edges in itertools.product(directed, repeat=size)]  # fmt: skip
    undirected = list(itertools.combinations(range(1, nodes + 1), 2))
    sets = [tuple(itertools.chain(*edges)) for size in range(len(undirected) + 1)
            for edges in itertools.combinations(undirected, size)]  # fmt: skip
    legal = [*sets, *lists, (1, 2, 2, 1)]
    if convention == "promise":  # prefixes of simple graphs
        legal = [prefix for prefix in legal if len(set(map(frozenset, edges_of(prefix)))) == len(prefix) // 2]
    assert len(graph_states(scope, legal, [*sets, (2, 1, 1, 2)])) == states


class Forgetful:
    """The least machine, but two states are merged."""

    def __init__(self, machine: Machine, one: Any, other: Any) -> None:
        self.machine, self.one, self.other = machine, one, other

    def initial(self) -> Any:
        return self.machine.initial()

    def step(self, state: Any, token: str) -> Any:
        after = self.machine.step(state, token)
        return self.one if after == self.other else after

    def output(self, state: Any) -> str:
        return self.machine.output(state)


@pytest.mark.parametrize(
    "scope",
    [scope_of("index", 3, 2), scope_of("counting", 3, 3), scope_of("associative-recall", 3),
     scope_of("associative-recall", 4, 4, "promise"), scope_of("c-gram", 10, 2, "promise", c=4, family="de-bruijn")],
    ids=str,
)  # fmt: skip
def test_any_two_states_merged_give_a_wrong_answer(scope: Scope) -> None:
    from proofs_check.lower_bounds._prefixes import all_prefixes

    machine = least_machine(scope)
    states = sorted({run_machine(machine, map(str, prefix)) for prefix in all_prefixes(scope)})
    for one, other in itertools.islice(itertools.permutations(states, 2), 60):
        with pytest.raises(RetrievalGapError, match="is written after"):
            check_machine(scope, Forgetful(machine, one, other))


def test_where_the_least_number_is_unknown_there_is_no_machine() -> None:
    for scope in (scope_of("istree", 4, None, "promise"), scope_of("associative-recall", 3, 5, "promise")):
        with pytest.raises(InputError, match="is not known"):
            least_machine(scope)
