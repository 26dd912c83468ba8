"""Recurrences that the input selects in files, and in the step that onnxruntime computes, with a planted fault."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from constructions.architectures import Selective
from constructions.errors import InputError
from constructions.gallery import from_gallery
from constructions.interchange import (
    OnnxDecoder,
    fractional_coordinates,
    largest_size,
    model_from_json,
    model_to_json,
    onnx_bytes,
    same_model,
)
from constructions.interchange._guarantee import step_bounds
from constructions.interchange._step import planned
from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from tests.step_operations import run

LINEAR = [f"gallery/linear-{name}" for name in ("a5", "automaton", "dyck-1", "parity", "s5")]


def wrong(subject: Construction, decoder: OnnxDecoder) -> int:
    """On how many of all words of four and five letters another answer is written."""
    task, found = subject.task, 0
    assert isinstance(task, FunctionTask)
    for length in (4, 5):
        for letters in itertools.product(task.own or (), repeat=length):
            word = task.parse(" ".join(map(str, letters)))
            found += decoder.decode(subject.reads(word), 1) != (task.answer(word),)
    return found


@pytest.mark.parametrize("name", LINEAR)
def test_the_step_moves_states_in_onnxruntime(name: str) -> None:
    subject, n = from_gallery(name), 12
    model = subject.at(n)
    assert (largest_size(subject, "float32") or 0) > n
    for type_name in ("float32", "int64"):
        decoder = OnnxDecoder(onnx_bytes(model, type_name, fractions=fractional_coordinates(subject.blueprint)))
        assert same_model(decoder.model, model)
        assert wrong(subject, decoder) == 0
    place = next(k for k, layer in enumerate(model.layers) if isinstance(layer, Selective) and layer.units)
    layer = model.layers[place]
    assert isinstance(layer, Selective)
    still = replace(layer, selector=replace(layer.selector, numerators=0 * layer.selector.numerators))
    broken = replace(model, layers=(*model.layers[:place], still, *model.layers[place + 1 :]))
    assert wrong(subject, OnnxDecoder(onnx_bytes(broken, "float32", fractions=()))) > 0


@pytest.mark.parametrize("name", LINEAR)
def test_nothing_in_the_step_is_larger_than_its_bounds(name: str) -> None:
    subject, n = from_gallery(name), 9
    plan = planned(subject.at(n), "int64", "argmax", fractional_coordinates(subject.blueprint))
    rng, bound = np.random.default_rng(2), step_bounds(subject).largest_integer(n)
    for _ in range(20):
        ids = subject.at(n).vocabulary.encode(subject.reads(subject.task.sample(rng, n)))
        assert run(plan, np.array([ids]))[3] <= bound


def test_a_file_that_says_something_else_is_refused() -> None:
    document = model_to_json(from_gallery("gallery/linear-parity").at(3))
    assert document["architecture"] == "linear RNN"
    assert model_to_json(model_from_json(document)) == document
    (layer,) = document["layers"]
    for changed, words in (
        ({**layer, "units": []}, "selector"),
        ({**layer, "type": "recurrence"}, "units"),
        ({key: value for key, value in layer.items() if key != "change"}, "change"),
    ):
        with pytest.raises(InputError, match=words):
            model_from_json({**document, "layers": [changed]})
