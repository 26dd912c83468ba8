"""How long a search takes as the context grows: ``python -m tests.benchmarks.bench_search``.

Every kind of expression that the constructions write, on contexts of 1,000, 10,000 and 100,000 tokens that
give it the most to do: the query absent, everywhere, missed narrowly many times; edges in one order and the
other; long tours. Only the search is timed, not the compilation, sizes alternating, the least of some runs; the
exponent is the slope of a least-squares line through (log tokens, log time). The last column is the whole answer
on the longest context: tokens to characters, compilation (unless cached), search.

Three quadratic expressions stand at the end, so that it can be seen what one looks like.
"""

import argparse
import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from constructions.architectures._search import text_of
from constructions.tasks import Retrieval
from constructions.theorems import Construction, construction
from constructions.theorems._theorem_5_3 import _KNOWN, _NEXT

SIZES = (1_000, 10_000, 100_000)

_LINEAR = 1.15


@dataclass(frozen=True)
class Case:
    """A search for every length of the context: ``tokens(size)`` are context, opening, expression, closing."""

    construction: str
    name: str
    tokens: Callable[[int], tuple[str, ...]]
    c: int = 3

    def ids(self, size: int) -> list[int]:
        """The tokens as ids of the model that can have them."""
        tokens = self.tokens(size)
        return (
            construction(self.construction, c=self.c if self.construction.endswith("c-gram") else None)
            .at(max(3, len(tokens)))
            .vocabulary.encode(tokens)
        )

    def answer(self, size: int) -> Callable[[], object]:
        """The runtime's work."""
        ids = self.ids(size)
        searcher = (
            construction(self.construction, c=self.c if self.construction.endswith("c-gram") else None)
            .at(len(ids))
            .searcher
        )
        assert searcher is not None
        return lambda: searcher.answer(ids)

    def search(self, size: int) -> tuple[str, str]:
        """The regular expression, and the text that it searches."""
        ids = self.ids(size)
        searcher = (
            construction(self.construction, c=self.c if self.construction.endswith("c-gram") else None)
            .at(len(ids))
            .searcher
        )
        assert searcher is not None
        opening = len(ids) - 1 - ids[::-1].index(searcher.opening)
        return searcher.pattern(ids[opening + 1 : -1]), text_of(ids[:opening])


def _written(subject: Construction, sequence: Sequence[int], query: Sequence[int]) -> tuple[str, ...]:
    """Prompt and first search of a retrieval task, by its reference."""
    instance = Retrieval(tuple(sequence), tuple(query))
    expected = subject.expected(instance)
    return (*subject.reads(instance), *expected[: expected.index("</search>") + 1])


def _retrieval(task: str, name: str, make: Callable[[int], tuple[Sequence[int], Sequence[int]]], c: int = 3) -> Case:
    subject = construction(f"retrieval/{task}", c=c if task == "c-gram" else None)
    return Case(subject.name, name, lambda size: _written(subject, *make(size - len(make(6)[1]) - 2)), c)


def retrieval_cases() -> Iterator[Case]:
    """Of Theorem 5.2."""
    yield _retrieval("index", "the last of all", lambda n: ([1] * n, [n]))
    yield _retrieval("index", "the first of all", lambda n: ([1] * n, [1]))
    for task, c, query in (
        ("associative-recall", 2, (1,)),
        ("c-gram", 2, (1,)),
        ("c-gram", 3, (1, 2)),
        ("c-gram", 5, (1, 1, 1, 2)),
    ):
        label = f", c = {c}" if task == "c-gram" else ""
        k = len(query)
        tail = query[: k - 1]
        for name, sequence in (
            ("query absent", lambda n: [3] * n),
            ("query everywhere", lambda n, query=query, k=k: [*query] * (n // k) + [3] * (n % k)),
            ("query first only", lambda n, query=query, k=k: [*query] + [3] * (n - k)),
            ("query without successor", lambda n, query=query, k=k: [3] * (n - k) + [*query]),
            ("near-misses", lambda n, tail=tail: [1] * n if tail else [3, 2] * (n // 2) + [3] * (n % 2)),
        ):
            yield _retrieval(task, name + label, lambda n, s=sequence, q=query: (s(n), q), c)  # type: ignore[misc]
    for name, period, threshold in (
        ("token absent, t = 0", [2], lambda n: 0),
        ("token absent, t = n", [2], lambda n: n),
        ("token everywhere, t = n - 1", [1], lambda n: n - 1),
        ("token everywhere, one too few", [1], lambda n: n),
        ("every other token, one too few", [1, 2], lambda n: (n + 1) // 2),
        ("every tenth token, one too few", [2] * 9 + [1], lambda n: n // 10),
        ("every other token, half of them", [2, 1], lambda n: n // 4),
    ):
        repeated = lambda n, p=period: (p * (n // len(p) + 1))[:n]  # noqa: E731
        yield _retrieval("counting", name, lambda n, s=repeated, t=threshold: (s(n), [1, t(n)]))  # type: ignore[misc]


def _edges(pairs: Sequence[tuple[int, int]]) -> list[str]:
    return ["<s>", *(token for u, v in pairs for token in (str(u), "~", str(v))), "?"]


def _records(pairs: Sequence[tuple[int, int]]) -> list[str]:
    return [token for u, c in pairs for token in (">", str(u), str(c))]


def _istree(name: str, template: str, context: Callable[[int], list[str]], **names: int) -> Case:
    def tokens(size: int) -> tuple[str, ...]:
        written = [str(names[token]) if token in names else token for token in template.split()]
        return (*context(size), "<search>", *written, "</search>")

    return Case("retrieval/istree", name, tokens)


def istree_cases() -> Iterator[Case]:
    """Of Theorem 5.3. The records of the tour need not be those of a graph for the time to be the worst."""
    graphs: dict[str, Callable[[int], list[tuple[int, int]]]] = {
        "star": lambda m: [(1, v) for v in range(2, m + 2)],
        "star, other way round": lambda m: [(v, 1) for v in range(2, m + 2)],
        "star, both ways": lambda m: [(1, v) if v % 2 else (v, 1) for v in range(2, m + 2)],
        "path": lambda m: [(v, v + 1) for v in range(1, m + 1)],
        "path, other way round": lambda m: [(v + 1, v) for v in range(m, 0, -1)],
        "edges of 1 first and last": lambda m: [(1, 2), *((v, v + 1) for v in range(4, m + 2)), (3, 1)],
        "edges of 1 every tenth": lambda m: [(1, v) if v % 10 == 3 else (v, v + 1) for v in range(2, m + 2)],
        "edges of others": lambda m: [(v, v + 1) for v in range(4, m + 4)],
        "edges of 2 only": lambda m: [(2, v) if v % 2 else (v, 2) for v in range(4, m + 4)],
    }
    for name, pairs in graphs.items():
        for u in (2, 3, 0):
            what = {2: "from 2", 3: "from 3", 0: "from nowhere"}[u]
            yield _istree(f"next, {name}, {what}", _NEXT, lambda size, p=pairs: _edges(p(size // 3)), c=1, u=u)  # type: ignore[misc]
    tours: dict[str, Callable[[int], list[tuple[int, int]]]] = {
        "star": lambda k: [(1, v // 2 + 2) if v % 2 else (v // 2 + 2, 1) for v in range(k)],
        "path": lambda k: [(v, v + 1) for v in range(1, k + 1)],
        "pair everywhere": lambda k: [(1, 2)] * k,
        "pair reversed": lambda k: [(2, 1)] * k,
        "near-misses of both": lambda k: [(1, 3) if v % 2 else (3, 4) for v in range(k)],
        "y reached everywhere": lambda k: [(4, 2)] * k,
        "unseen": lambda k: [(4, 5)] * k,
        "c only": lambda k: [(1, 1)] * k,
    }
    for name, records in tours.items():
        for template, what in ((_KNOWN, "known"), (_NEXT, "next after a tour")):
            yield _istree(
                f"{what}, {name}",
                template,
                lambda size, r=records: [*_edges([(1, 2), (2, 3)]), *_records(r(size // 3 - 3))],  # type: ignore[misc]
                c=1,
                y=2,
                u=3,
            )
    yield _istree("known, long edge list", _KNOWN, lambda size: _edges([(1, 2)] * (size // 3)), c=1, y=2, u=3)


def cases() -> Iterator[Case]:
    """All expressions on all their contexts."""
    yield from retrieval_cases()
    yield from istree_cases()


QUADRATIC: dict[str, Callable[[int], tuple[str, str]]] = {
    r"\A.*a.*b": lambda size: (r"\A.*a.*b", "a" * size),
    r".*b, not anchored": lambda size: (r".*b", "a" * size),
    r"\A.*?a[^b]*b": lambda size: (r"\A.*?a[^b]*b", "a" * size),
}
"""Expressions that are not linear."""


def least(runs: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The least time of each run, after some rounds of all of them, in seconds."""
    times = [float("inf")] * len(runs)
    for _ in range(rounds):
        for place, run in enumerate(runs):
            began = time.perf_counter()
            run()
            times[place] = min(times[place], time.perf_counter() - began)
    return times


def report(name: str, searches: Sequence[tuple[str, str]], rounds: int, whole: Callable[[], object] | None) -> float:
    """One line; returns the exponent."""
    runs = [lambda e=re.compile(pattern), text=text: e.search(text) for pattern, text in searches]  # type: ignore[misc]
    times = least(runs, rounds)
    slope = float(np.polyfit(np.log([len(text) for _, text in searches]), np.log(times), 1)[0])
    last = "" if whole is None else f"{least([whole], 2)[0] * 1e3:9.2f} ms"
    print(f"{name:70} {' '.join(f'{taken * 1e3:9.3f} ms' for taken in times)}  {slope:5.2f}  {last}", flush=True)
    return slope


def main() -> None:
    """Print all times; exit code 1 if an expression of ours grows faster than is claimed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the longest context, in tokens")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sizes = [size for size in SIZES if size <= options.largest]
    print(f"Python {platform.python_version()}; contexts of {', '.join(f'{size:,}' for size in sizes)} tokens")
    slopes = []
    for case in cases():
        searches = [case.search(size) for size in sizes]
        name = f"{case.construction.removeprefix('retrieval/')}: {case.name}"
        slopes.append(report(name, searches, options.rounds, case.answer(sizes[-1])))
    print(f"\n{len(slopes)} searches, largest exponent {max(slopes):.2f} (at most {_LINEAR} is linear)")
    print("\nnot linear, for comparison (up to 10,000 characters)")
    for name, make in QUADRATIC.items():
        report(name, [make(size) for size in sizes[:2]], 1, None)
    raise SystemExit(max(slopes) > _LINEAR)


if __name__ == "__main__":
    main()
