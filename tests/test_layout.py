"""The house keeps its order: imports run one way, modules stay readable, nothing odd lies at the top.

The rules are those of docs/architecture.md, read off the syntax trees of all modules. Each rule has a
violation planted in a small tree of its own, which must be found.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BASIS = frozenset({"errors", "_lazy", "_xml"})
LOWER = BASIS | {"numerics", "vocabulary"}
MODELS = LOWER | {"architectures"}
QUESTIONS = BASIS | {"vocabulary", "machines", "_xml"}
EVERYTHING = MODELS | QUESTIONS | {"wiring", "engine", "tasks", "theorems"}

MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "errors": frozenset(),
    "_lazy": frozenset(),
    "_xml": frozenset({"errors"}),
    "numerics": BASIS,
    "vocabulary": BASIS,
    "architectures": LOWER,
    "wiring": MODELS,
    "engine": MODELS,
    "machines": BASIS | {"vocabulary", "_xml"},
    "tasks": QUESTIONS,
    "theorems": EVERYTHING - {"theorems"},
    "rasp": EVERYTHING,
    "gallery": EVERYTHING | {"rasp"},
    "worked_examples": EVERYTHING,
    "interchange": EVERYTHING,
}
"""What each part of ``constructions`` may import of the others."""

IMPORTS_WHAT_IT_IS_TOLD = {
    "constructions/_lazy.py",  # the tables of names_from, which are read where they stand
    "constructions/interchange/_require.py",  # packages of other people
    "proofs_check/mutations/_verifier_faults.py",  # whatever a planted fault replaces
}
"""Modules that import by a name which their text does not tell."""

HOOK = ("constructions/_lazy.py", "constructions.worked_examples")
"""The one import against the direction: how a notebook shows an object is known above all else."""

LONGEST, LONGEST_CHECKER = 410, 300

AT_THE_TOP = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "constructions",
    "proofs_check",
    "tests",
    "docs",
}


def modules(root: Path) -> Iterator[tuple[tuple[str, ...], Path]]:
    """The dotted name of every module of the two packages, as its parts, and where it is."""
    for package in ("constructions", "proofs_check"):
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield (parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(path: Path, package: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Everything that a module imports anywhere in its text, as parts of dotted names, relative ones resolved.

    Of ``from a import b`` it is a.b, since b may be a module.
    """
    return imported_in(path.read_text(encoding="utf-8"), package)


@cache
def imported_in(text: str, package: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every text is parsed once for all tests."""
    return list(imports_of(ast.parse(text), package))


def imports_of(tree: ast.Module, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            for alias in node.names:
                yield (*base, alias.name)
        elif isinstance(node, ast.Call):
            yield from imported_by_call(node, package)


def imported_by_call(call: ast.Call, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What ``import_module``, ``__import__`` and a table of ``names_from`` import; ("?",) where nobody can tell."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "names_from" and isinstance(call.args[1], ast.Dict):
        yield from ((*package, str(ast.literal_eval(key))) for key in call.args[1].keys if key is not None)
    elif name in ("import_module", "__import__"):
        text = ast.unparse(call.args[0]).strip("'").removeprefix("f").strip("'")
        if isinstance(call.args[0], ast.Constant) and not text.startswith("."):
            yield tuple(text.split("."))
        elif text.startswith((".", "{__name__}.")):  # a module beside this one
            yield package
        else:
            yield ("?",)


def package_of(name: tuple[str, ...], path: Path) -> tuple[str, ...]:
    return name if path.name == "__init__.py" else name[:-1]


def construction_faults(where: Path, name: tuple[str, ...], target: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a module of ``constructions`` importing ``target``."""
    if target[0] == "proofs_check":
        yield f"{where} imports proofs_check"
    if len(name) == 1 or target[0] != "constructions":
        return
    part, other = name[1], target[1] if len(target) > 1 else "(the package itself)"
    if part not in MAY_IMPORT:
        yield f"{where}: constructions.{part} has no place in the order"
    elif other != part and other not in MAY_IMPORT[part]:
        yield f"{where} imports constructions.{other}"


def checker_faults(where: Path, name: tuple[str, ...], target: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a module of ``proofs_check`` importing ``target``."""
    if name == ("proofs_check",):
        yield f"{where} imports something"
    elif name[1] == "kernel" and target[0] not in sys.stdlib_module_names and target[:2] != ("proofs_check", "kernel"):
        yield f"{where} imports {'.'.join(target)}"


def import_faults(root: Path) -> list[str]:
    """Imports against the direction."""
    faults = []
    for name, path in modules(root):
        where = path.relative_to(root)
        check = construction_faults if name[0] == "constructions" else checker_faults
        for target in imported(path, package_of(name, path)):
            if target[0] == "?" and where.as_posix() not in IMPORTS_WHAT_IT_IS_TOLD:
                faults.append(f"{where} imports what cannot be told from its text")
            elif (where.as_posix(), ".".join(target)) != HOOK:
                faults += check(where, name, target)
    return faults


def unit(name: tuple[str, ...]) -> str:
    """The part of ``proofs_check`` that a module belongs to; the command line is one part."""
    part = name[1] if len(name) > 1 else ""
    return "command line" if part in ("cli", "_commands") or is_started(name) else part


def is_started(name: tuple[str, ...]) -> bool:
    """Whether a module is started by ``python -m``, and so is command line; the kernel's is part of the kernel."""
    return name[-1] == "__main__" and "kernel" not in name


def circles(root: Path) -> list[str]:
    """Parts of ``proofs_check`` that import each other, directly or not."""
    graph: dict[str, set[str]] = {}
    for name, path in modules(root):
        if name[0] == "proofs_check" and len(name) > 1:
            targets = {unit(t) for t in imported(path, package_of(name, path)) if t[0] == "proofs_check"}
            graph.setdefault(unit(name), set()).update(targets - {unit(name)})
    while leaves := [part for part, targets in graph.items() if not targets & graph.keys()]:
        for part in leaves:
            del graph[part]
    return sorted(graph)


def long_modules(root: Path) -> list[str]:
    """Modules that are too long to be read in one go."""
    faults = []
    for name, path in modules(root):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        most = LONGEST_CHECKER if name[:2] == ("proofs_check", "kernel") else LONGEST
        if lines > most:
            faults.append(f"{path.relative_to(root)}: {lines} lines, at most {most} are allowed")
    return faults


TASK_NAMES = frozenset({"index", "associative-recall", "c-gram", "counting", "istree", "turing"})
TASK_TYPES = frozenset({"Index", "AssociativeRecall", "CGram", "Counting", "IsTree", "Simulation"})

KNOWS_TASKS = {
    "constructions/tasks/": "the tasks themselves",
    "constructions/theorems/_theorem_": "a theorem's own file",
    "constructions/theorems/_neighbour_": "that of a theorem of another paper",
    "proofs_check/kernel/": "a reference of its own, written apart",
    "proofs_check/rocq/": "which theories prove what about which task",
    "proofs_check/lower_bounds/_tasks/": "what lower bounds know about each task, a file for each",
    "proofs_check/lower_bounds/_theorem_": "a theorem's own file: its lower half",
    "proofs_check/mutations/_verifier_checks.py": "checks, each of one construction, in which faults are planted",
    "proofs_check/mutations/__main__.py": "the rows of the table in docs/mutations.md",
}
"""Where a task may be called by its name, and why; everything else asks the task."""

OTHER_WORDS = {
    ("constructions/machines/_jflap.py", "turing"): "a word of that file format",
    ("constructions/worked_examples/_live.py", "index"): "a name in a template",
    ("proofs_check/_commands/showing.py", "index"): "a key of the JSON document",
}


def task_faults(root: Path) -> list[str]:
    """Names of tasks, or of their constructions, that code outside of the tasks decides by; and types of tasks."""
    faults = []
    for _, path in modules(root):
        where = path.relative_to(root).as_posix()
        if where.startswith(tuple(KNOWS_TASKS)):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value.rpartition("/")[2] in TASK_NAMES and " " not in node.value:
                    faults += [] if (where, node.value) in OTHER_WORDS else [f"{where}: {node.value!r}"]
            elif isinstance(node, ast.Compare):  # the name of a task is its literal in other words
                sides = {ast.unparse(side) for side in (node.left, *node.comparators)}
                named = sides & {f"{task}.name" for task in TASK_TYPES}
                faults += [f"{where}: {ast.unparse(node)}"] if named else []
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
                plain = ast.unparse(node.args[1]) in ("str", "InputError")  # text that is to be read, what could not be
                about = ast.unparse(node.args[0]).rpartition(".")[2]
                faults += [f"{where}: {ast.unparse(node)}"] if about in ("task", "instance") and not plain else []
    return faults


def odd_names(tracked: list[str]) -> list[str]:
    """Tracked files that lie where nothing of their kind belongs."""
    tops = {name.split("/")[0] for name in tracked}
    return sorted(top for top in tops - AT_THE_TOP if not top.startswith("."))


def tracked_files(root: Path) -> list[str]:
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run([git, "ls-files"], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_imports_run_one_way() -> None:
    assert import_faults(ROOT) == []


def test_parts_of_proofs_check_do_not_import_each_other_in_a_circle() -> None:
    assert circles(ROOT) == []


def rooms(root: Path, package: str) -> dict[str, set[str]]:
    """What each part of a package imports of its other parts, as it is in the code."""
    found: dict[str, set[str]] = {}
    for name, path in modules(root):
        if name[0] == package and len(name) > 1:
            targets = {room(target) for target in imported(path, package_of(name, path)) if target[0] == package}
            found.setdefault(room(name), set()).update(targets - {room(name), ""})
    return found


def room(name: tuple[str, ...]) -> str:
    part = name[1] if len(name) > 1 else ""
    return "cli" if part == "_commands" or is_started(name) else part


def drawn(text: str, package: str) -> dict[str, set[str]]:
    """Which rooms each room may import, as a table of docs/architecture.md says."""
    table = text.split(f"| room of `{package}` |")[1].split("\n\n")[0].splitlines()[2:]
    cells = {row.split("|")[1].strip(" `"): row.split("|")[3].strip() for row in table}
    found = {name: set(re.findall("`([a-z_]+)`", cell)) for name, cell in cells.items()}
    for name, cell in cells.items():
        if cell.startswith("all but"):
            found[name] = cells.keys() - {name} - found[name]
    return found


@pytest.mark.parametrize("package", ["constructions", "proofs_check"])
def test_the_rooms_are_drawn_as_they_are(package: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert drawn(text, package) == rooms(ROOT, package)
    assert rooms(ROOT, package)["certificates" if package == "proofs_check" else "theorems"]  # there is something
    assert drawn(text.replace("`vocabulary`, `wiring` |\n", "`wiring` |\n", 1), "constructions") != rooms(
        ROOT, "constructions"
    )


def test_modules_are_short() -> None:
    assert long_modules(ROOT) == []


def test_only_tasks_and_theorems_know_tasks_by_name() -> None:
    assert task_faults(ROOT) == []
    read = [(where, (ROOT / where).read_text(encoding="utf-8")) for where, _ in OTHER_WORDS]
    assert all(f'"{word}"' in text for (_, word), (_, text) in zip(OTHER_WORDS, read, strict=True))


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("constructions/engine/_x.py", 'if task.name == "index":\n    pass', "'index'"),
        ("proofs_check/evidence/_x.py", 'SIZES = {"c-gram": 3}', "'c-gram'"),
        ("proofs_check/_commands/_x.py", 'if name == "rnn/turing":\n    pass', "'rnn/turing'"),
        ("proofs_check/_commands/_x.py", 'if name.endswith("/istree"):\n    pass', "'/istree'"),
        ("proofs_check/sweeps/_x.py", "if isinstance(made.task, IsTree):\n    pass", "isinstance(made.task, IsTree)"),
        ("proofs_check/lower_bounds/_x.py", 'if scope.task == "istree":\n    pass', "'istree'"),
        ("proofs_check/lower_bounds/_x.py", 'STATES = {"counting": 2}.get(scope.task)', "'counting'"),
        ("proofs_check/lower_bounds/_x.py", "if scope.task != IsTree.name:\n    pass", "scope.task != IsTree.name"),
        ("constructions/theorems/_x.py", "if isinstance(instance, Graph):\n    pass", "isinstance(instance, Graph)"),
    ],
)
def test_a_task_that_is_known_outside_is_found(tmp_path: Path, file: str, text: str, found: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text + "\n", encoding="utf-8")
    assert task_faults(tmp_path) == [f"{file}: {found}"]
    allowed = path.parents[2] / "constructions" / "tasks" / "_x.py"
    allowed.parent.mkdir(parents=True, exist_ok=True)
    path.rename(allowed)
    assert task_faults(tmp_path) == []


def test_only_what_belongs_there_lies_at_the_top() -> None:
    tracked = tracked_files(ROOT)
    assert "pyproject.toml" in tracked
    assert odd_names(tracked) == []


def test_the_modules_are_found_at_all() -> None:
    found = {".".join(name) for name, _ in modules(ROOT)}
    assert {"constructions", "constructions.numerics._exact", "proofs_check.kernel._main"} <= found
    seen = {t[:2] for name, path in modules(ROOT) for t in imported(path, package_of(name, path))}
    assert ("constructions", "wiring") in seen


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("constructions/engine/_x.py", "import proofs_check.cli", "imports proofs_check"),
        ("constructions/engine/_x.py", "def f():\n    from proofs_check import cli", "imports proofs_check"),
        ("constructions/numerics/_x.py", "from constructions.vocabulary import Vocabulary", "constructions.vocabulary"),
        ("constructions/numerics/_x.py", "from constructions import architectures", "constructions.architectures"),
        ("constructions/architectures/_x.py", "from constructions.wiring import n", "constructions.wiring"),
        ("constructions/wiring/_x.py", "from constructions.engine import decode", "constructions.engine"),
        ("constructions/engine/_x.py", "from ..theorems import THEOREMS", "constructions.theorems"),
        ("constructions/tasks/_x.py", "import constructions.numerics", "constructions.numerics"),
        ("constructions/machines/_x.py", "from constructions.tasks import Task", "constructions.tasks"),
        ("constructions/theorems/_x.py", "from constructions.interchange import onnx", "constructions.interchange"),
        ("constructions/theorems/_x.py", "from constructions import decode", "constructions.decode"),
        ("constructions/interchange/_x.py", "import constructions.worked_examples", "constructions.worked_examples"),
        ("constructions/errors.py", "import constructions.vocabulary", "constructions.vocabulary"),
        ("constructions/wiring/_x.py", 'import_module("constructions.engine")', "constructions.engine"),
        ("constructions/wiring/_x.py", 'importlib.import_module("proofs_check.cli")', "imports proofs_check"),
        ("constructions/tasks/_x.py", 'def f():\n    __import__("constructions.theorems")', "constructions.theorems"),
        ("constructions/engine/_x.py", 'import_module(f"constructions.{name}")', "cannot be told"),
        ("constructions/engine/_x.py", "import_module(name)", "cannot be told"),
        (
            "constructions/wiring/_x.py",
            'import_module("constructions.worked_examples")',
            "constructions.worked_examples",
        ),
        ("proofs_check/kernel/_x.py", 'import_module("numpy")', "imports numpy"),
        ("proofs_check/kernel/__init__.py", 'names_from("numpy", {})\nimport_module("numpy")', "imports numpy"),
        ("constructions/extras/_x.py", "import constructions.errors", "no place in the order"),
        ("proofs_check/__init__.py", "import sys", "imports something"),
        ("proofs_check/kernel/_x.py", "import numpy as np", "imports numpy"),
        ("proofs_check/kernel/_x.py", "from constructions.errors import InputError", "imports constructions.errors"),
        ("proofs_check/kernel/_x.py", "from ..evidence import tally", "imports proofs_check.evidence"),
    ],
)
def test_an_import_against_the_direction_is_found(tmp_path: Path, file: str, text: str, found: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text + "\n", encoding="utf-8")
    (fault,) = import_faults(tmp_path)
    assert fault.startswith(file)
    assert found in fault


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("constructions/theorems/_x.py", "from constructions.machines import a\nfrom constructions.tasks import b"),
        ("constructions/tasks/_x.py", "import re\nimport numpy\nfrom constructions.errors import InputError"),
        ("constructions/__init__.py", "from constructions.theorems import construction"),
        ("constructions/__init__.py", 'names_from(__name__, {"engine": ["decode"]})'),
        ("constructions/_lazy.py", 'import_module("constructions.worked_examples")\nimport_module(name)'),
        ("constructions/theorems/__init__.py", 'import_module(f"{__name__}.{name}")'),
        ("proofs_check/kernel/_x.py", 'import_module(f".{name}", __package__)'),
        ("proofs_check/kernel/_x.py", "import json\nfrom ._reading import read\nfrom . import _runs"),
        ("proofs_check/evidence/_x.py", "import numpy\nfrom constructions.theorems import Claim"),
    ],
)
def test_what_is_allowed_is_not_reported(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text + "\n", encoding="utf-8")
    assert import_faults(tmp_path) == []


def test_a_circle_is_found(tmp_path: Path) -> None:
    for part, other in (("evidence", "report"), ("report", "certificates"), ("certificates", "evidence")):
        (tmp_path / "proofs_check" / part).mkdir(parents=True)
        (tmp_path / "proofs_check" / part / "__init__.py").write_text(f"import proofs_check.{other}\n")
    (tmp_path / "proofs_check" / "cli.py").write_text("import proofs_check.report\n")
    assert circles(tmp_path) == ["certificates", "command line", "evidence", "report"]
    (tmp_path / "proofs_check" / "report" / "__init__.py").write_text("")
    assert circles(tmp_path) == []


def test_a_circle_that_a_table_of_names_closes_is_found(tmp_path: Path) -> None:
    (tmp_path / "proofs_check" / "evidence").mkdir(parents=True)
    (tmp_path / "proofs_check" / "evidence" / "__init__.py").write_text("import proofs_check.report\n")
    (tmp_path / "proofs_check" / "report.py").write_text('names_from("proofs_check", {"evidence": ["tally"]})\n')
    assert circles(tmp_path) == ["evidence", "report"]


def test_a_long_module_is_found(tmp_path: Path) -> None:
    for folder, lines in (("constructions/wiring", LONGEST), ("proofs_check/kernel", LONGEST_CHECKER)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "_just.py").write_text("x = 1\n" * lines)
        (tmp_path / folder / "_long.py").write_text("x = 1\n" * (lines + 1))
    faults = [fault.split(":")[0] for fault in long_modules(tmp_path)]
    assert faults == ["constructions/wiring/_long.py", "proofs_check/kernel/_long.py"]


def test_an_odd_name_at_the_top_is_found() -> None:
    tracked = ["README.md", ".ci/run", "docs/index.md", "notes.txt", "scripts/x.sh", "tests/test_layout.py"]
    assert odd_names(tracked) == ["notes.txt", "scripts"]
