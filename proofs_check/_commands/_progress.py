"""Lines about work in progress, on standard error."""

import sys
import time
from collections.abc import Callable

from proofs_check._commands._streams import line_width

_SECONDS_BETWEEN_LINES = 0.1

_SECONDS_BETWEEN_PLAIN_LINES = 10.0


def plain_progress(clock: Callable[[], float] = time.monotonic) -> Callable[[str, int, int], None]:
    """Lines for a log, where no line can be written anew: none in the first ten seconds, then one in ten at most.

    >>> moments = iter([0.0, 4.0, 11.0, 12.0, 30.0])
    >>> say = plain_progress(lambda: next(moments))
    >>> import contextlib
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     for done in range(1, 5):
    ...         say("parts of the evidence", done, 4)
    parts of the evidence: 2 of 4
    parts of the evidence: 4 of 4
    """
    last = clock()

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        now = clock()
        if now - last >= _SECONDS_BETWEEN_PLAIN_LINES:
            last = now
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)

    return show


def write_anew(line: str) -> None:
    """Write a line over the one that stands there, on a terminal of any width."""
    width = line_width()
    sys.stderr.write(f"\r{line[:width]:<{width}}\r")
    sys.stderr.flush()


class TokenProgress:
    """A line on standard error about the tokens read and written so far.

    Args:
        prompt: how many tokens are read.
        most: how many are written at most.
        before: what the line begins with.
        clock: seconds from some fixed moment on.
    """

    def __init__(self, prompt: int, most: int, before: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._prompt, self._most, self._before, self._clock = prompt, most, before, clock
        self._shown = clock()  # what is done before a first line is due needs none
        self._first: tuple[int, float] | None = None

    def __call__(self, done: int) -> None:
        """Say that this many tokens of prompt and transcript together are done."""
        now = self._clock()
        if done >= self._prompt and self._first is None:
            self._first = (done, now)  # reading is faster than writing, so that writing is timed alone
        if now - self._shown < _SECONDS_BETWEEN_LINES:
            return
        self._shown = now
        write_anew(self._before + self.line(done, now))

    def line(self, done: int, now: float) -> str:
        """The words for so many tokens at this time."""
        if done < self._prompt:
            return f"{done:,} of {self._prompt:,} tokens read"
        written = done - self._prompt
        words = f"{written:,} of at most {self._most:,} tokens written"
        since, began = self._first or (done, now)
        if done == since or now <= began:
            return words
        rate = (done - since) / (now - began)
        left = max(0, self._most - written) / rate
        return f"{words}, {rate:,.0f} tokens/s, at most {left:,.0f} s left"
