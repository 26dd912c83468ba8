"""Reads graphs by networkx, after a check for what networkx would leave out in silence.

networkx joins nothing and loses nothing of what is checked here first: the number of edges that the text holds is
counted apart and must be the number that was read. Sizes are bounded before networkx is called, which takes about
half a kilobyte for an edge.
"""

import re
import shlex
from collections import Counter
from collections.abc import Callable
from typing import Any

from constructions._xml import walk_xml
from constructions.errors import InputError, ResourceError, shown
from constructions.tasks._graph import Graph, label_fault
from constructions.tasks._graph_rows import Lines, Sketch, Wishes, graph_from

MAXIMAL_NODES = 4096
"""The most nodes of a graph6 graph: its text grows with the square of their number."""

MAXIMAL_EDGES = 2**19
"""The most nodes and the most edges of what networkx reads."""

GRAPH6_HEADER, SPARSE6_HEADER = ">>graph6<<", ">>sparse6<<"

_DEEPEST = 16
_STRING = re.compile(r'"[^"]*+"?')


def sketch_of(graph: Any, line: int, count: int | None = None, labels: dict[Any, str] | None = None) -> Sketch:
    """The edges of a networkx graph in its order, with its nodes; labels are its own unless given."""
    names = {node: str(node) for node in graph} if labels is None else labels
    if len(set(names.values())) < len(names):
        raise InputError("two nodes have the same label: expected one for each, all different")
    rows = [((line and 0, k), [names[u], names[v]]) for k, (u, v) in enumerate(graph.edges(), 1)]
    if count is not None and count != len(rows):
        raise InputError(f"networkx reads {len(rows):,} edges of a text that holds {count:,}")
    return Sketch(line, rows, names.values())


def graph_from_networkx(graph: Any, merge_duplicates: bool = False, skip_isolated: bool = False) -> Graph:
    """The instance that a networkx graph is; directions are not read.

    ``merge_duplicates`` reads a repeated edge once, ``skip_isolated`` leaves out nodes without an edge.

    Raises:
        InputError: for a self-loop, a repeated edge, an isolated node, or a node whose name is no legal label.
    """
    return graph_from(sketch_of(graph, 1), Wishes(True, merge_duplicates, skip_isolated))


def graph6(lines: Lines, _: Wishes) -> Sketch:
    """Reads a line in graph6."""
    ((number, line),) = lines
    data = line.strip().removeprefix(GRAPH6_HEADER)
    n, offset = _announced(data, number, "graph6", MAXIMAL_NODES)
    length = (n * (n - 1) // 2 + 5) // 6
    if len(data) - offset != length:
        raise InputError(
            f"line {number} announces a graph6 graph of {n} nodes and has {len(data) - offset} characters for "
            f"its edges, expected {length}"
        )
    edges = sum((ord(c) - 63).bit_count() for c in data[offset:])
    if edges > MAXIMAL_EDGES:
        raise ResourceError(f"line {number} holds a graph6 graph of {edges} edges: at most {MAXIMAL_EDGES} are read")
    import networkx  # takes a while to load, and only some formats need it

    return sketch_of(networkx.from_graph6_bytes(data.encode("ascii")), number)


def sparse6(lines: Lines, _: Wishes) -> Sketch:
    """Reads a line in sparse6."""
    ((number, line),) = lines
    data = line.strip().removeprefix(SPARSE6_HEADER)
    if not data.startswith(":"):
        raise InputError(f"line {number} is {shown(data)}: a graph in sparse6 begins with `:`")
    n, _marks = _announced(data[1:], number, "sparse6", MAXIMAL_EDGES)
    most = max(
        2**12, 8 * len(data)
    )  # an edge takes two characters there: other nodes would be isolated, and take memory
    if n > most:
        raise ResourceError(
            f"line {number} announces a sparse6 graph of {n} nodes: at most {most} are read in so few signs"
        )
    if len(data) > MAXIMAL_EDGES:
        raise ResourceError(f"line {number} has {len(data):,} characters: at most {MAXIMAL_EDGES:,} are read")
    import networkx

    return sketch_of(_by_networkx(networkx.from_sparse6_bytes, data.encode("ascii"), number), number)


def _announced(data: str, number: int, form: str, most: int) -> tuple[int, int]:
    """The announced number of nodes, and how many characters announce it.

    One character below '~'; or '~' and three characters; or '~~' and six; each has six bits.
    """
    if not data:
        raise InputError(f"line {number} holds the header of {form} and no graph")
    foreign = next((c for c in data if not 63 <= ord(c) <= 126), None)
    if foreign is not None:
        raise InputError(f"line {number} holds {foreign!r}: the characters of {form} are those from '?' to '~'")
    marks = 2 if data.startswith("~~") else 1 if data.startswith("~") else 0
    length = {0: 1, 1: 3, 2: 6}[marks]
    digits = data[marks : marks + length]
    if len(digits) < length:
        raise InputError(f"line {number} ends within the number of nodes of a {form} graph")
    n = 0
    for digit in digits:
        n = n * 64 + ord(digit) - 63
    if n > most:
        raise ResourceError(f"line {number} announces a {form} graph of {n} nodes: at most {most} are read")
    return n, marks + length


def graphml(lines: Lines, wishes: Wishes) -> Sketch:
    """Reads a GraphML file with one graph."""
    text = "\n".join(line for _, line in lines).strip()
    found: Counter[str] = Counter()
    inside: list[str] = []

    def begin(name: str, _: dict[str, str], line: int) -> None:
        kind = name.rpartition(":")[2]
        found[kind] += 1
        if kind == "graph" and "graph" in inside:
            raise InputError(f"line {line}: a graph within a graph, expected one without")
        if kind in ("hyperedge", "port"):
            raise InputError(f"line {line}: the element {kind}, expected edges that join two nodes")
        inside.append(kind)

    walk_xml(text, begin, lambda _: inside.pop())
    if found["graphml"] != 1 or found["graph"] != 1:
        raise InputError(
            f"{found['graphml']} elements `graphml` and {found['graph']} elements `graph`, expected one of each"
        )
    import networkx

    return _whole(networkx.parse_graphml, text, found["node"], found["edge"], wishes)


def gml(lines: Lines, wishes: Wishes) -> Sketch:
    """Reads a GML file: nodes are called by their labels, or by their ids where labels are missing or no legal ones."""
    text = "\n".join(line for _, line in lines)
    bare = "\n".join(line for line in _STRING.sub('""', text).split("\n") if not line.lstrip().startswith("#"))
    depth = 0
    for sign in re.findall(r"[\[\]]", bare):
        depth += 1 if sign == "[" else -1
        if depth > _DEEPEST:
            raise InputError(f"nested more than {_DEEPEST} deep")
    counts = Counter(re.findall(r"(?<!\S)(graph|node|edge)\s*\[", bare))
    if counts["graph"] != 1:
        raise InputError(f"{counts['graph']} graphs, expected one")
    if any(len(digits) > 18 for digits in re.findall(r"[0-9]+", bare)):
        raise InputError("a number of more than 18 digits")
    import networkx

    def read(given: str) -> Any:
        return networkx.parse_gml(given, label="id")

    return _whole(read, text, counts["node"], counts["edge"], wishes)


def pajek(lines: Lines, wishes: Wishes) -> Sketch:
    """Reads a network of Pajek: vertices, then edges and arcs, a line each."""
    kept = [(number, line.strip()) for number, line in lines if line.strip() and not line.lstrip().startswith("%")]
    section, announced, edges = "", 0, 0
    numbers: set[str] = set()  # as they are written: networkx takes 02 for a vertex that is not 2
    for number, line in kept:
        if line.startswith("*"):
            section = line.split()[0].lower()
            if section not in ("*network", "*vertices", "*edges", "*arcs"):
                raise InputError(f"line {number} is {shown(line)}: expected *Vertices, *Edges or *Arcs")
            if section == "*vertices":
                fields = line.split()
                if announced or len(fields) != 2 or not fields[1].isdecimal() or len(fields[1]) > 9:
                    raise InputError(f"line {number} is {shown(line)}: expected one line `*Vertices n`")
                announced = int(fields[1])
        elif section == "*vertices":
            vertex = _quoted_words(line, number)
            if len(vertex) < 2 or vertex[0] in numbers:
                raise InputError(f"line {number} is {shown(line)}: expected the number and the label of a vertex")
            numbers.add(vertex[0])
        elif section in ("*edges", "*arcs"):
            edges += 1
            ends = _quoted_words(line, number)[:2]
            if len(ends) < 2 or (len(numbers) == announced and not numbers.issuperset(ends)):
                raise InputError(f"line {number} is {shown(line)}: expected the numbers of two vertices")
        else:
            raise InputError(f"line {number} is {shown(line)}: expected *Vertices first")
    if len(numbers) != announced:
        raise InputError(f"*Vertices announces {announced:,} vertices, and {len(numbers):,} lines follow")
    import networkx

    return _whole(networkx.parse_pajek, "\n".join(line for _, line in kept), announced, edges, wishes)


def _quoted_words(line: str, number: int) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise InputError(f"line {number}: {error}") from None


def _whole(read: Callable[[str], Any], text: str, nodes: int, edges: int, wishes: Wishes) -> Sketch:
    """What networkx reads of a text in which so many nodes and edges were counted."""
    if max(nodes, edges) > MAXIMAL_EDGES:
        raise ResourceError(f"{nodes:,} nodes and {edges:,} edges: at most {MAXIMAL_EDGES:,} of each are read")
    graph = _by_networkx(read, text, None)
    if graph.is_directed() and any(True for _ in graph.edges()):
        wishes.say("edges have directions, which are not read")
    given = {node: str(data.get("label", node)) for node, data in graph.nodes(data=True)}
    legal = len(set(given.values())) == len(given) and not any(map(label_fault, given.values()))
    if not legal:
        wishes.say("labels repeat or hold spaces or other signs that no label has: nodes are called by their ids")
        given = {node: str(data.get("id", node)) for node, data in graph.nodes(data=True)}
    return sketch_of(graph, 1, edges, given)


def _by_networkx(read: Callable[[Any], Any], data: Any, number: int | None) -> Any:
    """The graph, or what networkx says against it; its readers raise what the text happens to break."""
    try:
        return read(data)
    except MemoryError:
        raise
    except Exception as error:
        where = "" if number is None else f"line {number}: "
        raise InputError(
            f"{where}networkx cannot read it: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        ) from None
