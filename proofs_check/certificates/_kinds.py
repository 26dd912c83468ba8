"""The kinds of certificates, field by field; docs/certificates.md has an example of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from constructions.architectures import Model
from constructions.interchange import model_to_json, number_to_json
from constructions.wiring import Blueprint, Polynomial
from proofs_check.certificates._transcripts import TranscriptDigest
from proofs_check.certificates._writing import FORMAT
from proofs_check.kernel._main import OLDEST, SINCE
from proofs_check.kernel._precision import UNIT, Found
from proofs_check.kernel._reference import FURTHER

Convention = Literal["total", "promise"]
"""Whether an undefined query has the answer NONE, or does not occur."""


@dataclass(frozen=True)
class Question:
    """What is asked, and about inputs of which size.

    Args:
        task: the task's name, such as ``associative-recall``.
        n: the length of the sequences, or the number of nodes.
        alphabet: the sequences are over 1 .. alphabet; for istree it is n.
        convention: how an undefined query is read.
        c: for c-gram retrieval, else None.
    """

    task: str
    n: int
    alphabet: int
    convention: Convention = "total"
    c: int | None = None

    def fields(self) -> dict[str, Any]:
        """The fields of a certificate."""
        shared = {"task": self.task, "convention": self.convention, "n": self.n, "alphabet": self.alphabet}
        return shared if self.c is None else {**shared, "c": self.c}


def _certificate(kind: str, **fields: Any) -> dict[str, Any]:
    """The fields of every certificate and those of this one, in the oldest version that can say it."""
    version = 2 if fields.get("task") in FURTHER else SINCE.get(kind, OLDEST)
    return {"format": FORMAT, "version": version, "kind": kind, **fields}


def fooling_set(question: Question, prefixes: str | Sequence[Sequence[int]], states: int) -> dict[str, Any]:
    """The certificate that no two of these prefixes can share a state, hence a lower bound for every machine.

    Args:
        question: task and sizes.
        prefixes: the name of a family that the kernel lists itself (``words``, ``permutations``,
            ``rotations``, ``multisets``, ``partitions``, ``assignments``, ``row``), or the prefixes; those of
            istree hold the endpoints of their edges, two by two.
        states: how many prefixes there are.
    """
    described: Any = {"family": prefixes} if isinstance(prefixes, str) else [list(prefix) for prefix in prefixes]
    return _certificate(
        "fooling-set",
        **question.fields(),
        prefixes=described,
        states=states,
        bits=(states - 1).bit_length(),
    )


def state_count(question: Question, family: str, prefixes: int, states: int) -> dict[str, Any]:
    """The certificate that exactly so many states are needed after the prefixes of a family.

    Args:
        question: task and sizes; each query must be legal after each prefix.
        family: ``words``, ``permutations``, ``assignments`` or ``row``.
        prefixes: how many it has.
        states: how many different rows of answers there are.
    """
    counts = {"family": family, "prefixes": prefixes, "states": states, "bits": (states - 1).bit_length()}
    return _certificate("state-count", **question.fields(), **counts)


def no_machine(
    question: Question,
    prefixes: Sequence[Sequence[int]],
    too_few: int,
    pinned: Sequence[int],
    proof: Sequence[Sequence[int]],
) -> dict[str, Any]:
    """The certificate, with a proof, that no machine with ``too_few`` states is right after these prefixes.

    Args:
        question: task and sizes.
        prefixes: those that are looked at; those of istree hold the endpoints of their edges.
        too_few: a number of states.
        pinned: places of prefixes that conflict pairwise, which are put into the states 1, 2, 3, ...
        proof: the steps of a DRAT proof, each the literals of a lemma, or a 0 and the literals of a clause
            that is deleted. Variable place * too_few + s + 1 says that the prefix leads to state s.
    """
    return _certificate(
        "no-machine",
        **question.fields(),
        prefixes=[list(prefix) for prefix in prefixes],
        too_few=too_few,
        pinned=list(pinned),
        proof=[list(step) for step in proof],
    )


@dataclass(frozen=True)
class Prompt:
    """The tokens around the input: START x1 ... xn SEPARATOR query, or START u1 EDGE v1 ... SEPARATOR."""

    start: str = "<s>"
    separator: str = "?"
    edge: str | None = None

    def fields(self) -> dict[str, str]:
        """The value of the key ``prompt``."""
        shared = {"start": self.start, "separator": self.separator}
        return shared if self.edge is None else {**shared, "edge": self.edge}


def exhaustive(
    question: Question,
    model: Model,
    run: TranscriptDigest,
    *,
    prompt: Prompt,
    family: str,
    transcript: str = "answer",
) -> dict[str, Any]:
    """The certificate that a model is right on all inputs of a family.

    Args:
        question: task and sizes.
        model: the model, whose weights go into the certificate.
        run: what it wrote on all of the inputs, in canonical order.
        prompt: the tokens around the input.
        family: ``words``, ``permutations``, for istree ``graphs`` or ``edge-lists``.
        transcript: ``answer`` if the last token is to be compared, ``euler-tour`` for the whole tour.
    """
    return _certificate(
        "exhaustive",
        **question.fields(),
        family=family,
        prompt=prompt.fields(),
        model=model_to_json(model),
        transcript=transcript,
        inputs=run.count,
        longest_output=run.longest,
        digest=run.hexdigest(),
    )


def sampled(
    question: Question,
    model: Model,
    run: TranscriptDigest,
    *,
    prompt: Prompt,
    family: str,
    inputs: int,
    seed: int,
    transcript: str = "answer",
) -> dict[str, Any]:
    """Certificate that a model is right on ``run.count`` of ``inputs`` inputs, drawn by the kernel from ``seed``.

    The other arguments are those of :func:`exhaustive`.
    """
    whole = exhaustive(question, model, run, prompt=prompt, family=family, transcript=transcript)
    return {**whole, "kind": "sampled", "inputs": inputs, "checked": run.count, "seed": seed}


def polynomial_to_json(polynomial: Polynomial) -> list[Any]:
    """Terms [coefficient, {variable: exponent}], in descending degree.

    >>> polynomial_to_json(2 * Polynomial.variable("n") ** 2 - 1)
    [[2, {'n': 2}], [-1, {}]]
    """
    return [[coefficient, dict(monomial)] for monomial, coefficient in polynomial.terms]


def contracts(blueprint: Blueprint) -> dict[str, Any]:
    """The certificate of the inequalities that the gadgets of a construction need, for all sizes."""
    domain = blueprint.domain
    return _certificate(
        "contracts",
        construction=blueprint.name,
        variables={name: {"from": least} for name, least in domain.minimum.items()},
        scales={name: {"lower": polynomial_to_json(lower)} for name, lower in domain.scales.items()},
        contracts=[
            {
                "name": contract.name,
                "gadget": contract.gadget,
                "inequalities": [
                    {"statement": need.statement, "polynomial": polynomial_to_json(need.polynomial)}
                    for need in contract.needs
                ],
            }
            for contract in blueprint.contracts
        ],
    )


def precision(exhaustive_certificate: Mapping[str, Any], inverse_temperature: Fraction, found: Found) -> dict[str, Any]:
    """A certificate of what a softmax at a finite inverse temperature does to the model of another.

    Args:
        exhaustive_certificate: that the model is right with hard attention.
        inverse_temperature: b.
        found: the least gap and the largest leak of each head, and the margin, as the kernel defines them.
    """
    layers = enumerate(exhaustive_certificate["model"]["layers"])
    names = {(i, j): head["name"] for i, layer in layers for j, head in enumerate(layer.get("heads", []))}
    heads = [
        {
            "layer": layer,
            "name": names[layer, place],
            "gap": None if worst.least is None else number_to_json(worst.least),
            "input": worst.prompt or None,
            "leak": number_to_json(Fraction(worst.leak, 1 << UNIT)),
        }
        for (layer, place), worst in found.heads.items()
    ]
    return {
        **exhaustive_certificate,
        "kind": "precision",
        "inverse_temperature": number_to_json(inverse_temperature),
        "heads": heads,
        "margin": None if found.margin.least is None else number_to_json(found.margin.least),
        "margin_input": found.margin.prompt,
    }


def sweep(run: Mapping[str, Any], shards: Sequence[tuple[int, int, str]]) -> dict[str, Any]:
    """The certificate of an exhaustive run in shards: (first rank, number of inputs, digest) of each.

    Args:
        run: the fields of an ``exhaustive`` certificate, or those of them that say what was run; a digest of all
            inputs is left out.
        shards: in order. The digest of a shard is that of its lines alone, which have the reference in them too.
    """
    left_out = ("digest", "format", "version", "kind")
    listed = [{"first": first, "count": count, "digest": digest} for first, count, digest in shards]
    return _certificate("sweep", **{key: v for key, v in run.items() if key not in left_out}, shards=listed)
