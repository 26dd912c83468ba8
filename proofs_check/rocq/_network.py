"""Prints the network of gadgets of a blueprint, and the theorems that follow once Coq has checked it."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from constructions.errors import ContractError
from constructions.wiring import Blueprint, Polynomial, SymbolicGated
from constructions.wiring._network import (
    Network,
    NetworkCell,
    NetworkGate,
    NetworkHead,
    NetworkOutput,
    NetworkStage,
    NetworkStates,
)
from proofs_check.rocq._export import Terms, comment, listed, module_name, ranges_term, unknown_gadget

_ONE = Polynomial.constant(1)
_SOME = "input <> []"


_AVERAGE, _COUNT, _TOTAL = "average over matches and a sink", "count", "total"


def judged_by(blueprint: Blueprint) -> str:
    """Which check is made: ``check_all``, or of a network with averages ``check_mean`` or ``check_counts``.

    The name without its beginning: a sign decides, or integers do; ``all`` where nothing holds fractions.
    """
    if blueprint.network is not None and blueprint.network.sign is not None:
        return "mean"
    return "all" if all(extent.integer for extent in blueprint.ranges.values()) else "counts"


def subject_of(blueprint: Blueprint) -> str:
    """The definition that is compared with the weights."""
    return "wiring" if judged_by(blueprint) == "all" else "means"


def network_definitions(blueprint: Blueprint) -> str:
    """The first half of the file about a blueprint: its network, the domain of its sizes, the ranges it claims.

    Raises:
        ContractError: if the blueprint has no network, or one with a gadget that the library does not know.
    """
    if any(isinstance(layer, SymbolicGated) for layer in blueprint.layers):
        raise ContractError(
            f"{blueprint.name}: a layer is a gated recurrence (LSTM or GRU), which proofs_check/rocq/theories/Model.v "
            "does not define; so no theorem about it can be stated"
        )
    if blueprint.network is None:
        raise ContractError(f"{blueprint.name}: the blueprint does not say of which gadgets it is made")
    if blueprint.assumptions:
        first = blueprint.assumptions[0]
        raise ContractError(
            f"{blueprint.name}: on {first.line} it is assumed that {first.statement}, which no theorem here shows; "
            "compute it so that its range follows, such as by w.cases or w.clamp"
        )
    module = module_name(blueprint.name)
    means = "" if judged_by(blueprint) == "all" else " NetMean NetCount NetMixed"
    return (
        f"(* {comment(blueprint.name)}: its network of gadgets and what follows; coordinates as in Gen_{module}.v.\n"
        "   Written by proofs_check/rocq/_network.py. *)\n"
        "From Coq Require Import ZArith List Lia Arith.\n"
        "From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.\n"
        f"From RetrievalGap Require Import NetRange NetFull{means}.\n"
        f"From RetrievalGap.Generated Require Import Gen_{module}.\n"
        "Import ListNotations.\nOpen Scope Z_scope.\n\n"
        f"{_Network(blueprint, blueprint.network).definitions()}"
    )


def network_text(blueprint: Blueprint) -> str:
    """The Coq file about a blueprint: its network, the check by computation, the theorems.

    Raises:
        ContractError: if the blueprint has no network, or one with a gadget that the library does not know.
    """
    definitions = network_definitions(blueprint)
    assert blueprint.network is not None  # noqa: S101  (it was printed)
    printer = _Network(blueprint, blueprint.network)
    return (
        f"{definitions}\n"
        f"Lemma checked : check_{judged_by(blueprint)} domain_ blueprint {subject_of(blueprint)} ranges_ = true.\n"
        "Proof. vm_compute. reflexivity. Qed.\n\n"
        f"{printer.good()}{printer.theorems()}"
    )


class _Network:
    def __init__(self, blueprint: Blueprint, network: Network) -> None:
        self._blueprint, self._network = blueprint, network
        self._terms = Terms(blueprint)
        self.fractional = {p for p, name in enumerate(blueprint.coordinates) if not blueprint.ranges[name].integer}
        heads = [part for stage in network.stages for part in _parts(stage) if isinstance(part, NetworkHead)]
        self._averages = {place: head for head in heads if head.gadget == _AVERAGE for place, _ in head.reads}

    def definitions(self) -> str:
        blueprint, network, terms = self._blueprint, self._network, self._terms
        one = terms.row(dict.fromkeys(range(len(blueprint.specials)), _ONE))
        features = [f"Feature (1, 0, 0) {one} (0, 0)", *self._features()]
        alone = not any(isinstance(output.what, str | tuple) for output in network.outputs)
        logit_scale = "None" if alone else f"Some {terms.variable('M')}"
        domain = blueprint.domain
        variables = [
            *((v, Polynomial.constant(least)) for v, least in domain.minimum.items()),
            *((v, domain.shifted(p)) for v, p in domain.scales.items()),
        ]
        bounds = (f"({terms.variable(v)}, {terms.poly(p)})" for v, p in variables)
        hints = listed(f"({c}%nat, {k}%nat)" for c, k in [*network.squares, *self._apart()])
        return (
            f"Definition wiring : network := {{|\n  features := {_lines(features)};\n"
            f"  stages := {_lines(map(self._stage, network.stages))};\n"
            f"  squares := {hints};\n"
            f"  outputs := {_lines(map(self._output, network.outputs))};\n"
            f"  logit_scale := {logit_scale};\n"
            f"  once := {str(self._once()).lower()} |}}.\n\n"
            f"Definition domain_ : domain := {_lines(bounds)}.\n"
            f"Definition ranges_ : ranges := {ranges_term(terms, blueprint.coordinates, blueprint.ranges)}.\n"
            f"{self._means()}"
        )

    def _means(self) -> str:
        """What holds fractions or is made of them, stage by stage, and the value whose sign is written.

        Empty where nothing does.
        """
        if judged_by(self._blueprint) == "all":
            return ""
        stages = self._network.stages
        fractions, counts = (
            _lines(
                listed(term for part in _parts(stage) if self._kind(part) == kind for term in write(part))
                for stage in stages
            )
            for kind, write in (("fraction", self._fraction), ("count", self._count))
        )
        return (
            f"Definition means : mean_network := {{|\n  base := wiring;\n  fractions := {fractions};\n"
            f"  counts := {counts};\n  sign := {self._row(self._network.sign or {})} |}}.\n"
        )

    def _kind(self, part: NetworkHead | NetworkGate | NetworkCell) -> str:
        """Whether a gadget writes fractions, integers that are made of these, or neither."""
        if not isinstance(part, NetworkCell) and part.gadget in (_COUNT, _TOTAL):
            return "count"
        places = [place for place, _ in part.reads] if isinstance(part, NetworkHead) else [part.place]
        return "fraction" if self.fractional.intersection(places) else "integer"

    def _fraction(self, part: NetworkHead | NetworkGate | NetworkCell) -> list[str]:
        if isinstance(part, NetworkHead) and part.gadget == _AVERAGE:
            pairs, excluded, start = part.arguments
            mean = f"{self._pairs(pairs)} {self._row(excluded)} {_only_place(start)}"
            return [f"({place}%nat, Mean {mean} {self._row(row)})" for place, row in part.reads]
        if isinstance(part, NetworkGate) and part.gadget == "product":
            factor, value = part.arguments
            return [f"({part.place}%nat, Times {self._row(factor)} {self._row(value)})"]
        kind = "a memory" if isinstance(part, NetworkCell) else part.gadget
        raise ContractError(
            f"{self._blueprint.name}: {part.name} holds fractions and is a gadget of the kind {kind!r}; "
            "proofs_check/rocq/theories/NetMean.v has averages and products"
        )

    def _count(self, part: NetworkHead | NetworkGate | NetworkCell) -> list[str]:
        """A count is read at the position that it names; a total is a gate that multiplies by a count."""
        assert not isinstance(part, NetworkCell)  # noqa: S101  (see _kind)
        share = _only_place(part.arguments[0] if isinstance(part, NetworkHead) else part.arguments[1])
        average = self._averages[int(share.removesuffix("%nat"))]
        over = f"{self._pairs(average.arguments[0])} {self._row(average.arguments[1])}"
        if isinstance(part, NetworkHead):
            return [f"({place}%nat, Counted {over} {share} {self._row(row)})" for place, row in part.reads]
        value = dict(average.reads)[int(share.removesuffix("%nat"))]
        return [f"({part.place}%nat, Summed {over} {self._row(part.arguments[0])} {share} {self._row(value)})"]

    def _features(self) -> list[str]:
        return [
            f"Feature ({', '.join(f'({k})' for k in feature.number)}) "
            f"{self._terms.row({self._blueprint.specials.index(s): p for s, p in feature.specials})} "
            f"({', '.join(f'({k})' for k in feature.position)})  (* {comment(name)} *)"
            for name, feature in self._network.features.items()
        ]

    def _apart(self) -> list[tuple[int, int]]:
        """Pairs of features that occur in gates of which one may be open: perhaps no token has both."""
        last = len(self._network.features)
        gates = [gate for stage in self._network.stages for gate in _parts(stage) if isinstance(gate, NetworkGate)]
        rows: list[Any] = [row for g in gates if g.gadget == "one of several" for row, _ in _as_pairs(g.arguments[0])]
        places = sorted({place for row in rows for place in row if 0 < place <= last})
        return list(itertools.combinations(places, 2))

    # A gadget's arguments are rows, tuples of them, or nothing: their shapes depend on the kind.

    def _row(self, row: Any) -> str:
        return self._terms.row(row)

    def _rows(self, rows: Any) -> str:
        return listed(map(self._row, rows))

    def _pairs(self, pairs: Any) -> str:
        return listed(f"({self._row(a)}, {self._row(b)})" for a, b in pairs)

    def _pick(self, head: NetworkHead) -> str:
        given, scale = head.arguments, self._terms.variable("S")
        if head.gadget == "position look-up":
            return f"At {self._row(given[0])} {self._row(given[1])}"
        if head.gadget == "match-latest":
            return f"Closest {scale} {self._pairs(given[0])} {self._row(given[1])}"
        if head.gadget == "match-latest with default":
            return f"Latest {scale} {self._pairs(given[0])} {self._row(given[1])} {_only_place(given[2])}"
        raise unknown_gadget(head.name, head.gadget)

    def _gate(self, gate: NetworkGate) -> str:
        given = gate.arguments
        match gate.gadget:
            case "equality" | "threshold" | "square":
                kind = {"equality": "Equal", "threshold": "AtLeast", "square": "Square"}[gate.gadget]
                return f"{kind} {self._row(given[0])}"
            case "and":
                return f"All {self._rows(given[0])}"
            case "cases":
                return f"Cases {self._pairs(given[0])} {self._row(given[1])}"
            case "product":
                return f"Product {self._row(given[0])} {self._row(given[1])}"
            case "clamp":
                high = "None" if given[2] is None else f"(Some {self._row(given[2])})"
                return f"Clamp {self._row(given[0])} {self._row(given[1])} {high}"
            case "out of range":
                return "Beyond " + " ".join(map(self._row, given))
            case "one of several":
                return f"OneOf {self._pairs(given[0])}"
        raise unknown_gadget(gate.name, gate.gadget)

    def _stage(self, stage: NetworkStage) -> str:
        if isinstance(stage, NetworkStates):
            return self._states(stage)
        lines, kind = [], "Gates"
        for part in stage:
            kind = {NetworkHead: "Heads", NetworkCell: "Cells"}.get(type(part), "Gates")
            if self._kind(part) != "integer":
                continue
            if isinstance(part, NetworkHead):
                reads = listed(f"({place}%nat, {self._row(row)})" for place, row in part.reads)
                term = f"({self._pick(part)},\n      {reads})"
            elif isinstance(part, NetworkCell):
                term = self._cell(part)
            else:
                term = f"({part.place}%nat, {self._gate(part)})"
            lines.append(f"{term}  (* {comment(part.name)} *)")
        return f"{kind} {_lines(lines)}"

    def _states(self, states: NetworkStates) -> str:
        places = listed(f"{place}%nat" for place in states.places)
        moves = (
            f"Move {self._row(flag)} "
            + listed(f"({cell}%nat, {listed(f'({k}%nat, ({w}))' for k, w in to)})" for cell, to in parts)
            for flag, parts in states.moves
        )
        names, reads = comment(", ".join(states.names)), self._rows(states.reads)
        return f"States {places}  (* {names} *)\n    {reads}\n    {_lines(moves)}"

    def _cell(self, cell: NetworkCell) -> str:
        shown = "None" if cell.place is None else f"(Some {cell.place}%nat)"
        return f"Cell {shown} {listed(f'({j}%nat, {k})' for j, k in cell.before)} {self._row(cell.reads)}"

    def _output(self, output: NetworkOutput) -> str:
        what = output.what
        if isinstance(what, str):
            term = f"Token {self._terms.special(what)}"
        elif isinstance(what, tuple):
            places, values = what
            shown = listed(
                f"({self._terms.special(token)}, {listed(f'({k})' for k in place)})" for token, place in places.items()
            )
            term = f"Choice {shown} {self._rows(values)}"
        else:
            term = f"Value {self._row(what)}"
        return f"Output ({term}) {self._rows(output.when)}"

    def _once(self) -> bool:
        """Whether the first special token is never written, so that it stands at the first position only."""
        written: set[str] = set()
        for output in self._network.outputs:
            if isinstance(output.what, str):
                written.add(output.what)
            elif isinstance(output.what, tuple):
                written |= set(output.what[0])
        return self._blueprint.specials[0] not in written

    # What is proved.

    def _sizes(self) -> tuple[str, str, str]:
        minimum = self._blueprint.domain.minimum
        return (
            " ".join(f"(size_{v} : Z)" for v in minimum),
            " -> ".join(f"{least} <= size_{v}" for v, least in minimum.items()),
            f"(at_size {' '.join(f'size_{v}' for v in minimum)})",
        )

    def good(self) -> str:
        """That the values of the variables lie in the domain, which is where inequalities are proved."""
        domain, terms = self._blueprint.domain, self._terms
        sizes, least, rho = self._sizes()
        values = "".join(f" | {terms.variable(v)} => size_{v}" for v in domain.minimum)
        environment = f"(fun v => match v with{values} | _ => 0 end)"
        slack = "".join(f" | {terms.variable(v)} => size_{v} - {least}" for v, least in domain.minimum.items())
        for v in domain.scales:
            reached = f"peval {environment} lower_{v}"
            slack += f" | {terms.variable(v)} => scale ({reached}) - {reached}"
        count, lowers = len(terms.variables), " ".join(f"lower_{v}" for v in domain.scales)
        unfold = f"unfold at_size, shift, domain_{''.join(f', {name}' for name in lowers.split())}"
        return (
            f"Lemma is_good {sizes} : {least} -> good domain_ {rho}.\nProof.\n"
            f"  intros. exists (fun v => match v with{slack} | _ => 0 end). split; intros place_.\n"
            f"  - do {count} (destruct place_ as [|place_]; [first [lia | match goal with |- 0 <= scale ?p - _ => "
            "pose proof (proj1 (scale_spec p)); lia end]|]). lia.\n"
            f"  - do {count} (destruct place_ as [|place_]; [{unfold}; cbn [assoc Nat.eqb]; evaluate; ring|]). "
            "reflexivity.\nQed.\n"
        )

    def theorems(self) -> str:
        """What follows from the check."""
        judged, (_, _, rho) = judged_by(self._blueprint), self._sizes()
        stream, decodes = f"stream QcN {rho} blueprint input", f"decode QcN {rho} blueprint input"
        weights = "For all sizes and all inputs that fit: the weights compute"
        if judged == "all":
            agreed = f"agree (length input) ({stream}) (net_stream {rho} wiring input)"
            text = self._theorem(f"{weights} the network of gadgets,", "computes", "", (), agreed, "computes_all")
        else:
            here, lemma = "(i < length input)%nat", {"mean": "means_compute", "counts": "counts_compute"}[judged]
            equal = f"{stream} i c = mean_stream {rho} means input i c"
            text = self._theorem(f"{weights} its gadgets, with fractions,", "computes", " i c", (here,), equal, lemma)
        if judged == "mean":
            equal = f"next QcN {rho} blueprint input = sign_token {rho} means input"
            sign = "the next token is the one that the sign of a value says,"
            text += self._theorem(sign, "next_as", "", (_SOME,), equal, "writes_sign")
            if self._blueprint.answers is not None:
                return text
            equal = f"{decodes} = ([sign_token {rho} means input], true)"
            return text + self._theorem("and so is what is written.", "decodes_as", "", (_SOME,), equal, "decodes_sign")
        if judged == "counts":
            integer = "mem c (places_of (fractions means)) = false"
            equal = f"{stream} i c = inj (count_stream {rho} means input i c)"
            kept = "those without fractions compute the integers,"
            text += self._theorem(kept, "integers", " i c", (here, integer), equal, "counts_integers")
        said, decoded = ("net_next", "net_decode") if judged == "all" else ("count_next", "count_decode")
        subject, lemmas = subject_of(self._blueprint), {"all": ("writes", "decodes")}
        writes, decode = lemmas.get(judged, ("counts_write", "counts_decode"))
        premise, equal = f"{said} {rho} {subject} input = Some t", f"next QcN {rho} blueprint input = t"
        fuel = f"(S (Z.to_nat (peval {rho} (context blueprint) + 1) - length input))"
        text += self._theorem(
            "the next token is the one that the network says,", "next_as", " t", (_SOME, premise), equal, writes
        )
        premise = f"{decoded} {rho} blueprint {subject} {fuel} input = Some r"
        whole = "and so is all that is written."
        return text + self._theorem(whole, "decodes_as", " r", (_SOME, premise), f"{decodes} = r", decode)

    def _theorem(
        self, words: str, name: str, variables: str, premises: Sequence[str], conclusion: str, lemma: str
    ) -> str:
        """A theorem of all sizes and all inputs that fit, by a lemma about all that the checker accepts."""
        sizes, least, rho = self._sizes()
        fits = "".join(f" {premise} ->" for premise in (least, f"input_ok {rho} blueprint wiring input", *premises))
        return (
            f"(** {words} *)\nTheorem {name} {sizes} (input : list tok){variables} :{fits}\n  {conclusion}.\n"
            f"Proof. intros. apply ({lemma} domain_ {rho} blueprint {subject_of(self._blueprint)} ranges_); "
            "auto using is_good, checked. Qed.\n"
        )


def _parts(stage: NetworkStage) -> Sequence[NetworkHead | NetworkGate | NetworkCell]:
    return () if isinstance(stage, NetworkStates) else stage


def _lines(terms: Iterable[str]) -> str:
    return listed(terms, ";\n    ")


def _as_pairs(pairs: Any) -> list[tuple[Any, Any]]:
    return list(pairs)


def _only_place(row: Any) -> str:
    (place,) = row
    return f"{place}%nat"
