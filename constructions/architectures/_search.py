"""In-context RAG: a model writes a regular expression, and a runtime searches what stands before it.

Every token is one character, so that the context is a string; the characters lie above ASCII and cannot
be confused with the signs of a regular expression. Between ``opening`` and ``closing`` the model writes

* *fragments*, special tokens of the search language that stand for a piece of a regular expression. In a
  fragment a token between backquotes stands for that token's character: ``[^`?`]*`` is anything up to ``?``;
* any other token, which stands for its own character; but
* a number that follows a fragment which ends with ``{`` is a repeat count, in decimal; such a number must
  follow, and after it a fragment that begins with ``}`` or ``,``.

The runtime searches the context before the opening (never the search's own text) for the leftmost match, and
appends what the matching group with the highest number captured, token by token; or the token ``failed``
if nothing matches, no group took part, or the capture is empty. A malformed expression fails as well, with a
diagnostic. This is Definition 5.1 of the paper; the search language and these rules are this project's own.
"""

import functools
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from constructions.errors import ModelError
from constructions.vocabulary import Vocabulary

_FIRST = 0x100
_SURROGATES = range(0xD800, 0xE000)

MOST_CHARACTERS = 0x110000 - _FIRST - len(_SURROGATES)
"""So many tokens a vocabulary can have, as each needs a character of its own: 1,111,808."""

_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Search:
    """The search language of a model: ``fragments`` are pairs (token, piece of a regular expression)."""

    fragments: tuple[tuple[str, str], ...]
    opening: str = "<search>"
    closing: str = "</search>"
    failed: str = "FAILED"

    @classmethod
    def of(cls, *texts: str) -> "Search":
        """A language of fragments, each called like its text without backquotes.

        A fragment that is another token alone gets a backslash before its name, since names must differ.

        >>> Search.of("(", "[^`?`]*", "`~`").fragments
        (('(', '('), ('[^?]*', '[^`?`]*'), ('\\\\~', '`~`'))
        """
        names = (f"\\{found[1]}" if (found := _QUOTED.fullmatch(text)) else text.replace("`", "") for text in texts)
        return cls(tuple(zip(names, texts, strict=True)))

    @property
    def tokens(self) -> tuple[str, ...]:
        """All special tokens that searching needs."""
        return (self.opening, self.closing, self.failed, *(token for token, _ in self.fragments))

    def check(self, vocabulary: Vocabulary) -> None:
        """Raise ModelError unless the vocabulary has these tokens, and a character for each of its own."""
        missing = [token for token in self.tokens if token not in vocabulary.specials]
        quoted = [name for _, text in self.fragments for name in _QUOTED.findall(text)]
        missing += [name for name in quoted if name not in vocabulary.specials]
        if missing:
            name = missing[0] if len(missing[0]) <= 60 else f"{missing[0][:57]}..."  # it may come from a file
            raise ModelError(f"the search language needs the special token {name!r}, which the vocabulary lacks")
        if len(vocabulary) > MOST_CHARACTERS:
            raise ModelError(
                f"a vocabulary of {len(vocabulary):,} tokens cannot be searched: each token is one character, and "
                f"there are {MOST_CHARACTERS:,} Unicode characters above ASCII and Latin-1"
            )


class Answer(NamedTuple):
    """What a search yields: the ids to append, and what was wrong with the search, if something was."""

    ids: list[int]
    diagnostic: str | None = None


class Searcher:
    """Runs the searches of one model."""

    def __init__(self, search: Search, vocabulary: Vocabulary) -> None:
        search.check(vocabulary)
        self._vocabulary = vocabulary
        self.opening, self.closing, self.failed = vocabulary.encode((search.opening, search.closing, search.failed))
        self._fragments = {
            vocabulary.id_of(token): _QUOTED.sub(lambda found: character(vocabulary.id_of(found[1])), text)
            for token, text in search.fragments
        }

    def pattern(self, ids: Sequence[int]) -> str:
        """The regular expression that these tokens write.

        Raises:
            ValueError: if a repeat count is missing, negative or not closed. Python's ``re`` takes a brace that
                encloses no count for a character, which no context has: the mistake would look like a miss.
        """
        parts: list[str] = []
        counting = closing = False
        for identifier in ids:
            fragment = self._fragments.get(identifier)
            if counting:
                parts.append(self._count(identifier))
            elif closing and not (fragment or "").startswith(("}", ",")):
                raise ValueError(f"the repeat count {parts[-1]} is not followed by }} or ,")
            else:
                parts.append(character(identifier) if fragment is None else fragment)
            counting, closing = not counting and (fragment or "").endswith("{"), counting
        if counting or closing:
            raise ValueError("the expression ends inside a repeat count")
        return "".join(parts)

    def form(self, ids: Sequence[int]) -> tuple[int, ...]:
        """What these tokens share with other searches: their fragments, and -1 for each other token."""
        fragments = self._fragments
        return tuple([identifier if identifier in fragments else -1 for identifier in ids])

    def differing(self, ids: Sequence[int]) -> dict[int, int]:
        """The places in the pattern of the tokens that are no fragments, and their places here.

        This holds up to the first repeat count, which may take several digits.
        """
        found, place = dict[int, int](), 0
        for number, identifier in enumerate(ids):
            fragment = self._fragments.get(identifier)
            if fragment is None:
                found[place] = number
            place += 1 if fragment is None else len(fragment)
        return found

    def _count(self, identifier: int) -> str:
        """A repeat count in decimal."""
        count = self._vocabulary.low + identifier - self._vocabulary.first_number_id
        if identifier < self._vocabulary.first_number_id:
            token = self._vocabulary.token_of(identifier)
            raise ValueError(f"{{ is followed by {token}; expected a number, which is the repeat count")
        if count < 0:
            raise ValueError(f"the repeat count {count} is negative")
        return str(count)

    def _in_tokens(self, message: str) -> str:
        """A message with tokens in the place of their characters."""
        return re.sub("[^\\x00-\\xff]", lambda found: self._vocabulary.token_of(identifier_of(found[0])), message)

    def opened_at(self, context: Sequence[int]) -> int | None:
        """Where the search was opened that the last token closes; None if it was not."""
        ends = (self.opening, self.closing)
        start = next((place for place in range(len(context) - 2, -1, -1) if context[place] in ends), None)
        return None if start is None or context[start] == self.closing else start

    def answer(self, context: Sequence[int]) -> Answer:
        """What the runtime appends to a context that ends with the closing token."""
        start = self.opened_at(context)
        if start is None:
            return Answer([self.failed], "a search was closed that had not been opened")
        try:
            expression = _expression(self, tuple(context[start + 1 : -1]))
        except (re.error, ValueError, OverflowError, RecursionError, FutureWarning) as error:
            return Answer([self.failed], f"malformed search: {self._in_tokens(str(error))}")
        found = expression.search(text_of(context[:start]))
        captured = "" if found is None else next((group for group in reversed(found.groups()) if group), "")
        return Answer([identifier_of(sign) for sign in captured] or [self.failed])


@functools.lru_cache(maxsize=1 << 12)
def _expression(searcher: Searcher, ids: tuple[int, ...]) -> re.Pattern[str]:
    """What a search searches for; what Python may read in another way one day (``[[``) is refused."""
    pattern = searcher.pattern(ids)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        return re.compile(pattern)


@functools.lru_cache(maxsize=1 << 16)
def character(identifier: int) -> str:
    """The character of a token, from its id.

    >>> character(0), identifier_of(character(70_000))
    ('Ā', 70000)
    """
    code = _FIRST + identifier
    return chr(code if code < _SURROGATES.start else code + len(_SURROGATES))


def identifier_of(sign: str) -> int:
    """The id of the token with this character."""
    code = ord(sign)
    return (code if code < _SURROGATES.start else code - len(_SURROGATES)) - _FIRST


def text_of(ids: Sequence[int] | NDArray[np.int64]) -> str:
    """A context as a string, one character a token."""
    if len(ids) < 64:
        return "".join(map(character, ids))
    codes = np.asarray(ids, dtype=np.int64) + _FIRST
    codes = np.where(codes < _SURROGATES.start, codes, codes + len(_SURROGATES))
    return codes.astype("<u4").tobytes().decode("utf-32-le")
