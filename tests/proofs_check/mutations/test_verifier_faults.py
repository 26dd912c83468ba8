"""Faults in the verifier: every one is seen by the check that the table names, which is clean without it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.cli import main
from proofs_check.mutations import VERIFIER_FAULTS, VerifierFault, judge
from proofs_check.mutations.__main__ import main as table
from proofs_check.mutations.__main__ import verifier_row

PAGE = Path(__file__).resolve().parents[3] / "docs/mutations.md"

# What went wrong, or might have, without any test that noticed; the table may have more.
MUST_BE_THERE = {
    "only the first 512 inputs are compared",
    "only the first variant is examined",
    "thresholds are drawn uniformly",
    "the need of recency is trivial",
    "far sizes are left out",
    "the reference is off by one",
    "the kernel is not asked",
    "no boundary inputs",
    "sequences are cut to 2",
    "only the last token is compared",
    "a transcript is compared as a prefix",
    "the enumerator repeats",
    "only the largest n is run",
    "the prover accepts all",
    "magnitudes are left out",
    "LogBound allows everything that is measured",
    "LogBound covers everything",
    "ties are broken",
    "the fast engine takes the first record",
    "shapes are not compared",
    "twice the tokens are allowed",
    "machines are not run",
    "limits of tokens are ignored",
    "limits of formulas are ignored",
    "only logits are measured",
    "a coordinate of the state is skipped",
    "the context is not looked at",
}


@pytest.mark.parametrize("fault", VERIFIER_FAULTS, ids=lambda fault: fault.name)
def test_the_check_sees_the_fault_and_is_clean_without_it(fault: VerifierFault) -> None:
    before = [vars(owner)[name] for owner, name in fault.places()]
    outcome = judge(fault)
    assert outcome.without is None
    assert outcome.seen
    # What was patched is put back, and something else stood there meanwhile.
    assert [vars(owner)[name] for owner, name in fault.places()] == before
    assert all(fault.fault(original) is not original for original in before)


def test_a_fault_that_changes_nothing_is_not_called_found() -> None:
    for fault in VERIFIER_FAULTS[:6]:
        outcome = judge(replace(fault, fault=lambda original: original))
        assert (outcome.seen, outcome.explained) == (None, False)


def test_a_check_that_always_complains_explains_nothing() -> None:
    outcome = judge(replace(VERIFIER_FAULTS[0], check=lambda: "always"))
    assert not outcome.explained
    assert verifier_row(replace(outcome, fault=VERIFIER_FAULTS[0])).endswith("| UNEXPLAINED |")


def test_the_table_has_every_fault_that_was_named() -> None:
    names = [fault.name for fault in VERIFIER_FAULTS]
    assert len(names) == len(set(names))
    assert set(names) >= MUST_BE_THERE
    assert all(fault.check.__doc__ for fault in VERIFIER_FAULTS)


def test_the_page_shows_the_table_and_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The module prints the rows that stand on the page; the command says the same in words and as JSON."""
    assert table(["--verifier"]) == 0
    printed = capsys.readouterr().out
    assert printed in PAGE.read_text(encoding="utf-8")
    assert "UNEXPLAINED" not in printed
    total = len(VERIFIER_FAULTS)
    assert f"For each of the {total} there is a check" in PAGE.read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["mutate", "--verifier"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"VERIFIED  the verifier: {total} faults planted; {total} found\n")
    with pytest.raises(SystemExit) as ended:
        main(["mutate", "--verifier", "--json"])
    assert ended.value.code == 0
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "VERIFIED"
    assert [row["fault"] for row in document["faults"]] == [fault.name for fault in VERIFIER_FAULTS]
    assert all(row["without"] is None and row["seen"] for row in document["faults"])


def test_an_unseen_fault_makes_the_verdict_incomplete(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blind = replace(VERIFIER_FAULTS[1], check=lambda: None)
    monkeypatch.setattr("proofs_check.mutations._verifier_faults.VERIFIER_FAULTS", (blind,))
    assert table(["--verifier"]) == 3
    assert "UNEXPLAINED" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["mutate", "--verifier"])
    assert ended.value.code == 3
    assert capsys.readouterr().out.startswith("INCOMPLETE")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["transformer/index", "--verifier"], "leave out transformer/index"), ([], "or give --verifier")],
)
def test_what_to_mutate_is_named_once(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mutate", *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
