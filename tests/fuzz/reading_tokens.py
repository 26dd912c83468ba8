"""Readers of prompts, of words that stand for tokens, and of ONNX networks of others."""

import functools

from onnx import TensorProto as Proto
from onnx import helper

from constructions.engine import decode
from constructions.theorems import construction
from proofs_check.lower_bounds import Budget, OnnxNetwork, refute, scope_of
from tests.fuzz.faults import accepted, require

PROMPTS = ("<s> 3 1 4 ? 2", "<s> 1 1 1 1 ? 4", "<s> 5 ? 1")
WORDS = ("cat,dog", "a,b", "1,2", "\u00e9,\u00ea")


def try_prompt(data: bytes) -> bool:
    """What is run is what stands there, token by token; the answer is the one that a look-up gives."""
    text = data.decode("utf-8", "surrogateescape")
    model = construction("transformer/index").at(5)
    found = accepted(lambda: decode(model, text, max_tokens=3))
    if found is None:
        return False
    tokens = text.split()
    known = {model.vocabulary.token_of(i) for i in range(len(model.vocabulary))}
    require(bool(tokens) and set(tokens) <= known, "a token that the model has not")
    sequence, query = tokens[1:-2], tokens[-1]
    if (
        tokens[0] == "<s>"
        and tokens[-2:-1] == ["?"]
        and "".join([*sequence, query]).isdigit()
        and "<s>" not in sequence
    ):
        asked = int(query)
        if 1 <= asked <= len(sequence) <= 5:
            require(found.answer == sequence[asked - 1], "the look-up gives another token")
    return True


class _Silent:
    """A model that never finds anything; what it reads are words."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def initial(self) -> tuple[str, ...]:
        return ()

    def step(self, _: tuple[str, ...], token: str) -> tuple[str, ...]:
        self.read.add(token)
        return ()

    def output(self, _: tuple[str, ...]) -> str:
        return "NONE"


def try_words(data: bytes) -> bool:
    words = data.decode("utf-8", "surrogateescape").split(",")
    model = _Silent()
    scope = scope_of("associative-recall", 2, 2)
    found = accepted(lambda: refute(lambda n, k: model, scope, words=words, budget=Budget(200, 2)))
    if found is None:
        return False
    require(len(words) == 2 and len(set(words)) == 2, "two letters, and other words")
    require(model.read <= {*words, "?"}, "the model was given what is no word of its own")
    require(found.verdict == "REFUTED", "a model that answers nothing is refuted")
    told = {token for replay in found.answers for token in replay.input.split()}
    require(told <= {*words, "?"}, "the counterexample is not told in words")
    return True


@functools.cache
def network_seeds() -> tuple[bytes, ...]:
    """A network of one number; one that wants weights from a file elsewhere, which is refused."""
    weights = helper.make_tensor("E", Proto.FLOAT, [3, 1], [0.0, 1.0, 2.0])
    nodes = [
        helper.make_node("Gather", ["E", "x"], ["e"]),
        helper.make_node("Add", ["h", "e"], ["h_out"]),
        helper.make_node("Concat", ["h_out", "e", "h_out"], ["logits"], axis=1),
    ]
    value = helper.make_tensor_value_info
    inputs = [value("x", Proto.INT64, [1]), value("h", Proto.FLOAT, [1, 1])]
    outputs = [value("logits", Proto.FLOAT, [1, 3]), value("h_out", Proto.FLOAT, [1, 1])]
    graph = helper.make_graph(nodes, "net", inputs, outputs, [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return (model.SerializeToString(),)


def try_network(data: bytes) -> bool:
    found = accepted(lambda: OnnxNetwork(data, ["0", "1", "2"]))
    if found is None:
        return False
    try:
        state = accepted(lambda: found.step(found.initial(), "1"))
    except Exception as error:
        if "onnxruntime" in type(error).__module__:  # to refute a network, a wrong answer of that network
            return False
        raise
    if state is not None:
        require(found.output(state) in ("0", "1", "2"), "what is written is no token")
    return state is not None
