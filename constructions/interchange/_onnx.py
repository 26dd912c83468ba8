"""One decoding step as an ONNX graph, and the model back from the file.

Inputs: ``tokens`` (batch, length), the ids of new tokens; ``first``, the position of the first of them, where the
model reads positions; and caches: ``past.L.H.keys`` and ``past.L.H.values`` (batch, positions, features) for head H of
layer L, of length 0 at the beginning, and ``past.state.L`` (batch, cells), zeros at the beginning. Outputs: ``next``
(batch,), the ids of the tokens with the largest logit after the last token; ``logits`` (batch, tokens) over a positive
denominator of their own; and ``present.*``, to be given as ``past.*`` to the next step.

The graph is a function of the model and of three settings, so reading the file builds it again from the model
that the metadata hold and compares.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.errors import InputError, ResourceError
from constructions.interchange._document import Carrier, document_of, read_document, require_same, require_table
from constructions.interchange._reading import LARGEST_FILE, strings
from constructions.interchange._require import require
from constructions.interchange._step import Plan, Step, planned
from constructions.interchange._types import AttentionKind, NumberType, attention_kind, number_type

_METADATA = "retrieval-gap"
_CARRIER = Carrier("retrieval-gap decoding step", 2, "the metadata", ("type", "attention", "fractions"))
_OPSET, _IR = 17, 8
_COMPARED = ("graph", "opset_import", "functions", "training_info")


def onnx_bytes(
    model: Model,
    type_name: NumberType = "float64",
    attention: AttentionKind = "argmax",
    fractions: Collection[str] | None = None,
) -> bytes:
    """The ONNX file of a model; equal models and settings give equal graphs.

    Args:
        model: any model whose entries the type holds exactly.
        type_name: of all numbers but tokens.
        attention: by arg max, or by softmax at inverse temperature 1024, which needs a type of floats.
        fractions: the coordinates that may hold fractions, see ``fractional_coordinates``; all unless given. A head
            that writes none of them is taken to pick one position; if it picks several, it gives the sum.

    Raises:
        InputError: if the type does not hold an entry exactly, or the package onnx is missing.
        ModelError: if a layer reads a fraction at other positions.
        ResourceError: if the file would be larger than those that are read.
    """
    plan = planned(model, type_name, attention, fractions)
    total = sum(array.nbytes for array in plan.weights.values())
    named = None if plan.fractions is None else sorted(plan.fractions)
    settings = {"type": plan.type_name, "attention": plan.attention, "fractions": named}
    text = document_of(model, _CARRIER, **settings)
    if total + 4 * len(text) > LARGEST_FILE:
        raise ResourceError(f"{model.name}: the weights take {total:,} bytes; files up to {LARGEST_FILE:,} are read")
    proto = _Graph(plan).model()
    entry = proto.metadata_props.add()
    entry.key, entry.value = _METADATA, text
    data: bytes = proto.SerializeToString(deterministic=True)
    return data


def model_from_onnx(data: bytes) -> Model:
    """The model that :func:`onnx_bytes` wrote, equal entry by entry.

    The graph must be the one that the model and the settings in the metadata give, node by node and weight by weight.
    No other file is opened, whatever the data name.

    Raises:
        InputError: if the data are anything else.
    """
    proto = parsed(data)
    texts = [entry.value for entry in proto.metadata_props if entry.key == _METADATA]
    if len(texts) != 1:
        raise InputError(f"the ONNX file has no metadata {_METADATA!r}, so it is no model of ours")
    # Protocol buffers give a string that is not UTF-8 as bytes, which are refused here.
    text = texts[0] if isinstance(texts[0], bytes) else texts[0].encode("utf-8", "surrogatepass")
    model, document = read_document(text, _CARRIER)
    number_type(document["type"])
    kind = attention_kind(document["attention"], document["type"])
    named = document["fractions"]
    fractions = None if named is None else strings(named, "fractions")
    shapes = {tensor.name: tuple(tensor.dims) for tensor in proto.graph.initializer}
    require_table(model, shapes, "", "embedding.table")
    again = _Graph(planned(model, document["type"], kind, fractions)).model()
    found, made = ({part: getattr(whole, part) for part in _COMPARED} for whole in (proto, again))
    require_same(found, made, "the ONNX file's", "its metadata give")
    return model


def parsed(data: bytes) -> Any:
    """The message of an ONNX file; no other file is opened.

    Raises:
        InputError: if it is none.
    """
    onnx = require("onnx")
    try:
        return onnx.ModelProto.FromString(data)
    except (require("google.protobuf.message").DecodeError, RuntimeError, ValueError) as error:
        raise InputError(f"no ONNX file, or a damaged one: {str(error)[:200]}") from error


class _Graph:
    """The operations of a step, each of which appends nodes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._onnx = require("onnx")
        self._nodes: list[Any] = []
        self._constants: dict[str, NDArray[Any]] = {}
        self._type = self._onnx.helper.np_dtype_to_tensor_dtype(plan.dtype)

    def model(self) -> Any:
        """The whole file, without metadata."""
        helper, plan = self._onnx.helper, self._plan
        int64 = self._onnx.TensorProto.INT64
        inputs = [helper.make_tensor_value_info("tokens", int64, ["batch", "length"])]
        if plan.reads_positions:
            inputs.append(helper.make_tensor_value_info("first", int64, []))
        caches: dict[str, list[Any]] = {"past": [], "present": []}
        for slot in plan.slots:
            for when, positions in (("past", "seen"), ("present", "positions")):
                shape = ["batch", positions, slot.size] if slot.grows else ["batch", slot.size]
                caches[when].append(helper.make_tensor_value_info(f"{when}.{slot.name}", self._type, shape))
        step = Step(plan, self)
        x = step.run(
            "tokens", "first" if plan.reads_positions else None, {s.name: f"past.{s.name}" for s in plan.slots}
        )
        logits = step.logits(self.last(x))
        self._name(logits, "logits")
        self._node("ArgMax", ["logits"], "next", axis=-1, keepdims=0)
        for slot in plan.slots:
            self._name(step.present[slot.name], f"present.{slot.name}")
        outputs = [
            helper.make_tensor_value_info("next", int64, ["batch"]),
            helper.make_tensor_value_info("logits", self._type, ["batch", len(plan.model.vocabulary)]),
            *caches["present"],
        ]
        graph = helper.make_graph(
            self._nodes, "decoding step", inputs + caches["past"], outputs, initializer=self._initializers()
        )
        opset = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=_IR, producer_name="retrieval-gap")

    def _initializers(self) -> list[Any]:
        return [self._onnx.numpy_helper.from_array(array, name) for name, array in self._constants.items()]

    def _node(self, kind: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        name = output or f"{len(self._nodes)}.{kind}"
        self._nodes.append(self._onnx.helper.make_node(kind, inputs, [name], name=f"node {name}", **attributes))
        return name

    def _name(self, value: str, name: str) -> None:
        self._node("Identity", [value], name)

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        self._constants[name] = array
        return name

    def _int(self, value: int) -> str:
        return self._constant(f"int {value}", np.array(value, dtype=np.int64))

    def _ints(self, value: int) -> str:
        return self._constant(f"ints {value}", np.array([value], dtype=np.int64))

    def _length(self, value: str) -> str:
        """The length of the second axis, a scalar."""
        return self._node("Gather", [self._node("Shape", [value]), self._int(1)], axis=0)

    def _numbers(self, value: str) -> str:
        """0, 1, .. up to the length of the second axis, as int64."""
        return self._node("Range", [self._int(0), self._length(value), self._int(1)])

    def _cast(self, value: str) -> str:
        return self._node("Cast", [value], to=self._type)

    # The operations.

    def weight(self, name: str) -> str:
        return self._constant(name, self._plan.weights[name])

    def constant(self, value: int) -> str:
        return self._constant(f"number {value}", np.array(value, dtype=self._plan.dtype))

    def rows(self, table: str, ids: str) -> str:
        return self._node("Gather", [table, ids], axis=0)

    def column(self, matrix: str, number: int) -> str:
        return self._node("Gather", [matrix, self._int(number)], axis=1)

    def places(self, tokens: str, first: str) -> str:
        there = self._node("Add", [self._numbers(tokens), first])
        return self._cast(self._node("Unsqueeze", [there, self._ints(-1)]))

    def numbered(self, keys: str) -> str:
        return self._cast(self._numbers(keys))

    def causal(self, scores: str, tokens: str, keys: str) -> str:
        before = self._node("Sub", [self._length(keys), self._length(tokens)])
        own = self._node("Unsqueeze", [self._node("Add", [self._numbers(tokens), before]), self._ints(-1)])
        visible = self._node("LessOrEqual", [self._numbers(keys), own])
        lowest = -(2**63) if self._plan.type_name == "int64" else -np.inf
        hidden = self._constant("hidden", np.array(lowest, dtype=self._plan.dtype))
        return self._node("Where", [visible, scores, hidden])

    def linear(self, x: str, matrix: str) -> str:
        return self._node("MatMul", [x, self._node("Transpose", [matrix], perm=[1, 0])])

    def matmul(self, a: str, b: str) -> str:
        return self._node("MatMul", [a, b])

    def add(self, a: str, b: str) -> str:
        return self._node("Add", [a, b])

    def multiply(self, a: str, b: str) -> str:
        return self._node("Mul", [a, b])

    def quotient(self, a: str, b: str) -> str:
        return self._node("Div", [a, b])

    def relu(self, a: str) -> str:
        return self._node("Max", [a, self.constant(0)])

    def transposed(self, keys: str) -> str:
        return self._node("Transpose", [keys], perm=[0, 2, 1])

    def _largest(self, scores: str) -> str:
        return self._node("ReduceMax", [scores], axes=[-1], keepdims=1)

    def hits(self, scores: str) -> str:
        return self._cast(self._node("Equal", [scores, self._largest(scores)]))

    def softmax(self, scores: str) -> str:
        return self._node("Softmax", [scores], axis=-1)

    def exponentials(self, scores: str) -> str:
        return self._node("Exp", [self._node("Sub", [scores, self._largest(scores)])])

    def total(self, a: str) -> str:
        return self._node("ReduceSum", [a, self._ints(-1)], keepdims=1)

    def joined(self, past: str, new: str) -> str:
        return self._node("Concat", [past, new], axis=1)

    def scan(self, transition: str, inputs: str, state: str) -> str:
        return self._scanned(state, [inputs], [transition])

    def scan_selected(self, transition: str, inputs: str, state: str, gates: str, selected: str, change: str) -> str:
        return self._scanned(state, [inputs, gates], [transition, selected, change])

    def _scanned(self, state: str, along: list[str], matrices: list[str]) -> str:
        """Transition and inputs; with gates, too, what is selected and changed."""
        helper = self._onnx.helper
        turned = [self._node("Transpose", [matrix], perm=[1, 0]) for matrix in matrices]
        number = len(self._nodes)

        def named(*parts: str) -> list[str]:
            return [f"{number}.{part}" for part in parts]

        def node(kind: str, inputs: list[str], output: str) -> Any:
            return helper.make_node(kind, inputs, named(output))

        moved = "moved"
        nodes = [node("MatMul", [*named("before"), turned[0]], "moved")]
        if len(along) > 1:
            nodes += [
                node("MatMul", [*named("before"), turned[1]], "selected"),
                node("Mul", named("selected", "gate"), "units"),
                node("MatMul", [*named("units"), turned[2]], "change"),
                node("Add", named("moved", "change"), "whole"),
            ]
            moved = "whole"
        nodes += [node("Add", named(moved, "input"), "after"), node("Identity", named("after"), "shown")]
        read = named("before", "input", "gate")[: 1 + len(along)]
        body = helper.make_graph(
            nodes,
            "one position",
            [helper.make_tensor_value_info(name, self._type, None) for name in read],
            [helper.make_tensor_value_info(name, self._type, None) for name in named("after", "shown")],
        )
        held, states = f"{number}.held", f"{number}.states"
        node = helper.make_node(
            "Scan",
            [state, *along],
            [held, states],
            name=f"node {states}",
            body=body,
            num_scan_inputs=len(along),
            scan_input_axes=[1] * len(along),
            scan_output_axes=[1],
        )
        self._nodes.append(node)
        return states

    def last(self, x: str) -> str:
        return self._node("Gather", [x, self._int(-1)], axis=1)
