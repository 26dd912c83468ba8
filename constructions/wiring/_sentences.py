"""What the author of a construction says of it, for people: what each head asks, and why a token is written.

A sentence is about a head (three sentences: its question, the answer where something matches, the answer where
nothing does), about a special token, ``a number`` or ``a choice`` that is written, or about a rule of a table. It may
name coordinates in braces: ``{next node}`` stands for what the coordinate holds at this position, as a token of the
user's where it is one, and ``{=position}`` for the bare number. Further names are ``{here}``, the token that is read
here; ``{at}`` and ``{there}``, the position that the head picks and its token; ``{written}``, what is written.

Where a head's question makes sense is told by a condition: ``number`` (a number is read here), the name of a coordinate
that is not 0 here, or ``not`` and the name of one that is 0; several are joined by commas, and all must hold.
"""

import re
from collections.abc import Collection, Mapping
from functools import cached_property

from constructions.wiring._record import recording
from constructions.wiring._refusal import refused

NUMBER, CHOICE = "a number", "a choice"
"""What a sentence is about that tells why a number, or one of several tokens, is written."""

WORDS = ("here", "at", "there", "written")
"""Names that stand for no coordinate."""

_NAME = re.compile(r"\{=?([^{}]*)\}")

_NUMBER_READ = "number"


@recording("say")
class Spoken:
    """What a construction in the making has of sentences."""

    @cached_property
    def sentences(self) -> dict[str, tuple[str, ...]]:
        """The sentences so far, by what they are about."""
        return {}

    def say(self, subject: str, *sentences: str, when: str = "") -> None:
        """What readers are told of a head (three sentences) or of what is written (one); see this module's docstring.

        ``when`` says where the question of a head makes sense; everywhere unless given.
        """
        self.sentences[subject] = sentences if len(sentences) == 1 else (*sentences, when)


def check_sentences(
    construction: str,
    sentences: Mapping[str, tuple[str, ...]],
    heads: Collection[str],
    others: Collection[str],
    coordinates: Collection[str],
) -> None:
    """Refuse sentences about nothing, of a wrong number, or with names in braces that stand for nothing.

    Raises:
        ContractError: naming the sentence and what it could be about.
    """
    for subject, parts in sentences.items():
        if subject not in heads and subject not in others:
            known = ", ".join((*heads, *others))
            raise refused(f"{construction}: a sentence is about {subject!r}", f"expected one of {known}")
        expected = 4 if subject in heads else 1
        if len(parts) != expected:
            raise refused(
                f"{construction}: {len(parts)} sentences about {subject!r}",
                "expected "
                + ("3: what it asks, the answer if something matches, and if nothing does" if expected == 4 else "1"),
            )
        if expected == 4:
            _check_condition(construction, subject, parts[3], coordinates)
        unknown = next((n for part in parts[:3] for n in _NAME.findall(part) if n not in (*WORDS, *coordinates)), None)
        if unknown is not None:
            raise refused(
                f"{construction}: a sentence about {subject!r} names {{{unknown}}}, which is no coordinate",
                f"in braces stand {', '.join(WORDS)}, or coordinates",
            )


def _check_condition(construction: str, subject: str, condition: str, coordinates: Collection[str]) -> None:
    for term in filter(None, condition.split(", ")):
        if term != _NUMBER_READ and term.removeprefix("not ") not in coordinates:
            raise refused(
                f"{construction}: the question of {subject!r} makes sense where {term!r}, which is no coordinate",
                "name coordinates, with 'not' before them or without",
            )
