"""Counts, totals, and heads that pick the nearest, largest or smallest key, against lines of Python."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from constructions import ContractError
from constructions.wiring import Value, Wiring, _heads, _nearest
from tests.gadget_runs import Definition, Tokens, differences, evaluated, is_number, number, wiring


def same(tokens: Tokens, i: int, without: str = "") -> list[int]:
    """Positions after the first whose number is the one at i."""
    return [j for j in range(1, i + 1) if number(tokens, j) == number(tokens, i) and tokens[j] != without]


def kept(tokens: Tokens, i: int, without: str = "x") -> list[int]:
    """Positions up to i without this token; all if there are no others."""
    return [j for j in range(i + 1) if tokens[j] != without] or [*range(i + 1)]


def best(tokens: Tokens, i: int, worth: Callable[[int], int], without: str = "x") -> int:
    """The latest of the positions that are worth most."""
    return max(kept(tokens, i, without), key=lambda j: (worth(j), j))


def spared(tokens: Tokens, i: int) -> int:
    """The number nearest to i, not at the first position nor at an x, and 100 if there is one."""
    there = [j for j in range(1, i + 1) if tokens[j] != "x"]
    return max(there or range(i + 1), key=lambda j: (-((number(tokens, j) - i) ** 2), j)) + 100 * bool(there)


def below(w: Wiring, sign: int) -> Value:
    """Of the letters 0, 1, 2 (<s> ? x) the largest below that of the current token, or the smallest above."""
    letter = w.listed("letter", {"?": 1, "x": 2})
    head = w.largest("h", letter, below=letter) if sign > 0 else w.smallest("h", letter, above=letter)
    return 100 * head[letter] + head[w.position]


def letter(tokens: Tokens, j: int) -> int:
    return {"?": 1, "x": 2}.get(tokens[j], 0)


def bounded(tokens: Tokens, i: int, sign: int) -> int:
    there = [j for j in range(i + 1) if sign * letter(tokens, j) < sign * letter(tokens, i)] or range(i + 1)
    j = max(there, key=lambda j: (sign * letter(tokens, j), j))
    return 100 * letter(tokens, j) + j


VALUES: dict[str, tuple[Callable[[Wiring], Value], Definition]] = {
    "count": (lambda w: w.average("h", [(w.token, w.token)]).count(), lambda t, i: len(same(t, i))),
    "count, excluding": (
        lambda w: w.average("h", [(w.token, w.token)], excluding=w.is_token("x")).count(),
        lambda t, i: len(same(t, i, "x")),
    ),
    "count of what there is none of": (lambda w: w.average("h", [(w.is_number, 7)]).count(), lambda t, i: 0),
    "count of everything": (lambda w: w.average("h", []).count(), lambda t, i: i),
    "count twice": (
        lambda w: (h := w.average("h", [(w.token, w.token)])).count() + h.count(),
        lambda t, i: 2 * len(same(t, i)),
    ),
    "count of counts": (
        lambda w: w.average("g", [(c := w.average("h", [(w.token, w.token)]).count(), c)]).count(),
        lambda t, i: sum(len(same(t, j)) == len(same(t, i)) for j in range(1, i + 1)),
    ),
    "square of a count": (
        lambda w: w.square(w.average("h", [(w.token, w.token)]).count()),
        lambda t, i: len(same(t, i)) ** 2,
    ),
    "total": (
        lambda w: w.average("h", [(w.token, w.token)]).total(w.position - 2),
        lambda t, i: sum(j - 2 for j in same(t, i)),
    ),
    "total of everything": (
        lambda w: w.average("h", []).total(w.token),
        lambda t, i: sum(number(t, j) for j in range(1, i + 1)),
    ),
    "total of what is not 0 at the start": (
        lambda w: w.average("h", [(w.token, w.token)]).total(1 - 3 * w.is_token("?")),
        lambda t, i: sum(1 - 3 * (t[j] == "?") for j in same(t, i)),
    ),
    "nearest": (
        lambda w: w.nearest("h", [(w.token, w.position - 2)])[w.position],
        lambda t, i: best(t, i, lambda j: -((number(t, j) - i + 2) ** 2), ""),
    ),
    "nearest, two keys": (
        lambda w: w.nearest("h", [(w.token, 2 - w.token), (w.position, 1)])[w.position],
        lambda t, i: best(t, i, lambda j: -((number(t, j) + number(t, i) - 2) ** 2) - (j - 1) ** 2, ""),
    ),
    "nearest, excluding": (
        lambda w: (
            (h := w.nearest("h", [(w.token, w.position)], excluding=w.is_token("x", "<s>")))[w.position] + 100 * h.hit
        ),
        spared,
    ),
    "latest without a match": (
        lambda w: w.latest("h", [(w.token, 2 * w.position)])[w.position],
        lambda t, i: best(t, i, lambda j: -((number(t, j) - 2 * i) ** 2), ""),
    ),
    "largest": (
        lambda w: w.largest("h", w.token)[w.position],
        lambda t, i: best(t, i, lambda j: number(t, j), ""),
    ),
    "largest, excluding": (
        lambda w: w.largest("h", w.position - 2 * w.token, excluding=w.is_token("x"))[w.position],
        lambda t, i: best(t, i, lambda j: j - 2 * number(t, j)),
    ),
    "smallest": (
        lambda w: w.smallest("h", w.token - 1)[w.position],
        lambda t, i: best(t, i, lambda j: -number(t, j), ""),
    ),
    "largest, of those like this": (
        lambda w: w.largest("h", w.position - 2 * w.token, where=[(w.is_number, w.is_number)])[w.position],
        lambda t, i: best(t, i, lambda j: (is_number(t, j) == is_number(t, i)) * 99 + j - 2 * number(t, j), ""),
    ),
    "smallest, of the nearest": (
        lambda w: w.smallest("h", w.token, where=[(w.position, 2)], excluding=w.is_token("x"))[w.position],
        lambda t, i: best(t, i, lambda j: -99 * (j - 2) ** 2 - number(t, j)),
    ),
    "largest below": (lambda w: below(w, 1), lambda t, i: bounded(t, i, 1)),
    "smallest above": (lambda w: below(w, -1), lambda t, i: bounded(t, i, -1)),
    "largest below, of those like this": (
        lambda w: w.largest("h", w.listed("l", {"?": 1, "x": 2}), below=2, where=[(w.is_number, 0)])[w.position],
        lambda t, i: best(t, i, lambda j: 99 * (1 - is_number(t, j)) + 9 * (letter(t, j) < 2) + letter(t, j), ""),
    ),
}


@pytest.mark.parametrize("gadget", VALUES)
@pytest.mark.parametrize("low", [0, -1])
def test_a_value(gadget: str, low: int) -> None:
    build, definition = VALUES[gadget]
    w = wiring(low)
    assert differences(w, build(w), definition) == []


def test_counts_far_beyond_ten() -> None:
    """Up to 400, with the largest size of the context; compilers with a fixed ramp fail from 10 on."""
    w = wiring()
    value = w.average("h", [(w.is_token("x"), 1)]).count()
    w.write("?")
    tokens = ("<s>", *("x" if i % 3 else "?" for i in range(600)))
    (row,) = evaluated(w, value, 600, [tokens])
    assert row == [Fraction(tokens[1 : i + 1].count("x")) for i in range(len(tokens))]
    assert row[-1] == 400


def test_a_fault_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that is one too large, a total that keeps the first token, an exclusion that is outweighed."""
    w = wiring()
    assert differences(w, w.average("h", [(w.token, w.token)]).count(), lambda t, i: len(same(t, i)) + 1) != []
    with monkeypatch.context() as patched:
        patched.setattr(Value, "start", property(lambda value: value.constant))
        w = wiring()
        head = w.average("h", [(w.is_token("x"), 1)])
        assert differences(w, head.total(1 - 3 * w.start), lambda t, i: t[1 : i + 1].count("x")) != []
    with monkeypatch.context() as patched:
        patched.setattr(
            _nearest, "_picking", lambda w, name, where, excluding, words: w.latest(name, where, excluding=excluding)
        )
        build, definition = VALUES["largest, excluding"]
        w = wiring()
        assert differences(w, build(w), definition) != []
    with monkeypatch.context() as patched:
        patched.setattr(_nearest, "_steps", lambda *given: [])
        w = wiring()
        assert differences(w, below(w, 1), lambda t, i: bounded(t, i, 1)) != []
    made = _heads.counted

    def unshifted(w: Wiring, name: str, share: Value) -> _heads.HeadGadget:
        """With the squares of positions j instead of those of j + 1."""
        gadget = made(w, name, share)
        norm = gadget.features[1]
        gadget.features = (gadget.features[0], _heads.Feature("norm", norm.query, norm.key - 2 * w.position))
        return gadget

    monkeypatch.setattr(_heads, "counted", unshifted)
    w = wiring()
    assert differences(w, w.average("h", [(w.is_token("x"), 1)]).count(), lambda t, i: t[1 : i + 1].count("x")) != []


REFUSALS: dict[str, tuple[Callable[[Wiring], object], list[str]]] = {
    "a count of one": (lambda w: w.at("h", w.token).count(), ["picks one position", "w.average"]),
    "a total that is not known at the start": (
        lambda w: w.average("h", []).total(w.average("g", [(w.token, w.token)]).count() - w.beyond(0, 0, 1, "b")),
        ["the total of", "not known", "test_counting.py, line"],
    ),
    "a total of fractions": (
        lambda w: w.average("h", []).total(w.average("g", [])[w.token]),
        ["needs an integer"],
    ),
    "an exclusion that is no flag": (
        lambda w: w.nearest("h", [(w.token, 1)], excluding=w.token),
        ["what head 'h' excludes needs a flag"],
    ),
    "a comparison among n": (
        lambda w: w.largest("h", w.token, below=w.position),
        ["compares token with position", "range [0, n]", "cannot tell smaller from larger keys among n", "w.clamp"],
    ),
    "a comparison of fractions": (
        lambda w: w.largest("h", w.is_number, below=w.average("g", [])[w.token]),
        ["needs an integer"],
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal(case: str) -> None:
    build, said = REFUSALS[case]
    with pytest.raises(ContractError) as refusal:
        build(wiring())
    for words in [*said, "test_counting.py, line"]:
        assert words in str(refusal.value)
