"""Gathering evidence for claims: sampled, exhaustive, proved, measured."""

from proofs_check.evidence._claims import (
    DEFAULT_EXHAUSTIVE,
    INCOMPLETE,
    REFUTED,
    VERIFIED,
    ClaimResult,
    Evidence,
    Examiner,
    Plan,
    TheoremResult,
    variants,
)
from proofs_check.evidence._inputs import InputEvidence, exhaustive, prefix_ids, sampled
from proofs_check.evidence._resources import Measured, activation_bits, matrices, parameter_bits, shape
from proofs_check.evidence._runs import Counterexample, Progress, Subject, first_failure

__all__ = [
    "DEFAULT_EXHAUSTIVE",
    "INCOMPLETE",
    "REFUTED",
    "VERIFIED",
    "ClaimResult",
    "Counterexample",
    "Evidence",
    "Examiner",
    "InputEvidence",
    "Measured",
    "Plan",
    "Progress",
    "Subject",
    "TheoremResult",
    "activation_bits",
    "exhaustive",
    "first_failure",
    "matrices",
    "parameter_bits",
    "prefix_ids",
    "sampled",
    "shape",
    "variants",
]
