"""The number of tokens that a ranking value proves, and that every condition of the proof is looked at."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from constructions import ContractError, decode
from constructions.gallery import from_gallery
from constructions.theorems import claims_of
from constructions.wiring import Value, Wiring, n
from proofs_check.evidence import Examiner, Plan


def wiring(**options: object) -> Wiring:
    given: dict[str, Any] = {"specials": ("<s>", "#", ".", "x"), "numbers": (0, n), "context": 9 * n, "answers": (".",)}
    return Wiring("mine", **{**given, **options})


def mark(w: Wiring) -> Value:
    return w.latest("mark", [(w.is_token("#"), 1)], default=True)[w.position]


def ending(w: Wiring, left: Value) -> None:
    w.ranking(left)
    w.write(".", when=w.at_least(0, left))
    w.write("x")


@pytest.mark.parametrize(
    ("factor", "constant", "fall", "most"),
    [(2, 3, 1, "n + 5"), (1, 4, 1, "5"), (5, 0, 3, "2 n + 3"), (0, 7, 1, "8"), (-1, 7, 2, "8"), (1, -5, 1, "-4")],
)
def test_what_is_proved_holds_in_every_run(factor: int, constant: int, fall: int, most: str) -> None:
    """After prompts of at most n + 2 tokens, with the mark at every place of them, or nowhere."""
    w = wiring(context=30 * n)
    ending(w, factor * mark(w) + constant - fall * w.position)
    blueprint = w.finish()
    assert blueprint.ranking is not None
    bounds = blueprint.ranking.most_written(n + 2)
    assert str(bounds[1]) == most
    model, size, attained = blueprint.at(4), 4, 0
    for length in range(size + 2):
        for place in range(length + 1):
            prompt = ["<s>", *("#" if i == place else "1" for i in range(length))]
            written = decode(model, prompt).tokens
            assert written[-1] == "."
            attained = max(attained, len(written))
    assert attained <= max(bound(n=size) for bound in bounds)
    assert attained == max(bound(n=size) for bound in bounds) or fall > 1 or factor < 0


REFUSALS: Mapping[str, tuple[Callable[[Wiring], object], str]] = {
    "nothing lowers it": (lambda w: ending(w, mark(w) + w.position), "no written token lowers it"),
    "it stays": (lambda w: ending(w, mark(w)), "no written token lowers it"),
    "another coordinate": (lambda w: ending(w, w.token - w.position), "token is not the position of the latest"),
    "two coordinates": (lambda w: ending(w, mark(w) + w.token - w.position), "more than one coordinate"),
    "n times": (lambda w: ending(w, n * mark(w) - w.position), "the coefficient n of mark.position is no integer"),
    "a mark that is written": (
        lambda w: (ending_with(w, "#"), None)[1],
        "# is written, too, which moves mark.position",
    ),
    "a mark that depends": (
        lambda w: ending(w, w.latest("m", [(w.is_token("#"), w.is_number)], default=True)[w.position] - w.position),
        "m.position is not the position of the latest",
    ),
    "a mark with exceptions": (
        lambda w: ending(
            w, w.latest("m", [(w.is_token("#"), 1)], excluding=w.is_number, default=True)[w.position] - w.position
        ),
        "m.position is not the position of the latest",
    ),
    "what stands at the mark": (
        lambda w: ending(w, w.latest("m", [(w.is_token("#"), 1)], default=True)[w.token] - w.position),
        "m.token is not the position of the latest",
    ),
    "no answer at 0": (lambda w: (w.ranking(mark(w) - w.position), w.write("x")), "no answer, among those"),
    "an answer at 1": (
        lambda w: (w.ranking(left := mark(w) - w.position), w.write(".", when=w.at_least(-1, left)), w.write("x")),
        "no answer, among those",
    ),
    "something before the answer": (
        lambda w: (
            w.ranking(left := mark(w) - w.position),
            w.write("x", when=w.is_number),
            w.write(".", when=w.at_least(0, left)),
            w.write(w.zero),
        ),
        "no answer, among those",
    ),
    "one more condition": (
        lambda w: (
            w.ranking(left := mark(w) - w.position),
            w.write(".", when=[w.at_least(0, left), w.is_number]),
            w.write("x"),
        ),
        "no answer, among those",
    ),
}


def ending_with(w: Wiring, token: str) -> None:
    w.ranking(left := mark(w) - w.position)
    w.write(".", when=w.at_least(0, left))
    w.write(token)


@pytest.mark.parametrize("case", REFUSALS)
def test_what_proves_nothing_is_refused(case: str) -> None:
    build, said = REFUSALS[case]
    w = wiring()
    build(w)
    with pytest.raises(ContractError, match="proves no number of tokens") as refusal:
        w.finish()
    assert said in str(refusal.value)


def test_a_recurrence_is_not_known() -> None:
    w = wiring(recurrent=True)
    w.ranking(3 - w.position)
    w.write(".", when=w.at_least(0, 3 - w.position))
    w.write("x")
    with pytest.raises(ContractError, match="without searches and recurrences"):
        w.finish()


def test_the_claim_says_that_it_is_proved_and_not_where_it_is_not() -> None:
    made = from_gallery("gallery/copying")

    def evidence(longest: object) -> list[str]:
        construction = replace(made, longest=longest)  # type: ignore[arg-type]
        (claim,) = [c for c in claims_of(construction, kernel=False) if c.quantity == "tokens"]
        result = Examiner(Plan(cases=20, max_n=2)).about(claim, construction)
        return [e.words for e in result.evidence if e.kind == "proved"]

    (words,) = evidence(n + 1)
    assert "each token lowers 2 mark.position - position - 1 by 1, and at 0 the answer . is written; no # is" in words
    assert "at most n + 1 are written after at most n + 2, for all n >= 1" in words
    assert evidence(n) == []  # fewer than are written
