"""The stream loop for one model: its weights as constants in straight-line code, for runs of millions of tokens.

The general loop walks over sparse rows and checks every sum for overflow. Here both are gone: rows become
expressions, and the sums need no check, because :mod:`constructions.engine._bounds` bounds every one of them for
all positions up to a limit before the code is made. Compiling takes seconds, so only long runs use it.

Where a head looks for the latest of equal keys on a line, its records are found by their keys as places of an array,
without hashing; the table of hashes is kept beside it, and serves wherever a condition fails.
"""

from collections.abc import Callable, Sequence

from constructions.architectures import Model
from constructions.engine._bounds import check_bounds
from constructions.engine._codegen import Source, times, total
from constructions.engine._opcodes import (
    ANSWERED,
    DEFAULT,
    EQUAL_KEYS,
    FRACTION,
    GATED,
    GOING_ON,
    GROW,
    HEAD,
    LATEST,
    MATCH,
    MOST_IRREGULAR,
    NORM,
    RECURRENCE,
)
from constructions.engine._program import Program

MOST_NEAR = 2**17
"""Records stand by keys up to this: 2 MiB for a head."""


def source_of(program: Program) -> str:
    """The source of the specialised loop; its arguments are those of the general one that are not weights."""
    s = Source(program, program.width, _fixed(program), 2)
    _open(s, program)
    _embed(s, program)
    for place, op in enumerate(program.operations.tolist()):
        if op[0] == GATED:
            s.gates(op, place)
        elif op[0] == HEAD:
            _head(s, op, program)
        elif op[0] == RECURRENCE:
            _recurrence(s, op, place)
        else:
            s.commit()
    _decide(s, program)
    return s.text()


def _fixed(p: Program) -> dict[int, int]:
    """The coordinates that are embedded alike for every token and position."""
    found = {}
    for i in range(p.width):
        values = {*p.special_rows[:, i].tolist(), *p.number_row[: int(p.high >= p.low), i].tolist()}
        moves = p.position_rows[:, i].any() or p.number_row[1:, i].any()
        if len(values) == 1 and not moves:
            found[i] = values.pop()
    return found


_OF_MEMORY = (
    "state",
    "table",
    "keys",
    "values",
    "order",
    "bases",
    "capacities",
    "sizes",
    "irregular",
    "hulls",
    "scratch",
)
"""What the loop made for a model uses of the memory; it computes with integers alone, so it needs no denominators."""


def _open(s: Source, p: Program) -> None:
    s.add(-2, "def advance(network, given, written, first, memory, near):")
    s.add(-1, "special_rows, roles, answers = network.special_rows, network.roles, network.answers")
    s.add(-1, f"{', '.join(_OF_MEMORY)} = {', '.join(f'memory.{name}' for name in _OF_MEMORY)}")
    for place, name in enumerate(("query", "key", "wanted", "value", "read"), 2):
        s.add(-1, f"{name} = scratch[{place}]")
    for h in range(len(p.plans)):
        s.add(-1, f"table{h} = table[2 * bases[{h}] : 2 * (bases[{h}] + capacities[{h}])]")
        s.add(-1, f"order{h} = order[2 * bases[{h}] : 2 * (bases[{h}] + capacities[{h}])]")
        s.add(-1, f"keys{h} = keys[bases[{h}] : bases[{h}] + capacities[{h}]]")
        s.add(-1, f"values{h} = values[bases[{h}] : bases[{h}] + capacities[{h}]]")
        s.add(-1, f"roles{h}, irregular{h}, hull{h} = roles[{h}], irregular[{h}], hulls[{h}]")
    s.add(-1, "total = len(given) + len(written)")
    s.add(-1, "token, count = 0, 0")
    s.add(-1, "for step in range(total):")
    s.add(0, "if step < len(given):")
    s.add(1, "token = given[step]")
    for h in range(len(p.plans)):
        s.add(0, f"if sizes[{h}] == capacities[{h}]:")
        s.add(1, "return GROW, step, count")
    s.add(0, "position = first + step")


def _embed(s: Source, p: Program) -> None:
    specials = p.special_rows.shape[0]
    s.add(0, f"if token < {specials}:")
    s.add(1, "k = 0")
    for i in s.moving:
        s.add(1, f"x{i} = special_rows[token, {i}]")
    s.add(0, "else:")
    s.add(1, f"k = token - {specials} + {p.low}")
    for i in s.moving:
        constant, linear, square = (int(p.number_row[power, i]) for power in range(3))
        s.add(1, f"x{i} = np.int64({constant}) + {linear} * k + {square} * k * k")
    for i in s.moving:
        linear, square = int(p.position_rows[0, i]), int(p.position_rows[1, i])
        if linear or square:
            s.add(0, f"x{i} += {linear} * position + {square} * position * position")


def reach_of(program: Program, head: int) -> int:
    """Up to which key the records of a head stand in an array by their key; 0 for heads of another form.

    These are heads with latest equal keys in one match row. Where a key leaves the range, the table of hashes serves.
    """
    plan = program.plans[head]
    if plan.kind != EQUAL_KEYS or plan.slope <= 0 or plan.roles.count(MATCH) != 1:
        return 0
    return min(max(abs(program.low), abs(program.high), 1), MOST_NEAR)


def _head(s: Source, op: Sequence[int], p: Program) -> None:
    h, features, reads = op[7], op[1], op[6]
    for f in range(features):
        s.add(0, f"q{f}, k{f} = {s.row(op[2] + f)}, {s.row(op[3] + f)}")
    for r in range(reads):
        s.add(0, f"v{r} = {s.row(op[4] + r)}")
    reach = reach_of(p, h)
    if reach:
        _near(s, op, p, reach)
    indent = 1 if reach else 0
    if reach:
        s.add(0, "if slot < 0 or record < 0:")
    for f in range(features):
        s.add(indent, f"key[{f}] = k{f}")
        s.add(indent, f"query[{f}] = q{f}")
    for r in range(reads):
        s.add(indent, f"value[{r}] = v{r}")
    plan = p.plans[h]
    shape = f"{plan.kind}, {plan.slope}, roles{h}, {features}, {reads}, query, key, value, position"
    s.add(indent, f"size = insert({shape}, table{h}, keys{h}, values{h}, sizes[{h}], irregular{h})")
    s.add(indent, "if size < 0:")
    s.add(indent + 1, "return -size, step, count")
    s.add(indent, f"sizes[{h}] = size")
    if reach:
        s.add(1, "if slot >= 0:")
        s.add(2, f"near[{h}, slot] = find(table{h}, keys{h}, key, {features})[1]")
        _picked_near(s, op, p, reach)
        s.add(0, "if hits == 0:")
        for f in range(features):
            s.add(1, f"query[{f}] = q{f}")
    shape = f"{plan.kind}, {plan.slope}, {plan.unit}, {plan.constant}, {plan.along}, {plan.up}, roles{h}, {features}"
    records = f"table{h}, keys{h}, values{h}, sizes[{h}], irregular{h}, order{h}, hull{h}"
    s.add(indent, f"hits = attend({shape}, {reads}, query, position, {records}, read, wanted)")
    s.add(indent, "if hits < 0:")
    s.add(indent + 1, "return -hits, step, count")
    for r in range(reads):
        s.add(indent, f"r{h}_{r} = read[{r}]")
        s.add(indent, "if hits > 1:")
        s.add(indent + 1, f"if r{h}_{r} % hits != 0:")
        s.add(indent + 2, "return FRACTION, step, count")
        s.add(indent + 1, f"r{h}_{r} //= hits")
    for r in range(reads):
        s.scatter(op[5] + r, f"r{h}_{r}")


def _near(s: Source, op: Sequence[int], p: Program, reach: int) -> None:
    """Find the record with this key row by its place: two for each key, that of e = 0, and the last one of e > 0.

    ``near`` holds only regular records, which :func:`insert` made. So a record of e = 0 has the key row, and of the
    other the norm is compared.
    """
    h = op[7]
    roles = p.plans[h].roles
    match, norm = roles.index(MATCH), roles.index(NORM)
    ordinary = [f"k{f} == 0" for f, role in enumerate(roles) if role == DEFAULT]
    s.add(0, "slot, record = -1, np.int64(-1)")
    s.add(0, f"beyond = -k{norm} - k{match} * k{match}")
    s.add(0, "if " + " and ".join([f"-{reach} <= k{match} <= {reach}", "beyond >= 0", *ordinary]) + ":")
    s.add(1, f"slot = 2 * (k{match} + {reach}) + (1 if beyond > 0 else 0)")
    s.add(1, f"record = np.int64(near[{h}, slot])")
    s.add(1, f"if record >= 0 and keys{h}[record, {norm}] != k{norm}:")
    s.add(2, "record = np.int64(-1)")
    s.add(1, "if record >= 0:")
    for r in range(op[6]):
        s.add(2, f"values{h}[record, {2 + r}] = v{r}")
    s.add(2, f"values{h}[record, {LATEST}] = position")


def _picked_near(s: Source, op: Sequence[int], p: Program, reach: int) -> None:
    """The match by its place, if it is there and beats every irregular record; ``hits`` is 0 otherwise."""
    h, plan = op[7], p.plans[op[7]]
    match = plan.roles.index(MATCH)
    latest = min((plan.unit - 1) // plan.slope, 2**52 // plan.slope - 1)
    s.add(0, f"hits, w = 0, {s.row(op[2] + match, divisor=2 * plan.constant)}")
    for r in range(op[6]):
        s.add(0, f"r{h}_{r} = np.int64(0)")
    s.add(0, f"if -{reach} <= w <= {reach} and position <= {latest} and irregular{h}[0] <= {MOST_IRREGULAR}:")
    s.add(1, f"record = np.int64(near[{h}, 2 * (w + {reach})])")
    s.add(1, "if record >= 0:")
    s.add(2, "hits = 1")
    s.add(2, f"for place in range(1, 1 + irregular{h}[0]):")
    score = total([f"q{f} * keys{h}[irregular{h}[place], {f}]" for f in range(op[1])])
    s.add(3, f"if {score} >= {plan.constant} * w * w:")
    s.add(4, "hits = 0")
    for r in range(op[6]):
        s.add(2, f"r{h}_{r} = values{h}[record, {2 + r}]")


def _recurrence(s: Source, op: Sequence[int], place: int) -> None:
    cells, first = range(op[1]), op[4]
    for cell in cells:
        before = s.row(op[2] + cell, lambda column: f"state[{first + column}]")
        s.add(0, f"s{place}_{cell} = ({before}) + ({s.row(op[3] + cell)})")
    for u in range(op[6]):
        s.add(0, f"gate = {s.row(op[7] + u)}")
        s.add(0, "if gate > 0:")
        s.add(1, f"gate *= {s.row(op[7] + op[6] + u, lambda column: f'state[{first + column}]')}")
        for cell, weight in s.entries(op[7] + 2 * op[6] + u):
            s.add(1, f"s{place}_{cell} += {times(weight, 'gate')}")
    for cell in cells:
        s.add(0, f"state[{first + cell}] = s{place}_{cell}")
        s.scatter(op[5] + cell, f"s{place}_{cell}")
    s.pass_through(op[5] + op[1])


def _decide(s: Source, p: Program) -> None:
    s.add(0, "if step >= len(given) - 1 and count < len(written):")
    s.decide(p.special_rows.shape[0], 1)
    s.add(1, "written[count] = chosen")
    s.add(1, "count += 1")
    s.add(1, "token = chosen")
    s.add(1, "for a in range(len(answers)):")
    s.add(2, "if answers[a] == chosen:")
    s.add(3, "return ANSWERED, step + 1, count")
    s.add(1, "if count == len(written):")
    s.add(2, "return GOING_ON, step + 1, count")
    s.add(-1, "return GOING_ON, total, count")


def specialised(model: Model, program: Program, positions: int) -> Callable[..., tuple[int, int, int]]:
    """The compiled loop of a model for contexts of at most so many positions.

    Raises:
        NotTabular: if some number that it computes may leave 64 bits.
    """
    check_bounds(model, program.plans, positions)
    import numpy as np

    from constructions.engine._key_store import attend, find, insert
    from constructions.engine._stream_loop import best_number
    from constructions.numerics._jit_cache import compiled_source

    names = {"np": np, "best_number": best_number, "insert": insert, "attend": attend, "find": find}
    statuses = {"GROW": GROW, "FRACTION": FRACTION, "ANSWERED": ANSWERED, "GOING_ON": GOING_ON}
    return compiled_source(source_of(program), "advance", names | statuses)
