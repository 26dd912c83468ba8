"""Real processes, killed by SIGKILL, those of a dask cluster, too; the command line."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import distributed
import pytest

from constructions.errors import InputError
from proofs_check.cli import main
from proofs_check.sweeps import Job, _sweep, dask, processes, sweep
from proofs_check.sweeps._workers import Pool

ROOT = Path(__file__).resolve().parents[3]
JOB = Job.of("transformer/c-gram", 4)
"""256 sequences with 16 queries each, 86 shards of 48."""

here = partial(ThreadPoolExecutor, 1)
"""A thread of this process."""

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The certificate of a run that nothing interrupted, in this process."""
    directory = tmp_path_factory.mktemp("whole")
    assert sweep(JOB, directory, workers=here, shard=48).verdict == "VERIFIED"
    return (directory / "certificate.json").read_bytes()


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path, whole: bytes) -> None:
    killed: list[multiprocessing.process.BaseProcess] = []

    def kill_one(done: int, total: int, rate: float | None) -> None:
        if done and not killed:
            killed.append(multiprocessing.active_children()[0])
            os.kill(killed[0].pid or 0, KILL)

    outcome = sweep(JOB, tmp_path, workers=processes(2), shard=48, at_once=2, progress=kill_one)
    assert (outcome.verdict, outcome.inputs, outcome.shards) == ("VERIFIED", JOB.inputs, 86)
    assert len(killed) == 1
    assert not killed[0].is_alive()
    assert (tmp_path / "certificate.json").read_bytes() == whole


_SCRIPT = """
import sys
import time
from proofs_check.sweeps import Job, _sweep, processes, sweep

def hold(done, total, rate):
    while done >= 2 * 48:
        time.sleep(1)

if __name__ == "__main__":
    _sweep.SHORTEST_BATCH = 0
    sweep(Job.of("transformer/c-gram", 4), sys.argv[1], workers=processes(2), shard=48, at_once=8, progress=hold)
"""
"""Holds when two shards are done and its workers have more, until it is killed, however late that is."""


def test_a_run_that_is_killed_resumes(tmp_path: Path, whole: bytes) -> None:
    """The process gets SIGKILL in the middle; its workers end with it, where that can be seen (in /proc)."""
    script = tmp_path / "run.py"
    script.write_text(_SCRIPT)
    state = tmp_path / "state"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen([sys.executable, str(script), str(state)], env=environment)
    try:
        _wait_for(lambda: len(list(state.glob("shard-*.json"))) >= 2, started)
        children = _children(started.pid)
        assert children or not Path("/proc").is_dir()
        os.kill(started.pid, KILL)
        started.wait(600)
    finally:
        started.kill()
    deadline = time.monotonic() + 600
    while any(Path(f"/proc/{child}/stat").exists() and _state(child) != "Z" for child in children):
        assert time.monotonic() < deadline, "a worker outlives its run"
        time.sleep(0.05)
    done = {path.name: path.read_bytes() for path in state.glob("shard-*.json")}
    assert 2 <= len(done) <= 1 + 8
    assert not (state / "certificate.json").exists()
    assert sweep(JOB, state, workers=here, shard=48).verdict == "VERIFIED"
    assert {name: (state / name).read_bytes() for name in done} == done  # what was done is not done again
    assert (state / "certificate.json").read_bytes() == whole


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _wait_for(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 600
    while not condition():
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.005)


class _Cluster:
    """A dask scheduler and workers, each a process of its own that is started by dask's command line."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        _wait_for(self._file.exists, scheduler)
        self.address: str = json.loads(self._file.read_text())["address"]

    def _start(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        started = subprocess.Popen(
            [*command, "--scheduler-file", str(self._file)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._processes.append(started)
        return started

    def join(self, *names: str) -> "list[subprocess.Popen[bytes]]":
        """Start workers, without a nanny that would start them again, and wait until the scheduler knows them."""
        place = str(self._file.parent)
        given = ("--no-nanny", "--nthreads", "1", "--local-directory", place)
        started = [self._start("dask_worker", *given, "--name", name) for name in names]
        with distributed.Client(self.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            for name, process in zip(names, started, strict=True):
                _wait_for(lambda name=name: name in self._names(client), process)  # type: ignore[misc]
        return started

    @staticmethod
    def _names(client: distributed.Client) -> set[str]:
        return {worker["name"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()}

    def close(self) -> None:
        """End all that runs."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[_Cluster]:
    """A scheduler without workers."""
    made = _Cluster(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.filterwarnings("ignore")  # dask's own, when its event loops close
def test_workers_of_a_dask_cluster_die_and_others_join(
    cluster: _Cluster, tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All workers of the beginning are killed, the last when shards are left that were given to nobody.

    The progress is told in the loop that gives out shards, so nothing is given out while workers come and go: at most
    ``at_once`` shards are on their way then, and the rest is run by the worker that joined.
    """
    monkeypatch.setattr(_sweep, "SHORTEST_BATCH", 0)  # one shard at a time
    first = cluster.join("a", "b")
    left: list[int] = []

    def come_and_go(done: int, total: int, rate: float | None) -> None:
        if first and done >= 48 * (6 if len(first) == 2 else 12):
            if len(first) == 1:
                left.append(total - done)
                cluster.join("c")
            killed = first.pop()
            os.kill(killed.pid, KILL)
            killed.wait(600)

    outcome = sweep(JOB, tmp_path / "a", workers=dask(cluster.address), shard=48, at_once=4, progress=come_and_go)
    assert (outcome.verdict, outcome.inputs, outcome.shards, first) == ("VERIFIED", JOB.inputs, 86, [])
    assert left[0] > 4 * 48
    assert (tmp_path / "a" / "certificate.json").read_bytes() == whole
    arguments = ["sweep", "transformer/index", "--n", "3", "--state", str(tmp_path / "b"), "--dask", cluster.address]
    with pytest.raises(SystemExit) as code:
        main([*arguments, "--json"])
    assert code.value.code == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "VERIFIED"
    shipped = Path(str(_sweep.__file__)).parent / "reference" / "transformer-index-3.json"
    assert (tmp_path / "b" / "certificate.json").read_bytes() == shipped.read_bytes()


@pytest.mark.slow
def test_a_dask_cluster_that_changes_all_the_time_gives_the_certificate_that_is_shipped(
    cluster: _Cluster, tmp_path: Path
) -> None:
    """42 million inputs by the command line; every few seconds a worker is killed and another one joins."""
    workers, state = cluster.join("w0", "w1"), tmp_path / "state"
    command = [sys.executable, "-m", "proofs_check", "sweep", "transformer/c-gram", "--n", "7", "--state", str(state)]
    run = subprocess.Popen([*command, "--dask", cluster.address], cwd=ROOT)
    try:
        for turn in range(2, 5):
            held = len(list(state.glob("shard-*.json")))
            _wait_for(lambda held=held: len(list(state.glob("shard-*.json"))) > held + 5, run)  # type: ignore[misc]
            os.kill(workers.pop(0).pid, KILL)
            workers += cluster.join(f"w{turn}")
        assert run.poll() is None  # none came too late
        assert run.wait(3600) == 0
    finally:
        run.kill()
        run.wait()
    shipped = Path(str(_sweep.__file__)).parent / "reference" / "transformer-c-gram-7.json"
    assert (state / "certificate.json").read_bytes() == shipped.read_bytes()


def test_an_address_where_nothing_answers_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no dask scheduler answers at 'nonsense://there'"):
        sweep(JOB, tmp_path, workers=dask("nonsense://there"))


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["sweep", "transformer/associative-recall", "--n", "3", "--state", str(tmp_path), "--workers", "1"]
    with pytest.raises(SystemExit) as code:
        main([*arguments, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code.value.code == 0
    expected = {"verdict": "VERIFIED", "inputs": 81, "total": 81, "refuted": 0, "complete": True, "shards": 1}
    assert {key: document[key] for key in expected} == expected
    with pytest.raises(SystemExit):
        main(arguments)  # nothing is left to do: no process is started
    assert capsys.readouterr().out.startswith(
        "VERIFIED  transformer/associative-recall, n = 3, alphabet 3, words: right"
    )
    with pytest.raises(SystemExit) as code:
        main(["sweep", "transformer/index", "--n", "3", "--state", str(tmp_path)])
    assert code.value.code == 2
    assert "holds the state of another sweep" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are sent to a thread")
def test_an_interrupt_waits_until_a_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever thread receives it: a process that has not got all it is sent would print a traceback."""
    started: list[bool] = []
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()

    def start(_pool: ProcessPoolExecutor, _work: object) -> Future[None]:
        assert other.ident is not None
        signal.pthread_kill(other.ident, signal.SIGINT)
        time.sleep(0.1)  # Python answers between two of its instructions
        started.append(True)
        return Future()

    monkeypatch.setattr(ProcessPoolExecutor, "submit", start)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            Pool(1).submit(int)
    finally:
        over.set()
        other.join()
    assert started
    assert signal.getsignal(signal.SIGINT) is before
