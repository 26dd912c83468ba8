"""Models as ``.npz``, the archive of NumPy, exactly.

Numerators are arrays of int64, or of decimal strings where one needs more than 64 bits; the member
``model.json`` holds the model itself, and the denominators. The tables with a row per token, which follow from the
rest, are written too, for those who want them ready to use. Reading takes the model from ``model.json``, makes all
arrays again and compares them byte by byte.
"""

import io
import json
import zipfile
import zlib

import numpy as np

from constructions.architectures import Model
from constructions.errors import InputError, ResourceError
from constructions.interchange._document import Carrier, document_of, read_document, require_same, require_table
from constructions.interchange._models import model_from_json, model_to_json
from constructions.interchange._reading import LARGEST_FILE, shown
from constructions.interchange._tables import checked_tables, matrices_of
from constructions.numerics import Matrix

_HEADER = "model.json"
_CARRIER = Carrier("retrieval-gap npz", 2, _HEADER, ("denominators",))
_TABLE = "embedding.table"
_MOST_MEMBERS = 2**14


def npz_bytes(model: Model) -> bytes:
    """The archive of a model; equal models give equal bytes.

    Read it by ``numpy.load(file)``: ``file["model.json"]`` is the JSON as bytes, and each matrix is
    ``file[NAME] / denominators[NAME]``.

    Raises:
        ResourceError: if a number has more than 4096 bits, or the tables would not fit into a file that is read.
    """
    members, denominators = _arrays(model)
    members = {_HEADER: document_of(model, _CARRIER, denominators=denominators).encode(), **members}
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


def _arrays(model: Model) -> tuple[dict[str, bytes], dict[str, int]]:
    """The members that hold arrays, and the denominator of each matrix, both in lowest terms."""
    matrices_of(model)  # which refuses what files cannot hold
    lowest = model_from_json(model_to_json(model))
    matrices = matrices_of(lowest) | checked_tables(lowest)
    members = {f"{name}.npy": _array_bytes(matrix) for name, matrix in matrices.items()}
    return members, {name: matrix.denominator for name, matrix in matrices.items()}


def _array_bytes(matrix: Matrix) -> bytes:
    numerators = matrix.numerators if matrix.numerators.dtype == object else matrix.numerators.astype("<i8")
    if numerators.dtype == object:
        texts = [str(value) for value in numerators.ravel().tolist()]
        numerators = np.array(texts, dtype=np.str_).astype("<U").reshape(numerators.shape)
    # NumPy's form 1.0, of which other versions of NumPy write the header with other spaces.
    header = f"{{'descr': '{numerators.dtype.str}', 'fortran_order': False, 'shape': {numerators.shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + numerators.tobytes()


def model_from_npz(data: bytes) -> Model:
    """The model that :func:`npz_bytes` wrote, equal entry by entry.

    No array is interpreted, and memory stays within a small multiple of ``LARGEST_FILE``.

    Raises:
        InputError: if the data are anything else.
    """
    members = _members(data)
    if _HEADER not in members:
        raise InputError(f"the archive has no member {_HEADER}, so it is no model of ours")
    model, document = read_document(members.pop(_HEADER), _CARRIER)
    shape = (len(model.vocabulary), len(model.coordinates))
    there = len(members.get(f"{_TABLE}.npy", b"")) > 4 * shape[0] * shape[1]  # no entry has fewer bytes
    require_table(model, {_TABLE: shape} if there else {}, "", _TABLE)
    again, denominators = _arrays(model)
    require_same(members, again, "the member", f"{_HEADER} gives")
    if json.dumps(document["denominators"], sort_keys=True) != json.dumps(denominators, sort_keys=True):
        raise InputError(f"the denominators are not those that the model in {_HEADER} gives")
    return model


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
            return {entry.filename: _unpacked(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise InputError(f"no archive in the form of .npz, or a damaged one: {str(error)[:200]}") from error


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A member, of which no more is inflated than the directory says; ``archive.read`` inflates first and cuts then."""
    with archive.open(entry) as member:
        return member.read(entry.file_size + 1)
