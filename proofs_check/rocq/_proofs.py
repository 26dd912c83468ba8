"""A run: which theorems, of which constructions, from which files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from constructions.errors import InputError
from constructions.theorems import Construction
from proofs_check._atomic_write import write_text
from proofs_check.rocq._blame import blame_source, faults
from proofs_check.rocq._export import digest, module_name
from proofs_check.rocq._retrieval import variants
from proofs_check.rocq._run import Builder, Compiled, Outcome, Progress, Prover, cache_directory, locked, outcomes
from proofs_check.rocq._sources import PATHS, Source, needed, printed, theories
from proofs_check.rocq._theorems import SHIPPED, ProvedTheorem, selected, unknown_name


class Proofs:
    """The theorems that were asked for.

    Args:
        constructions: whose weights are printed.
        names: of theorems: numbers of the paper's, constructions, or names in Coq; all if there are none.
        shipped: the theorems whose proofs people wrote, about the project's constructions; none beside a user's.

    Raises:
        InputError: if a name asks for nothing.
    """

    def __init__(
        self,
        constructions: Sequence[Construction],
        names: Sequence[str] = (),
        shipped: Sequence[ProvedTheorem] = SHIPPED,
    ) -> None:
        for name in names:
            if not selected([name], constructions, shipped):
                raise unknown_name(name, selected([], constructions, shipped))
        self.theorems = selected(names, constructions, shipped)
        self._blueprints = {module_name(c.blueprint.name): c.blueprint for c in constructions}
        self._sources: dict[str, Source] = dict(theories())
        for blueprint in [*variants(), *self._blueprints.values()]:
            self._sources |= {source.module: source for source in printed(blueprint)}
        self._order = needed(dict.fromkeys(theorem.module for theorem in self.theorems), self._sources)

    def digest(self, theorem: ProvedTheorem) -> str | None:
        """The digest of the one blueprint that a theorem is about; None if it is about none, or several."""
        return self.digests().get(theorem.constructions[0]) if len(theorem.constructions) == 1 else None

    def digests(self) -> dict[str, str]:
        """The digests of the blueprints, by the names of the constructions."""
        return {blueprint.name: digest(blueprint) for blueprint in self._blueprints.values()}

    def write(self, directory: Path, *, unneeded: bool = False) -> None:
        """Write all files that the theorems need, and ``_CoqProject`` with their order.

        ``unneeded``: and the library's other files.
        """
        order = needed(self._sources, self._sources) if unneeded else self._order
        for source in order:
            path = directory / source.path
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, source.text)
        mapped = "\n".join(f"-Q {folder} {logical}" for folder, logical in PATHS)
        files = "\n".join(source.path for source in order)
        write_text(directory / "_CoqProject", f"{mapped}\n\n{files}\n")

    def run(
        self,
        prover: Prover,
        out: Path | None,
        progress: Progress | None = None,
        waits: Callable[[str], None] = lambda line: None,
    ) -> list[Outcome]:
        """Have Coq check everything; files are written into ``out``, into a cache of this Coq's unless it is given.

        ``waits`` is told, in a line, that another run builds in the directory, before this one waits for it.

        Raises:
            InputError: if the directory cannot be written.
        """
        directory = out or cache_directory(prover)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with locked(directory, waits):
                if out is not None:
                    self.write(out)
                builder = Builder(directory, prover, progress)
                builder.write(self._order)
                compiled = builder.compile(self._order)
                results = outcomes(builder, self.theorems, compiled)
                self._explain(builder, results, compiled)
        except OSError as error:
            raise InputError(f"cannot build in {directory}: {error.strerror or error}") from error
        return results

    def _explain(self, builder: Builder, results: Sequence[Outcome], compiled: dict[str, Compiled]) -> None:
        """For blueprints whose check failed, what is wrong, asked once each."""
        for module, blueprint in self._blueprints.items():
            wire = compiled.get(f"Wire_{module}")
            if wire is None or not wire.refused:
                continue
            order = needed(["Faults"], {**self._sources, "Faults": blame_source(blueprint)})
            builder.write(order)
            builder.compile(order[:-1])
            found = faults(blueprint, builder.coqc(order[-1].path).stdout)
            for result in results:
                if result.theorem.module == f"Wire_{module}":
                    result.faults = found
