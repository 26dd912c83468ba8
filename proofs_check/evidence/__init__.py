"""Gathering evidence for claims: sampled, exhaustive, proved, measured."""

from proofs_check.evidence._examiner import Examiner, Plan, cases
from proofs_check.evidence._inputs import InputEvidence, exhaustive, exhaustive_permutations, prefix_ids, sampled
from proofs_check.evidence._kernel_questions import KernelAnswer, kernel_answer, kernel_knows
from proofs_check.evidence._proofs import machine_checked_theorems
from proofs_check.evidence._resources import Measured, activation_bits, matrices, parameter_bits, shape
from proofs_check.evidence._results import (
    INCOMPLETE,
    REFUTED,
    RUNGS,
    VERIFIED,
    ClaimResult,
    Evidence,
    Gap,
    TheoremResult,
)
from proofs_check.evidence._runs import Counterexample, Progress, Subject, Tally, tally
from proofs_check.evidence._state import possible_states

__all__ = [
    "INCOMPLETE",
    "REFUTED",
    "RUNGS",
    "VERIFIED",
    "ClaimResult",
    "Counterexample",
    "Evidence",
    "Examiner",
    "Gap",
    "InputEvidence",
    "KernelAnswer",
    "Measured",
    "Plan",
    "Progress",
    "Subject",
    "Tally",
    "TheoremResult",
    "activation_bits",
    "cases",
    "exhaustive",
    "exhaustive_permutations",
    "kernel_answer",
    "kernel_knows",
    "machine_checked_theorems",
    "matrices",
    "parameter_bits",
    "possible_states",
    "prefix_ids",
    "sampled",
    "shape",
    "tally",
]
