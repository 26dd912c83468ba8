"""A corpus of certificates: true ones, mutants of them, and an examiner that shares no code with the kernel."""

import contextlib
import copy
import functools
import hashlib
import itertools
import json
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import flint
import networkx as nx
import numpy as np
import pytest

from constructions import tasks
from constructions.architectures import (
    Attention,
    Embedding,
    Evaluator,
    FeedForward,
    Model,
    Recurrence,
    Search,
    Unembedding,
)
from constructions.engine import decode
from constructions.errors import RetrievalGapError
from constructions.numerics import Ball, Exact, Matrix, Rationals
from constructions.tasks import IsTree, Retrieval, graph_of
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary
from constructions.wiring import Domain, Polynomial, Program, Wiring
from proofs_check.certificates import (
    Prompt,
    Question,
    TranscriptDigest,
    canonical_text,
    certify_exhaustive,
    certify_precision,
    certify_sampled,
    contracts,
    exhaustive,
    fooling_set,
    model_from_json,
    no_machine,
    plan,
    spot_check,
)
from proofs_check.sweeps import Job, certificate_of, run_shard

Json = dict[str, Any]
Mutant = tuple[str, str, bytes]
"""The certificate's name, what was done to it, and the bytes."""

WORDS = re.compile(r"[a-z]")


@functools.cache
def good() -> dict[str, Json]:
    """True certificates of every kind that the kernel checks, small enough to be run thousands of times."""
    built = {
        "index": fooling_set(Question("index", 3, 2), "words", 8),
        "recall": fooling_set(Question("associative-recall", 3, 3), "permutations", 6),
        "recall, promise": fooling_set(Question("associative-recall", 4, 4, "promise"), "rotations", 6),
        "recall, listed": fooling_set(Question("associative-recall", 3, 2), [(1, 1, 2), (1, 2, 1), (2, 1, 1)], 3),
        "counting": fooling_set(Question("counting", 3, 3), "multisets", 10),
        "c-gram": fooling_set(Question("c-gram", 5, 2, "total", 3), [(1, 1, 2, 2, 1), (2, 2, 1, 1, 2)], 2),
        "c-gram, promise": fooling_set(
            Question("c-gram", 10, 2, "promise", 4), [(1, 1, 1, 2, 1, 2, 2, 2, 1, 1), (1, 1, 1, 2, 2, 2, 1, 2, 1, 1)], 2
        ),
        "istree": fooling_set(Question("istree", 3, 3), "partitions", 6),
        "istree, listed": fooling_set(Question("istree", 3, 3), [(1, 2), (2, 3), ()], 3),
        "istree, promise": fooling_set(Question("istree", 5, 5, "promise"), "partitions", 4),
        "index model": certify_exhaustive(construction("transformer/index"), 2, 2),
        "recall model": certify_exhaustive(construction("transformer/associative-recall"), 3, 2),
        "recall model, permutations": certify_exhaustive(
            construction("transformer/associative-recall"), 3, family="permutations"
        ),
        "counting model": certify_exhaustive(construction("transformer/counting"), 2, 2),
        "c-gram model": certify_exhaustive(construction("transformer/c-gram", 3), 3, 2),
        "istree model": certify_exhaustive(construction("transformer/istree"), 3),
        "istree model, graphs": certify_exhaustive(construction("transformer/istree"), 3, family="graphs"),
        "index model, searching": certify_exhaustive(construction("retrieval/index"), 2, 2),
        "recall model, sampled": certify_sampled(construction("transformer/associative-recall"), 3, 3, checked=20),
        "index model, sweep": _swept("transformer/index", 2, 2, 3),
        "istree model, sweep": _swept("transformer/istree", 3, 3, 5),
        "index model, softmax": certify_precision(construction("transformer/index"), 2, 2),
        "recall model, softmax": certify_precision(construction("hybrid/associative-recall"), 2, 2),
        "index plan": plan(construction("transformer/index").at(3), context=9),
        "counting plan": plan(construction("hybrid/counting").at(2), context=8),
        "no machine": no_machine(Question("index", 1, 3), [(1,), (2,), (3,)], 2, [], [[1]]),
        "no machine, pinned": no_machine(Question("index", 1, 3), [(1,), (2,), (3,)], 2, [0, 1], []),
        "no machine, promise": no_machine(
            Question("associative-recall", 3, 3, "promise"), [(1, 2, 3), (1, 3, 2)], 1, [], []
        ),
        "words, spots": spot_check(Question("index", 3, 2), "words", 3, 20, 0),
        "permutations, spots": spot_check(Question("associative-recall", 4, 4), "permutations", 5, 20, 1),
        "partitions, spots": spot_check(Question("istree", 4, 4), "partitions", 4, 20, 2),
        "contracts": contracts(construction("transformer/associative-recall").blueprint),
        "contracts, small": _small_contracts(),
        "silent model": _certified(Question("associative-recall", 1, 2), silent(), [("NONE",)] * 4),
        "linear RNN": _certified(
            Question("index", 2, 2),
            window(),
            [(str(w[i]),) for w in itertools.product((1, 2), repeat=2) for i in (0, 1)],
        ),
    }
    return {name: json.loads(canonical_text(certificate)) for name, certificate in built.items()}


def _swept(name: str, n: int, alphabet: int, size: int) -> Json:
    """The certificate of a sweep in shards of so many inputs."""
    job = Job.of(name, n, alphabet)
    firsts = range(0, job.inputs, size)
    return certificate_of(job, [run_shard(job, first, min(size, job.inputs - first)) for first in firsts])


def _small_contracts() -> Json:
    """Inequalities that need every step of the test: n >= 1, and a scale bounded from both sides."""
    certificate = contracts(construction("transformer/associative-recall").blueprint)
    lower = certificate["scales"]["S"]["lower"]
    twice = [[-1, {"S": 1}]] + [[2 * coefficient, exponents] for coefficient, exponents in lower]
    twice.sort(key=lambda term: (-sum(term[1].values()), sorted(term[1].items())))
    needs = [("n >= 1", [[1, {"n": 1}], [-1, {}]]), ("S < 2 p", twice)]
    listed = [{"statement": statement, "polynomial": polynomial} for statement, polynomial in needs]
    return {**certificate, "contracts": [{"name": "a", "gadget": "b", "inequalities": listed}]}


def _certified(question: Question, model: Model, written: list[tuple[str, ...]], **fields: Any) -> Json:
    """An exhaustive certificate of a model that writes this on the inputs in canonical order."""
    digest, instances = TranscriptDigest(), tasks.retrieval_task(question.task).enumerate(question.n, question.alphabet)
    for instance, tokens in zip(instances, written, strict=True):
        digest.add(["<s>", *map(str, instance.sequence), "?", *map(str, instance.query)], tokens)
    return {**exhaustive(question, model, digest, prompt=Prompt(), family="words"), **fields}


def silent() -> Model:
    """All logits are 0, so the first token of the vocabulary is written."""
    nothing = Matrix.from_entries((1, 3), {})
    special = Unembedding(Matrix.from_entries((3, 1), {}), Matrix.from_entries((3, 1), {}))
    embedding = Embedding(nothing, nothing, Matrix.from_entries((1, 2), {}))
    return Model("silent", Vocabulary(("NONE", "<s>", "?"), 1, 2), ("x",), embedding, (), special)


def window() -> Model:
    """A linear RNN that solves Index for two letters: it holds the last four tokens i, ?, b, a.

    The answer is y = i (b - a) + 2 a - b; the logit of k is 2 y k - k^2.
    """
    one, token, a, b, product = range(5)
    recurrence = Recurrence(
        ("0 back", "1 back", "2 back", "3 back"),
        Matrix.from_entries((4, 4), {(1, 0): 1, (2, 1): 1, (3, 2): 1}),
        Matrix.from_entries((4, 5), {(0, token): 1}),
        Matrix.from_entries((5, 4), {(b, 2): 1, (a, 3): 1}),
        Matrix.from_entries((5, 5), {}),
    )
    gate, value = Matrix.from_entries((1, 5), {(0, token): 1}), Matrix.from_entries((1, 5), {(0, b): 1, (0, a): -1})
    layer = FeedForward(("i (b - a)",), gate, value, Matrix.from_entries((5, 1), {(product, 0): 1}))
    embedding = Embedding(
        Matrix.from_entries((5, 3), {(one, 0): 1, (token, 1): 1}),
        Matrix.from_entries((5, 2), {(one, 0): 1, (one, 1): 1}),
        Matrix.from_entries((5, 2), {}),
    )
    logits = Matrix.from_entries((3, 5), {(1, product): 2, (1, a): 4, (1, b): -2, (2, one): -1})
    unembedding = Unembedding(logits, Matrix.from_entries((2, 5), {}))
    names = ("one", "token", "a", "b", "product")
    return Model("window", Vocabulary(("<s>", "?"), 1, 2), names, embedding, (recurrence, layer), unembedding)


def false_of_other_kinds() -> dict[str, Json]:
    """False certificates of the kinds that are about a softmax, plans, machines and drawn pairs."""
    softmax, planned, machine, spots = (
        good()[name] for name in ("index model, softmax", "index plan", "no machine", "words, spots")
    )
    head, found = softmax["heads"][0], planned["heads"][0]
    lower = {**planned["bounds"][-1], "largest": planned["bounds"][-1]["largest"] - 1}
    sampled = good()["recall model, sampled"]
    return {
        "another sample": {**sampled, "seed": sampled["seed"] + 1},
        "a larger gap": {**softmax, "heads": [{**head, "gap": 2}]},
        "a smaller leak": {**softmax, "heads": [{**head, "leak": 0}]},
        "a larger margin": {**softmax, "margin": 1},
        "a warmer softmax": {**softmax, "inverse_temperature": 1},
        "a lower bound": {**planned, "bounds": [*planned["bounds"][:-1], lower]},
        "a longer context": {**planned, "context": 10**9},
        "another structure": {**planned, "heads": [{**found, "structure": "running maximum"}]},
        "no machine with three states": {**machine, "too_few": 3},
        "a proof that ends early": {**machine, "proof": []},
        "one prefix twice": {**machine, "prefixes": [[1], [2], [2]]},
        "a bit more": {**spots, "bits": spots["bits"] + 1},
        "pairs that are not apart": {**spots, "task": "counting"},
    }


@functools.cache
def more() -> dict[str, Json]:
    """True certificates that take longer."""
    answer = certify_exhaustive(construction("transformer/istree"), 4, family="graphs")
    searching = certify_exhaustive(construction("retrieval/istree"), 3, family="graphs")
    recall = certify_exhaustive(construction("retrieval/associative-recall"), 3, 2)
    counting = certify_exhaustive(construction("retrieval/counting"), 2, 2)
    return {
        "istree model, answer only": {**answer, "transcript": "answer"},
        "istree model, searching": json.loads(canonical_text(searching)),
        "counting model, searching": json.loads(canonical_text(counting)),
        "recall model, searching": json.loads(canonical_text(recall)),
        **{f"searches for {pattern}": json.loads(canonical_text(probe(pattern))) for pattern in PROBES},
    }


PROBES = (
    ".*(.)",
    ".*?(.)",
    "(.)",
    "(.)(.)",
    "(?:`<s>`(.)|`<s>`.(.))",
    "(?:(`<s>`)|`<s>`(.))",
    "`<s>`(?:\\A.|.(.))",
    "(?:`<s>`..`~`|(.))",
    "([^`<s>`])",
    "([`?``~`])",
    ".{2}(.)",
    "(.){3}",
    "(`?``<s>`)",
    "\\A(`?`)",
    "(`<s>`)(`?`*)",
)
"""Expressions of which every sign matters to what is found in the context <s> 1 ? 1."""


def probe(pattern: str) -> Json:
    """A model that has one input to answer, and searches for something else before: only the digest tells what."""
    search = Search.of(pattern)
    tokens = ("<s>", "?", "~", *search.tokens)
    size = Polynomial.variable("n")
    w = Wiring("probe", specials=tokens, numbers=(0, size), context=size + 10, recurrent=True, search=search)
    program = Program(w, {"1": w.one})
    program.rule("? i", f"<search> {search.fragments[0][0]} </search>")
    for found in ("x", "<s>", "?", "FAILED"):
        program.rule(f"</search> {found}", "{1}")
    program.wire()
    model, digest, prompt = w.finish().at(1), TranscriptDigest(), ["<s>", "1", "?", "1"]
    digest.add(prompt, decode(model, prompt).tokens)
    return exhaustive(Question("index", 1, 1), model, digest, prompt=Prompt(), family="words")


@functools.cache
def false() -> dict[str, Json]:
    """Certificates that must not be verified, each for one reason."""
    merged = [(1, 2, 1), (2, 1, 1)]
    nearly = copy.deepcopy(good()["istree model"])
    nearly["model"]["answers"] = ["NO"]
    searching = copy.deepcopy(good()["recall model"])
    searching["model"]["search"] = []
    counting = "counting model, searching"
    deaf, literal, renamed, unsearched = (copy.deepcopy(more()[counting]) for _ in range(4))
    deaf["model"]["search"]["failed"] = "<search>"
    literal["model"]["search"]["fragments"][0][1] = "\\A(?:[`?`"
    renamed["model"]["search"]["opening"] = "?"
    unsearched["model"]["search"] = None
    early = copy.deepcopy(more()["recall model, searching"])
    early["model"]["search"]["fragments"][0][1] = "\\A[^`?`]*?"
    cut = {**more()[counting], "longest_output": more()[counting]["longest_output"] - 1}
    hybrid = copy.deepcopy(good()["linear RNN"])
    hybrid["model"]["architecture"] = "hybrid"
    shuffled = copy.deepcopy(good()["linear RNN"])
    shuffled["model"]["layers"][0]["transition"]["entries"].reverse()
    swept = [copy.deepcopy(good()["index model, sweep"]) for _ in range(6)]
    for certificate, changed in zip(swept, _wrong_covers(swept[0]["shards"]), strict=True):
        certificate["shards"] = changed
    gap, overlap, early_end, beyond, last_digest, none = swept
    unproved = copy.deepcopy(good()["contracts"])
    unproved["contracts"][0]["inequalities"] = [{"statement": "n >= 2", "polynomial": [[1, {"n": 1}], [-2, {}]]}]
    above = copy.deepcopy(good()["contracts"])
    above["contracts"][0]["inequalities"] = [{"statement": "S <= 0", "polynomial": [[-1, {"S": 1}]]}]
    return {
        "same counts": fooling_set(Question("counting", 3, 2), merged, 2),
        "same counts, promise": fooling_set(Question("counting", 3, 2, "promise"), merged, 2),
        "not neighbours": fooling_set(Question("counting", 3, 2), [merged[0], (1, 1, 1), merged[1]], 3),
        "not neighbours, promise": fooling_set(
            Question("counting", 3, 2, "promise"), [merged[0], (1, 1, 1), merged[1]], 3
        ),
        "rotations that are not neighbours, promise": fooling_set(
            Question("associative-recall", 3, 3, "promise"), [(1, 2, 3), (1, 3, 2), (2, 3, 1)], 3
        ),
        "all rotations, promise": fooling_set(Question("associative-recall", 3, 3, "promise"), "permutations", 6),
        "same trees": fooling_set(Question("istree", 3, 3), [(1, 2, 2, 3), (1, 2, 1, 3)], 2),
        "a letter too many": fooling_set(Question("index", 1, 2), [(1,), (3,)], 2),
        "a word too short": fooling_set(Question("associative-recall", 3, 2), [(1, 2), (2, 1)], 2),
        "words too long": fooling_set(Question("associative-recall", 3, 2), [(1, 1, 2, 1), (2, 1, 1, 1)], 2),
        "one state too many": {**good()["index"], "states": 9, "bits": 4},
        "one bit too many": {**good()["index"], "bits": 4},
        "one input too many": {**good()["recall model"], "inputs": 17},
        "one token too many": {**good()["recall model"], "longest_output": 2},
        "another digest": {**good()["recall model"], "digest": "0" * 64},
        "an answer without its tour": _constant_tree(),
        "another convention": {**good()["recall model"], "convention": "promise"},
        "another version": {**good()["index"], "version": 2},
        "version true": {**good()["index"], "version": True},
        "a key too many": {**good()["index"], "comment": "true"},
        "cut off at the answer": nearly,
        "a search": searching,
        "a failure that opens a search": deaf,
        "a class that is not negated": literal,
        "another opening": renamed,
        "without its search language": unsearched,
        "the first occurrence instead of the latest": early,
        "a search that is cut off": cut,
        "another architecture": hybrid,
        "entries out of order": shuffled,
        "a gap between shards": gap,
        "an overlap of shards": overlap,
        "shards that end early": early_end,
        "a shard beyond the end": beyond,
        "another digest of the last shard": last_digest,
        "no shards": none,
        "a sweep with a token too many": {**good()["index model, sweep"], "longest_output": 2},
        "false at n = 1": unproved,
        "a scale above its bound": above,
    }


def _wrong_covers(shards: list[Json]) -> list[list[Json]]:
    """A gap, an overlap, an end too early, one too late, a wrong digest at the end, no shard at all."""
    first, second, third = shards
    return [
        [first, {**second, "first": second["first"] + 1}, third],
        [first, {**second, "first": second["first"] - 1}, third],
        [first, second],
        [*shards, {**third, "first": third["first"] + third["count"]}],
        [first, second, {**third, "digest": second["digest"]}],
        [],
    ]


def _constant_tree() -> Json:
    """A model that always writes YES, right on two nodes, and said to walk the tour."""
    flag = Matrix.from_entries((1, 4), {(0, j): 1 for j in range(4)})
    polynomial = Matrix.from_entries((1, 3), {(0, 0): 1})
    embedding = Embedding(polynomial, flag, Matrix.from_entries((1, 2), {}))
    unembedding = Unembedding(Matrix.from_entries((3, 1), {}), Matrix.from_entries((4, 1), {(3, 0): 1}))
    model = Model("yes", Vocabulary(("<s>", "~", ">", "YES"), 1, 2), ("one",), embedding, (), unembedding)
    digest = TranscriptDigest()
    digest.add(["<s>", "1", "~", "2", ">"], ["YES"])
    question, prompt = Question("istree", 2, 2, "promise"), Prompt("<s>", ">", "~")
    return exhaustive(question, model, digest, prompt=prompt, family="edge-lists", transcript="euler-tour")


# Mutations


def _at(root: Any, path: tuple[Any, ...]) -> Any:
    return functools.reduce(lambda place, key: place[key], path, root)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


def _words() -> set[str]:
    """Every short string of every good certificate, to be tried in every place."""
    found = set()
    for certificate in good().values():
        for path in _places(certificate):
            value = _at(certificate, path)
            if isinstance(value, str) and WORDS.match(value) and len(value) < 20:
                found.add(value)
    return found


def _substitutes(value: Any, where: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Other values for this place."""
    if isinstance(value, bool) or value is None:
        yield from (("null to object", {}), ("null to list", []), ("null to 0", 0))
    elif isinstance(value, int):
        yield from (("plus 1", value + 1), ("minus 1", value - 1), ("negated", -value), ("zero", 0), ("one", 1))
        yield from (("doubled", 2 * value), ("half more", f"{2 * value + 1}/2"), ("huge", 10**20), ("text", str(value)))
        yield from (("true", True), ("null", None), ("in a list", [value]), ("a float", float(value)))
    elif isinstance(value, str):
        yield from (("empty", ""), ("longer", value + "x"), ("upper", value.upper()), ("a number", 7), ("null", None))
        if re.fullmatch("[0-9a-f]{64}", value):
            yield "another digest", value[:-1] + ("0" if value[-1] != "0" else "1")
        enumerated = where and where[-1] in (
            "task",
            "convention",
            "kind",
            "family",
            "transcript",
            "architecture",
            "type",
        )
        if enumerated or (where and where[-1] in ("start", "separator", "edge", "opening", "closing", "failed")):
            tokens = {"<s>", "?", "~", ">", "NONE", "<search>", "</search>", "FAILED"}
            yield from (("another word", word) for word in sorted({*_words(), *tokens}))
        if "fragments" in where:
            yield from ((f"without character {i}", value[:i] + value[i + 1 :]) for i in range(len(value)))
            yield from ((f"and {sign}", value + sign) for sign in ("*", "?", "|", ".", "(", ")", "{", "`?`"))
    elif isinstance(value, list):
        yield from (("emptied", []), ("an object", {}), ("reversed", value[::-1]), ("and null", [*value, None]))
        for i in range(min(len(value), 12)):
            yield f"without {i}", value[:i] + value[i + 1 :]
            yield f"{i} twice", [*value[: i + 1], *value[i:]]
            yield f"{i} and {i + 1} swapped", [*value[:i], *value[i : i + 2][::-1], *value[i + 2 :]]
    else:
        yield from (("a list", list(value.values())), ("and a key", {**value, "more": 1}))
        for key in value:
            yield f"without {key}", {k: v for k, v in value.items() if k != key}
            yield f"{key} renamed", {k if k != key else k + "_": v for k, v in value.items()}


def _swapped(name: str, path: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """What stands at the same place of other certificates."""
    for other, certificate in good().items():
        if other != name and path:
            try:
                yield f"from {other}", _at(certificate, path)
            except (KeyError, IndexError, TypeError):
                continue


def bytes_mutants(name: str, text: str) -> Iterator[Mutant]:
    """Changes of the text that change no value, or that leave no value; none may be read."""
    for key in sorted(good()[name]):
        value = canonical_text({key: good()[name][key]}).strip()[1:-1]
        yield name, f"{key} repeated in the text", (text.rstrip()[:-1] + "," + value + "}").encode()
    for same in ("1.0", "1e0", "01", "+1", "true", '"1"'):
        yield name, f"the version written {same}", text.replace('"version":1', f'"version":{same}').encode()
    yield name, "byte order mark", b"\xef\xbb\xbf" + text.encode()
    yield name, "text after", text.encode() + b"{}"
    for cut in range(1, len(text) - 1, max(1, len(text) // 20)):
        yield name, f"cut off at {cut}", text[:cut].encode()


@functools.cache
def changes() -> list[tuple[str, tuple[Any, ...], str, Any]]:
    """One change each, at every place of every good certificate: where it is made, and what to put there."""
    return [
        (name, path, what, other)
        for name, certificate in good().items()
        for path in _places(certificate)
        for what, other in itertools.chain(_substitutes(_at(certificate, path), path), _swapped(name, path))
        if json.dumps(other) != json.dumps(_at(certificate, path))
    ]


def _mutant(change: tuple[str, tuple[Any, ...], str, Any]) -> Mutant:
    name, path, what, other = change
    mutated = copy.deepcopy(good()[name])
    if path:
        _at(mutated, path[:-1])[path[-1]] = other
    else:
        mutated = other
    return name, f"{'.'.join(map(str, path))}: {what}", (json.dumps(mutated, sort_keys=True) + "\n").encode()


def some_mutants(count: int, seed: int, *, of_the_same_type: bool = False) -> list[Mutant]:
    """Different mutants, drawn at random; on request only those in which a value keeps its type."""
    pool = [
        change
        for change in changes()
        if not of_the_same_type or type(change[3]) is type(_at(good()[change[0]], change[1]))
    ]
    return drawn(pool, count, seed)


def drawn(pool: list[tuple[str, tuple[Any, ...], str, Any]], count: int, seed: int) -> list[Mutant]:
    """Different mutants from these changes."""
    chosen = random.Random(seed).sample(pool, min(count, len(pool)))  # noqa: S311
    return list({mutant[2]: mutant for mutant in map(_mutant, chosen)}.values())


def every_mutant(kind: str) -> Iterator[Mutant]:
    """All different mutants of a kind, one at a time: together they would fill half a gigabyte."""
    seen = set()
    for mutant in map(_mutant, (change for change in changes() if good()[change[0]]["kind"] == kind)):
        digest = hashlib.sha256(mutant[2]).digest()
        if digest not in seen:
            seen.add(digest)
            yield mutant


def signed_again(count: int, seed: int) -> Iterator[tuple[str, Json]]:
    """Changed weights with the digest of what the changed model writes: only the answers can be wrong."""
    weights = [
        change
        for change in changes()
        if "entries" in change[1]
        and isinstance(change[3], int)
        and not isinstance(change[3], bool)
        and change[1][-1] == 2
        and change[3]  # zeros are not written
        and good()[change[0]]["kind"] == "exhaustive"
    ]
    for change in random.Random(seed).sample(weights, count):  # noqa: S311
        name, what, data = _mutant(change)
        certificate = json.loads(data)
        digest = TranscriptDigest()
        with contextlib.suppress(RetrievalGapError):
            model = model_from_json(certificate["model"])
            for prompt, _, _ in _instances(certificate):
                digest.add(prompt, decode(model, prompt, max_tokens=certificate["longest_output"] + 1).tokens)
            signed = {"digest": digest.hexdigest(), "longest_output": max(1, digest.longest)}
            yield f"{name}, {what}", {**certificate, **signed}


# An examiner that shares no code with the kernel


def is_true(certificate: Json) -> bool:
    """Whether the claim of a certificate holds, by brute force over the rest of the project."""
    try:
        if certificate["kind"] == "fooling-set":
            return _fooling_set_is_true(certificate)
        if certificate["kind"] == "contracts":
            return _contracts_are_true(certificate)
        if certificate["kind"] == "plan":
            return _plan_is_true(certificate)
        if certificate["kind"] == "no-machine":
            return _no_machine_is_true(certificate)
        if certificate["kind"] == "spot-check":
            return _spots_are_true(certificate)
        if certificate["kind"] == "precision" and not _softmax_is_true(certificate):
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
    task = tasks.retrieval_task(name, certificate.get("c", 3))
    asked = [tuple(query) for query in task.queries(n, k).tolist()]
    for prefix in prefixes:
        if len(prefix) != n or not set(prefix) <= set(range(1, k + 1)):
            return None
        answers = dict(zip(asked, task.answers(list(prefix), asked), strict=True))
        rows.append(answers if total == "total" else {q: a for q, a in answers.items() if a != "NONE"})
    return rows


def _apart(one: dict[Any, str], other: dict[Any, str]) -> bool:
    return any(one[query] != other[query] for query in one.keys() & other.keys())


def _fits(bits: int, states: int) -> bool:
    return 2**bits >= states > 2 ** (bits - 1)


def _fooling_set_is_true(certificate: Json) -> bool:
    rows = _rows(certificate, _prefixes(certificate))
    if rows is None or not all(_apart(a, b) for a, b in itertools.combinations(rows, 2)):
        return False
    return certificate["states"] == len(rows) and _fits(certificate["bits"], len(rows))


def _no_machine_is_true(certificate: Json) -> bool:
    """No way to put the prefixes into so few states leaves those apart in different ones: all ways are tried."""
    rows = _rows(certificate, [tuple(prefix) for prefix in certificate["prefixes"]])
    if rows is None or not all(_apart(rows[i], rows[j]) for i, j in itertools.combinations(certificate["pinned"], 2)):
        return False
    pairs = [(i, j) for i, j in itertools.combinations(range(len(rows)), 2) if _apart(rows[i], rows[j])]
    ways = itertools.product(range(certificate["too_few"]), repeat=len(rows))
    return all(any(way[i] == way[j] for i, j in pairs) for way in ways)


def _spots_are_true(certificate: Json) -> bool:
    """All pairs of the family are apart, hence those that were drawn; families of this corpus are small."""
    prefixes = _prefixes({**certificate, "prefixes": {"family": certificate["family"]}})
    rows = _rows(certificate, prefixes)
    return rows is not None and (
        all(_apart(a, b) for a, b in itertools.combinations(rows, 2))
        and len(rows) > 1
        and _fits(certificate["bits"], len(rows))
        and certificate["checked"] > 0
    )


def _plan_is_true(certificate: Json) -> bool:
    """What the engine reads off the same weights, or less: plain attention needs nothing, a look-up may be by keys."""
    again = json.loads(canonical_text(plan(model_from_json(certificate["model"]), context=certificate["context"])))
    if certificate["bounds"] != again["bounds"] or len(certificate["heads"]) != len(again["heads"]):
        return False
    for claimed, own in zip(certificate["heads"], again["heads"], strict=True):
        less = [{**own, "structure": "plain", "constant": 0, "roles": []}]
        if own["structure"] == "position look-up":
            less.append({**own, "structure": "equal keys"})
        if {**claimed, "name": ""} not in ({**head, "name": ""} for head in (own, *less)):
            return False
    return True


def _softmax_is_true(certificate: Json) -> bool:
    """Gaps and leaks from the scores of the exact evaluator, margins enclosed by balls, on all inputs."""
    model, b = model_from_json(certificate["model"]), Fraction(certificate["inverse_temperature"])
    gaps, leaks = dict[tuple[int, str], dict[str, Fraction]](), dict[tuple[int, str], flint.arb]()
    margins = dict[str, Any]()
    with flint.ctx.workprec(600):
        for prompt, _, _ in _instances(certificate):
            for head, gap, leak in _observed(model, prompt, b):
                text = " ".join(prompt)
                gaps.setdefault(head, {})[text] = min(gap, gaps.get(head, {}).get(text, gap))
                leaks[head] = leak if head not in leaks or leak > leaks[head] else leaks[head]
            margins[" ".join(prompt)] = _margin(model, prompt, b)
        heads = [
            (i, head) for i, layer in enumerate(model.layers) if isinstance(layer, Attention) for head in layer.heads
        ]
        if [(head["layer"], head["name"]) for head in certificate["heads"]] != [(i, head.name) for i, head in heads]:
            return False
        for head in certificate["heads"]:
            seen = gaps.get((head["layer"], head["name"]), {})
            if not seen:
                if (head["gap"], head["input"], head["leak"]) != (None, None, 0):
                    return False
                continue
            least, leak = Fraction(head["gap"]), flint.arb(flint.fmpq(*Fraction(head["leak"]).as_integer_ratio()))
            if not (
                seen.get(head["input"]) == least == min(seen.values()) and leaks[head["layer"], head["name"]] <= leak
            ):
                return False
        margin = flint.arb(flint.fmpq(*Fraction(certificate["margin"]).as_integer_ratio()))
        return certificate["margin_input"] in margins and all(
            m > margin or (m.contains(margin) and m.rad() < 1e-30) for m in margins.values()
        )


def _observed(model: Model, prompt: list[str], b: Fraction) -> list[tuple[tuple[int, str], Fraction, flint.arb]]:
    """For each head and position with keys below the best: the gap, and what a softmax gives to them."""
    found: list[tuple[tuple[int, str], Fraction, flint.arb]] = []
    held: dict[str, Any] = {}

    def watch(layer: str, quantity: str, array: object) -> None:
        head, _, what = quantity.rpartition(".")
        if what in ("query", "segments"):
            held[what] = array
        if what != "segments":
            return
        place, (segment,) = int(layer.split()[1]), held["segments"]
        slope = next(h.slope for h in model.layers[place].heads if h.name == head)  # type: ignore[union-attr]
        query, key = _fractions(held["query"]), _fractions(segment.key)
        for i in range(len(query)):
            products = [sum((q * k for q, k in zip(query[i], key[j], strict=True)), Fraction(0)) for j in range(i + 1)]
            scores = [product + slope * j for j, product in enumerate(products)]
            below = [max(scores) - score for score in scores if score < max(scores)]
            if below:
                leak = sum((flint.arb(flint.fmpq(*(-b * gap).as_integer_ratio())).exp() for gap in below), flint.arb(0))
                found.append(((place, head), Fraction(min(below)), leak))

    tokens = [*prompt, *decode(model, prompt, max_tokens=1000).tokens[:-1]]
    Evaluator(model, Exact()).run(np.array(model.vocabulary.encode(tokens), dtype=np.int64), observe=watch)
    return found


def _fractions(array: Rationals) -> list[list[Fraction]]:
    denominators = [1] * len(array.numerators) if array.denominators is None else array.denominators
    pairs = zip(array.numerators, denominators, strict=True)
    return [[Fraction(int(numerator), int(denominator)) for numerator in row] for row, denominator in pairs]


def _margin(model: Model, prompt: list[str], b: Fraction) -> Any:
    """The least lead, in balls, of a token that hard attention writes after this prompt."""
    written = decode(model, prompt, max_tokens=1000).tokens
    soft = Evaluator(model, Ball(500, b))
    y, _ = soft.run(np.array(model.vocabulary.encode([*prompt, *written[:-1]]), dtype=np.int64))
    leads = soft.arithmetic.margin(soft.logits(y)[-len(written) :])  # type: ignore[attr-defined]
    least = leads[0]
    for lead in leads[1:]:
        least = lead if lead < least else least
    return least


def _prefixes(certificate: Json) -> list[tuple[int, ...]]:
    n, k, described = certificate["n"], certificate["alphabet"], certificate["prefixes"]
    letters = range(1, k + 1)
    if isinstance(described, list):
        return [tuple(prefix) for prefix in described]
    family = described["family"]
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
    }[family]()


def _run_is_true(certificate: Json) -> bool:
    model = model_from_json(certificate["model"])
    digest, longest, count = hashlib.sha256(), 0, 0
    lines: list[tuple[str, str, str]] = []
    every = _instances(certificate)
    chosen = _drawn(every, certificate) if certificate["kind"] == "sampled" else every
    for prompt, answer, transcript in chosen:
        decoded = decode(model, prompt, max_tokens=certificate["longest_output"] + 1)
        if decoded.answer != answer:
            return False
        if certificate["transcript"] == "euler-tour" and list(decoded.tokens) != transcript:
            return False
        reference = transcript if certificate["transcript"] == "euler-tour" else [answer]
        lines.append((" ".join(prompt), " ".join(reference), " ".join(decoded.tokens)))
        digest.update(f"{' '.join(prompt)} -> {' '.join(decoded.tokens)}\n".encode())
        longest, count = max(longest, len(decoded.tokens)), count + 1
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


def _instances(certificate: Json) -> list[tuple[list[str], str, list[str]]]:
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


@pytest.fixture(scope="session")
def corpus() -> SimpleNamespace:
    """What the tests need of this module."""
    return SimpleNamespace(
        good=good,
        more=more,
        false=lambda: {**false(), **false_of_other_kinds()},
        changes=changes,
        drawn=drawn,
        some_mutants=some_mutants,
        every_mutant=every_mutant,
        signed_again=signed_again,
        bytes_mutants=bytes_mutants,
        is_true=is_true,
    )
