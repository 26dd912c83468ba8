"""The examiner's part for softmax: gaps from exact scores, margins enclosed by balls."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np

from constructions.architectures import Attention, Evaluator, Model
from constructions.engine import decode
from constructions.numerics import Ball, Exact, Rationals
from proofs_check.certificates import model_from_json
from tests.certificate_corpus.families import Json, instances


def softmax_is_true(certificate: Json) -> bool:
    """Gaps and leaks from the scores of the exact evaluator, margins enclosed by balls, on all inputs."""
    model, b = model_from_json(certificate["model"]), Fraction(certificate["inverse_temperature"])
    gaps, leaks = dict[tuple[int, str], dict[str, Fraction]](), dict[tuple[int, str], flint.arb]()
    margins = dict[str, Any]()
    with flint.ctx.workprec(600):
        for prompt, _, _ in instances(certificate):
            for head, gap, leak in _observed(model, prompt, b):
                text = " ".join(prompt)
                gaps.setdefault(head, {})[text] = min(gap, gaps.get(head, {}).get(text, gap))
                leaks[head] = leak if head not in leaks or leak > leaks[head] else leaks[head]
            margins[" ".join(prompt)] = _margin(model, prompt, b)
        heads = [
            (i, head) for i, layer in enumerate(model.layers) if isinstance(layer, Attention) for head in layer.heads
        ]
        if [(head["layer"], head["name"]) for head in certificate["heads"]] != [(i, head.name) for i, head in heads]:
            return False
        for head in certificate["heads"]:
            seen = gaps.get((head["layer"], head["name"]), {})
            if not seen:
                if (head["gap"], head["input"], head["leak"]) != (None, None, 0):
                    return False
                continue
            least, leak = Fraction(head["gap"]), flint.arb(flint.fmpq(*Fraction(head["leak"]).as_integer_ratio()))
            if not (
                seen.get(head["input"]) == least == min(seen.values()) and leaks[head["layer"], head["name"]] <= leak
            ):
                return False
        margin = flint.arb(flint.fmpq(*Fraction(certificate["margin"]).as_integer_ratio()))
        return certificate["margin_input"] in margins and all(
            m > margin or (m.contains(margin) and m.rad() < 1e-30) for m in margins.values()
        )


def _observed(model: Model, prompt: list[str], b: Fraction) -> list[tuple[tuple[int, str], Fraction, flint.arb]]:
    """For each head and position with keys below the best: the gap, and what a softmax gives to them."""
    found: list[tuple[tuple[int, str], Fraction, flint.arb]] = []
    held: dict[str, Any] = {}

    def watch(layer: str, quantity: str, array: object) -> None:
        head, _, what = quantity.rpartition(".")
        if what in ("query", "segments"):
            held[what] = array
        if what != "segments":
            return
        place, (segment,) = int(layer.split()[1]), held["segments"]
        slope = next(h.slope for h in model.layers[place].heads if h.name == head)  # type: ignore[union-attr]
        query, key = _fractions(held["query"]), _fractions(segment.key)
        for i in range(len(query)):
            products = [sum((q * k for q, k in zip(query[i], key[j], strict=True)), Fraction(0)) for j in range(i + 1)]
            scores = [product + slope * j for j, product in enumerate(products)]
            below = [max(scores) - score for score in scores if score < max(scores)]
            if below:
                leak = sum((flint.arb(flint.fmpq(*(-b * gap).as_integer_ratio())).exp() for gap in below), flint.arb(0))
                found.append(((place, head), Fraction(min(below)), leak))

    tokens = [*prompt, *decode(model, prompt, max_tokens=1000).tokens[:-1]]
    Evaluator(model, Exact()).run(np.array(model.vocabulary.encode(tokens), dtype=np.int64), observe=watch)
    return found


def _fractions(array: Rationals) -> list[list[Fraction]]:
    denominators = [1] * len(array.numerators) if array.denominators is None else array.denominators
    pairs = zip(array.numerators, denominators, strict=True)
    return [[Fraction(int(numerator), int(denominator)) for numerator in row] for row, denominator in pairs]


def _margin(model: Model, prompt: list[str], b: Fraction) -> Any:
    """The least lead, in balls, of a token that hard attention writes after this prompt."""
    written = decode(model, prompt, max_tokens=1000).tokens
    soft = Evaluator(model, Ball(500, b))
    y, _ = soft.run(np.array(model.vocabulary.encode([*prompt, *written[:-1]]), dtype=np.int64))
    leads = soft.arithmetic.margin(soft.logits(y)[-len(written) :])  # type: ignore[attr-defined]
    least = leads[0]
    for lead in leads[1:]:
        least = lead if lead < least else least
    return least
