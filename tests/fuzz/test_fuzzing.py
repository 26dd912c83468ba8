"""Some inputs to every reader; and planted faults, which fuzzing must find."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkx
import pytest

from constructions.errors import InputError
from constructions.tasks import graph_of
from tests.fuzz.faults import Fault
from tests.fuzz.feeding import FoundError, by_hypothesis, by_mutants, feed
from tests.fuzz.limits import limited
from tests.fuzz.targets import Target, targets

ROOT = Path(__file__).resolve().parents[2]
NAMES = [target.name for target in targets()]


def named(name: str) -> Target:
    (found,) = [target for target in targets() if target.name == name]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_mutants_of_good_inputs_do_no_harm(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = named(name)
    count, accepted = by_mutants(
        target, 12 if name == "command line" else 10 * target.share if "yaml" not in name else 60, 1
    )
    assert 0 < accepted < count  # neither everything nor nothing is accepted
    assert not list(tmp_path.glob(".*"))  # no temporary file is left behind


@pytest.mark.parametrize("name", [name for name in NAMES if name != "command line"])
def test_drawn_inputs_do_no_harm(name: str) -> None:
    assert by_hypothesis(named(name), 60, 1)[0] >= 60


@pytest.mark.parametrize("name", NAMES)
def test_good_inputs_are_accepted(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = named(name)
    refused = [seed for seed in target.seeds() if name != "command line" and not feed(target, seed)]
    assert not refused


def crashes(read: Callable[[bytes], bool]) -> Callable[[bytes], bool]:
    def faulty(data: bytes) -> bool:
        if b"??" in data:
            raise KeyError("?")
        return read(data)

    return faulty


def hangs(read: Callable[[bytes], bool]) -> Callable[[bytes], bool]:
    def faulty(data: bytes) -> bool:
        while data.endswith(b" "):
            pass
        return read(data)

    return faulty


@pytest.mark.parametrize("plant", [crashes, hangs])
def test_a_reader_that_crashes_or_hangs_is_found(
    plant: Callable[[Callable[[bytes], bool]], Callable[[bytes], bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.feeding.limited", lambda _: limited(0.3))
    target = named("instances: index")
    with pytest.raises(FoundError, match=r"instances: index: (KeyError|TooSlow)"):
        by_mutants(replace(target, read=plant(target.read)), 3_000, 0)


def test_a_graph_that_is_read_wrongly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("networkx.from_graph6_bytes", _always_a_path)
    with pytest.raises(FoundError, match="other edges than those of the graph6 text"):
        by_mutants(named("graphs: graph6"), 100, 0)


def _always_a_path(_: bytes) -> networkx.Graph:
    return networkx.path_graph(3)


def test_an_edge_that_is_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "constructions.tasks._graph_formats.graph_from",
        lambda sketch, _: graph_of([tuple(ends) for _, ends in sketch.rows][-2:]),
    )
    with pytest.raises(FoundError):
        by_mutants(named("graphs: edges"), 500, 0)
    assert feed(named("graphs: paper"), b"[BOS]1-2,2-3[EOS]")


def test_a_certificate_that_is_wrongly_verified_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proofs_check.kernel._fooling.unseparated_by_rows", lambda *_: None)
    monkeypatch.setattr("proofs_check.kernel._fooling.unseparated_by_columns", lambda *_: None)
    with pytest.raises(FoundError, match="verified, and not true"):
        by_mutants(named("certificates"), 20_000, 0)


def test_a_traceback_of_the_command_line_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("proofs_check._commands.bounding.bound", fails)
    with pytest.raises(FoundError, match="exit code 70"):
        feed(named("command line"), b"bound\nindex\n--n\n3")


def test_faults_name_the_input() -> None:
    def refuses(_: bytes) -> bool:
        raise Fault("never")

    with pytest.raises(FoundError, match=r"(?s)never\n  input: b'x'"):
        feed(replace(named("certificates"), read=refuses), b"x")
    with pytest.raises(FoundError, match="InputError"):
        feed(replace(named("certificates"), read=_input_error), b"x")


def _input_error(_: bytes) -> bool:
    raise InputError("not caught by the target")


@pytest.mark.slow
def test_a_million_inputs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--inputs", "1000000"],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-6].replace(",", "")) >= 1_000_000


@pytest.mark.slow
def test_inputs_led_by_coverage() -> None:
    pytest.importorskip("atheris", reason="pip install '.[fuzz]'")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--engine", "atheris", "--inputs", "100000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr[-3000:]
