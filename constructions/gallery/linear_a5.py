"""The word problem of A5 by a linear RNN: is a product of even permutations of five things the identity?

A5 is the smallest group that cannot be solved, so its word problem is complete for NC1 as well (Barrington, 1989).
"""

from constructions.gallery.linear_s5 import word_problem
from constructions.theorems import Construction


def build() -> Construction:
    """A cycle of three and one of five make all of A5."""
    return word_problem("a5", {"d": (1, 2, 0, 3, 4), "c": (1, 2, 3, 4, 0)})
