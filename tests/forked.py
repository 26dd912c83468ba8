"""Programs that each run in a process of their own, forked from one that has loaded the package: it starts once.

What a program may not share with others is its own all the same: environment, limits, streams, exit code. Tests of how
the interpreter itself starts run ``python -m proofs_check`` instead.
"""

import atexit
import fcntl
import gc
import json
import os
import pty
import resource
import select
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

COMMAND = "from proofs_check.cli import main; main()"
"""The program that is the command line."""

LIBRARIES = """
import networkx, numba, numpy
numba.njit(lambda: 0)()  # numba looks at all that it knows when it first compiles
"""
"""What is run once, before processes are forked, where nothing of the package may be loaded."""

LOADED = f"""{LIBRARIES}
import contextlib, io
import constructions.engine, constructions.theorems
from proofs_check.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["list"])  # what parses the command line is put together
"""
"""What is run once elsewhere."""


class Ended(NamedTuple):
    """How a program ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@cache
def _server(loaded: str) -> "subprocess.Popen[bytes]":
    """The process that is forked, until this one ends."""
    started = subprocess.Popen(
        [sys.executable, __file__, loaded],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(started.communicate)
    return started


def _begun(loaded: str, **asked: object) -> int:
    """A program is begun; the descriptor from which its exit code can be read."""
    server = _server(loaded)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(asked).encode() + b"\n")
    server.stdin.flush()
    return server.stdout.fileno()


def run(
    program: str,
    *arguments: str,
    cpu: int = 120,
    memory: int | None = None,
    folder: Path | None = None,
    streams: Mapping[int, str] | None = None,
    loaded: str = LOADED,
    **environment: str,
) -> Ended:
    """Run a program, as ``python -c`` would, within so many seconds of processor time and bytes of memory.

    ``folder`` is where it runs, ``streams`` are files to open in the place of those that are read here, ``loaded`` is
    what was run once for all programs that name it.
    """
    with tempfile.TemporaryDirectory() as own:
        written = [Path(own, name) for name in "12"]
        answer = _begun(
            loaded,
            program=program,
            arguments=arguments,
            cpu=cpu,
            memory=memory,
            folder=str(folder or Path.cwd()),
            streams=[*({0: os.devnull, 1: str(written[0]), 2: str(written[1])} | dict(streams or {})).values()],
            environment=environment,
        )
        code = int(os.read(answer, 9))
        return Ended(code, *(path.read_text(encoding="utf-8") if path.exists() else "" for path in written))


def on_a_terminal(
    *arguments: str, folder: Path | None = None, columns: int = 80, loaded: str = LOADED
) -> tuple[int, str]:
    """Exit code of a command, and all that a terminal of so many columns would show."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    answer = _begun(
        loaded,
        program=COMMAND,
        arguments=arguments,
        cpu=120,
        memory=None,
        folder=str(folder or Path.cwd()),
        streams=[os.ttyname(theirs)] * 3,
        environment={"TERM": "xterm"},
    )
    shown, ended = b"", False
    while not ended:
        ready = select.select([ours, answer], [], [])[0]
        shown += os.read(ours, 2**16) if ours in ready else b""
        ended = answer in ready and ours not in ready
    code = int(os.read(answer, 9))
    os.close(theirs)
    try:
        while part := os.read(ours, 2**16):
            shown += part
    except OSError:  # how Linux says that the other side was closed
        pass
    os.close(ours)
    return code, shown.decode()


def _asked() -> dict[str, Any]:
    """What a forked process is asked to run; the process that is forked never returns."""
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            found: dict[str, Any] = json.loads(line)
            return found
        _, status = os.waitpid(child, 0)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


if __name__ == "__main__":
    exec(sys.argv[1], {"__name__": "loaded"})  # noqa: S102
    now = _asked()
    for stream, path in enumerate(now["streams"]):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOCTTY)
        os.dup2(opened, stream)
        os.close(opened)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_CPU, (now["cpu"], now["cpu"]))
    if now["memory"] is not None:
        resource.setrlimit(resource.RLIMIT_AS, (now["memory"], now["memory"]))
    os.environ.update(now["environment"])
    os.chdir(now["folder"])
    sys.argv[:] = ["-c", *now["arguments"]]
    exec(compile(now["program"], "<string>", "exec"))  # noqa: S102
