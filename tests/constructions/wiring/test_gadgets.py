"""Every gadget does what one line of Python says, at every position of every short sequence of tokens."""

import itertools
from collections.abc import Callable
from fractions import Fraction

import pytest

from constructions import ContractError, decode
from constructions.wiring import Value, Wiring, n
from tests.gadget_runs import SPECIALS, Definition, Tokens, differences, inputs, is_number, number, wiring

GATES: dict[str, tuple[Callable[[Wiring], Value], Definition]] = {
    "token": (lambda w: w.token, number),
    "is_number": (lambda w: w.is_number, is_number),
    "is_token": (lambda w: w.is_token("?", "x"), lambda t, i: int(t[i] in ("?", "x"))),
    "start": (lambda w: w.start, lambda t, i: int(i == 0)),
    "position": (lambda w: 3 * w.position - 1, lambda t, i: 3 * i - 1),
    "not": (lambda w: ~w.is_number, lambda t, i: 1 - is_number(t, i)),
    "equal to a value": (lambda w: w.equal(w.token, w.position), lambda t, i: int(number(t, i) == i)),
    "equal to a constant": (lambda w: w.equal(w.token, 1), lambda t, i: int(number(t, i) == 1)),
    "equal to 0": (lambda w: w.equal(2 * w.token - w.position), lambda t, i: int(2 * number(t, i) == i)),
    "at_least a value": (lambda w: w.at_least(w.token, w.position), lambda t, i: int(number(t, i) >= i)),
    "at_least a constant": (lambda w: w.at_least(w.token, 1), lambda t, i: int(number(t, i) >= 1)),
    "both, of one": (lambda w: w.both(w.is_number), is_number),
    "both, of two": (
        lambda w: w.both(w.is_number, w.at_least(w.position, 2)),
        lambda t, i: int(is_number(t, i) and i >= 2),
    ),
    "both, of three": (
        lambda w: w.both(w.is_number, w.at_least(w.position, 2), w.equal(w.token, 1)),
        lambda t, i: int(i >= 2 and t[i] == "1"),
    ),
    "either": (
        lambda w: w.either(w.is_token("?"), w.equal(w.token, 1), w.at_least(w.position, 4)),
        lambda t, i: int(t[i] in ("?", "1") or i >= 4),
    ),
    "cases": (
        lambda w: w.cases(
            (w.is_token("?"), w.position - 2), (w.at_least(w.position, 3), 2 * w.token), (w.start, w.one), name="c"
        ),
        lambda t, i: i - 2 if t[i] == "?" else 2 * number(t, i) if i >= 3 else int(i == 0),
    ),
    "cases, otherwise": (
        lambda w: w.cases(
            (w.is_token("?"), w.token), (w.at_least(w.position, 3), w.one), otherwise=-w.position, name="c"
        ),
        lambda t, i: 0 if t[i] == "?" else 1 if i >= 3 else -i,
    ),
    "select": (
        lambda w: w.select(w.at_least(w.position, 2), w.token - 5),
        lambda t, i: number(t, i) - 5 if i >= 2 else 0,
    ),
    "product": (lambda w: w.product(w.position, w.token - 1), lambda t, i: i * (number(t, i) - 1)),
    "square of the token": (lambda w: w.square(w.token), lambda t, i: number(t, i) ** 2),
    "square of the position": (lambda w: w.square(w.position), lambda t, i: i * i),
    "square of a flag": (lambda w: w.square(w.is_number), is_number),
    "square of a constant": (lambda w: w.square(w.constant(-3)), lambda t, i: 9),
    "square of a sum": (lambda w: w.square(w.token - w.position), lambda t, i: (number(t, i) - i) ** 2),
    "square of cases": (
        lambda w: w.square(w.cases((w.is_number, w.token), otherwise=-w.position, name="c")),
        lambda t, i: number(t, i) ** 2 if is_number(t, i) else i * i,
    ),
    "square of what a head reads": (
        lambda w: w.square(w.offset("o", 2)[w.token]),
        lambda t, i: number(t, i - 2) ** 2,
    ),
    "a gate behind a gate": (
        lambda w: w.equal(w.product(w.position, w.position) - 4 * w.at_least(w.token, 1), 0),
        lambda t, i: int(i * i == 4 * (number(t, i) >= 1)),
    ),
}


@pytest.mark.parametrize("gadget", GATES)
@pytest.mark.parametrize("low", [0, -1])
def test_a_gate(gadget: str, low: int) -> None:
    build, definition = GATES[gadget]
    w = wiring(low)
    assert differences(w, build(w), definition) == []


def nearest(place: int, tokens: Tokens, here: int) -> int:
    return number(tokens, min(max(place, 0), here))


def previous(tokens: Tokens, place: int) -> int:
    return number(tokens, place - 1)


def matches(tokens: Tokens, i: int, without: str = "") -> list[int]:
    """Positions after the first whose previous token is the token at i."""
    return [j for j in range(1, i + 1) if previous(tokens, j) == number(tokens, i) and tokens[j] != without]


def found(tokens: Tokens, i: int, without: str = "") -> int:
    """The latest of them, or the first position."""
    return max(matches(tokens, i, without), default=0)


def recall(w: Wiring, default: bool, without: bool = False, twice: bool = False) -> Value:
    """What stands behind the latest token equal to the current one, with what is read besides added."""
    back = w.offset("previous", 1)[w.token]
    where = [(back, w.token)] + ([(w.is_number, w.is_number)] if twice else [])
    head = w.latest("found", where, excluding=3 * w.is_token("x") if without else None, default=default)
    here = head[w.token] + 10 * head[w.position]
    return here + 1000 * head.hit if default else here


def recalled(tokens: Tokens, j: int, hit: bool = False) -> int:
    return number(tokens, j) + 10 * j + 1000 * hit


HEADS: dict[str, tuple[Callable[[Wiring], Value], Definition]] = {
    "at the token": (lambda w: w.at("h", w.token)[w.token], lambda t, i: nearest(number(t, i), t, i)),
    "at the token - 1": (lambda w: w.at("h", w.token - 1)[w.token], lambda t, i: nearest(number(t, i) - 1, t, i)),
    "at a constant": (lambda w: w.at("h", w.one * 2)[w.is_token("x")], lambda t, i: int(t[min(2, i)] == "x")),
    "offset 0": (lambda w: w.offset("h", 0)[w.token], number),
    "offset 1": (lambda w: w.offset("h", 1)[w.token], previous),
    "offset 3, two reads": (
        lambda w: (h := w.offset("h", 3))[w.token] + 10 * h[w.position + 1],
        lambda t, i: number(t, i - 3) + 10 * (max(i - 3, 0) + 1),
    ),
    "offset of an offset": (
        lambda w: w.offset("g", 2)[w.offset("h", 1)[w.token]],
        lambda t, i: number(t, i - 3),
    ),
    "latest": (
        lambda w: recall(w, default=False),
        lambda t, i: recalled(t, max(matches(t, i))) if matches(t, i) and number(t, i) else None,
    ),
    "latest, excluding": (
        lambda w: recall(w, default=False, without=True),
        lambda t, i: recalled(t, max(matches(t, i, "x"))) if matches(t, i, "x") and number(t, i) else None,
    ),
    "latest, default": (
        lambda w: recall(w, default=True),
        lambda t, i: recalled(t, found(t, i), bool(matches(t, i))),
    ),
    "latest, default, excluding": (
        lambda w: recall(w, default=True, without=True),
        lambda t, i: recalled(t, found(t, i, "x"), bool(matches(t, i, "x"))),
    ),
    "latest, default, excluding its own record": (
        lambda w: w.latest("h", [(w.token, w.token)], excluding=w.is_token("x", "<s>"), default=True)[w.position],
        lambda t, i: max((j for j in range(1, i + 1) if number(t, j) == number(t, i) and t[j] != "x"), default=0),
    ),
    "latest, two keys": (
        lambda w: recall(w, default=True, twice=True),
        lambda t, i: recalled(
            t,
            max((j for j in matches(t, i) if is_number(t, j) == is_number(t, i)), default=0),
            any(is_number(t, j) == is_number(t, i) for j in matches(t, i)),
        ),
    ),
    "latest, no key": (
        lambda w: w.latest("h", [], excluding=w.is_token("x"), default=True)[w.position],
        lambda t, i: max((j for j in range(1, i + 1) if t[j] != "x"), default=0),
    ),
}


@pytest.mark.parametrize("gadget", HEADS)
@pytest.mark.parametrize("low", [0, -1])
def test_a_head(gadget: str, low: int) -> None:
    build, definition = HEADS[gadget]
    w = wiring(low)
    assert differences(w, build(w), definition) == []


def averaged(tokens: Tokens, i: int, of: Callable[[Tokens, int], int], without: str = "") -> Fraction:
    """Of the first token and all later ones equal to the token at i."""
    picked = [0, *(j for j in range(1, i + 1) if number(tokens, j) == number(tokens, i) and tokens[j] != without)]
    return Fraction(sum(of(tokens, j) for j in picked), len(picked))


AVERAGES: dict[str, tuple[Callable[[Wiring], Value], Definition]] = {
    "average of the start": (
        lambda w: w.average("h", [(w.token, w.token)])[w.start],
        lambda t, i: averaged(t, i, lambda _, j: int(j == 0)),
    ),
    "average of the position": (
        lambda w: w.average("h", [(w.token, w.token)])[w.position],
        lambda t, i: averaged(t, i, lambda _, j: j),
    ),
    "average, excluding": (
        lambda w: w.average("h", [(w.token, w.token)], excluding=2 * w.is_token("x"))[w.position],
        lambda t, i: averaged(t, i, lambda _, j: j, "x"),
    ),
    "average, excluding the sink itself": (
        lambda w: w.average("h", [(w.token, w.token)], excluding=2 * w.is_token("x", "<s>"))[w.position],
        lambda t, i: averaged(t, i, lambda _, j: j, "x"),
    ),
    "product with an average": (
        lambda w: w.product(2 * w.position + 1, w.average("h", [(w.token, w.token)])[w.start]),
        lambda t, i: (2 * i + 1) * averaged(t, i, lambda _, j: int(j == 0)),
    ),
}


@pytest.mark.parametrize("gadget", AVERAGES)
@pytest.mark.parametrize("low", [0, -1])
def test_an_average(gadget: str, low: int) -> None:
    build, definition = AVERAGES[gadget]
    w = wiring(low)
    assert differences(w, build(w), definition) == []


def test_a_wrong_definition_is_noticed() -> None:
    """The comparison above can fail: look-ups that forget that a position sees itself differ somewhere."""
    w = wiring()
    assert differences(w, recall(w, True), lambda t, i: recalled(t, found(t, i), bool(matches(t, i)[:-1]))) != []
    w = wiring()
    assert differences(w, w.at_least(w.token, 1), lambda t, i: int(number(t, i) > 1)) != []


def written(w: Wiring, size: int, tokens: Tokens) -> str:
    answer = decode(w.finish().at(size), tokens, engine="plain").answer
    assert answer is not None
    return answer


@pytest.mark.parametrize("low", [0, -2])
def test_the_first_alternative_that_applies_is_written(low: int) -> None:
    w = wiring(low)
    at_two, three = w.equal(w.position, 2), w.at_least(w.position, 3)
    w.write("x", when=[w.is_token("?"), at_two])
    w.write(w.token - w.is_number * 0, when=[w.is_number, three])
    w.write("<s>", when=three)
    w.write("?")
    for length in range(4):
        for tokens in inputs(low, 2, length):
            i, last = length, tokens[-1]
            expected = (
                "x" if last == "?" and i == 2 else last if last not in SPECIALS and i >= 3 else "<s>" if i >= 3 else "?"
            )
            assert written(w, 2, tokens) == expected


@pytest.mark.parametrize("low", [0, -2])
def test_a_number_alone_is_written(low: int) -> None:
    w = wiring(low)
    w.write(w.cases((w.is_number, w.token), otherwise=w.one, name="kept"))
    for size in (1, 3, 5):
        for token in map(str, range(low, size + 1)):
            assert written(w, size, ("<s>", token)) == token
    assert written(w, 3, ("<s>",)) == "1"


def test_the_sign_is_written() -> None:
    """2 - (2 t + 3) / (c + 1) > 0 for all t and c, with ties excluded by parity; and the tie 0 counts as no."""
    w = wiring()
    weight = w.average("h", [(w.is_token("x"), w.one)])[w.start]
    w.write_sign(2 - w.product(w.token, weight, "t w"))
    for size in (1, 2, 4, 7):
        for count, threshold in itertools.product(range(4), range(size + 1)):
            value = 2 - Fraction(threshold, count + 1)
            assert written(w, size, ("<s>", *["x"] * count, str(threshold))) == str(int(value > 0))


def circle(w: Wiring) -> object:
    first = w.offset("first", 1)
    second = w.latest("second", [(first[w.token], w.token)], default=True)
    _ = first[second[w.token]]
    w.write("?")
    return w.finish()


# Refusals: each names what was asked for and what stands against it, with the ranges.

REFUSALS: dict[str, tuple[Callable[[Wiring], object], list[str]]] = {
    "a position beyond the context": (
        lambda w: w.at("far", 7 * w.token),
        ["position look-up 'far'", "7 token lies in the context", "7 n <= n + 4", "-6 n + 4 >= 0", "all n >= 1"],
    ),
    "a number beyond the vocabulary": (
        lambda w: (w.write(w.token + 1), w.finish()),
        ["decision 'unembedding'", "token + 1 is in the vocabulary", "n + 1 <= n"],
    ),
    "a number below the vocabulary": (
        lambda w: (w.write(w.token - w.position), w.finish()),
        ["token - position is in the vocabulary", "0 <= -n - 4"],
    ),
    "a default key that is not 0": (
        lambda w: w.latest("found", [(w.position + 1, w.token)], default=True),
        ["head 'found'", "default record", "every key must be 0", "position + 1 is 1"],
    ),
    "a sink's key that is not 0": (
        lambda w: w.average("mean", [(w.start, w.token)]),
        ["head 'mean'", "every key must be 0", "is <s> is 1"],
    ),
    "a special token that is none": (
        lambda w: w.is_token("?", "!"),
        ["'!' is not a special token", "declared are <s> ? x"],
    ),
    "an output that is no special token": (
        lambda w: w.write("YES"),
        ["'YES' is not a special token", "declared are <s> ? x"],
    ),
    "two gadgets with one name": (
        lambda w: (w.offset("same", 1), w.equal(w.token, 1, name="same")),
        ["two gadgets are called 'same'"],
    ),
    "two coordinates with one name": (
        lambda w: (w.equal(w.token, 1, name="is ?"), w.is_token("?"), w.write("?"), w.finish()),
        ["coordinates share the names is ?"],
    ),
    "a circle": (
        circle,
        ["the gadgets", "first needs second needs first", "in a circle"],
    ),
    "a negative factor": (
        lambda w: w.product(w.token - 1, w.position),
        ["the factor token - 1 is never negative", "0 <= -1"],
    ),
    "no flag in both": (lambda w: w.both(w.is_number, w.token), ["and needs a flag", "token has range [0, n]"]),
    "no flag in either": (lambda w: w.either(w.token), ["needs a flag", "token has range [0, n]"]),
    "no flag in not": (lambda w: ~(w.start + w.is_number), ["~ needs a flag", "is <s> + is number has range [0, 2]"]),
    "no flag in select": (lambda w: w.select(w.token, w.one), ["needs a flag", "token has range [0, n]"]),
    "no flag in cases": (
        lambda w: w.cases((w.position, w.one), name="choice"),
        ["case of 'choice' needs a flag", "position has range [0, n + 4]"],
    ),
    "no flag as a condition": (
        lambda w: w.write("x", when=w.token),
        ["condition", "needs a flag", "token has range [0, n]"],
    ),
    "a fraction compared": (
        lambda w: w.equal(w.average("mean", [(w.token, w.token)])[w.start], 1),
        ["equal needs an integer", "mean.is <s> - 1 has range [-1, 0] with denominators up to n + 5"],
    ),
    "a fraction averaged": (
        lambda w: w.average("b", [(w.token, w.token)])[w.average("a", [(w.token, w.token)])[w.start]],
        ["needs an integer", "a.is <s> has range", "denominators up to n + 5"],
    ),
    "a fraction as a key": (
        lambda w: w.latest("found", [(w.average("a", [(w.token, w.token)])[w.position], w.token)]),
        ["match 'found' needs an integer", "a.position has range"],
    ),
    "a negative exclusion": (
        lambda w: w.latest("found", [(w.token, w.token)], excluding=w.token - 1),
        ["'found' excludes must never be negative", "token - 1 has range [-1, n - 1]"],
    ),
    "a hit without a default": (
        lambda w: w.latest("found", [(w.token, w.token)]).hit,
        ["head 'found' has no default record", "default=True"],
    ),
    "a coefficient of unknown sign": (
        lambda w: w.equal((n - 3) * w.token, 0),
        ["n - 3 of token may have either sign"],
    ),
    "an alternative after the last": (
        lambda w: (w.write("?"), w.write("x")),
        ["nothing can follow the alternative without a condition"],
    ),
    "two alternatives with a number": (
        lambda w: (w.write(w.token, when=w.start), w.write(w.zero)),
        ["two alternatives write a number", "cases()"],
    ),
    "an open end": (
        lambda w: (w.write("x", when=w.start), w.finish()),
        ["the last alternative that is written must have no condition"],
    ),
    "nothing written": (lambda w: w.finish(), ["must have no condition"]),
    "a sign above 2": (lambda w: (w.write_sign(w.token), w.finish()), ["token stays at most 2", "n <= 2"]),
    "a sign beside alternatives": (lambda w: (w.write("?"), w.write_sign(w.one)), ["sign", "alternatives"]),
    "alternatives beside a sign": (lambda w: (w.write_sign(w.one), w.write("?")), ["sign", "alternatives"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_proved_is_refused_with_the_reason(case: str) -> None:
    attempt, words = REFUSALS[case]
    with pytest.raises(ContractError) as refusal:
        attempt(wiring())
    for word in words:
        assert word in str(refusal.value)


def test_a_negative_number_cannot_be_the_sign() -> None:
    w = wiring(-1)
    w.write_sign(w.one)
    with pytest.raises(ContractError, match="no number token is negative: 0 <= -1"):
        w.finish()


def test_a_context_that_may_be_negative_is_refused() -> None:
    """The recency scale is a power of two from context + 1 to below twice that: there is none below 1."""
    with pytest.raises(ContractError, match=r"largest position n - 5 .* n >= 1"):
        wiring(context=n - 5)
    assert wiring(context=n - 5, least=5).context == n - 5


def test_a_polynomial_may_stand_on_either_side_of_a_value() -> None:
    w = wiring()
    w.write("?")
    both = (n * w.token - w.token * n, n - w.token + (w.token - n), n + w.token - (w.token + n))
    assert all(isinstance(value, Value) and not value.terms and not value.constant for value in both)
    with pytest.raises(TypeError):
        n * "token"  # type: ignore[operator]


def test_a_size_below_the_least_is_refused() -> None:
    w = wiring(least=3)
    w.write("?")
    with pytest.raises(ContractError, match="mine is proved for n >= 3, not for n = 2"):
        w.finish().at(2)


def test_what_holds_from_some_size_on_is_accepted_with_that_size_as_the_least() -> None:
    with pytest.raises(ContractError, match="5 <= n"):
        wiring(context=n).at("fifth", 5)
    assert wiring(context=n, least=5).at("fifth", 5).name == "fifth"
