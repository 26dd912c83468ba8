"""The author's sentences with the names in braces replaced by what they stand for, as the live page does it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from constructions.vocabulary import number_of
from constructions.worked_examples._data import Block, Decision, FiredRule, HeadView

Sentences = Mapping[str, tuple[str, ...]]
"""By what they are about; see ``Blueprint.sentences``."""

_NAME = re.compile(r"\{(=?)([^{}]*)\}")
_NO_NODE = re.compile(
    r"position|^is | is |\.is |hit|^#|complete|stop|kind|edges|^ends|^has|^closes|walk|whole|^record\.node|asked node"
)
"""Coordinates of a graph's construction that hold no node: positions, flags, counts, numbers of nodes or edges."""

_MOST_LISTED = 8


class Labels(NamedTuple):
    """What tokens are called.

    Attributes:
        of: the labels of some tokens; the tokens themselves unless given.
        nodes: whether numbers may be nodes of a graph, and then are called by their labels.
    """

    of: Callable[[Iterable[str]], Sequence[str]] = list
    nodes: bool = False


AS_THEY_ARE = Labels()


class Speaker:
    """Fills in sentences at one position.

    Args:
        sentences: what the author says.
        tokens: the transcript, as the user calls them.
        position: where the sentences are about.
        held: the residual stream after the last layer, by coordinate.
        labels: what tokens are called.
    """

    def __init__(
        self,
        sentences: Sentences,
        tokens: Sequence[str],
        position: int,
        held: Mapping[str, Fraction],
        labels: Labels,
    ) -> None:
        self._sentences, self._tokens, self._position = sentences, tokens, position
        self._held, self._labels = held, labels

    def blocks(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """The blocks, with the question of each head and the answer to it filled in."""
        return tuple(replace(block, heads=tuple(map(self._head, block.heads))) for block in blocks)

    def reason(self, decision: Decision, rule: FiredRule | None, specials: Sequence[str]) -> str:
        """Why this token is written; empty if the author says nothing."""
        written = decision.token.text
        subjects = [] if rule is None else [f"rule {rule.number}"]
        subjects += [written, "a choice" if written in specials else "a number"]
        said = next((self._sentences[subject][0] for subject in subjects if subject in self._sentences), "")
        return self._filled(said, self._position, decision.token.label)

    def _head(self, head: HeadView) -> HeadView:
        if head.name not in self._sentences:
            return head
        asks, found, missed, when = self._sentences[head.name]
        if not self._asked(when):
            return head
        at = (head.matches or head.picks)[0].position
        answer = self._filled(found if head.matches else missed, at, "")
        if head.matches and len(head.picks) > 1:
            answer = f"At {_places([pick.position for pick in head.matches])}. {answer}"
        elif head.matches and "{at}" not in found:
            answer = f"{answer.removesuffix('.')}, at position {at}."
        return replace(head, asks=self._filled(asks, at, ""), answer=answer)

    def _asked(self, condition: str) -> bool:
        return all(map(self._holds, filter(None, condition.split(", "))))

    def _holds(self, term: str) -> bool:
        if term == "number":
            return number_of(self._tokens[self._position]) is not None
        return not self._held[term[4:]] if term.startswith("not ") else bool(self._held[term])

    def _filled(self, sentence: str, at: int, written: str) -> str:
        def value(found: re.Match[str]) -> str:
            bare, name = found.groups()
            if name in ("here", "there", "at", "written"):
                (here, there) = self._labels.of([self._tokens[self._position], self._tokens[at]])
                return {"here": here, "there": there, "at": str(at), "written": written}[name]
            held = self._held[name]
            if bare or not self._labels.nodes or _NO_NODE.search(name):
                return str(held)
            return "none" if not held else self._labels.of([str(held)])[0]

        return _NAME.sub(value, sentence)


def _places(positions: Sequence[int]) -> str:
    listed = ", ".join(map(str, positions[:_MOST_LISTED]))
    more = f" and {len(positions) - _MOST_LISTED} more" if len(positions) > _MOST_LISTED else ""
    return f"position{'s' if len(positions) > 1 else ''} {listed}{more}"
