"""How a wiring refuses: what was given, why it means nothing here, what to write instead, and on which line.

Operators that Python would answer on its own (``==``, ``and``, ``not``) are refused as well: their answer would be
about the Python objects that are being wired, not about the numbers that a model holds when it runs.
"""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from constructions.errors import ContractError

# Code that stands between the user's line and the refusal.
_BETWEEN = ("constructions.wiring", "constructions.rasp", "functools")


def refused(problem: str, remedy: str) -> ContractError:
    """The error that says what is wrong, what to write instead, and which line of the user's code asked for it."""
    return ContractError(f"{problem}; {remedy} ({users_line()})")


def users_line() -> str:
    """Where the code stands that called this package, such as ``mine.py, line 12``."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_BETWEEN):
        frame = frame.f_back
    return f"{_shown_file(frame.f_code.co_filename)}, line {frame.f_lineno}"


def _shown_file(path: str) -> str:
    """Relative to the working directory if it lies there; the cells of a notebook have no file."""
    if path.startswith("<"):
        return path
    if not os.path.isfile(path):
        return "this cell"
    here = os.getcwd() + os.sep
    return path.removeprefix(here)


def shown(thing: object) -> str:
    """How messages call something that was given."""
    label = getattr(thing, "label", None)
    if isinstance(label, str):
        return label
    if isinstance(thing, int | float | complex | str | None):
        text = repr(thing)
        return text if len(text) <= 40 else f"{text[:37]}..."
    if type(thing).__str__ is not object.__str__ and hasattr(thing, "as_constant"):
        return str(thing)  # a polynomial
    name = getattr(thing, "name", None)
    return f"{type(thing).__name__} {name!r}" if isinstance(name, str) else f"{thing!s:.40} ({type(thing).__name__})"


def refusing(sign: str, why: str, remedy: str) -> Callable[[object, object], NoReturn]:
    """A method for an operator that means nothing; ``{a}`` and ``{b}`` of the remedy are the operands."""

    def refuse(self: object, other: object) -> NoReturn:
        a, b = shown(self), shown(other)
        raise refused(f"`{a} {sign} {b}` {why}", remedy.format(a=a, b=b))

    return refuse


def refusing_reflected(sign: str, why: str, remedy: str) -> Callable[[object, object], NoReturn]:
    """A method for an operator that means nothing with the object on its right; see :func:`refusing`."""

    def refuse(self: object, other: object) -> NoReturn:
        a, b = shown(other), shown(self)
        raise refused(f"`{a} {sign} {b}` {why}", remedy.format(a=a, b=b))

    return refuse
