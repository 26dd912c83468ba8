"""How the command line begins and ends: threads, errors in one line, exit codes.

Nothing of the project is imported before something goes wrong, so that help is quick.
"""

import contextlib
import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn, TextIO

ENDINGS = (
    (0, "VERIFIED", "or that the command did what was asked"),
    (1, "REFUTED, REJECTED", "a claim does not hold, a certificate or an answer is wrong; nothing else ends with 1"),
    (2, "MALFORMED", "bad input or wrong usage"),
    (3, "INCOMPLETE", "it could not be decided, no answer was written, or a machine did not halt within its steps"),
    (4, "", "code in a user's file raised an exception; its file and line are named"),
    (5, "", "what was found could not be written: a full disk, or standard output that is closed or full"),
    (6, "", "standard output has an encoding that cannot print it (PYTHONIOENCODING=utf-8 can)"),
    (70, "", "a fault of this program, with a traceback"),
    (130, "", "interrupted"),
    (141, "", "whoever read standard output stopped reading (a broken pipe)"),
)
"""Exit codes: the code, the verdicts that it stands for, and what it means. The page on the command line shows it."""

EXIT = {verdict: code for code, verdicts, _ in ENDINGS for verdict in verdicts.split(", ") if verdict}
"""Exit codes by verdict."""

BAD_INPUT, USERS_CODE, NOT_WRITTEN, ENCODING, OUR_FAULT, INTERRUPTED, BROKEN_PIPE = 2, 4, 5, 6, 70, 130, 141


LONGEST = 1500
"""The most characters of a message."""


def one_thread_for_blas() -> None:
    """Unless the user says otherwise; call it before NumPy is imported.

    The products here are small. On a busy machine threads that wait for each other make them many times slower.
    """
    for library in ("OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def ended(work: Callable[[], int]) -> NoReturn:
    """Do the work and end with its exit code, or with the one of what went wrong.

    What was printed is flushed here: what Python does not get rid of at its own end has another exit code.
    """
    if sys.stderr is None:  # closed; Python would send what is meant for it to standard output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        fail("standard output is closed", NOT_WRITTEN)
    try:
        code = work()
        sys.stdout.flush()
    except KeyboardInterrupt:
        # Where the interrupt passed through exec, Python notes it and ends by the signal, whatever the exit code is.
        # Every exec begins by forgetting that note.
        exec("")  # noqa: S102
        fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _abandon(sys.stdout)
        sys.exit(BROKEN_PIPE)
    except SystemExit:
        raise
    except BaseException as error:  # a user's file may raise anything
        fail(*_told(error))
    sys.exit(code)


def _told(error: BaseException) -> tuple[str, int]:
    """What is said about an exception, and the exit code."""
    from constructions.errors import OutputError, RetrievalGapError, UsersCodeError
    from proofs_check._atomic_write import no_room

    if isinstance(error, RetrievalGapError):
        codes = ((UsersCodeError, USERS_CODE), (OutputError, NOT_WRITTEN))
        return str(error), next((code for kind, code in codes if isinstance(error, kind)), BAD_INPUT)
    if isinstance(error, OSError) and no_room(error):
        return f"cannot write: {error.strerror}", NOT_WRITTEN
    if isinstance(error, UnicodeEncodeError) and error.encoding == _codec(sys.stdout):
        sign = ascii(error.object[error.start : error.start + 1])
        encoding = f"standard output has the encoding {sys.stdout.encoding}"
        return f"{encoding}, which cannot print {sign}; with PYTHONIOENCODING=utf-8 it can", ENCODING
    with contextlib.suppress(OSError, ValueError):
        traceback.print_exception(error)
    return f"unexpected {type(error).__name__}, a fault of this program: {error}", OUR_FAULT


def _codec(stream: TextIO) -> str | None:
    """The encoding of a stream as the error of an attempt to print calls it."""
    try:
        "\udcff".encode(stream.encoding)
    except UnicodeEncodeError as error:
        return error.encoding
    except (LookupError, TypeError):
        return None
    return None


def fail(message: str, code: int) -> NoReturn:
    """One line on standard error, and the end."""
    say(message)
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except (OSError, ValueError):
            _abandon(sys.stdout)
    sys.exit(code)


def _abandon(stream: TextIO) -> None:
    """Whatever is left to be written goes nowhere, so that the end of Python does not fail on it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def say(message: str) -> None:
    """One line on standard error; whether it can be written changes nothing."""
    try:
        print(f"retrieval-gap: {_one_line(message)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _abandon(sys.stderr)


def _one_line(message: str) -> str:
    line = " ".join(message[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 4]} ..."
