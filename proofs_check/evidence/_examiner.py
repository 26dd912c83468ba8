"""Judges claims: which evidence is gathered for which quantity, and the verdict that follows from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from constructions.architectures import family
from constructions.errors import counted
from constructions.numerics import Arithmetic
from constructions.tasks import Effort
from constructions.theorems import Claim, Construction, LogBound, Theorem, variants
from constructions.wiring import Polynomial
from proofs_check.evidence._inputs import InputEvidence, exhaustive, exhaustive_permutations, require_few, sampled
from proofs_check.evidence._kernel_questions import kernel_answer
from proofs_check.evidence._machines import machines_tried
from proofs_check.evidence._proofs import machine_checked
from proofs_check.evidence._resources import Measured, activation_bits, parameter_bits, shape, unproved_contracts
from proofs_check.evidence._results import INCOMPLETE, REFUTED, VERIFIED, ClaimResult, Evidence, TheoremResult
from proofs_check.evidence._runs import Progress, Subject
from proofs_check.evidence._state import layer_kinds, possible_states, ranges_in_words, states_reached


@dataclass(frozen=True)
class Plan:
    """What evidence to gather: how many sampled inputs at least, seed and number system.

    How much is a matter of the task; ``efforts`` are others, by its name, and ``max_n`` replaces the sizes up to which
    all inputs are run.
    """

    efforts: Mapping[str, Effort] = field(default_factory=dict)
    cases: int = 2000
    seed: int = 0
    arithmetic: Arithmetic[Any] | None = None
    progress: Progress | None = field(default=None, compare=False)
    max_n: int | None = None

    def effort(self, construction: Construction) -> Effort:
        """How much evidence to gather for this construction's task."""
        effort = self.efforts.get(construction.task.name, construction.task.effort)
        if self.max_n is None:
            return effort
        return replace(effort, largest=self.max_n, permuted=self.max_n if effort.permuted else 0)

    def require_few(self, construction: Construction) -> None:
        """Refuse at once where all inputs are too many; see :func:`proofs_check.evidence._inputs.require_few`."""
        effort = self.effort(construction)
        require_few(construction, effort.largest, effort.alphabet, effort.permuted)


def _sizes(construction: Construction) -> str:
    """For which sizes something is proved, such as ``n >= 1, s >= 1``."""
    return ", ".join(f"{name} >= {least}" for name, least in construction.blueprint.domain.minimum.items())


def cases(theorem: Theorem) -> Iterator[tuple[str, int, Construction]]:
    """The constructions of a theorem, every variant of each: its name, the place of the variant, the construction."""
    for name in theorem.constructions:
        for place, construction in enumerate(variants(name)):
            yield name, place, construction


class Examiner:
    """Evaluates claims; inputs are run once and serve every claim about what is written."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # By identity, with the construction kept alive: names are the user's to choose and may repeat.
        self._runs: dict[int, tuple[Construction, list[InputEvidence]]] = {}

    def theorem(self, theorem: Theorem) -> TheoremResult:
        """All claims of a theorem about its constructions, for every variant of each."""
        results = [
            self.about(claim, construction)
            for name, place, construction in cases(theorem)
            for claim in theorem.claims
            if claim.construction == name and (place == 0 or claim.quantity != "machines")
        ]
        return TheoremResult(theorem, tuple(results))

    def about(self, claim: Claim, construction: Construction) -> ClaimResult:
        """One claim about one construction."""
        judge = {
            "answers": self._transcripts,
            "transcript": self._transcripts,
            "tokens": self._tokens,
            "context": self._context,
            "searches": self._searches,
            "machines": self._machines,
            "family": self._family,
            "state bits": self._state_bits,
            "shape": self._shape,
            "parameter bits": self._bits,
            "activation bits": self._bits,
            "contracts": self._contracts,
            "kernel": self._kernel,
        }
        return judge[claim.quantity](claim, construction)

    def _inputs(self, construction: Construction) -> list[InputEvidence]:
        if id(construction) not in self._runs:
            plan, effort = self.plan, self.plan.effort(construction)
            subject = Subject(construction, plan.arithmetic)
            gathered = []
            if effort.largest:
                gathered.append(exhaustive(subject, effort.largest, effort.alphabet, plan.progress))
            if effort.permuted:
                gathered.append(exhaustive_permutations(subject, effort.permuted, plan.progress))
            if all(run.tally.failure is None for run in gathered):
                gathered.append(sampled(subject, effort.sizes, plan.cases, plan.seed, plan.progress, effort.far))
            self._runs[id(construction)] = construction, gathered
        return self._runs[id(construction)][1]

    def _transcripts(self, claim: Claim, construction: Construction) -> ClaimResult:
        runs = self._inputs(construction)
        failure = next((run.tally.failure for run in runs if run.tally.failure is not None), None)
        verdict = VERIFIED if failure is None else REFUTED
        evidence = (
            *(machine_checked(construction.blueprint, solves=True) if failure is None else ()),
            *_as_evidence(runs),
        )
        return ClaimResult(claim, construction, verdict, evidence, failure)

    def _tokens(self, claim: Claim, construction: Construction) -> ClaimResult:
        """The number of tokens against the bound, at the size of each input."""
        runs, bound = self._inputs(construction), claim.bound
        if not isinstance(bound, Polynomial):
            raise TypeError(f"claim {claim.name!r} needs a polynomial bound on the number of tokens")
        reason = None
        for run in runs:
            for (n, size, answer), (least, most) in run.tally.lengths.items():
                exact = answer == claim.attained_by
                allowed = bound(n=size if exact else n)
                if most > allowed or (exact and least < allowed):
                    reason = f"at n = {n}, {least} to {most} tokens are written with answer {answer}, not {allowed}"
        evidence = (*_proved_length(bound, construction), *_with_lengths(runs))
        return _counted_result(claim, construction, runs, evidence, reason, "tokens are written")

    def _context(self, claim: Claim, construction: Construction) -> ClaimResult:
        """Prompt and bound on the tokens against the context for all sizes, and every input that was run."""
        runs, blueprint = self._inputs(construction), construction.blueprint
        failure = next((run.tally.failure for run in runs if run.tally.failure is not None), None)
        if failure is not None:
            if failure.overrun:
                return ClaimResult(claim, construction, REFUTED, _as_evidence(runs), failure)
            return _counted_result(claim, construction, runs, _as_evidence(runs), None, "tokens are written")
        read, last = construction.most_read, construction.last_position
        if read is None or last is None:
            reason = "how long a prompt is, is not stated as a polynomial, so nothing is proved for all n"
            return ClaimResult(claim, construction, INCOMPLETE, _with_reach(runs), reason=reason)
        others = list(blueprint.domain.minimum)
        for size, (tokens, text) in (found for run in runs for found in run.tally.prompts.items()):
            stated = read(**dict.fromkeys(others, size))
            if tokens > stated:
                reason = f"the prompt of {text!r} has {tokens} tokens, but at most {read} = {stated} are stated"
                return ClaimResult(claim, construction, REFUTED, _with_reach(runs), reason=reason)
        if not blueprint.domain.proves(blueprint.context - last):
            reason = f"that position {last} lies in the context, which ends with {blueprint.context}, is not proved"
            return ClaimResult(claim, construction, INCOMPLETE, _with_reach(runs), reason=reason)
        least = _sizes(construction)
        proof = (
            f"if a prompt has at most {read} tokens and at most {construction.longest} are written, as declared and as "
            f"they have in every run, the last position read is {last} <= {blueprint.context}, the last of the "
            f"context, for all {least}"
        )
        return ClaimResult(claim, construction, VERIFIED, (Evidence("proved", proof), *_with_reach(runs)))

    def _searches(self, claim: Claim, construction: Construction) -> ClaimResult:
        """The number of searches against the bound, at the size of each model."""
        runs, bound = self._inputs(construction), claim.bound
        if not isinstance(bound, Polynomial):
            raise TypeError(f"claim {claim.name!r} needs a polynomial bound on the number of searches")
        reason = None
        for run in runs:
            for n, most in run.tally.searches.items():
                if most > bound(n=n):
                    reason = f"at n = {n}, {most} searches are made, not {bound(n=n)}"
        return _counted_result(claim, construction, runs, _as_evidence(runs), reason, "searches are made")

    def _machines(self, claim: Claim, construction: Construction) -> ClaimResult:
        """Random machines; of the construction only its name matters here."""
        runs = machines_tried(construction.name, self.plan.seed, progress=self.plan.progress)
        words = f"{runs.steps:,} steps of {runs.machines:,} random machines with up to 6 states and 5 symbols"
        evidence = (Evidence("sampled", f"{words}, seed {self.plan.seed}", runs.steps),)
        return ClaimResult(claim, construction, REFUTED if runs.failure else VERIFIED, evidence, runs.failure)

    def _family(self, claim: Claim, construction: Construction) -> ClaimResult:
        """What the model is made of, read off its layers."""
        wanted = {"retrieval": "retrieval", "hybrid": "hybrid", "rnn": "linear RNN"} | dict.fromkeys(
            ("lstm", "gru"), "gated RNN"
        )
        family_name = construction.name.partition("/")[0]
        found = {n: family(construction.at(n)) for n in self._sizes(construction)}
        wrong = next((n for n, kind in found.items() if kind != wanted.get(family_name)), None)
        if wrong is not None:
            reason = f"at n = {wrong} the model is a {found[wrong]}"
            return ClaimResult(claim, construction, REFUTED, (), reason=reason)
        kinds = [kind for _, kind in layer_kinds(construction)]
        recurrent = [place for place, kind in enumerate(kinds) if kind.endswith("recurrence layer")]
        if claim.statement.startswith("one linear recurrence") and recurrent != [0]:
            reason = f"the recurrences are at {recurrent} of the layers (from 0), not one and the first"
            return ClaimResult(claim, construction, REFUTED, (), reason=reason)
        layers = ", ".join(counted(kinds.count(kind), kind) for kind in dict.fromkeys(kinds))
        evidence = (Evidence("proved", f"one symbolic model for all n, whose layers are: {layers}"),)
        return ClaimResult(claim, construction, VERIFIED, evidence)

    def _state_bits(self, claim: Claim, construction: Construction) -> ClaimResult:
        """The ranges of the state's coordinates against the bound, and the states that are reached."""
        bound = claim.bound
        if not isinstance(bound, LogBound):
            raise TypeError(f"claim {claim.name!r} needs a bound c log2 n + d")
        states = possible_states(construction)
        reached = [states_reached(Subject(construction), n, self.plan.seed) for n in self._sizes(construction)[:3]]
        reason = None
        if not construction.blueprint.domain.proves(bound.numbers - states):
            reason = f"the product of the ranges of the state, {states}, is not covered by it"
        for found in reached:
            if found.states > states(n=found.n):
                reason = f"{found.states} states were reached at n = {found.n}, more than the ranges allow"
        evidence = (
            Evidence("proved", f"{ranges_in_words(construction)}, for all {_sizes(construction)}"),
            Evidence(
                "measured",
                ", ".join(
                    f"{counted(f.states, 'state')} ({counted(f.bits, 'bit')}) on {f.inputs} inputs at n = {f.n}"
                    for f in reached
                ),
                curve=tuple((found.n, found.bits) for found in reached),
            ),
        )
        return ClaimResult(claim, construction, REFUTED if reason else VERIFIED, evidence, reason=reason)

    def _contracts(self, claim: Claim, construction: Construction) -> ClaimResult:
        """How many inequalities were proved, and what was not: contracts that list none, gadgets from elsewhere."""
        missing = unproved_contracts(construction)
        contracts = construction.blueprint.contracts
        if missing:
            reason = f"not proved: {', '.join(missing)}"
            return ClaimResult(claim, construction, REFUTED, (), reason=reason)
        needs = sum(len(contract.needs) for contract in contracts)
        silent = sum(not contract.needs for contract in contracts)
        words = (
            f"{counted(needs, 'inequality', 'inequalities')} between polynomials, of "
            f"{counted(len(contracts) - silent, 'contract')}, for all {_sizes(construction)}; "
            f"{counted(silent, 'contract lists', 'contracts list')} none"
        )
        evidence = (
            *machine_checked(construction.blueprint, solves=False),
            Evidence("proved", words),
            *_assumed(construction),
        )
        return ClaimResult(claim, construction, VERIFIED, evidence)

    def _kernel(self, claim: Claim, construction: Construction) -> ClaimResult:
        answer = kernel_answer(construction)
        return ClaimResult(claim, construction, answer.verdict, answer.evidence, reason=answer.reason)

    def _sizes(self, construction: Construction) -> list[int]:
        least = construction.blueprint.least
        return [n for n in self.plan.effort(construction).measured if n >= least] or [least]

    def _shape(self, claim: Claim, construction: Construction) -> ClaimResult:
        sizes, blueprint = self._sizes(construction), construction.blueprint
        shapes = [shape(construction.at(n)) for n in sizes]
        if any(other != shapes[0] for other in shapes):
            reason = f"the nonzero places at n = {sizes[0]} are not those at some n of {sizes[1:]}"
            return ClaimResult(claim, construction, REFUTED, (), reason=reason)
        heads = sum(len(getattr(layer, "heads", ())) for layer in blueprint.layers)
        return ClaimResult(
            claim,
            construction,
            VERIFIED,
            (
                Evidence(
                    "proved",
                    f"one symbolic model for all n: {blueprint.parameters} nonzero parameters, "
                    f"{len(blueprint.coordinates)} coordinates, {counted(heads, 'head')}, "
                    f"{counted(len(blueprint.layers), 'layer')}",
                ),
                Evidence("measured", f"the same places are nonzero at n = {', '.join(map(str, sizes))}"),
            ),
        )

    def _bits(self, claim: Claim, construction: Construction) -> ClaimResult:
        bound, blueprint = claim.bound, construction.blueprint
        if not isinstance(bound, LogBound):
            raise TypeError(f"claim {claim.name!r} needs a bound c log2 n + d")
        parameters = claim.quantity == "parameter bits"
        largest = blueprint.largest_parameter if parameters else blueprint.largest_activation
        measured = [self._measured(construction, n, parameters) for n in self._sizes(construction)]
        excess = next((m for m in measured if not bound.allows(m.bits, m.n)), None)
        reason = None
        if excess is not None:
            reason = f"{excess.bits} bits were measured at n = {excess.n}"
        elif not bound.covers(largest, blueprint):
            reason = f"magnitudes up to {largest} are not covered by it"
        evidence = (
            Evidence("proved", f"magnitudes are at most {largest}, for all {_sizes(construction)}"),
            Evidence(
                "measured",
                ", ".join(f"{m.bits} bits at n = {m.n}" for m in measured),
                curve=tuple((m.n, m.bits) for m in measured),
            ),
            *(() if parameters else _assumed(construction)),
        )
        return ClaimResult(claim, construction, REFUTED if reason else VERIFIED, evidence, reason=reason)

    def _measured(self, construction: Construction, n: int, parameters: bool) -> Measured:
        if parameters:
            return Measured(n, parameter_bits(construction.at(n)))
        return activation_bits(Subject(construction), n, self.plan.seed)


def _counted_result(
    claim: Claim,
    construction: Construction,
    runs: Sequence[InputEvidence],
    evidence: tuple[Evidence, ...],
    reason: str | None,
    what: str,
) -> ClaimResult:
    """Refuted for a reason; a wrong transcript refutes nothing about a number, but leaves it open."""
    if reason is not None or all(run.tally.failure is None for run in runs):
        return ClaimResult(claim, construction, REFUTED if reason else VERIFIED, evidence, reason=reason)
    reason = f"some input has a wrong transcript, and how many {what} is not known then"
    return ClaimResult(claim, construction, INCOMPLETE, evidence, reason=reason)


def _as_evidence(runs: Sequence[InputEvidence]) -> tuple[Evidence, ...]:
    return tuple(Evidence(run.kind, run.words, run.tally.inputs, largest=run.largest) for run in runs)


def _with_lengths(runs: Sequence[InputEvidence]) -> tuple[Evidence, ...]:
    """The evidence of the runs, with the most tokens that were written at each size of an input."""
    found = []
    for run, evidence in zip(runs, _as_evidence(runs), strict=True):
        longest: dict[int, int] = {}
        for (_, size, _), (_, most) in run.tally.lengths.items():
            longest[size] = max(most, longest.get(size, 0))
        found.append(replace(evidence, curve=tuple(sorted(longest.items()))))
    return tuple(found)


def _with_reach(runs: Sequence[InputEvidence]) -> tuple[Evidence, ...]:
    """The evidence of the runs, with the last position that the models of each size read."""
    pairs = zip(runs, _as_evidence(runs), strict=True)
    return tuple(replace(evidence, curve=tuple(sorted(run.tally.reach.items()))) for run, evidence in pairs)


def _proved_length(bound: Polynomial, construction: Construction) -> tuple[Evidence, ...]:
    """The proof by a value that each token lowers, where the construction names one and it shows the bound."""
    ranking, read, domain = construction.blueprint.ranking, construction.most_read, construction.blueprint.domain
    if ranking is None or read is None or not all(domain.proves(bound - m) for m in ranking.most_written(read)):
        return ()
    words = f"{ranking.words}; so at most {bound} are written after at most {read}, for all {_sizes(construction)}"
    return (Evidence("proved", words),)


def _assumed(construction: Construction) -> tuple[Evidence, ...]:
    """What nothing here proves: what gadgets from elsewhere guarantee, and what is only checked in runs."""
    blueprint, found = construction.blueprint, list[Evidence]()
    if blueprint.assumed:
        names = ", ".join(blueprint.assumed)
        found.append(Evidence("assumed", f"what the contracts guarantee of gadgets added by hand: {names}"))
    if blueprint.assumptions:
        words = "; ".join(f"{a.statement} ({a.line})" for a in blueprint.assumptions)
        found.append(Evidence("assumed", f"{words}; checked at every position of all exact runs"))
    return tuple(found)
