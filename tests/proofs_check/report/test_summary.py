"""The table that ``verify`` prints: every number stands for what was established, and never for more."""

from dataclasses import replace

import pytest

from constructions.theorems import Claim, Construction, Theorem, construction
from proofs_check.evidence import (
    INCOMPLETE,
    REFUTED,
    RUNGS,
    VERIFIED,
    ClaimResult,
    Counterexample,
    Evidence,
    TheoremResult,
)
from proofs_check.report import summary_foot, summary_head, summary_row, theorem_block, theorem_text

INDEX, RECALL = construction("transformer/index"), construction("transformer/associative-recall")


def evidence(kind: str, largest: int | None = None) -> Evidence:
    return Evidence(kind, f"words about what is {kind}", None if largest is None else 7, largest=largest)


def holds(of: Construction, quantity: str, *found: Evidence) -> ClaimResult:
    claim = Claim(f"{of.name}: {quantity}", f"a statement about {quantity}", of.name, quantity, None, "all")  # type: ignore[arg-type]
    return ClaimResult(claim, of, VERIFIED, found)


def result(*claims: ClaimResult, missing: tuple[str, ...] = ("the other half",)) -> TheoremResult:
    theorem = Theorem("0.0", "A title", "A statement.", (INDEX.name, RECALL.name), (), missing)
    return TheoremResult(theorem, claims, seconds=3.4)


WHOLE = (
    holds(INDEX, "answers", evidence("machine-checked"), evidence("exhaustive", 5), evidence("sampled", 1025)),
    holds(INDEX, "context", evidence("proved"), evidence("exhaustive", 5), evidence("sampled", 1025)),
    holds(RECALL, "answers", evidence("exhaustive", 5), evidence("exhaustive", 4), evidence("sampled", 129)),
    holds(RECALL, "kernel", evidence("exhaustive")),
)


def columns(row: str) -> list[str]:
    return row.split()


def test_each_claim_counts_once_at_its_strongest_evidence() -> None:
    assert columns(summary_row(result(*WHOLE))) == ["0.0", "VERIFIED", "4/4", "1", "1", "-", "2", "5", "129", "3"]


@pytest.mark.parametrize("rung", RUNGS)
def test_the_strongest_evidence_decides(rung: str) -> None:
    weaker = RUNGS[RUNGS.index(rung) :]
    claim = holds(INDEX, "shape", *map(evidence, reversed(weaker)))
    assert claim.rung == rung
    assert holds(INDEX, "shape").rung is None


def test_sizes_hold_for_every_construction() -> None:
    """The least of the largest; one of which nothing is known, such as one that failed, takes it away."""
    row = columns(summary_row(result(*WHOLE)))
    assert row[-3:-1] == ["5", "129"]
    unknown = replace(WHOLE[2], evidence=(evidence("exhaustive"), evidence("sampled", 129)))
    assert columns(summary_row(result(WHOLE[0], unknown)))[-3:-1] == ["-", "129"]
    # What was run for another claim, or by the kernel, is not what the column is about.
    assert columns(summary_row(result(WHOLE[1])))[-3:-1] == ["-", "-"]


def test_what_does_not_hold_is_not_counted_and_is_told() -> None:
    found = Counterexample(INDEX.name, 2, "1 2 ? 1", ("1",), ("2",))
    wrong = replace(WHOLE[0], verdict=REFUTED, counterexample=found)
    stopped = replace(WHOLE[3], verdict=INCOMPLETE, reason="it was stopped")
    whole = result(wrong, WHOLE[1], stopped)
    assert columns(summary_row(whole))[1:7] == ["REFUTED", "1/3", "-", "1", "-", "-"]
    for text in (summary_foot([whole]), theorem_block(whole), theorem_text(whole)):
        assert "counterexample: on input '1 2 ? 1'" in " ".join(text.split())
        assert "because it was stopped" in text
        assert "machine-checked for all n" not in text
    assert "REFUTED  0.0  transformer/index: a statement about answers" in summary_foot([whole])
    assert "because" not in summary_foot([result(*WHOLE)])


def test_what_is_not_checked_stands_once_with_all_its_theorems() -> None:
    first, second = result(*WHOLE), result(*WHOLE)
    second = replace(second, theorem=replace(second.theorem, number="1.1"))
    assert summary_foot([first, second]).count("0.0, 1.1: the other half") == 1
    assert "not checked" not in summary_foot([result(*WHOLE, missing=())])


def test_the_table_fits_a_narrow_terminal() -> None:
    wide = replace(result(*WHOLE * 60), seconds=999)
    assert max(map(len, [*summary_head().splitlines(), summary_row(wide)])) <= 80
    assert max(map(len, summary_foot([wide]).splitlines())) <= 80
    ends = [len(line) for line in (summary_head().splitlines()[1], summary_row(result(*WHOLE)))]
    assert ends[0] == ends[1]


def test_constructions_of_which_the_same_holds_are_named_together() -> None:
    same = [replace(WHOLE[2], construction=INDEX), WHOLE[2]]
    block = " ".join(theorem_block(result(*same)).split())
    assert "transformer/index; transformer/associative-recall: 1 of 1 claims hold" in block
    assert "that its output is right: run on all inputs to n = 5, on samples to n = 129" in block
    other = " ".join(theorem_block(result(WHOLE[0], WHOLE[2])).split())
    assert (
        "transformer/index: 1 of 1 claims hold; that its output is right: machine-checked for all n, run on all inputs"
        in other
    )


def test_details_say_a_statement_once_and_shared_evidence_once() -> None:
    text = theorem_text(result(*WHOLE))
    assert text.count("a statement about answers") == 1
    assert text.count("what is machine-checked") == 1
    # The context claim's runs are those of the answers.
    assert text.count("exhaustive and sampled: on the inputs named above") == 1
    # What two constructions share stands once, below both names.
    both = theorem_text(result(holds(INDEX, "shape", evidence("proved")), holds(RECALL, "shape", evidence("proved"))))
    assert "transformer/index, transformer/associative-recall" in both
    assert both.count("proved: words about") == 1
    # Runs of another construction are not "named above".
    apart = theorem_text(result(WHOLE[0], replace(WHOLE[1], construction=RECALL)))
    assert "named above" not in apart
