"""Compiled code is kept outside of the package, which may be read-only, and never serves changed sources."""

import fcntl
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import constructions
from constructions.engine._sums import product_exceeds
from constructions.numerics import _jit_cache
from tests import forked

PACKAGE = Path(constructions.__file__).parent
PLACES = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "RETRIEVAL_GAP_NOTED")

BEGIN = """
import ctypes, os, sys
header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
if ctypes.CDLL(None).capget(header, sets) == 0:
    sets[0] &= ~2  # even the superuser must not write where nobody may, see capabilities(7); others cannot anyway
    ctypes.CDLL(None).capset(header, sets)
for name in {places}:
    os.environ.pop(name, None)
os.environ.update({environment})
sys.dont_write_bytecode = True
sys.path.insert(0, os.getcwd())
"""

SCRIPT = """
from constructions.numerics import _jit_cache
from constructions.engine._sums import product_exceeds
assert product_exceeds(2**62, 2, 2**62, 1)
stats = product_exceeds.stats
print(_jit_cache._kept(), sum(stats.cache_misses.values()), sum(stats.cache_hits.values()))
"""


def run_script(
    site: Path,
    environment: dict[str, str],
    script: str = SCRIPT,
    says: str | None = None,
    loaded: str = forked.LIBRARIES,
) -> str:
    """What it prints; on standard error it prints nothing, or one line with ``says``."""
    done = forked.run(BEGIN.format(places=PLACES, environment=environment) + script, folder=site, loaded=loaded)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == (says is not None), done.stderr
    assert (says or "") in done.stderr
    return done.stdout.strip()


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A copy of the package in which nothing can be written by whoever runs the script."""
    site = tmp_path / "site"
    shutil.copytree(PACKAGE, site / "constructions", ignore=shutil.ignore_patterns("__pycache__"))
    for place in [site, *site.rglob("*")]:
        place.chmod(0o555 if place.is_dir() else 0o444)
    return site


def test_a_read_only_package_keeps_its_code_in_the_users_cache(read_only: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    environment = {"XDG_CACHE_HOME": str(cache), "HOME": str(read_only)}
    assert run_script(read_only, environment) == "True 1 0"
    os.utime(read_only / "constructions" / "engine" / "_sums.py")
    assert run_script(read_only, environment) == "True 0 1"
    assert run_script(PACKAGE.parent, environment) == "True 0 1"  # another copy of the same sources, of another age
    assert list((cache / "retrieval-gap" / "compiled").glob("*/*/*.nbi"))
    assert not list(read_only.rglob("*.nbi"))


def test_a_relative_cache_directory_is_ignored(tmp_path: Path) -> None:
    assert run_script(PACKAGE.parent, {"XDG_CACHE_HOME": "relative", "HOME": str(tmp_path)}) == "True 1 0"
    assert list(tmp_path.glob(".cache/retrieval-gap/compiled/*/*/*.nbi"))
    assert not (PACKAGE.parent / "relative").exists()


def test_without_any_place_to_write_it_runs_all_the_same(read_only: Path) -> None:
    assert run_script(read_only, {"HOME": str(read_only)}) == "False 1 0"
    with pytest.raises(AssertionError, match="PermissionError"):  # so nothing can be written there, indeed
        run_script(read_only, {"HOME": str(read_only)}, "open('constructions/x', 'w')")


def test_a_cache_in_which_nothing_can_be_written_is_not_used(tmp_path: Path) -> None:
    environment = {"NUMBA_CACHE_DIR": str(tmp_path)}
    where = Path(
        run_script(
            PACKAGE.parent,
            environment,
            "from constructions.numerics import _jit_cache as j\nprint(j.cache_directory())",
        )
    )
    where.mkdir()
    where.chmod(0o555)
    assert run_script(PACKAGE.parent, environment) == "False 1 0"
    assert list(where.iterdir()) == []


def test_of_two_processes_one_compiles_and_the_other_waits(tmp_path: Path) -> None:
    """This process takes the turn; a third one that takes none compiles meanwhile."""
    environment = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    folder = tmp_path / "retrieval-gap" / "compiled" / _jit_cache._digest()
    folder.mkdir(parents=True)
    taken = folder / f"{product_exceeds._cache._impl.filename_base}.turn"
    with taken.open("w") as turn, ThreadPoolExecutor() as at_once:
        assert _jit_cache._locked(turn.fileno())
        told = tmp_path / "waits"
        waits = (
            "import pathlib, time; sleep = time.sleep\n"
            f"time.sleep = lambda seconds: (pathlib.Path({str(told)!r}).touch(), sleep(seconds))"
        )
        beside = f"{forked.LIBRARIES}# one that is forked while the other waits"
        second = at_once.submit(run_script, PACKAGE.parent, environment, waits + SCRIPT, loaded=beside)
        while not told.exists():
            assert not second.done()
            time.sleep(0.01)
        at_last = "from constructions.numerics import _jit_cache; _jit_cache._LONGEST_WAIT = 0"
        assert run_script(PACKAGE.parent, environment, at_last + SCRIPT) == "True 1 0"
        assert not second.done()
        fcntl.flock(turn, fcntl.LOCK_UN)
        assert second.result() == "True 0 1"


@pytest.mark.parametrize("kind", ["nbc", "nbi"])
def test_damaged_code_is_made_anew(kind: str, tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    assert run_script(PACKAGE.parent, environment) == "True 1 0"
    files = list(tmp_path.rglob(f"*.{kind}"))
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert run_script(PACKAGE.parent, environment, says="is damaged and made anew") == "True 1 0"
    assert run_script(PACKAGE.parent, environment) == "True 0 1"


def test_on_a_full_disk_code_is_not_kept(tmp_path: Path) -> None:
    """Files may not grow beyond 1000 bytes."""
    script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)){SCRIPT}"
    environment = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    assert run_script(PACKAGE.parent, environment, script, says="is not extended") == "True 1 0"


def test_code_for_a_model_is_kept_by_its_source(tmp_path: Path) -> None:
    script = """
from constructions.numerics import _jit_cache
made = [_jit_cache.compiled_source(f"def f(x): return x + {n}", "f", {}) for n in (1, 2)]
assert [f(40) for f in made] == [41, 42]
print([sum(f.stats.cache_hits.values()) for f in made])
"""
    environment = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    assert run_script(PACKAGE.parent, environment, script) == "[0, 0]"
    assert run_script(PACKAGE.parent, environment, script) == "[1, 1]"


def test_the_oldest_of_many_models_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(_jit_cache, "_MODELS_KEPT", 2)
    for age in (4, 3, 2, 1):
        path = _jit_cache.cache_directory() / "models" / f"m{age}.py"
        assert _jit_cache._written(path, "x = 1")
        os.utime(path, (1000 - age, 1000 - age))
    assert [file.name for file in sorted(tmp_path.rglob("m*.py"))] == ["m1.py", "m2.py", "m3.py"]


def test_a_change_of_any_source_changes_where_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "constructions"
    for name in ("numerics", "engine"):
        shutil.copytree(PACKAGE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(_jit_cache, "__file__", str(copy / "numerics" / "_jit_cache.py"))
    before = _jit_cache._digest.__wrapped__()
    assert before == _jit_cache._digest.__wrapped__()
    source = copy / "engine" / "_hull.py"
    source.write_text(source.read_text() + "\n# changed\n")
    assert before != _jit_cache._digest.__wrapped__()
