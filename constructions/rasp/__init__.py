"""RASP on the wiring: select, aggregate, selector_width, shift and tables, exact for all n or refused with a reason.

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021. What is computed at a position sees the positions up to
there (causal attention), and the number of heads and coordinates does not depend on n. So some programs of the paper
cannot be: see docs/rasp.md.
"""

from constructions.rasp._program import Program
from constructions.rasp._selector import Selector

__all__ = ["Program", "Selector"]
