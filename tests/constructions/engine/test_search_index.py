"""The index answers searches as the expression does, or not at all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Search, Searcher
from constructions.engine import _runtime, decode
from constructions.engine._runtime import Runtime
from constructions.engine._search_index import alternatives_of
from constructions.machines import read_bbchallenge
from constructions.theorems import construction, variants
from constructions.vocabulary import Vocabulary

SEARCH = Search.of(
    "\\A", "\\A(?:", "(?:", ")", "(", "|", ".*", ".*?", "[^`?`]*", ".", "(.)", "([^`?`])", "[`?``>`]", "([`>`])", "*"
)  # fmt: skip
VOCABULARY = Vocabulary(("<s>", "?", ">", *SEARCH.tokens), 0, 3)
SEARCHER = Searcher(SEARCH, VOCABULARY)
PLAIN = [VOCABULARY.id_of(token) for token in ("?", ">", "0", "1", "2", "3")]
PIECES = [VOCABULARY.id_of(token) for token, _ in SEARCH.fragments]


@st.composite
def patterns(draw: st.DrawFn) -> list[int]:
    """Of the form more often than not."""
    identifier = VOCABULARY.id_of
    item = st.one_of(
        st.sampled_from(PLAIN).map(lambda i: [i]),
        st.sampled_from([[identifier(t)] for t in (".", "(.)", "([^?])", "[?>]", "([>])")]),
        st.sampled_from(PLAIN).map(lambda i: [identifier("("), i, identifier(")")]),
    )
    alternative = st.tuples(
        st.sampled_from([[identifier(".*")], [identifier("[^?]*")], [identifier(".*?")]]),
        st.lists(item, min_size=1, max_size=4),
    ).map(lambda found: found[0] + [i for part in found[1] for i in part])
    several = draw(st.lists(alternative, min_size=1, max_size=3))
    if len(several) == 1 and draw(st.booleans()):
        return [identifier("\\A"), *several[0]]
    joined = [identifier("\\A(?:")]
    for place, part in enumerate(several):
        joined += [identifier("|"), *part] if place else part
    return [*joined, identifier(")")]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.lists(st.sampled_from(PLAIN), max_size=9), patterns()), min_size=1, max_size=5))
def test_the_index_answers_like_the_expression(rounds: list[tuple[list[int], list[int]]]) -> None:
    """Several searches in one growing context, in which earlier searches stand as well."""
    runtime = Runtime(_model(), [0])
    for text, pattern in rounds:
        runtime._context += [*text, SEARCHER.opening, *pattern, SEARCHER.closing]
        wanted = SEARCHER.answer(runtime._context)
        found = _always(runtime)
        assert found in (None, wanted)
        if VOCABULARY.id_of(".*?") not in pattern:
            assert found is not None
        runtime._context += wanted.ids


def _always(runtime: Runtime) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_runtime, "_LONG_CONTEXT", 0)
        return runtime._indexed(SEARCHER)


def _model():  # type: ignore[no-untyped-def]
    return construction("retrieval/index").at(3)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *PLAIN]), max_size=8), st.lists(st.sampled_from(PLAIN), max_size=12))
def test_any_pieces(pattern: list[int], text: list[int]) -> None:
    runtime = Runtime(_model(), [*text, SEARCHER.opening, *pattern, SEARCHER.closing])
    assert _always(runtime) in (None, SEARCHER.answer(runtime._context))


@pytest.mark.parametrize(
    "pattern",
    [
        "\\AĀ*Ā",
        "\\A.*",
        "\\A.*?Ā",
        "Ā",
        "\\A[Ā]*Ā",
        "\\A.*Ā{2}",
        "\\A.*(?:Ā)",
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
            for _ in range(8):
                instance = subject.task.sample(rng, n)
                written = decode(subject.at(n), subject.reads(instance), max_tokens=subject.longest(n=n) + 1)
                assert written.tokens == subject.expected(instance, n)


def test_a_machine_for_two_thousand_steps() -> None:
    """With the index each search of retrieval/turing takes the same time; the result is the walk."""
    subject = construction("retrieval/turing", machine=read_bbchallenge("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"))
    n = 2000
    written = decode(subject.at(n), subject.reads(()), engine="fast", max_tokens=8 * n)
    assert written.tokens == subject.expected((), n)[: 8 * n]
