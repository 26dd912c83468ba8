"""The tape beside a worked example is that of the machine, and appears as the transcript tells of it."""

import re

import pytest

from constructions import construction
from constructions.machines import read_bbchallenge
from constructions.worked_examples import Trace, as_html, explain

# By hand: the busy beaver with two states makes six steps; before each, on the cells -2 .. 1.
BY_HAND = [
    ("A", 2, "0000"),
    ("B", 3, "0010"),
    ("A", 2, "0011"),
    ("B", 1, "0011"),
    ("A", 0, "0111"),
    ("B", 1, "1111"),
]


def traced(name: str) -> Trace:
    chosen = construction(name, machine=read_bbchallenge("1RB1LB_1LA1RZ"))
    return explain(chosen, (), n=12)


@pytest.mark.parametrize("name", ["transformer/turing", "hybrid/turing", "retrieval/turing", "rnn/turing"])
def test_rows_are_the_configurations_and_stand_at_their_step_tokens(name: str) -> None:
    trace = traced(name)
    assert trace.tape is not None
    assert (trace.tape.first, trace.tape.more) == (-2, 0)
    assert [(row.state, row.head, "".join(row.symbols)) for row in trace.tape.rows] == BY_HAND
    for row in trace.tape.rows:
        assert trace.tokens[row.at].text == f"{row.state}[{row.symbols[row.head]}]"
        assert trace.tokens[row.at].origin != "found"
    assert len({row.at for row in trace.tape.rows}) == len(BY_HAND)


def test_the_page_marks_the_head_in_every_row() -> None:
    trace = traced("hybrid/turing")
    assert trace.tape is not None
    rows = re.findall(r'<tr class="step" data-at="(\d+)">(.*?)</tr>', as_html(trace))
    assert [int(at) for at, _ in rows] == [row.at for row in trace.tape.rows]
    assert all(cells.count('<td class="head">') == 1 for _, cells in rows)


def test_what_is_no_machine_has_no_tape() -> None:
    index = construction("transformer/index")
    assert explain(index, index.task.parse("3 1 ? 1")).tape is None
