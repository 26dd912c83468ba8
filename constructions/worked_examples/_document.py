"""A worked example as one JSON document."""

from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from constructions.worked_examples._data import Trace


def as_document(trace: Trace) -> dict[str, Any]:
    """The trace as dictionaries and lists; integers stay integers, other fractions become ``"p/q"``."""
    return {field.name: _plain(getattr(trace, field.name)) for field in fields(trace)} | {"agrees": trace.agrees}


def _plain(value: object) -> Any:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
