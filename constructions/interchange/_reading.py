"""Strict reading of untrusted files: bounded memory, and one clear line for whatever is wrong."""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from constructions.errors import InputError, ResourceError

LARGEST_FILE = 2**28
"""Files up to this many bytes are read, 256 MiB."""

MOST_NAMES = 2**16
"""So many names a list may have: coordinates, units, special tokens."""

MOST_ENTRIES = 2**24
"""So many entries all matrices of a model may have together, zeros included."""

MOST_BITS = 4096
"""An exact number has at most so many binary digits above and below the line."""


def read_file(path: str | Path, most: int = LARGEST_FILE) -> bytes:
    """The bytes of a regular file, which is never waited for.

    Raises:
        InputError: if it cannot be read, is no regular file, or is one, like /proc/kmsg, that has nothing to read yet.
        ResourceError: if it is larger than ``most`` bytes.
    """
    try:
        found = Path(path).stat()
        if not stat.S_ISREG(found.st_mode):  # before it is opened, which waits for somebody who writes a pipe
            raise InputError(f"cannot read {path}: it is no regular file")
        data: bytes | None = b""
        if found.st_size <= most:
            with open(path, "rb", opener=_opened) as file:
                data = file.read(most + 1)  # a file of /proc is larger than it says
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:  # a null character in the path
        raise InputError(f"cannot read {str(path)!r}: {error}") from error
    if data is None:
        raise InputError(f"cannot read {path}: nothing is there to be read now, and it is not waited for")
    if max(found.st_size, len(data)) > most:
        raise ResourceError(f"{path} has more than {most:,} bytes; at most so many are read")
    return data


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def shown(value: object) -> str:
    """A value for a message: short, on one line."""
    try:
        text = repr(value)
    except ValueError:  # an integer with more digits than Python converts
        return f"{type(value).__name__} of great length"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {shown(repeated)} is given twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def read_json(data: bytes, what: str) -> Any:
    """A JSON document in UTF-8, no key twice, no NaN.

    Raises:
        InputError: if it is none.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} is no JSON document that can be read: {str(error)[:200]}") from error


def fields(value: object, names: Sequence[str], where: str) -> Mapping[str, Any]:
    """An object with exactly these keys."""
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected an object with {', '.join(names)}; got {shown(value)}")
    for name in value:
        if name not in names:
            raise InputError(f"{where}: unknown key {shown(name)}; expected {', '.join(names)}")
    for name in names:
        if name not in value:
            raise InputError(f"{where}: the key {name!r} is missing")
    return value


def items(value: object, where: str, most: int = MOST_NAMES) -> list[Any]:
    """A list that is not too long."""
    if not isinstance(value, list):
        raise InputError(f"{where}: expected a list; got {shown(value)}")
    if len(value) > most:
        raise ResourceError(f"{where}: {len(value):,} elements; at most {most:,} are read")
    return value


def string(value: object, where: str) -> str:
    """A string of ordinary length that UTF-8 can hold."""
    if not isinstance(value, str) or len(value) > 10_000:
        raise InputError(f"{where}: expected a string of at most 10,000 characters; got {shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{where}: {shown(value)} holds half a character") from error
    return value


def strings(value: object, where: str) -> tuple[str, ...]:
    """A list of strings."""
    return tuple(string(element, where) for element in items(value, where))


def integer(value: object, where: str) -> int:
    """An integer with at most ``MOST_BITS`` binary digits."""
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > MOST_BITS:
        raise InputError(f"{where}: expected an integer of at most {MOST_BITS} bits; got {shown(value)}")
    return value
