"""Wording shared by the messages of this package."""


def shown(token: object) -> str:
    """A token for a message, cut off if it is very long.

    >>> shown("abc"), shown("a" * 50)
    ("'abc'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'... (50 characters)")
    """
    text = str(token)
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}... ({len(text)} characters)"
