"""A sweep: all shards by the workers of an executor, resumed where it was left, and the certificate at the end."""

import itertools
import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from constructions.errors import ResourceError
from proofs_check.certificates import save
from proofs_check.certificates import sweep as sweep_certificate
from proofs_check.sweeps._job import LISTED, Job
from proofs_check.sweeps._shards import Failure, Shard, run_shards
from proofs_check.sweeps._state import State
from proofs_check.sweeps._workers import Workers, processes

Progress = Callable[[int, int, float | None], None]
"""Called with inputs done, inputs in all, and inputs a second since the start, None before there is a rate."""

SHORTEST_BATCH = 0.1
"""Seconds: shards that take less are sent several at a time."""

_USUAL_BATCH = 0.25
_MOST_IN_A_BATCH = 1000
_MOST_BREAKS = 5

CERTIFICATE = "certificate.json"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a sweep.

    ``inputs`` of ``total`` were run, ``refuted`` of which are known to be wrong (a sweep stops at the first).
    ``seconds`` is the time that the workers took for all shards, those of earlier runs included.
    """

    total: int
    inputs: int
    shards: int
    seconds: float
    failure: Failure | None = None
    certificate: Path | None = None

    @property
    def complete(self) -> bool:
        """Whether every input was run."""
        return self.inputs == self.total

    @property
    def refuted(self) -> int:
        """How many inputs are known to be wrong."""
        return int(self.failure is not None)

    @property
    def verdict(self) -> str:
        """VERIFIED, REFUTED, or INCOMPLETE if inputs are left."""
        return "REFUTED" if self.failure is not None else "VERIFIED" if self.complete else "INCOMPLETE"


@dataclass
class _Running:
    """What is on its way: futures with their shards, and how long a shard takes."""

    state: State
    done: dict[int, Shard]
    most: int | None
    futures: dict[Future[list[Shard]], tuple[int, ...]] = field(default_factory=dict)
    shard_seconds: float | None = None
    breaks: int = 0

    def waiting(self) -> Iterator[int]:
        """Places of shards that nobody works on, in order."""
        taken = {place for places in self.futures.values() for place in places}
        return (place for place in range(self.state.count) if place not in self.done and place not in taken)

    def batch(self, source: Iterator[int], room: int | None) -> tuple[int, ...]:
        """The next shards to send together, so that a batch takes long enough."""
        size = 1
        if self.shard_seconds is not None and self.shard_seconds < SHORTEST_BATCH:
            size = min(_MOST_IN_A_BATCH, math.ceil(_USUAL_BATCH / max(self.shard_seconds, 1e-6)))
        if room is not None:
            size = min(size, room)
        return tuple(itertools.islice(source, size))


def sweep(
    job: Job,
    directory: str | Path,
    *,
    workers: Workers | None = None,
    at_once: int = 4,
    shard: int | None = None,
    most_shards: int | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Run all shards of a job that are not done yet; write the certificate when none is left.

    Args:
        job: what to run.
        directory: holds the state; the same job resumes there.
        workers: opens the executor; one process unless given.
        at_once: how many batches are given out at a time, twice the number of workers say.
        shard: inputs of a shard, for a new state; fixed by the job unless given.
        most_shards: stop after so many.
        progress: told what is done.

    Raises:
        InputError: if the directory cannot be written to or belongs to another job; the state stays valid.
        ResourceError: if workers die again and again.
    """
    state = State(directory, job, shard)
    done = state.done()
    running = _Running(state, done, None if most_shards is None else len(done) + most_shards)
    known = _first_failure(done)
    if known is None and len(done) < state.count and most_shards != 0:
        _run(running, workers or processes(1), at_once, _Rate(state, done, progress))
    return _outcome(state, done)


class _Rate:
    """Tells progress how many inputs are done, and how many a second."""

    def __init__(self, state: State, done: dict[int, Shard], progress: Progress | None) -> None:
        self._state, self._done, self._progress = state, done, progress
        self._began, self._before = time.monotonic(), sum(shard.inputs for shard in done.values())

    def __call__(self) -> None:
        if self._progress is not None:
            inputs, took = sum(shard.inputs for shard in self._done.values()), time.monotonic() - self._began
            rate = (inputs - self._before) / took if inputs > self._before and took > 0 else None
            self._progress(inputs, self._state.job.inputs, rate)


def _run(running: _Running, workers: Workers, at_once: int, tell: Callable[[], None]) -> None:
    """Until no shard is left, one fails, or the most that were asked for are done."""
    finished = False
    while not finished:
        running.futures.clear()
        opened: AbstractContextManager[Executor] = workers()
        with opened as executor:
            try:
                finished = _feed(running, executor, at_once, tell)
            except (BrokenExecutor, CancelledError) as error:
                running.breaks += 1
                if running.breaks >= _MOST_BREAKS:
                    raise ResourceError(
                        f"workers died {running.breaks} times without finishing a shard; what is done is kept in "
                        f"{running.state.directory} ({error or type(error).__name__})"
                    ) from error


def _feed(running: _Running, executor: Executor, at_once: int, tell: Callable[[], None]) -> bool:
    """Give out batches and take in shards; True when there is nothing left to do."""
    state, done = running.state, running.done
    tell()
    while True:
        source = running.waiting()
        while len(running.futures) < at_once:
            busy = sum(map(len, running.futures.values()))
            room = None if running.most is None else running.most - len(done) - busy
            places = running.batch(source, room)
            if not places:
                break
            running.futures[executor.submit(run_shards, state.job, [state.range(p) for p in places])] = places
        if not running.futures:
            return True
        ready, _ = wait(running.futures, return_when=FIRST_COMPLETED)
        for future in ready:
            shards = _result(future)
            places = running.futures.pop(future)
            for place, shard in zip(places, shards, strict=False):
                state.save(place, shard)
                done[place] = shard
                running.breaks = 0
                running.shard_seconds = shard.seconds
            if any(shard.failure is not None for shard in shards):
                return True
        tell()


def _result(future: Future[list[Shard]]) -> list[Shard]:
    """The shards of a batch; dask's error for a worker that died becomes that of a broken executor."""
    error = future.exception()
    if error is not None and type(error).__name__ == "KilledWorker":
        raise BrokenExecutor(str(error)) from error
    return future.result()


def _first_failure(done: dict[int, Shard]) -> Failure | None:
    return next((done[place].failure for place in sorted(done) if done[place].failure is not None), None)


def _outcome(state: State, done: dict[int, Shard]) -> Outcome:
    """The outcome; of a complete sweep without a failure also the certificate, if the kernel knows the task."""
    inputs, seconds = sum(shard.inputs for shard in done.values()), sum(shard.seconds for shard in done.values())
    outcome = Outcome(state.job.inputs, inputs, len(done), seconds, _first_failure(done))
    if outcome.verdict != "VERIFIED" or state.job.family == LISTED:
        return outcome
    path = state.directory / CERTIFICATE
    save(certificate_of(state.job, [done[place] for place in range(state.count)]), path)
    return replace(outcome, certificate=path)


def certificate_of(job: Job, shards: list[Shard]) -> dict[str, Any]:
    """The certificate of a complete sweep."""
    run = {"model": json.loads(job.model), "inputs": job.inputs, "longest_output": max(s.longest for s in shards)}
    return sweep_certificate({**job.fields(), **run}, [(s.first, s.count, s.digest) for s in shards])
