"""Hand-wired neural networks, as exact matrices, that do what theorems say such networks can do.

>>> import constructions
>>> model = constructions.construction("transformer/associative-recall").at(5)
>>> constructions.decode(model, "<s> 3 1 4 1 5 ? 4".split()).answer
'1'
"""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from constructions.errors import ContractError, InputError, ModelError, ResourceError, RetrievalGapError

if TYPE_CHECKING:
    from constructions.engine import Transcript, decode
    from constructions.theorems import CONSTRUCTIONS, Claim, Construction, Theorem, construction

__all__ = [
    "CONSTRUCTIONS",
    "Claim",
    "Construction",
    "ContractError",
    "InputError",
    "ModelError",
    "ResourceError",
    "RetrievalGapError",
    "Theorem",
    "Transcript",
    "construction",
    "decode",
]

# So that a part of the package is imported without all the others.
__getattr__ = names_from(
    __name__,
    {
        "engine": ["Transcript", "decode"],
        "theorems": ["CONSTRUCTIONS", "Claim", "Construction", "Theorem", "construction"],
    },
)
