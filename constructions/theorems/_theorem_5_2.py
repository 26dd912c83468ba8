"""Theorem 5.2: linear RNNs of constant size solve the four retrieval tasks with one search of the context.

The model is a linear recurrence that remembers the last few tokens, and gated layers that say what to write
next; the rules below are all that it does. The runtime runs the search that it writes over everything
before, and appends what was captured.
"""

from collections.abc import Callable

from constructions.architectures import Search
from constructions.tasks import (
    NONE,
    SEPARATOR,
    START,
    AssociativeRecall,
    CGram,
    Counting,
    Index,
    Retrieval,
    RetrievalTask,
)
from constructions.theorems._statements import GRAM_SIZES, SEARCHES_RUN, Construction, LogBound, Theorem, claims_about
from constructions.wiring import Polynomial, Program, Wiring, n


def _wiring(name: str, search: Search, longest: int, *specials: str) -> Wiring:
    """A linear RNN over the numbers 0 .. n; the query has at most four tokens."""
    tokens = (START, SEPARATOR, *specials, *search.tokens)
    return Wiring(name, specials=tokens, numbers=(0, n), context=n + 6 + longest, recurrent=True, search=search)


_CAPTURED, _FAILED = "What the search captured is the answer.", "The search failed: there is none."
"""What readers are told of the rules that answer."""


def index() -> Construction:
    """Searches for the start, i - 1 tokens, and one more, which is captured."""
    search = Search.of("\\A`<s>`[^`?`]{", "}([^`?`])")
    w = _wiring("retrieval/index", search, 7)
    program = Program(w)
    says = "The query is a position: search for the start, one token less than that, and capture the next."
    program.rule("? i", r"<search> \A<s>[^?]{ i-1 }([^?]) </search>", says=says)
    program.rule("</search> x", "x", says=_CAPTURED)
    program.wire()

    def transcript(instance: Retrieval, _: int) -> tuple[str, ...]:
        (i,) = instance.query
        found = str(instance.sequence[i - 1])
        return ("<search>", r"\A<s>[^?]{", str(i - 1), "}([^?])", "</search>", found, found)

    return _construction(w, Index(), 7, transcript)


def _completed(instance: Retrieval, _: int) -> tuple[str, ...]:
    """What both completions must write: the search for the query and what follows, then what was found."""
    found = _latest_successor(instance.sequence, instance.query)
    written = ("<search>", r"\A[^?]*", *map(str, instance.query), "([^?])", "</search>")
    return (*written, "FAILED", NONE) if found is None else (*written, str(found), str(found))


def associative_recall() -> Construction:
    """Searches for the latest occurrence of the query that has a successor, which is captured.

    The longest match up to the query's token that leaves a successor ends at the token's latest occurrence.
    """
    search = Search.of("\\A[^`?`]*", "([^`?`])")
    w = _wiring("retrieval/associative-recall", search, 7, NONE)
    program = Program(w)
    says = "Search for the latest occurrence of the query that has a successor, and capture that."
    program.rule("? q", r"<search> \A[^?]* q ([^?]) </search>", says=says)
    program.rule("</search> x", "x", says=_CAPTURED)
    program.rule("</search> FAILED", NONE, says=_FAILED)
    program.wire()
    return _construction(w, AssociativeRecall(), 7, _completed)


def c_gram(c: int = 3) -> Construction:
    """Searches for the latest occurrence of the c - 1 tokens of the query that has a successor."""
    task = CGram(c)
    search = Search.of("\\A[^`?`]*", "([^`?`])")
    longest = c + 5
    w = _wiring("retrieval/c-gram", search, longest, NONE)
    query = " ".join("qrst"[: c - 1])
    program = Program(w)
    says = "Search for the latest occurrence of the query's tokens that has a successor, and capture that."
    program.rule(f"? {query}", rf"<search> \A[^?]* {query} ([^?]) </search>", says=says)
    program.rule("</search> x", "x", says=_CAPTURED)
    program.rule("</search> FAILED", NONE, says=_FAILED)
    program.wire()
    return _construction(w, task, longest, _completed, f"c = {c}")


def counting() -> Construction:
    """Searches for t + 1 occurrences of the query's token."""
    search = Search.of("\\A(?:[^`?`", "]*", "){", "}[^`?`", "]*(", ")")
    w = _wiring("retrieval/counting", search, 15)
    program = Program(w, {"0": w.zero, "1": w.one})
    says = "Search for the token as often as the threshold says, and once more."
    program.rule("? q t", r"<search> \A(?:[^? q ]* q ){ t }[^? q ]*( q ) </search>", says=says)
    program.rule("</search> x", "{1}", says="It was there once more: more often than the threshold.")
    program.rule("</search> FAILED", "{0}", says="It was not there so often.")
    program.wire()

    def transcript(instance: Retrieval, _: int) -> tuple[str, ...]:
        q, t = instance.query
        text = rf"<search> \A(?:[^? {q} ]* {q} ){{ {t} }}[^? {q} ]*( {q} ) </search>"
        outcome = (str(q), "1") if instance.sequence.count(q) > t else ("FAILED", "0")
        return (*text.split(), *outcome)

    return _construction(w, Counting(), 15, transcript)


def _latest_successor(sequence: tuple[int, ...], query: tuple[int, ...]) -> int | None:
    """What follows the latest occurrence of ``query`` inside the sequence."""
    length = len(query)
    places = [p for p in range(len(sequence) - length) if sequence[p : p + length] == query]
    return sequence[places[-1] + length] if places else None


def _construction(
    w: Wiring,
    task: RetrievalTask,
    longest: int,
    transcript: Callable[[Retrieval, int], tuple[str, ...]],
    parameter: str | None = None,
) -> Construction:
    bound = Polynomial.constant(longest)
    return Construction(w.name, task, w.finish(), longest=bound, transcript=transcript, parameter=parameter)


_TOKENS = {"index": 7, "associative-recall": 7, "c-gram": 10, "counting": 15}

_BITS: dict[str, tuple[LogBound, LogBound, LogBound]] = {
    "index": (LogBound(2, 7), LogBound(2, 7), LogBound(3, 10)),
    "associative-recall": (LogBound(2, 7), LogBound(2, 7), LogBound(3, 10)),
    "c-gram": (LogBound(2, 7), LogBound(2, 7), LogBound(6, 20)),
    "counting": (LogBound(2, 8), LogBound(2, 8), LogBound(7, 26)),
}
"""Bits of a parameter, of any number that occurs, and of the state."""

CONSTRUCTIONS = {
    "retrieval/index": index,
    "retrieval/associative-recall": associative_recall,
    "retrieval/c-gram": c_gram,
    "retrieval/counting": counting,
}
VARIANTS = {"retrieval/c-gram": GRAM_SIZES}

THEOREM = Theorem(
    number="5.2",
    title="In-context retrieval by searching",
    statement=(
        "Linear RNNs of constant size with O(log n) bits and in-context RAG solve Index, associative recall, c-gram "
        "retrieval and Counting with O(1) tokens of chain of thought."
    ),
    constructions=tuple(f"retrieval/{task}" for task in _BITS),
    claims=tuple(
        claim
        for task, (parameters, activations, state) in _BITS.items()
        for claim in claims_about(
            f"retrieval/{task}",
            tokens=Polynomial.constant(_TOKENS[task]),
            parameters=parameters,
            activations=activations,
            state=state,
            searches=Polynomial.constant(1),
            transcript="the reference search",
        )
    ),
    not_checked=(SEARCHES_RUN,),
)
