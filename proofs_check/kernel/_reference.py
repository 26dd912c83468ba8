"""What is asked, and the right answers: the kernel's own reading of the tasks.

A *sequence* is a tuple of n letters 1 .. k; for istree it holds the endpoints of the edges, two by two,
nodes 1 .. n. A *query* is a tuple of integers; for istree it holds the endpoints of further edges (none
for a model: there the graph is the question). An answer is a token. Under the convention *total* an
undefined query has the answer NONE, and a graph with a repeated edge is no tree; under *promise* such
inputs do not occur, and the graphs are simple and without isolated nodes.

:func:`answer` takes one query and works from the definition, slowly. :mod:`_rows` takes all queries about a
sequence at once, by other means, and :mod:`_columns` one query after many sequences. The checker of fooling sets
uses the last two and compares. What certificates know since version 2 stands in :mod:`_further`, which is imported when
such a task occurs.
"""

import itertools
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from ._reading import Fields, integer, items
from ._verdict import Malformed, shown

if TYPE_CHECKING:
    from ._further import Further

TASKS = ("index", "associative-recall", "c-gram", "counting", "istree")
FURTHER = ("bounded-dyck", "copying", "disjointness", "equality", "mqar", "nearest-neighbour")
"""Since version 2, for certificates about numbers of states."""
CONVENTIONS = ("total", "promise")

Word = tuple[int, ...]


class Question(NamedTuple):
    """A task with its sizes: n letters over 1 .. alphabet, or n nodes; c matters to c-gram only."""

    task: str
    n: int
    alphabet: int
    c: int = 2

    def __str__(self) -> str:
        task = f"c-gram with c = {self.c}" if self.task == "c-gram" else self.task
        return (
            f"{task} on {self.n} nodes" if self.task == "istree" else f"{task}, n = {self.n}, alphabet {self.alphabet}"
        )


def further(task: str) -> "Further":
    """One of the further tasks."""
    found: Further = import_module("._further", __package__).TASKS[task]
    return found


def question_of(fields: Fields, more: Sequence[str] = ()) -> tuple[Question, str]:
    """What a certificate asks, and the convention; ``more`` tasks than those of version 1 may be asked since then."""
    tasks = TASKS if fields["version"] == 1 else (*TASKS, *more)
    task, convention = fields.word("task", tasks), fields.word("convention", CONVENTIONS)
    n, alphabet = fields.integer("n", 2 if task == "istree" else 1, 1_000), fields.integer("alphabet", 1, 100_000)
    if task == "istree" and alphabet != n:
        raise Malformed(f"certificate.alphabet is {alphabet}, expected n = {n}, the number of nodes")
    if task in FURTHER:
        fields.word("convention", ("total",))  # no query is undefined
        letters = further(task).letters
        if letters not in (None, alphabet):
            raise Malformed(f"certificate.alphabet is {alphabet}, expected {letters}, the letters of {task}")
    return Question(task, n, alphabet, fields.integer("c", 2, 10) if task == "c-gram" else 2), convention


def unseen(chosen: Sequence[Word]) -> str:
    """What is assumed of machines. Two prefixes of different lengths end at different positions, and a machine whose
    rules depend on the position may go on differently from one state there; so equal states would show nothing."""
    return "" if len({len(word) for word in chosen}) < 2 else " and does not see the position"


def prefix_of(value: object, where: str, question: Question) -> Word:
    """A listed prefix: n letters, or the ends of edges."""
    most = unit(question)
    listed = items(value, where, 100_000)
    word = tuple(integer(letter, f"{where}[{p}]", 1, most[p % len(most)]) for p, letter in enumerate(listed))
    if question.task != "istree":
        if len(word) != question.n * len(most):
            each = f" times {len(most)}" if len(most) > 1 else ""
            raise Malformed(f"{where} has {len(word)} letters, expected n = {question.n}{each}")
    elif len(word) % 2 or any(u == v for u, v in zip(word[::2], word[1::2], strict=True)):
        raise Malformed(f"{where} is {shown(value)}, expected pairs of different nodes")
    return word


def unit(question: Question) -> Word:
    """The largest number at each place of a unit: sequences have n units of one letter in most tasks."""
    if question.task in FURTHER:
        return further(question.task).unit(question)
    return (question.n if question.task == "istree" else question.alphabet,)


def edges_of(word: Word) -> list[tuple[int, int]]:
    """The edges whose endpoints are listed, two by two."""
    return list(zip(word[::2], word[1::2], strict=True))


def answer(question: Question, sequence: Word, query: Word) -> str:
    """The right answer under the convention *total*."""
    if question.task == "index":
        return str(sequence[query[0] - 1])
    if question.task == "counting":
        letter, threshold = query
        return str(int(sum(other == letter for other in sequence) > threshold))
    if question.task == "istree":
        possible = len(sequence) + len(query) == 2 * (question.n - 1)  # most inputs have too few or too many edges
        return "YES" if possible and _is_tree(question.n, edges_of(sequence + query)) else "NO"
    if question.task in FURTHER:
        return further(question.task).answer(sequence, query)
    # Backwards from the last place that has a successor: the first match is the latest occurrence.
    length = len(query)
    for place in range(len(sequence) - length - 1, -1, -1):
        if sequence[place : place + length] == query:
            return str(sequence[place + length])
    return "NONE"


def is_legal(question: Question, sequence: Word, query: Word) -> bool:
    """Whether the convention *promise* lets this input occur."""
    if question.task == "istree":
        edges = edges_of(sequence + query)
        simple = len({frozenset(edge) for edge in edges}) == len(edges) and all(u != v for u, v in edges)
        return simple and len({node for edge in edges for node in edge}) == question.n
    return question.task in FURTHER or answer(question, sequence, query) != "NONE"


def _is_tree(nodes: int, edges: list[tuple[int, int]]) -> bool:
    """Joined one by one, n - 1 edges form a tree exactly if each joins two different components."""
    parent = list(range(nodes + 1))
    for edge in edges:
        u, v = edge
        while parent[u] != u:
            u = parent[u]
        while parent[v] != v:
            v = parent[v]
        if u == v:
            return False
        parent[u] = v
    return len(edges) == nodes - 1


def queries(question: Question) -> list[Word]:
    """All queries, in canonical order; for istree the stars, and the query without an edge.

    For istree this is a choice. Two prefixes that are forests with different components are always told
    apart by a star: if both have as many components, some u, v are joined in the second and not in the
    first, and a star through one node of each component of the first, u and v among them, makes a tree
    of the first and a cycle in the second; if not, no completion of one has the right number of edges
    for the other. And no query turns a cycle into a tree.
    """
    n, letters = question.n, range(1, question.alphabet + 1)
    if question.task == "index":
        return [(place,) for place in range(1, n + 1)]
    if question.task == "counting":
        return list(itertools.product(letters, range(n + 1)))
    if question.task in FURTHER:
        return further(question.task).queries(question)
    if question.task != "istree":
        return list(itertools.product(letters, repeat=query_length(question)))
    stars: list[Word] = [()]
    for centre in range(1, n + 1):
        rest = [node for node in range(1, n + 1) if node != centre]
        for size in range(1, n):
            for ends in itertools.combinations(rest, size):
                if size > 1 or centre < ends[0]:  # a single edge is a star of either end
                    stars.append(tuple(node for end in ends for node in (centre, end)))
    return stars


def query_length(question: Question) -> int:
    """How many integers a query of a retrieval task has; of a further task at most."""
    if question.task in FURTHER:
        return further(question.task).longest(question)
    if question.task == "c-gram":
        return question.c - 1
    return 2 if question.task == "counting" else 1


def query_count(question: Question) -> int:
    """How many queries :func:`queries` lists, in closed form."""
    n, k = question.n, question.alphabet
    if question.task == "index":
        return n
    if question.task == "counting":
        return k * (n + 1)
    if question.task == "istree":
        return int(n * (2 ** (n - 1) - 1) - n * (n - 1) // 2 + 1)
    if question.task in FURTHER:
        return further(question.task).count(question)
    return int(k ** query_length(question))


def euler_tour(edges: list[tuple[int, int]]) -> list[str]:
    """The nodes that a walk along the edges visits, and its verdict: the reference transcript of istree.

    Each node has its neighbours in a circle, in the order of the input. The walk begins at the second
    end of the last edge, towards that node's last neighbour; coming to u from w it goes on to the
    neighbour before w in the circle of u. It stops with YES when it is about to repeat a step and has
    taken every edge in both directions, with NO when it is about to repeat a step and has not, or to
    enter a node that it has visited by another way than back.
    """
    circle: dict[int, list[int]] = {}
    for u, v in edges:
        circle.setdefault(u, []).append(v)
        circle.setdefault(v, []).append(u)
    here = edges[-1][1]
    tour, steps, previous = [here], set[tuple[int, int]](), 0
    while True:
        around = circle[here]
        ahead = around[around.index(previous) - 1] if previous else around[-1]
        if (here, ahead) in steps:
            return [*map(str, tour), "YES" if len(tour) == 2 * len(edges) + 1 else "NO"]
        if ahead in tour and (ahead, here) not in steps:
            return [*map(str, tour), "NO"]
        steps.add((here, ahead))
        tour.append(ahead)
        previous, here = here, ahead
