"""Machines that do real work, shipped as YAML files; the comments in the files say how they work."""

from functools import cache
from importlib.resources import files

from constructions.errors import unknown
from constructions.machines._machine import Machine
from constructions.machines._yaml import read_yaml

_FOLDER = files("constructions.machines") / "library"
_ENDING = ".yaml"


def library() -> tuple[str, ...]:
    """The names of the machines that come with this package, in alphabetical order.

    >>> library()[:2]
    ('binary-addition', 'binary-counter')
    """
    return tuple(sorted(file.name.removesuffix(_ENDING) for file in _FOLDER.iterdir() if file.name.endswith(_ENDING)))


@cache
def shipped(name: str) -> Machine:
    """The machine of this name, with an example as its input.

    Raises:
        InputError: if no machine is called so.

    >>> from constructions.machines import simulate
    >>> adder = shipped("binary-addition")
    >>> simulate(adder, "11+1").output(adder)
    '100'
    """
    if name not in library():
        raise unknown("machine", name, library())
    return read_yaml((_FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8"))
