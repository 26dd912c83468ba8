"""Keys of states of unknown type: equal keys, equal states (as far as can be seen from outside)."""

import dataclasses
import hashlib
import struct
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

_DEEPEST = 300


class NoKeyError(Exception):
    """The state holds something whose equality cannot be read off."""


def state_key(state: object) -> bytes:
    """A digest of the contents of a state: numbers bit by bit, arrays, containers, attributes of objects.

    States with different keys may still behave alike, and what an object hides (a generator, a file) has
    no key. So a key decides nothing: it only says which two prefixes are worth running again.

    Raises:
        NoKeyError: if some part has no key.

    >>> state_key([1, {"a": np.zeros(2)}]) == state_key([1, {"a": np.zeros(2)}])
    True
    >>> state_key(0.0) == state_key(-0.0)
    False
    """
    try:
        return _digest(state, 0)
    except RecursionError:
        raise NoKeyError("nested too deep") from None


def _digest(value: Any, depth: int) -> bytes:
    if depth > _DEEPEST:
        raise NoKeyError(f"nested more than {_DEEPEST} deep")
    kind = type(value)
    parts: list[bytes]
    if value is None or (isinstance(value, int | str | Fraction | complex) and not isinstance(value, Enum)):
        parts = [repr(value).encode("utf-8", "surrogatepass")]
    elif isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.hasobject:
            parts = [repr(array.shape).encode(), _digest(array.tolist(), depth + 1)]
        else:
            parts = [repr((array.shape, array.dtype.str)).encode(), array.tobytes()]
    elif isinstance(value, float):
        parts = [struct.pack(">d", value)]
    elif isinstance(value, bytes | bytearray):
        parts = [bytes(value)]
    elif isinstance(value, Sequence):
        parts = [_digest(item, depth + 1) for item in value]
    elif isinstance(value, Mapping):
        parts = sorted(_digest(key, depth + 1) + _digest(item, depth + 1) for key, item in value.items())
    elif isinstance(value, Set):
        parts = sorted(_digest(item, depth + 1) for item in value)
    else:
        parts = _of_object(value, depth)
    result = hashlib.blake2b(f"{kind.__module__}.{kind.__qualname__} {len(parts)}".encode(), digest_size=16)
    for part in parts:
        result.update(len(part).to_bytes(8, "big") + part)
    return result.digest()


def _of_object(value: Any, depth: int) -> list[bytes]:
    if isinstance(value, Enum):
        return [value.name.encode()]
    if callable(getattr(value, "getstate", None)):  # a generator of random numbers
        return [_digest(value.getstate(), depth + 1)]
    if callable(getattr(value, "detach", None)):  # a tensor of PyTorch
        return [_digest(np.asarray(value.detach().cpu()), depth + 1)]
    if dataclasses.is_dataclass(value):
        return [_digest([getattr(value, field.name) for field in dataclasses.fields(value)], depth + 1)]
    if not callable(value) and hasattr(value, "__dict__"):
        return [_digest(vars(value), depth + 1)]
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    if slots and not callable(value):
        return [_digest({name: getattr(value, name, None) for name in slots}, depth + 1)]
    raise NoKeyError(f"a {type(value).__name__} has no key")
