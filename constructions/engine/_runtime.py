"""The runtime of a decoding: it answers the searches that the model writes, and knows when the decoding ends."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from constructions.architectures import Answer, Model, Searcher
from constructions.engine._search_index import SearchIndex

_LONG_CONTEXT = 300
"""In shorter contexts a search takes less time than looking after an index."""


class Step(NamedTuple):
    """What follows a token that a model wrote: ids to append before it writes again, and whether it is done."""

    appended: list[int]
    ended: bool


class Runtime:
    """Follows one transcript.

    Decoding ends with the first of the model's answers; for a model without a list of answers, with
    the first token that is written outside of a search.
    """

    def __init__(self, model: Model, prompt: Sequence[int]) -> None:
        self.diagnostics: list[str] = []
        """What was wrong with searches, in their order."""
        self._answers, self._searcher = model.answer_ids, model.searcher
        # Four bytes are enough: a vocabulary that is searched has fewer tokens than there are Unicode characters.
        self._context = array("i", () if model.search is None else prompt)
        self._index: SearchIndex | None = None
        self.inside = False

    @property
    def context(self) -> "array[int]":
        """Prompt and transcript of a model that searches; nothing for others, whose context nobody reads again."""
        return self._context

    @property
    def bytes(self) -> int:
        """How much memory the context and the index of the searches take."""
        return 9 * self._context.itemsize * len(self._context) // 8 + (self._index.bytes if self._index else 0)

    @property
    def stops(self) -> frozenset[int]:
        """The tokens after which :meth:`after` must be asked; others only need to be noted."""
        if self._searcher is None:
            return self._answers or frozenset()
        if self._answers is None:  # outside of a search any token is the answer
            return frozenset((self._searcher.opening, self._searcher.closing))
        return self._answers | {self._searcher.closing}

    def note(self, ids: Sequence[int]) -> None:
        """The model wrote these tokens, none of which is one of :attr:`stops`."""
        if self._searcher is not None:
            self._context.extend(ids)
            self.inside = self.inside or self._searcher.opening in ids

    def after(self, identifier: int) -> Step:
        """What follows a token that the model has just written."""
        searcher = self._searcher
        if searcher is None:
            return Step([], self._answers is None or identifier in self._answers)
        self._context.append(identifier)
        if identifier == searcher.closing:
            found = self._indexed(searcher) or searcher.answer(self._context)
            if found.diagnostic is not None:
                self.diagnostics.append(found.diagnostic)
            self._context.extend(found.ids)
            self.inside = False
            return Step(found.ids, False)
        self.inside = self.inside or identifier == searcher.opening
        return Step([], not self.inside and (self._answers is None or identifier in self._answers))

    def _indexed(self, searcher: Searcher) -> Answer | None:
        """The answer from the index, None where the context is short or the search is not of the form."""
        if len(self._context) < _LONG_CONTEXT:
            return None
        start = searcher.opened_at(self._context)
        if start is None:
            return None
        self._index = self._index or SearchIndex()
        alternatives = self._index.alternatives(searcher, self._context[start + 1 : -1])
        if alternatives is None:
            return None
        captured = self._index.captured(alternatives, self._context, start)
        return Answer([searcher.failed if captured is None else captured])
