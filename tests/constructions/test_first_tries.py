"""What one tries first in Python works, or the error shows the right form."""

from fractions import Fraction

import numpy as np
import pytest

import constructions
from constructions import CONSTRUCTIONS, construction, decode
from constructions.errors import InputError, ModelError
from constructions.numerics import Matrix
from tests.worked_example_runs import INPUTS


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_construction_runs_on_text_and_on_instances(name: str) -> None:
    subject = construction(name)
    text = INPUTS[name.partition("/")[2]]
    instance = subject.task.parse(text)
    written = subject.run(text)
    assert written == subject.run(instance)
    assert subject.run(text, max_tokens=1).tokens == written.tokens[:1]
    if not name.endswith("/turing"):  # where the least size allows one step
        assert written.tokens == subject.expected(instance)
        assert written.answer == subject.task.answer(instance)


def test_bad_text_is_refused_in_the_words_of_the_task() -> None:
    with pytest.raises(InputError, match="associative-recall is written like `3 1 4 1 5 \\? 4`"):
        construction("transformer/associative-recall").run("3 1 4")


def test_decode_takes_one_text_or_numbers() -> None:
    model = construction("transformer/index").at(3)
    expected = decode(model, ["<s>", "3", "1", "?", "2"])
    assert expected.answer == "1"
    assert decode(model, "<s> 3 1 ? 2") == decode(model, ["<s>", 3, 1, "?", 2]) == expected
    with pytest.raises(InputError, match="token 'x' is not in the vocabulary"):
        decode(model, "<s> x")


def test_objects_say_in_a_line_what_they_are() -> None:
    subject = construction("transformer/associative-recall")
    assert repr(subject) == "<Construction transformer/associative-recall>"
    assert repr(subject.at(5)) == "<Model transformer/associative-recall: 2 heads, 2 layers, 11 coordinates, 9 tokens>"
    assert isinstance(constructions.__version__, str)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        constructions.nothing  # noqa: B018


def test_heads_are_found_by_name() -> None:
    model = construction("transformer/associative-recall").at(5)
    assert model.head("found") is model.heads[1]
    with pytest.raises(ModelError, match="no head 'fund'; there are previous, found"):
        model.head("fund")


def test_matrices_become_arrays() -> None:
    query = construction("transformer/associative-recall").at(5).head("found").query
    array = np.asarray(query)
    assert array.shape == query.shape
    assert array.dtype == np.int64
    assert all(array[i, j] == query[i, j] for i in range(array.shape[0]) for j in range(array.shape[1]))
    assert np.array_equal(np.asarray(query.T), array.T)
    halves = Matrix.from_rows([[Fraction(1, 2), 1], [0, Fraction(2, 3)]])
    assert np.asarray(halves)[1, 1] == Fraction(2, 3)
    assert np.asarray(halves, dtype=np.float64)[0, 0] == 0.5
    assert halves.T[0, 1] == 0
    assert halves.T[1, 0] == 1
