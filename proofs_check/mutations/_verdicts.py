"""Which mutants the evidence finds, and what becomes of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from constructions.architectures import Model
from constructions.errors import InputError, RetrievalGapError
from constructions.theorems import Construction
from constructions.wiring import replayed
from proofs_check.evidence import Progress, Subject
from proofs_check.mutations._building import BuildFault, build_faults
from proofs_check.mutations._equivalent_mutants import Reason, reason_for, reason_for_built
from proofs_check.mutations._faults import Fault, faults_of
from proofs_check.mutations._inputs import InputSet, all_inputs, sampled_inputs

VERIFIED, INCOMPLETE = "VERIFIED", "INCOMPLETE"

_MOST_DECODED = 6
"""So many failing inputs of a batch are decoded to see whether the answer shows the fault."""


@dataclass(frozen=True)
class Finding:
    """The first input, in the order in which inputs are run, on which a mutant writes something wrong."""

    n: int
    input: str
    expected: tuple[str, ...]
    written: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant.

    ``sampled`` and ``exhaustive`` are None where that evidence does not find it. ``answer`` says whether some
    input that was decoded has a wrong answer, not only a wrong token before it. ``reason`` explains a survivor.
    ``refused`` is what the wiring says when it refuses to build it; then nothing was run.
    """

    fault: Fault | BuildFault
    sampled: Finding | None
    exhaustive: Finding | None
    answer: bool
    reason: Reason | None
    refused: str | None = None

    @property
    def found(self) -> bool:
        """Whether a contract refuses it or some evidence finds it."""
        return self.refused is not None or self.sampled is not None or self.exhaustive is not None

    @property
    def transcript_only(self) -> bool:
        """Whether it was built and found, and no answer that was decoded is wrong."""
        return self.found and self.refused is None and not self.answer

    @property
    def unexplained(self) -> bool:
        """Whether it survives without a reason."""
        return not self.found and self.reason is None


@dataclass(frozen=True)
class Report:
    """All mutants of a construction that were judged; ``planted`` of ``possible`` faults were planted."""

    construction: Construction
    n: int
    seed: int
    possible: int
    sampled: InputSet
    exhaustive: InputSet
    outcomes: tuple[Outcome, ...]

    @cached_property
    def unexplained(self) -> tuple[Outcome, ...]:
        """Survivors without a reason."""
        return tuple(outcome for outcome in self.outcomes if outcome.unexplained)

    @property
    def found(self) -> int:
        """How many mutants some evidence finds."""
        return sum(outcome.found for outcome in self.outcomes)

    def explained_by(self, kind: str) -> tuple[Outcome, ...]:
        """Survivors with a reason of this kind."""
        return tuple(o for o in self.outcomes if not o.found and o.reason is not None and o.reason.kind == kind)

    @property
    def verdict(self) -> str:
        """VERIFIED if every mutant is found or explained."""
        return INCOMPLETE if self.unexplained else VERIFIED


def default_size(construction: Construction) -> int:
    """The size at which all inputs of the task are few, and that the construction has."""
    return max(construction.task.effort.mutated, construction.blueprint.least)


def mutate(
    construction: Construction,
    n: int | None = None,
    *,
    seed: int = 0,
    limit: int | None = None,
    cases: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Plant faults, at all sizes at once, and judge each mutant by sampled and by exhaustive evidence.

    Args:
        construction: whose weights are changed.
        n: the size at which all inputs are run; a small default unless given.
        seed: of the sampled inputs, and of the choice of faults.
        limit: plant at most so many faults, a random choice; all unless given.
        cases: how many inputs are sampled at least; 1,000 unless given, 500 for graphs.
        progress: see :data:`proofs_check.evidence.Progress`.

    Raises:
        InputError: if n is below the least size of the construction, or the construction itself fails.
    """
    size = default_size(construction) if n is None else n
    if size < construction.blueprint.least:
        raise InputError(f"{construction.name} is proved for n >= {construction.blueprint.least}, not for n = {size}")
    effort = construction.task.effort
    many = effort.mutated_cases if cases is None else cases
    sampled = sampled_inputs(construction, effort.mutated_sizes, many, seed)
    exhaustive = all_inputs(construction, size, seed)
    _require_right(construction, (sampled, exhaustive))
    faults: list[Fault | BuildFault] = [*faults_of(construction), *build_faults(construction)]
    original = construction.at(size)  # one object, so that what it does is computed once
    chosen = list(range(len(faults)))
    if limit is not None and limit < len(faults):
        chosen = sorted(np.random.default_rng([seed, size]).permutation(len(faults))[:limit].tolist())
    outcomes = []
    for done, place in enumerate(chosen, 1):
        fault = faults[place]
        if isinstance(fault, Fault):
            outcomes.append(_judge(construction, original, fault, sampled, exhaustive, size))
        else:
            outcomes.append(_judge_built(construction, fault, sampled, exhaustive, size))
        if progress:
            progress(f"{construction.name}: mutants", done, len(chosen))
    return Report(construction, size, seed, len(faults), sampled, exhaustive, tuple(outcomes))


def _require_right(construction: Construction, sets: Sequence[InputSet]) -> None:
    """Refuses a construction that is wrong before any fault is planted."""
    if replayed(construction.blueprint.calls).finish() != construction.blueprint:
        raise InputError(f"{construction.name}: the recorded calls of the wiring do not make this construction again")
    for inputs in sets:
        for batch in inputs.batches:
            wrong = batch.wrong(construction.at(batch.n))
            if wrong:
                text = construction.task.text(batch.instances[wrong[0]])
                raise InputError(f"{construction.name} fails without a fault, at n = {batch.n} on {text!r}; run verify")


def _judge(
    construction: Construction, original: Model, fault: Fault, sampled: InputSet, exhaustive: InputSet, n: int
) -> Outcome:
    mutants: dict[int, Model] = {}

    def model_at(size: int) -> Model:
        if size not in mutants:
            mutants[size] = fault.apply(construction.at(size))
        return mutants[size]

    subject = Subject(construction, model_at=model_at)
    first, answer = _find(subject, sampled, False)
    second, answer = _find(subject, exhaustive, answer)
    reason = reason_for(construction, original, fault, exhaustive, n) if first is None and second is None else None
    return Outcome(fault, first, second, answer, reason)


def _judge_built(
    construction: Construction, fault: BuildFault, sampled: InputSet, exhaustive: InputSet, n: int
) -> Outcome:
    """Judge a fault that is planted before the contracts are proved; they may refuse to build the mutant."""
    try:
        mutant = fault.planted(construction)
    except RetrievalGapError as error:
        return Outcome(fault, None, None, False, None, refused=str(error))
    subject = Subject(construction, model_at=mutant.at)
    first, answer = _find(subject, sampled, False)
    second, answer = _find(subject, exhaustive, answer)
    reason = None
    if first is None and second is None:
        reason = reason_for_built(construction.blueprint, mutant.blueprint, exhaustive, n)
    return Outcome(fault, first, second, answer, reason)


def _find(subject: Subject, inputs: InputSet, answer: bool) -> tuple[Finding | None, bool]:
    """The first failing input; and, beyond it, one whose answer is wrong, unless ``answer`` says it is known."""
    found: Finding | None = None
    for batch in inputs.batches:
        try:
            wrong = batch.wrong(subject.model(batch.n))
        except RetrievalGapError:  # a mutant that cannot run: decoding says how
            wrong = [0]
        if not wrong:
            continue
        failing = [batch.instances[place] for place in wrong[: 1 if answer else _MOST_DECODED]]
        for instance, written in zip(failing, _decoded(subject, batch.n, failing), strict=True):
            expected = subject.construction.expected(instance, batch.n)
            if written == expected:
                text = subject.construction.task.text(instance)
                raise RuntimeError(f"the transcript of {text!r} is right when decoded, and wrong when read")
            found = found or Finding(batch.n, subject.construction.task.text(instance), expected, written)
            answer = answer or written[-1:] != expected[-1:]
        if answer:
            break
    return found, answer


def _decoded(subject: Subject, n: int, instances: Sequence[object]) -> list[tuple[str, ...]]:
    try:
        return subject.transcripts(n, instances)
    except RetrievalGapError:
        return [()] * len(instances)
