"""The matrices of a model as a flat list of named arrays, and the tables that follow from them."""

from constructions.architectures import Model
from constructions.errors import InputError, ResourceError
from constructions.interchange._models import model_to_json
from constructions.interchange._reading import MOST_BITS, MOST_ENTRIES
from constructions.numerics import Matrix


def matrices_of(model: Model) -> dict[str, Matrix]:
    """Every matrix by its name, such as ``embedding.special`` or ``layers.0.heads.1.query``."""
    found: dict[str, Matrix] = {}

    def keep(name: str, matrix: Matrix) -> None:
        found[name] = writable(name, matrix)

    model_to_json(model, keep)
    return found


def checked_tables(model: Model) -> dict[str, Matrix]:
    """Embedding and unembedding with a row per token.

    Raises:
        ResourceError: if they have more entries than files may have that are read.
    """
    tokens, width = len(model.vocabulary), len(model.coordinates)
    if tokens * width > MOST_ENTRIES:
        raise ResourceError(
            f"{model.name}: {tokens:,} tokens with {width} coordinates make tables of {tokens * width:,} entries; at "
            f"most {MOST_ENTRIES:,} are written"
        )
    return {"embedding.table": model.token_table, "unembedding.table": model.unembedding_table}


def same_model(one: Model, other: Model) -> bool:
    """Whether two models are equal in every name and every entry of every matrix.

    >>> from constructions.theorems import construction
    >>> index = construction("transformer/index")
    >>> same_model(index.at(3), index.at(3)), same_model(index.at(3), index.at(4))
    (True, False)
    """
    return one.context == other.context and model_to_json(one) == model_to_json(other)


def writable(name: str, matrix: Matrix) -> Matrix:
    """The matrix, if its numbers are short enough to be read again."""
    if max(matrix.largest, matrix.denominator).bit_length() > MOST_BITS:
        raise InputError(f"{name} holds a number of more than {MOST_BITS} bits, more than files may hold")
    return matrix
