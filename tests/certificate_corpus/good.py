"""True certificates of every kind that the kernel checks, small enough to be run thousands of times."""

import functools
import itertools
import json
from typing import Any

from constructions import tasks
from constructions.architectures import Embedding, FeedForward, Model, Recurrence, Search, Unembedding
from constructions.engine import decode
from constructions.numerics import Matrix
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary
from constructions.wiring import Polynomial, Program, Wiring
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
    no_machine,
    state_count,
)
from proofs_check.sweeps import Job, certificate_of, run_shard
from tests.certificate_corpus.families import Json


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
        "disjointness": fooling_set(Question("disjointness", 2, 2), "words", 4),
        "equality, listed": fooling_set(Question("equality", 2, 2), [(1, 2), (2, 1), (1, 1)], 3),
        "nearest, listed": fooling_set(
            Question("nearest-neighbour", 2, 2), [(1, 1, 1, 2, 2, 2), (2, 2, 1, 1, 1, 2), (1, 2, 2, 1, 2, 1)], 3
        ),
        "brackets, listed": fooling_set(Question("bounded-dyck", 2, 4), [(1, 1), (1, 2), (3, 1), (2, 1)], 4),
        "equality, counted": state_count(Question("equality", 2, 2), "words", 4, 4),
        "copying, counted": state_count(Question("copying", 2, 3), "words", 9, 9),
        "mqar, counted": state_count(Question("mqar", 4, 4), "assignments", 4, 4),
        "nearest, counted": state_count(Question("nearest-neighbour", 3, 2), "row", 8, 8),
        "brackets, counted": state_count(Question("bounded-dyck", 2, 4), "words", 16, 6),
        "counting, counted": state_count(Question("counting", 3, 2), "words", 8, 4),
        "counting, counted, promise": state_count(Question("counting", 2, 2, "promise"), "words", 4, 3),
        "recall, counted": state_count(Question("associative-recall", 3, 3), "permutations", 6, 6),
        "index model": certify_exhaustive(construction("transformer/index"), 2, 2),
        "recall model": certify_exhaustive(construction("transformer/associative-recall"), 3, 2),
        "recall model, permutations": certify_exhaustive(
            construction("transformer/associative-recall"), 3, family="permutations"
        ),
        "counting model": certify_exhaustive(construction("transformer/counting"), 2, 2),
        "c-gram model": certify_exhaustive(construction("transformer/c-gram", c=3), 3, 2),
        "istree model": certify_exhaustive(construction("transformer/istree"), 3),
        "istree model, graphs": certify_exhaustive(construction("transformer/istree"), 3, family="graphs"),
        "index model, searching": certify_exhaustive(construction("retrieval/index"), 2, 2),
        "recall model, sampled": certify_sampled(construction("transformer/associative-recall"), 3, 3, checked=20),
        "index model, sweep": _swept("transformer/index", 2, 2, 3),
        "istree model, sweep": _swept("transformer/istree", 3, 3, 5),
        "index model, softmax": certify_precision(construction("transformer/index"), 2, 2),
        "recall model, softmax": certify_precision(construction("hybrid/associative-recall"), 2, 2),
        "no machine": no_machine(Question("index", 1, 3), [(1,), (2,), (3,)], 2, [], [[1]]),
        "no machine, pinned": no_machine(Question("index", 1, 3), [(1,), (2,), (3,)], 2, [0, 1], []),
        "no machine, promise": no_machine(
            Question("associative-recall", 3, 3, "promise"), [(1, 2, 3), (1, 3, 2)], 1, [], []
        ),
        "no machine, mqar": no_machine(Question("mqar", 2, 3), [(1, 2), (1, 3), (2, 2)], 2, [], [[1]]),
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
