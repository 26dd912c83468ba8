"""Networks without a wrapper: ONNX models with state, and, where torch is installed, modules of torch.nn.

The slow tests need ``pip install torch`` and say so where it is missing.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto as Proto
from onnx import helper

from constructions.errors import InputError
from proofs_check.cli import main
from proofs_check.lower_bounds import Budget, OnnxNetwork, TorchNetwork, onnx_factory, refute, scope_of
from proofs_check.lower_bounds._networks import tokens_of
from tests.refutations import confirmed

SCOPE = scope_of("associative-recall", 12)
TOKENS = tokens_of(12, 12)
WIDTH = 8
BUDGET = Budget(20_000, 60)


def linear_rnn(state: list[Any] | None = None, **changes: Any) -> bytes:
    """h' = tanh(h A + E[token]), logits = h' C, as somebody's exporter writes it."""
    rng = np.random.default_rng(0)
    count = changes.get("count", len(TOKENS))
    values = {"E": (len(TOKENS), WIDTH), "A": (WIDTH, WIDTH), "C": (WIDTH, count)}
    weights = [onnx.numpy_helper.from_array((rng.normal(size=shape) / 2).astype(np.float32), name)
               for name, shape in values.items()]  # fmt: skip
    one_hot = changes.get("one_hot", False)
    first = helper.make_node("MatMul", ["x", "E"], ["e"]) if one_hot else helper.make_node("Gather", ["E", "x"], ["e"])
    nodes = [
        first,
        helper.make_node("MatMul", ["h", "A"], ["a"]),
        helper.make_node("Add", ["a", "e"], ["s"]),
        helper.make_node("Tanh", ["s"], ["h_out"]),
        helper.make_node("MatMul", ["h_out", "C"], ["logits"]),
    ]
    token = helper.make_tensor_value_info("x", Proto.FLOAT, [1, len(TOKENS)]) if one_hot else (
        helper.make_tensor_value_info("x", Proto.INT64, changes.get("token", ["batch"])))  # fmt: skip
    before = helper.make_tensor_value_info("h", Proto.FLOAT, state or ["batch", WIDTH])
    after = helper.make_tensor_value_info("h_out", Proto.FLOAT, ["batch", changes.get("width", WIDTH)])
    logits = helper.make_tensor_value_info("logits", Proto.FLOAT, ["batch", count])
    outputs = [after, logits] if changes.get("swapped") else [logits, after]
    inputs = [before, token] if changes.get("reversed") else [token, before]
    graph = helper.make_graph(nodes, "rnn", inputs, outputs[: changes.get("outputs", 2)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, value in changes.get("metadata", {}).items():
        helper.set_model_props(model, {key: value})
    return bytes(model.SerializeToString())


def by_hand(tokens: list[str]) -> str:
    """The same network in numpy."""
    rng = np.random.default_rng(0)
    e, a, c = ((rng.normal(size=shape) / 2).astype(np.float32)
               for shape in ((len(TOKENS), WIDTH), (WIDTH, WIDTH), (WIDTH, len(TOKENS))))  # fmt: skip
    h = np.zeros(WIDTH, np.float32)
    for token in tokens:
        h = np.tanh(h @ a + e[TOKENS.index(token)])
    return TOKENS[int(np.argmax(h @ c))]


@pytest.mark.parametrize("changes", [{}, {"one_hot": True}, {"reversed": True}, {"token": []}, {"token": [1]}], ids=str)
def test_onnx_networks_write_what_the_graph_says(changes: dict[str, Any]) -> None:
    network = OnnxNetwork(linear_rnn(**changes), TOKENS)
    rng = np.random.default_rng(1)
    for _ in range(20):
        word = [str(letter) for letter in rng.integers(1, 13, 9)]
        state = network.initial()
        for token in word:
            state = network.step(state, token)
        assert network.output(state) == by_hand(word)


def test_an_onnx_file_is_refuted_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(linear_rnn())
    with pytest.raises(SystemExit) as ended:
        main(["refute", str(path), "--task", "associative-recall", "--n", "12", "--budget", "20000", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (ended.value.code, found["verdict"]) == (1, "REFUTED")
    wrong = next(replay for replay in found["answers"] if not replay["right"])
    said = by_hand(wrong["input"].split())
    assert wrong["written"][0] == said  # the last step's, as the graph has it


def test_weights_may_lie_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = onnx.load_model_from_string(linear_rnn())
    path = tmp_path / "net.onnx"
    onnx.save_model(model, str(path), save_as_external_data=True, location="net.weights", size_threshold=0)
    assert (tmp_path / "net.weights").stat().st_size > 0
    monkeypatch.chdir("/")
    network = onnx_factory(str(path))(12, 12)
    assert network.output(network.step(network.initial(), "3")) == by_hand(["3"])
    (tmp_path / "net.weights").unlink()
    with pytest.raises(InputError, match=r"wants weights from 'net.weights'; there is no such file in"):
        onnx_factory(str(path))(12, 12)


PLACES = ("initializer", "sparse", "attribute", "subgraph", "function", "second")


def model_with_weights_in(location: str, place: str = "initializer") -> bytes:
    """The network, with a tensor more somewhere in it, whose numbers lie in another file."""
    model = onnx.load_model_from_string(linear_rnn())
    tensor = Proto(name="more", data_type=Proto.FLOAT, dims=[1], data_location=Proto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    node = helper.make_node("Constant", [], ["more"], value=tensor)
    if place == "initializer":
        model.graph.initializer.append(tensor)
    elif place == "sparse":
        model.graph.sparse_initializer.add().values.CopyFrom(tensor)
    elif place == "attribute":
        model.graph.node.append(node)
    elif place == "subgraph":
        body = helper.make_graph([node], "body", [], [])
        model.graph.node.append(helper.make_node("If", ["x"], ["y"], then_branch=body, else_branch=body))
    elif place == "function":
        model.functions.add(name="f").node.append(node)
    else:  # a key that is given twice, of which a reader may take either
        tensor.external_data[0].value = "net.onnx"
        tensor.external_data.add(key="location", value=location)
        model.graph.initializer.append(tensor)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("location", ["../secret", "{}/secret", "below/../../secret", "link", "a/b/../../link/x"])
def test_weights_elsewhere_are_refused_before_they_are_opened(
    location: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_bytes(bytes(4))
    folder = tmp_path / "net"
    (folder / "below").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "secret")
    path = folder / "net.onnx"
    path.write_bytes(model_with_weights_in(location.format(tmp_path), place))

    def opened(*_: object, **__: object) -> None:
        raise KeyboardInterrupt  # which nothing turns into a refusal

    monkeypatch.setattr("onnxruntime.InferenceSession", opened)
    with pytest.raises(InputError, match=r"wants weights from '.*outside of its folder .*net$"):
        OnnxNetwork(str(path), TOKENS)
    path.write_bytes(model_with_weights_in("net.onnx", place))
    with pytest.raises(KeyboardInterrupt):  # what lies beside it is left to onnxruntime
        OnnxNetwork(str(path), TOKENS)


@pytest.mark.parametrize("location", ["", "below", "*/_ORT_MEM_ADDR_/*", "\0", "fifo", "x" * 5000, "loop"])
def test_what_is_no_file_is_refused_too(location: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    path = tmp_path / "net.onnx"
    path.write_bytes(model_with_weights_in(location))
    with pytest.raises(InputError, match=r"^the model wants weights from .*; there is no such file in"):
        OnnxNetwork(str(path), TOKENS)


def test_bytes_have_no_folder() -> None:
    with pytest.raises(InputError, match=r"wants weights from 'net.weights', and bytes lie in no folder"):
        OnnxNetwork(model_with_weights_in("net.weights"), TOKENS)


def test_the_metadata_name_the_tokens() -> None:
    words = [*(f"w{i}" for i in range(len(TOKENS)))]
    data = linear_rnn(metadata={"tokens": json.dumps(words)})
    network = OnnxNetwork(data, TOKENS)
    assert network.output(network.step(network.initial(), "w3")) == f"w{TOKENS.index(by_hand(['3']))}"
    with pytest.raises(InputError, match=r"has no token '3'; expected it among tokens: w0 w1"):
        network.step(network.initial(), "3")


def test_states_that_meet_are_merged() -> None:
    """An equal key needs equal states: float32 states that are rounded to halves meet, and the pair is found."""
    rng = np.random.default_rng(0)
    weights = [onnx.numpy_helper.from_array(np.round(rng.normal(size=shape)).astype(np.float32), name)
               for name, shape in {"E": (len(TOKENS), 4), "C": (4, len(TOKENS))}.items()]  # fmt: skip
    nodes = [
        helper.make_node("Gather", ["E", "x"], ["e"]),
        helper.make_node("Add", ["h", "e"], ["s"]),
        helper.make_node("Clip", ["s", "low", "high"], ["h_out"]),
        helper.make_node("MatMul", ["h_out", "C"], ["logits"]),
    ]
    weights += [onnx.numpy_helper.from_array(np.array(v, np.float32), k) for k, v in {"low": -2, "high": 2}.items()]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "clipped",
        [value("x", Proto.INT64, [1]), value("h", Proto.FLOAT, [1, 4])],
        [value("logits", Proto.FLOAT, [1, len(TOKENS)]), value("h_out", Proto.FLOAT, [1, 4])],
        weights,
    )
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    found = confirmed(refute(lambda n, k: OnnxNetwork(data, TOKENS), SCOPE, budget=Budget(100_000, 60)), SCOPE)
    assert len(found.prefixes) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no model", r"^no ONNX file, or a damaged one: "),
        (
            linear_rnn(swapped=True),
            r"^the model's inputs and outputs do not fit: .* found x tensor\(int64\) \['batch'\]",
        ),
        (linear_rnn(outputs=1), r"^the model's inputs and outputs do not fit"),
        (linear_rnn(count=5), r"^the read-out gives 5 numbers, and 15 tokens can be written \(0 1 2"),
        (linear_rnn(token=[2]), r"^the input x has the shape \[2\], for 1 numbers"),
        (linear_rnn(metadata={"tokens": "3 4"}), r"^the metadata tokens of the file: expected a JSON list of strings"),
        (linear_rnn(metadata={"tokens": '["1", "1"]'}), r"^tokens: expected different strings"),
        (linear_rnn(metadata={"tokens": '["1", 2]'}), r"^tokens: expected different strings"),
        (linear_rnn(metadata={"tokens": '["1", "2"]'}), r"^the network has no token"),
    ],
    ids=range(9),
)
def test_other_onnx_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        refute(lambda n, k: OnnxNetwork(data, TOKENS), SCOPE, budget=BUDGET)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "net.onnx")  # opening it would wait for ever
    with pytest.raises(InputError, match=r"net\.onnx: it is no regular file"):
        onnx_factory(str(tmp_path / "net.onnx"))


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "absent.onnx", tmp_path):
        with pytest.raises(SystemExit) as ended:
            main(["refute", f"{path}/x.onnx" if path == tmp_path else str(path), "--task", "index", "--n", "3"])
        assert ended.value.code == 2
        assert "No such file" in capsys.readouterr().err


@pytest.fixture
def torch() -> Any:
    module = pytest.importorskip("torch", reason="needs pip install torch")
    module.manual_seed(0)
    module.set_num_threads(1)
    return module


def cell_of(torch: Any, name: str, front: bool) -> Any:
    kind, *options = name.split()
    inputs = WIDTH if front else len(TOKENS)
    return getattr(torch.nn, kind)(inputs, WIDTH, **{key: int(value) for key, value in (o.split("=") for o in options)})


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch says that it is slow
@pytest.mark.parametrize("front", [True, False])
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM", "GRU num_layers=2", "LSTM num_layers=3 proj_size=5"])
def test_torch_modules_write_what_their_forward_says(torch: Any, name: str, front: bool) -> None:
    """Token by token as the whole sequence at once."""
    cell = cell_of(torch, name, front)
    head = torch.nn.Linear(cell.proj_size or WIDTH, len(TOKENS))
    embedding = torch.nn.Embedding(len(TOKENS), WIDTH)
    network = TorchNetwork(torch.nn.Sequential(*[embedding] * front, cell, torch.nn.Dropout(0.5), head), TOKENS)
    rng = np.random.default_rng(1)
    for _ in range(20):
        ids = rng.integers(0, len(TOKENS), 9)
        state = network.initial()
        for i in ids:
            state = network.step(state, TOKENS[i])
        with torch.no_grad():
            x = torch.tensor(ids)
            x = embedding(x) if front else torch.nn.functional.one_hot(x, len(TOKENS)).float()
            logits = head(cell(x)[0][-1])
        assert network.output(state) == TOKENS[int(logits.argmax())]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM", "GRU num_layers=2"])
def test_torch_modules_are_refuted_without_a_wrapper(torch: Any, name: str) -> None:
    def make(n: int, alphabet: int) -> Any:
        count = alphabet + 3
        return torch.nn.Sequential(
            torch.nn.Embedding(count, WIDTH), cell_of(torch, name, True), torch.nn.Linear(WIDTH, count)
        )

    found = confirmed(refute(make, SCOPE, budget=BUDGET), SCOPE)
    assert found.states is not None


@pytest.mark.slow
def test_a_hidden_state_that_requires_gradients_is_refused(torch: Any) -> None:
    cell, embedding = torch.nn.GRU(WIDTH, WIDTH), torch.nn.Embedding(len(TOKENS), WIDTH)

    class Wrapped:
        def initial(self) -> Any:
            return torch.zeros(1, WIDTH)

        def step(self, state: Any, token: str) -> Any:
            return cell(embedding(torch.tensor([TOKENS.index(token)])), state)[1]

        def output(self, state: Any) -> Any:
            return "1"

    with pytest.raises(InputError, match=r"^step\(state, '\d+'\) gave a tensor that requires gradients"):
        refute(lambda n, k: Wrapped(), SCOPE)
    with torch.no_grad():
        assert refute(lambda n, k: Wrapped(), SCOPE, budget=BUDGET).verdict == "REFUTED"


@pytest.mark.slow
def test_other_torch_modules_are_refused(torch: Any) -> None:
    nn = torch.nn
    for parts, message in [
        ([nn.Linear(3, 3)], r"^Sequential \(Linear\): expected an nn\.Sequential of an embedding"),
        ([nn.GRU(15, 8), nn.GRU(8, 8)], r"^Sequential \(GRU, GRU\)"),
        ([nn.GRU(15, 8, bidirectional=True)], r"^the GRU is bidirectional"),
        ([nn.GRU(9, 8)], r"^without an embedding tokens are one-hot, and there are 15; the GRU has input_size = 9"),
        ([nn.GRU(15, 8), nn.Linear(8, 13)], r"^the read-out gives 13 numbers, and 15 tokens can be written"),
    ]:
        with pytest.raises(InputError, match=message):
            refute(lambda n, k, parts=parts: nn.Sequential(*parts), SCOPE, budget=BUDGET)
    answers = [str(i) for i in range(1, 13)] + ["NONE"]
    module = nn.Sequential(nn.GRU(15, 8), nn.Linear(8, 13))
    assert refute(lambda n, k: TorchNetwork(module, TOKENS, answers), SCOPE, budget=BUDGET).verdict == "REFUTED"
