"""Windows and counters against plain Python, over random tokens; what is declared of them; what is refused."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Evaluator
from constructions.errors import ContractError
from constructions.numerics import Exact, Rationals
from constructions.wiring import Blueprint, Value, Wiring, n

SPECIALS = ("<s>", "?", "x")
EXTRA = 6
"""The largest position is n + EXTRA."""

Tokens = Sequence[str]
Definition = Callable[[Tokens, int], int]


def wiring(low: int = 0, **options: object) -> Wiring:
    arguments: dict[str, object] = {"specials": SPECIALS, "numbers": (low, n), "context": n + EXTRA, **options}
    return Wiring("mine", **{"recurrent": True, **arguments})  # type: ignore[arg-type]


def number(tokens: Tokens, place: int) -> int:
    """The number of the token there; 0 for a special token and before the beginning."""
    return 0 if place < 0 or tokens[place] in SPECIALS else int(tokens[place])


def occurs(tokens: Tokens, place: int, *words: str) -> int:
    """1 if one of these tokens stands there; nothing stands before the beginning."""
    return int(place >= 0 and tokens[place] in words)


def counts(tokens: Tokens, place: int, special: str) -> int:
    return list(tokens[: place + 1]).count(special)


def numbers_read(tokens: Tokens, place: int) -> int:
    return sum(token not in SPECIALS for token in tokens[: place + 1])


def a_number(tokens: Tokens, place: int) -> int:
    """1 for a number, and before the beginning, where the code is 0."""
    return int(place < 0 or tokens[place] not in SPECIALS)


def clamped(low: int, size: int, value: int) -> int:
    return min(max(value, low), size)


def remembered(w: Wiring, low: int) -> dict[str, tuple[Value, Callable[[Tokens, int, int], int]]]:
    """Values with what they must be, from the tokens, the place, and n."""
    memory, features = w.memory, 3 * w.token - w.is_number + 2
    found: dict[str, tuple[Value, Callable[[Tokens, int, int], int]]] = {
        "1 back": (w.back(1, w.token), lambda t, i, _: number(t, i - 1)),
        "4 back": (w.back(4, w.token), lambda t, i, _: number(t, i - 4)),
        "0 back": (w.back(0, w.token), lambda t, i, _: number(t, i)),
        "? 2 back": (w.back(2, w.is_token("?")), lambda t, i, _: occurs(t, i - 2, "?")),
        "a combination 3 back": (
            w.back(3, features),
            lambda t, i, _: 3 * number(t, i - 3) - a_number(t, i - 3) + 2 if i >= 3 else 0,
        ),
        "count of ?": (w.count(w.is_token("?")), lambda t, i, _: counts(t, i, "?")),
        "count of <s>": (w.count(w.start), lambda t, i, _: counts(t, i, "<s>")),
        "weighted count": (
            w.count(2 * w.is_number + w.is_token("x")),
            lambda t, i, _: 2 * numbers_read(t, i) + counts(t, i, "x"),
        ),
        "tokens read": (memory.tokens_read(), lambda t, i, _: i + 1),
        "its square": (w.square(memory.tokens_read()), lambda t, i, _: (i + 1) ** 2),
        "position": (w.position, lambda t, i, _: i),
        "square of the position": (w.square(w.position), lambda t, i, _: i * i),
        "square of position + 3": (w.square(w.position + 3), lambda t, i, _: (i + 3) ** 2),
        "square of what was": (w.square(w.back(2, w.token)), lambda t, i, _: number(t, i - 2) ** 2),
    }
    for d in range(4):
        found[f"is ? {d} back"] = memory.is_token(d, "?"), lambda t, i, _, d=d: occurs(t, i - d, "?")
        found[f"is <s> {d} back"] = memory.is_token(d, "<s>"), lambda t, i, _, d=d: occurs(t, i - d, "<s>")
        found[f"is number {d} back"] = (
            memory.is_token(d, None),
            lambda t, i, _, d=d: a_number(t, i - d) if d else (numbers_read(t[i:], 0)),
        )
        for plus in (0, 1, -2):
            found[f"number {d} back, {plus:+}"] = (
                memory.number(d, plus),
                lambda t, i, size, d=d, plus=plus: clamped(low, size, least_or(t, i - d, low) + plus),
            )
    return found


def least_or(tokens: Tokens, place: int, low: int) -> int:
    """The number there, 0 before the beginning; below every number for a special token."""
    return -(10**9) if place >= 0 and tokens[place] in SPECIALS else number(tokens, place)


@functools.cache
def subject(low: int) -> tuple[Wiring, Blueprint, dict[str, tuple[Value, Callable[[Tokens, int, int], int]]]]:
    w = wiring(low)
    values = remembered(w, low)
    w.write("?")
    return w, w.finish(), values


def seen(blueprint: Blueprint, size: int, tokens: Tokens) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The recurrent state and the residual stream after the last layer, per coordinate and position."""
    model = blueprint.at(size)
    states: list[Rationals] = []

    def see(_layer: str, quantity: str, found: object) -> None:
        if quantity == "state":
            assert isinstance(found, Rationals)
            states.append(found)

    x, _ = Evaluator(model, Exact()).run(np.array(model.vocabulary.encode(tokens)), observe=see)
    (held,) = states
    assert held.denominators is None
    assert x.denominators is None
    columns = [[int(v) for v in column] for column in held.numerators.T.tolist()]
    stream = [[int(v) for v in column] for column in x.numerators.T.tolist()]
    return (
        dict(zip(blueprint.state, columns, strict=True)),
        dict(zip(blueprint.coordinates, stream, strict=True)),
    )


def value_at(value: Value, stream: dict[str, list[int]], place: int, scales: dict[str, int]) -> int:
    terms = ((c(**scales), stream[coordinate.name][place]) for coordinate, c in value.terms.items())
    return value.constant(**scales) + sum(a * b for a, b in terms)


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[int, int, list[str]]:
    """The least number, n, and tokens after ``<s>``."""
    low, size = draw(st.sampled_from((0, -2))), draw(st.integers(1, 4))
    tokens = st.sampled_from([*SPECIALS, *map(str, range(low, size + 1))])
    return low, size, ["<s>", *draw(st.lists(tokens, max_size=size + EXTRA))]


@given(transcripts())
@settings(max_examples=200, deadline=None)
def test_windows_and_counters(case: tuple[int, int, list[str]]) -> None:
    low, size, tokens = case
    _, blueprint, values = subject(low)
    scales = {"n": size, **blueprint.domain.scale_values(n=size)}
    _, stream = seen(blueprint, size, tokens)
    for name, (value, definition) in values.items():
        for place in range(len(tokens)):
            assert value_at(value, stream, place, scales) == definition(tokens, place, size), (name, place)


@given(transcripts())
@settings(max_examples=200, deadline=None)
def test_declared_ranges_and_starts_hold(case: tuple[int, int, list[str]]) -> None:
    low, size, tokens = case
    w, blueprint, _ = subject(low)
    scales = {"n": size, **blueprint.domain.scale_values(n=size)}
    state, stream = seen(blueprint, size, tokens)
    for ranges, found in ((blueprint.state, state), (blueprint.ranges, stream)):
        assert set(ranges) == set(found)
        for name, extent in ranges.items():
            assert extent.low(**scales) <= min(found[name]), name
            assert max(found[name]) <= extent.high(**scales), name
    for cell in w.memory.cells:
        if cell.coordinate.start is not None:
            assert state[cell.coordinate.name][0] == cell.coordinate.start(**scales), cell.coordinate.name
    assert all(cell.coordinate.start is not None for cell in w.memory.cells)


def test_the_ends_of_the_ranges_are_reached() -> None:
    """No range of a single feature is wider than what happens up to the largest position."""
    size, low = 3, 0
    _, blueprint, _ = subject(low)
    full = size + EXTRA + 1
    highest: dict[str, int] = {}
    for token in (*SPECIALS, "0", "3"):
        state, _ = seen(blueprint, size, ["<s>", *[token] * (full - 1)])
        for name, column in state.items():
            highest[name] = max(highest.get(name, 0), *column)
    for name, extent in blueprint.state.items():
        if not any(sign in name for sign in (" + ", " - ")):  # not all terms of a sum are largest at once
            assert highest[name] + (name == "#is ?") == extent.high(n=size), name  # the first token is <s>


def test_a_window_is_a_chain_of_cells_that_is_built_once() -> None:
    w = wiring()
    w.back(3, w.token)
    assert [cell.coordinate.name for cell in w.memory.cells] == [
        "now.token",
        "1 back.token",
        "2 back.token",
        *(["3 back.token"]),
    ]
    w.back(2, w.token)
    w.back(3, w.token + 0)
    assert len(w.memory.cells) == 4
    assert [c.name for c in w.memory.coordinates] == ["2 back.token", "3 back.token"]
    w.count(w.start)
    w.count(w.start)
    w.position  # noqa: B018  (asking for it makes the counter)
    w.memory.tokens_read()
    assert len(w.memory.cells) == 6


def test_the_matrices_of_a_window_and_a_counter() -> None:
    w = wiring()
    w.back(2, w.token)
    w.count(w.is_token("?"))
    w.square(w.position)
    w.write("?")
    model = w.finish().at(2)
    recurrence = model.layers[0]
    assert recurrence.state == ("now.token", "1 back.token", "2 back.token", "#is ?", "#tokens", "#tokens^2")  # type: ignore[union-attr]
    assert recurrence.transition.numerators.tolist() == [  # type: ignore[union-attr]
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 2, 1],  # (t + 1)^2 = t^2 + 2 t + 1
    ]


def test_a_wrong_definition_is_noticed() -> None:
    """One position off, another token counted, the first token left out: the comparison above sees each."""
    w, blueprint, values = subject(0)
    tokens = ["<s>", "1", "?", "2", "x", "?"]
    scales = {"n": 2, **w.domain.scale_values(n=2)}
    _, stream = seen(blueprint, 2, tokens)
    wrong: dict[str, Definition] = {
        "4 back": lambda t, i: number(t, i - 3),
        "1 back": number,
        "count of ?": lambda t, i: counts(t, i, "x"),
        "tokens read": lambda t, i: i,
        "its square": lambda t, i: i * i,
    }
    for name, definition in wrong.items():
        places = range(len(tokens))
        assert any(value_at(values[name][0], stream, p, scales) != definition(tokens, p) for p in places), name


# What is refused.

REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "a window without a recurrence": (
        lambda: (w := wiring(recurrent=False)).back(1, w.token),
        "mine: token 1 positions back needs a recurrence; look back with a head (w.offset), as a Transformer does, or "
        "build a linear RNN with recurrent=True",
    ),
    "a counter without a recurrence": (
        lambda: (w := wiring(recurrent=False)).count(w.start),
        "mine: the count of is <s> needs a recurrence; look back with a head (w.offset), as a Transformer does, or "
        "build a linear RNN with recurrent=True",
    ),
    "the future": (
        lambda: (w := wiring()).back(-1, w.token),
        "mine: token -1 positions back lies in the future, or nowhere",
    ),
    "a gate's result": (
        lambda: (w := wiring()).back(2, w.equal(w.token, 1, name="is 1")),
        "mine: 'now.is 1' cannot be remembered: the recurrence is the first layer and reads the embedding alone, but "
        "is 1 is computed later",
    ),
    "a head's result": (
        lambda: (w := wiring()).count(w.at("h", w.token)[w.is_number]),
        "mine: '#h.is number' cannot be remembered: the recurrence is the first layer and reads the embedding alone, "
        "but h.is number is computed later",
    ),
    "what is remembered already": (
        lambda: (w := wiring()).back(1, w.back(1, w.token)),
        "mine: 'now.1 back.token' cannot be remembered: the recurrence is the first layer and reads the embedding "
        "alone, but 1 back.token is computed later",
    ),
    "a counter of what may be negative": (
        lambda: (w := wiring(-1)).count(w.token),
        "mine: a counter counts what is never negative, but token has range [-1, n]",
    ),
    "a counter of a difference": (
        lambda: (w := wiring()).count(w.token - w.is_number),
        "mine: a counter counts what is never negative, but token - is number has range [-1, n]",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_says_what_and_why(case: str) -> None:
    build, message = REFUSALS[case]
    with pytest.raises(ContractError) as caught:
        build()
    assert str(caught.value).startswith(message)


def test_a_hybrid_with_two_attention_layers_is_refused_and_the_heads_are_named() -> None:
    w = wiring()
    first = w.at("first", w.token)
    beside = w.latest("beside", [(w.back(1, w.token), w.token)], default=True)
    second = w.latest("second", [(first[w.token], beside[w.token])], default=True)
    w.write("x", when=second.hit)
    w.write("?")
    with pytest.raises(ContractError) as caught:
        w.finish()
    assert str(caught.value).startswith(
        "mine: a hybrid has exactly one attention layer, but these heads need 2, one after the other: first, beside; "
        "second; let the recurrence remember what the later ones match (w.back, w.count), or build a Transformer ("
    )


def test_heads_that_could_wait_share_the_one_layer() -> None:
    """One head could work at once, the other needs a gate first: the first waits."""
    w = wiring()
    early = w.at("early", w.token)
    late = w.at("late", w.select(w.is_number, w.position))
    w.write("x", when=[w.is_number, early[w.is_token("?")]])
    w.write("<s>", when=late[w.is_token("x")])
    w.write("?")
    kinds = [type(layer).__name__ for layer in w.finish().layers]
    assert kinds.count("SymbolicAttention") == 1


def test_positions_of_a_recurrent_model_are_counted_not_embedded() -> None:
    w = wiring()
    w.write(w.at("h", w.token)[w.token])
    assert w.finish().embedding["position"].entries == {}
    other = wiring(recurrent=False)
    other.write(other.at("h", other.token)[other.token])
    assert other.finish().embedding["position"].entries
