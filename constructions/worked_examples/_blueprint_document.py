"""A blueprint as plain data for the live page: matrices of polynomials, what is searched, what the author says."""

from typing import Any

from constructions.architectures import Search
from constructions.wiring import (
    Blueprint,
    SymbolicAttention,
    SymbolicFeedForward,
    SymbolicLayer,
    SymbolicMatrix,
)

_SHORT = "*"
"""Stands for the list of all coordinates."""


def blueprint_document(blueprint: Blueprint) -> dict[str, Any]:
    """The blueprint as dictionaries and lists; each entry of a matrix is ``[row, column, "2 n^2 - S"]``."""
    return {
        "name": blueprint.name,
        "minimum": dict(blueprint.domain.minimum),
        "scales": {name: str(bound) for name, bound in blueprint.domain.scales.items()},
        "specials": list(blueprint.specials),
        "numbers": [str(bound) for bound in blueprint.numbers],
        "context": str(blueprint.context),
        "answers": None if blueprint.answers is None else list(blueprint.answers),
        "search": None if blueprint.search is None else _search(blueprint.search),
        "coordinates": list(blueprint.coordinates),
        "embedding": {name: _matrix(blueprint, matrix) for name, matrix in blueprint.embedding.items()},
        "layers": [_layer(blueprint, layer) for layer in blueprint.layers],
        "unembedding": {name: _matrix(blueprint, matrix) for name, matrix in blueprint.unembedding.items()},
        "parameters": blueprint.parameters,
        "rules": [list(rule) for rule in blueprint.table],
        "sentences": {name: list(parts) for name, parts in blueprint.sentences.items()},
    }


def _search(search: Search) -> dict[str, Any]:
    return {
        "opening": search.opening,
        "closing": search.closing,
        "failed": search.failed,
        "fragments": [list(fragment) for fragment in search.fragments],
    }


def _layer(blueprint: Blueprint, layer: SymbolicLayer) -> dict[str, Any]:
    if isinstance(layer, SymbolicAttention):
        parts = ("query", "key", "value", "output")
        heads = [
            {
                "name": head.name,
                "slope": head.slope,
                "matrices": {part: _matrix(blueprint, getattr(head, part)) for part in parts},
            }
            for head in layer.heads
        ]
        return {"kind": "attention", "heads": heads}
    kind = "feed-forward" if isinstance(layer, SymbolicFeedForward) else "recurrence"
    return {"kind": kind, "matrices": {part: _matrix(blueprint, matrix) for part, matrix in layer.matrices}}


def _matrix(blueprint: Blueprint, matrix: SymbolicMatrix) -> dict[str, Any]:
    def names(given: tuple[str, ...]) -> str | list[str]:
        return _SHORT if given == blueprint.coordinates else list(given)

    return {
        "rows": names(matrix.rows),
        "columns": names(matrix.columns),
        "entries": [[i, j, str(entry)] for (i, j), entry in matrix.entries.items()],
    }
