"""The document that every file carries: a model, exactly, and how the rest of the file was made from it.

One reader serves all formats: it takes the model from the document alone, the format makes its arrays from that model
again, and they must be those of the file. So nothing else of a file has to be understood, only to be equal.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from constructions.architectures import Model
from constructions.errors import InputError
from constructions.interchange._models import model_from_json, model_to_json
from constructions.interchange._reading import fields, integer, read_json, shown


class Carrier(NamedTuple):
    """A format: its name and version, what messages call the document in it, and the keys of its own."""

    format: str
    version: int
    where: str
    settings: tuple[str, ...]


def document_of(model: Model, carrier: Carrier, **settings: object) -> str:
    """The document as JSON; equal models and settings give equal texts."""
    head = {"format": carrier.format, "version": carrier.version, **settings}
    return json.dumps({**head, "model": model_to_json(model), "context": model.context}, ensure_ascii=False)


def read_document(data: bytes, carrier: Carrier) -> tuple[Model, Mapping[str, Any]]:
    """The model of a document, equal entry by entry, and its keys.

    Raises:
        InputError: if the data are anything else.
        ModelError: if the matrices do not fit together.
    """
    keys = ("format", "version", *carrier.settings, "model", "context")
    found = fields(read_json(data, carrier.where), keys, carrier.where)
    if found["format"] != carrier.format or type(found["version"]) is not int or found["version"] != carrier.version:
        given = f"{shown(found['format'])} version {shown(found['version'])}"
        raise InputError(f"{carrier.where} is {given}; expected {carrier.format!r} version {carrier.version}")
    model, last = model_from_json(found["model"]), found["context"]
    if last is None:
        return model, found
    if integer(last, "context") < 0:
        raise InputError(f"context is {shown(last)}; expected a position, counted from 0, or null")
    return replace(model, context=last), found


def require_table(model: Model, shapes: Mapping[str, tuple[int, ...]], kind: str, *names: str) -> None:
    """See that the tables with a row per token are there, before anything of that length is derived."""
    expected = (len(model.vocabulary), len(model.coordinates))
    for name in names:
        if shapes.get(name) != expected:
            raise InputError(f"{kind}{name} is missing or not of shape {expected}, which the vocabulary gives")


def require_same(found: Mapping[str, object], again: Mapping[str, object], kind: str, source: str) -> None:
    """See that a file holds what its document gives, under these names and no others.

    Raises:
        InputError: naming the first part that is missing, too much or another.
    """
    for name in sorted(found.keys() ^ again.keys()):
        raise InputError(f"{kind} {shown(name)} is {'missing' if name in again else 'in the file, but no matrix'}")
    for name, part in again.items():
        if found[name] != part:
            raise InputError(f"{kind} {name} is not what {source}")
