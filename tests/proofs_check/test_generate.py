"""``generate``: right labels, right transcripts, the same lines for the same seed."""

import itertools
import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from constructions.engine import decode
from constructions.tasks import TASKS, read_graphs, task
from constructions.theorems import construction
from proofs_check.cli import main


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    with pytest.raises(SystemExit) as end:
        main(["generate", *arguments])
    assert not end.value.code
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("family", ["transformer", "retrieval", "hybrid"])
@pytest.mark.parametrize("name", TASKS)
def test_lines_hold_what_the_models_read_and_write(capsys: pytest.CaptureFixture[str], name: str, family: str) -> None:
    made = construction(f"{family}/{name}")
    for line in lines(capsys, name, "--n", "4", "--count", "6", "--family", family):
        found = json.loads(line)
        asked = task(name)
        instance = asked.parse(found["input"])
        assert (found["task"], found["n"], found["answer"]) == (name, 4, asked.answer(instance))
        assert tuple(found["prompt"]) == made.reads(instance)
        assert decode(made.at(made.size_for(instance)), found["prompt"]).tokens[-1] == found["answer"]
        written = decode(made.at(max(4, made.size_for(instance))), found["prompt"]).tokens
        assert list(written) == found["transcript"]


def test_sizes_are_exact_and_every_answer_occurs(capsys: pytest.CaptureFixture[str]) -> None:
    found: list[dict[str, Any]] = [
        json.loads(line) for line in lines(capsys, "associative-recall", "--n", "7", "--count", "200")
    ]
    assert {len(entry["input"].split()) for entry in found} == {9}
    assert {"NONE"} < {entry["answer"] for entry in found}
    trees = [json.loads(line)["answer"] for line in lines(capsys, "istree", "--n", "7", "--count", "200")]
    assert 50 < trees.count("YES") < 150


def test_labels_in_the_form_of_the_papers_code_mean_connected_and_without_cycle(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By networkx; and graphs that are connected or without a cycle, but not both, must be among them."""
    seen = set()
    for line in lines(capsys, "istree", "--n", "6", "--count", "300", "--format", "paper"):
        edges_text, tour, label = line.removeprefix("[BOS]").split("[EOS]")
        graph = nx.Graph([edge.split("-") for edge in edges_text.split(",")])
        assert sorted(graph) == sorted(map(str, range(6)))
        connected, forest = nx.is_connected(graph), nx.is_forest(graph)
        assert label == ("[TRUE]" if connected and forest else "[FALSE]")
        assert label == ("[TRUE]" if nx.is_tree(graph) else "[FALSE]")
        seen.add((connected, forest))
        walk = tour.split(",")
        assert all(graph.has_edge(u, v) for u, v in itertools.pairwise(walk))
        assert len(walk) == 11 or label == "[FALSE]"
        (read,) = read_graphs(line)
        assert read.number_of_nodes == 6
    assert {(True, True), (True, False), (False, False)} <= seen


def test_the_seed_decides_and_more_begin_with_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    few, more = (lines(capsys, "istree", "--n", "5", "--count", count, "--seed", "3") for count in ("4", "9"))
    assert more[:4] == few
    assert lines(capsys, "istree", "--n", "5", "--count", "4", "--seed", "4") != few


def test_files_and_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = lines(capsys, "counting", "--n", "5", "--count", "3")
    assert lines(capsys, "counting", "--n", "5", "--count", "3", "--out", str(tmp_path / "a.jsonl")) == []
    assert (tmp_path / "a.jsonl").read_text().splitlines() == printed
    document = json.loads("\n".join(lines(capsys, "counting", "--n", "5", "--count", "3", "--json")))
    assert document["instances"] == [json.loads(line) for line in printed]
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
