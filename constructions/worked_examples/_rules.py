"""Which rule of a table fired, read off the gated units that the rules became."""

from collections.abc import Sequence

from constructions.worked_examples._data import Block, FiredRule

Table = Sequence[tuple[str, str, str]]

NUMBER = "number to write"
"""What the units are called that write a number; those of a special token are ``write`` and the token."""


def fired_rule(table: Table, specials: Sequence[str], blocks: Sequence[Block], written: str) -> FiredRule | None:
    """The step of the table behind what was written, or None if there is no table or no unit says so.

    A rule that writes r tokens is r steps. The k-th step that writes a given special token became the k-th unit
    of that token's gates, the k-th that writes a number the k-th unit of the number's; exactly one fires.
    The last special token needs no gate if no rule writes a number: then it is the step, if there is one alone.
    """
    what = written if written in specials else NUMBER
    own = [place for place in _steps(table) if _kind(table, specials, place) == what]
    name = what if what == NUMBER else f"write {what}"
    fired = {unit.name for block in blocks for unit in block.units}
    chosen = [place for number, place in enumerate(own, 1) if f"{name}.{number}" in fired]
    gated = any(unit.startswith(f"{name}.") for unit in fired)
    if not chosen and not gated and len(own) == 1:
        chosen = own
    if len(chosen) != 1:
        return None
    rule, step = chosen[0]
    context, condition, write = table[rule]
    return FiredRule(rule + 1, context, condition, write, step + 1, len(write.split()))


def _steps(table: Table) -> list[tuple[int, int]]:
    """All steps as (rule, token of what it writes), in the order in which they were wired."""
    return [(rule, step) for rule, (_, _, write) in enumerate(table) for step in range(len(write.split()))]


def _kind(table: Table, specials: Sequence[str], place: tuple[int, int]) -> str:
    rule, step = place
    token = table[rule][2].split()[step]
    return token if token in specials else NUMBER
