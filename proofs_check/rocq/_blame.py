"""Asks Coq what is wrong with a construction that its checker refuses, and says it in words."""

import re
from collections.abc import Callable, Iterable

from constructions.wiring import Blueprint, SymbolicAttention, SymbolicSelective
from proofs_check.rocq._export import Terms
from proofs_check.rocq._network import judged_by, network_definitions, subject_of
from proofs_check.rocq._sources import Source

_FAULT = re.compile(r"\b(In[A-Z][a-z]+)((?:\s+\d+)*)")


def blame_source(blueprint: Blueprint) -> Source:
    """A file that prints the faults of a blueprint."""
    text = network_definitions(blueprint)
    call = f"blame_{judged_by(blueprint)} domain_ blueprint {subject_of(blueprint)}"
    question = f"From RetrievalGap Require Import Blame.\nEval vm_compute in {call} ranges_.\n"
    return Source("generated", "Faults", f"{text}\n{question}")


def faults(blueprint: Blueprint, printed: str) -> list[str]:
    """The faults that Coq printed, in words.

    What only says that a range or the decision is not shown is left out where something else is wrong: it may follow.
    """
    found = [(kind, [int(k) for k in numbers.split()]) for kind, numbers in _FAULT.findall(printed)]
    causes = [fault for fault in found if fault[0] not in ("InRange", "InSign", "InOutput")]
    return list(dict.fromkeys(_words(blueprint, kind, numbers) for kind, numbers in causes or found))


def _words(blueprint: Blueprint, kind: str, numbers: list[int]) -> str:
    coordinate = _named(blueprint.coordinates)
    words: dict[str, Callable[[list[int]], str]] = {
        "InEmbedding": lambda k: f"the embedding of {coordinate(k[0])} is not what the wiring says",
        "InStage": lambda k: f"layer {k[0]} is not of the kind, or writes not the coordinates, that the wiring says",
        "InScore": lambda k: f"head {_head(blueprint, *k)} does not have the scores of its gadget",
        "InRead": lambda k: f"head {_head(blueprint, *k)} does not read what its gadget says",
        "InUnits": lambda k: f"the units of {coordinate(k[1])} (layer {k[0]}) are not those of its gadget",
        "InFlags": lambda k: f"{coordinate(k[1])} (layer {k[0]}) uses flags that are not shown to be 0 or 1",
        "InRecurrence": lambda k: f"the recurrence (layer {k[0]}) is not what the wiring says",
        "InMove": lambda k: f"unit {_unit(blueprint, *k)} does not move the state as the wiring says",
        "InCell": lambda k: f"the cell {_cell(blueprint, *k)} does not keep, read or take what the wiring says",
        "InShown": lambda k: f"the cells of layer {k[0]} are not shown where the wiring says",
        "InLogits": lambda _: "the logits are not those of what the wiring says is written",
        "InScale": lambda k: f"the scale {_named(Terms(blueprint).variables)(k[0])} is not shown to exceed the context",
        "InRange": lambda k: f"the range of {coordinate(k[0])} is not shown",
        "InFraction": lambda k: f"{coordinate(k[1])} (layer {k[0]}) does not hold the fraction that the wiring says",
        "InCount": lambda k: f"{coordinate(k[1])} (layer {k[0]}) is not the count or the total that the wiring says",
        "InMixture": lambda k: f"integers of layer {k[0]} depend on fractions",
        "InSign": lambda _: (
            "the value whose sign is written is not shown to stay at most 2, with 0 and 1 in the vocabulary"
        ),
        "InOutput": lambda k: (
            f"alternative {k[0] + 1} of what is written is not shown to be in the vocabulary, with "
            "flags for its conditions and below the logit scale"
        ),
    }
    return words[kind](numbers) if kind in words else f"{kind} {numbers}"


def _named(names: Iterable[str]) -> Callable[[int], str]:
    listed = list(names)
    return lambda place: repr(listed[place]) if place < len(listed) else f"number {place}"


def _unit(blueprint: Blueprint, layer: int, unit: int) -> str:
    found = blueprint.layers[layer]
    return f"{_named(found.selector.rows if isinstance(found, SymbolicSelective) else ())(unit)} (layer {layer})"


def _cell(blueprint: Blueprint, layer: int, cell: int) -> str:
    found = blueprint.layers[layer]
    return f"{_named(found.transition.rows if isinstance(found, SymbolicSelective) else ())(cell)} (layer {layer})"


def _head(blueprint: Blueprint, layer: int, head: int) -> str:
    found = blueprint.layers[layer]
    name = found.heads[head].name if isinstance(found, SymbolicAttention) and head < len(found.heads) else str(head)
    return f"{name!r} (layer {layer})"
