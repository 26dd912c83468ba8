"""A kernel for one model: its weights as constants in straight-line code, for runs of millions of tokens.

The general kernel walks over sparse rows and watches the size of every sum. Here both are gone: rows become
expressions, and the sums need no watching, because :func:`magnitudes` bounds every one of them for all
positions up to a limit before the code is made. Compiling takes seconds, so only long runs use it.

The source is made of integers and of names that stand in this file; no text of a user gets into it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from constructions.engine._opcodes import (
    ANSWERED,
    EQUAL_KEYS,
    FRACTION,
    GATED,
    GOING_ON,
    GROW,
    HEAD,
    MATCH,
    POSITION,
    RECURRENCE,
)
from constructions.engine._program import Program

_LIMIT = 2**62


class NotBounded(Exception):  # noqa: N818  (a reason, not an error)
    """Some sum may leave 64 bits."""


class _Source:
    """Expressions over the program's sparse rows."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []

    def row(self, number: int, names: Sequence[str]) -> str:
        """A row times a vector of named variables."""
        p, terms = self.program, []
        for place in range(int(p.start[number]), int(p.start[number + 1])):
            weight, name = int(p.weight[place]), names[int(p.column[place])]
            terms.append(name if weight == 1 else f"-{name}" if weight == -1 else f"{weight} * {name}")
        return " + ".join(terms).replace("+ -", "- ") or "0"

    def scatter(self, number: int, amount: str, targets: dict[int, list[str]]) -> None:
        """Add ``amount`` times a column to what is added to each coordinate."""
        p = self.program
        for place in range(int(p.start[number]), int(p.start[number + 1])):
            weight = int(p.weight[place])
            targets.setdefault(int(p.column[place]), []).append(
                amount if weight == 1 else f"-{amount}" if weight == -1 else f"{weight} * {amount}"
            )

    def add(self, indent: int, line: str) -> None:
        """One line of the loop."""
        self.lines.append("    " * indent + line)


def magnitudes(program: Program, positions: int) -> None:
    """Raise NotBounded unless every number that the loop computes is below 2**62 in magnitude.

    Bounds are sums of absolute weights times bounds of what they read, in Python integers. A head reads the
    sum of the values of tied records, at most ``positions`` of them.
    """
    p, width = program, program.number_row.shape[1]
    reach = max(abs(p.low), abs(p.high))

    def checked(bound: int) -> int:
        if bound >= _LIMIT:
            raise NotBounded(f"a bound has {bound.bit_length()} bits")
        return bound

    def row(number: int, bounds: Sequence[int]) -> int:
        places = range(int(p.start[number]), int(p.start[number + 1]))
        return checked(sum(abs(int(p.weight[i])) * bounds[int(p.column[i])] for i in places))

    def scatter(number: int, amount: int, change: list[int]) -> None:
        for i in range(int(p.start[number]), int(p.start[number + 1])):
            column = int(p.column[i])
            change[column] = checked(change[column] + abs(int(p.weight[i])) * amount)

    x = []
    for i in range(width):
        special = max((abs(int(v)) for v in p.special_rows[:, i]), default=0)
        number = sum(abs(int(p.number_row[power, i])) * reach**power for power in range(3))
        place = sum(abs(int(p.position_rows[power, i])) * positions ** (power + 1) for power in range(2))
        x.append(checked(max(special, number) + place))
    change = [0] * width
    for op in p.operations.tolist():
        if op[0] == GATED:
            for u in range(op[1]):
                scatter(op[4] + u, checked(row(op[2] + u, x) * row(op[3] + u, x)), change)
        elif op[0] == HEAD:
            query = [row(op[2] + f, x) for f in range(op[6])]
            key = [row(op[3] + f, x) for f in range(op[6])]
            checked(sum(q * k for q, k in zip(query, key, strict=True)) + abs(p.plans[op[1]].slope) * positions)
            # Squares are formed of keys and of queries over 2 c in match rows alone; the functions that form them
            # watch their sizes as well.
            plan = p.plans[op[1]]
            lattice = plan.kind in (EQUAL_KEYS, POSITION)
            matched = [f for f, role in enumerate(plan.roles) if role == MATCH and lattice]
            checked(4 * sum(key[f] ** 2 for f in matched))
            checked(4 * sum((query[f] // (2 * plan.constant) + 1) ** 2 for f in matched))
            for r in range(op[7]):
                scatter(op[5] + r, checked(row(op[4] + r, x) * positions), change)
        elif op[0] == RECURRENCE:
            for cell, bound in enumerate(_state_bounds(program, op, x, positions, row)):
                scatter(op[4] + cell, checked(bound), change)
            for i in range(width):
                scatter(op[5] + i, x[i], change)
        else:
            x = [checked(old + new) for old, new in zip(x, change, strict=True)]
            change = [0] * width
    for logit in range(p.logit_rows, len(p.start) - 1):
        row(logit, x)
    a, b, c = (row(p.logit_rows + power, x) for power in range(3))
    checked(a + b * reach + c * reach * reach)


def _state_bounds(
    program: Program, op: Sequence[int], x: Sequence[int], positions: int, row: Callable[[int, Sequence[int]], int]
) -> list[int]:
    """Bounds of the state after any number of positions, by doubling: with |A| and |B| for A and B."""
    cells = op[1]
    p = program
    transition = [[0] * cells for _ in range(cells)]
    for cell in range(cells):
        for i in range(int(p.start[op[2] + cell]), int(p.start[op[2] + cell + 1])):
            transition[cell][int(p.column[i])] += abs(int(p.weight[i]))
    total = [row(op[3] + cell, x) for cell in range(cells)]
    for _ in range(positions.bit_length()):
        more = [sum(w * t for w, t in zip(line, total, strict=True)) for line in transition]
        total = [a + b for a, b in zip(total, more, strict=True)]
        if max(total, default=0) >= _LIMIT:
            raise NotBounded("the state may leave 64 bits")
        transition = [
            [sum(line[k] * transition[k][j] for k in range(cells)) for j in range(cells)] for line in transition
        ]
    return total


def source_of(program: Program) -> str:
    """The source of the specialised loop; its arguments are those of the general one that are not weights."""
    s = _Source(program)
    _open(s)
    _embed(s)
    names = [f"x{i}" for i in range(program.number_row.shape[1])]
    targets: dict[int, list[str]] = {}
    for place, op in enumerate(program.operations.tolist()):
        if op[0] == GATED:
            _gates(s, op, names, targets, place)
        elif op[0] == HEAD:
            _head(s, op, names, targets)
        elif op[0] == RECURRENCE:
            _recurrence(s, op, names, targets, place)
        else:
            for target, terms in sorted(targets.items()):
                s.add(2, f"y{target} = x{target} + " + " + ".join(terms))
            for target in sorted(targets):
                s.add(2, f"x{target} = y{target}")
            targets = {}
    _decide(s, names)
    return "\n".join(s.lines) + "\n"


def _open(s: _Source) -> None:
    heads = len(s.program.plans)
    s.add(0, "def advance(special_rows, roles, answers, given, written, first, state, table, keys, values, order,")
    s.add(0, "            bases, capacities, sizes, irregular, hulls, scratch, scratch_sizes, under, where):")
    for place, name in enumerate(("query", "key", "wanted", "value", "read"), 2):
        s.add(1, f"{name} = scratch[{place}]")
    for h in range(heads):
        s.add(1, f"table{h} = table[2 * bases[{h}] : 2 * (bases[{h}] + capacities[{h}])]")
        s.add(1, f"order{h} = order[2 * bases[{h}] : 2 * (bases[{h}] + capacities[{h}])]")
        s.add(1, f"keys{h} = keys[bases[{h}] : bases[{h}] + capacities[{h}]]")
        s.add(1, f"values{h} = values[bases[{h}] : bases[{h}] + capacities[{h}]]")
        s.add(1, f"roles{h}, irregular{h}, hull{h} = roles[{h}], irregular[{h}], hulls[{h}]")
    s.add(1, "total = len(given) + len(written)")
    s.add(1, "token, count = 0, 0")
    s.add(1, "for step in range(total):")
    s.add(2, "if step < len(given):")
    s.add(3, "token = given[step]")
    for h in range(heads):
        s.add(2, f"if sizes[{h}] == capacities[{h}]:")
        s.add(3, "return GROW, step, count")
    s.add(2, "position = first + step")


def _embed(s: _Source) -> None:
    p, width = s.program, s.program.number_row.shape[1]
    specials = p.special_rows.shape[0]
    s.add(2, f"if token < {specials}:")
    for i in range(width):
        s.add(3, f"x{i} = special_rows[token, {i}]")
    s.add(2, "else:")
    s.add(3, f"k = token - {specials} + {p.low}")
    for i in range(width):
        constant, linear, square = (int(p.number_row[power, i]) for power in range(3))
        s.add(3, f"x{i} = np.int64({constant}) + {linear} * k + {square} * k * k")
    for i in range(width):
        linear, square = int(p.position_rows[0, i]), int(p.position_rows[1, i])
        if linear or square:
            s.add(2, f"x{i} += {linear} * position + {square} * position * position")


def _gates(s: _Source, op: Sequence[int], names: Sequence[str], targets: dict[int, list[str]], place: int) -> None:
    for u in range(op[1]):
        unit = f"u{place}_{u}"
        s.add(2, f"{unit} = np.int64(0)")
        s.add(2, f"gate = {s.row(op[2] + u, names)}")
        s.add(2, "if gate > 0:")
        s.add(3, f"{unit} = gate * ({s.row(op[3] + u, names)})")
        s.scatter(op[4] + u, unit, targets)


def _head(s: _Source, op: Sequence[int], names: Sequence[str], targets: dict[int, list[str]]) -> None:
    h, features, reads = op[1], op[6], op[7]
    plan = s.program.plans[h]
    for f in range(features):
        s.add(2, f"query[{f}] = {s.row(op[2] + f, names)}")
        s.add(2, f"key[{f}] = {s.row(op[3] + f, names)}")
    for r in range(reads):
        s.add(2, f"value[{r}] = {s.row(op[4] + r, names)}")
    shape = f"{plan.kind}, {plan.slope}, roles{h}, {features}, {reads}, query, key, value, position"
    s.add(2, f"size = insert({shape}, table{h}, keys{h}, values{h}, sizes[{h}], irregular{h})")
    s.add(2, "if size < 0:")
    s.add(3, "return -size, step, count")
    s.add(2, f"sizes[{h}] = size")
    shape = f"{plan.kind}, {plan.slope}, {plan.unit}, {plan.constant}, {plan.along}, {plan.up}, roles{h}, {features}"
    records = f"table{h}, keys{h}, values{h}, size, irregular{h}, order{h}, hull{h}"
    s.add(2, f"hits = attend({shape}, {reads}, query, position, {records}, read, wanted)")
    s.add(2, "if hits < 0:")
    s.add(3, "return -hits, step, count")
    for r in range(reads):
        s.add(2, f"r{h}_{r} = read[{r}]")
        s.add(2, "if hits > 1:")
        s.add(3, f"if r{h}_{r} % hits != 0:")
        s.add(4, "return FRACTION, step, count")
        s.add(3, f"r{h}_{r} //= hits")
        s.scatter(op[5] + r, f"r{h}_{r}", targets)


def _recurrence(s: _Source, op: Sequence[int], names: Sequence[str], targets: dict[int, list[str]], place: int) -> None:
    before = [f"state[{op[6] + cell}]" for cell in range(op[1])]
    for cell in range(op[1]):
        s.add(2, f"s{place}_{cell} = ({s.row(op[2] + cell, before)}) + ({s.row(op[3] + cell, names)})")
    for cell in range(op[1]):
        s.add(2, f"{before[cell]} = s{place}_{cell}")
        s.scatter(op[4] + cell, f"s{place}_{cell}", targets)
    for i, name in enumerate(names):
        s.scatter(op[5] + i, name, targets)


def _decide(s: _Source, names: Sequence[str]) -> None:
    p = s.program
    specials = p.special_rows.shape[0]
    s.add(2, "if step >= len(given) - 1 and count < len(written):")
    s.add(3, f"best, chosen = np.int64({s.row(p.logit_rows + 3, names)}), 0" if specials else "best, chosen = 0, -1")
    for special in range(1, specials):
        s.add(3, f"logit = {s.row(p.logit_rows + 3 + special, names)}")
        s.add(3, "if logit > best:")
        s.add(4, f"best, chosen = logit, {special}")
    if p.high >= p.low:
        rows = ", ".join(f"np.int64({s.row(p.logit_rows + power, names)})" for power in range(3))
        s.add(3, f"number, logit, _ = best_number({rows}, {p.low}, {p.high})")
        s.add(3, "if chosen < 0 or logit > best:")
        s.add(4, f"chosen = {specials} + number - {p.low}")
    s.add(3, "written[count] = chosen")
    s.add(3, "count += 1")
    s.add(3, "token = chosen")
    s.add(3, "for a in range(len(answers)):")
    s.add(4, "if answers[a] == chosen:")
    s.add(5, "return ANSWERED, step + 1, count")
    s.add(3, "if count == len(written):")
    s.add(4, "return GOING_ON, step + 1, count")
    s.add(1, "return GOING_ON, total, count")


def specialised(program: Program, positions: int) -> Callable[..., tuple[int, int, int]]:
    """The compiled loop for contexts of at most so many positions.

    Raises:
        NotBounded: if some number that it computes may leave 64 bits.
    """
    magnitudes(program, positions)
    import numba
    import numpy as np

    from constructions.engine import _key_store, _stream_loop

    names: dict[str, Any] = {"np": np, "best_number": _stream_loop.best_number, "insert": _key_store.insert}
    names |= {
        "attend": _key_store.attend,
        "GROW": GROW,
        "FRACTION": FRACTION,
        "ANSWERED": ANSWERED,
        "GOING_ON": GOING_ON,
    }
    exec(compile(source_of(program), "<a model's weights>", "exec"), names)  # noqa: S102  (integers and our own names)
    function: Callable[..., tuple[int, int, int]] = numba.njit(error_model="numpy", nogil=True)(names["advance"])
    return function
