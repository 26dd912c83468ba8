"""IsTree: what must be kept is the components of a forest, or that there is a cycle."""

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from constructions.errors import InputError, ResourceError
from constructions.tasks import NO, SEPARATOR, YES, IsTree
from proofs_check.kernel._reference import Question, edges_of, is_legal
from proofs_check.kernel._reference import answer as kernel_answer
from proofs_check.lower_bounds._counts import MOST_NODES_SUMMED, Count, Counted, bell, bells, count
from proofs_check.lower_bounds._graphs import node_pairs, promise_rows, refine, total_rows
from proofs_check.lower_bounds._machines import Machine, State
from proofs_check.lower_bounds._scope import Repeats, Rows, Scope, Word, registered

MOST_NODES = 50_000
"""Bell numbers are computed up to this; the time grows like the square, and this takes some seconds."""

_MOST_NODES_LISTED = 4
_REPEATED = (1, 2, 1, 2)


@registered(IsTree.name)
class EdgeLists(Scope):
    """Prefix and query are lists of edges, which together are a tree or not."""

    families = ("edge-lists",)
    least = 2
    unseen = ", and does not see the position"
    how_attained = "so many are enough at these n, by partition refinement over all sets of edges"

    @property
    def unit(self) -> int:
        """The two ends of an edge."""
        return 2

    def __str__(self) -> str:
        repeats = {"no": ", a repeated edge means NO", "ignored": ", repeated edges ignored", None: ""}
        return f"{self.task} on {self.n} nodes, {self.convention}{repeats[self.repeats]}"

    @classmethod
    def checked_letters(cls, n: int, alphabet: int | None) -> int:
        """The letters are the nodes."""
        letters = super().checked_letters(n, alphabet)
        if letters != n:
            raise InputError(f"alphabet = {letters}: the letters of istree are its n = {n} nodes; leave it out")
        return n

    @classmethod
    def checked_repeats(cls, convention: str, repeats: str | None) -> Repeats | None:
        """A repeated edge means NO unless something else is said; under *promise* there is none."""
        if convention == "promise":
            return super().checked_repeats(convention, repeats)
        if repeats not in (None, "no", "ignored"):
            raise InputError(f"repeats = {repeats!r}: expected no (a repeated edge means NO) or ignored")
        return "ignored" if repeats == "ignored" else "no"

    # Inputs

    def text(self, word: Word) -> list[str]:
        """Each edge is one token, ``u-v``."""
        return [f"{u}-{v}" for u, v in edges_of(word)]

    def prefixes(self) -> Iterator[Word]:
        """Simple lists of edges, in every order and direction."""
        return _continued((), self.n)

    def inputs(self) -> Iterator[tuple[Word, Word]]:
        """Every list, cut in two at every place."""
        for edges in self.prefixes():
            for cut in range(0, len(edges) + 1, 2):
                if self.answer(edges[:cut], edges[cut:]) is not None:
                    yield edges[:cut], edges[cut:]

    @property
    def input_count(self) -> int | None:
        """The cuts of simple lists; under *total* lists have no end."""
        if self.convention == "total" or self.n > _MOST_NODES_LISTED:
            return None
        pairs = self.n * (self.n - 1) // 2
        lists, cuts = 1, 0
        for size in range(pairs + 1):
            cuts += lists * (size + 1)
            lists *= 2 * (pairs - size)
        return cuts

    def answer(self, prefix: Word, query: Word) -> str | None:
        """The kernel's reference."""
        question = Question(self.task, self.n, self.n)
        if self.convention == "promise" and not is_legal(question, prefix, query):
            return None
        return kernel_answer(question, prefix, query)

    def is_answer(self, token: str) -> bool:
        """YES or NO."""
        return token in (YES, NO)

    # Where the adversary looks

    def candidates(self, rng: np.random.Generator) -> Iterator[Word]:
        """No edge, one, one in both directions; then random forests, with an edge moved or left out."""
        n, repeated = self.n, self.convention == "total"
        yield from ((1, 2), (), (1, 2, 2, 1)) if repeated else ((1, 2), ())
        while True:
            order = [int(node) + 1 for node in rng.permutation(n)]
            cuts = rng.random() * rng.random()
            edges: list[tuple[int, int]] = []
            for place in range(1, n):
                if rng.random() >= cuts:
                    edges.append((order[place], order[int(rng.integers(0, place))]))
            yield tuple(itertools.chain(*edges))
            for place in range(min(len(edges), 4)):
                u, v = edges[place]
                moved = next((w for w in rng.permutation(n).tolist() if w + 1 not in (u, v)), None)
                if moved is not None:
                    changed = [*edges[:place], (u, moved + 1), *edges[place + 1 :]]
                    if repeated or len(set(map(frozenset, changed))) == len(changed):
                        yield tuple(itertools.chain(*changed))
                yield tuple(itertools.chain(*edges[:place], *edges[place + 1 :]))

    def random_query(self, prefix: Word, rng: np.random.Generator) -> Word:
        """A star that makes a tree of the prefix; sometimes an edge is missing."""
        found = list(_completions(self.n, prefix, ())) or [()]
        query = found[int(rng.integers(0, len(found)))]
        return query[2:] if rng.random() < 0.2 and self.convention == "total" else query

    def separating(self, one: Word, other: Word) -> Iterator[Word]:
        """Stars through the blocks of a prefix, which are all that is needed under *total*."""
        for query in itertools.chain(_completions(self.n, one, other), _completions(self.n, other, one)):
            answers = self.answer(one, query), self.answer(other, query)
            if None not in answers and answers[0] != answers[1]:
                yield query

    def occurs(self, prefix: Word) -> bool:
        """Whether each edge has two ends."""
        return all(u != v for u, v in edges_of(prefix))

    def shorter(self, prefixes: tuple[Word, ...], query: Word) -> Iterator[tuple[tuple[Word, ...], Word]]:
        """An edge of the query or of one prefix is left out."""
        yield from ((prefixes, fewer) for fewer in _without_one(query))
        for place, prefix in enumerate(prefixes):
            yield from (((*prefixes[:place], fewer, *prefixes[place + 1 :]), query) for fewer in _without_one(prefix))

    def query_range(self, place: int) -> range:
        """Edges are made of two numbers each, and not exchanged one by one."""
        return range(0)

    # Numbers of states, and what supports them

    def formula(self) -> Count:
        """Bell numbers and their kin."""
        n = self.n
        if self.convention == "total" and self.repeats == "no":
            if n > MOST_NODES:
                raise ResourceError(f"{self}: Bell numbers are computed for at most {MOST_NODES:,} nodes, not {n:,}")
            return Count(bell(n) + 1, True, "bell(n) + 1")
        if n > MOST_NODES_SUMMED:
            raise ResourceError(f"{self}: the recurrence is computed for at most {MOST_NODES_SUMMED:,} nodes")
        if self.convention == "total":
            # On two nodes no edge can close a cycle, so there is no state for "too many edges".
            return Count(2, True, "2") if n == 2 else Count(labelled_forests(n) + 1, True, "forests(n) + 1")
        if n < 4:
            return Count(n - 1, True, "n - 1")
        formula = "Sum((-1)**(n - 1 - j)*binomial(n - 1, j)*bell(j), (j, 0, n - 1))"
        return Count(partitions_without_singletons(n - 1), False, formula)

    def listed_states(self) -> Counted | None:
        """Under *total* by partition refinement over all sets of edges."""
        if self.convention == "promise":
            return None
        states = len(refine(self.n, self.repeats or "no").transitions)
        return Counted(states, states, "partition refinement")

    def table(self) -> Rows:
        """The rows of all sets of edges under *promise*."""
        rows = promise_rows(self.n)
        return rows[sorted({row.tobytes(): place for place, row in enumerate(rows)}.values())]

    def described(self) -> str | None:
        """A forest for each partition of the nodes."""
        return "partitions" if self.convention == "total" or self.n >= 4 else None

    def fooling(self) -> Iterator[Word]:
        """Those of two or three nodes, under *promise*."""
        return iter([(1, 2)] if self.n == 2 else [(1, 2), (1, 2, 1, 3)])

    def machine(self) -> Machine:
        """It keeps the components, the forest, or a parity."""
        if self.convention == "promise":
            return _FewNodes(self)
        return _Forests(self) if self.repeats == "ignored" else _Components(self)

    def attained(self) -> int:
        """The number of classes of sets of edges."""
        return count(self).upper

    # For a solver

    def problem(self) -> tuple[list[Word], Rows]:
        """All sets of edges as lists; under *total* one list with a repeated edge, too."""
        if self.repeats == "ignored":
            raise InputError(f"{self}: this reading is decided by partition refinement, without a solver")
        pairs = node_pairs(self.n)
        words = [
            tuple(itertools.chain(*(pair for bit, pair in enumerate(pairs) if number >> bit & 1)))
            for number in range(1 << len(pairs))
        ]
        return (
            ([*words, _REPEATED], total_rows(self.n)) if self.convention == "total" else (words, promise_rows(self.n))
        )

    def representative(self, prefix: Word) -> Word:
        """Its edges in order, or the list with a repeated one."""
        edges = _sorted_edges(prefix)
        return _REPEATED if len(set(edges)) < len(edges) else tuple(itertools.chain(*edges))

    def column(self, query: Word) -> int | None:
        """The number of its set of edges; None if an edge is repeated."""
        pairs, edges = node_pairs(self.n), _sorted_edges(query)
        return sum(1 << pairs.index(edge) for edge in edges) if len(set(edges)) == len(edges) else None

    def token(self, code: int) -> str:
        """2 is YES; whatever else may be answered is NO."""
        return YES if code == 2 else NO


def _continued(before: Word, nodes: int) -> Iterator[Word]:
    """All continuations of a list of edges by edges that it does not have yet."""
    yield before
    present = {frozenset(edge) for edge in edges_of(before)}
    for u, v in itertools.permutations(range(1, nodes + 1), 2):
        if frozenset((u, v)) not in present:
            yield from _continued((*before, u, v), nodes)


def _without_one(edges: Word) -> Iterator[Word]:
    return (edges[:place] + edges[place + 2 :] for place in range(0, len(edges), 2))


def _sorted_edges(word: Word) -> list[tuple[int, int]]:
    return sorted((min(edge), max(edge)) for edge in edges_of(word))


def blocks_of(nodes: int, edges: Word) -> list[list[int]] | None:
    """The components of a forest; None if there is a cycle or a repeated edge."""
    label = list(range(nodes + 1))
    for u, v in edges_of(edges):
        if label[u] == label[v]:
            return None
        label = [label[u] if here == label[v] else here for here in label]
    return [[node for node in range(1, nodes + 1) if label[node] == name] for name in sorted(set(label[1:]))]


def _completions(nodes: int, prefix: Word, other: Word) -> Iterator[Word]:
    """Stars that make a tree of the prefix, best those that close a cycle in the other one."""
    blocks = blocks_of(nodes, prefix)
    if blocks is None:
        return
    joined = [(u, v) for block in blocks_of(nodes, other) or [] for u, v in itertools.combinations(block, 2)]
    home = {node: place for place, block in enumerate(blocks) for node in block}
    used = {frozenset(edge) for edge in edges_of(prefix + other)}
    tips: list[tuple[int, int | None]] = [(u, v) for u, v in joined if home[u] != home[v]]
    tips += [(v, u) for u, v in tips if u is not None and v is not None]
    for centre, end in [*tips[:200], *((node, None) for node in range(1, nodes + 1))]:
        query: list[int] = []
        for place, block in enumerate(blocks):
            if place != home[centre]:
                free = [node for node in block if frozenset((centre, node)) not in used] or block
                query += (centre, end if end is not None and home[end] == place else free[0])
        yield tuple(query)


def partitions_without_singletons(n: int) -> int:
    """Partitions of n named points into blocks of at least two.

    A partition of n points without singletons, or one of n + 1 points without singletons, is the same as
    a partition of n points: join the singletons and the new point to one block. So they add up to bell(n).

    >>> [partitions_without_singletons(n) for n in range(1, 8)]
    [0, 1, 1, 4, 11, 41, 162]
    """
    count = 1
    for partitions in itertools.islice(bells(), n):
        count = partitions - count
    return count


def labelled_forests(n: int) -> int:
    """Forests on n named nodes: the tree that holds the last node has j nodes, and j^(j - 2) forms (Cayley).

    >>> [labelled_forests(n) for n in range(6)]
    [1, 1, 2, 7, 38, 291]
    """
    trees = [0, 1] + [j ** (j - 2) for j in range(2, n + 1)]
    counts = [1]
    for size in range(1, n + 1):
        counts.append(sum(math.comb(size - 1, j - 1) * trees[j] * counts[size - j] for j in range(1, size + 1)))
    return counts[n]


class _Components:
    """The components of a forest, each node with the least node of its own; () once there is a cycle."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def initial(self) -> State:
        return tuple(range(1, self.scope.n + 1))

    def step(self, state: Any, token: str) -> State:
        if token == SEPARATOR or state == ():
            return state  # type: ignore[no-any-return]
        u, v = (int(node) for node in token.split("-"))
        low, high = sorted((state[u - 1], state[v - 1]))
        return () if low == high else tuple(low if label == high else label for label in state)

    def output(self, state: Any) -> str:
        return YES if set(state) == {1} else NO


class _Forests(_Components):
    """With repeated edges ignored: the forest itself; () once there is a cycle."""

    def initial(self) -> State:
        return frozenset()

    def step(self, state: Any, token: str) -> State:
        if token == SEPARATOR or state == ():
            return state  # type: ignore[no-any-return]
        edge = tuple(sorted(int(node) for node in token.split("-")))
        if edge in state:
            return state  # type: ignore[no-any-return]
        return () if self._components(state | {edge}) == () else state | {edge}

    def output(self, state: Any) -> str:
        return super().output(() if state == () else self._components(state))

    def _components(self, edges: Iterable[tuple[int, int]]) -> Any:
        state = super().initial()
        for u, v in edges:
            state = super().step(state, f"{u}-{v}")
        return state


class _FewNodes:
    """On 2 or 3 nodes under promise: 1 or 2 edges make a tree, 3 do not.

    On 2 nodes the answer is always YES; on 3 nodes the parity of the number of edges decides.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def initial(self) -> State:
        return 0

    def step(self, state: int, token: str) -> int:
        return state if token == SEPARATOR or self.scope.n == 2 else 1 - state

    def output(self, state: Any) -> str:
        return NO if state else YES
