"""The word problem of S5 by chain of thought: is a product of permutations of five things the identity?

Complete for NC1 (Barrington, 1989), so fixed depth without chain of thought is not expected to do (Merrill and
Sabharwal, "The parallelism tradeoff", 2023). Generators are a transposition t and the cycle c; the states are all 120.
"""

from itertools import permutations

from constructions.theorems import Construction, automaton

GENERATORS = {"t": (1, 0, 2, 3, 4), "c": (1, 2, 3, 4, 0)}


def build() -> Construction:
    """An automaton whose state is the product so far; p02341 is the permutation that sends 0 to 0, 1 to 2, ..."""
    word = {p: "p" + "".join(map(str, p)) for p in permutations(range(5))}
    moves = {(word[p], a): word[tuple(p[g] for g in move)] for p in word for a, move in GENERATORS.items()}
    return automaton("s5", moves, "p01234", {"p01234"})
