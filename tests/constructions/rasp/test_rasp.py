"""Each operation against lists of Python at every position of short words; refusals; what other compilers get wrong."""

import itertools
from collections.abc import Callable, Sequence

import pytest

from constructions import ContractError
from constructions.gallery import from_gallery
from constructions.rasp import Program, Selector, _program
from constructions.tasks import FunctionTask
from constructions.wiring import Value
from tests.gadget_runs import evaluated

LETTERS = FunctionTask("letters", "a b c", len)
NUMBERS = FunctionTask("numbers", None, lambda word: word[-1])

Word = Sequence[int]
"""Letters a, b, c as 1, 2, 3, or numbers."""

Definition = Callable[[Word, int], int]


def wrong(task: FunctionTask, build: Callable[[Program], Value], definition: Definition, length: int = 4) -> list[str]:
    """Where a sequence is not what the definition says of the word and a place."""
    program = Program(task)
    value, w = build(program), program.wiring
    w.write(w.constant(0))
    words = list(itertools.product(range(1, 4), repeat=length))
    names = task.own or ("1", "2", "3")
    found = []
    for word, row in zip(
        words, evaluated(w, value, length, [("<s>", *(names[k - 1] for k in x)) for x in words]), strict=True
    ):
        seen, wanted = [int(v) for v in row[1:]], [definition(word, i) for i in range(length)]
        if seen != wanted:
            found.append(f"{word}: {seen}, not {wanted}")
    return found


def equal(p: Program) -> Selector:
    return p.select(p.tokens, p.tokens)


def less(p: Program) -> Selector:
    return p.select(p.tokens, p.tokens, "<")


def odd(p: Program) -> Selector:
    return p.select(p.tokens, p.tokens, lambda k, q: (k + q) % 2 == 1)


def where(word: Word, i: int, holds: Callable[[int, int], bool]) -> list[int]:
    return [j for j in range(i + 1) if holds(word[j], word[i])]


def same(word: Word, i: int) -> list[int]:
    return where(word, i, lambda k, q: k == q)


FEW: dict[str, tuple[Callable[[Program], Value], Definition]] = {
    "tokens": (lambda p: p.tokens, lambda x, i: x[i]),
    "letter": (lambda p: p.letter("a", "c"), lambda x, i: int(x[i] != 2)),
    "indices": (lambda p: p.indices, lambda x, i: i),
    "map": (lambda p: p.map(lambda k: (7 * k) % 4, p.tokens), lambda x, i: (7 * x[i]) % 4),
    "map2": (lambda p: p.map2(lambda a, b: a * b, p.tokens, p.letter("a")), lambda x, i: x[i] * (x[i] == 1)),
    "width of ==": (lambda p: p.selector_width(equal(p)), lambda x, i: len(same(x, i))),
    "width of all": (lambda p: p.selector_width(p.select_all()), lambda x, i: i + 1),
    "width of <=, indices": (lambda p: p.selector_width(p.select(p.indices, p.indices, "<=")), lambda x, i: i + 1),
    "width of <": (lambda p: p.selector_width(less(p)), lambda x, i: len(where(x, i, lambda k, q: k < q))),
    "width of !=": (
        lambda p: p.selector_width(p.select(p.tokens, p.tokens, "!=")),
        lambda x, i: len(where(x, i, lambda k, q: k != q)),
    ),
    "width of a function": (
        lambda p: p.selector_width(odd(p)),
        lambda x, i: len(where(x, i, lambda k, q: (k + q) % 2 == 1)),
    ),
    "width of not": (lambda p: p.selector_width(~less(p)), lambda x, i: len(where(x, i, lambda k, q: k >= q))),
    "width of or": (
        lambda p: p.selector_width(less(p) | odd(p)),
        lambda x, i: len(where(x, i, lambda k, q: k < q or (k + q) % 2 == 1)),
    ),
    "width of and, tables": (
        lambda p: p.selector_width(less(p) & odd(p)),
        lambda x, i: len(where(x, i, lambda k, q: k < q and (k + q) % 2 == 1)),
    ),
    "width of and, == and a table": (
        lambda p: p.selector_width(less(p) & p.select(p.shift(p.tokens, 1), p.letter("a"))),
        lambda x, i: sum(x[j] < x[i] and (x[j - 1] if j else 0) == (x[i] == 1) for j in range(i + 1)),
    ),
    "width of and, ==": (
        lambda p: p.selector_width(equal(p) & p.select(p.indices, p.map(lambda k: k, p.tokens))),
        lambda x, i: int(x[i] <= i and x[x[i]] == x[i]),
    ),
    "total": (lambda p: p.total(equal(p), p.indices - 2), lambda x, i: sum(j - 2 for j in same(x, i))),
    "total by a table": (
        lambda p: p.total(less(p), 2 * p.tokens),
        lambda x, i: sum(2 * x[j] for j in where(x, i, lambda k, q: k < q)),
    ),
    "aggregate": (
        lambda p: p.aggregate(p.select(p.indices, p.tokens), p.tokens, default=9),
        lambda x, i: x[x[i]] if x[i] <= i else 9,
    ),
    "aggregate, the latest": (
        lambda p: p.aggregate(p.select(p.tokens, p.tokens - 1), p.indices, default=-1),
        lambda x, i: max(where(x, i, lambda k, q: k == q - 1), default=-1),
    ),
    "aggregate by a table": (
        lambda p: p.aggregate(odd(p), p.indices, default=-5),
        lambda x, i: max(where(x, i, lambda k, q: (k + q) % 2 == 1), default=-5),
    ),
    "aggregate, == and a table": (
        lambda p: p.aggregate(less(p) & p.select(p.indices, p.tokens - 1), p.tokens, default=0),
        lambda x, i: x[x[i] - 1] if x[i] - 1 <= i and x[x[i] - 1] < x[i] else 0,
    ),
    "aggregate of all": (lambda p: p.aggregate(p.select_all(), p.tokens), lambda x, i: x[i]),
    "shift": (lambda p: p.shift(p.tokens, 2, default=7), lambda x, i: x[i - 2] if i >= 2 else 7),
}
MANY = {
    name: FEW[name]
    for name in (
        "tokens",
        "indices",
        "width of ==",
        "width of all",
        "total",
        "aggregate",
        "aggregate, the latest",
        "shift",
    )
}


@pytest.mark.parametrize("operation", FEW)
def test_of_letters(operation: str) -> None:
    assert wrong(LETTERS, *FEW[operation]) == []


@pytest.mark.parametrize("operation", MANY)
def test_of_numbers(operation: str) -> None:
    assert wrong(NUMBERS, *MANY[operation]) == []


@pytest.mark.parametrize("operation", ["width of <", "width of !=", "aggregate by a table", "total by a table"])
def test_a_wrong_table_is_seen(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least query is said to select nothing, or a key more."""
    right = _program._chosen
    monkeypatch.setattr(_program, "_chosen", lambda few, key: right(few, key) ^ {3})
    assert wrong(LETTERS, *FEW[operation]) != []


def test_a_wrong_width_is_seen() -> None:
    assert wrong(LETTERS, lambda p: p.selector_width(equal(p)), lambda x, i: len(same(x, i)) - 1) != []


REFUSALS: dict[str, tuple[FunctionTask, Callable[[Program], object], list[str]]] = {
    "< among n": (NUMBERS, less, ["compares token with token", "range [0, n]", "a rank that grows with n"]),
    "a function among n": (NUMBERS, odd, ["a function compares"]),
    "not of ==": (LETTERS, lambda p: ~equal(p), ["~a of selectors by ==", "matrices of rank n", "less that of a"]),
    "or of ==": (LETTERS, lambda p: equal(p) | less(p), ["a | b of selectors by ==", "selector_width(a & b)"]),
    "the future": (LETTERS, lambda p: p.select(p.indices, p.indices, ">"), ["attention is causal", "select_all()"]),
    "reversal, by the length": (
        LETTERS,
        lambda p: p.select(p.indices, p.length - p.indices - 1),
        ["length looks ahead", "take indices + 1"],
    ),
    "a shift ahead": (LETTERS, lambda p: p.shift(p.tokens, -1), ["looks ahead", "chain of thought"]),
    "an unknown predicate": (LETTERS, lambda p: p.select(p.tokens, p.tokens, "=<"), ["'=<'", "expected one of == !="]),
    "a map of n values": (NUMBERS, lambda p: p.map(lambda k: k % 2, p.tokens), ["range [0, n]", "grow with n"]),
    "the parity of a count": (
        LETTERS,
        lambda p: p.map(lambda k: k % 2, p.selector_width(equal(p))),
        ["a table of", "has range [0, n], would grow with n"],
    ),
    "a key that is not known": (
        LETTERS,
        lambda p: p.select(p.wiring.beyond(p.letter("a"), 0, 1, "b"), p.tokens),
        ["is not known"],
    ),
    "a total of what may be negative": (LETTERS, lambda p: p.total(less(p), p.tokens - 3), ["never negative"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal(case: str) -> None:
    task, build, said = REFUSALS[case]
    with pytest.raises(ContractError) as refusal:
        build(Program(task))
    for words in [*said, "test_rasp.py, line"]:
        assert words in str(refusal.value)


# What other compilers get wrong in silence, with their usual settings.


@pytest.mark.parametrize("count", [9, 10, 11, 25, 150])
def test_counts_beyond_ten(count: int) -> None:
    task = FunctionTask("same-as-last", "a b", lambda word: word.count(word[-1]))
    program = Program(task)
    construction = program.returns(program.selector_width(equal(program)))
    assert construction.run(" ".join(["b", "b", *"a" * count])).answer == str(count)
    assert construction.run(" ".join([*"a" * count, "b", "b"])).answer == "2"


@pytest.mark.parametrize("ones", [8, 9, 10, 20])
def test_parity_from_nine_ones(ones: int) -> None:
    """Of words of at most 24 letters a table of the count says it; for all n a chain of thought does."""
    task = FunctionTask("parity-24", "a b", lambda word: word.count("b") % 2, legal=lambda word: len(word) <= 24)
    program = Program(task, context=24)
    count = program.wiring.average("b", [(program.letter("b"), 1)]).count()
    construction = program.returns(program.map(lambda k: k % 2, count))
    for word in (["b"] * ones, ["a", "a", *["b"] * ones], ["b"] * ones + ["a"]):
        assert construction.run(" ".join(word)).answer == str(ones % 2)
        assert from_gallery("gallery/parity").run(" ".join(word)).answer == ("yes" if ones % 2 else "no")


@pytest.mark.parametrize("threshold", [199, 200, 201])
def test_thresholds_at_length_400(threshold: int) -> None:
    task = FunctionTask("threshold", "a b", lambda word: int(word.count("b") >= threshold))
    program = Program(task)
    count = program.wiring.average("b", [(program.letter("b"), 1)]).count()
    construction = program.returns(program.wiring.at_least(count, threshold))
    for ones in (threshold - 1, threshold, threshold + 1):
        word = ["b" if i * ones // 400 != (i + 1) * ones // 400 else "a" for i in range(400)]
        assert word.count("b") == ones
        assert construction.run(" ".join(word)).answer == str(int(ones >= threshold))
