"""Certificates of constructions: the kernel verifies what was right; what was wrong gets no certificate."""

import dataclasses
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.numerics import Matrix
from constructions.theorems import CONSTRUCTIONS, construction
from proofs_check.certificates import (
    canonical_text,
    certify_exhaustive,
    certify_sampled,
    contracts,
    matrix_from_json,
    matrix_to_json,
    model_from_json,
    model_to_json,
    number_from_json,
    number_to_json,
)
from proofs_check.kernel import Verdict, check
from proofs_check.kernel._reference import TASKS

NAMES = [name for name in CONSTRUCTIONS if name.split("/")[1] in TASKS]
SETTINGS = settings(max_examples=60, deadline=None)


def kernel(certificate: dict[str, Any]) -> Verdict:
    return check(canonical_text(certificate).encode())


@pytest.mark.parametrize("name", NAMES)
def test_contracts_of_every_construction_are_verified(name: str) -> None:
    verdict = kernel(contracts(construction(name).blueprint))
    assert verdict.word == "VERIFIED", verdict
    assert repr(name) in verdict.message


@pytest.mark.parametrize("name", NAMES)
def test_every_construction_is_verified_on_all_inputs_and_on_a_sample(name: str) -> None:
    subject, letters = construction(name), None if name.endswith("istree") else 2
    certificate = certify_exhaustive(subject, 3, letters)
    verdict = kernel(certificate)
    assert verdict.word == "VERIFIED", verdict
    assert certificate["model"]["architecture"] == name.split("/")[0]
    assert ("that searches" in verdict.message) == name.startswith("retrieval/")
    assert kernel(certify_sampled(subject, 3, letters, checked=7, seed=2)).word == "VERIFIED"


@pytest.mark.parametrize("name", NAMES)
def test_models_are_read_back_as_they_were_written(name: str) -> None:
    written = model_to_json(construction(name).at(4))
    assert model_to_json(model_from_json(json.loads(json.dumps(written)))) == written


def test_a_sample_is_verified_with_its_own_seed_only() -> None:
    certificate = certify_sampled(construction("transformer/associative-recall"), 8, checked=30, seed=5)
    assert kernel(certificate).word == "VERIFIED"
    assert kernel({**certificate, "seed": 6}).word == "REJECTED"
    assert certificate["checked"] == 30
    assert certificate["inputs"] == 8**9


def test_a_construction_that_is_wrong_gets_no_certificate() -> None:
    right = construction("transformer/index")
    wrong = dataclasses.replace(right, blueprint=construction("transformer/associative-recall").blueprint)
    with pytest.raises(InputError, match=r"writes 'NONE' after '<s> 1 1 \? 2', expected '1'; no certificate"):
        certify_exhaustive(wrong, 2, 2)


@pytest.mark.parametrize("checked", [0, -1, 9])
def test_a_sample_has_as_many_inputs_as_there_are_at_most(checked: int) -> None:
    with pytest.raises(InputError, match=f"checked = {checked}: expected 1 to 8"):
        certify_sampled(construction("transformer/index"), 2, 2, checked=checked)


# Numbers, matrices, canonical writing


@given(st.fractions())
@SETTINGS
def test_numbers_are_exact(value: Fraction) -> None:
    written = number_to_json(value)
    assert number_from_json(json.loads(json.dumps(written))) == value
    assert isinstance(written, int) == (value.denominator == 1)


@pytest.mark.parametrize("value", [True, 0.5, "1", "1/0", "0/2", "-0/1", " 1/2", "1/2 ", "1/2\n", "+1/2", None, [1]])
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="no exact number"):
        number_from_json(value)


@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 2)), st.fractions(max_denominator=9)))
@SETTINGS
def test_matrices_are_exact_and_in_order(entries: dict[tuple[int, int], Fraction]) -> None:
    written = matrix_to_json(Matrix.from_entries((4, 3), entries))
    assert matrix_to_json(matrix_from_json(json.loads(json.dumps(written)))) == written
    found = {(row, column): number_from_json(value) for row, column, value in written["entries"]}
    assert found == {place: value for place, value in entries.items() if value}
    assert list(found) == sorted(found)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.randoms(use_true_random=False))
@SETTINGS
def test_equal_certificates_are_equal_files(certificate: dict[str, Any], random: Any) -> None:
    text = canonical_text(certificate)
    assert json.loads(text) == certificate
    assert text.isascii()
    assert text.endswith("}\n")
    items = list(certificate.items())
    random.shuffle(items)
    assert canonical_text(dict(items)) == text


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"n": 1.0}, r"certificate\.n is 1\.0 of type float"),
        ({"a": [1, {"b": Fraction(1, 2)}]}, r"certificate\.a\[1\]\.b is Fraction\(1, 2\) of type Fraction"),
        ({1: 2}, "certificate has the key 1; keys of a certificate are strings"),
        ({"s": {1}}, "of type set"),
    ],
)
def test_what_is_not_exact_is_not_written(value: dict[Any, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        canonical_text(value)


@pytest.mark.parametrize("missing", list(model_to_json(construction("transformer/index").at(2))))
def test_models_with_something_missing_are_refused(missing: str) -> None:
    written = model_to_json(construction("transformer/index").at(2))
    del written[missing]
    with pytest.raises(InputError, match=f"the model: the key '{missing}' is missing"):
        model_from_json(written)
