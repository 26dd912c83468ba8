"""What is fuzzed: each reader, the good inputs that mutants are made of, and what must hold of what it accepts.

A target's ``read`` returns whether it accepted the input, and raises :class:`Fault` if what it accepted is wrong.
Any other exception than those that the reader is meant to raise is a fault too.
"""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from constructions.interchange import model_from_npz, npz_bytes
from constructions.machines import MACHINE_FORMATS
from constructions.tasks import INPUT_FORMATS, TASKS
from tests.fuzz.limits import MEMORY, SECONDS
from tests.fuzz.reading_files import (
    certificate_seeds,
    exported,
    from_tensors,
    onnx_seeds,
    state_seeds,
    tensors,
    try_certificate,
    try_model,
    try_onnx,
    try_signed_state,
    try_state,
)
from tests.fuzz.reading_inputs import GRAPHS, INSTANCES, try_graphs, try_instance, try_tree
from tests.fuzz.reading_machines import machine_seeds, try_machine
from tests.fuzz.reading_tokens import PROMPTS, WORDS, network_seeds, try_network, try_prompt, try_words
from tests.fuzz.running_commands import LINES, try_command


@dataclass(frozen=True)
class Target:
    """A reader; ``share`` is its part of a run, relative to the others, and one input may take so much."""

    name: str
    read: Callable[[bytes], bool]
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[str, ...]
    share: int
    seconds: float = SECONDS
    memory: int = MEMORY


@functools.cache
def targets() -> tuple[Target, ...]:
    """All of them."""
    machine_words = (
        "R",
        "L",
        "---",
        "_",
        "halt",
        "blank:",
        "table:",
        "start state:",
        "<state",
        "<final/>",
        "{write: 1}",
    )
    found = [
        Target(
            f"instances: {name}",
            functools.partial(try_instance, name),
            functools.partial(_encoded, texts),
            (" ? ", " 1 ", "?", " ", "-", "+1", "1.0", "\n"),
            40,
        )
        for name, texts in INSTANCES.items()
    ]
    guessed = (texts for form, texts in GRAPHS.items() if form != "sized-edges")  # these must be named
    trees = tuple(itertools.chain(*guessed))
    found.append(
        Target(
            "instances: istree",
            try_tree,
            functools.partial(_encoded, ("1-2 2-3 3-4", "a-b b-c c-a", "1 2\n2 3", "D?{")),
            ("-", " 1-2", " "),
            40,
        )
    )
    found += [
        Target(
            f"graphs: {form or 'guessed'}",
            functools.partial(try_graphs, form),
            functools.partial(_encoded, GRAPHS[form] if form else trees),
            ("-", ",", "~", "#", " 1-2", "[BOS]", "[EOS]", "\n", ">>graph6<<", "~~", "1 2\n"),
            40,
        )
        for form in (*INPUT_FORMATS, None)
    ]
    found += [
        Target(
            f"machines: {form or 'guessed'}",
            functools.partial(try_machine, form),
            functools.partial(_some_machines, form),
            machine_words,
            20,
        )
        for form in (*MACHINE_FORMATS, None)
    ]
    keys = ('"n":3', '"states":', "null", "true", "[]", "{}", '"p/q"', "-1", "1e5", '"task":"index"', ",", "\\ud800")
    found.append(Target("certificates", try_certificate, certificate_seeds, keys, 80))
    found += [
        Target(
            f"models: {form}",
            functools.partial(try_model, read, write),
            functools.partial(exported, write),
            ("model.json", '"denominator": 1', "I64", "PK", "[1]", '"shape"', "0", "[]"),
            2,
        )
        for form, read, write in (
            ("npz", model_from_npz, npz_bytes),
            ("safetensors", from_tensors, tensors),
        )
    ]
    marks = ('"job":', '"sum":', '"failure":null', '"shard":5', "[]", "{}", "null", "-1", '"first":5', '"count":5')
    found.append(Target("states of sweeps", try_state, state_seeds, marks, 10))
    found.append(Target("states of sweeps, signed", try_signed_state, state_seeds, marks, 5))
    tokens = ("MatMul", "ArgMax", "tokens", "\x08\x01", '"version": 1', '"argmax"', "embedding.table", "[0, 0, 1]")
    found.append(Target("models: onnx", try_onnx, onnx_seeds, tokens, 2))
    found += [
        Target("prompts", try_prompt, functools.partial(_encoded, PROMPTS), (" ", "<s>", "?", " 1", "NONE", "\n"), 10),
        Target("words", try_words, functools.partial(_encoded, WORDS), (",", "?", "NONE", " "), 10),
        Target("networks: onnx", try_network, network_seeds, (*tokens, "location", "../x", "Loop"), 2),
    ]
    flags = ("--json", "--n", "--seed", "--arithmetic", "--c", "--steps", "--out", "fuzz.json", "-h", "0", "-5", "1e3")
    lines = tuple("\n".join(line) for line in LINES)
    found.append(
        Target(
            "command line",
            try_command,
            functools.partial(_encoded, lines),
            (*(f"\n{flag}" for flag in flags), "\n"),
            1,
            seconds=20.0,  # runs whole commands, which work and load what compiles
            memory=2 * 2**30,
        )
    )
    return tuple(found)


def _encoded(texts: Sequence[str]) -> list[bytes]:
    return [text.encode() for text in texts]


def _some_machines(form: str | None) -> list[bytes]:
    forms = MACHINE_FORMATS if form is None else (form,)
    return [seed for one in forms for seed in machine_seeds(one)]


assert set(INSTANCES) | {"istree"} == set(TASKS)  # a task without a target would be forgotten
