"""Plans: by which structure each head finds what it picks, read off its weights.

For a head with query rows Q_f, key rows K_f and slope a, the score of the key at position j is
sum_f Q_f K_f + a j. Let g be the greatest common divisor of all query weights, so that the score is g A + a j
with an integer A. While |a| j stays below g, scores compare like the pairs (A, a j): first by A, then by recency.

A row Q_f is *constant* if it reads only coordinates that no token, position or layer changes. The head has
*lattice form* if exactly one row is constant, with value c > 0 in units of g; of the others, those whose
weights are all divisible by 2 c are *match* rows, with q_f = Q_f / 2 c; the rest are *default* rows. A record
with keys k_f, norm m (the key of the constant row) and zero keys in the default rows has

    A = c (2 q.k + m) = c |q|^2 - c (|q - k|^2 + e),    e = -m - |k|^2,

and is *regular* if e >= 0. So a regular record has A = c |q|^2 exactly if k = q and e = 0, and at most
c |q|^2 - c otherwise: the match is found by hashing, or, where the keys are positions, by its place. Records that
are not regular (default records are such) are few and are compared one by one. A record whose key row equals an
earlier one replaces it if a > 0, since it has the same A for every query and a later position; if a < 0 the
earlier one stays; if a = 0 both always tie and are kept as a sum.

If nothing matches, what is picked is the nearest key. With one match row the records are points (k, m) in the
plane, and the best of q k + c m lies on their upper hull, where it is found by bisection. The same serves for any
head with two rows of which one is constant and not 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

from constructions.architectures import Attention, Head, Model, Recurrence
from constructions.engine._opcodes import DEFAULT, EQUAL_KEYS, HULL, MATCH, NORM, POSITION, RUNNING, SCAN

_ROLES = {MATCH: "match", NORM: "norm", DEFAULT: "default"}


class NotCompilable(Exception):  # noqa: N818  (a reason, not an error)
    """Why a model cannot run in the fast engine."""


@dataclass(frozen=True)
class HeadPlan:
    """The structure by which a head finds its arg max, as read off the weights.

    ``kind`` is SCAN, EQUAL_KEYS, RUNNING, POSITION or HULL; ``unit`` is g, ``constant`` is c (0 where no row is
    constant), ``roles`` say what each feature is; ``along`` and ``up`` are the features of a hull, -1 if none
    serves; ``why`` is the reason in words.
    """

    name: str
    layer: str
    kind: int
    slope: int
    unit: int
    constant: int
    roles: tuple[int, ...]
    features: tuple[str, ...]
    along: int
    up: int
    why: str

    @property
    def role_names(self) -> tuple[str, ...]:
        """What each feature is: match, norm or default."""
        return tuple(_ROLES[role] for role in self.roles)

    @property
    def words(self) -> str:
        """The structure in words."""
        if self.kind == RUNNING:
            return "running average" if self.slope == 0 else "running maximum"
        if self.kind == EQUAL_KEYS:
            which = {True: "latest equal key", False: "all equal keys"}[self.slope > 0]
            which = "first equal key" if self.slope < 0 else which
            return which + (" or default record" if DEFAULT in self.roles else "")
        return {SCAN: "all distinct keys", POSITION: "position look-up", HULL: "monotone hull"}[self.kind]

    @property
    def otherwise(self) -> str | None:
        """What is done for a query without a match; None where there is no such query."""
        if self.kind not in (EQUAL_KEYS, POSITION):
            return None
        return "nearest key on a line" if self.along >= 0 else "all distinct keys"

    @property
    def watched(self) -> tuple[str, ...]:
        """What is not known from the weights, and checked while the head runs."""
        lattice = ("which keys have e >= 0; the others are compared one by one",)
        recency = () if self.slope == 0 else (f"{abs(self.slope)} x position stays below {self.unit}",)
        return (lattice if self.kind in (EQUAL_KEYS, POSITION) else ()) + recency + ("every sum fits 64 bits",)

    @property
    def positions(self) -> int | None:
        """The most positions that keep recency below the unit, whatever the tokens; None if any number does."""
        return None if self.slope == 0 else (self.unit - 1) // abs(self.slope) + 1

    def as_document(self) -> dict[str, Any]:
        """The plan as JSON."""
        return {
            "name": self.name,
            "layer": self.layer,
            "structure": self.words,
            "otherwise": self.otherwise,
            "slope": self.slope,
            "unit": self.unit,
            "constant": self.constant,
            "roles": dict(zip(self.features, self.role_names, strict=True)),
            "positions": self.positions,
            "why": self.why,
            "watched": list(self.watched),
        }

    def __str__(self) -> str:
        return f"{self.name}: {self.words}; {self.why}"


@dataclass(frozen=True)
class Plan:
    """How the fast engine runs a model: a plan per head, or the reason why it leaves the model to the plain one."""

    heads: tuple[HeadPlan, ...]
    refused: str | None = None

    @property
    def positions(self) -> int | None:
        """The most positions that keep recency below the unit in all heads; None if any number does."""
        limits = [head.positions for head in self.heads if head.positions is not None]
        return min(limits) if limits else None

    def as_document(self) -> dict[str, Any]:
        """The plan as JSON."""
        heads = [head.as_document() for head in self.heads]
        return {"heads": heads, "positions": self.positions, "refused": self.refused}

    def __str__(self) -> str:
        if self.refused is not None:
            return f"all heads: the plain evaluator, because {self.refused}"
        return "\n".join(map(str, self.heads)) or "no heads"


Affine = tuple[int, int]
"""alpha and beta of a coordinate that is alpha i + beta at position i, whatever the tokens are."""


def affine_coordinates(model: Model) -> dict[int, Affine]:
    """Coordinates that the position alone determines, as alpha i + beta, and that no layer writes to."""
    written = set[int]()
    for layer in model.layers:
        outputs = [h.output for h in layer.heads] if isinstance(layer, Attention) else [layer.output]
        if isinstance(layer, Recurrence):
            outputs.append(layer.feedthrough)
        for output in outputs:
            written |= {target for target, row in enumerate(output.sparse_rows) if row}
    embedding, found = model.embedding, dict[int, Affine]()
    has_numbers = model.vocabulary.high >= model.vocabulary.low
    for place in range(len(model.coordinates)):
        number = [int(v) for v in embedding.polynomial.numerators[place]]
        linear, square = (int(v) for v in embedding.position.numerators[place])
        values = {int(v) for v in embedding.special.numerators[place]} | ({number[0]} if has_numbers else set())
        if place not in written and not any(number[1:]) and not square and len(values) == 1:
            found[place] = (linear, values.pop())
    return found


def plan_of(head: Head, affine: Mapping[int, Affine], layer: str = "attention 1") -> HeadPlan:
    """Read a head's structure off its weights."""
    rows = head.query.sparse_rows
    unit = gcd(*(weight for row in rows for _, weight in row)) or 1
    fixed = [f for f, row in enumerate(rows) if all(affine.get(column, (1, 0))[0] == 0 for column, _ in row)]
    values = [sum(weight * affine[column][1] for column, weight in rows[f]) // unit for f in fixed]

    def plan(kind: int, why: str, roles: Sequence[int] = (), along: int = -1) -> HeadPlan:
        chosen = tuple(roles) or (MATCH,) * len(rows)
        c = values[0] if len(fixed) == 1 else 0
        up = fixed[0] if along >= 0 else -1
        return HeadPlan(head.name, layer, kind, head.slope, unit, c, chosen, head.features, along, up, why)

    if len(fixed) == len(rows):
        return plan(RUNNING, "no query depends on the position, so one record leads for all")
    if len(fixed) != 1:
        return plan(SCAN, f"{len(fixed)} query rows are constant; the lattice form and the hull have one")
    c = values[0]
    roles = [
        NORM if f in fixed else MATCH if c and all(weight % (2 * c * unit) == 0 for _, weight in row) else DEFAULT
        for f, row in enumerate(rows)
    ]
    matched = [f for f, role in enumerate(roles) if role == MATCH]
    if c > 0 and matched:
        names = ", ".join(head.features[f] for f in matched)
        why = f"keys on the lattice form in {names} with constant {c}, recency below {unit}"
        along = matched[0] if len(matched) == 1 else -1
        by_place = len(rows) == 2 and _stride(head, matched[0], affine) != 0
        return plan(POSITION if by_place else EQUAL_KEYS, why, roles, along)
    if c and len(rows) == 2:
        along = next(f for f in range(2) if f not in fixed)
        why = f"two rows, of which {head.features[fixed[0]]} is constant {c}, recency below {unit}"
        return plan(HULL, why, [NORM if f in fixed else MATCH for f in range(2)], along)
    if c <= 0:
        return plan(SCAN, f"the constant query row is {c}; the lattice form has a positive one")
    return plan(SCAN, f"no query row is divisible by twice the constant {c}")


def _stride(head: Head, feature: int, affine: Mapping[int, Affine]) -> int:
    """By how much a key grows with each position, 0 if not by the position alone."""
    row = head.key.sparse_rows[feature]
    if any(column not in affine for column, _ in row):
        return 0
    return sum(weight * affine[column][0] for column, weight in row)
