"""``python -m tests.benchmarks.bench_sweeps``: inputs a second of exhaustive runs, three ways, interleaved.

The general loop and the loop made for one model run a shard as a sweep does, references and digests included; the
evaluator runs the same inputs by :func:`constructions.engine.decode_batch` or :func:`answer_grid`, without digests.

``python -m tests.benchmarks.bench_sweeps whole`` runs the reference sweep of the four retrieval tasks in one process,
once, 102 million inputs, and compares its certificates with the package's, byte for byte. Beside it stands what the
evaluator would take, by a shard of the largest size of each task, and by how much the sweep is faster.

``python -m tests.benchmarks.bench_sweeps cluster`` runs 32 shards on a dask cluster of 1, 2, 4 and 8 worker processes,
each once. There are fewer processors than workers, so seconds by the clock would say how many processors there are, not
what coordination costs. Counted is processor time, which does not pass while a process waits:

* *in shards*: what the threads of the workers took inside of :func:`proofs_check.sweeps.run_shards`;
* *in all*: what the processes of workers, scheduler and client took, from the first batch to the last.

The rest, 1 - (in shards) / (in all), went into everything but shards: messages, heart beats, the client's loop and its
files, that is into coordination. Not in it are the starts of the workers, which are told apart and happen once (all
have run a shard before), and time in which a worker has nothing to do; of that there is none as long as more batches
are given out than there are workers, and at the end at most the length of one batch. Part of it is heart beats and
the like, which go on while processes wait for a processor: on a busy machine the share grows with the time by the
clock. So what a worker took beside shards is also divided by that time and by the number of workers.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import distributed
import numpy as np
import psutil  # type: ignore[import-untyped]

import proofs_check.sweeps
from constructions.engine import _run_many, answer_grid, decode_batch
from constructions.tasks import RetrievalTask
from proofs_check._commands.sweeping import OUT_AT_ONCE
from proofs_check.evidence._inputs import prefix_ids
from proofs_check.sweeps import Job, dask, run_shard, run_shards, shard_size, sweep
from proofs_check.sweeps._job import Reader, reader_of

CASES = [("transformer/index", 6), ("transformer/c-gram", 5), ("transformer/counting", 6), ("transformer/istree", 4)]
COUNT, ROUNDS = 2**13, 5


def evaluator(reader: Reader, count: int) -> None:
    """Run the inputs of a shard on the evaluator, as batches."""
    model, question, asked = reader.model, reader.job.question, reader.job.asked
    if isinstance(asked, RetrievalTask):
        queries = asked.queries(question.n, question.alphabet)
        sequences = asked.sequences(question.n, question.alphabet, 0, count // len(queries) + 1)
        suffixes = queries + (model.vocabulary.first_number_id - model.vocabulary.low)
        with mock.patch.object(_run_many, "_by_loop", return_value=False):
            answer_grid(model, prefix_ids(model.vocabulary, sequences), suffixes)
        return
    block = reader.block(0, count)
    for length in np.unique(block.lengths).tolist():
        decode_batch(model, block.prompts[block.lengths == length, :length], max_tokens=reader.job.most)


CLUSTER, SHARDS, WORKERS = ("transformer/c-gram", 7), 32, (1, 2, 4, 8)
SERVICE = [
    sys.executable,
    "-m",
    "distributed.cli.dask_scheduler",
    "--host",
    "127.0.0.1",
    "--no-dashboard",
    "--port",
    "0",
]
WORKER = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard"]


class Costs(NamedTuple):
    """Processor seconds of a sweep, but for ``wall``, seconds by the clock; ``start``: of a worker before it."""

    shards: float
    workers: float
    scheduler: float
    client: float
    start: float
    wall: float
    inputs: int

    @property
    def all(self) -> float:
        """Of all processes."""
        return self.workers + self.scheduler + self.client


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """In a worker: what is computed, and the processor time of this thread for it."""
    began = time.thread_time()
    found = work(*arguments)
    return time.thread_time() - began, found


class Timed(Executor):
    """An executor that adds up the processor time of what it is given."""

    def __init__(self, executor: Executor) -> None:
        self._executor, self.seconds = executor, 0.0

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
        """Give work to the executor."""
        outer: Future[Any] = Future()

        def pass_on(inner: "Future[tuple[float, Any]]") -> None:
            took, found = inner.result()
            self.seconds += took
            outer.set_result(found)

        self._executor.submit(timed, work, *arguments).add_done_callback(pass_on)
        return outer


@contextmanager
def cluster(count: int) -> "Iterator[tuple[str, list[subprocess.Popen[bytes]]]]":
    """The address of a scheduler, and the processes: its own and those of so many workers."""
    with tempfile.TemporaryDirectory() as folder:
        file = ["--scheduler-file", f"{folder}/scheduler.json"]
        commands = [SERVICE, *([*WORKER, "--local-directory", folder] for _ in range(count))]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        running = [subprocess.Popen([*command, *file], env=environment, **quiet) for command in commands]  # type: ignore[call-overload]
        try:
            with distributed.Client(scheduler_file=file[1], timeout="120s", set_as_default=False) as client:  # type: ignore[no-untyped-call]
                client.wait_for_workers(count, timeout=120)
                job = Job.of(*CLUSTER)
                client.run(run_shards, job, [(0, shard_size(job))])  # compiles
                yield client.scheduler.address, running
        finally:
            for process in reversed(running):
                process.kill()
                process.wait()


def used(process: "subprocess.Popen[bytes] | psutil.Process") -> float:
    """Processor seconds so far of a process and of its children that have ended."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def costs(count: int) -> Costs:
    """Of a sweep by so many workers."""
    job, executors = Job.of(*CLUSTER), []
    with cluster(count) as (address, running), tempfile.TemporaryDirectory() as folder:

        @contextmanager
        def opened() -> Iterator[Executor]:
            with dask(address)() as executor:
                executors.append(Timed(executor))
                yield executors[-1]

        before, own, began = [used(process) for process in running], time.process_time(), time.perf_counter()
        outcome = sweep(job, folder, workers=opened, at_once=OUT_AT_ONCE, most_shards=SHARDS)
        assert (outcome.failure, outcome.shards) == (None, SHARDS)
        own, wall = time.process_time() - own, time.perf_counter() - began
        after = [used(process) for process in running]
    scheduler, *workers = [now - earlier for now, earlier in zip(after, before, strict=True)]
    start, seconds = statistics.mean(before[1:]), executors[0].seconds
    return Costs(seconds, sum(workers), scheduler, own, start, wall, outcome.inputs)


def scaling() -> None:
    """A line for each number of workers."""
    for count in WORKERS:
        shards, workers, scheduler, client, start, wall, inputs = found = costs(count)
        beside = 1000 * (workers - shards) / count / wall
        print(
            f"{count} workers: {inputs / workers:,.0f} inputs a second of a worker's processor; "
            f"{shards:.2f} s in shards, workers {workers:.2f} s, scheduler {scheduler:.2f} s, client {client:.2f} s: "
            f"{100 * (1 - shards / found.all):.1f} % coordination; {wall:.1f} s by the clock, in each of which a "
            f"worker took {beside:.0f} ms beside shards and the scheduler {1000 * scheduler / wall:.0f} ms; start of a "
            f"worker {start:.1f} s",
            flush=True,
        )


def whole() -> None:
    """A line for each of the four tasks, and one for all."""
    reference = Path(proofs_check.sweeps.__file__).parent / "reference"
    total = slow = 0.0
    for task in ("associative-recall", "c-gram", "counting", "index"):
        began, inputs = used(psutil.Process()), 0
        for n in range(1, 8):
            with tempfile.TemporaryDirectory() as folder:
                certificate = sweep(job := Job.of(f"transformer/{task}", n), folder).certificate
                assert certificate is not None
                assert certificate.read_bytes() == (reference / f"transformer-{task}-{n}.json").read_bytes()
            inputs += job.inputs
        took, reader = used(psutil.Process()) - began, reader_of(job)
        evaluator(reader, COUNT)
        began = time.process_time()
        evaluator(reader, COUNT)
        plain = (time.process_time() - began) / COUNT * inputs
        total, slow = total + took, slow + plain
        print(f"{task}: {inputs:,} inputs, {took:.1f} s; the evaluator would take {plain:,.0f} s", flush=True)
    print(f"all: {total:.1f} s of processor time, {slow / total:.1f} times as fast as the evaluator")


def main() -> None:
    """A line for each construction."""
    for name, n in CASES:
        job = Job.of(name, n)
        reader, count = reader_of(job), min(COUNT, job.inputs)
        ways: dict[str, Callable[[], object]] = {
            "evaluator": lambda r=reader, c=count: evaluator(r, c),  # type: ignore[misc]
            "general loop": lambda j=job, c=count: run_shard(j, 0, c, long=False),  # type: ignore[misc]
            "loop for the model": lambda j=job, c=count: run_shard(j, 0, c, long=True),  # type: ignore[misc]
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for call in ways.values():
            call()  # compiles
        for _ in range(ROUNDS):
            for way, call in ways.items():
                began = time.process_time()
                call()
                taken[way].append(time.process_time() - began)
        middle = {way: statistics.median(times) for way, times in taken.items()}
        words = ", ".join(f"{way} {count / seconds:,.0f}/s" for way, seconds in middle.items())
        ratios = [middle["evaluator"] / middle[way] for way in ("general loop", "loop for the model")]
        print(f"{name}, n = {n}: {words}; {ratios[0]:.1f} and {ratios[1]:.1f} times the evaluator", flush=True)


if __name__ == "__main__":
    {"cluster": scaling, "whole": whole}[sys.argv[1]]() if sys.argv[1:] else main()
