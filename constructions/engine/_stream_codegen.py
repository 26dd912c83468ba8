"""A kernel for one model: its weights as constants in straight-line code, for runs of millions of tokens.

The general kernel walks over sparse rows and watches the size of every sum. Here both are gone: rows become
expressions, and the sums need no watching, because :mod:`constructions.engine._bounds` bounds every one of them for
all positions up to a limit before the code is made. Compiling takes seconds, so only long runs use it.

The source is made of integers and of names that stand in this file; no text of a user gets into it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from constructions.architectures import Model
from constructions.engine._bounds import check_bounds
from constructions.engine._opcodes import ANSWERED, FRACTION, GATED, GOING_ON, GROW, HEAD, RECURRENCE
from constructions.engine._program import Program


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


def specialised(model: Model, program: Program, positions: int) -> Callable[..., tuple[int, int, int]]:
    """The compiled loop of a model for contexts of at most so many positions.

    Raises:
        NotTabular: if some number that it computes may leave 64 bits.
    """
    check_bounds(model, program.plans, positions)
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
