"""The fast engine against the plain evaluator: ``python -m tests.benchmarks.bench_engines``.

Associative recall by a Transformer with two heads: a prompt of 10^2 to 10^5 tokens, one token written. Both
engines read the same prompts, turn by turn; printed are medians and their ratio. The plain evaluator
compares every query with every key, in blocks, with float64 products, which are exact here.
"""

import argparse
import os
import platform
import statistics
import time

import numpy as np

from constructions.engine import Engine, decode
from constructions.theorems import construction

SUBJECT = construction("transformer/associative-recall")


def seconds(n: int, engine: Engine, seed: int) -> float:
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


def main() -> None:
    """Print a line per length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the prompts")
    parser.add_argument("--largest", type=int, default=100_000, help="the longest sequence")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")
    began = time.perf_counter()
    seconds(50, "fast", options.seed)
    print(f"first fast run, with loading or compiling: {time.perf_counter() - began:.1f} s")
    print(f"{'tokens':>8} {'rounds':>6} {'plain':>11} {'fast':>11} {'ratio':>9}")
    for n, rounds in ((100, 15), (1000, 9), (10_000, 3), (100_000, 1)):
        if n > options.largest:
            continue
        pairs = [(seconds(n, "plain", options.seed), seconds(n, "fast", options.seed)) for _ in range(rounds)]
        plain, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{n:8,} {rounds:6} {plain:9.4f} s {fast:9.4f} s {plain / fast:8.1f}x", flush=True)


if __name__ == "__main__":
    main()
