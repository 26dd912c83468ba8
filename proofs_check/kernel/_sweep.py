"""Certificates of the kind sweep: an exhaustive run that was made in shards.

The shards must follow each other from the first input to the last, without a gap and without an overlap. The
digest of a shard is the SHA-256 of a line "PROMPT -> REFERENCE -> WRITTEN" per input, tokens separated by spaces.
"""

import hashlib
from typing import NamedTuple

from ._reading import Fields
from ._runs import Run
from ._verdict import Incomplete, Malformed, Rejected, counted, number_words, shown


class Shard(NamedTuple):
    """``inputs`` many in canonical order, from rank ``first`` on, and the digest of their lines."""

    first: int
    inputs: int
    digest: str


def check(fields: Fields, sample: tuple[int, int] | None) -> str:
    """Check that the shards cover all inputs, and run the model again, on all of them or on a sample (k, seed)."""
    run = Run(fields)
    shards = [_shard(item, f"certificate.shards[{place}]") for place, item in enumerate(fields.items("shards"))]
    _cover(shards, run.inputs.count)
    cover = f"{counted(len(shards), 'shard')} cover{'s' * (len(shards) == 1)} all inputs exactly once"
    total, chosen = run.chosen(sample)
    if sample is not None:
        count = sum(1 for _ in run.written(chosen))
        raise Incomplete(f"{cover}; {run.some_of_them(count, sample[1])}; the claim is about all of them")
    longest, lines = 0, run.written(chosen)
    for place, shard in enumerate(shards):
        own = hashlib.sha256()
        for done in range(shard.inputs):
            line = next(lines, None)
            if line is None:
                raise Incomplete(f"input {shard.first + done} of {total} was not listed: a fault of the kernel")
            own.update(f"{line[0]} -> {line[1]} -> {line[2]}\n".encode())
            longest = max(longest, line[3])
        if own.hexdigest() != shard.digest:
            raise Rejected(f"the digest of shard {place} is {own.hexdigest()}, not {shown(shard.digest)}")
    if next(lines, None) is not None:
        raise Incomplete(f"more than {total} inputs were listed: a fault of the kernel")
    return f"{run.all_of_them(longest)}; {cover}{run.name}"


def _shard(value: object, where: str) -> Shard:
    fields = Fields(value, where, ("count", "digest", "first"))
    digest = fields.text("digest")
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise Malformed(f"{fields.place('digest')} is {shown(digest)}, expected 64 hexadecimal digits")
    return Shard(fields.integer("first", 0, 10**18), fields.integer("count", 1, 10**18), digest)


def _cover(shards: list[Shard], total: int) -> None:
    """Every rank from 0 to total - 1 in exactly one shard, in order."""
    expected = 0
    for place, shard in enumerate(shards):
        if shard.first != expected:
            fault = "a gap" if shard.first > expected else "an overlap"
            raise Rejected(f"shard {place} begins at input {shard.first}, expected {expected}: {fault}")
        expected += shard.inputs
    if expected != total:
        raise Rejected(f"the shards cover {number_words(expected)} inputs of {number_words(total)}")
