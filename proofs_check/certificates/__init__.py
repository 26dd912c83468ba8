"""Writing certificates: what is claimed, as a JSON file that the kernel checks on its own."""

from constructions.interchange import (
    matrix_from_json,
    matrix_to_json,
    model_from_json,
    model_to_json,
    number_from_json,
    number_to_json,
)
from proofs_check.certificates._certify import Setting, certify_exhaustive, certify_precision, certify_sampled
from proofs_check.certificates._kinds import (
    Prompt,
    Question,
    contracts,
    exhaustive,
    fooling_set,
    no_machine,
    polynomial_to_json,
    precision,
    sampled,
    state_count,
    sweep,
)
from proofs_check.certificates._transcripts import TranscriptDigest, transcripts
from proofs_check.certificates._writing import FORMAT, VERSION, canonical_text, save

__all__ = [
    "FORMAT",
    "VERSION",
    "Prompt",
    "Question",
    "Setting",
    "TranscriptDigest",
    "canonical_text",
    "certify_exhaustive",
    "certify_precision",
    "certify_sampled",
    "contracts",
    "exhaustive",
    "fooling_set",
    "matrix_from_json",
    "matrix_to_json",
    "model_from_json",
    "model_to_json",
    "no_machine",
    "number_from_json",
    "number_to_json",
    "polynomial_to_json",
    "precision",
    "sampled",
    "save",
    "state_count",
    "sweep",
    "transcripts",
]
