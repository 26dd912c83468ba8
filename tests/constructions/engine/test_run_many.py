"""Whichever way runs many prompts, the tokens are those of the plain evaluator; which one it is follows from facts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from constructions.architectures import Model
from constructions.engine import Written, _batch_loop, _decode, _fast, _run_many, decode, padded, run_many
from constructions.numerics import Float
from constructions.theorems import Construction, construction

NAMES = [
    "transformer/index",
    "transformer/counting",
    "transformer/istree",
    "retrieval/c-gram",
    "hybrid/associative-recall",
    "rnn/turing",
]
WAYS = ["loop", "loop for the model", "one by one", "batches"]
FRACTION = "transformer/counting"


def prompts_of(subject: Construction, n: int, count: int = 5) -> list[list[int]]:
    """Of several lengths."""
    rng, model = np.random.default_rng(n), subject.at(n)
    instances = [*list(subject.task.boundary(n))[:count], *(subject.task.sample(rng, n) for _ in range(count))]
    return [model.vocabulary.encode(subject.reads(instance)) for instance in instances]


def plain(model: Model, prompts: list[list[int]], most: int) -> list[tuple[str, ...]]:
    endless = replace(model, context=None)
    words = [model.vocabulary.decode(prompt) for prompt in prompts]
    return [decode(endless, prompt, engine="plain", max_tokens=most).tokens for prompt in words]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways that were taken."""
    ways = list[str]()
    loop, batch, fast = _batch_loop.decode_many, _decode.decode_batch, _fast.FastRun

    def decode_many(*arguments: object, specialise: bool, **options: object) -> Written:
        ways.append("loop for the model" if specialise else "loop")
        return loop(*arguments, **options)  # type: ignore[arg-type]  # compiling takes seconds

    def decode_batch(*arguments: object, **options: object) -> list[list[int]]:
        ways.append("batches")
        return batch(*arguments, **options)  # type: ignore[arg-type]

    def run(*arguments: object) -> _fast.FastRun:
        ways.append("one by one")
        return fast(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(_batch_loop, "decode_many", decode_many)
    monkeypatch.setattr(_run_many, "decode_batch", decode_batch)
    monkeypatch.setattr(_fast, "FastRun", run)
    return ways


@pytest.mark.parametrize("way", ["loop", "one by one", "batches"])
@pytest.mark.parametrize("name", NAMES)
def test_every_way_writes_what_the_plain_evaluator_writes(
    name: str, way: str, taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = construction(name)
    n = max(subject.blueprint.least, 3)
    model, prompts, most = subject.at(n), prompts_of(subject, n), min(subject.longest(n=n) + 1, 40)
    monkeypatch.setattr(_run_many, "_walks", lambda *_: way == "loop")
    monkeypatch.setattr(_run_many, "_one_by_one", lambda *_: way == "one by one")
    written = run_many(model, *padded(prompts), most=most)
    assert written.tokens(model.vocabulary) == plain(model, prompts, most)
    assert (written.ids[np.arange(most) >= written.counts[:, None]] == -1).all()
    assert taken[0] == ("batches" if way == "loop" and model.search is not None else way)


@pytest.mark.parametrize("way", WAYS)
def test_which_way_it_is_follows_from_facts(way: str, taken: list[str]) -> None:
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "loop": ("transformer/istree", {"most": 20}),
        "loop for the model": ("transformer/index", {"specialise": True}),
        "one by one": ("transformer/index", {"most": 300}),
        "batches": ("retrieval/index", {"specialise": True}),
    }
    name, options = cases[way]
    subject = construction(name)
    model, prompts = subject.at(3), prompts_of(subject, 3, 3)
    run_many(model, *padded(prompts), **{"most": 5, **options})
    assert set(taken) == {way}


def test_a_few_short_prompts_load_no_compiled_code(taken: list[str]) -> None:
    subject = construction("transformer/index")
    prompts = [prompt for prompt in prompts_of(subject, 3) if len(prompt) == 6]
    run_many(subject.at(3), *padded(prompts), most=5)
    assert taken == ["batches"]
    run_many(subject.at(3), *padded(prompts * 4000), most=5)
    assert taken == ["batches", "loop"]


def test_another_number_system_is_the_evaluators(taken: list[str]) -> None:
    subject = construction("transformer/index")
    model, prompts = subject.at(3), prompts_of(subject, 3)
    written = run_many(model, *padded(prompts), most=300, arithmetic=Float(24), specialise=True)
    assert set(taken) == {"batches"}
    assert written.tokens(model.vocabulary) == plain(model, prompts, 300)


def test_what_no_loop_can_run_is_run_all_the_same(taken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An average of fractions: with no room for denominators the loop stops, and says nothing."""
    subject = construction(FRACTION)
    model = subject.at(50)
    prompts = prompts_of(subject, 50, 4)
    monkeypatch.setattr(_run_many, "_walks", lambda *_: True)
    written = run_many(model, *padded(prompts), most=2)
    assert taken[0] == "loop"
    assert len(set(taken)) == 2
    assert written.tokens(model.vocabulary) == plain(model, prompts, 2)


@pytest.mark.parametrize("way", ["one by one", "batches"])
def test_contexts_are_not_looked_at(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks cuts off; else what is written would depend on the way."""
    subject = construction("transformer/istree")
    model = replace(subject.at(3), context=4)
    prompts = prompts_of(subject, 3, 3)
    monkeypatch.setattr(_run_many, "_walks", lambda *_: False)
    monkeypatch.setattr(_run_many, "_one_by_one", lambda *_: way == "one by one")
    assert run_many(model, *padded(prompts), most=40).tokens(model.vocabulary) == plain(model, prompts, 40)


def test_a_way_that_writes_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: the last token of a prompt is left out."""
    subject = construction("transformer/index")
    model, prompts = subject.at(3), prompts_of(subject, 3)
    batch = _decode.decode_batch
    monkeypatch.setattr(_run_many, "_walks", lambda *_: False)
    monkeypatch.setattr(_run_many, "_one_by_one", lambda *_: False)
    monkeypatch.setattr(_run_many, "decode_batch", lambda m, ids, counts, **more: batch(m, ids, counts - 1, **more))
    assert run_many(model, *padded(prompts), most=2).tokens(model.vocabulary) != plain(model, prompts, 2)


def test_one_long_prompt_leaves_the_others_together() -> None:
    batches = list(_run_many._together(np.array([1700, *[10] * 100]), 2000))
    assert sorted(np.concatenate(batches).tolist()) == list(range(101))
    assert list(map(len, batches)) == [100, 1]
