"""The adversary finds what is wrong with a model, reports only what it ran, and spares right models."""

import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from constructions.errors import InputError
from constructions.tasks import NONE, SEPARATOR, task
from proofs_check.cli import main
from proofs_check.lower_bounds import Budget, Refutation, Scope, least_machine, refute, run_machine, scope_of
from proofs_check.lower_bounds._candidates import (
    _de_bruijn_word,
    _exchanged,
    candidate_prefixes,
    right_answer,
    separating_query,
)
from proofs_check.lower_bounds._inputs import all_inputs, input_count, prefixes_of
from proofs_check.lower_bounds._keys import NoKeyError, state_key
from proofs_check.lower_bounds._prefixes import all_prefixes

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "small_states.py"

QUICK = Budget(calls=100_000, seconds=20)


def confirmed(found: Refutation, scope: Scope) -> Refutation:
    """The report agrees with the task's own parser and reference, written elsewhere."""
    assert found.verdict == "REFUTED"
    assert any(replay.wrong for replay in found.answers)
    assert len(found.answers) == len(found.prefixes)
    for prefix, replay in zip(found.prefixes, found.answers, strict=True):
        assert replay.input == f"{prefix} ? {found.query}".strip()
        if scope.task != "istree" and scope.keys is None:
            reference = task(scope.task, scope.c or 3)
            assert reference.answer(reference.parse(replay.input)) == replay.expected
            assert scope.convention == "total" or replay.expected != NONE
    return found


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


# Right models and models with two states merged


RIGHT = [
    scope_of("index", 4, 2), scope_of("counting", 3), scope_of("associative-recall", 4),
    scope_of("associative-recall", 4, None, "promise"), scope_of("associative-recall", 5, 3),
    scope_of("associative-recall", 2, 2, keys=2), scope_of("c-gram", 10, 3, c=3), scope_of("c-gram", 4, c=3),
    scope_of("c-gram", 10, 2, "promise", c=4), scope_of("istree", 3, None, "promise"),
]  # fmt: skip


@pytest.mark.parametrize("scope", RIGHT, ids=str)
def test_least_machines_are_verified(scope: Scope) -> None:
    found = refute(lambda n, k: least_machine(scope), scope)
    assert (found.verdict, found.answers) == ("VERIFIED", ())
    assert found.inputs == len(list(all_inputs(scope)))
    assert input_count(scope) is not None


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


# Users' code


class Base:
    """Index, right; the tests break it in one place."""

    def __init__(self, n: int, alphabet: int) -> None:
        self.n, self.alphabet = n, alphabet

    def initial(self) -> Any:
        return ()

    def step(self, state: Any, token: str) -> Any:
        return (*state, token)

    def output(self, state: Any) -> Any:
        return state[int(state[-1]) - 1]


SMALL = scope_of("index", 4, 2)


def test_an_exception_is_a_wrong_answer() -> None:
    class Raises(Base):
        def output(self, state: Any) -> Any:
            if state[0] == "2":
                raise ValueError("two\nlines")
            return super().output(state)

    found = confirmed(refute(Raises, SMALL), SMALL)
    assert found.answers[0].given is None
    assert found.answers[0].fault == "it raised ValueError: two lines"

    class RaisesWhileReading(Base):
        def step(self, state: Any, token: str) -> Any:
            return sys.exit(0) if len(state) == 2 else super().step(state, token)

    found = confirmed(refute(RaisesWhileReading, SMALL), SMALL)
    assert "SystemExit" in str(found.answers[0])


def test_a_loop_is_a_wrong_answer() -> None:
    class Loops(Base):
        def step(self, state: Any, token: str) -> Any:
            return state if token == "hm" else super().step(state, token)

        def output(self, state: Any) -> Any:
            return "hm"

    found = confirmed(refute(Loops, SMALL), SMALL)
    assert found.answers[0].fault == "it loops: a state came back after 1 tokens"

    class Rambles(Base):
        def output(self, state: Any) -> Any:
            return "hm"

    found = confirmed(refute(Rambles, SMALL, max_cot=9), SMALL)
    assert found.answers[0].fault == "no answer within 9 tokens"


def test_chain_of_thought_is_fed_back() -> None:
    class Thinks(Base):
        def output(self, state: Any) -> Any:
            thoughts = state.count("hm")
            return "hm" if thoughts < 3 else state[int(state[-4]) - 1]

    assert refute(Thinks, SMALL, max_cot=3).verdict == "VERIFIED"
    assert refute(Thinks, SMALL, max_cot=2).verdict == "REFUTED"


def test_an_output_that_is_no_string_is_named() -> None:
    class Numbers(Base):
        def output(self, state: Any) -> Any:
            return int(super().output(state))

    assert "of type int and not a string" in str(refute(Numbers, SMALL).answers[0])


def test_states_that_are_changed_in_place() -> None:
    class Lists(Base):
        def __init__(self, n: int, alphabet: int) -> None:
            super().__init__(n, alphabet)
            self.start: list[str] = []

        def initial(self) -> Any:
            return self.start

        def step(self, state: Any, token: str) -> Any:
            state.append(token)
            return state

    assert refute(Lists, SMALL).verdict == "VERIFIED"

    class LastTwo(Lists):
        def initial(self) -> Any:
            return deque(maxlen=3)

        def output(self, state: Any) -> Any:
            return state[0]

    assert len(confirmed(refute(LastTwo, SMALL), SMALL).prefixes) == 2


def test_a_memory_outside_the_state_is_not_blamed_on_the_state() -> None:
    class Hidden(Base):
        def initial(self) -> Any:
            self.word: list[str] = []

        def step(self, state: Any, token: str) -> Any:
            self.word.append(token)

        def output(self, state: Any) -> Any:
            return self.word[int(self.word[-1]) - 1]

    assert refute(Hidden, SMALL).verdict == "VERIFIED"


def test_states_without_a_key_are_judged_by_answers() -> None:
    class Keyless(Base):
        def initial(self) -> Any:
            return (), (token for token in "")

        def step(self, state: Any, token: str) -> Any:
            return (*state[0], token), state[1]

        def output(self, state: Any) -> Any:
            return super().output(state[0])

    assert refute(Keyless, SMALL).verdict == "VERIFIED"
    large = refute(Keyless, scope_of("index", 30, 2), budget=Budget(20_000, 20))
    assert large.verdict == "INCOMPLETE"
    assert "states could not be compared" in large.reason

    class KeylessAndWrong(Keyless):
        def output(self, state: Any) -> Any:
            return "1"

    assert len(confirmed(refute(KeylessAndWrong, SMALL), SMALL).prefixes) == 1


@pytest.mark.parametrize("where", ["step", "factory"])
def test_a_model_that_does_not_come_back_is_left(where: str) -> None:
    class Hangs(Base):
        def __init__(self, n: int, alphabet: int) -> None:
            super().__init__(n, alphabet)
            if where == "factory":
                self.hang()

        def hang(self) -> None:
            while True:
                with contextlib.suppress(Exception):
                    time.sleep(10)

        def step(self, state: Any, token: str) -> Any:
            self.hang()

    started = time.monotonic()
    if where == "factory":
        with pytest.raises(InputError, match=r"took more than 0\.2 seconds"):
            refute(Hangs, SMALL, budget=Budget(1000, 0.2))
    else:
        found = refute(Hangs, SMALL, budget=Budget(1000, 0.2))
        assert (found.verdict, "not refuted in 0.2 seconds" in found.reason) == ("INCOMPLETE", True)
    assert time.monotonic() - started < 5


def test_the_same_seed_finds_the_same() -> None:
    scope = scope_of("associative-recall", 9)

    class Short(Base):
        def step(self, state: Any, token: str) -> Any:
            return (*state, token)[-5:]

        def output(self, state: Any) -> Any:
            return NONE

    assert refute(Short, scope, seed=3) == refute(Short, scope, seed=3)
    assert refute(Short, scope, seed=3).prefixes != refute(Short, scope, seed=4).prefixes


def test_what_a_model_prints_stays_out_of_the_document(tmp_path: Path) -> None:
    source = EXAMPLES.read_text(encoding="utf-8").replace(
        "    return WholeWord()", "    print('made')\n    return WholeWord()"
    )
    path = tmp_path / "chatty.py"
    path.write_text("print('loaded')\n" + source, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "proofs_check",
        "refute",
        f"{path}:whole_word",
        "--task",
        "index",
        "--n",
        "3",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "VERIFIED")
    assert "loaded" in done.stderr
    assert "made" in done.stderr


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def make(n): return 1", "the factory raised TypeError"),
        ("def make(n, k): return 1", "an object of type int without initial, step, output()"),
        ("def make(n, k): raise RuntimeError('no')", "the factory raised RuntimeError: no"),
        ("raise RuntimeError('no')", "raised RuntimeError"),
        ("other = 1", "defines no function 'make'"),
    ],
)
def test_bad_models_are_one_line(source: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.py"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{path}:make", "--task", "index", "--n", "3"])
    err = capsys.readouterr().err
    assert (ended.value.code, err.count("\n")) == (2, 1)
    assert message in err


# Parts


def test_keys() -> None:
    @dataclass
    class Held:
        value: Any

    class Plain:
        def __init__(self, value: Any) -> None:
            self.value = value

    different = [
        None, 0, 1, True, 1.0, "1", b"1", (), [], (1,), [1], ((1,),), {1: 2}, {2: 1}, {1}, frozenset({1}), 0.0, -0.0,
        float("nan"), np.zeros(2), np.zeros(3), np.zeros(2, dtype=np.float32), np.zeros((1, 2)), np.float64(0), Held(1),
        Held(2), Plain(1), Plain([1]), deque([1]), ["ab", "c"], ["a", "bc"], 1j, range(3),
    ]  # fmt: skip
    assert len({state_key(value) for value in different}) == len(different)
    assert state_key(Plain(np.ones(2))) == state_key(Plain(np.ones(2)))
    assert state_key({1: "a", 2: "b"}) == state_key({2: "b", 1: "a"})
    assert state_key(np.array([1, None], dtype=object)) == state_key(np.array([1, None], dtype=object))
    for nameless in (iter(()), lambda: 0, object(), np.random.default_rng(0)):
        with pytest.raises(NoKeyError):
            state_key([nameless])
    linked: list[Any] = [(), ()]
    for token in range(200):  # a state that holds the state before it
        linked = [(earlier, token) for earlier in linked]
    assert state_key(linked[0]) == state_key(linked[1])
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NoKeyError):
        state_key(endless)


@pytest.mark.parametrize("scope", [*RIGHT, scope_of("istree", 4), scope_of("istree", 4, None, "promise")], ids=str)
def test_separating_queries_separate(scope: Scope) -> None:
    candidates = candidate_prefixes(scope, np.random.default_rng(0))
    chosen = list(dict.fromkeys(next(candidates) for _ in range(150)))[:25]
    found = 0
    for one in chosen:
        for other in chosen:
            query = separating_query(scope, one, other)
            if query is not None:
                answers = {right_answer(scope, one, query), right_answer(scope, other, query)}
                assert len(answers) == 2
                assert None not in answers
                found += 1
    assert found or scope.convention == "promise"


def test_separating_queries_are_found_whenever_there_are_any() -> None:
    for scope in RIGHT[:9]:
        prefixes = all_prefixes(scope)[:40]
        inputs = [query for prefix, query in all_inputs(scope) if prefix == prefixes[0]]
        for other in prefixes:
            apart = any(
                right_answer(scope, other, query) not in (None, right_answer(scope, prefixes[0], query))
                for query in inputs
            )
            assert (separating_query(scope, prefixes[0], other) is not None) == apart


def test_random_de_bruijn_words() -> None:
    for k, m in [(1, 2), (2, 1), (2, 4), (3, 2), (5, 1)]:
        words = {_de_bruijn_word(k, m, np.random.default_rng(seed)) for seed in range(40)}
        for word in words:
            assert len(word) == k**m + m - 1
            assert len({word[i : i + m] for i in range(k**m)}) == k**m
            for other in itertools.islice(_exchanged(word, m), 20):
                assert other != word
                assert len({other[i : i + m] for i in range(k**m)}) == k**m
                assert len(other) == len(word)
        assert len(words) > 1 or k == 1


def test_all_prefixes_of_a_graph() -> None:
    scope = scope_of("istree", 3, None, "promise")
    prefixes = list(prefixes_of(scope))
    assert len(prefixes) == len(set(prefixes)) == 1 + 6 + 6 * 4 + 6 * 4 * 2
    assert input_count(scope) == 1 + 6 * 2 + 24 * 3 + 48 * 4
