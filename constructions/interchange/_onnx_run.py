"""Decoding with an exported step in onnxruntime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.engine import Runtime
from constructions.errors import InputError
from constructions.interchange._onnx import model_from_onnx
from constructions.interchange._require import require


class OnnxDecoder:
    """Decodes with the step of an ONNX file of ours, in onnxruntime.

    What the graph computes is the next token. Around it stand, in Python, what stands around every model here: the
    loop, and the runtime that answers searches.

    Raises:
        InputError: if the file is none of ours, or onnxruntime is missing or refuses it.
    """

    def __init__(self, data: bytes) -> None:
        self.model: Model = model_from_onnx(data)
        library = require("onnxruntime")
        options = library.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the products are small
        try:
            self._session = library.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions have no common base
            raise InputError(f"onnxruntime refuses the file: {error}") from error
        self._inputs = {entry.name: entry for entry in self._session.get_inputs()}
        self._outputs = [entry.name for entry in self._session.get_outputs()]

    def empty(self, batch: int = 1) -> dict[str, NDArray[Any]]:
        """The caches before the first token."""
        caches = {}
        for name, entry in self._inputs.items():
            if name.startswith("past."):
                shape = [size if isinstance(size, int) else {"batch": batch}.get(size, 0) for size in entry.shape]
                caches[name] = np.zeros(shape, dtype=_TYPES[entry.type])
        return caches

    def step(
        self, tokens: NDArray[np.int64], caches: dict[str, NDArray[Any]], first: int = 0
    ) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
        """The next token of each row of ``tokens`` (batch, length), the first at position ``first``; new caches."""
        feed: dict[str, Any] = {"tokens": np.asarray(tokens, dtype=np.int64), **caches}
        if "first" in self._inputs:
            feed["first"] = np.array(first, dtype=np.int64)
        found = dict(zip(self._outputs, self._session.run(self._outputs, feed), strict=True))
        present = {f"past{n.removeprefix('present')}": v for n, v in found.items() if n.startswith("present.")}
        return found["next"], present

    def decode(self, tokens: Sequence[str], max_tokens: int) -> tuple[str, ...]:
        """All tokens that are written after a prompt, at most ``max_tokens``; searches are answered between steps."""
        ids = self.model.vocabulary.encode(tokens)
        if not ids:
            raise InputError("the prompt is empty; a model reads at least one token")
        runtime, caches, written = Runtime(self.model, ids), self.empty(), list[int]()
        waiting, first = ids, 0
        while len(written) < max_tokens:
            following, caches = self.step(np.array([waiting]), caches, first)
            first += len(waiting)
            appended, ended = runtime.after(int(following[0]))
            waiting = [int(following[0]), *appended]
            written += waiting
            if ended:
                break
        return tuple(self.model.vocabulary.decode(written[:max_tokens]))


_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}
