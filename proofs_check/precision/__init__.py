"""How many bits a construction needs: measured, with inputs that break one bit less, and proved."""

import importlib
from typing import TYPE_CHECKING, Any

from proofs_check.precision._least import LeastBits, least_bits

if TYPE_CHECKING:
    from proofs_check.precision._plots import figure

__all__ = ["LeastBits", "figure", "least_bits"]


def __getattr__(name: str) -> Any:
    """The figure needs matplotlib, which takes a while to load."""
    if name != "figure":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}._plots").figure
