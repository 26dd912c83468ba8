"""Many prompts through one model."""

from collections.abc import Sequence
from typing import Any

from constructions.architectures import Model
from constructions.engine import decode_batch, padded, run_many
from constructions.numerics import Arithmetic


def transcripts(
    model: Model,
    prompts: Sequence[Sequence[str]],
    most: int,
    arithmetic: Arithmetic[Any] | None = None,
    *,
    plain: bool = False,
) -> list[tuple[str, ...]]:
    """What a model writes on each, cut off after so many tokens: by the quickest way, or by the plain evaluator.

    No context ends a run.
    """
    if not prompts:
        return []
    ids, lengths = padded([model.vocabulary.encode(prompt) for prompt in prompts])
    if plain:
        written = decode_batch(model, ids, lengths, arithmetic=arithmetic, max_tokens=most)
        return [tuple(model.vocabulary.decode(row)) for row in written]
    return run_many(model, ids, lengths, most=most, arithmetic=arithmetic).tokens(model.vocabulary)
