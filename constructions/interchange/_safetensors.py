"""Models as ``.safetensors``, with a JSON file beside it that is exact.

The tensors are what other tools want: every matrix, and the tables with a row per token, in one type of numbers,
rounded where that type cannot hold an entry. The JSON side-car holds the model exactly, with the names of all
coordinates and the vocabulary, and the SHA-256 of the tensors' file. Reading takes the model from the side-car and
compares every tensor with it, bit by bit.
"""

import hashlib
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.errors import InputError, ResourceError
from constructions.interchange._document import Carrier, document_of, read_document, require_same, require_table
from constructions.interchange._reading import LARGEST_FILE, shown
from constructions.interchange._require import require
from constructions.interchange._tables import checked_tables, matrices_of
from constructions.interchange._types import LARGEST_INTEGER, NumberType, number_type
from constructions.numerics import Matrix

_CARRIER = Carrier("retrieval-gap safetensors side-car", 1, "the side-car", ("type", "exact", "sha256"))


class TensorFile(NamedTuple):
    """The contents of the two files."""

    tensors: bytes
    side_car: bytes


def safetensors_bytes(model: Model, type_name: NumberType = "float64") -> TensorFile:
    """The tensors of a model, and the side-car that explains them; equal models give equal bytes.

    Args:
        model: any model.
        type_name: of all tensors. ``exact`` in the side-car says whether no entry had to be rounded.

    Raises:
        InputError: if int64 is asked for and an entry is no such integer, an entry is beyond the largest float, or
            the package safetensors is missing.
        ResourceError: if the tables would not fit into a file that is read.
    """
    arrays, exact = _arrays(model, type_name)
    total = sum(array.nbytes for array in arrays.values())
    if total + 2**20 > LARGEST_FILE:
        raise ResourceError(f"{model.name}: the tensors take {total:,} bytes; files up to {LARGEST_FILE:,} are read")
    tensors: bytes = require("safetensors.numpy").save(arrays, metadata={"format": _CARRIER.format})
    digest = hashlib.sha256(tensors).hexdigest()
    side_car = document_of(model, _CARRIER, type=type_name, exact=exact, sha256=digest)
    return TensorFile(tensors, (side_car + "\n").encode())


def model_from_safetensors(tensors: bytes, side_car: bytes) -> Model:
    """The model that :func:`safetensors_bytes` wrote, equal entry by entry.

    Raises:
        InputError: if one of the two is anything else, or they do not belong together.
    """
    model, document = read_document(side_car, _CARRIER)
    if document["sha256"] != hashlib.sha256(tensors).hexdigest():
        raise InputError("the tensors are not those of the side-car: their SHA-256 differs")
    number_type(document["type"])
    stored = _loaded(tensors)
    shapes = {name: tensor.shape for name, tensor in stored.items()}
    require_table(model, shapes, "tensor ", "embedding.table", "unembedding.table")
    arrays, exact = _arrays(model, document["type"])
    if document["exact"] is not exact:
        raise InputError(f"the side-car says exact: {shown(document['exact'])}; for these entries it is {exact}")
    found, again = (
        {name: (array.dtype, array.shape, array.tobytes()) for name, array in some.items()} for some in (stored, arrays)
    )
    require_same(found, again, "tensor", f"the side-car's exact values give in {document['type']}")
    return model


def _loaded(tensors: bytes) -> dict[str, NDArray[Any]]:
    library, numpy_part = require("safetensors"), require("safetensors.numpy")
    try:
        loaded: dict[str, NDArray[Any]] = numpy_part.load(tensors)
    except (library.SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"no file in the form of .safetensors, or a damaged one: {str(error)[:200]}") from error
    return loaded


def _arrays(model: Model, type_name: NumberType) -> tuple[dict[str, NDArray[Any]], bool]:
    """Every tensor, and whether all are exact."""
    found = {name: in_type(name, matrix, type_name) for name, matrix in matrices_of(model).items()}
    found |= {name: in_type(name, table, type_name) for name, table in checked_tables(model).items()}
    return {name: array for name, (array, _) in found.items()}, all(exact for _, exact in found.values())


def in_type(name: str, matrix: Matrix, type_name: NumberType) -> tuple[NDArray[Any], bool]:
    """A matrix in a type of numbers, each entry rounded once, to nearest; and whether nothing was rounded.

    Raises:
        InputError: if an entry is beyond the largest number of the type, or int64 cannot hold it.
    """
    dtype = number_type(type_name)
    limit = LARGEST_INTEGER[type_name]
    if matrix.denominator == 1 and matrix.largest <= limit:  # such integers are exact in the type
        return np.ascontiguousarray(matrix.numerators.astype(dtype)), True
    if type_name == "int64":
        worst = next(value for _, _, value in matrix.entries() if value.denominator > 1 or abs(value) > limit)
        raise InputError(f"{name} holds {shown(str(worst))}, which is no integer of 64 bits; take float64, or npz")
    array = np.zeros(matrix.shape, dtype=dtype)
    exact = True
    for row, column, value in matrix.entries():
        array[row, column] = rounded = _nearest(name, value, type_name)
        exact = exact and Fraction(rounded) == value
    return array, exact


def _nearest(name: str, value: Fraction, type_name: NumberType) -> float:
    """The nearest number of the type, ties to even: a fraction becomes a float64 so, and a float32 by its own rule.

    Rounding to float64 first and then to float32 would round twice; so float32 is rounded as an integer multiple of
    its last place.
    """
    try:
        if type_name == "float64":
            return value.numerator / value.denominator
        size = abs(value.numerator).bit_length() - value.denominator.bit_length()  # 2^(size-1) < |value| < 2^(size+1)
        place = size - 1 if abs(value) < Fraction(2) ** size else size
        last = Fraction(2) ** (max(place, -126) - 23)
        nearest = round(value / last) * last
        if abs(nearest) >= 2**128:
            raise OverflowError
        return float(nearest)
    except OverflowError as error:
        raise InputError(f"{name} holds {shown(str(value))}, which is beyond {type_name}; npz holds it") from error
