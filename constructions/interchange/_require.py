"""Imports of optional packages, which only some formats need."""

from importlib import import_module
from typing import Any

from constructions.errors import InputError

_INSTALL = {"torch": "pip install torch"}


def require(module: str) -> Any:
    """A module of an optional package.

    Raises:
        InputError: saying what to install, if it is not there.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        install = _INSTALL.get(package, "pip install 'retrieval-gap[interchange]'")
        raise InputError(f"this needs the package {package}, which cannot be imported ({error}); {install}") from error
