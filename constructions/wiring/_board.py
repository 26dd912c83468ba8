"""The protocol by which heads, gates, the memory and the layout see the wiring that they belong to."""

from dataclasses import dataclass
from typing import Any, Protocol

from constructions.wiring._polynomial import Domain, Polynomial
from constructions.wiring._record import Record
from constructions.wiring._value import Coordinate, Operand, Value


@dataclass(frozen=True)
class Feature:
    """What an embedding coordinate is: polynomials of the number and the position, values of special tokens."""

    number: tuple[int, int, int] = (0, 0, 0)
    position: tuple[int, int] = (0, 0)
    specials: frozenset[tuple[str, Polynomial]] = frozenset()


class Board(Protocol):
    """A wiring, as its parts see it; see :class:`._wiring.Wiring` for what each member is."""

    name: str
    specials: tuple[str, ...]
    numbers: tuple[Polynomial, Polynomial]
    context: Polynomial
    domain: Domain
    recency_scale: Polynomial
    logit_scale: Polynomial
    recurrent: bool
    record: Record
    features: dict[Coordinate, Feature]
    lines: dict[str, str]
    assumed: list[str]
    assumptions: list[Any]

    @property
    def zero(self) -> Value: ...
    @property
    def one(self) -> Value: ...
    @property
    def start(self) -> Value: ...
    @property
    def position(self) -> Value: ...
    @property
    def is_number(self) -> Value: ...
    @property
    def code(self) -> Value: ...
    @property
    def least_number(self) -> Polynomial: ...

    def value_of(self, coordinate: Coordinate) -> Value: ...

    def constant(self, value: Polynomial | int) -> Value: ...

    def is_token(self, *specials: str) -> Value: ...

    def code_of(self, special: str) -> Polynomial: ...

    def square(self, value: Operand) -> Value: ...

    def equal(self, u: Operand, v: Operand = 0, name: str | None = None) -> Value: ...

    def at_least(self, u: Operand, v: Operand, name: str | None = None) -> Value: ...

    def clamp(self, value: Operand, low: Polynomial | int, high: Polynomial | int, name: str) -> Value: ...

    def _keep(self, gadget: Any) -> Any: ...
