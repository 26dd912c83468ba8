"""Code for one model, run as Python: the same tokens as the general loop, and planted faults in it are found."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from constructions.architectures import Attention, Embedding, Head, Model, Unembedding
from constructions.engine import Decoding, _fast, _stream_codegen
from constructions.engine._fast import FastRun
from constructions.machines import champion
from constructions.numerics import Matrix, _jit_cache
from constructions.tasks import Graph
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary
from constructions.wiring import Wiring


def as_python(source: str, name: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    found = dict(names)
    exec(source, found)  # noqa: S102
    function: Callable[..., Any] = found[name]
    return function


def machine(name: str) -> tuple[Any, tuple[str, ...], int]:
    """A Turing machine that comes back to its cells again and again."""
    subject = construction(name, machine=champion("bb4").machine())
    sizes = {"s": 64} if "s" in subject.blueprint.domain.minimum else {}
    return subject.blueprint.at(120, **sizes), subject.reads(()), 250


def tree(name: str) -> tuple[Any, tuple[str, ...], int]:
    """A caterpillar, whose spine is walked twice."""
    edges = [(i, i + 1) for i in range(1, 15)] + [(i, 15 + i) for i in range(1, 15)]
    subject = construction(name)
    instance = Graph(tuple(edges))
    return subject.at(30), subject.reads(instance), 500


def default(_: str) -> tuple[Any, tuple[str, ...], int]:
    """A head whose default record beats every match: what is written is 4, and would be the last number else."""
    one, number, square, flag, found, scale = 0, 1, 2, 3, 4, 2**20

    def matrix(rows: int, columns: int, entries: dict[tuple[int, int], int]) -> Matrix:
        return Matrix.from_entries((rows, columns), entries)

    head = Head(
        "default", ("key", "norm", "default"),
        matrix(3, 5, {(0, number): 4 * scale, (1, one): 2 * scale, (2, one): -scale, (2, square): 2 * scale}),
        matrix(3, 5, {(0, number): 1, (1, square): -1, (2, flag): 3}),
        ("value",), matrix(1, 5, {(0, number): 1, (0, flag): 4}), matrix(5, 1, {(found, 0): 1}), 1,
    )  # fmt: skip
    embedding = Embedding(
        matrix(5, 3, {(one, 0): 1, (number, 1): 1, (square, 2): 1}),
        matrix(5, 3, {(one, 0): 1, (one, 1): 1, (one, 2): 1, (flag, 1): 1}),
        matrix(5, 2, {}),
    )
    unembedding = Unembedding(matrix(3, 5, {(0, one): 100, (1, found): 2, (2, one): -1}), matrix(3, 5, {}))
    vocabulary = Vocabulary(("<s>", "a", "end"), 0, 4)
    names = ("one", "number", "square", "flag", "found")
    model = Model("default", vocabulary, names, embedding, (Attention((head,)),), unembedding, ("end",))
    return model, ("a", *("1", "2", "3") * 30), 100


def moved(_: str) -> tuple[Any, tuple[str, ...], int]:
    """A state that the tokens move which the model writes: what comes next depends on where three things are."""
    w = Wiring(
        "moved", specials=("<s>", "a", "b", "end"), numbers=(0, 0), context=300, answers=("end",), recurrent=True
    )
    first, *_ = w.state([0, 1, 2], {"a": [[0, 1, 0], [0, 0, 1], [1, 0, 0]], "b": [[0, 1, 0], [1, 0, 0], [0, 0, 1]]})
    w.write("b", when=w.equal(first, 0))
    w.write("a")
    return w.finish().at(1), ("<s>", "a"), 200


RUNS = {
    "moved": moved, "default": default, "hybrid/turing": machine, "transformer/turing": machine, "rnn/turing": machine,
    "hybrid/istree": tree,
}  # fmt: skip


def written(name: str) -> tuple[list[int], list[FastRun]]:
    """The ids that a model writes by the fast engine, and its runs."""
    runs: list[FastRun] = []

    class Noted(FastRun):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            runs.append(self)

    model, prompt, limit = RUNS[name](name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fast, "FastRun", Noted)
        patch.setattr(_fast, "_TOKENS_AT_ONCE", 40)
        chunks = list(Decoding(model, prompt, engine="fast", limit=limit).chunks())
    return np.concatenate(chunks).tolist(), runs


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code for the model from the first hundred positions on, run by Python."""
    monkeypatch.setattr(_fast, "_LONG_RUN", 30)
    monkeypatch.setattr(_jit_cache, "compiled_source", as_python)


@pytest.mark.parametrize("name", RUNS)
def test_the_tokens_are_those_of_the_general_loop(name: str, monkeypatch: pytest.MonkeyPatch, request: Any) -> None:
    general, _ = written(name)
    request.getfixturevalue("early")
    special, runs = written(name)
    assert special == general
    assert len(general) > 50
    assert all(run.stopped is None and run._special is not None for run in runs)


@pytest.mark.usefixtures("early")
def test_a_state_that_is_not_moved_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right, _ = written("moved")
    assert {1, 2} <= set(right[100:])
    made = _stream_codegen.source_of
    monkeypatch.setattr(_stream_codegen, "source_of", lambda program: made(program).replace("gate *=", "gate = 0 *"))
    assert written("moved")[0] != right


@pytest.mark.usefixtures("early")
def test_records_stand_by_their_keys() -> None:
    _, (run,) = written("hybrid/turing")
    assert (run._near >= 0).sum() > 10


FAULTS = {
    "a record is found by another place": ("slot = 2 * (k0 + 64)", "slot = 2 * (abs(k0) + 64)"),
    "where e > 0 is not told from e = 0": ("(1 if beyond > 0 else 0)", "0"),
    "what a record holds is not replaced": ("values0[record, 2] = v0", "pass"),
    "the match is looked for beside its place": ("near[0, 2 * (w + 64)]", "near[0, 2 * (w + 65)]"),
    "records that are not regular are not compared": ("range(1, 1 + irregular0[0])", "range(0)"),
}


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_in_the_array_of_records_are_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = FAULTS[fault]
    made = _stream_codegen.source_of

    def faulty(program: Any) -> str:
        source = made(program)
        assert old in source
        return source.replace(old, new)

    name = "default" if "regular" in fault else "hybrid/turing"
    right, _ = written(name)
    monkeypatch.setattr(_stream_codegen, "source_of", faulty)
    assert written(name)[0] != right
