"""What is proved by machine: one table of theorems, in words and by their names in Coq."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from constructions.errors import InputError
from constructions.theorems import CONSTRUCTIONS, NEIGHBOURS, THEOREMS, Construction
from constructions.wiring import Blueprint
from proofs_check.rocq._export import module_name
from proofs_check.rocq._lower import LOWER
from proofs_check.rocq._machines import MACHINES
from proofs_check.rocq._neighbours import NEARBY, NEARBY_LOWER, SOLVED
from proofs_check.rocq._retrieval import RETRIEVAL


@dataclass(frozen=True)
class ProvedTheorem:
    """A theorem that Coq checks.

    Args:
        module: the file in which it stands, without its ending; files that the exporter prints begin with ``Gen_``
            (blueprints) or ``Wire_``.
        lemma: its name in that file.
        statement: in words, everything that it assumes included.
        number: of the theorem of the paper of which it is a part, or the neighbour's name.
        constructions: the names of those whose exported weights it is about.
    """

    module: str
    lemma: str
    statement: str
    number: str
    constructions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The full name in Coq, below the library."""
        return f"{self.module}.{self.lemma}"


_WEIGHTS = "for every model, network of gadgets and size that the checker accepts, and all prompts that fit, "

_QUESTIONS = (
    "every question of the lower half's task, after m tokens of k, is one of the upper half's at every size n that is "
    "not below k and m, with the same answer; at size n, after n tokens, there are no others"
)

_TWO_WORDS = "both halves have the same questions about two words of n letters, for all n, and the same answers"

_SAME = (
    ("index", f"Index: {_QUESTIONS}", "4.6"),
    ("counting", f"Counting: {_QUESTIONS}", "4.6"),
    (
        "c_gram",
        f"c-gram, c >= 2: {_QUESTIONS}; where the tokens are different, the task is the same on fewer words",
        "4.6",
    ),
    (
        "istree",
        "IsTree: on nodes 1 .. n, none of them isolated, upper and lower half speak of the same simple graphs, and a "
        "tree of one is a tree of the other",
        "4.7",
    ),
    (
        "copying",
        "copying: words of m letters of k fit the upper half at every size that is not below k and m, and the same "
        "word is wanted; at size n both have the same words of n letters (the upper half speaks of those whose places "
        "differ in the c letters before them)",
        "copying",
    ),
    ("equality", f"equality over two letters: {_TWO_WORDS}", "separate"),
    ("disjointness", f"disjointness: {_TWO_WORDS}", "separate"),
    (
        "mqar",
        "three look-ups: every question of the lower half's task about n pairs is one of the upper half's at every "
        "size that is not below 2 n and n + 2, with the same answers",
        "mqar",
    ),
    (
        "nearest",
        "nearest neighbour: at size n both halves have the same questions about n points of the grid of n by n, and "
        "the same answer, the label of the last of the nearest points",
        "separate",
    ),
)

SHIPPED: tuple[ProvedTheorem, ...] = (
    ProvedTheorem("Weights", "computes", _WEIGHTS + "the weights compute the network", ""),
    ProvedTheorem("Weights", "writes_next", _WEIGHTS + "the next token is the one that the network says", ""),
    ProvedTheorem("Weights", "decodes_all", _WEIGHTS + "the model decodes to what the network says", ""),
    ProvedTheorem("Weights", "averages", _WEIGHTS + "the same holds of averages whose sign decides", ""),
    ProvedTheorem(
        "Weights", "counts_decide", _WEIGHTS + "the same holds of counts and totals, which averages are made", ""
    ),
    ProvedTheorem("Weights", "evaluator", "the evaluator that is compared with decode is the one of all theorems", ""),
    ProvedTheorem("Weights", "prefixes", "one run of it says what comes next after every prefix", ""),
    ProvedTheorem("Weights", "replays_decode", "a transcript that one run of it accepts is what is decoded", ""),
    ProvedTheorem("Weights", "search_replays_decode", "so is one that it accepts with the searches in it", ""),
    ProvedTheorem(
        "SanityWeights", "not_any_weights", "no model that is wrong by 1 in one entry passes (associative recall)", ""
    ),
    *(ProvedTheorem(bound.module, bound.lemma, bound.statement, bound.number) for bound in (*LOWER, *NEARBY_LOWER)),
    *(ProvedTheorem(*record) for record in (*RETRIEVAL, *NEARBY)),
    *(ProvedTheorem("SameTasks", f"{name}_tasks", statement, number) for name, statement, number in _SAME),
    *(ProvedTheorem(*row) for row in MACHINES),
)
"""Theorems whose proofs people wrote; those about one construction's weights alone are printed for it."""

PRINTED = (*CONSTRUCTIONS, *SOLVED)
"""The constructions whose weights are shipped as Coq files: the paper's, and those of neighbours that are solved."""


def theorems_about(blueprint: Blueprint, number: str) -> tuple[ProvedTheorem, ...]:
    """The theorems that are printed for a construction.

    ``number`` is that of the paper's theorem that the construction is for.
    """
    module, name = f"Wire_{module_name(blueprint.name)}", blueprint.name
    sizes = " and ".join(f"{size} >= {least}" for size, least in blueprint.domain.minimum.items())
    prompts = f"for all {sizes} and all prompts of its vocabulary that fit the context"
    scope = f"{prompts}, where the network says what is next"
    computes = ProvedTheorem(
        module,
        "computes",
        f"{prompts}, the weights of {name} compute its network of gadgets",
        number,
        (name,),
    )
    if blueprint.search is not None:
        written = f"{scope}, the next token of {name} is the one that its network of gadgets says"
        return (computes, ProvedTheorem(module, "next_as", written, number, (name,)))
    written = f"{scope}, {name} decodes to what its network of gadgets says, token by token"
    return (computes, ProvedTheorem(module, "decodes_as", written, number, (name,)))


def number_of(construction: str) -> str:
    """The number of the theorem that claims something of a construction, or a neighbour's name; empty if none does."""
    for number, theorem in (THEOREMS | NEIGHBOURS).items():
        if any(claim.construction == construction for claim in theorem.claims):
            return number
    return ""


def unproved(theorems: Sequence[ProvedTheorem], shipped: Sequence[ProvedTheorem] = SHIPPED) -> tuple[str, ...]:
    """The constructions that these theorems are about of which no shipped one says that they solve their task."""
    about = dict.fromkeys(name for theorem in theorems for name in theorem.constructions)
    solved = {name for theorem in shipped for name in theorem.constructions}
    return tuple(name for name in about if name not in solved)


def selected(
    names: Sequence[str], constructions: Sequence[Construction], shipped: Sequence[ProvedTheorem]
) -> list[ProvedTheorem]:
    """The theorems that these names ask for, all if there are none: numbers, constructions, or names in Coq.

    ``constructions`` are those whose blueprints are printed, ``shipped`` the theorems whose proofs people wrote.
    """
    known: list[ProvedTheorem] = []
    for construction in constructions:
        # A reader's own is about no theorem of the paper, whatever it is called; nothing is shipped beside it.
        known += theorems_about(construction.blueprint, number_of(construction.name) if shipped else "")
    known += shipped
    if not names:
        return known
    return [
        theorem
        for theorem in known
        if any(name in (theorem.number, theorem.name, theorem.module, *theorem.constructions) for name in names)
    ]


def unknown_name(name: str, known: Sequence[ProvedTheorem]) -> InputError:
    """The error for a word by which none of these theorems can be asked for: what it is close to, and all that can."""
    modules = dict.fromkeys(theorem.module for theorem in known)
    words = [*THEOREMS, *CONSTRUCTIONS, *(theorem.name for theorem in known)]
    # Names in Coq differ from what is typed in case and in their files, so both are compared without.
    by_form = {word.casefold(): word for word in [*(t.lemma for t in known), *modules, *words]}
    close = [by_form[form] for form in get_close_matches(name[:60].casefold(), by_form, 3)]
    full = dict.fromkeys(t.name for word in close for t in known if t.lemma == word)
    files = [module for module in modules if not module.startswith("Wire_")]
    meant = " or ".join(dict.fromkeys([*(word for word in close if word in words or word in modules), *full]))
    return InputError(
        f"no theorem is proved by machine for {name[:60]!r}{f'; did you mean {meant}?' if meant else ';'} "
        f"expected a theorem's number: {', '.join(THEOREMS)}; "
        f"or a construction: {', '.join(CONSTRUCTIONS)}; "
        f"or a name in Coq, such as {known[0].name}, or a file of Coq's, for all in it: {', '.join(files)}"
    )
