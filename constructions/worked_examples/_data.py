"""What a worked example is made of: plain data, with exact numbers and names."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from constructions._lazy import Shown
from constructions.worked_examples._labelled import Labelled, attention_of, columns_of


@dataclass(frozen=True)
class Amount:
    """A named number: a feature of a query, a coordinate of the residual stream, a state."""

    name: str
    value: Fraction


@dataclass(frozen=True)
class Token:
    """A token of the transcript.

    ``text`` is the token of the model's vocabulary, ``label`` what the user calls it, ``origin`` whether it was
    given, written by the model, or found by a search.
    """

    text: str
    label: str
    origin: Literal["prompt", "written", "found"]


@dataclass(frozen=True)
class Pick:
    """A position that a head picked.

    ``match`` says whether the key there is what was looked for; None for a head of which that cannot be told.
    """

    position: int
    match: bool | None


@dataclass(frozen=True)
class HeadView:
    """What one head did at one position.

    Attributes:
        name: of the head.
        wanted: what was looked for: the key, feature by feature, that would match exactly; empty where the weights
            have no such form.
        query: the query, feature by feature.
        score: of what was picked.
        picks: where the score is largest; several if they tie, and then the head reads their average.
        second: the latest of the positions with the next lower score, None if there are no others.
        second_score: the score there.
        reads: what was read, by coordinate.
        fixed: whether the head looks a fixed number of positions back, whatever the tokens are.
        asks: what it asks here, in the author's words; empty if the author says nothing, or the question makes no
            sense here.
        answer: what it finds, in the author's words.
    """

    name: str
    wanted: tuple[Amount, ...]
    query: tuple[Amount, ...]
    score: Fraction
    picks: tuple[Pick, ...]
    second: int | None
    second_score: Fraction | None
    reads: tuple[Amount, ...]
    fixed: bool
    asks: str = ""
    answer: str = ""

    @property
    def gap(self) -> Fraction | None:
        """By how much the score of what was picked exceeds the next lower score."""
        return None if self.second_score is None else self.score - self.second_score

    @property
    def matches(self) -> tuple[Pick, ...]:
        """The picks that are what was looked for."""
        return tuple(pick for pick in self.picks if pick.match)

    @property
    def missed(self) -> bool:
        """Whether the head found nothing of what it looked for."""
        return all(pick.match is False for pick in self.picks)


@dataclass(frozen=True)
class UnitView:
    """A gated unit that fired: its gate is positive. ``wrote`` is what it added, by coordinate."""

    name: str
    gate: Fraction
    value: Fraction
    wrote: tuple[Amount, ...]


@dataclass(frozen=True)
class Block:
    """What one layer did at one position.

    ``heads`` is filled for attention, ``units`` for a feed-forward layer (those that fired), ``state`` for a
    recurrence. ``writes`` has all coordinates that the layer can write to, with their values after it.
    """

    name: str
    kind: Literal["attention", "feed-forward", "recurrence"]
    heads: tuple[HeadView, ...]
    units: tuple[UnitView, ...]
    state: tuple[Amount, ...]
    writes: tuple[Amount, ...]


@dataclass(frozen=True)
class Decision:
    """The two largest logits. ``second`` is None if the vocabulary has one token."""

    token: Token
    logit: Fraction
    second: str | None
    second_logit: Fraction | None

    @property
    def gap(self) -> Fraction | None:
        """The difference of the two logits; 0 if they tie, where the token with the lower id is written."""
        return None if self.second_logit is None else self.logit - self.second_logit


@dataclass(frozen=True)
class FiredRule:
    """The rule of the table that fired, and which of the tokens that it writes this is (counted from 1)."""

    number: int
    context: str
    condition: str
    write: str
    step: int
    steps: int


@dataclass(frozen=True)
class Moment:
    """One position: what every block did there, and what was written next (or would have been, in the prompt).

    ``reason`` says in the author's words why; empty if the author says nothing.
    """

    position: int
    blocks: tuple[Block, ...]
    decision: Decision
    writes: bool
    rule: FiredRule | None
    reason: str = ""


@dataclass(frozen=True)
class SearchView:
    """One search.

    Attributes:
        opening: position of the token that opened it.
        closing: position of the token that closed it, after which the runtime searched.
        pieces: the expression as (is a token, text): signs of the search language, and tokens to be found.
        span: first position of the match and the one after its last, None if nothing matched.
        captured: the positions that were captured.
        diagnostic: what was wrong with the search, if something was.
    """

    opening: int
    closing: int
    pieces: tuple[tuple[bool, str], ...]
    span: tuple[int, int] | None
    captured: tuple[int, ...]
    diagnostic: str | None


@dataclass(frozen=True)
class Walk:
    """A graph and the tour that was written: ``steps`` are (position of the token, node number)."""

    edges: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class TapeRow:
    """A configuration by the reference simulator, from the token at position ``at`` on.

    ``state`` is that before the step; ``symbols`` are those of the cells; the head is on number ``head`` of them.
    """

    at: int
    step: int
    state: str
    head: int
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class Tape:
    """The cells from ``first`` on, as they were at each step; ``more`` steps are left out."""

    first: int
    rows: tuple[TapeRow, ...]
    more: int


@dataclass(frozen=True)
class Table:
    """The transitions of a machine: a row a state, with what it does for each of ``symbols``.

    A cell is the symbol written, the move (L, N or R) and the next state; ``-`` where there is no transition. Of a
    large machine the first states and symbols are shown; ``whole`` says that nothing is left out.
    """

    symbols: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    whole: bool


@dataclass(frozen=True)
class Trace(Shown):
    """A run of a construction on one instance, or of a model on a prompt (then n and reference are None), explained.

    ``moments`` are those that were asked for; ``reference`` are the tokens that should have been written, all of them
    or, unless ``whole``, the answer alone;
    ``plans`` says how the fast engine finds what each head picks, a line a head. ``picture`` is drawn beside,
    or of a machine the ``tape``; ``transitions`` is its table. ``arithmetic`` is the number system in which it ran.
    """

    construction: str
    question: str
    summary: str
    instance: str
    n: int | None
    tokens: tuple[Token, ...]
    prompt: int
    answer: str | None
    reference: tuple[str, ...] | None
    rules: tuple[tuple[str, str, str], ...]
    moments: tuple[Moment, ...]
    searches: tuple[SearchView, ...]
    plans: tuple[str, ...]
    picture: Walk | None
    tape: Tape | None = None
    whole: bool = True
    transitions: Table | None = None
    arithmetic: str = "exact"

    def attention(self, head: str) -> Labelled:
        """The weights of a head: a row for each position that is explained, a column for each position up to the last.

        Args:
            head: its name; where layers have heads of the same name, the layer's before it: ``attention 2: found``.

        Raises:
            InputError: if there is no such head; the message lists those that there are.

        >>> from constructions import construction
        >>> from constructions.worked_examples import explain
        >>> found = explain(construction("transformer/associative-recall"), "3 1 4 ? 1").attention("found")
        >>> found.rows, found.columns[3], found[0, 3]
        (('5 1',), '3 4', Fraction(1, 1))
        """
        return attention_of(self, head)

    def table(self) -> dict[str, list[Any]]:
        """What was decided at each position that is explained, as columns of the same length, for a data frame.

        The columns are position, token, next (what comes out), written (whether it was written), logit, gap, and one
        for each head by its name: the positions that it picked, without a pick that is not what it looked for.
        """
        return columns_of(self)

    @property
    def agrees(self) -> bool | None:
        """Whether the run ended with what the reference writes.

        None if that cannot be said: there is no reference, or no answer was written and nothing is wrong so far.
        """
        if self.reference is None:
            return None
        written = tuple(token.text for token in self.tokens[self.prompt :])
        if self.answer is not None:
            return written == self.reference if self.whole else self.answer == self.reference[-1]
        return False if self.whole and written != self.reference[: len(written)] else None

    def search_closed_at(self, position: int) -> SearchView | None:
        """The search that ran after the token at this position, if one did."""
        return next((search for search in self.searches if search.closing == position), None)
