"""Files for Coq that tests make, and running them in one place: the library is compiled once."""

import functools
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from constructions.theorems import construction
from constructions.wiring import Blueprint
from proofs_check.rocq import PRINTED, find_prover
from proofs_check.rocq._blame import blame_source, faults
from proofs_check.rocq._retrieval import variants
from proofs_check.rocq._run import Builder, Compiled, Prover
from proofs_check.rocq._sources import Source, needed, printed, theories


@functools.cache
def prover() -> Prover:
    """Coq, which must be installed: these tests are asked for by name."""
    found = find_prover(None)
    assert found is not None, "coqc is not installed; install it to run the tests marked system"
    return found


@functools.cache
def library() -> Mapping[str, Source]:
    """The library, and all that is printed for the project's constructions."""
    blueprints = [*variants(), *(construction(name).blueprint for name in PRINTED)]
    return dict(theories()) | {source.module: source for blueprint in blueprints for source in printed(blueprint)}


def build(directory: Path, sources: Mapping[str, Source], *modules: str) -> tuple[Builder, dict[str, Compiled]]:
    """Compile these modules of the files, with all that they load."""
    order = needed(modules, sources)
    builder = Builder(directory, prover())
    builder.write(order)
    return builder, builder.compile(order)


def run(directory: Path, text: str, blueprints: Sequence[Blueprint] = ()) -> "subprocess.CompletedProcess[str]":
    """What Coq says to a file, after all that it loads was compiled."""
    sources = dict(theories())
    for blueprint in blueprints:
        sources |= {source.module: source for source in printed(blueprint)}
    asked = Source("generated", "Asked", text)
    order = needed(["Asked"], {**sources, "Asked": asked})
    builder = Builder(directory, prover())
    builder.write(order)
    for module, compiled in builder.compile(order[:-1]).items():
        assert not compiled.error, f"{module}: {compiled.error}"
    return builder.coqc(asked.path)


def evaluated(directory: Path, text: str, blueprints: Sequence[Blueprint] = ()) -> list[str]:
    """The values of the file's ``Eval`` commands, without their types."""
    done = run(directory, text, blueprints)
    assert done.returncode == 0, done.stderr
    return [
        " ".join(found.split()) for found in re.findall(r"^\s*= (.*?)\n\s*: ", done.stdout, re.DOTALL | re.MULTILINE)
    ]


def found_faults(directory: Path, blueprint: Blueprint) -> list[str]:
    """What the checker finds wrong, in words."""
    (printed_faults,) = evaluated(directory, blame_source(blueprint).text, [blueprint])
    return faults(blueprint, printed_faults)
