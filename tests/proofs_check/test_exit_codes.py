"""Exit codes of real processes: 1 is for REFUTED and REJECTED alone, and every other ending has its own."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proofs_check._commands._ending import ENDINGS, EXIT
from proofs_check.sweeps import Job, sweep
from tests import forked

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "proofs_check"]
TREE = ["run", "transformer/istree", "1-2 2-3"]
FULL = "/dev/full"


def ended(
    arguments: list[str], *, before: Callable[[], None] | None = None, stdout: object = None, **environment: str
) -> tuple[int, str]:
    """Exit code and standard error of a command in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL if stdout is None else stdout,  # type: ignore[call-overload]
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
    )
    return done.returncode, done.stderr


def test_every_ending_has_a_code_of_its_own_and_1_is_for_two_verdicts() -> None:
    codes = [code for code, _, _ in ENDINGS]
    assert len(set(codes)) == len(codes)
    assert [verdict for verdict, code in EXIT.items() if code == 1] == ["REFUTED", "REJECTED"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [TREE, [*TREE, "--json"], ["list"], ["--help"]], ids=" ".join)
def test_standard_output_that_is_full(arguments: list[str]) -> None:
    done = forked.run(forked.COMMAND, *arguments, streams={1: FULL})
    assert done == (5, "", "retrieval-gap: cannot write: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [["mutations", "transformer/index:1:2"], ["sweeps", "CERTIFICATE"]], ids=" ".join)
def test_standard_output_of_other_tables_that_is_full(arguments: list[str], tmp_path: Path) -> None:
    if "CERTIFICATE" in arguments:
        assert (
            sweep(Job.of("transformer/index", 3), tmp_path, workers=lambda: ThreadPoolExecutor(1)).verdict == "VERIFIED"
        )
    module, argument = arguments[0], arguments[1].replace("CERTIFICATE", str(tmp_path / "certificate.json"))
    program = f"import runpy; runpy.run_module('proofs_check.{module}', run_name='__main__')"
    done = forked.run(program, argument, streams={1: FULL})
    assert done == (5, "", "retrieval-gap: cannot write: No space left on device\n")
    done = forked.run(program, "nowhere")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("arguments", [TREE, ["--help"], ["verify", "9.9"]], ids=" ".join)
def test_standard_output_that_is_closed(arguments: list[str]) -> None:
    assert ended(arguments, before=lambda: os.close(1)) == (5, "retrieval-gap: standard output is closed\n")


def test_standard_output_that_can_only_be_read() -> None:
    with open(os.devnull) as nothing:
        code, err = ended(TREE, stdout=nothing)
    assert (code, err) == (5, "retrieval-gap: cannot write: Bad file descriptor\n")


def test_everything_that_is_closed() -> None:
    def close() -> None:
        os.close(1)
        os.close(2)

    assert ended(TREE, before=close) == (5, "")


def test_standard_error_that_is_closed_or_full_changes_no_code() -> None:
    assert ended(["verify", "9.9"], before=lambda: os.close(2)) == (2, "")
    for arguments, code in ((["verify", "9.9"], 2), (TREE, 0)):
        assert forked.run(forked.COMMAND, *arguments, streams={2: FULL}).returncode == code


LITTLE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
# Python 3.11 would leave the first bytes of what it compiles, and the next process that imports it would fail.
sys.dont_write_bytecode = True
"""


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Files of this process may have 512 bytes at most, which the system answers like a full disk."""
    out = tmp_path / "instances.jsonl"
    out.write_text("older\n")
    arguments = ["generate", "istree", "--n", "80", "--count", "5", "--out", str(out)]
    done = forked.run(LITTLE + forked.COMMAND, *arguments)
    assert done == (5, "", f"retrieval-gap: cannot write {out}: File too large\n")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["older\n"]


def test_a_place_that_is_wrong_is_bad_input(tmp_path: Path) -> None:
    arguments = ["generate", "istree", "--n", "4", "--count", "1", "--out", str(tmp_path / "no" / "where")]
    assert forked.run(forked.COMMAND, *arguments).returncode == 2


@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_pipe_that_nobody_reads(buffered: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "generate", "istree", "--n", "100", "--count", "100"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": buffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(5)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


SEVERAL = """
import sys
from proofs_check.cli import main

sys.stdout.reconfigure(encoding={encoding!r})  # as PYTHONIOENCODING does
for place, arguments in enumerate({commands}):
    print(end=place and "\\0" or "")
    try:
        main(arguments)
    except SystemExit as ended:
        assert ended.code == 0
"""
"""Runs commands one after the other, a zero byte between what they print."""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_an_encoding_cannot_print_is_written_as_an_escape(encoding: str) -> None:
    graph = "\u0101-\u03c8"
    run = ["run", "transformer/istree", graph]
    commands = [run, [*run, "--json"], ["explain", "transformer/istree", graph, "--format", "html"]]
    done = forked.run(SEVERAL.format(encoding=encoding, commands=commands))
    assert (done.returncode, done.stderr) == (0, "")
    text, document, page = done.stdout.split("\0")
    assert text == "\\u03c8 \\u0101 \\u03c8 YES\nanswer: YES\n"
    assert json.loads(document)["tokens"][0] == "\u03c8"
    assert "\u03c8" in page


def test_an_exception_in_a_users_file_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("import sys\n\n\ndef raises(*_):\n    return {}['key']\n\n\ndef leaves(*_):\n    sys.exit(0)\n")
    for arguments in (["run", "1 ? 1", "--construction"], ["verify", "--construction"]):
        code, _, err = forked.run(forked.COMMAND, *arguments, f"{file}:raises")
        assert (code, err) == (4, f"retrieval-gap: {file}, line 5, raised KeyError: 'key'\n")
        code, _, err = forked.run(forked.COMMAND, *arguments, f"{file}:leaves")
        assert (code, err) == (4, f"retrieval-gap: {file}, line 9, raised SystemExit: 0\n")
    code, _, err = forked.run(forked.COMMAND, "refute", f"{file}:raises", "--task", "index", "--n", "3")
    assert code == 4
    assert "raised KeyError: 'key' for n = 3" in err


FAULT = """
import sys
import proofs_check._commands.{module} as module
from proofs_check.cli import main

def faulty(*_, **__):
    raise {error}

module.{function} = faulty
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("error", "code", "last"),
    [
        (
            "AssertionError('never')",
            70,
            "unexpected AssertionError in <string>, line 7, a fault of this program: never",
        ),
        (
            "OSError(2, 'No such file')",
            70,
            "unexpected FileNotFoundError in <string>, line 7, a fault of this program: [",
        ),
        ("RecursionError('deep')", 70, "unexpected RecursionError in <string>, line 7, a fault of this program: deep"),
        ("'\\xfc'.encode('ascii') and None", 70, "unexpected UnicodeEncodeError in <string>, line 7, a fault of this"),
        ("KeyboardInterrupt", 130, "interrupted"),
    ],
)
def test_a_fault_of_ours_has_its_own_code_and_a_traceback_if_asked(
    error: str, code: int, last: str, tmp_path: Path
) -> None:
    program = FAULT.format(module="running", function="chosen", error=error)
    done = forked.run(program, *TREE)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"retrieval-gap: {last}")
    done = forked.run(program, *TREE, RETRIEVAL_GAP_TRACEBACK="1")
    assert ("Traceback" in done.stderr) == (code == 70)
    # Not even where a user's file is involved is it laid at its door, if no line of it is on the way.
    file = tmp_path / "mine.py"
    file.write_text(
        "def factory():\n    from constructions import construction\n    return construction('transformer/index')\n"
    )
    program = FAULT.format(module="running", function="_decoded", error=error)
    assert forked.run(program, "run", "1 ? 1", "--construction", f"{file}:factory").returncode == code


def children_of(process: subprocess.Popen[str]) -> list[str]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return path.read_text().split() if path.exists() else []


def test_an_interrupt_that_passed_through_exec_is_one_too() -> None:
    """Python would end by the signal: a shell cannot tell that from 130, other programs can."""
    program = FAULT.format(module="running", function="chosen", error="KeyboardInterrupt")
    program = program.replace("raise KeyboardInterrupt", "exec('raise KeyboardInterrupt')")
    done = subprocess.run([sys.executable, "-c", program, *TREE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "retrieval-gap: interrupted\n")


def is_at_work(process: subprocess.Popen[str]) -> bool:
    """Whether it has loaded what only the work itself needs."""
    return "numpy" in Path(f"/proc/{process.pid}/maps").read_text()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are counted in /proc")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_is_one_line_and_leaves_no_process(workers: str) -> None:
    """The terminal sends it to all processes of the command, workers that are still starting among them."""
    process = subprocess.Popen(
        [*COMMAND, "verify", "--workers", workers],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    limit = time.monotonic() + 60  # of two workers one is this process; the other child keeps track of semaphores
    while workers == "2" and len(children_of(process)) < 2 and time.monotonic() < limit:
        time.sleep(0.02)
    while workers == "1" and not is_at_work(process) and time.monotonic() < limit:
        time.sleep(0.1)
    before = children_of(process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "retrieval-gap: interrupted\n")
    limit = time.monotonic() + 10
    while [child for child in before if Path(f"/proc/{child}").exists()] and time.monotonic() < limit:
        time.sleep(0.05)
    assert not [child for child in before if Path(f"/proc/{child}").exists()]


PAGES = """
import resource, sys
import numpy as np
from proofs_check._commands import _ending
if sys.argv[1] == "begun":
    _ending.begun(None)
for _ in range(40):
    [np.ones(2**17) for _ in range(16)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif("glibc" not in platform.libc_ver(), reason="other libraries of C have no such limits")
def test_memory_that_was_freed_is_kept_for_the_next_array() -> None:
    """40 times 16 arrays of 1 MiB: a process that gives them back is given their 4,096 pages again each time."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    faults = [
        int(subprocess.run([sys.executable, "-c", PAGES, way], env=environment, capture_output=True, check=True).stdout)
        for way in ("begun", "not")
    ]
    assert faults[1] - faults[0] > 30 * 4096
