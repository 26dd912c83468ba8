"""States that the input moves: what they hold, their ranges, refusals, and that a wrong matrix is seen by running."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from constructions.architectures import Selective, family, largest_states, moves_of
from constructions.engine import decode
from constructions.engine._batch_loop import decode_many
from constructions.engine._bounds import NotTabular
from constructions.engine._tables import tables_of
from constructions.errors import ContractError
from constructions.gallery import from_gallery
from constructions.numerics import Float
from constructions.tasks import Counting
from constructions.theorems import Construction
from constructions.wiring import Blueprint, SymbolicSelective, Value, Wiring, n
from proofs_check.certificates import certify_exhaustive
from proofs_check.certificates._writing import canonical_text
from proofs_check.kernel import check
from proofs_check.mutations._building import build_faults
from tests.batched_runs import transcripts
from tests.fraction_reference import residual

LETTERS = ("<s>", "a", "b", "c")
Matrix = list[list[int]]
MOVES: dict[str, Matrix] = {"a": [[0, 1], [1, 0]], "b": [[1, 0], [0, -1]], "c": [[0, 0], [1, 0]]}


def wiring(**options: Any) -> Wiring:
    return Wiring("rnn/mine", **{"specials": LETTERS, "numbers": (0, 1), "context": n, "recurrent": True, **options})


def finished(w: Wiring, value: Value) -> Blueprint:
    w.write_sign(value)
    return w.finish()


def held(blueprint: Blueprint, word: Sequence[str], names: Sequence[str]) -> list[list[Fraction]]:
    """What the coordinates of these names hold at every position, by plain fractions."""
    model = blueprint.at(max(1, len(word)))
    stream = residual(model, model.vocabulary.encode(word))
    return [[x[model.coordinates.index(name)] for name in names] for x in stream]


def moved(
    word: Sequence[str], init: Sequence[int], moves: dict[str, Matrix], reads: Callable[[str], list[int]]
) -> list[list[int]]:
    """The states after every token, as they are defined."""
    state, found = np.array(init, dtype=object), []
    for token in word:
        matrix = np.array(moves[token], dtype=object) if token in moves else np.eye(len(init), dtype=int).astype(object)
        state = matrix @ state + np.array(reads(token), dtype=object)
        found.append(state.tolist())
    return found


@st.composite
def matrices(draw: st.DrawFn, cells: int) -> Matrix:
    """Rows with one entry at most, or 1 on the diagonal and anything small above it."""
    above = draw(st.booleans())
    drawn = draw(st.binary(min_size=cells * cells, max_size=cells * cells))
    rows = [[code % 3 - 1 for code in drawn[cells * i : cells * (i + 1)]] for i in range(cells)]
    if above:
        return [[sign * (j > i) + (i == j) for j, sign in enumerate(row)] for i, row in enumerate(rows)]
    return [[sign * (j == drawn[cells * i] // 3 % cells) for j, sign in enumerate(row)] for i, row in enumerate(rows)]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_state_moves_by_the_matrix_of_each_token(data: st.DataObject) -> None:
    """Random matrices, the first token's among them; what may grow exponentially is refused, else ranges hold."""
    cells = data.draw(st.integers(1, 3))
    moves = data.draw(st.dictionaries(st.sampled_from(LETTERS), matrices(cells)))
    init = data.draw(st.lists(st.integers(-2, 2), min_size=cells, max_size=cells))
    added = data.draw(st.lists(st.integers(-1, 1), min_size=cells, max_size=cells))
    w = wiring()
    try:
        values = w.state(init, moves, [w.is_token("b") * weight + w.is_token("<s>") for weight in added], name="s")
    except ContractError:
        event("refused")
        return
    event("built")
    blueprint = finished(w, w.at_least(values[0], 1))
    word = ["<s>", *data.draw(st.lists(st.sampled_from(LETTERS[1:]), max_size=8))]
    expected = moved(word, init, moves, lambda t: [weight * (t == "b") + (t == "<s>") for weight in added])
    names = [f"s.{cell}" for cell in range(cells)]
    assert held(blueprint, word, names) == expected
    for name, column in zip(names, zip(*expected, strict=True), strict=True):
        low, high = (end(n=len(word)) for end in (blueprint.ranges[name].low, blueprint.ranges[name].high))
        assert low <= min(column) <= max(column) <= high


def test_ranges_are_those_of_the_states_that_are_reached() -> None:
    w = wiring()
    cells = w.state([0, 1, 2], {"a": [[0, 1, 0], [0, 0, 1], [1, 0, 0]], "b": [[0] * 3] * 3}, name="ring")
    assert [str(cell.range) for cell in cells] == ["[0, 2]"] * 3
    assert str(w.state(1, {"a": -1}, name="sign").range) == "[-1, 1]"
    assert str(w.state(3, {"a": 0}, w.is_token("b"), name="since a").range) == "[0, n + 4]"
    chain = w.state([0, 0, 1], {"a": [[1, 1, 0], [0, 1, 1], [0, 0, 1]]}, name="chain")
    assert [str(cell.range) for cell in chain] == ["[0, n^2 + 2 n + 1]", "[0, n + 1]", "[0, 1]"]


def test_states_are_stacked_and_read_what_is_computed() -> None:
    """A counter, a flag of it, a latch that the flag moves, and a counter of the latch: three recurrences."""
    w = wiring()
    depth = w.state(0, reads=w.is_token("a") - w.is_token("b"), name="depth")
    latch = w.state(1, {w.at_least(-1, depth, "below"): 0}, name="latch")
    total = w.state(0, {"c": 0}, latch, name="total")
    blueprint = finished(w, w.at_least(total, 3))
    assert sum(isinstance(layer, SymbolicSelective) for layer in blueprint.layers) == 3
    for word in itertools.product("abc", repeat=5):
        depths = list(itertools.accumulate((t == "a") - (t == "b") for t in word))
        good = [int(min([0, *depths[:k]]) >= 0) for k in range(6)]
        since = [0, *(k + 1 for k, t in enumerate(word) if t == "c")][-1]
        last = held(blueprint, ["<s>", *word], ["depth", "latch", "total"])[-1]
        assert last == [depths[-1], good[-1], sum(good[since:])]


def test_a_hybrid_moves_a_state_by_what_its_head_read() -> None:
    """A head finds the latest b; a state above it counts positions at which the letter after that b was c."""
    w = Wiring("hybrid/mine", specials=LETTERS, numbers=(0, 1), context=n, recurrent=True)
    parity = w.state(1, {"b": -1}, name="parity")
    head = w.latest("latest b", [(w.is_token("b"), 1)], default=True)
    odd = w.equal(head[parity], -1)
    blueprint = finished(w, w.at_least(w.state(0, {"c": 0}, w.both(odd, head.hit), name="since c"), 2))
    model = blueprint.at(6)
    assert family(model) == "hybrid"
    for word in itertools.product("abc", repeat=5):
        count = 0
        for k, letter in enumerate(word):
            count = (0 if letter == "c" else count) + word[: k + 1].count("b") % 2
        assert held(blueprint, ["<s>", *word], ["since c"])[-1] == [count]
        for engine in ("plain", "fast"):
            assert decode(model, ["<s>", *word], engine=engine).answer == str(int(count >= 2))  # type: ignore[arg-type]


WRONG: dict[str, tuple[Callable[[Wiring], object], str]] = {
    "growth": (lambda w: w.state(1, {"a": 2}), "may grow exponentially: .*add up to 2 or more"),
    "growth of two": (lambda w: w.state([1, 0], {"a": [[1, 1], [1, 0]]}), "cells state.0, state.1"),
    "no cells": (lambda w: w.state([]), "has no cells"),
    "a fraction": (lambda w: w.state([Fraction(1, 2)]), "init= was given"),  # type: ignore[list-item]
    "half a cell": (lambda w: w.state(1.5), "init= was given 1.5, expected integers"),  # type: ignore[call-overload]
    "no token named": (lambda w: w.state(1, 3), "transition= was given 3; name a token"),  # type: ignore[call-overload]
    "reads a value alone": (lambda w: w.state([1, 0], reads=w.one), "reads= was given 1; give reads= a list"),  # type: ignore[call-overload]
    "a short row": (lambda w: w.state([1, 0], {"a": [[1, 0], [1]]}), "2 integers, one per cell"),
    "a short matrix": (lambda w: w.state([1, 0], {"a": [[1, 0]]}), "expected 2 rows"),
    "an unknown token": (lambda w: w.state(1, {"d": 0}), "'d' is not a special token"),
    "no flag": (lambda w: w.state(1, {w.state(0, reads=w.is_token("a"), name="x"): 0}), "needs a flag"),
    "a value too few": (lambda w: w.state([1, 0], {}, [w.is_token("a")]), "reads 1 values, but has 2 cells"),
    "two of one name": (lambda w: [w.state(1), w.state(2)], "two gadgets are called 'state'"),
    "too many ways": (
        lambda w: w.state(1, {w.equal(w.count(w.is_token("a")), k): 0 for k in range(14)}),
        "too many flags that are computed",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_state_is_refused(case: str) -> None:
    ask, words = WRONG[case]
    with pytest.raises(ContractError, match=words):
        ask(wiring())


def test_a_transformer_has_no_state() -> None:
    with pytest.raises(ContractError, match="recurrent=True"):
        wiring(recurrent=False).state(1, {"a": -1})


def test_a_flag_that_is_unknown_at_the_first_token_is_refused() -> None:
    w = wiring()
    flag = w.beyond(w.count(w.is_token("b")), 0, n, "more than n")
    assert flag.start is None
    with pytest.raises(ContractError, match="value at the first token is not known"):
        w.state(1, {flag: 0})


GROUPS = ("gallery/linear-parity", "gallery/linear-s5", "gallery/linear-a5", "gallery/linear-automaton")
LINEAR = (*GROUPS, "gallery/linear-dyck-1")


def wrong_words(subject: Construction, blueprint: Blueprint, length: int) -> int:
    """On how many of all words up to a length another answer is written."""
    letters, model, task = subject.task.own, blueprint.at(length), subject.task  # type: ignore[attr-defined]
    words = [word for size in range(1, length + 1) for word in itertools.product(letters, repeat=size)]
    instances = [task.parse(" ".join(word)) for word in words]
    written = transcripts(model, [subject.reads(instance) for instance in instances], 1)
    return sum(tokens != (task.answer(i),) for tokens, i in zip(written, instances, strict=True))


@pytest.mark.parametrize("name", LINEAR)
def test_planted_faults_of_matrices_and_beginnings_are_seen_on_short_words(name: str) -> None:
    """An entry flipped, two tokens' matrices exchanged, another beginning, a matrix left out."""
    subject = from_gallery(name)
    assert wrong_words(subject, subject.blueprint, 5) == 0
    seen: dict[str, int] = {}
    for fault in build_faults(subject):
        if fault.kind != "built: state":
            continue
        try:
            blueprint = fault.planted(subject).blueprint
        except ContractError:
            continue
        kind = next(word for word in ("begins", "flipped", "exchanged", "without", "one more") if word in fault.text)
        seen[kind] = seen.get(kind, 0) + (wrong_words(subject, blueprint, 5) > 0)
    assert seen["begins"] >= (name != "gallery/linear-parity")  # a larger state changes its sign as well
    assert name not in GROUPS[1:] or (seen["flipped"] >= 4 and seen["exchanged"] == 1 and seen["without"] >= 1)


@pytest.mark.parametrize("name", LINEAR)
def test_engines_and_other_number_systems_write_the_same(name: str) -> None:
    """The compiled loop finishes long words itself, so the bounds are not exponential; floats of few bits do, too."""
    subject = from_gallery(name)
    rng = np.random.default_rng(3)
    for size in (1, 7, 300):
        model, task = subject.at(size), subject.task
        instance = task.sample(rng, size)
        prompt = subject.reads(instance)
        ids = model.vocabulary.encode(prompt)
        assert decode(model, prompt, engine="plain").tokens == decode(model, prompt, engine="fast").tokens
        assert decode(model, prompt, arithmetic=Float(12)).answer == task.answer(instance)
        assert tables_of(model, 100_000).states >= 1
        assert len(ids) > 1


def test_bounds_of_the_engine_are_those_of_a_permutation_and_not_exponential() -> None:
    model = from_gallery("gallery/linear-s5").at(50)
    layer = model.layers[0]
    assert isinstance(layer, Selective)
    moves = moves_of(model, 0, [1] * len(layer.units))
    assert moves is not None
    assert len(moves) == 3  # the identity, and those of the two generators
    assert largest_states(moves, [1] * 5, [0] * 5, 10**6) == [5 * 10**6] * 5
    assert tables_of(model, 10**6).places == 10**6


def test_a_state_that_grows_is_left_to_the_plain_evaluator() -> None:
    """The loop over many prompts looks at the state where no bound holds; where it got too large nothing is written."""
    w = wiring(context=200)
    model = finished(w, w.state(1, {"a": -1}, name="sign")).at(200)
    layer = model.layers[0]
    assert isinstance(layer, Selective)
    grown = replace(layer, change=layer.change.replaced(0, 0, 2))  # every a makes 3 of 1
    tripling = replace(model, layers=(grown, *model.layers[1:]))
    prompt = ["<s>", *["a"] * 150]
    assert decode(tripling, prompt, engine="fast").answer == decode(tripling, prompt, engine="plain").answer == "1"
    ids = np.array([model.vocabulary.encode(prompt)])
    for specialise in (False, True):
        written = decode_many(tripling, ids, np.array([15]), most=1, specialise=specialise)
        assert written.ids.tolist() == [model.vocabulary.encode(["1"])]
        with pytest.raises(NotTabular, match="a state gets too large"):
            decode_many(tripling, ids, np.array([17]), most=1, specialise=specialise)


def counting_by_states() -> Construction:
    """How often a letter of 1, 2 occurs, with a cell for each letter; the states read what gates compute."""
    w = Wiring("rnn/counting", specials=("<s>", "?"), numbers=(0, n), context=n + 3, recurrent=True)
    still = w.state(1, {"?": 0}, name="not asked yet")
    flags = [w.both(w.equal(w.token, letter), w.is_number, still) for letter in (1, 2)]
    counts = [w.state(0, reads=flag, name=f"count of {k}") for k, flag in enumerate(flags, 1)]
    before = w.back(1, w.token)
    wanted = [(w.equal(before, letter), count) for letter, count in zip((1, 2), counts, strict=True)]
    w.write_sign(w.at_least(w.cases(*wanted, name="count"), w.token + 1))
    return Construction(w.name, Counting(), w.finish(), "A cell for each letter.")


def verdict_of(certificate: Any) -> str:
    return check(canonical_text(certificate).encode()).word


def test_the_kernel_runs_states_on_all_inputs_and_sees_a_wrong_matrix() -> None:
    certificate = certify_exhaustive(counting_by_states(), 4, 2)
    assert verdict_of(certificate) == "VERIFIED"
    assert "selective recurrence" in [layer["type"] for layer in certificate["model"]["layers"]]
    layer = next(layer for layer in certificate["model"]["layers"] if layer["type"] == "selective recurrence")
    layer["input"]["entries"][0][2] = 2
    assert verdict_of(certificate) == "REJECTED"
