"""The declared context is a claim: a model whose prompts exceed it writes nothing, so it is refuted."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from constructions import decode
from constructions.tasks import TASKS, Effort, Index, Retrieval
from constructions.theorems import CONSTRUCTIONS, CONTEXT_HOLDS, Claim, Construction, construction, variants
from constructions.wiring import Polynomial, Wiring, n
from proofs_check.evidence import INCOMPLETE, REFUTED, VERIFIED, Examiner, Plan, Subject, exhaustive, sampled

LITTLE = {name: Effort(0, 0, sizes=(1, 2, 4), far=(), measured=(4,)) for name in (*TASKS, "turing")}
CLAIM = Claim("context", CONTEXT_HOLDS, "mine", "context", None, "all n")


def looks_there(context: Polynomial) -> Construction:
    """Index, with a context of one's own."""
    w = Wiring("mine", specials=("<s>", "?"), numbers=(0, n), context=context)
    there = w.at("there", w.token)
    w.write(there[w.token])
    return Construction(w.name, Index(), w.finish(), "It looks there.")


def verdict(subject: Construction, effort: Effort | None = None) -> tuple[str, str]:
    result = Examiner(Plan({"index": effort} if effort else LITTLE, cases=20)).about(CLAIM, subject)
    return result.verdict, str(result.counterexample or result.reason)


@pytest.mark.parametrize("context", [n, n + 1])
@pytest.mark.parametrize("effort", [Effort(3, 2, sizes=(1, 3), far=()), Effort(0, 0, sizes=(1, 3), far=())])
def test_a_context_that_the_prompts_exceed_is_refuted_with_the_input(effort: Effort, context: Polynomial) -> None:
    """By exhaustive and by sampled inputs; the counterexample is one that the user sees when it is run."""
    subject = looks_there(context)
    for quantity in ("answers", "context"):
        result = Examiner(Plan({"index": effort}, cases=20)).about(replace(CLAIM, quantity=quantity), subject)
        assert result.verdict == REFUTED
        found = result.counterexample
        assert found is not None
        assert found.overrun is not None
        assert "reach position" in str(found)
        instance = subject.task.parse(found.input)
        assert decode(subject.at(found.n), subject.reads(instance)).tokens == found.written == ()
    assert verdict(looks_there(n + 2), effort)[0] == VERIFIED


def test_a_prompt_that_is_longer_than_the_task_states_is_refuted() -> None:
    subject = replace(looks_there(n + 2), longest_prompt=n + 2)
    assert verdict(subject) == (REFUTED, "the prompt of '1 ? 1' has 4 tokens, but at most n + 2 = 3 are stated")


def test_what_cannot_be_proved_for_all_n_is_not_verified() -> None:
    """The inputs that were run fit; larger ones might not."""
    words, reason = verdict(replace(looks_there(n + 2), longest_prompt=2 * n + 2))
    assert (words, reason) == (
        INCOMPLETE,
        "that position 2 n + 1 lies in the context, which ends with n + 2, is not proved",
    )
    unstated = replace(looks_there(n + 2), prompt=Index().prompt)
    assert verdict(unstated)[0] == INCOMPLETE
    assert "is not stated as a polynomial" in verdict(unstated)[1]


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_the_contexts_of_the_theorems_are_proved_for_all_n(name: str) -> None:
    for subject in variants(name):
        last = subject.last_position
        assert last is not None
        assert subject.blueprint.domain.proves(subject.blueprint.context - last)
        result = Examiner(Plan(LITTLE, cases=20)).about(CLAIM, subject)
        assert result.verdict == VERIFIED
        assert result.evidence[0].kind == "proved"


@pytest.mark.parametrize("name", ["index", "associative-recall", "c-gram", "counting"])
def test_prompts_of_sequences_have_exactly_the_length_that_is_stated(name: str) -> None:
    subject = construction(f"transformer/{name}")
    most = subject.most_read
    assert most is not None
    for size in (1, 2, 5):
        lengths = {len(subject.reads(instance)) for instance in subject.task.boundary(size)}
        assert max(lengths) == most(n=size)


@pytest.mark.parametrize("run", [lambda s: exhaustive(s, 2, 2), lambda s: sampled(s, (2, 3), 20, 0)])
def test_the_last_position_that_was_read_is_recorded(run: Callable[[Subject], object]) -> None:
    subject = Subject(looks_there(n + 2))
    found = run(subject).tally  # type: ignore[attr-defined]
    assert found.failure is None
    assert all(last == size + 2 for size, last in found.reach.items() if size != 2 or 2 in found.prompts)
    assert {size: tokens for size, (tokens, _) in found.prompts.items()} == {s: s + 3 for s in found.prompts}


def test_a_prompt_of_ones_own_is_what_is_read() -> None:
    """Exhaustive runs share the beginnings of the task's own prompts; a construction with another has none."""

    def backwards(instance: Retrieval) -> tuple[str, ...]:
        return ("<s>", *map(str, reversed(instance.sequence)), "?", *map(str, instance.query))

    run = exhaustive(Subject(replace(looks_there(n + 2), prompt=backwards)), 3, 2)
    assert run.tally.failure is not None
    assert run.tally.failure.input == "1 2 ? 1"
