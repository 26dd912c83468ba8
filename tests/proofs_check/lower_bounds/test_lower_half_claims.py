"""``verify`` checks the lower halves, and a wrong formula or machine is found out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from constructions.theorems import THEOREMS
from proofs_check.certificates import canonical_text
from proofs_check.kernel import check, check_file
from proofs_check.lower_bounds import _claims, closed_form, lower_half
from proofs_check.report import theorem_text, theorems_json


@pytest.mark.parametrize(("number", "claims"), [("4.6", 6), ("4.7", 2), ("5.2", 0)])
def test_every_claim_is_verified_with_a_certificate(number: str, claims: int) -> None:
    results = lower_half(number)
    assert len(results) == claims == len({result.name for result in results})
    for result in results:
        assert result.verdict == "VERIFIED"
        assert {evidence.kind for evidence in result.evidence} == {"exhaustive", "proved"}
        assert result.certificate is not None
        assert check(canonical_text(result.certificate).encode()).word == "VERIFIED"


def test_a_wrong_formula_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(scope: Any) -> Any:
        known = closed_form(scope)
        return known and replace(known, states=2 * known.states)

    monkeypatch.setattr(_claims, "closed_form", doubled)
    assert {result.verdict for result in lower_half("4.6")} == {"REFUTED"}
    assert "the formula says" in str(lower_half("4.7")[0].reason)


def test_a_machine_with_too_many_states_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_claims, "check_machine", lambda scope, machine: closed_form(scope).states + 1)  # type: ignore[union-attr]
    assert all("states are enough" in str(result.reason) for result in lower_half("4.6"))


def test_a_wrong_growth_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = [replace(growth, evidence=lambda: (2,)) for growth in _claims.growths()]
    monkeypatch.setattr(_claims, "growths", lambda: spoiled)
    assert {result.verdict for result in lower_half("4.7")} == {"REFUTED"}


def test_a_kernel_that_does_not_agree_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    from proofs_check.kernel import Verdict

    for word, verdict in (("REJECTED", "REFUTED"), ("INCOMPLETE", "INCOMPLETE"), ("MALFORMED", "INCOMPLETE")):
        monkeypatch.setattr(_claims, "check", lambda data, word=word: Verdict(word, "planted"))
        assert {result.verdict for result in lower_half("4.7")} == {verdict}


def test_the_report_and_the_directory_show_them(tmp_path: Path) -> None:
    from proofs_check._commands.certifying import write_certificates
    from proofs_check.evidence import TheoremResult

    result = TheoremResult(THEOREMS["4.7"], lower_half("4.7"))
    text = theorem_text(result)
    assert "any machine that reads the prefix once, with any chain of thought" in text
    assert "VERIFIED    IsTree, where a repeated edge means NO, needs Bell(n) + 1 states" in text
    assert "not checked  by machine, that" in text
    document = json.loads(json.dumps(theorems_json([result])))
    assert [claim["quantity"] for claim in document["theorems"][0]["claims"]] == ["states", "states"]
    (names,) = write_certificates([result], tmp_path).values()
    assert len(names) == 2
    assert [check_file(str(tmp_path / name)).word for name in names] == ["VERIFIED", "VERIFIED"]
