"""The index answers searches as the expression does, or not at all."""

import bisect
import contextlib
import functools
import itertools
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from constructions.architectures import Answer, Model, Search, Searcher
from constructions.engine import _runtime, _search_index, _search_places, decode
from constructions.engine._runtime import Runtime
from constructions.engine._search_index import SearchIndex, alternatives_of
from constructions.machines import read_bbchallenge
from constructions.tasks import Graph
from constructions.tasks._graph import graph_of
from constructions.theorems import construction, variants
from constructions.vocabulary import Vocabulary
from tests.batched_runs import transcripts

SEARCH = Search.of(
    "\\A", "\\A(?:", "(?:", ")", "(", "|", ".*", ".*?", "[^`?`]*", ".", "(.)", "([^`?`])", "[`?``>`]", "([`>`])", "*",
    "[^`?`]*?", "[^`?``>`]*", "[^`?`", "]*", "`>`", "`?`",
)  # fmt: skip
VOCABULARY = Vocabulary(("<s>", "?", ">", *SEARCH.tokens), 0, 3)
SEARCHER = Searcher(SEARCH, VOCABULARY)
PLAIN = [VOCABULARY.id_of(token) for token in ("?", ">", "0", "1", "2", "3")]
PIECES = [VOCABULARY.id_of(token) for token, _ in SEARCH.fragments]


def _each(*tokens: str) -> list[list[int]]:
    return [[VOCABULARY.id_of(token)] for token in tokens]


def _listed(pieces: list[list[int]], least: int, most: int) -> st.SearchStrategy[list[int]]:
    """So many of the pieces, one behind the other, by one choice."""
    chosen = st.binary(min_size=least, max_size=most)
    return chosen.map(lambda found: [i for k in found for i in pieces[k % len(pieces)]])


def _joined(parts: list[list[int]], opening: str = "(?:") -> list[int]:
    """A choice."""
    found = [VOCABULARY.id_of(opening)]
    for place, part in enumerate(parts):
        found += [VOCABULARY.id_of("|"), *part] if place else part
    return [*found, VOCABULARY.id_of(")")]


# Made once: what draws makes none of them again.
TEXTS = _listed([[i] for i in PLAIN], 0, 9)
UNGROUPED = _listed([*([[i] for i in PLAIN] * 2), *(_each(".", "[?>]", "\\>", "\\?") * 3)], 1, 4)
GROUPED = [[VOCABULARY.id_of("("), i, VOCABULARY.id_of(")")] for i in PLAIN]
ONE = _listed([*([i] for i in PLAIN), *_each(".", "[?>]", "\\>", "(.)", "([^?])", "([>])"), *GROUPED], 1, 4)
SEQUENCES = st.one_of(ONE, st.lists(ONE, min_size=1, max_size=3).map(_joined))
"""One to four characters, classes, dots and groups; or a choice of such."""
WRITTEN = [
    [VOCABULARY.id_of("[^?"), *found, VOCABULARY.id_of("]*")]
    for count in (1, 2)
    for found in itertools.product(PLAIN, repeat=count)
]
"""Classes with tokens that the model writes."""
FIRST = st.sampled_from([*(_each(".*", "[^?]*", ".*?", "[^?]*?", "[^?>]*") * 8), *WRITTEN])
SECOND = st.none() | st.tuples(st.sampled_from([*(_each("[^?]*", ".*", "[^?>]*") * 14), *WRITTEN]), UNGROUPED)
PARTS = st.lists(st.tuples(FIRST, SEQUENCES, SECOND), min_size=1, max_size=3)


def _pattern(parts: list[tuple[list[int], list[int], tuple[list[int], list[int]] | None]], alone: bool) -> list[int]:
    several = [[*first, *found, *([*second[0], *second[1]] if second else [])] for first, found, second in parts]
    return [VOCABULARY.id_of("\\A"), *several[0]] if len(several) == 1 and alone else _joined(several, "\\A(?:")


PATTERNS = st.builds(_pattern, PARTS, st.booleans())
"""Of the forms that the index reads."""
ROUNDS = st.lists(st.tuples(TEXTS, PATTERNS), min_size=1, max_size=5)


@settings(max_examples=400, deadline=None)
@given(ROUNDS)
def test_the_index_answers_like_the_expression(rounds: list[tuple[list[int], list[int]]]) -> None:
    """Several searches in one growing context, in which earlier searches stand as well."""
    _compare(rounds)


def _compare(rounds: list[tuple[list[int], list[int]]]) -> None:
    for found, wanted in _found(_answered(rounds), SearchIndex):
        assert found == wanted


def _answered(rounds: list[tuple[list[int], list[int]]]) -> list[tuple[list[int], Answer]]:
    """What each round adds to the context, and the answer of the expression, which stands there afterwards."""
    context, found = [0], list[tuple[list[int], Answer]]()
    for text, pattern in rounds:
        added = [*text, SEARCHER.opening, *pattern, SEARCHER.closing]
        context += added
        found.append((added, SEARCHER.answer(context)))
        context += found[-1][1].ids
    return found


def _found(rounds: list[tuple[list[int], Answer]], index: type[SearchIndex]) -> Iterator[tuple[object, Answer]]:
    """The answer of an index in each round, and the one that is wanted."""
    runtime = Runtime(_model(), [0])
    runtime._index = index()
    for added, wanted in rounds:
        runtime._context.extend(added)
        yield _always(runtime), wanted
        runtime._context.extend(wanted.ids)


def _always(runtime: Runtime) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_runtime, "_LONG_CONTEXT", 0)
        return runtime._indexed(SEARCHER)


@functools.cache
def _model() -> Model:
    return construction("retrieval/index").at(3)


@settings(max_examples=300, deadline=None)
@given(_listed([[i] for i in (*PIECES, *PLAIN)], 0, 8), _listed([[i] for i in PLAIN], 0, 12))
def test_any_pieces(pattern: list[int], text: list[int]) -> None:
    runtime = Runtime(_model(), [*text, SEARCHER.opening, *pattern, SEARCHER.closing])
    assert _always(runtime) in (None, SEARCHER.answer(runtime._context))


@pytest.mark.parametrize(
    "pattern",
    [
        "\\AĀ*Ā",
        "\\A.*",
        "\\A.*?",
        "\\A.*?Ā?",
        "\\A.*+Ā",
        "\\A.*ĀĀ*Ā",
        "\\A.*Ā.*(Ā)",
        "\\A.*Ā.*?Ā",
        "\\A.*Ā.*Ā.*Ā",
        "\\A.*(?:Ā)*Ā",
        "\\A.*(?:Ā|)",
        "\\A.*(?:(?:Ā))",
        "Ā",
        "\\A[Ā]*Ā",
        "\\A.*Ā{2}",
        "\\A.*Ā$",
        "\\A(?:.*Ā",
        "\\A.*((Ā))",
        "\\A.*()",
    ],
)
def test_other_forms_are_left_to_the_expression(pattern: str) -> None:
    assert alternatives_of(pattern) is None


@pytest.mark.parametrize("name", ["index", "associative-recall", "c-gram", "counting", "istree", "turing"])
def test_constructions_write_the_same_with_the_index(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_runtime, "_LONG_CONTEXT", 0)
    rng = np.random.default_rng(4)
    for subject in variants(f"retrieval/{name}"):
        for n in (2, 7):
            instances = [subject.task.sample(rng, n) for _ in range(8)]
            written = transcripts(subject.at(n), [subject.reads(i) for i in instances], subject.longest(n=n) + 1)
            assert written == [subject.expected(instance, n) for instance in instances]


FAULTS = [
    ("places[at] < best[0] if lazy", "places[at] > best[0] if lazy"),
    ("places[at] > best[0])", "places[at] < best[0])"),
    ("0 if lazy else count - 1", "count - 1 if lazy else 0"),
    ("bisect_right(places, last)", "bisect_left(places, last)"),
    ("if found <= self._next", "if found < self._next"),
    ("if tail is not None and count", "if tail is not None and False"),
    ("self.read - len(self._shape) + 1", "self.read"),
    ("if found < upto or self", "if True or self"),
    ("min(upto, last + length)", "min(upto, last)"),
    ("min(upto, limit + len(piece.shape))", "min(upto, limit)"),
    ("self._previous(barred, found, context) + 1", "found"),
    ("before - length, 0, at) - 1", "before - length, 0, at) - 2"),
    ("start + offset, end", "start + offset + 1, end"),
    ("literal in known[1:]", "literal in known[2:]"),
    ("groups[-1]", "groups[0]"),
    ("ids[~k] for", "ids[~literals[0]] for"),
    ("ids[~i] if i < 0 else i for", "i for"),
    ("ids[~i] if i < 0", "ids[i] if i < 0"),
    ("self._last + 1)", "self._last)"),
    ("self._several[~found].append(place)", "pass"),
    ('array("i", (found, place))', 'array("i", (place, found))'),
    ("self._slots[slot] = place\n\n", "pass\n\n"),
    ("== literals:", "!= ():"),
]


def _faulty(old: str, new: str) -> type[SearchIndex]:
    """The index with words of its source changed."""
    with pytest.MonkeyPatch.context() as patch:
        changed = False
        for module in (_search_places, _search_index):  # the second takes names from the first
            source = Path(str(module.__file__)).read_text(encoding="utf-8")
            faulty = types.ModuleType(module.__name__)
            exec(compile(source.replace(old, new), "faulty", "exec"), faulty.__dict__)  # noqa: S102
            patch.setitem(sys.modules, module.__name__, faulty)
            changed |= old in source
    assert changed, old
    return cast(type[SearchIndex], vars(faulty)["SearchIndex"])


def test_faults_in_the_index_are_found() -> None:
    """Each is seen by comparing with the expression on random texts and patterns, which are drawn once for all."""
    left = {fault: _faulty(*fault) for fault in FAULTS}

    @seed(1)
    @settings(max_examples=4000, deadline=None, database=None, phases=[Phase.generate])
    @given(ROUNDS)
    def compared(rounds: list[tuple[list[int], list[int]]]) -> None:
        added = _answered(rounds)
        for fault, index in [*left.items()]:
            with contextlib.suppress(ArithmeticError, LookupError, ValueError):  # not yet seen by comparing
                if any(found != wanted for found, wanted in _found(added, index)):
                    del left[fault]
        assert left, "all are found"

    with pytest.raises(AssertionError, match="all are found"):
        compared()


def _star(kind: str, n: int) -> Graph:
    turned = {"out": lambda v: False, "in": lambda v: True, "both": lambda v: v % 2 == 0}[kind]
    return graph_of(((v, 1) if turned(v) else (1, v) for v in range(2, n + 1)), labelled=False)


@pytest.mark.parametrize("kind", ["out", "in", "both"])
def test_on_a_star_a_search_looks_at_few_places(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub has n - 1 edges and is left n - 1 times: with all its edges tried each time, n^2 / 2 bisections."""
    counts = [0]

    def counted(*arguments: Any) -> int:
        counts[0] += 1
        return bisect.bisect_left(*arguments)

    monkeypatch.setattr(_search_places, "bisect_left", counted)
    subject, n = construction("retrieval/istree"), 150
    graph = _star(kind, n)
    written = decode(subject.at(n), subject.reads(graph), engine="fast")
    assert written.tokens == subject.expected(graph, n)
    assert n < counts[0] < 60 * n


def test_a_machine_for_two_thousand_steps() -> None:
    """With the index each search of retrieval/turing takes the same time; the result is the walk."""
    subject = construction("retrieval/turing", machine=read_bbchallenge("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"))
    n = 2000
    written = decode(subject.at(n), subject.reads(()), engine="fast", max_tokens=8 * n)
    assert written.tokens == subject.expected((), n)[: 8 * n]
