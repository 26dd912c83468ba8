"""Graphs as text: inline, edge lists, graph6, and the lines of the paper's code.

=========== ============================================================ ==============
format      an instance                                                  graphs a text
=========== ============================================================ ==============
inline      ``1-2 2-3 3-4``, any white space between edges               one
edges       a line an edge, two labels apart by white space or a comma;  one
            ``#`` begins a comment; attributes in braces, as
            ``networkx.write_edgelist`` writes them, are not read
sized-edges the same after a line with the numbers of nodes and edges    one
arcs        the same as edges, each in one direction or in both          one
graph6      a line a graph, after ``>>graph6<<`` or without; nodes are   one a line
            called 0 .. n - 1
paper       ``[BOS]u-v,u-v[EOS]``; what follows is not read (there,      one a line
            https://github.com/dangxingyu/rnn-icrag writes its own tour)
=========== ============================================================ ==============

A list of edges may begin with a line that is none. Where no format is given, column names such as
``source,target`` are left out, and a first line that could be the numbers of nodes and edges is refused: whether
it is, or an edge, is for the user to say, since the answers differ.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from constructions.errors import InputError, ResourceError
from constructions.tasks._graph import Graph, graph_of, label_fault
from constructions.tasks._messages import shown

INPUT_FORMATS = ("inline", "edges", "sized-edges", "arcs", "graph6", "paper")
"""The formats that :func:`read_graphs` knows."""

MAXIMAL_TEXT = 2**26
"""The most characters that are read at once."""

MAXIMAL_GRAPH6_NODES = 4096
"""The most nodes of a graph6 graph: its text grows with the square of their number."""

MAXIMAL_GRAPH6_EDGES = 2**19
"""The most edges of a graph6 graph: networkx takes about half a kilobyte for each."""

_GRAPH6_HEADER = ">>graph6<<"
_ATTRIBUTES = re.compile(r"([^#{]*)\s\{.*\}\s*")
_PAIR = re.compile(r"[^\s,~()\[\]{}<>-]+-[^\s,~()\[\]{}<>-]+")

Place = tuple[int, int]
"""Line and edge, both counted from 1."""

Row = tuple[Place, list[str]]
"""What stands in a line, and where."""

_COLUMN_NAMES = frozenset(
    {"source", "target", "src", "dst", "from", "to", "u", "v", "head", "tail", "start", "end"}
    | {f"{word}{mark}{k}" for word in ("node", "vertex", "id") for mark in ("", "_", " ") for k in (1, 2)}
)


def read_graphs(
    text: str, input_format: str | None = None, say: Callable[[str], object] = lambda _: None
) -> list[Graph]:
    """The graphs that ``text`` describes, at least one; without a format it is guessed.

    ``say`` is called with what was decided about a line that is no edge. Labels may be any printable characters
    other than space, comma, ``-``, ``~`` and brackets.

    Raises:
        InputError: for an empty text, a malformed line, a self-loop, an edge that occurs twice in either
            orientation, or an isolated node, naming line and edge.
        ResourceError: if the text, or the size that a graph6 line announces, is beyond what is read.

    >>> [graph.edges for graph in read_graphs("b-a c-a")]
    [((1, 2), (3, 2))]
    >>> read_graphs("1 2  # an edge list\\n3,2") == read_graphs("1-2 3-2") == read_graphs("[BOS]1-2,3-2[EOS]")
    True
    """
    if len(text) > MAXIMAL_TEXT:
        raise ResourceError(f"a text of {len(text)} characters: at most {MAXIMAL_TEXT} are read")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError("empty input: expected a graph, such as `1-2 2-3 3-4`")
    chosen = guess_format(text) if input_format is None else input_format
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if chosen == "inline":
        return [_graph(_inline_edges(lines), lines[0][0])]
    if chosen == "edges":
        rows = list(_listed_edges(lines))
        return [_graph(rows if input_format == "edges" else _without_heading(rows, say), lines[0][0])]
    if chosen == "sized-edges":
        return [_sized(list(_listed_edges(lines)), lines[0][0])]
    if chosen == "arcs":
        arcs = _inline_edges(lines) if guess_format(text) == "inline" else _listed_edges(lines)
        return [_graph(_both_ways(arcs), lines[0][0])]
    if chosen == "graph6":
        return [_graph6(line.strip(), number) for number, line in lines]
    if chosen == "paper":
        return [_graph(_paper_edges(line.strip(), number), number) for number, line in lines]
    raise InputError(f"no input format is called {shown(chosen)}; there are {', '.join(INPUT_FORMATS)}")


def guess_format(text: str) -> str:
    """The format that a text is most likely in; never fails, reading it may.

    >>> [guess_format(text) for text in ("1-2 2-3", "1 2", "Bw", "[BOS]1-2[EOS]1,2[EOS]")]
    ['inline', 'edges', 'graph6', 'paper']
    """
    tokens = text.split()
    if tokens and tokens[0].startswith(_GRAPH6_HEADER):
        return "graph6"
    if tokens and tokens[0].startswith("[BOS]"):
        return "paper"
    if all(_PAIR.fullmatch(token) for token in tokens):
        return "inline"
    lines = [line for line in map(_content, text.splitlines()) if line.strip()]
    if any("-" in line for line in lines):  # no character of graph6, and of no label
        return "inline"
    if lines and all(len(line.split()) == 1 and "," not in line for line in lines):
        return "graph6"
    return "edges"


def inline_text(graph: Graph) -> str:
    """The graph in the inline format, with the user's labels.

    >>> inline_text(Graph(((1, 2), (3, 2)), ("b", "a", "c")))
    'b-a c-a'
    """
    return " ".join(_written(graph))


def paper_text(graph: Graph) -> str:
    """The graph as the paper's code writes it.

    >>> paper_text(Graph(((1, 2), (3, 2))))
    '[BOS]1-2,3-2[EOS]'
    """
    return f"[BOS]{','.join(_written(graph))}[EOS]"


def _written(graph: Graph) -> Iterator[str]:
    for u, v in graph.edges:
        yield f"{graph.labels[u - 1]}-{graph.labels[v - 1]}"


def _content(line: str) -> str:
    """The line without a comment, or without the attributes that networkx writes behind the labels."""
    with_attributes = _ATTRIBUTES.fullmatch(line)
    return with_attributes[1] if with_attributes else line.partition("#")[0]


def _inline_edges(lines: list[tuple[int, str]]) -> Iterator[Row]:
    count = 0
    for number, line in lines:
        for token in line.split():
            count += 1
            yield (number, count), _ends(token, (number, count))


def _listed_edges(lines: list[tuple[int, str]]) -> Iterator[Row]:
    count = 0
    for number, line in lines:
        content = _content(line).strip()
        if content:
            count += 1
            # A comma, with or without space around it, is one separator; two commas have nothing between.
            yield (number, count), re.split(r"\s*,\s*|\s+", content)


def _without_heading(rows: list[Row], say: Callable[[str], object]) -> list[Row]:
    """The rows without one that names the columns; refused if the first may be the numbers of nodes and edges."""
    ((line, _), first), rest = (rows or [((0, 0), [])])[0], rows[1:]
    labels = {label for _, ends in rest for label in ends}
    if len(first) != 2 or not rest:
        return rows
    written = shown(" ".join(first))
    if not labels & set(first) and {label.lower() for label in first} <= _COLUMN_NAMES:
        say(f"line {line}, {written}, is read as the names of the columns (--input-format edges reads it as an edge)")
        return rest
    numbers = all(map(_is_number, labels))
    if numbers and not any(map(_is_number, first)):
        raise InputError(
            f"line {line} is {written}, and all other labels are numbers: if it names columns, leave it out; "
            "--input-format edges reads it as an edge"
        )
    # Where sizes are written, nodes are numbered from 1 or 0; with other numbers, an edge has a node of its own.
    counted = {*map(str, range(1, len(labels)))} <= labels <= {*map(str, range(len(labels) + 1))}
    if numbers and first == [str(len(labels)), str(len(rest))] and (counted or not labels & set(first)):
        raise InputError(
            f"line {line} is {written}, and what follows has {first[0]} nodes and {first[1]} edges: "
            "--input-format sized-edges reads it as these numbers, --input-format edges as an edge"
        )
    return rows


def _is_number(label: str) -> bool:
    return label.isascii() and label.isdecimal()


def _sized(rows: list[Row], first_line: int) -> Graph:
    """The graph whose numbers of nodes and edges stand in the first row."""
    ((line, _), first), rest = (rows or [((first_line, 0), [])])[0], rows[1:]
    if len(first) != 2 or not all(map(_is_number, first)):
        raise InputError(f"line {line} is {shown(' '.join(first))}: expected the numbers of nodes and edges")
    graph = _graph(rest, first_line)
    if first != [str(graph.number_of_nodes), str(len(graph.edges))]:
        raise InputError(
            f"line {line} announces {first[0]} nodes and {first[1]} edges, but there are {graph.number_of_nodes} and "
            f"{len(graph.edges)} (a node without an edge cannot be written)"
        )
    return graph


def _both_ways(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows without those that say an edge again in the other direction."""
    seen: set[tuple[str, ...]] = set()
    for place, ends in rows:
        if tuple(ends) in seen or tuple(reversed(ends)) not in seen:
            yield place, ends
        seen.add(tuple(ends))


def _paper_edges(line: str, number: int) -> Iterator[Row]:
    body, end, _ = line.removeprefix("[BOS]").partition("[EOS]")
    if not line.startswith("[BOS]") or not end:
        raise InputError(f"line {number} is {shown(line)}: expected `[BOS]u-v,u-v[EOS]`")
    for count, token in enumerate(body.split(","), 1):
        yield (number, count), _ends(token, (number, count))


def _ends(token: str, place: Place) -> list[str]:
    ends = token.split("-")
    if len(ends) != 2:
        raise InputError(f"{_at(place)} is {shown(token)}: expected two labels joined by `-`, such as `1-2`")
    return ends


def _at(place: Place) -> str:
    return f"line {place[0]}, edge {place[1]}"


def _graph(edges: Iterable[Row], first_line: int) -> Graph:
    """The graph with these edges; every fault is reported with its place."""
    pairs: dict[tuple[str, str], Place] = {}
    for place, ends in edges:
        if len(ends) != 2:
            raise InputError(f"{_at(place)} has {len(ends)} labels, {shown(' '.join(ends))}: expected two")
        u, v = ends
        for label in ends:
            fault = label_fault(label)
            if fault is not None:
                raise InputError(f"{_at(place)}: {fault}")
        if u == v:
            raise InputError(f"{_at(place)} joins {shown(u)} to itself: expected a simple graph")
        earlier = pairs.get((u, v)) or pairs.get((v, u))
        if earlier is not None:
            merged = "" if (u, v) in pairs else " (--input-format arcs merges the two directions)"
            raise InputError(
                f"{_at(place)} joins {shown(u)} and {shown(v)} like {_at(earlier)}: expected each edge once{merged}"
            )
        pairs[u, v] = place
    if not pairs:
        raise InputError(f"line {first_line}: a graph without edges, expected at least one")
    return graph_of(pairs)


def _graph6(line: str, number: int) -> Graph:
    data = line.removeprefix(_GRAPH6_HEADER)
    if not data:
        raise InputError(f"line {number} holds the header of graph6 and no graph")
    foreign = next((c for c in data if not 63 <= ord(c) <= 126), None)
    if foreign is not None:
        raise InputError(
            f"line {number} holds {foreign!r}: the characters of graph6 are those from '?' to '~' "
            "(sparse6 and digraph6 are not read)"
        )
    n, offset = _graph6_nodes(data, number)
    if n > MAXIMAL_GRAPH6_NODES:
        raise ResourceError(
            f"line {number} announces a graph6 graph of {n} nodes: at most {MAXIMAL_GRAPH6_NODES} are read"
        )
    length = (n * (n - 1) // 2 + 5) // 6
    if len(data) - offset != length:
        raise InputError(
            f"line {number} announces a graph6 graph of {n} nodes and has {len(data) - offset} characters for "
            f"its edges, expected {length}"
        )
    edges = sum((ord(c) - 63).bit_count() for c in data[offset:])
    if edges > MAXIMAL_GRAPH6_EDGES:
        raise ResourceError(
            f"line {number} holds a graph6 graph of {edges} edges: at most {MAXIMAL_GRAPH6_EDGES} are read"
        )
    import networkx  # takes a while to load, and only graph6 needs it

    graph = networkx.from_graph6_bytes(data.encode("ascii"))
    if n == 1:
        raise InputError(
            f"line {number}: the graph of one node is a tree, but it is excluded: graphs are given by their edges, and "
            "it has none"
        )
    if n == 0 or not graph.number_of_edges():
        raise InputError(f"line {number}: a graph of {n} nodes without edges, expected at least one edge")
    isolated = next(iter(networkx.isolates(graph)), None)
    if isolated is not None:
        raise InputError(f"line {number}: node {isolated} is isolated, expected every node to have an edge")
    return graph_of(graph.edges)


def _graph6_nodes(data: str, number: int) -> tuple[int, int]:
    """The announced number of nodes, and how many characters announce it.

    One character below '~'; or '~' and three characters; or '~~' and six; each has six bits.
    """
    marks = 2 if data.startswith("~~") else 1 if data.startswith("~") else 0
    length = {0: 1, 1: 3, 2: 6}[marks]
    digits = data[marks : marks + length]
    if len(digits) < length:
        raise InputError(f"line {number} ends within the number of nodes of a graph6 graph")
    n = 0
    for digit in digits:
        n = n * 64 + ord(digit) - 63
    return n, marks + length
