"""Every construction on a small input, explained once for all tests."""

import functools
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from constructions import CONSTRUCTIONS, Construction, construction
from constructions.worked_examples import Trace, explain

INPUTS = {
    "index": "3 1 4 1 5 ? 2",
    "associative-recall": "3 1 4 1 5 ? 4",
    "c-gram": "3 1 4 1 5 ? 1 4",
    "counting": "1 2 1 1 ? 1 2",
    "istree": "a-b b-c b-d",
    "turing": "",
}
"""An input for each task, so that something is found."""

_SEQUENCE = " ".join(str(1 + 7 * k % 200) for k in range(200))

LONG_INPUTS = {
    "index": f"{_SEQUENCE} ? 8",
    "associative-recall": f"{_SEQUENCE} ? 8",
    "c-gram": f"{_SEQUENCE} ? 8 15",
    "counting": f"{_SEQUENCE} ? 8 3",
    "istree": " ".join(f"{k // 2}-{k}" for k in range(2, 31)),
    "turing": "",
}
"""For each task about as much as a page can show."""

MISSES = {"associative-recall": "3 1 4 1 5 ? 5", "c-gram": "3 1 4 1 5 ? 4 4", "counting": "1 2 1 1 ? 1 3"}
"""An input for each of these tasks, so that nothing is found."""

RUNS = [(name, INPUTS[name.partition("/")[2]]) for name in CONSTRUCTIONS]
RUNS += [(name, MISSES[task]) for name in CONSTRUCTIONS if (task := name.partition("/")[2]) in MISSES]
RUNS += [(name, "a-b b-c c-d d-b") for name in CONSTRUCTIONS if name.endswith("/istree")]
RUNS += [(name, "x-y z-w") for name in CONSTRUCTIONS if name.endswith("/istree")]


@functools.cache
def subject(name: str) -> Construction:
    return construction(name)


@functools.cache
def run(name: str, text: str) -> Trace:
    """The trace; machines run for a few steps."""
    chosen = subject(name)
    limit = {"rnn/turing": 60, "retrieval/turing": 60}.get(name, 25) if name.endswith("/turing") else None
    size = 30 if name.endswith("/turing") else None
    return explain(chosen, chosen.task.parse(text), n=size, max_tokens=limit)


def with_every_text(value: Any, payload: str) -> Any:
    """A copy of the data with ``payload`` after every text in it, except the words that the formats branch on."""
    if isinstance(value, str):
        return value + payload
    if isinstance(value, tuple):
        return tuple(with_every_text(item, payload) for item in value)
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Fraction):
        kept = {"origin", "kind"}
        changed = {
            f.name: with_every_text(getattr(value, f.name), payload) for f in fields(value) if f.name not in kept
        }
        return replace(value, **changed)
    return value
