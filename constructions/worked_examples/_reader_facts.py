"""What the live page must know of a task to read what is typed: the reader's facts, as plain data."""

from typing import Any

from constructions.errors import InputError
from constructions.machines import Machine
from constructions.tasks import IsTree, RetrievalTask, Simulation, Task
from constructions.theorems import Construction
from constructions.theorems._turing import Alphabet

_TRIES = {
    "index": ("3 1 4 1 5 9 2 6 ? 5", "3 1 4 1 5 9 2 6 ? 1", "7 7 7 7 ? 4"),
    "associative-recall": ("3 1 4 1 5 9 2 1 6 ? 1", "3 1 4 1 5 ? 5", "3 1 4 1 5 9 ? 7", "2 2 2 2 ? 2"),
    "counting": ("1 2 1 1 3 1 ? 1 3", "1 2 1 1 3 1 ? 1 4", "2 2 2 ? 1 0"),
    "istree": (
        "1-2 2-3 2-4 4-5",
        "1-2 2-3 3-4",
        "1-2 2-3 3-1 3-4",
        "1-2 2-3 4-5",
        "ann-bob bob-eve eve-dan",
    ),
}
"""Inputs that the page offers, by task; the first is shown unless another is given."""

_FORGOTTEN = {
    "index": "3 1 4 1 5 9 2 6 ? 2",
    "associative-recall": "3 1 4 1 5 9 2 6 ? 3",
    "counting": "1 2 1 1 3 1 2 2 ? 1 3",
    "istree": "1-2 2-3 3-4 4-5 5-6",
}
"""Inputs whose answer depends on what stood long before the end: a network that keeps the last tokens fails on them."""

LARGEST = {"retrieval": 1000, "graph": 60, "machine": 2000}
"""The largest sizes that a page runs, by what it reads: beyond, the browser would take too long."""

_TITLES = {
    "index": "Which token stands at position {q}?",
    "associative-recall": "What came after the last {q}?",
    "c-gram": "What came after the last {q}?",
    "counting": "Does {q} occur more than {t} times?",
    "istree": "Is this graph a tree?",
    "turing": "How does this machine end?",
}
"""What the page is called, by task, with the query in it."""


def reader_facts(construction: Construction) -> dict[str, Any]:
    """The facts of a construction's task.

    Raises:
        InputError: if the page has no reader for the task.
    """
    task = construction.task
    facts = {"task": task.name, "question": task.statement, "form": task.text_form, "summary": construction.summary}
    facts |= {"title": _TITLES.get(task.name, ""), "label": construction.label, "longest": str(construction.longest)}
    if isinstance(task, RetrievalTask):
        if task.name == "c-gram":
            query = task.text_form.partition("? ")[2]
            tries = [task.text_form, f"{query} 9 {query} 2 ? {query}", f"5 6 7 8 9 ? {query}"]
            forgotten = f"{query} 9 5 6 7 8 ? {query}"
        else:
            tries, forgotten = list(_TRIES[task.name]), _FORGOTTEN[task.name]
        return facts | {
            "kind": "retrieval",
            "largest": LARGEST["retrieval"],
            "queryLength": task.query_length,
            "queryMeaning": task.query_meaning,
            "tries": tries,
            "forgotten": forgotten,
        }
    if isinstance(task, IsTree):
        closing = construction.reads(task.parse(task.text_form))[-1]
        return facts | {
            "kind": "graph",
            "largest": LARGEST["graph"],
            "closing": closing,
            "tries": list(_TRIES["istree"]),
            "forgotten": _FORGOTTEN["istree"],
        }
    if isinstance(task, Simulation):
        return facts | _machine_facts(construction, task.machine)
    raise InputError(f"{construction.name}: a live page is made for retrieval, istree and turing, not for {task.name}")


def title_of(task: Task[Any]) -> str:
    """What a page about a task is called, where the query is not known."""
    named = _TITLES.get(task.name, task.statement)
    return task.statement if "{" in named else named


def _machine_facts(construction: Construction, machine: Machine) -> dict[str, Any]:
    alphabet = Alphabet(machine)
    empty = construction.reads(())
    row = len(empty) - 2 if construction.name == "rnn/turing" else 0
    longer = "".join(machine.symbols[(k + 1) % len(machine.symbols)] for k in range(min(4, row or 4)))
    own = machine.text(machine.input)
    return {
        "kind": "machine",
        "largest": LARGEST["machine"],
        "row": row,
        "stride": row + 1 if row else 8 if construction.name == "retrieval/turing" else 2,
        "tries": list(dict.fromkeys((own, "", longer))),
        "cells": [alphabet.cells[symbol] for symbol in range(len(machine.symbols))],
        "pairs": [
            [alphabet.pairs.get((state, symbol)) for symbol in range(len(machine.symbols))]
            for state in range(len(machine.states))
        ],
        "machine": {
            "name": machine.name,
            "states": list(machine.states),
            "symbols": list(machine.symbols),
            "blank": machine.blank,
            "start": machine.start,
            "halting": sorted(machine.halting),
            "table": [[q, a, t.write, t.move, t.state] for (q, a), t in sorted(machine.table.items())],
        },
    }
