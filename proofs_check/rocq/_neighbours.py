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
        "separate",
        "equality_rows",
        "equality_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "equality_fails",
        "for every k >= 2, machines with o(n) bits of state fail at equality of two words of n letters of k for every "
        "large n",
        "separate",
        "equality_runs",
        "equality_not_below_n_log_n",
    ),
    LowerBound(
        "LowerNearby",
        "disjointness_states",
        "for all n, the least number of states, after the first, for disjointness of two words of n letters of 2 is "
        "2^n",
        "separate",
        "disjointness_rows",
        "disjointness_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "disjointness_fails",
        "machines with o(n) bits of state fail at disjointness of two words of n letters for every large n",
        "separate",
        "disjointness_runs",
        "disjointness_not_below_n_log_n",
    ),
    LowerBound(
        "LowerNearby",
        "nearest_in_row_states",
        "for all n, the least number of states for nearest neighbour of n points in a row with 2 labels is 2^n",
        "separate",
        "nearest_rows",
        "nearest_not_more",
    ),
    LowerBound(
        "LowerNearby",
        "nearest_states",
        "for all n, nearest neighbour of n points of the grid of n by n with 2 labels needs 2^n states at least",
        "separate",
        "nearest_runs",
        "nearest_not_always_more",
    ),
    LowerBound(
        "LowerNearby",
        "nearest_fails",
        "machines with o(n) bits of state fail at nearest neighbour of n points of the grid of n by n with 2 labels "
        "for every large n",
        "separate",
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

UPPER, INSTANCES = "StatementsNearby", "SanityNearby"
"""The file with the statements of the upper halves, and the one with instances and refuted variants."""

NEARBY: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "SolvesCopying",
        "copying_solved",
        "for c = 1, 2, 3, at every size n >= 1 and every word of at most n tokens 1 .. n in which no gram of c letters "
        "repeats: transformer/copying writes the word and a full stop",
        "copying",
        ("transformer/copying",),
    ),
    (
        "SolvesTwoWords",
        "equality_solved",
        "at every size n, for all two words over 2 letters, of one length L with 2 L + 1 <= n: transformer/equality "
        "writes yes if they are the same, else no",
        "separate",
        ("transformer/equality",),
    ),
    (
        "SolvesTwoWords",
        "disjointness_solved",
        "at every size n, for all two words over a and b, of one length L with 2 L + 1 <= n: transformer/disjointness "
        "writes yes if there is no place where both have b, else no",
        "separate",
        ("transformer/disjointness",),
    ),
    (
        "SolvesMqar",
        "mqar_solved",
        "at every size n, every sequence of at most n tokens 1 .. n and every three tokens 1 .. n: hybrid/mqar writes "
        "for each of them what follows its latest occurrence that something follows, NONE if there is none, and then a "
        "full stop",
        "mqar",
        ("hybrid/mqar",),
    ),
    (
        "SolvesNearest",
        "nearest_solved",
        "at every size n, all labelled points, at least one and at most n, and any query, with coordinates 1 .. n: "
        "transformer/nearest-neighbour writes the label of the last point that no other is nearer than",
        "separate",
        ("transformer/nearest-neighbour",),
    ),
)
"""By theorem: its file in Coq, its name there, what it says, the neighbour, and whose weights it is about."""

SOLVED = tuple(dict.fromkeys(name for *_, names in NEARBY for name in names))
"""The neighbours' constructions of which a theorem says that they solve their task; their weights are shipped."""
