"""Tasks by name."""

import subprocess
import sys

import pytest

from constructions.errors import InputError
from constructions.tasks import (
    RETRIEVAL_TASKS,
    TASKS,
    AssociativeRecall,
    CGram,
    Counting,
    Index,
    IsTree,
    retrieval_task,
    task,
    task_of_text,
)


def test_every_name_gives_the_task_of_that_name() -> None:
    assert tuple(TASKS) == ("index", "associative-recall", "c-gram", "counting", "istree")
    kinds = (Index, AssociativeRecall, CGram, Counting, IsTree)
    assert [type(task(name)) for name in TASKS] == list(kinds)
    assert [task(name).name for name in TASKS] == list(TASKS)
    assert [retrieval_task(name).name for name in RETRIEVAL_TASKS] == list(RETRIEVAL_TASKS)
    assert [repr(task(name)) for name in TASKS] == [
        "Index()",
        "AssociativeRecall()",
        "CGram(3)",
        "Counting()",
        "IsTree()",
    ]


@pytest.mark.parametrize("name", TASKS)
def test_every_task_says_what_it_asks_and_reads_its_own_example(name: str) -> None:
    found = task(name)
    assert found.statement.endswith("?")
    instance = found.parse(found.text_form)
    assert found.text(instance) == found.text_form
    assert found.answer(instance)


@pytest.mark.parametrize("c", [2, 3, 4, 5])
def test_c_follows_from_the_query(c: int) -> None:
    query = " ".join("1415"[: c - 1])
    found = task_of_text("c-gram", f"3 1 4 1 5 ? {query}")
    assert isinstance(found, CGram)
    assert found.c == len(found.parse(f"3 1 4 1 5 ? {query}").query) + 1 == c


def test_other_tasks_do_not_depend_on_the_text() -> None:
    assert isinstance(task_of_text("istree", "1-2"), IsTree)
    assert isinstance(task_of_text("index", ""), Index)


@pytest.mark.parametrize(("text", "length"), [("1 2 ?", 0), ("1 2 ? 1 2 3 4 5", 5)])
def test_queries_of_no_gram_are_refused(text: str, length: int) -> None:
    with pytest.raises(InputError, match=f"has {length} tokens, expected c - 1 with c from 2 to 5"):
        task_of_text("c-gram", text)


def test_a_text_without_query_is_left_to_the_parser() -> None:
    with pytest.raises(InputError, match="no token"):
        task_of_text("c-gram", "1 2 3").parse("1 2 3")


@pytest.mark.parametrize("name", ["", "Index", "turing"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"no task is called .*[Tt]here are index, associative-recall, c-gram"):
        task(name)
    with pytest.raises(InputError, match="no retrieval task is called"):
        retrieval_task(name)


def test_a_bad_c_is_refused() -> None:
    with pytest.raises(InputError, match="c = 7"):
        task("c-gram", c=7)


def test_the_package_does_without_hypothesis() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import constructions.tasks"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
