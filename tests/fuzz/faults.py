"""What a target says when a reader did what it must not."""


class Fault(AssertionError):  # noqa: N818
    """A reader accepted what it must not, or said something else than it must."""


def require(condition: bool, message: str) -> None:
    """Raise :class:`Fault` unless the condition holds."""
    if not condition:
        raise Fault(message)
