"""A chain of thought as a table of rules: what the last tokens look like, and what is written next.

A rule has a *context*, the last tokens of the transcript, and the tokens that are written after it, one
after the other. In both, a special token stands for itself, ``_`` for any token, and any other word for a
number; a word that was used before means the same number again, copied from its nearest place, and
``x+1`` or ``x-1`` that number plus a constant. ``{name}`` writes the number that a look-up offers.

A rule that writes r tokens is r *steps*, each of which fires on a window of the last tokens. Two
steps that can fire on the same window are refused when the construction is built, with the window. The
windows are then shortened as far as all remain apart, so that as little as possible is remembered.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from constructions.wiring import _gates
from constructions.wiring._operands import flags
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused
from constructions.wiring._value import Operand, Value, own, require_flag
from constructions.wiring._wiring import Wiring

ANY = "_"

_NUMBER = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
_SUM = re.compile(r"([A-Za-z][A-Za-z0-9]*)([+-][0-9]+)?\Z")
_LOOK_UP = re.compile(r"\{([^{}]+)\}\Z")


@dataclass(frozen=True)
class Rule:
    """One line of the table, as it was given."""

    context: str
    write: str
    when: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.context}{f' if {self.condition}' if self.when else ''} -> {self.write}"

    @property
    def condition(self) -> str:
        """The flags in words; empty if there are none."""
        return " and ".join(flag.label for flag in self.when)


@dataclass(frozen=True)
class Step:
    """One token of a rule: written after ``window`` (the oldest token first) if all flags are 1.

    ``what`` is a special token, a look-up's value, or (distance, constant): the number so many positions back,
    plus a constant.
    """

    rule: Rule
    window: tuple[str, ...]
    when: tuple[Value, ...]
    what: "str | Value | tuple[int, int]"


@recording("__init__", "rule", "wire", "one_of")
class Program:
    """Collects rules, then wires them.

    Args:
        wiring: of a model with a recurrence, which remembers the window.
        look_ups: the values that ``{name}`` refers to.
    """

    def __init__(self, wiring: Wiring, look_ups: Mapping[str, Operand] | None = None) -> None:
        self._wiring, self.record = wiring, wiring.record
        self._look_ups = {
            name: own(wiring.domain, value, f"{wiring.name}: the look-up {name!r}")
            for name, value in (look_ups or {}).items()
        }
        self._rules: list[Rule] = []
        self._steps: list[Step] = []

    def rule(self, context: str, write: str, *, when: Operand | Sequence[Operand] = (), says: str = "") -> None:
        """After ``context``, and if all flags are 1 then, write these tokens one after the other.

        Args:
            context: the last tokens.
            write: what is written.
            when: flags.
            says: the rule in a sentence, for readers; see :mod:`._sentences`.

        Raises:
            ContractError: naming the word of the rule that means nothing, or the condition that is no flag.
        """
        conditions = flags(self._wiring.domain, when, f"{self._wiring.name}: the condition of a rule")
        for flag in conditions:
            require_flag(flag, f"{self._wiring.name}: the condition of a rule")
        rule = Rule(context, write, conditions)
        self._rules.append(rule)
        self._wiring.rules += ((rule.context, rule.condition, rule.write),)
        if says:
            self._wiring.sentences[f"rule {len(self._rules)}"] = (says,)
        window = context.split()
        self._require_known(rule, window)
        for place, token in enumerate(write.split()):
            what = self._meaning(rule, window, token, first=place == 0)
            self._steps.append(Step(rule, tuple(window), conditions if place == 0 else (), what))
            window.append(token if isinstance(what, str) or token in window else f"{token}*")

    def _require_known(self, rule: Rule, window: Sequence[str]) -> None:
        """A misspelt special token must not pass for a number."""
        known = (*self._wiring.specials, ANY)
        other = next((token for token in window if token not in known and not _NUMBER.match(token)), None)
        if other is not None:
            raise refused(
                f"{self._wiring.name}: the rule {rule} has {other!r} in its context: expected a special token, {ANY}, "
                "or a name for a number, of letters and digits",
                "declare it (specials=), or name the number with a letter",
            )
        if not rule.write.split():
            raise refused(f"{self._wiring.name}: the rule {rule} writes nothing", "give it a token to write")

    def _meaning(
        self, rule: Rule, window: Sequence[str], token: str, *, first: bool
    ) -> "str | Value | tuple[int, int]":
        name = self._wiring.name
        if token in self._wiring.specials:
            return token
        looked_up = _LOOK_UP.match(token)
        if looked_up:
            if not first or looked_up[1] not in self._look_ups:
                known = ", ".join(self._look_ups) or "none"
                raise refused(
                    f"{name}: the rule {rule} writes {token}: expected, as its first token, one of the look-ups "
                    f"{known}",
                    "give Program the look-up by that name, or split the rule in two",
                )
            return self._look_ups[looked_up[1]]
        found = _SUM.match(token)
        if not found or found[1] not in window:
            raise refused(
                f"{name}: the rule {rule} writes {token!r}: expected a special token or a number of its context",
                "declare it (specials=), or name the number in the context",
            )
        distance = next(d for d, other in enumerate(reversed(window)) if other == found[1])
        return distance, int(found[2] or 0)

    def wire(self) -> None:
        """Check that no two steps fire together, and write what the steps say.

        Raises:
            ContractError: if two steps can fire on one window.
        """
        self._refuse_overlaps()
        steps = self._shortened()
        wiring, gates = self._wiring, [self._gate(step) for step in steps]
        numbers = [(gate, self._number(step)) for gate, step in zip(gates, steps, strict=True) if not _is_token(step)]
        written = [token for token in wiring.specials if any(_writes(step, token) for step in steps)]
        for place, token in enumerate(written):
            if place == len(written) - 1 and not numbers:
                wiring.write(token)  # some alternative must be the last
                break
            chosen = [(gate, wiring.one) for gate, step in zip(gates, steps, strict=True) if _writes(step, token)]
            wiring.write(token, when=self.one_of(chosen, f"write {token}"))
        if numbers:
            wiring.write(self.one_of(numbers, "number to write"))

    def one_of(self, alternatives: Sequence[tuple[Value, Value]], name: str) -> Value:
        """The value of the one step that fires, 0 if none does."""
        return _gates.one_of(self._wiring, alternatives, name)

    def _refuse_overlaps(self) -> None:
        for place, step in enumerate(self._steps):
            for other in self._steps[:place]:
                if not self._apart(step, other):
                    raise refused(
                        f"{self._wiring.name}: two rules fire on the window `{self._meeting(step, other)}`: "
                        f"`{other.rule}` and `{step.rule}`",
                        "give one a longer context, or conditions that exclude each other (a flag and ~flag)",
                    )

    def _apart(self, one: Step, other: Step) -> bool:
        """Whether no window lets both fire: some place differs in kind, or their conditions exclude each other."""
        if any(self._differ(a, b) for a, b in zip(reversed(one.window), reversed(other.window), strict=False)):
            return True
        return any(_is_one(f + g) for f in one.when for g in other.when)

    def _differ(self, a: str, b: str) -> bool:
        kinds = [token if token in self._wiring.specials else "number" for token in (a, b)]
        return ANY not in (a, b) and kinds[0] != kinds[1]

    def _meeting(self, one: Step, other: Step) -> str:
        longer, shorter = sorted((one.window, other.window), key=len, reverse=True)
        ends = longer[len(longer) - len(shorter) :]
        merged = [b if a == ANY else a for a, b in zip(ends, shorter, strict=True)]
        return " ".join((*longer[: len(longer) - len(shorter)], *merged))

    def _shortened(self) -> list[Step]:
        """The steps, each with the shortest end of its window that is still apart from all other windows."""
        steps = list(self._steps)
        for place, step in enumerate(steps):
            others = steps[:place] + steps[place + 1 :]
            for length in range(len(step.window) + 1):
                shorter = replace(step, window=step.window[len(step.window) - length :])
                if all(self._apart(shorter, other) for other in others):
                    steps[place] = shorter
                    break
        return steps

    def _gate(self, step: Step) -> Value:
        """A sum of k flags minus (k - 1): 1 if the step fires, else at most 0."""
        flags = [self._matches(distance, token) for distance, token in enumerate(reversed(step.window)) if token != ANY]
        flags += step.when
        return sum(flags, self._wiring.zero) - (len(flags) - 1)

    def _matches(self, distance: int, token: str) -> Value:
        return self._wiring.memory.is_token(distance, token if token in self._wiring.specials else None)

    def _number(self, step: Step) -> Value:
        if isinstance(step.what, tuple):
            return self._wiring.memory.number(*step.what)
        assert isinstance(step.what, Value)  # noqa: S101  (a step writes a token, a copy or a look-up)
        return step.what


def _is_token(step: Step) -> bool:
    return isinstance(step.what, str)


def _writes(step: Step, token: str) -> bool:
    return isinstance(step.what, str) and step.what == token


def _is_one(value: Value) -> bool:
    return not value.terms and value.constant.as_constant == 1
