"""Readers of instances and graphs, and what must hold of what they accept."""

import itertools
import re

import networkx

from constructions.tasks import Graph, inline_text, paper_text, read_graphs, task
from tests.fuzz.faults import accepted, require
from tests.fuzz.second_readings import degrees, pairs_of

INSTANCES = {
    "index": ("3 1 4 1 5 ? 2", "1 ? 1", "2 2 2 ? 3"),
    "associative-recall": ("3 1 4 1 5 ? 4", "1 ? 1", "7 7 ? 7"),
    "c-gram": ("3 1 4 1 5 ? 1 4", "1 2 1 2 3 ? 1 2", "1 1 ? 1 1"),
    "counting": ("1 2 1 1 ? 1 2", "1 ? 1 0", "2 2 ? 2 2"),
}


def try_instance(name: str, data: bytes) -> bool:
    text = data.decode("utf-8", "surrogateescape")
    asked = task(name)
    found = accepted(lambda: asked.parse(text))
    if found is None:
        return False
    require(asked.parse(asked.text(found)) == found, "what is written is not what was read")
    # Read again by other means: numbers, one separator, numbers.
    tokens = text.split()
    place = tokens.index("?")
    numbers = [int(token) for token in tokens[:place] + tokens[place + 1 :]]
    require(numbers == [*found.sequence, *found.query], "other numbers were read than those that stand there")
    require(all(re.fullmatch("[0-9]+", token) for token in tokens if token != "?"), "what is no number was read")
    require(min(found.sequence) >= 1 and len(found.sequence) == place, "a token below 1")
    if len(found.sequence) < 2_000:
        answer = asked.answer(found)
        require(answer in ("NONE", "0", "1") or int(answer) in found.sequence, "an answer that is no token")
    return True


def try_tree(data: bytes) -> bool:
    asked = task("istree")
    found = accepted(lambda: asked.parse(data.decode("utf-8", "surrogateescape")))
    if found is None:
        return False
    _require_simple(found)
    require(asked.parse(asked.text(found)) == found, "what is written is not what was read")
    graph = networkx.Graph(found.edges)
    require(asked.answer(found) == ("YES" if networkx.is_tree(graph) else "NO"), "the answer is wrong")
    return True


def try_graphs(form: str | None, data: bytes) -> bool:
    text = data.decode("utf-8", "surrogateescape")
    found = accepted(lambda: read_graphs(text, form))
    if found is None:
        return False
    require(len(found) > 0, "no graph was read")
    for graph in found:
        _require_simple(graph)
        require(read_graphs(inline_text(graph), "inline") == [graph], "the inline form is not what was read")
        require(read_graphs(paper_text(graph), "paper") == [graph], "the paper's form is not what was read")
    if form == "adjlist" and not any(sign in text for sign in (",", "%", "//", "{")):
        lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.partition("#")[0].strip()]
        drawn = networkx.parse_adjlist(lines, create_using=networkx.MultiGraph)
        again = {frozenset(edge) for edge in drawn.edges()}
        names = {frozenset((found[0].labels[u - 1], found[0].labels[v - 1])) for u, v in found[0].edges}
        require(names == again, "other edges than those that networkx reads")
    if form == "graph6":
        lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
        again = [_graph6_edges(line.removeprefix(">>graph6<<")) for line in lines]
        names = [{frozenset((graph.labels[u - 1], graph.labels[v - 1])) for u, v in graph.edges} for graph in found]
        require(names == again, "other edges than those of the graph6 text")
    again = pairs_of(form or "", text) if len(found) == 1 else None
    if again is not None:
        require(degrees(again) == degrees(list(found[0].edges)), "other edges than a second reader finds")
    return True


def _require_simple(graph: Graph) -> None:
    ends = [frozenset(edge) for edge in graph.edges]
    require(len(set(ends)) == len(ends) and all(len(edge) == 2 for edge in ends), "the graph is not simple")
    require(set(itertools.chain(*graph.edges)) == set(range(1, len(graph.labels) + 1)), "a node is isolated")
    require(len(set(graph.labels)) == len(graph.labels), "two nodes have one name")


def _graph6_edges(line: str) -> set[frozenset[str]]:
    """The edges of a graph6 line, bit by bit as its definition says."""
    marks = 2 if line.startswith("~~") else 1 if line.startswith("~") else 0
    length = (1, 3, 6)[marks]
    bits = "".join(f"{ord(sign) - 63:06b}" for sign in line[marks:])
    n, bits = int(bits[: 6 * length], 2), bits[6 * length :]
    pairs = ((u, v) for v in range(n) for u in range(v))
    return {frozenset((str(u), str(v))) for (u, v), bit in zip(pairs, bits, strict=False) if bit == "1"}


GRAPHS = {
    "inline": ("1-2 2-3 3-4", "a-b b-c c-a", "b-a\nc-a"),
    "sized-edges": ("3 2\n1 2\n2 3\n", "2 1\na b"),
    "csv": ("source,target\n1,2\n2,3\n", 'id;from;to\n"1";"a";"b"\n2;b;c', "1\t2\t0.5\n2\t3\t-1.5"),
    "adjlist": ("\n".join(networkx.generate_adjlist(networkx.path_graph(5))), "a b c\nb\nc d\nd"),
    "sparse6": tuple(
        networkx.to_sparse6_bytes(graph, header=header).decode().strip()
        for graph, header in ((networkx.path_graph(20), True), (networkx.cycle_graph(7), False))
    ),
    "graphml": ("\n".join(networkx.generate_graphml(networkx.path_graph(3))),),
    "gml": (
        "\n".join(networkx.generate_gml(networkx.star_graph(3))),
        'graph [ node [ id 1 label "a" ] node [ id 2 ] edge [ source 1 target 2 ] ]',
    ),
    "pajek": ("\n".join(networkx.generate_pajek(networkx.path_graph(3))), '*Vertices 2\n1 "a"\n2 "b"\n*Arcs\n1 2 1.5'),
    "edges": ("1 2\n2 3\n3,4  # the last\n", "# nothing\na, b\nb c", "1 2"),
    "graph6": (
        ">>graph6<<D?{",
        "Bw\nCF\nDqK",
        "A_",
        networkx.to_graph6_bytes(networkx.path_graph(70), header=False).decode().strip(),
    ),
    "paper": ("[BOS]1-2,2-3[EOS]1,2,3[EOS]", "[BOS]1-2,3-2[EOS]\n[BOS]2-1[EOS]"),
}
