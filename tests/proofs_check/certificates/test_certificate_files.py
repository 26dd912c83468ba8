"""Files are written whole or not at all, with the permissions that the user's umask leaves."""

import errno
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from constructions.errors import InputError, OutputError
from proofs_check._atomic_write import write_text
from proofs_check.certificates import Question, canonical_text, fooling_set, save

CERTIFICATE = fooling_set(Question("index", 2, 2), "words", 4)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_gets_the_permissions_that_the_umask_leaves(tmp_path: Path, mask: int) -> None:
    old = os.umask(mask)
    try:
        save(CERTIFICATE, tmp_path / "new.json")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == 0o666 & ~mask
    assert (tmp_path / "new.json").read_text() == canonical_text(CERTIFICATE)
    assert names(tmp_path) == ["new.json"]


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text("old")
    path.chmod(0o640)
    save(CERTIFICATE, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text() == canonical_text(CERTIFICATE)
    assert names(tmp_path) == ["old.json"]


def test_a_link_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "file.json").write_text("another file")
    (tmp_path / "link.json").symlink_to("far/file.json")
    (tmp_path / "nowhere.json").symlink_to("far/missing.json")
    (tmp_path / "hard.json").hardlink_to(tmp_path / "far" / "file.json")
    for name in ("link.json", "nowhere.json", "hard.json"):
        save(CERTIFICATE, tmp_path / name)
        assert not (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_text() == canonical_text(CERTIFICATE)
    assert names(tmp_path / "far") == ["file.json"]
    assert (tmp_path / "far" / "file.json").read_text() == "another file"


def test_a_name_of_the_system_is_written_to_and_stays(tmp_path: Path) -> None:
    with (tmp_path / "opened.json").open("w") as file:
        save(CERTIFICATE, f"/proc/self/fd/{file.fileno()}")
    assert (tmp_path / "opened.json").read_text() == canonical_text(CERTIFICATE)
    save(CERTIFICATE, "/dev/null")
    assert not Path("/dev/null").is_file()


def test_a_long_name_and_one_beside_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(CERTIFICATE, "x" * 250)
    save(CERTIFICATE, Path("é" * 120))
    assert names(tmp_path) == ["x" * 250, "é" * 120]


@contextmanager
def small_disk() -> Iterator[None]:
    """No file may grow beyond 4096 bytes: what is written before the disk is full is really there.

    Only around the writing itself: the limit holds for the test run's own log as well, if that is a file.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_does_not_fit_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    write_text(path, "old")
    with small_disk(), pytest.raises(OutputError, match=r"cannot write .*report\.txt: File too large"):
        write_text(path, "new " * 5000)
    assert path.read_text() == "old"
    with small_disk(), pytest.raises(OutputError, match="cannot write"):
        write_text(tmp_path / "another.txt", "new " * 5000)
    assert names(tmp_path) == ["report.txt"]


@pytest.mark.parametrize("failing", ["replace", "fdopen"])
def test_no_temporary_file_is_left_when_a_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fail(*arguments: object) -> None:
        if failing == "fdopen":
            os.close(arguments[0])  # type: ignore[arg-type]
        raise full

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OutputError, match=r"cannot write .*: No space left on device"):
        save(CERTIFICATE, tmp_path / "new.json")
    assert names(tmp_path) == []


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(CERTIFICATE, tmp_path / "new.json")
    assert names(tmp_path) == []


def test_a_directory_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator may write everywhere, so the refusal is simulated where the tests run as root."""
    path = tmp_path / "closed" / "new.json"
    path.parent.mkdir()
    path.parent.chmod(0o555)
    if os.access(path.parent, os.W_OK):

        def refuse(*arguments: object) -> int:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError, match=r"cannot write .*new\.json: Permission denied"):
        save(CERTIFICATE, path)
    assert names(path.parent) == []
    path.parent.chmod(0o755)


def test_what_cannot_be_written_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or directory"):
        save(CERTIFICATE, tmp_path / "missing" / "new.json")
    with pytest.raises(InputError, match="Is a directory"):
        save(CERTIFICATE, tmp_path)
    with pytest.raises(InputError, match="null"):
        save(CERTIFICATE, "a\0b")
    with pytest.raises(InputError, match="surrogate"):
        write_text(tmp_path / "new.txt", "\ud800")
    with pytest.raises(InputError, match="of type float"):
        save({**CERTIFICATE, "n": 2.0}, tmp_path / "new.json")
    assert names(tmp_path) == []


def test_a_device_is_written_to_and_not_replaced() -> None:
    before = os.stat("/dev/null")
    write_text("/dev/null", "gone")
    assert os.stat("/dev/null").st_rdev == before.st_rdev
    with pytest.raises(OutputError, match="No space left on device"):
        write_text("/dev/full", "too much")
    code = "from proofs_check._atomic_write import write_text; write_text('/dev/stdout', 'out')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "out"
