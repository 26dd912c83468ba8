"""Asking the kernel about a construction's model: it has an interpreter and a reference of its own.

A fault that the project's reference and a construction share is invisible to all other evidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from constructions.theorems import Construction
from proofs_check.certificates import Setting, TranscriptDigest, canonical_text, exhaustive, transcripts
from proofs_check.evidence._results import INCOMPLETE, REFUTED, VERIFIED, Evidence
from proofs_check.kernel import check
from proofs_check.kernel._reference import TASKS


@dataclass(frozen=True)
class KernelAnswer:
    """What the kernel said: a verdict, which inputs it ran, and why if it did not verify them all."""

    verdict: str
    evidence: tuple[Evidence, ...]
    reason: str | None = None


def kernel_knows(construction: Construction) -> bool:
    """Whether the kernel has a reference for the construction's task."""
    task = construction.task
    return task.certified is not None and task.name in TASKS  # a task that extends another has a name of its own


def kernel_answer(construction: Construction) -> KernelAnswer:
    """Write exhaustive certificates at small n and have them checked.

    What goes into a certificate is what the model writes, right or not: the kernel judges it, not this function.
    """
    certified = construction.task.certified
    if certified is None or not kernel_knows(construction):
        return KernelAnswer(INCOMPLETE, (), f"the kernel has no reference for the task {construction.task.name}")
    found = []
    for n, alphabet, family in certified.asked:
        setting = Setting(construction, n, alphabet, family)
        prompts = [setting.tokens(chosen)[0] for chosen in setting.inputs.all()]
        odd = next((prompt for prompt in prompts if not setting.fits(prompt)), None)
        if odd is not None:
            reason = f"the prompt {' '.join(odd)!r} is not of the form that certificates describe"
            return KernelAnswer(INCOMPLETE, (), reason)
        digest = TranscriptDigest()
        most = construction.longest(n=setting.size) + 1
        for prompt, written in transcripts(setting.model, prompts, most=most):
            digest.add(prompt, written)
        certificate = exhaustive(
            setting.question,
            setting.model,
            digest,
            prompt=setting.prompt,
            family=family,
            transcript=setting.transcript,
        )
        verdict = check(canonical_text(certificate).encode())
        if verdict.word != VERIFIED:
            word = REFUTED if verdict.word == "REJECTED" else INCOMPLETE
            return KernelAnswer(word, (), f"the kernel says {verdict.line}")
        found.append((n, alphabet, family, setting.size, digest.count))
    words = "; ".join(_words(found))
    return KernelAnswer(
        VERIFIED, (Evidence("exhaustive", f"all inputs, by the kernel: {words}", sum(f[-1] for f in found)),)
    )


def _words(found: list[tuple[int, int | None, str, int, int]]) -> Iterator[str]:
    for n, alphabet, family, size, count in found:
        which = ", edges sorted" if family == "graphs" else "" if alphabet is None else f" over {alphabet} letters"
        yield f"n = {n}{which}, in the model of size {size} ({count:,})"
