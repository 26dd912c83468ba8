"""Checks of the verifier: each is about one thing that evidence must notice, and says what it saw if it does not.

A check plants a fault of its own in a small construction, or asks for a number that is known otherwise, and looks
whether the evidence sees it. None says that all is well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from constructions import decode
from constructions.architectures import Attention, Model
from constructions.errors import ContractError
from constructions.numerics import Matrix
from constructions.tasks import NONE, SEPARATOR, START, AssociativeRecall, Effort, Index, Retrieval
from constructions.theorems import THEOREMS, Claim, Construction, LogBound, construction
from constructions.wiring import Inequality, Polynomial, Wiring, n
from proofs_check.evidence import (
    REFUTED,
    VERIFIED,
    ClaimResult,
    Counterexample,
    Examiner,
    Plan,
    Subject,
    TheoremResult,
    activation_bits,
    cases,
)
from proofs_check.evidence import _inputs as inputs
from proofs_check.evidence import _machines as machines
from proofs_check.lower_bounds import _claims as lower
from proofs_check.lower_bounds import _growth as growth
from proofs_check.lower_bounds import growths, scope_of
from proofs_check.lower_bounds._bound import Bound

Check = Callable[[], str | None]

_LITTLE = {
    "index": Effort(3, 2, sizes=(1, 3, 6), far=(), measured=(1, 4)),
    "associative-recall": Effort(3, 2, sizes=(1, 3, 6), far=(), measured=(4, 64)),
    "istree": Effort(3, 0, sizes=(2, 4), far=(), measured=(2, 4)),
    "turing": Effort(0, 0, sizes=(2,), far=(), measured=(2,)),
}


@contextmanager
def patched(places: tuple[tuple[Any, str], ...], fault: Callable[[Any], Any]) -> Iterator[None]:
    """Attributes replaced by what ``fault`` makes of them, and put back."""
    before = [vars(owner)[name] for owner, name in places]
    for (owner, name), original in zip(places, before, strict=True):
        setattr(owner, name, fault(original))
    try:
        yield
    finally:
        for (owner, name), original in zip(places, before, strict=True):
            setattr(owner, name, original)


def claimed(
    subject: Construction, quantity: str, bound: LogBound | Polynomial | None = None, effort: Effort | None = None
) -> ClaimResult:
    """A claim of this quantity about a construction, judged with little effort."""
    claim = Claim(quantity, quantity, subject.name, quantity, bound, "a check")  # type: ignore[arg-type]
    efforts = _LITTLE if effort is None else {subject.task.name: effort}
    return Examiner(Plan(efforts, cases=40)).about(claim, subject)


def _expect(result: ClaimResult, verdict: str) -> str | None:
    if result.verdict == verdict:
        return None
    found = result.counterexample or result.reason
    return f"{result.claim.quantity} of {result.subject} are {result.verdict}{f', {found}' if found else ''}"


class _Odd(Index):
    """The reference is another one on the inputs of which ``odd`` is true."""

    def __init__(self, odd: Callable[[tuple[int, ...], tuple[int, ...]], bool]) -> None:
        self._odd = odd

    def answers(self, sequence: Any, queries: Any) -> list[str]:
        right, whole = super().answers(sequence, queries), tuple(map(int, sequence))
        asked = [tuple(map(int, query)) for query in queries]
        return ["0" if self._odd(whole, q) else a for q, a in zip(asked, right, strict=True)]


class _Sized:
    """A blueprint whose model of one size is another one."""

    def __init__(self, original: Any, size: int, change: Callable[[Model], Model]) -> None:
        self._original, self._size, self._change = original, size, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def at(self, size: int) -> Model:
        """The model of a size."""
        model: Model = self._original.at(size)
        return self._change(model) if size == self._size else model


def _another_logit(model: Model) -> Model:
    special = model.unembedding.special.replaced(0, 1, 10**6)
    return replace(model, unembedding=replace(model.unembedding, special=special))


def _at_size(size: int) -> Construction:
    original = construction("transformer/index")
    return replace(original, blueprint=_Sized(original.blueprint, size, _another_logit))  # type: ignore[arg-type]


def _odd(name: str, odd: Callable[[tuple[int, ...], tuple[int, ...]], bool]) -> Subject:
    return Subject(replace(construction(name), task=_Odd(odd)))


def _missed(run: inputs.InputEvidence) -> str | None:
    return None if run.tally.failure is not None else f"a planted fault is not found: {run.words}"


def last_input() -> str | None:
    """Of 1,024 inputs, one after the other, only the last is wrong."""
    last = ((4, 4, 4, 4), (4,))
    subject = _odd("transformer/index", lambda *found: found == last)
    with_prompt = replace(subject.construction, prompt=Index().prompt)  # so that no beginning is shared
    return _missed(inputs.exhaustive(replace(subject, construction=with_prompt), 4, 4))


def last_of_a_grid() -> str | None:
    """Of all sequences that share their beginnings only the last is wrong, and only the last query."""
    last = ((2, 2, 2), (3,))
    return _missed(inputs.exhaustive(_odd("transformer/index", lambda *found: found == last), 3, 2))


def boundary() -> str | None:
    """One sequence that falls from 13 to 1 is wrong."""
    falling = tuple(range(13, 0, -1))
    return _missed(inputs.sampled(_odd("transformer/index", lambda whole, _: whole == falling), (13,), 20, 0))


def small_sizes() -> str | None:
    """Only the model of size 1 is wrong; the largest that is sampled is 6."""
    return _expect(claimed(_at_size(1), "answers", effort=Effort(0, 0, sizes=(1, 3, 6), far=())), REFUTED)


def thresholds_near_the_count() -> str | None:
    """Of 400 sampled thresholds at n = 40, those at most 1 from the count are at least a third."""
    task, rng = construction("transformer/counting").task, np.random.default_rng(0)
    drawn = [task.sample(rng, 40) for _ in range(400)]
    near = sum(abs(found.sequence.count(found.query[0]) - found.query[1]) <= 1 for found in drawn)
    return None if 3 * near >= 400 else f"{near} of 400 thresholds are near the count"


def every_variant() -> str | None:
    """c-gram has four variants, machines as many."""
    found = [subject.label for name, _, subject in cases(THEOREMS["4.6"]) if name == "transformer/c-gram"]
    wanted = [construction("transformer/c-gram", c=c).label for c in (2, 3, 4, 5)]
    return None if found == wanted else f"only {', '.join(found)} is examined"


def _recall(scale: Polynomial | None) -> Construction:
    w = Wiring("recall", specials=(START, SEPARATOR, NONE), numbers=(0, n), context=n + 2)
    w.recency_scale = w.recency_scale if scale is None else scale
    previous = w.offset("previous", 1)
    found = w.latest("found", [(previous[w.token], w.token)], excluding=w.is_token(SEPARATOR), default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    return Construction(w.name, AssociativeRecall(), w.finish(), "A check.")


def constant_scale_refused() -> str | None:
    """A recency scale that does not grow must be refused when it is built."""
    try:
        _recall(Polynomial.constant(128))
    except ContractError:
        return None
    return "a constant recency scale is accepted"


def trivial_recency(original: Callable[..., Inequality]) -> Callable[..., Inequality]:
    """The fault that a recency scale is not compared with what it must exceed."""
    return lambda small, large, what="", *more: original(0 if "recency" in what else small, large, what, *more)


def constant_scale_far_away() -> str | None:
    """A construction with a constant recency scale, built without the refusal, must be wrong at far sizes."""
    from constructions.wiring import _heads

    with patched(((_heads, "at_most"),), trivial_recency):
        wrong = _recall(Polynomial.constant(16))
    return _missed(inputs.sampled(Subject(wrong), (3,), 20, 0, far=(31, 33)))


def too_short_refused() -> str | None:
    """A position outside the context must be refused."""
    w = Wiring("short", specials=(START, SEPARATOR), numbers=(0, n), context=n - 1)
    try:
        w.at("asked position", w.token)
    except ContractError:
        return None
    return "a look-up outside the context is accepted"


def _short() -> Construction:
    w = Wiring("short", specials=(START, SEPARATOR), numbers=(0, n), context=n)
    w.write(w.at("asked position", w.token)[w.token])
    return Construction(w.name, Index(), w.finish(), "A check.")


def short_context() -> str | None:
    """Prompts have n + 3 tokens, the context n + 1."""
    return _missed(inputs.sampled(Subject(_short()), (3,), 20, 0))


def context_claim() -> str | None:
    """The context of Index is long enough, and that of the construction above is not."""
    right = _expect(claimed(construction("transformer/index"), "context"), VERIFIED)
    return right or _expect(claimed(_short(), "context"), REFUTED)


def answers_are_right() -> str | None:
    """What the theorems say of Index holds."""
    return _expect(claimed(construction("transformer/index"), "answers"), VERIFIED)


class _Before(Index):
    """The token before the asked one; the first token if the first is asked."""

    def answers(self, sequence: Any, queries: Any) -> list[str]:
        return [str(int(sequence[max(0, int(query) - 2)])) for (query,) in queries]


def shared_fault() -> str | None:
    """Reference and wiring are off by one alike: all inputs agree, and the kernel does not."""
    w = Wiring("shared", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    first = w.equal(w.token, 1, name="first is asked")
    w.write(w.at("asked position", w.token - 1 + first)[w.token])
    wrong = Construction(w.name, _Before(), w.finish(), "A check.")
    return _expect(claimed(wrong, "answers"), VERIFIED) or _expect(claimed(wrong, "kernel"), REFUTED)


def whole_transcripts() -> str | None:
    """The first token of the reference is changed, and the answer is not."""
    original = construction("transformer/istree")
    changed = replace(original, transcript=lambda graph, size: ("~", *original.expected(graph, size)[1:]))
    return _expect(claimed(changed, "transcript"), REFUTED)


def transcripts_to_the_end() -> str | None:
    """The reference goes on after what the model writes."""
    original = construction("transformer/istree")
    longer = replace(original, transcript=lambda graph, size: (*original.expected(graph, size), "YES"))
    return _expect(claimed(longer, "transcript"), REFUTED)


def token_bound() -> str | None:
    """Up to 2 n tokens are written, so 2 n - 1 is too few."""
    return _expect(claimed(construction("transformer/istree"), "tokens", 2 * n - 1), REFUTED)


def cut_off() -> str | None:
    """A model that never answers is cut off one token after the longest transcript."""
    original = construction("transformer/istree")
    endless = Subject(original, model_at=lambda size: replace(original.at(size), answers=("~",), context=None))
    (written,) = endless.transcripts(3, [original.task.parse("1-2 2-3")])
    wanted = original.longest(n=3) + 1
    return None if len(written) == wanted else f"{len(written)} tokens are written, not {wanted}"


def parameter_bits_measured() -> str | None:
    """A parameter takes 21 bits at n = 4, although the polynomials of the blueprint say 4."""
    return _expect(claimed(_at_size(4), "parameter bits", LogBound(0, 4)), REFUTED)


def activation_bits_covered() -> str | None:
    """No bound log2 n + 20 covers numbers that grow like n^2, though it holds where it is measured."""
    return _expect(claimed(construction("transformer/index"), "activation bits", LogBound(1, 20)), REFUTED)


def measured_below_proved() -> str | None:
    """What is measured at n = 64 is at most what is proved."""
    recall = construction("transformer/associative-recall")
    measured, proved = activation_bits(Subject(recall), 64, 0).bits, recall.blueprint.largest_activation(n=64)
    most = 1 + proved.bit_length()
    return None if measured <= most else f"{measured} bits are measured, at most {most} are proved"


def large_scores() -> str | None:
    """A head whose scores are 2^80 times as large takes 78 more bits at least."""
    index = construction("transformer/index")

    def heavy(size: int) -> Model:
        model = index.at(size)
        (layer,) = model.layers
        assert isinstance(layer, Attention)  # noqa: S101
        (head,) = layer.heads
        return replace(model, layers=(Attention((replace(head, query=_large(head.query), key=_large(head.key)),)),))

    usual = activation_bits(Subject(index), 3, 0).bits
    found = activation_bits(Subject(index, model_at=heavy), 3, 0).bits
    return None if found >= usual + 78 else f"{found} bits are measured"


def _large(matrix: Matrix) -> Matrix:
    return Matrix.from_entries(matrix.shape, {(i, j): value * 2**40 for i, j, value in matrix.entries()})


def states_fit() -> str | None:
    """The states that the hybrid for recall reaches are no more than its ranges allow."""
    return _expect(claimed(construction("hybrid/associative-recall"), "state bits", LogBound(2, 2)), VERIFIED)


def shape_grows() -> str | None:
    """A model that has a weight more at n = 4 is no model of constant shape."""
    return _expect(claimed(_at_size(4), "shape"), REFUTED)


def ties_average() -> str | None:
    """Counting averages over all matches, in the evaluator that shares prefixes."""
    run = inputs.exhaustive(Subject(construction("transformer/counting")), 3, 2)
    return None if run.tally.failure is None else str(run.tally.failure)


def engines_agree() -> str | None:
    """The fast engine and the plain evaluator, where a key has two records."""
    recall = construction("transformer/associative-recall")
    prompt = recall.reads(Retrieval((1, 2, 1, 3, 2), (1,)))
    fast, plain = (decode(recall.at(5), prompt, engine=engine).tokens for engine in ("fast", "plain"))
    return None if fast == plain else f"the fast engine writes {' '.join(fast)}, the plain one {' '.join(plain)}"


def machines_run() -> str | None:
    """A machine on which the simulation is wrong refutes the claim."""
    wrong = Counterexample("a check", 1, "1", ("HALT",), ())
    with patched(((machines, "machine_run"),), lambda _: lambda *_: (1, wrong)):
        return _expect(claimed(construction("hybrid/turing"), "machines"), REFUTED)


def formula_grows() -> str | None:
    """A formula of which sympy finds another limit than 1 is refuted."""
    wrong = replace(growths()[0], what="a check", evidence=lambda: (sympy.Integer(2),))
    bound = Bound("a check", "a check", (scope_of("index", 1, 2),), ("a check",), "none")
    with patched(((growth, "growths"),), lambda _: lambda: (wrong,)):
        return _expect(lower._evaluated(bound), REFUTED)


def false_contract() -> str | None:
    """A contract that needs n >= 2 does not hold for all n >= 1."""
    index = construction("transformer/index")
    first, *rest = index.blueprint.contracts
    needs = (*first.needs, Inequality("2 <= n", n - 2))
    wrong = replace(index, blueprint=replace(index.blueprint, contracts=(replace(first, needs=needs), *rest)))
    return _expect(claimed(wrong, "contracts"), REFUTED)


def assumed_gadget() -> str | None:
    """A gadget that was added by hand is named as assumed."""
    from constructions.wiring import _heads

    w = Wiring("foreign", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    mine = _heads.at_position(w, "mine", w.token)
    w.add_gadget(mine)
    w.write(mine[w.token])
    result = claimed(Construction(w.name, Index(), w.finish(), "A check."), "contracts")
    said = [evidence.words for evidence in result.evidence if evidence.kind == "assumed"]
    return None if any("mine" in words for words in said) else "nothing says that it is assumed"


def worst_verdict() -> str | None:
    """One refuted claim refutes the theorem."""
    result = TheoremResult(THEOREMS["4.6"], (claimed(_at_size(1), "answers"),))
    return None if result.verdict == REFUTED else f"the theorem is {result.verdict}"
