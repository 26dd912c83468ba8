"""A wrong entry in a count, a total or a state is refused, and what is wrong is named."""

from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from constructions.gallery import from_gallery
from constructions.wiring import Blueprint, Range, SymbolicAttention, SymbolicMatrix
from tests.proofs_check.rocq.coq_runs import found_faults

KINDS = ("plus 1", "doubled", "negated", "moved", "deleted")
"""In turn; test_mutants has each of them at each entry."""


def spoiled(matrix: SymbolicMatrix, kind: str) -> SymbolicMatrix:
    """The matrix with another entry in place of one of its own."""
    place = min(matrix.entries)
    entries = dict(matrix.entries)
    old = entries.pop(place)
    if kind == "moved":
        entries[place[0], place[1] + 1] = old
    elif kind != "deleted":
        entries[place] = {"plus 1": old + 1, "doubled": old * 2, "negated": -old}[kind]
    return replace(matrix, entries=entries)


def with_part(blueprint: Blueprint, index: int, part: str, kind: str) -> Blueprint:
    """The blueprint with a wrong entry in a matrix of a layer, the first head's where it has heads."""
    layer = blueprint.layers[index]
    owner: Any = layer.heads[0] if isinstance(layer, SymbolicAttention) else layer
    wrong = replace(owner, **{part: spoiled(getattr(owner, part), kind)})
    if isinstance(layer, SymbolicAttention):
        wrong = replace(layer, heads=(wrong, *layer.heads[1:]))
    return replace(blueprint, layers=(*blueprint.layers[:index], wrong, *blueprint.layers[index + 1 :]))


COUNT = "'same.count.value' (layer 2) is not the count or the total that the wiring says"
TOTAL = "'select 1.total 1' (layer 2) is not the count or the total that the wiring says"
PLANTED = [
    ("histogram", 2, "query", COUNT),
    ("histogram", 2, "key", COUNT),
    ("histogram", 2, "value", COUNT),
    ("most-frequent", 2, "gate", TOTAL),
    ("most-frequent", 2, "value", TOTAL),
    (
        "linear-dyck-1",
        2,
        "selector",
        "unit 'never below.1.never below' (layer 2) does not move the state as the wiring says",
    ),
    (
        "linear-dyck-1",
        2,
        "selected",
        "unit 'never below.1.never below' (layer 2) does not move the state as the wiring says",
    ),
    ("linear-dyck-1", 2, "change", "the cell 'never below' (layer 2) does not keep, read or take what the wiring says"),
    ("linear-dyck-1", 0, "transition", "the cell 'depth' (layer 0) does not keep, read or take what the wiring says"),
    ("linear-dyck-1", 0, "input", "the cell 'depth' (layer 0) does not keep, read or take what the wiring says"),
    ("linear-dyck-1", 0, "output", "the cells of layer 0 are not shown where the wiring says"),
]


@pytest.mark.system
@pytest.mark.parametrize(
    ("name", "layer", "part", "words", "kind"), [(*row, kind) for row, kind in zip(PLANTED, cycle(KINDS), strict=False)]
)
def test_a_wrong_entry_is_named(rocq: Path, name: str, layer: int, part: str, words: str, kind: str) -> None:
    whole = from_gallery(f"gallery/{name}").blueprint
    assert words in found_faults(rocq, with_part(whole, layer, part, kind))


@pytest.mark.system
def test_nothing_is_named_where_nothing_is_wrong(rocq: Path) -> None:
    for name in ("histogram", "most-frequent", "linear-dyck-1"):
        assert found_faults(rocq, from_gallery(f"gallery/{name}").blueprint) == []


@pytest.mark.system
@pytest.mark.parametrize(
    ("name", "coordinate", "less"),
    [
        ("histogram", "same.count.value", 1),
        ("most-frequent", "select 1.total 1", 1),
        ("linear-dyck-1", "depth", 2),
        ("linear-s5", "at.0", 1),
    ],
)
def test_a_range_that_is_too_small_is_named(rocq: Path, name: str, coordinate: str, less: int) -> None:
    """Too small by ``less`` at its upper end, where the wiring's may be 1 more than is needed."""
    whole = from_gallery(f"gallery/{name}").blueprint
    extent = whole.ranges[coordinate]
    ranges = {**whole.ranges, coordinate: Range(extent.low, extent.high - less)}
    assert f"the range of {coordinate!r} is not shown" in found_faults(rocq, replace(whole, ranges=ranges))
