"""Theorems about the retrieval tasks and about searches: ``StatementsRetrieval.v``, ``StatementsSearches.v``."""

from dataclasses import replace

from constructions.theorems import construction
from constructions.wiring import Blueprint

_FITS = "at every size n, every sequence of at most n tokens 1 .. n"

RETRIEVAL: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "SolvesIndex",
        "index_solved",
        f"{_FITS} and every position in it: transformer/index writes the token there",
        "4.6",
        ("transformer/index",),
    ),
    (
        "SolvesRecall",
        "associative_recall_solved",
        f"{_FITS} and every token 1 .. n: transformer/associative-recall writes what follows its latest occurrence "
        "that something follows, NONE if there is none",
        "4.6",
        ("transformer/associative-recall",),
    ),
    (
        "SolvesCGram",
        "c_gram_solved",
        f"for c = 2, 3, 4, 5, {_FITS} and every c - 1 tokens 1 .. n: transformer/c-gram writes what follows their "
        "latest occurrence that something follows, NONE if there is none",
        "4.6",
        ("transformer/c-gram",),
    ),
    (
        "SolvesCounting",
        "counting_solved",
        f"{_FITS}, every token 1 .. n and threshold 0 .. n: transformer/counting writes 1 if the token occurs more "
        "often than the threshold says, else 0",
        "4.6",
        ("transformer/counting",),
    ),
    (
        "SolvesHybridIndex",
        "hybrid_index_solved",
        f"{_FITS} and every position in it: hybrid/index writes the token there",
        "5.6",
        ("hybrid/index",),
    ),
    (
        "SolvesHybridRecall",
        "hybrid_associative_recall_solved",
        f"{_FITS} and every token 1 .. n: hybrid/associative-recall writes what follows its latest occurrence that "
        "something follows, NONE if there is none",
        "5.6",
        ("hybrid/associative-recall",),
    ),
    (
        "SolvesHybridCGram",
        "hybrid_c_gram_solved",
        f"for c = 2, 3, 4, 5, {_FITS} and every c - 1 tokens 1 .. n: hybrid/c-gram writes what follows their latest "
        "occurrence that something follows, NONE if there is none",
        "5.6",
        ("hybrid/c-gram",),
    ),
    (
        "SolvesHybridCounting",
        "hybrid_counting_solved",
        f"{_FITS}, every token 1 .. n and threshold 0 .. n: hybrid/counting writes 1 if the token occurs more often "
        "than the threshold says, else 0",
        "5.6",
        ("hybrid/counting",),
    ),
    (
        "SolvesRetrievalIndex",
        "retrieval_index_solved",
        f"{_FITS} and every position in it: retrieval/index and its runtime write 7 tokens, the last of them the "
        "token there",
        "5.2",
        ("retrieval/index",),
    ),
    (
        "SolvesRetrievalRecall",
        "retrieval_associative_recall_solved",
        f"{_FITS} and every token 1 .. n: retrieval/associative-recall and its runtime write 7 tokens, the last "
        "of them what follows the token's latest occurrence that something follows, NONE if there is none",
        "5.2",
        ("retrieval/associative-recall",),
    ),
    (
        "SolvesRetrievalCGram",
        "retrieval_c_gram_solved",
        f"for c = 2, 3, 4, 5, {_FITS} and every c - 1 tokens 1 .. n: retrieval/c-gram and its runtime write c + 5 "
        "tokens, the last of them what follows their latest occurrence that something follows, NONE if there is none",
        "5.2",
        ("retrieval/c-gram",),
    ),
    (
        "SolvesRetrievalCounting",
        "retrieval_counting_solved",
        f"{_FITS}, every token 1 .. n and threshold 0 .. n: retrieval/counting and its runtime write 15 tokens, the "
        "last of them 1 if the token occurs more often than the threshold says, else 0",
        "5.2",
        ("retrieval/counting",),
    ),
    (
        "SolvesRetrievalIsTree",
        "retrieval_istree",
        "for all n and all simple graphs on nodes 1 .. n that have an edge and no isolated node, retrieval/istree and "
        "its runtime write a walk, with two searches and what they find after each record, and then YES exactly if the "
        "graph is a tree, at most 74 n - 36 tokens; for a tree, the walk is closed and takes each edge once in each "
        "direction",
        "5.3",
        ("retrieval/istree",),
    ),
    (
        "SolvesExportedTuring",
        "exported_retrieval_turing",
        "the weights and searches of retrieval/turing are those of the function, for the busy beaver with 4 states; so "
        "for all n, s >= 1, every input of at most s + 1 cells and T <= n + 1 steps, it and its runtime write the "
        "steps on the cells -s .. s, with what each search finds, and how the machine ends, in at most 8 T + 1 tokens",
        "5.4",
        ("retrieval/turing",),
    ),
)
"""By theorem: its file in Coq, its name there, what it says, the paper's theorem, and whose weights it is about."""


def variants() -> list[Blueprint]:
    """The constructions with other c than the catalogue's of which theorems speak, each named after its c."""
    others = {
        **dict.fromkeys(("transformer/c-gram", "hybrid/c-gram", "retrieval/c-gram"), (2, 4, 5)),
        "transformer/copying": (1, 2),
    }
    return [replace(construction(name, c=c).blueprint, name=f"{name} {c}") for name, cs in others.items() for c in cs]
