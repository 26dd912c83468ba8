"""A trace as arrays and columns: for NumPy, matplotlib and data frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from constructions._lazy import Shown
from constructions.errors import InputError

if TYPE_CHECKING:
    from constructions.worked_examples._data import HeadView, Moment, Trace


@dataclass(frozen=True, eq=False)
class Labelled(Shown):
    """A two-dimensional array of Fractions with a label for each row and column.

    NumPy takes it for the array, as floats if it is asked for them: ``np.asarray(array, dtype=float)``.
    """

    title: str
    values: NDArray[Any]
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.columns)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: Any) -> Any:
        return self.values[place]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, dtype=dtype)


def attention_of(trace: "Trace", name: str) -> Labelled:
    """The weight of every position at every position that is explained, by one head.

    Raises:
        InputError: if no head of the trace has this name.
    """
    heads = [(moment, found) for moment in trace.moments if (found := dict(_heads(moment)).get(name)) is not None]
    if not heads:
        known = ", ".join(dict.fromkeys(label for moment in trace.moments for label, _ in _heads(moment))) or "none"
        raise InputError(f"the trace has no head {name!r}; there are {known}")
    width = max(moment.position for moment, _ in heads) + 1
    values = np.full((len(heads), width), Fraction(0), dtype=object)
    for row, (_, head) in enumerate(heads):
        for pick in head.picks:
            values[row, pick.position] = Fraction(1, len(head.picks))
    labels = [f"{place} {token.label}" for place, token in enumerate(trace.tokens)]
    return Labelled(name, values, tuple(labels[moment.position] for moment, _ in heads), tuple(labels[:width]))


def columns_of(trace: "Trace") -> dict[str, list[Any]]:
    """One entry for each position that is explained, in every column; a column for each head."""
    rows = [_row(trace, moment) for moment in trace.moments]
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _row(trace: "Trace", moment: "Moment") -> dict[str, Any]:
    decision = moment.decision
    return {
        "position": moment.position,
        "token": trace.tokens[moment.position].label,
        "next": decision.token.label,
        "written": moment.writes,
        "logit": decision.logit,
        "gap": decision.gap,
        **{
            name: tuple(pick.position for pick in head.picks if pick.match is not False)
            for name, head in _heads(moment)
        },
    }


def _heads(moment: "Moment") -> Iterator[tuple[str, "HeadView"]]:
    """Each head by its name, and the layer before it where two layers have one of the same name."""
    heads = [(block.name, head) for block in moment.blocks for head in block.heads]
    names = [head.name for _, head in heads]
    return ((head.name if names.count(head.name) == 1 else f"{layer}: {head.name}", head) for layer, head in heads)
