"""Certificates of constructions: run them, and write down what came out."""

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from constructions.errors import InputError
from constructions.theorems import Construction
from constructions.wiring import bounds_at
from proofs_check.certificates._kinds import Prompt, Question, exhaustive, precision, sampled
from proofs_check.certificates._transcripts import TranscriptDigest, transcripts
from proofs_check.certificates._writing import canonical_text
from proofs_check.kernel._inputs import Inputs
from proofs_check.kernel._model import Model
from proofs_check.kernel._precision import measure
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._reference import edges_of, euler_tour
from proofs_check.kernel._verdict import Incomplete, Rejected

Input = tuple[tuple[int, ...], tuple[int, ...]]
"""Sequence and query, as the kernel lists them."""


class Setting:
    """A construction of one size, and how its inputs look to the kernel."""

    def __init__(self, construction: Construction, n: int, alphabet: int | None, family: str | None) -> None:
        task = construction.task
        if task.certified is None:
            raise InputError(f"{construction.name}: the kernel has no reference for the task {task.name}")
        self.construction, self.graphs = construction, task.certified.edges
        letters = n if alphabet is None else alphabet
        self.question = Question(task.name, n, letters, task.certified.convention, task.c)
        self.family = family or task.certified.families[0]
        self.inputs = Inputs(KernelQuestion(task.name, n, letters, task.c or 2), self.family)
        self.size = max(n, letters, construction.blueprint.least)
        self.model = construction.at(self.size)
        example = next(self.inputs.all())
        tokens, expected = self.tokens(example)
        self.prompt = Prompt(tokens[0], tokens[-1], tokens[2]) if self.graphs else Prompt(tokens[0], tokens[n + 1])
        tour = self.graphs and expected == euler_tour(edges_of(example[0]))
        self.transcript = "euler-tour" if tour else "answer"

    def tokens(self, found: Input) -> tuple[list[str], list[str]]:
        """What the construction reads and must write on an input of the kernel."""
        construction, task = self.construction, self.construction.task
        instance = task.of_numbers(*found)
        read, written = construction.reads(instance), construction.expected(instance, self.size)
        return list(task.labelled(instance, read)), list(task.labelled(instance, written))

    def run(self, chosen: Iterable[Input]) -> TranscriptDigest:
        """Run the model on these inputs.

        Raises:
            InputError: naming the first input on which it does not write what it must.
        """
        digest = TranscriptDigest()
        pairs = [self.tokens(found) for found in chosen]
        for prompt, _ in pairs:
            if not self.fits(prompt):
                raise InputError(
                    f"the prompt {' '.join(prompt)!r} of {self.construction.name} is not of the form that "
                    f"certificates of version 1 describe, with the tokens {self.prompt.fields()} around the input"
                )
        most = self.construction.longest(n=max(self.question.n, self.question.alphabet)) + 1
        ran = transcripts(self.model, [prompt for prompt, _ in pairs], most=most)
        for (_, expected), (read, written) in zip(pairs, ran, strict=True):
            if written != expected:
                raise InputError(
                    f"{self.construction.name} writes {' '.join(written)!r} after {' '.join(read)!r}, expected "
                    f"{' '.join(expected)!r}; no certificate"
                )
            digest.add(read, written)
        return digest

    def fits(self, prompt: Sequence[str]) -> bool:
        """Whether the kernel makes this prompt from the tokens around the input."""
        own, n = self.prompt, self.question.n
        if own.edge is not None:
            edges = prompt[1:-1]
            return (prompt[0], prompt[-1]) == (own.start, own.separator) and set(edges[1::3]) == {own.edge}
        return (prompt[0], prompt[n + 1]) == (own.start, own.separator)


def certify_exhaustive(
    construction: Construction, n: int, alphabet: int | None = None, *, family: str | None = None
) -> dict[str, Any]:
    """Run a construction on every input of size exactly n, and certify what it writes.

    Args:
        construction: of one of the five tasks that the kernel knows.
        n: the length of the sequences, or the number of nodes.
        alphabet: the sequences are over 1 .. alphabet; n unless given.
        family: ``words`` (the default) or ``permutations``; for istree ``edge-lists`` (the default) or
            ``graphs``.

    Raises:
        InputError: naming the first input on which the construction is wrong.
    """
    subject = Setting(construction, n, alphabet, family)
    digest = subject.run(subject.inputs.all())
    return exhaustive(
        subject.question,
        subject.model,
        digest,
        prompt=subject.prompt,
        family=subject.family,
        transcript=subject.transcript,
    )


def certify_sampled(
    construction: Construction,
    n: int,
    alphabet: int | None = None,
    *,
    checked: int = 200,
    seed: int = 0,
    family: str | None = None,
) -> dict[str, Any]:
    """Certify that a construction is right on ``checked`` inputs, those that the kernel draws from ``seed``.

    For ``n``, ``alphabet`` and ``family`` see :func:`certify_exhaustive`.

    Raises:
        InputError: naming the first input on which the construction is wrong, or if there are fewer.
    """
    subject = Setting(construction, n, alphabet, family)
    if not 1 <= checked <= subject.inputs.count:
        raise InputError(f"checked = {checked}: expected 1 to {subject.inputs.count}, the number of inputs")
    digest = subject.run(subject.inputs.drawn(checked, seed))
    return sampled(
        subject.question,
        subject.model,
        digest,
        prompt=subject.prompt,
        family=subject.family,
        transcript=subject.transcript,
        inputs=subject.inputs.count,
        seed=seed,
    )


def certify_precision(
    construction: Construction,
    n: int,
    alphabet: int | None = None,
    *,
    inverse_temperature: Fraction | None = None,
    family: str | None = None,
) -> dict[str, Any]:
    """Certify hard attention on every input of size exactly n, and that a softmax writes the same tokens.

    The bounds are those that the kernel defines, computed by its own code: it will compute them again.

    Args:
        construction: one with attention heads, that does not search.
        n, alphabet, family: as for :func:`certify_exhaustive`.
        inverse_temperature: b; the construction's own b(n, 8) unless given.

    Raises:
        InputError: if it has no head, or the margin cannot be shown to be positive at this b.
    """
    base = json.loads(canonical_text(certify_exhaustive(construction, n, alphabet, family=family)))
    size = max(n, alphabet or n, construction.blueprint.least)
    here = bounds_at(construction.blueprint, size)
    b = inverse_temperature or (None if here is None else here.temperature(8))
    if b is None:
        raise InputError(f"{construction.name}: no inverse temperature b(n, p) is known; give one")
    model = Model(base["model"], "model")
    if model.search is not None or not any(layer["type"] == "attention" for layer in base["model"]["layers"]):
        raise InputError(f"{construction.name} has no attention head, so no softmax to certify")
    subject = Setting(construction, n, alphabet, family)
    prompts = (subject.tokens(found)[0] for found in subject.inputs.all())
    longest = base["longest_output"]
    try:
        found = measure(model, b, ((prompt, model.transcript(prompt, longest)[0]) for prompt in prompts))
    except (Rejected, Incomplete) as error:
        raise InputError(f"{construction.name} at inverse temperature {float(b):g}: {error}; no certificate") from error
    if found.margin.least is None or found.margin.least <= 0:
        raise InputError(
            f"{construction.name} at inverse temperature {float(b):g}: on {found.margin.prompt!r} errors may exceed "
            "the margin of the logits; no certificate"
        )
    return precision(base, b, found)
