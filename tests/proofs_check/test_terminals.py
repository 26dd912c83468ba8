"""Terminals and pipes: any width, one JSON document whatever else is printed, interrupts within seconds."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proofs_check._commands._streams import fitted
from proofs_check.cli import main
from tests import forked

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "proofs_check"]
CHAMPION = "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"

TALKATIVE = """import os
import sys

print("while it is loaded")


def made():
    print("when it is called")
    os.write(1, b"past Python\\n")
    os.system("echo by another process")
    from constructions import construction

    return construction("transformer/index")


class Model:
    def initial(self):
        print("in the model")
        return 0

    def step(self, state, token):
        print("in a step", file=sys.stdout)
        return 0

    def output(self, state):
        return "1"


def model(n, alphabet):
    return Model()


class Wordless(Exception):
    def __str__(self):
        raise ValueError


def raises(*_):
    raise Wordless
"""


@pytest.fixture
def talkative(tmp_path: Path) -> Path:
    path = tmp_path / "talkative.py"
    path.write_text(TALKATIVE, encoding="utf-8")
    return path


def test_json_is_one_document_whatever_a_users_file_prints(talkative: Path) -> None:
    commands = [
        (["run", "3 1 ? 1", "--construction", f"{talkative}:made", "--json"], 0, "by another process\n"),
        (["refute", f"{talkative}:model", "--task", "index", "--n", "2", "--json"], 0, "in a step\n"),
    ]
    for arguments, code, said in commands:
        done = forked.run(forked.COMMAND, *arguments)
        assert done.returncode in (code, 1)
        assert isinstance(json.loads(done.stdout), dict)
        assert "while it is loaded\n" in done.stderr
        assert said in done.stderr


def test_json_within_one_process_too(talkative: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with pytest.raises(SystemExit):
            main(["run", "3 1 ? 1", "--construction", f"{talkative}:made", "--json"])
        out, err = capsys.readouterr()
        assert json.loads(out)["answer"] == "3"
        assert "when it is called" in err
    with pytest.raises(SystemExit):
        main(["run", "3 1 ? 1", "--construction", f"{talkative}:made"])
    assert capsys.readouterr() == ("answer: 3\n", "while it is loaded\nwhen it is called\n")


def test_an_exception_without_words_is_told(talkative: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "3 1 ? 1", "--construction", f"{talkative}:raises"])
    assert ended.value.code == 4
    assert "raised Wordless: (its text cannot be shown, for that raises ValueError)" in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["explain", "transformer/istree", "1-2 2-3 3-4"],
        ["compare", "istree", "1-2 2-3 3-4 4-5 5-6 6-7"],
        ["mutate", "transformer/index", "--n", "1", "--limit", "2"],
        ["bound", "associative-recall", "--n", "9"],
    ],
    ids=" ".join,
)
def test_every_line_fits_the_terminal(arguments: list[str], width: int) -> None:
    code, shown = forked.on_a_terminal(*arguments, columns=width)
    assert code in (0, 3)
    assert "\x1b" not in shown
    for line in re.split(r"[\r\n]+", shown):
        assert len(line) <= width or " " not in line.strip(), line


def test_lines_are_broken_at_blanks_alone() -> None:
    assert fitted("short", 9) == "short"
    assert fitted("    a bc def ghij k", 12) == "    a bc def\n      ghij k"
    assert fitted("x" * 20, 9) == "x" * 20
    text = "  name      what it is for, in words    1-2 2-3"
    assert fitted(text, 30).replace("\n", " ").split() == text.split()
    assert max(map(len, fitted(text, 30).splitlines())) <= 30


def is_at_work(process: "subprocess.Popen[str]") -> bool:
    """Whether it has loaded what only the work itself needs."""
    return "llvmlite" in Path(f"/proc/{process.pid}/maps").read_text()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what is loaded is read in /proc")
@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "transformer/associative-recall", "--n", "7", "--state", "STATE", "--workers", "2"],
        ["run", "hybrid/turing", "--machine", CHAMPION, "--steps", "40000000", "--json"],
        ["run", "retrieval/istree", " ".join(f"{k}-{k + 1}" for k in range(2000))],
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_interrupt_is_answered_within_seconds(arguments: list[str], tmp_path: Path) -> None:
    """Also while code is compiled, which Python cannot interrupt, and without a word from any worker."""
    process = subprocess.Popen(
        [*COMMAND, *(str(tmp_path / "state") if word == "STATE" else word for word in arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    limit = time.monotonic() + 60
    while process.poll() is None and not is_at_work(process) and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(1.0)
    asked = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    if process.returncode == 3:  # it had begun to run, and says how far it came
        assert json.loads(out)["interrupted"]
    else:
        assert (process.returncode, err) == (130, "retrieval-gap: interrupted\n")
    assert time.monotonic() - asked < 10  # two seconds, and what a machine full of other work adds


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_pipe_is_no_file(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Opening it would wait for somebody who writes."""
    os.mkfifo(tmp_path / "pipe")
    file = tmp_path / "pipe"
    with pytest.raises(SystemExit) as ended:
        main(["check", str(file)] if command == "check" else ["run", "transformer/index", f"@{file}"])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert "it is no regular file" in out + err


@pytest.mark.parametrize("command", ["check", "run", "refute"])
def test_a_file_that_has_nothing_to_read_yet_is_not_waited_for(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Like /proc/kmsg, which is called a regular file; here one is opened as a pipe into which nobody writes."""
    file, (reads, writes), opened = tmp_path / "silent.onnx", os.pipe(), os.open
    file.write_bytes(b"")

    def silent(path: str, flags: int, *rest: int) -> int:
        if str(path) != str(file):
            return opened(path, flags, *rest)
        os.set_blocking(reads, not flags & os.O_NONBLOCK)
        if os.get_blocking(reads):
            raise AssertionError("reading it would wait")
        return reads

    monkeypatch.setattr(os, "open", silent)
    arguments = {
        "check": ["check", str(file)],
        "run": ["run", "transformer/index", f"@{file}"],
        "refute": ["refute", str(file), "--task", "index", "--n", "3"],
    }
    with pytest.raises(SystemExit) as ended:
        main(arguments[command])
    os.close(writes)
    out, err = capsys.readouterr()
    assert (ended.value.code, "nothing is there to be read now" in out + err) == (2, True)


@pytest.mark.parametrize("command", [["check", "/proc/kmsg"], ["run", "transformer/index", "@/proc/kmsg"]])
def test_the_messages_of_the_kernel_of_linux_are_no_input(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may read them, and whether there are some or not: it ends, with a refusal."""
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert capsys.readouterr() != ("", "")


def test_an_input_file_is_read_up_to_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("proofs_check._commands._shared._LARGEST_INPUT", 100)
    (tmp_path / "long").write_text("1 " * 80 + "? 1", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["run", "transformer/index", f"@{tmp_path / 'long'}"])
    assert ended.value.code == 2
    assert "more than 100 bytes; at most so many are read" in capsys.readouterr().err
