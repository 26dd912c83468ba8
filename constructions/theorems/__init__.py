"""One module per theorem: its statement, its constructions for all n, its claims.

Theorems of other papers, the *neighbours*, are files of the same kind with a name in the place of a number.
"""

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from constructions.errors import InputError, unknown
from constructions.tasks import register
from constructions.theorems._automaton import automaton
from constructions.theorems._statements import (
    CONTEXT_HOLDS,
    Claim,
    Construction,
    LogBound,
    Quantity,
    StateCount,
    Theorem,
    Variants,
    claims_about,
    claims_of,
    in_n,
)
from constructions.theorems._tapes import Reading, RowReader, TapeReader
from constructions.theorems._turing import EXAMPLES
from constructions.theorems._user_files import is_users, source_of, user_construction, user_object, users_code

FAMILIES = ("transformer", "retrieval", "hybrid", "rnn")
"""The families of models in the order in which constructions are listed; others come after them."""


def _files(begin: str) -> list[ModuleType]:
    """The modules beside this file whose names begin so: a theorem is added by adding its file."""
    found = sorted(module.name for module in iter_modules(__path__) if module.name.startswith(begin))
    return [import_module(f"{__name__}.{name}") for name in found]


def _place(item: tuple[str, Callable[..., Construction]]) -> int:
    family = item[0].partition("/")[0]
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def _made_in(files: list[ModuleType]) -> dict[str, Callable[..., Construction]]:
    return dict(sorted((item for module in files for item in module.CONSTRUCTIONS.items()), key=_place))


_FILES, _NEARBY = _files("_theorem_"), _files("_neighbour_")

for _module in (*_FILES, *_NEARBY):
    for _task in getattr(_module, "TASKS", ()):
        register(_task, apart=_module in _NEARBY)

THEOREMS: dict[str, Theorem] = {module.THEOREM.number: module.THEOREM for module in _FILES}
"""The theorems of the paper by their numbers."""

NEIGHBOURS: dict[str, Theorem] = {module.THEOREM.number: module.THEOREM for module in _NEARBY}
"""Theorems of other papers, by their names."""

CONSTRUCTIONS: dict[str, Callable[..., Construction]] = _made_in(_FILES)
"""What makes each construction of the paper's theorems, by its name; every parameter has a default."""

NEIGHBOURING: dict[str, Callable[..., Construction]] = _made_in(_NEARBY)
"""What makes each construction of the neighbours, by its name; every parameter has a default."""

_MAKERS = CONSTRUCTIONS | NEIGHBOURING

_VARIANTS: dict[str, Variants] = {
    name: variants for module in (*_FILES, *_NEARBY) for name, variants in getattr(module, "VARIANTS", {}).items()
}


def theorem(number: str) -> Theorem:
    """The theorem of this number, or the neighbour of this name.

    Raises:
        InputError: if there is none.

    >>> theorem("4.7").title
    'Deciding whether a graph is a tree'
    """
    every = THEOREMS | NEIGHBOURS
    if number not in every:
        raise unknown("theorem", number, every)
    return every[number]


def parameters_of(name: str) -> tuple[str, ...]:
    """What a construction can be told beside its size, such as ``machine`` and ``cells``.

    Raises:
        InputError: if there is no construction of this name.

    >>> parameters_of("rnn/turing"), parameters_of("transformer/index")
    (('machine', 'cells'), ())
    """
    if name not in _MAKERS:
        raise unknown("construction", name, _MAKERS)
    return tuple(signature(_MAKERS[name]).parameters)


def construction(name: str, *, fresh: bool = False, **parameters: Any) -> Construction:
    """The construction of this name.

    Args:
        name: one of ``CONSTRUCTIONS`` or ``NEIGHBOURING``.
        fresh: build it anew; the same parameters give the same object otherwise.
        **parameters: such as ``c`` for c-gram retrieval, ``machine`` for ``*/turing`` and ``cells`` for
            ``rnn/turing``; None stands for the default.

    Raises:
        InputError: if there is no construction of this name, or it has no such parameter, or not of this value.

    >>> construction("transformer/c-gram", c=4).label
    'transformer/c-gram, c = 4'
    """
    given = {parameter: value for parameter, value in parameters.items() if value is not None}
    allowed = parameters_of(name)
    for parameter in given:
        if parameter not in allowed:
            having = [other for other in _MAKERS if parameter in parameters_of(other)]
            those = f"it is a parameter of {', '.join(having)}" if having else "no construction has it"
            raise InputError(f"{name} has no parameter {parameter!r}; {those}")
    make = _MAKERS[name]
    return getattr(make, "__wrapped__", make)(**given) if fresh else make(**given)


def variants(name: str) -> list[Construction]:
    """The constructions that a name stands for: c-gram with c from 2 to 5, machines of several kinds, or just one."""
    return [construction(name, **values) for values in _VARIANTS.get(name, ({},))]


__all__ = [
    "CONSTRUCTIONS",
    "CONTEXT_HOLDS",
    "EXAMPLES",
    "FAMILIES",
    "NEIGHBOURING",
    "NEIGHBOURS",
    "THEOREMS",
    "Claim",
    "Construction",
    "LogBound",
    "Quantity",
    "Reading",
    "RowReader",
    "StateCount",
    "TapeReader",
    "Theorem",
    "automaton",
    "claims_about",
    "claims_of",
    "construction",
    "in_n",
    "is_users",
    "parameters_of",
    "source_of",
    "theorem",
    "user_construction",
    "user_object",
    "users_code",
    "variants",
]
