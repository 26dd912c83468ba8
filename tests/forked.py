"""Programs that each run in a process of their own, forked from one that has loaded the package: it starts once.

What a program may not share with others is its own all the same: environment, limits, streams, exit code. Tests of how
the interpreter itself starts run ``python -m proofs_check`` instead.
"""

import atexit
import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Ended(NamedTuple):
    """How a program ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@cache
def _server() -> "subprocess.Popen[str]":
    """The process that is forked, until this one ends."""
    started = subprocess.Popen(
        [sys.executable, __file__],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(started.communicate)
    return started


def run(program: str, *arguments: str, cpu: int = 120, memory: int | None = None, **environment: str) -> Ended:
    """Run a program, as ``python -c`` would, within so many seconds of processor time and bytes of memory."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        asked = {
            "program": program,
            "arguments": arguments,
            "cpu": cpu,
            "memory": memory,
            "environment": environment,
            "folder": folder,
        }
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return Ended(code, *(Path(folder, name).read_text(encoding="utf-8") for name in ("1", "2")))


def _asked() -> dict[str, Any]:
    """What a forked process is asked to run; the process that is forked never returns."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            found: dict[str, Any] = json.loads(line)
            return found
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    os._exit(0)


if __name__ == "__main__":
    import numpy as np  # noqa: F401

    import constructions.theorems  # noqa: F401
    import proofs_check.cli  # noqa: F401

    now = _asked()
    for stream in (1, 2):
        os.dup2(os.open(f"{now['folder']}/{stream}", os.O_WRONLY | os.O_CREAT), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    resource.setrlimit(resource.RLIMIT_CPU, (now["cpu"], now["cpu"]))
    if now["memory"] is not None:
        resource.setrlimit(resource.RLIMIT_AS, (now["memory"], now["memory"]))
    os.environ.update(now["environment"])
    sys.argv[:] = ["-c", *now["arguments"]]
    exec(compile(now["program"], "<string>", "exec"))  # noqa: S102
