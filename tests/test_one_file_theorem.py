"""A theorem with a task of its own is one new file; a toy of both is planted beside the files of the theorems."""

import json
from pathlib import Path

import pytest

from constructions.errors import InputError
from constructions.tasks import TASKS, Index, register
from tests import forked
from tests.toy_theorem import TOY, loaded, planted

NAME = "transformer/first-letter"


def told(where: Path, *arguments: str) -> tuple[int, str]:
    program = f"import runpy; runpy.run_path({str(where / 'driver.py')!r}, run_name='__main__')"
    done = forked.run(program, *arguments, loaded=forked.LIBRARIES)
    return done.returncode, done.stdout or done.stderr


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("list", f"\n  {NAME} "),
        ("list --json", '"input": "b a a"'),
        ("verify 9.9 --workers 1 --out report", "VERIFIED  Theorem 9.9: 7 of 7 claims hold"),
        (f"run {NAME} @input", "answer: b"),
        (f"explain {NAME} @input", "writes b"),
        (f"export {NAME} --n 4 --format npz --out model.npz", f"{NAME}, n = 4 (transformer)"),
        (f"sweep {NAME} --n 6 --state state --workers 1", "right on all 64 inputs"),
        (f"mutate {NAME} --limit 12", f"VERIFIED  {NAME}: 12 faults planted"),
        (f"precision {NAME} --n 4", "16 (all)"),
        ("generate first-letter --n 3 --count 2", '{"task": "first-letter", "n": 3'),
        ("compare first-letter @input", "right answer: b; all agree"),
    ],
)
def test_every_command_serves_a_theorem_that_is_one_new_file(tmp_path: Path, command: str, found: str) -> None:
    (tmp_path / "input").write_text("b a a", encoding="utf-8")
    done = forked.run(forked.COMMAND, *command.split(), folder=tmp_path, loaded=loaded())
    assert done.returncode == 0, done.stderr
    assert found in done.stdout


def test_a_toy_that_is_wrong_is_refuted(tmp_path: Path) -> None:
    assert TOY.count("return instance[0]") == 1
    wrong = planted(tmp_path, TOY.replace("return instance[0]", "return instance[-1]"))
    code, output = told(wrong, "verify", "9.9", "--workers", "1", "--max-n", "2", "--json")
    assert code == 1, output
    answers = json.loads(output)["theorems"][0]["claims"][0]
    assert answers["verdict"] == "REFUTED"
    assert len(answers["counterexample"]["input"].split()) == 2
    code, output = told(wrong, "sweep", NAME, "--n", "3", "--state", str(tmp_path / "state"), "--workers", "1")
    assert code == 1
    assert output.startswith("REFUTED")


def test_two_tasks_of_one_name_are_refused() -> None:
    before = dict(TASKS)
    with pytest.raises(InputError, match="two tasks are called 'index'"):
        register(Index())
    assert before == TASKS
