"""The kernel is small, imports nothing of the rest, and runs from a copied folder on a bare Python."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import proofs_check.kernel
from proofs_check.certificates import Question, fooling_set, save

FOLDER = Path(proofs_check.kernel.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
WORDS = {"VERIFIED": 0, "REJECTED": 1, "MALFORMED": 2, "INCOMPLETE": 3}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    good = fooling_set(Question("index", 3, 2), "words", 8)
    certificates = {
        "VERIFIED": good,
        "REJECTED": {**good, "states": 9},
        "MALFORMED": {**good, "states": "8"},
        "INCOMPLETE": {**good, "n": 40},
    }
    paths = {word: tmp_path / f"{word.lower()}.json" for word in WORDS}
    for word, certificate in certificates.items():
        save(certificate, paths[word])
    return paths


def run(arguments: list[str | Path], cwd: Path) -> tuple[int, str]:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    return done.returncode, lines[0]


def invocations(root: Path) -> dict[str, tuple[list[str | Path], Path]]:
    """Four ways to start it: in the project, as a copied package, as a copied folder, with nothing around."""
    copied = root / "elsewhere"
    shutil.copytree(FOLDER, copied / "kernel", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FOLDER, copied / "renamed", ignore=shutil.ignore_patterns("__pycache__"))
    return {
        "module of the project": (["-m", "proofs_check.kernel"], FOLDER.parents[1]),
        "copied package": (["-S", "-m", "kernel"], copied),
        "copied folder, isolated": (["-I", "-S", copied / "kernel"], root),
        "copied folder, relative": (["-I", "-S", "kernel"], copied),
        "renamed folder": (["-I", "-S", copied / "renamed"], root),
        "its main file": (["-I", "-S", copied / "kernel" / "__main__.py"], root),
    }


def test_every_way_to_start_it_gives_every_verdict(tmp_path: Path, files: dict[str, Path]) -> None:
    for how, (start, cwd) in invocations(tmp_path).items():
        for word, path in files.items():
            code, line = run([*start, path], cwd)
            assert (code, line.split(" ")[0]) == (WORDS[word], word), how


def test_neighbours_of_a_copied_folder_are_not_imported(tmp_path: Path, files: dict[str, Path]) -> None:
    """Files that shadow the standard library lie beside the folder and in the working directory."""
    start, _ = invocations(tmp_path)["copied folder, isolated"]
    for folder in (tmp_path, tmp_path / "elsewhere"):
        for module in ("json", "re", "hashlib", "fractions", "proofs_check"):
            (folder / f"{module}.py").write_text("raise SystemExit('imported')\n")
    assert run([*start, files["VERIFIED"]], tmp_path)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["a", "b"], ["--help"], ["--sample"], ["--sample", "x", "a"], ["--seed", "-1", "a"], ["missing.json"], ["."]],
)
def test_bad_usage_and_unreadable_files_are_malformed(arguments: list[str], tmp_path: Path) -> None:
    start, _ = invocations(tmp_path)["copied package"]
    code, line = run([*start, *arguments], tmp_path / "elsewhere")
    assert (code, line.split(" ")[0]) == (2, "MALFORMED")


def test_endless_files_are_not_read_to_the_end(tmp_path: Path) -> None:
    start, cwd = invocations(tmp_path)["copied package"]
    code, line = run([*start, "/dev/zero"], cwd)
    assert (code, line.split(" ")[0]) == (2, "MALFORMED")


def test_options_of_a_spot_check(tmp_path: Path) -> None:
    from constructions.theorems import construction
    from proofs_check.certificates import certify_exhaustive

    path = tmp_path / "certificate.json"
    save(certify_exhaustive(construction("transformer/index"), 3, 2), path)
    start, cwd = invocations(tmp_path)["copied package"]
    assert run([*start, path], cwd)[0] == 0
    code, line = run([*start, path, "--sample", "5", "--seed", "3"], cwd)
    assert code == 3
    assert "5 of 24 inputs, seed 3" in line


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_import_only_the_standard_library_and_each_other(path: Path) -> None:
    siblings = {module.stem for module in MODULES}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").split(".")[0] in sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1
            names = [node.module] if node.module else [alias.name for alias in node.names]
            assert all(name in siblings or name == "main" for name in names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__", "open"} or path.name == "_main.py"
        elif isinstance(node, ast.Constant):
            assert not isinstance(node.value, float)  # no floating point anywhere


def test_importing_the_kernel_imports_nothing_of_the_project() -> None:
    script = (
        "import sys, proofs_check.kernel; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('constructions', 'numpy', 'proofs_check')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=FOLDER.parents[1], capture_output=True, text=True, check=True
    )
    loaded = ast.literal_eval(done.stdout)
    assert {name for name in loaded if not name.startswith("proofs_check.kernel")} == {"proofs_check"}


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in MODULES}
    assert max(lengths.values()) <= 300, lengths


def test_no_module_has_the_name_of_one_of_the_standard_library() -> None:
    """A folder given to Python is searched first, and ``_json``, for one, is a module of Python's own."""
    assert not {path.stem for path in MODULES if path.stem != "__main__"} & set(sys.stdlib_module_names)
