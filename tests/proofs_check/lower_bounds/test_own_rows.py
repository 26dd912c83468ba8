"""States for tasks of one's own, against the counts of the shipped tasks and automata that are known."""

import itertools
import json
from pathlib import Path

import pytest

from constructions.errors import InputError, ResourceError
from constructions.tasks import FunctionTask, Index, IsTree, task
from proofs_check.cli import main
from proofs_check.lower_bounds import _own_rows, count_rows, scope_of
from proofs_check.lower_bounds import count as counted

EXAMPLE = f"{Path(__file__).parents[3] / 'docs' / 'examples' / 'next_word.py'}:next_word"


def follower(word: tuple[int, ...], asked: int) -> int | str:
    return dict(itertools.pairwise(word)).get(asked, "NONE")


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_same_task_has_the_same_number_of_states(n: int) -> None:
    recall = FunctionTask("mine", None, follower, query=1)
    shipped = counted(scope_of("associative-recall", n, n, family="words"))
    assert count_rows(recall, n).states == count_rows(task("associative-recall"), n).states == shipped.upper
    assert count_rows(Index(), n, 2).states == 2**n


def test_without_queries_they_are_the_states_of_the_least_automaton() -> None:
    parity = FunctionTask("parity", "0 1", lambda word: word.count("1") % 2)
    assert [count_rows(parity, n).states for n in (1, 2, 3)] == [2, 2, 2]
    # Ones modulo 3; after two letters every remainder was seen.
    modulo = FunctionTask("modulo", "0 1", lambda word: word.count("1") % 3)
    assert [count_rows(modulo, n).states for n in (1, 2, 3)] == [2, 3, 3]
    assert count_rows(modulo, 3).exact


def test_where_something_is_not_asked_it_is_a_lower_bound() -> None:
    """Words whose first letter must not be asked for: two words that differ there alone may share a state."""
    second = FunctionTask(
        "at", "1 2", lambda word, place: word[int(place) - 1], query=1, legal=lambda word, place: place == "2" != ""
    )
    found = count_rows(second, 2)
    assert (found.states, found.exact) == (2, False)


def test_what_cannot_be_listed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _own_rows._MOST_ANSWERS == 2_000_000
    monkeypatch.setattr(_own_rows, "_MOST_ANSWERS", 20_000)  # the same, a hundred times as fast
    with pytest.raises(ResourceError, match="n = 9: more than 20,000 answers"):
        count_rows(FunctionTask("mine", None, lambda w, q: "a", query=1), 9)
    with pytest.raises(InputError, match="istree: nothing is asked after a sequence"):
        count_rows(IsTree(), 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bound", "--n", "3"), "name a task (see list), or give --construction"),
        (("bound", "index", "--n", "3", "--construction", "x.py:f"), "brings its own task"),
        (("bound", "--n", "3", "--keys", "2", "--construction", "x.py:f"), "brings its own task"),
        (("bound", "indx", "--n", "3"), "did you mean 'index'?"),
    ],
)
def test_the_command_says_what_is_missing_or_too_much(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_the_command_counts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bound", "--construction", EXAMPLE, "--n", "3", "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["states"], found["bits"], found["exact"]) == (115, 7, True)
    assert found["states"] == counted(scope_of("associative-recall", 3, 5, family="words")).upper
