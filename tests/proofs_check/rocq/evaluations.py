"""Transcripts of a construction, as a Coq file in which the evaluator of the theorems decodes the same prompts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from constructions.architectures import Model
from constructions.engine import decode
from constructions.interchange import model_to_json
from constructions.theorems import Construction
from proofs_check.kernel._model import Model as KernelModel
from proofs_check.rocq import module_name

LARGEST = {"istree": 3, "turing": 3}
"""The n by task up to which prompts are drawn first; 4 unless it is here."""

REPEATED = 100
"""After so many draws in a row that were drawn before, n may be one more."""


class Run(NamedTuple):
    """A prompt, what was written after it with what searches yielded, and whether an answer ended it."""

    size: int
    prompt: tuple[str, ...]
    written: tuple[str, ...]
    ended: bool


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
        if size not in models:
            models[size] = construction.at(size)
            kernels[size] = KernelModel(model_to_json(models[size]), "model")
        transcript = decode(models[size], prompt)
        by_kernel, ended = kernels[size].transcript(prompt, len(transcript.tokens))
        assert tuple(by_kernel) == transcript.tokens
        assert ended == (transcript.answer is not None)
        found[size, prompt] = Run(size, prompt, transcript.tokens, ended)
    return list(found.values())


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
        return f"({run.size}, {tokens(run.prompt)}, {tokens(run.written)}, {str(run.ended).lower()})"

    # One run of the evaluator, by theorems the same as asking anew after every token.
    replays = "replays" if blueprint.search is None else "search_replays"
    searches = "" if blueprint.search is None else "searches "
    entries = ";\n  ".join(map(entry, made))
    return (
        "From Coq Require Import ZArith List Bool.\nFrom RetrievalGap Require Import Model Replay.\n"
        f"From RetrievalGap.Generated Require Import Gen_{module_name(blueprint.name)}.\n"
        "Import ListNotations.\nOpen Scope Z_scope.\n"
        "Definition alike (run : Z * list tok * list tok * bool) : bool :=\n"
        f"  let '(size, w, t, ended) := run in {replays} (at_size {sizes}) blueprint {searches}w t ended.\n"
        f"Eval vm_compute in length (filter alike [{entries}]).\n"
    )
