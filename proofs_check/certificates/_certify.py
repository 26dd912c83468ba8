"""Certificates of constructions: run them, and write down what came out."""

from collections.abc import Iterable, Sequence
from typing import Any

from constructions.errors import InputError
from constructions.tasks import CGram, Graph, IsTree, Retrieval
from constructions.theorems import Construction
from proofs_check.certificates._kinds import Prompt, Question, exhaustive, sampled
from proofs_check.certificates._transcripts import TranscriptDigest, transcripts
from proofs_check.kernel._inputs import Inputs
from proofs_check.kernel._reference import Question as KernelQuestion


class _Subject:
    """A construction of one size, and how its inputs look to the kernel."""

    def __init__(self, construction: Construction, n: int, alphabet: int | None, family: str | None) -> None:
        task = construction.task
        graphs = isinstance(task, IsTree)
        letters = n if alphabet is None else alphabet
        c = task.c if isinstance(task, CGram) else None
        self.construction = construction
        self.question = Question(task.name, n, letters, "promise" if graphs else "total", c)
        self.family = family or ("edge-lists" if graphs else "words")
        self.inputs = Inputs(KernelQuestion(task.name, n, letters, c or 2), self.family)
        self.model = construction.at(max(n, letters, construction.blueprint.least))
        example = self.instance(next(self.inputs.all()))
        tokens = construction.reads(example)
        self.prompt = Prompt(tokens[0], tokens[-1], tokens[2]) if graphs else Prompt(tokens[0], tokens[n + 1])
        tour = isinstance(task, IsTree) and list(construction.expected(example)) == task.transcript(example)
        self.transcript = "euler-tour" if tour else "answer"

    def instance(self, found: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
        """An input of the kernel as an instance of the task."""
        sequence, query = found
        if self.prompt_of_graph:
            return Graph(tuple(zip(sequence[::2], sequence[1::2], strict=True)))
        return Retrieval(sequence, query)

    @property
    def prompt_of_graph(self) -> bool:
        """Whether inputs are graphs."""
        return isinstance(self.construction.task, IsTree)

    def run(self, chosen: Iterable[tuple[tuple[int, ...], tuple[int, ...]]]) -> TranscriptDigest:
        """Run the model on these inputs.

        Raises:
            InputError: naming the first input on which it does not write what it must.
        """
        construction, digest = self.construction, TranscriptDigest()
        instances = [self.instance(found) for found in chosen]
        prompts = [construction.reads(instance) for instance in instances]
        for prompt in prompts:
            if not self._fits(prompt):
                raise InputError(
                    f"the prompt {' '.join(prompt)!r} of {construction.name} is not of the form that certificates "
                    f"of version 1 describe, with the tokens {self.prompt.fields()} around the input"
                )
        most = construction.longest(n=max(self.question.n, self.question.alphabet)) + 1
        ran = transcripts(self.model, prompts, most=most)
        for instance, (read, written) in zip(instances, ran, strict=True):
            expected = list(construction.expected(instance))
            if written != expected:
                raise InputError(
                    f"{construction.name} writes {' '.join(written)!r} after {' '.join(read)!r}, expected "
                    f"{' '.join(expected)!r}; no certificate"
                )
            digest.add(read, written)
        return digest

    def _fits(self, prompt: Sequence[str]) -> bool:
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
    subject = _Subject(construction, n, alphabet, family)
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
    """The same for ``checked`` inputs, those that the kernel draws from ``seed``.

    Raises:
        InputError: naming the first input on which the construction is wrong, or if there are fewer.
    """
    subject = _Subject(construction, n, alphabet, family)
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
