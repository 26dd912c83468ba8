"""Shared by several commands: objects from options, user files, output."""

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructions.errors import InputError, did_you_mean
from constructions.numerics import FORMATS, Arithmetic, Exact

if TYPE_CHECKING:
    from constructions.machines import Machine
    from constructions.theorems import Construction
from proofs_check._atomic_write import cannot_write
from proofs_check._commands._ending import say
from proofs_check._commands._progress import write_anew
from proofs_check._commands._streams import documents

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}

_LARGEST_INPUT = 64 * 2**20


def parse_memory(text: str) -> int:
    """Bytes from ``500MB``, ``2GiB`` or a plain number."""
    match = re.fullmatch(r"([0-9]{1,15})\s*([A-Za-z]*)", text.strip())
    if not match or match[2].upper() not in _UNITS:
        raise InputError(f"--memory {text!r} is not an amount of memory; expected for example 500MB or 2GiB")
    return int(match[1]) * _UNITS[match[2].upper()]


def parse_arithmetic(text: str) -> Arithmetic[Any]:
    """The number system of this name, such as ``exact``, ``float:8``, ``fixed:20.12@9`` or ``bfloat16``.

    After ``@`` stands the inverse temperature of the softmax, a decimal or a fraction; without one, attention is
    hard. Integers and decimals are read as they are written, not rounded to a float.

    Raises:
        InputError: saying what was expected.
    """
    name, at, temperature = text.partition("@")
    if at and not re.fullmatch(_TEMPERATURE, temperature):
        raise InputError(
            f"{temperature!r} in --arithmetic {text!r} is no inverse temperature; expected a positive number after @, "
            "such as float:8@6.93"
        )
    kind, colon, size = name.partition(":")
    b = temperature if at else None
    if name == "exact":
        if at:
            raise InputError("exact arithmetic has no softmax, so no @; use ball:B@b for a softmax that is enclosed")
        return Exact()
    if name in FORMATS:
        from constructions.numerics import Float

        return Float(FORMATS[name], b)
    if kind in ("float", "ball") and re.fullmatch("[0-9]{1,7}", size):
        from constructions.numerics import Ball, Float

        return Float(int(size), b) if kind == "float" else Ball(int(size), b)
    if kind == "fixed" and (parts := re.fullmatch(r"([0-9]{1,3})\.([0-9]{1,3})", size)):
        from constructions.numerics import Fixed

        return Fixed(int(parts[1]), int(parts[2]), b)
    if kind in _SIZES and colon:
        raise InputError(
            f"--arithmetic {text!r}: after {kind}: expected {_SIZES[kind]} (or exact, which needs no number)"
        )
    near = did_you_mean(kind, ("exact", *FORMATS, *_SIZES))
    raise InputError(
        f"unknown number system {text[:60]!r} for --arithmetic; {near}expected exact, float:P, fixed:I.F, ball:B, "
        "bfloat16, float16 or float32, all but the first with @b for a softmax at inverse temperature b"
    )


_TEMPERATURE = r"[0-9]{1,15}(\.[0-9]{1,30}|/[0-9]{1,15})?"

_SIZES = {
    "float": "the bits of the significand, such as float:8",
    "ball": "the bits of the working precision, such as ball:128",
    "fixed": "the bits before the point, the sign included, and after it, such as fixed:20.12",
}


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    stream, ascii_only = documents()
    stream.write(json.dumps(document, ensure_ascii=ascii_only, indent=2) + "\n")


def make_directory(directory: Path) -> None:
    """Create a directory, if it is not there, and see that files can be made in it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(f"cannot make the directory {directory}", error) from error
    try:
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        raise cannot_write(f"cannot write into the directory {directory}", error) from error


def input_text(text: str) -> str:
    """An input as given, or the contents of the file that ``@FILE`` names."""
    if not text.startswith("@"):
        return text
    from constructions.interchange import read_file

    path = Path(text[1:])
    try:
        return io.StringIO(read_file(path, _LARGEST_INPUT).decode("utf-8"), newline=None).read()
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}: {error}") from error


def chosen_construction(
    name: str | None, user_file: str | None, *, machine: str | None = None, **parameters: Any
) -> "Construction":
    """The construction that a command line names, or that a user's file gives.

    Args:
        name: what stands where a name is expected.
        user_file: the option ``--construction``.
        machine: the option ``--machine``, a text or @FILE.
        **parameters: other options that say which construction it is; None where they are not given.

    Raises:
        InputError: if there is none, or an option has no meaning for it.
    """
    from constructions.gallery import PREFIX, from_gallery
    from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, construction, parameters_of, user_construction

    given = {option: value for option, value in {**parameters, "machine": machine}.items() if value is not None}
    if user_file is not None:
        beside = [f"the name {name!r}"] * bool(name) + [f"--{option} {value}" for option, value in given.items()]
        if beside:
            raise InputError(f"--construction brings its own model, so {beside[0]} has no place beside it")
        return user_construction(user_file)
    if not name:
        raise InputError("the name of a construction is missing (see list), or --construction FILE.py:FACTORY")
    of_gallery = name.startswith(PREFIX)
    for option in given:
        if of_gallery or option not in parameters_of(name):
            those = ", ".join(other for other in CONSTRUCTIONS | NEIGHBOURING if option in parameters_of(other))
            raise InputError(f"--{option} is for {those}, not for {name}")
    if of_gallery:
        return from_gallery(name)
    if machine is None:
        return construction(name, **parameters)
    return construction(name, machine=machine_of(machine), **parameters)


def refuse(why: str, **options: object) -> None:
    """Refuse options that would do nothing: those whose value is neither None nor False.

    Raises:
        InputError: naming the first of them, and why.
    """
    given = next(((name, value) for name, value in options.items() if value is not None and value is not False), None)
    if given is not None:
        name, value = given
        shown = "" if value is True else f" {value}"
        raise InputError(f"--{name.replace('_', '-')}{shown[:60]} {why}")


def machine_of(given: str, word: str = "") -> "Machine":
    """The machine of the option ``--machine``: a text, ``@FILE``, or ``@FILE:LINE`` of a file with a machine a line.

    ``word`` is what it will run on.
    """
    from constructions.machines import read_machine

    chosen = re.fullmatch(r"(@.*):([0-9]{1,9})", given, re.DOTALL)
    if chosen is not None and not os.path.exists(given[1:]):
        return read_machine(input_text(chosen[1]), word=word, line=int(chosen[2]), say=say)
    return read_machine(input_text(given), word=word, say=say)


def shows_progress() -> bool:
    """Whether standard error is a terminal that can write a line anew; one that is called ``dumb`` cannot."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def progress_on_terminal() -> Callable[[str, int, int], None] | None:
    """A progress line on standard error, if that is a terminal."""
    if not shows_progress():
        return None

    def show(what: str, done: int, total: int) -> None:
        write_anew(f"{what}: {done} of {total}")

    return show


def clear_progress() -> None:
    """Remove the progress line."""
    if shows_progress():
        write_anew("")
