"""The calls that made a construction, kept as data, and what they make when they are played again.

Every operation of a wiring, of its memory, of a head and of a table of rules leaves a :class:`Call`. The operands are
those that were given: values over the coordinates that earlier calls made. So a record can be edited, a call in it be
left out or given other operands, and be played on a new wiring, which proves its contracts as the first one did.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

from constructions.wiring._value import Value

_K = TypeVar("_K", bound=type)


@dataclass(eq=False, slots=True)
class Call:
    """One operation: of what, with which operands, what it gave, and the calls that it made itself."""

    owner: Any
    operation: str
    operands: tuple[Any, ...]
    options: Mapping[str, Any]
    result: Any = None
    inside: "Sequence[Call]" = ()


@dataclass(eq=False)
class Record:
    """The calls so far; while one of them runs, ``into`` collects those that it makes."""

    into: list[Call] = field(default_factory=list)


def recording(*operations: str) -> Callable[[_K], _K]:
    """A class whose methods and properties of these names leave a call in ``self.record``."""

    def record(kind: _K) -> _K:
        for name in operations:
            method: Any = vars(kind)[name]
            if isinstance(method, property):
                assert method.fget is not None  # noqa: S101  (every property is read)
                setattr(kind, name, property(_recorded(name, method.fget)))
            elif isinstance(method, cached_property):
                kept = cached_property(_recorded(name, method.func))
                kept.__set_name__(kind, name)
                setattr(kind, name, kept)
            else:
                setattr(kind, name, (_created if name == "__init__" else _recorded)(name, method))
        return kind

    return record


def _recorded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(owner: Any, *operands: Any, **options: Any) -> Any:
        record: Record = owner.record
        outer, inside = record.into, list[Call]()
        record.into = inside
        try:
            result = method(owner, *operands, **options)
        finally:
            record.into = outer
        if isinstance(result, Value) and any(result is given for given in operands):
            result = copy(result)  # so that what this call gave is told from what it was given
        outer.append(Call(owner, name, operands, options, result, inside))
        return result

    return call


def _created(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(owner: Any, *operands: Any, **options: Any) -> None:
        method(owner, *operands, **options)  # it has a record from now on
        owner.record.into.append(Call(owner, name, operands, options))

    return call


def replayed(calls: Sequence[Call], edited: Call | None = None, instead: Call | None = None) -> Any:
    """The wiring that these calls make, with one of them, or of those inside of them, edited.

    Args:
        calls: all calls of a construction, the making of its wiring first.
        edited: the one that is played as ``instead`` says; a call around it is played by the calls inside of it.
        instead: the same operation with other operands; None leaves it out.

    Raises:
        ContractError: if the wiring refuses an operation.
    """
    player = _Player(edited, instead)
    player.play(calls)
    return player.wiring


class _Player:
    def __init__(self, edited: Call | None, instead: Call | None) -> None:
        self._edited, self._instead = edited, instead
        self.wiring: Any = None
        self._made: dict[int, Any] = {}
        """What stands for a value, memory, head or table of rules of the record, by its identity."""

    def play(self, calls: Sequence[Call]) -> None:
        for call in calls:
            if call is self._edited:
                if self._instead is not None:
                    self._make(self._instead)
            elif self._around(call):
                self.play(call.inside)
            else:
                self._make(call)

    def _around(self, call: Call) -> bool:
        return any(other is self._edited or self._around(other) for other in call.inside)

    def _make(self, call: Call) -> None:
        operands, options = self._moved(call.operands), self._moved(dict(call.options))
        if call.operation == "__init__":
            made = self._made[id(call.owner)] = type(call.owner)(*operands, **options)
            if self.wiring is None:
                self.wiring, self._made[id(call.owner.memory)] = made, made.memory
        else:
            operation = getattr(self._moved(call.owner), call.operation)
            made = operation(*operands, **options) if callable(operation) else operation
            several = isinstance(call.result, tuple) and isinstance(made, tuple)
            for old, new in zip(call.result, made, strict=False) if several else ((call.result, made),):
                self._made[id(old)] = new

    def _moved(self, given: Any) -> Any:
        """The operand of the new wiring that stands for one of the first wiring."""
        if id(given) in self._made and given is not None:
            return self._made[id(given)]
        if isinstance(given, Value):
            return self._value(given)
        if isinstance(given, tuple | list):
            return type(given)(self._moved(item) for item in given)
        if isinstance(given, dict):
            return {self._moved(key): self._moved(item) for key, item in given.items()}
        return given

    def _value(self, value: Value) -> Value:
        """The value that the recorded arithmetic gives with the operands of the new wiring."""
        if value.made:
            operation, *operands = value.made
            found: Value = operation(*map(self._moved, operands))
            self._made[id(value)] = found
            return found
        if value.terms:
            raise ValueError(f"{value.label} was not made by a call that the record holds")
        return Value(self.wiring.domain, {}, value.constant)
