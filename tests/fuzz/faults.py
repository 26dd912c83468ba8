"""What a target says when a reader did what it must not."""

from collections.abc import Callable
from typing import TypeVar

from constructions.errors import RetrievalGapError

Found = TypeVar("Found")


class Fault(AssertionError):  # noqa: N818
    """A reader accepted what it must not, or said something else than it must."""


def require(condition: bool, message: str) -> None:
    """Raise :class:`Fault` unless the condition holds."""
    if not condition:
        raise Fault(message)


def accepted(read: Callable[[], Found]) -> Found | None:
    """What a reader makes of its input; None if it refuses it, by an error of the project with a short message."""
    try:
        return read()
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return None
