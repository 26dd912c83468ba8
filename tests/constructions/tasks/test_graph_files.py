"""Files of graphs as other programs write them: read by networkx, or refused by name with a line that converts them."""

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import networkx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from constructions import construction
from constructions.errors import InputError, ResourceError
from constructions.tasks import Graph, IsTree, Wishes, graph_from_networkx, read_each, read_graphs
from constructions.tasks import _graph_networkx as by_networkx
from constructions.tasks._graph_elsewhere import ELSEWHERE
from constructions.tasks._graph_formats import guess_format
from constructions.tasks.strategies import instances
from tests import forked

TREE = networkx.star_graph(3)


def edges(graph: Graph) -> set[frozenset[str]]:
    return {frozenset((graph.labels[u - 1], graph.labels[v - 1])) for u, v in graph.edges}


def expected(graph: networkx.Graph) -> set[frozenset[str]]:
    return {frozenset((str(u), str(v))) for u, v in graph.edges}


def written(write: Callable[..., None], graph: networkx.Graph, *options: object) -> str:
    file = io.BytesIO()
    write(graph, file, *options)
    return file.getvalue().decode()


def weighted(graph: networkx.Graph) -> networkx.Graph:
    other = graph.copy()
    networkx.set_edge_attributes(other, {edge: 0.5 + k for k, edge in enumerate(other.edges)}, "weight")
    return other


WRITERS: dict[str, tuple[str, Callable[[networkx.Graph], str]]] = {
    "write_edgelist": ("edges", lambda g: written(networkx.write_edgelist, g)),
    "write_edgelist with data": ("edges", lambda g: written(networkx.write_edgelist, weighted(g))),
    "write_weighted_edgelist": ("edges", lambda g: written(networkx.write_weighted_edgelist, weighted(g))),
    "write_adjlist": ("adjlist", lambda g: written(networkx.write_adjlist, g)),
    "write_graphml": ("graphml", lambda g: written(networkx.write_graphml_xml, weighted(g))),
    "write_gml": ("gml", lambda g: written(networkx.write_gml, weighted(g))),
    "write_pajek": ("pajek", lambda g: written(networkx.write_pajek, g)),
    "write_sparse6": ("sparse6", lambda g: written(networkx.write_sparse6, g)),
    "write_graph6": ("graph6", lambda g: written(networkx.write_graph6, g)),
    "csv": ("csv", lambda g: "Source,Target,Type\n" + "".join(f"{u},{v},Undirected\n" for u, v in g.edges)),
    "csv with an id in front": (
        "csv",
        lambda g: "id;source;target\n" + "".join(f'"e";"{u}";"{v}"\n' for u, v in g.edges),
    ),
    "tsv": ("csv", lambda g: "from\tto\tname\n" + "".join(f"{u}\t{v}\tan edge\n" for u, v in g.edges)),
    "a comment of KONECT": ("edges", lambda g: "% sym unweighted\n" + "".join(f"{u}\t{v}\n" for u, v in g.edges)),
    "a comment of C": ("edges", lambda g: "// edges\n" + "".join(f"{u} {v}\n" for u, v in g.edges)),
}


def test_an_edge_with_attributes_is_no_line_of_sizes() -> None:
    """6 7 {} above 7 edges of 6 nodes is an edge: sizes have no attributes. Without them both may be meant."""
    written = "6 7 {}\n" + "".join(f"{ends} {{}}\n" for ends in ("8 9", "8 10", "8 11", "8 12", "8 13", "9 10", "9 11"))
    (read,) = read_graphs(written)
    assert (len(read.edges), read.number_of_nodes) == (8, 8)
    with pytest.raises(InputError, match="sized-edges"):
        read_graphs(written.replace(" {}", ""))


@pytest.mark.parametrize("writer", WRITERS)
@given(instances(IsTree(), 8))
def test_what_others_write_is_read_with_the_same_edges(writer: str, graph: Graph) -> None:
    form, write = WRITERS[writer]
    drawn = networkx.Graph([(u + 5, v + 5) for u, v in graph.edges])
    below = networkx.Graph(list(drawn.edges)[1:])
    assume((below.number_of_nodes(), below.number_of_edges()) not in list(drawn.edges)[:1])  # may be a line of sizes
    if form in ("graph6", "sparse6"):
        drawn = networkx.convert_node_labels_to_integers(drawn)
    text = write(drawn)
    assert guess_format(text) == form
    (read,) = read_graphs(text)
    assert edges(read) == expected(drawn)
    (chosen,) = read_graphs(text, form)
    assert edges(chosen) == expected(drawn)
    assert IsTree().answer(read) == ("YES" if networkx.is_tree(drawn) else "NO")


def said_about(text: str, form: str | None = None, **wishes: bool) -> list[str]:
    said: list[str] = []
    read_graphs(text, form, said.append, **wishes)
    return said


def test_what_is_left_out_is_said() -> None:
    assert said_about("a b 0.5\nb c 1.5") == [
        "line 1, edge 1 has 3 columns: the first two of each line are read (read as edges)"
    ]
    assert said_about("% KONECT\n1 2\n") == ["line 1 begins with '%', and is read as a comment (read as edges)"]
    assert said_about("id,source,target\ne1,1,2\n") == [
        "line 1, 'id source target', is read as the names of the columns: 'source' and 'target' are read "
        "(--input-format edges: as an edge) (read as csv)"
    ]
    assert said_about(written(networkx.write_gml, networkx.DiGraph([(1, 2)]))) == [
        "edges have directions, which are not read (read as gml)"
    ]
    assert said_about(written(networkx.write_pajek, networkx.Graph([("a b", "c d")])))[-1].startswith(
        "labels repeat or hold"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 5\n2 3 7", "edge 1 has 3 labels, '1 2 5': expected two .* adjlist reads a node and its neighbours"),
        ("a b c\nb d e\nc f g", "edge 1 has 3 labels"),
        ("1 2\n2 3 4", "line 2, edge 2 has 3 labels"),
        ("1,2,0.5\n2,3", "line 1, edge 1 has 3 labels"),
        ("source,target,x\n1,2,0\n2\n", "line 3, edge 2 has 1 columns, expected at least 2"),
        ('"1",2\n"2,3', "line 2: unexpected end of data"),
        ("4 3\n1 2 3 4\n2\n3\n4", "line 1 is '4 3': if these are the numbers of nodes and edges, leave it out"),
        ("node neighbours\n1 2 3\n2\n3", "line 1 is 'node neighbours', and all other labels are numbers"),
        ("a b x", "edge 1 has 3 labels, 'a b x'"),
        ("<graphml></graphml>", "1 elements `graphml` and 0 elements `graph`, expected one of each .read as graphml"),
        ("<a>\n<b></a>", "line 2: not XML: mismatched tag"),
        ("graph [ node [ id 1 ] edge [ source 1 target 9 ] ]", "networkx cannot read it"),
        ("graph [ node [ id 1 ] node [ id 2 ] ]", "a graph of 2 nodes without edges"),
        ("graph [ x " + "[ " * 20, "nested more than 16 deep"),
        ("graph [ directed 0 id " + "9" * 5000, "a number of more than 18 digits"),
        ("*Vertices 3\n1 a\n2 b\n*Edges\n1 2", r"\*Vertices announces 3 vertices, and 2 lines follow"),
        ("*Vertices 2\n*Edges\n1 2", r"\*Vertices announces 2 vertices, and 0 lines follow"),
        ("*Vertices 2\n1 a\n2 b\n*Arcslist\n1 2", r"line 4 is '\*Arcslist': expected \*Vertices, \*Edges or \*Arcs"),
        ("*Vertices 2\n1 a\n2 b\n*Edges\n1 3", "line 5 is '1 3': expected the numbers of two vertices"),
        ("*Vertices 2\n1 a\n2 a\n*Edges\n1 2", "."),
        (":~~~~~~~~", "announces a sparse6 graph of 68719476735 nodes"),
        (":", "holds the header of sparse6 and no graph"),
        (":B\u00e9", "the characters of sparse6"),
    ],
)
def test_faults_are_named_with_the_format(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_graphs(text)
    assert re.search(r"\(read as [a-z0-9-]+; --input-format chooses another\)$", str(caught.value))
    assert len(str(caught.value)) < 500


def test_repeated_edges_of_every_format_are_refused_or_merged() -> None:
    double = networkx.MultiGraph([("a", "b"), ("b", "a"), ("b", "c")])
    texts = [
        "\n".join(networkx.generate_graphml(double)),
        "\n".join(networkx.generate_gml(double)),
        "\n".join(networkx.generate_pajek(double)),
        "a b\nb a c\nc b\nd",
        "a,b,1.5\nb,a,2.5\nb,c,0",
    ]
    for text in texts:
        with pytest.raises(InputError, match="expected each edge once; --merge-duplicates"):
            read_graphs(text)
        (graph,) = read_graphs(text, merge_duplicates=True, skip_isolated=True)
        assert edges(graph) == {frozenset("ab"), frozenset("bc")}


BOMB = """<?xml version="1.0"?>
<!DOCTYPE graphml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<graphml><graph edgedefault="undirected"><node id="&b;"/></graph></graphml>"""


def test_xml_can_define_nothing_and_hold_nothing_that_is_not_read() -> None:
    with pytest.raises(InputError, match="line 2: a document type definition, expected a file without one"):
        read_graphs(BOMB)
    with pytest.raises(InputError, match="nested more than 16 deep"):
        read_graphs("<graphml>" + "<data>" * 20)
    good = "\n".join(networkx.generate_graphml(TREE))
    with pytest.raises(InputError, match="the element hyperedge, expected edges that join two nodes"):
        read_graphs(good.replace("</graph>", "<hyperedge/></graph>"))
    with pytest.raises(InputError, match="a graph within a graph"):
        read_graphs(good.replace("</graph>", "<graph></graph></graph>"))
    # An edge in a place where networkx does not look is missed by its count.
    with pytest.raises(InputError, match="networkx reads 3 edges of a text that holds 4"):
        read_graphs(good.replace("</graph>", '</graph><other><edge source="1" target="2"/></other>'))


def test_sizes_are_bounded_before_networkx_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [WRITERS[f"write_{form}"][1](networkx.star_graph(5)) for form in ("graphml", "gml", "pajek")]
    monkeypatch.setattr(by_networkx, "MAXIMAL_EDGES", 4)
    for name in ("parse_graphml", "parse_gml", "parse_pajek"):
        monkeypatch.setattr(networkx, name, None)
    for text in texts:
        with pytest.raises(ResourceError, match="6 nodes and 5 edges: at most 4 of each are read"):
            read_graphs(text)


def test_a_reader_of_networkx_that_loses_an_edge_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(networkx.generate_gml(TREE))
    monkeypatch.setattr(networkx, "parse_gml", lambda *_, **__: networkx.star_graph(2))
    with pytest.raises(InputError, match="networkx reads 2 edges of a text that holds 3"):
        read_graphs(text)


def test_one_graph_of_many_that_is_refused_leaves_the_others() -> None:
    found = list(read_each("Bw\nBO\n~\nBW", None, Wishes()))
    assert [type(graph) for graph in found] == [Graph, InputError, InputError, Graph]
    assert str(found[1]).startswith("line 2: node 1 is isolated")
    found = list(read_each(":An\n:~~~~~~~~\n:Bc", None, Wishes()))
    assert isinstance(found[1], ResourceError)
    with pytest.raises(InputError, match="line 2"):
        read_graphs("Bw\nBO")


# A graph of networkx, in Python.


def test_a_graph_of_networkx_is_an_instance() -> None:
    assert construction("transformer/istree").run(networkx.path_graph(4)).answer == "YES"
    assert construction("hybrid/istree").run(networkx.cycle_graph(4)).answer == "NO"
    assert graph_from_networkx(networkx.DiGraph([("b", "a")])).labels == ("b", "a")
    double = networkx.MultiGraph([(1, 2), (2, 1)])
    with pytest.raises(InputError, match="edge 2 joins '1' and '2' like edge 1"):
        graph_from_networkx(double)
    assert graph_from_networkx(double, merge_duplicates=True).edges == ((1, 2),)
    lonely = networkx.Graph([(1, 2)])
    lonely.add_node(3)
    with pytest.raises(InputError, match="node 3 is isolated"):
        graph_from_networkx(lonely)
    assert graph_from_networkx(lonely, skip_isolated=True).number_of_nodes == 2
    for wrong, message in (
        (networkx.Graph([(1, 1)]), "joins '1' to itself"),
        (networkx.Graph([("a b", "c")]), "label 'a b': expected printable"),
        (networkx.Graph([(1, "1")]), "two nodes have the same label"),
        (networkx.Graph(), "a graph without edges"),
        (networkx.empty_graph(1), "the graph of one node is a tree, but"),
    ):
        with pytest.raises(InputError, match=message):
            graph_from_networkx(wrong)


# What is not read is refused by its name.

FOREIGN = {
    "Matrix Market": "%%MatrixMarket matrix coordinate pattern symmetric\n% a star\n4 4 3\n2 1\n3 1\n4 1\n",
    "DOT": "// a star\ngraph star {\n  0 -- 1;\n  0 -- 2;\n  0 -- 3;\n}\n",
    "DIMACS": "c a star\np edge 4 3\ne 1 2\ne 1 3\ne 1 4\n",
    "GEXF": "\n".join(networkx.generate_gexf(TREE)),
    "JSON": json.dumps(networkx.node_link_data(TREE, edges="edges")),
    "JSON of adjacency_data": json.dumps(networkx.adjacency_data(TREE)),
    "LEDA": "LEDA.GRAPH\nstring\nint\n-2\n3\n|{a}|\n|{b}|\n|{c}|\n2\n1 2 0 |{4}|\n2 3 0 |{3}|\n",
    "Newick": "((a,b)c,d)e;",
    "JSON or Python lists": "[(0, 1), (0, 2), (0, 3)]",
    "TGF": "1 first\n2 second\n3\n4\n#\n1 2 joined\n1 3\n1 4\n",
    "edges with long dashes": "0\u20131 0\u20132 0\u20133",
    "digraph6": "&B?G\n",
    "METIS": "4 3\n2 3 4\n1\n1\n1\n",
    "adjacency matrix": "0 1 1 1\n1 0 0 0\n1 0 0 0\n1 0 0 0\n",
}


def test_every_format_elsewhere_has_an_example() -> None:
    assert [other.name for other in ELSEWHERE] == list(FOREIGN)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_format_that_is_not_read_is_refused_by_name(name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_graphs(FOREIGN[name])
    message = str(caught.value)
    assert message.startswith(f"graphs in the format {name} are not read")
    (python,) = [other.python for other in ELSEWHERE if other.name == name]
    assert (f'python -c "{python}" writes graph.txt' in message) == bool(python)
    assert "--input-format" in message
    with pytest.raises(InputError, match=f"graphs in the format {name} are not read"):
        read_graphs("1-2", name)


@pytest.mark.parametrize(
    "name", [name for name in FOREIGN if name not in ("DOT", "Matrix Market", "Newick", "digraph6")]
)
def test_the_line_that_converts_it_does(name: str, tmp_path: Path) -> None:
    """Those whose line needs nothing but networkx."""
    (python,) = [other.python for other in ELSEWHERE if other.name == name]
    assert '"' not in python  # it is shown between these
    (tmp_path / "FILE").write_text(FOREIGN[name], encoding="utf-8")
    assert forked.run(python, folder=tmp_path, loaded=forked.LIBRARIES) == (0, "", "")
    form = "inline" if name == "edges with long dashes" else "edges"
    (graph,) = read_graphs((tmp_path / "graph.txt").read_text(encoding="utf-8"), form)
    assert networkx.is_isomorphic(networkx.Graph(graph.edges), networkx.path_graph(3) if name == "LEDA" else TREE)


@pytest.mark.parametrize(
    ("text", "name"),
    {
        "c of a tree decomposition\np tw 4 3\n1 2\n1 3\n1 4\n": "DIMACS",
        "p sp 4 3\na 1 2 7\na 1 3 7\na 1 4 7\n": "DIMACS",
        json.dumps(networkx.node_link_data(TREE, edges="links")): "JSON",
        json.dumps(networkx.cytoscape_data(TREE)): "JSON",
        "[[0, 1], [0, 2], [0, 3]]": "JSON or Python lists",
        "{0: [1, 2, 3], 1: [0]}": "JSON or Python lists",
        "(0,1),(0,2),(0,3)": "JSON or Python lists",
        "(0, 1)\n(0, 2)\n(0, 3)\n": "JSON or Python lists",
    }.items(),
    ids=range(8),
)
def test_the_line_converts_the_other_shapes_of_a_format(text: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"graphs in the format {name} are not read"):
        read_graphs(text)
    (python,) = [other.python for other in ELSEWHERE if other.name == name]
    (tmp_path / "FILE").write_text(text, encoding="utf-8")
    assert forked.run(python, folder=tmp_path, loaded=forked.LIBRARIES) == (0, "", "")
    (graph,) = read_graphs((tmp_path / "graph.txt").read_text(encoding="utf-8"), "edges")
    assert networkx.is_isomorphic(networkx.Graph(graph.edges), TREE)


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
def test_a_line_that_converts_survives_a_shell(tmp_path: Path) -> None:
    (tmp_path / "FILE").write_text(FOREIGN["DIMACS"], encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_graphs(FOREIGN["DIMACS"])
    (command,) = re.findall(r'python (-c ".*") writes', str(caught.value))
    subprocess.run(["sh", "-c", f"{sys.executable} {command}"], cwd=tmp_path, check=True, timeout=60)  # noqa: S607
    assert (tmp_path / "graph.txt").read_text(encoding="utf-8") == "1 2\n1 3\n1 4\n"


@given(st.sampled_from([*FOREIGN.values(), *("1 2\n2 3", "1-2 2-3")]), st.data())
def test_damaged_files_are_refused_in_one_line_or_read(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        text = text[:start] + data.draw(st.text(max_size=3)) + text[start + data.draw(st.integers(0, 4)) :]
    message = ""
    try:
        assert read_graphs(text)
    except InputError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        '*vertices 3\n1 "a"\n2 "b"\n3 "c"\n*edges\n1 2\n02 3',  # networkx makes a fourth vertex of 02
        '*vertices 3\n1 "a"\n2 "b"\n2 "c"\n*edges\n1 2\n2 3',
        '*vertices 2\n1 "a"\n2 "b"\n*edges\n1 \u0662',
    ],
)
def test_a_vertex_of_pajek_is_the_one_whose_number_stands_there(text: str) -> None:
    with pytest.raises(InputError, match=r"line [4-7] is .*: expected the numbers? "):
        read_graphs(text, "pajek")


def test_few_signs_of_sparse6_do_not_announce_many_nodes() -> None:
    with pytest.raises(ResourceError, match=r"a sparse6 graph of 140975 nodes: at most 4096 are read in so few signs"):
        read_graphs(":~aYnGV", "sparse6")
    long = networkx.path_graph(6000)
    assert len(read_graphs(networkx.to_sparse6_bytes(long).decode(), "sparse6")[0].edges) == 5999
