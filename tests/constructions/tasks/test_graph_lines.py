"""Lines in the form of the paper's code: each search is done again, by ``re``, in what the line has written by then."""

import re
from collections.abc import Iterator
from itertools import starmap
from math import sqrt
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from constructions.errors import InputError
from constructions.tasks import NO, YES, Graph, IsTree, graph_of, paper_text, read_graphs
from constructions.tasks import _graph_lines as lines
from constructions.tasks._graph_lines import line
from constructions.tasks._graph_samples import binary_graph

ROOT = Path(__file__).resolve().parents[3]
S, E, FAILED = (re.escape(sign) for sign in ("[STARTSEARCH]", "[ENDSEARCH]", "[FAILED]"))
VISIT = re.compile(
    rf"(?P<u>\d+),{S},(?P=u),~,{E},(?P<father>\d+|{FAILED})"
    rf",{S},(?P=u),-(,(?P<back>\d+))?,{E},(?P<first>\d+|{FAILED})"
    rf"(,{S},(?P=u),-,(?P=father),{E},(?P<second>\d+|{FAILED}))?"
    rf"(,{S},(?P<y>\d+),~,{E},(?P<known>\d+|{FAILED})(?P<record>,(?P=y),~,(?P=u))?)?"
)


def graphs(seed: int, count: int, kinds: tuple[str, ...] = ("binary", "mixed")) -> Iterator[Graph]:
    """Graphs of 2 to 9 nodes with the names 0 .. n - 1 in a random order."""
    rng = np.random.default_rng(seed)
    for place in range(count):
        graph = IsTree().draw(rng, int(rng.integers(5, 10)), kinds[place % len(kinds)])
        yield Graph(graph.edges, tuple(map(str, rng.permutation(graph.number_of_nodes).tolist())))


def parts(text: str) -> tuple[list[list[str]], str, str]:
    """The edges, what is written after them, and the label."""
    edges, *walk, label = text.removeprefix("[BOS]").split("[EOS]")
    assert len(walk) < 2
    return [edge.split("-") for edge in edges.split(",")], "".join(walk), label


def next_to(edges: list[list[str]], u: str, after: str | None, authors: bool) -> str:
    """What a search for the next edge of u finds: by reading the list of edges once."""
    those = [v if u == w else w for w, v in (edges if authors else edges[::-1]) if u in (v, w)]
    assert after is None or after in those
    return next(iter(those[those.index(after) + 1 if after is not None else 0 :]), "[FAILED]")


def father_of(written: str, u: str) -> str:
    """What a search for the record of u finds in what was written before."""
    return next(iter(re.findall(rf"(?<!\d){u},~,(\d+)", written)), "[FAILED]")


def replayed(text: str, authors: bool) -> list[str]:
    """The nodes that the walk of a transcript visits, once each of its tokens was found to be right."""
    edges, walk, label = parts(text)
    place, nodes, stack = 0, list[str](), list[str]()
    came = found = None
    while found != "[FAILED]" or stack:
        here = VISIT.match(walk, place)
        assert here is not None, walk[place:]
        u, father, first, second = here.group("u", "father", "first", "second")
        if not nodes:
            assert u == ("0" if authors else edges[-1][1])
            stack.append(u)
        assert u == stack[-1]
        assert father == father_of(walk[:place], u)
        assert here["back"] == came
        assert first == next_to(edges, u, came, authors)
        assert (second is not None) == (first == father != "[FAILED]")
        assert second is None or second == next_to(edges, u, father, authors)
        nodes.append(u)
        found = second or first
        if found == "[FAILED]":
            assert here["y"] is None
            came = stack.pop()
        else:
            assert here["y"] == found
            assert here["known"] == father_of(walk[:place], found)
            new = found not in nodes
            assert (here["record"] is not None) == new
            stack.append(found)
            came = None
            if not new:
                assert (here.end(), label) == (len(walk), "[FALSE]")
                return nodes
        assert walk[here.end() : here.end() + 1] == ("," if stack else "")
        place = here.end() + 1
    assert place == len(walk) + 1
    return nodes


def walked(graph: nx.Graph, order: dict[str, list[str]], u: str, father: str | None, seen: list[str]) -> bool:
    """The walk as recursion: appends to ``seen``; whether no cycle stopped it."""
    seen.append(u)
    for v in order[u]:
        if v != father:
            if v in seen or not walked(graph, order, v, u, seen):
                return False
            seen.append(u)
    return True


@pytest.mark.parametrize("authors", [False, True])
def test_every_search_returns_what_stands_in_the_context(authors: bool) -> None:
    ends = set()
    for graph in graphs(1, 400):
        text = line(graph, "paper-retrieval", authors=authors)
        nodes = replayed(text, authors)
        edges, _, label = parts(text)
        if authors:
            tour = parts(line(graph, "paper", authors=True))[1]
            assert tour == ",".join(nodes)
            order = {u: [v if u == w else w for w, v in edges if u in (v, w)] for edge in edges for u in edge}
            seen: list[str] = []
            full = walked(nx.Graph(edges), order, "0", None, seen)
            assert seen == nodes
            assert (full and len(set(seen)) == graph.number_of_nodes) == (label == "[TRUE]")
        ends.add((label, nodes[-1] == nodes[0]))
    assert ends == {("[TRUE]", True), ("[FALSE]", True), ("[FALSE]", False)}


def test_the_tour_of_this_project_is_that_of_its_transformer() -> None:
    for graph in graphs(2, 50):
        *tour, _ = graph.labelled(IsTree().transcript(graph))
        edges, walk, _ = parts(line(graph, "paper"))
        assert walk == ",".join(tour)
        assert edges == [[graph.labels[u - 1], graph.labels[v - 1]] for u, v in graph.edges]


def test_all_forms_hold_the_same_graph_and_a_label_of_trees() -> None:
    for graph in graphs(3, 200):
        known = nx.Graph([(graph.labels[u - 1], graph.labels[v - 1]) for u, v in graph.edges])
        for form in lines.FORMS:
            for authors in (False, True):
                text = line(graph, form, authors=authors)
                edges, walk, label = parts(text)
                assert label == ("[TRUE]" if nx.is_tree(known) else "[FALSE]")
                assert nx.utils.edges_equal(nx.Graph(edges).edges, known.edges)
                assert (walk == "") == (form == "paper-direct")
                assert len(read_graphs(text)) == 1
                if authors:
                    assert all(int(u) > int(v) for u, v in edges)
        assert line(graph, "paper-direct") == paper_text(graph) + label


@pytest.mark.parametrize("authors", [False, True])
def test_no_changed_token_is_taken_for_right(authors: bool) -> None:
    """Of a tree, of a graph with a cycle that the root is on, and of one that it is not."""
    for text in ("2-0 0-1 1-3", "0-1 1-2 2-0 3-4", "1-2 3-2 3-1 0-1"):
        right = line(IsTree().parse(text), "paper-retrieval", authors=authors)
        replayed(right, authors)
        head, walk, label = right.split("[EOS]")
        tokens = walk.split(",")
        for place, token in enumerate(tokens):
            for other in {*tokens, "9"} - {token}:
                changed = ",".join([*tokens[:place], other, *tokens[place + 1 :]])
                with pytest.raises((AssertionError, ValueError)):
                    replayed(f"{head}[EOS]{changed}[EOS]{label}", authors)


@pytest.mark.parametrize("fault", ["order", "root", "end"])
def test_a_fault_of_the_walk_is_seen(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Neighbours by name and not by the list; the largest name as the root; a walk without its last visit."""
    neighbours, visits = lines._neighbours, lines._visits
    if fault == "order":
        monkeypatch.setattr(lines, "_neighbours", lambda edges: {u: sorted(v) for u, v in neighbours(edges).items()})
    elif fault == "root":
        monkeypatch.setattr(lines, "_visits", lambda order, _: visits(order, max(order)))
    else:
        monkeypatch.setattr(lines, "_visits", lambda order, root: list(visits(order, root))[:-1])
    for authors in (False, True):
        found = [(line(graph, "paper-retrieval", authors=authors), authors) for graph in graphs(1, 40)]
        with pytest.raises(AssertionError):
            list(starmap(replayed, found))


def test_binary_graphs_have_the_edges_of_a_tree_and_are_one_half_the_time() -> None:
    task = IsTree()
    for n in (5, 6, 7):
        rng = np.random.default_rng(n)
        drawn = [binary_graph(rng, n) for _ in range(600)]
        assert {(g.number_of_nodes, len(g.edges)) for g in drawn} == {(n, n - 1)}
        by_answer = {answer: [g for g in drawn if task.answer(g) == answer] for answer in (YES, NO)}
        assert 240 < len(by_answer[YES]) < 360
        degrees = {
            answer: {tuple(sorted(d for _, d in nx.Graph(g.edges).degree)) for g in those}
            for answer, those in by_answer.items()
        }
        assert degrees[YES] == degrees[NO]
        for g in by_answer[NO]:
            assert sorted(map(len, nx.cycle_basis(nx.Graph(g.edges)))) == [3]
            assert nx.number_connected_components(nx.Graph(g.edges)) == 2


def test_on_fewer_nodes_there_is_no_such_graph() -> None:
    for n in (2, 3, 4):
        assert set(_answers_with_the_edges_of_a_tree(n)) == {YES}
        with pytest.raises(InputError, match="at least 5 nodes"):
            binary_graph(np.random.default_rng(0), n)
    assert NO in set(_answers_with_the_edges_of_a_tree(5))


def _answers_with_the_edges_of_a_tree(n: int) -> Iterator[str]:
    for graph in nx.graph_atlas_g():
        if graph.number_of_nodes() == n and graph.number_of_edges() == n - 1 and not list(nx.isolates(graph)):
            yield IsTree().answer(graph_of(graph.edges))


def published(rng: np.random.Generator, n: int) -> nx.Graph:
    """The family ``random`` of the paper's code, restated; isolated nodes included, self-loops left out."""
    graph = nx.empty_graph(n)
    names = rng.permutation(n).tolist()
    if rng.random() < 0.5:
        graph.add_edges_from((names[int(rng.integers(0, i))], names[i]) for i in range(1, n))
        return graph
    apart = int(rng.integers(1, n))
    pairs = ((names[int(rng.integers(0, n))], names[i]) for i in range(n) if i != apart)
    graph.add_edges_from((u, v) for u, v in pairs if u != v)
    free = [(u, v) for u in range(n) for v in range(u) if apart not in (u, v) and not graph.has_edge(u, v)]
    graph.add_edge(*free[int(rng.integers(0, len(free)))])
    return graph


@pytest.mark.parametrize(("n", "percent"), [(8, 9), (16, 5.5), (32, 3.2), (64, 1.8)])
def test_what_the_docs_say_of_the_published_labels(n: int, percent: float) -> None:
    """Up to three standard deviations of the number of draws."""
    assert re.search(rf"\b{percent} % (of\scases\s)?at (n = )?{n}\b", (ROOT / "docs/sweeps.md").read_text("utf-8"))
    draws = 1500
    drawn = [published(np.random.default_rng([n, place]), n) for place in range(draws)]
    wrong = sum(nx.is_connected(graph) != nx.is_tree(graph) for graph in drawn)
    assert abs(wrong - draws * percent / 100) < 3 * sqrt(draws * percent / 100)
    isolated = sum(any(True for _ in nx.isolates(graph)) for graph in drawn)
    assert abs(isolated - draws / 4) < 3 * sqrt(draws / 4)
