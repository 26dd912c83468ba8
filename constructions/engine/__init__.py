"""Decoding: from a prompt to what a model writes."""

from constructions.engine._decode import (
    DEFAULT_MEMORY,
    Decoding,
    Engine,
    Transcript,
    answer_grid,
    decode,
    decode_batch,
    estimate_memory,
    plans,
    positions_at_once,
    stream,
)

__all__ = [
    "DEFAULT_MEMORY",
    "Decoding",
    "Engine",
    "Transcript",
    "answer_grid",
    "decode",
    "decode_batch",
    "estimate_memory",
    "plans",
    "positions_at_once",
    "stream",
]
