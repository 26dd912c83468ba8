"""Hand-wired neural networks, as exact matrices, that do what theorems say such networks can do.

>>> import constructions
>>> model = constructions.construction("transformer/associative-recall").at(5)
>>> constructions.decode(model, "<s> 3 1 4 1 5 ? 4").answer
'1'
"""

from typing import TYPE_CHECKING, Any

from constructions._lazy import names_from
from constructions.errors import (
    AssumptionError,
    ContractError,
    InputError,
    ModelError,
    ResourceError,
    RetrievalGapError,
)

if TYPE_CHECKING:
    from constructions.engine import Transcript, decode
    from constructions.theorems import CONSTRUCTIONS, Claim, Construction, Theorem, construction

__all__ = [
    "CONSTRUCTIONS",
    "AssumptionError",
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
_load = names_from(
    __name__,
    {
        "engine": ["Transcript", "decode"],
        "theorems": ["CONSTRUCTIONS", "Claim", "Construction", "Theorem", "construction"],
    },
)


def __getattr__(name: str) -> Any:
    if name != "__version__":
        return _load(name)
    from importlib import metadata

    try:
        return metadata.version("retrieval-gap")
    except metadata.PackageNotFoundError:
        return "unknown"  # a checkout that nobody installed
