"""The adversary finds what is wrong with a model, reports only what it ran, and spares right models."""

import importlib.util
import json
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from constructions.tasks import SEPARATOR, task
from proofs_check.cli import main
from proofs_check.lower_bounds import Budget, Scope, closed_form, least_machine, refute, run_machine, scope_of
from proofs_check.lower_bounds._prefixes import all_prefixes
from tests.refutations import EXAMPLES, QUICK, RIGHT, Base, confirmed

# Shipped examples


@pytest.mark.parametrize(
    "options", ["associative_recall --task associative-recall --n 8", "index --task index --n 8 --alphabet 2"]
)
def test_our_own_rnn_fails_without_its_search(options: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *rest = options.split()
    file = EXAMPLES.with_name("rnn_without_search.py")
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{file}:{name}", *rest, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (ended.value.code, found["verdict"]) == (1, "REFUTED")
    one, other = found["answers"]
    assert one["written"] == other["written"]
    assert one["written"][0] == "<search>"  # it asks, and nobody answers
    assert "</search>" in one["written"]


@pytest.mark.parametrize(
    ("name", "options", "merged"),
    [
        ("shift_register", "--task associative-recall --n 16 --alphabet 4", True),
        ("shift_register", "--task associative-recall --n 16", True),
        ("shift_register", "--task associative-recall --n 16 --convention promise", True),
        ("hashed_state", "--task index --n 24 --alphabet 2", True),
        ("saturating_counter", "--task counting --n 12", True),
        ("linear_rnn", "--task index --n 32 --alphabet 2", True),
        ("gru", "--task associative-recall --n 12", True),
    ],
)
@pytest.mark.parametrize("seed", [0, 7])
def test_shipped_small_states_are_refuted(
    name: str, options: str, merged: bool, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{EXAMPLES}:{name}", *options.split(), "--seed", str(seed), "--json"])
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (ended.value.code, found["verdict"], len(found["prefixes"]) == 2) == (1, "REFUTED", merged)
    one, other = found["answers"]
    assert one["expected"] != other["expected"]
    assert one["written"] == other["written"]  # the same state, the same transcript
    reference = task(found["task"])
    for prefix, replay in zip(found["prefixes"], found["answers"], strict=True):
        assert replay["input"] == f"{prefix} ? {found['query']}"
        assert reference.answer(reference.parse(replay["input"])) == replay["expected"]


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        ("--n 5 --alphabet 3", 0, "all 1,215 inputs of this size were run, and every answer is right"),
        ("--n 20 --alphabet 3 --budget 20000", 3, "not refuted in this budget"),
    ],
)
def test_the_shipped_right_model_survives(
    options: str, code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{EXAMPLES}:whole_word", "--task", "index", *options.split()])
    out = capsys.readouterr().out
    assert ended.value.code == code
    assert out.startswith("VERIFIED" if code == 0 else "INCOMPLETE")
    assert word in out


def trained() -> ModuleType:
    spec = importlib.util.spec_from_file_location("_trained_gru", EXAMPLES.with_name("trained_gru.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_trained_example_is_refuted_and_has_learnt_most_of_the_task() -> None:
    network = trained().gru(6, 6)
    scope = scope_of("associative-recall", 6)
    found = confirmed(refute(lambda n, k: network, scope), scope)
    assert found.minimal
    assert found.states == 720  # all permutations of six letters
    bits = 8 * network.initial().nbytes
    assert f"the {bits:,} bits" in EXAMPLES.parents[1].joinpath("refute-a-network.md").read_text(encoding="utf-8")
    inputs = list(scope.inputs())[::7]
    right = 0
    for prefix, query in inputs:
        state = network.initial()
        for token in [*scope.text(prefix), SEPARATOR, *scope.text(query)]:
            state = network.step(state, token)
        right += network.output(state) == scope.reference.answers(prefix, [query])[0]
    assert 2 * len(inputs) < 3 * right  # 1 of 7 would be chance


def test_the_example_goes_down_the_gradient() -> None:
    network, rng = trained().GRU(4), np.random.default_rng(3)
    ids, answers = rng.integers(0, 5, (6, 5)), rng.integers(0, 5, 6)

    def loss() -> float:
        h = np.zeros((6, len(network.W)))
        for column in ids.T:
            h, _ = network.cell(h, column)
        logits = h @ network.C
        return float(np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(6), answers]))

    for weights, gradient in zip((network.E, network.W, network.C), network.gradients(ids, answers), strict=True):
        direction = rng.normal(size=weights.shape)
        weights[:] += 1e-5 * direction
        above = loss()
        weights[:] -= 2e-5 * direction
        slope = (above - loss()) / 2e-5
        weights[:] += 1e-5 * direction
        assert slope == pytest.approx((gradient * direction).sum(), rel=1e-5)


# Right models and models with two states merged


@pytest.mark.parametrize("scope", RIGHT, ids=str)
def test_least_machines_are_verified(scope: Scope) -> None:
    found = refute(lambda n, k: least_machine(scope), scope)
    assert (found.verdict, found.answers) == ("VERIFIED", ())
    assert found.inputs == len(list(scope.inputs()))
    assert scope.input_count is not None
    least, machine = closed_form(scope), least_machine(scope)
    states = {run_machine(machine, scope.text(prefix)) for prefix in scope.prefixes()}
    assert found.states == len(states)
    assert least is None or found.states == least.states


@pytest.mark.parametrize("scope", [s for s in RIGHT if s.task != "istree"], ids=str)
def test_one_state_fewer_is_refuted(scope: Scope) -> None:
    """The pigeonhole in person: any two states of a least machine merged."""
    machine = least_machine(scope)
    states = sorted({run_machine(machine, map(str, prefix)) for prefix in all_prefixes(scope)})
    for one, other in [(states[0], states[-1]), (states[0], states[len(states) // 2])]:
        found = confirmed(refute(lambda n, k, a=one, b=other: Merging(machine, a, b), scope), scope)  # type: ignore[misc]
        assert len(found.prefixes) == 2


class Merging:
    def __init__(self, machine: Any, one: Any, other: Any) -> None:
        self.machine, self.one, self.other = machine, one, other

    def initial(self) -> Any:
        return self.machine.initial()

    def step(self, state: Any, token: str) -> Any:
        after = self.machine.step(state, token)
        return self.one if after == self.other else after

    def output(self, state: Any) -> str:
        return str(self.machine.output(state))


@pytest.mark.parametrize("convention", ["total", "promise"])
def test_a_graph_machine_that_counts_edges_only(convention: str) -> None:
    class Edges(Base):
        def initial(self) -> Any:
            return 0

        def step(self, state: Any, token: str) -> Any:
            return state + (token != SEPARATOR)

        def output(self, state: Any) -> str:
            return "YES" if state == self.n - 1 else "NO"

    scope = scope_of("istree", 6, None, convention)
    found = confirmed(refute(Edges, scope, budget=QUICK), scope)
    assert len(found.prefixes) == 2
    assert {replay.expected for replay in found.answers} == {"YES", "NO"}


def test_a_right_graph_machine_is_not_called_verified_where_inputs_have_no_end() -> None:
    scope = scope_of("istree", 5)
    found = refute(lambda n, k: least_machine(scope), scope, budget=Budget(30_000, 20))
    assert found.verdict == "INCOMPLETE"
    assert found.read > 1000
    assert found.inputs > 1000


LARGE = [
    scope_of("index", 40, 2), scope_of("index", 25), scope_of("counting", 30), scope_of("counting", 40, 3),
    scope_of("associative-recall", 25), scope_of("associative-recall", 25, None, "promise"),
    scope_of("associative-recall", 20, 30), scope_of("associative-recall", 30, 5),
    scope_of("associative-recall", 30, 5, "promise"), scope_of("associative-recall", 20, 3, keys=8),
    scope_of("associative-recall", 20, 3, "promise", keys=8), scope_of("c-gram", 30),
    scope_of("c-gram", 30, None, "promise"), scope_of("c-gram", 25, c=5), scope_of("c-gram", 25, None, "promise", c=5),
    scope_of("c-gram", 40, 3), scope_of("c-gram", 40, 3, "promise"), scope_of("c-gram", 19, 2, c=5),
    scope_of("c-gram", 66, 4, "promise", c=4), scope_of("istree", 20), scope_of("istree", 20, None, "promise"),
]  # fmt: skip


@pytest.mark.parametrize("scope", LARGE, ids=str)
def test_windows_are_refuted_far_beyond_enumeration(scope: Scope) -> None:
    """Two thirds of the prefix are kept, the first third is forgotten: far more states than can be listed."""

    class Window(Base):
        def initial(self) -> Any:
            return 0, ()

        def step(self, state: Any, token: str) -> Any:
            length, kept = state
            return length + 1, (*kept, token)[-(2 * self.n // 3) :]

        def output(self, state: Any) -> str:
            return "YES" if scope.task == "istree" else "1"

    found = confirmed(refute(Window, scope, budget=QUICK), scope)
    assert len(found.prefixes) == 2


@pytest.mark.parametrize("letter", [1, 17, 30])
def test_a_single_forgotten_count_is_found(letter: int) -> None:
    """All counts are kept, but one only up to 25 of 30."""

    class OneSaturates(Base):
        def initial(self) -> Any:
            return ()

        def step(self, state: Any, token: str) -> Any:
            if SEPARATOR in state or token == SEPARATOR:
                return (*state, token)
            return tuple(sorted((*state, token))) if state.count(str(letter)) < 25 or token != str(letter) else state

        def output(self, state: Any) -> str:
            at = state.index(SEPARATOR)
            return str(int(state[:at].count(state[at + 1]) > int(state[at + 2])))

    scope = scope_of("counting", 30)
    confirmed(refute(OneSaturates, scope, budget=Budget(300_000, 20)), scope)
