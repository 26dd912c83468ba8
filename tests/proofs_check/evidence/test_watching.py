"""What is measured does not depend on which prompts are run together."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Evaluator, Model
from constructions.numerics import Rationals
from proofs_check.evidence._resources import _Watch
from tests.random_models import models


def largest(model: Model, rows: list[list[int]]) -> int:
    """The largest magnitude that is seen while these prompts of one length are run together."""
    watch = _Watch()
    evaluator = Evaluator(model, watch)
    x, _ = evaluator.run(np.array(rows, dtype=np.int64), observe=watch.see)
    watch.see("unembedding", "logits", evaluator.logits(x))
    return watch.magnitude


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_prompts_that_are_run_together_show_what_each_shows_alone(data: st.DataObject) -> None:
    """Fractions included, which the keys of other prompts would bring over a larger denominator."""
    model, length = data.draw(models()), data.draw(st.integers(1, 5))
    prompt = st.lists(st.integers(0, len(model.vocabulary) - 1), min_size=length, max_size=length)
    rows = data.draw(st.lists(prompt, min_size=2, max_size=4))
    assert largest(model, rows) == max(largest(model, [row]) for row in rows)


def test_numerators_of_any_size_stay_exact_above_denominators_in_float64() -> None:
    numerators = np.array([[3 * (2**64 + 3)]], dtype=object)
    assert Rationals(numerators, np.array([3.0]), (2**70,), 3).largest_part() == 2**64 + 3
