"""Inputs that need many bits: all of a size where they are few, else adversarial families, the worst first.

What makes a number large is a late position and a large token; what makes a decision close is a neighbouring key,
a neighbouring position, and a count next to the threshold. So the families are: the largest token everywhere, with
and without another one at the end; large tokens that descend, alternate, ascend; queries for what stands at the
ends and in the middle, and for its neighbours; thresholds around the full count; the longest contexts. Then the
edge cases that the task itself names, and random inputs.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions.tasks import Retrieval, RetrievalTask, Simulation
from constructions.theorems import Construction

_EXHAUSTIVE, _EXHAUSTIVE_CHAINS = 5000, 300
"""So many inputs are run, all of a size; fewer where a chain of thought makes each of them long."""

_RANDOM = 20


def inputs(construction: Construction, n: int, seed: int) -> tuple[bool, list[Any]]:
    """Instances for the model of size n, and whether they are all of that size (sequence length or nodes)."""
    task, least = construction.task, max(construction.blueprint.least, 2)
    if not isinstance(task, Simulation) and least <= n <= 7:
        most = _EXHAUSTIVE if isinstance(task, RetrievalTask) else _EXHAUSTIVE_CHAINS
        if task.count(n) <= most:
            return True, [instance for instance in task.enumerate(n) if task.size(instance) <= n]
    rng = np.random.default_rng([seed, n])
    chosen = [*adversarial(task, n), *task.boundary(n), *(task.sample(rng, n) for _ in range(_RANDOM))]
    return False, list({task.text(instance): instance for instance in chosen}.values())


def adversarial(task: Any, n: int) -> Iterator[Retrieval]:
    """For look-ups and counts, as the module's text says; instances with a common sequence follow each other."""
    if not isinstance(task, RetrievalTask):
        return
    descending = tuple(range(n, 0, -1))
    full = (n,) * n
    alternating = tuple(n - j % 2 for j in range(n))
    for sequence in ((*full[:-1], 1), full, descending, alternating, descending[::-1]):
        for query in _queries(task, sequence, n):
            instance = Retrieval(sequence, query)
            in_range = min(query) >= 0 and max(query) <= n
            if in_range and task.query_fault(instance) is None and task.size(instance) <= n:
                yield instance


def _queries(task: RetrievalTask, sequence: tuple[int, ...], n: int) -> Iterator[tuple[int, ...]]:
    near = (0, 1, -1, 2, -2)
    if task.name == "index":
        for end in (n, 1, n // 2):
            yield from ((end + step,) for step in near)
    elif task.name == "counting":
        for token in dict.fromkeys((sequence[0], sequence[-1], n, 1)):
            for end in (sequence.count(token), n, 0):
                yield from ((token, end + step) for step in near)
    else:
        places = dict.fromkeys(
            (end + step) % n for end in (0, n - task.query_length - 1, n // 2) for step in (0, 1, 2, -1)
        )
        for place in places:
            gram = tuple(sequence[(place + d) % n] for d in range(task.query_length))
            for step in near:
                yield (*gram[:-1], gram[-1] + step)
                yield (gram[0] + step, *gram[1:])
