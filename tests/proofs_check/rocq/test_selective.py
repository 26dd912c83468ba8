"""Recurrences that the input selects: as Coq reads them, and as the kernel does."""

from constructions.gallery import from_gallery
from constructions.wiring import Polynomial
from proofs_check.certificates import contracts
from proofs_check.certificates._kinds import polynomial_to_json
from proofs_check.certificates._writing import canonical_text
from proofs_check.kernel import check
from proofs_check.rocq import blueprint_text, network_text


def test_the_exporter_writes_all_seven_matrices() -> None:
    blueprint = from_gallery("gallery/linear-parity").blueprint
    assert ": layer :=\n  Selective" in blueprint_text(blueprint)
    assert "States [" in network_text(blueprint)


def test_the_kernel_proves_the_contracts_of_states_and_refuses_a_wrong_range() -> None:
    certificate = contracts(from_gallery("gallery/linear-s5").blueprint)
    assert check(canonical_text(certificate).encode()).word == "VERIFIED"
    state = next(c for c in certificate["contracts"] if c["gadget"] == "state")
    state["inequalities"][0]["polynomial"] = polynomial_to_json(Polynomial.constant(-1))
    assert check(canonical_text(certificate).encode()).word == "REJECTED"
