"""Tables, transitions and remainders, against lines of Python; what they refuse, and that a fault in them is seen."""

from collections.abc import Callable

import pytest

from constructions import ContractError
from constructions.wiring import Value, Wiring, _derived
from tests.gadget_runs import Definition, Tokens, differences, number, wiring

SQUARES = {k: k * k for k in range(-2, 3)}
DELTA = {(q, a): (q + a) % 3 for q in range(3) for a in range(-1, 2)}


def letter(w: Wiring) -> Value:
    """-1 for ?, 1 for x, 0 for others."""
    return w.listed("letter", {"?": -1, "x": 1})


def letter_of(tokens: Tokens, place: int) -> int:
    return {"?": -1, "x": 1}.get(tokens[place], 0)


VALUES: dict[str, tuple[Callable[[Wiring], Value], Definition]] = {
    "table": (
        lambda w: w.table(2 * letter(w), {-2: 5, -1: 7, 0: 5, 1: 7, 2: -3}, name="t"),
        lambda t, i: {-1: 5, 0: 5, 1: -3}[letter_of(t, i)],
    ),
    "table of one value": (lambda w: w.table(w.is_number, {0: 4, 1: 4}, name="t"), lambda t, i: 4),
    "table with otherwise": (
        lambda w: w.table(w.token, {0: 9, 2: -1}, otherwise=4, name="t"),
        lambda t, i: {0: 9, 2: -1}.get(number(t, i), 4),
    ),
    "square of a table": (
        lambda w: w.square(w.table(letter(w), {-1: -2, 0: 3, 1: 1}, name="t")),
        lambda t, i: {-1: 4, 0: 9, 1: 1}[letter_of(t, i)],
    ),
    "transition": (
        lambda w: w.transition(w.clamp(w.position, 0, 2, "q"), letter(w), DELTA, name="t"),
        lambda t, i: (min(i, 2) + letter_of(t, i)) % 3,
    ),
    "transition with otherwise": (
        lambda w: w.transition(w.is_number, letter(w), {(0, -1): 7, (1, 0): 3}, otherwise=0, name="t"),
        lambda t, i: {-1: 7, 1: 0}.get(letter_of(t, i), 3 * (t[i] not in ("<s>", "?", "x"))),
    ),
    "mod": (
        lambda w: w.mod(w.clamp(3 * w.token + w.position, 0, 30, "v"), 3, name="m"),
        lambda t, i: min(max(3 * number(t, i) + i, 0), 30) % 3,
    ),
    "mod of what is negative": (
        lambda w: w.mod(w.clamp(w.position - 5 * w.token, -7, 2, "v"), 4, name="m"),
        lambda t, i: max(min(i - 5 * number(t, i), 2), -7) % 4,
    ),
    "mod 1": (lambda w: w.mod(letter(w), 1, name="m"), lambda t, i: 0),
    "mod a large number": (lambda w: w.mod(letter(w) + 1, 50, name="m"), lambda t, i: letter_of(t, i) + 1),
}


@pytest.mark.parametrize("gadget", VALUES)
@pytest.mark.parametrize("low", [0, -1])
def test_a_value(gadget: str, low: int) -> None:
    build, definition = VALUES[gadget]
    w = wiring(low)
    assert differences(w, build(w), definition) == []


@pytest.mark.parametrize("value", ["table", "transition", "table with otherwise"])
def test_a_wrong_table_is_seen(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry, the last, says one more."""
    made = _derived._looked_up

    def wrong(w: Wiring, looked: Value, entries: dict[int, int], *given: object) -> Value:
        last = max(entries)
        return made(w, looked, {**entries, last: entries[last] + 1}, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(_derived, "_looked_up", wrong)
    build, definition = VALUES[value]
    w = wiring()
    assert differences(w, build(w), definition) != []


def test_ranges_are_those_of_the_entries() -> None:
    w = wiring()
    value = w.table(letter(w), {-1: 3, 0: 7, 1: 3}, name="t")
    assert (str(value.range.low), str(value.range.high)) == ("3", "7")
    assert w.transition(letter(w) + 1, w.is_number, {(q, a): a for q in range(3) for a in (0, 1)}, name="s").is_flag
    assert str(w.mod(letter(w) + 1, 2, name="m").range) == "[0, 1]"


REFUSALS: dict[str, tuple[Callable[[Wiring], object], list[str]]] = {
    "a table with a gap": (
        lambda w: w.table(letter(w), {-1: 0, 1: 1}, name="t"),
        ["table 't' says nothing of 0", "letter has range [-1, 1]", "otherwise="],
    ),
    "a table with an entry too many": (
        lambda w: w.table(letter(w), {**SQUARES}, name="t"),
        ["has an entry for -2, but letter has range [-1, 1]"],
    ),
    "an entry beyond n": (
        lambda w: w.table(w.token, {-1: 1}, otherwise=0, name="t"),
        ["has an entry for -1, but token has range [0, n]"],
    ),
    "a table of n values": (
        lambda w: w.table(w.token, {0: 1}, name="t"),
        ["whatever n is, but token has range [0, n]", "a fixed number of steps", "chain of thought"],
    ),
    "a table of fractions": (
        lambda w: w.table(w.average("h", [])[w.token], {0: 1}, otherwise=0, name="t"),
        ["needs an integer"],
    ),
    "a transition with a gap": (
        lambda w: w.transition(w.is_number, letter(w), {(0, 0): 1}, name="t"),
        ["says nothing of (0, -1)"],
    ),
    "a letter that never comes": (
        lambda w: w.transition(w.is_number, letter(w), {(0, 2): 1}, otherwise=0, name="t"),
        ["an entry for the letter 2", "range [-1, 1]"],
    ),
    "a state that never comes": (
        lambda w: w.transition(w.is_number, letter(w), {(2, 0): 1}, otherwise=0, name="t"),
        ["has an entry for (2, 0)"],
    ),
    "a transition of n states": (
        lambda w: w.transition(w.token, letter(w), {}, otherwise=0, name="t"),
        ["token has range [0, n]"],
    ),
    "a remainder of n values": (
        lambda w: w.mod(w.position, 2, name="m"),
        ["mod 'm'", "position has range [0, n + 4]", "a recurrence"],
    ),
    "a remainder by 0": (lambda w: w.mod(letter(w), 0, name="m"), ["divides by 0"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal(case: str) -> None:
    build, said = REFUSALS[case]
    with pytest.raises(ContractError) as refusal:
        build(wiring())
    for words in [*said, "test_derived.py, line"]:
        assert words in str(refusal.value)
