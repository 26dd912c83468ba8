"""Theorems about trees and Turing machines, whose statements are in ``theories/StatementsMachines.v``."""

from constructions.errors import InputError
from constructions.machines import Machine
from constructions.wiring import Blueprint
from proofs_check.rocq._export import module_name
from proofs_check.rocq._sources import Source

STATEMENTS, SANITY = "StatementsMachines", "SanityMachines"
"""The file with all that must be believed, and the one that shows that its statements say something."""

_STEPS = "inputs that fit, cells -s .. s and numbers of steps T up to n + 1, what is decoded are the T steps"
_ENDS = "and how the machine ends if it does: HALT, UNDEFINED or SPACE, at most 2 T + 1 tokens"

_MACHINE = (
    "for every Turing machine that does not begin halted, whose blank is symbol 0 and whose head moves by at most one "
    "cell"
)

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
        "SolvesHybridIsTree",
        "hybrid_istree",
        "for all n and all simple graphs on nodes 1 .. n that have an edge and no isolated node, hybrid/istree writes "
        "at most 9 n - 4 tokens, the last of them YES exactly if the graph is a tree; NO alone where there are n edges "
        "or more, else the pointers of all edges and then a walk whose nodes are each confirmed; for a tree, it is "
        "closed and takes each edge once in each direction",
        "5.6",
        ("hybrid/istree",),
    ),
    (
        "TreePaths",
        "tree_definitions",
        "for every simple graph that has an edge and no isolated node, these say the same: connected and without a "
        "cycle; connected with one edge less than nodes; connected, and not without any of its edges; one path "
        "without repetition between any two nodes",
        "4.7",
        (),
    ),
    (
        "SolvesTransformerTuring",
        "transformer_turing_simulates",
        f"{_MACHINE}, with the weights of a Transformer that are a function of it, all n and s, {_STEPS} {_ENDS}",
        "5.7",
        (),
    ),
    (
        "SolvesHybridTuring",
        "hybrid_turing_simulates",
        f"{_MACHINE}, with the weights of a hybrid that are a function of it, all n and s, {_STEPS} {_ENDS}",
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
    (
        "SolvesRnnTuring",
        "exported_rnn_turing",
        "for all n, all inputs of at most 12 symbols and up to n + 1 configurations, rnn/turing writes the "
        "configurations of the busy beaver with 4 states on 12 cells, at most 13 tokens for each, and how it ends if "
        "it does: HALT, UNDEFINED or OVER",
        "4.1",
        ("rnn/turing",),
    ),
)
"""By theorem: its file in Coq, its name there, what it says, the paper's theorem, and whose weights it is about."""

_FAMILIES = {
    "transformer": ("SolvesTransformerTuring", "transformer_turing"),
    "hybrid": ("SolvesHybridTuring", "hybrid_turing"),
}

_HEADER = """From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import {library}.
From RetrievalGap.Generated Require Import {printed}.
Import ListNotations.
Local Open Scope nat_scope.
Definition simulated_machine : machine := listed_machine {listed}.
"""

_BY_FUNCTION = """Theorem simulated : simulates simulated_machine blueprint at_size.
Proof.
  assert (blueprint = {function} simulated_machine) as E by (vm_compute; reflexivity). rewrite E.
  refine ({function}_simulates simulated_machine (fits_well_formed _ _ _ _ _ _)). reflexivity.
Qed.
"""

_BY_CHECK = """Theorem simulated : writes_configurations simulated_machine {cells} blueprint at_size.
Proof.
  eapply (window_simulates simulated_machine {cells} blueprint wiring at_size);
    [lia|apply fits_well_formed; reflexivity|vm_compute; reflexivity|exact next_as|reflexivity|reflexivity|reflexivity|
    |reflexivity|reflexivity|vm_compute; reflexivity].
  intros n. unfold blueprint. cbn [context]. unfold peval, peval_mono, at_size. cbn [fold_right fst snd power]. ring.
Qed.
"""


def agreement(blueprint: Blueprint, machine: Machine, cells: int | None = None) -> Source:
    """A Coq file that proves of the weights of ``*/turing`` that they simulate a machine.

    transformer/turing and hybrid/turing: that they are those of the function of the machine. Coq refuses the file where
    two features of the machine have the same values everywhere: the compiler keeps one of them, the function both.
    rnn/turing: that its network follows the rule of the window, by a check that Coq computes.

    Args:
        blueprint: the weights, under a name that begins with the construction's family and a slash.
        machine: what is simulated.
        cells: of rnn/turing, how many cells there are.

    Raises:
        InputError: if the family is another, the blank is not the first symbol, or cells are missing.
    """
    family = blueprint.name.partition("/")[0]
    if family not in (*_FAMILIES, "rnn"):
        raise InputError(f"{blueprint.name}: expected a construction of a family of {', '.join(_FAMILIES)}, rnn")
    if machine.blank != 0:
        raise InputError(f"the blank of {machine.name} is symbol {machine.blank}, expected symbol 0")
    if family == "rnn" and cells is None:
        raise InputError(f"{blueprint.name}: expected the number of its cells, got none")
    name = module_name(blueprint.name)
    entries = "; ".join(
        f"({state}, {symbol}, ({entry.write}, ({entry.move})%Z, {entry.state}))"
        for (state, symbol), entry in sorted(machine.table.items())
    )
    listed = (
        f"{len(machine.states)} {len(machine.symbols)} {machine.start} "
        f"[{'; '.join(map(str, sorted(machine.halting)))}] [{entries}]"
    )
    if family == "rnn":
        library, files = "NetTop WindowNetworks", f"Gen_{name} Wire_{name}"
        proof = _BY_CHECK.format(cells=cells)
    else:
        library, function = _FAMILIES[family]
        files, proof = f"Gen_{name}", _BY_FUNCTION.format(function=function)
    header = _HEADER.format(library=f"Model {library} StatementsMachines ListedMachines", printed=files, listed=listed)
    return Source("generated", f"Agrees_{name}", header + proof)
