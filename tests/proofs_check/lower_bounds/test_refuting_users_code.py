"""Models that users wrote: they raise, loop, print, change their states, and hide some of their memory."""

import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from constructions.errors import InputError
from constructions.tasks import NONE
from proofs_check.cli import main
from proofs_check.lower_bounds import Budget, refute, scope_of
from tests.refutations import EXAMPLES, Base, confirmed

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
    assert found.answers[0].fault == "it loops: a state came back after 1 token"

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


def test_a_later_output_that_is_no_string_is_named() -> None:
    class Numbers(Base):
        def output(self, state: Any) -> Any:
            return int(super().output(state)) if state[:4] == ("2", "1", "2", "2") else super().output(state)

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
    assert {refute(Short, scope, seed=seed).inputs for seed in range(3, 9)} != {refute(Short, scope, seed=3).inputs}


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
    ("source", "message", "code"),
    [
        ("def make(n): return 1", "for n = 3, alphabet = 3, with which it is called", 4),
        ("def make(n, k): return 1", "an object of type int without initial, step, output()", 2),
        ("def make(n, k): raise RuntimeError('no')", "the factory raised RuntimeError: no", 4),
        ("raise RuntimeError('no')", "raised RuntimeError", 4),
        ("other = 1", "defines no function 'make'; it has none", 2),
        ("def maker(n, k): return 1", "defines no function 'make'; did you mean 'maker'? it has maker", 2),
    ],
)
def test_bad_models_are_one_line(
    source: str, message: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.py"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{path}:make", "--task", "index", "--n", "3"])
    err = capsys.readouterr().err
    assert (ended.value.code, err.count("\n")) == (code, 1)
    assert message in err


WORDS = ["oak", "elm", "ash", "fir"]


class Trees(Base):
    """Associative recall on words, right; it keeps the last ``kept`` tokens."""

    kept = 9

    def step(self, state: Any, token: str) -> Any:
        assert token in (*WORDS, "?")
        return (*state, token)[-self.kept :]

    def output(self, state: Any) -> Any:
        at = state.index("?")
        return dict(itertools.pairwise(state[:at])).get(state[-1], NONE)


class Forgetful(Trees):
    kept = 2


class Numbers(Trees):
    """Its answers are numbers: right ones, if these were the tokens."""

    def output(self, state: Any) -> Any:
        said = super().output(state)
        return said if said == NONE else str(1 + WORDS.index(said))


def test_words_stand_for_letters() -> None:
    scope = scope_of("associative-recall", 4)
    assert refute(Trees, scope, words=WORDS).verdict == "VERIFIED"
    found = refute(Forgetful, scope, words=WORDS)
    assert (found.verdict, len(found.prefixes)) == ("REFUTED", 2)
    for prefix, replay in zip(found.prefixes, found.answers, strict=True):
        letters = prefix.split()
        assert sorted(letters) == sorted(WORDS)
        assert replay.input == f"{prefix} ? {found.query}"
        place = letters.index(str(found.query))
        assert replay.expected == [*letters, NONE][place + 1]
    found = refute(Numbers, scope, words=WORDS, max_cot=3)
    assert found.answers[0].given is None  # a number is no answer, where words are


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "associative-recall --n 3 --words a,b",
            "2 words, 2 of them different; expected a different one for each of 3",
        ),
        ("associative-recall --n 3 --words a,b,a", "3 words, 2 of them different"),
        ("associative-recall --n 2 --alphabet 3 --keys 2 --words a,b", "each of 5 letters (keys, then values)"),
        ("associative-recall --n 3 --words a,?,b", "the word '?': expected one token"),
        ("associative-recall --n 3 --words a,,b", "the word '': expected one token"),
        ("index --n 3 --words a,b,c", "words are given, but tokens of index are not all letters"),
    ],
)
def test_words_that_do_not_fit_are_refused(options: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["refute", f"{EXAMPLES}:gru", "--task", *options.split()])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
