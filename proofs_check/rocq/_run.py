"""Runs Coq: compiles what theorems need, and asks on which axioms each of them rests."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from constructions.errors import InputError
from proofs_check._atomic_write import write_text
from proofs_check.rocq._sources import PATHS, Source, digests
from proofs_check.rocq._theorems import ProvedTheorem

INSTALL = "apt-get install coq"
"""The command that installs Coq where Debian's packages are."""

SECONDS_PER_FILE = 600
"""When Coq is stopped; the slowest file takes a few seconds."""

_STOPPED = 124
"""The exit code of a Coq that was stopped, as of timeout(1)."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Prover:
    """A ``coqc`` that can be run."""

    path: str
    version: str


@dataclass
class Compiled:
    """What became of a file: how long Coq took in this run (0 if an earlier run compiled it), and what it said."""

    seconds: float = 0.0
    error: str = ""
    refused: bool = False


@dataclass
class Outcome:
    """A theorem after the run: ``axioms`` are those that it rests on, None where Coq did not get so far."""

    theorem: ProvedTheorem
    seconds: float
    axioms: list[str] | None
    error: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """VERIFIED exactly if Coq accepted the proof and no axiom is used."""
        return "VERIFIED" if self.axioms == [] else "REJECTED"


def find_prover(given: str | None) -> Prover | None:
    """The ``coqc`` that was named, or the one on PATH; None if there is none on PATH.

    Raises:
        InputError: if the one that was named cannot be run.
    """
    path = shutil.which(given or "coqc")
    if path is None:
        if given is not None:
            raise InputError(f"--coqc {given}: no such program")
        return None
    try:
        done = subprocess.run([path, "--print-version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(f"{path} does not run as Coq's compiler: {error}") from error
    version = re.match(r"[0-9]+\.[0-9]+\S*", done.stdout)
    if version is None:
        raise InputError(f"{path} does not say which version of Coq it is, so it is not Coq's compiler")
    return Prover(path, version[0])


def cache_directory(prover: Prover) -> Path:
    """Where compiled files are kept between runs: one directory for each version, which read no other's files."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "retrieval-gap" / "rocq" / prover.version


class Assumptions(NamedTuple):
    """By full name, the axioms of theorems; the seconds that Coq took; what to say if it was stopped and said none."""

    axioms: Mapping[str, list[str]] = {}
    seconds: float = 0.0
    stopped: str = ""


class Builder:
    """Compiles files in a directory; what an earlier run compiled from the same texts is kept.

    Args:
        directory: holds a directory per logical path.
        prover: which Coq.
        progress: told the file, how many are done, how many there are.
    """

    def __init__(self, directory: Path, prover: Prover, progress: Progress | None = None) -> None:
        self._directory, self._prover, self._progress = directory, prover, progress

    def write(self, order: Sequence[Source]) -> None:
        """Write files that are not there yet as they are."""
        for source in order:
            path = self._directory / source.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_text(encoding="utf-8") != source.text:
                write_text(path, source.text)

    def compile(self, order: Sequence[Source]) -> dict[str, Compiled]:
        """Compile files, each after what it loads; what a refused file would be loaded by is not tried."""
        keys = digests(order, self._prover.version)
        results: dict[str, Compiled] = {}
        waiting, running = list(order), dict[Future[Compiled], str]()
        with ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1)) as pool:
            while waiting or running:
                for source in list(waiting):
                    if all(module in results for module in source.requires):
                        waiting.remove(source)
                        broken = [m for m in source.requires if results[m].error]
                        if broken:
                            results[source.module] = Compiled(error=f"{broken[0]} was not accepted")
                        else:
                            running[pool.submit(self._compile, source, keys[source.module])] = source.module
                if not running:
                    continue
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    module = running.pop(done)
                    results[module] = done.result()
                    if self._progress is not None:
                        self._progress(f"{module}.v", len(results), len(order))
        return results

    def _compile(self, source: Source, key: str) -> Compiled:
        marker = self._directory / f"{source.path}.key"
        if marker.is_file() and marker.read_text() == key and (self._directory / f"{source.path}o").is_file():
            return Compiled()
        marker.unlink(missing_ok=True)  # before: a run that is interrupted leaves half a file
        began = time.monotonic()
        done = self.coqc(source.path)
        seconds = time.monotonic() - began
        if done.returncode != 0:
            return Compiled(seconds, done.stderr.strip() or "Coq stopped without a message", refused=True)
        write_text(marker, key)
        return Compiled(seconds)

    def coqc(self, path: str) -> "subprocess.CompletedProcess[str]":
        """Run Coq on a file below the directory."""
        mapped = [word for folder, logical in PATHS for word in ("-Q", folder, logical)]
        command = [self._prover.path, "-q", *mapped, path]
        try:
            return subprocess.run(
                command, cwd=self._directory, capture_output=True, text=True, timeout=SECONDS_PER_FILE, check=False
            )
        except subprocess.TimeoutExpired:
            said = f"{path}: Coq was stopped after {SECONDS_PER_FILE} seconds"
            return subprocess.CompletedProcess(command, _STOPPED, "", said)

    def assumptions(self, theorems: Sequence[ProvedTheorem]) -> Assumptions:
        """Ask Coq for the axioms that theorems of compiled files rest on."""
        modules = dict.fromkeys(theorem.module for theorem in theorems)
        lines = [f"From RetrievalGap{_logical(module)} Require {module}." for module in modules]
        lines += [f'Redirect "axioms.{k}" Print Assumptions {t.name}.' for k, t in enumerate(theorems)]
        (self._directory / "theories").mkdir(parents=True, exist_ok=True)
        write_text(self._directory / "Assumptions.v", "\n".join(lines) + "\n")
        outputs = [self._directory / f"axioms.{k}.out" for k in range(len(theorems))]
        for output in outputs:
            output.unlink(missing_ok=True)
        began = time.monotonic()
        done = self.coqc("Assumptions.v")
        seconds = time.monotonic() - began
        found = {}
        for theorem, output in zip(theorems, outputs, strict=True):
            if done.returncode == 0 and output.is_file():
                found[theorem.name] = _axioms(output.read_text(encoding="utf-8"))
            output.unlink(missing_ok=True)
        return Assumptions(found, seconds, done.stderr if done.returncode == _STOPPED else "")


def _logical(module: str) -> str:
    return ".Generated" if module.startswith(("Gen_", "Wire_")) else ""


def _axioms(printed: str) -> list[str]:
    """The names in what ``Print Assumptions`` says; anything but the one sentence about none counts as some."""
    if printed.strip() == "Closed under the global context":
        return []
    names = re.findall(r"^(?!Axioms\s*:)([\w.']+)\s*:", printed, re.MULTILINE)  # the first line is a heading
    return names or [" ".join(printed.split()) or "no answer"]


def outcomes(builder: Builder, theorems: Sequence[ProvedTheorem], compiled: Mapping[str, Compiled]) -> list[Outcome]:
    """What each theorem came to, once the files are compiled; a file's time is shared by its theorems."""
    accepted = [theorem for theorem in theorems if not compiled[theorem.module].error]
    axioms, seconds, stopped = builder.assumptions(accepted) if accepted else Assumptions()
    found = []
    for theorem in theorems:
        file = compiled[theorem.module]
        sharing = sum(other.module == theorem.module for other in theorems)
        spent = file.seconds / sharing + (seconds / len(accepted) if not file.error else 0)
        rests_on = axioms.get(theorem.name)
        absent = stopped or f"{theorem.module}.v holds no {theorem.lemma}"
        missing = "" if file.error or rests_on is not None else absent
        found.append(Outcome(theorem, spent, rests_on, file.error or missing))
    return found


@contextmanager
def locked(directory: Path, waits: Callable[[str], None]) -> Iterator[None]:
    """While one process builds in a directory another one says so and waits, where the system has such locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(directory / ".lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits(f"waiting for another run that builds in {directory}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
