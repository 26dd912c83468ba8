"""``compare``: one instance through all model families, transcripts side by side."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from constructions.architectures import Attention, Recurrence
from constructions.engine import decode
from constructions.errors import InputError
from constructions.tasks import Task, task_of_text
from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, Construction, construction
from proofs_check._atomic_write import write_text
from proofs_check._commands._ending import EXIT
from proofs_check._commands._shared import input_text, parse_arithmetic, parse_memory, print_json, refuse
from proofs_check._commands._streams import write_page
from proofs_check._commands.running import GraphOptions

_WIDTH = 100


@dataclass(frozen=True)
class Side:
    """What the model of one family wrote."""

    construction: Construction
    n: int
    tokens: tuple[str, ...]
    answer: str | None

    @property
    def layers(self) -> str:
        """What the model is made of, in a few words."""
        layers = self.construction.blueprint.at(self.n).layers
        attention = sum(isinstance(layer, Attention) for layer in layers)
        parts = ["1 recurrence"] if any(isinstance(layer, Recurrence) for layer in layers) else []
        parts.append(f"{attention} attention layer{'' if attention == 1 else 's'}")
        if self.construction.blueprint.search is not None:
            parts.append("search")
        return ", ".join(parts)

    @property
    def searches(self) -> int:
        """How many searches were made."""
        search = self.construction.blueprint.search
        return 0 if search is None else self.tokens.count(search.closing)


def page(task_name: str, text: str, out: Path | None, graphs: GraphOptions, json: bool) -> int:
    """Write the live page with all families of a task; exit code 0."""
    if json:
        raise InputError("--json and --format html are two forms; choose one")
    from constructions.worked_examples import live_html  # its templates take long to load

    task, instance = _read(task_name, input_text(text), graphs)
    written = live_html(_families(task), task.text(instance))
    if out is None:
        write_page(written)
    else:
        write_text(out, written)
    return 0


def _read(task_name: str, text: str, graphs: GraphOptions) -> tuple[Task[Any], Any]:
    task = task_of_text(task_name, text)
    instances = graphs.instances(task, text, task_name)
    if len(instances) != 1:
        raise InputError(f"the text holds {len(instances)} graphs: expected one, such as `{task.text_form}`")
    return task, instances[0]


def _families(task: Task[Any]) -> list[Construction]:
    names = [name for name in CONSTRUCTIONS | NEIGHBOURING if name.partition("/")[2] == task.name]
    return [construction(name, c=getattr(task, "c", None)) for name in names]


def compare(
    task_name: str,
    text: str,
    arithmetic: str,
    memory: str,
    json: bool,
    form: Literal["text", "html"] = "text",
    out: Path | None = None,
    graphs: GraphOptions = GraphOptions(),  # noqa: B008
) -> int:
    """Run and print; exit code 0 if all answers are right, 1 if one is wrong, 3 if one is missing."""
    if form == "html":
        refuse(
            "does nothing beside --format html, whose page runs the models itself",
            arithmetic=arithmetic != "exact" and arithmetic,
            memory=memory != "2GiB" and memory,
        )
        return page(task_name, text, out, graphs, json)
    refuse("is for --format html", out=out)
    number_system, limit = parse_arithmetic(arithmetic), parse_memory(memory)
    whole = input_text(text)
    task, instance = _read(task_name, whole, graphs)
    right = task.answer(instance)
    sides = []
    for subject in _families(task):
        n = subject.size_for(instance)
        most = subject.longest(n=n) + 1
        written = decode(
            subject.at(n), subject.reads(instance), arithmetic=number_system, memory=limit, max_tokens=most
        )
        sides.append(Side(subject, n, task.labelled(instance, written.tokens), written.answer))
    if json:
        print_json({"task": task_name, "input": whole, "answer": right, "results": [_document(s) for s in sides]})
    else:
        _show(sides, right)
    if any(side.answer is None for side in sides):
        return EXIT["INCOMPLETE"]
    return EXIT["VERIFIED" if all(side.answer == right for side in sides) else "REFUTED"]


def _document(side: Side) -> dict[str, object]:
    return {
        "construction": side.construction.name,
        "n": side.n,
        "layers": side.layers,
        "tokens": list(side.tokens),
        "token_count": len(side.tokens),
        "searches": side.searches,
        "answer": side.answer,
    }


def _show(sides: list[Side], right: str) -> None:
    for side in sides:
        searches = f", {side.searches} searches" if side.searches > 1 else ", 1 search" if side.searches else ""
        counted = f"{len(side.tokens)} token{'' if len(side.tokens) == 1 else 's'}{searches}"
        print(f"{side.construction.name}  ({side.layers}; {counted})")
        for line in textwrap.wrap(" ".join(side.tokens), _WIDTH - 2, break_on_hyphens=False, break_long_words=False):
            print(f"  {line}")
        print(f"  answer: {side.answer}\n")
    agree = all(side.answer == right for side in sides)
    print(f"right answer: {right}; {'all agree' if agree else 'NOT ALL AGREE'}")
