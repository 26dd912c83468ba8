"""Random models for differential tests: small integers and fractions, ties, and now and then a huge weight."""

import functools
from fractions import Fraction

from hypothesis import strategies as st

from constructions.architectures import (
    Attention,
    Embedding,
    FeedForward,
    Gated,
    Head,
    Layer,
    Model,
    Recurrence,
    Selective,
    Unembedding,
    gated_shapes,
)
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary

SMALL = st.integers(-3, 3)
HUGE = [2**26, 2**27 + 1, -(2**31), 2**52 + 1, 2**53, 2**62, -(2**63), 2**64 + 3, 10**30]
FRACTIONS = sorted({Fraction(above, below) for below in (1, 2, 3, 4) for above in range(-2 * below, 2 * below + 1)})
# One choice for each entry: of five, about three are small, one is a fraction and one huge. The simplest come first.
WEIGHTS = st.sampled_from([*[0, 1, -1, 2, -2, 3, -3] * 11, *sorted(FRACTIONS, key=abs), *HUGE * 3])


@functools.cache  # Hypothesis looks through a strategy when it is drawn from for the first time
def matrices(
    rows: int, columns: int, weights: st.SearchStrategy[int | Fraction] = WEIGHTS
) -> st.SearchStrategy[Matrix]:
    """Few entries in a matrix of this shape."""
    make = functools.partial(Matrix.from_entries, (rows, columns))
    if not rows or not columns:
        return st.builds(make, st.just({}))
    place = st.integers(0, rows * columns - 1).map(lambda place: divmod(place, columns))
    return st.dictionaries(place, weights, max_size=5).map(make)


@st.composite
def heads(draw: st.DrawFn, width: int, name: str, weights: st.SearchStrategy[int | Fraction] = WEIGHTS) -> Head:
    """A head with 0 to 2 features and 0 to 2 reads."""
    features, reads = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    return Head(
        name,
        tuple(f"f{i}" for i in range(features)),
        draw(matrices(features, width, weights)),
        draw(matrices(features, width, weights)),
        tuple(f"r{i}" for i in range(reads)),
        draw(matrices(reads, width, weights)),
        draw(matrices(width, reads, weights)),
        draw(st.integers(-1, 1)),
    )


@st.composite
def layers(draw: st.DrawFn, width: int, weights: st.SearchStrategy[int | Fraction] = WEIGHTS) -> Layer:
    """A layer of any kind."""
    kind = draw(st.sampled_from(["attention", "attention", "gates", "recurrence", "selective", "gated"]))
    if kind == "attention":
        return Attention(tuple(draw(heads(width, f"head {i}", weights)) for i in range(draw(st.integers(1, 2)))))
    if kind == "gates":
        units = draw(st.integers(0, 3))
        return FeedForward(
            tuple(f"u{i}" for i in range(units)),
            draw(matrices(units, width, weights)),
            draw(matrices(units, width, weights)),
            draw(matrices(width, units, weights)),
        )
    recurrence = Recurrence(
        ("s", "t"),
        draw(matrices(2, 2, SMALL)),
        draw(matrices(2, width, weights)),
        draw(matrices(width, 2, weights)),
        draw(matrices(width, width, weights)),
    )
    if kind == "recurrence":
        return recurrence
    units = draw(st.integers(0, 3))
    if kind == "gated":
        units = min(units, 1)  # each unit doubles the digits of a state, at every position
        shapes = gated_shapes(2, 3, units, width)
        own = {name: draw(matrices(*shape, SMALL)) for name, shape in shapes.items()}
        return Gated(("s", "t"), inner=("i", "j", "k"), units=tuple(f"u{i}" for i in range(units)), **own)
    return Selective(
        **vars(recurrence),
        units=tuple(f"u{i}" for i in range(units)),
        selector=draw(matrices(units, width, SMALL)),
        selected=draw(matrices(units, 2, SMALL)),
        change=draw(matrices(2, units, SMALL)),
    )


@st.composite
def models(draw: st.DrawFn, weights: st.SearchStrategy[int | Fraction] = WEIGHTS) -> Model:
    """One to three layers on three to five coordinates."""
    width = draw(st.integers(3, 5))
    vocabulary = Vocabulary(("<s>", "end"), draw(st.integers(-2, 1)), draw(st.integers(0, 3)))
    return Model(
        "random",
        vocabulary,
        tuple(f"x{i}" for i in range(width)),
        Embedding(
            draw(matrices(width, 3, weights)), draw(matrices(width, 2, weights)), draw(matrices(width, 2, SMALL))
        ),
        tuple(draw(layers(width, weights)) for _ in range(draw(st.integers(1, 3)))),
        Unembedding(draw(matrices(3, width, weights)), draw(matrices(2, width, weights))),
        draw(st.sampled_from([None, ("end",)])),
    )


@st.composite
def prompts(draw: st.DrawFn, model: Model, most: int = 6) -> list[int]:
    """Token ids of a prompt."""
    return draw(st.lists(st.integers(0, len(model.vocabulary) - 1), min_size=1, max_size=most))
