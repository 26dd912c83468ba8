"""Readers of certificates, of exported models and of the states of sweeps."""

import dataclasses
import functools
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from constructions.architectures import Model
from constructions.interchange import (
    fractional_coordinates,
    model_from_onnx,
    model_from_safetensors,
    onnx_bytes,
    safetensors_bytes,
    same_model,
)
from constructions.interchange._tables import matrices_of
from constructions.theorems import construction
from proofs_check.certificates import canonical_text
from proofs_check.kernel import EXIT_CODES, check
from proofs_check.sweeps import Job, Shard, State, run_shard
from proofs_check.sweeps._state import _sum
from tests.certificate_corpus import good, is_true
from tests.fuzz.faults import accepted, require


@functools.cache
def certificate_seeds() -> tuple[bytes, ...]:
    texts = [canonical_text(certificate).encode() for certificate in good().values()]
    return tuple(text for text in texts if len(text) < 2_500)


def try_certificate(data: bytes) -> bool:
    verdict = check(data)
    require(verdict.word in EXIT_CODES, "a word that is no verdict")
    require("internal error" not in verdict.message and "fault of the kernel" not in verdict.message, verdict.message)
    require("not enough memory" not in verdict.message, verdict.message)
    require(verdict.line.isascii() and verdict.line.isprintable() and len(verdict.line) <= 600, "a line that is none")
    if verdict.word != "VERIFIED":
        return False
    if data not in certificate_seeds():
        require(is_true(json.loads(data)), f"verified, and not true: {verdict.message}")
    return True


@functools.cache
def exported(write: Callable[[Model], bytes]) -> tuple[bytes, ...]:
    return tuple(write(construction(name).at(2)) for name in ("transformer/index", "retrieval/index"))


_SIDE_CAR = b"\n-- side-car --\n"


def tensors(model: Model) -> bytes:
    """Both files in one."""
    written = safetensors_bytes(model)
    return written.tensors + _SIDE_CAR + written.side_car


def from_tensors(data: bytes) -> Model:
    tensors, _, side_car = data.partition(_SIDE_CAR)
    return model_from_safetensors(tensors, side_car)


_ONNX_NAMES = ("transformer/index", "hybrid/counting")


@functools.cache
def onnx_seeds() -> tuple[bytes, ...]:
    made = [construction(name) for name in _ONNX_NAMES]
    return tuple(onnx_bytes(one.at(2), fractions=fractional_coordinates(one.blueprint)) for one in made)


def try_onnx(data: bytes) -> bool:
    """What is accepted has the weights of one of the good files: the graph is compared with them, node by node."""
    found = accepted(lambda: model_from_onnx(data))
    if found is None:
        return False
    weights = {name: matrix.numerators.tolist() for name, matrix in matrices_of(found).items()}
    good = [matrices_of(construction(name).at(2)) for name in _ONNX_NAMES]
    known = [{name: matrix.numerators.tolist() for name, matrix in one.items()} for one in good]
    require(weights in known, "other weights than those that were written")
    return True


def try_model(read: Callable[[bytes], Model], write: Callable[[Model], bytes], data: bytes) -> bool:
    found = accepted(lambda: read(data))
    if found is None:
        return False
    require(same_model(read(write(found)), found), "the model that is written is another one")
    return True


# The state of a sweep: what is run, and one shard that is done

_JOB = Job.of("transformer/counting", 2)
_SHARD_SIZE = 5
_NEXT_FILE = b"\n-- next file --\n"


@functools.cache
def _shard() -> Shard:
    return run_shard(_JOB, _SHARD_SIZE, _SHARD_SIZE)


@functools.cache
def state_seeds() -> tuple[bytes, ...]:
    """``sweep.json`` and the second shard, in one."""
    with tempfile.TemporaryDirectory() as folder:
        state = State(folder, _JOB, _SHARD_SIZE)
        state.save(1, _shard())
        described, shard = ((Path(folder) / name).read_bytes() for name in ("sweep.json", "shard-000001.json"))
    return (described + _NEXT_FILE + shard,)


def try_state(data: bytes) -> bool:
    """A shard that counts as done is what running it again gives."""
    done = _done(*data.partition(_NEXT_FILE)[::2])
    for found in done.values():
        require(dataclasses.replace(found, seconds=0.0) == dataclasses.replace(_shard(), seconds=0.0), "another shard")
    return bool(done)


def try_signed_state(data: bytes) -> bool:
    """A shard whose sum is right, whatever it is over: what is accepted has the shape of a shard."""
    described, _, shard = data.partition(_NEXT_FILE)
    try:
        value = json.loads(shard)
        value.pop("sum", None)
        shard = json.dumps({**value, "sum": _sum(value)}).encode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        return False  # nothing to be signed
    done = _done(described, shard)
    for found in done.values():
        numbers = (found.first, found.count, found.inputs, found.longest)
        require(all(type(number) is int and number >= 0 for number in numbers), "a number that is none")
        require(found.failure is not None or re.fullmatch("[0-9a-f]{64}", found.digest) is not None, "no digest")
        require(repr(found).isprintable(), "a shard that cannot be shown")
    return bool(done)


def _done(described: bytes, shard: bytes) -> dict[int, Shard]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sweep.json").write_bytes(described)
        (Path(folder) / "shard-000001.json").write_bytes(shard)
        return accepted(lambda: State(folder, _JOB, None).done()) or {}
