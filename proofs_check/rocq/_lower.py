"""The lower halves of theorems 4.6 and 4.7 that Coq proves for all sizes: names, and what they say in words.

A *machine* below is any machine that reads the prefix once, then the query, and then writes tokens, reading each of
them back, until one is an answer. Its states may be any set, its rules may depend on the position, and its chain of
thought is not bounded. What is counted is the states in which it can be after the prefix.
"""

from dataclasses import dataclass

STATEMENTS, SANITY = "StatementsLower", "SanityLower"
"""The file with all that must be believed, and the one that shows that its statements say something."""


@dataclass(frozen=True)
class LowerBound:
    """A theorem about the states that machines need; ``module.lemma`` proves ``statement_lemma``.

    Args:
        module: the file in which it stands, without its ending.
        lemma: its name in that file.
        statement: what it says, in words, alphabet and assumptions included.
        number: of the theorem of the paper of which it is a part, or the neighbour's name.
        instance: an instance that Coq computes, in the file of instances, for these :data:`SANITY`.
        refuted: a variant of the statement, one thing changed, that Coq refutes there.
    """

    module: str
    lemma: str
    statement: str
    number: str
    instance: str
    refuted: str


LOWER: tuple[LowerBound, ...] = (
    LowerBound(
        "LowerIndex",
        "index_states",
        "for all n and k, the least number of states for Index on n tokens of k is k^n",
        "4.6",
        "index_rows",
        "index_not_more",
    ),
    LowerBound(
        "LowerIndex",
        "index_fails",
        "for every k >= 2, machines with o(n) bits of state fail at Index on n tokens of k for every large n",
        "4.6",
        "index_runs",
        "index_not_below_n_log_n",
    ),
    LowerBound(
        "LowerRecall",
        "recall_states",
        "for all n, the least number of states for associative recall on n different tokens of k = n, total, is n!",
        "4.6",
        "recall_rows",
        "recall_not_more",
    ),
    LowerBound(
        "LowerRecall",
        "recall_fails",
        "machines with o(n log n) bits of state fail at associative recall on n different tokens of k = n, total, "
        "for every large n",
        "4.6",
        "recall_runs",
        "recall_not_below_cube",
    ),
    LowerBound(
        "Exact",
        "recall_promise_states",
        "for all n >= 1, the least number of states for associative recall on n different tokens of k = n, promise, "
        "is (n-1)!",
        "4.6",
        "round_answers",
        "promise_needs_fewer",
    ),
    LowerBound(
        "LowerRecall",
        "recall_promise_fails",
        "machines with o(n log n) bits of state fail at associative recall on n different tokens of k = n, promise, "
        "for every large n",
        "4.6",
        "promise_is_kept",
        "recall_promise_not_below_cube",
    ),
    LowerBound(
        "LowerRecall",
        "c_gram_states",
        "for all 2 <= c <= n and all k, the least number of states for c-gram retrieval on n different tokens of k, "
        "total, is k(k-1)...(k-n+1)",
        "4.6",
        "c_gram_rows",
        "c_gram_not_short",
    ),
    LowerBound(
        "LowerRecall",
        "c_gram_own_states",
        "for all 2 <= c <= n, the least number of states for c-gram retrieval on n different tokens of k = n, total, "
        "is n!",
        "4.6",
        "c_gram_own_rows",
        "c_gram_not_short",
    ),
    LowerBound(
        "LowerRecall",
        "c_gram_fails",
        "for every c >= 2, machines with o(n log n) bits of state fail at c-gram retrieval on n different tokens of "
        "k = n, total, for every large n",
        "4.6",
        "c_gram_rows",
        "c_gram_not_below_cube",
    ),
    LowerBound(
        "LowerRecall",
        "c_gram_promise_states",
        "for all 2 <= c <= n and all k, c-gram retrieval on n different tokens of k, promise, needs (k-m)...(k-n+1) "
        "states at least, m = c - 1; for k = n that is (n-m)!",
        "4.6",
        "promise_is_kept",
        "c_gram_promise_needs_fewer",
    ),
    LowerBound(
        "LowerRecall",
        "c_gram_promise_fails",
        "for every c >= 2, machines with o(n log n) bits of state fail at c-gram retrieval on n different tokens of "
        "k = n, promise, for every large n",
        "4.6",
        "promise_is_kept",
        "c_gram_promise_not_below_cube",
    ),
    LowerBound(
        "FixedAlphabet",
        "c_gram_constant",
        "for all n, k and c, (k+1)^(k^(c-1)) states are enough for c-gram retrieval on any n tokens of k, total; for "
        "associative recall c = 2",
        "4.6",
        "constant_rows",
        "constant_not_less",
    ),
    LowerBound(
        "FixedAlphabet",
        "c_gram_does_not_fail",
        "over a fixed alphabet, for all k and c, some machines with o(n) bits of state solve c-gram retrieval on n "
        "tokens of k, total: the lower bound takes an alphabet that grows",
        "4.6",
        "constant_rows",
        "growing_alphabets_fail",
    ),
    LowerBound(
        "LowerCounting",
        "counting_states",
        "for all n and k >= 1, the least number of states for Counting on n tokens of k is C(n+k-1, k-1)",
        "4.6",
        "counting_rows_two",
        "counting_needs_a_letter",
    ),
    LowerBound(
        "LowerCounting",
        "counting_own_states",
        "for all n >= 1, the least number of states for Counting on n tokens of k = n is C(2n-1, n)",
        "4.6",
        "counting_rows",
        "counting_not_more",
    ),
    LowerBound(
        "LowerCounting",
        "counting_fails",
        "machines with o(n) bits of state fail at Counting on n tokens of k = n for every large n",
        "4.6",
        "counting_runs",
        "counting_not_below_square",
    ),
    LowerBound(
        "Exact",
        "least_is_rows",
        "where all prefixes have one length and the same queries are legal after all of them, the least number of "
        "states is the number of different rows of answers",
        "4.6",
        "istree_rows",
        "rows_not_under_promise",
    ),
    LowerBound(
        "Machines",
        "fail_below_linear",
        "where machines with o(n log n) bits of state fail, machines with o(n) bits fail",
        "4.6",
        "a_constant_is_o_of_n",
        "not_the_converse",
    ),
    LowerBound(
        "Trees",
        "tree_decides",
        "for all n >= 1 and all lists of edges between n nodes, n - 1 edges and one label for all nodes mean exactly: "
        "connected, and no edge closes a cycle",
        "4.7",
        "a_triangle",
        "tree_not_anywhere",
    ),
    LowerBound(
        "ExactIsTree",
        "istree_at_states",
        "for all n >= 2 and m, the least number of states for IsTree on n nodes, a repeated edge means NO, for "
        "prefixes of m edges alone, is the number of partitions of n elements into n - m blocks, and 1 more if m >= 2",
        "4.7",
        "istree_at_rows",
        "istree_at_not_more",
    ),
    LowerBound(
        "LowerIsTree",
        "istree_power_states",
        "for all q <= n, IsTree on n nodes, a repeated edge means NO, needs q^(n-q) states at least, for prefixes of "
        "n - q edges alone",
        "4.7",
        "two_parts",
        "istree_power_not_more",
    ),
    LowerBound(
        "LowerIsTree",
        "istree_fails",
        "machines with o(n log n) bits of state fail at IsTree on n nodes, a repeated edge means NO, for every large n",
        "4.7",
        "graph_machine_runs",
        "istree_not_below_cube",
    ),
    LowerBound(
        "ExactIsTree",
        "istree_states",
        "for all n >= 2, the least number of states for IsTree on n nodes, a repeated edge means NO, is Bell(n) + 1, "
        "among machines whose rules do not depend on the position",
        "4.7",
        "istree_rows",
        "istree_not_with_positions",
    ),
    LowerBound(
        "PromiseIsTree",
        "istree_promise_states",
        "for all n >= 2q + 1, IsTree on simple graphs with n nodes, none of them isolated, needs q^(n-1-2q) states at "
        "least",
        "4.7",
        "promise_has_trees",
        "istree_promise_not_bell",
    ),
    LowerBound(
        "PromiseIsTree",
        "istree_promise_fails",
        "machines with o(n log n) bits of state fail at IsTree on simple graphs with n nodes, none of them isolated, "
        "for every large n",
        "4.7",
        "promise_has_others",
        "istree_promise_not_below_cube",
    ),
)
"""In the order of the statements: retrieval first, then trees."""
