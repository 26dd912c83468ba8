"""The words that all formats of a worked example share; the formats differ only in how they set them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from constructions.errors import counted
from constructions.worked_examples._data import (
    Amount,
    HeadView,
    Moment,
    SearchView,
    Table,
    Tape,
    Token,
    Trace,
    UnitView,
)


@dataclass(frozen=True)
class Group:
    """A moment, and those after it that only write the rest of what its rule says."""

    moment: Moment
    rest: tuple[Moment, ...]


def table_caption(table: Table) -> str:
    """What stands above the transitions of a machine."""
    more = "" if table.whole else " Not all states and symbols are shown."
    return f"What the machine does: the symbol that it writes, the move (L, N or R), the next state.{more}"


def groups(trace: Trace, full: bool) -> list[Group]:
    """The moments in their order; unless ``full``, a rule that writes several tokens is told once."""
    found: list[Group] = []
    for moment in trace.moments:
        later = moment.rule is not None and moment.rule.step > 1
        if found and later and not full and moment.position > found[-1].moment.position:
            found[-1] = Group(found[-1].moment, (*found[-1].rest, moment))
        else:
            found.append(Group(moment, ()))
    return found


def number(value: Fraction) -> str:
    """An exact number: ``-12`` or ``2/3``."""
    return str(value)


def amounts(listed: Iterable[Amount]) -> str:
    """``name value`` of each, with commas."""
    return ", ".join(f"{amount.name} {amount.value}" for amount in listed)


def looked_for(head: HeadView) -> str:
    """The key that would match, as equations; the query where no such key is known."""
    equations = [f"{amount.name} = {amount.value}" for amount in head.wanted or head.query]
    return " and ".join(equations) if head.wanted else "the largest score, query " + ", ".join(equations)


def notation(trace: Trace, full: bool) -> str:
    """What ``a = b = 4`` means, by the first head that is shown and looks for such a key; empty if there is none."""
    heads = (head for moment in trace.moments for _, head in shown_heads(moment, full))
    named = ((amount, amount.name.split(" = ")) for head in heads for amount in head.wanted)
    wanted, (there, here) = next(
        ((amount, sides) for amount, sides in named if len(sides) == 2 and not sides[1].isdecimal()), (None, ("", ""))
    )
    if wanted is None:
        return ""
    return (
        f"{wanted.name} = {wanted.value} means: a position where {there} is {wanted.value}, the value of {here} here."
    )


def picked(trace: Trace, head: HeadView) -> str:
    """Which positions were picked, with their tokens: ``position 4 (1)``."""
    if len(head.picks) == 1:
        place = head.picks[0].position
        return f"position {place} ({trace.tokens[place].label})"
    shown = [f"{pick.position} ({trace.tokens[pick.position].label})" for pick in head.picks[:12]]
    more = f" and {len(head.picks) - 12} more" if len(head.picks) > 12 else ""
    return f"the average of {len(head.picks)} positions: {', '.join(shown)}{more}"


def outcome(head: HeadView) -> str:
    """What became of the look-up, where that is more than a position: a miss, or an average with the first token."""
    if head.missed:
        return "no match"
    if len(head.picks) > 1 and 0 < len(head.matches) < len(head.picks):
        return f"{len(head.matches)} of them {'matches' if len(head.matches) == 1 else 'match'}"
    return ""


def shown_reads(head: HeadView, full: bool) -> list[Amount]:
    """What was read; unless ``full`` without squares of numbers that are shown."""
    names = {amount.name for amount in head.reads}
    return [amount for amount in head.reads if full or amount.name.removesuffix("^2") not in names - {amount.name}]


def second(trace: Trace, head: HeadView) -> str:
    """The position with the next lower score."""
    return "" if head.second is None else f"position {head.second} ({trace.tokens[head.second].label})"


def shown_heads(moment: Moment, full: bool) -> list[tuple[str, HeadView]]:
    """The heads of a moment with the names of their layers; unless ``full`` without those that look back so far."""
    return [(block.name, head) for block in moment.blocks for head in block.heads if full or not head.fixed]


_TOKENS_IN_A_LINE = 16


def lines_of_tokens(trace: Trace) -> list[tuple[int, Sequence[Token]]]:
    """The transcript in lines of a readable length: the position of each line's first token, and its tokens."""
    starts = range(0, len(trace.tokens), _TOKENS_IN_A_LINE)
    return [(first, trace.tokens[first : first + _TOKENS_IN_A_LINE]) for first in starts]


def spoken(heads: Sequence[tuple[str, HeadView]]) -> list[HeadView]:
    """Those of the heads of which the author says what they ask here."""
    return [head for _, head in heads if head.asks]


def shown_units(moment: Moment, full: bool) -> list[tuple[str, UnitView]]:
    """The units that fired with the names of their layers; unless ``full`` only those that added something."""
    units = [(block.name, unit) for block in moment.blocks for unit in block.units]
    return [(name, unit) for name, unit in units if full or any(amount.value for amount in unit.wrote)]


def shown_state(moment: Moment, full: bool) -> list[Amount]:
    """The recurrent state; unless ``full`` only what is not 0."""
    return [amount for block in moment.blocks for amount in block.state if full or amount.value]


def expression(search: SearchView) -> str:
    """A search as a regular expression; tokens that it looks for stand between ⟨ and ⟩."""
    return "".join(f"⟨{text}⟩" if is_token else text for is_token, text in search.pieces)


def captured(trace: Trace, search: SearchView) -> str:
    """What a search found, in a sentence."""
    if search.diagnostic is not None:
        return f"fails: {search.diagnostic}"
    if search.span is None:
        return "matches nothing: FAILED"
    first, after = search.span
    span = f"matches positions {first} to {after - 1}"
    if not search.captured:
        return f"{span} and captures nothing: FAILED"
    tokens = " ".join(trace.tokens[place].label for place in search.captured)
    ends = search.captured
    where = f"position {ends[0]}" if len(ends) == 1 else f"positions {ends[0]} to {ends[-1]}"
    return f"{span} and captures {tokens} ({where})"


def title(trace: Trace) -> str:
    """The construction, its size, and the number system unless it is exact."""
    size = "" if trace.n is None else f", n = {trace.n}"
    return f"{trace.construction}{size}{'' if trace.arithmetic == 'exact' else f', in {trace.arithmetic}'}"


def ending(trace: Trace) -> str:
    """The answer, and what the reference says of it."""
    said = "no answer was written" if trace.answer is None else f"answer: {trace.answer}"
    compared = comparison(trace)
    return f"{said} ({compared.upper() if trace.agrees is False else compared})" if compared else said


def comparison(trace: Trace) -> str:
    """What the reference has, the whole transcript or the answer alone, and whether it is the same; else empty."""
    if trace.reference is None:
        return ""
    if not trace.whole:
        has = f"the reference answer is {trace.reference[-1]}"
        return has if trace.answer is None else f"{has}, {'the same' if trace.agrees else 'another one'}"
    if trace.agrees is False:
        return "the reference writes another transcript"
    if trace.agrees:
        return "the reference writes the same transcript"
    written = len(trace.tokens) - trace.prompt
    return f"the reference writes the same {counted(written, 'token')} and {len(trace.reference) - written} more"


def names_of_nodes(trace: Trace) -> Sequence[tuple[int, str]]:
    """Numbers of nodes and the user's labels, if these are not the numbers."""
    labels = () if trace.picture is None else trace.picture.labels
    named = list(enumerate(labels, 1))
    return [] if all(str(place) == label for place, label in named) else named


def tour(trace: Trace) -> Sequence[str]:
    """The nodes of the tour in the order in which they were written, as the user calls them."""
    return () if trace.picture is None else [trace.picture.labels[node - 1] for _, node in trace.picture.steps]


def tape_caption(tape: Tape) -> str:
    """What the rows of a tape are."""
    more = f" {tape.more} more steps are not shown." if tape.more else ""
    return f"The tape before each step, by the reference simulator; the cell under the head is marked.{more}"


def instance_words(trace: Trace) -> str:
    """The instance as text, in words if it is empty."""
    return trace.instance or ("(the empty word)" if trace.question else "")
