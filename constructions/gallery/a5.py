"""The word problem of A5 by chain of thought: is a product of even permutations of five things the identity?

A5 is the smallest group that cannot be solved, so its word problem is complete for NC1 (Barrington, 1989). Generators
are the cycle d of three things and the cycle c of five; the states are all 60.
"""

from itertools import permutations

from constructions.theorems import Construction, automaton

GENERATORS = {"d": (1, 2, 0, 3, 4), "c": (1, 2, 3, 4, 0)}


def build() -> Construction:
    """An automaton whose state is the product so far; p12034 is the permutation that sends 0 to 1, 1 to 2, 2 to 0."""
    even = [p for p in permutations(range(5)) if sum(p[i] > p[j] for j in range(5) for i in range(j)) % 2 == 0]
    word = {p: "p" + "".join(map(str, p)) for p in even}
    moves = {(word[p], a): word[tuple(p[g] for g in move)] for p in word for a, move in GENERATORS.items()}
    return automaton("a5", moves, "p01234", {"p01234"})
