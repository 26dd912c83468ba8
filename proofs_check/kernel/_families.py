"""Families of prefixes: how many there are, and which."""

import itertools
import math
from collections.abc import Callable, Iterator

from ._reference import Question, Word, unit
from ._verdict import Incomplete, Malformed

PREFIX_FAMILIES = ("words", "permutations", "rotations", "multisets", "partitions", "assignments", "row")
"""Families of prefixes: see :func:`prefixes`."""
OF_ONE_TASK = {"partitions": "istree", "assignments": "mqar", "row": "nearest-neighbour"}
"""The others are families of words, for tasks about words."""


def prefixes(question: Question, family: str, convention: str) -> tuple[int, Callable[[], Iterator[Word]]]:
    """How many prefixes a family has, and a function that lists them.

    ``words``: all of length n. ``permutations``: all orders of the letters 1 .. n. ``rotations``: those
    that begin with 1. ``multisets``: the words whose letters never decrease. ``partitions``, for istree:
    for each partition of the nodes the blocks as paths; under *total* also one edge twice; under
    *promise* partitions of the nodes 1 .. n - 1 into blocks of at least two. ``assignments``, for mqar: the
    letters 1 .. n/2 in this order, each before one of the letters that are larger than n/2. ``row``, for
    nearest-neighbour: the points (1, 1), ..., (n, 1) in this order, with any labels.
    """
    n, letters = question.n, range(1, question.alphabet + 1)
    fits = OF_ONE_TASK[family] == question.task if family in OF_ONE_TASK else len(unit(question)) == 1
    if not fits or (question.task == "istree" and family != "partitions"):
        raise Malformed(f"the family {family!r} does not fit the task {question.task}")
    if family in ("permutations", "rotations") and question.alphabet != n:
        raise Malformed(f"{family} of n = {n} letters need the alphabet {n}, not {question.alphabet}")
    if family == "words":
        return len(letters) ** n, lambda: itertools.product(letters, repeat=n)
    if family == "permutations":
        return math.factorial(n), lambda: itertools.permutations(letters)
    if family == "rotations":
        return math.factorial(n - 1), lambda: ((1, *rest) for rest in itertools.permutations(letters[1:]))
    if family in ("assignments", "row"):
        half, odd = divmod(n, 2)
        if family == "assignments" and (odd or half >= len(letters)):
            raise Malformed(f"n = {n} with the alphabet {len(letters)}: pairs of one of n/2 keys and a larger value")
        keys = [(x, 1) for x in range(1, n + 1)] if family == "row" else [(key,) for key in range(1, half + 1)]
        values = letters if family == "row" else letters[half:]

        def assigned() -> Iterator[Word]:
            for chosen in itertools.product(values, repeat=len(keys)):
                yield tuple(x for key, value in zip(keys, chosen, strict=True) for x in (*key, value))

        return len(values) ** len(keys), assigned
    if family == "multisets":
        return math.comb(n + len(letters) - 1, n), lambda: itertools.combinations_with_replacement(letters, n)
    if convention == "total":
        if n > 10:
            raise Incomplete(f"the partitions of {n} nodes are too many for this kernel")
        twice = [(1, 2, 1, 2)]
        return _bell(n) + 1, lambda: itertools.chain(map(_paths, _partitions(n)), twice)
    if n > 11:
        raise Incomplete(f"the partitions of {n - 1} nodes are too many for this kernel")
    chosen = [part for part in _partitions(n - 1) if all(len(block) > 1 for block in part)]
    return len(chosen), lambda: map(_paths, chosen)


def _partitions(nodes: int) -> list[list[list[int]]]:
    """Every partition of 1 .. nodes, built by putting each node into a block or a new one."""
    found: list[list[list[int]]] = [[]]
    for node in range(1, nodes + 1):
        found = [
            [block + [node] * (place == here) for here, block in enumerate([*part, []][: max(len(part), place + 1)])]
            for part in found
            for place in range(len(part) + 1)
        ]
    return found


def _bell(nodes: int) -> int:
    """The number of partitions, by the recurrence over the block of the last node."""
    numbers = [1]
    for size in range(nodes):
        numbers.append(sum(math.comb(size, rest) * numbers[rest] for rest in range(size + 1)))
    return numbers[nodes]


def _paths(partition: list[list[int]]) -> Word:
    """The blocks of a partition as paths."""
    return tuple(node for block in partition for pair in itertools.pairwise(block) for node in pair)
