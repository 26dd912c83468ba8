"""Constructions of the literature, one file each, built as a reader would build an own one."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from constructions.errors import unknown
from constructions.theorems import Construction

PREFIX = "gallery/"

_FILES = {PREFIX + file.name.replace("_", "-"): file.name for file in iter_modules(__path__) if file.name[0] != "_"}

GALLERY: tuple[str, ...] = tuple(sorted(_FILES))
"""The names; each file is loaded when its construction is asked for."""


def from_gallery(name: str) -> Construction:
    """The construction of this name, such as ``gallery/parity``.

    Raises:
        InputError: if there is none.

    >>> from_gallery("gallery/parity").run("b a b b").answer
    'yes'
    """
    made: Construction = _loaded(name).build()
    return made


def summary_of(name: str) -> str:
    """The first line of the docstring of its file."""
    return str(_loaded(name).__doc__).splitlines()[0]


def reference_of(name: str) -> str:
    """Its file and function, ``FILE.py:build``, as for a construction of one's own."""
    _loaded(name)
    return _reference(name)


def shown_name(reference: str) -> str:
    """The name in the gallery of what :func:`reference_of` gives; all else as it is."""
    return next((name for name in GALLERY if reference == _reference(name)), reference)


def _reference(name: str) -> str:
    return f"{Path(__file__).with_name(_FILES[name])}.py:build"


def _loaded(name: str) -> ModuleType:
    if name not in GALLERY:
        raise unknown("construction of the gallery", name, GALLERY)
    return import_module(f"{__name__}.{_FILES[name]}")


__all__ = ["GALLERY", "PREFIX", "from_gallery", "reference_of", "shown_name", "summary_of"]
