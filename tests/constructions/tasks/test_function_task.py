"""Tasks from functions: what they read, list, draw and shrink; and what makes no sense is refused."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from constructions.errors import InputError, ResourceError
from constructions.tasks import FunctionTask, Task, Word
from constructions.tasks.strategies import instances

NEXT = FunctionTask(
    "next-word", "the cat sat on mat", lambda word, q: dict(itertools.pairwise(word)).get(q, "NONE"), query=1
)
PARITY = FunctionTask("parity", "0 1", lambda word: word.count("1") % 2 == 1)
MORE = FunctionTask("more", None, lambda word, q, t: word.count(q) > t, query=2)
COPY = FunctionTask("copy", ("a", "b"), lambda word: word, "<s> {word} # {word} >")


def recalled(word: tuple[str, ...]) -> str:
    """The value of the last letter, which stands behind its first occurrence."""
    return word[word.index(word[-1]) + 1]


def is_recall(word: tuple[str, ...]) -> bool:
    """Keys a and b with values 1 and 2, then queries, each after a question mark."""
    text = "".join(word)
    pairs, mark, queries = text.partition("?")
    keys = pairs[::2]
    return (
        bool(mark)
        and len(keys) == len(set(keys)) == len(pairs[1::2])
        and set(keys) <= set("ab")
        and set(pairs[1::2]) <= set("12")
        and all(query in keys and query for query in queries.split("?"))
    )


def a_recall(rng: np.random.Generator, n: int) -> tuple[list[str], list[str]]:
    keys = rng.permutation(["a", "b"])[: int(rng.integers(1, 3))].tolist()
    word = [token for key in keys for token in (key, str(rng.integers(1, 3)))]
    for _ in range(int(rng.integers(1, 3))):
        word += ["?", str(rng.choice(keys))]
    return word, []


RECALL = FunctionTask("many-queries", "a b 1 2 ?", recalled, legal=is_recall, sample=a_recall)
"""Queries stand in the word, each after a question mark; what is asked is what the last one asks."""

EVERY = pytest.mark.parametrize("task", [NEXT, PARITY, MORE, COPY, RECALL], ids=repr)


def all_words(task: FunctionTask, n: int) -> list[Word]:
    """The words that ``enumerate`` must list, in NumPy's own order of an index set."""
    letters: list[Any] = list(task.own or range(1, n + 1))
    shape = (len(letters),) * (n + task.query_length)
    rows = (tuple(letters[digit] for digit in np.unravel_index(rank, shape)) for rank in range(int(np.prod(shape))))
    return [Word(row[:n], row[n:]) for row in rows]


@EVERY
@pytest.mark.parametrize("n", [1, 2, 3])
def test_all_words_are_listed_each_once_and_counted(task: FunctionTask, n: int) -> None:
    listed = list(task.enumerate(n))
    legal = [word for word in all_words(task, n) if task._asks(word)]
    assert listed == legal
    assert task.count(n) == len(listed)
    assert task.few(n, len(listed))
    assert not task.few(n, len(listed) - 1)
    for start in range(0, len(listed) + 1, max(1, len(listed) // 20)):
        assert list(task.ranked(n, None, start, start + 3)) == listed[start : start + 3]


@EVERY
def test_what_is_written_is_read_back(task: FunctionTask) -> None:
    rng = np.random.default_rng(0)
    drawn = [task.sample(rng, n) for n in (6, 7, 8) for _ in range(40)]
    for instance in [*drawn, *task.boundary(6)]:
        assert task.parse(task.text(instance)) == instance
        assert task.size(instance) <= 8
        read = task.prompt(instance)
        allowed = sum(c * task.size(instance) ** power for power, c in enumerate(task.longest_prompt))
        assert len(read) <= allowed
        if task.size(instance) == len(instance.sequence):
            assert len(read) == allowed
    assert len({task.text(instance) for instance in drawn}) > 6
    assert task.parse(task.text_form)


@EVERY
def test_shrinking_ends_with_what_cannot_be_simpler(task: FunctionTask) -> None:
    def measure(word: Word) -> tuple[int, int]:
        return len(word.sequence), sum(map(task._place, (*word.sequence, *word.query)))

    for instance in task.boundary(5):
        for simpler in task.smaller(instance):
            assert measure(simpler) < measure(instance)
            assert task._asks(simpler)


@given(instances(MORE, 6))
def test_a_strategy_draws_instances(instance: Word) -> None:
    assert MORE.size(instance) <= 6
    assert MORE.parse(MORE.text(instance)) == instance


def test_answers_are_tokens() -> None:
    assert NEXT.answer(NEXT.parse("the cat sat ? the")) == "cat"
    assert [PARITY.answer(Word(tuple(bits))) for bits in ("0", "1", "11", "111")] == ["0", "1", "0", "1"]
    assert MORE.answer(MORE.parse("2 1 2 ? 2 1")) == "1"
    assert MORE.answer(MORE.parse("2 1 2 ? 2 2")) == "0"
    assert COPY.written(Word(("a", "b", "b"))) == ("a", "b", "b")
    assert COPY.prompt(Word(("a", "b"))) == ("<s>", "a", "b", "#", "a", "b", ">")
    assert COPY.longest_prompt == (3, 2)
    assert COPY.tokens == ("<s>", "#", ">", "a", "b")
    assert PARITY.tokens == ("<s>",)  # letters that are numbers are no special tokens


def test_several_queries_in_one_word_are_its_prefixes() -> None:
    word = ("a", "1", "b", "2", "?", "b", "?", "a")
    assert RECALL.at_each(word) == [None, None, None, None, None, "2", None, "1"]
    assert PARITY.at_each(("1", "0", "1")) == ["1", "1", "0"]


def test_a_transcript_is_what_is_written() -> None:
    """A chain of thought: the count so far after each letter."""
    task = FunctionTask(
        "counted",
        "0 1",
        lambda w: w.count("1") % 2,
        transcript=lambda w: [w[: k + 1].count("1") % 2 for k in range(len(w))],
    )
    assert task.written(Word(("1", "1", "0"))) == ("1", "0", "0")
    assert task.answer(Word(("1", "1", "0"))) == "0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the cat ? dgo", "no letter of next-word is called 'dgo'"),
        ("the kat ? the", "did you mean 'sat'"),
        ("the cat", r"one letter and 1 after '\?', not 2 and 0; it is written like"),
        ("? the", "not 0 and 1"),
        ("the ? cat sat", "not 1 and 2"),
    ],
)
def test_what_is_no_instance_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        NEXT.parse(text)


def test_numbers_are_from_one_and_words_must_be_legal() -> None:
    with pytest.raises(InputError, match="'0' is no letter of more"):
        MORE.parse("0 1 ? 1 1")
    with pytest.raises(InputError, match="is no instance of many-queries"):
        RECALL.parse("a 1 ? b")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("x", "a b a", len), {}, "each once"),
        (("x", "", len), {}, "each once"),
        (("x", ("a b",), len), {}, "words without blanks"),
        (("x", "a ?", len), {"query": 1}, "cannot be a letter"),
        (("x", "a b", len, "<s> word"), {}, r"does not hold \{word\}, and no \{query\}"),
        (("x", "a b", len, "<s> {word}"), {"query": 1}, r"does not hold \{word\} and \{query\}"),
    ],
)
def test_what_makes_no_task_is_refused(arguments: tuple[Any, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        FunctionTask(*arguments, **options)


@pytest.mark.parametrize("said", [None, "two words", "", (), ["a", "b c"]])
def test_a_reference_that_says_no_token_is_refused(said: object) -> None:
    task = FunctionTask("odd", "a b", lambda _: said)
    with pytest.raises(InputError, match="the reference of odd says"):
        task.answer(Word(("a",)))


def test_all_is_said_only_of_what_can_be_listed() -> None:
    rare = FunctionTask("rare", "a b c d e f g h", lambda w: "a", legal=lambda w: set(w) == {"a"})
    with pytest.raises(ResourceError, match="16,777,216 words of length 8 are too many to see which are legal"):
        rare.count(8)
    assert not rare.few(8, 10)
    never = FunctionTask("never", "a b", lambda w: "a", legal=lambda w: False)
    with pytest.raises(InputError, match="none of 1,000 random words"):
        never.sample(np.random.default_rng(0), 3)
    mine = FunctionTask(
        "mine", "a b c", lambda w: "a", legal=lambda w: set(w) == {"b"}, sample=lambda rng, n: (("b",) * n, ())
    )
    assert mine.sample(np.random.default_rng(0), 30) == Word(("b",) * 30)
    with pytest.raises(InputError, match="alphabet = 2: mine has its own 3 letters"):
        mine.count(2, 2)


def test_how_much_is_run_depends_on_the_letters() -> None:
    assert (PARITY.effort.largest, NEXT.effort.largest, MORE.effort.largest) == (8, 4, 3)
    many = FunctionTask("many", [f"w{k}" for k in range(5000)], lambda w: w[0])
    assert many.effort.largest == 0


class Least(Task[tuple[str, ...]]):
    """A task by a class that says no more than it must."""

    name = "first"
    statement = "Which letter comes first?"
    text_form = "b a"

    def answer(self, instance: tuple[str, ...]) -> str:
        return instance[0]

    def sample(self, rng: np.random.Generator, n: int) -> tuple[str, ...]:
        return tuple(map(str, rng.choice(["a", "b"], int(rng.integers(1, n + 1)))))

    def enumerate(self, n: int, alphabet: int | None = None) -> Any:
        return itertools.product("ab", repeat=n)


def test_a_class_needs_three_methods() -> None:
    assert Task.__abstractmethods__ == {"answer", "sample", "enumerate"}
    task = Least()
    assert task.parse("b a") == ("b", "a")
    assert (task.text(("b", "a")), task.size(("b", "a")), task.count(3)) == ("b a", 2, 8)
    assert task.prompt(("b", "a")) == ("<s>", "b", "a")
    assert task.written(("b", "a")) == ("b",)
    assert list(task.boundary(3)) == list(task.smaller(("a",))) == list(task.adversarial(3)) == []
    assert task.shrink(("b", "a"), lambda _: True) == ("b", "a")
