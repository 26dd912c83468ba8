"""A theorem with a task of its own is one new file; a toy of both is planted beside the files of the theorems.

The packages are not copied, since compiled loops are kept by the place of their sources: the folder of the toy is added
to those where the package of the theorems looks for its files.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from constructions.errors import InputError
from constructions.tasks import TASKS, Index, register

ROOT = Path(__file__).resolve().parents[1]

TOY = '''
"""A toy: which letter comes first? Statement, task, construction and claims in one file."""

import itertools

from constructions.tasks import Effort, Task
from constructions.theorems._statements import Construction, LogBound, Theorem, claims_about
from constructions.wiring import Polynomial, Wiring, n


class FirstLetter(Task):
    name = "first-letter"
    statement = "Which letter comes first?"
    text_form = "b a a"
    longest_prompt = (1, 1)
    effort = Effort(3, 2, sizes=(1, 5), far=(), measured=(4,))

    def answer(self, instance):
        return instance[0]

    def sample(self, rng, n):
        return tuple(map(str, rng.choice(["a", "b"], rng.integers(1, n + 1))))

    def enumerate(self, n, alphabet=None):
        return itertools.product("ab", repeat=n)


def first_letter():
    """A head that looks at position 1."""
    w = Wiring("transformer/first-letter", specials=("<s>", "a", "b"), numbers=(0, 0), context=n)
    first = w.at("first", 1)
    w.write("a", when=first[w.is_token("a")])
    w.write("b")
    return Construction(w.name, TASKS[0], w.finish())


TASKS = (FirstLetter(),)
CONSTRUCTIONS = {"transformer/first-letter": first_letter}
THEOREM = Theorem(
    number="9.9",
    title="The first letter",
    statement="A Transformer of constant size writes the first letter.",
    constructions=tuple(CONSTRUCTIONS),
    claims=claims_about(
        "transformer/first-letter",
        tokens=Polynomial.constant(1),
        parameters=LogBound(0, 4),
        activations=LogBound(2, 5),
        kernel=False,
    ),
    not_checked=("by the kernel, which has no reference for the task",),
)
'''

NAME = "transformer/first-letter"


DRIVER = """
import importlib.util
import sys

sys.path.insert(0, {root!r})
spec = importlib.util.find_spec("constructions.theorems")
spec.submodule_search_locations.append({folder!r})
sys.modules[spec.name] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)

if __name__ == "__main__":
    from proofs_check.cli import main

    main(sys.argv[1:])
"""
"""Processes that it starts run the first part, too."""


def planted(folder: Path, text: str) -> Path:
    """A folder with the file of the theorem, an input, and what runs the command line."""
    (folder / "_theorem_9_9.py").write_text(text, encoding="utf-8")
    (folder / "driver.py").write_text(DRIVER.format(root=str(ROOT), folder=str(folder)), encoding="utf-8")
    (folder / "input").write_text("b a a", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(tmp_path_factory.mktemp("toy"), TOY)


def told(where: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "driver.py", *arguments], cwd=where, capture_output=True, text=True, check=False
    )
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
def test_every_command_serves_a_theorem_that_is_one_new_file(toy: Path, command: str, found: str) -> None:
    code, output = told(toy, *command.split())
    assert code == 0, output
    assert found in output


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
