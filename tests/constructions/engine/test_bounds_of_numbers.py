"""The bounds that compiled loops rest on hold for heads with recency, for averages, and for every logit.

Each fault is planted in the module that derives the bounds; then the loop writes other tokens than the plain evaluator,
or a loop is made although a number may leave 64 bits.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from constructions.architectures import Attention, Embedding, FeedForward, Head, Model, Unembedding
from constructions.engine import NotTabular, _batch_loop, _stream_codegen, _tables, decode, decode_many
from constructions.engine._program import compile_model
from constructions.errors import ModelError
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary

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

MODELS = {"average": AVERAGE, "large": LARGE, "fine": FINE, "squared": SQUARED[0], "squared, less": SQUARED[1]}


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


def faulty(module: ModuleType, *faults: tuple[str, str]) -> ModuleType:
    """A copy of a module with faults in it."""
    source = Path(str(module.__file__)).read_text()
    for old, new in faults:
        assert source.count(old) == 1, f"the fault no longer fits: {old}"
        source = source.replace(old, new)
    copy = ModuleType(f"{module.__name__}_with_a_fault")
    sys.modules[copy.__name__] = copy  # dataclasses look their module up
    exec(compile(source, copy.__name__, "exec"), copy.__dict__)  # noqa: S102
    del sys.modules[copy.__name__]
    return copy


TABLE_FAULTS = {
    "with recency no two positions tie": (
        "alone = slope != 0 and abs(slope) * self.places < unit", "alone = slope != 0", AVERAGE,
    ),
    "values are not multiplied by the context": ("_checked(size * self.places)", "_checked(size)", LARGE),
    "denominators are not counted": (
        "over_value * max(factor, 1), _checked(size * max(factor, 1))", "over_value * max(factor, 1), size", FINE,
    ),
    "what a gate multiplies is taken for an integer": (
        "(operation, layer.output, unit, over_gate * over_value,", "(operation, layer.output, unit, over_gate,",
        SQUARED[1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", TABLE_FAULTS)
def test_faults_in_the_bounds_of_tables_are_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, subject = TABLE_FAULTS[fault]
    copy = faulty(_tables, (old, new))
    monkeypatch.setattr(copy, "NotTabular", NotTabular)
    monkeypatch.setattr(_batch_loop, "tables_of", copy.tables_of)
    assert walked(subject) not in (plain(subject), None)


def bounded(subject: Model, positions: int, module: ModuleType = _stream_codegen) -> bool:
    """Whether every number of a loop made for the model stays below 2^62."""
    try:
        module.magnitudes(compile_model(subject), positions)
    except module.NotBounded:
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


def test_every_number_of_a_specialised_loop_is_bounded() -> None:
    fits = model(EVERYWHERE, logits={(2, FOUND): 1})
    assert bounded(fits, 2**20)
    assert not bounded(fits, 2**21)
    recent = model(replace(EVERYWHERE, slope=1), logits={(2, FOUND): 1})
    assert bounded(recent, 2**20)
    assert not bounded(recent, 2**21)
    assert bounded(POINT, 2**20)
    assert not any(bounded(steep, 2) for steep in STEEP)


LOOP_FAULTS = {
    "values are not multiplied by the context": (
        [("checked(row(op[4] + r, x) * positions)", "checked(row(op[4] + r, x))")],
        model(EVERYWHERE, logits={(2, FOUND): 1}),
    ),
    "where the slope is not 0 they are not": (
        [
            (
                "checked(row(op[4] + r, x) * positions)",
                "checked(row(op[4] + r, x) * (1 if p.plans[op[7]].slope else positions))",
            )
        ],
        model(replace(EVERYWHERE, slope=1), logits={(2, FOUND): 1}),
    ),
    # The parts of a number's logit are bounded twice, as rows and as coefficients.
    "parts of a logit are bounded by what they add": (
        [
            ("for logit in range(p.logit_rows, len(p.start) - 1):", "for logit in range(0):"),
            ("(row(p.logit_rows + power, x) for power in range(3))", "(row(p.logit_rows, x), 0, 0)"),
        ],
        STEEP[0],
    ),
}


@pytest.mark.parametrize("fault", LOOP_FAULTS)
def test_faults_in_the_bounds_of_specialised_loops_are_caught(fault: str) -> None:
    faults, subject = LOOP_FAULTS[fault]
    assert not bounded(subject, 2**21)
    assert bounded(subject, 2**21, faulty(_stream_codegen, *faults))


def test_two_heads_of_one_name_are_refused() -> None:
    """Observers know a head by its name: two of one name would lend each other what was seen of them."""
    with pytest.raises(ModelError, match="two heads of one layer are named 'head'"):
        model(TIED, EVERYWHERE, logits={})
    assert model(TIED, replace(EVERYWHERE, name="another"), logits={}).heads[1].name == "another"
