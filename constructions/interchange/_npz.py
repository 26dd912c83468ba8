"""Models as ``.npz``, the archive of NumPy, exactly.

Numerators are arrays of int64, or of decimal strings where one needs more than 64 bits; the member
``model.json`` holds everything else. The tables with a row per token, which follow from the rest, are written too,
for those who want them ready to use; reading derives them again and compares.
"""

import io
import json
import math
import re
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.errors import InputError, ResourceError
from constructions.interchange._models import model_from_json, model_to_json, with_context
from constructions.interchange._reading import LARGEST_FILE, MOST_BITS, fields, integer, items, read_json, shown, string
from constructions.interchange._tables import checked_tables, writable
from constructions.numerics import Matrix

FORMAT, VERSION = "retrieval-gap npz", 1

_HEADER = "model.json"
_KEYS = ("format", "version", "model", "context", "tables")
_MOST_MEMBERS = 2**14
_DIGITS = re.compile(r"-?[0-9]{1,1300}\Z")
_ARRAY_HEADER = re.compile(
    rb"\{'descr': '([<>|=a-zA-Z0-9]{2,8})', 'fortran_order': (True|False), "
    rb"'shape': \(([0-9]{0,18}(?:, ?[0-9]{1,18}){0,30},?)\),? ?\} *\n?\Z"
)


def npz_bytes(model: Model) -> bytes:
    """The archive of a model; equal models give equal bytes.

    Read it by ``numpy.load(file)``: ``file["model.json"]`` is the JSON as bytes, where each matrix is
    ``{"array": NAME, "denominator": D}``, and stands for ``file[NAME] / D``.

    Raises:
        ResourceError: if a number has more than 4096 bits, or the tables would not fit into a file that is read.
    """
    members: dict[str, bytes] = {}

    def written(name: str, matrix: Matrix) -> dict[str, Any]:
        members[f"{name}.npy"] = _array_bytes(writable(name, matrix))
        return {"array": name, "denominator": matrix.denominator}

    document = {"format": FORMAT, "version": VERSION, "model": model_to_json(model, written)}
    document["context"] = model.context
    document["tables"] = [written(name, table) for name, table in checked_tables(model).items()]
    members = {_HEADER: json.dumps(document, ensure_ascii=False, indent=1).encode(), **members}
    total = sum(map(len, members.values()))
    if total > LARGEST_FILE:
        raise ResourceError(f"{model.name}: the arrays take {total:,} bytes; files up to {LARGEST_FILE:,} are read")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)  # its date is fixed: 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def _array_bytes(matrix: Matrix) -> bytes:
    numerators = matrix.numerators if matrix.numerators.dtype == object else matrix.numerators.astype("<i8")
    if numerators.dtype == object:
        texts = [str(value) for value in numerators.ravel().tolist()]
        numerators = np.array(texts, dtype=np.str_).reshape(numerators.shape)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(numerators), allow_pickle=False)
    return buffer.getvalue()


def model_from_npz(data: bytes) -> Model:
    """The model that :func:`npz_bytes` wrote, equal entry by entry.

    Nothing is unpickled, and memory stays within a small multiple of ``LARGEST_FILE``.

    Raises:
        InputError: if the data are anything else.
    """
    members = _members(data)
    if _HEADER not in members:
        raise InputError(f"the archive has no member {_HEADER}, so it is no model of ours")
    document = fields(read_json(members.pop(_HEADER), _HEADER), _KEYS, _HEADER)
    if document["format"] != FORMAT or type(document["version"]) is not int or document["version"] != VERSION:
        found = f"{shown(document['format'])} version {shown(document['version'])}"
        raise InputError(f"the archive is {found}; expected {FORMAT!r} version {VERSION}")

    def matrix(name: str, shape: tuple[int, int], value: Any) -> Matrix:
        found = fields(value, ("array", "denominator"), name)
        if string(found["array"], name) != name:
            raise InputError(f"{name}: the array is called {shown(found['array'])}; expected its own name")
        denominator = integer(found["denominator"], f"denominator of {name}")
        if denominator < 1:
            raise InputError(f"denominator of {name} is {shown(denominator)}; expected at least 1")
        if f"{name}.npy" not in members:
            raise InputError(f"the archive lacks the array {name}")
        return Matrix(_array(members.pop(f"{name}.npy"), shape, name), denominator)

    model = with_context(model_from_json(document["model"], matrix), document["context"])
    entries = items(document["tables"], "tables", 2)
    width, tokens = len(model.coordinates), len(model.vocabulary)
    stored = {
        name: matrix(name, (tokens, width), entry)
        for name, entry in zip(("embedding.table", "unembedding.table"), entries, strict=False)
    }
    for name, table in checked_tables(model).items():
        if name not in stored or not _equal(stored[name], table):
            raise InputError(f"{name} is not what follows from the other matrices")
    if members:
        raise InputError(f"the archive has a member {shown(next(iter(members)))}, which no matrix names")
    return model


def _equal(one: Matrix, other: Matrix) -> bool:
    """Whether two matrices of the same shape are equal as they are stored."""
    return one.denominator == other.denominator and bool(np.array_equal(one.numerators, other.numerators))


def _members(data: bytes) -> dict[str, bytes]:
    """Name and contents of every member, after their sizes have been looked at."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_MEMBERS or len({entry.filename for entry in entries}) < len(entries):
                raise InputError(f"the archive has {len(entries):,} members; expected few, no name twice")
            total = sum(entry.file_size for entry in entries)
            if total > LARGEST_FILE:
                raise ResourceError(f"the archive unpacks to {total:,} bytes; at most {LARGEST_FILE:,} are read")
            for entry in entries:
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise InputError(f"member {shown(entry.filename)} is neither stored nor deflated")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise InputError(f"no archive in the form of .npz, or a damaged one: {str(error)[:200]}") from error


def _array(data: bytes, shape: tuple[int, int], name: str) -> NDArray[Any]:
    """An array of int64 or of decimal strings; its header is read, and believed only if the length agrees."""
    length = int.from_bytes(data[8:10], "little")
    header = _ARRAY_HEADER.match(data[10 : 10 + length]) if data[:8] == b"\x93NUMPY\x01\x00" else None
    if header is None:
        raise InputError(f"array {name} has no header of NumPy's, version 1.0, in the form in which NumPy writes it")
    kind, by_columns = header[1].decode(), header[2] == b"True"
    found = tuple(int(size) for size in header[3].split(b",") if size.strip())
    if found != shape:
        raise InputError(f"array {name} has shape {shown(found)}; expected {shape} from the names that label it")
    if by_columns or not (kind == "<i8" or re.match(r"<U[0-9]{1,4}\Z", kind)):
        order = ", by columns" if by_columns else ""
        raise InputError(f"array {name} holds {shown(kind)}{order}; expected '<i8' or decimal strings, by rows")
    dtype, rest = np.dtype(kind), data[10 + length :]
    if len(rest) != math.prod(shape) * dtype.itemsize:
        raise InputError(
            f"array {name} has {len(rest):,} bytes of data; expected {math.prod(shape) * dtype.itemsize:,}"
        )
    if dtype.kind != "U":
        return np.frombuffer(rest, dtype=dtype).astype(np.int64).reshape(shape)
    return _from_digits(rest, dtype, shape, name)


def _from_digits(data: bytes, dtype: np.dtype[Any], shape: tuple[int, int], name: str) -> NDArray[Any]:
    result = np.zeros(math.prod(shape), dtype=object)
    try:
        texts = np.frombuffer(data, dtype=dtype).tolist() if result.size else []
    except ValueError as error:  # a code beyond those of Unicode
        raise InputError(f"array {name} holds no strings: {error}") from error
    for place, text in enumerate(texts):
        if not _DIGITS.match(text):
            raise InputError(f"array {name} holds {shown(text)}; expected a decimal integer")
        value = int(text)
        if value.bit_length() > MOST_BITS:
            raise InputError(f"array {name} holds a number of more than {MOST_BITS} bits")
        result[place] = value
    return result.reshape(shape)
