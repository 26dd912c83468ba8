"""The bounds that compiled loops rest on hold for heads with recency, for averages, and for every logit.

Each fault is planted in the module that derives the bounds; then the loop writes other tokens than the plain evaluator,
or a loop is made although a number may leave 64 bits.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from constructions.architectures import Attention, Bound, Embedding, FeedForward, Head, Model, Recurrence, Unembedding
from constructions.engine import NotTabular, _bounds, decode, decode_many
from constructions.engine._bounds import Integers, OfPlans, check_bounds
from constructions.engine._program import compile_model
from constructions.engine._tables import tables_of
from constructions.errors import ModelError
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary
from tests.planted_faults import reworded

ONE, TOKEN, PLACE, FOUND, SQUARE = range(5)
WIDTH = 5
PROMPT = ("<s>", "1", "1", "2", "1", "2", "1", "1", "1", "2", "1", "1", "2", "1", "1", "1")
"""16 tokens, so that sums of 2^59 over all of them are 2^63."""


def matrix(rows: int, columns: int, entries: Mapping[tuple[int, int], int]) -> Matrix:
    return Matrix.from_entries((rows, columns), dict(entries))


def head(query: int, key: Mapping[int, int], value: Mapping[int, int], slope: int) -> Head:
    """One feature: the query is a number, the key reads coordinates; what is read goes to the coordinate FOUND."""
    return Head(
        "head",
        ("f",),
        matrix(1, WIDTH, {(0, ONE): query}),
        matrix(1, WIDTH, {(0, column): weight for column, weight in key.items()}),
        ("r",),
        matrix(1, WIDTH, {(0, column): weight for column, weight in value.items()}),
        matrix(WIDTH, 1, {(FOUND, 0): 1}),
        slope,
    )


def model(*heads: Head, logits: Mapping[tuple[int, int], int], squared: bool = False, low: int = 1) -> Model:
    """Attention, and on request the square of what was found; ``logits`` are those of <s>, no, yes."""
    square = FeedForward(
        ("u",),
        matrix(1, WIDTH, {(0, FOUND): 1}),
        matrix(1, WIDTH, {(0, FOUND): 1}),
        matrix(WIDTH, 1, {(SQUARE, 0): 1}),
    )
    embedding = Embedding(
        matrix(WIDTH, 3, {(ONE, 0): 1, (TOKEN, 1): 1}),
        matrix(WIDTH, 3, {(ONE, 0): 1, (ONE, 1): 1, (ONE, 2): 1}),
        matrix(WIDTH, 2, {(PLACE, 0): 1}),
    )
    # Numbers are never written: their logit is that of <s> or less.
    unembedding = Unembedding(matrix(3, WIDTH, {(0, ONE): -1_000}), matrix(3, WIDTH, {(0, ONE): -1_000, **logits}))
    layers = (Attention(heads), square) if squared else (Attention(heads),)
    return Model(
        "bounded", Vocabulary(("<s>", "no", "yes"), low, 2), ("one", "token", "place", "found", "square"), embedding,
        layers, unembedding,
    )  # fmt: skip


TIED = head(1, {PLACE: 1}, {TOKEN: 1}, slope=-1)
"""The score is place - place = 0: with recency, all positions tie, and the average of the tokens is read: 19/16."""

# 16 found > 18 where the average is 19/16.
AVERAGE = model(TIED, logits={(2, FOUND): 16, (1, ONE): 18})
# Sixteen values of 2^59 are 2^63; their average is 2^59.
LARGE = model(head(1, {PLACE: 1}, {ONE: 2**59}, slope=-1), logits={(2, FOUND): 1})
# Values of 2^42 are brought to the denominator lcm(1 .. 17) = 12252240, which takes 66 bits.
FINE = model(head(1, {PLACE: 1}, {ONE: 2**42}, slope=-1), logits={(2, FOUND): 1})
# (19/16)^2 = 361/256: 256 square > 360, and no more than 362.
SQUARED = (
    model(TIED, logits={(2, SQUARE): 256, (1, ONE): 360}, squared=True),
    model(TIED, logits={(2, SQUARE): 256, (1, ONE): 362}, squared=True),
)

# A cell that is 16 times as large at every position, from 8 on: at the last it is 2^63 and more.
GROWING = replace(
    model(TIED, logits={(2, FOUND): 1}),
    layers=(
        Recurrence(
            ("cell",),
            matrix(1, 1, {(0, 0): 16}),
            matrix(1, WIDTH, {(0, ONE): 8}),
            matrix(WIDTH, 1, {(FOUND, 0): 1}),
            matrix(WIDTH, WIDTH, {}),
        ),
    ),
)

MODELS = {
    "growing": GROWING,
    "average": AVERAGE,
    "large": LARGE,
    "fine": FINE,
    "squared": SQUARED[0],
    "squared, less": SQUARED[1],
}


def plain(subject: Model) -> str:
    return decode(subject, PROMPT, max_tokens=1, engine="plain").tokens[0]


def walked(subject: Model) -> str | None:
    """What the loop with tables writes; None if it leaves the model to another engine."""
    ids = np.array([subject.vocabulary.encode(PROMPT)])
    try:
        written = decode_many(subject, ids, np.array([len(PROMPT)]), most=1)
    except NotTabular:
        return None
    return subject.vocabulary.token_of(int(written.ids[0, 0]))


@pytest.mark.parametrize("name", MODELS)
def test_loops_write_what_the_plain_evaluator_writes(name: str) -> None:
    subject = MODELS[name]
    assert plain(subject) == ("no" if name == "squared, less" else "yes")
    assert walked(subject) in (plain(subject), None)
    assert decode(subject, PROMPT, max_tokens=1, engine="fast").tokens == (plain(subject),)


def test_averages_and_their_squares_run_from_tables() -> None:
    assert [walked(subject) for subject in (AVERAGE, *SQUARED)] == ["yes", "yes", "no"]
    assert walked(LARGE) is None


TABLE_FAULTS: dict[str, tuple[type | ModuleType, str, str, str, Model]] = {
    "with recency no two positions tie": (Integers, "read", "alone = 0 < reach < unit", "alone = reach > 0", AVERAGE),
    "values are not multiplied by the context": (Integers, "read", "bound.size * self.positions", "bound.size", LARGE),
    "where the slope is not 0 they are not": (
        Integers, "read", "bound.size * self.positions", "bound.size * (1 if head.slope else self.positions)", LARGE,
    ),
    "denominators are not counted": (Integers, "read", "Bound(v.size * max(factor, 1), 0", "Bound(v.size, 0", FINE),
    "what a head reads is taken for an integer": (
        Integers, "read", "v.over * max(factor, 1)", "v.over", SQUARED[1],
    ),
    "what a gate multiplies is taken for an integer": (
        Bound, "times", "self.over * other.over", "self.over", SQUARED[1],
    ),
    "a recurrence is not iterated": (Integers, "state", "self.positions", "1", GROWING),
    "a recurrence is iterated half as often": (_bounds, "iterated", "while steps:", "while steps > 1:", GROWING),
    "a recurrence does not remember": (_bounds, "iterated", "{**dict(row), one: size}", "{one: size}", GROWING),
}  # fmt: skip


@pytest.mark.parametrize("fault", TABLE_FAULTS)
def test_faults_in_the_bounds_of_tables_are_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, old, new, subject = TABLE_FAULTS[fault]
    assert walked(subject) in (plain(subject), None)
    monkeypatch.setattr(owner, name, reworded(owner, name, (old, new)))
    tables_of.cache_clear()
    try:
        caught = walked(subject) not in (plain(subject), None)
    except ModelError as error:
        caught = "bounds and tables disagree" in str(error)
    tables_of.cache_clear()
    assert caught


def bounded(subject: Model, positions: int) -> bool:
    """Whether every number of a loop made for the model stays below 2^62."""
    try:
        check_bounds(subject, compile_model(subject).plans, positions)
    except NotTabular:
        return False
    return True


EVERYWHERE = head(0, {}, {ONE: 2**41}, slope=0)
"""An average over all positions: the sum of the values is 2^41 times as many."""

POINT = replace(model(TIED, logits={}, low=0), vocabulary=Vocabulary(("<s>", "no", "yes"), 0, 0))
"""The only number is 0: linear and square part of its logit are multiplied by 0, and are computed all the same."""

STEEP = [
    replace(
        POINT,
        unembedding=replace(
            POINT.unembedding, polynomial=matrix(3, WIDTH, {(power, ONE): 2**61, (power, PLACE): 2**61})
        ),
    )
    for power in (1, 2)
]


SQUARES = model(
    Head(
        "head", ("constant", "match"), matrix(2, WIDTH, {(0, ONE): 1, (1, TOKEN): 2}),
        matrix(2, WIDTH, {(0, ONE): 1, (1, ONE): 2**31}), ("r",), matrix(1, WIDTH, {(0, TOKEN): 1}),
        matrix(WIDTH, 1, {(FOUND, 0): 1}),
    ),
    logits={(2, FOUND): 1},
)  # fmt: skip
"""Keys on the lattice form reach 2^31, so their squares 2^62; scores are far smaller."""


def test_every_number_of_a_specialised_loop_is_bounded() -> None:
    fits = model(EVERYWHERE, logits={(2, FOUND): 1})
    assert bounded(fits, 2**20)
    assert not bounded(fits, 2**21)
    recent = model(replace(EVERYWHERE, slope=1), logits={(2, FOUND): 1})
    assert bounded(recent, 2**20)
    assert not bounded(recent, 2**21)
    assert bounded(POINT, 2**20)
    assert not any(bounded(steep, 2) for steep in STEEP)


VALUES = "bound.size * self.positions"

LOOP_FAULTS: dict[str, tuple[list[tuple[type, str, tuple[str, str]]], Model]] = {
    "values are not multiplied by the context": (
        [(Integers, "read", (VALUES, "bound.size"))],
        model(EVERYWHERE, logits={(2, FOUND): 1}),
    ),
    "where the slope is not 0 they are not": (
        [(Integers, "read", (VALUES, "bound.size * (1 if head.slope else self.positions)"))],
        model(replace(EVERYWHERE, slope=1), logits={(2, FOUND): 1}),
    ),
    # The parts of a number's logit are bounded twice, as rows and as coefficients.
    "parts of a logit are bounded by what they add": (
        [(Integers, "note", ("checked(bound.size)", "row or checked(bound.size)")),
         (Integers, "_logits", ("checked(bound.size * (common // bound.over))", "bound.size"))],
        STEEP[0],
    ),
    "a recurrence is not iterated": ([(Integers, "state", ("self.positions", "1"))], GROWING),
    "squares of matched keys are not formed": (
        [(OfPlans, "score", ("4 * sum(key[f].size ** 2 for f in matched)", "0"))], SQUARES,
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", LOOP_FAULTS)
def test_faults_in_the_bounds_of_specialised_loops_are_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faults, subject = LOOP_FAULTS[fault]
    assert not bounded(subject, 2**21)
    for owner, name, change in faults:
        monkeypatch.setattr(owner, name, reworded(owner, name, change))
    assert bounded(subject, 2**21)


def test_two_heads_of_one_name_are_refused() -> None:
    """Observers know a head by its name: two of one name would lend each other what was seen of them."""
    with pytest.raises(ModelError, match="two heads of one layer are named 'head'"):
        model(TIED, EVERYWHERE, logits={})
    assert model(TIED, replace(EVERYWHERE, name="another"), logits={}).heads[1].name == "another"
