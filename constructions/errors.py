"""The project's own exceptions.

Every message names what was given, what was expected, and where the expectation comes from.
"""

import difflib
from collections.abc import Iterable


class RetrievalGapError(Exception):
    """Base of all errors that this project raises on purpose."""


class InputError(RetrievalGapError):
    """What the user gave cannot be used: a bad token, an unreadable file, a parameter out of range."""


class ResourceError(InputError):
    """The request would need more memory, time or characters than it is allowed to take."""


class UsersCodeError(InputError):
    """Code in a user's file raised an exception, or gave what nobody can use; the message says where."""


class OutputError(RetrievalGapError):
    """What was found cannot be written, since there is no room for it."""


class ContractError(RetrievalGapError):
    """A gadget was asked for something that it cannot be proved to do exactly; building is refused."""


class AssumptionError(RetrievalGapError):
    """Something that a construction assumes does not hold on an input; the message names the line that assumes it."""


class ModelError(RetrievalGapError):
    """The matrices of a model do not fit together, or not the architecture that was named."""


class PrecisionError(RetrievalGapError):
    """A number system cannot hold a number that occurs, or cannot decide a comparison; nothing is guessed."""


def unknown(what: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a ``name`` that nothing has, with the one of the ``known`` that was probably meant.

    ``what`` is the word for such a thing.

    >>> print(unknown("task", "indx", ["index", "counting"]))
    no task is called 'indx'; did you mean 'index'? There are index, counting
    """
    names = list(known)
    meant = did_you_mean(name, names)
    return InputError(
        f"no {what} is called {name[:60]!r}; {meant}{'There' if meant else 'there'} are {', '.join(names)}"
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The question whether a known name was meant, with a blank behind it; nothing if none is near.

    >>> did_you_mean("promis", ["total", "promise"]), did_you_mean("x", ["total", "promise"])
    ("did you mean 'promise'? ", '')
    """
    close = difflib.get_close_matches(name[:100], list(known), n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun, in the singular or the plural.

    >>> counted(1, "input"), counted(1000, "input"), counted(0, "inequality", "inequalities")
    ('1 input', '1,000 inputs', '0 inequalities')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def in_words(number: int) -> str:
    """A number for a message: itself with separators, or its order of magnitude where nobody would read it.

    >>> in_words(1234567), in_words(7 * 10**30), in_words(-(10**40))
    ('1,234,567', 'more than 10^30', 'less than -10^40')
    """
    if abs(number) < 10**15:
        return f"{number:,}"
    # A lower bound of log10 by integers: 0.30102 is below log10 2.
    power = (abs(number).bit_length() - 1) * 30102 // 100000
    while power < 400 and 10 ** (power + 1) <= abs(number):
        power += 1
    return f"more than 10^{power}" if number > 0 else f"less than -10^{power}"


def words_of(error: BaseException) -> str:
    """The text of an exception; one of a user's file may raise where it is asked for.

    An attribute that is not there stands beside the one that was probably meant.
    """
    try:
        meant = ""
        if isinstance(error, AttributeError) and error.name:
            meant = did_you_mean(error.name, [name for name in dir(error.obj) if name[0] != "_"]).rstrip()
        return f"{error}; {meant}" if meant else str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as other:
        return f"(its text cannot be shown, for that raises {type(other).__name__})"


def shown(piece: object) -> str:
    """A piece of what was given, for a message, cut off if it is very long.

    >>> shown("abc"), shown("a" * 50)
    ("'abc'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'... (50 characters)")
    """
    text = str(piece)
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}... ({len(text)} characters)"
