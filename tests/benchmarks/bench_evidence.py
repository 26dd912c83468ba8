"""Which path runs evidence fastest: ``python -m tests.benchmarks.bench_evidence``.

Batches of inputs as ``verify`` runs them, by the evaluator (hundreds of prompts at once), by the loop that goes
from one prompt to the next, and by the fast engine, one prompt after the other; in turn, medians of processor time.
All three must write the same. Models that search, or that have no attention, are not run by the loop.
"""

import statistics
import time
from collections.abc import Callable
from unittest import mock

import numpy as np

from constructions.engine import _run_many
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from proofs_check.evidence._runs import Subject

ROUNDS = 3
SIZES = {"istree": [(4, 512), (30, 64)], "turing": [(3, 256), (13, 64)]}
OTHERS = [(3, 512), (34, 64)]


def inputs(subject: Construction, n: int, count: int) -> list[object]:
    """Random inputs of a size."""
    rng = np.random.default_rng(n)
    return [subject.task.sample(rng, n) for _ in range(count)]


def ways(subject: Construction, n: int, instances: list[object]) -> dict[str, Callable[[], object]]:
    """Each path, whatever the facts say."""

    def by(walks: bool, alone: bool) -> object:
        with (
            mock.patch.object(_run_many, "_walks", return_value=walks),
            mock.patch.object(_run_many, "_one_by_one", return_value=alone),
        ):
            return Subject(subject).transcripts(n, instances)

    found = {"evaluator": lambda: by(False, False), "one by one": lambda: by(False, True)}
    if subject.at(n).heads and subject.blueprint.search is None:
        found["loop"] = lambda: by(True, False)
    return found


def main() -> None:
    """A line for each construction and size."""
    for name in CONSTRUCTIONS:
        subject = construction(name)
        for n, count in SIZES.get(name.split("/")[1], OTHERS):
            instances = inputs(subject, n, count)
            paths = ways(subject, n, instances)
            first = [call() for call in paths.values()]
            if any(other != first[0] for other in first):
                raise SystemExit(f"{name}, n = {n}: the paths write different tokens")
            taken: dict[str, list[float]] = {path: [] for path in paths}
            for _ in range(ROUNDS):
                for path, call in paths.items():
                    began = time.process_time()
                    call()
                    taken[path].append(time.process_time() - began)
            middle = {path: statistics.median(times) for path, times in taken.items()}
            chosen = ", ".join(f"{path} {1000 * seconds:,.1f} ms" for path, seconds in middle.items())
            print(f"{name:30} n = {n:3}, {len(instances):4} inputs: {chosen}", flush=True)


if __name__ == "__main__":
    main()
