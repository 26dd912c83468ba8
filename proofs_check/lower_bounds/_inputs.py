"""All inputs of a scope, one by one, and how they are printed."""

import itertools
from collections.abc import Iterator

from proofs_check.kernel._reference import edges_of
from proofs_check.lower_bounds._candidates import Word, right_answer
from proofs_check.lower_bounds._prefixes import de_bruijn_words, prefix_count
from proofs_check.lower_bounds._rows import queries_of
from proofs_check.lower_bounds._scope import Scope


def text_of(scope: Scope, word: Word) -> list[str]:
    """The tokens of a prefix or a query; edges of istree are one token each, ``u-v``."""
    if scope.task == "istree":
        return [f"{u}-{v}" for u, v in edges_of(word)]
    return list(map(str, word))


def prefixes_of(scope: Scope) -> Iterator[Word]:
    """Every prefix; for istree, simple lists of edges in every order and direction."""
    n, k = scope.n, scope.alphabet
    if scope.task == "istree":
        return _edge_lists((), n)
    if scope.family == "distinct":
        return itertools.permutations(range(1, k + 1), n)
    if scope.family == "de-bruijn":
        return de_bruijn_words(k, scope.query_length)
    if scope.family == "key-value":
        keys = scope.keys or 0
        return itertools.product(*([range(1, keys + 1), range(keys + 1, keys + k + 1)] * n))
    return itertools.product(range(1, k + 1), repeat=n)


def input_count(scope: Scope) -> int | None:
    """How many pairs of prefix and query there are at most; None if they have no end (istree under total)."""
    if scope.task == "istree":
        if scope.convention == "total" or scope.n > 4:
            return None
        pairs = scope.n * (scope.n - 1) // 2
        lists, cuts = 1, 0
        for size in range(pairs + 1):
            cuts += lists * (size + 1)
            lists *= 2 * (pairs - size)
        return cuts
    letters = scope.keys or scope.alphabet
    queries = {"index": scope.n, "counting": scope.alphabet * (scope.n + 1)}
    return prefix_count(scope) * queries.get(scope.task, int(letters**scope.query_length))


def all_inputs(scope: Scope) -> Iterator[tuple[Word, Word]]:
    """Every legal pair of prefix and query."""
    if scope.task == "istree":
        for edges in _edge_lists((), scope.n):
            for cut in range(0, len(edges) + 1, 2):
                if right_answer(scope, edges[:cut], edges[cut:]) is not None:
                    yield edges[:cut], edges[cut:]
        return
    queries = queries_of(scope)
    for prefix in prefixes_of(scope):
        for query in queries:
            if scope.convention == "total" or right_answer(scope, prefix, query) is not None:
                yield prefix, query


def _edge_lists(before: Word, nodes: int) -> Iterator[Word]:
    """All continuations of a list of edges by edges that it does not have yet."""
    yield before
    present = {frozenset(edge) for edge in edges_of(before)}
    for u, v in itertools.permutations(range(1, nodes + 1), 2):
        if frozenset((u, v)) not in present:
            yield from _edge_lists((*before, u, v), nodes)
