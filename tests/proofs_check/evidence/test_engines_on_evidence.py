"""The fast engine writes what the plain evaluator writes on the inputs of the default evidence."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.engine import Written, _batch_loop, _fast, _run_many, answer_grid, decode, decode_many
from constructions.engine._program import Program
from constructions.theorems import CONSTRUCTIONS, Construction, construction, variants
from proofs_check.evidence import _inputs
from proofs_check.evidence._examiner import Examiner, Plan
from proofs_check.evidence._runs import Subject

LABELS = [c.label for name in CONSTRUCTIONS for c in variants(name)]
Ids = NDArray[np.int64]


def compared(subject: Construction, cases: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Gather the evidence of a construction, and run each of its inputs by both engines; how many those were."""
    count = 0
    plainly = Subject.transcripts

    def transcripts(self: Subject, n: int, instances: Sequence[Any]) -> list[tuple[str, ...]]:
        nonlocal count
        written = plainly(self, n, instances)
        model, limit = self.model(n), self.construction.longest(n=n) + 1
        with monkeypatch.context() as context:
            context.setattr(_run_many, "_walks", lambda *_: True)
            assert plainly(self, n, instances) == written
        for instance, tokens in zip(instances, written, strict=True):
            prompt = self.construction.reads(instance)
            assert decode(model, prompt, engine="fast", max_tokens=limit).tokens == tokens, instance
            count += 1
        return written

    def grid(model: Model, prefixes: Ids, suffixes: Ids, **options: Any) -> Ids:
        nonlocal count
        answers = answer_grid(model, prefixes, suffixes, **options)
        for prefix, row in zip(prefixes, answers, strict=True):
            for suffix, answer in zip(suffixes, row, strict=True):
                prompt = model.vocabulary.decode([*prefix.tolist(), *suffix.tolist()])
                (written,) = decode(model, prompt, engine="fast", max_tokens=1).tokens
                assert written == model.vocabulary.token_of(int(answer)), prompt
                count += 1
        return answers

    monkeypatch.setattr(Subject, "transcripts", transcripts)
    monkeypatch.setattr(_run_many, "_walks", lambda *_: False)
    monkeypatch.setattr(_run_many, "_one_by_one", lambda *_: False)  # what is compared with is the plain evaluator
    monkeypatch.setattr(_inputs, "answer_grid", grid, raising=False)
    runs = Examiner(Plan(cases=cases))._inputs(subject)
    assert all(run.tally.failure is None for run in runs)
    return count


@pytest.mark.slow
@pytest.mark.parametrize("label", LABELS)
def test_both_engines_on_all_inputs_of_the_evidence(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = next(c for name in CONSTRUCTIONS for c in variants(name) if c.label == label)
    count = compared(subject, 2000, monkeypatch)
    print(f"{label}: {count:,} inputs")
    assert count >= 2000


def test_an_engine_that_takes_the_first_match_for_the_latest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    original = _fast.compile_model

    def tampered(model: Model) -> Program:
        program = original(model)
        return replace(program, head_table=program.head_table * np.array([1, -1, 1, 1, 1, 1]))

    monkeypatch.setattr(_fast, "compile_model", tampered)
    with pytest.raises(AssertionError):
        compared(construction("transformer/associative-recall"), 20, monkeypatch)


def test_the_loop_is_used_where_it_can_run_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it writes is what is judged: one wrong token refutes."""
    subject = Subject(construction("transformer/istree"))
    instances = list(subject.construction.task.enumerate(3))
    right = subject.transcripts(3, instances)

    def wrong(*arguments: Any, **options: Any) -> Written:
        written = decode_many(*arguments, **options)
        written.ids[5, 0] = written.ids[5, 0] % 3 + 1
        return written

    monkeypatch.setattr(_batch_loop, "decode_many", wrong)
    found = subject.transcripts(3, instances)
    assert [place for place, pair in enumerate(zip(right, found, strict=True)) if pair[0] != pair[1]] == [5]
    monkeypatch.setattr(_run_many, "_walks", lambda *_: False)
    assert subject.transcripts(3, instances) == right
