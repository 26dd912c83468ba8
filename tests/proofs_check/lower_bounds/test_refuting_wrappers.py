"""Networks that are wrapped wrongly are refused before they are run, and the message says what is wrong."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from constructions.errors import InputError
from proofs_check.cli import main
from proofs_check.lower_bounds import Budget, refute, scope_of
from tests.refutations import Base

SCOPE = scope_of("associative-recall", 12)


class Net:
    """Eight numbers, wrapped as they should be; the tests break it in one place."""

    def __init__(self, _: int, alphabet: int) -> None:
        rng = np.random.default_rng(0)
        self.weights = rng.normal(size=(8, 8)) / 3
        self.inputs = {token: rng.normal(size=8) for token in [*map(str, range(1, alphabet + 1)), "?"]}

    def initial(self) -> Any:
        return np.zeros(8)

    def step(self, state: Any, token: str) -> Any:
        return np.tanh(self.weights @ state + self.inputs[token])

    def output(self, state: Any) -> Any:
        return str(1 + int(np.argmax(state)))


class Tensor:
    """What matters here of a tensor."""

    shape = (8,)

    def __init__(self, requires_grad: bool) -> None:
        self.requires_grad = requires_grad


class OutputIsANumber(Net):
    def output(self, state: Any) -> Any:
        return int(super().output(state))


class OutputIsAnArray(Net):
    def output(self, state: Any) -> Any:
        return state.argmax()


class OutputRaises(Net):
    def output(self, state: Any) -> Any:
        return state @ np.zeros((9, 2))


class StepReturnsNothing(Net):
    def step(self, state: Any, token: str) -> Any:
        super().step(state, token)


class StepIsBroadcast(Net):
    def initial(self) -> Any:
        return np.zeros((8, 1))


class StepDropsAnAxis(Net):
    def initial(self) -> Any:
        return np.zeros((1, 8))

    def step(self, state: Any, token: str) -> Any:
        return super().step(np.ravel(state), token)


class StepDoesNotFit(Net):
    def initial(self) -> Any:
        return np.zeros(9)


class TokensAreNumbers(Net):
    def step(self, state: Any, token: Any) -> Any:
        return super().step(state, str(int(token)))  # "?" is no number


class OneArgument(Net):
    def step(self, state: Any) -> Any:  # type: ignore[override]
        return state


class FirstNeedsToken(Net):
    def initial(self, token: str) -> Any:  # type: ignore[override]
        return token


class GradientsAtFirst(Net):
    def initial(self) -> Any:
        return (Tensor(False), [Tensor(True)])


class GradientsLater(Net):
    def initial(self) -> Any:
        return {"h": Tensor(False)}

    def step(self, state: Any, token: str) -> Any:
        return {"h": Tensor(True)}


BROKEN = [
    (OutputIsANumber, r"^output\(state\) gave \d+, of type int, and not a string; expected a token, such as '3'"),
    (OutputIsAnArray, r"^output\(state\) gave .*, of type int64, and not a string"),
    (OutputRaises, r"^output\(state\) raised ValueError: matmul.* an exception came of each of 4 inputs tried"),
    (StepReturnsNothing, r"^step\(state, '\d+'\) gave None; expected the state after the token"),
    (StepIsBroadcast, r"^step\(\) gave an array of shape \(8, 8\) where the shape in initial\(\) is \(8, 1\)"),
    (StepDropsAnAxis, r"^step\(\) gave an array of shape \(8,\) where the shape in initial\(\) is \(1, 8\)"),
    (StepDoesNotFit, r"^step\(state, '\d+'\) raised ValueError: matmul"),
    (TokensAreNumbers, r"^step\(state, '\?'\) raised ValueError: invalid literal for int"),
    (OneArgument, r"^step\(state, '\d+'\) raised TypeError: .*takes 2 positional arguments but 3 were given"),
    (FirstNeedsToken, r"^initial\(\) raised TypeError: .*missing 1 required positional argument: 'token'"),
    (GradientsAtFirst, r"^initial\(\) gave a tensor that requires gradients; .*torch\.no_grad\(\), or detach\(\)"),
    (GradientsLater, r"^step\(state, '\d+'\) gave a tensor that requires gradients"),
]


@pytest.mark.parametrize(("model", "message"), BROKEN, ids=lambda case: getattr(case, "__name__", ""))
def test_it_is_refused(model: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        refute(model, SCOPE)


def test_the_right_wrapper_is_not() -> None:
    assert refute(Net, SCOPE, budget=Budget(20_000, 20)).verdict == "REFUTED"


class Cache(Net):
    """What was read, one row a token, as an array that grows."""

    def initial(self) -> Any:
        return np.zeros((1, 8))

    def step(self, state: Any, token: str) -> Any:
        return np.vstack([state, self.inputs[token]])

    def output(self, state: Any) -> Any:
        return str(len(state))


class NothingAtFirst(Net):
    """Nothing at first, as torch allows it."""

    def initial(self) -> Any:
        return None

    def step(self, state: Any, token: str) -> Any:
        return super().step(np.zeros(8) if state is None else state, token)


class SometimesRaises(Net):
    """On inputs that begin with 12: wrong about them, but not wrapped wrongly."""

    def step(self, state: Any, token: str) -> Any:
        return super().step(state, token if token != "12" or state.any() else "absent")


@pytest.mark.parametrize("model", [Cache, NothingAtFirst, SometimesRaises])
def test_states_that_are_unusual_are_not_refused(model: Any) -> None:
    assert refute(model, SCOPE, budget=Budget(20_000, 20)).verdict == "REFUTED"


def test_the_command_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "class Net:\n    initial = lambda self: 0\n    step = lambda self, state, token: state\n"
        "    output = lambda self, state: 3\ndef make(n, k): return Net()\n",
        encoding="utf-8",
    )
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{path}:make", "--task", "index", "--n", "9"])
    captured = capsys.readouterr()
    assert (ended.value.code, captured.out) == (2, "")
    assert "output(state) gave 3, of type int, and not a string" in captured.err


@pytest.mark.parametrize("slow", ["step", "output", "initial"])
def test_the_limit_is_kept_within_a_second(slow: str) -> None:
    class Slow(Base):
        def initial(self) -> Any:
            time.sleep(0.3 * (slow == "initial"))
            return super().initial()

        def step(self, state: Any, token: str) -> Any:
            time.sleep(0.05 * (slow == "step"))
            return super().step(state, token)

        def output(self, state: Any) -> Any:
            time.sleep(0.4 * (slow == "output"))
            return super().output(state)

    begun = time.monotonic()
    assert refute(Slow, scope_of("index", 20), budget=Budget(seconds=1.0)).verdict == "INCOMPLETE"
    assert time.monotonic() - begun < 2
