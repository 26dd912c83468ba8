"""Graphs as lists of edges: labels in rows, each with its place, put together into a graph.

What two readers could understand differently is refused with the names of both readings.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from constructions.errors import InputError, ResourceError, counted, shown
from constructions.tasks._graph import Graph, graph_of, label_fault

MAXIMAL_EDGES = 2**21
"""The most edges that are read."""

Place = tuple[int, int]
"""Line and edge, both counted from 1; the edge alone where lines have no meaning, with line 0."""

Row = tuple[Place, list[str]]
"""What stands in a line, and where."""

Lines = list[tuple[int, str]]
"""The lines of a text with their numbers, from 1."""


@dataclass(frozen=True)
class Wishes:
    """How a user wants a text to be read.

    Attributes:
        chosen: whether the user named the format.
        merge_duplicates: read a repeated edge once, and do not refuse it.
        skip_isolated: leave out nodes without an edge, and do not refuse them.
        say: is called with what was decided or left out.
    """

    chosen: bool = False
    merge_duplicates: bool = False
    skip_isolated: bool = False
    say: Callable[[str], object] = lambda _: None


class Sketch(NamedTuple):
    """What a reader found: edges with their places, and nodes that were named, with or without an edge."""

    line: int
    rows: Iterable[Row]
    nodes: Iterable[str] = ()


_COMMENT = re.compile(r"\s*(%|//)")
_COMMENT_OF_TABLE = re.compile(r"(#|%|//)")
_ATTRIBUTES = re.compile(r"([^#{]*)\s\{.*\}\s*")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_FLOAT = re.compile(r"([0-9]+)\.0+", re.ASCII)
_NAME = (
    r"source|src|target|dst|from|to|start|end|head|tail|parent|child|node|vertex|edge|neighbou?r|id|label|name|user|"
)
_NAME += r"item|key|value|subject|object|predicate|caller|callee|employee|manager|column|weight|type"
_HEADING = re.compile(rf"(?:(?:{_NAME})[_ .]?)+[0-9ab]?", re.IGNORECASE)
"""A word that names a column more often than a node."""
_PAIRS = (
    *(("source", "target"), ("src", "dst"), ("from", "to"), ("u", "v"), ("head", "tail"), ("tail", "head")),
    *(("start", "end"), ("fromnodeid", "tonodeid")),
    *((f"{w}{mark}1", f"{w}{mark}2") for w in ("node", "vertex", "id") for mark in ("", "_", " ")),
)


def graph_from(sketch: Sketch, wishes: Wishes) -> Graph:
    """The graph of a sketch; every fault is reported with its place."""
    pairs: dict[tuple[str, str], Place] = {}
    merged = 0
    for place, ends in sketch.rows:
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
        if earlier is None:
            pairs[u, v] = place
        elif wishes.merge_duplicates:
            merged += 1
        else:
            raise InputError(
                f"{_at(place)} joins {shown(u)} and {shown(v)} like {_at(earlier)}: expected each edge once; "
                "--merge-duplicates reads such edges as one"
            )
        if len(pairs) > MAXIMAL_EDGES:
            raise ResourceError(f"{_at(place)}: at most {MAXIMAL_EDGES:,} edges are read")
    joined = {label for pair in pairs for label in pair}
    isolated = [node for node in dict.fromkeys(sketch.nodes) if node not in joined]
    return _complete(sketch.line, pairs, merged, isolated, wishes)


def _complete(
    line: int, pairs: dict[tuple[str, str], Place], merged: int, isolated: list[str], wishes: Wishes
) -> Graph:
    where = f"line {line}"
    if not pairs and len(isolated) == 1:
        raise InputError(
            f"{where}: the graph of one node is a tree, but it is excluded: graphs are given by their edges, and "
            "it has none"
        )
    if not pairs:
        nodes = f"a graph of {len(isolated):,} nodes" if isolated else "a graph"
        raise InputError(f"{where}: {nodes} without edges, expected at least one edge")
    if isolated and not wishes.skip_isolated:
        raise InputError(
            f"{where}: node {isolated[0][:40]} is isolated, expected every node to have an edge; "
            "--skip-isolated leaves such nodes out"
        )
    if merged:
        wishes.say(f"{where}: {counted(merged, 'repeated edge')} {_be(merged)} merged")
    if isolated:
        wishes.say(f"{where}: {counted(len(isolated), 'isolated node')} {_be(len(isolated))} left out")
    return graph_of(pairs)


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _at(place: Place) -> str:
    return f"line {place[0]}, edge {place[1]}" if place[0] else f"edge {place[1]}"


def content(line: str) -> str:
    """The line without a comment, or without the attributes that networkx writes behind the labels."""
    if "%" in line or "//" in line:
        if _COMMENT.match(line):
            return ""
    elif "#" not in line and "{" not in line:
        return line
    with_attributes = _ATTRIBUTES.fullmatch(line)
    return with_attributes[1] if with_attributes else line.partition("#")[0]


def words(line: str) -> list[str]:
    """The labels of a line, apart by white space or a comma.

    A comma, with or without space around it, is one separator; two commas have nothing between.
    """
    stripped = content(line).strip()
    return re.split(r"\s*,\s*|\s+", stripped) if "," in stripped else stripped.split()


def delimiter(line: str) -> str | None:
    """What separates the fields of a line of CSV or TSV, if it is one."""
    return next((sign for sign in "\t;," if sign in line), None)


def inline(lines: Lines, _: Wishes) -> Sketch:
    """``1-2 2-3``: edges apart by white space."""
    tokens = ((number, token) for number, line in lines for token in line.split())
    return Sketch(lines[0][0], (((n, k), _ends(token, (n, k))) for k, (n, token) in enumerate(tokens, 1)))


def paper(lines: Lines, _: Wishes) -> Sketch:
    """``[BOS]u-v,u-v[EOS]``, one line; what follows is not read."""
    ((number, line),) = lines
    body, end, _rest = line.strip().removeprefix("[BOS]").partition("[EOS]")
    if not line.strip().startswith("[BOS]") or not end:
        raise InputError(f"line {number} is {shown(line.strip())}: expected `[BOS]u-v,u-v[EOS]`")
    tokens = enumerate(body.split(","), 1)
    return Sketch(number, (((number, count), _ends(token, (number, count))) for count, token in tokens))


def _ends(token: str, place: Place) -> list[str]:
    ends = token.split("-")
    if len(ends) != 2:
        raise InputError(f"{_at(place)} is {shown(token)}: expected two labels joined by `-`, such as `1-2`")
    return ends


def edges(lines: Lines, wishes: Wishes) -> Sketch:
    """A line an edge: two labels, and columns that are not read."""
    rows = list(_numbered((number, words(line)) for number, line in lines))
    _say_comments(lines, wishes)
    if wishes.chosen:
        return Sketch(lines[0][0], _two_columns(rows, wishes))
    attributes = any(_ATTRIBUTES.fullmatch(line) for _, line in lines)  # which sizes do not have
    return Sketch(lines[0][0], _below_heading(rows, wishes, sizes=not attributes))


def table(lines: Lines, wishes: Wishes) -> Sketch:
    """Comma, semicolon or tab separated values, with quotes, with or without the names of the columns."""
    plain = [(number, line) for number, line in lines if line.strip() and not _COMMENT_OF_TABLE.match(line)]
    _say_comments(lines, wishes, _COMMENT_OF_TABLE)
    between = delimiter(plain[0][1]) if plain else None
    rows = []
    for number, line in plain:
        try:
            fields = (
                next(csv.reader([line], delimiter=between, skipinitialspace=True, strict=True))
                if between
                else words(line)
            )
        except csv.Error as error:
            raise InputError(f"line {number}: {error}") from None
        rows.append((number, [field.strip() for field in fields]))
    return Sketch(lines[0][0], _below_heading(list(_numbered(rows)), wishes))


def adjacency(lines: Lines, wishes: Wishes) -> Sketch:
    """A line a node: its label, then those of its neighbours, as ``networkx.write_adjlist`` writes them."""
    _say_comments(lines, wishes)
    found = list(_numbered((number, words(line)) for number, line in lines))
    if len(found) > 1 and not wishes.chosen:
        ((line, _), first), rest = found[0], found[1:]
        pairs = [(place, [node, other]) for place, (node, *others) in rest for other in others]
        sizes = first == [str(len(rest)), str(len(pairs))] or first == [str(len(rest)), str(len(pairs) // 2)]
        if sizes:
            raise InputError(
                f"line {line} is {shown(' '.join(first))}: if these are the numbers of nodes and edges, leave it out"
            )
        _refuse_heading(line, shown(" ".join(first)), first, rest)
    nodes = [label for _, labels in found for label in labels]
    fault = next(filter(None, map(label_fault, nodes)), None)
    if fault is not None:
        raise InputError(fault)
    edges = ((number, [node, other]) for (number, _), (node, *others) in found for other in others)
    return Sketch(lines[0][0], _numbered(edges), nodes)


def sized(lines: Lines, wishes: Wishes) -> Sketch:
    """A line with the numbers of nodes and edges, then a line an edge."""
    rows = list(_numbered((number, words(line)) for number, line in lines))
    ((line, _), first), rest = (rows or [((lines[0][0], 0), [])])[0], rows[1:]
    if len(first) != 2 or not all(map(is_number, first)):
        raise InputError(f"line {line} is {shown(' '.join(first))}: expected the numbers of nodes and edges")
    graph = graph_from(Sketch(lines[0][0], rest), Wishes())
    if first != [str(graph.number_of_nodes), str(len(graph.edges))]:
        raise InputError(
            f"line {line} announces {first[0]} nodes and {first[1]} edges, but there are {graph.number_of_nodes} and "
            f"{len(graph.edges)} (a node without an edge cannot be written)"
        )
    _say_comments(lines, wishes)
    return Sketch(lines[0][0], rest)


def _numbered(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    """The rows that are not empty, with their places."""
    count = 0
    for number, labels in rows:
        if labels:
            count += 1
            yield (number, count), labels


def _say_comments(lines: Lines, wishes: Wishes, comment: re.Pattern[str] = _COMMENT) -> None:
    """An edge can begin so as well, which a comment would hide."""
    marked = [(number, found[1]) for number, line in lines if (found := comment.match(line))]
    if marked:
        (number, mark), more = marked[0], f" and {len(marked) - 1:,} more" if len(marked) > 1 else ""
        wishes.say(f"line {number}{more} begin{'' if more else 's'} with {mark!r}, and is read as a comment")


def named_columns(rows: list[list[str]]) -> tuple[int, int] | None:
    """Which columns hold the ends of edges, by the names in a first row; None if that may be an edge."""
    first = [name.lower() for name in rows[0]] if len(rows) > 1 else []
    found = next((pair for pair in _PAIRS if pair[0] in first and pair[1] in first), None)
    if found is None:
        return None
    columns = first.index(found[0]), first.index(found[1])
    labels = {row[k] for row in rows[1:] for k in columns if k < len(row)}
    return None if labels & {rows[0][k] for k in columns} else columns


def _below_heading(rows: list[Row], wishes: Wishes, sizes: bool = True) -> list[Row]:
    """The two columns of the rows without one that names them.

    Refused if the first row is a word above numbers, or may be the ``sizes``, the numbers of nodes and edges.
    """
    ((line, _), first), rest = (rows or [((0, 0), [])])[0], rows[1:]
    written = shown(" ".join(first))
    columns = named_columns([labels for _, labels in rows]) if rows else None
    if columns is not None:
        read = "" if len(first) == 2 else f": {shown(first[columns[0]])} and {shown(first[columns[1]])} are read"
        wishes.say(
            f"line {line}, {written}, is read as the names of the columns{read} (--input-format edges: as an edge)"
        )
        named = _by_name(list(_numbered((number, labels) for (number, _), labels in rest)), columns)
        _refuse_two_spellings(named)
        return named
    if len(first) >= 2 and rest:
        _refuse_heading(line, written, first[:2], rest, sizes=sizes and len(first) == 2)
    _refuse_two_spellings(rows)
    return _two_columns(rows, wishes)


def _refuse_two_spellings(rows: list[Row]) -> None:
    """Refuse the labels 2 and 2.0 in one text: programs that keep tables write a column with gaps as floats."""
    labels = {label for _, row in rows for label in row[:2]}
    for place, row in rows:
        for label in row[:2]:
            if (found := _FLOAT.fullmatch(label)) and found[1] in labels:
                raise InputError(
                    f"{_at(place)} has the label {shown(label)}, and {shown(found[1])} stands elsewhere: expected one "
                    "spelling of a number; --input-format edges reads two nodes"
                )


def _refuse_heading(line: int, written: str, first: list[str], rest: list[Row], sizes: bool = True) -> None:
    """Refuse a first row of names of columns, of words above numbers, or of the numbers of nodes and edges."""
    labels = {label for _, ends in rest for label in ends[:2]}
    numbers = all(map(is_number, labels))
    way_out = "if it names columns, leave it out; --input-format edges reads it as an edge"
    if numbers and not any(map(is_number, first)):
        raise InputError(f"line {line} is {written}, and all other labels are numbers: {way_out}")
    if not labels & set(first) and all(map(_HEADING.fullmatch, first)):
        raise InputError(f"line {line} is {written}, and no other line has these labels: {way_out}")
    if not sizes:
        return
    # Where sizes are written, nodes are numbered from 1 or 0; with other numbers, an edge has a node of its own.
    counted = {*map(str, range(1, len(labels)))} <= labels <= {*map(str, range(len(labels) + 1))}
    if numbers and first == [str(len(labels)), str(len(rest))] and (counted or not labels & set(first)):
        raise InputError(
            f"line {line} is {written}, and what follows has {first[0]} nodes and {first[1]} edges: "
            "--input-format sized-edges reads it as these numbers, --input-format edges as an edge"
        )
    if numbers and first[1:] == [str(len(rest))] and is_number(first[0]) and len(first[0]) < 10:
        nodes = int(first[0])
        if nodes > len(labels) and max(map(int, labels)) - ("0" not in labels) < nodes:
            raise InputError(
                f"line {line} is {written}, and what follows has {first[1]} edges: if {first[0]} is the number of "
                "nodes, some are isolated; --input-format edges reads the line as an edge"
            )


def is_number(label: str) -> bool:
    """Whether a label is a plain number, which may count something."""
    return label.isascii() and label.isdecimal()


def _by_name(rows: list[Row], columns: tuple[int, int]) -> list[Row]:
    for place, labels in rows:
        if len(labels) <= max(columns):
            raise InputError(f"{_at(place)} has {len(labels)} columns, expected at least {max(columns) + 1}")
    return [(place, [labels[k] for k in columns]) for place, labels in rows]


def _two_columns(rows: list[Row], wishes: Wishes) -> list[Row]:
    """The rows with their first two columns alone, which is said.

    What stands behind could as well be neighbours, so unless the user chose the format the columns must be as many
    in each row, and hold numbers, not all of the kind that nodes have here.
    """
    place, longest = next((row for row in rows if len(row[1]) > 2), ((0, 0), []))
    if not longest:
        return rows
    extra = {label for _, row in rows for label in row[2:]}
    if any(sign in label for label in extra for sign in "{}"):
        raise InputError(f"{_at(place)} is {shown(' '.join(longest))}: expected attributes in braces behind two labels")
    weights = all(map(_NUMBER.fullmatch, extra)) and (
        not all(map(is_number, extra)) or not any(is_number(label) for _, row in rows for label in row[:2])
    )
    if not wishes.chosen and (len({len(row) for _, row in rows}) > 1 or not weights):
        raise InputError(
            f"{_at(place)} has {len(longest)} labels, {shown(' '.join(longest))}: expected two "
            "(--input-format edges reads the first two of each line, adjlist reads a node and its neighbours)"
        )
    wishes.say(f"{_at(place)} has {len(longest)} columns: the first two of each line are read")
    return [(place, labels[:2]) for place, labels in rows]
