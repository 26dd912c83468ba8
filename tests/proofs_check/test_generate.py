"""``generate``: right labels, right transcripts, the same lines for the same seed."""

import itertools
import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from constructions.engine import decode
from constructions.tasks import TASKS, read_graphs, task
from constructions.tasks._graph_lines import line
from constructions.theorems import construction
from proofs_check.cli import main

ROOT = Path(__file__).resolve().parents[2]


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    with pytest.raises(SystemExit) as end:
        main(["generate", *arguments])
    assert not end.value.code
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("family", ["transformer", "retrieval", "hybrid"])
@pytest.mark.parametrize("name", TASKS)
def test_lines_hold_what_the_models_read_and_write(capsys: pytest.CaptureFixture[str], name: str, family: str) -> None:
    made = construction(f"{family}/{name}")
    for text in lines(capsys, name, "--n", "4", "--count", "6", "--family", family):
        found = json.loads(text)
        asked = task(name)
        instance = asked.parse(found["input"])
        assert (found["task"], found["n"], found["answer"]) == (name, 4, asked.answer(instance))
        assert tuple(found["prompt"]) == made.reads(instance)
        assert decode(made.at(made.size_for(instance)), found["prompt"]).tokens[-1] == found["answer"]
        written = decode(made.at(max(4, made.size_for(instance))), found["prompt"]).tokens
        assert list(written) == found["transcript"]


def test_sizes_are_exact_and_every_answer_occurs(capsys: pytest.CaptureFixture[str]) -> None:
    found: list[dict[str, Any]] = [
        json.loads(text) for text in lines(capsys, "associative-recall", "--n", "7", "--count", "200")
    ]
    assert {len(entry["input"].split()) for entry in found} == {9}
    assert {"NONE"} < {entry["answer"] for entry in found}
    trees = [json.loads(text)["answer"] for text in lines(capsys, "istree", "--n", "7", "--count", "200")]
    assert 50 < trees.count("YES") < 150


def test_labels_in_the_form_of_the_papers_code_mean_connected_and_without_cycle(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By networkx; and graphs that are connected or without a cycle, but not both, must be among them."""
    seen = set()
    for text in lines(capsys, "istree", "--n", "6", "--count", "300", "--graphs", "mixed", "--format", "paper"):
        edges_text, tour, label = text.removeprefix("[BOS]").split("[EOS]")
        graph = nx.Graph([edge.split("-") for edge in edges_text.split(",")])
        assert sorted(graph) == sorted(map(str, range(6)))
        connected, forest = nx.is_connected(graph), nx.is_forest(graph)
        assert label == ("[TRUE]" if connected and forest else "[FALSE]")
        assert label == ("[TRUE]" if nx.is_tree(graph) else "[FALSE]")
        seen.add((connected, forest))
        walk = tour.split(",")
        assert all(graph.has_edge(u, v) for u, v in itertools.pairwise(walk))
        assert len(walk) == 11 or label == "[FALSE]"
        (read,) = read_graphs(text)
        assert read.number_of_nodes == 6
    assert {(True, True), (True, False), (False, False)} <= seen


@pytest.mark.parametrize("form", ["paper", "paper-retrieval", "paper-direct"])
def test_lines_of_the_papers_code_are_those_of_the_library(capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Given again what they say of the graph; and nodes 0 .. n - 1 have names that say nothing."""
    for authors in ([], ["--authors"]):
        found = lines(capsys, "istree", "--n", "6", "--count", "20", "--format", form, *authors)
        for text in found:
            (graph,) = read_graphs(text)
            assert text == line(graph, form, authors=bool(authors))
        assert len({read_graphs(text)[0].labels for text in found}) > 10


def share_told_by_the_number_of_edges(capsys: pytest.CaptureFixture[str], n: int, *options: str) -> float:
    """How many percent of the answers a model gets right that says YES if there are n - 1 edges, else NO."""
    found = [json.loads(text) for text in lines(capsys, "istree", "--n", str(n), "--count", "500", *options)]
    right = [(len(entry["input"].split()) == n - 1) == (entry["answer"] == "YES") for entry in found]
    return right.count(True) / 5


def test_the_number_of_edges_says_nothing_unless_the_graphs_are_mixed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "gets about 84 % of" in (ROOT / "docs/sweeps.md").read_text("utf-8")
    for n in (8, 16, 64):
        assert 42 < share_told_by_the_number_of_edges(capsys, n) < 58
        mixed = share_told_by_the_number_of_edges(capsys, n, "--graphs", "mixed")
        assert 79 < mixed < 89  # up to three standard deviations of 500 draws


def test_graphs_are_binary_where_such_graphs_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for n, kind in (("4", "mixed"), ("5", "binary")):
        usual = ["istree", "--n", n, "--count", "30"]
        assert lines(capsys, *usual) == lines(capsys, *usual, "--graphs", kind)
        assert json.loads("\n".join(lines(capsys, *usual, "--json")))["graphs"] == kind
    assert "graphs" not in json.loads("\n".join(lines(capsys, "index", "--n", "3", "--count", "1", "--json")))


def test_the_seed_decides_and_more_begin_with_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    few, more = (lines(capsys, "istree", "--n", "5", "--count", count, "--seed", "3") for count in ("4", "9"))
    assert more[:4] == few
    assert lines(capsys, "istree", "--n", "5", "--count", "4", "--seed", "4") != few


def test_files_and_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = lines(capsys, "counting", "--n", "5", "--count", "3")
    assert lines(capsys, "counting", "--n", "5", "--count", "3", "--out", str(tmp_path / "a.jsonl")) == []
    assert (tmp_path / "a.jsonl").read_text().splitlines() == printed
    document = json.loads("\n".join(lines(capsys, "counting", "--n", "5", "--count", "3", "--json")))
    assert document["instances"] == [json.loads(text) for text in printed]
    (tmp_path / "b").mkdir()
    path = str(tmp_path / "b" / "c.jsonl")
    said = json.loads("\n".join(lines(capsys, "counting", "--n", "5", "--count", "3", "--out", path, "--json")))
    assert (said["count"], said["out"]) == (3, path)
    assert Path(path).read_text().splitlines() == printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing", "--n", "3", "--count", "1"], "no task is called 'nothing'"),
        (["istree", "--n", "1", "--count", "1"], "--n 1: expected at least 2"),
        (["index", "--n", "0", "--count", "1"], "--n 0: expected at least 1"),
        (["index", "--n", "3", "--count", "1", "--format", "paper"], "a form for istree only"),
        (
            ["index", "--n", "3", "--count", "1", "--graphs", "mixed"],
            "a kind of instances of istree only, not of index",
        ),
        (
            ["istree", "--n", "4", "--count", "1", "--graphs", "binary"],
            "--n 4: expected at least 5, as smaller --graphs binary",
        ),
        (["istree", "--n", "5", "--count", "1", "--authors"], "--authors: is about --format paper"),
        (
            ["istree", "--n", "5", "--count", "1", "--family", "transformer", "--format", "paper-direct"],
            "--family transformer: the lines of --format paper-direct are of no family",
        ),
        (
            ["--n", "5", "--count", "1", "--family", "hybrid", "--construction", "gallery/parity"],
            "--family hybrid: the construction of --construction",
        ),
        (["c-gram", "--n", "3", "--count", "1", "--c", "9"], "c = 9"),
        (["index", "--n", "3", "--count", "100000000"], "expected 0 to 10,000,000"),
    ],
)
def test_bad_requests_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["generate", *arguments])
    output = capsys.readouterr()
    assert (end.value.code, output.out) == (2, "")
    assert message in output.err
    assert output.err.count("\n") == 1
