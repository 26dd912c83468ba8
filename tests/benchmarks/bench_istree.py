"""How long IsTree takes: ``python -m tests.benchmarks.bench_istree``.

Random trees in random order and orientation. A tree of n nodes makes 3n - 1 tokens of prompt and a chain of
thought of 2n tokens, 5n - 1 in all; every run is compared with the reference tour. Runs that are compared
with each other alternate, and medians are printed with their ratio. The exponent is the slope of a
least-squares line through (log tokens, log median).

The first fast run loads compiled code; it is made beforehand and reported apart.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import networkx as nx
import numpy as np

from constructions.engine import Engine, decode
from constructions.tasks import Graph
from constructions.tasks._graph_formats import read_graphs
from constructions.tasks._graph_samples import random_tree
from constructions.theorems import Construction, construction
from tests.istree_evidence import shuffled

SUBJECT = construction("transformer/istree")


def tree(n: int, seed: int) -> Graph:
    """A random tree of n nodes in a random order and orientation."""
    rng = np.random.default_rng([seed, n])
    return shuffled(rng, random_tree(rng, n))


def seconds(subject: Construction, instance: Any, n: int, engine: Engine = "fast") -> float:
    """One decoding by the model of size n, which is given; the transcript is checked."""
    model, prompt = subject.at(n), subject.reads(instance)
    began = time.process_time()
    written = decode(model, prompt, engine=engine, max_tokens=model.context, memory=2**35)
    taken = time.process_time() - began
    if written.tokens != tuple(subject.expected(instance, n)):
        raise SystemExit(f"{subject.name}, {engine}, n = {n}: wrong; no timing means anything")
    return taken


def of_tree(graph: Graph, engine: Engine, subject: Construction = SUBJECT) -> float:
    """One decoding of a tree, by the model of its size."""
    return seconds(subject, graph, graph.number_of_nodes, engine)


def alternating(runs: Sequence[Callable[[], float]], repeats: int) -> list[float]:
    """The median of each run, after ``repeats`` rounds of all of them."""
    times = [[run() for run in runs] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def exponent(tokens: Sequence[int], times: Sequence[float]) -> float:
    """The slope in a log-log plot."""
    return float(np.polyfit(np.log(tokens), np.log(times), 1)[0])


def tokens_of(n: int) -> int:
    """Prompt and chain of thought of a tree."""
    return 5 * n - 1


def compare_engines(seed: int, largest: int) -> None:
    """Both engines on the same trees, turn by turn."""
    print("\nplain against fast, alternating, medians")
    print(f"{'nodes':>8} {'tokens':>8} {'rounds':>6} {'plain':>11} {'fast':>11} {'ratio':>8}")
    tokens: list[int] = []
    plain: list[float] = []
    fast: list[float] = []
    for n, rounds in ((20, 15), (63, 9), (200, 7), (632, 3), (2000, 1)):
        if n > largest:
            continue
        graph = tree(n, seed)
        slow, quick = alternating([lambda g=graph: of_tree(g, "plain"), lambda g=graph: of_tree(g, "fast")], rounds)  # type: ignore[misc]
        tokens.append(tokens_of(n))
        plain.append(slow)
        fast.append(quick)
        print(f"{n:8,} {tokens[-1]:8,} {rounds:6} {slow:9.4f} s {quick:9.4f} s {slow / quick:7.1f}x")
    print(f"time grows like tokens^{exponent(tokens, plain):.2f} (plain), tokens^{exponent(tokens, fast):.2f} (fast)")


def scale_fast(seed: int, largest: int) -> None:
    """The fast engine alone, to many nodes."""
    print("\nfast engine, sizes alternating, medians of 3")
    sizes = [n for n in (1000, 3162, 10_000, 31_623, 100_000) if n <= largest]
    graphs = [tree(n, seed) for n in sizes]
    times = alternating([lambda g=graph: of_tree(g, "fast") for graph in graphs], 3)  # type: ignore[misc]
    for n, taken in zip(sizes, times, strict=True):
        print(f"{n:8,} nodes {tokens_of(n):8,} tokens {taken:8.3f} s {tokens_of(n) / taken:12,.0f} tokens/s")
    slope = exponent([tokens_of(n) for n in sizes], times)
    print(f"time grows like tokens^{slope:.2f} (at most 1.15 wanted); largest {times[-1]:.2f} s (at most 30 s wanted)")


def plain_at_a_thousand(seed: int) -> None:
    """The plain evaluator with its cache on a tree of 1,000 nodes."""
    taken = statistics.median(of_tree(tree(1000, seed), "plain") for _ in range(3))
    print(f"\nplain evaluator with cache, tree of 1,000 nodes (4,999 tokens): {taken:.2f} s, median of 3 (20 s wanted)")


def graph_of_a_file(seed: int, rounds: int = 3) -> None:
    """Reading a file of 78,736 edges, and deciding whether they make a tree, beside networkx."""
    nodes, edges = 20_000, 78_736
    text = "".join(f"{u}\t{v}\n" for u, v in nx.gnm_random_graph(nodes, edges, seed=seed).edges)
    graph = read_graphs(text)[0]
    model, prompt = SUBJECT.at(graph.number_of_nodes), SUBJECT.reads(graph)

    def timed(call: Callable[[], object], expected: object) -> float:
        began = time.process_time()
        if call() != expected:
            raise SystemExit("a file of edges: another graph or answer; no timing means anything")
        return time.process_time() - began

    def by_networkx() -> bool:
        return bool(nx.is_tree(nx.parse_edgelist(text.splitlines())))

    reading, deciding, theirs = alternating(
        [
            lambda: timed(lambda: read_graphs(text), [graph]),
            lambda: timed(lambda: decode(model, prompt, engine="fast", memory=2**34).answer, "NO"),
            lambda: timed(by_networkx, False),
        ],
        rounds,
    )
    print(
        f"\na file of {edges:,} edges, medians of {rounds}: reading {reading:.2f} s, deciding {deciding:.2f} s; "
        f"networkx reads and decides in {theirs:.2f} s; ratio {(reading + deciding) / theirs:.1f}"
    )


def main() -> None:
    """Run all of it, or less with ``--largest``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the trees")
    parser.add_argument("--largest", type=int, default=100_000, help="the most nodes of a tree")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")
    began = time.perf_counter()
    of_tree(tree(20, options.seed), "fast")
    print(f"first fast run, with loading or compiling: {time.perf_counter() - began:.1f} s")
    compare_engines(options.seed, options.largest)
    if options.largest >= 1000:
        plain_at_a_thousand(options.seed)
        scale_fast(options.seed, options.largest)
        graph_of_a_file(options.seed)


if __name__ == "__main__":
    main()
