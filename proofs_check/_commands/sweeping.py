"""``sweep``: an exhaustive run in shards."""

import time
from pathlib import Path
from typing import NamedTuple

from constructions.errors import counted
from constructions.gallery import PREFIX, reference_of, shown_name
from constructions.theorems import users_code
from proofs_check._commands._ending import EXIT
from proofs_check._commands._options import Named
from proofs_check._commands._progress import write_anew
from proofs_check._commands._shared import clear_progress, print_json, refuse, shows_progress
from proofs_check.sweeps import Job, Outcome, Progress, dask, processes, sweep, usable_processors

OUT_AT_ONCE = 1024
"""Batches that a cluster has at a time, for its scheduler to deal out as workers come and go."""


class Pool(NamedTuple):
    """Who runs the shards: so many processes, or the dask cluster at an address; and where to stop."""

    workers: int | None
    address: str | None
    most_shards: int | None


def run(named: Named, n: int, alphabet: int | None, family: str | None, state: Path, pool: Pool, json: bool) -> int:
    """Run or resume the sweep and print what came of it."""
    address = pool.address
    if address is not None:
        refuse("does nothing beside --dask: the cluster has its own workers", workers=pool.workers)
    named.chosen()  # says what is wrong with the options
    name = named.user_file or named.name or ""
    name = reference_of(name) if name.startswith(PREFIX) else name
    with users_code(named.user_file):
        job = Job.of(name, n, alphabet, named.c, family)
    name = shown_name(name)
    count = pool.workers or usable_processors()
    opened = processes(count) if address is None else dask(address)
    at_once = 2 * count if address is None else OUT_AT_ONCE
    try:
        outcome = sweep(
            job,
            state,
            workers=opened,
            at_once=at_once,
            most_shards=pool.most_shards,
            progress=_progress_on_terminal(name),
        )
    finally:
        clear_progress()
    if json:
        print_json(_document(name, job, outcome))
    else:
        print(_text(name, job, outcome))
    return EXIT[outcome.verdict]


def _progress_on_terminal(name: str) -> Progress | None:
    """A line on standard error with rate and time left, if that is a terminal."""
    if not shows_progress():
        return None
    shown = 0.0

    def show(done: int, total: int, rate: float | None) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= 0.1:
            shown = now
            write_anew(progress_line(name, done, total, rate))

    return show


def progress_line(name: str, done: int, total: int, rate: float | None) -> str:
    """The progress as ``transformer/index: 50 of 100 inputs (50.0 %), 10 inputs/s, 5 s left``."""
    line = f"{name}: {done:,} of {total:,} inputs ({100 * done / total:.1f} %)"
    if not rate:
        return line
    seconds = round((total - done) / rate)
    hours, minutes = divmod(seconds // 60, 60)
    left = f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
    return f"{line}, {rate:,.0f} inputs/s, {left} left"


def _document(name: str, job: Job, outcome: Outcome) -> dict[str, object]:
    failure = outcome.failure
    return {
        "verdict": outcome.verdict,
        "construction": name,
        "n": job.question.n,
        "alphabet": job.question.alphabet or None,
        "c": job.question.c,
        "family": job.family,
        "inputs": outcome.inputs,
        "total": outcome.total,
        "refuted": outcome.refuted,
        "complete": outcome.complete,
        "shards": outcome.shards,
        "worker_seconds": round(outcome.seconds, 3),
        "certificate": None if outcome.certificate is None else str(outcome.certificate),
        "counterexample": None
        if failure is None
        else {
            "rank": failure.rank,
            "input": failure.input,
            "expected": list(failure.expected),
            "written": list(failure.written),
        },
    }


def _text(name: str, job: Job, outcome: Outcome) -> str:
    letters = f", alphabet {job.question.alphabet}" if job.question.alphabet else ""
    what = f"{name}, n = {job.question.n}{letters}, {job.family}"
    done = f"{outcome.inputs:,} of {outcome.total:,} inputs in {counted(outcome.shards, 'shard')}"
    took = f"{outcome.seconds:,.1f} s of work"
    if outcome.failure is not None:
        failure = outcome.failure
        return (
            f"REFUTED  {what}: on input {failure.input!r} it writes {' '.join(failure.written)!r} instead of "
            f"{' '.join(failure.expected)!r} (found at rank {failure.rank:,}; {done} were run)"
        )
    if not outcome.complete:
        return f"INCOMPLETE  {what}: {done}, all right so far; {took}. Run the same command to go on."
    certificate = outcome.certificate or f"none, since the kernel has no reference for {job.question.task}"
    return f"VERIFIED  {what}: right on all {outcome.total:,} inputs, {took}\n  certificate: {certificate}"
