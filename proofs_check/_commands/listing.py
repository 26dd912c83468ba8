"""``list``: constructions, tasks and theorems by name."""

import textwrap
from collections.abc import Sequence

from constructions.gallery import GALLERY, summary_of
from constructions.tasks import TASKS, task
from constructions.theorems import CONSTRUCTIONS, THEOREMS, construction
from proofs_check._commands._shared import print_json


def show(json: bool) -> None:
    """Print constructions, the gallery, tasks and theorems."""
    constructions = [(name, construction(name).summary) for name in CONSTRUCTIONS]
    tasks = [(name, task(name).statement, task(name).text_form) for name in TASKS]
    gallery = [(name, summary_of(name)) for name in GALLERY]
    theorems = [(t.number, t.title, t.statement) for t in THEOREMS.values()]
    if json:
        print_json(
            {
                "constructions": [{"name": name, "summary": summary} for name, summary in constructions],
                "gallery": [{"name": name, "summary": summary} for name, summary in gallery],
                "tasks": [{"name": name, "statement": words, "input": form} for name, words, form in tasks],
                "theorems": [{"number": number, "title": title, "statement": s} for number, title, s in theorems],
            }
        )
        return
    print("Constructions (retrieval-gap run NAME INPUT)")
    _rows(constructions)
    print("\nGallery, from the literature (retrieval-gap run gallery/NAME INPUT)")
    _rows(gallery)
    print("\nTasks, and how an input is written")
    _rows([(name, f"{words}  {form}") for name, words, form in tasks])
    print("\nTheorems (retrieval-gap verify NUMBER)")
    _rows([(number, title) for number, title, _ in theorems])


def _rows(pairs: Sequence[tuple[str, str]]) -> None:
    """Names and what they are, in two columns that fit 80 characters."""
    width = max(len(name) for name, _ in pairs)
    for name, words in pairs:
        print(textwrap.fill(words, 80, initial_indent=f"  {name:<{width}}  ", subsequent_indent=" " * (width + 4)))
