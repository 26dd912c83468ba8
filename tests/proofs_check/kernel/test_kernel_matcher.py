"""The kernel's matcher and search language, against Python's ``re`` and against the definition in constructions."""

import contextlib
import itertools
import json
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Search as PlainSearch
from constructions.architectures import Searcher
from constructions.engine import decode
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary
from proofs_check.certificates import canonical_text, model_to_json
from proofs_check.kernel import _search
from proofs_check.kernel._inputs import Inputs
from proofs_check.kernel._matcher import DEEPEST, MOST_INSTRUCTIONS, SIGNS, Expression, captured
from proofs_check.kernel._model import Model
from proofs_check.kernel._reference import Question, edges_of
from proofs_check.kernel._search import MOST_STEPS, Search
from proofs_check.kernel._verdict import Incomplete, Malformed

SIZES = {"index": (3, 3), "associative-recall": (4, 2), "c-gram": (4, 2), "counting": (3, 2), "istree": (3, 3)}
NAMES = [f"retrieval/{task}" for task in SIZES]
MANY = 10**6


def expression(pattern: str) -> Expression:
    """A pattern of ``re`` in which the letters are tokens."""
    return Expression([sign if sign in SIGNS - {"A"} or pattern[p - 1] == "\\" else ord(sign)
                       for p, sign in enumerate(pattern)])  # fmt: skip


def groups(pattern: str, text: str) -> tuple[str | None, ...] | None:
    """What the groups of the first match captured, by the kernel."""
    compiled = expression(pattern)
    marks, _ = compiled.search([ord(letter) for letter in text], MANY)
    if marks is None:
        return None
    count = re.compile(pattern).groups
    return tuple(text[marks[2 * g] : marks[2 * g + 1]] if 2 * g in marks else None for g in range(count))


def agree(pattern: str, text: str) -> None:
    found = re.search(pattern, text)
    assert groups(pattern, text) == (None if found is None else found.groups()), (pattern, text)
    expected = "" if found is None else next((group for group in reversed(found.groups()) if group), "")
    assert captured(expression(pattern), [ord(letter) for letter in text], MANY)[0] == list(map(ord, expected))


texts = st.text("Sabc;", max_size=12)
_one = st.sampled_from(["a", "b", "c", "S", ";", ".", "[^;]", "[^;a]", "[ab]", "[^a]"])
_scan = st.builds(str.__add__, _one, st.sampled_from(["*", "*?"]))


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sequence = st.lists(inner, max_size=4).map("".join)
    choice = st.lists(sequence, min_size=1, max_size=3).map("|".join)
    group = choice.map("({})".format) | choice.map("(?:{})".format)
    return sequence | group | st.builds("{}{{{}}}".format, group | _one, st.integers(0, 3))


patterns = st.builds(
    str.__add__, st.sampled_from(["\\A", ""]), st.recursive(_one | _scan, _longer, max_leaves=12)
)  # fmt: skip


@given(patterns, texts)
@settings(max_examples=600, deadline=None)
def test_groups_are_those_of_re(pattern: str, text: str) -> None:
    agree(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["(a|ab)(c|bcd)", "(a*)(a*)", "(a*?)(a*)b", ".*?a(.)", "a|(b)", "(?:(a)|b){2}", "(?:|a)(b*)",
     "\\A|(a)", "(?:a\\A|(.))", "((a)|b(c*)){3}", "(a){0}(b)", "()(a)", "(?:){1000}(a)"],
)  # fmt: skip
def test_groups_are_those_of_re_on_all_short_texts(pattern: str) -> None:
    for size in range(6):
        for letters in itertools.product("abc", repeat=size):
            agree(pattern, "".join(letters))


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "(a", "a)", "a{", "a{}", "a{1", "a{1,}", "a{1,2}", "{1}", "a**", "*", "(a)*", "\\A*", "\\A{2}", "[",
     "[]", "[^]", "[a", "[a[b]", "[.]", "\\", "\\1", "a?", "a*??", "a{2}{2}", "a{2}?", "(?a)", "(?", "]", "}", "^", "1",
     ":", "a{2}*"],
)  # fmt: skip
def test_what_is_not_of_the_syntax_is_refused(pattern: str) -> None:
    with pytest.raises(Incomplete, match="does not read"):
        expression(pattern)


def test_expressions_cannot_be_huge() -> None:
    for pattern in (
        "a{999999999}",
        "(?:a{9999}){9999}",
        "((((a{99}){99}){99}){99}){99}",
        "a" * (MOST_INSTRUCTIONS + 1),
    ):
        with pytest.raises(Incomplete, match="more than 20,000 instructions"):
            expression(pattern)
    with pytest.raises(Incomplete, match="without a number"):
        expression("a{" + "9" * 4000 + "}")
    for pattern in ("(" * 10**5, "(?:" * DEEPEST + "(a)" + ")" * DEEPEST):
        with pytest.raises(Incomplete, match="groups more than 20 deep"):
            expression(pattern)
    before = time.process_time()
    expression("|" * (MOST_INSTRUCTIONS // 2))
    for _ in range(5):
        expression("(?:" * 9 + "".join("){999999999}" for _ in range(9)))  # nothing, very often
    assert time.process_time() - before < 5


def test_searches_that_blow_up_elsewhere_take_linear_time_here() -> None:
    """Steps are at most instructions times tokens, with what marks cost."""
    for pattern in ("\\A" + "a*" * 20 + "b", "(?:a|a){30}b", "(?:.*a){9}b", "a*a*a*b"):
        compiled = expression(pattern)
        steps = [compiled.search([ord("a")] * size, MANY)[1] for size in (100, 200, 400)]
        assert steps[2] <= 3 * len(compiled.code) * 401
        assert steps[2] - steps[1] <= 2 * (steps[1] - steps[0]) + len(compiled.code)


def test_steps_are_limited() -> None:
    compiled = expression("(?:.*a){9}b")
    _, steps = compiled.search([ord("a")] * 200, MANY)
    assert compiled.search([ord("a")] * 200, steps)[1] == steps
    with pytest.raises(Incomplete, match="searches take more than"):
        compiled.search([ord("a")] * 200, steps // 2)


# The search language.


def both(search: PlainSearch, vocabulary: Vocabulary) -> tuple[Search, Searcher]:
    """The kernel's searches and those of constructions."""
    value = {
        "opening": search.opening,
        "closing": search.closing,
        "failed": search.failed,
        "fragments": [list(fragment) for fragment in search.fragments],
    }
    first = len(vocabulary.specials)
    mine = Search(value, "search", vocabulary.specials, lambda identifier: identifier - first + vocabulary.low)
    return mine, Searcher(search, vocabulary)


def transcripts(name: str) -> Iterator[tuple[Any, list[str], list[str]]]:
    """A model, a prompt and what it writes, for all inputs of a small size."""
    n, k = SIZES[name.split("/")[1]]
    subject = construction(name)
    model, question = subject.at(max(n, k)), Question(subject.task.name, n, k, 3)
    for sequence, query in Inputs(question, "edge-lists" if question.task == "istree" else "words").all():
        middle = list(map(str, sequence))
        if question.task == "istree":
            middle = [token for u, v in edges_of(sequence) for token in (str(u), "~", str(v))]
        prompt = ["<s>", *middle, "?", *map(str, query)]
        yield model, prompt, list(decode(model, prompt).tokens)


@pytest.mark.parametrize("name", NAMES)
def test_every_search_of_the_constructions_yields_what_the_definition_says(name: str) -> None:
    count = 0
    for model, prompt, written in transcripts(name):
        mine, theirs = both(model.search, model.vocabulary)
        ids = model.vocabulary.encode([*prompt, *written])
        for place in range(len(prompt), len(ids)):
            if ids[place] == mine.closing:
                assert mine.answer(ids[:place]) == theirs.answer(ids[: place + 1]).ids == [ids[place + 1]]
                count += 1
    assert count >= (32 if name == "retrieval/associative-recall" else 64)


@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_runs_models_that_search(name: str) -> None:
    kernel_model: Model | None = None
    for model, prompt, written in transcripts(name):
        if kernel_model is None:
            kernel_model = Model(json.loads(canonical_text(model_to_json(model))), "model")
            assert kernel_model.architecture == "retrieval"
        assert kernel_model.transcript(prompt, len(written)) == (written, True)
        for most in range(1, len(written)):
            if len(written) < 10:
                assert kernel_model.transcript(prompt, most) == (written[:most], False)


LANGUAGE = PlainSearch.of(
    "(", ")", "[", "[^", "]", "{", "}", "}(", "){", "*", "*?", "|", ".", "\\A", "(?:", "[^`end`]*", "`~`"
)
VOCABULARY = Vocabulary(("<s>", "end", "~", *LANGUAGE.tokens), -1, 4)
MINE, THEIRS = both(LANGUAGE, VOCABULARY)
_tokens = st.sampled_from(VOCABULARY.decode(range(len(VOCABULARY))))
_plain = st.lists(st.sampled_from(["1", "2", "3", "end", "~", "FAILED", "<s>"]), max_size=8)
_likely = st.lists(
    st.sampled_from(["( . )", "( 1 )", "1", "2", ". *", "1 *?", "[ 1 2 ]", "[^ 1 ] *", "2 { 2 }", "( . ){ 3 }( 1 )",
                     "|", "[^end]*", "\\~", "\\A", "(?: 1 | ( 2 ) )"]),
    max_size=5,
).map(lambda parts: " ".join(parts).split())  # fmt: skip


def compared(context: Sequence[str]) -> bool:
    """Whether the kernel reads the search; if so it yields what the definition says."""
    ids = VOCABULARY.encode(context)
    expected = THEIRS.answer([*ids, MINE.closing])
    try:
        found = MINE.answer(ids)
    except Incomplete:
        return False
    assert found == expected.ids, context
    assert expected.diagnostic is None or "had not been opened" in expected.diagnostic, context
    return True


@given(_plain, st.lists(_tokens, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_tokens_mean_what_the_definition_says_or_are_refused(context: list[str], written: list[str]) -> None:
    compared([*context, "<search>", *written])


@given(_plain, _likely)
@settings(max_examples=300, deadline=None)
def test_searches_mean_what_the_definition_says(context: list[str], written: list[str]) -> None:
    assert compared([*context, "<search>", *written])


@pytest.mark.parametrize(
    ("context", "appended"),
    [
        ("1 2 3 <search> 1 ( . )", "2"),
        ("1 2 3 <search> ( . . ) 3", "1 2"),  # several tokens, in their order
        ("1 2 3 <search> ( 1 ) ( 4 * )", "1"),  # the last group that captured something
        ("1 2 3 <search> 1 2", "FAILED"),  # nothing is captured
        ("1 2 3 <search> ( 4 )", "FAILED"),
        ("<search> ( . )", "FAILED"),  # nothing before
        ("1 <search> 2 <search> ( 2 )", "2"),  # the latest opening counts
        ("1 <search> ( 2 ) ( . )", "FAILED"),  # its own text is not searched
        ("1 2 3", "FAILED"),  # never opened
        ("1 <search> 1 </search> FAILED 2", "FAILED"),  # closed already
        ("1 2 2 2 <search> \\A .  ( 2 ){ 3 }", "2"),
    ],
)
def test_what_is_appended(context: str, appended: str) -> None:
    assert VOCABULARY.decode(MINE.answer(VOCABULARY.encode(context.split()))) == appended.split()
    assert compared(context.split())


@pytest.mark.parametrize(
    "text", ["1 { }", "1 { ~ }", "1 { -1 }", "1 { 2", "1 { 2 2 }", "1 {", "1 { 2 )", "1 { 2 { 3 }"]
)
def test_counts_must_be_numbers_that_are_closed(text: str) -> None:
    assert not compared(["1", "<search>", *text.split()])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"opening": "nowhere"}, Malformed, "expected a special token"),
        ({"opening": 7}, Malformed, "expected a special token"),
        ({"closing": "<search>"}, Malformed, "two meanings"),
        ({"failed": "("}, Malformed, "two meanings"),
        ({"fragments": [["(", "("], ["(", ")"]]}, Malformed, "two meanings"),
        ({"fragments": [["(", "`"]]}, Malformed, "odd number of backquotes"),
        ({"fragments": [["(", "``"]]}, Malformed, "expected a special token"),
        ({"fragments": [["(", "`3`"]]}, Malformed, "expected a special token"),
        ({"fragments": [["("]]}, Malformed, "expected .token, piece"),
        ({"fragments": [["(", ""]]}, Malformed, "1 to 200 characters"),
        ({"fragments": {}}, Malformed, "expected a list"),
        ({"fragments": [["(", "a"]]}, Incomplete, "does not know the sign 'a'"),
        ({"fragments": [["(", "`~`+"]]}, Incomplete, "does not know the sign '.'"),
        ({"fragments": [["(", "\u0101"]]}, Incomplete, "does not know the sign"),
        ({"more": 1}, Malformed, "unknown key"),
    ],
)
def test_languages_that_are_refused(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    value = {"opening": "<search>", "closing": "</search>", "failed": "FAILED", "fragments": [["(", "("]]}
    with pytest.raises(error, match=message):
        Search({**value, **changes}, "search", VOCABULARY.specials, lambda identifier: identifier)


def test_all_searches_of_a_run_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_STEPS == 30_000_000
    monkeypatch.setattr(_search, "MOST_STEPS", 200)
    mine, _ = both(LANGUAGE, VOCABULARY)
    context = VOCABULARY.encode(["1", "2", "3", "<search>", "(", ".", ")", "3"])
    done = 0
    with contextlib.suppress(Incomplete):
        while done < 100:
            assert VOCABULARY.decode(mine.answer(context)) == ["2"]
            done += 1
    assert 2 < done < 20
