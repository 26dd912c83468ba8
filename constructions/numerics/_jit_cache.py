"""How inner loops are compiled by numba, where the machine code is kept, and the types of the arrays.

Compiled code is kept in a directory of the user, never in the package, which may be read-only. The directory's
name is a digest of the sources of all compiled loops: numba itself looks at the file of one function alone,
and would go on with old code after a change in a function that it calls from another file.
"""

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Function = TypeVar("Function", bound=Callable[..., object])


def cache_directory() -> Path:
    """Where compiled code is kept: in ``NUMBA_CACHE_DIR`` if it is set, else in the user's cache directory."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / _digest()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "retrieval-gap" / "compiled" / _digest()


@functools.cache
def _digest() -> str:
    package = Path(__file__).parent.parent
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted([*(package / "numerics").glob("*.py"), *(package / "engine").glob("*.py")]):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def _kept() -> bool:
    """Whether code can be kept; if no file can be written there, it is compiled anew in every process."""
    try:
        directory = cache_directory()
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except (OSError, RuntimeError):  # RuntimeError: there is no home directory
        return False


def compiled(function: Function) -> Function:
    """The function compiled when it is first called, and kept on disk for the next process."""
    if not _kept():
        return cast(Function, numba.njit(error_model="numpy", nogil=True)(function))
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_directory())  # read while the decorator runs, and only then
    try:
        return cast(Function, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
    finally:
        config.CACHE_DIR = before


def inlined(function: Function) -> Function:
    """The function as a part of the compiled ones that call it."""
    return cast(Function, numba.njit(inline="always", error_model="numpy")(function))
