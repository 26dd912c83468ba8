"""Limits on one input: processor time and memory. What takes more is a fault, as a crash is."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SECONDS = 2.0
"""Processor time for one input to a reader."""

MEMORY = 256 * 2**20
"""Bytes of address space beyond what the process has when a reader gets its first input."""


class TooSlow(BaseException):
    """An input took more processor time than one may; not an Exception, so that no reader swallows it."""


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Raise :class:`TooSlow` in the block after so much processor time of this process."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def limit_memory(more: int = MEMORY) -> None:
    """From now on this process gets at most so many further bytes; then MemoryError is raised."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, hard))
