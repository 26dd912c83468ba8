"""Any finite automaton by chain of thought: each state that it is in is written, then whether it accepts.

Liu et al., "Transformers learn shortcuts to automata", 2022. ``build`` takes words over a, b whose number of b is
divisible by 3; ``automaton`` of :mod:`constructions.theorems` takes any table.
"""

from constructions.theorems import Construction, automaton


def build() -> Construction:
    """Three states in a circle."""
    delta = {(f"q{i}", letter): f"q{(i + (letter == 'b')) % 3}" for i in range(3) for letter in "ab"}
    return automaton("b-mod-3", delta, "q0", {"q0"})
