"""Tasks of one's own: a function says what the answer is, and everything else follows from it."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from constructions.errors import InputError, ResourceError, in_words, unknown
from constructions.tasks._retrieval import SEPARATOR
from constructions.tasks._task import FAR, START, Effort, Task
from constructions.vocabulary import number_of

Letter = str | int
"""A word, or a number from 1."""

_MOST_RUN, _MOST_MUTATED, _MOST_COUNTED, _MOST_DRAWS = 4_000, 20_000, 1_000_000, 1_000


class Word(NamedTuple):
    """An instance: a sequence of letters, and the letters that ask about it."""

    sequence: tuple[Letter, ...]
    query: tuple[Letter, ...] = ()


class FunctionTask(Task[Word]):
    """What a function says of a word of letters, and of a query if there is one.

    Args:
        name: the word for the task, such as ``next-word``.
        letters: words, in one string or several, or None for the numbers 1 .. n, n the size of the model.
        reference: from the tuple of letters, and the letters of the query as further arguments, to the answer: a
            token, an integer, True or False (written 1 and 0), or several of these, all of which are to be written.
        prompt: what a model reads, tokens with ``{word}`` and ``{query}`` among them; ``<s> {word}``, or
            ``<s> {word} ? {query}``, unless given.
        query: how many letters ask about the word; it is written after a question mark, ``the cat sat ? the``.
        legal: with the arguments of the reference, whether this is asked at all; everything unless given.
        transcript: with the arguments of the reference, all tokens that are to be written, the answer last, where
            there is a chain of thought.
        sample: a random sequence and query from NumPy's generator and the size, where few words are legal.
        statement: the question in a sentence.
        far: large sizes of the model at which a few random words are run; around powers of two up to 1025 unless given.

    Raises:
        InputError: if letters repeat or are no tokens, or the prompt does not hold the word and the query.

    >>> letters = "the cat sat on mat"
    >>> task = FunctionTask("next-word", letters, lambda word, q: dict(zip(word, word[1:])).get(q, "NONE"), query=1)
    >>> task.answer(task.parse("the cat sat ? the")), task.count(2), task.longest_prompt
    ('cat', 125, (3, 1))
    """

    def __init__(  # noqa: PLR0913  (a task in one call, by the words that its author writes)
        self,
        name: str,
        letters: str | Sequence[str] | None,
        reference: Callable[..., Any],
        prompt: str | None = None,
        *,
        query: int = 0,
        legal: Callable[..., bool] | None = None,
        transcript: Callable[..., Sequence[Any]] | None = None,
        sample: Callable[[np.random.Generator, int], tuple[Sequence[Letter], Sequence[Letter]]] | None = None,
        statement: str | None = None,
        far: Sequence[int] = FAR,
    ) -> None:
        self._far = tuple(far)
        self.name, self.query_length = name, query
        self.statement = statement or (reference.__doc__ or f"What does {name} say of a word?").strip().splitlines()[0]
        self.own = None if letters is None else tuple(letters.split() if isinstance(letters, str) else letters)
        """The letters, None if they are numbers."""
        self._reference, self._legal, self._transcript, self._sample = reference, legal, transcript, sample
        self._form = (prompt or f"{START} {{word}}" + f" {SEPARATOR} {{query}}" * (query > 0)).split()
        self._rank = {letter: place for place, letter in enumerate(self.own or ())}
        self._counted: dict[tuple[int, int | None], int] = {}
        self._require_sense()

    def __repr__(self) -> str:
        return f"FunctionTask({self.name!r})"

    def _require_sense(self) -> None:
        own = self.own
        if own is not None and (not own or len(self._rank) != len(own) or any(len(str(x).split()) != 1 for x in own)):
            raise InputError(f"{self.name}: letters = {own}: expected words without blanks, each once, or None")
        if own is not None and self.query_length and SEPARATOR in own:
            raise InputError(f"{self.name}: {SEPARATOR!r} stands between word and query, so it cannot be a letter")
        if "{word}" not in self._form or ("{query}" in self._form) != (self.query_length > 0):
            needed = "{word} and {query}" if self.query_length else "{word}, and no {query}"
            raise InputError(f"{self.name}: the prompt {' '.join(self._form)!r} does not hold {needed} as tokens")

    # Letters

    @property
    def tokens(self) -> tuple[str, ...]:
        """The special tokens of a model that reads the prompts: around the word, then letters that are no numbers."""
        around = [token for token in self._form if token not in ("{word}", "{query}")]
        return tuple(token for token in dict.fromkeys([*around, *(self.own or ())]) if number_of(token) is None)

    def _letters(self, n: int, alphabet: int | None = None) -> tuple[Letter, ...]:
        if self.own is None:
            return tuple(range(1, (alphabet or n) + 1))
        if alphabet not in (None, len(self.own)):
            raise InputError(f"alphabet = {alphabet}: {self.name} has its own {len(self.own)} letters; leave it out")
        return self.own

    def letters(self, n: int) -> int | None:
        """n, if the letters are numbers."""
        return n if self.own is None else None

    def _place(self, letter: Letter) -> int:
        return letter if isinstance(letter, int) else self._rank[letter]

    # Reading and writing

    @cached_property
    def text_form(self) -> str:  # type: ignore[override]
        """An example of an instance."""
        drawn = [self.sample(np.random.default_rng(seed), 5) for seed in range(20)]
        return self.text(max(drawn, key=lambda found: (len(found.sequence), len(set(found.sequence)))))

    @property
    def longest_prompt(self) -> tuple[int, ...]:
        """What stands around the word and the query, and n for each time that the word stands there."""
        words, queries = self._form.count("{word}"), self._form.count("{query}")
        return len(self._form) - words - queries + queries * self.query_length, words

    def parse(self, text: str) -> Word:
        """Read ``x1 ... xn``, or ``x1 ... xn ? query``.

        Raises:
            InputError: naming the token that is no letter, or what is missing.
        """
        before, _, after = text.partition(SEPARATOR) if self.query_length else (text, "", "")
        found = Word(tuple(map(self._letter, before.split())), tuple(map(self._letter, after.split())))
        if not found.sequence or len(found.query) != self.query_length:
            asked = f" and {self.query_length} after {SEPARATOR!r}" if self.query_length else ""
            raise InputError(
                f"{self.name} reads at least one letter{asked}, not {len(found.sequence)} and {len(found.query)}; "
                f"it is written like `{self.text_form}`"
            )
        if not self._asks(found):
            raise InputError(f"{text[:80]!r} is no instance of {self.name}, which reads words like `{self.text_form}`")
        return found

    def _letter(self, token: str) -> Letter:
        if self.own is not None:
            if token not in self._rank:
                raise unknown(f"letter of {self.name}", token, self.own)
            return token
        number = number_of(token)
        if number is None or number < 1:
            raise InputError(f"{token[:40]!r} is no letter of {self.name}, whose letters are the integers from 1")
        return number

    def text(self, instance: Word) -> str:
        """The letters, and those of the query after a question mark."""
        return " ".join(map(str, [*instance.sequence, *([SEPARATOR] if instance.query else []), *instance.query]))

    def length(self, instance: Word) -> int:
        """The length of the word."""
        return len(instance.sequence)

    def size(self, instance: Word) -> int:
        """The length of the word, or the largest number in word and query if that is more."""
        numbers = (letter for letter in (*instance.sequence, *instance.query) if isinstance(letter, int))
        return max(self.least, len(instance.sequence), *numbers)

    def prompt(self, instance: Word) -> tuple[str, ...]:
        """The tokens of the prompt with word and query in their places."""
        parts = {"{word}": instance.sequence, "{query}": instance.query}
        return tuple(str(token) for part in self._form for token in parts.get(part, (part,)))

    # The answer

    def _asks(self, instance: Word) -> bool:
        return self._legal is None or bool(self._legal(instance.sequence, *instance.query))

    def answer(self, instance: Word) -> str:
        """What the function says; of several tokens the last."""
        return self._said(instance)[-1]

    def written(self, instance: Word) -> tuple[str, ...]:
        """The transcript where there is one, else all that the function says."""
        if self._transcript is None:
            return self._said(instance)
        return tuple(map(str, self._transcript(instance.sequence, *instance.query)))

    def _said(self, instance: Word) -> tuple[str, ...]:
        said = self._reference(instance.sequence, *instance.query)
        tokens = tuple(map(_token, said if isinstance(said, tuple | list) else (said,)))
        if said is None or not tokens or any(len(token.split()) != 1 for token in tokens):
            raise InputError(
                f"the reference of {self.name} says {said!r} of `{self.text(instance)}`, expected a token, a "
                "number, or several; leave out what is not asked with legal="
            )
        return tokens

    def at_each(self, sequence: Sequence[Letter]) -> list[str | None]:
        """What is to be written after each letter of a word, None where nothing is asked.

        A model reads from left to right, so its output at a position is what it says of the word up to there: whoever
        is right on all words is right at every position, and of several queries in one word on each.
        """
        prefixes = [Word(tuple(sequence[: end + 1])) for end in range(len(sequence))]
        return [self.answer(prefix) if self._asks(prefix) else None for prefix in prefixes]

    # All instances

    def _total(self, n: int, alphabet: int | None = None) -> int:
        return int(len(self._letters(n, alphabet)) ** (n + self.query_length))

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Word]:
        """All words of length n over the letters, in order, each with every query; those that are asked."""
        return filter(self._asks, self._words(n, alphabet, 0))

    def _words(self, n: int, alphabet: int | None, start: int) -> Iterator[Word]:
        """The words from a rank on, whether they are asked or not."""
        letters, width = self._letters(n, alphabet), n + self.query_length
        if start >= self._total(n, alphabet):
            return
        digits = [start // len(letters) ** (width - 1 - place) % len(letters) for place in range(width)]
        first = tuple(letters[digit] for digit in digits)
        yield Word(first[:n], first[n:])
        for place in reversed(range(width)):  # those that agree with the first so far, and no further
            rest = itertools.repeat(letters, width - 1 - place)
            for ends in itertools.product(letters[digits[place] + 1 :], *rest):
                word = first[:place] + ends
                yield Word(word[:n], word[n:])

    def ranked(self, n: int, alphabet: int | None, start: int, stop: int) -> Iterator[Word]:
        """The instances at places ``start`` to ``stop - 1``; they are found at once if all words are asked."""
        if self._legal is None:
            return itertools.islice(self._words(n, alphabet, start), stop - start)
        return super().ranked(n, alphabet, start, stop)

    def count(self, n: int, alphabet: int | None = None) -> int:
        """k ** (n + query) for k letters if all words are asked; else they are counted.

        Raises:
            ResourceError: if there are too many to count.
        """
        total = self._total(n, alphabet)
        if self._legal is None:
            return total
        if total > _MOST_COUNTED:
            raise ResourceError(
                f"{self.name}: {in_words(total)} words of length {n} are too many to see which are legal"
            )
        if (n, alphabet) not in self._counted:
            self._counted[n, alphabet] = sum(1 for _ in self.enumerate(n, alphabet))
        return self._counted[n, alphabet]

    def few(self, n: int, most: int) -> bool:
        """Whether at most ``most`` instances have length n; False, too, if there are too many words to look at."""
        return self._total(n) <= _MOST_COUNTED and self.count(n) <= most

    @cached_property
    def effort(self) -> Effort:  # type: ignore[override]
        """All words up to the length at which they become many."""
        usual = Effort(0, 0, sizes=(1, 2, 3, 5, 8, 13, 34), far=self._far)
        fitting = [n for n in range(1, 9) if self._total(n) <= _MOST_RUN]
        small = [n for n in range(1, 5) if n * self._total(n) <= _MOST_MUTATED]
        return replace(usual, largest=max(fitting, default=0), mutated=max(small, default=1))

    def rows(self, n: int, alphabet: int | None = None) -> Iterator[tuple[str | None, ...]]:
        """The answers to every query, or without queries those after every continuation of up to n letters."""
        letters = self._letters(n, alphabet)
        behind = [self.query_length] if self.query_length else range(n + 1)
        ends = [end for length in behind for end in itertools.product(letters, repeat=length)]
        for word in itertools.product(letters, repeat=n):
            found = (Word(word, end) if self.query_length else Word(word + end) for end in ends)
            yield tuple(self.answer(instance) if self._asks(instance) else None for instance in found)

    def of_numbers(self, sequence: tuple[int, ...], query: tuple[int, ...]) -> Word:
        """Letters by their numbers from 1; where nothing is asked, the query goes on with the word."""

        def word(numbers: tuple[int, ...]) -> tuple[Letter, ...]:
            return numbers if self.own is None else tuple(self.own[number - 1] for number in numbers)

        return Word(word(sequence), word(query)) if self.query_length else Word(word(sequence + query))

    # Some instances

    def sample(self, rng: np.random.Generator, n: int) -> Word:
        """A random word of length at most n, over few letters or all; the query most likely from the word.

        Raises:
            InputError: if no word that was drawn is legal.
        """
        for _ in range(_MOST_DRAWS):
            if self._sample is not None:
                sequence, query = self._sample(rng, n)
                found = Word(tuple(sequence), tuple(query))
            else:
                found = self._drawn(rng, n)
            if self._asks(found):
                return found
        raise InputError(
            f"{self.name}: none of {_MOST_DRAWS:,} random words of length up to {n} is legal; give sample="
        )

    def _drawn(self, rng: np.random.Generator, n: int) -> Word:
        letters = self._letters(n)
        length = n if rng.random() < 0.5 else int(rng.integers(1, n + 1))
        several = min(len(letters), int(rng.choice([1, 2, 2, 3, 4, len(letters), len(letters)])))
        used = [letters[place] for place in rng.permutation(len(letters))[:several]]
        sequence = tuple(used[place] for place in rng.integers(0, several, length))
        pools = [sequence if rng.random() < 0.7 else letters for _ in range(self.query_length)]
        query = tuple(pool[int(rng.integers(0, len(pool)))] for pool in pools)
        return Word(sequence, query)

    def boundary(self, n: int) -> Iterator[Word]:
        """Words of one letter, of two in turn, with one odd letter, rising and falling; queries from their ends."""
        letters = self._letters(n)
        first, last = letters[0], letters[-1]
        rising = tuple(letters[place % len(letters)] for place in range(n))
        sequences = [(first,) * n, (last,) * n, rising, rising[::-1]]
        sequences += [tuple((first, last)[place % 2] for place in range(n)), (*(first,) * (n - 1), last)]
        sequences += [(last, *(first,) * (n - 1))]
        m, seen = self.query_length, set()
        for sequence in sequences:
            absent = next((letter for letter in letters if letter not in sequence), last)
            asked = {(): None} if not m else dict.fromkeys([(first,) * m, (last,) * m, (absent,) * m])
            if 0 < m <= n:
                asked |= dict.fromkeys([sequence[:m], sequence[n // 2 :][:m] if n - n // 2 >= m else (last,) * m])
                asked |= {sequence[-m:]: None}
            for query in asked:
                found = Word(sequence, query)
                if found not in seen and self._asks(found):
                    seen.add(found)
                    yield found

    def smaller(self, instance: Word) -> Iterator[Word]:
        """Words without a run of letters, long runs first; then with one letter replaced by an earlier one."""
        sequence, query = instance
        width = len(sequence) // 2
        while width:
            for start in range(0, len(sequence), width):
                shorter = Word(sequence[:start] + sequence[start + width :], query)
                if shorter.sequence and self._asks(shorter):
                    yield shorter
            width //= 2
        whole = (*sequence, *query)
        for place, letter in enumerate(whole):
            for lower in self._letters(max(2, self.size(instance)))[: self._place(letter) - (self.own is None)]:
                changed = (*whole[:place], lower, *whole[place + 1 :])
                simpler = Word(changed[: len(sequence)], changed[len(sequence) :])
                if self._asks(simpler):
                    yield simpler


def _token(said: object) -> str:
    return str(int(said)) if isinstance(said, bool | np.bool_) else str(said)
