"""``generate``: seeded instances with answers and transcripts, one JSON line for each, for people who train models."""

import json as jsonlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from constructions.errors import InputError, ResourceError, in_words
from constructions.tasks import TASKS, Task
from constructions.tasks import task as task_named
from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, Construction, users_code
from proofs_check._atomic_write import write_text
from proofs_check._commands._options import Named
from proofs_check._commands._shared import print_json

_MOST, _MOST_DRAWS = 10_000_000, 10_000

_USUAL = "transformer"
"""The family whose prompts and transcripts are written unless another is asked for."""

_LARGEST, _MOST_TOKENS = 1_000_000, 1_000_000_000
"""An instance has at most so many tokens or nodes, and all of them together."""


class Asked(NamedTuple):
    """What is asked of every instance: the options of the command.

    Attributes:
        n: the size, and ``seed`` that of all random choices.
        kind: of instance, one of the task's ``kinds``; the usual one if None.
        form: ``jsonl``, or one of the forms that the task is ``also_written`` in, as its ``authors`` write it or not.
    """

    n: int
    seed: int
    kind: str | None = None
    form: str = "jsonl"
    authors: bool = False


def generate(named: Named, family: str | None, asked: Asked, count: int, out: Path | None, json: bool) -> int:
    """Write the instances of a task, by the name of which something is named; 0 when it is done."""
    subject = _subject(named, family)
    _require_possible(subject.task, asked, count)
    _require_meaning(subject.task, named, family, asked)
    asked = asked._replace(kind=_kind(subject.task, asked))
    entries = _entries(subject, named.user_file, asked, count)
    document: dict[str, Any] = {
        "task": subject.task.name,
        "n": asked.n,
        "seed": asked.seed,
        "construction": subject.name,
        "count": count,
    }
    if asked.kind is not None:
        document["graphs"] = asked.kind
    if out is not None:
        write_text(out, "".join(_line(found, asked.form) for found in entries))
        if json:
            print_json({**document, "out": str(out)})
    elif json:
        print_json({**document, "instances": list(entries)})
    else:
        sys.stdout.writelines(_line(found, asked.form) for found in entries)
    return 0


def _subject(named: Named, family: str | None) -> Construction:
    """The construction of the task that belongs to the family; the user's own, or the only one, of its family."""
    if named.user_file is not None:
        return named.chosen()
    name = task_named(named.name or "").name
    those = [other.partition("/")[0] for other in CONSTRUCTIONS | NEIGHBOURING if other.partition("/")[2] == name]
    if (family or _USUAL) not in those:
        raise InputError(f"--family {family or _USUAL}: {name} has constructions in {', '.join(those)}")
    return named._replace(name=f"{family or _USUAL}/{name}").chosen()


def _kind(task: Task[Any], asked: Asked) -> str | None:
    """The kind that is asked for; else the usual one of those that exist at this size."""
    least = dict(task.kinds)
    if asked.kind is None:
        return next((kind for kind in least if asked.n >= least[kind]), None)
    if asked.kind not in least:
        those = [name for name in TASKS if asked.kind in dict(task_named(name).kinds)]
        raise InputError(f"--graphs {asked.kind} is a kind of instances of {', '.join(those)} only, not of {task.name}")
    if asked.n < least[asked.kind]:
        raise InputError(
            f"--n {asked.n}: expected at least {least[asked.kind]}, as smaller --graphs {asked.kind} are trees"
        )
    return asked.kind


def _require_meaning(task: Task[Any], named: Named, family: str | None, asked: Asked) -> None:
    """No option may be given that changes nothing."""
    if asked.form not in ("jsonl", *task.also_written):
        those = [name for name in TASKS if asked.form in task_named(name).also_written]
        raise InputError(f"--format {asked.form} is a form for {', '.join(those)} only, not for {task.name}")
    if family is not None and named.user_file is not None:
        raise InputError(f"--family {family}: the construction of --construction is of its own family; leave it out")
    if family is not None and asked.form != "jsonl":
        raise InputError(f"--family {family}: the lines of --format {asked.form} are of no family; leave it out")
    if asked.authors and asked.form == "jsonl":
        raise InputError("--authors: is about --format paper, paper-retrieval and paper-direct; leave it out")


def _entries(subject: Construction, user_file: str | None, asked: Asked, count: int) -> Iterator[dict[str, Any]]:
    for place in range(count):
        with users_code(user_file):
            found = _entry(subject, asked, place)
        yield found


def _require_possible(task: Task[Any], asked: Asked, count: int) -> None:
    n = asked.n
    if n < task.least:
        raise InputError(f"--n {n}: expected at least {task.least}")
    if not 0 <= count <= _MOST:
        raise InputError(f"--count {count}: expected 0 to {_MOST:,}")
    if n > _LARGEST:
        raise ResourceError(f"--n {in_words(n)}: an instance is made in memory; expected at most {_LARGEST:,}")
    if n * count > _MOST_TOKENS:
        raise ResourceError(
            f"--n and --count: {in_words(n * count)} tokens in all; at most {_MOST_TOKENS:,} are written"
        )


def _entry(subject: Construction, asked: Asked, place: int) -> dict[str, Any]:
    """One instance of exactly the size n: its text, what a model reads and must write, the answer.

    It depends on seed and place alone, so more instances with the same seed begin with the same ones.
    """
    rng = np.random.default_rng([asked.seed, place])
    instance = _drawn(subject.task, rng, asked)
    size = max(asked.n, subject.size_for(instance))
    found = {
        "task": subject.task.name,
        "n": asked.n,
        "input": subject.task.text(instance),
        "prompt": list(subject.reads(instance)),
        "transcript": list(subject.expected(instance, size)),
        "answer": subject.task.answer(instance),
    }
    if asked.form != "jsonl":
        found[asked.form] = subject.task.form(instance, rng, asked.form, authors=asked.authors)
    return found


def _drawn(task: Task[Any], rng: np.random.Generator, asked: Asked) -> Any:
    """Drawn until the size is n; about every second draw has it."""
    for _ in range(_MOST_DRAWS):
        instance = task.sample(rng, asked.n) if asked.kind is None else task.draw(rng, asked.n, asked.kind)
        if task.length(instance) == asked.n:
            return instance
    raise InputError(f"--n {asked.n}: none of {_MOST_DRAWS:,} random instances of {task.name} has this size")


def _line(found: dict[str, Any], form: str) -> str:
    return f"{found[form]}\n" if form in found else jsonlib.dumps(found, ensure_ascii=True) + "\n"
