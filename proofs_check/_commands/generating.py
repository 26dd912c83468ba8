"""``generate``: seeded instances with answers and transcripts, one JSON line for each, for people who train models."""

import json as jsonlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from constructions.errors import InputError, ResourceError, in_words
from constructions.tasks import TASKS, Task
from constructions.tasks import task as task_named
from constructions.theorems import CONSTRUCTIONS, Construction, users_code
from proofs_check._atomic_write import write_text
from proofs_check._commands._options import Named
from proofs_check._commands._shared import print_json

_MOST, _MOST_DRAWS = 10_000_000, 10_000

_LARGEST, _MOST_TOKENS = 1_000_000, 1_000_000_000
"""An instance has at most so many tokens or nodes, and all of them together."""


def generate(named: Named, family: str, n: int, count: int, seed: int, form: str, out: Path | None, json: bool) -> int:
    """Write the instances of a task, by the name of which something is named; 0 when it is done."""
    subject = _subject(named, family)
    _require_possible(subject.task, n, count, form)
    entries = _entries(subject, named.user_file, n, seed, count)
    document: dict[str, Any] = {
        "task": subject.task.name,
        "n": n,
        "seed": seed,
        "construction": subject.name,
        "count": count,
    }
    if out is not None:
        write_text(out, "".join(_line(found, form) for found in entries))
        if json:
            print_json({**document, "out": str(out)})
    elif json:
        print_json({**document, "instances": list(entries)})
    else:
        sys.stdout.writelines(_line(found, form) for found in entries)
    return 0


def _subject(named: Named, family: str) -> Construction:
    """The construction of the task that belongs to the family; the user's own, or the only one, of its family."""
    if named.user_file is not None:
        return named.chosen()
    name = task_named(named.name or "").name
    if f"{family}/{name}" not in CONSTRUCTIONS:
        those = [other.partition("/")[0] for other in CONSTRUCTIONS if other.partition("/")[2] == name]
        raise InputError(f"--family {family}: {name} has constructions in {', '.join(those)}")
    return named._replace(name=f"{family}/{name}").chosen()


def _entries(subject: Construction, user_file: str | None, n: int, seed: int, count: int) -> Iterator[dict[str, Any]]:
    for place in range(count):
        with users_code(user_file):
            found = entry(subject, n, seed, place)
        yield found


def _require_possible(asked: Task[Any], n: int, count: int, form: str) -> None:
    if n < asked.least:
        raise InputError(f"--n {n}: expected at least {asked.least}")
    if not 0 <= count <= _MOST:
        raise InputError(f"--count {count}: expected 0 to {_MOST:,}")
    if n > _LARGEST:
        raise ResourceError(f"--n {in_words(n)}: an instance is made in memory; expected at most {_LARGEST:,}")
    if n * count > _MOST_TOKENS:
        raise ResourceError(
            f"--n and --count: {in_words(n * count)} tokens in all; at most {_MOST_TOKENS:,} are written"
        )
    if form not in ("jsonl", *asked.also_written):
        those = [name for name in TASKS if form in task_named(name).also_written]
        raise InputError(f"--format {form} is a form for {', '.join(those)} only, not for {asked.name}")


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
    return {**found, **subject.task.forms(instance, rng)}


def _drawn(subject: Construction, rng: np.random.Generator, n: int) -> Any:
    """Drawn until the size is n; about every second draw has it."""
    for _ in range(_MOST_DRAWS):
        instance = subject.task.sample(rng, n)
        if subject.task.length(instance) == n:
            return instance
    raise InputError(f"--n {n}: none of {_MOST_DRAWS:,} random instances of {subject.task.name} has this size")


def _line(found: dict[str, Any], form: str) -> str:
    return f"{found[form]}\n" if form in found else jsonlib.dumps(found, ensure_ascii=True) + "\n"
