"""Faults planted into the weights of a construction, which of them the evidence finds, and why others survive."""

from proofs_check.mutations._building import Build, BuildFault, build_faults, fresh
from proofs_check.mutations._faults import Edit, Fault, Site, faults_of
from proofs_check.mutations._inputs import Batch, InputSet, all_inputs, batches_of, sampled_inputs
from proofs_check.mutations._judging import Finding, Outcome, Report, default_size, mutate
from proofs_check.mutations._reasons import KINDS, Reason, reason_for
from proofs_check.mutations._structure import never_read

__all__ = [
    "KINDS",
    "Batch",
    "Build",
    "BuildFault",
    "Edit",
    "Fault",
    "Finding",
    "InputSet",
    "Outcome",
    "Reason",
    "Report",
    "Site",
    "all_inputs",
    "batches_of",
    "build_faults",
    "default_size",
    "faults_of",
    "fresh",
    "mutate",
    "never_read",
    "reason_for",
    "sampled_inputs",
]
