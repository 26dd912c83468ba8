"""Coq has no definition of recurrences that the input selects, so nothing is proved about them, and prove says so."""

import pytest

from constructions.errors import ContractError
from constructions.gallery import from_gallery
from constructions.wiring import Polynomial
from proofs_check.certificates import contracts
from proofs_check.certificates._kinds import polynomial_to_json
from proofs_check.certificates._writing import canonical_text
from proofs_check.cli import main
from proofs_check.kernel import check
from proofs_check.rocq import blueprint_text, network_text


def test_prove_names_the_cells(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["prove", "--construction", "gallery/linear-dyck-1"])
    assert ended.value.code == 2
    assert "the cells depth, never below move by matrices that the input selects" in capsys.readouterr().err


def test_the_exporter_writes_no_recurrence_in_its_place() -> None:
    blueprint = from_gallery("gallery/linear-parity").blueprint
    text = blueprint_text(blueprint)
    assert "Selective" in text  # a constructor that Model.v does not have, so Coq refuses the file
    assert ": layer :=\n  Recurrence" not in text
    with pytest.raises(ContractError, match=r"w\.state"):
        network_text(blueprint)


def test_the_kernel_proves_the_contracts_of_states_and_refuses_a_wrong_range() -> None:
    certificate = contracts(from_gallery("gallery/linear-s5").blueprint)
    assert check(canonical_text(certificate).encode()).word == "VERIFIED"
    state = next(c for c in certificate["contracts"] if c["gadget"] == "state")
    state["inequalities"][0]["polynomial"] = polynomial_to_json(Polynomial.constant(-1))
    assert check(canonical_text(certificate).encode()).word == "REJECTED"
