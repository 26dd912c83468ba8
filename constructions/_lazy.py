"""Lazy loading: the names of a package on first use (PEP 562), and the pages by which notebooks show objects."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def names_from(package: str, modules: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """A ``__getattr__`` for ``package``, by which names are imported from ``modules`` on first use.

    Args:
        package: the package's ``__name__``.
        modules: for each module, relative to the package, the names that it gives.
    """
    source = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name not in source:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{source[name]}"), name)
        setattr(sys.modules[package], name, value)  # so that it is not asked for again
        return value

    return load


class Shown:
    """An object that notebooks show as a page: worked examples, which stand above all else, are imported for it."""

    def _repr_html_(self) -> str:
        return str(importlib.import_module("constructions.worked_examples").page_of(self))
