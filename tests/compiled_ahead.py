"""Compiles the loops that many tests need, in processes of their own while the tests are collected.

Where nothing is kept from an earlier run this takes half a minute. A worker that needs a loop before it is there waits.
"""

import gc
import subprocess
import sys
from pathlib import Path


def start() -> "list[subprocess.Popen[bytes]]":
    """The processes, to be ended with the tests."""
    command = [sys.executable, "-m", "tests.compiled_ahead"]
    root, no = Path(__file__).parents[1], subprocess.DEVNULL
    return [subprocess.Popen([*command, part], cwd=root, stdout=no, stderr=no) for part in ("1", "2")]


def _compile(part: str) -> None:
    from constructions import construction
    from constructions.engine import decode
    from constructions.numerics import Fixed, Float
    from proofs_check.certificates import certify_exhaustive
    from proofs_check.sweeps import Job, run_shard

    subject = construction("hybrid/istree")
    read = list(subject.reads(subject.task.parse("1-2 2-3")))
    if part == "1":
        decode(subject.at(3), read, engine="fast")
        return
    certify_exhaustive(construction("transformer/index"), 2, 2)
    run_shard(Job.of("transformer/istree", 3, 3), 0, 5)
    for arithmetic in (Float(8), Float(40), Fixed(30, 8), Fixed(40, 20)):
        decode(subject.at(3), read, arithmetic=arithmetic)
    subject = construction("transformer/istree")
    read = list(subject.reads(subject.task.parse(" ".join(f"{k}-{k + 1}" for k in range(1, 200)))))  # keys are searched
    decode(subject.at(200), read, arithmetic=Float(30), max_tokens=1)


if __name__ == "__main__":
    gc.disable()  # a compiler makes millions of objects, and this process ends soon
    _compile(*sys.argv[1:])
