"""``run NAME/turing``: a Turing machine through a model's weights, streamed."""

import json as json_module
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice, zip_longest
from types import FrameType
from typing import NamedTuple

import numpy as np

from constructions.architectures import Model
from constructions.engine import Decoding, Engine
from constructions.errors import InputError, counted
from constructions.machines import Machine
from constructions.numerics import Exact
from constructions.tasks import Simulation
from constructions.theorems import EXAMPLES, Construction, Reading, RowReader, TapeReader, construction, parameters_of
from proofs_check._commands._ending import EXIT, say
from proofs_check._commands._progress import TokenProgress
from proofs_check._commands._shared import (
    clear_progress,
    input_text,
    machine_of,
    parse_arithmetic,
    parse_memory,
    print_json,
    shows_progress,
)

_MOST_STEPS = 1000
"""The most steps unless the user says otherwise."""

_SHORT = 1000
"""Transcripts up to this length are printed, and tapes of up to so many cells."""

# Far runs would have positions whose scores leave 64 bits; so many cells on each side keep them inside.
_MOST_DEFAULT_CELLS = 2**15
_FAR = 10**5


class How(NamedTuple):
    """How to run a model, by the options of these names."""

    arithmetic: str
    engine: Engine
    memory: str


def simulate(
    name: str,
    text: str | None,
    machine_text: str | None,
    steps: int | None,
    cells: int | None,
    how: How,
    json: bool,
    jsonl: bool,
) -> int:
    """Run and print; exit code 0 if the machine halted, 1 if rounding changed the run, else 3 (INCOMPLETE)."""
    steps = _MOST_STEPS if steps is None else steps
    with _interruptible() as interrupted:
        number_system, limit = parse_arithmetic(how.arithmetic), parse_memory(how.memory)
        machine, word = machine_and_word(machine_text, text)
        if json and jsonl:
            raise InputError("--json prints one document, --jsonl one line a step; choose one")
        subject, model, prompt = _prepared(name, machine, word, steps, cells)
        reader, stride = _reader(subject, machine, word, model, prompt)
        # With a position in front the last of so many steps is followed by how it ended; configurations hold that.
        most = stride * steps + (subject.stride is not None)
        progress = TokenProgress(len(prompt), most, f"{machine.name[:30]}: ") if shows_progress() else None
        run = Decoding(
            model, prompt, arithmetic=number_system, engine=how.engine, memory=limit, limit=most, progress=progress
        )
        exact = None if isinstance(number_system, Exact) else Decoding(model, prompt, memory=limit, limit=most)
        written, change = _followed(run, reader, interrupted, jsonl, exact)
        clear_progress()
        reading = reader.result()
        document = _document(name, machine, how.arithmetic, reading, reader, written, model.vocabulary.decode)
        if interrupted:
            document["interrupted"] = True
        if change is not None:
            words = f"{how.arithmetic} writes another token than exact arithmetic, written token {change}"
            say(f"REFUTED: {words}")
            document |= {"verdict": "REFUTED", "reason": words}
        reason = _incomplete(reading, steps, bool(interrupted))
        if reason is not None and change is None:
            document |= {"verdict": "INCOMPLETE", "reason": reason}
        if json:
            print_json(document)
        elif jsonl:
            sys.stdout.write(json_module.dumps({key: document[key] for key in _LAST if key in document}) + "\n")
        else:
            _show(document, machine, reading)
        return EXIT["REFUTED" if change is not None else "VERIFIED" if reason is None else "INCOMPLETE"]


def machine_and_word(machine_text: str | None, text: str | None) -> tuple[Machine, tuple[int, ...]]:
    """The machine, an example unless given, and what it runs on, its own input unless given."""
    given = None if text is None else input_text(text).strip("\n")
    machine = EXAMPLES[0] if machine_text is None else machine_of(machine_text, given or "")
    return machine, machine.input if given is None else Simulation(machine).parse(given)


def _prepared(
    name: str, machine: Machine, word: tuple[int, ...], steps: int, cells: int | None
) -> tuple[Construction, Model, tuple[str, ...]]:
    """The construction, the model for so many steps and cells, and the prompt."""
    subject = construction(name, machine=machine, cells=row_length(name, word, cells))
    space = cells if cells is not None else max(len(word), min(steps, _MOST_DEFAULT_CELLS if steps > _FAR else steps))
    sizes = {} if "cells" in parameters_of(name) else {"s": max(1, space)}
    if sizes and len(word) > sizes["s"] + 1:
        raise InputError(f"an input of {len(word)} symbols does not fit on the cells 0 .. {sizes['s']} (--cells)")
    return subject, subject.blueprint.at(max(1, steps), **sizes), subject.reads(word)


def _reader(
    subject: Construction, machine: Machine, word: tuple[int, ...], model: Model, prompt: tuple[str, ...]
) -> tuple[TapeReader | RowReader, int]:
    """What reads the transcript, and how many tokens a step has."""
    if subject.stride is not None:
        return TapeReader(machine, word, model.vocabulary, subject.stride), subject.stride
    cells = np.array(model.vocabulary.encode(prompt))[1:-1]
    return RowReader(machine, word, model.vocabulary, cells), len(prompt) - 1


def _followed(
    run: Decoding, reader: TapeReader | RowReader, interrupted: list[bool], jsonl: bool, exact: Decoding | None
) -> tuple[list[int], int | None]:
    """Run to the end, or until somebody interrupts, with ``jsonl`` printing a line a step.

    Returns:
        The first tokens written, and which is the first, counted from 1, that exact arithmetic does not write.
    """
    written: list[int] = []
    right = None if exact is None else chain.from_iterable(ids.tolist() for ids in exact.chunks())
    count, change = 0, None
    for ids in () if interrupted else run.chunks():
        before = reader.steps
        rows = reader.feed(ids)
        if jsonl:
            lines = (json_module.dumps(line, ensure_ascii=False) for line in reader.lines(rows, before))
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
        if len(written) <= _SHORT:
            written += ids[: _SHORT + 1].tolist()
        if right is not None and change is None:
            expected = list(islice(right, len(ids)))
            pairs = enumerate(zip_longest(ids.tolist(), expected), count + 1)
            change = next((place for place, (one, other) in pairs if one != other), None)
        count += len(ids)
        if interrupted:
            break
    if right is not None and change is None and not interrupted and next(right, None) is not None:
        change = count + 1
    return written, change


_LAST = ("ending", "halted", "state", "position", "steps", "interrupted", "verdict", "reason")


def _incomplete(reading: Reading, steps: int, interrupted: bool) -> str | None:
    """Why the run says nothing about how the machine halts; None if it halted."""
    done = counted(reading.steps, "step")
    reasons = {
        "HALT": None,
        "UNDEFINED": f"stopped after {done}, where the table has no entry",
        "SPACE": f"left the cells that there are after {done} (--cells)",
        None: f"not halted after {counted(steps, 'step')} (--steps)",
    }
    if reading.ending is None and interrupted:
        return f"interrupted after {done}"
    return reasons["SPACE" if reading.ending == "OVER" else reading.ending]


def row_length(name: str, word: tuple[int, ...], cells: int | None = None) -> int | None:
    """How many cells a configuration has, so that the input fits; None where a model is not built for a number."""
    if "cells" not in parameters_of(name):
        return None
    return cells if cells is not None else max(12, 2 * len(word))


@contextmanager
def _interruptible() -> Iterator[list[bool]]:
    """Ctrl-C asks for the end, so that no line is cut off; a second one ends at once."""
    asked: list[bool] = []

    def ask(_number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(True)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _document(
    name: str,
    machine: Machine,
    arithmetic: str,
    reading: Reading,
    reader: TapeReader | RowReader,
    written: list[int],
    decode: Callable[[Sequence[int]], list[str]],
) -> dict[str, object]:
    document: dict[str, object] = {
        "construction": name,
        "machine": machine.name,
        "arithmetic": arithmetic,
        "ending": reading.ending,
        "halted": reading.ending == "HALT",
        "state": machine.states[reading.state],
        "position": reading.position,
        "steps": reading.steps,
        "nonblank": len(reading.tape),
        "token_count": reader.tokens,
    }
    if reader.tokens <= _SHORT:
        document["tokens"] = decode(written)
    if len(reading.tape) <= 10 * _SHORT:
        document["tape"] = {str(cell): machine.symbols[symbol] for cell, symbol in sorted(reading.tape.items())}
    return document


def _show(document: dict[str, object], machine: Machine, reading: Reading) -> None:
    tokens = document.get("tokens")
    if isinstance(tokens, list) and tokens:
        print(" ".join(tokens))
    print(f"steps: {reading.steps:,} ({document['token_count']:,} tokens written)")
    print(f"state: {document['state']}, head at {reading.position}")
    print(f"nonblank cells: {document['nonblank']:,}")
    print(f"{document['verdict']}: {document['reason']}" if "reason" in document else f"answer: {reading.ending}")
    print(f"tape: {_tape(machine, reading.tape)}")


def _tape(machine: Machine, tape: Mapping[int, int]) -> str:
    """The final tape from the first to the last cell that is not blank; of a long one, both ends."""
    if not tape:
        return "(blank)"
    first, last = min(tape), max(tape)
    names = {cell: machine.symbols[symbol] for cell, symbol in tape.items()}
    blank = "_" if "_" not in names.values() else " "
    written = (
        [range(first, last + 1)] if last - first < _SHORT else [range(first, first + 60), range(last - 59, last + 1)]
    )
    row = " ... ".join("".join(names.get(cell, blank) for cell in cells) for cells in written)
    return f"{row} (cells {first:,} to {last:,})"
