"""How many bits a construction needs: measured, with inputs that break one bit less, and proved."""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from proofs_check.precision._least import LeastBits, least_bits

if TYPE_CHECKING:
    from proofs_check.precision._plots import figure

__all__ = ["LeastBits", "figure", "least_bits"]

# The figure needs matplotlib, which takes a while to load.
__getattr__ = names_from(__name__, {"_plots": ["figure"]})
