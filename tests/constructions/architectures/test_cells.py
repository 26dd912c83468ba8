"""LSTM and GRU with hard gates: against the equations in floating point, on all words, and with planted faults."""

import importlib.util
import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import GRU, LSTM, hard_sigmoid, hard_tanh
from constructions.errors import InputError, ModelError, ResourceError
from constructions.numerics import Matrix
from proofs_check.cli import main

FILE = Path(__file__).parents[3] / "docs" / "examples" / "hard_gates.py"
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hard_gates", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hard_gates_are_piecewise_linear() -> None:
    assert [hard_sigmoid(Fraction(x)) for x in (-4, -3, 0, 1, 3, 9)] == [0, 0, Fraction(1, 2), Fraction(2, 3), 1, 1]
    assert [hard_tanh(Fraction(x, 2)) for x in (-4, -2, -1, 0, 1, 2, 4)] == [-1, -1, -0.5, 0, 0.5, 1, 1]


def sigmoid(x: Any) -> Any:
    return np.clip(x / 6 + 0.5, 0, 1)


def tanh(x: Any) -> Any:
    return np.clip(x, -1, 1)


def expected(kind: type, parameters: list[Any], size: int, word: list[int]) -> Any:
    """The hidden state by the equations as PyTorch's documentation states them, in whole matrices of floats."""
    weight_ih, weight_hh, bias_ih, bias_hh = (np.array(p, dtype=float) for p in parameters)
    h, c = np.zeros(size), np.zeros(size)
    for token in word:
        a, b = weight_ih[:, token] + bias_ih[:, 0], weight_hh @ h + bias_hh[:, 0]
        if kind is LSTM:
            i, f, g, o = np.split(a + b, 4)
            c = sigmoid(f) * c + sigmoid(i) * tanh(g)
            h = sigmoid(o) * tanh(c)
        else:
            (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
            z = sigmoid(az + bz)
            h = (1 - z) * tanh(an + sigmoid(ar + br) * bn) + z * h
    return h


@pytest.mark.parametrize("kind", [LSTM, GRU])
@given(st.data())
@settings(max_examples=50, deadline=None)
def test_a_cell_follows_the_equations(kind: type[Any], data: st.DataObject) -> None:
    """Rounded to 9 places, since the reference is in floats; the cell itself rounds nothing."""
    size, tokens = data.draw(st.integers(1, 3)), ("a", "b", "c")
    number = st.integers(-8, 8).map(lambda k: Fraction(k, 2))
    height = kind.gates * size
    parameters = [
        data.draw(st.lists(st.lists(number, min_size=width, max_size=width), min_size=height, max_size=height))
        for width in (3, size, 1, 1)
    ]
    matrices = dict(zip(NAMES, map(Matrix.from_rows, parameters), strict=True))
    readout = Matrix.from_rows([[Fraction(1)] * size, [Fraction(0)] * size])
    cell = kind(tokens, ("yes", "no"), readout=readout, **matrices)
    word = data.draw(st.lists(st.integers(0, 2), max_size=5))
    state = cell.initial()
    for token in word:
        state = cell.step(state, tokens[token])
    h = state[0] if kind is LSTM else state
    reference = expected(kind, parameters, size, word)
    assert [round(float(x), 9) + 0.0 for x in h] == [round(x, 9) + 0.0 for x in reference.tolist()]
    assert all(abs(x) <= 1 for x in h)
    assert cell.output(state) == ("yes" if sum(h) >= 0 else "no")


def balanced(word: tuple[str, ...]) -> str:
    depths = list(itertools.accumulate((1 if x == "(" else -1 for x in word), initial=0))
    return "yes" if min(depths) >= 0 == depths[-1] else "no"


def wrong_words(cell: LSTM, length: int) -> int:
    """How many words up to a length get another answer; a step makes each word's state of that of a shorter one."""
    states: dict[tuple[str, ...], Any] = {(): cell.initial()}
    wrong = int(cell.output(cell.initial()) != balanced(()))
    for _ in range(length):
        states = {(*word, x): cell.step(state, x) for word, state in states.items() for x in "()"}
        wrong += sum(cell.output(state) != balanced(word) for word, state in states.items())
    return wrong


def test_an_lstm_counts_brackets_on_all_words_and_a_wrong_weight_is_seen() -> None:
    """Of the weights that matter each is planted a fault; where the gate stays saturated none is one."""
    cell = example().dyck_1()
    assert wrong_words(cell, 11) == 0
    assert cell.run("(())()") == "yes"
    assert cell.run("(())(") == "no"
    with pytest.raises(ResourceError, match="more than 500 states"):
        cell.reachable(500)
    faults = {
        "the counter does not go down": ("weight_ih", 4, 1, 1),
        "the counter forgets": ("weight_ih", 2, 0, -3),
        "the latch forgets": ("weight_ih", 3, 0, -3),
        "the latch fills at any closing bracket": ("weight_hh", 1, 0, 0),
        "the latch never fills": ("weight_ih", 1, 1, -3),
        "nothing is shown of the counter": ("weight_ih", 6, 1, -3),
        "the latch is not read": ("readout", 0, 1, 0),
    }
    for fault, (name, row, column, value) in faults.items():
        broken = replace(cell, **{name: getattr(cell, name).replaced(row, column, value)})
        assert wrong_words(broken, 7) > 0, fault


def test_a_gru_is_compared_with_an_automaton_on_words_of_every_length() -> None:
    cell = example().parity()
    assert cell.reachable() == {(0,), (1,)}

    def disagreement(subject: GRU) -> tuple[str, ...] | None:
        return subject.disagreement(0, lambda odd, token: odd ^ (token == "b"), ("even", "odd").__getitem__)

    assert disagreement(cell) is None
    assert disagreement(replace(cell, weight_hh=cell.weight_hh.replaced(2, 0, 0))) == ("b", "b")
    assert disagreement(replace(cell, weight_ih=cell.weight_ih.replaced(1, 0, -3))) == ("b", "a")
    assert disagreement(replace(cell, weight_ih=cell.weight_ih.replaced(2, 1, 0))) == ("b",)
    leaking = replace(cell, weight_ih=cell.weight_ih.replaced(1, 0, 2))  # an a makes 2/3 of h, and 1/2 decides
    assert disagreement(leaking) == ("b", "a", "a")
    with pytest.raises(ResourceError, match="more than 50 pairs of states"):
        leaking.disagreement((), lambda read, token: (*read, token), leaking.run, most=50)


def test_a_small_gru_is_refuted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{FILE}:seen", "--task", "counting", "--n", "4", "--alphabet", "2"])
    assert ended.value.code == 1
    assert "REFUTED" in capsys.readouterr().out


def test_what_does_not_fit_is_refused() -> None:
    cell = example().parity()
    with pytest.raises(ModelError, match=r"weight_ih of an GRU of size 1 has shape \(2, 2\); expected \(3, 2\)"):
        replace(cell, weight_ih=Matrix.from_rows([[0, 0], [0, 0]]))
    with pytest.raises(InputError, match="no token is called 'c'"):
        cell.step(cell.initial(), "c")
