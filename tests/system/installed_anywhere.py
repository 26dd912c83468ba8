#!/usr/bin/env python3
"""``python tests/system/installed_anywhere.py [--python PATH]... [--built FOLDER] [--only WORD] [--quick]``.

Installs the project as users do and runs it where something is missing or in the way. In every situation the same
commands must give the right results, without a traceback and with at most one line of note. Prints a line for each
situation; exit code 1 if one failed. Needs the standard library alone, pip's network, and git for the zip archive.
"""

import argparse
import contextlib
import ctypes
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_DROP_FROM_BOUNDING_SET = 24  # of prctl(2); 0, 1, 2 of capabilities(7) let the superuser write anywhere
_LEAVES = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "RETRIEVAL_GAP_NOTED", "PYTHONPATH")

RUN = ("run", "transformer/associative-recall", "3 1 4 1 5 ? 4", "--arithmetic", "float:12")
"""A command that compiles: floating point is computed by compiled loops."""


class Wrong(AssertionError):  # noqa: N818
    """What a command did and must not."""


@dataclass(frozen=True)
class Place:
    """Where commands run: an interpreter that has the project, an environment, a folder, and what is done before."""

    python: Path
    folder: Path
    certificate: Path
    quick: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    first: Callable[[], None] = lambda: None

    def with_(self, **environment: str) -> "Place":
        return replace(self, environment={**self.environment, **environment})

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        kept = {name: value for name, value in os.environ.items() if name not in _LEAVES}
        return subprocess.Popen(
            [str(self.python), "-m", "proofs_check", *arguments],
            cwd=self.folder, env={**kept, **self.environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", preexec_fn=self.first,  # noqa: PLW1509
        )  # fmt: skip


def judged(process: "subprocess.Popen[str]", word: str) -> None:
    """Raise :class:`Wrong` unless the command printed the word, ended with 0 and noted at most one line."""
    printed, said = process.communicate(timeout=3600)
    notes = [line for line in said.splitlines() if not line.startswith("parts of the evidence")]
    told = f"{process.args[3:]}: exit code {process.returncode}, {said!r}"  # type: ignore[index]
    if process.returncode != 0 or "Traceback" in said or len(notes) > 1:
        raise Wrong(told)
    if word not in printed:
        raise Wrong(f"{told}; {word!r} is not in {printed[-300:]!r}")


def all_right(place: Place) -> None:
    """List, run and check, and verify a theorem."""
    judged(place.start("list"), "transformer/istree")
    judged(place.start(*RUN), "answer: 1")
    judged(place.start("check", str(place.certificate)), "VERIFIED fooling-set")
    if not place.quick:
        judged(place.start("verify", "4.6"), "VERIFIED")


# Situations


def keep_to_permissions() -> None:
    """The superuser must not write where nobody may; anybody else cannot anyway."""
    for capability in (0, 1, 2):
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


def read_only_home(place: Place) -> None:
    home = place.folder / "home"
    home.mkdir()
    home.chmod(0o555)
    all_right(replace(place, first=keep_to_permissions).with_(HOME=str(home)))
    if any(home.iterdir()):
        raise Wrong("something was written into a home that is read-only")


def as_nobody() -> None:
    """Another user, who owns nothing."""
    user = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def another_user(place: Place) -> None:
    if os.geteuid() != 0:
        raise NotTried("only the superuser may become another user")
    home = place.folder / "nobody"
    home.mkdir()
    os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    all_right(replace(place, first=as_nobody).with_(HOME=str(home)))
    if not list(home.rglob("*.nbi")):
        raise Wrong("compiled code is not kept in the home of the other user")


def somebody_elses_cache(place: Place) -> None:
    """The cache of the superuser, where nobody may read but not write."""
    if os.geteuid() != 0:
        raise NotTried("only the superuser may become another user")
    own = place.with_(XDG_CACHE_HOME=str(place.folder / "cache"))
    judged(own.start(*RUN), "answer: 1")
    all_right(replace(own, first=as_nobody).with_(HOME="/nonexistent"))


def no_home(place: Place) -> None:
    """HOME is not set, and the user's entry in the system names no folder either, where there is such a user."""
    all_right(replace(place, first=as_nobody if os.geteuid() == 0 else keep_to_permissions))


def home_that_is_not_there(place: Place) -> None:
    all_right(replace(place, first=keep_to_permissions).with_(HOME="/there/is/no/such/folder"))


def home_that_is_a_file(place: Place) -> None:
    home = place.folder / "file"
    home.write_text("no folder")
    all_right(place.with_(HOME=str(home)))


def blanks_and_accents(place: Place) -> None:
    home = place.folder / "été à la plage — 夏"
    home.mkdir()
    beside = home / "le certificat.json"
    beside.write_bytes(place.certificate.read_bytes())
    for language in ("C.UTF-8", "C"):
        all_right(replace(place, folder=home, certificate=beside).with_(HOME=str(home), LC_ALL=language))


def two_at_once(place: Place) -> None:
    for number in range(3):
        shared = place.with_(XDG_CACHE_HOME=str(place.folder / f"cache {number}"))
        for process in [shared.start(*RUN) for _ in range(2)]:
            judged(process, "answer: 1")
        judged(shared.start(*RUN), "answer: 1")
    all_right(shared)


def killed_while_compiling(place: Place) -> None:
    """Killed when so many files of the cache are there, temporary ones included; the next run heals."""
    for number in (1, 2, 3, 5, 8):
        cache = place.folder / f"cache {number}"
        dying = place.with_(XDG_CACHE_HOME=str(cache))
        process = dying.start(*RUN)
        while process.poll() is None and sum(path.is_file() for path in _files(cache)) < number:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        judged(dying.start(*RUN), "answer: 1")
        judged(dying.start(*RUN), "answer: 1")
    all_right(dying)


def _files(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):  # one went while they were listed
        return [path for path in folder.rglob("*") if path.is_file()]
    return []


def full_disk(place: Place) -> None:
    """A disk of 16 KiB for the cache where one can be mounted; elsewhere no file may grow beyond 100 bytes."""
    cache = place.folder / "full"
    cache.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(cache)],
            capture_output=True,
            check=False,
        ).returncode
    )
    full = place.with_(XDG_CACHE_HOME=str(cache))
    try:
        if mounted:
            with contextlib.suppress(OSError):
                (cache / "fill").write_bytes(bytes(8 * 1024))
            all_right(full)
        all_right(replace(full, first=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))))
    finally:
        if mounted:
            subprocess.run([shutil.which("umount") or "umount", str(cache)], check=True)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "a byte changed": lambda data: b"".join(
        (data[: len(data) // 3], bytes(byte ^ 0x55 for byte in data[len(data) // 3 :][:1]), data[len(data) // 3 + 1 :])
    ),
    "noise": lambda data: bytes(range(256)) * 4,
    "another object": lambda data: b"\x80\x04K\x01.",
}


def damaged_cache(place: Place) -> None:
    kept = place.with_(XDG_CACHE_HOME=str(place.folder / "cache"))
    judged(kept.start(*RUN), "answer: 1")
    for pattern in ("*.nbi", "*.nbc"):
        for damage in DAMAGES.values():
            for file in (place.folder / "cache").rglob(pattern):
                file.write_bytes(damage(file.read_bytes()))
            judged(kept.start(*RUN), "answer: 1")
            judged(kept.start(*RUN), "answer: 1")
    for file in (place.folder / "cache").rglob("*.nbi"):
        file.unlink()
        file.mkdir()
    judged(kept.start(*RUN), "answer: 1")
    all_right(kept)


SITUATIONS: dict[str, Callable[[Place], None]] = {
    "an empty cache": lambda place: all_right(place.with_(XDG_CACHE_HOME=str(place.folder / "cache"))),
    "a read-only home": read_only_home,
    "no home": no_home,
    "a home that is not there": home_that_is_not_there,
    "a home that is a file": home_that_is_a_file,
    "another user": another_user,
    "somebody else's cache": somebody_elses_cache,
    "blanks and accents in the path": blanks_and_accents,
    "two processes that compile at once": two_at_once,
    "killed while compiling": killed_while_compiling,
    "a full disk": full_disk,
    "damaged files in the cache": damaged_cache,
}
"""What is tried with one installation."""


class NotTried(Exception):  # noqa: N818
    """Why a situation cannot be tried here."""


# Installations

INSTALLATIONS = ("the wheel", "the source distribution", "a zip archive of the source", "the lowest versions")
"""How it is installed; the first with every interpreter, in a path with blanks and accents."""


def built(folder: Path) -> dict[str, Path]:
    """The wheel, the source distribution and the zip archive; made where the folder has none."""
    if not list(folder.glob("*.whl")):
        maker = folder / "maker"
        _called(sys.executable, "-m", "venv", str(maker))
        _called(str(maker / "bin" / "pip"), "install", "-q", "build")
        _called(str(maker / "bin" / "python"), "-m", "build", "-o", str(folder), str(ROOT))
        _called("git", "-C", str(ROOT), "archive", "--format=zip", "-o", str(folder / "source.zip"), "HEAD")
    found = [next(folder.glob(pattern)) for pattern in ("*.whl", "*.tar.gz", "*.zip")]
    return dict(zip(INSTALLATIONS, found, strict=False))


def _called(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Wrong(f"{' '.join(command)}: {done.stderr[-1500:]}")


def installed(python: str, what: Path, folder: Path, *pinned: str) -> Path:
    """The interpreter of a new virtual environment that has the project."""
    _called(python, "-m", "venv", str(folder))
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "-q")
    if pinned:
        _called(*pip, *pinned)
        _called(*pip, "--no-deps", str(what))
    else:
        _called(*pip, str(what))
    return folder / "bin" / "python"


def lowest() -> list[str]:
    """The lowest version of each dependency that is declared."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [requirement.replace(">=", "==") for requirement in project["dependencies"]]


@contextlib.contextmanager
def _open_folder() -> Iterator[Path]:
    """A temporary folder that every user may read."""
    with tempfile.TemporaryDirectory(prefix="anywhere") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def tried(name: str, work: Callable[[], None]) -> bool:
    """Do it and print a line; whether it went well."""
    began = time.monotonic()
    try:
        work()
    except NotTried as reason:
        print(f"not tried  {name}: {reason}", flush=True)
        return True
    except PermissionError as error:
        print(f"not tried  {name}: the other user may not run {error.filename}", flush=True)
        return True
    except (Wrong, subprocess.TimeoutExpired) as error:
        print(f"FAILED     {name}: {error}", flush=True)
        return False
    print(f"right      {name} ({time.monotonic() - began:.0f} s)", flush=True)
    return True


def situations(python: Path, folder: Path, quick: bool, only: str = "") -> bool:
    """Try every situation with one interpreter that has the project."""
    certificate = folder / "certificate.json"
    place = Place(python, folder, certificate, quick)
    judged(place.start("certify", "index", "--n", "3", "--out", str(certificate)), "27 prefixes")
    well = True
    for name, work in SITUATIONS.items():
        if only in name:
            own = folder / name.replace("'", "")
            own.mkdir()
            well &= tried(name, lambda work=work, own=own: work(replace(place, folder=own)))  # type: ignore[misc]
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", help="an interpreter to install for; this one unless given")
    parser.add_argument(
        "--built", type=Path, help="a folder with wheel, sdist and source.zip, made unless they are there"
    )
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--quick", action="store_true", help="without verify")
    asked = parser.parse_args()
    well, pythons = True, asked.python or [sys.executable]
    with _open_folder() as folder:
        files = built(asked.built or folder)

        def installs(python: str, how: str, *pinned: str) -> None:
            own = folder / f"installé {len(list(folder.iterdir()))}"
            home = own / "home"
            found = installed(python, files.get(how, files["the wheel"]), own / "un venv", *pinned)
            home.mkdir()
            judged(
                Place(found, home, home).with_(HOME=str(home)).start("certify", "index", "--n", "3", "--out", "c.json"),
                "27",
            )
            all_right(Place(found, home, home / "c.json", asked.quick).with_(HOME=str(home)))

        for python in pythons:
            version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()
            for how in INSTALLATIONS if python == pythons[0] else INSTALLATIONS[:1]:
                pinned = lowest() if how == "the lowest versions" else []
                if asked.only in how:
                    well &= tried(f"{how}, {version}", lambda p=python, h=how, v=pinned: installs(p, h, *v))  # type: ignore[misc]
        if any(asked.only in name for name in SITUATIONS):
            well &= situations(
                installed(pythons[0], files["the wheel"], folder / "venv"), folder, asked.quick, asked.only
            )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
