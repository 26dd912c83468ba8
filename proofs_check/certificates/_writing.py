"""One content, one file: canonical JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from constructions.errors import InputError
from proofs_check._atomic_write import write_text

FORMAT = "retrieval-gap-certificate"
"""The value of the key ``format`` of every certificate."""

VERSION = 2
"""The newest value of the key ``version``; what version 1 can say is written in version 1.

A file will keep its meaning: later kernels give it the same verdict or, where a limit was raised, decide what was
INCOMPLETE. A kind, field or task that no version knows needs a new one.
"""


def canonical_text(certificate: Mapping[str, Any]) -> str:
    """The one way to write a certificate: keys sorted, no spaces, ASCII, a newline at the end.

    Raises:
        InputError: if it holds a float, a key that is not a string, or anything else but objects,
            lists, strings, integers, true, false and null.

    >>> canonical_text({"b": [1, "1/2"], "a": None})
    '{"a":null,"b":[1,"1/2"]}\\n'
    """
    _check(certificate, "certificate")
    return json.dumps(certificate, sort_keys=True, separators=(",", ":"), ensure_ascii=True) + "\n"


def _check(value: object, where: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InputError(f"{where} has the key {key!r}; keys of a certificate are strings")
            _check(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            _check(item, f"{where}[{place}]")
    elif type(value) not in (str, int, bool, type(None)):
        raise InputError(
            f"{where} is {value!r} of type {type(value).__name__}; a certificate holds exact values: integers, "
            "strings such as '1/2', lists and objects"
        )


def save(certificate: Mapping[str, Any], path: str | Path) -> None:
    """Write a certificate in canonical form; the file appears whole or not at all.

    Raises:
        InputError: if the certificate holds something inexact, or the file cannot be written.
    """
    write_text(path, canonical_text(certificate))
