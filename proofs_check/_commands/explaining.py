"""``explain``: a worked example of one construction on one input."""

import sys
from dataclasses import dataclass
from pathlib import Path

from constructions.errors import InputError
from constructions.theorems import construction, parameters_of
from constructions.worked_examples import Trace, as_document, explain, render
from proofs_check._commands._ending import EXIT
from proofs_check._commands._shared import print_json, users_code
from proofs_check._commands.running import chosen, instances_of
from proofs_check._commands.simulating import STRIDES, machine_and_word, row_length
from proofs_check._files import write_text


@dataclass(frozen=True)
class Question:
    """What is to be explained, as it stands on the command line."""

    name: str
    text: str | None
    user_file: str | None
    input_format: str | None
    machine: str | None
    steps: int


def show(asked: Question, form: str, out: Path | None, full: bool, json: bool) -> int:
    """Explain and print, or write a file; exit code 0, 1 if the reference differs, or 3 if no answer was written."""
    turing = asked.user_file is None and "machine" in parameters_of(asked.name)
    trace = _simulation(asked) if turing else _answered(asked)
    if out is not None:
        write_text(out, render(trace, form, full=full))
    if json:
        print_json(as_document(trace))
    elif out is None:
        sys.stdout.write(render(trace, form, full=full))
    if trace.agrees is False:
        return EXIT["REFUTED"]
    return EXIT["VERIFIED"] if trace.answer is not None else EXIT["INCOMPLETE"]


def _answered(asked: Question) -> Trace:
    if asked.machine is not None:
        raise InputError(f"--machine is for the constructions that are called NAME/turing, not for {asked.name}")
    subject, whole = chosen(asked.name, asked.text, asked.user_file)
    with users_code(asked.user_file):
        instances = instances_of(subject, whole, asked.input_format)
        if len(instances) != 1:
            raise InputError(f"the input holds {len(instances)} graphs; explain takes one at a time")
        return explain(subject, instances[0])


def _simulation(asked: Question) -> Trace:
    """A machine for so many steps; the input is the machine's own unless given."""
    if asked.input_format is not None:
        raise InputError(f"--input-format {asked.input_format} is for graphs; {asked.name} reads a word")
    machine, word = machine_and_word(asked.machine, asked.text)
    subject = construction(asked.name, machine=machine, cells=row_length(asked.name, word))
    tokens = STRIDES.get(asked.name, len(subject.reads(word)) - 1) * asked.steps + 1
    return explain(subject, word, n=max(asked.steps, subject.size_for(word)), max_tokens=tokens)
