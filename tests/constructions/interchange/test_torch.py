"""The torch.nn.Module: that torch is asked for clearly where it is missing, and, with torch, the arithmetic.

The step that the module computes is the one of the ONNX files, which are tested without torch; what is special to
torch is a table of operations. The slow tests need ``pip install torch`` and say so where it is missing.
"""

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructions.architectures import Evaluator
from constructions.errors import InputError
from constructions.interchange import AttentionKind, NumberType, fractional_coordinates, torch_module
from constructions.interchange._step import planned
from constructions.numerics import Exact
from constructions.theorems import CONSTRUCTIONS, construction
from tests.random_models import prompts
from tests.step_operations import SMALL_MODELS, run


def test_without_torch_the_error_is_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"^this needs the package torch, .*pip install torch$"):
        torch_module(construction("transformer/index").at(3))


SETTINGS: list[tuple[NumberType, AttentionKind]] = [
    ("float64", "argmax"),
    ("int64", "argmax"),
    ("float32", "argmax"),
    ("float64", "softmax"),
    ("float32", "softmax"),
]


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="needs pip install torch")


@pytest.mark.slow
@pytest.mark.parametrize(("type_name", "attention"), SETTINGS)
@pytest.mark.parametrize("name", list(CONSTRUCTIONS))
def test_modules_write_the_tokens_of_exact_arithmetic(
    torch: Any, name: str, type_name: NumberType, attention: AttentionKind
) -> None:
    subject = construction(name)
    n = 5
    model = subject.at(n)
    module = torch_module(model, type_name, attention, fractional_coordinates(subject.blueprint))
    rng = np.random.default_rng(0)
    for instance in [*list(subject.task.boundary(n))[-5:], *(subject.task.sample(rng, n) for _ in range(5))]:
        reads, expected = subject.reads(instance), subject.expected(instance, n)
        ids = torch.tensor([model.vocabulary.encode([*reads, *expected[:-1]])])
        with torch.no_grad():
            logits = module(ids)
            one, past = module.step(ids[:, :1])
            rest, _ = module.step(ids[:, 1:], 1, past)
        assert torch.equal(rest, logits[:, -1])
        assert torch.equal(one, logits[:, 0])
        written = model.vocabulary.decode(logits[0, len(reads) - 1 :].argmax(-1).tolist())
        if model.search is None:
            assert tuple(written) == expected
        else:  # what a search yields is not the model's to write
            after_closing = [False, *(token == model.search.closing for token in expected[:-1])]
            own = [not after for after in after_closing]
            assert [w for w, mine in zip(written, own, strict=True) if mine] == [
                e for e, mine in zip(expected, own, strict=True) if mine
            ]


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_modules(data: st.DataObject) -> None:
    torch = pytest.importorskip("torch", reason="needs pip install torch")
    model = data.draw(SMALL_MODELS)
    ids = data.draw(prompts(model))
    logits, next_tokens, _, largest = run(planned(model, "int64", "argmax"), np.array([ids]))
    evaluator = Evaluator(model, Exact())
    assert np.array_equal(evaluator.next_tokens(evaluator.run(np.array(ids))[0]), next_tokens[0])
    if largest < 2**53:
        for type_name in ("int64", "float64"):
            with torch.no_grad():
                found = torch_module(model, type_name)(torch.tensor([ids]))
            assert np.array_equal(found.numpy().astype(np.int64), logits.astype(np.int64))


@pytest.mark.slow
def test_weights_of_floats_can_be_trained(torch: Any) -> None:
    model = construction("transformer/associative-recall").at(4)
    module = torch_module(model, "float64", "softmax", ())
    parameters = dict(module.named_parameters())
    assert parameters["layers_0_heads_0_query"].shape == model.heads[0].query.shape
    ids = torch.tensor([model.vocabulary.encode(["<s>", "3", "1", "4", "1", "?", "4"])])
    module(ids)[0, -1].logsumexp(-1).backward()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in parameters.values())
    assert parameters["unembedding_table"].grad.abs().sum() > 0
    assert not dict(torch_module(model, "int64", fractions=()).named_parameters())
