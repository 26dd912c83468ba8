"""Shards of a certificate, run again at the speed of a sweep."""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from constructions.errors import InputError
from proofs_check.kernel import check
from proofs_check.sweeps._job import LONG_SWEEP, Job
from proofs_check.sweeps._shards import run_shard


class Again(NamedTuple):
    """A shard that was run again; ``fault`` says what is wrong, None if the digest is that of the certificate."""

    first: int
    inputs: int
    fault: str | None


def read_certificate(path: str | Path) -> dict[str, Any]:
    """A certificate of a sweep from its file, read by the kernel first: what it finds malformed or wrong is refused.

    Raises:
        InputError: if it cannot be read, is refused by the kernel, or is of another kind.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    verdict = check(data, (1, 0))  # one input is enough: what follows runs whole shards
    if verdict.word not in ("VERIFIED", "INCOMPLETE"):
        raise InputError(f"{path} is no certificate of a sweep: the kernel says {verdict.line}")
    value: dict[str, Any] = json.loads(data)
    if value["kind"] != "sweep":
        raise InputError(f"{path} is no certificate of a sweep, but of the kind {value['kind']}")
    return value


def run_again(certificate: Mapping[str, Any], shards: int, seed: int) -> Iterator[Again]:
    """Run so many shards, a random choice, from the weights in the certificate, and compare their digests."""
    job, listed = Job.from_certificate(certificate), certificate["shards"]
    long = shards * listed[0]["count"] >= LONG_SWEEP
    chosen = random.Random(seed).sample(range(len(listed)), min(shards, len(listed)))  # noqa: S311
    for place in sorted(chosen):
        expected = listed[place]
        found = run_shard(job, expected["first"], expected["count"], long=long)
        fault = None
        if found.failure is not None:
            fault = f"on {found.failure.input!r} the model writes {' '.join(found.failure.written)!r}"
        elif found.digest != expected["digest"]:
            fault = f"the digest is {found.digest}"
        yield Again(found.first, found.inputs, fault)
