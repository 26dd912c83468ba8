"""Most recent occurrence: at which position did the asked number stand last?

The look-up behind associative memory (Ramsauer et al., "Hopfield networks is all you need", 2020): one head whose keys
are the tokens; ties go to the later position.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "most-recent",
    None,
    lambda word, asked: max(i * (letter == asked) for i, letter in enumerate(word, 1)),
    query=1,
    statement="At which position did the asked number stand last? (0: nowhere)",
)


def build() -> Construction:
    """The query itself stands behind the question mark, which keeps it from being found."""
    w = Wiring("transformer/most-recent", specials=task.tokens, numbers=(0, n + 2), context=n + 2)
    previous = w.offset("previous", 1)
    found = w.latest("found", [(w.token, w.token)], excluding=previous[w.is_token("?")], default=True)
    w.write(found[w.position])
    return Construction(w.name, task, w.finish(), "One head finds the latest position with the asked number.")
