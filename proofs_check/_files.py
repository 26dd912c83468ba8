"""Writing files: whole or not at all."""

import os
import secrets
from pathlib import Path

from constructions.errors import InputError


def write_text(path: str | Path, text: str) -> None:
    """Write a file in UTF-8; it appears whole or not at all.

    A new file gets the permissions that the umask leaves, one that is replaced keeps its own. A symbolic
    link stays, and what it points to is replaced. What is no regular file (``/dev/stdout``, a pipe) is
    written to directly.

    Raises:
        InputError: if it cannot be written; then an older file is untouched and nothing is left behind.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:  # a lone surrogate
        raise InputError(f"cannot write {str(path)!r}: {error}") from error
    write_bytes(path, data)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file; see :func:`write_text`.

    Raises:
        InputError: if it cannot be written; then an older file is untouched and nothing is left behind.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                file.write(data)
        else:
            _replace(os.path.realpath(path), data)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    except ValueError as error:  # a lone surrogate or a null character in the path
        raise InputError(f"cannot write {str(path)!r}: {error}") from error


def _replace(target: str, data: bytes) -> None:
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:40]}.{secrets.token_hex(8)}.tmp")
    mode = None
    if os.path.exists(target):
        with open(target, "ab"):  # a file that may not be written may not be replaced either
            mode = os.stat(target).st_mode & 0o777
    # Not tempfile.mkstemp: its files can be read by their owner only, whatever the umask says.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
