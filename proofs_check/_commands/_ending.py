"""How the command line begins and ends: threads, errors in one line, exit codes. Imports nothing of the project."""

import os
import sys
from typing import NoReturn


def one_thread_for_blas() -> None:
    """Unless the user says otherwise; call it before NumPy is imported.

    The products here are small. On a busy machine threads that wait for each other make them many times slower.
    """
    for library in ("OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def on_purpose(error: Exception) -> bool:
    """Whether this is an error of the project's own; its module is not imported for that, so that help is quick."""
    errors = sys.modules.get("constructions.errors")
    return errors is not None and isinstance(error, errors.RetrievalGapError)


def fail(message: str, code: int) -> NoReturn:
    """One line on standard error, and the end."""
    print(f"retrieval-gap: {_one_line(message)}", file=sys.stderr)
    sys.exit(code)


def _one_line(message: str) -> str:
    return " ".join(message.split())
