"""A theorem with a task of its own in one file, and how it is planted beside the files of the theorems.

The packages are not copied, since compiled loops are kept by the place of their sources: the folder of the toy is added
to those where the package of the theorems looks for its files.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests import forked

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
    """A folder with the file of the theorem and what runs the command line."""
    (folder / "_theorem_9_9.py").write_text(text, encoding="utf-8")
    (folder / "driver.py").write_text(DRIVER.format(root=str(ROOT), folder=str(folder)), encoding="utf-8")
    return folder


@cache
def toy() -> Path:
    """The folder of the toy, for all tests of this process."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return planted(folder, TOY)


@cache
def loaded() -> str:
    """What is run once for programs that are forked and know the toy; what they start runs the driver first."""
    driver = str(toy() / "driver.py")
    main = f"import runpy, sys; runpy.run_path({driver!r}); sys.modules['__main__'].__file__ = {driver!r}\n"
    return main + forked.LOADED
