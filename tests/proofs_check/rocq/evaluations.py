"""Transcripts of a construction, as a Coq file in which the evaluator of the theorems decodes the same prompts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from constructions.architectures import Evaluator, Model
from constructions.engine import decode
from constructions.interchange import model_to_json
from constructions.numerics import Exact
from constructions.theorems import Construction
from proofs_check.kernel._model import Model as KernelModel
from proofs_check.rocq import module_name

LARGEST = {"istree": 3, "turing": 3}
"""The n by task up to which prompts are drawn first; 4 unless it is here."""

REPEATED = 100
"""After so many draws in a row that were drawn before, n may be one more."""


class Run(NamedTuple):
    """A prompt and what was written after it, and whether an answer ended it; ``said`` are the model's own tokens."""

    size: int
    prompt: tuple[str, ...]
    written: tuple[str, ...]
    ended: bool
    said: tuple[str, ...]


def runs(construction: Construction, count: int, seed: int) -> list[Run]:
    """So many different prompts; the project's evaluator and the kernel's agree on each of them."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[int, tuple[str, ...]], Run] = {}
    kernels: dict[int, KernelModel] = {}
    models: dict[int, Model] = {}
    largest, again = LARGEST.get(construction.name.partition("/")[2], 4), 0
    while len(found) < count:
        if again == REPEATED:
            largest, again = largest + 1, 0
        instance = construction.task.sample(rng, int(rng.integers(construction.blueprint.least, largest + 1)))
        size, prompt = construction.size_for(instance), tuple(construction.reads(instance))
        if (size, prompt) in found:
            again += 1
            continue
        again = 0
        model = models.setdefault(size, construction.at(size))
        if size not in kernels:
            kernels[size] = KernelModel(model_to_json(model), "model")
        transcript = decode(model, prompt)
        by_kernel, ended = kernels[size].transcript(prompt, len(transcript.tokens))
        assert tuple(by_kernel) == transcript.tokens
        assert ended == (transcript.answer is not None)
        said = _said(model, prompt, transcript.tokens)
        found[size, prompt] = Run(size, prompt, transcript.tokens, ended, said)
    return list(found.values())


def _said(model: Model, prompt: Sequence[str], written: Sequence[str]) -> tuple[str, ...]:
    """The token with the largest logit after each prefix: what is written, where no search is answered."""
    ids = model.vocabulary.encode([*prompt, *written[:-1]])
    evaluator = Evaluator(model, Exact())
    x, _ = evaluator.run(np.array(ids))
    tokens = [model.vocabulary.token_of(int(i)) for i in evaluator.next_tokens(x)]
    return tuple(tokens[len(prompt) - 1 :])


def comparison(construction: Construction, made: Sequence[Run]) -> str:
    """A file whose one value is how many of these prompts are decoded alike."""
    blueprint = construction.blueprint
    sizes = " ".join("size" for _ in blueprint.domain.minimum)
    specials = list(blueprint.specials)

    def token(name: str) -> str:
        return f"Special {specials.index(name)}" if name in specials else f"Number ({name})"

    def tokens(names: Sequence[str]) -> str:
        return "[" + "; ".join(map(token, names)) + "]"

    def entry(run: Run) -> str:
        return (
            f"({run.size}, {tokens(run.prompt)}, {tokens(run.written)}, {str(run.ended).lower()}, {tokens(run.said)})"
        )

    rho = f"(at_size {sizes})"
    # fsaid: what comes next after every prefix, by a theorem the same as asking anew each time.
    same = f"same_tokens (removelast (fsaid QcN {rho} blueprint w t)) own"
    if blueprint.search is None:  # a search is answered by the runtime, of which decode in Coq knows nothing
        decoded = f"let '(o, e) := fdecode QcN {rho} blueprint w in same_tokens o t && Bool.eqb e ended"
        same = f"{same} && ({decoded})"
    entries = ";\n  ".join(map(entry, made))
    return (
        "From Coq Require Import ZArith List Bool.\nFrom RetrievalGap Require Import Model Fast.\n"
        f"From RetrievalGap.Generated Require Import Gen_{module_name(blueprint.name)}.\n"
        "Import ListNotations.\nOpen Scope Z_scope.\n"
        "Fixpoint same_tokens (a b : list tok) : bool := match a, b with [], [] => true\n"
        "  | x :: a', y :: b' => if tok_eq_dec x y then same_tokens a' b' else false | _, _ => false end.\n"
        "Definition alike (run : Z * list tok * list tok * bool * list tok) : bool :=\n"
        f"  let '(size, w, t, ended, own) := run in {same}.\n"
        f"Eval vm_compute in length (filter alike [{entries}]).\n"
    )
