"""The lower half of theorem 4.7: how many states any machine needs to tell trees."""

from collections.abc import Iterator

from proofs_check.lower_bounds._bound import Bound
from proofs_check.lower_bounds._scope import scope_of


def bounds() -> Iterator[Bound]:
    """IsTree, in three readings."""
    yield Bound(
        "istree, total",
        "IsTree, where a repeated edge means NO, needs Bell(n) + 1 states: about n log2 n bits",
        tuple(scope_of("istree", n) for n in range(2, 7)),
        ("istree, a repeated edge means NO",),
        "forests with other components are told apart by a star through the components of one of them",
        ("ExactIsTree.istree_states", "LowerIsTree.istree_fails"),
    )
    yield Bound(
        "istree, total, repeated edges ignored",
        "IsTree, where repeated edges are ignored, needs a state for each forest, and one more from n = 3",
        tuple(scope_of("istree", n, repeats="ignored") for n in range(2, 6)),
        ("istree, repeated edges ignored",),
        "a tree through one forest without an edge of the other closes a cycle there",
    )
    yield Bound(
        "istree, promise",
        "IsTree on simple graphs without isolated nodes needs at least a state for each partition of n - 1 nodes "
        "without singletons",
        tuple(scope_of("istree", n, None, "promise") for n in range(4, 9)),
        ("istree, promise (at least)",),
        "stars through the last node tell the components of the others apart",
        ("PromiseIsTree.istree_promise_states", "PromiseIsTree.istree_promise_fails"),
    )
