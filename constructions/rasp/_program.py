"""A RASP program on a wiring: each operation adds heads and gates, and its contract is proved for all n."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from constructions.rasp._selector import Few, Predicate, Selector, compared, values_of
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Polynomial, Value, Wiring, n, refused


class Program:
    """A program in the making for a task of words without queries; see :class:`constructions.wiring.Wiring`.

    Sequences of RASP are values of the wiring: they are added, subtracted and multiplied by integers as they are.
    Position 0 holds the first token of the prompt, which nothing selects; the word follows.

    Args:
        task: what is asked; the answer is what the program returns at the last position.
        words: tokens that it may return beside numbers.
        numbers: the least and the largest number token; from 0 to the length of a prompt unless given.
        context: the last position; that of the longest prompt unless given.
    """

    def __init__(
        self,
        task: FunctionTask,
        words: Sequence[str] = (),
        *,
        numbers: tuple[Polynomial | int, Polynomial | int] | None = None,
        context: Polynomial | int | None = None,
    ) -> None:
        around, words_of = task.longest_prompt
        last = Polynomial.of(around - 1 + words_of * n if context is None else context)
        self.task, self._counts = task, dict[str, int]()
        self.wiring = Wiring(
            f"transformer/{task.name}",
            specials=(*task.tokens, *words),
            numbers=(0, last) if numbers is None else numbers,
            context=last,
        )

    def _name(self, what: str) -> str:
        self._counts[what] = self._counts.get(what, 0) + 1
        return f"{what} {self._counts[what]}"

    # Sequences.

    @property
    def tokens(self) -> Value:
        """The letters: numbers as they are, letters that are words by their places from 1; 0 at the first position."""
        if self.task.own is None:
            return self.wiring.token
        return self.wiring.listed("letter", {letter: place for place, letter in enumerate(self.task.own, 1)})

    @property
    def indices(self) -> Value:
        """The places of the letters, from 0."""
        return self.wiring.position - 1

    @property
    def length(self) -> Value:
        """Refused: attention is causal, so no position but the last one knows it.

        Raises:
            ContractError: always.
        """
        raise refused(
            "length looks ahead, and attention is causal: a position sees the word up to there",
            "take indices + 1, the length up to there, or write a chain of thought, which sees the whole word",
        )

    def letter(self, *letters: str) -> Value:
        """1 where one of these letters stands, which are words, else 0."""
        return self.wiring.is_token(*letters)

    def map(self, function: Callable[[int], int], values: Value) -> Value:
        """A function of an integer of few values, position by position: a table.

        Raises:
            ContractError: if there are many values, or their number depends on n.
        """
        return self.wiring.table(values, {k: int(function(k)) for k in self._few(values)}, name=self._name("map"))

    def map2(self, function: Callable[[int, int], int], first: Value, second: Value) -> Value:
        """A function of two integers of few values, ``first`` and ``second``, position by position."""
        delta = {(a, b): int(function(a, b)) for a in self._few(first) for b in self._few(second)}
        return self.wiring.transition(first, second, delta, name=self._name("map"))

    def _few(self, values: Value) -> range:
        found = values_of(values)
        if not found:
            raise refused(
                f"{self.wiring.name}: a table of {values.label}, which has range {values.range}, would grow with n",
                "narrow it with wiring.clamp, or compare it with w.equal and w.at_least of program.wiring",
            )
        return found

    # Selectors.

    def select(self, keys: Value, queries: Value, predicate: str | Predicate = "==") -> Selector:
        """The positions up to each whose key stands in the relation to the query of that position.

        Args:
            keys: integers, read at the positions that are looked at.
            queries: integers, read at the position that looks.
            predicate: ``==``; for few values also ``!= < <= > >=`` or a function of a key and a query. Between
                indices ``<=`` holds everywhere, since nothing looks ahead.

        Raises:
            ContractError: if no head of constant width can select so.
        """
        if predicate == "==":
            first = keys.start
            if first is None:
                raise refused(
                    f"{self.wiring.name}: what {keys.label} is at the first position is not known, so that position "
                    "cannot be told from the others",
                    "take a feature of the token, or what selector_width or aggregate gives",
                )
            return Selector(((keys - first, queries - first),))
        if keys.terms == self.indices.terms == queries.terms:
            if predicate == "<=" and not (queries - keys).constant:
                return Selector()
            raise refused(
                f"{self.wiring.name}: select by {predicate!r} between indices; attention is causal, and looks at the "
                "positions up to its own",
                "take select_all() for these, shift for one of them, or == for a fixed place",
            )
        return compared(keys, queries, predicate)

    def select_all(self) -> Selector:
        """All positions up to each, the first one not among them."""
        return Selector()

    def selector_width(self, selector: Selector) -> Value:
        """How many positions are selected, an integer."""
        return self.total(selector, self.wiring.one)

    def total(self, selector: Selector, values: Value) -> Value:
        """The sum of integers over the positions that are selected, an integer."""
        w, few, counts = self.wiring, selector.few, values.terms == {} and values.constant == 1
        head = w.average(self._name("select"), selector.pairs)
        if few is None:
            return head.count() if counts else head.total(values)
        if values.range.low.as_constant is None or values.range.low.as_constant < 0:
            raise refused(
                f"{w.name}: the total of {values.label} by a table adds up what is never negative, but it has range "
                f"{values.range}",
                "add what makes it so, and take that times selector_width away again",
            )
        parts = w.zero
        for key in values_of(few.key):
            here, queries = w.equal(few.key, key, self._name("key")), _chosen(few, key)
            if not queries:
                continue
            asked = w.table(few.query, {q: int(q in queries) for q in values_of(few.query)}, name=self._name("asked"))
            counted = here if counts else w.select(here, values, self._name("value"))
            parts = parts + w.product(asked, head.total(counted), self._name("part"))
        return w.clamp(parts, 0, values.range.high * w.context, self._name("total"))

    def aggregate(self, selector: Selector, values: Value, default: int = 0) -> Value:
        """The value at the position that ``selector`` selects, ``default`` where none is.

        Of several positions it is the latest: RASP has their mean, a fraction, whose numerator and denominator are
        :meth:`total` and :meth:`selector_width`.
        """
        w, few = self.wiring, selector.few
        if few is None:
            head = w.latest(self._name("select"), selector.pairs, default=True)
            hit = head.hit
        else:
            # Of 0 or 1 for each key, query flags p have the distance |p|^2 + 1 - 2 p_k from the flags of the key k.
            flags = [
                (
                    w.equal(few.key, k, self._name("key")),
                    w.table(
                        few.query,
                        {q: int(q in _chosen(few, k)) for q in values_of(few.query)},
                        name=self._name("asked"),
                    ),
                )
                for k in values_of(few.key)
            ]
            head = w.nearest(self._name("select"), [*selector.pairs, *flags], excluding=w.start)
            found = head[few.key]
            delta = {(k, q): int((k, q) in few.chosen) for k in values_of(few.key) for q in values_of(few.query)}
            same = [w.equal(head[k], q, self._name("same")) for k, q in selector.pairs]
            hit = w.both(w.transition(found, few.query, delta, name=self._name("chosen")), ~head[w.start], *same)
        return w.cases((hit, head[values]), otherwise=w.constant(default), name=self._name("aggregate"))

    def shift(self, values: Value, by: int, default: int = 0) -> Value:
        """What stood ``by`` places before, ``default`` before the beginning."""
        given: object = by
        if not isinstance(given, int) or given < 0:
            raise refused(
                f"{self.wiring.name}: shift by {by} looks ahead; attention is causal",
                "shift by 0, 1, 2, .., or let a chain of thought write what comes later",
            )
        w = self.wiring
        read = w.offset(self._name("shift"), by)[values]
        there = w.at_least(w.position, by + 1, self._name("there"))
        return w.cases((there, read), otherwise=w.constant(default), name=self._name("shifted"))

    # What is returned.

    def returns(self, values: Value, words: Mapping[str, int] | None = None, summary: str = "") -> Construction:
        """The construction that writes a number, or the word that is nearest to it.

        Args:
            values: what is written at the last position.
            words: a number for each word that is written instead.
            summary: how it works.
        """
        w = self.wiring
        if words is None:
            w.write(values)
        else:
            w.write_choice({word: (place,) for word, place in words.items()}, [values])
        text: Any = summary or f"A RASP program with {sum(self._counts.values())} operations."
        return Construction(w.name, self.task, w.finish(), text)


def _chosen(few: Few, key: int) -> frozenset[int]:
    """The queries that select a key."""
    return frozenset(q for k, q in few.chosen if k == key)
