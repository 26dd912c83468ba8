"""Most frequent: which number occurs most often? Of several the one that came last.

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021, sort by frequency; the first in that order is enough.
"""

from constructions.rasp import Program
from constructions.tasks import FunctionTask
from constructions.theorems import Construction

task = FunctionTask(
    "most-frequent",
    None,
    lambda word: max(word, key=lambda letter: (word.count(letter), max(i for i, x in enumerate(word) if x == letter))),
    statement="Which number occurs most often?",
)


def build() -> Construction:
    """Up to its last place a number occurs as often as it does at all, and up to any other place less often."""
    p = Program(task)
    count = p.selector_width(p.select(p.tokens, p.tokens))
    return p.returns(p.wiring.largest("most", count)[p.tokens], summary="Heads count, one picks the largest count.")
