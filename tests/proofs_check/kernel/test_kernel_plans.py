"""Plans: the kernel derives structures and bounds again, and whatever is not so is refused."""

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import proofs_check.kernel
from constructions.architectures import Evaluator, Model
from constructions.engine import bounds
from constructions.errors import InputError
from constructions.numerics import Exact
from constructions.theorems import CONSTRUCTIONS, construction
from proofs_check.certificates import canonical_text, model_from_json, plan
from proofs_check.kernel import Verdict, check
from tests.random_models import models

Json = dict[str, Any]
NAMES = [name for name in CONSTRUCTIONS if name != "rnn/turing"]  # large, and has no heads


def plan_of(name: str, n: int = 4, context: int = 20) -> Json:
    document: Json = json.loads(canonical_text(plan(construction(name).at(n), context=context)))
    return document


def verdict_on(certificate: Json) -> Verdict:
    return check(canonical_text(certificate).encode())


@pytest.mark.parametrize("name", NAMES)
def test_plans_of_constructions_are_verified(name: str) -> None:
    certificate = plan_of(name)
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED", verdict
    largest = max(entry["largest"] for entry in certificate["bounds"])
    assert verdict.message.endswith(f"no number has more than {largest.bit_length()} bits")


def test_the_sentence_says_which_structures() -> None:
    message = verdict_on(plan_of("transformer/istree", 8, 60)).message
    assert "contexts of at most 60 tokens" in message
    assert "(6 equal keys, 4 position look-up, 1 running maximum)" in message


@pytest.mark.parametrize(("context", "structure"), [(1, "equal keys"), (256, "equal keys"), (257, "plain")])
def test_recency_decides_up_to_which_context_a_head_is_more_than_plain(context: int, structure: str) -> None:
    model = construction("transformer/istree").at(8)  # all units are 256
    certificate = json.loads(canonical_text(plan(model, context=context)))
    assert certificate["heads"][5]["structure"] == structure
    assert verdict_on(certificate).word == "VERIFIED"


def changes(certificate: Json) -> Iterator[tuple[str, Json]]:
    """The certificate with one claim changed, or one weight of a head."""

    def changed(path: tuple[Any, ...], value: Any) -> Json:
        copy = deepcopy(certificate)
        place = copy
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return copy

    for number, entry in enumerate(certificate["bounds"]):
        for step in (-1, 1):
            yield f"bound {number} {step:+}", changed(("bounds", number, "largest"), entry["largest"] + step)
    yield "a bound less", changed(("bounds",), certificate["bounds"][:-1])
    if certificate["model"]["architecture"] == "transformer":  # a hybrid reads no positions, its bounds stay
        yield "context", changed(("context",), certificate["context"] + 1)
    for number, head in enumerate(certificate["heads"]):
        for key in ("unit", "constant"):
            for step in (-1, 1):
                yield f"{key} of head {number} {step:+}", changed(("heads", number, key), head[key] + step)
        for structure in ("equal keys", "hull", "position look-up", "running maximum"):
            weaker = (head["structure"], structure) == ("position look-up", "equal keys")  # which is also true
            if structure != head["structure"] and not weaker:
                yield f"head {number} is {structure}", changed(("heads", number, "structure"), structure)
        for place, role in enumerate(head["roles"]):
            other = {"match": "default", "default": "match", "norm": "match"}[role]
            yield f"role {place} of head {number}", changed(("heads", number, "roles", place), other)
        yield f"layer of head {number}", changed(("heads", number, "layer"), "layer 9")
    if certificate["heads"]:
        yield "a head less", changed(("heads",), certificate["heads"][:-1])
    for index, layer in enumerate(certificate["model"]["layers"]):
        for number, head in enumerate(layer.get("heads", ())):
            where = ("model", "layers", index, "heads", number)
            for place, (row, column, weight) in enumerate(head["query"]["entries"]):
                path = (*where, "query", "entries", place)
                yield f"query weight of {head['name']}", changed(path, [row, column, weight + 1 or 1])
                yield f"fraction in {head['name']}", changed(path, [row, column, f"{2 * weight + 1}/2"])
            yield f"slope of {head['name']}", changed((*where, "slope"), head["slope"] + 10**6)


@pytest.mark.parametrize("name", ["transformer/index", "transformer/istree", "hybrid/counting"])
def test_what_is_changed_is_refused(name: str) -> None:
    certificate = plan_of(name, 4, 12)
    found = list(changes(certificate))
    assert len(found) > 20
    for what, changed in found:
        verdict = verdict_on(changed)
        assert verdict.word in ("REJECTED", "MALFORMED"), (what, verdict)
        assert "internal error" not in verdict.message


def test_a_plain_head_needs_nothing() -> None:
    certificate = plan_of("transformer/istree", 4, 12)
    for head in certificate["heads"]:
        head |= {"structure": "plain", "constant": 0, "roles": []}
    assert verdict_on(certificate).word == "VERIFIED"


def test_a_fractional_weight_has_no_plan() -> None:
    certificate = plan_of("transformer/index")
    entry = certificate["model"]["layers"][0]["heads"][0]["value"]["entries"][0]
    entry[2] = "1/2"
    assert "a weight of the model is a fraction" in verdict_on(certificate).message
    with pytest.raises(InputError, match="there is no plan for transformer/index: a weight is a fraction"):
        plan(model_from_json(certificate["model"]), context=4)


def test_a_bound_that_grows_beyond_measure_is_left_undecided() -> None:
    certificate = plan_of("hybrid/index")
    layer = next(layer for layer in certificate["model"]["layers"] if layer["type"] == "recurrence")
    layer["transition"]["entries"] = [[0, 0, 3]]
    certificate["context"] = 10**9
    assert verdict_on(certificate).word == "INCOMPLETE"


# The bounds themselves, by two implementations and by running models


@given(models())
@settings(max_examples=60, deadline=None)
def test_bounds_are_those_of_the_kernel_and_hold(model: Model) -> None:
    try:
        certificate = plan(model, context=9)
    except InputError:
        return
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED", verdict
    rng = np.random.default_rng(0)
    seen: dict[str, int] = {}

    def observe(layer: str, quantity: str, value: object) -> None:
        numerators, denominators = getattr(value, "numerators", None), getattr(value, "denominators", None)
        if numerators is not None and denominators is None and numerators.size:
            largest = max(abs(int(v)) for v in numerators.ravel())
            seen[layer] = max(seen.get(layer, 0), largest)

    for _ in range(5):
        Evaluator(model, Exact()).run(rng.integers(0, len(model.vocabulary), 9), observe=observe)
    listed = dict(bounds(model, 9))
    for layer, largest in seen.items():
        assert largest <= listed.get(layer, largest), (layer, largest, listed)
    assert any(layer in listed for layer in seen)


# Faults planted in the kernel

FAULTS = {
    "recency is not looked at": ("far < unit", "True"),
    "recency one too far": ("far < unit", "far <= unit"),
    "the unit is believed": ('if claim.integer("unit", 1) != unit:', "if False:"),
    "roles are believed": ('if list(claim.items("roles")) != roles:', "if False:"),
    "the constant is believed": ('if claim["constant"] != constant', 'if False and claim["constant"]'),
    "what layers write is constant": ("if place not in written and not varies:", "if not varies:"),
    "keys need not move": ("_need(claim, moves,", "_need(claim, True,"),
    "bounds are believed": ('if own.integer("largest", 0) != largest:', "if False:"),
    "recency is no part of a score": (" + abs(head.slope) * last]", "]"),
    "sums of values are left out": ("[v if head.slope else v * context for v in value]", "value"),
    "divisible by the constant is enough": ("weight % (2 * constant * unit) == 0", "weight % (constant * unit) == 0"),
    "fractions are cut off": ("if any(isinstance(weight, Fraction)", "if False and any(isinstance(weight, Fraction)"),
    "layers are not compared": ('if own["layer"] != f"layer {place}":', "if False:"),
}


def faulty_kernel(folder: Path, old: str, new: str) -> ModuleType:
    shutil.copytree(Path(proofs_check.kernel.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    source = (folder / "_plans.py").read_text()
    assert source.count(old) == 1, old
    (folder / "_plans.py").write_text(source.replace(old, new))
    places = [str(folder)]
    spec = importlib.util.spec_from_file_location(
        folder.name, folder / "__init__.py", submodule_search_locations=places
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[folder.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def false() -> Iterator[Json]:
    for name, step in (("transformer/index", 1), ("transformer/istree", 5), ("hybrid/counting", 1)):
        yield from (changed for _, changed in list(changes(plan_of(name, 4, 12)))[::step])
    far = plan_of("transformer/istree", 8, 257)  # one position too many
    for head in far["heads"]:
        if head["structure"] == "plain":
            near = plan_of("transformer/istree", 8, 9)["heads"]
            head.update(next(own for own in near if own["name"] == head["name"]))
    yield far
    written = plan_of("transformer/index", 4, 12)  # a layer adds to the coordinate that was constant
    model = written["model"]
    one = next(column for row, column, _ in model["layers"][0]["heads"][0]["query"]["entries"] if row == 1)
    model["layers"][0]["heads"][0]["output"]["entries"][0][0] = one
    yield bounded_again(written)
    still = plan_of("transformer/index", 4, 12)  # a key that does not grow with the position
    entries = still["model"]["layers"][0]["heads"][0]["key"]["entries"]
    entries[0][1] = one
    yield bounded_again(still)


def bounded_again(certificate: Json) -> Json:
    """With the bounds that a forger derives from the changed weights."""
    listed = bounds(model_from_json(certificate["model"]), certificate["context"])
    return certificate | {"bounds": [{"layer": layer, "largest": largest} for layer, largest in listed]}


def heavy() -> Json:
    """A head without recency whose values are so large that their sum is the largest number."""
    certificate = plan_of("transformer/index", 4, 12)
    certificate["model"]["layers"][0]["heads"][0]["value"]["entries"][0][2] = 10**9
    return plan(model_from_json(certificate["model"]), context=12)


@pytest.fixture(scope="module")
def refused() -> list[bytes]:
    """What must not be verified, and is not."""
    texts = [canonical_text(certificate).encode() for certificate in false()]
    assert all(check(text).word in ("REJECTED", "MALFORMED") for text in texts)
    return texts


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_planted_in_the_kernel_are_caught(fault: str, tmp_path: Path, refused: list[bytes]) -> None:
    folder = tmp_path / "kernel_with_a_fault"
    try:
        faulty = faulty_kernel(folder, *FAULTS[fault])
        good = [heavy(), *(plan_of(name, 4, 12) for name in ("transformer/istree", "hybrid/counting"))]
        caught = any(faulty.check(text).word == "VERIFIED" for text in refused)
        caught = caught or any(faulty.check(canonical_text(c).encode()).word != "VERIFIED" for c in good)
        assert caught
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
            del sys.modules[name]
