"""Graphs as text: one table of the formats that are read, and the way in.

=========== ============================================================ ==============
format      an instance                                                  graphs a text
=========== ============================================================ ==============
inline      ``1-2 2-3 3-4``, any white space between edges               one
edges       a line an edge, two labels apart by white space or a comma;  one
            ``#``, ``%`` and ``//`` begin comments; attributes in braces
            and further columns, as ``networkx.write_edgelist`` writes
            them, are not read
sized-edges the same after a line with the numbers of nodes and edges    one
csv         comma, semicolon or tab separated, with or without names of  one
            the columns
adjlist     a line a node and its neighbours, as                         one
            ``networkx.write_adjlist`` writes them
graph6      a line a graph, after ``>>graph6<<`` or without; nodes are   one a line
            called 0 .. n - 1
sparse6     the same; a graph begins with ``:``                          one a line
graphml     XML with one graph                                           one
gml         ``graph [ node [ id 1 ] ... edge [ source 1 target 2 ] ]``   one
pajek       ``*Vertices n``, then ``*Edges`` or ``*Arcs``                one
paper       ``[BOS]u-v,u-v[EOS]``; what follows is not read (there,      one a line
            https://github.com/dangxingyu/rnn-icrag writes its own tour)
=========== ============================================================ ==============

Lists of labels are read here, since every fault is told with its line; all other formats are read by networkx. Where
no format is given, column names such as ``source,target`` are left out, and what has two readings is refused: it is
for the user to say which, since the answers differ. Formats that are not read are refused by their names, with a line
of Python that converts them (``_graph_elsewhere``).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from constructions.errors import InputError, ResourceError, unknown
from constructions.tasks import _graph_networkx as by_networkx
from constructions.tasks import _graph_rows as rows
from constructions.tasks._graph import Graph
from constructions.tasks._graph_elsewhere import ELSEWHERE
from constructions.tasks._graph_rows import Lines, Sketch, Wishes, content, graph_from

MAXIMAL_TEXT = 2**26
"""The most characters that are read at once."""

_PAIR = re.compile(r"[^\s,~()\[\]{}<>-]+-[^\s,~()\[\]{}<>-]+")


class Format(NamedTuple):
    """A format that is read.

    Attributes:
        recognised: says of a text, without white space around it, and of its lines that are neither empty nor comments,
            whether it is most likely in this format.
        read: what finds the edges; for a format with a graph a line it gets one line at a time.
        many: whether a text may hold many graphs, a line each.
    """

    recognised: Callable[[str, list[str]], bool]
    read: Callable[[Lines, Wishes], Sketch]
    many: bool = False


def _begins(*beginnings: str) -> Callable[[str, list[str]], bool]:
    return lambda text, _: text.lower().startswith(beginnings)


def _is_inline(_: str, lines: list[str]) -> bool:
    return any("-" in line for line in lines)  # no character of graph6, and of no label


def _one_word_a_line(_: str, lines: list[str]) -> bool:
    return bool(lines) and all(len(line.split()) == 1 and "," not in line for line in lines)


def _is_csv(_: str, lines: list[str]) -> bool:
    between = rows.delimiter(lines[0]) if lines else None
    if between is None or not all(between in line for line in lines):
        return False
    fields = [[field.strip().strip('"') for field in line.split(between)] for line in lines]
    quoted, wide = any('"' in line for line in lines), len(fields[0]) > 2 and "{" not in lines[0]
    return between == ";" or quoted or wide or rows.named_columns(fields) is not None


def _is_adjacency(text: str, lines: list[str]) -> bool:
    if any(sign in text for sign in "{,;\t"):
        return False
    made = text.startswith("#") and "\n# GMT " in text[:400]
    labels = [len(rows.words(line)) for line in lines]
    return 1 in labels or (made and bool(labels) and max(labels) > 2)


FORMATS: dict[str, Format] = {
    "graphml": Format(_begins("<"), by_networkx.graphml),
    "gml": Format(lambda text, _: bool(re.search(r"(?m)^\s*graph\s*\[", text)), by_networkx.gml),
    "pajek": Format(
        lambda text, _: bool(re.match(r"(?:%.*\n\s*)*\*(?:network|vertices)\b", text, re.I)), by_networkx.pajek
    ),
    "sparse6": Format(_begins(by_networkx.SPARSE6_HEADER, ":"), by_networkx.sparse6, many=True),
    "paper": Format(lambda text, _: text.startswith("[BOS]"), rows.paper, many=True),
    "csv": Format(_is_csv, rows.table),
    "graph6": Format(
        lambda text, lines: (
            text.startswith(by_networkx.GRAPH6_HEADER)
            or (not _is_inline(text, lines) and _one_word_a_line(text, lines))
        ),
        by_networkx.graph6,
        many=True,
    ),
    "inline": Format(_is_inline, rows.inline),
    "adjlist": Format(_is_adjacency, rows.adjacency),
    "sized-edges": Format(lambda _text, _lines: False, rows.sized),
    "edges": Format(lambda _text, _lines: True, rows.edges),
}
"""By name, in the order in which they are tried."""

INPUT_FORMATS = (
    "inline",
    "edges",
    "sized-edges",
    "csv",
    "adjlist",
    "graph6",
    "sparse6",
    "graphml",
    "gml",
    "pajek",
    "paper",
)
"""The formats that :func:`read_graphs` knows."""


def read_graphs(
    text: str,
    input_format: str | None = None,
    say: Callable[[str], object] = lambda _: None,
    *,
    merge_duplicates: bool = False,
    skip_isolated: bool = False,
) -> list[Graph]:
    """The graphs that ``text`` describes, at least one; without a format it is guessed.

    Args:
        text: at most ``MAXIMAL_TEXT`` characters. Labels may be any printable characters other than space, comma,
            ``-``, ``~`` and brackets.
        input_format: one of ``INPUT_FORMATS``.
        say: called with what was decided about a line that is no edge, or left out.
        merge_duplicates: read an edge that stands twice, in either direction, as one.
        skip_isolated: leave out nodes without an edge.

    Raises:
        InputError: for an empty text, a malformed line, a self-loop, an edge that occurs twice in either
            orientation, or an isolated node, naming line and edge; for a format that is not read, with its name.
        ResourceError: if the text, or the size that a line announces, is beyond what is read.

    >>> [graph.edges for graph in read_graphs("b-a c-a")]
    [((1, 2), (3, 2))]
    >>> read_graphs("1 2  # an edge list\\n3,2") == read_graphs("1-2 3-2") == read_graphs("[BOS]1-2,3-2[EOS]")
    True
    """
    wishes = Wishes(input_format is not None, merge_duplicates, skip_isolated, say)
    found = []
    for graph in read_each(text, input_format, wishes):
        if isinstance(graph, InputError):
            raise graph
        found.append(graph)
    return found


def read_each(text: str, input_format: str | None, wishes: Wishes) -> Iterator[Graph | InputError]:
    """The graphs that a text describes, or what is wrong with them, one by one.

    The ``wishes`` say what to do with repeated edges and isolated nodes.

    Raises:
        InputError: if the text as a whole cannot be read; see :func:`read_graphs`.
        ResourceError: if it is too long.
    """
    if len(text) > MAXIMAL_TEXT:
        raise ResourceError(f"a text of {len(text)} characters: at most {MAXIMAL_TEXT} are read")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError("empty input: expected a graph, such as `1-2 2-3 3-4`")
    name = guess_format(text) if input_format is None else input_format
    elsewhere = next((other for other in ELSEWHERE if other.name.lower() == name.lower()), None)
    if elsewhere is not None:
        line = f'; python -c "{elsewhere.python}" writes graph.txt, which is' if elsewhere.python else ""
        raise InputError(
            f"graphs in the format {elsewhere.name} are not read{line} (--input-format chooses another to read it as)"
        )
    if name not in FORMATS:
        raise unknown("input format", name, INPUT_FORMATS)
    form = FORMATS[name]
    lines = list(enumerate(text.splitlines(), 1))
    first = next(place for place, (_, line) in enumerate(lines) if line.strip())
    parts = [[numbered] for numbered in lines if numbered[1].strip()] if form.many else [lines[first:]]
    read_as = f"(read as {name}; --input-format chooses another)"
    speaking = replace(wishes, say=lambda said: wishes.say(f"{said} (read as {name})"))
    for part in parts:
        try:
            graph = graph_from(form.read(part, speaking), speaking)
        except InputError as error:
            yield type(error)(f"{error} {read_as}")
        else:
            yield graph


def guess_format(text: str) -> str:
    """The format that a text is most likely in, perhaps one that is not read; never fails, reading it may.

    >>> [guess_format(text) for text in ("1-2 2-3", "1 2", "Bw", "[BOS]1-2[EOS]1,2[EOS]", "graph { a -- b }")]
    ['inline', 'edges', 'graph6', 'paper', 'DOT']
    """
    text = text.removeprefix("\ufeff").strip()
    if all(map(_PAIR.fullmatch, text.split())):
        return "inline"
    written = [line for line in text.splitlines() if line.strip()]
    if not text.startswith("[BOS]"):
        for other in ELSEWHERE:
            if other.recognised(text, written):
                return other.name
    lines = [line for line in map(content, written) if line.strip()]
    return next(name for name, form in FORMATS.items() if form.recognised(text, lines))


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
