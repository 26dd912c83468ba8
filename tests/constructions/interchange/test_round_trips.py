"""What is read back from each format equals what was written, exactly."""

import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructions.architectures import Gated, Model
from constructions.errors import InputError, ModelError, RetrievalGapError
from constructions.interchange import (
    NumberType,
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
    side_car_of,
)
from constructions.interchange._safetensors import in_type
from constructions.interchange._tables import matrices_of
from constructions.numerics import Matrix
from constructions.theorems import CONSTRUCTIONS, construction, variants
from tests.constructions.wiring.test_cells import PYTORCH
from tests.random_models import SMALL, models

RANDOM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@pytest.mark.parametrize("name", list(CONSTRUCTIONS))
def test_every_construction_comes_back(name: str) -> None:
    for subject in variants(name)[:2]:
        model = subject.at(max(4, subject.blueprint.least))
        assert same_model(model_from_npz(npz_bytes(model)), model)
        assert same_model(model_from_safetensors(*safetensors_bytes(model)), model)
        assert same_model(
            model_from_onnx(onnx_bytes(model, "int64", "argmax", fractional_coordinates(subject.blueprint))), model
        )


@pytest.mark.parametrize("kind", PYTORCH)
def test_cells_with_pytorchs_weights_come_back(kind: str, tmp_path: Path) -> None:
    """Fractions in gates; what such a model writes is tested beside the cells."""
    model = PYTORCH[kind].model(kind)
    written = safetensors_bytes(model, "float64")
    (tmp_path / "x.safetensors").write_bytes(written.tensors)
    side_car_of(tmp_path / "x.safetensors").write_bytes(written.side_car)
    assert same_model(load_model(tmp_path / "x.safetensors"), model)


@settings(RANDOM, max_examples=25)
@given(models(), st.none() | st.integers(0, 2**70))
def test_random_models_come_back(model: Model, context: int | None) -> None:
    """Fractions, and numbers beyond 64 bits, included."""
    model = replace(model, context=context)
    assert model_to_json(model_from_json(json.loads(json.dumps(model_to_json(model))))) == model_to_json(model)
    assert same_model(model_from_npz(npz_bytes(model)), model)
    for type_name in ("float64", "float32"):
        assert same_model(model_from_safetensors(*safetensors_bytes(model, type_name)), model)


@settings(RANDOM, max_examples=20)
@given(models(SMALL), st.sampled_from(["float32", "float64", "int64"]))
def test_random_models_come_back_from_onnx(model: Model, type_name: NumberType) -> None:
    if any(isinstance(layer, Gated) for layer in model.layers):
        with pytest.raises(ModelError, match="as in LSTM and GRU"):
            onnx_bytes(model, type_name, fractions=())
        return
    assert same_model(model_from_onnx(onnx_bytes(model, type_name, fractions=())), model)


@settings(RANDOM, max_examples=10)
@given(models(), st.integers(0, 10), st.fractions(-2, 2, max_denominator=3).filter(bool))
def test_models_that_differ_in_one_entry_are_not_the_same(model: Model, place: int, by: Fraction) -> None:
    polynomial = model.unembedding.polynomial
    row, column = place % 3, place % len(model.coordinates)
    changed = polynomial.replaced(row, column, polynomial[row, column] + by)
    other = replace(model, unembedding=replace(model.unembedding, polynomial=changed))
    assert not same_model(model, other)
    assert npz_bytes(model) != npz_bytes(other)
    assert same_model(model_from_npz(npz_bytes(other)), other)


def test_equal_models_give_equal_files() -> None:
    one, other = construction("hybrid/counting").at(5), construction("hybrid/counting").at(5)
    assert npz_bytes(one) == npz_bytes(other)
    assert safetensors_bytes(one) == safetensors_bytes(other)
    assert onnx_bytes(one) == onnx_bytes(other)


def test_others_read_npz_with_numpy_alone() -> None:
    model = construction("transformer/index").at(6)
    with np.load(io.BytesIO(npz_bytes(model)), allow_pickle=False) as file:
        header = json.loads(file["model.json"])
        assert header["model"]["coordinates"] == list(model.coordinates)
        assert np.array_equal(file["embedding.table"], model.token_table.numerators)
        assert np.array_equal(file["layers.0.heads.0.query"], model.heads[0].query.numerators)
        assert header["denominators"]["layers.0.heads.0.query"] == 1
        assert header["denominators"].keys() == {*file.keys()} - {"model.json"}


def test_others_read_safetensors_with_their_library_alone() -> None:
    model = construction("transformer/index").at(6)
    written = safetensors_bytes(model, "float32")
    tensors = safetensors.numpy.load(written.tensors)
    assert {"embedding.table", "unembedding.table", *matrices_of(model)} == tensors.keys()
    assert np.array_equal(tensors["unembedding.table"], model.unembedding_table.numerators)
    assert json.loads(written.side_car)["exact"] is True


@settings(RANDOM, max_examples=100)
@given(
    st.one_of(
        st.fractions(),
        st.floats(allow_nan=False, allow_infinity=False).map(Fraction),
        st.builds(lambda a, b: Fraction(a) / 2**b, st.integers(-(2**26), 2**26), st.integers(0, 200)),
        st.builds(
            lambda m, e: Fraction(2 * m + 1, 2) * Fraction(2) ** e, st.integers(2**23, 2**24 - 1), st.integers(-172, 80)
        ),
    )
)
def test_entries_are_rounded_once_to_nearest(value: Fraction) -> None:
    """Against another way of rounding: of the neighbours of a float, none is nearer, and a tie goes to even."""
    matrix = Matrix.from_entries((1, 1), {(0, 0): value})
    for kind in (np.float32, np.float64):
        name: NumberType = "float32" if kind is np.float32 else "float64"
        try:
            array, exact = in_type("x", matrix, name)
        except InputError:
            assert abs(value) > Fraction(float(np.finfo(kind).max))
            continue
        got = array[0, 0]
        assert exact == (Fraction(float(got)) == value)
        error = abs(Fraction(float(got)) - value)
        with np.errstate(over="ignore", under="ignore"):
            neighbours = (np.nextafter(got, kind(-np.inf)), np.nextafter(got, kind(np.inf)))
        for neighbour in neighbours:
            if np.isfinite(neighbour):
                other = abs(Fraction(float(neighbour)) - value)
                assert error < other or (error == other and not int(got.view(f"i{got.itemsize}")) % 2)


def test_what_a_type_cannot_hold_is_said() -> None:
    model = construction("transformer/counting").at(3)
    half = Matrix.from_entries(model.embedding.special.shape, {(0, 0): Fraction(1, 2)})
    changed = replace(model, embedding=replace(model.embedding, special=half))
    with pytest.raises(InputError, match=r"^embedding.special holds '1/2', which is no integer of 64 bits"):
        safetensors_bytes(changed, "int64")
    huge = Matrix.from_entries(half.shape, {(0, 0): 10**400})
    changed = replace(model, embedding=replace(model.embedding, special=huge))
    with pytest.raises(InputError, match=r"holds '1000*\.\.\., which is beyond float64; npz holds it$"):
        safetensors_bytes(changed)
    assert same_model(model_from_npz(npz_bytes(changed)), changed)


def test_files_are_loaded_by_their_suffix(tmp_path: Path) -> None:
    model = construction("retrieval/counting").at(3)
    (tmp_path / "m.npz").write_bytes(npz_bytes(model))
    (tmp_path / "m.onnx").write_bytes(onnx_bytes(model))
    written = safetensors_bytes(model)
    (tmp_path / "m.safetensors").write_bytes(written.tensors)
    side_car_of(tmp_path / "m.safetensors").write_bytes(written.side_car)
    for suffix in ("npz", "onnx", "safetensors"):
        assert same_model(load_model(tmp_path / f"m.{suffix}"), model)
    side_car_of(tmp_path / "m.safetensors").unlink()
    with pytest.raises(InputError, match=r"cannot read .*m\.safetensors\.json: No such file"):
        load_model(tmp_path / "m.safetensors")
    with pytest.raises(InputError, match=r"m\.txt has none of the suffixes \.npz, \.safetensors, \.onnx"):
        load_model(tmp_path / "m.txt")
    (tmp_path / "d.npz").mkdir()
    with pytest.raises(InputError, match=r"d\.npz"):
        load_model(tmp_path / "d.npz")
    (tmp_path / "e.npz").write_bytes(b"")
    with pytest.raises(RetrievalGapError, match=re.escape(f"{tmp_path / 'e.npz'}: no archive in the form of .npz")):
        load_model(tmp_path / "e.npz")


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "safetensors"])
def test_a_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from constructions.interchange import OnnxDecoder

    model = construction("transformer/index").at(3)
    data = onnx_bytes(model)
    for name in [name for name in sys.modules if name.partition(".")[0] == package] + [package]:
        monkeypatch.setitem(sys.modules, name, None)
    call = {
        "onnx": lambda: onnx_bytes(model),
        "onnxruntime": lambda: OnnxDecoder(data),
        "safetensors": lambda: safetensors_bytes(model),
    }
    with pytest.raises(InputError, match=rf"needs the package {package}, .*retrieval-gap\[interchange\]"):
        call[package]()


def test_nothing_optional_is_imported_beforehand() -> None:
    import subprocess
    import sys

    code = (
        "import sys, constructions.interchange, proofs_check.cli\n"
        "print([m for m in ('onnx', 'onnxruntime', 'safetensors', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
