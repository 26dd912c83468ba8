"""What a model never reads, shown on its matrices alone: the argument holds for all inputs and all sizes.

The nonzero places of the matrices do not depend on n. So it is enough to follow, from the unembedding back to the
embedding, which coordinates can have an influence (a liveness analysis): a coordinate is *live* after a layer if the
unembedding or a later layer that is live reads it. A weight that only adds to what is not live, or only reads what is 0
everywhere, can be anything.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from constructions.architectures import Attention, FeedForward, Gated, Layer, Model, Recurrence, Selective
from proofs_check.mutations._faults import Fault, Site

Places = frozenset[int]

_SELECTION = ("selector", "selected", "change")
"""The matrices of the gated units in a recurrence."""


@dataclass(frozen=True)
class Nonzero:
    """The places of two models' matrices that may be nonzero; all others are 0 in both, at every size.

    What a fault changes counts as nonzero: that it is 0 in this model may be so at this size alone.
    """

    models: tuple[Model, Model]
    changed: frozenset[tuple[Site, int, int]]

    def entries(self, site: Site) -> set[tuple[int, int]]:
        """Rows and columns of a matrix that may be nonzero."""
        own = {(row, column) for model in self.models for row, column, _ in site.of(model).entries()}
        return own | {(row, column) for changed, row, column in self.changed if changed == site}

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers; their kinds are the same in both models."""
        return self.models[0].layers


def never_read(original: Model, mutant: Model, fault: Fault) -> bool:
    """Whether all that the fault changes adds only to what nothing reads, or only reads what is always 0."""
    both = Nonzero((original, mutant), _changed(original, fault))
    reached, live = _reached(both), _live(both)
    return all(_idle(both, site, row, column, reached, live) for site, row, column in both.changed)


def _changed(original: Model, fault: Fault) -> frozenset[tuple[Site, int, int]]:
    """The places that the fault changes at some size; not only those where the numbers differ at this one."""
    places = {(edit.site, edit.row, edit.column) for edit in fault.edits}
    if fault.exchanged is not None:
        for row, column in {(r, c) for site in fault.exchanged for r, c, _ in site.of(original).entries()}:
            places |= {(site, row, column) for site in fault.exchanged}
    return frozenset(places)


def _idle(
    both: Nonzero, site: Site, row: int, column: int, reached: Mapping[int, Places], live: Mapping[int, Places]
) -> bool:
    """Whether this one entry has no influence."""
    if site.part == "embedding":
        return row not in live[-1]
    if site.part == "unembedding":
        return column not in reached[len(both.layers)]
    index = int(site.part)
    layer, before, after = both.layers[index], reached[index], live[index]
    if isinstance(layer, Attention):
        if not _head_rows(both, index, site.head, after):
            return True  # what the head reads goes nowhere
        if site.matrix == "slope":
            return False
        if site.matrix in ("query", "key"):
            other = "key" if site.matrix == "query" else "query"
            opposite = _entries(both, index, other, site.head)
            return column not in before or not any(r == row and c in before for r, c in opposite)
        if site.matrix == "value":
            return column not in before or row not in _head_rows(both, index, site.head, after)
        return row not in after or not _reads(both, index, "value", column, before, site.head)
    if isinstance(layer, FeedForward):
        if site.matrix == "output":
            return row not in after or not _unit_works(both, index, column, before)
        other = "value" if site.matrix == "gate" else "gate"
        return (
            column not in before
            or row not in _units_shown(both, index, after)
            or not _reads(both, index, other, row, before)
        )
    if site.matrix == "output":
        return row not in after
    if site.matrix == "feedthrough":
        return row not in after or column not in before
    if isinstance(layer, Gated):
        cells, inner, units = _moving(both, index, after)
        alive = {"kept": row in cells, "opens": row in units, "carries": row in units, "input": column in before}
        return not alive.get(site.matrix, True) or (site.matrix in ("transition", "input", "adds") and row not in inner)
    cells = _cells_shown(both, index, after)
    if site.matrix in _SELECTION:
        unit = column if site.matrix == "change" else row
        parts = {
            "selector": _reads(both, index, "selector", unit, before) or site.matrix == "selector",
            "selected": any(u == unit for u, _ in _entries(both, index, "selected")),
            "change": any(u == unit and cell in cells for cell, u in _entries(both, index, "change")),
        }
        there = row in cells if site.matrix == "change" else site.matrix == "selected" or column in before
        return not (there and all(parts.values()))
    return row not in cells or (site.matrix == "input" and column not in before)


def _entries(both: Nonzero, index: int, matrix: str, head: int = -1) -> set[tuple[int, int]]:
    return both.entries(Site(str(index), matrix, head))


def _reads(both: Nonzero, index: int, matrix: str, row: int, before: Collection[int], head: int = -1) -> bool:
    """Whether a row reads some coordinate that is not 0 everywhere."""
    return any(r == row and c in before for r, c in _entries(both, index, matrix, head))


def _unit_works(both: Nonzero, index: int, unit: int, before: Collection[int]) -> bool:
    return all(_reads(both, index, part, unit, before) for part in ("gate", "value"))


def _units_shown(both: Nonzero, index: int, after: Collection[int]) -> Places:
    return frozenset(c for r, c in _entries(both, index, "output") if r in after)


def _head_rows(both: Nonzero, index: int, head: int, after: Collection[int]) -> Places:
    return frozenset(c for r, c in _entries(both, index, "output", head) if r in after)


def _cells_shown(both: Nonzero, index: int, after: Collection[int]) -> Places:
    """State coordinates that some live coordinate shows, now or later."""
    cells = {c for r, c in _entries(both, index, "output") if r in after}
    transition = _entries(both, index, "transition")
    if isinstance(both.layers[index], Selective):
        selected = _entries(both, index, "selected")
        transition |= {(cell, c) for cell, unit in _entries(both, index, "change") for u, c in selected if u == unit}
    while more := {c for r, c in transition if r in cells} - cells:
        cells |= more
    return frozenset(cells)


def _moving(both: Nonzero, index: int, after: Collection[int]) -> tuple[Places, Places, Places]:
    """Of a gated recurrence the state coordinates, inner numbers and units that some live coordinate needs."""
    adds, kept, before = (_entries(both, index, part) for part in ("adds", "kept", "transition"))
    read = [(u, c) for part in ("opens", "carries") for u, c in _entries(both, index, part)]
    cells, inner, units = {c for r, c in _entries(both, index, "output") if r in after}, set[int](), set[int]()
    while True:
        known = len(cells) + len(inner) + len(units)
        inner |= {c for r, c in kept if r in cells} | {c for u, c in read if u in units}
        units |= {u for r, u in adds if r in inner}
        cells |= {c for r, c in before if r in inner}
        if len(cells) + len(inner) + len(units) == known:
            return frozenset(cells), frozenset(inner), frozenset(units)


def _reached(both: Nonzero) -> dict[int, Places]:
    """For each layer the coordinates that may differ from 0 before it."""
    parts = ("polynomial", "special", "position")
    embedded = {row for part in parts for row, _ in both.entries(Site("embedding", part))}
    reached, current = {0: frozenset(embedded)}, frozenset(embedded)
    for index, layer in enumerate(both.layers):
        heads = range(len(layer.heads)) if isinstance(layer, Attention) else (-1,)
        for head in heads:
            current |= {row for row, _ in _entries(both, index, "output", head)}
        if isinstance(layer, Recurrence):
            current |= {row for row, _ in _entries(both, index, "feedthrough")}
        reached[index + 1] = current
    return reached


def _live(both: Nonzero) -> dict[int, Places]:
    """For each layer (-1: the embedding) the coordinates that are read after it."""
    parts = ("polynomial", "special")
    read = {column for part in parts for _, column in both.entries(Site("unembedding", part))}
    live, current = {}, frozenset(read)
    for index in reversed(range(len(both.layers))):
        live[index] = current
        current |= _read_by(both, index, current)
    live[-1] = current
    return live


def _read_by(both: Nonzero, index: int, after: Places) -> set[int]:
    """What a layer reads to write to live coordinates."""
    layer = both.layers[index]
    if isinstance(layer, Attention):
        heads = [head for head in range(len(layer.heads)) if _head_rows(both, index, head, after)]
        scored = {c for head in heads for part in ("query", "key") for _, c in _entries(both, index, part, head)}
        return scored | {
            c for h in heads for r, c in _entries(both, index, "value", h) if r in _head_rows(both, index, h, after)
        }
    if isinstance(layer, FeedForward):
        units = _units_shown(both, index, after)
        return {c for part in ("gate", "value") for r, c in _entries(both, index, part) if r in units}
    gated = isinstance(layer, Gated)
    cells = _moving(both, index, after)[1] if gated else _cells_shown(both, index, after)
    through = {c for r, c in _entries(both, index, "feedthrough") if r in after}
    if isinstance(layer, Selective):
        moving = {unit for cell, unit in _entries(both, index, "change") if cell in cells}
        through |= {c for unit, c in _entries(both, index, "selector") if unit in moving}
    return through | {c for r, c in _entries(both, index, "input") if r in cells}
