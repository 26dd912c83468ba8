"""Reading instances of the retrieval tasks: what is refused, and how the message points at it."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.tasks import AssociativeRecall, CGram, Counting, Index, Retrieval, RetrievalTask

every_task = pytest.mark.parametrize(
    "task", [Index(), AssociativeRecall(), CGram(2), CGram(3), CGram(4), CGram(5), Counting()], ids=repr
)
drawn_task = pytest.mark.parametrize("task", [Index(), CGram(3), Counting()], ids=repr)


@every_task
def test_the_text_form_is_an_instance(task: RetrievalTask) -> None:
    instance = task.parse(task.text_form)
    assert task.text(instance) == task.text_form
    assert len(instance.query) == task.query_length


@pytest.mark.parametrize(
    ("task", "text", "answer"),
    [
        (Index(), "3 1 4 1 5 ? 2", "1"),
        (AssociativeRecall(), "3 1 4 1 5 ? 1", "5"),
        (AssociativeRecall(), "3 1 4 1 5 ? 9", "NONE"),
        (CGram(3), "3 1 4 1 5 ? 1 4", "1"),
        (CGram(5), "3 1 4 1 5 ? 3 1 4 1", "5"),
        (Counting(), "1 2 1 1 ? 1 2", "1"),
        (Counting(), " 1\t2\n1 1 ? 1 3\n", "0"),
    ],
)
def test_examples(task: RetrievalTask, text: str, answer: str) -> None:
    assert task.answer(task.parse(text)) == answer


@pytest.mark.parametrize(
    ("task", "text", "message"),
    [
        (Index(), "", "empty input; index is written like `3 1 4 1 5 \\? 3`"),
        (Index(), " \n ", "empty input"),
        (AssociativeRecall(), "? 4", "the sequence is empty, n must be at least 1"),
        (AssociativeRecall(), "?", "the sequence is empty"),
        (AssociativeRecall(), "1 2 3", "no token '\\?' stands between sequence and query"),
        (AssociativeRecall(), "1 2 ?3", "no token '\\?'"),
        (AssociativeRecall(), "1 ? 2 ? 3", "tokens 2 and 4 are both '\\?', expected one"),
        (AssociativeRecall(), "1 x 3 ? 4", "token 2 is 'x': expected an integer"),
        (AssociativeRecall(), "1 2 3 ? 4.0", "token 5 is '4.0': expected an integer"),
        (AssociativeRecall(), "1 007 ? 4", "token 2 is '007'"),
        (AssociativeRecall(), "1 1_0 ? 4", "token 2 is '1_0'"),
        (AssociativeRecall(), "1 ٣ ? 4", "token 2 is '٣'"),
        (AssociativeRecall(), "1 +3 ? 4", "token 2 is '\\+3'"),
        (AssociativeRecall(), "1 -0 ? 4", "token 2 is '-0'"),
        (AssociativeRecall(), f"1 {'9' * 19} ? 4", "token 2 is '9{19}': expected an integer of at most 18 digits"),
        (AssociativeRecall(), f"1 {'9' * 5000} ? 4", r"token 2 is '9{40}'\.\.\. \(5000 characters\)"),
        (AssociativeRecall(), "1 0 3 ? 4", "token 2 of the sequence is 0: tokens are integers from 1"),
        (AssociativeRecall(), "1 2 -3 ? 4", "token 3 of the sequence is -3"),
        (AssociativeRecall(), "1 2 3 ? 0", "the query holds 0: tokens are integers from 1"),
        (AssociativeRecall(), "1 2 3 ?", "the query of associative-recall has 0 tokens, expected 1"),
        (AssociativeRecall(), "1 2 3 ? 1 2", "has 2 tokens, expected 1 .* written like `3 1 4 1 5 \\? 4`"),
        (Index(), "1 2 3 ? 0", "position 0 is not in the sequence, whose positions are 1 to 3"),
        (Index(), "1 2 3 ? 4", "position 4 is not in the sequence, whose positions are 1 to 3"),
        (CGram(4), "1 2 3 ? 1 2", "has 2 tokens, expected 3 .*for c = 4.* `3 1 4 1 5 \\? 1 4 1`"),
        (CGram(3), "1 2 3 ? 1 -2", "the query holds -2"),
        (Counting(), "1 2 3 ? 1", "has 1 token, expected 2 \\(a token and a threshold\\)"),
        (Counting(), "1 2 3 ? 1 -1", "the threshold is -1: expected 0 to 3"),
        (Counting(), "1 2 3 ? 1 4", "the threshold is 4: expected 0 to 3"),
        (Counting(), "1 2 3 ? 0 1", "the query token is 0: tokens are integers from 1"),
    ],
)
def test_faults_are_named(task: RetrievalTask, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        task.parse(text)
    assert len(str(raised.value)) < 300


def test_the_limits_of_tokens_are_read() -> None:
    top = 10**18 - 1
    assert AssociativeRecall().parse(f"{top} 1 ? {top}") == Retrieval((top, 1), (top,))
    assert Counting().parse("1 1 ? 5 0") == Retrieval((1, 1), (5, 0))


pieces = st.one_of(
    st.sampled_from(["?", "0", "1", "2", "3", "-1", "x", "007", "1.5", "<s>", "NONE", "٣", "\x00", "9" * 19]), st.text()
)


@drawn_task
@example(text="1 ? \ud800")
@given(text=st.one_of(st.text(), st.lists(pieces).map(" ".join)))
def test_malformed_text_raises_nothing_but_input_errors(task: RetrievalTask, text: str) -> None:
    try:
        instance = task.parse(text)
    except InputError:
        return
    assert task.parse(task.text(instance)) == instance
    assert task.answer(instance)


@every_task
@pytest.mark.parametrize(
    "instance", [Retrieval((), (1,)), Retrieval((0, 1), (1,)), Retrieval((1, 1), ()), Retrieval((1,), (1,) * 5)]
)
def test_instances_made_by_hand_can_be_checked(task: RetrievalTask, instance: Retrieval) -> None:
    with pytest.raises(InputError):
        task.check(instance)


def test_a_million_tokens_are_read() -> None:
    tokens = np.random.default_rng(0).integers(1, 10**6, 10**6).tolist()
    instance = Index().parse(" ".join(map(str, tokens)) + " ? 1000000")
    assert instance.sequence == tuple(tokens)
    assert Index().answer(instance) == str(tokens[-1])
    with pytest.raises(InputError, match="token 1000000 is 'x'"):
        Index().parse(" ".join(map(str, tokens[:-1])) + " x ? 1")
