"""LSTM and GRU as layers: against their equations, in every part that runs models, with planted faults."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import GRU, LSTM, Evaluator, Gated, family
from constructions.engine import decode
from constructions.engine._bounds import NotTabular
from constructions.engine._head_plans import NotCompilable
from constructions.engine._program import compile_model
from constructions.engine._tables import tables_of
from constructions.errors import ContractError, InputError, ModelError
from constructions.gallery import from_gallery
from constructions.interchange import (
    load_model,
    model_from_json,
    model_to_json,
    npz_bytes,
    onnx_bytes,
    require_guarantee,
    same_model,
)
from constructions.numerics import Exact, Float, Matrix
from constructions.tasks import Index
from constructions.theorems import Construction
from constructions.wiring import Blueprint, Wiring, n
from constructions.worked_examples._notebook import layer_html
from proofs_check.certificates import certify_exhaustive
from proofs_check.certificates._writing import canonical_text
from proofs_check.kernel import check
from proofs_check.mutations._building import build_faults
from tests.fraction_reference import residual

LETTERS = ("<s>", "a", "b", "c")


def wiring(name: str = "lstm/mine", **options: Any) -> Wiring:
    return Wiring(name, **{"specials": LETTERS, "numbers": (0, 1), "context": n, "recurrent": True, **options})


def cut(number: int, low: int) -> int:
    return max(low, min(1, number))


def shown(blueprint: Blueprint, word: Sequence[str], names: Sequence[str]) -> list[list[Fraction]]:
    """What the coordinates of these names hold at every position, by plain fractions and by the evaluator."""
    model = blueprint.at(max(1, len(word)))
    ids = model.vocabulary.encode(word)
    places = [model.coordinates.index(name) for name in names]
    stream = residual(model, ids)
    x, _ = Evaluator(model, Exact()).run(np.array(ids))
    assert x.denominators is None
    assert [[int(number) for number in row] for row in x.numerators] == stream
    return [[x[place] for place in places] for x in stream]


TABLE = st.dictionaries(st.sampled_from(LETTERS), st.integers(-2, 2), max_size=4)
SQUARE = st.lists(st.lists(st.integers(-2, 2), min_size=2, max_size=2), min_size=2, max_size=2)


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_cells_follow_their_equations_and_stay_in_their_ranges(kind: str, data: st.DataObject) -> None:
    gates = "gifo" if kind == "lstm" else "nzr"
    read = {gate: [data.draw(TABLE) for _ in range(2)] for gate in gates}
    hidden = data.draw(st.dictionaries(st.sampled_from(gates), SQUARE))
    w = wiring(f"{kind}/mine")
    values = {
        gate: [sum((k * w.is_token(letter) for letter, k in row.items()), w.zero) for row in rows]
        for gate, rows in read.items()
    }
    main, *others = (values[gate] for gate in gates)
    cells = getattr(w, kind)(main, **dict(zip(gates[1:], others, strict=True)), hidden=hidden)
    w.write_sign(cells[0])
    blueprint = w.finish()
    word = ["<s>", *data.draw(st.lists(st.sampled_from(LETTERS[1:]), max_size=6))]
    h, c, expected = [0, 0], [0, 0], []
    for token in word:
        own = {gate: [row.get(token, 0) for row in rows] for gate, rows in read.items()}
        recalled = {g: (np.array(hidden.get(g, [[0, 0], [0, 0]])) @ h).tolist() for g in gates}
        asked = {g: [a + b for a, b in zip(own[g], recalled[g], strict=True)] for g in gates}
        if kind == "lstm":
            c = [cut(asked["f"][k], 0) * c[k] + cut(asked["i"][k], 0) * cut(asked["g"][k], -1) for k in range(2)]
            h = [cut(asked["o"][k], 0) * cut(c[k], -1) for k in range(2)]
        else:
            z, r = ([cut(number, 0) for number in asked[gate]] for gate in "zr")
            h = [(1 - z[k]) * cut(own["n"][k] + r[k] * recalled["n"][k], -1) + z[k] * h[k] for k in range(2)]
        expected.append(h)
    names = [f"{kind}.0", f"{kind}.1"]
    assert shown(blueprint, word, names) == expected
    for k, name in enumerate(names):
        extent, size = blueprint.ranges[name], max(1, len(word))
        assert all(extent.low(n=size) <= row[k] <= extent.high(n=size) for row in expected)
        start = next(coordinate for coordinate in cells[k].terms).start
        assert start is not None
        assert start.as_constant == expected[0][k]


def test_ranges_follow_from_what_is_taken_in() -> None:
    w = wiring()
    one, both = w.lstm([w.is_token("a"), w.is_token("a") - w.is_token("b")], name="counts")
    (flip,) = w.gru([1], z=[1 - w.is_token("b")], hidden={"n": [[-1]]}, name="flip")
    w.write_sign(one + both - flip)
    assert {name: str(extent) for name, extent in w.finish().state.items()} == {
        "counts.0": "[0, 1]",
        "counts.1": "[-1, 1]",
        "counts.0.c": "[0, n + 1]",
        "counts.1.c": "[-n - 1, n + 1]",
        "flip": "[0, 1]",
    }


PYTORCH: dict[str, Any] = {
    "lstm": LSTM(
        ("a", "b"), ("even", "odd"), Matrix.from_rows([[-3, 3], [3, -3], [0, 1], [3, 3]]),
        Matrix.from_rows([[0], [0], [-1], [0]]), Matrix.from_rows([[0], [2]]),
        readout_bias=Matrix.from_rows([[1], [0]]),
    ),
    "gru": GRU(
        ("a", "b"), ("odd", "b"), Matrix.from_rows([[3, 1], [1, -2], [Fraction(1, 3), 1]]),
        Matrix.from_rows([[1], [Fraction(1, 2)], [-1]]), Matrix.from_rows([[1], [2]]),
        bias_ih=Matrix.from_rows([[1], [0], [Fraction(1, 5)]]), bias_hh=Matrix.from_rows([[0], [1], [Fraction(-1, 7)]]),
        readout_bias=Matrix.from_rows([[Fraction(2, 3)], [0]]),
    ),
}  # fmt: skip
"""One whose gates are open or shut, and one whose gates are anything, with an answer that is a letter too."""


@pytest.mark.parametrize("kind", PYTORCH)
def test_a_cell_with_pytorchs_weights_is_a_model(kind: str, tmp_path: Path) -> None:
    """Gates half open, fractions, and both biases: the model writes what the cell answers, from a file as well."""
    cell = PYTORCH[kind]
    model = cell.model(kind)
    assert family(model) == "gated RNN"
    (tmp_path / "x.npz").write_bytes(npz_bytes(model))
    answers = set()
    for again in (model, load_model(tmp_path / "x.npz")):
        assert same_model(again, model)
        for length in range(1, 7):
            for word in itertools.product("ab", repeat=length):
                transcript = decode(again, list(word), max_tokens=1)
                assert transcript.tokens == (cell.run(word),)
                answers.add(transcript.tokens)
    assert len(answers) == 2
    faulty = replace(cell, weight_hh=cell.weight_hh.replaced(2, 0, 2))
    words = [word for length in range(1, 6) for word in itertools.product("ab", repeat=length)]
    assert any(decode(faulty.model("faulty"), list(w), max_tokens=1).tokens != (cell.run(w),) for w in words)


@given(st.data())
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_random_cells_are_models(kind: type[Any], data: st.DataObject) -> None:
    size, number = data.draw(st.integers(1, 2)), st.integers(-8, 8).map(lambda k: Fraction(k, 2))
    widths = {"weight_ih": 2, "weight_hh": size, "bias_ih": 1, "bias_hh": 1}
    rows = {
        name: Matrix.from_rows(
            data.draw(
                st.lists(
                    st.lists(number, min_size=w, max_size=w), min_size=kind.gates * size, max_size=kind.gates * size
                )
            )
        )
        for name, w in widths.items()
    }
    readout = Matrix.from_rows([[Fraction(1)] * size, [Fraction(0)] * size, [Fraction(-1)] * size])
    cell = kind(("a", "b"), ("yes", "no", "b"), readout=readout, **rows)
    word = data.draw(st.lists(st.sampled_from("ab"), min_size=1, max_size=5))
    model = cell.model("cell")
    ids = model.vocabulary.encode(word)
    assert decode(model, word, max_tokens=1).tokens == (cell.run(word),)
    state = cell.initial()
    for token in word:
        state = cell.step(state, token)
    h = state[0] if kind is LSTM else state
    assert tuple(residual(model, ids)[-1][-size:]) == h


def test_stages_are_units_that_do_not_read_each_other() -> None:
    (layer,) = PYTORCH["lstm"].model("x").layers
    assert isinstance(layer, Gated)
    assert [opens.shape[0] for opens, _, _ in layer.stages] == [9, 2, 3, 1]
    (layer,) = PYTORCH["gru"].model("x").layers
    assert isinstance(layer, Gated)
    assert [opens.shape[0] for opens, _, _ in layer.stages] == [4, 1, 4, 1]  # what is kept does not wait for n


@pytest.mark.parametrize("name", ["gallery/gru-flip-flop", "gallery/lstm-counter"])
def test_every_part_runs_it_or_says_by_name_why_not(name: str) -> None:
    subject = from_gallery(name)
    model = subject.at(8)
    assert family(model) == "gated RNN"
    page = layer_html(next(layer for layer in model.layers if isinstance(layer, Gated)))
    assert all(word in page for word in ("transition", "opens", "carries", "adds", "kept", "one"))
    document = model_to_json(model)
    assert model_to_json(model_from_json(json.loads(json.dumps(document)))) == document
    rng = np.random.default_rng(3)
    for _ in range(20):
        prompt = subject.reads(subject.task.sample(rng, 8))
        expected = decode(model, prompt, max_tokens=1).tokens
        assert decode(model, prompt, max_tokens=1, arithmetic=Float(12)).tokens == expected
    why = "moves its state through gated units of its own, as in LSTM and GRU"
    with pytest.raises(NotCompilable, match=why):
        compile_model(model)
    with pytest.raises(NotTabular, match=why):
        tables_of(model, 9)
    with pytest.raises(ModelError, match=why):
        onnx_bytes(model)
    with pytest.raises(ModelError, match=why):
        require_guarantee(subject, 8, "float64", "argmax")


def held_letter() -> Construction:
    """Index of words of one letter, 1 or 2: the letter is kept from the question mark on, in a certificate at n = 1."""
    w = Wiring("gru/one-letter", specials=("<s>", "?"), numbers=(0, n + 1), context=n + 2, recurrent=True)
    two = w.at_least(w.token, 2)
    (asked,) = w.gru([w.is_token("?")], hidden={"n": [[1]]}, name="asked")
    (bit,) = w.gru([two], z=[asked], name="bit")
    w.write(bit + 1)
    return Construction(w.name, Index(), w.finish(), "Keeps a letter.")


def test_the_kernel_runs_cells_on_all_inputs_and_sees_a_wrong_weight() -> None:
    certificate = json.loads(canonical_text(certify_exhaustive(held_letter(), 1, 2)))
    kinds = [layer["type"] for layer in certificate["model"]["layers"]]
    assert kinds.count("gated recurrence") == 2
    assert certificate["model"]["architecture"] == "gated RNN"
    assert certificate["version"] == 2
    older = check(json.dumps({**certificate, "version": 1}).encode())
    assert (older.word, "which certificates know since version 2" in older.line) == ("MALFORMED", True)
    assert check(json.dumps(certificate).encode()).word == "VERIFIED"
    place = [number for number, kind in enumerate(kinds) if kind == "gated recurrence"][1]
    for part in ("transition", "input", "opens", "carries", "adds", "kept", "output"):
        entries = certificate["model"]["layers"][place][part]["entries"]
        verdicts = set()
        for number, (row, column, weight) in enumerate(entries):
            for other in (-weight, 2 * weight):
                entries[number] = [row, column, other]
                verdicts.add(check(json.dumps(certificate).encode()).word)
            entries[number] = [row, column, weight]
        assert "REJECTED" in verdicts, part
        assert verdicts <= {"REJECTED", "VERIFIED"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"units": []}, "opens"),
        ({"type": "recurrence"}, "unknown key 'inner'"),
        ({"inner": ["one"]}, "transition has shape"),
        ({"kept": None}, "kept"),
    ],
)
def test_a_file_that_says_something_else_is_refused(change: dict[str, Any], words: str) -> None:
    document = model_to_json(from_gallery("gallery/gru-flip-flop").at(3))
    (layer,) = document["layers"]
    with pytest.raises(InputError, match=words):
        model_from_json({**document, "layers": [{**layer, **change}]})


REFUSED: dict[str, tuple[Any, str]] = {
    "a Transformer": (
        lambda: wiring(recurrent=False).lstm([1]), "LSTM 'lstm' needs a recurrence; build a recurrent model",
    ),
    "no cells": (lambda: wiring().gru([]), "GRU 'gru' has no cells; give n= a list with a value for each cell"),
    "two lengths": (
        lambda: wiring().lstm([1, 1], i=[1]), "i= has 1 values, but g= has 2; give a value for each cell",
    ),
    "no such gate": (lambda: wiring().gru([1], hidden={"f": [[1]]}), "has no gate 'f'; name one of r, z, n"),
    "no square": (lambda: wiring().gru([1], hidden={"z": [[1, 2]]}), "a row of hidden= was given"),
    "no list": (lambda: wiring().gru(1), "GRU 'gru': n= was given 1; give n= a list with a value for each cell"),  # type: ignore[arg-type]
    "a value alone": (
        lambda: (lambda w: w.lstm([1], i=w.is_token("b")))(wiring()),  # type: ignore[arg-type]
        "i= was given is b; give i= a list with a value",
    ),
    "no gate named": (
        lambda: wiring().lstm([1], hidden=[[1]]),  # type: ignore[arg-type]
        "hidden= was given [[1]] (list); name a gate, such as",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_cell_is_refused_with_a_remedy_and_a_line(case: str) -> None:
    build, words = REFUSED[case]
    with pytest.raises(ContractError) as error:
        build()
    assert words in str(error.value)
    assert "test_cells.py, line " in str(error.value)


def test_faults_of_gates_are_built() -> None:
    found = {fault.text for fault in build_faults(from_gallery("gallery/lstm-counter"))}
    assert any("without gate i" in name for name in found)
    assert any("gate i reads no state" in name for name in found)
