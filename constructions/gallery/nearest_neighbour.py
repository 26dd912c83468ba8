"""Nearest neighbour: at which position does the number stand that is nearest to the asked one? The latest of several.

Cover and Hart, "Nearest neighbor pattern classification", 1967; a head with the largest score 2 q k - k^2.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "nearest-neighbour",
    None,
    lambda word, asked: min(range(1, len(word) + 1), key=lambda i: (abs(word[i - 1] - asked), -i)),
    query=1,
    statement="At which position does the number nearest to the asked one stand?",
)


def build() -> Construction:
    """The first token, the question mark and the query itself are not looked at."""
    w = Wiring("transformer/nearest-neighbour", specials=task.tokens, numbers=(0, n + 2), context=n + 2)
    asked = w.offset("previous", 1)[w.is_token("?")]
    found = w.nearest("found", [(w.token, w.token)], excluding=w.either(asked, ~w.is_number))
    w.write(found[w.position])
    return Construction(w.name, task, w.finish(), "One head finds the nearest number.")
