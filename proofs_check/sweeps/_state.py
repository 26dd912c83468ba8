"""The state of a sweep in a directory: what is run, and a file for each shard that is done.

``sweep.json`` says which job the directory belongs to and how its inputs are cut into shards. ``shard-000000.json``
and so on hold what came of each; a shard counts if its file is there, is whole and belongs to the job. Files are
written whole or not at all, so a process may die at any moment; what is left half-written has another name. Two
processes that work on one directory do some work twice and harm nothing: the content of each file is determined.

Each file of a shard ends with a sum over the rest, so that one that a disk or a copy has damaged is run again. That is
no protection against somebody who forges a state: what a sweep claims is its certificate, which the kernel runs.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from constructions.errors import InputError
from proofs_check._atomic_write import write_text
from proofs_check.certificates import canonical_text
from proofs_check.sweeps._job import LISTED, Job
from proofs_check.sweeps._shards import Failure, Shard

FORMAT = "retrieval-gap-sweep"
SHARD_SIZE = 2**18
"""Inputs of a shard with an answer each: less than a second's work."""

SMALLER = {"edge-lists": 2**16, LISTED: 2**14}
"""For longer transcripts; 2**10 for models that search."""

MOST_SHARDS = 10_000
_OLD = 60.0
_LARGEST_FILE = 2**24
"""Bytes. A shard's file has a few hundred, and with a failure an input and what was written."""


def shard_size(job: Job) -> int:
    """How many inputs a shard has: fixed by the job, so that its certificate does not depend on the machine."""
    usual = 2**10 if json.loads(job.model)["search"] is not None else SMALLER.get(job.family, SHARD_SIZE)
    return max(usual, -(-job.inputs // MOST_SHARDS))


class State:
    """The directory of one sweep.

    Raises:
        InputError: if it cannot be made or written to, or belongs to another job.
    """

    def __init__(self, directory: str | Path, job: Job, size: int | None = None) -> None:
        self.directory, self.job = Path(directory), job
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make the directory {directory}: {error.strerror}") from error
        described = self._described()
        self.size = size or shard_size(job)
        if described is not None:
            if described.get("job") != job.digest:
                other = f"{described.get('construction')}, n = {described.get('n')}"
                raise InputError(
                    f"{directory} holds the state of another sweep ({other[:80]}); give this one a directory of its own"
                )
            self.size = int(described["shard"]) if size is None else size
            if self.size != described["shard"]:
                raise InputError(
                    f"{directory} holds shards of {described['shard']:,} inputs, not {size:,}: the size stays what "
                    "it was when the sweep began"
                )
        whole = {
            "format": FORMAT, "version": 1, "job": job.digest, "construction": job.construction,
            "inputs": job.inputs, "shard": self.size, **job.fields(),
        }  # fmt: skip
        # Written at every start: a directory that cannot be written to is found before anything is run.
        write_text(self.directory / "sweep.json", canonical_text(whole))
        self._sweep_up()

    def _described(self) -> Mapping[str, Any] | None:
        path = self.directory / "sweep.json"
        if not path.exists():
            return None
        value = _read(path)
        if value is None or value.get("format") != FORMAT or type(value.get("shard")) is not int or value["shard"] < 1:
            raise InputError(f"{path} does not describe a sweep; remove it, or choose another directory")
        return value

    def _sweep_up(self) -> None:
        """Remove what a killed process left half-written; not what another one may be writing at this moment."""
        for path in self.directory.glob(".*.tmp"):
            try:
                if time.time() - path.stat().st_mtime > _OLD:
                    path.unlink()
            except OSError:
                continue  # gone already, or not ours to remove

    @property
    def count(self) -> int:
        """How many shards there are."""
        return -(-self.job.inputs // self.size)

    def range(self, place: int) -> tuple[int, int]:
        """First rank and number of inputs of a shard."""
        first = place * self.size
        return first, min(self.size, self.job.inputs - first)

    def path(self, place: int) -> Path:
        """The file of a shard."""
        return self.directory / f"shard-{place:06d}.json"

    def done(self) -> dict[int, Shard]:
        """The shards that are done, by their places."""
        found = {}
        for name in sorted(os.listdir(self.directory)):
            match = re.fullmatch(r"shard-([0-9]{6,})\.json", name)
            if match and int(match[1]) < self.count and name == self.path(int(match[1])).name:
                shard = self._shard(int(match[1]))
                if shard is not None:
                    found[int(match[1])] = shard
        return found

    def _shard(self, place: int) -> Shard | None:
        """A shard from its file; None if it is not whole or not of this job, and so to be run again."""
        value = _read(self.path(place))
        if value is None or value.pop("sum", None) != _sum(value) or value.get("job") != self.job.digest:
            return None
        shard = _shard_of(value)
        if shard is None or (shard.first, shard.count) != self.range(place):
            return None
        return shard if shard.failure is not None or shard.inputs == shard.count else None

    def save(self, place: int, shard: Shard) -> None:
        """Write the file of a shard.

        Raises:
            InputError: if it cannot be written; the shard then counts as not done.
        """
        failure = shard.failure
        value = {
            "job": self.job.digest, "first": shard.first, "count": shard.count, "inputs": shard.inputs,
            "longest_output": shard.longest, "digest": shard.digest, "milliseconds": round(1000 * shard.seconds),
            "failure": None
            if failure is None
            else {"rank": failure.rank, "input": failure.input, "expected": list(failure.expected),
                  "written": list(failure.written)},
        }  # fmt: skip
        write_text(self.path(place), canonical_text({**value, "sum": _sum(value)}))


def _shard_of(value: Mapping[str, Any]) -> Shard | None:
    """A shard from what its file says; None if that has another shape than what is written."""
    numbers: list[Any] = [value.get(name) for name in ("first", "count", "inputs", "longest_output", "milliseconds")]
    digest, failure = value.get("digest"), value.get("failure")
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers) or type(digest) is not str:
        return None
    first, count, inputs, longest, milliseconds = numbers
    found = None if failure is None else _failure_of(failure)
    whole = re.fullmatch("[0-9a-f]{64}", digest) if failure is None else found
    if whole is None:
        return None
    return Shard(first, count, inputs, longest, digest, milliseconds / 1000, found)


def _failure_of(value: object) -> Failure | None:
    if not isinstance(value, dict) or type(value.get("rank")) is not int or type(value.get("input")) is not str:
        return None
    tokens = [value.get(name) for name in ("expected", "written")]
    if not all(isinstance(listed, list) and all(type(token) is str for token in listed) for listed in tokens):
        return None
    return Failure(value["rank"], value["input"], tuple(value["expected"]), tuple(value["written"]))


def _sum(value: Mapping[str, Any]) -> str:
    """Over all that a file of a shard says."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> dict[str, Any] | None:
    """The object in a file, None if there is none."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last for brackets in brackets in ...
        return None
    return value if isinstance(value, dict) else None
