"""Formats of graphs that are not read here: how they are recognised, and a line of Python that converts them.

The line reads a file called FILE and writes ``graph.txt``, with one edge on each line.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from constructions.tasks._graph_rows import is_number, words

_DASHES = "\u2010-\u2015\u2212"
_WRITTEN = "nx.write_edgelist({}, 'graph.txt', data=False)"


class Elsewhere(NamedTuple):
    """A format by name; ``python`` converts it, where that can be done in a line."""

    name: str
    recognised: Callable[[str, list[str]], bool]
    python: str


def _head(pattern: str) -> Callable[[str, list[str]], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text, _: compiled.match(text) is not None


def _dimacs(_: str, lines: list[str]) -> bool:
    kept = [line.split() for line in lines if line.split()[0] != "c"]
    return bool(kept) and kept[0][0] == "p" and len(kept[0]) >= 4 and is_number(kept[0][2])


def _newick(text: str, _: list[str]) -> bool:
    return text.endswith(";") and text.startswith("(") and text.count("(") == text.count(")")


def _tgf(_: str, lines: list[str]) -> bool:
    marks = [place for place, line in enumerate(lines) if line.strip() == "#"]
    return len(marks) == 1 and marks[0] > 0 and not any(line[0] == "#" or "-" in line for line in lines[: marks[0]])


def _is_short_number(word: str) -> bool:
    return is_number(word) and len(word) < 10


def _metis(_: str, lines: list[str]) -> bool:
    """Sizes, then for each vertex a line of its neighbours, each edge from both ends."""
    written = [line for line in lines if line[0] != "%"]
    first = words(written[0]) if len(written) >= 3 else []
    if not 2 <= len(first) <= 3 or not all(map(_is_short_number, first)):
        return False
    n, m, form = map(int, [*first, "0"][:3])
    if len(written) != n + 1 or form not in (0, 1, 10, 11):  # known before other lines are looked at
        return False
    rows = [words(line) for line in written]
    if not all(_is_short_number(w) for row in rows for w in row):
        return False
    joined = {(i, int(j)) for i, row in enumerate(rows[1:], 1) for j in row}
    if form:  # weights of edges, of vertices, or of both stand between the neighbours
        return sum(map(len, rows[1:])) == {1: 4 * m, 10: 2 * m + n, 11: 4 * m + n}[form]
    return len(joined) == 2 * m and all((j, i) in joined and i != j for i, j in joined)


def _matrix(_: str, lines: list[str]) -> bool:
    """As many columns as rows, of zeros and ones, the same when it is mirrored."""
    rows = [line.replace(",", " ").split() for line in lines]
    n = len(rows)
    if n < 3 or any(len(row) != n or not {*row} <= {"0", "1", "0.0", "1.0"} for row in rows):
        return False
    return all(rows[i][j] == rows[j][i] for i in range(n) for j in range(i))


ELSEWHERE = (
    Elsewhere(
        "Matrix Market",
        _head("%%MatrixMarket"),
        "import networkx as nx, scipy.io; " + _WRITTEN.format("nx.Graph(scipy.io.mmread('FILE'))"),
    ),
    Elsewhere(
        "DOT",
        _head(r"(?:(?://|#)[^\n]*\n\s*|/\*.*?\*/\s*)*(?:strict\s+)?(?:di)?graph\b[^\[\]\n]*\{"),
        "import networkx as nx; " + _WRITTEN.format("nx.nx_pydot.read_dot('FILE')"),
    ),
    Elsewhere(
        "DIMACS",
        _dimacs,
        "print(*(' '.join([w for w in l.split() if w not in 'ea'][:2]) for l in open('FILE') "
        "if l[:1] in 'ea123456789'), sep='\\n', file=open('graph.txt', 'w'))",
    ),
    Elsewhere(
        "GEXF", _head(r"(?:<\?xml.*?\?>\s*)?<gexf"), "import networkx as nx; " + _WRITTEN.format("nx.read_gexf('FILE')")
    ),
    Elsewhere(
        "JSON",
        lambda text, _: text.startswith("{") and '"nodes"' in text and '"adjacency"' not in text,
        "import json; d = json.load(open('FILE')); d = d.get('elements', d); print(*('%s %s' % "
        "(e['source'], e['target']) for e in (e.get('data', e) for e in d.get('links') or d['edges'])), sep='\\n', "
        "file=open('graph.txt', 'w'))",
    ),
    Elsewhere(
        "JSON of adjacency_data",
        lambda text, _: text.startswith("{") and '"adjacency"' in text,
        "import json, networkx as nx; " + _WRITTEN.format("nx.adjacency_graph(json.load(open('FILE')))"),
    ),
    Elsewhere("LEDA", _head(r"LEDA\.GRAPH"), "import networkx as nx; " + _WRITTEN.format("nx.read_leda('FILE')")),
    Elsewhere(
        "Newick",
        _newick,
        "import networkx as nx; from Bio import Phylo; "
        + _WRITTEN.format("nx.convert_node_labels_to_integers(Phylo.to_networkx(Phylo.read('FILE', 'newick')))"),
    ),
    Elsewhere(
        "JSON or Python lists",
        _head(r"""[{\[]\s*["'{\[(\]}]|\([^\s,()]+,\s*[^\s,()]+\)|\{[0-9]+\s*:"""),
        "import ast, networkx as nx; "
        + _WRITTEN.format("nx.Graph(ast.literal_eval(open('FILE').read().strip().replace(')\\n(', '),(')))"),
    ),
    Elsewhere(
        "TGF",
        _tgf,
        "print(*(' '.join(l.split()[:2]) for l in open('FILE').read().split('\\n#')[1].split('\\n')), sep='\\n', "
        "file=open('graph.txt', 'w'))",
    ),
    Elsewhere(
        "edges with long dashes",
        lambda text, _: all(map(re.compile(rf"[^\s{_DASHES}]+[{_DASHES}][^\s{_DASHES}]+").fullmatch, text.split())),
        f"import re; open('graph.txt', 'w').write(re.sub('[{_DASHES}]', '-', open('FILE').read()))",
    ),
    Elsewhere("digraph6", _head(r"(?:>>digraph6<<)?&[?-~]+(?:\s|$)"), ""),
    Elsewhere(
        "METIS",
        _metis,
        "print(*(f'{i} {j}' for i, l in enumerate([l for l in open('FILE') if l[0] != '%'][1:], 1) for j in l.split() "
        "if i < int(j)), sep='\\n', file=open('graph.txt', 'w'))",
    ),
    Elsewhere(
        "adjacency matrix",
        _matrix,
        "import networkx as nx, numpy; " + _WRITTEN.format("nx.from_numpy_array(numpy.loadtxt('FILE'))"),
    ),
)
"""What is refused by its name."""
