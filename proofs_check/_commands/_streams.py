"""Standard output and standard error: terminals of any width, any encoding, and one JSON document apart from the rest.

Needs nothing of the project, so that help is quick.
"""

import contextlib
import io
import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, TextIO

WIDEST = 100
"""Lines that are written anew on a terminal have fewer columns than this, however wide it is."""

_documents: list[TextIO] = []
"""Where the one JSON document goes, while a command runs that was asked for one; else nothing."""


def columns(stream: TextIO, otherwise: int = WIDEST) -> int:
    """How many columns the terminal has that a stream leads to; the environment may say so instead."""
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        found = 0
    given = os.environ.get("COLUMNS", "")
    return found or (int(given) if given.isdecimal() and 0 < len(given) < 6 and int(given) else otherwise)


def line_width() -> int:
    """The columns that a line of progress may fill: not the last one, where some terminals go to the next line."""
    return max(1, min(WIDEST, columns(sys.stderr)) - 1)


class _Fitted(io.TextIOBase):
    """A stream to a terminal on which lines that are too long are broken at blanks."""

    def __init__(self, stream: TextIO, width: int) -> None:
        self._stream, self._width, self._rest = stream, width, ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._stream.write(fitted(line, self._width) + "\n")
        return len(text)

    def flush(self) -> None:
        self._stream.write(self._rest)
        self._rest = ""
        self._stream.flush()


def fitted(line: str, width: int) -> str:
    """A line as lines of at most so many columns; those after the first are indented by two more.

    >>> print(fitted("  a bc def ghij", 9))
      a bc
        def
        ghij
    """
    if len(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip())][: width // 2] + "  "
    return "\n".join(
        textwrap.wrap(
            line,
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        or [line]
    )


def _is_utf(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-").startswith("utf")


@contextlib.contextmanager
def standard_output() -> Iterator[None]:
    """While a command runs: lines fit the terminal, and signs that the encoding lacks are written as escapes."""
    before = sys.stdout
    errors = getattr(before, "errors", None)
    changed = not _is_utf(before) and errors == "strict" and hasattr(before, "reconfigure")
    if changed:
        before.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if before.isatty():
        sys.stdout = _Fitted(before, columns(before))
    try:
        yield
    finally:
        sys.stdout = before
        for document in _documents:
            if document is not before:
                with contextlib.suppress(OSError, ValueError):
                    os.dup2(document.fileno(), before.fileno())
                with contextlib.suppress(OSError, ValueError):
                    document.close()
        _documents.clear()
        if changed:
            with contextlib.suppress(OSError, ValueError):
                before.reconfigure(errors=errors)  # type: ignore[union-attr]


def one_document() -> None:
    """From now on standard output is for :func:`documents` alone: what anything else prints goes to standard error.

    That holds for what is printed in Python, and where standard output is a file of the system also for what libraries
    and other processes print.
    """
    if _documents:
        return
    real = sys.stdout
    real.flush()
    try:
        kept = os.dup(real.fileno())
    except (OSError, ValueError, AttributeError):
        _documents.append(real)
    else:
        _documents.append(open(kept, "w", encoding=real.encoding, errors=real.errors))  # noqa: SIM115
        elsewhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(sys.stderr.fileno(), real.fileno())
        except (OSError, ValueError, AttributeError):
            os.dup2(elsewhere, real.fileno())
        finally:
            os.close(elsewhere)
    sys.stdout = sys.stderr


def documents() -> tuple[TextIO, bool]:
    """Where a JSON document is written, and whether it must be written in ASCII."""
    stream = _documents[0] if _documents else sys.stdout
    return stream, not _is_utf(stream)


def write_page(text: str) -> None:
    """Write a page, which says itself that it is UTF-8, to standard output, whatever the encoding of texts is there."""
    stream = getattr(sys.stdout, "buffer", None)
    if _is_utf(sys.stdout) or stream is None:
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        stream.write(text.encode("utf-8"))


def flush_output() -> None:
    """Write what is still buffered."""
    sys.stdout.flush()
    for document in _documents:
        document.flush()


def abandon_output() -> None:
    """Discard what is left to be written to standard output, so that the end of Python does not fail on it."""
    for stream in (sys.stdout, *_documents):
        abandon(stream)


def abandon(stream: TextIO) -> None:
    """Discard what is left to be written to a stream."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
