"""The inputs that judge a mutant, with what must be written after every token.

A model writes a given transcript exactly if, read token by token, it wants to write each next token of it: by
induction on the tokens. So one run over prompt and transcript decides what decoding would, for many inputs at
once. Tokens that the runtime appends after a search are the model's to read, not to write, and are not compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Evaluator, Model, Observer
from constructions.engine._runtime import Runtime
from constructions.errors import InputError, in_words
from constructions.numerics import Exact, Rationals
from constructions.theorems import Construction

Ints = NDArray[np.int64]

_FIRST = 48
"""So many inputs are run first: most mutants end there."""

_POSITIONS_AT_ONCE = 24_000
_MOST_INPUTS = 20_000


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs of the model of size n, padded on the right to the same length, which no earlier position sees.

    ``rows``, ``places`` and ``wanted`` say where a token must be written, and which (an id).
    """

    n: int
    instances: tuple[object, ...]
    ids: Ints
    rows: Ints
    places: Ints
    wanted: Ints

    def run(self, model: Model, observe: Observer | None = None) -> Rationals:
        """The residual stream after the last layer wherever a token must be written: (tokens, coordinates)."""
        x, _ = Evaluator(model, Exact()).run(self.ids, observe=observe)
        return self.deciding(x)

    def deciding(self, x: Rationals) -> Rationals:
        """The positions of an array (inputs, positions, features) where a token must be written."""
        denominators = None if x.denominators is None else x.denominators[self.rows, self.places]
        return replace(x, numerators=x.numerators[self.rows, self.places], denominators=denominators)

    def wrong(self, model: Model) -> list[int]:
        """The places of the inputs on which the model does not write what it must."""
        evaluator = Evaluator(model, Exact())
        x, _ = evaluator.run(self.ids)
        written = evaluator.next_tokens(self.deciding(x))
        return sorted(set(self.rows[written != self.wanted].tolist()))


@dataclass(frozen=True)
class InputSet:
    """Inputs in batches; ``complete`` if they are all that the model of size n reads."""

    words: str
    batches: tuple[Batch, ...]
    complete: bool = False

    @property
    def count(self) -> int:
        """How many inputs there are."""
        return sum(len(batch.instances) for batch in self.batches)


def batches_of(construction: Construction, n: int, instances: Iterable[object]) -> Iterator[Batch]:
    """Instances of the model of size n in batches, a small one first."""
    model = construction.at(n)
    source = iter(instances)
    waiting: list[tuple[object, list[int], list[int], list[int]]] = []
    most = _FIRST
    while taken := list(islice(source, most)):
        waiting = [(instance, *_read(construction, model, n, instance)) for instance in taken]
        longest = max(len(ids) for _, ids, _, _ in waiting)
        yield _padded(n, waiting, longest)
        most = max(_FIRST, _POSITIONS_AT_ONCE // longest)


def _read(construction: Construction, model: Model, n: int, instance: object) -> tuple[list[int], list[int], list[int]]:
    """Ids of prompt and transcript, positions after which a token must be written, and its ids."""
    ids = model.vocabulary.encode(construction.reads(instance))
    runtime, appended = Runtime(model, ids), 0
    places, wanted = list[int](), list[int]()
    for identifier in model.vocabulary.encode(construction.expected(instance, n)):
        if appended:
            appended -= 1
        else:
            places.append(len(ids) - 1)
            wanted.append(identifier)
            appended = len(runtime.after(identifier).appended)
        ids.append(identifier)
    return ids[:-1], places, wanted


def _padded(n: int, read: Sequence[tuple[object, list[int], list[int], list[int]]], longest: int) -> Batch:
    ids = np.zeros((len(read), longest), dtype=np.int64)
    for row, (_, own, _, _) in enumerate(read):
        ids[row, : len(own)] = own
    rows = [row for row, (_, _, places, _) in enumerate(read) for _ in places]
    places = [place for _, _, own, _ in read for place in own]
    wanted = [identifier for _, _, _, own in read for identifier in own]
    return Batch(
        n,
        tuple(instance for instance, _, _, _ in read),
        ids,
        np.array(rows, dtype=np.int64),
        np.array(places, dtype=np.int64),
        np.array(wanted, dtype=np.int64),
    )


def sampled_inputs(construction: Construction, sizes: tuple[int, ...], cases: int, seed: int) -> InputSet:
    """The boundary family of every size, then random inputs in equal shares; a size from the middle first."""
    fitting = [n for n in sizes if n >= construction.blueprint.least] or [construction.blueprint.least]
    share = -(-cases // len(fitting))
    middle = len(fitting) // 2
    order = fitting[middle::-1] + fitting[middle + 1 :]
    batches: list[Batch] = []
    for n in order:
        rng = np.random.default_rng([seed, n])
        boundary = list(construction.task.boundary(n))
        drawn = [construction.task.sample(rng, n) for _ in range(share - len(boundary))]
        batches += batches_of(construction, n, [*drawn[:_FIRST], *boundary, *drawn[_FIRST:]])
    total = sum(len(batch.instances) for batch in batches)
    return InputSet(f"{total:,} boundary and random inputs, n up to {max(fitting)}, seed {seed}", tuple(batches))


def all_inputs(construction: Construction, n: int, seed: int, most: int = _MOST_INPUTS) -> InputSet:
    """All inputs that the model of size n reads, in a random order so that failures come early.

    For sequences these are all of length 1 .. n over the letters 1 .. n with every query, for graphs all on
    at most n nodes, edges in every order and direction; for machines, where n counts steps, all words of length at
    most 3. If there are more than ``most``, so many of them are drawn,
    and the set is not complete.

    Raises:
        InputError: if there are more than ten times as many.
    """
    task = construction.task
    sizes, letters = task.lengths(n), task.letters(n)
    total = 0
    for k in sizes:
        total += task.count(k, letters)
        if total > 10 * most:
            raise InputError(
                f"{task.name} has {in_words(total)} inputs of size at most {k}, more than the {10 * most:,} of which "
                "some are drawn; choose a smaller n"
            )
    found = [instance for k in sizes for instance in task.enumerate(k, letters)]
    if len(found) != total:
        raise RuntimeError(f"{task.name}: {len(found):,} inputs were enumerated, but there are {total:,}")
    chosen = [found[place] for place in np.random.default_rng([seed, n]).permutation(total)[:most].tolist()]
    which = f"inputs of size at most {n}" if task.machine is None else f"words of length at most {sizes[-1]}"
    words = f"all {total:,} {which}"
    if len(chosen) < total:
        words = f"{len(chosen):,} of {words.replace('all', 'the', 1)}, seed {seed}"
    return InputSet(words, tuple(batches_of(construction, n, chosen)), len(chosen) == total)
