"""One module per theorem: its statement, its constructions for all n, its claims."""

from collections.abc import Callable

from constructions.errors import InputError
from constructions.machines import Machine
from constructions.theorems import _theorem_4_1 as theorem_4_1
from constructions.theorems import _theorem_4_6 as theorem_4_6
from constructions.theorems import _theorem_4_7 as theorem_4_7
from constructions.theorems import _theorem_5_2 as theorem_5_2
from constructions.theorems import _theorem_5_3 as theorem_5_3
from constructions.theorems import _theorem_5_4 as theorem_5_4
from constructions.theorems import _theorem_5_6 as theorem_5_6
from constructions.theorems import _theorem_5_7 as theorem_5_7
from constructions.theorems._statements import (
    CONTEXT_HOLDS,
    CONTRACTS_HOLD,
    KERNEL_AGREES,
    Claim,
    Construction,
    LogBound,
    Quantity,
    Theorem,
    claims_about,
    in_n,
)
from constructions.theorems._tapes import Reading, RowReader, TapeReader
from constructions.theorems._turing import EXAMPLES

CONSTRUCTIONS: dict[str, Callable[..., Construction]] = {
    "transformer/index": theorem_4_6.index,
    "transformer/associative-recall": theorem_4_6.associative_recall,
    "transformer/c-gram": theorem_4_6.c_gram,
    "transformer/counting": theorem_4_6.counting,
    "transformer/istree": theorem_4_7.istree,
    "transformer/turing": theorem_5_7.transformer,
    "retrieval/index": theorem_5_2.index,
    "retrieval/associative-recall": theorem_5_2.associative_recall,
    "retrieval/c-gram": theorem_5_2.c_gram,
    "retrieval/counting": theorem_5_2.counting,
    "retrieval/istree": theorem_5_3.istree,
    "retrieval/turing": theorem_5_4.turing,
    "hybrid/index": theorem_5_6.index,
    "hybrid/associative-recall": theorem_5_6.associative_recall,
    "hybrid/c-gram": theorem_5_6.c_gram,
    "hybrid/counting": theorem_5_6.counting,
    "hybrid/istree": theorem_5_6.istree,
    "hybrid/turing": theorem_5_7.hybrid,
    "rnn/turing": theorem_4_1.turing,
}

THEOREMS: dict[str, Theorem] = {
    module.THEOREM.number: module.THEOREM
    for module in (
        theorem_4_1,
        theorem_4_6,
        theorem_4_7,
        theorem_5_2,
        theorem_5_3,
        theorem_5_4,
        theorem_5_6,
        theorem_5_7,
    )
}


def construction(name: str, c: int = 3, *, machine: Machine | None = None, cells: int | None = None) -> Construction:
    """The construction of this name.

    Args:
        name: one of ``CONSTRUCTIONS``.
        c: for c-gram retrieval.
        machine: for ``*/turing``, what is simulated; the busy beaver with four states unless given.
        cells: for ``rnn/turing``, how many cells its tape has.

    Raises:
        InputError: if there is no construction of this name, or c or cells cannot be.
    """
    if name not in CONSTRUCTIONS:
        raise InputError(f"unknown construction {name!r}; there are {', '.join(CONSTRUCTIONS)}")
    make = CONSTRUCTIONS[name]
    if name.endswith("/c-gram"):
        return make(c)
    if not name.endswith("/turing"):
        return make()
    simulated = machine or EXAMPLES[0]
    return (
        make(simulated, theorem_4_1.DEFAULT_CELLS if cells is None else cells)
        if name == "rnn/turing"
        else make(simulated)
    )


def variants(name: str) -> list[Construction]:
    """The constructions that a name stands for: c-gram with c from 2 to 5, machines of several kinds, or just one."""
    if name.endswith("/c-gram"):
        return [construction(name, c) for c in range(2, 6)]
    if name.endswith("/turing"):
        return [construction(name, machine=machine) for machine in EXAMPLES]
    return [construction(name)]


__all__ = [
    "CONSTRUCTIONS",
    "CONTEXT_HOLDS",
    "CONTRACTS_HOLD",
    "EXAMPLES",
    "KERNEL_AGREES",
    "THEOREMS",
    "Claim",
    "Construction",
    "LogBound",
    "Quantity",
    "Reading",
    "RowReader",
    "TapeReader",
    "Theorem",
    "claims_about",
    "construction",
    "in_n",
    "variants",
]
