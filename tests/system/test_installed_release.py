"""What a release consists of, installed away from its source, and every command of the README as three readers run it.

Packages are fetched as pip is configured to; then the environment is empty: no home, no variables, no source near.
"""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import tarfile
import termios
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.readme import COMMANDS, INSTALL, README, ROOT, exit_code, rows, shown

pytestmark = pytest.mark.system

MINIMAL = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
WAYS = ("terminal", "pipe", "ci")


def called(command: list[str | Path], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def tracked() -> set[str]:
    """The files under version control, or those of a source that was unpacked."""
    git = ROOT / ".git"
    if git.exists():
        return set(called(["git", "ls-files"], ROOT).splitlines())
    return {
        str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files under version control, and of nothing else."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def distributions(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An sdist, and the wheel that is built from the sdist, with the least that builds them."""
    folder = tmp_path_factory.mktemp("distributions")
    called([sys.executable, "-m", "venv", folder / "builder"], folder)
    python = folder / "builder" / "bin" / "python"
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    called([python, "-m", "pip", "install", "-q", *needs], folder)
    called([python, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], source)
    (sdist,) = folder.glob("*.tar.gz")
    called([python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, sdist], folder)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def installed(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs of an environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("installed")
    called([sys.executable, "-m", "venv", folder / "venv"], folder)
    called([folder / "venv" / "bin" / "python", "-m", "pip", "install", "-q", distributions[1]], folder)
    return folder / "venv" / "bin"


def bare(home: Path, programs: Path, **more: str) -> dict[str, str]:
    """An environment with an empty home, where only the installed programs and those of the system are found."""
    home.mkdir(exist_ok=True)
    return {**MINIMAL, "HOME": str(home), "PATH": f"{programs}:{MINIMAL['PATH']}", **more}


def on_terminal(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The exit code, and what is to be read on a terminal of 80 columns when the command has ended."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
    os.close(ours)
    return running.returncode, as_read(b"".join(pieces).decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 2**16)
    except OSError:  # how Linux says that the other side was closed
        return b""


def as_read(written: str) -> str:
    """Lines as they stand on a terminal: what follows a carriage return stands over what was there."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        seen = ""
        for part in line.split("\r"):
            seen = part + seen[len(part) :]
        lines.append(seen.rstrip())
    return "\n".join(lines)


def ran(way: str, command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The exit code and the output: on a terminal, in a pipe, or in a file as in CI, where no input is."""
    if way == "terminal":
        return on_terminal(command, folder, environment)
    if way == "pipe":
        piped = f"({command}; echo $? >code) | cat"
        printed = subprocess.run(
            ["/bin/sh", "-c", piped], cwd=folder, env=environment, stdout=-1, text=True, check=True
        )
        return int((folder / "code").read_text()), printed.stdout
    with (folder / "log").open("w") as log:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env={**environment, "CI": "true"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            check=False,
        )
    return done.returncode, (folder / "log").read_text()


def test_a_terminal_is_read_as_one_sees_it() -> None:
    assert as_read("\rhalf of it  \r           \rdone\r\nnext\r\n") == "done\nnext\n"
    assert as_read("answer: 1\r\n") == "answer: 1\n"
    assert as_read("progress\ranswer") == "answerss"  # what is not wiped out is seen


def test_the_distributions_hold_what_belongs_to_them(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[0]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()} - {"PKG-INFO"}
    assert held == {name for name in tracked() if not name.startswith(".ci/")}
    with zipfile.ZipFile(distributions[1]) as archive:
        files = set(archive.namelist())
    described = {name for name in files if name.partition("/")[0].endswith(".dist-info")}
    assert files - described == {name for name in tracked() if name.startswith(("constructions/", "proofs_check/"))}
    assert any(name.endswith("/licenses/LICENSE") for name in described)


def test_the_wheel_verifies_where_nothing_else_is(installed: Path, tmp_path: Path) -> None:
    """Every theorem, with the numbers of the README; and the installed code is what ran."""
    folder, environment = tmp_path / "away", bare(tmp_path / "home", installed)
    folder.mkdir()
    where = "import constructions as c; print(c.__file__, c.__version__)"
    file, version = called([installed / "python", "-c", where], folder, environment).split()
    assert Path(file).is_relative_to(installed.parent)
    assert version == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert called([installed / "retrieval-gap", "--version"], folder, environment) == f"retrieval-gap {version}\n"
    code, printed = ran("pipe", "retrieval-gap verify", folder, environment)
    assert (code, rows(printed)) == (0, rows(README))


def test_a_certificate_of_the_wheel_is_checked_by_the_copied_kernel(installed: Path, tmp_path: Path) -> None:
    environment = bare(tmp_path / "home", installed)
    command = "retrieval-gap certify index --n 4 --out certificate.json"
    called(["/bin/sh", "-c", command], tmp_path, environment)
    where = "import proofs_check.kernel as k; print(k.__path__[0])"
    kernel = called([installed / "python", "-c", where], tmp_path, environment).strip()
    shutil.copytree(kernel, tmp_path / "kernel")
    line = called(["/usr/bin/env", "-i", sys.executable, "-I", "-S", "kernel", "certificate.json"], tmp_path)
    assert line.startswith("VERIFIED fooling-set: index, n = 4")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", [command for command in COMMANDS if command != INSTALL])
def test_a_command_of_the_readme_prints_what_it_says(command: str, way: str, installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    code, printed = ran(way, command, tmp_path, bare(tmp_path / "home", installed))
    assert COMMANDS[command](printed), printed
    assert code == exit_code(command)


def test_the_readme_leads_a_newcomer_from_the_source_to_the_table(source: Path, tmp_path: Path) -> None:
    """On a terminal: what is typed first, as it stands there. pip is told where packages are, as elsewhere."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    (tmp_path / "home").mkdir()
    caches = {"XDG_CACHE_HOME": str(tmp_path / "home")} | ({"PIP_CACHE_DIR": cache} if (cache := pip_cache()) else {})
    code, printed = on_terminal(INSTALL, source, {**environment, **caches})
    assert (code, COMMANDS[INSTALL](printed)) == (0, True), printed[-4000:]
    # Nothing that is wider than the terminal, once pip has ended.
    table = printed[printed.index("theorem  verdict") :]
    assert max(map(len, table.splitlines())) <= 80
    # Isolated, so that it is the installed code that is imported.
    called([source / ".venv" / "bin" / "python", "-I", "-m", "doctest", "README.md"], source)


def pip_cache() -> str:
    """Where pip keeps what it has fetched, so that it is not fetched again."""
    done = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


@pytest.mark.parametrize("change", ["answer: 1", "WRONG"])
def test_another_output_is_seen(change: str) -> None:
    """The checks of the commands accept what the README shows and nothing that differs in a word."""
    results = {command: text for command, text in shown(README).items() if change in text}
    assert results
    for command, text in results.items():
        assert COMMANDS[command](text)
        assert not COMMANDS[command](text.replace(change, change.lower() + "x", 1))


def test_another_table_is_seen() -> None:
    table = next(line for line in README.splitlines() if line.startswith("4.7 "))
    assert COMMANDS[INSTALL](README.replace(table, table[:-2] + "99"))  # the seconds are a machine's
    assert not COMMANDS[INSTALL](README.replace(table, table.replace("VERIFIED", "REFUTED ")))
    assert not COMMANDS[INSTALL](README.replace(table, table.replace("12/12", "11/12")))
