"""Exact arithmetic against floating point and against Fractions: time and peak memory.

    python -m tests.benchmarks.bench_exact [--rounds R]

For each task all inputs with one n are run in batches, every sequence once and its queries from there:

* *check*: exhaustive evidence, the tokens of ``Exact()`` compared with the task's reference answers;
* *exact*: the part of it that is the evaluator with ``Exact()``;
* *float64*: the same matrices in plain NumPy with softmax attention, written for speed: no bounds, no
  denominators, nothing but products, exponentials and sums, with the same batches and shared prefixes;
* *Fractions*: tests/fraction_reference.py, pure Python, on a few of the inputs, one at a time.

The first three take turns, so that other load on the machine meets all; times are medians over the
rounds, ratios medians of the ratios within a round. Peak memory is that of one batch, by tracemalloc,
which sees NumPy's arrays. The aims are that a check takes at most 3 times the time of the float64 pass,
and exact arithmetic at most 1.5 times its memory. All must give the same tokens.
"""

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, FeedForward, Head, Model
from constructions.engine import answer_grid, positions_at_once
from constructions.numerics import Matrix
from constructions.tasks import RetrievalTask
from constructions.theorems import Construction, construction
from proofs_check.evidence import Subject, prefix_ids
from proofs_check.evidence._inputs import _grid
from tests.fraction_reference import decoded

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

TIME_AIM, MEMORY_AIM = 3.0, 1.5

INVERSE_TEMPERATURE = 40.0
"""Scores differ by at least 1, so what leaks to the others is below the rounding of float64."""

CASES = [("index", 6, 4), ("associative-recall", 6, 4), ("c-gram", 6, 4), ("counting", 6, 4)]


def _floats(matrix: Matrix) -> Floats:
    return np.ascontiguousarray(matrix.numerators.T.astype(np.float64) / matrix.denominator)


@dataclass
class _Past:
    """Keys and values of each head for the positions read so far."""

    length: int = 0
    keys: dict[tuple[int, int], Floats] = field(default_factory=dict)
    values: dict[tuple[int, int], Floats] = field(default_factory=dict)


class FloatModel:
    """The forward pass of a Transformer in float64."""

    def __init__(self, model: Model) -> None:
        self.tokens = np.ascontiguousarray(_floats(model.token_table).T)
        self.positions = _floats(model.embedding.position)
        self.unembedding = _floats(model.unembedding_table)
        self.layers: list[list[tuple[Floats, Floats, Floats, Floats, int]] | tuple[Floats, Floats, Floats]] = []
        for layer in model.layers:
            if isinstance(layer, Attention):
                self.layers.append([self._head(head) for head in layer.heads])
            elif isinstance(layer, FeedForward):
                self.layers.append((_floats(layer.gate), _floats(layer.value), _floats(layer.output)))
            else:
                raise TypeError("this baseline runs Transformers")
        self.last_attention = max(i for i, layer in enumerate(self.layers) if isinstance(layer, list))

    @staticmethod
    def _head(head: Head) -> tuple[Floats, Floats, Floats, Floats, int]:
        scaled = _floats(head.query) * INVERSE_TEMPERATURE
        return scaled, _floats(head.key), _floats(head.value), _floats(head.output), head.slope

    def run(self, ids: Ids, past: _Past | None, last: int) -> tuple[Floats, _Past]:
        """The residual stream at the ``last`` positions; a past with an axis of length 1 is shared."""
        first, length = past.length if past else 0, ids.shape[-1]
        places = np.arange(first, first + length, dtype=np.float64)
        x = self.tokens[ids] + np.stack([places, places * places], axis=-1) @ self.positions
        grown = _Past(first + length)
        for index, layer in enumerate(self.layers):
            if isinstance(layer, tuple):
                gate, value, output = layer
                x = x + (np.maximum(x @ gate, 0.0) * (x @ value)) @ output
                continue
            skip = length - last if index == self.last_attention else 0
            asking = x[..., skip:, :]
            update = np.zeros_like(asking)
            for number, (query, key, value, output, slope) in enumerate(layer):
                place = index, number
                keys, values = x @ key, x @ value
                grown.keys[place], grown.values[place] = keys, values
                parts = [(keys, values, first)]
                if past is not None:
                    parts.insert(0, (past.keys[place], past.values[place], 0))
                update += self._attend(asking @ query, parts, slope, first + skip) @ output
            x = asking + update
        return x, grown

    @staticmethod
    def _attend(query: Floats, parts: list[tuple[Floats, Floats, int]], slope: int, first: int) -> Floats:
        scores = []
        own = first + np.arange(query.shape[-2])
        for keys, _, start in parts:
            score = _times_shared(query, np.swapaxes(keys, -1, -2))
            there = start + np.arange(keys.shape[-2])
            if slope:
                score += slope * INVERSE_TEMPERATURE * there
            if len(there) and len(own) and there[-1] > first:
                score[..., there[None, :] > own[:, None]] = -np.inf
            scores.append(score)
        top = scores[0].max(axis=-1, keepdims=True, initial=-np.inf)
        for score in scores[1:]:
            top = np.maximum(top, score.max(axis=-1, keepdims=True, initial=-np.inf))
        weights = [np.exp(score - top) for score in scores]
        total = sum((w.sum(axis=-1, keepdims=True) for w in weights[1:]), weights[0].sum(axis=-1, keepdims=True))
        products = [_times_shared(w, values) for w, (_, values, _) in zip(weights, parts, strict=True)]
        mixed: Floats = sum(products[1:], products[0]) / total
        return mixed

    def answers(self, prefixes: Ids, suffixes: Ids) -> Ids:
        """The first token after every prefix and suffix, as :func:`constructions.engine.answer_grid` gives it."""
        _, past = self.run(prefixes, None, 0)
        shared = _Past(past.length)
        shared.keys = {place: keys[..., None, :, :] for place, keys in past.keys.items()}
        shared.values = {place: values[..., None, :, :] for place, values in past.values.items()}
        grid = np.broadcast_to(suffixes, (len(prefixes), *suffixes.shape))
        x, _ = self.run(grid, shared, 1)
        return np.argmax(x @ self.unembedding, axis=-1)[..., -1]


def _times_shared(a: Floats, b: Floats) -> Floats:
    """``a @ b``, the rows of ``a`` joined where they share ``b``."""
    if a.ndim > 2 and b.ndim == a.ndim and b.shape[-3] == 1 != a.shape[-3]:
        joined = a.reshape(*a.shape[:-3], a.shape[-3] * a.shape[-2], a.shape[-1])
        return (joined @ b[..., 0, :, :]).reshape(*a.shape[:-1], b.shape[-1])
    return a @ b


@dataclass
class Case:
    """All inputs with one n over some letters, in batches."""

    construction: Construction
    n: int
    alphabet: int

    def __post_init__(self) -> None:
        task = self.construction.task
        if not isinstance(task, RetrievalTask):
            raise TypeError(f"{task.name} has no grid of sequences and queries")
        self.task: RetrievalTask = task
        self.model = self.construction.at(max(self.n, self.alphabet))
        shift = self.model.vocabulary.first_number_id - self.model.vocabulary.low
        self.suffixes: Ids = task.queries(self.n, self.alphabet) + shift
        self.inputs = task.count(self.n, self.alphabet)

    def batches(self) -> Iterator[Ids]:
        """Prefixes as token ids, as exhaustive evidence groups them."""
        step = positions_at_once(self.model, self.n + 2, len(self.suffixes))
        total = self.alphabet**self.n
        for start in range(0, total, step):
            rows = self.task.sequences(self.n, self.alphabet, start, min(total, start + step))
            yield prefix_ids(self.model.vocabulary, rows)

    def seconds(self, answers: Callable[[Ids, Ids], Ids]) -> float:
        """Time to run everything once."""
        batches = list(self.batches())
        started = time.perf_counter()
        for prefixes in batches:
            answers(prefixes, self.suffixes)
        return time.perf_counter() - started

    def check_seconds(self) -> float:
        """Time of exhaustive evidence for this n, with the reference answers."""
        started = time.perf_counter()
        seen = _grid(Subject(self.construction), self.task, self.n, self.alphabet)
        seconds = time.perf_counter() - started
        if seen.failure is not None or seen.inputs != self.inputs:
            raise RuntimeError(f"{self.construction.name}: the check failed")
        return seconds

    def peak(self, answers: Callable[[Ids, Ids], Ids]) -> int:
        """Bytes that the first batch takes at most at one time."""
        prefixes = next(self.batches())
        tracemalloc.start()
        answers(prefixes, self.suffixes)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def fraction_seconds(self, inputs: int) -> float:
        """Time of the pure-Python reference for each of some inputs; checks the tokens on the way."""
        prefixes = next(self.batches())
        rng = np.random.default_rng(0)
        rows, columns = rng.integers(0, len(prefixes), inputs), rng.integers(0, len(self.suffixes), inputs)
        expected = answer_grid(self.model, prefixes, self.suffixes)[rows, columns]
        prompts = [[*prefixes[r].tolist(), *self.suffixes[c].tolist()] for r, c in zip(rows, columns, strict=True)]
        started = time.perf_counter()
        written = [decoded(self.model, prompt, 1)[0] for prompt in prompts]
        seconds = (time.perf_counter() - started) / inputs
        if written != expected.tolist():
            raise RuntimeError(f"{self.construction.name}: the Fractions give other tokens")
        return seconds


def measure(case: Case, rounds: int) -> tuple[list[str], float, float]:
    """A row of the table, and the ratios of time and memory to float64."""
    floating = FloatModel(case.model)

    def exact(prefixes: Ids, suffixes: Ids) -> Ids:
        return answer_grid(case.model, prefixes, suffixes)

    for prefixes in case.batches():  # warms both up, too
        if not np.array_equal(exact(prefixes, case.suffixes), floating.answers(prefixes, case.suffixes)):
            raise RuntimeError(f"{case.construction.name}: float64 gives other tokens")
    times = [(case.check_seconds(), case.seconds(exact), case.seconds(floating.answers)) for _ in range(rounds)]
    check_time, exact_time, float_time = (statistics.median(column) for column in zip(*times, strict=True))
    check_ratio = statistics.median(check / other for check, _, other in times)
    exact_ratio = statistics.median(exact / other for _, exact, other in times)
    exact_peak, float_peak = case.peak(exact), case.peak(floating.answers)
    fraction_time = case.fraction_seconds(20) * case.inputs
    memory_ratio = exact_peak / float_peak
    row = [
        case.construction.task.name,
        f"{case.inputs:,}",
        f"{check_time * 1e3:.1f}",
        f"{exact_time * 1e3:.1f}",
        f"{float_time * 1e3:.1f}",
        f"{check_ratio:.2f}",
        f"{exact_ratio:.2f}",
        f"{exact_peak / 2**20:.1f}",
        f"{float_peak / 2**20:.1f}",
        f"{memory_ratio:.2f}",
        f"{fraction_time / exact_time:,.0f}",
    ]
    return row, check_ratio, memory_ratio


HEADINGS = [
    "task",
    "inputs",
    "check ms",
    "exact ms",
    "float ms",
    "check/float",
    "exact/float",
    "exact MiB",
    "float MiB",
    "exact/float",
    "Fractions/exact",
]


def main() -> None:
    """Print the table and whether the aims are met."""
    parser = argparse.ArgumentParser(description="Exact arithmetic against float64 and Fractions.")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    results = [
        measure(Case(construction(f"transformer/{name}"), size, alphabet), rounds) for name, size, alphabet in CASES
    ]
    table = [HEADINGS, *(row for row, _, _ in results)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join([row[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))]))
    for what, aim, worst in (
        ("time", TIME_AIM, max(ratio for _, ratio, _ in results)),
        ("memory", MEMORY_AIM, max(ratio for _, _, ratio in results)),
    ):
        print(f"{what}: {worst:.2f} times that of float64 at most, aim {aim}: {'met' if worst <= aim else 'missed'}")


if __name__ == "__main__":
    main()
