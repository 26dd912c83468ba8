"""A sweep that is stopped at any moment resumes: nothing lost, nothing twice, the same certificate to the byte."""

import dataclasses
import errno
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from constructions.engine import decode, run_many
from constructions.errors import InputError, OutputError, ResourceError
from constructions.numerics._jit_cache import Ints
from constructions.tasks import Counting
from constructions.theorems import construction
from proofs_check import _atomic_write
from proofs_check.kernel import check
from proofs_check.sweeps import Job, Outcome, State, shard_size, sweep
from proofs_check.sweeps.__main__ import main
from proofs_check.sweeps._again import read_certificate, run_again
from proofs_check.sweeps._job import Block, Reader, reader_of
from proofs_check.sweeps._shards import _wrong
from proofs_check.sweeps._state import _sum

JOB = Job.of("transformer/counting", 3)
"""27 sequences with 12 queries each: 324 inputs, 33 shards of 10."""


class Inline(Executor):
    """Runs what it is given at once; ``ran`` collects the ranges of shards."""

    def __init__(self, ran: list[tuple[int, int]]) -> None:
        self.ran = ran

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.ran += arguments[1]
        future.set_result(function(*arguments, **named))
        return future


def inline(ran: list[tuple[int, int]] | None = None) -> Callable[[], Any]:
    @contextmanager
    def opened() -> Iterator[Executor]:
        yield Inline([] if ran is None else ran)

    return opened


def run(directory: Path, job: Job = JOB, **options: Any) -> Outcome:
    return sweep(job, directory, **{"workers": inline(), "shard": 10, **options})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The certificate of a run that nothing interrupted."""
    outcome = run(tmp_path_factory.mktemp("whole"))
    assert (outcome.verdict, outcome.inputs, outcome.refuted, outcome.complete) == ("VERIFIED", 324, 0, True)
    assert outcome.certificate is not None
    return outcome.certificate.read_bytes()


def test_the_kernel_verifies_the_certificate(whole: bytes) -> None:
    verdict = check(whole)
    assert verdict.word == "VERIFIED"
    assert "on all 324 inputs" in verdict.message
    assert "33 shards cover all inputs exactly once" in verdict.message


def test_a_sample_is_said_to_be_one(whole: bytes) -> None:
    verdict = check(whole, (20, 3))
    assert verdict.word == "INCOMPLETE"
    assert "33 shards cover all inputs exactly once" in verdict.message
    assert "on 20 of 324 inputs, seed 3; the claim is about all of them" in verdict.message


def test_more_inputs_than_the_kernel_runs_are_incomplete_but_can_be_sampled() -> None:
    """The cover is checked first, so a wrong one is rejected however large the sweep is."""
    certificate = {
        **json.loads(Job.of("transformer/index", 8).model and "{}"),
        "format": "retrieval-gap-certificate", "version": 1, "kind": "sweep",
        **Job.of("transformer/index", 8).fields(), "model": json.loads(Job.of("transformer/index", 8).model),
        "inputs": 8**9, "longest_output": 1, "shards": [{"first": 0, "count": 8**9, "digest": "0" * 64}],
    }  # fmt: skip
    assert "more than the 10,000,000" in check(json.dumps(certificate).encode()).message
    sampled = check(json.dumps(certificate).encode(), (5, 0))
    assert (sampled.word, "on 5 of 134,217,728 inputs" in sampled.message) == ("INCOMPLETE", True)
    certificate["shards"][0]["count"] -= 1
    assert check(json.dumps(certificate).encode()).word == "REJECTED"


def test_digests_are_over_input_reference_and_output(whole: bytes) -> None:
    task, model, lines = Counting(), construction("transformer/counting").at(3), []
    for instance in task.enumerate(3):
        written = decode(model, task.prompt(instance)).tokens
        lines.append(f"{' '.join(task.prompt(instance))} -> {task.answer(instance)} -> {' '.join(written)}\n")
    for shard in json.loads(whole)["shards"]:
        own = "".join(lines[shard["first"] : shard["first"] + shard["count"]])
        assert shard["digest"] == hashlib.sha256(own.encode()).hexdigest()


@pytest.mark.parametrize("stops", [[1], [5, 5], [32], [1] * 10, [33]])
def test_a_run_in_pieces_has_the_same_certificate(tmp_path: Path, whole: bytes, stops: list[int]) -> None:
    ran: list[tuple[int, int]] = []
    for place, most in enumerate(stops):
        outcome = run(tmp_path, workers=inline(ran), most_shards=most, at_once=1 + place)
        assert outcome.verdict == ("INCOMPLETE" if sum(stops[: place + 1]) < 33 else "VERIFIED")
        assert outcome.inputs == min(324, 10 * sum(stops[: place + 1]))
    outcome = run(tmp_path, workers=inline(ran), at_once=7)
    assert (outcome.verdict, outcome.inputs, outcome.shards) == ("VERIFIED", 324, 33)
    assert sorted(ran) == [(first, min(10, 324 - first)) for first in range(0, 324, 10)]  # each shard once
    assert (tmp_path / "certificate.json").read_bytes() == whole


def test_a_complete_run_is_not_repeated(tmp_path: Path, whole: bytes) -> None:
    run(tmp_path)
    (tmp_path / "certificate.json").unlink()
    ran: list[tuple[int, int]] = []
    assert run(tmp_path, workers=inline(ran)).verdict == "VERIFIED"
    assert ran == []
    assert (tmp_path / "certificate.json").read_bytes() == whole


def test_shards_are_run_in_order(tmp_path: Path) -> None:
    ran: list[tuple[int, int]] = []
    run(tmp_path, workers=inline(ran), most_shards=7, at_once=3)
    assert [first for first, _ in ran] == [0, 10, 20, 30, 40, 50, 60]


def test_threads_do_as_well(tmp_path: Path, whole: bytes) -> None:
    assert run(tmp_path, workers=lambda: ThreadPoolExecutor(3), at_once=6).verdict == "VERIFIED"
    assert (tmp_path / "certificate.json").read_bytes() == whole


@pytest.mark.parametrize(
    "text",
    ["", '{"job": ', "[]", "{}", "0" * 100],
    ids=["empty", "cut off", "a list", "an empty object", "a number"],
)
def test_a_shard_file_that_is_not_whole_is_run_again(tmp_path: Path, whole: bytes, text: str) -> None:
    run(tmp_path, most_shards=8)
    (tmp_path / "shard-000003.json").write_text(text)
    (tmp_path / ".shard-000020.json.0123.tmp").write_text("left by a killed process")
    os.utime(tmp_path / ".shard-000020.json.0123.tmp", (0, 0))
    ran: list[tuple[int, int]] = []
    run(tmp_path, workers=inline(ran))
    assert (30, 10) in ran
    assert len(ran) == 33 - 7
    assert (tmp_path / "certificate.json").read_bytes() == whole
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"count": 9},
        {"first": 0},
        {"job": "0" * 64},
        {"digest": "ab"},
        {"digest": None},
        {"inputs": 3},
        {"longest_output": "1"},
        {"milliseconds": None},
        {"milliseconds": 10**400},
        {"failure": 7},
        {"failure": {"rank": 31, "input": "1 ? 1 1", "expected": "1", "written": []}},
    ],
)
def test_a_shard_file_of_something_else_is_run_again(
    tmp_path: Path, whole: bytes, change: dict[str, Any], summed: bool
) -> None:
    run(tmp_path, most_shards=8)
    path = tmp_path / "shard-000003.json"
    value = {**json.loads(path.read_text()), **change}
    if summed:
        value.pop("sum")
        value["sum"] = _sum(value)
    path.write_text(json.dumps(value))
    run(tmp_path)
    assert (tmp_path / "certificate.json").read_bytes() == whole


def test_every_damaged_byte_of_a_shard_file_is_noticed(tmp_path: Path) -> None:
    """Otherwise a digit of a digest that the disk changed would be found by the kernel only, after the whole run."""
    run(tmp_path, most_shards=2)
    path, state = tmp_path / "shard-000001.json", State(tmp_path, JOB)
    data = path.read_bytes()
    assert set(state.done()) == {0, 1}
    for place in range(len(data) - 1):  # the last is the end of the line
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert set(state.done()) == {0}, data[place:]


@pytest.mark.parametrize("name", ["sweep.json", "shard-000001.json"])
def test_brackets_in_brackets_are_no_traceback(tmp_path: Path, whole: bytes, name: str) -> None:
    run(tmp_path, most_shards=2)
    (tmp_path / name).write_text("[" * 100_000)
    if name == "sweep.json":
        with pytest.raises(InputError, match="does not describe a sweep"):
            run(tmp_path)
    else:
        run(tmp_path)
        assert (tmp_path / "certificate.json").read_bytes() == whole


def test_a_directory_belongs_to_one_sweep(tmp_path: Path) -> None:
    run(tmp_path, most_shards=2)
    with pytest.raises(InputError, match=r"holds the state of another sweep \(transformer/counting, n = 3\)"):
        run(tmp_path, Job.of("transformer/counting", 2))
    with pytest.raises(InputError, match="shards of 10 inputs, not 20"):
        run(tmp_path, shard=20)
    assert run(tmp_path, shard=None).verdict == "VERIFIED"
    (tmp_path / "sweep.json").write_text("{}")
    with pytest.raises(InputError, match="does not describe a sweep"):
        run(tmp_path)


def failing_disk(monkeypatch: pytest.MonkeyPatch, code: int, after: int) -> None:
    """After so many files have been written, a file is written in half, and then the system says no."""
    written, honest = [0], os.fdopen

    def half(handle: int, mode: str) -> Any:
        file = honest(handle, mode)
        written[0] += 1
        if written[0] > after:
            whole_write = file.write

            class Full:
                def __enter__(self) -> "Full":
                    return self

                def __exit__(self, *_: object) -> None:
                    file.close()

                def write(self, data: bytes) -> int:
                    whole_write(data[: len(data) // 2])
                    raise OSError(code, os.strerror(code))

            return Full()
        return file

    monkeypatch.setattr(_atomic_write.os, "fdopen", half)


@pytest.mark.parametrize("after", [0, 1, 2, 20, 33])
def test_a_full_disk_stops_the_run_and_spoils_nothing(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as patched:
        failing_disk(patched, errno.ENOSPC, after)
        with pytest.raises(OutputError, match=r"cannot write .*: No space left on device"):
            run(tmp_path)
    assert not list(tmp_path.glob(".*.tmp"))
    assert len(list(tmp_path.glob("shard-*.json"))) == min(33, max(0, after - 1))
    assert not (tmp_path / "certificate.json").exists()
    assert run(tmp_path).verdict == "VERIFIED"
    assert (tmp_path / "certificate.json").read_bytes() == whole


def test_a_read_only_directory_is_refused_before_anything_is_run(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's answer is planted: to the superuser no directory is read-only."""
    run(tmp_path, most_shards=4)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ran: list[tuple[int, int]] = []
    with monkeypatch.context() as patched:

        def refuse(path: str, *arguments: Any) -> int:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

        patched.setattr(_atomic_write.os, "open", refuse)
        with pytest.raises(InputError, match=r"cannot write .*sweep\.json: Read-only file system"):
            run(tmp_path, workers=inline(ran))
    assert ran == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    run(tmp_path)
    assert (tmp_path / "certificate.json").read_bytes() == whole


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot make the directory"):
        run(tmp_path / "file" / "below")


class Dying(Inline):
    """Breaks on every third batch; ``given`` counts the batches of all executors that share it."""

    def __init__(self, given: list[int]) -> None:
        super().__init__([])
        self.given = given

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        self.given.append(len(arguments[1]))
        if len(self.given) % 3 == 0:
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("a worker died"))
            return future
        return super().submit(function, *arguments, **named)


@pytest.mark.parametrize("shortest", [math.inf, 0.0], ids=["a fast machine", "a slow one"])
def test_workers_that_die_are_replaced(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, shortest: float
) -> None:
    """Where shards are slow, each is a batch, and more batches break."""
    monkeypatch.setattr("proofs_check.sweeps._sweep.SHORTEST_BATCH", shortest)
    opened, given = [], list[int]()

    @contextmanager
    def dying() -> Iterator[Executor]:
        opened.append(1)
        yield Dying(given)

    assert run(tmp_path, workers=dying, at_once=2).verdict == "VERIFIED"
    assert len(opened) == 1 + len(given) // 3 >= 2  # two are under way at a time, so that one of them breaks at most
    assert (max(given) > 1) == (shortest > 0)
    assert (tmp_path / "certificate.json").read_bytes() == whole


def test_workers_that_always_die_end_the_run(tmp_path: Path) -> None:
    class Dead(Inline):
        def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
            raise BrokenExecutor("out of memory")

    @contextmanager
    def dead() -> Iterator[Executor]:
        yield Dead([])

    with pytest.raises(ResourceError, match="workers died 5 times without finishing a shard"):
        run(tmp_path, workers=dead)
    assert run(tmp_path).verdict == "VERIFIED"


def spoilt(job: Job) -> Job:
    """The job with one weight of the model changed."""
    model = json.loads(job.model)
    entries = model["layers"][-1]["gate"]["entries"]
    entries[0][2] += 1
    return dataclasses.replace(job, model=json.dumps(model))


def test_a_wrong_model_is_refuted_and_stays_so(tmp_path: Path) -> None:
    outcome = run(tmp_path, spoilt(JOB))
    assert (outcome.verdict, outcome.refuted, outcome.certificate) == ("REFUTED", 1, None)
    failure = outcome.failure
    assert failure is not None
    instance = Counting().parse(failure.input)
    assert failure.expected == (Counting().answer(instance),) != failure.written
    assert outcome.inputs < outcome.total
    again = run(tmp_path, spoilt(JOB))
    assert (again.verdict, again.failure) == ("REFUTED", failure)
    assert not (tmp_path / "certificate.json").exists()


def _written(reader: Reader, block: Block) -> tuple[Ints, Ints]:
    written = run_many(reader.model, block.prompts, block.lengths, most=reader.job.most)
    return written.ids, written.counts


def test_a_tour_that_goes_wrong_is_found_where_the_answer_is_right() -> None:
    reader = reader_of(Job.of("transformer/istree", 4))
    block = reader.block(100, 50)
    ids, counts = _written(reader, block)
    assert _wrong(reader, block, ids, counts) is None
    another = ids.copy()
    another[17, 0] = ids[17, 1]
    assert _wrong(reader, block, another, counts) == 17
    shorter = counts.copy()
    shorter[23] -= 1
    assert _wrong(reader, block, ids, shorter) == 23


@pytest.mark.parametrize("name", ["hybrid/istree", "retrieval/counting"])
def test_whole_transcripts_are_compared_with_what_the_construction_must_write(name: str) -> None:
    reader = reader_of(Job.of(name, 2))
    block = reader.block(0, reader.job.inputs)
    ids, counts = _written(reader, block)
    assert _wrong(reader, block, ids, counts) is None
    place = len(ids) - 1
    another = ids.copy()
    another[place, 0], another[place, 1] = ids[place, 1], ids[place, 0]
    assert _wrong(reader, block, another, counts) == place


def test_shards_are_run_again_from_the_certificate(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "certificate.json"
    path.write_bytes(whole)
    certificate = read_certificate(path)
    assert [shard.fault for shard in run_again(certificate, 33, 0)] == [None] * 33
    certificate["shards"][7]["digest"] = "0" * 64
    faults = [shard for shard in run_again(certificate, 33, 0) if shard.fault is not None]
    assert [(shard.first, shard.inputs) for shard in faults] == [(70, 10)]
    certificate["model"]["layers"][-1]["gate"]["entries"][0][2] += 1
    assert any(shard.fault and "the model writes" in shard.fault for shard in run_again(certificate, 33, 0))
    path.write_text("{}")
    with pytest.raises(InputError, match="no certificate of a sweep: the kernel says MALFORMED"):
        read_certificate(path)


@pytest.mark.parametrize("field", ["n", "shards", "model", "task", "longest_output"])
@pytest.mark.parametrize("value", [None, "x", [], {}, -1, [{}]])
def test_a_damaged_certificate_is_refused_before_anything_runs(
    tmp_path: Path, whole: bytes, field: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps({**json.loads(whole), field: value}))
    with pytest.raises(InputError, match="is no certificate of a sweep: the kernel says"):
        main([str(path)])
    assert capsys.readouterr() == ("", "")


def test_the_size_of_shards_does_not_depend_on_the_machine(tmp_path: Path) -> None:
    assert shard_size(Job.of("transformer/index", 7)) == 2**18
    assert shard_size(Job.of("transformer/istree", 5)) == 2**16
    assert shard_size(Job.of("retrieval/index", 3)) == 2**10
    assert State(tmp_path, Job.of("transformer/index", 12)).count <= 10_000
