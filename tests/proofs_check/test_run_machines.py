"""``retrieval-gap run NAME/turing``: how runs end, the steps as JSON lines, Ctrl-C, bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from constructions.machines import champion, read_machine, simulate, steps
from proofs_check.cli import main

BB2, BB4, CHAMPION = champion("bb2").text, champion("bb4").text, champion("bb5").text
NAMES = ("hybrid/turing", "transformer/turing", "retrieval/turing", "rnn/turing")


def run(*arguments: str) -> int:
    """Run the command; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(*arguments, "--json")
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_that_halts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = document(capsys, name, "--machine", BB2)
    assert code == 0
    assert (told["halted"], told["ending"], told["state"], told["steps"]) == (True, "HALT", "Z", 6)
    assert told["tape"] == {"-2": "1", "-1": "1", "0": "1", "1": "1"}
    assert told["token_count"] == len(told["tokens"])
    assert not {"verdict", "reason"} & told.keys()
    assert run(name, "--machine", BB2) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["answer: HALT", "tape: 1111 (cells -2 to 1)"]


ENDS = [
    ("hybrid/turing", BB4, "--steps=106", None, 106, "not halted after 106 steps"),
    ("hybrid/turing", BB4, "--steps=1", None, 1, "not halted after 1 step (--steps)"),
    ("retrieval/turing", BB4, "--steps=5", None, 5, "not halted after 5 steps"),
    ("rnn/turing", BB2, "--steps=5", None, 5, "not halted after 5 steps"),
    ("hybrid/turing", BB4, "--cells=3", "SPACE", 26, "left the cells that there are after 26 steps"),
    ("transformer/turing", BB4, "--cells=3", "SPACE", 26, "left the cells that there are after 26 steps"),
    ("retrieval/turing", BB4, "--cells=3", "SPACE", 26, "left the cells that there are after 26 steps"),
    ("rnn/turing", "1RA---", "--cells=4", "OVER", 2, "left the cells that there are after 2 steps"),
    ("rnn/turing", "1LA---", "--cells=4", "OVER", 3, "left the cells that there are after 3 steps"),
    ("hybrid/turing", "1RB---_1LA---", "--steps=9", "UNDEFINED", 2, "stopped after 2 steps, where the table has no"),
    ("rnn/turing", "1RB---_1LA---", "--steps=9", "UNDEFINED", 2, "stopped after 2 steps, where the table has no"),
]


@pytest.mark.parametrize(("name", "machine", "option", "ending", "count", "reason"), ENDS)
def test_a_run_that_leaves_what_was_stated_is_incomplete(
    name: str,
    machine: str,
    option: str,
    ending: str | None,
    count: int,
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, told = document(capsys, name, "--machine", machine, option)
    assert code == 3
    assert (told["verdict"], told["halted"], told["ending"], told["steps"]) == ("INCOMPLETE", False, ending, count)
    assert told["reason"].startswith(reason)
    assert run(name, "--machine", machine, option) == 3
    ended, tape = capsys.readouterr().out.splitlines()[-2:]
    assert ended.startswith(f"INCOMPLETE: {reason}")
    assert tape.startswith("tape: ")


def test_both_ends_of_a_long_tape_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("hybrid/turing", "--machine", "1RA---", "--steps", "1500") == 3
    assert capsys.readouterr().out.splitlines()[-1] == f"tape: {'1' * 60} ... {'1' * 60} (cells 0 to 1,499)"
    assert run("hybrid/turing", "--machine", "0RA---", "--steps", "3") == 3
    assert capsys.readouterr().out.splitlines()[-1] == "tape: (blank)"


@pytest.mark.parametrize("option", ["--steps", "--cells"])
def test_the_least_that_is_enough_is_enough(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With a step or a cell less than the busy beaver takes, the run is incomplete."""
    outcome = simulate(read_machine(BB4))
    reach = max(-outcome.least_position, outcome.greatest_position)
    enough = {"--steps": outcome.steps, "--cells": reach}[option]
    assert document(capsys, "hybrid/turing", "--machine", BB4, option, str(enough))[0] == 0
    assert document(capsys, "hybrid/turing", "--machine", BB4, option, str(enough - 1))[0] == 3


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_line_for_each_step(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--machine", BB4, "--jsonl") == 0
    *lines, last = map(json.loads, capsys.readouterr().out.splitlines())
    machine = read_machine(BB4)
    wanted = [
        {
            "step": count,
            "state": machine.states[step.state],
            "position": step.position,
            "read": machine.symbols[step.read],
            "write": machine.symbols[step.write],
            "move": step.move,
            "next_state": machine.states[step.next_state],
        }
        for count, step in enumerate(steps(machine), 1)
    ]
    assert lines == wanted
    assert last == {"ending": "HALT", "halted": True, "state": "Z", "position": last["position"], "steps": 107}


def test_a_line_for_each_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rnn/turing", "--machine", BB2, "--cells", "5", "--steps", "4", "--jsonl") == 3
    *lines, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert lines[0]["configuration"] == ["[0]", "[0]", "[1]", "B[0]", "[0]"]
    assert (last["verdict"], last["steps"]) == ("INCOMPLETE", 4)


def test_ctrl_c_leaves_whole_lines(tmp_path: Path) -> None:
    """The run would take hours as lines; it is stopped when some are there."""
    file = tmp_path / "steps.jsonl"
    command = [sys.executable, "-m", "proofs_check", "run", "hybrid/turing", "--machine", CHAMPION]
    with file.open("wb") as out:
        process = subprocess.Popen([*command, "--steps", "50000000", "--jsonl"], stdout=out, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 300
        while os.path.getsize(file) < 10_000 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=300)
    assert (process.returncode, complaints) == (3, b"")
    *lines, last = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert [line["step"] for line in lines] == list(range(1, len(lines) + 1))
    assert last["interrupted"] is True
    assert last["steps"] == len(lines) > 100
    assert (last["verdict"], last["reason"]) == ("INCOMPLETE", f"interrupted after {len(lines):,} steps")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("hybrid/turing", "--machine", "1RB1LB_1LA1R"), "line 1: row B is '1LA1R': 5 characters"),
        (("hybrid/turing", "012", "--machine", BB2), "input cell 2 is '2': machine '1RB1LB_1LA1RZ' has the symbols"),
        (("hybrid/turing", "1111", "--machine", BB2, "--cells", "2"), "does not fit on the cells 0 .. 2 (--cells)"),
        (("rnn/turing", "1111", "--machine", BB2, "--cells", "2"), "does not fit on 2 cells"),
        (("hybrid/turing", "--machine", BB2, "--json", "--jsonl"), "choose one"),
        (("hybrid/turing", "--machine", "@/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.count("\n") == 1
