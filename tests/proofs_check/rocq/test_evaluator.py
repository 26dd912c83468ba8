"""The evaluator that the theorems are about writes what ``decode`` and the kernel write, whole transcripts."""

from pathlib import Path

import pytest

from constructions.theorems import CONSTRUCTIONS, construction
from tests.proofs_check.rocq.coq_runs import evaluated
from tests.proofs_check.rocq.evaluations import comparison, runs


BATCH = 100
"""How many prompts a file holds: what Coq needs for it stays far below the seconds after which it is stopped."""


def alike(directory: Path, name: str, count: int) -> int:
    made = construction(name)
    prompts, same = runs(made, count, 7), 0
    for first in range(0, count, BATCH):
        (found,) = evaluated(directory, comparison(made, prompts[first : first + BATCH]), [made.blueprint])
        same += int(found.split("%")[0])
    return same


@pytest.mark.system
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_some_prompts(rocq: Path, name: str) -> None:
    assert alike(rocq, name, 20) == 20


@pytest.mark.slow
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_two_thousand_prompts(rocq: Path, name: str) -> None:
    assert alike(rocq, name, 2000) == 2000


@pytest.mark.system
@pytest.mark.parametrize("name", ["transformer/associative-recall", "transformer/counting", "retrieval/index"])
def test_a_wrong_token_is_seen(rocq: Path, name: str) -> None:
    made = construction(name)
    one, *rest = runs(made, 3, 7)
    other = "?" if one.said[-1] != "?" else "<s>"
    wrong = one._replace(written=(*one.written[:-1], other), said=(*one.said[:-1], other))
    (found,) = evaluated(rocq, comparison(made, [wrong, *rest]), [made.blueprint])
    assert int(found.split("%")[0]) == 2
