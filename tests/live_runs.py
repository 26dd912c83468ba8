"""Inputs for the live pages: each construction on hundreds of them, with the transcript that ``decode`` gives."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions import CONSTRUCTIONS, Construction, construction, decode
from constructions.architectures import Search, Searcher
from constructions.theorems import variants
from constructions.vocabulary import Vocabulary

Case = dict[str, Any]

_LARGEST = {"istree": 6, "turing": 5}
_SEED = 20


def cases(name: str, count: int) -> list[tuple[Construction, list[Case]]]:
    """At least ``count`` inputs of a construction, shared out among its variants (c-gram, machines)."""
    subjects = variants(name)
    share = -(-count // len(subjects))
    return [(subject, list(cases_of(subject, share))) for subject in subjects]


def cases_of(subject: Construction, count: int) -> Iterator[Case]:
    """So many random inputs."""
    rng = np.random.default_rng(_SEED)
    task = subject.name.partition("/")[2]
    models = functools.cache(subject.blueprint.at)
    for number in range(count):
        largest = int(rng.integers(1, _LARGEST.get(task, 12) + 1))
        instance = subject.task.sample(rng, max(2, largest) if task == "istree" else largest)
        n = subject.size_for(instance) + (number % 3 if task != "turing" else 4 + number % 3)
        # Machines may run for ever: there the end of the context is what cuts a transcript off.
        prompt, limit = subject.reads(instance), None if task == "turing" else subject.longest(n=n) + 1
        written = decode(models(n), prompt, max_tokens=limit)
        yield {
            "sizes": dict.fromkeys(subject.blueprint.domain.minimum, n),
            "prompt": list(prompt),
            "limit": limit,
            "tokens": list(written.tokens),
            "answer": written.answer,
        }


def made_up_searches(count: int) -> tuple[dict[str, Any], list[str], list[tuple[list[str], list[str]]]]:
    """A search language, its vocabulary, and contexts that end with a search, each with what Python appends.

    Several groups may take part and captures may be empty, which no expression of the catalogue does.
    """
    pieces = ("(.)", "(`a`*)", "([^`?`]*)", "[^`?`]*", ".", "|", "\\A", ".{", "}", "(.*)", "`b`")
    search = Search.of(*pieces)
    vocabulary = Vocabulary(("?", "a", "b", *search.tokens), 0, 3)
    searcher, rng = Searcher(search, vocabulary), np.random.default_rng(_SEED)
    names, letters = [token for token, _ in search.fragments], ["?", "a", "b", "0", "1", "2", "3"]
    listed = []
    for _ in range(count):
        before = [str(rng.choice(letters)) for _ in range(int(rng.integers(0, 9)))]
        written = [str(rng.choice([*names, "a", "b", "1", "2"])) for _ in range(int(rng.integers(1, 5)))]
        context = [*before, search.opening, *written, search.closing]
        found = searcher.answer(vocabulary.encode(context))
        listed.append((context, vocabulary.decode(found.ids)))
    language = {"fragments": search.fragments, "opening": "<search>", "closing": "</search>", "failed": "FAILED"}
    return language, [vocabulary.token_of(k) for k in range(len(vocabulary))], listed


def tied_document() -> tuple[dict[str, Any], Case]:
    """A blueprint whose logits are all 0: the token with the lowest id is written."""
    nothing = {"rows": "*", "columns": [], "entries": []}
    document = {
        "minimum": {"n": 1},
        "scales": {},
        "specials": ["<s>", "NONE"],
        "numbers": ["0", "n"],
        "context": "n",
        "answers": None,
        "search": None,
        "coordinates": ["one"],
        "embedding": {"polynomial": nothing, "special": nothing, "position": nothing},
        "layers": [],
        "unembedding": {
            "special": {"rows": ["<s>", "NONE"], "columns": "*", "entries": []},
            "polynomial": {"rows": ["1", "k", "k^2"], "columns": "*", "entries": []},
        },
    }
    case = {"sizes": {"n": 2}, "prompt": ["<s>", "1"], "limit": None, "tokens": ["<s>"], "answer": "<s>"}
    return {"blueprint": document}, case


__all__ = ["CONSTRUCTIONS", "Case", "cases", "construction", "made_up_searches", "tied_document"]
