"""How inner loops are compiled by numba, where the machine code is kept, and the types of the arrays.

Compiled code is kept in a directory of the user, never in the package, which may be read-only. The directory's
name is a digest of the sources of all compiled loops: numba itself looks at the file of one function alone,
and would go on with old code after a change in a function that it calls from another file.

Where numba cannot be imported, functions run as the Python that they are, with NumPy's numbers, which are those of the
compiled code; exact runs are left to the plain evaluator. The results are the same, and one line says why it is slow.
"""

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from multiprocessing.process import current_process
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NOTED = "RETRIEVAL_GAP_NOTED"
"""Set in the environment, which the processes that are started inherit, once a note was printed."""


def _note(what: str) -> None:
    """One line on standard error, once for a command with all its processes: the first worker speaks for the others."""
    speaks = current_process().name.endswith(("MainProcess", "Process-1"))
    if speaks and sys.stderr is not None and _NOTED not in os.environ:
        os.environ[_NOTED] = "1"
        with contextlib.suppress(OSError, ValueError):
            print(f"retrieval-gap: {' '.join(what.split())[:500]}", file=sys.stderr)


numba: Any
try:
    import numba
except Exception as error:  # also OSError where LLVM does not load, AttributeError beside a NumPy that is too new
    numba = None
    _note(f"numba cannot be imported, so that some runs are slow ({type(error).__name__}: {error})")

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: there each process compiles for itself
    fcntl = None

COMPILES = numba is not None
"""Whether there is a compiler."""

_LONGEST_WAIT = 60
"""Seconds to wait for another process, which may have been stopped; it takes twenty to compile the largest loop."""

_MODELS_KEPT = 64
"""Loops made for one model that are kept; the oldest go first."""

Function = TypeVar("Function", bound=Callable[..., object])
Arrays = TypeVar("Arrays", bound="NDArray[Any] | tuple[Any, ...]")


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
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else "~/.cache"  # a relative one must be ignored, says its specification
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
    if not COMPILES:
        return _interpreted(function)
    if not _kept():
        return cast(Function, numba.njit(error_model="numpy", nogil=True)(function))
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_directory())  # read while the decorator runs, and only then
    try:
        dispatcher: Any = numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    finally:
        config.CACHE_DIR = before
    dispatcher._cache = _Forgiving(dispatcher._cache)
    turn = cache_directory() / f"{dispatcher._cache._impl.filename_base}.turn"
    if fcntl is not None:
        dispatcher.compile = _in_turn(dispatcher.compile, turn)
    return cast(Function, dispatcher)


def _in_turn(function: Function, turn: Path) -> Function:
    """The function, which one process runs at a time: others that need the same code wait, and find it kept.

    What a compiled function calls is compiled during its turn, and no call leads back, so none waits in a circle.
    """

    @functools.wraps(function)
    def run(*arguments: Any) -> object:
        with numba.core.compiler_lock.global_compiler_lock, contextlib.ExitStack() as held:
            with contextlib.suppress(OSError):  # no file can be made, or none of this file system is locked
                file = held.enter_context(turn.open("ab"))
                end = time.monotonic() + _LONGEST_WAIT
                while not _locked(file.fileno()) and time.monotonic() < end:
                    time.sleep(0.02)
            return function(*arguments)

    return cast(Function, run)


def _locked(file: int) -> bool:
    """Whether this process has its turn, until it closes the file or ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _interpreted(function: Function) -> Function:
    """The function in Python; NumPy's numbers overflow in silence then, as compiled ones do."""

    @functools.wraps(function)
    def run(*arguments: object) -> object:
        with np.errstate(all="ignore"):
            return function(*arguments)

    return cast(Function, run)


class _Forgiving:
    """numba's files for one function: what is damaged is compiled anew and replaced, what cannot be written is not.

    numba asks where a source lies and when it was written. The directory's name says what it holds, so copies of the
    package, such as clones and environments, share one compilation.
    """

    def __init__(self, cache: Any) -> None:
        from numba.core.caching import IndexDataCacheFile

        self._cache = cache
        path, implementation = str(cache_directory() / "loops"), cache._impl
        implementation.locator._cache_path = cache._cache_path = path
        make: Any = IndexDataCacheFile
        cache._cache_file = make(path, implementation.filename_base, _digest())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def load_overload(self, *arguments: Any) -> Any:
        """The compiled code, None if there is none that can be read."""
        try:
            return self._cache.load_overload(*arguments)
        except Exception as error:  # whatever unpickling damaged bytes raises
            _note(f"kept compiled code in {cache_directory()} is damaged and made anew ({type(error).__name__})")
            with contextlib.suppress(OSError):
                self._cache.flush()
            return None

    def save_overload(self, *arguments: Any) -> None:
        """Keep compiled code, if there is room."""
        try:
            self._cache.save_overload(*arguments)
        except Exception as error:  # a full disk, or a damaged index
            _note(f"kept compiled code in {cache_directory()} is not extended ({error})")


def compiled_source(source: str, name: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    """The function that a source defines, compiled, and kept on disk by the source's digest.

    Args:
        source: straight-line code made of integers and of ``names``; nothing that a user wrote.
        name: of the function.
        names: what the source refers to.
    """
    path = cache_directory() / "models" / f"m{hashlib.sha256(source.encode()).hexdigest()[:24]}.py"
    there = _kept() and _written(path, source)
    found = {"__name__": __name__, **names}  # numba imports the module again when it reads what it kept
    exec(compile(source, str(path) if there else "<a model's weights>", "exec"), found)  # noqa: S102
    if there:
        return cast(Callable[..., Any], compiled(found[name]))
    return cast(Callable[..., Any], numba.njit(error_model="numpy", nogil=True)(found[name]))


def _written(path: Path, source: str) -> bool:
    """Whether the source is in the file by which numba knows its code; the oldest of many are removed."""
    try:
        if path.exists() and path.read_text(encoding="utf-8") == source:
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in sorted(path.parent.glob("m*.py"), key=lambda file: file.stat().st_mtime)[:-_MODELS_KEPT]:
            for file in [*cache_directory().rglob(f"{old.stem}.*")]:
                file.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as made:
            made.write(source)
        Path(made.name).replace(path)
    except OSError:
        return False
    return True


def inlined(function: Function) -> Function:
    """The function as a part of the compiled ones that call it."""
    if not COMPILES:
        return function
    return cast(Function, numba.njit(forceinline=True, error_model="numpy", nogil=True)(function))


def uncounted(arrays: Arrays) -> Arrays:
    """An array, or a tuple of arrays, without counts of references: every view costs two atomic operations otherwise.

    Only in a compiled function whose caller keeps the arrays.
    """
    return arrays


def _stripped(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Compiled: the same pointers, shapes and strides, and no owner."""
    if isinstance(kind, numba.types.BaseTuple):
        parts = [_stripped(context, builder, part, builder.extract_value(value, i)) for i, part in enumerate(kind)]
        return context.make_tuple(builder, kind, parts)
    if not isinstance(kind, numba.types.Array):
        return value
    view = context.make_array(kind)(context, builder, value=value)
    view.meminfo = view.meminfo.type(None)
    return view._getvalue()


def _without_count(_context: Any, arrays: Any) -> tuple[Any, Any]:
    return arrays(arrays), lambda context, builder, _, given: _stripped(context, builder, arrays, given[0])


if COMPILES:
    uncounted = numba.extending.intrinsic(_without_count)
