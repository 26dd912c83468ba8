"""Constructions of the literature, one file each, built as a reader would build an own one."""

from importlib import import_module
from pkgutil import iter_modules

from constructions.errors import unknown
from constructions.theorems import Construction

PREFIX = "gallery/"

GALLERY: tuple[str, ...] = tuple(sorted(PREFIX + module.name.replace("_", "-") for module in iter_modules(__path__)))
"""The names; each file is loaded when its construction is asked for."""


def from_gallery(name: str) -> Construction:
    """The construction of this name, such as ``gallery/parity``.

    Raises:
        InputError: if there is none.

    >>> from_gallery("gallery/parity").run("b a b b").answer
    'yes'
    """
    if name not in GALLERY:
        raise unknown("construction of the gallery", name, GALLERY)
    made: Construction = import_module(f"{__name__}.{_file(name)}").build()
    return made


def summary_of(name: str) -> str:
    """The first line of the docstring of its file."""
    return str(import_module(f"{__name__}.{_file(name)}").__doc__).strip().splitlines()[0]


def _file(name: str) -> str:
    return name.removeprefix(PREFIX).replace("-", "_")


__all__ = ["GALLERY", "PREFIX", "from_gallery", "summary_of"]
