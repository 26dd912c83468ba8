"""Networks with states of floats: hardly any two are equal, so that inputs must be run, and early."""

import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from proofs_check.lower_bounds import Budget, _refuting, _running, refute, scope_of
from tests.refutations import Base, confirmed

Array = NDArray[Any]

SCOPE = scope_of("associative-recall", 12, 12)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


class Net:
    """Random weights in float32; subclasses are cells as they are usually written."""

    width = 16

    def __init__(self, _: int, alphabet: int) -> None:
        self.rng = np.random.default_rng(0)
        self.alphabet = alphabet
        self.inputs: dict[str, Array] = {}
        self.seen: dict[str, Array] = {}
        self.read, self.back = self.weights(4), self.weights(4)
        self.written = self.rng.normal(size=(self.width, alphabet + 1)).astype(np.float32)

    def weights(self, count: int) -> Array:
        return (self.rng.normal(size=(count, self.width, self.width)) / self.width**0.5).astype(np.float32)

    def embedded(self, token: str) -> Array:
        if token not in self.inputs:
            self.inputs[token] = self.rng.normal(size=self.width).astype(np.float32)
        return self.inputs[token]

    def reads(self, token: str) -> Array:
        """What the matrices make of a token, a row each."""
        if token not in self.seen:
            self.seen[token] = self.embedded(token) @ self.read
        return self.seen[token]

    def initial(self) -> Any:
        return np.zeros(self.width, np.float32)

    def hidden(self, state: Any) -> Any:
        return state[0] if isinstance(state, tuple) else state

    def output(self, state: Any) -> str:
        best = int(np.argmax(self.hidden(state) @ self.written))
        return "NONE" if best == self.alphabet else str(best + 1)


class Gru(Net):
    def step(self, h: Array, token: str) -> Array:
        x = self.reads(token)
        z, r = sigmoid(x[:2] + h @ self.back[:2])
        return (1 - z) * h + z * np.tanh(x[2] + (r * h) @ self.back[2])


class Lstm(Net):
    def initial(self) -> Any:
        return super().initial(), super().initial()

    def step(self, state: tuple[Array, Array], token: str) -> tuple[Array, Array]:
        h, c = state
        x = self.reads(token) + h @ self.back
        i, f, o = sigmoid(x[:3])
        c = f * c + i * np.tanh(x[3])
        return o * np.tanh(c), c


class Decaying(Net):
    """A diagonal state space model."""

    def step(self, h: Array, token: str) -> Array:
        return np.float32(0.9) * h + self.embedded(token)


class Attending(Net):
    """Linear attention: keys and values are added up."""

    def initial(self) -> Any:
        return {"S": np.zeros((self.width, self.width), np.float32), "q": np.zeros(self.width, np.float32)}

    def step(self, state: Any, token: str) -> Any:
        x = self.reads(token)
        return {"S": state["S"] + np.outer(np.maximum(x[0], 0), x[1]), "q": x[2]}

    def hidden(self, state: Any) -> Any:
        return state["q"] @ state["S"]


class Rwkv(Net):
    """Averages with exponential weights, kept as numerator, denominator and the largest exponent."""

    def initial(self) -> Any:
        zeros = np.zeros(self.width, np.float32)
        return [zeros, zeros, np.full(self.width, -1e30, np.float32), zeros]

    def step(self, state: Any, token: str) -> Any:
        (above, below, most, _), (k, v, x, _) = state, self.reads(token)
        r = sigmoid(x)
        p, q = np.maximum(most, k), np.maximum(most - 1, k)
        old, new = np.exp(most - p), np.exp(k - p)
        y = r * (old * above + new * v) / (old * below + new)
        old, new = np.exp(most - 1 - q), np.exp(k - q)
        return [old * above + new * v, old * below + new, q, y]

    def hidden(self, state: Any) -> Any:
        return state[3]


class Half(Decaying):
    def step(self, h: Array, token: str) -> Array:
        return super().step(h, token).astype(np.float16).astype(np.float32)


class OneNumber(Decaying):
    width = 1


NETS: list[type[Net]] = [Gru, Lstm, Decaying, Attending, Rwkv, Half, OneNumber]


@pytest.mark.parametrize("net", NETS)
def test_it_is_refuted_by_few_calls(net: type[Net]) -> None:
    """The budget is a hundredth of what is usual, and hardly any two states are equal."""
    found = confirmed(refute(net, SCOPE, budget=Budget(calls=20_000, seconds=60)), SCOPE)
    assert any(replay.wrong for replay in found.answers)


@pytest.mark.parametrize("net", NETS)
def test_it_is_refuted_in_seconds_and_minimal(net: type[Net]) -> None:
    begun = time.process_time()
    found = confirmed(refute(net, SCOPE), SCOPE)
    assert time.process_time() - begun < 10
    assert found.minimal
    assert found.states is not None
    assert found.states > 1
    if len(found.prefixes) == 1:  # every network is wrong about the first prefix of all, if not about every query
        assert found.prefixes[0].split() == [str(letter) for letter in range(1, 13)]


class Clock:
    """Only steps of the model take time, so that nothing depends on the machine."""

    now = 0.0

    @classmethod
    def monotonic(cls) -> float:
        return cls.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (_refuting, _running):
        monkeypatch.setattr(module, "time", Clock)


class Slow(Base):
    """Right, with a state that grows, and a millisecond a step."""

    def step(self, state: Any, token: str) -> Any:
        Clock.now += 0.001
        return super().step(state, token)


def test_half_of_the_time_is_for_running_inputs(clock: None) -> None:
    """Reading prefixes alone would take longer than the time there is."""
    found = refute(Slow, scope_of("index", 12, 12), budget=Budget(seconds=4.0))
    assert found.verdict == "INCOMPLETE"
    assert found.read > 0
    assert 2 * found.inputs > found.read  # both are about as long


class WrongLater(Slow):
    """Right about the first inputs, then about none."""

    def __init__(self, n: int, alphabet: int) -> None:
        super().__init__(n, alphabet)
        self.answered = 0

    def output(self, state: Any) -> Any:
        self.answered += 1
        return super().output(state) if self.answered <= 30 else "0"


def test_a_model_that_is_wrong_after_the_first_inputs_is_refuted_too(clock: None) -> None:
    assert refute(WrongLater, scope_of("index", 12, 12), budget=Budget(seconds=4.0)).verdict == "REFUTED"


def test_a_merged_pair_is_still_preferred_to_a_wrong_answer() -> None:
    """It says more: that no query is answered better than by chance."""

    class Last(Base):
        def initial(self) -> Any:
            return ("",)

        def step(self, state: Any, token: str) -> Any:
            return (*state, token)[-3:]

        def output(self, state: Any) -> Any:
            return "1"

    found = refute(Last, scope_of("index", 12, 12))
    assert found.verdict == "REFUTED"
    assert len(found.prefixes) == 2
