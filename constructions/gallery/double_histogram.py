"""Double histogram: how many different letters occur exactly as often as the last one?

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021, whose program looks ahead. Here nothing does: a letter
that occurs c times or more has exactly one place at which it occurs for the c-th time.
"""

from constructions.rasp import Program
from constructions.tasks import FunctionTask
from constructions.theorems import Construction

task = FunctionTask(
    "double-histogram",
    None,
    lambda word: sum(word.count(letter) == word.count(word[-1]) for letter in set(word)),
    statement="How many different letters occur as often as the last one?",
)


def build() -> Construction:
    """The letters that occur c times or more, less those that occur c + 1 times or more."""
    p = Program(task)
    count = p.selector_width(p.select(p.tokens, p.tokens))
    found = p.selector_width(p.select(count, count)) - p.selector_width(p.select(count, count + 1))
    return p.returns(p.wiring.clamp(found, 0, p.wiring.context, "found"), summary="Heads count letters, then counts.")
