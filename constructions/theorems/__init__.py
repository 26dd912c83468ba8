"""One module per theorem: its statement, its constructions for all n, its claims."""

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from constructions.errors import InputError, unknown
from constructions.tasks import register
from constructions.theorems._statements import (
    CONTEXT_HOLDS,
    Claim,
    Construction,
    LogBound,
    Quantity,
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


def _files() -> list[ModuleType]:
    """The theorems' modules, ``_theorem_*.py`` beside this file: a theorem is added by adding its file."""
    found = sorted(module.name for module in iter_modules(__path__) if module.name.startswith("_theorem_"))
    return [import_module(f"{__name__}.{name}") for name in found]


def _place(item: tuple[str, Callable[..., Construction]]) -> int:
    family = item[0].partition("/")[0]
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


_FILES = _files()

for _task in (task for module in _FILES for task in getattr(module, "TASKS", ())):
    register(_task)

THEOREMS: dict[str, Theorem] = {module.THEOREM.number: module.THEOREM for module in _FILES}
"""The theorems by their numbers."""

CONSTRUCTIONS: dict[str, Callable[..., Construction]] = dict(
    sorted((item for module in _FILES for item in module.CONSTRUCTIONS.items()), key=_place)
)
"""What makes each construction, by its name; every parameter has a default."""

_VARIANTS: dict[str, Variants] = {
    name: variants for module in _FILES for name, variants in getattr(module, "VARIANTS", {}).items()
}


def parameters_of(name: str) -> tuple[str, ...]:
    """What a construction can be told beside its size, such as ``machine`` and ``cells``.

    Raises:
        InputError: if there is no construction of this name.

    >>> parameters_of("rnn/turing"), parameters_of("transformer/index")
    (('machine', 'cells'), ())
    """
    if name not in CONSTRUCTIONS:
        raise unknown("construction", name, CONSTRUCTIONS)
    return tuple(signature(CONSTRUCTIONS[name]).parameters)


def construction(name: str, *, fresh: bool = False, **parameters: Any) -> Construction:
    """The construction of this name.

    Args:
        name: one of ``CONSTRUCTIONS``.
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
            having = [other for other in CONSTRUCTIONS if parameter in parameters_of(other)]
            those = f"it is a parameter of {', '.join(having)}" if having else "no construction has it"
            raise InputError(f"{name} has no parameter {parameter!r}; {those}")
    make = CONSTRUCTIONS[name]
    return getattr(make, "__wrapped__", make)(**given) if fresh else make(**given)


def variants(name: str) -> list[Construction]:
    """The constructions that a name stands for: c-gram with c from 2 to 5, machines of several kinds, or just one."""
    return [construction(name, **values) for values in _VARIANTS.get(name, ({},))]


__all__ = [
    "CONSTRUCTIONS",
    "CONTEXT_HOLDS",
    "EXAMPLES",
    "FAMILIES",
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
    "claims_of",
    "construction",
    "in_n",
    "is_users",
    "parameters_of",
    "source_of",
    "user_construction",
    "user_object",
    "users_code",
    "variants",
]
