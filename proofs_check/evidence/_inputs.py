"""Sampled and exhaustive evidence: on which inputs a construction was run and compared."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.engine import answer_grid, positions_at_once
from constructions.errors import ResourceError, counted, in_words
from constructions.tasks import SEPARATOR, START, Retrieval, RetrievalTask, Task, permutations
from constructions.theorems import Construction
from constructions.vocabulary import Vocabulary
from proofs_check.evidence._runs import Progress, Subject, Tally, tally

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class InputEvidence:
    """Inputs that were run, all compared with the reference, whole transcripts.

    ``kind`` is ``"sampled"`` or ``"exhaustive"``; ``words`` say which inputs; ``largest`` is the size up to which
    all of them were run, None if a failure ended the runs before.
    """

    kind: str
    words: str
    tally: Tally
    largest: int | None = None


FAR_CASES = 16
"""Inputs at each of the far sizes of sampled evidence, half of them from the boundary family."""

MOST_EXHAUSTIVE, _LONGEST = 10**9, 1000
"""So many inputs, of at most this size, are all run: hours of work."""

_MOST_WRITTEN = 15_000
"""Models that may write more tokens than this are not run at far sizes."""


def sampled(
    subject: Subject,
    sizes: Sequence[int],
    cases: int,
    seed: int,
    progress: Progress | None = None,
    far: Sequence[int] = (),
) -> InputEvidence:
    """Evidence from at least ``cases`` inputs: boundary inputs of every size, random ones, and some of each far size.

    The share of a size is inversely proportional to it, so that every size takes about as long: large models
    are run on some inputs, small ones on many.

    Args:
        subject: what is tested.
        sizes: model sizes n, those too small for the construction left out; inputs have size at most n.
        cases: the least total number of inputs.
        seed: of NumPy's PCG64 generator, one stream per size.
        progress: see :data:`Progress`.
        far: sizes at which ``FAR_CASES`` inputs are run where that takes milliseconds: in exact arithmetic, and where
            few tokens are written. A scale that should grow with n and does not shows beyond the next power of two.
    """
    construction = subject.construction
    least = construction.blueprint.least
    near = [n for n in sizes if n >= least] or [least]
    quick = [n for n in far if n >= least and construction.longest(n=n) <= _MOST_WRITTEN] if subject.exact else []
    weight = sum(Fraction(1, n) for n in near)
    total = Tally()
    for place, n in enumerate([*near, *quick]):
        rng = np.random.default_rng([seed, n])
        share = math.ceil(cases / (n * weight))
        instances = _with_boundary(subject, n, rng, share) if place < len(near) else _far_away(subject, n, rng)
        total.add(tally(subject, n, instances))
        if progress:
            progress(f"{construction.name}: sampled", place + 1, len(near) + len(quick))
        if total.failure is not None:
            return InputEvidence("sampled", f"{counted(total.inputs, 'input')} up to n = {n}, seed {seed}", total)
    words = f"{total.inputs:,} random and boundary inputs, n up to {max(near + quick)}, seed {seed}"
    return InputEvidence("sampled", words, total, max(near + quick))


def _far_away(subject: Subject, n: int, rng: np.random.Generator) -> Iterator[object]:
    """Some inputs of the boundary family, drawn, and as many random ones."""
    task = subject.construction.task
    boundary = list(task.boundary(n))
    for place in rng.permutation(len(boundary))[: FAR_CASES // 2].tolist():
        yield boundary[place]
    for _ in range(FAR_CASES - min(len(boundary), FAR_CASES // 2)):
        yield task.sample(rng, n)


def _with_boundary(subject: Subject, n: int, rng: np.random.Generator, share: int) -> Iterator[object]:
    task = subject.construction.task
    count = 0
    for instance in task.boundary(n):
        count += 1
        yield instance
    for _ in range(share - count):
        yield task.sample(rng, n)


def exhaustive(subject: Subject, largest: int, alphabet: int, progress: Progress | None = None) -> InputEvidence:
    """Evidence from all inputs with sequences of length 1 .. ``largest`` over ``alphabet`` letters.

    The model that runs them has the size that length and letters need. So those with fewer letters would not run;
    the model of each size n below ``alphabet`` runs all inputs that it reads: of length 1 .. n over n letters.
    For tasks on graphs the size is the number of nodes, and ``alphabet`` has no meaning.
    """
    task = subject.construction.task
    total = Tally()
    at_least, grid = subject.construction.blueprint.least, task.in_rows
    least = task.least if grid is not None else max(at_least, task.least)
    largest, beyond = _listed(task, least, largest) if grid is None else (largest, "")
    own = range(at_least, min(alphabet, largest + 1)) if grid is not None else ()
    runs = [(n, alphabet) for n in range(least, largest + 1)] + [(n, size) for size in own for n in range(1, size + 1)]
    by_own = 0
    for n, letters in runs:
        if grid is not None:
            here, promised = _grid(subject, grid, n, letters), task.count(n, letters)
        else:
            here, promised = tally(subject, n, task.enumerate(n), batch=4096), task.count(n)
        by_own += here.inputs if letters < alphabet else 0
        total.add(here)
        if progress:
            progress(f"{subject.construction.name}: exhaustive", n, largest)
        if total.failure is not None:
            return InputEvidence("exhaustive", f"stopped after {counted(total.inputs, 'input')}, at n = {n}", total)
        if here.inputs != promised:
            raise RuntimeError(f"{task.name}: {here.inputs:,} inputs were run at n = {n}, but there are {promised:,}")
    words = f"{_all(total.inputs - by_own)} with n = {least} .. {largest}"
    if grid is None:
        return InputEvidence("exhaustive", f"{words}, each in the model of its size{beyond}", total, largest)
    others = sorted({max(n, alphabet, at_least) for n in range(least, largest + 1)})
    words += f" over {counted(alphabet, 'letter')} in the model{_of_sizes(others)}"
    if by_own:
        words += f"; {_all(by_own)} of the model{_of_sizes(own)}"
    return InputEvidence("exhaustive", words, total, largest)


def _listed(task: Task[Any], least: int, largest: int) -> tuple[int, str]:
    """The last size up to which the inputs are counted, and in words why not the next; at least one size must be."""
    for n in range(least, largest + 1):
        try:
            task.count(n)
        except ResourceError as error:
            if n == least:
                raise
            return n - 1, f"; not those with n = {n}: {error}"
    return largest, ""


def require_few(construction: Construction, largest: int, alphabet: int, permuted: int) -> None:
    """Refuse to run all inputs up to a size where that would take days; with the number that says why.

    Raises:
        ResourceError: if there are more than ``MOST_EXHAUSTIVE``.
    """
    task, total = construction.task, 0
    grid = task.in_rows
    if grid is None:
        largest = _listed(task, task.least, min(largest, _LONGEST + 1))[0]
    for n in range(task.least, largest + 1):
        total += task.count(n) if grid is None else task.count(n, alphabet)
        total += math.factorial(n) * grid.query_count(n, n) if permuted and grid is not None else 0
        if total > MOST_EXHAUSTIVE or n > _LONGEST:
            over = "" if grid is None else f" over {alphabet} letters"
            raise ResourceError(
                f"{construction.name} has {in_words(total)} inputs of size at most {n}{over}; all inputs are run up to "
                f"{MOST_EXHAUSTIVE:,}, and up to size {_LONGEST:,}"
            )


def _all(inputs: int) -> str:
    return "the one input" if inputs == 1 else f"all {inputs:,} inputs"


def _of_sizes(sizes: Sequence[int]) -> str:
    return f"{'' if len(sizes) == 1 else 's'} of size {', '.join(map(str, sizes))}"


def exhaustive_permutations(subject: Subject, largest: int, progress: Progress | None = None) -> InputEvidence:
    """Evidence from all orders of n distinct tokens, n = 1 .. ``largest``, with every query.

    Raises:
        TypeError: if the task asks nothing about sequences.
    """
    task = subject.construction.task.in_rows
    if task is None:
        raise TypeError(f"{subject.construction.task.name} asks nothing about sequences")
    total = Tally()
    for n in range(1, largest + 1):
        total.add(_queried(subject, task, n, n, math.factorial(n), partial(permutations, n)))
        if progress:
            progress(f"{subject.construction.name}: permutations", n, largest)
        if total.failure is not None:
            return InputEvidence("exhaustive", f"stopped after {counted(total.inputs, 'input')}, at n = {n}", total)
    words = (
        f"{_all(total.inputs)} with n = 1 .. {largest} whose tokens are 1 .. n in some order, each in the model "
        "of size n"
    )
    return InputEvidence("exhaustive", words, total, largest)


def _grid(subject: Subject, task: RetrievalTask, n: int, alphabet: int) -> Tally:
    """Every sequence over the letters with every query."""
    return _queried(subject, task, n, alphabet, alphabet**n, partial(task.sequences, n, alphabet))


def _queried(
    subject: Subject,
    task: RetrievalTask,
    n: int,
    alphabet: int,
    total: int,
    sequences_from: Callable[[int, int], Ids],
) -> Tally:
    """Sequences by rank with every query; a sequence is run once and its queries continue from there.

    Only the first token written is computed where the model ends its decoding there and reads the task's own prompt.
    """
    size = max(n, alphabet, subject.construction.blueprint.least)
    model = subject.model(size)
    queries = task.queries(n, alphabet)
    query_rows = queries.tolist()
    if model.answers is not None or model.search is not None or subject.construction.prompt is not None:
        rows = (row for start in range(0, total, 512) for row in sequences_from(start, min(total, start + 512)))
        return tally(subject, size, (Retrieval(tuple(r.tolist()), tuple(q)) for r in rows for q in query_rows), 4096)
    vocabulary = model.vocabulary
    ids_of = {token: vocabulary.id_of(token) for token in _answer_tokens(vocabulary)}
    suffixes = queries + (vocabulary.first_number_id - vocabulary.low)
    step = positions_at_once(model, n + 2, len(queries))
    seen = Tally()
    first = Retrieval(tuple(sequences_from(0, 1)[0].tolist()), tuple(query_rows[0]))
    seen.read(size, n, n + 2 + queries.shape[1], 1, partial(task.text, first))
    if model.context is not None and seen.reach[size] > model.context:  # all prompts have this length
        seen.inputs, seen.failure = 1, subject.shrunk(first, size)
        return seen
    for start in range(0, total, step):
        sequences = sequences_from(start, min(total, start + step))
        written = answer_grid(model, prefix_ids(vocabulary, sequences), suffixes, arithmetic=subject.arithmetic)
        rows = sequences.tolist()
        # An answer that is no token is never written.
        expected = np.array(
            [[ids_of.get(answer, -1) for answer in task.right_answers(row, query_rows)] for row in rows]
        )
        seen.inputs += expected.size
        wrong = np.argwhere(written != expected)
        if wrong.size:
            row, column = (int(place) for place in wrong[0])
            instance = Retrieval(tuple(rows[row]), tuple(query_rows[column]))
            seen.failure = subject.shrunk(instance, size)
            return seen
    seen.lengths[size, n, ""] = (1, 1)
    return seen


def _answer_tokens(vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.token_of(identifier) for identifier in range(len(vocabulary))]


def prefix_ids(vocabulary: Vocabulary, sequences: Ids) -> Ids:
    """Token ids of ``<s> x1 ... xn ?`` for rows of numbers."""
    rows = len(sequences)
    start = np.full((rows, 1), vocabulary.id_of(START), dtype=np.int64)
    separator = np.full((rows, 1), vocabulary.id_of(SEPARATOR), dtype=np.int64)
    return np.concatenate([start, sequences + (vocabulary.first_number_id - vocabulary.low), separator], axis=1)
