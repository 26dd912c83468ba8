"""Parity by chain of thought: is the number of b odd?

Without a chain of thought, exact parity by attention needs weights whose gaps shrink (Hahn, "Theoretical limitations of
self-attention", 2020); one token for each letter makes it an automaton with two states.
"""

from constructions.theorems import Construction, automaton


def build() -> Construction:
    """The two states change places with every b."""
    delta = {("even", "a"): "even", ("even", "b"): "odd", ("odd", "a"): "odd", ("odd", "b"): "even"}
    return automaton("parity", delta, "even", {"odd"})
