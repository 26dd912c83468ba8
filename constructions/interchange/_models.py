"""Models as JSON and back, exactly: integers and fractions "p/q", nothing is rounded.

Reading is strict: an unknown or missing key, a wrong type, a shape that does not follow from the names is
refused in one line, and nothing is allocated that the lengths of the lists in the document do not bound.
"""

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from constructions.architectures import (
    Attention,
    Embedding,
    FeedForward,
    Gated,
    Head,
    Layer,
    Model,
    Recurrence,
    Search,
    Selective,
    Unembedding,
    family,
    gated_shapes,
)
from constructions.errors import InputError, ModelError, ResourceError
from constructions.interchange._reading import MOST_BITS, MOST_ENTRIES, fields, integer, items, shown, string, strings
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary

MatrixWriter = Callable[[str, Matrix], Any]
"""Called with the name of a matrix, such as ``layers.0.heads.1.query``; returns what stands for it in the JSON."""

_QUOTIENT = re.compile(r"(-?[1-9][0-9]{0,1300})/([1-9][0-9]{0,1300})\Z")

_EMBEDDING = ("polynomial", "special", "position")
_GATES = ("gate", "value", "output")
_RECURRENCE = ("transition", "input", "output", "feedthrough")
_SELECTION = ("selector", "selected", "change")
_MOVING = ("opens", "carries", "adds", "kept")
_HEAD = ("query", "key", "value", "output")
_SEARCH = ("opening", "closing", "failed")
_KEYS = ("name", "architecture", "vocabulary", "coordinates", "embedding", "layers", "unembedding", "answers", "search")


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
        InputError: if the value is neither an integer nor a string "p/q", or has more than 4096 bits.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(integer(value, "an exact number"))
    if isinstance(value, str) and (parts := _QUOTIENT.match(value)):
        return Fraction(integer(int(parts[1]), "a numerator"), integer(int(parts[2]), "a denominator"))
    raise InputError(f"{shown(value)} is no exact number; expected an integer or a fraction such as '1/2'")


def matrix_to_json(matrix: Matrix) -> dict[str, Any]:
    """Shape and nonzero entries [row, column, value], row by row."""
    entries = [[row, column, number_to_json(value)] for row, column, value in matrix.entries()]
    return {"shape": list(matrix.shape), "entries": entries}


def matrix_from_json(value: object, shape: tuple[int, int] | None = None, name: str = "a matrix") -> Matrix:
    """The matrix that :func:`matrix_to_json` wrote.

    Args:
        value: the JSON.
        shape: what the shape must be; any of at most ``MOST_ENTRIES`` entries unless given.
        name: for messages.

    Raises:
        InputError: if it is of the wrong form.
        ResourceError: if it has more entries than that.
    """
    found = fields(value, ("shape", "entries"), name)
    given = items(found["shape"], f"shape of {name}", 2)
    if len(given) != 2 or any(not isinstance(size, int) or isinstance(size, bool) or size < 0 for size in given):
        raise InputError(f"shape of {name}: expected two sizes; got {shown(given)}")
    rows, columns = given
    if shape is not None and (rows, columns) != shape:
        raise InputError(f"{name} has shape {shown((rows, columns))}; expected {shape} from the names that label it")
    if rows * columns > MOST_ENTRIES:
        raise ResourceError(f"{name} has shape {shown((rows, columns))}; at most {MOST_ENTRIES:,} entries are read")
    entries: dict[tuple[int, int], Fraction] = {}
    denominator = 1
    for entry in items(found["entries"], f"entries of {name}", MOST_ENTRIES):
        if not isinstance(entry, list) or len(entry) != 3 or not all(type(place) is int for place in entry[:2]):
            raise InputError(f"an entry of {name} is {shown(entry)}; expected [row, column, value]")
        place = (entry[0], entry[1])
        if not (0 <= place[0] < rows and 0 <= place[1] < columns) or place in entries:
            wrong = "is given twice" if place in entries else f"lies outside of shape {(rows, columns)}"
            raise InputError(f"the entry {shown(place)} of {name} {wrong}")
        entries[place] = number_from_json(entry[2])
        denominator = math.lcm(denominator, entries[place].denominator)
        if denominator.bit_length() > MOST_BITS:
            raise ResourceError(f"the common denominator of {name} has more than {MOST_BITS} bits")
    return Matrix.from_entries((rows, columns), entries)


def _inline(_name: str, matrix: Matrix) -> Any:
    return matrix_to_json(matrix)


def model_to_json(model: Model, matrix: MatrixWriter = _inline) -> dict[str, Any]:
    """Everything that a model is: vocabulary, matrices, and the rules of decoding.

    Names are kept, because they say what the numbers mean; no verdict depends on them. A model that
    searches is written with its search language.
    ``architecture`` is ``other`` if the layers form none of the families of the theory.

    Args:
        model: any model.
        matrix: writes one matrix; shape and nonzero entries unless given.
    """
    vocabulary = model.vocabulary

    def written(part: object, names: tuple[str, ...], where: str) -> dict[str, Any]:
        return {name: matrix(f"{where}.{name}", getattr(part, name)) for name in names}

    def layer_to_json(layer: Layer, where: str) -> dict[str, Any]:
        if isinstance(layer, Attention):
            return {
                "type": "attention",
                "heads": [
                    {
                        "name": head.name,
                        "features": list(head.features),
                        "reads": list(head.reads),
                        "slope": head.slope,
                        **written(head, _HEAD, f"{where}.heads.{number}"),
                    }
                    for number, head in enumerate(layer.heads)
                ],
            }
        if isinstance(layer, FeedForward):
            return {"type": "feed-forward", "units": list(layer.units), **written(layer, _GATES, where)}
        found = {"type": "recurrence", "state": list(layer.state), **written(layer, _RECURRENCE, where)}
        if isinstance(layer, Selective):
            found |= {"type": "selective recurrence", "units": list(layer.units), **written(layer, _SELECTION, where)}
        elif isinstance(layer, Gated):
            named = {"inner": list(layer.inner), "units": list(layer.units)}
            found |= {"type": "gated recurrence", **named, **written(layer, _MOVING, where)}
        return found

    return {
        "name": model.name,
        "architecture": _architecture(model),
        "vocabulary": {
            "specials": list(vocabulary.specials),
            "low": vocabulary.low,
            "high": vocabulary.high,
        },
        "coordinates": list(model.coordinates),
        "embedding": written(model.embedding, _EMBEDDING, "embedding"),
        "layers": [layer_to_json(layer, f"layers.{index}") for index, layer in enumerate(model.layers)],
        "unembedding": written(model.unembedding, _EMBEDDING[:2], "unembedding"),
        "answers": None if model.answers is None else list(model.answers),
        "search": None if model.search is None else _search_to_json(model.search),
    }


def _architecture(model: Model) -> str:
    try:
        return family(model)
    except ModelError:
        return "other"


def _search_to_json(search: Search) -> dict[str, Any]:
    tokens = {name: getattr(search, name) for name in _SEARCH}
    return {**tokens, "fragments": [list(fragment) for fragment in search.fragments]}


def model_from_json(value: object) -> Model:
    """The model that :func:`model_to_json` wrote, equal entry by entry.

    Args:
        value: the JSON.

    Raises:
        InputError: if something is missing, unknown or of the wrong form.
        ModelError: if the matrices do not fit together.
    """
    reader = _Reader()
    found = fields(value, _KEYS, "the model")
    coordinates = strings(found["coordinates"], "coordinates")
    vocabulary = _vocabulary(found["vocabulary"])
    width, specials = len(coordinates), len(vocabulary.specials)
    shapes = {"polynomial": (width, 3), "special": (width, specials), "position": (width, 2)}
    rows = {"polynomial": (3, width), "special": (specials, width)}
    model = Model(
        name=string(found["name"], "name"),
        vocabulary=vocabulary,
        coordinates=coordinates,
        embedding=Embedding(**reader.matrices(found["embedding"], shapes, "embedding")),
        layers=tuple(
            reader.layer(layer, width, f"layers.{index}")
            for index, layer in enumerate(items(found["layers"], "layers"))
        ),
        unembedding=Unembedding(**reader.matrices(found["unembedding"], rows, "unembedding")),
        answers=None if found["answers"] is None else strings(found["answers"], "answers"),
        search=None if found["search"] is None else _search(found["search"]),
    )
    if found["architecture"] != _architecture(model):
        raise InputError(f"architecture is {shown(found['architecture'])}, but the layers form {_architecture(model)}")
    return model


def _vocabulary(value: object) -> Vocabulary:
    found = fields(value, ("specials", "low", "high"), "vocabulary")
    low, high = integer(found["low"], "vocabulary.low"), integer(found["high"], "vocabulary.high")
    if max(abs(low), abs(high)) >= 2**61:  # so that ids, and their number, fit in 64 bits
        raise InputError(f"the numbers {shown(low)} to {shown(high)} of the vocabulary need more than 61 bits")
    return Vocabulary(strings(found["specials"], "vocabulary.specials"), low, high)


def _search(value: object) -> Search:
    found = fields(value, (*_SEARCH, "fragments"), "search")
    pairs = [strings(pair, "a fragment") for pair in items(found["fragments"], "search.fragments")]
    if any(len(pair) != 2 for pair in pairs):
        raise InputError("search.fragments: expected pairs [token, piece of a regular expression]")
    fragments = tuple((pair[0], pair[1]) for pair in pairs)
    return Search(fragments, **{name: string(found[name], f"search.{name}") for name in _SEARCH})


class _Reader:
    """Reads matrices, and counts their entries over the whole model before any is made."""

    def __init__(self) -> None:
        self._entries = 0

    def matrix(self, name: str, shape: tuple[int, int], value: Any) -> Matrix:
        self._entries += shape[0] * shape[1]
        if self._entries > MOST_ENTRIES:
            raise ResourceError(f"with {name} the matrices have more than {MOST_ENTRIES:,} entries, which is too many")
        return matrix_from_json(value, shape, name)

    def matrices(self, value: object, shapes: Mapping[str, tuple[int, int]], where: str) -> dict[str, Matrix]:
        """An object that holds these matrices and nothing else."""
        found = fields(value, tuple(shapes), where)
        return {name: self.matrix(f"{where}.{name}", shape, found[name]) for name, shape in shapes.items()}

    def layer(self, value: object, width: int, where: str) -> Layer:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind == "attention":
            found = fields(value, ("type", "heads"), where)
            heads = enumerate(items(found["heads"], f"{where}.heads"))
            return Attention(tuple(self.head(head, width, f"{where}.heads.{number}") for number, head in heads))
        if kind == "feed-forward":
            found = fields(value, ("type", "units", *_GATES), where)
            units = strings(found["units"], f"{where}.units")
            inner, outer = (len(units), width), (width, len(units))
            return FeedForward(units, **self.chosen(found, (inner, inner, outer), _GATES, where))
        if kind in ("recurrence", "selective recurrence"):
            more = () if kind == "recurrence" else ("units", *_SELECTION)
            found = fields(value, ("type", "state", *_RECURRENCE, *more), where)
            state = strings(found["state"], f"{where}.state")
            size = len(state)
            shapes = ((size, size), (size, width), (width, size), (width, width))
            parts = self.chosen(found, shapes, _RECURRENCE, where)
            if not more:
                return Recurrence(state, **parts)
            units = strings(found["units"], f"{where}.units")
            moving = ((len(units), width), (len(units), size), (size, len(units)))
            return Selective(state, **parts, units=units, **self.chosen(found, moving, _SELECTION, where))
        if kind == "gated recurrence":
            found = fields(value, ("type", "state", "inner", "units", *_RECURRENCE, *_MOVING), where)
            state, units = strings(found["state"], f"{where}.state"), strings(found["units"], f"{where}.units")
            own = strings(found["inner"], f"{where}.inner")
            expected = gated_shapes(len(state), len(own), len(units), width)
            parts = self.chosen(found, tuple(expected.values()), tuple(expected), where)
            return Gated(state, inner=own, units=units, **parts)
        kinds = "attention, feed-forward, recurrence, selective recurrence or gated recurrence"
        raise InputError(f"{where}: layer type {shown(kind)}; expected {kinds}")

    def head(self, value: object, width: int, where: str) -> Head:
        found = fields(value, ("name", "features", "reads", "slope", *_HEAD), where)
        features, reads = strings(found["features"], f"{where}.features"), strings(found["reads"], f"{where}.reads")
        asked, read = (len(features), width), (len(reads), width)
        return Head(
            name=string(found["name"], f"{where}.name"),
            features=features,
            reads=reads,
            slope=integer(found["slope"], f"{where}.slope"),
            **self.chosen(found, (asked, asked, read, (width, len(reads))), _HEAD, where),
        )

    def chosen(
        self, found: Mapping[str, Any], shapes: tuple[tuple[int, int], ...], names: tuple[str, ...], where: str
    ) -> dict[str, Matrix]:
        """Some of the values of an object, as matrices."""
        pairs = zip(names, shapes, strict=True)
        return {name: self.matrix(f"{where}.{name}", shape, found[name]) for name, shape in pairs}
