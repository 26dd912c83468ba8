"""How fast the recurrent models decide IsTree: ``python -m tests.benchmarks.bench_hybrid``.

Random trees in random order and orientation; every run is compared with the reference transcript. Sizes and
engines alternate in one run, and medians of processor time are printed. The exponent is the slope of a least-squares
line through (log tokens, log median). First the hybrid and the Transformer decide one tree of ten times ``--largest``
nodes, beside each other. The first fast run, which loads compiled code, is reported apart.
"""

import argparse
import functools
import os
import platform
import time

import numpy as np

from constructions.engine import Engine
from constructions.tasks import Graph
from constructions.theorems import construction
from tests.benchmarks.bench_istree import alternating, exponent, of_tree, tree


def seconds(name: str, graph: Graph, engine: Engine) -> float:
    """One decoding, the model given; the transcript is checked."""
    return of_tree(graph, engine, construction(name))


def tokens_of(name: str, graph: Graph) -> int:
    """Prompt and chain of thought."""
    subject = construction(name)
    return len(subject.reads(graph)) + len(subject.expected(graph))


def scale(name: str, sizes: list[int], seed: int, rounds: int) -> None:
    """The fast engine alone."""
    graphs = [tree(n, seed) for n in sizes]
    times = alternating([lambda g=graph: seconds(name, g, "fast") for graph in graphs], rounds)  # type: ignore[misc]
    lengths = [tokens_of(name, graph) for graph in graphs]
    print(f"\n{name}, fast engine, medians of {rounds}")
    for n, length, taken in zip(sizes, lengths, times, strict=True):
        print(f"{n:8,} nodes {length:9,} tokens {taken:9.4f} s {length / taken:12,.0f} tokens/s")
    if len(sizes) > 1:
        print(f"time grows like tokens^{exponent(lengths, times):.2f}")


def compare(name: str, n: int, seed: int) -> None:
    """Both engines on one tree, turn by turn."""
    graph = tree(n, seed)
    slow, quick = alternating([lambda: seconds(name, graph, "plain"), lambda: seconds(name, graph, "fast")], 3)
    print(f"{name}, {n} nodes: plain {slow:.3f} s, fast {quick:.4f} s, ratio {slow / quick:.1f}")


def beside(n: int, seed: int) -> None:
    """The hybrid and the Transformer on one tree, turn by turn, by the fast engine."""
    graph, names = tree(n, seed), ("hybrid/istree", "transformer/istree")
    ours, theirs = alternating([functools.partial(seconds, name, graph, "fast") for name in names], 3)
    print(f"\n{n:,} nodes: {names[0]} {ours:.2f} s, {names[1]} {theirs:.2f} s, ratio {ours / theirs:.2f}")


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the trees")
    parser.add_argument(
        "--largest",
        type=int,
        default=10_000,
        help="the most nodes of a tree",
    )
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")
    beside(10 * options.largest, options.seed)
    for name, most in (("hybrid/istree", 10_000), ("retrieval/istree", 1000)):
        began = time.perf_counter()
        seconds(name, tree(20, options.seed), "fast")
        print(f"\n{name}: first fast run {time.perf_counter() - began:.1f} s")
        compare(name, 60, options.seed)
        scale(name, [n for n in (100, 1000, 10_000) if n <= min(most, options.largest)], options.seed, 3)


if __name__ == "__main__":
    main()
