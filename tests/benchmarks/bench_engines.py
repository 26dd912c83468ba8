"""The fast engine against the plain evaluator: ``python -m tests.benchmarks.bench_engines``.

Associative recall by a Transformer with two heads: a prompt of 10^2 to 10^5 tokens, one token written. Both
engines read the same prompts, turn by turn; printed are medians and their ratio. The plain evaluator
compares every query with every key, in blocks, with float64 products, which are exact here.

``--growth`` prints how the fast engine's processor time grows instead, one row for each of tokens, nodes, letters
and heads, with all else fixed as far as the construction lets it. Sizes alternate, medians are printed; the exponent
is the slope of a least-squares line through (log size, log median).
"""

import argparse
import functools
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.engine import Engine, decode
from constructions.tasks import Graph, Retrieval
from constructions.theorems import Construction, construction
from tests.benchmarks.bench_istree import alternating, exponent, seconds, tree

SUBJECT = construction("transformer/associative-recall")


def answered(n: int, engine: Engine, seed: int) -> float:
    """One decoding of a random prompt; the answer is checked."""
    rng = np.random.default_rng([seed, n])
    sequence = rng.integers(1, n + 1, n)
    asked = int(sequence[rng.integers(0, n - 1)])
    place = int(np.flatnonzero(sequence[:-1] == asked)[-1])
    prompt = ["<s>", *map(str, sequence.tolist()), "?", str(asked)]
    model = SUBJECT.at(n)
    began = time.perf_counter()
    written = decode(model, prompt, engine=engine, max_tokens=1, memory=2**35)
    taken = time.perf_counter() - began
    if written.answer != str(sequence[place + 1]):
        raise SystemExit(f"{engine}, n = {n}: wrong; no timing means anything")
    return taken


def _gram(c: int, tokens: int, letters: int, seed: int) -> tuple[Construction, Retrieval, int]:
    """Random letters, asked for what follows some c - 1 of them; and the n of the model."""
    rng = np.random.default_rng([seed, c, tokens, letters])
    sequence = rng.integers(1, letters + 1, tokens).tolist()
    asked = sequence[tokens // 2 : tokens // 2 + c - 1]
    return construction("transformer/c-gram", c=c), Retrieval(tuple(sequence), tuple(asked)), max(tokens, letters)


def _star(n: int) -> tuple[Construction, Graph, int]:
    return construction("retrieval/istree"), Graph(tuple((1, v) for v in range(2, n + 1))), n


def growth(seed: int, largest: int, rounds: int) -> None:
    """The table of ``--growth``."""
    sizes = [n for n in (3_000, 10_000, 30_000, 100_000) if n <= largest]
    subject = construction("transformer/istree")
    rows: tuple[tuple[str, list[int], Callable[[int], tuple[Construction, Any, int]]], ...] = (
        ("tokens, 3-gram", sizes, lambda n: _gram(3, n, 1000, seed)),
        ("nodes, random trees", sizes, lambda n: (subject, tree(n, seed), n)),
        ("nodes, stars with searches", sizes, _star),
        ("letters, 3-gram of 10,000", sizes, lambda n: _gram(3, 10_000, n, seed)),
        ("heads, c-gram of 30,000", [2, 3, 4, 5], lambda c: _gram(c, 30_000, 1000, seed)),
    )
    print(f"{'what grows':28} {'exponent':>8}  processor seconds by size, medians of {rounds}")
    for name, steps, make in rows:
        runs = [functools.partial(seconds, *make(step)) for step in steps]
        times = alternating(runs, rounds)
        shown = "  ".join(f"{step:,}: {taken:.3f}" for step, taken in zip(steps, times, strict=True))
        print(f"{name:28} {exponent(steps, times):8.2f}  {shown}", flush=True)


def main() -> None:
    """Print a line per length, or how time grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the prompts")
    parser.add_argument("--largest", type=int, default=100_000, help="the longest sequence")
    parser.add_argument("--growth", action="store_true", help="how time grows with tokens, nodes, letters and heads")
    parser.add_argument("--rounds", type=int, default=3, help="of --growth")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")
    began = time.perf_counter()
    answered(50, "fast", options.seed)
    print(f"first fast run, with loading or compiling: {time.perf_counter() - began:.1f} s")
    if options.growth:
        growth(options.seed, options.largest, options.rounds)
        return
    print(f"{'tokens':>8} {'rounds':>6} {'plain':>11} {'fast':>11} {'ratio':>9}")
    for n, rounds in ((100, 15), (1000, 9), (10_000, 3), (100_000, 1)):
        if n > options.largest:
            continue
        pairs = [(answered(n, "plain", options.seed), answered(n, "fast", options.seed)) for _ in range(rounds)]
        plain, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{n:8,} {rounds:6} {plain:9.4f} s {fast:9.4f} s {plain / fast:8.1f}x", flush=True)


if __name__ == "__main__":
    main()
