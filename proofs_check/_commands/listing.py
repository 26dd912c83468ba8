"""``list``: constructions, tasks and theorems by name; those of other papers apart."""

import textwrap
from collections.abc import Iterable, Sequence

from constructions.gallery import GALLERY
from constructions.gallery import summary_of as in_gallery
from constructions.tasks import NEIGHBOUR_TASKS, TASKS, task
from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, NEIGHBOURS, THEOREMS, Theorem, summary_of
from proofs_check._commands._shared import print_json


def show(json: bool) -> None:
    """Print constructions, the gallery, tasks and theorems, then the neighbours."""
    ours = _Listed(CONSTRUCTIONS, TASKS, THEOREMS.values())
    nearby = _Listed(NEIGHBOURING, NEIGHBOUR_TASKS, NEIGHBOURS.values())
    gallery = [(name, in_gallery(name)) for name in GALLERY]
    if json:
        shown = {"gallery": [{"name": name, "summary": summary} for name, summary in gallery]}
        print_json({**ours.document(), **shown, "neighbours": nearby.document()})
        return
    print("Constructions (retrieval-gap run NAME INPUT)")
    _rows(ours.constructions)
    print("\nGallery, from the literature (retrieval-gap run gallery/NAME INPUT)")
    _rows(gallery)
    print("\nTasks, and how an input is written")
    _rows(ours.task_rows())
    print("\nTheorems (retrieval-gap verify NUMBER)")
    _rows(ours.theorem_rows())
    print("\nNeighbours: theorems of other papers (retrieval-gap verify NAME, or verify --all)")
    _rows(nearby.theorem_rows())
    print("\nTheir constructions")
    _rows(nearby.constructions)
    print("\nTheir tasks")
    _rows(nearby.task_rows())


class _Listed:
    """What is listed of the paper, or of its neighbours."""

    def __init__(self, constructions: Iterable[str], tasks: Iterable[str], theorems: Iterable[Theorem]) -> None:
        self.constructions = [(name, summary_of(name)) for name in constructions]
        self.tasks = [(name, task(name).statement, task(name).text_form) for name in tasks]
        self.theorems = [(t.number, t.title, t.statement) for t in theorems]

    def document(self) -> dict[str, list[dict[str, str]]]:
        """As JSON."""
        return {
            "constructions": [{"name": name, "summary": summary} for name, summary in self.constructions],
            "tasks": [{"name": name, "statement": words, "input": form} for name, words, form in self.tasks],
            "theorems": [{"number": number, "title": title, "statement": s} for number, title, s in self.theorems],
        }

    def task_rows(self) -> list[tuple[str, str]]:
        """Each task with its question and an input."""
        return [(name, f"{words}  {form}") for name, words, form in self.tasks]

    def theorem_rows(self) -> list[tuple[str, str]]:
        """Each theorem with its title."""
        return [(number, title) for number, title, _ in self.theorems]


def _rows(pairs: Sequence[tuple[str, str]]) -> None:
    """Names and what they are, in two columns that fit 80 characters."""
    width = max(len(name) for name, _ in pairs)
    for name, words in pairs:
        print(textwrap.fill(words, 80, initial_indent=f"  {name:<{width}}  ", subsequent_indent=" " * (width + 4)))
