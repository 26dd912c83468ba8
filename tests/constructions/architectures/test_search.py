"""Searching (Definition 5.1): characters, the language, what is captured; three matchers agree on every search."""

import copy
import functools
import pickle
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import MOST_CHARACTERS, Model, Search, Searcher
from constructions.architectures._search import character, identifier_of, text_of
from constructions.engine import decode, decode_batch
from constructions.errors import ModelError
from constructions.tasks import IsTree
from constructions.theorems import THEOREMS, Construction, construction, variants
from constructions.vocabulary import Vocabulary
from tests.istree_evidence import near_trees
from tests.small_matcher import Program, run, search

NAMES = [name for theorem in ("5.2", "5.3") for name in THEOREMS[theorem].constructions]
VARIANTS = {variant.label: variant for name in NAMES for variant in variants(name)}

each_variant = pytest.mark.parametrize("label", VARIANTS)

_MOST_REPEATS = 1000  # re2 refuses more


@functools.cache
def by_re2(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 28
    return re2.compile(pattern, options)


@functools.cache
def program(pattern: str) -> Program:
    return Program(pattern)


def agreed(pattern: str, text: str) -> str | None:
    """The capture that counts, on which all matchers agree, as they do on every group."""
    ours = run(program(pattern), text)
    found = re.search(pattern, text)
    assert ours.groups == (None if found is None else found.groups()), (pattern, text)
    if max(map(int, re.findall(r"{(\d+)}", pattern)), default=0) <= _MOST_REPEATS:
        other = by_re2(pattern).search(text)
        assert ours.groups == (None if other is None else other.groups()), (pattern, text)
    return ours.capture


# Every search that the constructions write.


def searches_of(subject: Construction, n: int, instances: Sequence[object]) -> Iterator[tuple[str, str, list[int]]]:
    """Pattern, searched text and captured ids of every search that the model of size n writes on these."""
    model = subject.at(n)
    searcher = model.searcher
    assert searcher is not None
    by_length: dict[int, list[list[int]]] = {}
    for instance in instances:
        ids = model.vocabulary.encode(subject.reads(instance))
        by_length.setdefault(len(ids), []).append(ids)
    for prompts in by_length.values():
        written = decode_batch(model, np.array(prompts), max_tokens=subject.longest(n=n))
        for prompt, ids in zip(prompts, written, strict=True):
            whole = prompt + ids
            starts = [place for place, identifier in enumerate(whole) if identifier == searcher.opening]
            ends = [place for place, identifier in enumerate(whole) if identifier == searcher.closing]
            for start, end in zip(starts, ends, strict=True):
                # the constructions capture one token at a time
                yield searcher.pattern(whole[start + 1 : end]), text_of(whole[:start]), whole[end + 1 : end + 2]


def agree_on(subject: Construction, n: int, instances: Sequence[object]) -> int:
    searcher = subject.at(n).searcher
    assert searcher is not None
    count = 0
    for pattern, text, captured in searches_of(subject, n, instances):
        capture = agreed(pattern, text)
        assert captured == ([searcher.failed] if capture is None else [identifier_of(sign) for sign in capture])
        count += 1
    return count


@each_variant
def test_matchers_agree_on_the_searches_of_all_small_inputs(label: str) -> None:
    subject = VARIANTS[label]
    count, inputs = 0, 0
    for n in range(subject.blueprint.least, 4):
        instances = list(subject.task.enumerate(n))
        inputs += len(instances)
        count += agree_on(subject, n, instances)
    assert count >= inputs >= 13


@each_variant
def test_matchers_agree_on_the_searches_of_random_inputs(label: str) -> None:
    subject, rng = VARIANTS[label], np.random.default_rng(51)
    if isinstance(subject.task, IsTree):
        assert agree_on(subject, 4, list(subject.task.enumerate(4))[::20]) > 1000
        assert agree_on(subject, 9, near_trees(rng, 9)) > 200
        return
    for n in (7, 40):
        instances = [subject.task.sample(rng, n) for _ in range(60)]
        assert agree_on(subject, n, [*instances, *subject.task.boundary(n)]) >= 60


@pytest.mark.slow
def test_matchers_agree_on_the_searches_of_all_graphs_of_four_nodes() -> None:
    subject = VARIANTS["retrieval/istree"]
    assert agree_on(subject, 4, list(subject.task.enumerate(4))) > 20_000


def test_matchers_agree_on_repeat_counts_up_to_what_each_can_do() -> None:
    text = "ab" * 2500
    for count in (999, 1000, 1001, 2499, 2500):
        assert agreed(rf"\A(?:[^?b]*b){{{count}}}[^?b]*(b)", text) == ("b" if count < 2500 else None)
    with pytest.raises(re2.error):
        by_re2("a{1001}")


# Patterns drawn at random; the separator is written `;`, since `?` is a sign of the language.

letters = st.sampled_from("S;~>abc")
texts = st.one_of(
    st.text("S;~>abc", max_size=12),
    st.lists(st.sampled_from(["a~b", "b~a", "a~c", "c~b", ">ab", ">ba", ">aa", ">cb", ";", "S"]), max_size=8).map(
        "".join
    ),
)

TEMPLATES = (
    r"\AS[^;]{{{k}}}([^;])",
    r"\A[^;]*{a}([^;])",
    r"\A[^;]*{a}{b}([^;])",
    r"\A(?:[^;{a}]*{a}){{{k}}}[^;{a}]*({a})",
    r"\A(?:[^;]*?(?:{a}~(.)|(.)~{a})[^;{a}]*(?:{a}~{b}|{b}~{a})|[^;]*(?:{a}~(.)|(.)~{a}))",
    r"\A(?:.*(>){a}{b}|.*>{b}{a}|.*>.({b}))",
)


@given(st.sampled_from(TEMPLATES), letters, letters, st.integers(0, 4), texts)
@settings(max_examples=1500, deadline=None)
def test_matchers_agree_on_the_patterns_of_the_constructions_about_any_text(
    template: str, a: str, b: str, k: int, text: str
) -> None:
    agreed(template.format(a=a, b=b, k=k), text)


_plain = st.sampled_from("S~>abc;")
_class = st.sampled_from(["[^;]", "[^;a]", "[^;b]", "[ab]", "[^a]", "."])
_one = st.one_of(_plain, _plain, _class)
_scan = st.builds(lambda one, star: one + star, _one, st.sampled_from(["*", "*?"]))


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Sequences, alternatives, captures; what is counted holds no capture, and at least one character."""
    sequence = st.lists(inner, min_size=1, max_size=4).map("".join)
    choice = st.lists(sequence, min_size=2, max_size=3).map("|".join)
    return st.one_of(sequence, choice.map("(?:{})".format), sequence.map("({})".format), choice.map("({})".format))


_counted = st.builds(
    lambda scan, one, k: f"(?:{scan}{one}){{{k}}}", st.one_of(st.just(""), _scan), _one, st.integers(0, 3)
)
_pieces = st.recursive(st.one_of(_one, _scan, _counted), _longer, max_leaves=10)
patterns = st.builds(str.__add__, st.sampled_from(["\\A", ""]), _pieces)


@given(patterns, texts)
@settings(max_examples=500, deadline=None)
def test_matchers_agree_on_any_pattern_of_the_same_pieces(pattern: str, text: str) -> None:
    agreed(pattern, text)
    assert search(pattern, text, remember=False).groups == search(pattern, text).groups


def test_the_comparison_finds_another_meaning() -> None:
    """Lazy is not greedy, first is not longest: matchers that confused them would be told apart."""
    assert agreed(r"\A.*?a(.)", "abac") == "b"
    assert agreed(r"\A.*a(.)", "abac") == "c"
    assert agreed(r"(?:(a)|(ab))", "ab") == "a"
    assert agreed(r"(?:(a)|a(b))", "ab") == "a"
    assert agreed(r"(a)(b*)", "a") == "a"  # the second group took part but captured nothing


@pytest.mark.parametrize(
    "pattern", ["(", ")", "(a", "a{", "a{}", "a{-1}", "a**", "*", "[", "[]", "[a-b]", "a+", "\\Z", "(?=a)"]
)
def test_the_small_matcher_refuses_what_it_does_not_know(pattern: str) -> None:
    with pytest.raises(ValueError):
        search(pattern, "a")


# Tokens and characters.


def test_every_id_has_a_character_of_its_own_which_is_no_sign_of_the_language() -> None:
    ids = range(MOST_CHARACTERS)
    text = text_of(ids)
    assert len(set(text)) == len(text) == 1_111_808
    assert [*map(identifier_of, text)] == [*ids]
    assert "".join(map(character, ids)) == text
    assert min(text) == "\u0100"
    assert max(text) == "\U0010ffff"
    assert re.escape(text) == text
    text.encode("utf-8")  # no surrogates


def test_ids_on_both_sides_of_the_surrogates() -> None:
    last = 0xD800 - 0x100 - 1
    assert (character(last), character(last + 1)) == ("\ud7ff", "\ue000")
    assert (identifier_of("\ud7ff"), identifier_of("\ue000")) == (last, last + 1)
    vocabulary = Vocabulary(("<search>", "</search>", "FAILED", "(", ")"), 0, 70_000)
    searcher = Searcher(Search.of("(", ")"), vocabulary)
    for number in range(last - 10, last + 10):
        context = [
            str(number - 1),
            str(number),
            str(number + 1),
            "<search>",
            str(number),
            "(",
            str(number + 1),
            ")",
            "</search>",
        ]
        assert vocabulary.decode(searcher.answer(vocabulary.encode(context)).ids) == [str(number + 1)]


# The language.

WORDS = Search.of("(", ")", "[", "]", "[[", "{", "}", ",", "*", "|", ".", "\\A", "(?", "(?=", "[^`end`]")
VOCABULARY = Vocabulary(("<s>", "end", *WORDS.tokens), -1, 9)
SEARCHER = Searcher(WORDS, VOCABULARY)
_WANTED = "; expected a number, which is the repeat count"


def answered(text: str) -> tuple[str, str | None]:
    """What is appended after these tokens, and the diagnostic."""
    found = SEARCHER.answer(VOCABULARY.encode(text.split()))
    return " ".join(VOCABULARY.decode(found.ids)), found.diagnostic


@pytest.mark.parametrize(
    ("context", "appended"),
    [
        ("1 2 3 <search> 1 ( . ) </search>", "2"),
        ("1 2 3 <search> ( . . ) 3 </search>", "1 2"),  # several tokens, in their order
        ("1 2 3 <search> ( . ) ( . ) </search>", "2"),  # the last group
        ("1 2 3 <search> ( 1 ) ( 4 * ) </search>", "1"),  # the last that captured something
        ("1 2 3 <search> ( 1 | ( 2 ) ) </search>", "1"),  # the last that took part
        ("1 2 3 <search> 1 2 </search>", "FAILED"),  # a match without a capture
        ("1 2 3 <search> ( 4 * ) </search>", "FAILED"),  # an empty capture
        ("1 2 3 <search> ( 4 ) </search>", "FAILED"),
        ("1 2 3 <search> </search>", "FAILED"),  # an empty search matches, and captures nothing
        ("<search> ( . ) </search>", "FAILED"),  # an empty context
        ("1 2 <search> ( 3 ) </search>", "FAILED"),  # its own text has a 3, which it does not see
        ("1 <search> ( 1 ) </search> 1 5 <search> . 5 ( . ) </search>", "FAILED"),
        ("1 <search> ( 1 ) </search> 1 <search> </search> FAILED <search> 1 ( [^end] ) </search>", "<search>"),
        ("1 2 <search> 2 <search> 2 ( . ) </search>", "<search>"),  # the last opening counts; what is before it is seen
        ("1 2 <search> 2 <search> 2 . ( . ) </search>", "2"),
        ("end 1 <search> \\A ( [^end] ) </search>", "FAILED"),
        ("1 1 1 2 <search> ( 1 { 2 } ) 2 </search>", "1 1"),
        ("1 1 1 2 <search> ( 1 { 2 , } ) 2 </search>", "1 1 1"),
        ("1 1 1 2 <search> ( 1 { 0 } 2 ) </search>", "2"),
        ("0 1 <search> 0 ( . ) </search>", "1"),  # 0 is a token like others where no count is due
    ],
)
def test_what_is_captured(context: str, appended: str) -> None:
    assert answered(context) == (appended, None)


@pytest.mark.parametrize(
    ("context", "diagnostic"),
    [
        ("1 </search>", "a search was closed that had not been opened"),
        ("</search>", "a search was closed that had not been opened"),
        ("1 <search> ( 1 ) </search> 1 </search>", "a search was closed that had not been opened"),
        ("1 <search> ( 1 </search>", "malformed search: missing ), unterminated subpattern at position 0"),
        ("1 <search> 1 ) </search>", "malformed search: unbalanced parenthesis at position 1"),
        ("1 <search> [ 1 </search>", "malformed search: unterminated character set at position 0"),
        ("1 <search> [[ 1 ] </search>", "malformed search: Possible nested set at position 1"),
        ("1 <search> * </search>", "malformed search: nothing to repeat at position 0"),
        ("1 <search> 1 * * </search>", "malformed search: multiple repeat at position 2"),
        ("1 <search> 1 { </search>", "malformed search: the expression ends inside a repeat count"),
        ("1 <search> 1 { 2 </search>", "malformed search: the expression ends inside a repeat count"),
        ("1 <search> 1 { } </search>", f"malformed search: {{ is followed by }}{_WANTED}"),
        ("1 <search> 1 { end } </search>", f"malformed search: {{ is followed by end{_WANTED}"),
        ("1 <search> 1 { { 2 } </search>", f"malformed search: {{ is followed by {{{_WANTED}"),
        ("1 <search> 1 { -1 } </search>", "malformed search: the repeat count -1 is negative"),
        ("1 <search> 1 { 2 2 } </search>", "malformed search: the repeat count 2 is not followed by } or ,"),
        ("1 <search> 1 { 2 ) </search>", "malformed search: the repeat count 2 is not followed by } or ,"),
        ("1 <search> (? 1 ) </search>", "malformed search: unknown extension ?1 at position 1"),
    ],
)  # fmt: skip
def test_what_is_malformed_fails_and_says_why(context: str, diagnostic: str) -> None:
    assert answered(context) == ("FAILED", diagnostic)


def test_a_repeat_count_that_is_too_large_and_a_nesting_that_is_too_deep() -> None:
    large = Searcher(
        Search.of("(", "){", "}"), Vocabulary(("<search>", "</search>", "FAILED", "(", "){", "}"), 2**32, 2**32 + 2)
    )
    context = large._vocabulary.encode(["<search>", "(", str(2**32), "){", str(2**32 + 1), "}", "</search>"])
    assert large.answer(context) == ([2], "malformed search: the repetition number is too large")
    deep = f"1 <search> {'( ' * 2000} 1 {') ' * 2000} </search>"
    appended, diagnostic = answered(deep)
    assert appended == "FAILED"
    assert diagnostic is not None
    assert diagnostic.startswith("malformed search: maximum recursion depth exceeded")


@given(st.lists(st.sampled_from([*VOCABULARY.specials, "-1", "1", "1", "2", "3"]), max_size=25))
@settings(max_examples=1500, deadline=None)
def test_no_search_raises(tokens: list[str]) -> None:
    ids = VOCABULARY.encode([*tokens, "</search>"])
    appended, diagnostic = SEARCHER.answer(ids)
    assert appended
    if diagnostic is not None:
        assert appended == [SEARCHER.failed]
        assert "\n" not in diagnostic
    elif appended != [SEARCHER.failed]:
        seen = tokens[: len(tokens) - tokens[::-1].index("<search>") - 1]
        assert " ".join(VOCABULARY.decode(appended)) in " ".join(seen)  # a capture is a piece of what stands before


# What is refused when a model is built.


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_size_is_that_which_leaves_a_character_to_every_token(name: str) -> None:
    subject = construction(name)
    most = MOST_CHARACTERS - len(subject.blueprint.specials) - 1  # the numbers are 0 .. n
    assert len(subject.at(most).vocabulary) == MOST_CHARACTERS
    with pytest.raises(ModelError, match=r"a vocabulary of 1,111,809 tokens cannot be searched.*there are 1,111,808"):
        subject.at(most + 1)


def test_a_model_that_has_searched_goes_to_other_processes_and_is_copied() -> None:
    subject = construction("retrieval/index")
    model, instance = subject.at(4), subject.task.parse("3 1 4 ? 2")
    expected = list(subject.expected(instance, 4))

    def written(of: Model) -> list[str]:
        return list(decode(of, subject.reads(instance), engine="plain").tokens)

    assert written(model) == expected
    assert written(copy.deepcopy(model)) == expected
    assert written(pickle.loads(pickle.dumps(model))) == expected  # noqa: S301  (what is written here)


def test_the_largest_size_of_index_is_searched() -> None:
    model = construction("retrieval/index").at(MOST_CHARACTERS - 8)
    searcher, vocabulary = model.searcher, model.vocabulary
    assert searcher is not None
    assert vocabulary.high == 1_111_800
    with pytest.raises(ModelError):
        construction("retrieval/index").at(1_111_801)
    context = ["<s>", "5", "1111800", "1111799", "?", "<search>", r"\A<s>[^?]{", "1", "}([^?])", "</search>"]
    assert vocabulary.decode(searcher.answer(vocabulary.encode(context)).ids) == ["1111800"]


@pytest.mark.parametrize(
    ("specials", "missing"),
    [
        (("<search>", "</search>", "FAILED", "["), "]"),
        (("<search>", "</search>", "[", "]"), "FAILED"),
        (("</search>", "FAILED", "[", "]"), "<search>"),
    ],
)
def test_a_language_whose_tokens_are_not_in_the_vocabulary_is_refused(specials: tuple[str, ...], missing: str) -> None:
    with pytest.raises(ModelError, match=re.escape(f"the search language needs the special token {missing!r}")):
        Search.of("[", "]").check(Vocabulary(specials, 0, 3))
    with pytest.raises(ModelError, match="needs the special token 'no'"):
        Search.of("[^`no`]").check(Vocabulary(("<search>", "</search>", "FAILED", "[^no]"), 0, 3))


def test_a_long_name_that_the_vocabulary_lacks_makes_no_long_message() -> None:
    vocabulary = Vocabulary(("<search>", "</search>", "FAILED"), 0, 3)
    language = Search((("9" * 5000, "x"),), opening="<search>", closing="</search>", failed="FAILED")
    with pytest.raises(ModelError, match=r"needs the special token '9{57}\.\.\.', which") as refused:
        language.check(vocabulary)
    assert len(str(refused.value)) < 200
