"""The evaluator that the theorems are about writes what ``decode`` and the kernel write, whole transcripts."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from constructions.theorems import CONSTRUCTIONS, construction
from tests.proofs_check.rocq.coq_runs import evaluated
from tests.proofs_check.rocq.evaluations import Run, comparison, runs

TOKENS = 10_000
"""About how many tokens a file holds: what Coq needs for them stays far below the seconds after which it is stopped."""


def files(found: Sequence[Run]) -> Iterator[list[Run]]:
    """The runs in their order, as many together as a file holds."""
    batch: list[Run] = []
    for run in found:
        batch.append(run)
        if sum(len(other.prompt) + len(other.written) for other in batch) >= TOKENS:
            yield batch
            batch = []
    if batch:
        yield batch


def alike(directory: Path, name: str, count: int) -> int:
    made = construction(name)
    found = runs(made, count, 7)
    counted = [evaluated(directory, comparison(made, batch), [made.blueprint]) for batch in files(found)]
    return sum(int(number.split("%")[0]) for (number,) in counted)


@pytest.mark.system
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_some_prompts(rocq: Path, name: str) -> None:
    assert alike(rocq, name, 20) == 20


@pytest.mark.slow
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_two_thousand_prompts(rocq: Path, name: str) -> None:
    assert alike(rocq, name, 2000) == 2000


@pytest.mark.system
@pytest.mark.parametrize("name", ["transformer/counting", "hybrid/istree", "retrieval/index"])
def test_only_the_whole_transcript_will_do(rocq: Path, name: str) -> None:
    """Any other token in it is seen, what a search yielded included; and so are a lost end and a wrong ending."""
    made = construction(name)
    (one,) = runs(made, 1, 7)
    written = one.written
    wrong = [
        one._replace(written=written[:-1]),
        one._replace(ended=not one.ended),
        one._replace(written=(*written, "1")),
    ]
    for place, token in enumerate(written):
        other = "1" if token != "1" else made.blueprint.specials[0]
        wrong.append(one._replace(written=(*written[:place], other, *written[place + 1 :])))
    assert evaluated(rocq, comparison(made, [one]), [made.blueprint]) == ["1%nat"]
    assert evaluated(rocq, comparison(made, wrong), [made.blueprint]) == ["0%nat"]
