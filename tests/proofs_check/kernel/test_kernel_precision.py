"""Certificates about a softmax: what they say is true by other means, and every lie in them is found."""

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest

from constructions.architectures import Evaluator
from constructions.errors import InputError
from constructions.numerics import Ball, Exact
from constructions.theorems import construction
from proofs_check.certificates import canonical_text, certify_precision, model_from_json
from proofs_check.kernel import _precision
from proofs_check.kernel._main import check
from proofs_check.kernel._precision import UNIT, ceiling, power

Json = dict[str, Any]

SIZES: dict[str, tuple[int, int | None, str | None]] = {
    "transformer/index": (3, 2, None),
    "transformer/associative-recall": (3, 2, None),
    "transformer/c-gram": (3, 2, None),
    "transformer/counting": (2, 2, None),
    "transformer/istree": (3, None, "graphs"),
    "hybrid/associative-recall": (3, 2, None),
    "hybrid/counting": (2, 2, None),
    "hybrid/istree": (2, None, "graphs"),
}
MADE: dict[str, Json] = {}


def made(name: str) -> Json:
    if name not in MADE:
        n, alphabet, family = SIZES[name]
        MADE[name] = json.loads(canonical_text(certify_precision(construction(name), n, alphabet, family=family)))
    return copy.deepcopy(MADE[name])


def verdict(certificate: Json) -> tuple[str, str]:
    found = check(canonical_text(certificate).encode())
    return found.word, found.message


@pytest.mark.parametrize("name", SIZES)
def test_what_is_written_is_verified(name: str) -> None:
    word, message = verdict(made(name))
    assert word == "VERIFIED", message
    assert "writes the same, gaps at least 1, margin" in message


@pytest.mark.parametrize("name", SIZES)
def test_gaps_are_those_of_the_exact_evaluator_and_margins_hold_in_balls(name: str) -> None:
    """An independent derivation: scores observed in exact arithmetic, logits enclosed by Arb."""
    certificate = made(name)
    model = model_from_json(certificate["model"])
    b = Fraction(certificate["inverse_temperature"])
    prompts = sorted({certificate["margin_input"], *(head["input"] for head in certificate["heads"])})
    gaps: dict[tuple[int, str], list[Fraction]] = {}
    held: dict[str, Any] = {}

    def watch(layer: str, quantity: str, array: object) -> None:
        head, _, what = quantity.rpartition(".")
        if what not in ("query", "segments"):
            return
        held[what] = array
        if what == "query":
            return
        place = int(layer.split()[1])
        (segment,) = held["segments"]
        slope = next(h.slope for h in model.layers[place].heads if h.name == head)  # type: ignore[union-attr]
        query, key = held["query"].numerators, segment.key.numerators
        for i in range(query.shape[0]):
            scores = [sum(map(lambda q, k: int(q) * int(k), query[i], key[j])) + slope * j for j in range(i + 1)]
            below = [score for score in scores if score < max(scores)]
            if below:
                gaps.setdefault((place, head), []).append(Fraction(max(scores) - max(below)))

    for prompt in prompts:
        tokens = prompt.split()
        exact, soft = Evaluator(model, Exact()), Evaluator(model, Ball(500, b))
        while True:
            ids = np.array(model.vocabulary.encode(tokens), dtype=np.int64)
            x, _ = exact.run(ids, observe=watch)
            written = exact.next_tokens(x)[-1:]
            y, _ = soft.run(ids)
            margin = soft.arithmetic.margin(soft.logits(y)[-1:])[0]  # type: ignore[attr-defined]
            least = Fraction(certificate["margin"])
            with flint.ctx.workprec(500):
                assert margin > flint.arb(flint.fmpq(least.numerator, least.denominator)) or least == 1
            token = model.vocabulary.decode(written.tolist())[0]
            tokens = [*tokens, token]
            if model.answers is None or token in model.answers:
                break
    for head in certificate["heads"]:
        seen = gaps[head["layer"], head["name"]]
        assert min(seen) == Fraction(head["gap"])


LIES: dict[str, Callable[[Json], object]] = {
    "a larger gap": lambda c: c["heads"][0].update(gap=2),
    "a gap of a half": lambda c: c["heads"][0].update(gap="1/2"),
    "no gap": lambda c: c["heads"][0].update(gap=None),
    "a smaller leak": lambda c: c["heads"][0].update(leak="1/1208925819614629174706176"),
    "no leak": lambda c: c["heads"][0].update(leak=0),
    "another worst input": lambda c: c["heads"][0].update(input="<s> 2 2 2 ? 1"),
    "another name": lambda c: c["heads"][0].update(name="someone"),
    "another layer": lambda c: c["heads"][0].update(layer=2),
    "a head left out": lambda c: c["heads"].pop(),
    "a head twice": lambda c: c["heads"].append(c["heads"][0]),
    "a larger margin": lambda c: c.update(margin=1),
    "another input for the margin": lambda c: c.update(margin_input="<s> 2 2 2 ? 1"),
    "a colder softmax than was measured": lambda c: c.update(inverse_temperature=40),
    "a warmer one": lambda c: c.update(inverse_temperature=1),
    "a wrong digest": lambda c: c.update(digest="0" * 64),
    "a weight changed": lambda c: c["model"]["layers"][0]["heads"][0]["query"]["entries"][0].__setitem__(2, 5),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_rejected(lie: str) -> None:
    certificate = made("transformer/associative-recall")
    LIES[lie](certificate)
    word, message = verdict(certificate)
    assert word == "REJECTED", message


@pytest.mark.parametrize("b", [0, -1, "x", None, "2/4", 1.5])
def test_a_temperature_that_is_none_is_malformed(b: object) -> None:
    certificate = {**made("transformer/index"), "inverse_temperature": b}
    assert check(json.dumps(certificate).encode()).word == "MALFORMED"


@pytest.mark.parametrize("key", ["heads", "inverse_temperature", "margin", "margin_input"])
def test_missing_fields_are_malformed(key: str) -> None:
    certificate = made("transformer/index")
    del certificate[key]
    assert verdict(certificate)[0] == "MALFORMED"


def test_a_temperature_at_which_nothing_can_be_shown_is_refused() -> None:
    with pytest.raises(InputError, match="no certificate"):
        certify_precision(construction("transformer/index"), 3, 2, inverse_temperature=Fraction(1, 10))
    with pytest.raises(InputError, match="no attention head"):
        certify_precision(construction("retrieval/index"), 2, 2)


@pytest.mark.parametrize(
    ("name", "fault", "replacement"),
    [
        ("power", "half of e^-y", lambda y: power(y) // 2),
        ("spread", "errors of a linear map forgotten", lambda matrix, errors: [0] * matrix.height),
        ("product", "errors of a product forgotten", lambda x, dx, y, dy: 0),
    ],
)
def test_a_kernel_that_bounds_less_accepts_nothing_of_the_right_one(
    name: str, fault: str, replacement: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The errors that are bounded do count: a checker without them disagrees with the certificate."""
    certificate = made("transformer/associative-recall")
    monkeypatch.setattr(_precision, name, replacement)
    assert verdict(certificate)[0] == "REJECTED", fault


def test_powers_are_bounds_of_the_exponential() -> None:
    with flint.ctx.workprec(600):
        for y in (*range(200), Fraction(1, 3), Fraction(22, 7), Fraction(10**6, 10**6 + 1), 10**9):
            true = (-flint.arb(flint.fmpq(Fraction(y).numerator, Fraction(y).denominator))).exp()
            bound = flint.arb(power(y)) / flint.arb(2) ** UNIT
            assert bound >= true
            assert y > 170 or bound < true * 3
    assert [ceiling(Fraction(number, 2)) for number in (-3, -2, 1, 2, 3)] == [-1, -1, 1, 1, 2]


def test_the_example_is_deterministic() -> None:
    first, second = (certify_precision(construction("transformer/index"), 2, 2) for _ in range(2))
    assert canonical_text(first) == canonical_text(second)
