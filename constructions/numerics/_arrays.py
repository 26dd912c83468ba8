"""What number systems whose activations are plain NumPy arrays have in common."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.numerics._arithmetic import Arithmetic, Segment

AnyArray = NDArray[Any]


class OnArrays(Arithmetic[AnyArray]):
    """Activations are arrays of shape (..., features), one entry a number."""

    def take(self, x: AnyArray, start: int, stop: int) -> AnyArray:
        """Positions ``start`` to ``stop`` (excluded)."""
        return x[..., start:stop, :]

    def rows(self, x: AnyArray, index: NDArray[np.int64]) -> AnyArray:
        """The entries ``index`` of the first axis."""
        picked: AnyArray = x[index]
        return picked

    def shared(self, x: AnyArray) -> AnyArray:
        """A new axis of length 1 before positions and features."""
        return x[..., None, :, :]

    def concatenate(self, parts: Sequence[AnyArray]) -> AnyArray:
        """Join along positions."""
        return np.concatenate(list(parts), axis=-2)


def stacked(x: AnyArray) -> AnyArray:
    """The leading axes as one, in memory order: (arrays, positions, features)."""
    return np.ascontiguousarray(x).reshape(math.prod(x.shape[:-2]), *x.shape[-2:])


def pairing(query: AnyArray, other: AnyArray) -> tuple[tuple[int, ...], NDArray[np.int64]]:
    """The leading axes of both, broadcast, and for each place there the two places in the stacked arrays."""
    leads = query.shape[:-2], other.shape[:-2]
    lead = np.broadcast_shapes(*leads)
    places = [np.broadcast_to(np.arange(math.prod(one)).reshape(one), lead).ravel() for one in leads]
    return lead, np.stack(places, axis=-1).astype(np.int64)


def visible(segment: Segment[AnyArray], first: int, queries: int) -> NDArray[np.bool_] | None:
    """Which keys each query sees, shape (queries, keys); None if all see all."""
    if segment.first + segment.length - 1 <= first:
        return None
    there = segment.first + np.arange(segment.length)
    seen: NDArray[np.bool_] = there[None, :] <= first + np.arange(queries)[:, None]
    return seen
