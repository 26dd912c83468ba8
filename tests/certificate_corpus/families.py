"""Prefixes and inputs that a certificate speaks of, listed by brute force."""

import itertools
from typing import Any

import networkx as nx

from constructions import tasks
from constructions.tasks import IsTree, Retrieval, graph_of

Json = dict[str, Any]


def prefixes_of(certificate: Json) -> list[tuple[int, ...]]:
    """A list as it is; else those of the family, whose name stands beside it where prefixes are only counted."""
    n, k, described = certificate["n"], certificate["alphabet"], certificate["prefixes"]
    letters = range(1, k + 1)
    if isinstance(described, list):
        return [tuple(prefix) for prefix in described]
    family = described["family"] if isinstance(described, dict) else certificate["family"]
    if family == "row":
        rows = (enumerate(word, 1) for word in itertools.product(letters, repeat=n))
        return [tuple(number for x, label in row for number in (x, 1, label)) for row in rows]
    if family == "partitions":
        nodes = n if certificate["convention"] == "total" else n - 1
        merged: dict[frozenset[frozenset[int]], tuple[int, ...]] = {}
        forests = (
            edges
            for size in range(nodes)
            for edges in itertools.combinations(itertools.combinations(range(1, nodes + 1), 2), size)
        )
        for edges in forests:
            graph = nx.Graph(list(edges))
            graph.add_nodes_from(range(1, nodes + 1))
            parts = frozenset(map(frozenset, nx.connected_components(graph)))
            if nx.is_forest(graph) and (nodes == n or min(map(len, parts)) > 1):
                merged[parts] = tuple(node for edge in edges for node in edge)
        return [*merged.values(), *([(1, 2, 2, 1)] if nodes == n else [])]
    words = itertools.product(letters, repeat=n)
    return {
        "words": lambda: list(words),
        "permutations": lambda: [word for word in words if len(set(word)) == n == k],
        "rotations": lambda: [word for word in words if len(set(word)) == n == k and word[0] == 1],
        "multisets": lambda: [word for word in words if list(word) == sorted(word)],
        "assignments": lambda: [w for w in words if w[::2] == tuple(range(1, n // 2 + 1)) and min(w[1::2]) > n // 2],
    }[family]()


def instances(certificate: Json) -> list[tuple[list[str], str, list[str]]]:
    """Prompt, answer and reference transcript of each input."""
    n, k, around = certificate["n"], certificate["alphabet"], certificate["prompt"]
    found = []
    if certificate["task"] == "istree":
        task = IsTree()
        if certificate["family"] == "edge-lists":
            graphs = [list(instance.edges) for instance in task.enumerate(n)]
        else:
            pairs = list(itertools.combinations(range(1, n + 1), 2))
            masks = ([pair for i, pair in enumerate(pairs) if mask >> i & 1] for mask in range(2 ** len(pairs)))
            graphs = [edges for edges in masks if len({node for edge in edges for node in edge}) == n]
        for edges in graphs:
            middle = [token for u, v in edges for token in (str(u), around["edge"], str(v))]
            graph = graph_of(edges)
            prompt = [around["start"], *middle, around["separator"]]
            found.append((prompt, task.answer(graph), graph.labelled(task.transcript(graph))))
        return found
    retrieval = tasks.retrieval_task(certificate["task"], certificate.get("c", 3))
    for instance in retrieval.enumerate(n, k):
        if certificate["family"] == "permutations" and sorted(instance.sequence) != list(range(1, n + 1)):
            continue
        prompt = [around["start"], *map(str, instance.sequence), around["separator"], *map(str, instance.query)]
        found.append((prompt, retrieval.answer(Retrieval(instance.sequence, instance.query)), []))
    return found
