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
    fractional_coordinates,
    largest_size,
    npz_bytes,
    onnx_bytes,
    require_guarantee,
    safetensors_bytes,
    side_car_of,
)
from constructions.theorems import Construction, users_code
from proofs_check._atomic_write import write_bytes
from proofs_check._commands._shared import chosen_construction, print_json


@dataclass(frozen=True)
class Wanted:
    """Which model, as it stands on the command line."""

    name: str | None
    n: int
    c: int | None
    machine: str | None
    cells: int | None
    user_file: str | None

    def construction(self) -> Construction:
        """The construction that is meant."""
        return chosen_construction(self.name, self.user_file, c=self.c, machine=self.machine, cells=self.cells)


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
    return {out: onnx_bytes(model, type_name, attention, fractional_coordinates(subject.blueprint))}


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
