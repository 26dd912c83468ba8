"""Networks that need no wrapper: modules of torch.nn, and ONNX models whose state goes in and out."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.errors import InputError, shown
from constructions.tasks import NONE, SEPARATOR

_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
          "tensor(int64)": np.int64, "tensor(int32)": np.int32}  # fmt: skip


def tokens_of(n: int, alphabet: int) -> list[str]:
    """The tokens of a network that names none: number i is token i, up to n or the alphabet; then ``?`` and NONE.

    >>> tokens_of(2, 3)
    ['0', '1', '2', '3', '?', 'NONE']
    """
    return [*map(str, range(max(n, alphabet) + 1)), SEPARATOR, NONE]


class _Vocabulary:
    def __init__(self, tokens: Sequence[str], answers: Sequence[str] | None) -> None:
        for name, given in (("tokens", tokens), ("answers", answers or ())):
            if not all(isinstance(token, str) for token in given) or len(set(given)) != len(given):
                raise InputError(f"{name}: expected different strings, one for each number of the network")
        self.tokens, self.answers = list(tokens), list(tokens if answers is None else answers)
        self.ids = {token: place for place, token in enumerate(self.tokens)}

    def read(self, token: str) -> int:
        if token not in self.ids:
            raise InputError(f"the network has no token {token!r}; expected it among tokens: {' '.join(self.tokens)}")
        return self.ids[token]

    def write(self, logits: NDArray[Any]) -> str:
        if logits.size != len(self.answers):
            raise InputError(
                f"the read-out gives {logits.size} numbers, and {len(self.answers)} tokens can be written "
                f"({' '.join(self.answers)}); expected one number a token, or the list answers"
            )
        return self.answers[int(np.argmax(logits))]


class TorchNetwork:
    """An ``nn.Sequential`` of an embedding, one of ``nn.RNN``, ``nn.GRU``, ``nn.LSTM``, and a read-out, as a model.

    Without an embedding in front the tokens are one-hot. The state is the hidden state (h, or h and c), unrounded. The
    token whose number in the read-out of the last layer's h is largest is written. The module runs as in evaluation.

    Args:
        module: the parts in their order.
        tokens: token i is the number i of the embedding.
        answers: the read-out's; the same tokens where none are given.

    Raises:
        InputError: if the module is another.
    """

    def __init__(self, module: Any, tokens: Sequence[str], answers: Sequence[str] | None = None) -> None:
        from constructions.interchange._require import require  # whose package loads what runs models

        self._torch = torch = require("torch")
        self._vocabulary = _Vocabulary(tokens, answers)
        parts = list(module) if isinstance(module, torch.nn.Sequential) else [module]
        found = [place for place, part in enumerate(parts) if isinstance(part, torch.nn.RNNBase)]
        if len(found) != 1:
            names = ", ".join(type(part).__name__ for part in parts)
            raise InputError(
                f"{type(module).__name__} ({names}): expected an nn.Sequential of an embedding, one nn.RNN, nn.GRU or "
                "nn.LSTM, and a read-out; or an object with initial(), step(state, token), output(state)"
            )
        module.eval()
        self._cell = cell = parts[found[0]]
        self._front, self._behind = parts[: found[0]], parts[found[0] + 1 :]
        if cell.bidirectional:
            raise InputError(f"the {type(cell).__name__} is bidirectional: it reads from both ends, and keeps no state")
        if not self._front and cell.input_size != len(self._vocabulary.tokens):
            raise InputError(
                f"without an embedding tokens are one-hot, and there are {len(self._vocabulary.tokens)}; the "
                f"{type(cell).__name__} has input_size = {cell.input_size}"
            )
        self._pair = isinstance(cell, torch.nn.LSTM)

    def initial(self) -> Any:
        """Zeros, of shape (layers, width)."""
        cell = self._cell
        like = next(cell.parameters()).detach()
        h = like.new_zeros(cell.num_layers, cell.proj_size or cell.hidden_size)
        return (h, like.new_zeros(cell.num_layers, cell.hidden_size)) if self._pair else h

    def step(self, state: Any, token: str) -> Any:
        """The hidden state after one more token."""
        like = next(self._cell.parameters()).detach()
        number = self._vocabulary.read(token)
        with self._torch.no_grad():
            x = like.new_tensor([number], dtype=self._torch.int64)
            if not self._front:
                x = self._torch.nn.functional.one_hot(x, self._cell.input_size).to(like.dtype)
            for part in self._front:
                x = part(x)
            return self._cell(x, state)[1]

    def output(self, state: Any) -> str:
        """The token that the read-out of the last layer prefers."""
        with self._torch.no_grad():
            x = (state[0] if self._pair else state)[-1]
            for part in self._behind:
                x = part(x)
        return self._vocabulary.write(np.asarray(x.cpu()))


class OnnxNetwork:
    """An ONNX model that reads one token at a time, with its state among its inputs and outputs.

    One input is the token: integers of one element, or, if no input is of integers, the first one, one-hot. Every other
    input is a part of the state, zero at first. The first output gives the logits; the others are the parts of the
    new state, in the order of the inputs, of the same type and size.

    Args:
        model: the path of the file, in or below whose folder weights may lie in files of their own; or its bytes.
        tokens: token i is the number i; ``answers`` the tokens of the logits. The lists ``tokens`` and ``answers`` in
            the metadata of the file, as JSON, come before them.
        answers: the same tokens where none are given.

    Raises:
        InputError: if the model has other inputs and outputs, names a file elsewhere, or onnxruntime is missing or
            refuses it.
    """

    def __init__(self, model: str | bytes, tokens: Sequence[str], answers: Sequence[str] | None = None) -> None:
        from constructions.interchange._require import require

        library = require("onnxruntime")
        _require_own_files(model)
        options = library.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # it writes to standard error itself; what ends a run is an exception as well
        try:
            self._session = library.InferenceSession(
                model, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
        except Exception as error:  # its exceptions have no common base
            raise InputError(f"onnxruntime refuses the file: {error}") from error
        named = self._session.get_modelmeta().custom_metadata_map
        tokens = _listed("tokens", named["tokens"]) if "tokens" in named else tokens
        self._vocabulary = _Vocabulary(tokens, _listed("answers", named["answers"]) if "answers" in named else answers)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        whole = [entry for entry in inputs if entry.type in ("tensor(int64)", "tensor(int32)")]
        self._token, *self._states = whole + [entry for entry in inputs if entry not in whole] or [None]
        shown = ", ".join(f"{entry.name} {entry.type} {entry.shape}" for entry in [*inputs, *outputs])
        pairs = list(zip(self._states, outputs[1:], strict=False))
        if (
            len(whole) > 1
            or not self._states
            or len(outputs) != len(self._states) + 1
            or any(one.type != other.type or not _fits(one.shape, other.shape) for one, other in pairs)
            or any(entry.type not in _TYPES for entry in [self._token, *self._states])
        ):
            raise InputError(
                "the model's inputs and outputs do not fit: expected one token and the parts of the state in, the "
                f"logits and then the same parts of the state out; found {shown}"
            )
        self._one_hot = not whole
        self._names = [entry.name for entry in outputs]

    def initial(self) -> Any:
        """Nothing written, and zeros; a size that the model leaves open is 1."""
        return ("", *(np.zeros(_sizes(entry.shape), _TYPES[entry.type]) for entry in self._states))

    def step(self, state: Any, token: str) -> Any:
        """The token that would be written, and the new parts of the state.

        Raises:
            InputError: if a part of the state changes its shape.
        """
        number, count = self._vocabulary.read(token), len(self._vocabulary.tokens)
        x = np.eye(count)[number] if self._one_hot else np.array(number)
        shape = [*_sizes(self._token.shape)]
        if self._one_hot and shape:
            shape[-1] = count
        if np.prod(shape) != x.size:
            raise InputError(f"the input {self._token.name} has the shape {self._token.shape}, for {x.size} numbers")
        feed = {entry.name: part for entry, part in zip(self._states, state[1:], strict=True)}
        feed[self._token.name] = x.reshape(shape).astype(_TYPES[self._token.type])
        logits, *parts = self._session.run(self._names, feed)
        for entry, before, after in zip(self._states, state[1:], parts, strict=True):
            if before.shape != after.shape:
                raise InputError(f"the state {entry.name} had the shape {before.shape}, then {after.shape}")
        return (self._vocabulary.write(logits), *parts)

    def output(self, state: Any) -> str:
        """What the last step found."""
        return str(state[0])


def _require_own_files(model: str | bytes) -> None:
    """Refuse a model that names files elsewhere, which onnxruntime would open."""
    from constructions.interchange import read_file
    from constructions.interchange._onnx import parsed

    folder = Path(model).parent.resolve() if isinstance(model, str) else None
    for tensor in _tensors(parsed(read_file(model) if isinstance(model, str) else model)):
        for location in (entry.value for entry in tensor.external_data if entry.key == "location"):
            if folder is None:
                raise InputError(f"the model wants weights from {shown(location)}, and bytes lie in no folder")
            try:
                path = (folder / location).resolve()
                there = path.is_file()
            except (OSError, ValueError, RuntimeError):  # no name of a file, or links in a circle
                path, there = folder, False
            named = Path(location)
            if named.is_absolute() or ".." in named.parts or not path.is_relative_to(folder):
                raise InputError(f"the model wants weights from {shown(location)}, outside of its folder {folder}")
            if not there:
                raise InputError(f"the model wants weights from {shown(location)}; there is no such file in {folder}")


def _tensors(message: Any) -> Iterator[Any]:
    """Every tensor in an ONNX message, wherever it stands: weights, attributes, subgraphs, functions."""
    if message.DESCRIPTOR.name == "TensorProto":
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                yield from _tensors(part)


def _listed(name: str, text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise InputError(f"the metadata {name} of the file: expected a JSON list of strings")
    return found


def _sizes(shape: Sequence[Any]) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else 1 for size in shape)


def _fits(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return len(one) == len(other) and all(
        a == b or not isinstance(a, int) or not isinstance(b, int) for a, b in zip(one, other, strict=True)
    )


def onnx_factory(path: str) -> Callable[[int, int], OnnxNetwork]:
    """What ``refute`` calls for an ONNX file.

    Raises:
        InputError: if there is no such file, or it is too large.
    """
    from constructions.interchange import read_file

    read_file(path)  # for what it refuses
    return lambda n, alphabet: OnnxNetwork(path, tokens_of(n, alphabet))


def adapted(model: Any, n: int, alphabet: int) -> Any:
    """A module of torch.nn as a model; everything else as it is."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module) or hasattr(model, "step"):
        return model
    return TorchNetwork(model, tokens_of(n, alphabet))
