"""verify asks the kernel about every construction's model; what it cannot know is said, and what is assumed, too."""

from dataclasses import replace
from typing import Any

import pytest

from constructions.tasks import Effort, Index, Retrieval
from constructions.theorems import CONSTRUCTIONS, THEOREMS, Claim, Construction, construction, variants
from constructions.wiring import Wiring, _heads, n
from proofs_check.evidence import INCOMPLETE, REFUTED, VERIFIED, Examiner, Plan, kernel_answer, kernel_knows

MINE = Effort(3, 3, sizes=(1, 3), far=())


def claim(quantity: str) -> Claim:
    return Claim(quantity, quantity, "mine", quantity, None, "a scope")  # type: ignore[arg-type]


class Before(Index):
    """The token before the asked one, the first one if that is asked: off by one."""

    def answers(self, sequence: Any, queries: Any) -> list[str]:
        return [str(int(sequence[max(0, int(query) - 2)])) for (query,) in queries]


def off_by_one() -> Construction:
    w = Wiring("mine", specials=("<s>", "?"), numbers=(0, n), context=n + 2)
    first = w.equal(w.token, 1, name="first is asked")
    w.write(w.at("there", w.token - 1 + first)[w.token])
    return Construction(w.name, Before(), w.finish(), "It looks one place before.")


def test_a_fault_that_reference_and_wiring_share_is_refuted_by_the_kernel_alone() -> None:
    subject, examiner = off_by_one(), Examiner(Plan({"index": MINE}, cases=40))
    assert examiner.about(claim("answers"), subject).verdict == VERIFIED
    result = examiner.about(claim("kernel"), subject)
    assert result.verdict == REFUTED
    assert result.reason is not None
    assert result.reason.startswith("the kernel says REJECTED")


@pytest.mark.parametrize("name", [name for name in CONSTRUCTIONS if not name.endswith("/turing")])
def test_the_kernel_verifies_what_the_theorems_build(name: str) -> None:
    answer = kernel_answer(variants(name)[0])
    assert (answer.verdict, answer.reason) == (VERIFIED, None)
    (evidence,) = answer.evidence
    assert evidence.kind == "exhaustive"
    assert "by the kernel" in evidence.words
    assert evidence.inputs is not None
    assert evidence.inputs >= 50


def test_every_construction_is_asked_about_or_the_theorem_says_that_it_is_not() -> None:
    for theorem in THEOREMS.values():
        for name in theorem.constructions:
            asked = any(made.quantity == "kernel" for made in theorem.claims if made.construction == name)
            assert asked == kernel_knows(construction(name)) == (not name.endswith("/turing"))
            assert asked or any("by the kernel" in part for part in theorem.not_checked)


def test_what_the_kernel_cannot_judge_is_incomplete() -> None:
    machine = kernel_answer(construction("rnn/turing"))
    assert (machine.verdict, machine.reason) == (INCOMPLETE, "the kernel has no reference for the task turing")

    def backwards(instance: Retrieval) -> tuple[str, ...]:
        return ("<s>", "?", *map(str, (*instance.sequence, *instance.query)))

    odd = kernel_answer(replace(construction("transformer/index"), prompt=backwards))
    assert odd.verdict == INCOMPLETE
    assert "not of the form that certificates describe" in str(odd.reason)


def test_inequalities_are_counted_and_gadgets_from_elsewhere_are_assumed() -> None:
    examiner = Examiner(Plan({"counting": MINE}, cases=20))
    subject = construction("transformer/counting")
    checked, proved = examiner.about(claim("contracts"), subject).evidence
    assert (checked.kind, proved.kind) == ("machine-checked", "proved")
    contracts = subject.blueprint.contracts
    needs, silent = sum(len(c.needs) for c in contracts), sum(not c.needs for c in contracts)
    assert silent == 1  # the average needs nothing
    assert proved.words == (
        f"{needs} inequalities between polynomials, of {len(contracts) - silent} contracts, for all n >= 1; "
        "1 contract lists none"
    )
    w = Wiring("mine", specials=("<s>", "?"), numbers=(0, n), context=n + 2)
    mine = _heads.at_position(w, "brought along", w.token)
    w.add_gadget(mine)
    w.write(mine[w.token])
    foreign = Construction(w.name, Index(), w.finish(), "It looks there.")
    for quantity, kinds in (("contracts", ["proved", "assumed"]),):
        result = examiner.about(claim(quantity), foreign)
        assert [evidence.kind for evidence in result.evidence] == kinds
        assert result.evidence[-1].words.endswith("gadgets added by hand: brought along")
    for name in CONSTRUCTIONS:
        assert construction(name).blueprint.assumed == ()
