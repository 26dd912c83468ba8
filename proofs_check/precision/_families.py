"""Inputs that need many bits: all of a size where they are few, else those that the task names, the worst first.

Then the edge cases that the task itself names, and random inputs.
"""

from typing import Any

import numpy as np

from constructions.theorems import Construction

_EXHAUSTIVE, _EXHAUSTIVE_CHAINS = 5000, 300
"""So many inputs are run, all of a size; fewer where a chain of thought makes each of them long."""

_RANDOM = 20


def inputs(construction: Construction, n: int, seed: int) -> tuple[bool, list[Any]]:
    """Instances for the model of size n, and whether they are all of that size (sequence length or nodes)."""
    task, least = construction.task, max(construction.blueprint.least, 2)
    if task.machine is None and least <= n <= 7:
        most = _EXHAUSTIVE if task.query_length else _EXHAUSTIVE_CHAINS
        if task.few(n, most):
            return True, [instance for instance in task.enumerate(n) if task.size(instance) <= n]
    rng = np.random.default_rng([seed, n])
    chosen = [*task.adversarial(n), *task.boundary(n), *(task.sample(rng, n) for _ in range(_RANDOM))]
    return False, list({task.text(instance): instance for instance in chosen}.values())
