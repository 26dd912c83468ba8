"""``retrieval-gap run transformer/istree``: formats, labels, several graphs, errors, progress."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.tasks import Graph, IsTree, euler_tour, inline_text, paper_text
from constructions.tasks.strategies import instances
from proofs_check._commands import _progress, running
from proofs_check.cli import main

istree = IsTree()


def run(*arguments: str) -> int:
    """Run the command; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["run", "transformer/istree", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def text_of(graph: Graph) -> str:
    """What the command must print: the reference tour in the user's labels, and the answer."""
    tour = graph.labelled(euler_tour(graph))
    return f"{' '.join(tour)}\nanswer: {tour[-1]}\n"


PATH_TOUR = "3 2 1 2 3 YES\nanswer: YES\n"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("1-2 2-3", PATH_TOUR),
        (" 1-2\n2-3\n", PATH_TOUR),
        ("1 2\n2 3\n", PATH_TOUR),
        ("# a path\n1,2  # comment\n\n2, 3\n", PATH_TOUR),
        ("[BOS]1-2,2-3[EOS]", PATH_TOUR),
        ("[BOS]1-2,2-3[EOS]1,2,3[EOS]", PATH_TOUR),
        ("Bw", "2 1 0 NO\nanswer: NO\n"),
        (">>graph6<<Bw", "2 1 0 NO\nanswer: NO\n"),
        (">>graph6<<Bw\n", "2 1 0 NO\nanswer: NO\n"),
        ("b-a a-c", "c a b a c YES\nanswer: YES\n"),
        ("3-1 1-2", "2 1 3 1 2 YES\nanswer: YES\n"),  # labels that are other nodes' numbers
        ("é-日本 日本-x.y", "x.y 日本 é 日本 x.y YES\nanswer: YES\n"),
    ],
)
def test_each_format_is_guessed_and_nodes_keep_their_names(
    given: str, written: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(given) == 0
    assert capsys.readouterr() == (written, "")
    file = tmp_path / "graph.txt"
    file.write_text(given, encoding="utf-8")
    assert run(f"@{file}") == 0
    assert capsys.readouterr() == (written, "")


@pytest.mark.parametrize(
    ("given", "chosen", "written"),
    [
        ("Bw", "graph6", "2 1 0 NO"),
        ("Bw Cw", "edges", "Cw Bw Cw YES"),
        ("a b\n?? Bw", "edges", "Bw ?? Bw NO"),
        ("1-2", "inline", "2 1 2 YES"),
        ("[BOS]1-2[EOS]", "paper", "2 1 2 YES"),
    ],
)
def test_the_option_decides_the_format(
    given: str, chosen: str, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(given, "--input-format", chosen) == 0
    assert capsys.readouterr().out.splitlines()[0] == written


def test_the_option_overrules_the_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("Bw") == 0
    assert run("Bw", "--input-format", "edges") == 2
    assert "line 1, edge 1 has 1 labels" in capsys.readouterr().err


def test_a_format_that_does_not_fit_or_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    for text, chosen in (("1-2", "graph6"), ("1-2", "paper"), ("Bw", "inline"), ("Bw", "edges"), ("1-2", "edge")):
        assert run(text, "--input-format", chosen) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
    assert all(name in err for name in ("inline", "edges", "graph6", "paper"))
    with pytest.raises(SystemExit) as ended:
        main(["run", "transformer/index", "3 1 ? 1", "--input-format", "edges"])
    assert ended.value.code == 2
    assert "--input-format edges is for graphs; transformer/index reads `3 1 4 1 5 ? 3`" in capsys.readouterr().err


def test_json_of_one_graph(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("b-a a-c", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "construction": "transformer/istree",
        "n": 3,
        "arithmetic": "exact",
        "tokens": ["c", "a", "b", "a", "c", "YES"],
        "token_count": 6,
        "answer": "YES",
    }


SEVERAL = "[BOS]1-2,2-3[EOS]\n\n[BOS]x-y,y-z,z-x[EOS]y,z\n[BOS]5-6,7-8[EOS]\n"


def test_several_graphs_come_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SEVERAL) == 0
    assert capsys.readouterr().out == PATH_TOUR + "x z y NO\nanswer: NO\n" + "8 7 8 NO\nanswer: NO\n"
    assert run("BW\nBw") == 0
    assert capsys.readouterr().out == "".join(text_of(istree.parse(line)) for line in ("BW", "Bw"))


def test_many_graphs_come_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    graphs = list(istree.enumerate(4))[::60]
    assert len(graphs) > running._MANY
    assert run("\n".join(map(paper_text, graphs))) == 0
    assert capsys.readouterr().out == "".join(map(text_of, graphs))


def test_several_graphs_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SEVERAL, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["results"]
    assert [(r["construction"], r["n"], r["token_count"], r["answer"]) for r in document["results"]] == [
        ("transformer/istree", 3, 6, "YES"),
        ("transformer/istree", 3, 4, "NO"),
        ("transformer/istree", 4, 4, "NO"),
    ]
    assert document["results"][1]["tokens"] == ["x", "z", "y", "NO"]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("1-2 3-3", "line 1, edge 2 joins '3' to itself"),
        ("1 2\n\n3 3", "line 3, edge 2 joins '3' to itself"),
        ("1-2 2-3 1-2", "line 1, edge 3 joins '1' and '2' like line 1, edge 1"),
        ("1-2 2-3\n2-1", "line 2, edge 3 joins '2' and '1' like line 1, edge 1"),
        ("BG", "line 1: node 0 is isolated"),
        ("[BOS]1-1[EOS]\n[BOS]1-2,2-1[EOS]", "line 1, edge 1 joins '1' to itself"),
        ("B?", "line 1: a graph of 3 nodes without edges"),
        (">>graph6<<?", "line 1: a graph without edges"),
        (">>graph6<<", "line 1 holds the header of graph6 and no graph"),
        ("Bww", "line 1 announces a graph6 graph of 3 nodes and has 2 characters"),
        ("", "empty input"),
        ("  \n", "empty input"),
        ("# nothing", "a graph without edges"),
        ("[BOS][EOS]", "line 1, edge 1 is ''"),
        ("[BOS]1-2", "line 1 is '[BOS]1-2': expected `[BOS]u-v,u-v[EOS]`"),
        ("[BOS]1-2,2-[EOS]", "line 1, edge 2: a label is empty"),
        ("1-2 2", "line 1, edge 2 is '2'"),
        ("1-2-3", "line 1, edge 1 is '1-2-3'"),
        ("1 2\n3", "line 1: node 3 is isolated"),
        ("1 2 3", "line 1, edge 1 has 3 labels"),
        ("1 2\n<s> >", "line 2, edge 2: label '<s>'"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_bad_input_is_one_line_that_names_the_place(
    given: str, complaint: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(given, *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("retrieval-gap: ")
    assert complaint in err


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("[BOS]1-2[EOS]\n[BOS]1-2,2-1[EOS]", "line 2, edge 2 joins '2' and '1' like line 2, edge 1"),
        ("[BOS]1-2[EOS]\n1-2", "line 2 is '1-2'"),
        ("A_\nBO", "line 2: node 1 is isolated"),
    ],
)
def test_a_graph_that_is_refused_leaves_the_others(
    given: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(given) == 2
    out, err = capsys.readouterr()
    _, answer, refused = out.splitlines()
    assert answer == "answer: YES"
    assert refused.startswith(f"refused: {complaint}")
    assert err == f"retrieval-gap: {refused.removeprefix('refused: ')}\n"
    assert run(given, "--json") == 2
    first, second = json.loads(capsys.readouterr().out)["results"]
    assert first["answer"] == "YES"
    assert second["error"].startswith(complaint)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "transformer/istree"],
        ["explain", "transformer/istree"],
        ["compare", "istree"],
    ],
)
def test_every_command_that_reads_graphs_takes_the_options(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--input-format", "adjlist", "--merge-duplicates", "--skip-isolated"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "1 2 3\n2 1\n4", *options])
    assert ended.value.code == 0
    assert "YES" in capsys.readouterr().out
    for option in (options[:2], options[2:3], options[3:]):
        command = ["compare", "index"] if arguments[0] == "compare" else [arguments[0], "transformer/index"]
        with pytest.raises(SystemExit) as ended:
            main([*command, "3 1 ? 1", *option])
        assert ended.value.code == 2
        assert f"{' '.join(option)} is for graphs" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe1-2")
    for name in ("missing", "binary", ""):
        assert run(f"@{tmp_path / name}") == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "cannot read" in err


labels = st.text(
    st.characters(codec="utf-8", exclude_characters=",-~()[]{}<>#@", exclude_categories=["C", "Z"]),
    min_size=1,
    max_size=4,
)


@given(instances(istree, 7), st.data())
@settings(max_examples=40, deadline=None)
def test_any_labels_come_back_in_text_and_json(graph: Graph, data: st.DataObject) -> None:
    n = graph.number_of_nodes
    named = Graph(graph.edges, tuple(data.draw(st.lists(labels, min_size=n, max_size=n, unique=True))))
    for text in (inline_text(named), paper_text(named)):
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            assert run(text) == 0
        assert out.getvalue() == text_of(named)
    assert out.getvalue().endswith("YES\n") == networkx.is_tree(networkx.Graph(graph.edges))


def test_more_tokens_than_anybody_reads_are_left_out_of_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "_LONGEST_LIST", 5)
    assert run("1-2 2-3", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert "tokens" not in document
    assert (document["token_count"], document["answer"]) == (6, "YES")
    assert run("1-2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["tokens"] == ["2", "1", "2", "YES"]


@pytest.mark.parametrize("engine", ["plain", "fast", "auto"])
def test_the_engines_print_the_same(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("1-2 2-3 3-4 2-5", "1-2 2-3 3-1 4-5", "1-2 3-4"):
        assert run(line, "--engine", engine) == 0
        assert capsys.readouterr().out == text_of(istree.parse(line))


@pytest.fixture(autouse=True)
def _a_terminal_that_writes_lines_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


class Terminal(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def lines_on(terminal: Terminal) -> list[str]:
    """What was shown one after the other, without the cleaning up."""
    return [line.strip() for line in terminal.getvalue().split("\r") if line.strip()]


@pytest.mark.parametrize("engine", ["plain", "fast"])
def test_progress_goes_to_a_terminal_and_is_cleared(
    engine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # more tokens than the fast engine takes at once
    edges = " ".join(f"{k}-{k + 1}" for k in range(1, 3000 if engine == "fast" else 30))
    monkeypatch.setattr(_progress, "_SECONDS_BETWEEN_LINES", 0.0)
    terminal = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert run(edges, "--engine", engine) == 0
    out, err = capsys.readouterr()
    assert out == text_of(istree.parse(edges))
    assert err == ""
    shown = lines_on(terminal)
    most = "6,000" if engine == "fast" else "60"
    assert any(f"of at most {most} tokens written" in line and "tokens/s, at most" in line for line in shown)
    if engine == "fast":
        assert any(line.endswith("of 8,999 tokens read") for line in shown)
    assert max(map(len, shown)) < 100
    *_, last, end = terminal.getvalue().split("\r")
    assert (last.strip(), end) == ("", "")
    assert len(last) >= max(map(len, shown))  # what stood there is written over
    assert "\n" not in terminal.getvalue()


def test_progress_names_the_instance(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    monkeypatch.setattr(_progress, "_SECONDS_BETWEEN_LINES", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert run(SEVERAL) == 0
    shown = lines_on(terminal)
    for place in (1, 2, 3):
        assert any(line.startswith(f"instance {place} of 3: ") for line in shown)
    assert capsys.readouterr().out.count("answer") == 3


def test_a_short_run_flashes_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    monkeypatch.setattr(_progress, "_SECONDS_BETWEEN_LINES", 1e9)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert run("1-2 2-3") == 0
    assert lines_on(terminal) == []
    assert capsys.readouterr().out == PATH_TOUR


def test_a_dumb_terminal_gets_no_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It cannot write a line anew, so each would stay."""
    terminal = Terminal()
    monkeypatch.setattr(_progress, "_SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setenv("TERM", "dumb")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert run(SEVERAL) == 0
    assert terminal.getvalue() == ""
    assert capsys.readouterr().out.count("answer") == 3


def test_an_error_on_a_terminal_is_still_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert run(" ".join(f"{k}-{k + 1}" for k in range(1, 900)), "--memory", "100KB") == 2
    assert terminal.getvalue().count("\n") == 1
    assert "--memory" in terminal.getvalue()


def test_without_a_terminal_there_is_no_progress(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("progress was asked for")

    monkeypatch.setattr(running, "TokenProgress", refuse)
    assert run("1-2 2-3") == 0
    assert capsys.readouterr().err == ""


def test_the_words_of_progress_follow_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, times = Terminal(), iter([0.0, 0.05, 0.2, 0.25, 0.5, 1.0, 2.0, 2.01, 4.0])
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = running.TokenProgress(1000, 5000, "", lambda: next(times))
    for done in (200, 400, 800, 900, 1000, 1500, 1510, 2500):
        progress(done)
    assert lines_on(terminal) == [
        "400 of 1,000 tokens read",  # 200 and 800 come too soon
        "900 of 1,000 tokens read",
        "0 of at most 5,000 tokens written",
        "500 of at most 5,000 tokens written, 500 tokens/s, at most 9 s left",
        "1,500 of at most 5,000 tokens written, 500 tokens/s, at most 7 s left",
    ]
