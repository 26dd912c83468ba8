"""``list``: what there is."""

from constructions.tasks import TASKS, task
from constructions.theorems import CONSTRUCTIONS, THEOREMS, construction
from proofs_check._commands._shared import print_json


def show(json: bool) -> None:
    """Print constructions, tasks and theorems."""
    constructions = [(name, construction(name).summary) for name in CONSTRUCTIONS]
    tasks = [(name, task(name).statement, task(name).text_form) for name in TASKS]
    theorems = [(t.number, t.title, t.statement) for t in THEOREMS.values()]
    if json:
        print_json(
            {
                "constructions": [{"name": name, "summary": summary} for name, summary in constructions],
                "tasks": [{"name": name, "statement": words, "input": form} for name, words, form in tasks],
                "theorems": [{"number": number, "title": title, "statement": s} for number, title, s in theorems],
            }
        )
        return
    print("Constructions (retrieval-gap run NAME INPUT)")
    for name, summary in constructions:
        print(f"  {name:<32} {summary}")
    print("\nTasks, and how an input is written")
    for name, words, form in tasks:
        print(f"  {name:<20} {words}  {form}")
    print("\nTheorems (retrieval-gap verify NUMBER)")
    for number, title, _ in theorems:
        print(f"  {number:<6} {title}")
