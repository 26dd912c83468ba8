"""Commands on a terminal, where they show progress: what tests that capture output cannot see."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

COMMANDS = {
    "verify on several processes": (["verify", "mqar", "--max-n", "2", "--workers", "2"], 0),
    "verify on one": (["verify", "mqar", "--max-n", "2", "--workers", "1"], 0),
    "run": (["run", "transformer/istree", "1-2 2-3"], 0),
    "explain": (["explain", "hybrid/istree", "1-2 2-3"], 0),
    "a machine": (["run", "hybrid/turing", "--machine", "1RB1LB_1LA1RZ", "--steps", "9"], 0),
    "precision": (["precision", "transformer/index", "--n", "4,8"], 0),
    "mutate": (["mutate", "transformer/index", "--n", "2", "--limit", "3"], 0),
    "sweep": (["sweep", "transformer/index", "--n", "3", "--state", "state", "--workers", "2"], 0),
    "bad input": (["run", "transformer/index", "1 ? 7"], 2),
}


def on_terminal(arguments: list[str], folder: Path) -> tuple[int, str]:
    """Exit code, and all that a terminal would show."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "proofs_check", *arguments]
    environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 2**16)
            except OSError:  # how Linux says that the other side was closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    return running.returncode, shown.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_works_on_a_terminal(name: str, tmp_path: Path) -> None:
    arguments, code = COMMANDS[name]
    found, shown = on_terminal(arguments, tmp_path)
    assert "Traceback" not in shown
    assert found == code, shown
    if name.startswith("verify"):
        assert "\r" in shown.replace("\r\n", "\n")  # there was progress
        assert "claims in" in shown
