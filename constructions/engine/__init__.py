"""Decoding: from a prompt to what a model writes."""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from constructions.engine._bounds import NotTabular
from constructions.engine._decode import (
    DEFAULT_MEMORY,
    Decoding,
    Engine,
    Transcript,
    Written,
    decode,
    decode_batch,
    estimate_memory,
    plan_of_model,
    plans,
    positions_at_once,
    stream,
)
from constructions.engine._head_plans import HeadPlan, Plan
from constructions.engine._run_many import answer_grid, padded, run_many
from constructions.engine._runtime import Runtime, Step

if TYPE_CHECKING:
    from constructions.engine._batch_loop import decode_many

__all__ = [
    "DEFAULT_MEMORY",
    "Decoding",
    "Engine",
    "HeadPlan",
    "NotTabular",
    "Plan",
    "Runtime",
    "Step",
    "Transcript",
    "Written",
    "answer_grid",
    "decode",
    "decode_batch",
    "decode_many",
    "estimate_memory",
    "padded",
    "plan_of_model",
    "plans",
    "positions_at_once",
    "run_many",
    "stream",
]

# Loops over many prompts are compiled by numba, which takes a while to load.
__getattr__ = names_from(__name__, {"_batch_loop": ["decode_many"]})
