"""Tokens: a few special ones with a name, and a range of integers.

A token's *id* is its row in the embedding table: the special tokens come first, in the order in
which they were declared, then the numbers in increasing order. Only the number of special tokens is
constant; the range of numbers grows with the size n, and everything that depends on it is a fixed
polynomial in the number (see :mod:`constructions.architectures`).

>>> vocabulary = Vocabulary(specials=("<s>", "?", "NONE"), low=0, high=9)
>>> vocabulary.encode(["<s>", "3", "1", "?", "3"])
[0, 6, 4, 1, 6]
>>> vocabulary.decode([0, 6, 2])
['<s>', '3', 'NONE']
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from constructions.errors import InputError, shown

_MOST_LISTED = 4096

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")


def number_of(token: str) -> int | None:
    """The integer that ``token`` writes in plain decimal (at most 18 digits), or None.

    >>> number_of("12"), number_of("-3"), number_of("007"), number_of("x")
    (12, -3, None, None)
    """
    return int(token) if _NUMBER.match(token) and token != "-0" else None


@dataclass(frozen=True)
class Vocabulary:
    """Special tokens and the integers ``low .. high`` (both included; empty if ``high < low``)."""

    specials: tuple[str, ...]
    low: int
    high: int

    def __post_init__(self) -> None:
        if len(set(self.specials)) != len(self.specials):
            raise InputError(f"special tokens {self.specials} repeat; each needs a row of its own")
        for special in self.specials:
            if not special or number_of(special) is not None or any(c.isspace() for c in special):
                raise InputError(f"special token {special!r} must be non-empty, without space, and no number")

    @cached_property
    def _tokens(self) -> list[str]:
        """All tokens by id, where they are few enough to be listed."""
        listed = min(len(self), _MOST_LISTED)
        return [self._written(identifier) for identifier in range(listed)]

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: identifier for identifier, token in enumerate(self._tokens)}

    def _written(self, identifier: int) -> str:
        if identifier < len(self.specials):
            return self.specials[identifier]
        return str(identifier - len(self.specials) + self.low)

    def __len__(self) -> int:
        return len(self.specials) + max(0, self.high - self.low + 1)

    @property
    def first_number_id(self) -> int:
        """The id of the number ``low``."""
        return len(self.specials)

    def id_of(self, token: str) -> int:
        """The id of ``token``.

        Raises:
            InputError: if the token is neither special nor a number of the range.
        """
        known = self._ids.get(token)
        if known is not None:
            return known
        number = number_of(token)
        if number is None:
            raise InputError(
                f"token {shown(token)} is not in the vocabulary: expected an integer from {self.low} to "
                f"{self.high} or one of {' '.join(self.specials)}"
            )
        return self.number_id(number)

    def number_id(self, number: int) -> int:
        """The id of the token that writes ``number``; InputError if there is none."""
        if not self.low <= number <= self.high:
            raise InputError(
                f"number {number} is not in the vocabulary, which holds the integers {self.low} to {self.high}"
            )
        return len(self.specials) + number - self.low

    def token_of(self, identifier: int) -> str:
        """The token with this id; InputError if there is none."""
        if 0 <= identifier < len(self._tokens):
            return self._tokens[identifier]
        if not 0 <= identifier < len(self):
            raise InputError(f"token id {identifier} is outside 0 .. {len(self) - 1}")
        return self._written(identifier)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Ids of a sequence of tokens; the error names the offending token."""
        known = self._ids
        return [known[token] if token in known else self.id_of(token) for token in tokens]

    def decode(self, ids: Sequence[int]) -> list[str]:
        """Tokens of a sequence of ids."""
        known = self._tokens
        return [known[i] if 0 <= i < len(known) else self.token_of(int(i)) for i in ids]
