"""Docstrings of the public API say which errors a function raises, and what each of its arguments is."""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest

from tests.test_layout import ROOT

OURS = {"ContractError", "InputError", "ModelError", "ResourceError", "ValueError", "TypeError"}

FEW_ARGUMENTS = 2
"""Of up to so many arguments, a sentence that names none may still say what they are: "The answer to an instance"."""


NAMED = ("constructions.", "proofs_check.certificates.", "short")
"""What people build on; the rest says which errors it raises."""


def packages() -> list[str]:
    """Every package with an ``__init__.py`` that is an API, and the public modules."""
    found = [
        f"{folder}.{path.parent.name}"
        for folder in ("constructions", "proofs_check")
        for path in sorted((ROOT / folder).glob("*/__init__.py"))
    ]
    return [
        "constructions",
        "constructions.errors",
        "constructions.vocabulary",
        "constructions.tasks.strategies",
        *(name for name in found if "._" not in name),
    ]


def public(package: str) -> Iterator[tuple[str, FunctionType, type | None]]:
    """Functions and methods that a package offers, methods with their class."""
    module = importlib.import_module(package)
    here = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == package]
    for name in getattr(module, "__all__", None) or [name for name in here if not name.startswith("_")]:
        thing = getattr(module, name)
        if inspect.isfunction(thing):
            yield f"{package}.{name}", thing, None
        elif inspect.isclass(thing) and thing.__module__.startswith(("constructions", "proofs_check")):
            for member, value in vars(thing).items():
                plain = getattr(value, "__func__", value)
                if inspect.isfunction(plain) and not member.startswith("_") and plain.__name__ == member:
                    yield f"{package}.{name}.{member}", plain, thing


def said(function: FunctionType, of: type | None) -> str:
    """The docstrings of a function, of its class, of what it overrides, and of the functions that it refers to."""
    above, names = of.__mro__ if of else (), inspect.unwrap(function).__globals__
    bases = [vars(base).get(function.__name__) for base in above]
    found: list[object] = [function, of, *bases]
    for reference in re.findall(r":(?:func|meth):`([\w.]+)`", "\n".join(map(doc, [function, *bases]))):
        module, _, name = reference.rpartition(".")
        found += [getattr(names.get(module), name, None), names.get(name), *(vars(base).get(name) for base in above)]
    return "\n".join(map(doc, found))


def doc(thing: object) -> str:
    return "" if thing is None else inspect.getdoc(thing) or ""


def faults(name: str, function: FunctionType, of: type | None = None) -> list[str]:
    """What the docstring of a function does not say."""
    if not function.__doc__:
        return [f"{name} has no docstring"]
    text = said(function, of)
    missing = [f"{name}: {error}" for error in sorted(raised(function)) if error not in text]
    parameters = [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]
    if len(parameters) > FEW_ARGUMENTS and name.startswith(NAMED):
        missing += [f"{name}: {p}" for p in parameters if not re.search(rf"(?<![\w.]){p}(?!\w)", text)]
    return missing


def raised(function: FunctionType) -> set[str]:
    """The types of errors that the body of a function raises itself, and does not catch."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    caught = {
        inside for node in ast.walk(tree) if isinstance(node, ast.Try) for x in node.body for inside in ast.walk(x)
    }
    found = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc and node not in caught]
    return {ast.unparse(e.func if isinstance(e, ast.Call) else e) for e in found} & OURS


@pytest.mark.parametrize("package", packages())
def test_public_docstrings_name_arguments_and_errors(package: str) -> None:
    assert [fault for found in public(package) for fault in faults(*found)] == []


def test_there_is_something_to_read() -> None:
    assert len({id(function) for package in packages() for _, function, _ in public(package)}) > 400


def test_what_is_missing_is_seen() -> None:
    from constructions.errors import InputError

    def short(sequence: Any, query: Any, alphabet: Any) -> None:
        """Answer the query about the sequence.

        Raises:
            ValueError: if there is none.
        """
        if not alphabet:
            raise InputError("no letters")
        raise ValueError

    def bare() -> None:
        pass

    assert faults("short", short) == ["short: InputError", "short: alphabet"]
    assert faults("proofs_check.evidence.short", short) == ["proofs_check.evidence.short: InputError"]

    class Spoken:
        """About an alphabet, of which InputError may be raised."""

    assert faults("short", short, Spoken) == []
    assert faults("bare", bare) == ["bare has no docstring"]


def begins_alike(text: str) -> list[int]:
    """Lines of a module's text at which a docstring begins "The same": a reader sees one page at a time."""
    return [number for number, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith('"""The same')]


def test_no_docstring_leans_on_the_one_before() -> None:
    assert begins_alike('x = 1\n"""The same for y."""') == [2]
    files = [path for folder in ("constructions", "proofs_check") for path in (ROOT / folder).rglob("*.py")]
    assert {path.name: found for path in files if (found := begins_alike(path.read_text(encoding="utf-8")))} == {}
