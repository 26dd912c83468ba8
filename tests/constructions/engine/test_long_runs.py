"""Long runs of the fast engine, re-decided here and there by plain attention over the full history.

In a hybrid the keys of all positions follow from the recurrence and the gated layers before the one attention
layer. So a token at any place can be decided again by comparing the query with every key before it, which
is done here in int64 with sizes checked, for models of this project and for one whose token is tampered with.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, Model
from constructions.engine import Decoding
from constructions.machines import champion
from constructions.numerics import Exact, Rationals
from constructions.tasks import Graph
from constructions.theorems import construction

Ids = NDArray[np.int64]

_CHUNK = 20_000


class History:
    """The residual stream before the attention layer, at all positions of a transcript."""

    def __init__(self, model: Model, ids: Ids) -> None:
        places = [i for i, layer in enumerate(model.layers) if isinstance(layer, Attention)]
        assert len(places) == 1
        self.model = model
        self.attention = model.layers[places[0]]
        self.after = model.layers[places[0] + 1 :]
        before = Model(
            model.name,
            model.vocabulary,
            model.coordinates,
            model.embedding,
            model.layers[: places[0]],
            model.unembedding,
            model.answers,
        )
        evaluator, cache, parts = Evaluator(before, Exact()), Cache[Rationals](), []
        for start in range(0, len(ids), _CHUNK):
            x, cache = evaluator.run(ids[start : start + _CHUNK], cache)
            assert x.denominators is None
            parts.append(x.numerators.astype(np.int64))
        self.x = np.concatenate(parts)
        assert isinstance(self.attention, Attention)
        self.keys = [self.x @ head.key.numerators.T for head in self.attention.heads]

    def next_token(self, place: int) -> int:
        """The id that is written after the token at this place."""
        assert isinstance(self.attention, Attention)
        x = self.x[place].copy()
        change = np.zeros_like(x)
        for head, keys in zip(self.attention.heads, self.keys, strict=True):
            query = head.query.numerators @ x
            bound = (
                sum(abs(int(q)) * int(np.abs(keys[: place + 1, f]).max()) for f, q in enumerate(query))
                + abs(head.slope) * place
            )
            assert bound < 2**63
            scores = keys[: place + 1] @ query + head.slope * np.arange(place + 1)
            picked = np.flatnonzero(scores == scores.max())
            total = (self.x[picked] @ head.value.numerators.T).sum(axis=0)
            assert not (total % len(picked)).any()
            change += head.output.numerators @ (total // len(picked))
        x = x + change
        for layer in self.after:
            gate, value = layer.gate.numerators @ x, layer.value.numerators @ x  # type: ignore[union-attr]
            x = x + layer.output.numerators @ (np.maximum(gate, 0) * value)  # type: ignore[union-attr]
        logits = self.model.unembedding_table.numerators.astype(object) @ x.astype(object)
        return int(np.argmax(logits))


def transcript(model: Model, prompt: tuple[str, ...], limit: int) -> Ids:
    ids = [np.array(model.vocabulary.encode(prompt), dtype=np.int64)]
    ids += Decoding(model, prompt, engine="fast", limit=limit).chunks()
    return np.concatenate(ids)


def places(first: int, last: int, every: int, most: int) -> Iterator[int]:
    chosen = list(range(first, last, every))
    rng = np.random.default_rng(3)
    yield from sorted(rng.choice(chosen, min(most, len(chosen)), replace=False).tolist())


def machine_run(tokens: int) -> tuple[Model, Ids, int]:
    machine = champion("bb5").machine()
    subject = construction("hybrid/turing", machine=machine)
    model = subject.blueprint.at(tokens, s=2**12)
    prompt = subject.reads(())
    return model, transcript(model, prompt, tokens), len(prompt)


def tree_run(nodes: int) -> tuple[Model, Ids, int]:
    rng = np.random.default_rng(8)
    edges = tuple((int(rng.integers(1, i)), i) for i in range(2, nodes + 1))
    subject = construction("hybrid/istree")
    prompt, model = subject.reads(Graph(edges)), subject.at(nodes)
    return model, transcript(model, prompt, 9 * nodes), len(prompt)


def agree(run: tuple[Model, Ids, int], every: int, most: int = 10**6) -> int:
    model, ids, prompt = run
    history, count = History(model, ids), 0
    for place in places(prompt - 1, len(ids) - 1, every, most):
        assert history.next_token(place) == ids[place + 1], place
        count += 1
    return count


def test_a_machine_is_re_decided() -> None:
    assert agree(machine_run(20_000), 199) == 101


def test_a_tree_is_re_decided() -> None:
    assert agree(tree_run(300), 29) > 80


def test_a_tampered_token_is_found() -> None:
    model, ids, prompt = machine_run(2000)
    place = prompt + 1000
    ids[place] = ids[place] + 1
    assert History(model, ids[: place + 1]).next_token(place - 1) != ids[place]


@pytest.mark.slow
def test_every_5000th_token_of_a_million() -> None:
    assert agree(machine_run(10**6), 5000) == 200
    # Up to here the scores of the whole history fit 64 bits, which is what makes comparing them quick.
    assert agree(tree_run(20_000), 5000) > 30
