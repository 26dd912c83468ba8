"""Prints a blueprint and its network of gadgets as Coq terms.

Nothing is evaluated here: entries are the polynomials in the sizes and the scales that the blueprint holds. The first
file, the blueprint's, is what theorems are about, and that it shows the real matrices has to be believed. The second,
the network's, is checked against the first by Coq; a mistake in it makes the check fail and no theorem false.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

from constructions.errors import ContractError
from constructions.wiring import (
    Blueprint,
    Polynomial,
    Range,
    SymbolicAttention,
    SymbolicFeedForward,
    SymbolicHead,
    SymbolicMatrix,
    SymbolicRecurrence,
    SymbolicSelective,
)
from proofs_check.rocq._language import language_text

Entries = Mapping[int, Polynomial]

_SHORT = {"associative-recall": "Recall", "c-gram": "CGram", "istree": "IsTree", "rnn-turing": "TuringOfRnn"}


def module_name(construction: str) -> str:
    """How Coq's modules about a construction are called, after ``Gen_`` and ``Wire_``.

    >>> module_name("transformer/c-gram"), module_name("hybrid/index"), module_name("mine/copy strings")
    ('CGram', 'HybridIndex', 'MineCopyStrings')
    """
    family, _, task = construction.partition("/")
    words = [] if family == "transformer" and task else [family]
    words.append(_SHORT.get(task, task))
    return "".join(word[:1].upper() + word[1:] for part in words for word in re.split(r"[^A-Za-z0-9]+", part))


def digest(blueprint: Blueprint) -> str:
    """The SHA-256 of the file that Coq reads as the blueprint."""
    return hashlib.sha256(blueprint_text(blueprint).encode()).hexdigest()


def listed(parts: Iterable[str], separator: str = "; ") -> str:
    """A Coq list."""
    return f"[{separator.join(parts)}]"


class Terms:
    """Coq terms of what a blueprint is made of; variables are numbered, sizes before scales."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.sizes = list(blueprint.domain.minimum)
        self.scales = list(blueprint.domain.scales)
        self.variables = [*self.sizes, *self.scales]
        self.specials = blueprint.specials

    def variable(self, name: str) -> str:
        """The number of a size or a scale."""
        return f"{self.variables.index(name)}%nat"

    def special(self, token: str) -> str:
        """The number of a special token."""
        return f"{self.specials.index(token)}%nat"

    def poly(self, polynomial: Polynomial) -> str:
        """A polynomial: coefficients with monomials."""
        return listed(
            f"({c}, {listed(f'({self.variable(v)}, {e}%nat)' for v, e in monomial)})"
            for monomial, c in polynomial.terms
        )

    def row(self, entries: Entries) -> str:
        """A linear form, its places in order."""
        return listed(f"({place}%nat, {self.poly(p)})" for place, p in sorted(entries.items()) if p)

    def matrix(self, matrix: SymbolicMatrix) -> str:
        """A matrix, row by row."""
        rows: list[dict[int, Polynomial]] = [{} for _ in matrix.rows]
        for (i, j), entry in matrix.entries.items():
            rows[i][j] = entry
        return listed(map(self.row, rows), ";\n     ")


def comment(text: str) -> str:
    """Text that cannot end a Coq comment or begin a string in it."""
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "''")


def blueprint_text(blueprint: Blueprint) -> str:
    """The blueprint as a Coq file: one definition per head and layer, the model, and the values of its variables."""
    terms = Terms(blueprint)
    heads = [h for layer in blueprint.layers if isinstance(layer, SymbolicAttention) for h in layer.heads]
    lines = [
        f"(* {comment(blueprint.name)}: {blueprint.parameters} nonzero parameters, {len(blueprint.layers)} layers.",
        "   Written by proofs_check/rocq/_export.py.",
        "   Variables: " + _numbered(terms.variables),
        "   Special tokens: " + _numbered(blueprint.specials),
        "   Coordinates: " + _numbered(blueprint.coordinates).removesuffix(".") + ". *)",
        "From Coq Require Import ZArith List.",
        "From RetrievalGap Require Import Model.",
        "Import ListNotations.",
        "Open Scope Z_scope.",
        "",
    ]
    lines += [
        f"Definition head_{k} : head := (* {comment(h.name)} *)\n  {_head(terms, h)}." for k, h in enumerate(heads)
    ]
    for k, layer in enumerate(blueprint.layers):
        lines.append(f"Definition layer_{k} : layer :=\n  {_layer(terms, layer, heads)}.")
    lines += [_model(terms, blueprint), _environment(terms, blueprint)]
    if blueprint.search is not None:
        lines.append(language_text(blueprint.search, blueprint.specials))
    return "\n".join(lines) + "\n"


def _numbered(names: Iterable[str]) -> str:
    return comment(", ".join(f"{k} = {name}" for k, name in enumerate(names))) + "."


def _head(terms: Terms, head: SymbolicHead) -> str:
    parts = [f"{part} := {terms.matrix(getattr(head, part))}" for part in ("query", "key", "value", "output")]
    return "{| " + ";\n     ".join([*parts, f"slope := {head.slope}"]) + " |}"


def _layer(
    terms: Terms, layer: SymbolicAttention | SymbolicFeedForward | SymbolicRecurrence, heads: list[SymbolicHead]
) -> str:
    if isinstance(layer, SymbolicAttention):
        return "Attention " + listed(f"head_{heads.index(h)}" for h in layer.heads)
    kind = "FeedForward" if isinstance(layer, SymbolicFeedForward) else "Recurrence"
    kind = "Selective" if isinstance(layer, SymbolicSelective) else kind
    return f"{kind}\n    " + "\n    ".join(f"({terms.matrix(matrix)})" for _, matrix in layer.matrices)


def _model(terms: Terms, blueprint: Blueprint) -> str:
    answers = blueprint.answers
    fields = {
        "specials": f"{len(blueprint.specials)}%nat",
        "low": terms.poly(blueprint.numbers[0]),
        "high": terms.poly(blueprint.numbers[1]),
        "context": terms.poly(blueprint.context),
        **{part: terms.matrix(blueprint.embedding[part]) for part in ("polynomial", "special", "position")},
        "layers": listed(f"layer_{k}" for k in range(len(blueprint.layers))),
        **{f"{part}_logits": terms.matrix(blueprint.unembedding[part]) for part in ("polynomial", "special")},
        "answers": "None" if answers is None else "Some " + listed(map(terms.special, answers)),
    }
    return (
        "Definition blueprint : model :=\n  {| "
        + ";\n     ".join(f"{name} := {value}" for name, value in fields.items())
        + " |}."
    )


def _environment(terms: Terms, blueprint: Blueprint) -> str:
    """The values of the variables at given sizes: a scale is the least power of two that reaches its polynomial."""
    lines = [f"Definition lower_{name} : poly := {terms.poly(p)}." for name, p in blueprint.domain.scales.items()]
    sizes = "".join(f"  | {k}%nat => size_{name}\n" for k, name in enumerate(terms.sizes))
    scales = "".join(
        f"  | {k}%nat => scale (peval sizes lower_{name})\n" for k, name in enumerate(terms.scales, len(terms.sizes))
    )
    arguments = " ".join(f"(size_{name} : Z)" for name in terms.sizes)
    lines.append(
        f"Definition at_size {arguments} : env :=\n"
        f"  let sizes : env :=\n    fun v => match v with\n{sizes}  | _ => 0 end in\n"
        f"  fun v => match v with\n{sizes}{scales}  | _ => 0 end."
    )
    return "\n".join(lines)


def ranges_term(terms: Terms, coordinates: Iterable[str], ranges: Mapping[str, Range]) -> str:
    """The ranges of the coordinates, by place; the constant at place 0 has none."""
    claims = []
    for place, name in enumerate(coordinates):
        if place:
            claims.append(f"({place}%nat, ({terms.poly(ranges[name].low)}, {terms.poly(ranges[name].high)}))")
    return listed(claims, ";\n  ")


def unknown_gadget(name: str, gadget: str) -> ContractError:
    """The error for a gadget that Coq's library does not know."""
    return ContractError(
        f"{name} is a gadget of the kind {gadget!r}, which proofs_check/rocq/theories/Network.v does not define; "
        "so no theorem about its units can be stated"
    )
