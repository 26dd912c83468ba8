"""``generate``: seeded instances with answers and transcripts, a JSON line each, for people who train models."""

import json as jsonlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

from constructions.errors import InputError, ResourceError, in_words, unknown
from constructions.tasks import TASKS, YES, Graph, IsTree, Retrieval, paper_text
from constructions.theorems import Construction
from proofs_check._atomic_write import write_text
from proofs_check._commands._shared import chosen_construction, print_json

_MOST = 10_000_000

_LARGEST, _MOST_TOKENS = 1_000_000, 1_000_000_000
"""An instance has at most so many tokens or nodes, and all of them together."""


def generate(
    task: str, n: int, count: int, seed: int, family: str, c: int | None, form: str, out: Path | None, json: bool
) -> int:
    """Write the instances; 0 when it is done."""
    subject = _subject(task, n, count, family, c, form)
    entries = (entry(subject, n, seed, place) for place in range(count))
    document: dict[str, Any] = {"task": task, "n": n, "seed": seed, "construction": subject.name, "count": count}
    if out is not None:
        write_text(out, "".join(_line(found, form) for found in entries))
        if json:
            print_json({**document, "out": str(out)})
    elif json:
        print_json({**document, "instances": list(entries)})
    else:
        sys.stdout.writelines(_line(found, form) for found in entries)
    return 0


def _subject(task: str, n: int, count: int, family: str, c: int | None, form: str) -> Construction:
    if task not in TASKS:
        raise unknown("task", task, TASKS)
    least = 2 if task == "istree" else 1
    if n < least:
        raise InputError(f"--n {n}: expected at least {least}")
    if not 0 <= count <= _MOST:
        raise InputError(f"--count {count}: expected 0 to {_MOST:,}")
    if n > _LARGEST:
        raise ResourceError(f"--n {in_words(n)}: an instance is made in memory; expected at most {_LARGEST:,}")
    if n * count > _MOST_TOKENS:
        raise ResourceError(
            f"--n and --count: {in_words(n * count)} tokens in all; at most {_MOST_TOKENS:,} are written"
        )
    if form == "paper" and task != "istree":
        raise InputError(f"the paper's code has a form for istree only, not for {task}")
    return chosen_construction(f"{family}/{task}", None, c=c)


def entry(subject: Construction, n: int, seed: int, place: int) -> dict[str, Any]:
    """One instance of exactly the size n: its text, what a model reads and must write, the answer.

    It depends on seed and place alone, so more instances with the same seed begin with the same ones.
    """
    rng = np.random.default_rng([seed, place])
    instance = _drawn(subject, rng, n)
    size = max(n, subject.size_for(instance))
    found = {
        "task": subject.task.name,
        "n": n,
        "input": subject.task.text(instance),
        "prompt": list(subject.reads(instance)),
        "transcript": list(subject.expected(instance, size)),
        "answer": subject.task.answer(instance),
    }
    return {**found, "paper": paper_line(_renamed(instance, rng))} if isinstance(instance, Graph) else found


def _drawn(subject: Construction, rng: np.random.Generator, n: int) -> Any:
    """Drawn until the size is n; about every second draw has it."""
    while True:
        instance = subject.task.sample(rng, n)
        length = len(instance.sequence) if isinstance(instance, Retrieval) else subject.task.size(instance)
        if length == n:
            return instance


def _renamed(graph: Graph, rng: np.random.Generator) -> Graph:
    """The same graph with its nodes called 0 .. n - 1 in a random order: names that say nothing."""
    names = rng.permutation(graph.number_of_nodes).tolist()
    return Graph(graph.edges, tuple(map(str, names)))


def paper_line(graph: Graph) -> str:
    """The form of the paper's code: edges, [EOS], a tour, [EOS], and the label, which there is the last token.

    The tour is the reference of ``transformer/istree``: edges in the order of the input, the last node as the root.
    [TRUE] means that the graph is connected *and* has no cycle.

    >>> paper_line(Graph(((1, 2), (3, 2))))
    '[BOS]1-2,3-2[EOS]2,3,2,1,2[EOS][TRUE]'
    """

    *tour, answer = IsTree().transcript(graph)
    return f"{paper_text(graph)}{','.join(graph.labelled(tour))}[EOS][{'TRUE' if answer == YES else 'FALSE'}]"


def _line(found: dict[str, Any], form: str) -> str:
    return f"{found['paper']}\n" if form == "paper" else jsonlib.dumps(found, ensure_ascii=True) + "\n"
