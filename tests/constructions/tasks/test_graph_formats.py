"""Graphs as text: lists of edges and graph6, what is refused in each, and how the message points at it."""

import networkx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from constructions.errors import InputError, ResourceError
from constructions.tasks import INPUT_FORMATS, Graph, IsTree, inline_text, paper_text, read_graphs
from constructions.tasks import _graph_formats as formats
from constructions.tasks import _graph_networkx as by_networkx
from constructions.tasks._graph_formats import guess_format
from constructions.tasks.strategies import instances

PATH = Graph(((1, 2), (2, 3)))
TRIANGLE = Graph(((1, 2), (1, 3), (2, 3)), ("0", "1", "2"))


@pytest.mark.parametrize(
    ("text", "input_format", "graphs"),
    [
        ("1-2 2-3", "inline", [PATH]),
        (" 1-2\n\n2-3\t\n", "inline", [PATH]),
        ("5-a a-\u00e9", "inline", [Graph(((1, 2), (2, 3)), ("5", "a", "\u00e9"))]),
        ("#a-#b", "inline", [Graph(((1, 2),), ("#a", "#b"))]),
        ("1 2\n2 3\n", "edges", [PATH]),
        ("1,2\r\n2 ,\t3", "edges", [PATH]),
        ("# n - 1 edges\n\n1 2 # first - edge\n  2\t3#last", "edges", [PATH]),
        ("#a-b\n1 2\n2 3", "edges", [PATH]),
        ("\ufeff1 2\n2 3\n", "edges", [PATH]),
        ("Bw", "graph6", [TRIANGLE]),
        (">>graph6<<Bw\n", "graph6", [TRIANGLE]),
        (">>graph6<<Bw\nA_\n\nBw", "graph6", [TRIANGLE, Graph(((1, 2),), ("0", "1")), TRIANGLE]),
        ("[BOS]1-2,2-3[EOS]", "paper", [PATH]),
        ("[BOS]1-2,2-3[EOS]1,2,3,2,1[EOS]", "paper", [PATH]),
        ("[BOS]1-2,2-3[EOS]\n  [BOS]7-8[EOS][TRUE]\n", "paper", [PATH, Graph(((1, 2),), ("7", "8"))]),
    ],
)
def test_examples(text: str, input_format: str, graphs: list[Graph]) -> None:
    assert guess_format(text) == input_format
    assert read_graphs(text) == graphs
    assert read_graphs(text, input_format) == graphs


@pytest.mark.parametrize(
    ("text", "input_format", "message"),
    [
        ("", None, "empty input: expected a graph, such as `1-2 2-3 3-4`"),
        (" \n", "graph6", "empty input"),
        (
            "1-2",
            "edge",
            "no input format is called 'edge'; did you mean 'edges'. There are inline, edges, sized-edges, csv",
        ),
        ("1-2", "dot", "graphs in the format DOT are not read; python -c"),
        ("1-2 2-2", None, "line 1, edge 2 joins '2' to itself: expected a simple graph"),
        ("1-2\n2-3 2-1", None, "line 2, edge 3 joins '2' and '1' like line 1, edge 1: expected each edge once"),
        ("1-2 2-3-4", None, "line 1, edge 2 is '2-3-4': expected two labels joined by `-`"),
        ("1-2 3", None, "line 1, edge 2 is '3'"),
        ("1-2 -3", None, "line 1, edge 2: a label is empty"),
        ("1-2 2~3-4", None, "line 1, edge 2: label '2~3': expected printable characters other than"),
        ("1-2 (2-3)", None, r"line 1, edge 2: label '\(2'"),
        ("1-2, 2-3", None, "line 1, edge 1: label '2,'"),
        ("1-" + "2" * 99, "edges", r"line 1, edge 1 has 1 labels, '1-2{38}'\.\.\. \(101 characters\): expected two"),
        ("1 2\n3", "edges", "line 2, edge 2 has 1 labels, '3': expected two"),
        ("1 2\n3", None, r"line 1: node 3 is isolated, .* --skip-isolated leaves .* .read as adjlist; --input-format"),
        (
            "1 2 3",
            None,
            r"line 1, edge 1 has 3 labels, '1 2 3': expected two .--input-format edges reads the first two",
        ),
        ("1 2\n\n# x\n2 3 0.5", None, "line 4, edge 2 has 3 labels"),
        ("1,,2", None, "line 1, edge 1 has 3 labels"),
        ("1,", None, "line 1, edge 1: a label is empty"),
        ("1 2\n2 2", None, "line 2, edge 2 joins '2' to itself"),
        (
            "1 2\n2,1",
            None,
            r"line 2, edge 2 joins '2' and '1' like line 1, edge 1: expected each edge once; --merge-duplicates reads",
        ),
        ("1 a[0]", None, r"label 'a\[0\]'"),
        ("# nothing\n#", None, "line 1: a graph without edges"),
        ("Bww", None, "line 1 announces a graph6 graph of 3 nodes and has 2 characters for its edges, expected 1"),
        ("Bw\nB", None, "line 2 announces a graph6 graph of 3 nodes and has 0 characters"),
        ("B?", None, "line 1: a graph of 3 nodes without edges"),
        ("?", None, "line 1: a graph without edges"),
        ("@", None, "line 1: the graph of one node is a tree, but it is excluded: graphs are given by their edges"),
        ("Bw\nBO", None, "line 2: node 1 is isolated, expected every node to have an edge"),
        ("B w", "graph6", "line 1 holds ' '"),
        (":An", "graph6", r"line 1 holds ':': the characters of graph6 are those from"),
        ("&AG\n", None, "graphs in the format digraph6 are not read"),
        ("B\u00e9", "graph6", "line 1 holds '\u00e9'"),
        (">>graph6<<", None, "line 1 holds the header of graph6 and no graph"),
        ("~?", None, "line 1 ends within the number of nodes"),
        ("~~?????", None, "line 1 ends within the number of nodes"),
        ("[BOS]1-2", None, r"line 1 is '\[BOS\]1-2': expected `\[BOS\]u-v,u-v\[EOS\]`"),
        ("[BOS]1-2[EOS]\n1-2[EOS]", None, r"line 2 is '1-2\[EOS\]'"),
        ("[BOS]1-2,2-2[EOS]", None, "line 1, edge 2 joins '2' to itself"),
        ("[BOS]1-2[EOS]\n[BOS]1-2,2-1[EOS]", None, "line 2, edge 2 joins '2' and '1' like line 2, edge 1"),
        ("[BOS][EOS]", None, "line 1, edge 1 is ''"),
        ("[BOS]1-2,[EOS]", None, "line 1, edge 2 is ''"),
        ("[BOS]1-2, 2-3[EOS]", None, "line 1, edge 2: label ' 2'"),
    ],
)
def test_faults_are_named(text: str, input_format: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read_graphs(text, input_format)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~~~~~~~~", "announces a graph6 graph of 68719476735 nodes: at most 4096"),
        ("~~??~~~~", "nodes: at most 4096"),
        ("~~~~?", "ends within"),
        ("~@??", "of 4096 nodes and has 0 characters"),
        ("~@?@", "4097 nodes: at most 4096"),
    ],
)
def test_a_short_text_cannot_announce_a_giant_graph(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_graphs(text, "graph6")


def test_texts_and_graphs_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAXIMAL_TEXT", 10)
    assert read_graphs("1-2 2-3")
    with pytest.raises(ResourceError, match="a text of 11 characters: at most 10 are read"):
        read_graphs("1-2 2-3 3-4")
    monkeypatch.setattr(by_networkx, "MAXIMAL_EDGES", 2)
    with pytest.raises(ResourceError, match="line 1 holds a graph6 graph of 3 edges: at most 2"):
        read_graphs("Bw")


STAR = "5 4\n1 2\n1 3\n1 4\n1 5\n"


def names(graph: Graph) -> set[frozenset[str]]:
    return {frozenset(graph.labels[node - 1] for node in edge) for edge in graph.edges}


@pytest.mark.parametrize("heading", ["source,target", "Source Target", "from\tto", "u v", "node1,node2", "id_1 id_2"])
def test_names_of_columns_are_left_out_and_that_is_said(heading: str) -> None:
    said: list[str] = []
    (graph,) = read_graphs(f"# of a table\n{heading}\n1,2\n2,3\n", None, said.append)
    assert names(graph) == names(PATH)
    words = said[-1]  # a table has told of its comment before
    assert words.startswith("line 2, ")
    assert "is read as the names of the columns (--input-format edges: as an edge) (read as " in words
    assert len(read_graphs(f"{heading}\n1,2\n2,3\n", "edges")[0].edges) == 3


@pytest.mark.parametrize("text", ["source target\ntarget sink", "u v\nv w\nw u", "from to"])
def test_nodes_that_are_called_like_columns_are_nodes(text: str) -> None:
    said: list[str] = []
    (graph,) = read_graphs(text, None, said.append)
    assert len(graph.edges) == text.count("\n") + 1
    assert said == []


def test_an_unknown_heading_is_refused_by_name() -> None:
    for heading in ("person,friend", "a b"):
        with pytest.raises(InputError, match=r"line 1 is '.*', and all other labels are numbers: if it names columns"):
            read_graphs(f"{heading}\n1,2\n2,3\n")
        assert len(read_graphs(f"{heading}\n1,2\n2,3\n", "edges")[0].edges) == 3
    assert len(read_graphs("a b\nb 1\n1 2")[0].edges) == 3  # one graph with names and numbers
    assert len(read_graphs("a b\n1 c")[0].edges) == 2


@pytest.mark.parametrize(
    "heading",
    ["parent,child", "id;label", "node,neighbour", "from_node,to_node", "id,parent_id", "NodeA\tNodeB", "key value"],
)
def test_names_of_columns_above_words_are_refused(heading: str) -> None:
    """Read as an edge, they make a forest of this path."""
    between = next((sign for sign in ",;\t" if sign in heading), " ")
    text = f"{heading}\na{between}b\nb{between}c\n"
    with pytest.raises(InputError, match=r"line 1 is '.*', and no other line has these labels: if it names columns"):
        read_graphs(text)
    assert len(read_graphs(text.replace(";", ","), "edges")[0].edges) == 3


def test_sizes_with_isolated_nodes_are_not_taken_for_an_edge() -> None:
    """Read as an edge, the line makes a tree of a path and an isolated node."""
    for ambiguous in ("5 3\n1 2\n2 3\n3 4", "5 3\n0 1\n1 2\n2 3", "9,2\n1,2\n2,3"):
        with pytest.raises(InputError, match=r"if [59] is the number of nodes, some are isolated"):
            read_graphs(ambiguous)
        assert len(read_graphs(ambiguous, "edges")[0].edges) == ambiguous.count("\n") + 1
    for edges in ("5 3\n3 4\n4 6", "6 2\n0 6\n3 2", "5 2\n1 2\n2 3\n3 4"):
        assert len(read_graphs(edges)[0].edges) == edges.count("\n") + 1


@pytest.mark.parametrize("text", ["1.0 2\n2.0 3", "source,target\n1.0,2\n2.0,3", "1;2.00\n2;3"])
def test_two_spellings_of_a_number_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"edge [12] has the label '2\.00?', and '2' stands elsewhere"):
        read_graphs(text)
    assert len(read_graphs("1.0 2.0\n2.0 3.0")[0].edges) == 2
    assert len(read_graphs("1.0 2\n2.0 3", "edges")[0].edges) == 2


def test_a_line_of_sizes_is_not_taken_for_an_edge_and_no_edge_for_sizes() -> None:
    """Read as an edge, the line makes a cycle of this star: the answers differ, so the user must say."""
    with pytest.raises(InputError) as caught:
        read_graphs(STAR)
    assert str(caught.value) == (
        "line 1 is '5 4', and what follows has 5 nodes and 4 edges: --input-format sized-edges reads it as these "
        "numbers, --input-format edges as an edge (read as edges; --input-format chooses another)"
    )
    (sized,), (listed,) = read_graphs(STAR, "sized-edges"), read_graphs(STAR, "edges")
    assert names(sized) == {frozenset(("1", other)) for other in "2345"}
    assert (IsTree().answer(sized), IsTree().answer(listed)) == ("YES", "NO")
    assert read_graphs("# sizes\n" + STAR, "sized-edges") == [sized]
    for ambiguous in ("3 2\n2 1\n1 3", "3 2\n0 1\n1 2", "3 2\n10 11\n11 12"):
        with pytest.raises(InputError, match="line 1 is '3 2', and what follows has 3 nodes and 2 edges"):
            read_graphs(ambiguous)
    assert names(read_graphs("3 2\n2 1\n1 4")[0]) == {frozenset("32"), frozenset("21"), frozenset("14")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("6 4\n1 2\n1 3\n1 4\n1 5", "line 1 announces 6 nodes and 4 edges, but there are 5 and 4"),
        ("5 3\n1 2\n1 3\n1 4\n1 5", "line 1 announces 5 nodes and 3 edges, but there are 5 and 4"),
        ("# x\n5\n1 2", "line 2 is '5': expected the numbers of nodes and edges"),
        ("a b\n1 2", "line 1 is 'a b': expected the numbers"),
        ("2 1", "line 1: a graph without edges"),
        ("#", "line 1 is '': expected the numbers"),
    ],
)
def test_sizes_that_are_none(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_graphs(text, "sized-edges")


@pytest.mark.parametrize("data", [True, False])
def test_what_networkx_writes_is_read(data: bool) -> None:
    drawn = networkx.path_graph(4)
    drawn.edges[0, 1].update({"weight": -1.5, "colour": "#f00", "shape": "a}b{c"} if data else {})
    text = "\n".join(networkx.generate_edgelist(drawn))
    assert "{" in text
    (graph,) = read_graphs(text)
    assert names(graph) == {frozenset("01"), frozenset("12"), frozenset("23")}
    assert read_graphs("\n".join(networkx.generate_edgelist(drawn, data=False))) == [graph]


@pytest.mark.parametrize("text", ["0 1 {", "0 1 {} x", "0 1{}", "{} 0 1", "0 1 {'a': 1"])
def test_braces_that_hold_no_attributes_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_graphs(text, "edges")


@pytest.mark.parametrize(
    "text",
    [
        "1 2\n2 1\n2 3\n3 2\n",
        "1,2\n2,3\n3,2",
        "1-2 2-1 2-3",
        "1 2 {}\n2 1 {}\n2 3 {}",
        "1 2\n1 2\n2 3",
    ],
)
def test_repeated_edges_are_merged_if_that_is_asked_for(text: str) -> None:
    said: list[str] = []
    assert read_graphs(text, None, said.append, merge_duplicates=True) == [PATH]
    assert [" merged " in words for words in said] == [True]
    with pytest.raises(
        InputError, match=r"expected each edge once; --merge-duplicates reads such edges as one \(read as"
    ):
        read_graphs(text)


def test_isolated_nodes_are_left_out_if_that_is_asked_for() -> None:
    said: list[str] = []
    assert read_graphs("1 2\n2 3\n4\n5\n", None, said.append, skip_isolated=True) == [PATH]
    assert said == ["line 1: 2 isolated nodes are left out (read as adjlist)"]
    assert read_graphs("BG\nBw", skip_isolated=True)[0] == Graph(((1, 2),), ("1", "2"))


@given(instances(IsTree(), 9))
def test_every_format_reads_the_same_graph(graph: Graph) -> None:
    assert read_graphs(inline_text(graph)) == [graph]
    assert read_graphs(paper_text(graph)) == [graph]
    lines = [f"{u} {v}" for u, v in graph.edges]
    assert read_graphs("\n".join(lines), "edges") == [graph]
    assert read_graphs("\n".join([f"{graph.number_of_nodes} {len(lines)}", *lines]), "sized-edges") == [graph]
    assert read_graphs("\n".join(lines), "csv") == [graph]
    assert read_graphs(f"{paper_text(graph)}1,2[EOS]\n{paper_text(graph)}") == [graph, graph]


@given(instances(IsTree(), 9), st.booleans())
def test_graph6_of_networkx_is_read(graph: Graph, header: bool) -> None:
    drawn = networkx.empty_graph(graph.number_of_nodes)
    drawn.add_edges_from((u - 1, v - 1) for u, v in graph.edges)
    (read,) = read_graphs(networkx.to_graph6_bytes(drawn, header=header).decode("ascii"))
    named = {frozenset(int(read.labels[node - 1]) for node in edge) for edge in read.edges}
    assert named == {frozenset(edge) for edge in drawn.edges}


@pytest.mark.parametrize("n", [62, 63, 64, 100])
def test_long_graph6_headers_are_read(n: int) -> None:
    (graph,) = read_graphs(networkx.to_graph6_bytes(networkx.path_graph(n)).decode("ascii"))
    assert graph.edges == tuple((node, node + 1) for node in range(1, n))


def test_the_eight_character_header_is_read() -> None:
    triangle = "~~" + "?????B" + "w"
    assert read_graphs(triangle) == [TRIANGLE]


pieces = st.one_of(
    st.sampled_from(
        [
            "1-2",
            "2-3",
            "3-1",
            "1 2",
            "2,3",
            "#",
            "\n",
            " ",
            "[BOS]",
            "[EOS]",
            ",",
            "-",
            "~",
            ">>graph6<<",
            "Bw",
            "A_",
            "1",
            "x",
        ]
    ),
    st.text(max_size=3),
)


@example(text="\ud800-a", input_format=None)
@example(text="\x1c", input_format=None)
@example(text="1-2\x85", input_format=None)
@given(
    text=st.one_of(
        st.text(), st.lists(pieces).map("".join), st.text(st.characters(min_codepoint=63, max_codepoint=126))
    ),
    input_format=st.sampled_from([None, *INPUT_FORMATS]),
)
def test_malformed_text_raises_nothing_but_input_errors(text: str, input_format: str | None) -> None:
    try:
        graphs = read_graphs(text, input_format)
    except InputError:
        return
    assert graphs
    for graph in graphs:
        assert read_graphs(inline_text(graph)) == [graph]


def test_the_task_reads_exactly_one_graph() -> None:
    assert IsTree().parse("1 2\n2 3") == PATH
    with pytest.raises(InputError, match="the text holds 2 graphs: expected one"):
        IsTree().parse("Bw\nBw")
