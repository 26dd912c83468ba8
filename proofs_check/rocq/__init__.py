"""Theorems for all sizes, checked by Coq about the very matrices that run."""

from proofs_check.rocq._export import blueprint_text, digest, module_name
from proofs_check.rocq._network import network_text
from proofs_check.rocq._proofs import Proofs
from proofs_check.rocq._run import INSTALL, Outcome, Prover, find_prover
from proofs_check.rocq._theorems import PRINTED, SHIPPED, ProvedTheorem, theorems_about, unproved

__all__ = [
    "INSTALL",
    "PRINTED",
    "SHIPPED",
    "Outcome",
    "Proofs",
    "ProvedTheorem",
    "Prover",
    "blueprint_text",
    "digest",
    "find_prover",
    "module_name",
    "network_text",
    "theorems_about",
    "unproved",
]
