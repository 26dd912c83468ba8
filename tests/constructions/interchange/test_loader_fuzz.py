"""Loaders under attack: whatever the bytes, a model that is whole or one line that says what is wrong."""

import io
import json
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructions.architectures import Model
from constructions.errors import RetrievalGapError
from constructions.interchange import (
    fractional_coordinates,
    load_model,
    model_from_json,
    model_from_npz,
    model_from_onnx,
    model_from_safetensors,
    model_to_json,
    npz_bytes,
    onnx_bytes,
    safetensors_bytes,
    same_model,
)
from constructions.interchange._tables import matrices_of
from constructions.theorems import construction

MODEL = construction("hybrid/counting").at(3)
NPZ = npz_bytes(MODEL)
TENSORS = safetensors_bytes(MODEL)
ONNX = onnx_bytes(MODEL, fractions=fractional_coordinates(construction("hybrid/counting").blueprint))
JSON = model_to_json(construction("retrieval/index").at(3))

FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Loader = Callable[[bytes], Model]
LOADERS: dict[str, tuple[bytes, Loader]] = {
    "npz": (NPZ, model_from_npz),
    "safetensors": (TENSORS.tensors, lambda data: model_from_safetensors(data, TENSORS.side_car)),
    "side-car": (TENSORS.side_car, lambda data: model_from_safetensors(TENSORS.tensors, data)),
    "onnx": (ONNX, model_from_onnx),
}


def outcome(load: Callable[[], Model]) -> Model | str:
    """The model, or the message; any other exception passes through."""
    try:
        return load()
    except RetrievalGapError as error:
        message = str(error)
    assert len(message) < 1500
    return message


def unharmed(found: Model, kind: str) -> bool:
    """Whether the weights are the same, and names too, except where they stand in plain text without a checksum."""
    if kind in ("onnx", "side-car"):
        shown = {name: matrix.numerators.tolist() for name, matrix in matrices_of(found).items()}
        return shown == {name: matrix.numerators.tolist() for name, matrix in matrices_of(MODEL).items()}
    return same_model(found, MODEL)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes with a few changes: overwritten, cut out, put in, doubled, cut off."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(changed)))
        length = draw(st.sampled_from([0, 1, 1, 2, 8, 60]))
        kind = draw(st.sampled_from(["overwrite", "cut out", "put in", "double", "cut off"]))
        some = draw(st.one_of(st.binary(min_size=length, max_size=length), st.just(b"\xff" * length)))
        if kind == "overwrite":
            changed[start : start + length] = some
        elif kind == "cut out":
            del changed[start : start + length]
        elif kind == "put in":
            changed[start:start] = some
        elif kind == "double":
            changed[start:start] = changed[start : start + length]
        else:
            del changed[start:]
    return bytes(changed)


@pytest.mark.parametrize("kind", list(LOADERS))
@settings(FUZZ, max_examples=80)
@given(data=st.data())
def test_damaged_files(kind: str, data: st.DataObject) -> None:
    """Damage is found, or lies where it means nothing (a time stamp in an archive): then the model is the same."""
    good, load = LOADERS[kind]
    found = outcome(lambda: load(data.draw(damaged(good))))
    if isinstance(found, Model):
        assert unharmed(found, kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(LOADERS))
@settings(FUZZ, max_examples=10_000)
@given(data=st.data())
def test_damaged_files_at_length(kind: str, data: st.DataObject) -> None:
    good, load = LOADERS[kind]
    found = outcome(lambda: load(data.draw(damaged(good))))
    if isinstance(found, Model):
        assert unharmed(found, kind)


@pytest.mark.parametrize("kind", list(LOADERS))
@settings(FUZZ, max_examples=30)
@given(data=st.binary(max_size=400))
def test_anything_at_all(kind: str, data: bytes) -> None:
    assert isinstance(outcome(lambda: LOADERS[kind][1](data)), str)


@pytest.mark.parametrize("kind", list(LOADERS))
def test_files_that_were_cut_off(kind: str) -> None:
    good, load = LOADERS[kind]
    ends = [0, 1, 7, 8, 9, len(good) // 3, len(good) // 2, len(good) - 40, len(good) - 2]
    assert all(isinstance(outcome(lambda end=end: load(good[:end])), str) for end in ends)  # type: ignore[misc]


@pytest.mark.parametrize(
    "text",
    [
        b'{"format"',
        b"decoding step",
        b"retrieval-gap decoding step",
        b"embedding.table",
        b"tokens",
        b"MatMul",
        b"axis",
        b"batch",
    ],
)
def test_texts_that_are_not_utf8(text: bytes) -> None:
    """Protocol buffers hand them out as bytes where a string is expected: metadata, names, operators, attributes."""
    assert ONNX.count(text)
    for place in (ONNX.index(text), ONNX.rindex(text)):
        found = outcome(lambda place=place: model_from_onnx(ONNX[:place] + b"\xff" + ONNX[place + 1 :]))  # type: ignore[misc]
        assert isinstance(found, str)
        assert "\xff" not in found


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=5),
    st.just(10**5000),
    st.just("1/0"),
    st.just("9" * 5000 + "/7"),
    st.lists(st.integers(0, 3), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@st.composite
def tampered(draw: st.DrawFn, document: Any) -> Any:
    """A JSON document with one place replaced, taken away, or a key put in."""
    copy = json.loads(json.dumps(document))
    here = copy
    while True:
        key = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if isinstance(here[key], dict | list) and here[key] and draw(st.integers(0, 5)):
            here = here[key]
            continue
        action = draw(st.sampled_from(["replace", "replace", "take away", "put in"]))
        if action == "replace":
            here[key] = draw(JUNK)
        elif action == "take away":
            del here[key]
        elif isinstance(here, dict):
            here["more"] = 1
        else:
            here.insert(key, draw(JUNK))
        return copy


@settings(FUZZ, max_examples=150)
@given(tampered(JSON))
def test_tampered_models(document: Any) -> None:
    """Every document is refused in one line, or read as exactly what it says."""
    found = outcome(lambda: model_from_json(document))
    if isinstance(found, Model):
        assert json.loads(json.dumps(model_to_json(found))).keys() == document.keys()
        assert same_model(model_from_json(model_to_json(found)), found)


def with_member(name: str, data: bytes, base: bytes = NPZ) -> bytes:
    """The archive with one member replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, data)
    return buffer.getvalue()


def array_bytes(array: Any, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def header_bytes(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


class Trap:
    """Unpickling one of these would be noticed."""

    sprung = False

    def __reduce__(self) -> Any:
        return (_spring, ())


def _spring() -> None:
    Trap.sprung = True


QUERY = next(f"{name}.npy" for name in matrices_of(MODEL) if name.endswith(".heads.0.query"))
SHAPE = (len(MODEL.heads[0].features), len(MODEL.coordinates))


OTHER = f"the member {QUERY} is not what model.json gives"
NAMES = [*matrices_of(MODEL), "embedding.table", "unembedding.table"]


def with_keys(**changes: object) -> bytes:
    """The document of the archive with other values of these keys."""
    with zipfile.ZipFile(io.BytesIO(NPZ)) as archive:
        return json.dumps({**json.loads(archive.read("model.json")), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_member(QUERY, array_bytes(np.array([Trap()], dtype=object), True)), OTHER),
        (with_member(QUERY, array_bytes(np.full(SHAPE, Trap(), dtype=object), True)), OTHER),
        (with_member(QUERY, pickle.dumps(Trap())), OTHER),
        (with_member(QUERY, array_bytes(np.zeros(SHAPE))), OTHER),
        (with_member(QUERY, array_bytes(np.zeros(SHAPE, dtype=">i8"))), OTHER),
        (with_member(QUERY, array_bytes(np.zeros(SHAPE, dtype=np.int64, order="F"))), OTHER),
        (with_member(QUERY, array_bytes(np.full(SHAPE, "x"))), OTHER),
        (with_member(QUERY, array_bytes(np.zeros(SHAPE, dtype=np.int64))[:-1]), OTHER),
        (
            with_member(QUERY, header_bytes(str({"descr": "<i8", "fortran_order": False, "shape": SHAPE}))),
            OTHER,
        ),
        (
            with_member(QUERY, header_bytes("{'descr': '<i8', 'fortran_order': False, 'shape': (10**9,)}")),
            OTHER,
        ),
        (
            with_member(QUERY, header_bytes("{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000,)}")),
            OTHER,
        ),
        (with_member(QUERY, header_bytes("[" * 5000)), OTHER),
        (with_member("more.npy", b""), "the member 'more.npy' is in the file, but no matrix"),
        (with_member(QUERY, array_bytes(np.zeros(SHAPE, dtype=np.int64))), OTHER),
        (with_member("model.json", with_keys(denominators={})), "the denominators are not those"),
        (
            with_member("model.json", with_keys(denominators=dict.fromkeys(NAMES, True))),
            "the denominators are not those",
        ),
        (with_member("model.json", with_keys(version=1)), "is 'retrieval-gap npz' version 1; expected .* version 2"),
        (with_member("model.json", with_keys(context=-1)), "context is -1; expected a position"),
        (with_member("model.json", b"{}"), "the key 'format' is missing"),
        (with_member("model.json", b'{"format": 1, "format": 2}'), "'format' is given twice"),
        (with_member("model.json", b"[" * 100_000), "no JSON document that can be read"),
        (with_member("model.json", b"NaN"), "NaN is no number"),
        (with_member("model.json", b"\xff"), "no JSON document that can be read"),
        (
            with_member("embedding.table.npy", array_bytes(np.zeros((7, 3), dtype=np.int64))),
            "the member embedding.table.npy is not what model.json gives",
        ),
    ],
)
def test_archives_that_are_none_of_ours(data: bytes, message: str) -> None:
    import re

    found = outcome(lambda: model_from_npz(data))
    assert isinstance(found, str)
    assert re.search(message, found), found
    assert not Trap.sprung


def test_the_trap_works() -> None:
    try:
        pickle.loads(pickle.dumps(Trap()))  # noqa: S301
        assert Trap.sprung
    finally:
        Trap.sprung = False


def test_tables_that_do_not_follow_are_found() -> None:
    table = MODEL.token_table.numerators.copy()
    table[0, 0] += 1
    found = outcome(lambda: model_from_npz(with_member("embedding.table.npy", array_bytes(table))))
    assert found == "the member embedding.table.npy is not what model.json gives"


def test_a_bomb_is_not_unpacked() -> None:
    """A member of 300 MB that takes 300 kB in the archive."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("model.json", "w") as member,
    ):
        for _ in range(30):
            member.write(bytes(10**7))
    tracemalloc.start()
    found = outcome(lambda: model_from_npz(buffer.getvalue()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == "the archive unpacks to 300,000,000 bytes; at most 268,435,456 are read"
    assert peak < 10**7


@pytest.mark.parametrize("name", ["model.json", "more.npy"])
def test_a_bomb_that_declares_few_bytes_is_not_unpacked(name: str) -> None:
    """The directory and the header of the member say 1,000 bytes of 100 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, bytes(10**8))
    size = struct.pack("<I", 10**8)
    assert buffer.getvalue().count(size) == 2
    bomb = buffer.getvalue().replace(size, struct.pack("<I", 1000))
    assert len(bomb) < 10**6
    tracemalloc.start()
    found = outcome(lambda: model_from_npz(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == f"no archive in the form of .npz, or a damaged one: Bad CRC-32 for file {name!r}"
    assert peak < 10**7


def test_declared_sizes_are_not_believed() -> None:
    """Names and shapes that would make a matrix of 2^32 entries, in a document of a few hundred kB."""
    width = [f"x{i}" for i in range(2**16)]
    document = {**model_to_json(MODEL), "coordinates": width}
    tracemalloc.start()
    found = outcome(lambda: model_from_json(document))
    assert found == (
        f"embedding.polynomial has shape ({len(MODEL.coordinates)}, 3); expected (65536, 3) from the names that "
        "label it"
    )
    empty = {"shape": [2**16, 3], "entries": []}
    layer = {"type": "feed-forward", "units": width, "gate": {}, "value": {}, "output": {}}
    embedding = {
        "polynomial": empty,
        "special": {"shape": [2**16, len(MODEL.vocabulary.specials)], "entries": []},
        "position": {"shape": [2**16, 2], "entries": []},
    }
    found = outcome(lambda: model_from_json({**document, "embedding": embedding, "layers": [layer]}))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == "with layers.0.gate the matrices have more than 16,777,216 entries, which is too many"
    assert peak < 10**8


def test_a_vocabulary_without_end_is_not_listed() -> None:
    side_car = json.loads(TENSORS.side_car)
    side_car["model"]["vocabulary"]["high"] = 10**18
    found = outcome(lambda: model_from_safetensors(TENSORS.tensors, json.dumps(side_car).encode()))
    assert isinstance(found, str)
    assert "tensor embedding.table is missing or not of shape (1000000000000000" in found
    side_car["model"]["vocabulary"]["high"] = 10**40
    found = outcome(lambda: model_from_safetensors(TENSORS.tensors, json.dumps(side_car).encode()))
    assert isinstance(found, str)
    assert "need more than 61 bits" in found


def test_an_archive_whose_vocabulary_has_no_end_is_not_listed() -> None:
    model = {**model_to_json(MODEL), "vocabulary": {**model_to_json(MODEL)["vocabulary"], "high": 10**18}}
    found = outcome(lambda: model_from_npz(with_member("model.json", with_keys(model=model))))
    assert isinstance(found, str)
    assert "embedding.table is missing or not of shape (1000000000000000" in found


def test_tensors_and_side_car_belong_together() -> None:
    other = safetensors_bytes(construction("hybrid/counting").at(4))
    found = outcome(lambda: model_from_safetensors(other.tensors, TENSORS.side_car))
    assert found == "the tensors are not those of the side-car: their SHA-256 differs"


def with_sha(tensors: bytes, **changes: Any) -> bytes:
    import hashlib

    side_car = json.loads(TENSORS.side_car)
    return json.dumps({**side_car, "sha256": hashlib.sha256(tensors).hexdigest(), **changes}).encode()


def test_tensors_are_compared_bit_by_bit() -> None:
    arrays = safetensors.numpy.load(TENSORS.tensors)
    for name in arrays:
        changed = {key: array.copy() for key, array in arrays.items()}
        if not changed[name].size:
            continue
        changed[name].ravel()[-1] = np.nextafter(changed[name].ravel()[-1], 9)
        tensors = safetensors.numpy.save(changed)
        found = outcome(lambda tensors=tensors: model_from_safetensors(tensors, with_sha(tensors)))  # type: ignore[misc]
        assert found == f"tensor {name} is not what the side-car's exact values give in float64"
    fewer = {key: array for key, array in arrays.items() if key != "embedding.special"}
    tensors = safetensors.numpy.save(fewer)
    assert outcome(lambda: model_from_safetensors(tensors, with_sha(tensors))) == (
        "tensor 'embedding.special' is missing"
    )
    found = outcome(lambda: model_from_safetensors(TENSORS.tensors, with_sha(TENSORS.tensors, exact=False)))
    assert found == "the side-car says exact: False; for these entries it is True"
    found = outcome(lambda: model_from_safetensors(TENSORS.tensors, with_sha(TENSORS.tensors, type="float16")))
    assert found == "unknown type of numbers 'float16'; expected float32, float64, int64"


def test_onnx_graphs_are_compared_whole() -> None:
    """Any change to a node, a weight, an input or the operator set is found."""
    changes: list[Callable[[Any], object]] = [
        lambda proto: proto.graph.node.pop(),
        lambda proto: proto.graph.node[3].input.append("tokens"),
        lambda proto: proto.graph.node.add(op_type="Identity", input=["tokens"], output=["more"]),
        lambda proto: setattr(proto.opset_import[0], "version", 18),
        lambda proto: setattr(proto.graph.initializer[0], "raw_data", bytes(len(proto.graph.initializer[0].raw_data))),
        lambda proto: setattr(proto.graph.initializer[0], "data_location", onnx.TensorProto.EXTERNAL),
        lambda proto: proto.graph.initializer[0].external_data.add(key="location", value="/etc/passwd"),
        lambda proto: proto.graph.output.pop(),
        lambda proto: proto.functions.add(name="f"),
        lambda proto: proto.metadata_props.pop(),
        lambda proto: proto.metadata_props.add(key="retrieval-gap", value="{}"),
        lambda proto: setattr(
            proto.metadata_props[0], "value", proto.metadata_props[0].value.replace("argmax", "none")
        ),
        lambda proto: setattr(
            proto.metadata_props[0], "value", proto.metadata_props[0].value.replace("float64", "int64")
        ),
        lambda proto: setattr(
            proto.metadata_props[0], "value", proto.metadata_props[0].value.replace('"low": 0', '"low": 1')
        ),
    ]
    for change in changes:
        proto = onnx.ModelProto.FromString(ONNX)
        change(proto)
        assert isinstance(outcome(lambda proto=proto: model_from_onnx(proto.SerializeToString())), str)  # type: ignore[misc]


def test_files_beyond_the_limit_are_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.npz"
    with large.open("wb") as file:
        file.truncate(2**28 + 1)  # takes no room
    found = outcome(lambda: load_model(large))
    assert found == f"{large} has more than 268,435,456 bytes; at most so many are read"
    found = outcome(lambda: load_model("/dev/zero.npz"))
    assert isinstance(found, str)
    (tmp_path / "null.npz").symlink_to("/dev/null")
    assert (
        outcome(lambda: load_model(tmp_path / "null.npz"))
        == f"cannot read {tmp_path / 'null.npz'}: it is no regular file"
    )
    assert isinstance(outcome(lambda: load_model("a\0b.npz")), str)
