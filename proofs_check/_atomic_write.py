"""Writing files: whole or not at all."""

import errno
import os
import secrets
from pathlib import Path

from constructions.errors import InputError, OutputError, RetrievalGapError


def write_text(path: str | Path, text: str) -> None:
    """Write a file in UTF-8; it appears whole or not at all.

    A new file gets the permissions that the umask leaves, one that is replaced keeps its own. Nothing but what stands
    under this name is replaced: of a symbolic link the link, not what it points to. What is no regular file
    (``/dev/stdout``, a pipe) is written to directly.

    Raises:
        InputError: if it cannot be written, OutputError if there is no room; then an older file is untouched and
            nothing is left behind.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:  # a lone surrogate
        raise InputError(f"cannot write {str(path)!r}: {error}") from error
    write_bytes(path, data)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file; see :func:`write_text`.

    Raises:
        InputError: if it cannot be written, OutputError if there is no room; then an older file is untouched and
            nothing is left behind.
    """
    try:
        folder, name = os.path.split(os.path.abspath(path))
        if (os.path.exists(path) and not os.path.isfile(path)) or _is_of_the_system(folder):
            with open(path, "wb") as file:
                file.write(data)
        else:
            _replace(folder, name, data)
    except OSError as error:
        raise cannot_write(f"cannot write {path}", error) from error
    except ValueError as error:  # a lone surrogate or a null character in the path
        raise InputError(f"cannot write {str(path)!r}: {error}") from error


# What the system says when there is no room, or nothing to write to, rather than that a name is wrong.
_NO_ROOM = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EBADF") if hasattr(errno, name)}


def no_room(error: OSError) -> bool:
    """Whether nothing can be written there because it is full, or closed."""
    return error.errno in _NO_ROOM


def cannot_write(what: str, error: OSError) -> RetrievalGapError:
    """The error to raise: of input if the place is wrong, of output if it is full."""
    return (OutputError if no_room(error) else InputError)(f"{what}: {error.strerror}")


def _is_of_the_system(folder: str) -> bool:
    """Whether names there, such as /dev/stdout, stand for open files; they are never replaced."""
    return os.path.realpath(folder).startswith(("/dev/", "/proc/")) or os.path.realpath(folder) in ("/dev", "/proc")


def _replace(folder: str, name: str, data: bytes) -> None:
    target = os.path.join(folder, name)
    temporary = os.path.join(folder, f".{name[:40]}.{secrets.token_hex(8)}.tmp")
    mode = None
    if os.path.exists(target) and not os.path.islink(target):
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
