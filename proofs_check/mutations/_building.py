"""Faults in the wiring: the record of a construction's calls is played again with one call edited.

These come before the contracts, which may refuse to build what is wrong; what is built is judged by running it.
Every call of a kind below that the construction made is edited; those that such a call made itself are not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from constructions.theorems import Construction
from constructions.wiring import Call, Program, Value, Wiring, replayed

Given = tuple[tuple[Any, ...], Mapping[str, Any]]
"""The operands and options of a call."""

Change = tuple[str, Given | None]
"""What is done to a call, in words, and what it is given then; None if it is left out."""


@dataclass(frozen=True)
class BuildFault:
    """A call, and what is played in its place; None if it is left out."""

    kind: str
    text: str
    call: Call
    instead: Call | None

    def planted(self, construction: Construction) -> Construction:
        """The construction with this fault.

        Raises:
            RetrievalGapError: if a contract, or another check of the wiring, refuses it.
        """
        blueprint = replayed(construction.blueprint.calls, self.call, self.instead).finish()
        return replace(construction, blueprint=replace(blueprint, assumptions=()))


def build_faults(construction: Construction) -> list[BuildFault]:
    """All faults of this kind, in the order of the calls."""
    found: list[BuildFault] = []
    counts = dict.fromkeys(_KINDS, 0)
    for call in _edited(construction.blueprint.calls):
        method, given = call.operation, (call.operands, call.options)
        for words, changed in _changes(method, call.owner, given):
            text = f"{method}, call {counts[method]}{_named(given)}: {words}"
            instead = None if changed is None else replace(call, operands=changed[0], options=changed[1])
            found.append(BuildFault(f"built: {_KINDS[method]}", text, call, instead))
        counts[method] += 1
    return found


_KINDS = {
    "rule": "rule",
    "at": "position",
    "offset": "position",
    "back": "position",
    "state": "state",
    "lstm": "state",
    "gru": "state",
    "latest": "head",
    "average": "head",
    "equal": "gate",
    "at_least": "gate",
    "both": "gate",
    "either": "gate",
    "cases": "gate",
    "select": "gate",
    "product": "gate",
    "clamp": "gate",
    "beyond": "gate",
    "is_token": "tokens",
    "listed": "tokens",
    "write": "output",
    "write_choice": "output",
    "write_sign": "output",
    "__init__": "size",
}
"""The operations that are edited, and how their faults are grouped."""

_MOST_LISTED = 8
"""Of a long list of tokens with their values only so many are changed."""


def _named(given: Given) -> str:
    first = given[0][0] if given[0] else given[1].get("name")
    return f" ({first!r})" if isinstance(first, str) else ""


def _edited(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls of these kinds; inside of others, too, such as the wiring of a table of rules."""
    for call in calls:
        if call.operation in _KINDS and isinstance(call.owner, Program if call.operation == "rule" else Wiring):
            yield call
        else:
            yield from _edited(call.inside)


def _changes(method: str, owner: Any, given: Given) -> Iterator[Change]:
    """Every change of a call."""
    args, options = given
    if method == "rule":
        yield from _rule_changes(owner, given)
    elif method == "__init__":
        yield "the context one shorter", (args, {**options, "context": options["context"] - 1})
    elif method in ("at", "clamp", "beyond", "select", "product", "equal", "at_least", "offset", "back"):
        for place in {"at": (1,), "offset": (1,), "back": (0,), "clamp": (0, 1, 2), "beyond": (0, 1, 2)}.get(
            method, (0, 1)
        ):
            yield from _one_more_or_less(method, given, place)
    elif method in ("latest", "average"):
        yield from _head_changes(given)
    elif method == "state":
        yield from _state_changes(given)
    elif method in ("lstm", "gru"):
        yield from _gate_changes(given)
    elif method in ("both", "either", "cases", "is_token"):
        yield from _listed_changes(given, method)
    elif method == "listed":
        values: Mapping[str, int] = args[1]
        for token, value in list(values.items())[:_MOST_LISTED]:
            yield f"{token} is one more", ((args[0], {**values, token: value + 1}), options)
    else:
        yield from _output_changes(method, owner, given)


def _replaced(args: Sequence[Any], place: int, value: Any) -> tuple[Any, ...]:
    return (*args[:place], value, *args[place + 1 :])


def _one_more_or_less(method: str, given: Given, place: int) -> Iterator[Change]:
    """An integer, a polynomial or a value, moved by 1; flags cannot be, and are refused."""
    args, options = given
    if place < len(args):
        for step, words in ((1, "one more"), (-1, "one less")):
            if not (method == "back" and args[place] + step < 0):
                yield f"argument {place + 1} {words}", (_replaced(args, place, args[place] + step), options)


def _without(items: Sequence[Any]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for place in range(len(items)):
        yield place, (*items[:place], *items[place + 1 :])


def _head_changes(given: Given) -> Iterator[Change]:
    (name, where, *rest), options = given
    for place, (key, query) in enumerate(where):
        for step in (1, -1):
            moved = _replaced(where, place, (key, query + step))
            yield f"query {place + 1} {'one more' if step > 0 else 'one less'}", ((name, moved, *rest), options)
    if len(where) > 1:
        for place, left in _without(where):
            yield f"without pair {place + 1}", ((name, left, *rest), options)
    if options.get("excluding") is not None:
        yield "nothing excluded", ((name, where, *rest), {**options, "excluding": None})
    if options.get("default"):
        yield "no default record", ((name, where, *rest), {**options, "default": False})


def _listed_changes(given: Given, method: str) -> Iterator[Change]:
    """A flag, a token or an alternative left out; the first two alternatives exchanged."""
    args, options = given
    if len(args) > 1 or options.get("otherwise") is not None:
        for place, left in _without(args):
            yield f"without argument {place + 1}", (left, options)
    if method == "cases":
        if len(args) > 1:
            yield "the first two exchanged", ((args[1], args[0], *args[2:]), options)
        if options.get("otherwise") is not None:
            yield "nothing otherwise", (args, {**options, "otherwise": None})


def _gate_changes(given: Given) -> Iterator[Change]:
    """A gate, or what it reads of the state, left out."""
    args, options = given
    hidden: Mapping[str, Any] = options.get("hidden") or {}
    for gate in [name for name in "ifozr" if options.get(name) is not None]:
        yield f"without gate {gate}", (args, {**options, gate: None})
    for gate in hidden:
        yield (
            f"gate {gate} reads no state",
            (args, {**options, "hidden": {k: v for k, v in hidden.items() if k != gate}}),
        )


def _state_changes(given: Given) -> Iterator[Change]:
    """A cell that begins otherwise; an entry of a matrix that is another; two matrices exchanged; one left out."""
    args, options = given
    init = args[0] if args else options["init"]
    transition: Mapping[Any, Any] = args[1] if len(args) > 1 else options.get("transition") or {}
    rest, more = args[2:], {name: value for name, value in options.items() if name not in ("init", "transition")}

    def with_init(new: Any) -> Given:
        return (new, transition, *rest), more

    def with_transition(new: Mapping[Any, Any]) -> Given:
        return (init, new, *rest), more

    if isinstance(init, int):
        yield "it begins one more", with_init(init + 1)
    else:
        for place, number in enumerate(init):
            yield f"cell {place} begins one more", with_init(list(_replaced(init, place, number + 1)))
    for number, (key, matrix) in enumerate(transition.items(), 1):
        if isinstance(matrix, int):
            yield f"matrix {number} one more", with_transition({**transition, key: matrix + 1})
        for i, row in enumerate(() if isinstance(matrix, int) else matrix):
            for j, entry in enumerate(row):
                flipped = list(_replaced(row, j, int(not entry)))
                changed = list(_replaced(matrix, i, flipped))
                yield f"entry {i}, {j} of matrix {number} flipped", with_transition({**transition, key: changed})
        left = {other: its for other, its in transition.items() if other is not key}
        yield f"without matrix {number}", with_transition(left)
    if len(transition) > 1:
        first, second, *_ = transition
        exchanged = {**transition, first: transition[second], second: transition[first]}
        yield "the first two matrices exchanged", with_transition(exchanged)


def _conditions(when: Any) -> tuple[Value, ...]:
    return (when,) if isinstance(when, Value) else tuple(when)


def _rule_changes(program: Any, given: Given) -> Iterator[Change]:
    """The rule left out; each token that it writes another; its condition dropped."""
    (context, write), options = given
    specials: tuple[str, ...] = program._wiring.specials
    yield f"the rule {context} -> {write} left out", None
    words = write.split()
    for place, word in enumerate(words):
        for other in _other_words(word, specials):
            yield (
                f"{context} -> {write} writes {other} for {word}",
                ((context, " ".join(_replaced(words, place, other))), options),
            )
    for place, left in _without(_conditions(options.get("when", ()))):
        yield f"{context} -> {write} without condition {place + 1}", ((context, write), {**options, "when": left})


def _other_words(word: str, specials: Sequence[str]) -> list[str]:
    if word in specials:
        return [specials[(specials.index(word) + 1) % len(specials)]]
    return [] if word.startswith("{") or "+" in word or "-" in word else [f"{word}+1", f"{word}-1"]


def _output_changes(method: str, wiring: Any, given: Given) -> Iterator[Change]:
    args, options = given
    if method == "write_sign":
        yield "one more", ((args[0] + 1,), options)
        yield "one less", ((args[0] - 1,), options)
        return
    yield "left out", None
    for place, left in _without(_conditions(options.get("when", ()))):
        yield f"without condition {place + 1}", (args, {**options, "when": left})
    if method == "write_choice":
        for place, value in enumerate(args[1]):
            yield f"value {place + 1} one more", ((args[0], _replaced(args[1], place, value + 1)), options)
    elif isinstance(args[0], str):
        other = wiring.specials[(wiring.specials.index(args[0]) + 1) % len(wiring.specials)]
        yield f"writes {other} instead", ((other, *args[1:]), options)
    else:
        for step in (1, -1):
            yield ("one more" if step > 0 else "one less"), ((args[0] + step, *args[1:]), options)
