"""Models as JSON and back, exactly: integers and fractions "p/q", nothing is rounded."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from constructions.architectures import (
    Attention,
    Embedding,
    FeedForward,
    Head,
    Layer,
    Model,
    Recurrence,
    Search,
    Unembedding,
    family,
)
from constructions.errors import InputError, ModelError
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary

_QUOTIENT = re.compile(r"-?[1-9][0-9]*/[1-9][0-9]*\Z")


def number_to_json(value: int | Fraction) -> int | str:
    """An integer as itself, a fraction as "p/q" in lowest terms.

    >>> number_to_json(Fraction(4, 2)), number_to_json(Fraction(-1, 3))
    (2, '-1/3')
    """
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else f"{exact.numerator}/{exact.denominator}"


def number_from_json(value: object) -> Fraction:
    """The number that :func:`number_to_json` wrote.

    Raises:
        InputError: if the value is neither an integer nor a string "p/q".
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, str) and _QUOTIENT.match(value):
        return Fraction(value)
    raise InputError(f"{value!r} is no exact number; expected an integer or a fraction such as '1/2'")


def matrix_to_json(matrix: Matrix) -> dict[str, Any]:
    """Shape and nonzero entries [row, column, value], row by row."""
    entries = [[row, column, number_to_json(value)] for row, column, value in matrix.entries()]
    return {"shape": list(matrix.shape), "entries": entries}


def matrix_from_json(value: Mapping[str, Any]) -> Matrix:
    """The matrix that :func:`matrix_to_json` wrote."""
    rows, columns = value["shape"]
    entries = {(row, column): number_from_json(number) for row, column, number in value["entries"]}
    return Matrix.from_entries((rows, columns), entries)


def model_to_json(model: Model) -> dict[str, Any]:
    """Everything that a model is: vocabulary, matrices, and the rules of decoding.

    Names are kept, because they say what the numbers mean; no verdict depends on them. A model that
    searches is written with its search language.
    ``architecture`` is ``other`` if the layers form none of the families of the theory.
    """
    vocabulary = model.vocabulary
    try:
        architecture = family(model)
    except ModelError:
        architecture = "other"
    return {
        "name": model.name,
        "architecture": architecture,
        "vocabulary": {
            "specials": list(vocabulary.specials),
            "low": vocabulary.low,
            "high": vocabulary.high,
        },
        "coordinates": list(model.coordinates),
        "embedding": {
            "polynomial": matrix_to_json(model.embedding.polynomial),
            "special": matrix_to_json(model.embedding.special),
            "position": matrix_to_json(model.embedding.position),
        },
        "layers": [_layer_to_json(layer) for layer in model.layers],
        "unembedding": {
            "polynomial": matrix_to_json(model.unembedding.polynomial),
            "special": matrix_to_json(model.unembedding.special),
        },
        "answers": None if model.answers is None else list(model.answers),
        "search": None if model.search is None else _search_to_json(model.search),
    }


def _search_to_json(search: Search) -> dict[str, Any]:
    tokens = {name: getattr(search, name) for name in ("opening", "closing", "failed")}
    return {**tokens, "fragments": [list(fragment) for fragment in search.fragments]}


def _layer_to_json(layer: Layer) -> dict[str, Any]:
    if isinstance(layer, Attention):
        return {"type": "attention", "heads": [_head_to_json(head) for head in layer.heads]}
    if isinstance(layer, FeedForward):
        matrices = {name: matrix_to_json(getattr(layer, name)) for name in ("gate", "value", "output")}
        return {"type": "feed-forward", "units": list(layer.units), **matrices}
    names = ("transition", "input", "output", "feedthrough")
    matrices = {name: matrix_to_json(getattr(layer, name)) for name in names}
    return {"type": "recurrence", "state": list(layer.state), **matrices}


def _head_to_json(head: Head) -> dict[str, Any]:
    matrices = {name: matrix_to_json(getattr(head, name)) for name in ("query", "key", "value", "output")}
    return {
        "name": head.name,
        "features": list(head.features),
        "reads": list(head.reads),
        "slope": head.slope,
        **matrices,
    }


def model_from_json(value: Mapping[str, Any]) -> Model:
    """The model that :func:`model_to_json` wrote, equal entry by entry.

    Raises:
        InputError: if something is missing or of the wrong form.
        ModelError: if the matrices do not fit together.
    """
    try:
        vocabulary = value["vocabulary"]
        return Model(
            name=value["name"],
            vocabulary=Vocabulary(tuple(vocabulary["specials"]), vocabulary["low"], vocabulary["high"]),
            coordinates=tuple(value["coordinates"]),
            embedding=Embedding(**_matrices(value["embedding"], ("polynomial", "special", "position"))),
            layers=tuple(_layer_from_json(layer) for layer in value["layers"]),
            unembedding=Unembedding(**_matrices(value["unembedding"], ("polynomial", "special"))),
            answers=None if value["answers"] is None else tuple(value["answers"]),
            search=None if value["search"] is None else _search_from_json(value["search"]),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"no model in the form of a certificate: {type(error).__name__}: {error}") from error


def _search_from_json(value: Mapping[str, Any]) -> Search:
    fragments = tuple((token, text) for token, text in value["fragments"])
    return Search(fragments, value["opening"], value["closing"], value["failed"])


def _matrices(value: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Matrix]:
    return {name: matrix_from_json(value[name]) for name in names}


def _layer_from_json(value: Mapping[str, Any]) -> Layer:
    if value["type"] == "attention":
        return Attention(tuple(_head_from_json(head) for head in value["heads"]))
    if value["type"] == "feed-forward":
        return FeedForward(tuple(value["units"]), **_matrices(value, ("gate", "value", "output")))
    if value["type"] == "recurrence":
        names = ("transition", "input", "output", "feedthrough")
        return Recurrence(tuple(value["state"]), **_matrices(value, names))
    raise InputError(f"layer type {value['type']!r}: expected attention, feed-forward or recurrence")


def _head_from_json(value: Mapping[str, Any]) -> Head:
    return Head(
        name=value["name"],
        features=tuple(value["features"]),
        reads=tuple(value["reads"]),
        slope=value["slope"],
        **_matrices(value, ("query", "key", "value", "output")),
    )
