"""``export`` on the command line."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from constructions.interchange import load_model, same_model
from constructions.theorems import CONSTRUCTIONS, construction
from proofs_check.cli import main

EXAMPLE = f"{Path(__file__).parents[2] / 'docs' / 'examples' / 'two_hop.py'}:two_hop"


def exported(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as stopped:
        main(["export", *arguments])
    code = stopped.value.code
    seen = capsys.readouterr()
    return (code if isinstance(code, int) else 0), seen.out, seen.err


@pytest.mark.parametrize("form", ["npz", "safetensors", "onnx"])
@pytest.mark.parametrize("name", ["transformer/counting", "retrieval/istree", "hybrid/turing", "rnn/turing"])
def test_what_is_written_is_the_construction(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, form: str
) -> None:
    out = tmp_path / f"model.{form}"
    code, text, err = exported(capsys, name, "--n", "5", "--format", form, "--out", str(out), "--json")
    assert (code, err) == (0, "")
    document = json.loads(text)
    assert document["construction"].startswith(name)
    assert (document["n"], document["format"]) == (5, form)
    for file in document["files"]:
        data = Path(file["path"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert same_model(load_model(out), construction(name).at(5))
    assert sorted(os.listdir(tmp_path)) == sorted(Path(file["path"]).name for file in document["files"])
    assert ("guaranteed_up_to_n" in document) == (form == "onnx")
    if form == "onnx":
        assert document["search"] == ("outside of the graph" if name.startswith("retrieval") else None)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_construction_is_exported(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    out = tmp_path / "model.onnx"
    code, text, err = exported(capsys, name, "--n", "4", "--format", "onnx", "--out", str(out), "--type", "int64")
    assert (code, err) == (0, "")
    assert re.search(r"one decoding step in int64, attention by argmax; .* up to n = [0-9,]+$", text, re.M)
    assert ("searches" in text) == name.startswith("retrieval/")
    assert same_model(load_model(out), construction(name).at(4))


def test_options_choose_the_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "model.npz"

    def model(*arguments: str) -> Any:
        code, _, err = exported(capsys, *arguments, "--format", "npz", "--out", str(out))
        assert (code, err) == (0, "")
        return load_model(out)

    assert same_model(model("hybrid/c-gram", "--n", "5", "--c", "4"), construction("hybrid/c-gram", c=4).at(5))
    assert same_model(model("rnn/turing", "--n", "5", "--cells", "7"), construction("rnn/turing", cells=7).at(5))
    assert model("--construction", EXAMPLE, "--n", "5").name == "transformer/two-hop"
    assert len(model("transformer/turing", "--n", "5", "--machine", "1RB1LB_1LA1RZ").coordinates) > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["transformer/associative-recall", "--n", "126", "--format", "onnx", "--type", "float32"],
            r"guaranteed exact in float32 with attention by argmax up to n = 125, not for n = 126",
        ),
        (
            ["transformer/index", "--n", "5", "--format", "onnx", "--type", "int64", "--attention", "softmax"],
            "softmax has no place in int64",
        ),
        (["transformer/index", "--n", "5", "--format", "npz", "--attention", "softmax"], "--attention softmax is for"),
        (["transformer/index", "--n", "5", "--format", "npz", "--type", "int64"], "npz holds every number exactly"),
        (["transformer/indes", "--n", "5", "--format", "npz"], "no construction is called 'transformer/indes'"),
        (["transformer/index", "--n", "5", "--format", "tflite"], "tflite"),
        (["transformer/index", "--n", "0", "--format", "npz"], "Invalid value for '--n'"),
        (
            ["transformer/index", "--n", "5", "--format", "npz", "--c", "3"],
            "--c is for transformer/c-gram, retrieval/c-gram, hybrid/c-gram, transformer/copying, not for",
        ),
        (["transformer/index", "--n", "5", "--format", "npz", "--machine", "x"], "--machine is for transformer/turing"),
        (["hybrid/turing", "--n", "5", "--format", "npz", "--cells", "3"], "--cells is for rnn/turing"),
        (["--n", "5", "--format", "npz"], "the name of a construction is missing"),
        (["x", "--construction", EXAMPLE, "--n", "5", "--format", "npz"], "the name .x. has no place"),
        (["transformer/index", "--n", "9000000", "--format", "npz"], r"make tables of 45,000,0[0-9]+ entries"),
        (["transformer/index", "--n", "5"], "Missing option '--format'"),
    ],
)
def test_wrong_usage_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], message: str
) -> None:
    out = tmp_path / "model"
    code, text, err = exported(capsys, *arguments, "--out", str(out))
    assert (code, text) == (2, "")
    assert re.search(message, err), err
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    where = tmp_path / "missing" / "model.npz"
    code, _, err = exported(capsys, "transformer/index", "--n", "3", "--format", "npz", "--out", str(where))
    assert code == 2
    assert err == f"retrieval-gap: cannot write {where}: No such file or directory\n"


def test_without_the_package_the_error_says_what_to_install(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    out = str(tmp_path / "model.onnx")
    code, _, err = exported(capsys, "transformer/index", "--n", "3", "--format", "onnx", "--out", out)
    assert code == 2
    assert "pip install 'retrieval-gap[interchange]'" in err
