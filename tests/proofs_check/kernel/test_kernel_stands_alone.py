"""The kernel is small, imports nothing of the rest, and runs from a copied folder on a bare Python."""

import ast
import io
import json
import shlex
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import proofs_check.kernel
from proofs_check.certificates import Question, fooling_set, save
from tests import certificate_corpus as corpus

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


# What must be read for a kind

TO_READ = {"contracts": 450, "exhaustive": 1_000}
"""Lines of code of the modules that a check of a certificate imports: fewer than these."""

TRACED = """
import contextlib, json, runpy, sys
folder, path = sys.argv[1:]
sys.argv = [folder, path]
with contextlib.suppress(SystemExit):
    runpy.run_path(folder, run_name="__main__")
loaded = [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "kernel"]
print(json.dumps(loaded))
"""


def code_lines(path: Path) -> int:
    """Lines that hold code: not those that are empty, or hold comments or docstrings alone."""
    source = path.read_text()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {n for token in tokens if token.type not in skipped for n in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def modules_read(certificate: dict[str, object], tmp_path: Path) -> set[str]:
    """The modules that ``python -I -S kernel FILE`` imports to check this certificate, and the file that starts it."""
    path = tmp_path / "certificate.json"
    save(certificate, path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", TRACED, str(FOLDER), str(path)], capture_output=True, text=True, check=True
    )
    verdict, loaded = done.stdout.splitlines()
    assert verdict.startswith("VERIFIED ")
    return {Path(name).name for name in json.loads(loaded)} | {"__main__.py"}


@pytest.mark.parametrize("kind", TO_READ)
def test_little_must_be_read_for_a_kind(kind: str, tmp_path: Path) -> None:
    certificate = next(c for c in corpus.good().values() if c["kind"] == kind)
    read = modules_read(certificate, tmp_path)
    assert {"__init__.py", "_main.py", "_reading.py", "_verdict.py"} < read
    assert sum(code_lines(FOLDER / name) for name in read) < TO_READ[kind], sorted(read)


SHARED = {"__init__.py", "__main__.py", "_main.py", "_reading.py", "_verdict.py"}
OF_MODELS = SHARED | {"_inputs.py", "_layers.py", "_model.py", "_reference.py", "_runs.py"}
FOOLING = SHARED | {"_fooling.py", "_families.py", "_reference.py", "_rows.py", "_columns.py"}
READ = {
    "contracts": ("contracts", SHARED | {"_contracts.py", "_polynomials.py"}),
    "exhaustive, sampled": ("index model", OF_MODELS),
    "the same for models that search": ("index model, searching", OF_MODELS | {"_search.py", "_matcher.py"}),
    "fooling-set": ("index", FOOLING),
    "the same for tasks of version 2": ("disjointness", FOOLING | {"_further.py"}),
    "state-count": ("counting, counted", FOOLING | {"_state_count.py"}),
    "no-machine": ("no machine", SHARED | {"_no_machine.py", "_drat.py", "_reference.py"}),
    "precision": ("index model, softmax", OF_MODELS | {"_precision.py"}),
    "sweep": ("index model, sweep", OF_MODELS | {"_sweep.py"}),
}
"""By the rows of the table in docs/trusted-base.md: a certificate, and the modules that its check imports."""


def test_checkers_are_imported_when_their_kind_occurs(tmp_path: Path) -> None:
    page = (FOLDER.parents[1] / "docs" / "trusted-base.md").read_text()
    for row, (name, modules) in READ.items():
        assert modules_read(corpus.good()[name], tmp_path) == modules, name
        assert f"| {row} | {sum(code_lines(FOLDER / module) for module in modules):,} |\n" in page
    assert {path.name for path in MODULES} == set().union(*(modules for _, modules in READ.values()))


def test_code_is_counted_without_comments_and_docstrings(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        '"""Two\nlines."""\n\n# a comment\nx = (\n    1,  # one\n)\n\n\ndef f():\n    """Words."""\n    return x\n'
    )
    assert code_lines(path) == 5


@pytest.mark.parametrize("ending", ["full", "closed", "broken"])
def test_a_line_that_cannot_be_written_has_an_exit_code_of_its_own(ending: str, tmp_path: Path) -> None:
    """Not 0, since nobody saw the verdict, and not 1, which says REJECTED."""
    file = tmp_path / "certificate.json"
    file.write_text("{}")
    command = f"{shlex.quote(sys.executable)} -m proofs_check.kernel {shlex.quote(str(file))}"
    end = {
        "full": f"{command} >/dev/full",
        "closed": f"{command} >&-",
        "broken": f"(sleep 0.5; {command}) | true; exit ${{PIPESTATUS[0]}}",
    }[ending]
    done = subprocess.run(["/bin/bash", "-c", end], capture_output=True, text=True, cwd=FOLDER.parents[1], check=False)
    assert (done.returncode, done.stdout, done.stderr) == (5, "", "")
