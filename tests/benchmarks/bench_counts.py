"""How fast states are counted: ``python -m tests.benchmarks.bench_counts``.

Tables of answer rows are made by NumPy, all prefixes at once, and by a plain loop over prefixes and queries with the
task's reference; both are timed in turn, and must agree. Partition refinement is timed alone, and likewise
against a plain loop over all pairs of states and edges. Medians are printed.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

from proofs_check.lower_bounds import Scope, closed_form, count, scope_of
from proofs_check.lower_bounds._graphs import edge_sets, refine
from proofs_check.lower_bounds._prefixes import all_prefixes, distinct_rows

TABLES = (
    scope_of("index", 15, 2),
    scope_of("counting", 6),
    scope_of("associative-recall", 7),
    scope_of("associative-recall", 9, 3, family="words"),
    scope_of("c-gram", 9, 3, c=3, family="words"),
)


def by_numpy(scope: Scope, prefixes: np.ndarray) -> int:  # type: ignore[type-arg]
    """The number of different rows."""
    return len(distinct_rows(scope.answer_rows(prefixes)))


def by_loop(scope: Scope, prefixes: list[tuple[int, ...]]) -> int:
    """The number of different rows, which the task's reference gives prefix by prefix."""
    queries = scope.queries()
    return len({tuple(scope.reference.answers(prefix, queries)) for prefix in prefixes})


def refined_by_loop(nodes: int) -> int:
    """Moore's refinement with lists and dictionaries."""
    edges = nodes * (nodes - 1) // 2
    size = 1 << edges
    after = [[size if s == size or s >> e & 1 else s | 1 << e for e in range(edges)] for s in range(size + 1)]
    labels = [int(tree) for tree in edge_sets(nodes).tree] + [0]
    classes = len(set(labels))
    while True:
        names: dict[tuple[int, ...], int] = {}
        labels = [names.setdefault((labels[s], *(labels[t] for t in after[s])), len(names)) for s in range(size + 1)]
        if len(names) == classes:
            return classes
        classes = len(names)


def timed(*calls: Callable[[], int], repeats: int) -> list[float]:
    """The median seconds of each, in turn; they must give the same."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        results = set()
        for call, taken in zip(calls, seconds, strict=True):
            began = time.perf_counter()
            results.add(call())
            taken.append(time.perf_counter() - began)
        if len(results) != 1:
            raise SystemExit(f"the results differ: {results}")
    return [statistics.median(taken) for taken in seconds]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median is printed (3)")
    repeats = parser.parse_args().repeats
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; median of {repeats} runs")
    for scope in TABLES:
        prefixes = all_prefixes(scope)
        array = np.array(prefixes)
        if {scope.answer_token(int(c)) for c in scope.answer_rows(array[:1])[0]} != set(
            scope.reference.answers(prefixes[0], scope.queries())
        ):
            raise SystemExit("the tables differ")
        fast, plain = timed(lambda s=scope, a=array: by_numpy(s, a), lambda s=scope, p=prefixes: by_loop(s, p),
                            repeats=repeats)  # type: ignore[misc]  # fmt: skip
        cells = len(prefixes) * len(scope.queries())
        print(f"{scope.task}, n = {scope.n}, k = {scope.alphabet}: {cells:,} answers in {fast:.4f} s, "
              f"by a plain loop {plain:.3f} s, ratio {plain / fast:.0f}")  # fmt: skip
    fast, plain = timed(lambda: len(refine(6).transitions), lambda: refined_by_loop(6), repeats=repeats)
    print(f"istree on 6 nodes, partition refinement: {fast:.4f} s, by a plain loop {plain:.3f} s, "
          f"ratio {plain / fast:.0f}")  # fmt: skip
    for nodes in (7,):
        scope = scope_of("istree", nodes)
        (seconds,) = timed(lambda s=scope: count(s).lower, repeats=repeats)  # type: ignore[misc]
        known = closed_form(scope)
        print(f"istree on {nodes} nodes, partition refinement: {known and known.states} states in {seconds:.2f} s")


if __name__ == "__main__":
    main()
