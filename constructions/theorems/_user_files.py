"""Constructions from a user's files: ``FILE.py:FACTORY`` names a function that returns one."""

import hashlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from constructions.errors import InputError, RetrievalGapError, UsersCodeError, did_you_mean, words_of
from constructions.theorems._statements import Construction


def is_users(name: str) -> bool:
    """Whether a name is that of a function in a file."""
    return ".py:" in name


@contextmanager
def users_code(reference: str | None) -> Iterator[None]:
    """A context for code of a user's file: what the code raises becomes an error that names its line.

    What it prints goes to standard error, since standard output is the command's alone. What is raised without a line
    of that file on the way is a fault of this program and stays what it is. ``reference`` is ``FILE.py:FACTORY``, or
    None if no user's file is involved.
    """
    if reference is None:
        yield
        return
    path = reference.rpartition(":")[0]
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (RetrievalGapError, KeyboardInterrupt):
        raise
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if _same(frame.filename, path)]
        if isinstance(error, SyntaxError) and _same(error.filename, path):
            lines.append(error.lineno)
        if not lines:
            raise
        raise UsersCodeError(f"{path}, line {lines[-1]}, raised {type(error).__name__}: {words_of(error)}") from error


def _same(one: str | None, other: str) -> bool:
    """Whether two names are of one file."""
    return bool(one and other) and os.path.abspath(str(one)) == os.path.abspath(other)


def user_object(reference: str) -> Callable[..., object]:
    """The function ``FACTORY`` of ``FILE.py:FACTORY``; executes the file.

    Raises:
        InputError: if there is no such file, or no such function in it.
    """
    path, _, name = reference.rpartition(":")
    if not path.endswith(".py") or not name.isidentifier():
        raise InputError(f"{reference!r} does not name a function in a file; expected FILE.py:FACTORY")
    if not os.path.isfile(path):  # False too for a name that the system does not take, such as one too long
        raise InputError(f"{path}: no such file (from {reference!r})")
    spec = importlib.util.spec_from_file_location("_user_construction", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    with users_code(reference):
        spec.loader.exec_module(module)
    factory = getattr(module, name, None)
    if not callable(factory):
        functions = sorted(
            k for k, v in vars(module).items() if getattr(v, "__module__", "") == spec.name and callable(v)
        )
        there = f"it has {', '.join(functions)}" if functions else "it has none"
        raise InputError(f"{path} defines no function {name!r}; {did_you_mean(name, functions)}{there}")
    return factory  # type: ignore[no-any-return]


def user_construction(reference: str) -> Construction:
    """The construction that a user's function returns; for the ``reference`` see :func:`user_object`.

    Raises:
        InputError: if it returns anything else.
    """
    factory = user_object(reference)
    with users_code(reference):
        made = factory()
    if not isinstance(made, Construction):
        raise InputError(f"{reference} returned {type(made).__name__}; expected a constructions.Construction")
    return made


def source_of(name: str) -> str | None:
    """The digest of the file from which a construction comes; None for those of this package."""
    if not is_users(name):
        return None
    return hashlib.sha256(Path(name.rpartition(":")[0]).read_bytes()).hexdigest()
