"""The tape beside a worked example is that of the machine, and appears as the transcript tells of it."""

import re

import pytest

from constructions import construction
from constructions.machines import read_bbchallenge, read_machine
from constructions.worked_examples import FORMATS, Trace, as_html, as_latex, as_markdown, as_text, explain, render
from constructions.worked_examples._tapes import table_of

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


def rows_of(trace: Trace) -> list[tuple[int, int, str, int, str]]:
    assert trace.tape is not None
    return [(row.at, row.step, row.state, row.head, "".join(row.symbols)) for row in trace.tape.rows]


@pytest.mark.parametrize("name", ["transformer/turing", "hybrid/turing", "retrieval/turing", "rnn/turing"])
def test_the_text_shows_every_row_with_the_head_in_brackets(name: str) -> None:
    trace = traced(name)
    shown = []
    for at, step, state, cells in re.findall(r"^ +(\d+) +(\d+)  ([AB]) +([01 ]*\[[01]\][01 ]*)$", as_text(trace), re.M):
        before, _, after = cells.partition("[")
        head = len(before.split())
        shown.append((int(at), int(step), state, head, re.sub(r"[^01]", "", before + after)))
    assert shown == rows_of(trace)


def test_markdown_shows_every_row_with_the_head_bold() -> None:
    trace = traced("hybrid/turing")
    shown = []
    for line in re.findall(r"^\| \d+ \| \d+ \| [AB] \|.*$", as_markdown(trace), re.M):
        at, step, state, *cells = line.strip("| ").split(" | ")
        (head,) = [place for place, cell in enumerate(cells) if cell.startswith("**")]
        shown.append((int(at), int(step), state, head, "".join(cells).replace("*", "")))
    assert shown == rows_of(trace)
    assert r"| position | step | state | \-2 | \-1 | 0 | 1 |" in as_markdown(trace)


def test_latex_shows_every_row_with_the_head_marked() -> None:
    trace = traced("hybrid/turing")
    shown = []
    for at, step, state, cells in re.findall(r"^(\d+) & (\d+) & ([AB]) & (.*) & \\\\$", as_latex(trace), re.M):
        found = re.findall(r"\\(cell|underhead)\{([01])\}", cells)
        (head,) = [place for place, (kind, _) in enumerate(found) if kind == "underhead"]
        shown.append((int(at), int(step), state, head, "".join(symbol for _, symbol in found)))
    assert shown == rows_of(trace)


def test_a_long_run_says_how_many_steps_are_left_out() -> None:
    machine = construction("hybrid/turing", machine=read_bbchallenge("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"))
    trace = explain(machine, (), n=130, max_tokens=240)
    assert trace.tape is not None
    assert len(trace.tape.rows) == 100
    assert trace.tape.more == 20
    for name in FORMATS:
        assert " 20 more steps are not shown" in " ".join(render(trace, name).split())


def test_the_tour_is_told_in_the_users_names() -> None:
    istree = construction("retrieval/istree")
    trace = explain(istree, istree.task.parse("a-b b-c"))
    assert trace.picture is not None
    told = " ".join("abc"[node - 1] for _, node in trace.picture.steps)
    assert f"\ntour: {told}\n" in as_text(trace)
    assert f"\nTour: {told}\n" in as_markdown(trace)


@pytest.mark.parametrize("form", ["text", "md", "html", "tex"])
def test_the_table_of_the_machine_stands_in_every_format(form: str) -> None:
    machine = read_machine("0RB---_1LA1RZ")
    trace = explain(construction("hybrid/turing", machine=machine), machine.encode("11"), n=12, max_tokens=9)
    assert trace.transitions is not None
    assert trace.transitions.rows == (("A", ("0 R B", "-")), ("B", ("1 L A", "1 R Z")))
    page = render(trace, form)
    for words in ("0 R B", "1 L A", "1 R Z", "What the machine does"):
        assert words in page
    assert "Not all states and symbols are shown" not in page


def test_of_a_large_machine_the_first_states_and_symbols_are_shown() -> None:
    signs = "abcdefghijklmnop"
    machine = read_machine("".join(f"0 {sign} {sign} r 0\n" for sign in signs) + "0 _ _ l halt")
    table = table_of(construction("hybrid/turing", machine=machine).task)
    assert table is not None
    assert (len(table.symbols), table.whole) == (12, False)
    assert table_of(construction("hybrid/index").task) is None
