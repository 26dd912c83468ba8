"""What is wrong with how a network is wrapped, said before the network is blamed for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from constructions.errors import InputError
from proofs_check.lower_bounds._running import OutOfCallsError, Runner, cut, shown


def check_wrapper(runner: Runner, inputs: Sequence[Sequence[str]]) -> None:
    """Make a few steps and read a few inputs, each with one output.

    A model that raises on some of the inputs is wrong about them; one that raises on all of them is not wrapped as
    it should be.

    Raises:
        InputError: naming the method, what it gave, and what is expected.
    """
    faults = [fault for tokens in inputs if (fault := _fault(runner, tokens)) is not None]
    if faults and len(faults) == len(inputs):
        raise InputError(
            f"{faults[0]}; an exception came of each of {len(inputs)} inputs tried, so the wrapper is wrong"
        )


def _fault(runner: Runner, tokens: Sequence[str]) -> str | None:
    """The method that raises on an input, and what; None if none does."""
    call = "initial()"
    try:
        states = [runner.initial()]
        _check_gradients("initial()", states[0])
        for token in tokens:
            call = f"step(state, {token!r})"
            runner.spend()
            states.append(runner.model.step(states[-1], token))
            if len(states) in (2, 3):
                _check_states(tokens[: len(states) - 1], states)
        call = "output(state)"
        runner.spend()
        written = runner.model.output(states[-1])
    except (InputError, OutOfCallsError):
        raise
    except SystemExit:  # no fault of types or shapes: a wrong answer, like other exceptions where some inputs work
        return None
    except Exception as error:
        return f"{call} raised {shown(error)} when the model read {' '.join(tokens)}"
    if not isinstance(written, str):
        raise InputError(
            f"output(state) gave {cut(repr(written))}, of type {type(written).__name__}, and not a string; "
            "expected a token, such as '3'"
        )
    return None


def _check_states(tokens: Sequence[str], states: Sequence[Any]) -> None:
    before, after = states[-2:]
    call = f"step(state, {tokens[-1]!r})"
    if after is None and before is not None:
        raise InputError(f"{call} gave None; expected the state after the token (is its return missing?)")
    _check_gradients(call, after)
    shapes = [[tuple(part.shape) for part in _arrays(state)] for state in states]
    first = shapes[0]
    for place, shape in enumerate(shapes[1] if len(first) == len(shapes[1]) else []):
        # A cache may grow, at every step; what grows only once has been broadcast.
        grows = len(shape) == len(first[place]) and (len(shapes) == 2 or shapes[2] != shapes[1] or 0 in first[place])
        if shape != first[place] and not grows:
            raise InputError(
                f"step() gave an array of shape {shape} where the shape in initial() is {first[place]}; expected the "
                "same shape (was it broadcast?)"
            )


def _check_gradients(call: str, state: Any) -> None:
    if any(getattr(part, "requires_grad", False) is True for part in _arrays(state)):
        raise InputError(
            f"{call} gave a tensor that requires gradients; expected one without: call the network within "
            "torch.no_grad(), or detach() the state"
        )


def _arrays(state: Any, depth: int = 0) -> Iterator[Any]:
    """The arrays and tensors of a state, in their order."""
    if isinstance(getattr(state, "shape", None), tuple):  # torch.Size is one
        yield state
    elif isinstance(state, Mapping):
        for part in state.values() if depth < 8 else ():
            yield from _arrays(part, depth + 1)
    elif isinstance(state, Sequence) and not isinstance(state, str | bytes):
        for part in state if depth < 8 else ():
            yield from _arrays(part, depth + 1)
