"""What several commands need: options to objects, user files, output."""

import importlib.util
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from constructions.errors import InputError, RetrievalGapError
from constructions.numerics import Arithmetic, Exact
from constructions.theorems import Construction

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}

_LARGEST_INPUT = 64 * 2**20


def parse_memory(text: str) -> int:
    """Bytes from ``500MB``, ``2GiB`` or a plain number."""
    match = re.fullmatch(r"([0-9]{1,15})\s*([A-Za-z]*)", text.strip())
    if not match or match[2].upper() not in _UNITS:
        raise InputError(f"--memory {text!r} is not an amount of memory; expected for example 500MB or 2GiB")
    return int(match[1]) * _UNITS[match[2].upper()]


def parse_arithmetic(text: str) -> Arithmetic[Any]:
    """The number system of this name."""
    if text == "exact":
        return Exact()
    raise InputError(f"unknown number system {text!r} for --arithmetic; expected exact")


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        InputError: if it cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def make_directory(directory: Path) -> None:
    """Create a directory, if it is not there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the directory {directory}: {error.strerror}") from error


def input_text(text: str) -> str:
    """An input as given, or the contents of the file that ``@FILE`` names."""
    if not text.startswith("@"):
        return text
    path = Path(text[1:])
    try:
        if path.stat().st_size > _LARGEST_INPUT:
            raise InputError(f"{path}: more than {_LARGEST_INPUT:,} bytes; inputs are smaller")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error


def user_object(reference: str) -> Callable[..., object]:
    """The function ``FACTORY`` of ``FILE.py:FACTORY``; executes the file."""
    path, _, name = reference.rpartition(":")
    if not path.endswith(".py") or not name.isidentifier():
        raise InputError(f"{reference!r} does not name a function in a file; expected FILE.py:FACTORY")
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file (from {reference!r})")
    spec = importlib.util.spec_from_file_location("_user_construction", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except RetrievalGapError:
        raise
    except Exception as error:
        raise InputError(f"{path} raised {type(error).__name__} when it was loaded: {error}") from error
    factory = getattr(module, name, None)
    if not callable(factory):
        raise InputError(f"{path} defines no function {name!r}")
    return factory  # type: ignore[no-any-return]


def user_construction(reference: str) -> Construction:
    """The construction that a user's function returns."""
    factory = user_object(reference)
    try:
        made = factory()
    except RetrievalGapError:
        raise
    except Exception as error:
        raise InputError(f"{reference} raised {type(error).__name__}: {error}") from error
    if not isinstance(made, Construction):
        raise InputError(f"{reference} returned {type(made).__name__}; expected a constructions.Construction")
    return made


def progress_on_terminal() -> Callable[[str, int, int], None] | None:
    """A progress line on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        return None

    def show(what: str, done: int, total: int) -> None:
        line = f"{what}: {done} of {total}"
        sys.stderr.write(f"\r{line[:99]:<99}\r")
        sys.stderr.flush()

    return show


def clear_progress() -> None:
    """Remove the progress line."""
    if sys.stderr.isatty():
        sys.stderr.write("\r" + " " * 99 + "\r")
        sys.stderr.flush()
