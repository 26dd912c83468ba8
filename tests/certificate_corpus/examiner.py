"""An examiner of certificates that shares no code with the kernel: brute force over the rest of the project."""

import hashlib
import itertools
from typing import Any

import networkx as nx

from constructions import tasks
from constructions.errors import RetrievalGapError
from constructions.wiring import Domain, Polynomial
from proofs_check.certificates import model_from_json
from tests.batched_runs import transcripts
from tests.certificate_corpus.examining_softmax import softmax_is_true
from tests.certificate_corpus.families import Json, instances, prefixes_of


def is_true(certificate: Json) -> bool:
    """Whether the claim of a certificate holds, by brute force over the rest of the project."""
    try:
        if certificate["kind"] == "fooling-set":
            return _fooling_set_is_true(certificate)
        if certificate["kind"] == "state-count":
            return _state_count_is_true(certificate)
        if certificate["kind"] == "contracts":
            return _contracts_are_true(certificate)
        if certificate["kind"] == "no-machine":
            return _no_machine_is_true(certificate)
        if certificate["kind"] == "precision" and not softmax_is_true(certificate):
            return False
        return _run_is_true(certificate)
    except RetrievalGapError:
        return False


def _rows(certificate: Json, prefixes: list[tuple[int, ...]]) -> list[dict[Any, str]] | None:
    """The answers to queries after each prefix, under *promise* to those that are legal; None if one is no prefix."""
    n, k, name, total = (certificate[key] for key in ("n", "alphabet", "task", "convention"))
    rows: list[dict[Any, str]] = []
    if name == "istree":
        subsets = [
            edges
            for size in range(n)
            for edges in itertools.combinations(itertools.combinations(range(1, n + 1), 2), size)
        ]
        for prefix in prefixes:
            edges = list(zip(prefix[::2], prefix[1::2], strict=True))
            row = {}
            for query in subsets:
                graph = nx.MultiGraph([*edges, *query])
                legal = len(graph) == n and not any(edge in query or edge[::-1] in query for edge in edges)
                graph.add_nodes_from(range(1, n + 1))
                if total == "total" or (legal and len(nx.Graph(graph).edges) == len(graph.edges)):
                    row[query] = "YES" if nx.is_tree(graph) else "NO"
            rows.append(row)
        return rows
    if name in FURTHER:
        return _further_rows(certificate, prefixes)
    task = tasks.retrieval_task(name, certificate.get("c", 3))
    asked = [tuple(query) for query in task.queries(n, k).tolist()]
    for prefix in prefixes:
        if len(prefix) != n or not set(prefix) <= set(range(1, k + 1)):
            return None
        answers = dict(zip(asked, task.answers(list(prefix), asked), strict=True))
        rows.append(answers if total == "total" else {q: a for q, a in answers.items() if a != "NONE"})
    return rows


FURTHER = {"bounded-dyck": 4, "copying": None, "disjointness": 2, "equality": 2, "mqar": None, "nearest-neighbour": 2}
"""Tasks of version 2, and their letters."""


def _further_rows(certificate: Json, prefixes: list[tuple[int, ...]]) -> list[dict[Any, str]] | None:
    """What the tasks of neighbours write; None if the question or a prefix is none."""
    n, k, name = (certificate[key] for key in ("n", "alphabet", "task"))
    points = name == "nearest-neighbour"
    if certificate["convention"] != "total" or FURTHER[name] not in (None, k):
        return None
    letters = range(1, k + 1)
    asked = {
        "bounded-dyck": itertools.chain(*(itertools.product(letters, repeat=length) for length in range(n + 1))),
        "copying": [()],
        "mqar": itertools.product(letters, repeat=3),
        "nearest-neighbour": itertools.product(range(1, n + 1), repeat=2),
    }
    queries, task, rows = list(asked.get(name, itertools.product(letters, repeat=n))), tasks.task(name), []
    for prefix in prefixes:
        numbers, labels = (prefix, prefix[2::3]) if points else ((), prefix)
        if len(prefix) != n * (3 if points else 1) or not {*labels} <= {*letters} or max((0, *numbers)) > n:
            return None
        rows.append({query: " ".join(task.written(task.of_numbers(prefix, query))) for query in queries})
    return rows


def _state_count_is_true(certificate: Json) -> bool:
    """So many different rows, where every query is legal after every prefix that may occur."""
    legal = certificate["convention"] == "total" or certificate["task"] in ("index", "counting")
    if not legal or certificate["family"] not in ("words", "permutations", "assignments", "row"):
        return False
    prefixes = prefixes_of(certificate)
    rows = _rows(certificate, prefixes)
    counts = None if rows is None else (len(prefixes), len({tuple(sorted(row.items())) for row in rows}))
    return counts == (certificate["prefixes"], certificate["states"]) and _fits(certificate["bits"], counts[1])


def _apart(one: dict[Any, str], other: dict[Any, str]) -> bool:
    return any(one[query] != other[query] for query in one.keys() & other.keys())


def _fits(bits: int, states: int) -> bool:
    return 2**bits >= states > 2 ** (bits - 1)


def _fooling_set_is_true(certificate: Json) -> bool:
    rows = _rows(certificate, prefixes_of(certificate))
    if rows is None or not all(_apart(a, b) for a, b in itertools.combinations(rows, 2)):
        return False
    return bool(certificate["states"] == len(rows)) and _fits(certificate["bits"], len(rows))


def _no_machine_is_true(certificate: Json) -> bool:
    """No way to put the prefixes into so few states leaves those apart in different ones: all ways are tried."""
    rows = _rows(certificate, [tuple(prefix) for prefix in certificate["prefixes"]])
    if rows is None or not all(_apart(rows[i], rows[j]) for i, j in itertools.combinations(certificate["pinned"], 2)):
        return False
    pairs = [(i, j) for i, j in itertools.combinations(range(len(rows)), 2) if _apart(rows[i], rows[j])]
    ways = itertools.product(range(certificate["too_few"]), repeat=len(rows))
    return all(any(way[i] == way[j] for i, j in pairs) for way in ways)


def _run_is_true(certificate: Json) -> bool:
    model = model_from_json(certificate["model"])
    digest, longest, count = hashlib.sha256(), 0, 0
    lines: list[tuple[str, str, str]] = []
    every = instances(certificate)
    chosen = _drawn(every, certificate) if certificate["kind"] == "sampled" else every
    written = transcripts(model, [prompt for prompt, _, _ in chosen], certificate["longest_output"] + 1)
    for (prompt, answer, transcript), tokens in zip(chosen, written, strict=True):
        ended = model.answers is None or tokens[-1] in model.answers  # what was cut off is also too long, see below
        if not ended or tokens[-1] != answer:
            return False
        if certificate["transcript"] == "euler-tour" and list(tokens) != transcript:
            return False
        reference = transcript if certificate["transcript"] == "euler-tour" else [answer]
        lines.append((" ".join(prompt), " ".join(reference), " ".join(tokens)))
        digest.update(f"{' '.join(prompt)} -> {' '.join(tokens)}\n".encode())
        longest, count = max(longest, len(tokens)), count + 1
    if certificate["kind"] == "sweep":
        figures = (longest, len(every)) == (certificate["longest_output"], certificate["inputs"])
        return figures and _shards_are_true(certificate["shards"], lines)
    return (digest.hexdigest(), longest, len(every), count) == (
        certificate["digest"],
        certificate["longest_output"],
        certificate["inputs"],
        certificate.get("checked", count),
    )


def _shards_are_true(shards: list[Json], lines: list[tuple[str, str, str]]) -> bool:
    """Whether each input is in exactly one shard, and the digests are those of the lines."""
    ranks = [rank for shard in shards for rank in range(shard["first"], shard["first"] + shard["count"])]
    return ranks == list(range(len(lines))) and all(
        hashlib.sha256(
            "".join(
                f"{' -> '.join(line)}\n" for line in lines[shard["first"] : shard["first"] + shard["count"]]
            ).encode()
        ).hexdigest()
        == shard["digest"]
        for shard in shards
    )


def _drawn(every: list[Any], certificate: Json) -> list[Any]:
    """The documented draw, for families in which every rank is an input and that have less than 2^190."""
    chosen: list[int] = []
    for draw in itertools.count():
        if len(chosen) == certificate["checked"]:
            return [every[rank] for rank in chosen]
        text = f"retrieval-gap sample {certificate['seed']} {draw} 0".encode()
        rank = int.from_bytes(hashlib.sha256(text).digest(), "big") % len(every)
        chosen += [] if rank in chosen else [rank]
    return []


def _contracts_are_true(certificate: Json) -> bool:
    def polynomial(terms: list[Any]) -> Polynomial:
        return Polynomial.build([(tuple(sorted(exponents.items())), c) for c, exponents in terms])

    least = {name: value["from"] for name, value in certificate["variables"].items()}
    scales = {name: polynomial(value["lower"]) for name, value in certificate["scales"].items()}
    needs = [polynomial(i["polynomial"]) for c in certificate["contracts"] for i in c["inequalities"]]
    positive = all(Domain(least, {}).proves(lower - 1) for lower in scales.values())
    return positive and all(Domain(least, scales).proves(need) for need in needs)
