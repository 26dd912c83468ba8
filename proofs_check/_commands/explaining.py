"""``explain``: a worked example of one construction on one input."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructions.errors import InputError
from constructions.theorems import Construction, construction, users_code
from constructions.worked_examples import LARGEST, Trace, as_document, explain, live_html, render
from proofs_check._atomic_write import write_text
from proofs_check._commands._ending import EXIT
from proofs_check._commands._shared import chosen_construction, parse_arithmetic, print_json, refuse
from proofs_check._commands._streams import write_page
from proofs_check._commands.running import NO_MACHINE, GraphOptions, chosen, simulates
from proofs_check._commands.simulating import machine_and_word, row_length

DEFAULT_STEPS, LIVE_STEPS = 12, 120
"""How many steps of a machine are explained, and how many a live page runs at first."""


@dataclass(frozen=True)
class Question:
    """What is to be explained, as it stands on the command line."""

    name: str | None
    text: str | None
    user_file: str | None
    graphs: GraphOptions
    machine: str | None
    steps: int | None
    arithmetic: str = "exact"


def show(asked: Question, wanted: str | None, out: Path | None, full: bool, json: bool) -> int:
    """Explain and print, or write a file; exit code 0, 1 if the reference differs, or 3 if no answer was written."""
    turing = asked.user_file is None and simulates(asked.name)
    form = wanted or "text"
    if not turing:
        refuse(NO_MACHINE, machine=asked.machine, steps=asked.steps)
    if json and out is None:
        refuse("changes nothing: --json holds everything, in its own form", format=wanted, full=full)
    trace = _simulation(asked) if turing else _answered(asked)
    if out is not None:
        write_text(out, render(trace, form, full=full))
    if json:
        print_json(as_document(trace))
    elif out is None:
        (sys.stdout.write if form == "text" else write_page)(render(trace, form, full=full))
    if trace.agrees is False:
        return EXIT["REFUTED"]
    return EXIT["VERIFIED"] if trace.answer is not None else EXIT["INCOMPLETE"]


def show_live(asked: Question, form: str | None, out: Path | None, full: bool, json: bool) -> int:
    """Write the live page of the construction, which shows the input first if there is one; exit code 0."""
    if form not in (None, "html") or full or json:
        other = "--full" if full else "--json" if json else f"--format {form}"
        raise InputError(f"--live writes a page of its own; it cannot be combined with {other}")
    if asked.arithmetic != "exact":
        raise InputError(f"a live page runs in exact arithmetic; it cannot be combined with {asked.arithmetic}")
    subject, text = _live_subject(asked)
    page = live_html([subject], text, steps=asked.steps or LIVE_STEPS)
    if out is None:
        write_page(page)
    else:
        write_text(out, page)
    return 0


def _live_subject(asked: Question) -> tuple[Construction, str | None]:
    """The construction, and its input in the form in which the page reads it; None if none is given."""
    if asked.user_file is None and simulates(asked.name):
        subject, word = _machine(asked)
        return subject, subject.task.text(word)
    if asked.user_file is None and asked.text is None and asked.machine is None:
        return chosen_construction(asked.name, None), None
    subject, instance = _asked(asked)
    size, largest = subject.task.size(instance), LARGEST.get(subject.task.reader or "")
    if largest is not None and size > largest:
        raise InputError(f"n = {size}: a live page runs sizes up to {largest}; run and explain have no such limit")
    return subject, subject.task.text(instance)


def _answered(asked: Question) -> Trace:
    subject, instance = _asked(asked)
    with users_code(asked.user_file):
        return explain(subject, instance, arithmetic=parse_arithmetic(asked.arithmetic))


def _asked(asked: Question) -> tuple[Construction, Any]:
    """The construction and its one instance."""
    refuse(NO_MACHINE, machine=asked.machine, steps=asked.steps)
    subject, whole = chosen("explain", asked.name, asked.text, asked.user_file)
    with users_code(asked.user_file):
        instances = asked.graphs.instances(subject.task, whole, subject.name)
        if len(instances) != 1:
            raise InputError(f"the input holds {len(instances)} graphs; explain takes one at a time")
        return subject, instances[0]


def _machine(asked: Question) -> tuple[Construction, tuple[int, ...]]:
    """The construction of a machine and the word; the machine's own unless given."""
    name = asked.name or ""
    asked.graphs.refused_for(name, "a word")
    machine, word = machine_and_word(asked.machine, asked.text)
    return construction(name, machine=machine, cells=row_length(name, word)), word


def _simulation(asked: Question) -> Trace:
    """A machine for so many steps."""
    subject, word = _machine(asked)
    steps = asked.steps or DEFAULT_STEPS
    tokens = (subject.stride or len(subject.reads(word)) - 1) * steps + 1
    n, number_system = max(steps, subject.size_for(word)), parse_arithmetic(asked.arithmetic)
    return explain(subject, word, n=n, max_tokens=tokens, arithmetic=number_system)
