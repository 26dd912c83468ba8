"""What the live page must know of a task to read what is typed: the reader's facts, as plain data."""

from typing import Any

from constructions.errors import InputError
from constructions.machines import Machine
from constructions.tasks import Task
from constructions.theorems import Construction
from constructions.theorems._turing import Alphabet

LARGEST = {"retrieval": 1000, "graph": 60, "machine": 2000}
"""The largest sizes that a page runs, by what it reads: beyond, the browser would take too long."""


def reader_facts(construction: Construction) -> dict[str, Any]:
    """The facts of a construction's task.

    Raises:
        InputError: if the page has no reader for the task.
    """
    task = construction.task
    if task.reader is None:
        raise InputError(f"{construction.name}: no live page reads the inputs of {task.name}")
    facts: dict[str, Any] = {
        "task": task.name,
        "question": task.statement,
        "form": task.text_form,
        "summary": construction.summary,
    }
    facts |= {"title": _own_title(task), "label": construction.label, "longest": str(construction.longest)}
    if task.machine is not None:
        return facts | _machine_facts(construction, task.machine)
    facts |= {"kind": task.reader, "largest": LARGEST[task.reader], "tries": list(task.tries)}
    facts |= {} if task.forgotten is None else {"forgotten": task.forgotten}
    if task.in_rows is not None:
        return facts | {"queryLength": task.query_length, "queryMeaning": task.in_rows.query_meaning}
    return facts | {"closing": construction.reads(task.parse(task.text_form))[-1]}


def title_of(task: Task[Any]) -> str:
    """What a page about a task is called, where the query is not known."""
    named = _own_title(task)
    return task.statement if not named or "{" in named else named


def _own_title(task: Task[Any]) -> str:
    """Not one that it inherits from a task that asks something else."""
    return str(vars(type(task)).get("title", ""))


def _machine_facts(construction: Construction, machine: Machine) -> dict[str, Any]:
    alphabet = Alphabet(machine)
    empty = construction.reads(())
    row = len(empty) - 2 if construction.stride is None else 0
    longer = "".join(machine.symbols[(k + 1) % len(machine.symbols)] for k in range(min(4, row or 4)))
    own = machine.text(machine.input)
    return {
        "kind": "machine",
        "largest": LARGEST["machine"],
        "row": row,
        "stride": construction.stride or row + 1,
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
