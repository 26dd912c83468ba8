"""Mutation testing: faults in the weights of a construction and in the verifier; which are found, and by what."""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from proofs_check.mutations._building import BuildFault, build_faults
from proofs_check.mutations._equivalent_mutants import KINDS, Reason, reason_for
from proofs_check.mutations._faults import Edit, Fault, Site, faults_of
from proofs_check.mutations._inputs import Batch, InputSet, all_inputs, batches_of, sampled_inputs
from proofs_check.mutations._structure import never_read
from proofs_check.mutations._verdicts import Finding, Outcome, Report, default_size, mutate

if TYPE_CHECKING:
    from proofs_check.mutations._verifier_faults import (
        VERIFIER_FAULTS,
        VerifierFault,
        VerifierOutcome,
        judge,
        judge_all,
    )

__all__ = [
    "KINDS",
    "VERIFIER_FAULTS",
    "Batch",
    "BuildFault",
    "Edit",
    "Fault",
    "Finding",
    "InputSet",
    "Outcome",
    "Reason",
    "Report",
    "Site",
    "VerifierFault",
    "VerifierOutcome",
    "all_inputs",
    "batches_of",
    "build_faults",
    "default_size",
    "faults_of",
    "judge",
    "judge_all",
    "mutate",
    "never_read",
    "reason_for",
    "sampled_inputs",
]

# What judges the verifier needs sympy, which takes longer to load than all else here.
__getattr__ = names_from(
    __name__,
    {"_verifier_faults": ["VERIFIER_FAULTS", "VerifierFault", "VerifierOutcome", "judge", "judge_all"]},
)
