"""The Coq files of a run: the library's, those that are printed, and which needs which."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from constructions.wiring import Blueprint
from proofs_check.rocq._export import blueprint_text, module_name
from proofs_check.rocq._network import network_text

PATHS = (("theories", "RetrievalGap"), ("generated", "RetrievalGap.Generated"))
"""Directories and the logical paths that Coq knows them by."""

_REQUIRE = re.compile(r"From\s+RetrievalGap(?:\.Generated)?\s+Require\s+(?:Import\s+|Export\s+)?([^.]+)\.")
_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """A Coq file: the directory it belongs to, its module's name, its text."""

    directory: str
    module: str
    text: str

    @property
    def path(self) -> str:
        """Where it stands, below the build directory."""
        return f"{self.directory}/{self.module}.v"

    @property
    def requires(self) -> tuple[str, ...]:
        """The modules of this project that it loads."""
        found = _REQUIRE.findall(_COMMENT.sub("", self.text))
        return tuple(dict.fromkeys(name for group in found for name in group.split()))


@cache
def theories() -> Mapping[str, Source]:
    """The files of the library, by module."""
    folder = resources.files("proofs_check.rocq") / "theories"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".v")), key=lambda file: file.name)
    return {file.name[:-2]: Source("theories", file.name[:-2], file.read_text(encoding="utf-8")) for file in files}


@cache
def theories_digest() -> str:
    """The SHA-256 of all files of the library, names included."""
    found = hashlib.sha256()
    for module, source in theories().items():
        found.update(f"{module}\0{source.text}\0".encode())
    return found.hexdigest()


def printed(blueprint: Blueprint) -> tuple[Source, Source]:
    """The two files of a blueprint: the weights, and the network of gadgets with what follows.

    Raises:
        ContractError: if it has a gadget that the library does not know.
    """
    module = module_name(blueprint.name)
    return (
        Source("generated", f"Gen_{module}", blueprint_text(blueprint)),
        Source("generated", f"Wire_{module}", network_text(blueprint)),
    )


def needed(modules: Iterable[str], sources: Mapping[str, Source]) -> list[Source]:
    """These modules and all that they load, each after what it loads."""
    order: dict[str, Source] = {}

    def add(module: str) -> None:
        if module in order:
            return
        source = sources[module]
        for required in source.requires:
            add(required)
        order[module] = source

    for module in modules:
        add(module)
    return list(order.values())


def digests(order: Iterable[Source], prover: str) -> dict[str, str]:
    """For each module a digest of its text, of all that it loads, and of the prover."""
    found: dict[str, str] = {}
    for source in order:
        below = "".join(found[module] for module in source.requires)
        found[source.module] = hashlib.sha256(f"{prover}\0{below}\0{source.text}".encode()).hexdigest()
    return found
