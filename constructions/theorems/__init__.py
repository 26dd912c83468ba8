"""One module per theorem: its statement, its constructions for all n, its claims."""

from collections.abc import Callable

from constructions.errors import InputError
from constructions.theorems import _theorem_4_6 as theorem_4_6
from constructions.theorems import _theorem_4_7 as theorem_4_7
from constructions.theorems._statements import Claim, Construction, LogBound, Quantity, Theorem, claims_about

CONSTRUCTIONS: dict[str, Callable[..., Construction]] = {
    "transformer/index": theorem_4_6.index,
    "transformer/associative-recall": theorem_4_6.associative_recall,
    "transformer/c-gram": theorem_4_6.c_gram,
    "transformer/counting": theorem_4_6.counting,
    "transformer/istree": theorem_4_7.istree,
}

THEOREMS: dict[str, Theorem] = {theorem.number: theorem for theorem in (theorem_4_6.THEOREM, theorem_4_7.THEOREM)}


def construction(name: str, c: int = 3) -> Construction:
    """The construction of this name; ``c`` matters for c-gram retrieval alone.

    Raises:
        InputError: if there is none.
    """
    if name not in CONSTRUCTIONS:
        raise InputError(f"unknown construction {name!r}; there are {', '.join(CONSTRUCTIONS)}")
    return CONSTRUCTIONS[name](c) if name.endswith("/c-gram") else CONSTRUCTIONS[name]()


def variants(name: str) -> list[Construction]:
    """The constructions that a name stands for: c-gram retrieval with c from 2 to 5, or just one."""
    if name.endswith("/c-gram"):
        return [construction(name, c) for c in range(2, 6)]
    return [construction(name)]


__all__ = [
    "CONSTRUCTIONS",
    "THEOREMS",
    "Claim",
    "Construction",
    "LogBound",
    "Quantity",
    "Theorem",
    "claims_about",
    "construction",
    "variants",
]
