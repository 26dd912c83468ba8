"""A worked example as plain text."""

import textwrap
from collections.abc import Iterator

from constructions.worked_examples import _phrases as words
from constructions.worked_examples._data import HeadView, Moment, Table, Tape, Trace

_WIDTH = 110


def as_text(trace: Trace, *, full: bool = False) -> str:
    """The trace in plain text.

    Args:
        trace: of :func:`explain`.
        full: also heads that look a fixed number of positions back, queries, all scores and values, gated units,
            the state, the table of rules, and how the fast engine reads the heads.
    """
    return "\n".join(_lines(trace, full)) + "\n"


def _lines(trace: Trace, full: bool) -> Iterator[str]:
    yield words.title(trace)
    if trace.question:
        yield f"{trace.question}  {words.instance_words(trace)}"
        yield from _wrapped(trace.summary, "")
    nodes = words.names_of_nodes(trace)
    if nodes:
        yield from _wrapped("nodes: " + ", ".join(f"{place} is {label}" for place, label in nodes), "")
    yield ""
    yield from _transcript(trace)
    if words.tour(trace):
        yield from _wrapped("tour: " + " ".join(words.tour(trace)), "")
    if trace.transitions is not None:
        yield ""
        yield from _table(trace.transitions)
    if trace.tape is not None:
        yield ""
        yield from _tape(trace.tape)
    if full and trace.rules:
        yield ""
        yield "rules"
        for place, (context, condition, write) in enumerate(trace.rules, 1):
            yield f"  {place:>2}  {context}{f'   if {condition}' if condition else ''}   ->   {write}"
    if words.notation(trace, full):
        yield ""
        yield from _wrapped(words.notation(trace, full), "")
    for group in words.groups(trace, full):
        yield ""
        yield from _moment(trace, group.moment, full)
        if group.rest:
            first, last = group.rest[0].position, group.rest[-1].position
            tokens = " ".join(moment.decision.token.label for moment in group.rest)
            yield from _wrapped(f"position{'' if first == last else 's'} {_range(first, last)}: then {tokens}", "  ")
        for moment in (group.moment, *group.rest):
            search = trace.search_closed_at(moment.position + 1)
            if search is not None:
                yield f"  search {words.expression(search)}"
                yield f"    {words.captured(trace, search)}"
    if full and trace.plans:
        yield ""
        yield "how the fast engine finds what each head picks"
        yield from (f"  {plan}" for plan in trace.plans)
    yield ""
    yield words.ending(trace)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _transcript(trace: Trace) -> Iterator[str]:
    """Tokens below their positions, in as many lines as that takes; what a search found is marked."""
    cells = []
    for place, token in enumerate(trace.tokens):
        shown = f"*{token.label}" if token.origin == "found" else token.label
        width = max(len(str(place)), len(shown))
        cells.append((f"{place:>{width}}", f"{shown:>{width}}", place == trace.prompt))
    above, below = "", ""
    for position, shown, starts in cells:
        bar = " |" if starts else ""
        if len(below) + len(shown) + len(bar) + 1 > _WIDTH:
            yield from (f"  {above}".rstrip(), f"  {below}".rstrip())
            above, below = "", ""
        above += f"{'  ' if bar else ''} {position}"
        below += f"{bar} {shown}"
    yield from (f"  {above}".rstrip(), f"  {below}".rstrip())


def _table(table: Table) -> Iterator[str]:
    yield "table"
    yield from _wrapped(words.table_caption(table), "")
    rows = [("state", *(f"reads {symbol}" for symbol in table.symbols)), *((s, *cells) for s, cells in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _tape(tape: Tape) -> Iterator[str]:
    """A line for each step, the cell under the head in brackets."""
    yield from _wrapped(words.tape_caption(tape), "")
    state = max(5, *(len(row.state) for row in tape.rows))
    cell = max(len(symbol) for row in tape.rows for symbol in row.symbols)
    yield f"  position  step  {'state':<{state}}  cells from {tape.first} on"
    for row in tape.rows:
        shown = "".join(
            f"{'[' if place == row.head else ']' if place == row.head + 1 else ' '}{symbol:>{cell}}"
            for place, symbol in enumerate(row.symbols)
        )
        last = "]" if row.head == len(row.symbols) - 1 else ""
        yield f"  {row.at:>8}  {row.step:>4}  {row.state:<{state}} {shown}{last}"


def _moment(trace: Trace, moment: Moment, full: bool) -> Iterator[str]:
    token = trace.tokens[moment.position]
    yield f"position {moment.position}, {token.label} was read"
    yield from _state(moment, full)
    before = None
    for layer, head in words.shown_heads(moment, full):
        if full and layer != before:
            yield f"  {layer}"
        before = layer
        yield from _head(trace, head, full)
    if full:
        for layer, unit in words.shown_units(moment, full):
            wrote = words.amounts(unit.wrote)
            yield f"  {layer}: unit {unit.name}: gate {unit.gate}, value {unit.value}, adds {wrote}"
    if moment.rule is not None:
        rule = moment.rule
        step = f", token {rule.step} of {rule.steps}" if rule.steps > 1 else ""
        condition = f" if {rule.condition}" if rule.condition else ""
        yield from _wrapped(f"rule {rule.number}{step}: {rule.context}{condition} -> {rule.write}", "  ")
    decision = moment.decision
    verb = "writes" if moment.writes else "would write"
    then = "" if decision.second is None else f", next {decision.second} {decision.second_logit}, gap {decision.gap}"
    if moment.reason:
        yield from _wrapped(moment.reason, "  ")
    yield f"  {verb} {decision.token.label} (logit {decision.logit}{then})"


def _state(moment: Moment, full: bool) -> Iterator[str]:
    state = words.shown_state(moment, full)
    if state and (full or not moment.rule):
        yield from _wrapped(f"state: {words.amounts(state)}", "  ")


def _head(trace: Trace, head: HeadView, full: bool) -> Iterator[str]:
    gap = "" if head.gap is None else f", gap {head.gap}"
    fate = f", {result}" if (result := words.outcome(head)) else ""
    if head.asks:
        yield from _wrapped(f"{head.name}: {head.asks} {head.answer}", "  ")
    yield f"  {'  ' if head.asks else f'{head.name}: '}looks for {words.looked_for(head)}"
    yield f"    picks {words.picked(trace, head)}{fate}{gap}; reads {words.amounts(words.shown_reads(head, full))}"
    if full:
        yield f"    query: {words.amounts(head.query)}"
        below = "" if head.second is None else f"; next {words.second(trace, head)}, score {head.second_score}"
        yield f"    score {head.score}{below}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    ) or [indent]
