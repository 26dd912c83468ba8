"""The recurrent state: how many states its ranges allow, and how many are reached."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Evaluator, names_of
from constructions.numerics import Exact, Rationals
from constructions.theorems import Construction
from constructions.wiring import Polynomial
from proofs_check.evidence._runs import Subject


@dataclass(frozen=True)
class Reached:
    """How many different states were seen at one size, and on how many inputs."""

    n: int
    states: int
    inputs: int

    @property
    def bits(self) -> int:
        """The least number of bits that tells them apart."""
        return (self.states - 1).bit_length()


def possible_states(construction: Construction) -> Polynomial:
    """The product of the numbers of integers in the ranges of the state's coordinates, a polynomial in n."""
    return construction.possible_states


def ranges_in_words(construction: Construction, named: int = 3) -> str:
    """The ranges of the state's coordinates, coordinates of the same range together; the first few by name."""
    together: dict[str, list[str]] = {}
    for name, extent in construction.blueprint.state.items():
        together.setdefault(str(extent), []).append(name)
    parts = []
    for shared, names in together.items():
        more = len(names) - named
        shown = names if more <= 1 else [*names[:named], f"{more} more"]
        parts.append(f"{shared} ({', '.join(shown)})")
    total = len(construction.blueprint.state)
    return f"the {total} coordinates of the state lie in {', '.join(parts)}"


def states_reached(subject: Subject, n: int, seed: int, cases: int = 50) -> Reached:
    """The states after every token of the transcripts of boundary and random inputs, all recurrences together."""
    model, references = subject.model(n), subject.references(n, cases, seed)
    seen: set[tuple[Any, ...]] = set()
    held: list[NDArray[Any]] = []

    def see(_layer: str, quantity: str, found: object) -> None:
        if quantity == "state" and isinstance(found, Rationals):
            held.append(found.numerators.reshape(-1, found.numerators.shape[-1]))
            if found.denominators is not None:  # a state that is no integer vector is kept with its denominator
                held.append(found.denominators.reshape(-1, 1))

    by_length: dict[int, list[list[int]]] = {}
    for prompt, written in references:
        by_length.setdefault(len(prompt + written), []).append(prompt + written)
    evaluator = Evaluator(model, Exact())
    for rows_of_ids in by_length.values():
        held.clear()
        evaluator.run(np.array(rows_of_ids, dtype=np.int64), observe=see, last=0)
        # The state is that of all recurrences together. Integers are equal to floats of the same value.
        seen.update(map(tuple, map(chain.from_iterable, zip(*(rows.tolist() for rows in held), strict=True))))
    return Reached(n, len(seen), len(references))


def layer_kinds(construction: Construction) -> list[tuple[str, str]]:
    """The layers of the smallest model, each with its name and its kind."""
    names = names_of(construction.at(construction.blueprint.least).layers)
    return [(name, f"{name.rsplit(' ', 1)[0]} layer") for name in names]
