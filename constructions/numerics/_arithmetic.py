"""What a number system must offer so that the architectures can run in it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from constructions.numerics._matrix import Matrix

if TYPE_CHECKING:
    from constructions.numerics._scan import Selection

Array = TypeVar("Array")


@dataclass(frozen=True)
class Segment(Generic[Array]):
    """Consecutive positions that attention may look at.

    ``key`` and ``value`` have shape (..., positions, features); ``first`` is the absolute position of
    the first of them. The leading axes must broadcast against those of the query, axis by axis.
    Later positions are appended to a segment unless it is not ``joinable``, because many continuations
    share it.
    """

    key: Array
    value: Array
    first: int
    length: int
    joinable: bool = True


class Arithmetic(ABC, Generic[Array]):
    """A number system: how a layer's few operations are carried out.

    Activations are opaque arrays of shape (..., features) in a type of the number system's own.
    Every operation states its order of evaluation, so that a result is a definition and not an
    accident of a library.
    """

    name: str

    @abstractmethod
    def lift(self, values: NDArray[Any], denominator: int, bounds: Sequence[int]) -> Array:
        """The integers ``values``, of shape (..., features), int64 or object, over one denominator, as activations.

        ``bounds[f]`` is promised to be at least the magnitude of every entry of feature f.
        """

    @abstractmethod
    def linear(self, matrix: Matrix, x: Array) -> Array:
        """``matrix @ x`` along the last axis: (..., columns) -> (..., rows)."""

    @abstractmethod
    def add(self, x: Array, y: Array) -> Array:
        """Elementwise sum of equal shapes."""

    @abstractmethod
    def gated(self, gate: Array, value: Array) -> Array:
        """``max(gate, 0) * value``, elementwise."""

    @abstractmethod
    def attend(self, query: Array, segments: Sequence[Segment[Array]], slope: int, first: int) -> Array:
        """Causal attention: (..., queries, features) -> (..., queries, values).

        Keys and values come in ``segments``, one after the other. The query in row i stands at position ``first + i``
        and sees keys at positions up to its own.
        Its score for the key at position j is ``query . key + slope * j``; a bias ``slope * (j - i)``
        differs from that by a constant of the row, which changes neither arg max nor softmax.
        """

    @abstractmethod
    def argmax(self, logits: Array) -> NDArray[np.int64]:
        """Index of the largest entry of the last axis, the first of them if several are equal."""

    def largest(self, matrix: Matrix, x: Array) -> NDArray[np.int64]:
        """The rows of ``matrix @ x`` that are largest, the first of them: (..., columns) -> (...)."""
        return self.argmax(self.linear(matrix, x))

    @abstractmethod
    def take(self, x: Array, start: int, stop: int) -> Array:
        """Positions ``start`` to ``stop`` (excluded) of the second last axis of ``x``."""

    @abstractmethod
    def rows(self, x: Array, index: NDArray[np.int64]) -> Array:
        """The entries ``index`` of the first axis (the batch)."""

    @abstractmethod
    def shared(self, x: Array) -> Array:
        """A new axis of length 1 before positions and features, to broadcast over continuations."""

    @abstractmethod
    def concatenate(self, parts: Sequence[Array]) -> Array:
        """Join along the second last axis (positions); the other axes are equal."""

    def scan(
        self,
        transition: Matrix,
        inputs: Array,
        length: int,
        state: Array | None,
        selection: "Selection[Array] | None" = None,
    ) -> Array:
        """The states of a linear recurrence at every position, in order; see :mod:`constructions.numerics._scan`.

        ``inputs`` has as many positions as ``length`` says, or one that stands for all; the ``state`` before the first
        position is 0 unless given, and each is ``transition`` times the one before, plus the input, plus what the units
        of a ``selection`` add.
        """
        from constructions.numerics._scan import scan_in_order

        return scan_in_order(self, transition, inputs, length, state, selection)

    def held(self, state: Array) -> Array:
        """Called on each state of a recurrence that is computed position by position."""
        return self.settle(state)

    def settle(self, x: Array) -> Array:
        """Called on what heads compare and read, and after each layer; a number system may normalise here."""
        return x
