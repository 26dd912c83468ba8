"""How many states any machine needs: counts, fooling sets, least machines, the adversary, randomised bounds.

A machine reads the prefix once and keeps a state; then it reads the query and, after any chain of
thought, answers. Chain of thought changes nothing: state and query determine it.
"""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from proofs_check.lower_bounds import _tasks as _tasks  # which register themselves
from proofs_check.lower_bounds._conflicts import Classes, least_classes
from proofs_check.lower_bounds._counts import Count, Counted, bell, closed_form, count
from proofs_check.lower_bounds._covering_codes import found_machine
from proofs_check.lower_bounds._machines import Machine, check_machine, least_machine, run_machine
from proofs_check.lower_bounds._networks import OnnxNetwork, TorchNetwork, onnx_factory
from proofs_check.lower_bounds._own_refuting import refute_own
from proofs_check.lower_bounds._own_rows import count_rows
from proofs_check.lower_bounds._randomised import (
    HAMMING,
    NearestCodeword,
    error_of,
    least_error,
    least_states_by_balls,
    least_states_by_fano,
)
from proofs_check.lower_bounds._refuting import Refutation, refute
from proofs_check.lower_bounds._running import Budget, Replay
from proofs_check.lower_bounds._scope import FAMILIES, KINDS, Convention, Family, Repeats, Scope, scope_of

if TYPE_CHECKING:
    from proofs_check.lower_bounds._claims import lower_half
    from proofs_check.lower_bounds._fooling_sets import count_certificate, fooling_certificate
    from proofs_check.lower_bounds._gaps import context_bits, gaps
    from proofs_check.lower_bounds._growth import Growth, expression, growths
    from proofs_check.lower_bounds._solver import (
        DecodedMachine,
        least_by_solver,
        least_machine_by_solver,
        machine_with,
        no_machine_certificate,
    )

__all__ = [
    "FAMILIES",
    "HAMMING",
    "KINDS",
    "Budget",
    "Classes",
    "Convention",
    "Count",
    "Counted",
    "DecodedMachine",
    "Family",
    "Growth",
    "Machine",
    "NearestCodeword",
    "OnnxNetwork",
    "Refutation",
    "Repeats",
    "Replay",
    "Scope",
    "TorchNetwork",
    "bell",
    "check_machine",
    "closed_form",
    "context_bits",
    "count",
    "count_certificate",
    "count_rows",
    "error_of",
    "expression",
    "fooling_certificate",
    "found_machine",
    "gaps",
    "growths",
    "least_by_solver",
    "least_classes",
    "least_error",
    "least_machine",
    "least_machine_by_solver",
    "least_states_by_balls",
    "least_states_by_fano",
    "lower_half",
    "machine_with",
    "no_machine_certificate",
    "onnx_factory",
    "refute",
    "refute_own",
    "run_machine",
    "scope_of",
]

# Growth needs sympy; claims, gaps and certificates need what runs constructions. All of these take a while to load.
__getattr__ = names_from(
    __name__,
    {
        "_claims": ["lower_half"],
        "_fooling_sets": ["count_certificate", "fooling_certificate"],
        "_gaps": ["context_bits", "gaps"],
        "_growth": ["Growth", "expression", "growths"],
        "_solver": [
            "DecodedMachine",
            "least_by_solver",
            "least_machine_by_solver",
            "machine_with",
            "no_machine_certificate",
        ],
    },
)
