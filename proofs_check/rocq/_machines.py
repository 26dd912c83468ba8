"""Theorems about trees and Turing machines: ``StatementsMachines.v`` and ``StatementsRegisters.v``."""

from constructions.errors import InputError
from constructions.machines import Machine
from constructions.wiring import Blueprint
from proofs_check.rocq._export import module_name
from proofs_check.rocq._sources import Source

STATEMENTS, SANITY = ("StatementsMachines", "StatementsRegisters"), ("SanityMachines", "SanityRegisters")
"""The files with all that must be believed, and those that show that their statements say something."""

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
        "SolvesRnnTuring",
        "rnn_turing_simulates",
        f"{_MACHINE}, and every number of cells S >= 1, with the weights of a recurrent network that are a function of "
        "both, all n, inputs of at most S symbols and numbers of configurations T up to n + 1, what is decoded are the "
        "T configurations, and how the machine ends if it does: HALT, UNDEFINED or OVER, at most (S + 1) T tokens",
        "4.1",
        (),
    ),
    (
        "SolvesRetrievalTuring",
        "retrieval_turing_simulates",
        f"{_MACHINE}, with the weights and searches of a recurrent network that are a function of it, all n and s, "
        f"{_STEPS}, with what each search finds, and how the machine ends if it does, at most 8 T + 1 tokens",
        "5.4",
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
        "SolvesExportedTuring",
        "exported_rnn_turing",
        "the weights of rnn/turing are those of the function, for the busy beaver with 4 states on 12 cells; so for "
        "all n, all inputs of at most 12 symbols and up to n + 1 configurations, it writes the configurations, at "
        "most 13 tokens for each, and how the machine ends if it does: HALT, UNDEFINED or OVER",
        "4.1",
        ("rnn/turing",),
    ),
)
"""By theorem: its file in Coq, its name there, what it says, the paper's theorem, and whose weights it is about."""

_FAMILIES = {
    "transformer": ("SolvesTransformerTuring", "simulates {machine} blueprint at_size"),
    "hybrid": ("SolvesHybridTuring", "simulates {machine} blueprint at_size"),
    "rnn": ("SolvesRnnTuring", "writes_configurations {machine} blueprint at_size"),
    "retrieval": ("SolvesRetrievalTuring", "simulates_by_searching {machine} blueprint at_size searches"),
}
"""By family: where it is proved of the function ``*_turing`` of the machine, and what."""

_PROOF = """From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Model StatementsMachines StatementsSearches StatementsRegisters ListedMachines.
From RetrievalGap Require Import {library}.
From RetrievalGap.Generated Require Import Gen_{printed}.
Import ListNotations.
Local Open Scope nat_scope.
Definition simulated_machine : machine := listed_machine {listed}.
Lemma blueprint_is : blueprint = {family}_turing {machine}.
Proof. vm_compute. reflexivity. Qed.
{searches}
Theorem simulated : {says}.
Proof.
  rewrite blueprint_is{rewritten}.
  refine ({family}_turing_simulates {machine} (fits_well_formed _ _ _ _ _ _){more}); [reflexivity{last}].
Qed.
"""

_SEARCHES = "Lemma searches_are : searches = machine_language simulated_machine.\nProof. vm_compute. reflexivity. Qed."


def agreement(blueprint: Blueprint, machine: Machine, cells: int | None = None) -> Source:
    """A Coq file that proves of the weights of ``*/turing`` that they simulate a machine.

    They are those of the function of the machine, which Coq computes and compares, entry by entry; of a model that
    searches, the language of its searches too. For transformer/turing and hybrid/turing Coq refuses the file where two
    features of the machine have the same values everywhere: the compiler keeps one of them, the function both.

    Args:
        blueprint: the weights, under a name that begins with the construction's family and a slash.
        machine: what is simulated.
        cells: of rnn/turing, how many cells there are.

    Raises:
        InputError: if the family is another, the blank is not the first symbol, or cells are missing.
    """
    family = blueprint.name.partition("/")[0]
    if family not in _FAMILIES:
        raise InputError(f"{blueprint.name}: expected a construction of a family of {', '.join(_FAMILIES)}")
    if machine.blank != 0:
        raise InputError(f"the blank of {machine.name} is symbol {machine.blank}, expected symbol 0")
    if family == "rnn" and cells is None:
        raise InputError(f"{blueprint.name}: expected the number of its cells, got none")
    entries = "; ".join(
        f"({state}, {symbol}, ({entry.write}, ({entry.move})%Z, {entry.state}))"
        for (state, symbol), entry in sorted(machine.table.items())
    )
    library, says = _FAMILIES[family]
    of = "simulated_machine" + (f" {cells}" if family == "rnn" else "")
    text = _PROOF.format(
        library=library,
        printed=module_name(blueprint.name),
        listed=f"{len(machine.states)} {len(machine.symbols)} {machine.start} "
        f"[{'; '.join(map(str, sorted(machine.halting)))}] [{entries}]",
        family=family,
        machine=of,
        says=says.format(machine=of),
        searches=_SEARCHES if family == "retrieval" else "",
        rewritten=", searches_are" if family == "retrieval" else "",
        more=" _" if family == "rnn" else "",
        last="|lia" if family == "rnn" else "",
    )
    return Source("generated", f"Agrees_{module_name(blueprint.name)}", text)
