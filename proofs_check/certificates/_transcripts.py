"""What a model wrote on many inputs: how much, and the digest of it all."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from constructions.architectures import Model
from constructions.engine import padded, run_many

_PROMPTS_AT_A_TIME = 2048


class TranscriptDigest:
    """The SHA-256 of a line "PROMPT -> WRITTEN" per input, in the order in which they are added.

    >>> digest = TranscriptDigest()
    >>> digest.add(["<s>", "2", "?", "1"], ["2"])
    >>> digest.count, digest.longest, digest.hexdigest()[:8]
    (1, 1, '3689f309')
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0
        self.longest = 0

    def add(self, prompt: Sequence[str], written: Sequence[str]) -> None:
        """Add one more input and what was written after it."""
        self._hash.update(f"{' '.join(prompt)} -> {' '.join(written)}\n".encode())
        self.count += 1
        self.longest = max(self.longest, len(written))

    def hexdigest(self) -> str:
        """The digest of all lines so far."""
        return self._hash.hexdigest()


def transcripts(
    model: Model, prompts: Iterable[Sequence[str]], *, most: int
) -> Iterator[tuple[Sequence[str], list[str]]]:
    """Each of the ``prompts`` with what the model writes after it, at most ``most`` tokens, in exact arithmetic."""
    waiting = iter(prompts)
    while chunk := list(islice(waiting, _PROMPTS_AT_A_TIME)):
        rows, lengths = padded([model.vocabulary.encode(prompt) for prompt in chunk])
        written = run_many(model, rows, lengths, most=most).tokens(model.vocabulary)
        yield from zip(chunk, map(list, written), strict=True)
