"""Certificates of the kind plan: how each head of a model finds what it picks, and how large numbers get.

All of it is read off the weights again, for all sequences of at most ``context`` tokens. With g the greatest common
divisor of the weights of a head's query, its score is g A + slope j, A an integer. While |slope| (context - 1) is
below g, the scores compare like the pairs (A, slope j). Rows of the query that read only coordinates that
are the same everywhere are constant. What the structures are is in docs/certificates.md; that a structure
then finds the largest A is an argument, which is not checked here.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from ._layers import MOST_BITS, Attention, FeedForward, Head, Layer, Matrix, Recurrence, Row
from ._model import Model
from ._reading import Fields
from ._verdict import Incomplete, Malformed, Rejected, shown

KEYS = ("bounds", "context", "heads", "model")
HEAD_KEYS = ("constant", "layer", "name", "roles", "structure", "unit")
STRUCTURES = ("equal keys", "hull", "plain", "position look-up", "running maximum")
Bounds = list[int]


def check(fields: Fields) -> str:
    """A sentence if every head has the structure that is claimed, and every bound is the one that follows."""
    model = Model(fields["model"], fields.place("model"))
    context = fields.integer("context", 1, 10**12)
    if any(isinstance(weight, Fraction) for matrix in _matrices(model) for _, row in matrix.rows for _, weight in row):
        raise Rejected("a weight of the model is a fraction; plans are about integer weights")
    affine = _affine(model)
    heads = [(place, head) for place, layer in enumerate(model.layers) for head in _heads(layer)]
    claimed = fields.items("heads", 10_000)
    if len(claimed) != len(heads):
        raise Rejected(f"{len(claimed)} heads are listed, but the model has {len(heads)}")
    counts = dict.fromkeys(STRUCTURES, 0)
    for number, ((place, head), value) in enumerate(zip(heads, claimed, strict=True)):
        own = Fields(value, f"{fields.place('heads')}[{number}]", HEAD_KEYS)
        own.text("name")
        if own["layer"] != f"layer {place}":
            raise Rejected(f"{own.where} is said to be in {shown(own['layer'])}, but is in layer {place}")
        counts[_check_head(own, head, affine, context)] += 1
    largest = _check_bounds(fields, model, context)
    listed = ", ".join(f"{count} {structure}" for structure, count in counts.items() if count) or "none"
    return (
        f"{shown(model.name)}, contexts of at most {context:,} tokens: structures of heads as listed ({listed}); no "
        f"number has more than {largest.bit_length()} bits"
    )


def _heads(layer: Layer) -> Sequence[Head]:
    return layer.heads if isinstance(layer, Attention) else ()


def _outputs(layer: Layer) -> list[Matrix]:
    if isinstance(layer, Attention):
        return [head.output for head in layer.heads]
    return [layer.output, layer.feedthrough] if isinstance(layer, Recurrence) else [layer.output]


def _matrices(model: Model) -> list[Matrix]:
    parts: list[object] = [model, *model.layers, *(head for layer in model.layers for head in _heads(layer))]
    return [value for part in parts for value in vars(part).values() if isinstance(value, Matrix)]


def _affine(model: Model) -> dict[int, tuple[int, int]]:
    """Coordinates that are alpha i + beta at position i for every token, to which no layer adds: alpha and beta."""
    special, polynomial, position = (dict(m.rows) for m in (model.special, model.polynomial, model.position))
    written = {target for layer in model.layers for output in _outputs(layer) for target, _ in output.rows}
    found = {}
    for place in range(model.special.height):
        number, moves = dict(polynomial.get(place, ())), dict(position.get(place, ()))
        own = dict(special.get(place, ()))
        values = {own.get(token, 0) for token in range(len(model.specials))}
        if model.high >= model.low:
            values.add(number.get(0, 0))
        varies = len(values) != 1 or number.get(1) or number.get(2) or moves.get(1)
        if place not in written and not varies:
            found[place] = (int(moves.get(0, 0)), int(values.pop()))
    return found


def _check_head(claim: Fields, head: Head, affine: dict[int, tuple[int, int]], context: int) -> str:
    """The structure of one head, if all that it needs is so."""
    structure = claim.word("structure", STRUCTURES)
    filled = dict(head.query.rows)
    rows: list[Row] = [filled.get(feature, ()) for feature in range(head.query.height)]
    unit = math.gcd(*(int(weight) for row in rows for _, weight in row)) or 1
    if claim.integer("unit", 1) != unit:
        raise Rejected(f"{claim.where}.unit is {shown(claim['unit'])}, but the query's weights have the divisor {unit}")
    fixed = [f for f, row in enumerate(rows) if all(column in affine and not affine[column][0] for column, _ in row)]
    constant, roles = 0, list[str]()
    if structure in ("equal keys", "position look-up", "hull"):
        _need(claim, len(fixed) == 1, f"{len(fixed)} rows of the query are constant, expected one")
        constant = sum(int(weight) * affine[column][1] for column, weight in rows[fixed[0]]) // unit
    if structure in ("equal keys", "position look-up"):
        _need(claim, constant > 0, "the constant row of the query is not positive")
        for f, row in enumerate(rows):
            divisible = all(weight % (2 * constant * unit) == 0 for _, weight in row)
            roles.append("norm" if f in fixed else "match" if divisible else "default")
        _need(claim, "match" in roles, "no row of the query is divisible by twice the constant")
    if structure == "position look-up":
        _need(claim, sorted(roles) == ["match", "norm"], "a position look-up has two rows")
        row = dict(head.key.rows).get(roles.index("match"), ())
        known = all(column in affine for column, _ in row)
        moves = known and sum(int(weight) * affine[column][0] for column, weight in row) != 0
        _need(claim, moves, "the key does not grow by the same amount with every position")
    if structure == "hull":
        _need(claim, len(rows) == 2 and constant != 0, "a hull has two rows, of which one is constant and not 0")
    if structure == "running maximum":
        _need(claim, len(fixed) == len(rows), "a row of the query is not constant")
    if structure != "plain":
        far = abs(head.slope) * (context - 1)
        _need(claim, far < unit, f"recency reaches {far} at the last position, which is not below the unit {unit}")
    if claim["constant"] != constant or isinstance(claim["constant"], bool):
        raise Rejected(f"{claim.where}.constant is {shown(claim['constant'])}, but it is {constant}")
    if list(claim.items("roles")) != roles:
        raise Rejected(f"{claim.where}.roles is {shown(claim['roles'])}, but they are {shown(roles)}")
    return structure


def _need(claim: Fields, holds: bool, otherwise: str) -> None:
    if not holds:
        raise Rejected(f"{claim.where} is no {claim['structure']}: {otherwise}")


def _check_bounds(fields: Fields, model: Model, context: int) -> int:
    """The largest bound, if all are those that follow from the weights."""
    bounds = derived_bounds(model, context)
    claimed = fields.items("bounds", 1_000)
    if len(claimed) != len(bounds):
        raise Malformed(f"{fields.place('bounds')} has {len(claimed)} entries, expected {len(bounds)}")
    for number, ((layer, largest), value) in enumerate(zip(bounds, claimed, strict=True)):
        own = Fields(value, f"{fields.place('bounds')}[{number}]", ("largest", "layer"))
        if own["layer"] != layer:
            raise Malformed(f"{own.where}.layer is {shown(own['layer'])}, expected {layer!r}")
        if own.integer("largest", 0) != largest:
            raise Rejected(f"{own.where}.largest is {shown(own['largest'])}, but the bound for {layer} is {largest}")
    return max(largest for _, largest in bounds)


def derived_bounds(model: Model, context: int) -> list[tuple[str, int]]:
    """Bounds of what is computed in each layer, by sums of magnitudes."""
    reach, last, width = max(abs(model.low), abs(model.high)), context - 1, model.special.height
    powers = [1, reach, reach**2] if model.high >= model.low else [0, 0, 0]
    numbers, places = _times(model.polynomial, powers), _times(model.position, [last, last**2])
    specials = [0] * width
    for place, row in model.special.rows:
        specials[place] = max(abs(int(weight)) for _, weight in row)
    x = [max(numbers[i], specials[i]) + places[i] for i in range(width)]
    found = [("embedding", max(x, default=0))]
    for place, layer in enumerate(model.layers):
        computed, added = list[int](), [0] * width
        if isinstance(layer, Attention):
            for head in layer.heads:
                query, key, value = (_times(matrix, x) for matrix in (head.query, head.key, head.value))
                computed += [*query, *key, sum(q * k for q, k in zip(query, key, strict=True)) + abs(head.slope) * last]
                computed += [v if head.slope else v * context for v in value]
                added = [a + b for a, b in zip(added, _times(head.output, value), strict=True)]
        elif isinstance(layer, FeedForward):
            gates, values = _times(layer.gate, x), _times(layer.value, x)
            units = [g * v for g, v in zip(gates, values, strict=True)]
            computed, added = [*gates, *values, *units], _times(layer.output, units)
        else:
            computed = _states(layer, x, context)
            through = _times(layer.feedthrough, x)
            added = [a + b for a, b in zip(_times(layer.output, computed), through, strict=True)]
        x = [a + b for a, b in zip(x, added, strict=True)]
        found.append((f"layer {place}", _small(max([*computed, *x], default=0))))
    number = sum(a * b for a, b in zip(_times(model.polynomial_logits, x), powers, strict=True))
    return [*found, ("unembedding", max([number, *_times(model.special_logits, x)]))]


def _times(matrix: Matrix, x: Sequence[int]) -> Bounds:
    result = [0] * matrix.height
    for place, row in matrix.rows:
        result[place] = sum(abs(int(weight)) * x[column] for column, weight in row)
    return result


def _states(layer: Recurrence, x: Bounds, context: int) -> Bounds:
    """The sum of |A|^t |B| x over t = 0 .. context - 1: of the first 2m terms from the first m, bit by bit."""
    size = layer.transition.height
    a = [[0] * size for _ in range(size)]
    for place, row in layer.transition.rows:
        for column, weight in row:
            a[place][column] = abs(int(weight))
    first = _times(layer.input, x)
    total, power = first, a  # one term, and |A|
    for bit in range(context.bit_length() - 2, -1, -1):
        total = [total[i] + sum(map(int.__mul__, power[i], total)) for i in range(size)]
        power = _squared(power, power)
        if context >> bit & 1:
            total = [first[i] + sum(map(int.__mul__, a[i], total)) for i in range(size)]
            power = _squared(a, power)
        for line in power:
            _small(max(line))
    return total


def _squared(a: list[Bounds], b: list[Bounds]) -> list[Bounds]:
    return [[sum(row[k] * b[k][j] for k in range(len(b))) for j in range(len(b))] for row in a]


def _small(number: int) -> int:
    if number.bit_length() > MOST_BITS:
        raise Incomplete(f"a bound has more than {MOST_BITS:,} bits")
    return number
