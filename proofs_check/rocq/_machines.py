"""Theorems about trees and Turing machines, whose statements are in ``theories/StatementsMachines.v``."""

STATEMENTS, SANITY = "StatementsMachines", "SanityMachines"
"""The file with all that must be believed, and the one that shows that its statements say something."""

_STEPS = "inputs that fit, cells -s .. s and numbers of steps T up to n + 1, what is decoded are the T steps"
_ENDS = "and how the machine ends if it does: HALT, UNDEFINED or SPACE, at most 2 T + 1 tokens"

MACHINES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "SolvesIsTree",
        "istree",
        "for all n and all simple graphs on nodes 1 .. n that have an edge and no isolated node, transformer/istree "
        "writes nodes and then YES exactly if the graph is a tree (connected, without a cycle), at most two tokens for "
        "each node; for a tree, the nodes are a closed walk that takes each edge once in each direction",
        "4.7",
        ("transformer/istree",),
    ),
    (
        "SolvesTransformerTuring",
        "transformer_turing_simulates",
        f"for every Turing machine whose head moves by at most one cell, with the weights of a Transformer that are a "
        f"function of it, all n and s, {_STEPS} {_ENDS}",
        "5.7",
        (),
    ),
    (
        "SolvesHybridTuring",
        "hybrid_turing_simulates",
        f"for every Turing machine whose head moves by at most one cell, with the weights of a hybrid that are a "
        f"function of it, all n and s, {_STEPS} {_ENDS}",
        "5.7",
        (),
    ),
    (
        "SolvesExportedTuring",
        "exported_turing",
        f"the weights of transformer/turing are those of the function, for the busy beaver with 4 states; so for all n "
        f"and s, {_STEPS} {_ENDS}",
        "5.7",
        ("transformer/turing",),
    ),
    (
        "SolvesExportedTuring",
        "exported_hybrid_turing",
        f"the weights of hybrid/turing are those of the function, for the busy beaver with 4 states; so for all n and "
        f"s, {_STEPS} {_ENDS}",
        "5.7",
        ("hybrid/turing",),
    ),
)
"""By theorem: its file in Coq, its name there, what it says, the paper's theorem, and whose weights it is about."""
