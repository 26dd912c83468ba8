"""Faults in the verifier: what is patched, and which check sees it."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from constructions.architectures import Attention
from constructions.wiring import Polynomial
from proofs_check.evidence import VERIFIED, KernelAnswer
from proofs_check.evidence._machines import MachineRuns
from proofs_check.mutations import _verifier_checks as checks
from proofs_check.mutations._verifier_checks import Check, patched


@dataclass(frozen=True)
class VerifierFault:
    """A fault in what gathers or judges evidence.

    Attributes:
        name: what goes wrong, in words.
        patched: the attributes that are replaced, with the module that holds them.
        fault: makes the replacement from the original.
        check: what sees it.
    """

    name: str
    patched: tuple[str, ...]
    fault: Callable[[Any], Any]
    check: Check

    @property
    def check_name(self) -> str:
        """The name of the check."""
        return self.check.__name__

    def places(self) -> tuple[tuple[Any, str], ...]:
        """What is patched, as owners and names of attributes."""
        return tuple(map(_place, self.patched))


def _place(dotted: str) -> tuple[Any, str]:
    module, _, inside = dotted.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, name = inside.split(".")
    for part in classes:
        owner = getattr(owner, part)
    return owner, name


@dataclass(frozen=True)
class VerifierOutcome:
    """What a check said without the fault (None: all is well) and with it (None: the fault was not seen)."""

    fault: VerifierFault
    without: str | None
    seen: str | None

    @property
    def explained(self) -> bool:
        """Whether the check is clean without the fault and sees the fault."""
        return self.without is None and self.seen is not None


def judge(fault: VerifierFault) -> VerifierOutcome:
    """Run the check without the fault and with it; an exception counts as seen."""
    without = _said(fault.check)
    with patched(fault.places(), fault.fault):
        seen = _said(fault.check)
    return VerifierOutcome(fault, without, seen)


def judge_all() -> Iterator[VerifierOutcome]:
    """All rows of the table."""
    return map(judge, VERIFIER_FAULTS)


def _said(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:  # a verifier that stops has not said VERIFIED
        return f"{type(error).__name__}: {error}"


def _always(value: Any) -> Callable[[Any], Any]:
    """A function that returns the same whatever it is given."""
    return lambda _: lambda *_a, **_k: value


def _judged(same: Callable[[tuple[str, ...], tuple[str, ...]], bool]) -> Callable[[Any], Any]:
    """Transcripts (expected, written) compared in another way."""

    def fault(original: Any) -> Any:
        def judged(self: Any, size: int, instance: object, written: tuple[str, ...]) -> Any:
            expected = self.construction.expected(instance, size)
            return None if same(expected, written) else original(self, size, instance, written)

        return judged

    return fault


def _bound_changed(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def fault(original: Any) -> Any:
        return lambda self, claim, subject: original(self, replace(claim, bound=change(claim.bound)), subject)

    return fault


def _slopes_turned(original: Any) -> Any:
    """The fast engine is given a model whose heads prefer the earlier of two records."""

    def turned(layer: Any) -> Any:
        if not isinstance(layer, Attention):
            return layer
        return Attention(tuple(replace(head, slope=-head.slope) for head in layer.heads))

    return lambda self, model, *more: original(self, replace(model, layers=tuple(map(turned, model.layers))), *more)


def _without_magnitudes(_: Any) -> Any:
    return property(lambda self: self._bound([p for r in self.ranges.values() for p in (r.high, -r.low)]))


def _without_first_coordinate(original: Any) -> Any:
    def fewer(subject: Any) -> Polynomial:
        first = next(iter(subject.blueprint.state.values()))
        states: Polynomial = original(subject)
        size = first.high - first.low + 1
        return _Quotient(states, size)  # type: ignore[return-value]

    return fewer


class _Quotient:
    """states / size, which is a polynomial; its values are all that matters here."""

    def __init__(self, states: Polynomial, size: Polynomial) -> None:
        self._states, self._size = states, size

    def __call__(self, **sizes: int) -> int:
        return self._states(**sizes) // self._size(**sizes)

    def __rsub__(self, other: Polynomial) -> Polynomial:
        return other - self._states


def _only_logits(original: Any) -> Any:
    return lambda self, *seen: seen[0] == "unembedding" and original(self, *seen)


_RUNS, _INPUTS, _EXAMINER = (f"proofs_check.evidence.{module}" for module in ("_runs", "_inputs", "_examiner"))
_TASKS = "constructions.tasks"

VERIFIER_FAULTS: tuple[VerifierFault, ...] = (
    VerifierFault(
        "only the first 512 inputs are compared",
        (f"{_INPUTS}:tally",),
        lambda original: (
            lambda subject, n, instances, *more, **kw: original(subject, n, islice(instances, 512), *more, **kw)
        ),
        checks.last_input,
    ),
    VerifierFault(
        "only the first variant is examined",
        (f"{_EXAMINER}:variants",),
        lambda original: lambda name: original(name)[:1],
        checks.every_variant,
    ),
    VerifierFault(
        "thresholds are drawn uniformly",
        (f"{_TASKS}._counting:Counting._sample_query",),
        lambda _: lambda self, rng, sequence, n: (sequence[0], int(rng.integers(0, len(sequence) + 1))),
        checks.thresholds_near_the_count,
    ),
    VerifierFault(
        "the need of recency is trivial",
        ("constructions.wiring._heads:at_most",),
        checks.trivial_recency,
        checks.constant_scale_refused,
    ),
    VerifierFault("far sizes are left out", (f"{_INPUTS}:_far_away",), _always(()), checks.constant_scale_far_away),
    VerifierFault(
        "the reference is off by one",
        (f"{_TASKS}._index:Index.answers",),
        lambda original: lambda self, sequence, queries: original(self, sequence[::-1], queries),
        checks.answers_are_right,
    ),
    VerifierFault(
        "the kernel is not asked",
        (f"{_EXAMINER}:kernel_answer",),
        _always(KernelAnswer(VERIFIED, ())),
        checks.shared_fault,
    ),
    VerifierFault("no boundary inputs", (f"{_TASKS}._retrieval:RetrievalTask.boundary",), _always(()), checks.boundary),
    VerifierFault(
        "sequences are cut to 2",
        (f"{_TASKS}._retrieval:RetrievalTask.sequences",),
        lambda original: lambda self, *ranks: original(self, *ranks)[:, :2],
        checks.last_of_a_grid,
    ),
    VerifierFault(
        "only the last token is compared",
        (f"{_RUNS}:Subject.judged",),
        _judged(lambda expected, written: expected[-1:] == written[-1:]),
        checks.whole_transcripts,
    ),
    VerifierFault(
        "a transcript is compared as a prefix",
        (f"{_RUNS}:Subject.judged",),
        _judged(lambda expected, written: expected[: len(written)] == written),
        checks.transcripts_to_the_end,
    ),
    VerifierFault(
        "the enumerator repeats",
        (f"{_TASKS}._retrieval:RetrievalTask.sequences",),
        lambda original: lambda self, *ranks: original(self, *ranks)[:1].repeat(len(original(self, *ranks)), axis=0),
        checks.last_of_a_grid,
    ),
    VerifierFault(
        "queries are left out",
        (f"{_TASKS}._index:Index.queries",),
        lambda original: lambda self, n, alphabet: original(self, n, alphabet)[:1],
        checks.last_of_a_grid,
    ),
    VerifierFault(
        "only the largest n is run",
        (f"{_EXAMINER}:sampled",),
        lambda original: lambda subject, sizes, *more: original(subject, sizes[-1:], *more),
        checks.small_sizes,
    ),
    VerifierFault(
        "the prover accepts all",
        ("constructions.wiring._polynomial:Domain.proves",),
        _always(True),
        checks.too_short_refused,
    ),
    VerifierFault(
        "contracts are not proved again", (f"{_EXAMINER}:unproved_contracts",), _always([]), checks.false_contract
    ),
    VerifierFault(
        "magnitudes are left out",
        ("constructions.wiring._blueprint:Blueprint.largest_activation",),
        _without_magnitudes,
        checks.measured_below_proved,
    ),
    VerifierFault(
        "LogBound allows everything that is measured",
        ("constructions.theorems._statements:LogBound.allows",),
        _always(True),
        checks.parameter_bits_measured,
    ),
    VerifierFault(
        "LogBound covers everything",
        ("constructions.theorems._statements:LogBound.covers",),
        _always(True),
        checks.activation_bits_covered,
    ),
    VerifierFault(
        "ties are broken",
        ("constructions.numerics._exact:Exact.attend",),
        lambda original: lambda self, query, segments, slope, first: original(self, query, segments, slope or 1, first),
        checks.ties_average,
    ),
    VerifierFault(
        "the fast engine takes the first record",
        ("constructions.engine._fast:FastRun.__init__",),
        _slopes_turned,
        checks.engines_agree,
    ),
    VerifierFault("shapes are not compared", (f"{_EXAMINER}:shape",), _always(()), checks.shape_grows),
    VerifierFault(
        "twice the tokens are allowed",
        (f"{_EXAMINER}:Examiner._tokens",),
        _bound_changed(lambda bound: 2 * bound),
        checks.token_bound,
    ),
    VerifierFault(
        "limits of tokens are ignored",
        (f"{_RUNS}:run_many",),
        lambda original: lambda *given, most, **options: original(*given, most=4 * most, **options),
        checks.cut_off,
    ),
    VerifierFault(
        "limits of formulas are ignored",
        ("proofs_check.lower_bounds._claims:_growths",),
        _always([]),
        checks.formula_grows,
    ),
    VerifierFault(
        "machines are not run",
        (f"{_EXAMINER}:machines_tried",),
        _always(MachineRuns(150, 6000, None)),
        checks.machines_run,
    ),
    VerifierFault(
        "only logits are measured",
        ("proofs_check.evidence._resources:_Watch.see", "proofs_check.evidence._resources:_Watch._look"),
        _only_logits,
        checks.large_scores,
    ),
    VerifierFault(
        "a coordinate of the state is skipped",
        (f"{_EXAMINER}:possible_states",),
        _without_first_coordinate,
        checks.states_fit,
    ),
    VerifierFault(
        "the context is not looked at",
        (f"{_RUNS}:Subject.transcripts",),
        lambda original: (
            lambda self, n, instances: original(
                replace(self, model_at=lambda size: replace(self.model(size), context=None)), n, instances
            )
        ),
        checks.short_context,
    ),
    VerifierFault(
        "prompts are taken to be empty",
        ("constructions.theorems._statements:Construction.most_read",),
        lambda _: property(lambda _self: Polynomial.constant(0)),
        checks.context_claim,
    ),
    VerifierFault("what is assumed is not said", (f"{_EXAMINER}:_assumed",), _always(()), checks.assumed_gadget),
    VerifierFault(
        "a refuted claim does not refute its theorem",
        ("proofs_check.evidence._results:TheoremResult.verdict",),
        lambda _: property(lambda _self: VERIFIED),
        checks.worst_verdict,
    ),
)
"""The table."""
