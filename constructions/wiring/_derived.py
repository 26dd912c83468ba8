"""Gadgets that are made of others: choices, tables, transitions, remainders.

A table is one comparison for each entry that is not the most frequent one, and cases over them; so whatever knows
comparisons and cases, a proof checker for one, knows tables.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from constructions.wiring import _gates
from constructions.wiring._board import Board
from constructions.wiring._operands import flags
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused, shown
from constructions.wiring._value import Operand, Value, own, require_integer

MOST_ENTRIES = 1024
"""The most comparisons that a table or a remainder may take."""


@recording("either", "select", "table", "transition", "mod")
class Derived:
    """What a wiring offers of such gadgets."""

    def either(self: Board, *conditions: Operand, name: str | None = None) -> Value:
        """1 if some condition, a flag, is 1, else 0."""
        owned = flags(self.domain, conditions, f"{self.name}: either")
        label = name or "(" + " or ".join(flag.label for flag in owned) + ")"
        return (~_gates.both(self, [~flag for flag in owned], f"not {label}")).named(label)

    def select(self: Board, flag: Operand, value: Operand, name: str | None = None) -> Value:
        """``value`` if the flag is 1, else 0."""
        given, chosen = (own(self.domain, x, f"{self.name}: select") for x in (flag, value))
        return _gates.cases(self, [(given, chosen)], None, name or f"({chosen.label} if {given.label})")

    def table(
        self: Board, value: Operand, entries: Mapping[int, int], *, otherwise: int | None = None, name: str
    ) -> Value:
        """What a table says of an integer.

        Args:
            value: the integer.
            entries: what the table says of each integer that the value can be.
            otherwise: what it says of all others; without it the entries must be complete.
            name: of the gadget.

        Raises:
            ContractError: if an integer is missing, or one can never come.
        """
        given = own(self.domain, value, f"{self.name}: table {name!r}")
        return _looked_up(self, given, dict(entries), otherwise, name, str)

    def transition(
        self: Board,
        state: Operand,
        letter: Operand,
        delta: Mapping[tuple[int, int], int],
        *,
        otherwise: int | None = None,
        name: str,
    ) -> Value:
        """The next state of an automaton: what ``delta`` says of a state and a letter, integers of few values.

        Raises:
            ContractError: as for :meth:`table`.
        """
        by = f"{self.name}: transition {name!r}"
        first, second = (own(self.domain, x, by) for x in (state, letter))
        low, high = _few(by, second)
        _few(by, first)
        width = high - low + 1
        for _, a in delta:
            if not low <= a <= high:
                raise refused(
                    f"{by} has an entry for the letter {a}, but {second.label} has range {second.range}",
                    "leave the entry out",
                )

        def named(place: int) -> str:
            return str((place // width, place % width + low))

        entries = {q * width + a - low: state for (q, a), state in delta.items()}
        return _looked_up(self, first * width + second - low, entries, otherwise, name, named)

    def mod(self: Board, value: Operand, modulus: int, *, name: str) -> Value:
        """The remainder of an integer of few values: the value less the modulus for each multiple that it reaches."""
        by = f"{self.name}: mod {name!r}"
        given = own(self.domain, value, by)
        divisor: object = modulus
        if not isinstance(divisor, int) or divisor < 1:
            raise refused(f"{by} divides by {shown(divisor)}", "give an integer from 1 on")
        low, high = _few(by, given)
        base = low - low % modulus
        reached = [self.at_least(given, t, f"{name} >= {t}") for t in range(base + modulus, high + 1, modulus)]
        rest = given - base - sum((flag * modulus for flag in reached), self.zero)
        return self.clamp(rest, 0, modulus - 1, name)


def _few(by: str, value: Value) -> tuple[int, int]:
    """The ends of a range without n."""
    require_integer(value, by)
    low, high = (end.as_constant for end in (value.range.low, value.range.high))
    if low is None or high is None or high - low > MOST_ENTRIES:
        raise refused(
            f"{by} needs a value of at most {MOST_ENTRIES} integers whatever n is, but {value.label} has range "
            f"{value.range}: a fixed number of gated units has a fixed number of steps",
            "narrow it with w.clamp; or write a step at a time, by chain of thought or a recurrence, and look up that",
        )
    return low, high


def _looked_up(
    wiring: Board,
    value: Value,
    entries: dict[int, int],
    otherwise: int | None,
    name: str,
    tell: Callable[[int], str],
) -> Value:
    """Cases over comparisons; the most frequent entry of a complete table is what holds otherwise."""
    by, domain = f"{wiring.name}: table {name!r}", wiring.domain
    require_integer(value, by)
    if otherwise is None:
        least, most = _few(by, value)
        missing = next((k for k in range(least, most + 1) if k not in entries), None)
        if missing is not None:
            raise refused(
                f"{by} says nothing of {tell(missing)}, but {value.label} has range {value.range}",
                "add that entry, say what holds otherwise=, or narrow the value with w.clamp",
            )
        otherwise = Counter(entries.values()).most_common(1)[0][0]
    low, high = value.range.low, value.range.high
    impossible = next((k for k in entries if domain.proves(low - k - 1) or domain.proves(k - 1 - high)), None)
    if impossible is not None:
        raise refused(
            f"{by} has an entry for {tell(impossible)}, but {value.label} has range {value.range}",
            "leave the entry out",
        )
    other = own(domain, otherwise, by)
    compared = [
        (wiring.equal(value, k, f"{name} of {tell(k)}"), own(domain, entry, by))
        for k, entry in entries.items()
        if entry != otherwise
    ]
    if len(compared) > MOST_ENTRIES:
        raise refused(f"{by} has {len(compared)} entries", f"split it into tables of at most {MOST_ENTRIES}")
    return _gates.cases(wiring, compared, other, name)
