"""Faults: which weights are changed, and how, at every size of a construction at once.

A fault is a list of edits of single entries, each by the same rule at every size n (one more, one less, 0, the
other sign, a given number), or an exchange of what two heads write. Matrices are addressed by :class:`Site`, so
that one fault can be planted into the model of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from constructions.architectures import Attention, Head, Model
from constructions.numerics import Matrix
from constructions.theorems import Construction
from constructions.wiring import Blueprint, Polynomial, SymbolicAttention, SymbolicFeedForward, SymbolicMatrix

ONE = "one"
"""The coordinate that is 1 at every position; gates read their biases from it."""

_WRITES = "write "


@dataclass(frozen=True, order=True)
class Site:
    """A matrix of a model: ``part`` is embedding, unembedding or a layer's number, ``head`` counts inside of it."""

    part: str
    matrix: str
    head: int = -1

    def of(self, model: Model) -> Matrix:
        """The matrix in this model; the slope of a head counts as one with a single entry."""
        owner = self._owner(model)
        if isinstance(owner, Head) and self.matrix == "slope":
            return Matrix.from_rows([[owner.slope]])
        found = getattr(owner, self.matrix)
        assert isinstance(found, Matrix)  # noqa: S101  (sites name matrices)
        return found

    def put(self, model: Model, matrix: Matrix) -> Model:
        """A copy of the model that has ``matrix`` at this site."""
        changes: dict[str, Any] = {self.matrix: int(matrix[0, 0]) if self.matrix == "slope" else matrix}
        if self.part == "embedding":
            return replace(model, embedding=replace(model.embedding, **changes))
        if self.part == "unembedding":
            return replace(model, unembedding=replace(model.unembedding, **changes))
        layers = list(model.layers)
        layer = layers[int(self.part)]
        if isinstance(layer, Attention):
            heads = list(layer.heads)
            heads[self.head] = replace(heads[self.head], **changes)
            layers[int(self.part)] = Attention(tuple(heads))
        else:
            layers[int(self.part)] = replace(layer, **changes)
        return replace(model, layers=tuple(layers))

    def _owner(self, model: Model) -> object:
        if self.part in ("embedding", "unembedding"):
            return getattr(model, self.part)
        layer = model.layers[int(self.part)]
        return layer.heads[self.head] if isinstance(layer, Attention) else layer


@dataclass(frozen=True)
class Edit:
    """One entry and its new value: ``+1``, ``-1``, ``0``, ``flip``, or ``=k`` for the integer k."""

    site: Site
    row: int
    column: int
    change: str

    def value(self, old: Fraction) -> Fraction:
        """The new value."""
        if self.change == "flip":
            return -old
        if self.change.startswith("="):
            return Fraction(int(self.change[1:]))
        return Fraction(0) if self.change == "0" else old + int(self.change)


@dataclass(frozen=True)
class Fault:
    """What is planted: ``kind`` groups faults in tables, ``text`` says where and what."""

    kind: str
    text: str
    edits: tuple[Edit, ...]
    exchanged: tuple[Site, Site] | None = None

    def apply(self, model: Model) -> Model:
        """The model with this fault; what the author assumed of the right one is not asked of it."""
        model = replace(model, assumptions=())
        for edit in self.edits:
            matrix = edit.site.of(model)
            changed = matrix.replaced(edit.row, edit.column, edit.value(matrix[edit.row, edit.column]))
            model = edit.site.put(model, changed)
        if self.exchanged is not None:
            one, other = self.exchanged
            first, second = one.of(model), other.of(model)
            model = other.put(one.put(model, second), first)
        return model

    @property
    def sites(self) -> frozenset[Site]:
        """The matrices that it changes."""
        return frozenset(edit.site for edit in self.edits) | frozenset(self.exchanged or ())


def named_matrices(blueprint: Blueprint) -> Iterator[tuple[Site, str, SymbolicMatrix]]:
    """Every matrix with its site and a readable name."""
    for part, matrix in blueprint.embedding.items():
        yield Site("embedding", part), f"embedding.{part}", matrix
    for number, layer in enumerate(blueprint.layers):
        if isinstance(layer, SymbolicAttention):
            for place, head in enumerate(layer.heads):
                for part in ("query", "key", "value", "output"):
                    yield Site(str(number), part, place), f"layer {number}.{head.name}.{part}", getattr(head, part)
        else:
            for part, matrix in layer.matrices:
                yield Site(str(number), part), f"layer {number}.{part}", matrix
    for part, matrix in blueprint.unembedding.items():
        yield Site("unembedding", part), f"unembedding.{part}", matrix


def faults_of(construction: Construction) -> list[Fault]:
    """All faults that are planted, in a fixed order; no two change the same entries to the same values."""
    blueprint = construction.blueprint
    found = [*_heads(blueprint), *_rules(blueprint), *_weights(blueprint), *_slopes(blueprint)]
    found += [*_biases(blueprint), *_positions(blueprint)]
    kept: dict[object, Fault] = {}
    for fault in found:
        kept.setdefault((frozenset(fault.edits), fault.exchanged), fault)
    return list(kept.values())


def _place(entry: tuple[tuple[int, int], Polynomial]) -> tuple[int, int]:
    """The key by which entries are sorted: their order in a blueprint is not the same in every process."""
    return entry[0]


def _changes(old: Polynomial) -> dict[str, str]:
    """The changes of an entry, each new value once: of 1, one less is the same as 0."""
    value = old.as_constant
    if value is None:
        return {change: change for change in ("+1", "-1", "0", "flip")}
    by_value = {value + 1: "+1", value - 1: "-1", -value: "flip", 0: "0"}
    return {change: change for new, change in sorted(by_value.items()) if new != value}


def _weights(blueprint: Blueprint) -> Iterator[Fault]:
    """Every nonzero entry of every matrix."""
    for site, name, matrix in named_matrices(blueprint):
        for (row, column), old in sorted(matrix.entries.items(), key=_place):
            place = f"{name}[{matrix.rows[row]}, {matrix.columns[column]}]"
            for change in _changes(old):
                new = {"0": "set to 0", "flip": "sign flipped"}.get(change, change)
                yield Fault("weight", f"{place} = {old}: {new}", (Edit(site, row, column, _known(change, old)),))


def _known(change: str, old: Polynomial) -> str:
    """Changes of a constant by its new value, so that equal faults are seen to be equal."""
    value = old.as_constant
    if value is None or change == "0":
        return change
    return f"={-value if change == 'flip' else value + int(change)}"


def _slopes(blueprint: Blueprint) -> Iterator[Fault]:
    """What a position adds to the scores of a head."""
    for number, layer in enumerate(blueprint.layers):
        if isinstance(layer, SymbolicAttention):
            for place, head in enumerate(layer.heads):
                site = Site(str(number), "slope", place)
                for new in sorted({head.slope + 1, head.slope - 1, 0, -head.slope} - {head.slope}):
                    text = f"layer {number}.{head.name}.slope = {head.slope}: set to {new}"
                    yield Fault("slope", text, (Edit(site, 0, 0, f"={new}"),))


def _biases(blueprint: Blueprint) -> Iterator[Fault]:
    """The bias of every gate; where it is not 0 it is a weight and has been shifted as such."""
    for number, layer in enumerate(blueprint.layers):
        if isinstance(layer, SymbolicFeedForward):
            one = layer.gate.columns.index(ONE)
            for row, unit in enumerate(layer.gate.rows):
                if (row, one) not in layer.gate.entries:
                    for new in (1, -1):
                        edit = Edit(Site(str(number), "gate"), row, one, f"={new}")
                        yield Fault("bias", f"layer {number}.gate[{unit}, {ONE}] = 0: set to {new}", (edit,))


def _positions(blueprint: Blueprint) -> Iterator[Fault]:
    """The coefficients of i and i^2 of every coordinate that reads the position, those that are 0 too."""
    matrix, site = blueprint.embedding["position"], Site("embedding", "position")
    for row in sorted({row for row, _ in matrix.entries}):
        for column, power in enumerate(matrix.columns):
            if (row, column) not in matrix.entries:
                for new in (1, -1):
                    text = f"embedding.position[{matrix.rows[row]}, {power}] = 0: set to {new}"
                    yield Fault("position", text, (Edit(site, row, column, f"={new}"),))


def _heads(blueprint: Blueprint) -> Iterator[Fault]:
    """Each head silenced; each two heads with equally many reads exchange what they write to."""
    matrices = list(named_matrices(blueprint))
    outputs = [(site, matrix) for site, _, matrix in matrices if site.matrix == "output" and site.head >= 0]
    names = {
        Site(str(number), "output", place): f"layer {number}.{head.name}"
        for number, layer in enumerate(blueprint.layers)
        if isinstance(layer, SymbolicAttention)
        for place, head in enumerate(layer.heads)
    }
    for place, (site, matrix) in enumerate(outputs):
        edits = tuple(Edit(site, row, column, "0") for row, column in sorted(matrix.entries))
        yield Fault("head removed", f"{names[site]} writes nothing", edits)
        for other, its in outputs[:place]:
            if len(its.columns) == len(matrix.columns):
                yield Fault("heads swapped", f"{names[other]} and {names[site]} exchanged", (), (other, site))


def _rules(blueprint: Blueprint) -> Iterator[Fault]:
    """Steps of a table of rules: a unit that fires a step is silenced, or made to write another token.

    Rules are wired so that each step is one gated unit which adds to the coordinate of what it writes.
    """
    if not blueprint.table:
        return
    for number, layer in enumerate(blueprint.layers):
        if not isinstance(layer, SymbolicFeedForward):
            continue
        site, output = Site(str(number), "output"), layer.output
        written = [row for row, name in enumerate(output.rows) if name.startswith(_WRITES)]
        for (row, column), factor in sorted(output.entries.items(), key=_place):
            if row not in written:
                continue
            value = factor.as_constant
            unit = f"layer {number}, the step {output.columns[column]!r}"
            yield Fault("rule", f"{unit} dropped", (Edit(site, row, column, "0"),))
            target = written[(written.index(row) + 1) % len(written)]
            if target != row and value is not None:
                edits = (Edit(site, row, column, "0"), Edit(site, target, column, f"={value}"))
                yield Fault("rule", f"{unit} adds to {output.rows[target]!r}", edits)
