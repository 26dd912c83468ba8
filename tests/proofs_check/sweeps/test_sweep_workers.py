"""Real processes, killed by SIGKILL, and a real dask cluster; the command line."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import distributed
import pytest

from constructions.errors import InputError
from proofs_check.cli import main
from proofs_check.kernel import check
from proofs_check.sweeps import Job, dask, processes, sweep
from proofs_check.sweeps._workers import Pool

ROOT = Path(__file__).resolve().parents[3]
JOB = Job.of("transformer/c-gram", 4)
"""256 sequences with 16 queries each, 86 shards of 48."""

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The certificate of a run that nothing interrupted, in one process."""
    directory = tmp_path_factory.mktemp("whole")
    assert sweep(JOB, directory, workers=processes(1), shard=48).verdict == "VERIFIED"
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
    assert sweep(JOB, state, workers=processes(1), shard=48).verdict == "VERIFIED"
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
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.filterwarnings("ignore")  # dask's own, when its event loops close
def test_a_dask_cluster_gives_the_same_certificate(
    tmp_path: Path, whole: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the library and by the command line, on one worker that computes in a thread and talks over TCP."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp://", silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address
        assert sweep(JOB, tmp_path / "a", workers=dask(address), shard=48, at_once=8).verdict == "VERIFIED"
        arguments = ["sweep", "transformer/index", "--n", "3", "--state", str(tmp_path / "b"), "--dask", address]
        with pytest.raises(SystemExit) as code:
            main([*arguments, "--json"])
    assert code.value.code == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "VERIFIED"
    assert (tmp_path / "a" / "certificate.json").read_bytes() == whole
    assert check((tmp_path / "b" / "certificate.json").read_bytes()).word == "VERIFIED"


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
