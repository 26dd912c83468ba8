"""How models, constructions and transcripts look in a notebook."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from markupsafe import escape

from constructions.architectures import (
    Attention,
    FeedForward,
    Gated,
    Head,
    Layer,
    Model,
    Recurrence,
    Selective,
    family,
    names_of,
    outputs_of,
)
from constructions.engine import Transcript
from constructions.errors import ModelError, counted
from constructions.numerics import Matrix
from constructions.theorems import Construction
from constructions.wiring import Blueprint
from constructions.worked_examples._data import Trace
from constructions.worked_examples._labelled import Labelled
from constructions.worked_examples._typeset import as_html, card

_Entry = tuple[int, int, Fraction]
"""Row, column and value."""

_MOST_CELLS = 1000
"""A matrix with more entries is shown by those that are not zero."""


@dataclass(frozen=True)
class Table:
    """A table with a title, folded away unless ``open``; the cells of ``numbers`` are set to the right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    open: bool = False
    numbers: Sequence[int] = ()


def terms(entries: Iterable[tuple[str, Fraction]]) -> str:
    """A row of a matrix as a sum over what its columns are called.

    >>> terms([("position", Fraction(2)), ("one", Fraction(-2)), ("token", Fraction(1))])
    '2 position - 2 one + token'
    """
    written = ""
    for name, weight in entries:
        size = "" if abs(weight) == 1 else f"{abs(weight)} "
        sign = ("- " if weight < 0 else "+ ") if written else "-" if weight < 0 else ""
        written += f"{' ' if written else ''}{sign}{size}{name}"
    return written or "0"


def model_html(model: Model) -> str:
    """Blocks, heads by name, and each matrix by its nonzero entries."""
    try:
        kind = family(model)
    except ModelError:
        kind = "none of the families"
    vocabulary = model.vocabulary
    numbers = f" and the numbers {vocabulary.low} to {vocabulary.high}" if vocabulary.high >= vocabulary.low else ""
    lead = f"{kind}; {len(model.coordinates)} coordinates; tokens {' '.join(vocabulary.specials)}{numbers}"
    return card(model.name, lead, list(_model_tables(model)))


def _model_tables(model: Model) -> Iterator[Table]:
    names = model.coordinates
    unembedding, specials = model.unembedding, model.vocabulary.specials
    yield Table("embedding", ("coordinate", "is"), [(a, b) for a, b in _embedded(model) if b != "0"])
    for layer, title in zip(model.layers, names_of(model.layers), strict=True):
        yield from _layer_tables(layer, title, names)
    logits = _rows(specials, names, unembedding.special)
    logits += _rows(("number k", "times k", "times k^2"), names, unembedding.polynomial)
    yield Table("logits", ("token", "is"), logits)


def _layer_tables(layer: Layer, title: str, names: Sequence[str], *, unfolded: bool = False) -> Iterator[Table]:
    """A table for each head, for the units, or for the recurrence, over coordinates of these names."""
    if isinstance(layer, Attention):
        for head in layer.heads:
            bias = f", plus {head.slope} times the position" if head.slope else ""
            rows = list(_head_rows(head, names))
            yield Table(f"{title}: {head.name}{bias}", ("", "row", "is"), rows, open=unfolded)
    elif isinstance(layer, FeedForward):
        pairs = zip(_rows(layer.units, names, layer.gate), _rows(layer.units, names, layer.value), strict=True)
        adds = _columns(names, layer.output)
        units = [(name, gate, value, adds[place]) for place, ((name, gate), (_, value)) in enumerate(pairs)]
        yield Table(title, ("unit", "gate", "value", "adds to"), units, open=unfolded)
    else:
        yield Table(title, ("", "row", "is"), list(_recurrence_rows(layer, names)), open=unfolded)


def layer_html(layer: Layer | Head) -> str:
    """A layer or a head by itself: only the model names its coordinates, so they are x0, x1 and so on here."""
    if isinstance(layer, Head):
        layer = Attention((layer,))
    title = names_of([layer])[0].rpartition(" ")[0]
    width = max((output.shape[0] for output in outputs_of(layer)), default=0)
    lead = f"x0 to x{width - 1} are the coordinates of the residual stream, which the model names"
    return card(title, lead, list(_layer_tables(layer, title, [f"x{k}" for k in range(width)], unfolded=True)))


def matrix_html(matrix: Matrix) -> str:
    """The entries in rows and columns; of a large matrix those that are not zero."""
    rows, columns = (tuple(map(str, range(count))) for count in matrix.shape)
    return _grid_html(f"{len(rows)} x {len(columns)} matrix", rows, columns, list(matrix.entries()))


def labelled_html(array: Labelled) -> str:
    """The weights of attention, with the tokens beside and above."""
    nonzero = [(i, j, array[i, j]) for i, j in zip(*np.nonzero(array.values), strict=True)]
    return _grid_html(f"{array.title}: weight by position", array.rows, array.columns, nonzero)


def _grid_html(
    title: str, rows: Sequence[str], columns: Sequence[str], nonzero: list[tuple[int, int, Fraction]]
) -> str:
    lead = f"{len(nonzero)} of {len(rows) * len(columns)} entries are not zero"
    if len(rows) * len(columns) <= _MOST_CELLS:
        held = {(i, j): value for i, j, value in nonzero}
        grid = [(label, *(held.get((i, j), 0) for j in range(len(columns)))) for i, label in enumerate(rows)]
        return card(title, lead, [Table("entries", ("", *columns), grid, True, range(len(columns) + 1))])
    more = f", the first {_MOST_CELLS}" if len(nonzero) > _MOST_CELLS else ""
    listed = [(rows[i], columns[j], value) for i, j, value in nonzero[:_MOST_CELLS]]
    return card(title, lead, [Table(f"entries that are not zero{more}", ("row", "column", "value"), listed)])


def _embedded(model: Model) -> list[tuple[str, str]]:
    """Each coordinate as a polynomial in the number k and the position i, plus what special tokens add."""
    embedding, specials = model.embedding, model.vocabulary.specials
    rows = []
    for place, name in enumerate(model.coordinates):
        number = [("for numbers", embedding.polynomial[place, 0])]
        number += [("k", embedding.polynomial[place, 1]), ("k^2", embedding.polynomial[place, 2])]
        number += [("i", embedding.position[place, 0]), ("i^2", embedding.position[place, 1])]
        number += [(f"for {special}", embedding.special[place, k]) for k, special in enumerate(specials)]
        rows.append((name, terms((what, weight) for what, weight in number if weight)))
    return rows


def _rows(labels: Sequence[str], columns: Sequence[str], matrix: Matrix) -> list[tuple[str, str]]:
    listed: dict[int, list[tuple[str, Fraction]]] = {place: [] for place in range(len(labels))}
    for row, column, value in matrix.entries():
        listed[row].append((columns[column], value))
    return [(label, terms(listed[place])) for place, label in enumerate(labels)]


def _columns(rows: Sequence[str], matrix: Matrix) -> list[str]:
    listed: list[list[tuple[str, Fraction]]] = [[] for _ in range(matrix.shape[1])]
    for row, column, value in matrix.entries():
        listed[column].append((rows[row], value))
    return [terms(entries) for entries in listed]


def _head_rows(head: Head, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for part, labels in (("query", head.features), ("key", head.features), ("value", head.reads)):
        yield from ((part, label, row) for label, row in _rows(labels, names, getattr(head, part)))
    yield from (("output", name, row) for name, row in _rows(names, head.reads, head.output) if row != "0")


def _recurrence_rows(layer: Recurrence, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    moved = layer.inner if isinstance(layer, Gated) else layer.state
    shapes: tuple[tuple[str, Sequence[str], Sequence[str]], ...] = (
        ("transition", moved, layer.state),
        ("input", moved, names),
        ("output", names, layer.state),
    )
    if isinstance(layer, Selective):
        units = (("selector", layer.units, names), ("selected", layer.units, layer.state))
        shapes = (*shapes, *units, ("change", layer.state, layer.units))
    if isinstance(layer, Gated):
        units = (("opens", layer.units, moved), ("carries", layer.units, moved))
        shapes = (*shapes, *units, ("adds", moved, layer.units), ("kept", layer.state, moved))
    for part, labels, columns in (*shapes, ("feedthrough", names, names)):
        yield from ((part, label, row) for label, row in _rows(labels, columns, getattr(layer, part)) if row != "0")


def blueprint_html(blueprint: Blueprint, title: str = "", lead: str = "") -> str:
    """The coordinates with their ranges for all n, and the contracts."""
    sizes = ", ".join(f"{name} >= {least}" for name, least in blueprint.domain.minimum.items())
    facts = f"for all {sizes}; {blueprint.parameters} nonzero parameters, none above {blueprint.largest_parameter}"
    extents = [(name, str(extent)) for name, extent in blueprint.ranges.items()]
    held = [(name, str(extent)) for name, extent in blueprint.state.items()]
    contracts = [(c.name, c.gadget, c.guarantees, "" if c.gap is None else c.gap) for c in blueprint.contracts]
    tables = [Table("coordinates", ("coordinate", "range"), extents, open=True)]
    tables += [Table("recurrent state", ("state", "range"), held)] if held else []
    tables += [Table("contracts", ("name", "gadget", "guarantees", "gap"), contracts)]
    if blueprint.table:
        tables.append(Table("rules", ("after", "if", "write"), blueprint.table))
    return card(title or blueprint.name, f"{lead}{facts}", tables)


def _tokens(construction: Construction) -> str:
    return "1 token is" if str(construction.longest) == "1" else f"{construction.longest} tokens are"


def construction_html(construction: Construction) -> str:
    """What the construction does, and its blueprint."""
    lead = f"{construction.summary} At most {_tokens(construction)} written; "
    return blueprint_html(construction.blueprint, construction.label, lead)


def transcript_html(transcript: Transcript) -> str:
    """The tokens written, and the answer."""
    ending = "no answer was written" if transcript.answer is None else f"answer: {transcript.answer}"
    rows: list[Sequence[Any]] = [(place, token) for place, token in enumerate(transcript.tokens, 1)]
    table = Table(counted(len(rows), "token"), ("", "token"), rows[:1000], open=len(rows) <= 12, numbers=(0,))
    return card(ending, "; ".join(transcript.diagnostics), [table])


def trace_html(trace: Trace) -> str:
    """The page of the worked example in a frame of its own, so that its style stays inside."""
    return (
        f'<iframe srcdoc="{escape(as_html(trace))}" sandbox="allow-scripts" loading="lazy" width="100%" height="760" '
        'style="border:0" title="worked example"></iframe>'
    )


_PAGES: dict[type, Callable[[Any], str]] = {
    Attention: layer_html,
    Blueprint: blueprint_html,
    Construction: construction_html,
    FeedForward: layer_html,
    Head: layer_html,
    Labelled: labelled_html,
    Matrix: matrix_html,
    Model: model_html,
    Recurrence: layer_html,
    Trace: trace_html,
    Transcript: transcript_html,
}


def page_of(thing: object) -> str:
    """The HTML by which notebooks show an object of one of the types in ``_PAGES``."""
    return next(page for kind, page in _PAGES.items() if isinstance(thing, kind))(thing)
