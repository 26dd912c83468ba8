"""Certificates of models: what is verified is run again, and the line says how much of it was."""

import hashlib
import json
from typing import Any

import pytest

from constructions.theorems import construction
from proofs_check.certificates import canonical_text, certify_exhaustive, certify_sampled, contracts, model_to_json
from proofs_check.kernel import Verdict, check
from tests import certificate_corpus as corpus

SIZES = {
    "transformer/index": (3, 3),
    "transformer/associative-recall": (4, 2),
    "transformer/c-gram": (4, 2),
    "transformer/counting": (3, 2),
    "transformer/istree": (3, None),
}


def verdict_on(certificate: dict[str, Any], sample: tuple[int, int] | None = None, **changes: Any) -> Verdict:
    return check(canonical_text({**certificate, **changes}).encode(), sample)


@pytest.fixture(scope="module", params=SIZES)
def certificate(request: pytest.FixtureRequest) -> dict[str, Any]:
    return certify_exhaustive(construction(request.param), *SIZES[request.param])


def test_constructions_are_verified_on_all_inputs(certificate: dict[str, Any]) -> None:
    verdict = verdict_on(certificate)
    assert (verdict.word, verdict.exit_code) == ("VERIFIED", 0)
    assert f"on all {certificate['inputs']:,} inputs" in verdict.message
    assert "seed" not in verdict.message


def test_a_name_is_no_part_of_what_was_checked_and_sizes_are(certificate: dict[str, Any]) -> None:
    model = {**json.loads(canonical_text(certificate["model"])), "name": "theorem 4.7, proved"}
    verdict = verdict_on(certificate, model=model)
    assert verdict.word == "VERIFIED"
    checked, name = verdict.message.split("; the name in the file")
    assert "theorem" not in checked
    assert name == ", 'theorem 4.7, proved', was not checked"
    layers = model["layers"]
    heads = sum(len(layer.get("heads", [])) for layer in layers)
    parts = [
        model["embedding"],
        model["unembedding"],
        *layers,
        *(h for layer in layers for h in layer.get("heads", [])),
    ]
    matrices = [value for part in parts for value in part.values() if isinstance(value, dict) and "entries" in value]
    assert f" {len(model['coordinates'])} coordinates, {len(layers)} layer" in checked
    assert f" {heads} head" in checked
    assert f" {sum(len(matrix['entries']) for matrix in matrices)} nonzero parameters" in checked
    digest = hashlib.sha256(canonical_text(model).rstrip("\n").encode()).hexdigest()
    assert f"SHA-256 {digest} " in checked


def test_contracts_carry_a_name_that_is_not_checked() -> None:
    certificate = {**contracts(construction("transformer/index").blueprint), "construction": "theorem 4.7, proved"}
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED"
    checked, carried = verdict.message.split("; ")
    assert checked == "contracts: 3 listed inequalities hold for all n >= 1"
    assert carried.endswith("is what the file says, and was not checked")


def test_what_says_nothing_is_malformed() -> None:
    """Contracts about no size, a model without coordinates, a layer with two heads of one name."""
    for name in ("contracts without sizes", "a model without coordinates", "two heads of one name"):
        assert check(canonical_text(corpus.false()[name]).encode()).word == "MALFORMED", name


@pytest.mark.parametrize("name", SIZES)
def test_a_sample_is_worded_as_a_sample(name: str) -> None:
    n, alphabet = SIZES[name]
    certificate = certify_sampled(construction(name), n, alphabet, checked=5, seed=7)
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED"
    assert f"on 5 of {certificate['inputs']:,} inputs, seed 7" in verdict.message
    assert " all " not in verdict.message.split("on 5 of")[1]
    assert verdict_on(certificate, seed=8).word == "REJECTED"  # other inputs, another digest
    assert verdict_on(certificate, checked=6).word == "REJECTED"
    assert verdict_on(certificate, checked=10**9).word == "REJECTED"


def test_a_spot_check_of_an_exhaustive_claim_does_not_verify_it(certificate: dict[str, Any]) -> None:
    verdict = verdict_on(certificate, (5, 3))
    assert (verdict.word, verdict.exit_code) == ("INCOMPLETE", 3)
    assert f"on 5 of {certificate['inputs']:,} inputs, seed 3; the claim is about all of them" in verdict.message


def test_a_spot_check_finds_a_wrong_model() -> None:
    certificate = certify_exhaustive(construction("transformer/index"), 3, 3)
    wrong = json.loads(canonical_text(certificate))
    wrong["model"]["layers"][0]["heads"][0]["query"]["entries"][0][2] += 1
    assert verdict_on(wrong, (20, 0)).word == "REJECTED"
    assert verdict_on(wrong).word == "REJECTED"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("inputs", 1),
        ("inputs", 10**30),
        ("digest", "0" * 64),
        ("longest_output", 2),
        ("longest_output", 99),
        ("n", 2),
        ("n", 4),
        ("alphabet", 2),
    ],
)
def test_derived_fields_are_recomputed(field: str, value: object) -> None:
    certificate = certify_exhaustive(construction("transformer/associative-recall"), 3, 3)
    assert verdict_on(certificate, **{field: value}).word == "REJECTED"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prompt": {"start": "<s>", "separator": "9"}}, "no special token of the model"),
        ({"prompt": {"start": "<s>"}}, "no key 'separator'"),
        ({"prompt": {"start": "<s>", "separator": "?", "edge": "~"}}, "unknown key 'edge'"),
        ({"family": "graphs"}, "does not fit"),
        ({"family": "all"}, "expected one of"),
        ({"convention": "promise"}, "convention total"),
        ({"transcript": "euler-tour"}, "has no reference transcript"),
        ({"checked": 3}, "unknown key 'checked'"),
        ({"kind": "sampled"}, "no key 'checked'"),
        ({"task": "c-gram"}, "no key 'c'"),
        ({"task": "c-gram", "c": 1}, "expected from 2 to 10"),
        ({"longest_output": 0}, "expected from 1"),
        ({"model": None}, "expected an object"),
    ],
)
def test_malformed_certificates_of_models(changes: dict[str, Any], message: str) -> None:
    verdict = verdict_on(certify_exhaustive(construction("transformer/associative-recall"), 3, 3), **changes)
    assert verdict.word == "MALFORMED"
    assert message in verdict.message


@pytest.mark.parametrize("task", ["index", "associative-recall", "counting"])
def test_the_model_of_another_task_is_rejected(task: str) -> None:
    certificate = certify_exhaustive(construction(f"transformer/{task}"), 3, 3)
    for other in {"index", "associative-recall", "counting"} - {task}:
        model = model_to_json(construction(f"transformer/{other}").at(3))
        assert verdict_on(certificate, model=model).word in ("REJECTED", "MALFORMED")
        assert verdict_on(certificate, task=other).word == "REJECTED"


def test_a_vocabulary_that_lacks_a_token_is_rejected() -> None:
    certificate = certify_exhaustive(construction("transformer/index"), 3, 3)
    model = model_to_json(construction("transformer/index").at(2))
    verdict = verdict_on(certificate, model=model)
    assert verdict.word == "REJECTED"
    assert "not in the model's vocabulary" in verdict.message


def test_a_model_that_never_answers_is_rejected() -> None:
    certificate = json.loads(canonical_text(certify_exhaustive(construction("transformer/istree"), 3)))
    certificate["model"]["answers"] = ["NO"]
    assert verdict_on(certificate).word == "REJECTED"


def test_the_answer_alone_and_the_tour_are_different_claims() -> None:
    """A certificate that promises only the answer is true as well, and says less."""
    certificate = certify_exhaustive(construction("transformer/istree"), 3)
    assert certificate["transcript"] == "euler-tour"
    assert "writes the reference transcript" in verdict_on(certificate).message
    weaker = verdict_on(certificate, transcript="answer")
    assert weaker.word == "VERIFIED"
    assert "answers correctly" in weaker.message
    assert "reference transcript" not in weaker.message


def test_sorted_graphs_are_a_family_of_their_own() -> None:
    certificate = certify_exhaustive(construction("transformer/istree"), 4, family="graphs")
    assert certificate["inputs"] == 41
    assert verdict_on(certificate).word == "VERIFIED"


def test_permutations_are_a_family_of_their_own() -> None:
    certificate = certify_exhaustive(construction("transformer/associative-recall"), 4, family="permutations")
    assert certificate["inputs"] == 96
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED"
    assert "all orders of n different letters" in verdict.message


def test_more_inputs_than_the_kernel_runs_are_incomplete() -> None:
    certificate = certify_exhaustive(construction("transformer/index"), 3, 3)
    verdict = verdict_on(certificate, n=12, alphabet=12, inputs=12**13)
    assert verdict.word == "INCOMPLETE"
    assert "more than the 10,000,000" in verdict.message


@pytest.mark.parametrize("name", SIZES)
def test_listed_inequalities_are_verified(name: str) -> None:
    certificate = json.loads(canonical_text(contracts(construction(name).blueprint)))
    verdict = verdict_on(certificate)
    assert verdict.word == "VERIFIED"
    assert "listed inequalities hold for all n >= " in verdict.message
    inequality = next(c for c in certificate["contracts"] if c["inequalities"])["inequalities"][0]
    inequality["polynomial"] = [[-1, {"n": 1}]]
    rejected = verdict_on(certificate)
    assert rejected.word == "REJECTED"
    assert "not proved" in rejected.message


def test_contracts_that_claim_nothing_are_malformed() -> None:
    certificate = contracts(construction("transformer/index").blueprint)
    assert verdict_on(certificate, contracts=[]).word == "MALFORMED"
    empty = [{"name": "a", "gadget": "b", "inequalities": []}]
    assert verdict_on(certificate, contracts=empty).word == "MALFORMED"
    twice = [certificate["contracts"][0]] * 2
    assert verdict_on(certificate, contracts=twice).word == "MALFORMED"
