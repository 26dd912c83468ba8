"""What Coq proves for all sizes about the neighbours, theorems of other papers: names, and what they say in words."""

from proofs_check.rocq._lower import LowerBound

STATEMENTS, SANITY = "StatementsNearbyLower", "SanityNearbyLower"
"""The file with all that must be believed of the lower halves, and the one that shows that they say something."""

NEARBY_LOWER: tuple[LowerBound, ...] = (
    LowerBound(
        "LowerNearby",
        "copying_states",
        "for all n and k, the least number of states for copying all words of n letters of k is k^n, whatever is "
        "written before the copy",
        "copying",
        "copying_runs",
        "copying_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "copying_fails",
        "for every k >= 2, machines with o(n) bits of state fail at copying words of n letters of k for every large n",
        "copying",
        "copying_after_thought",
        "copying_not_below_n_log_n",
    ),
    LowerBound(
        "LowerNearby",
        "copying_share",
        "for all n, k and S, a machine with S states copies at most S of the k^n words of n letters of k",
        "copying",
        "one_of_four",
        "share_of_different_words",
    ),
    LowerBound(
        "LowerNearby",
        "copying_share_attained",
        "for all n, k and 1 <= S <= k^n, some machine with S states copies S of the words of n letters of k",
        "copying",
        "one_of_four",
        "share_not_beyond_all",
    ),
    LowerBound(
        "LowerNearby",
        "equality_states",
        "for all n and k, the least number of states, after the first, for equality of two words of n letters of k is "
        "k^n",
        "separations",
        "equality_rows",
        "equality_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "equality_fails",
        "for every k >= 2, machines with o(n) bits of state fail at equality of two words of n letters of k for every "
        "large n",
        "separations",
        "equality_runs",
        "equality_not_below_n_log_n",
    ),
    LowerBound(
        "LowerNearby",
        "disjointness_states",
        "for all n, the least number of states, after the first, for disjointness of two words of n letters of 2 is "
        "2^n",
        "separations",
        "disjointness_rows",
        "disjointness_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "disjointness_fails",
        "machines with o(n) bits of state fail at disjointness of two words of n letters for every large n",
        "separations",
        "disjointness_runs",
        "disjointness_not_below_n_log_n",
    ),
    LowerBound(
        "LowerNearby",
        "nearest_in_row_states",
        "for all n, the least number of states for nearest neighbour of n points in a row with 2 labels is 2^n",
        "separations",
        "nearest_rows",
        "nearest_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "nearest_states",
        "for all n, nearest neighbour of n points of the grid of n by n with 2 labels needs 2^n states at least",
        "separations",
        "nearest_runs",
        "nearest_not_always_more",
    ),
    LowerBound(
        "LowerNearby",
        "nearest_fails",
        "machines with o(n) bits of state fail at nearest neighbour of n points of the grid of n by n with 2 labels "
        "for every large n",
        "separations",
        "nearest_runs",
        "nearest_not_below_cube",
    ),
    LowerBound(
        "LowerNearby",
        "mqar_states",
        "for all n and r >= 1, the least number of states for r look-ups one after the other about n keys, each with "
        "one of two values, is 2^n, whatever is written before the answers",
        "mqar",
        "mqar_runs",
        "mqar_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "mqar_fails",
        "for every r >= 1, machines with o(n) bits of state fail at r look-ups about n keys with two values for every "
        "large n",
        "mqar",
        "mqar_of_values",
        "mqar_not_below_n_log_n",
    ),
)
"""In the order of the statements."""
