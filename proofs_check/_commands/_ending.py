"""How the command line begins and ends: threads, errors in one line, exit codes.

Nothing of the project is imported before something goes wrong, so that help is quick.
"""

import atexit
import contextlib
import ctypes
import gc
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from proofs_check._commands._streams import abandon, abandon_output, flush_output, standard_output

ENDINGS = (
    (0, "VERIFIED", "or that the command did what was asked"),
    (1, "REFUTED, REJECTED", "a claim does not hold, a certificate or an answer is wrong; nothing else ends with 1"),
    (2, "MALFORMED", "bad input or wrong usage"),
    (3, "INCOMPLETE", "it could not be decided, no answer was written, or a machine did not halt within its steps"),
    (4, "", "code in a user's file raised an exception; its file and line are named"),
    (5, "", "what was found could not be written: a full disk, or standard output that is closed or full"),
    (70, "", "a fault of this program; RETRIEVAL_GAP_TRACEBACK=1 shows its traceback"),
    (130, "", "interrupted"),
    (141, "", "whoever read standard output stopped reading (a broken pipe)"),
)
"""Exit codes: the code, the verdicts that it stands for, and what it means. The page on the command line shows it."""

EXIT = {verdict: code for code, verdicts, _ in ENDINGS for verdict in verdicts.split(", ") if verdict}
"""Exit codes by verdict."""

BAD_INPUT, USERS_CODE, NOT_WRITTEN, OUR_FAULT, INTERRUPTED, BROKEN_PIPE = 2, 4, 5, 70, 130, 141


GRACE = 1.7
"""Seconds in which a command may end in its own way after Ctrl-C."""

_KEPT = {"MALLOC_TRIM_THRESHOLD_": (-1, 2**28), "MALLOC_MMAP_THRESHOLD_": (-3, 2**25)}
"""glibc's limits, in bytes, up to which memory that was freed is kept: by name, and by the number for ``mallopt``."""

LONGEST = 1500
"""The most characters of a message."""


def begun(arguments: Sequence[str] | None) -> list[str]:
    """The words of the command line, those of this process unless given; call it before NumPy is imported.

    BLAS is limited to one thread unless the user says otherwise: the products here are small, and on a busy machine
    threads that wait for each other make them many times slower. In a process of its own, unreachable cycles are
    looked for rarely, and not at its end: imports and constructions make many objects that last, and looking through
    them takes a quarter of a short command. Memory that was freed is kept for the next array.
    """
    for library in ("OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    if arguments is not None:
        return list(arguments)
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    _keep_memory()
    return sys.argv[1:]


def _keep_memory() -> None:
    """Arrays come and go by the thousand; given back, the system would clear each page of the next one anew.

    Processes that are started read the limits from the environment. Other libraries of C than glibc have none.
    """
    for name, (number, size) in _KEPT.items():
        if name not in os.environ:
            os.environ[name] = str(size)
            with contextlib.suppress(AttributeError, OSError, TypeError):
                ctypes.CDLL(None).mallopt(number, size)


def ended(work: Callable[[], int]) -> NoReturn:
    """Do the work and end with its exit code, or with the one of what went wrong.

    What was printed is flushed here: what Python does not get rid of at its own end has another exit code.
    """
    if sys.stderr is None:  # closed; Python would send what is meant for it to standard output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        fail("standard output is closed", NOT_WRITTEN)
    with standard_output(), _prompt_interrupts() as interrupted:
        try:
            code = work()
            flush_output()
        except KeyboardInterrupt:
            # Where the interrupt passed through exec, Python notes it and ends by the signal, whatever the exit code
            # is. Every exec begins by forgetting that note.
            exec("")  # noqa: S102
            fail("interrupted", INTERRUPTED)
        except BrokenPipeError:
            abandon_output()
            sys.exit(BROKEN_PIPE)
        except SystemExit:
            raise
        except BaseException as error:  # a user's file may raise anything
            if interrupted.is_set():  # a library lost the interrupt and failed over it
                fail("interrupted", INTERRUPTED)
            fail(*_told(error))
    sys.exit(code)


@contextlib.contextmanager
def _prompt_interrupts() -> Iterator[threading.Event]:
    """Ctrl-C ends a command within seconds, whatever it is doing; the event says that it came.

    Python answers a signal only between two of its own instructions. So a thread waits for the signal as well, and ends
    the process if nothing else did so in time.
    """
    came, over = threading.Event(), threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)

    def watch() -> None:
        while signals := os.read(heard, 64):
            if 0 in signals:  # said below: not every copy of the pipe's end need be closed with it
                return
            if signal.SIGINT not in signals:
                continue
            came.set()
            if not over.wait(GRACE):
                if "multiprocessing" in sys.modules:
                    for child in sys.modules["multiprocessing"].active_children():
                        child.kill()
                os.write(2, b"retrieval-gap: interrupted\n")
                os._exit(INTERRUPTED)

    def unraisable(what: "sys.UnraisableHookArgs") -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):  # one that a library lost is answered here
            hook(what)

    hook, sys.unraisablehook = sys.unraisablehook, unraisable
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield came
    finally:
        over.set()
        sys.unraisablehook = hook
        signal.set_wakeup_fd(before)
        os.write(told, b"\0")
        thread.join()
        os.close(told)
        os.close(heard)


def _told(error: BaseException) -> tuple[str, int]:
    """What is said about an exception, and the exit code. Every exception ends here, whatever it is."""
    from constructions.errors import OutputError, RetrievalGapError, UsersCodeError, words_of
    from proofs_check._atomic_write import no_room

    if isinstance(error, RetrievalGapError):
        codes = ((UsersCodeError, USERS_CODE), (OutputError, NOT_WRITTEN))
        return words_of(error), next((code for kind, code in codes if isinstance(error, kind)), BAD_INPUT)
    if isinstance(error, OSError) and no_room(error):
        return f"cannot write: {error.strerror}", NOT_WRITTEN
    if isinstance(error, MemoryError):
        return f"there is not enough memory for this: {words_of(error) or 'choose a smaller size'}", BAD_INPUT
    if isinstance(error, OverflowError):
        return f"a number is too large for this: {words_of(error)}", BAD_INPUT
    if os.environ.get("RETRIEVAL_GAP_TRACEBACK"):
        with contextlib.suppress(OSError, ValueError):
            traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {'/'.join(Path(frames[-1].filename).parts[-3:])}, line {frames[-1].lineno}" if frames else ""
    return (
        f"unexpected {type(error).__name__}{where}, a fault of this program: {words_of(error)} "
        "(RETRIEVAL_GAP_TRACEBACK=1 shows more)"
    ), OUR_FAULT


def wrong_usage(message: str, command: str) -> NoReturn:
    """The end of a command line that could not be understood; click's message, with the choice that may be meant."""
    from constructions.errors import did_you_mean

    found = re.search(r"(?<=: )('(.*)' is not one of ((?:'[^']*'(?:, )?)+))\.", message)
    if found is not None:
        meant = did_you_mean(found[2], re.findall(r"'([^']*)'", found[3]))
        message = message.replace(found[0], f"{found[1]}; {meant}".rstrip("; "))
    fail(f"{message} (see {command} --help)", BAD_INPUT)


def fail(message: str, code: int) -> NoReturn:
    """One line on standard error, and the end."""
    say(message)
    if sys.stdout is not None:
        try:
            flush_output()
        except (OSError, ValueError):
            abandon_output()
    sys.exit(code)


def say(message: str) -> None:
    """One line on standard error; whether it can be written changes nothing."""
    try:
        print(f"retrieval-gap: {_one_line(message)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        abandon(sys.stderr)


def _one_line(message: str) -> str:
    line = " ".join(message[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 4]} ..."
