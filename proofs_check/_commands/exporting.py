"""``export``: the weights of a construction as files for other tools."""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from constructions.architectures import Model, family
from constructions.errors import InputError
from constructions.interchange import (
    AttentionKind,
    NumberType,
    averaging_heads,
    largest_size,
    npz_bytes,
    onnx_bytes,
    require_guarantee,
    safetensors_bytes,
    side_car_of,
)
from constructions.machines import read_machine
from constructions.theorems import Construction, construction
from proofs_check._commands._shared import input_text, print_json, user_construction, users_code
from proofs_check._files import write_bytes


@dataclass(frozen=True)
class Wanted:
    """Which model, as it stands on the command line."""

    name: str
    n: int
    c: int | None
    machine: str | None
    cells: int | None
    user_file: str | None

    def construction(self) -> Construction:
        """The construction that is meant."""
        if self.user_file is not None:
            given = {"a name": self.name or None, "--c": self.c, "--machine": self.machine, "--cells": self.cells}
            for what, value in given.items():
                if value is not None:
                    raise InputError(f"--construction says what is exported, so {what} ({value}) has no place")
            return user_construction(self.user_file)
        if not self.name:
            raise InputError("which construction is to be exported? give its name (see list), or --construction")
        if self.c is not None and not self.name.endswith("/c-gram"):
            raise InputError(f"--c is for the constructions that are called NAME/c-gram, not for {self.name}")
        if self.machine is not None and not self.name.endswith("/turing"):
            raise InputError(f"--machine is for the constructions that are called NAME/turing, not for {self.name}")
        if self.cells is not None and self.name != "rnn/turing":
            raise InputError(f"--cells is for rnn/turing, not for {self.name}")
        machine = None if self.machine is None else read_machine(input_text(self.machine))
        return construction(self.name, 3 if self.c is None else self.c, machine=machine, cells=self.cells)


def export(
    wanted: Wanted,
    form: str,
    out: Path,
    type_name: NumberType | None,
    attention: AttentionKind | None,
    json: bool,
) -> int:
    """Write the file or files and say what they are; exit code 0."""
    if attention is not None and form != "onnx":
        raise InputError(f"--attention {attention} is for --format onnx; {form} holds weights, which are the same")
    if type_name is not None and form == "npz":
        raise InputError(f"--type {type_name} is for onnx and safetensors; npz holds every number exactly")
    subject = wanted.construction()
    with users_code(wanted.user_file):
        model = subject.at(wanted.n)
    document: dict[str, object] = {
        "construction": subject.label,
        "n": wanted.n,
        "architecture": family(model),
        "format": form,
        "coordinates": len(model.coordinates),
        "tokens": len(model.vocabulary),
    }
    files = _files(subject, model, wanted.n, form, out, type_name or "float64", attention or "argmax", document)
    for path, data in files.items():
        write_bytes(path, data)
    document["files"] = [
        {"path": str(path), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in files.items()
    ]
    if json:
        print_json(document)
    else:
        _show(document, files)
    return 0


def _files(
    subject: Construction,
    model: Model,
    n: int,
    form: str,
    out: Path,
    type_name: NumberType,
    attention: AttentionKind,
    document: dict[str, object],
) -> dict[Path, bytes]:
    if form == "npz":
        return {out: npz_bytes(model)}
    document["type"] = type_name
    if form == "safetensors":
        written = safetensors_bytes(model, type_name)
        return {side_car_of(out): written.side_car, out: written.tensors}
    require_guarantee(subject, n, type_name, attention)
    document["attention"] = attention
    document["guaranteed_up_to_n"] = largest_size(subject, type_name, attention)
    document["search"] = "outside of the graph" if model.search is not None else None
    return {out: onnx_bytes(model, type_name, attention, averaging_heads(subject.blueprint))}


def _show(document: dict[str, object], files: dict[Path, bytes]) -> None:
    lines = [f"{document['construction']}, n = {document['n']} ({document['architecture']})"]
    lines += [f"wrote {path} ({len(data):,} bytes)" for path, data in files.items()]
    if document["format"] == "onnx":
        lines.append(
            f"one decoding step in {document['type']}, attention by {document['attention']}; guaranteed to write the "
            f"tokens of exact arithmetic up to n = {document['guaranteed_up_to_n']:,}"
        )
        if document["search"] is not None:
            lines.append("what runs the searches that it writes is not in the file: the caller appends what they yield")
    sys.stdout.write("\n".join(lines) + "\n")
