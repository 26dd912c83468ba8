"""The declared number of tokens is held against what is written, and never proved by being declared."""

from dataclasses import replace

from constructions.tasks import AssociativeRecall
from constructions.theorems import Construction, construction
from constructions.wiring import Polynomial, Wiring, n
from proofs_check.evidence import Subject, exhaustive


def never_ending() -> Construction:
    """Writes NONE for ever, and its reference says as many as a run that is cut off has."""
    w = Wiring("never", specials=("<s>", "?", "NONE", "END"), numbers=(0, n), context=n + 9, answers=("END",))
    w.write("NONE")
    return Construction(
        w.name,
        AssociativeRecall(),
        w.finish(),
        "Writes without an end.",
        longest=Polynomial.constant(3),
        transcript=lambda _instance, _n: ("NONE",) * 4,
    )


def test_a_run_that_is_cut_off_is_not_the_reference() -> None:
    failure = exhaustive(Subject(never_ending()), 2, 2).tally.failure
    assert failure is not None
    assert "at most 3 tokens are declared" in str(failure)


def test_one_token_less_than_are_written_is_refuted() -> None:
    istree = construction("transformer/istree")
    assert exhaustive(Subject(istree), 3, 3).tally.failure is None
    failure = exhaustive(Subject(replace(istree, longest=2 * n - 1)), 3, 3).tally.failure
    assert failure is not None
    assert "are declared, and more are written" in str(failure)
