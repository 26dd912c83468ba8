"""Theorem 5.3: a linear RNN of constant size that searches its context decides IsTree.

The tour is that of Theorem 4.7, written as records ``> u c``: the walk came from u to c. Two searches per
record find what is next and whether the walk ends; the rules in :func:`istree` are all that the model does.
A search sees the prompt and all records. No text of a search can be taken for a record or an edge, since
the signs of the search language are tokens of their own, ``>`` and ``~`` among them.
"""

from collections.abc import Iterator

from constructions.architectures import Search
from constructions.tasks import JOIN, NO, SEPARATOR, START, YES, Graph, IsTree, tour_of
from constructions.theorems._statements import SEARCHES_RUN, Construction, LogBound, Theorem, claims_about
from constructions.wiring import Program, Wiring, n

RECORD = ">"
"""The token that starts a record of the tour."""

_NEXT = r"\A(?:[^?]*?(?: c ~(.)|(.)~ c )[^? c ]*(?: c \~ u | u \~ c )|[^?]*(?: c ~(.)|(.)~ c ))"
"""The neighbour of c that the input names before u; the last of all if u is the first.

The first alternative goes on, edge of c by edge of c, until the one after it has the ends c and u, and
captures the other end; it scans each part between two edges of c once. The second captures the other end
of the last edge of c. So both are linear in the context.
"""

_KNOWN = r"\A(?:.*(>) c y |.*> y c |.*>.( y ))"
"""How the walk knows y: it went from c to y (captures ``>``), from y to c (captures nothing), to y (captures y)."""

_LONGEST = 74 * n - 36


def istree() -> Construction:
    """Writes an Euler tour as records (from, to); one search finds the next node, another whether it is known.

    The chain of thought is a record, two searches, the next record, and so on.
    A record takes 3 tokens, the first search 21 and one for what it captured, the second 11 and one. The
    tour of Theorem 4.7 has at most 2n - 1 nodes, each with a record and two searches, and then comes the
    answer: 37 (2n - 1) + 1 = 74n - 36 tokens. When the edge from c to y was walked, the walk is complete:
    it went around the whole graph if there are 2m + 1 records; their ``>`` and the captured one are counted.
    """
    search = Search.of(
        "\\A(?:[^`?`]*?(?:", "`~`(.)|(.)`~`", ")[^`?`", "]*(?:", "`~`", "|", ")|[^`?`]*(?:", "))",
        "\\A(?:.*(`>`)", "|.*`>`", "|.*`>`.(",
    )  # fmt: skip
    w = Wiring(
        "retrieval/istree",
        specials=(START, JOIN, SEPARATOR, RECORD, YES, NO, *search.tokens),
        numbers=(0, n),
        context=2 * n**2 + 75 * n,
        least=2,
        answers=(YES, NO),
        recurrent=True,
        search=search,
    )
    records, edges = w.count(w.is_token(RECORD)), w.count(w.is_token(JOIN))
    complete = w.equal(records, 2 * edges + 2, name="tour is complete")
    program = Program(w)
    start = "The tour starts at the last node of the list."
    program.rule("v ?", "> v v", says=start)
    after = "The walk is at c and came from u: search for the neighbour of c that comes next."
    program.rule("> u c", f"<search> {_NEXT} </search>", says=after)
    known = "The next node is y: search for how the walk knows it, if it does."
    program.rule("~(.)|(.)~ c )) </search> y", f"<search> {_KNOWN} </search>", says=known)
    new = "It is new, or this is the way back: go there."
    program.rule("c |.*>.( y )) </search> FAILED", "> c y", says=new)
    program.rule("|.*>.( y )) </search> y", "NO", says="The walk met y again by another edge: a cycle.")
    full = "This step was taken before: the walk came full circle, and "
    program.rule("</search> >", "YES", when=complete, says=full + "crossed every edge twice. A tree.")
    program.rule("</search> >", "NO", when=~complete, says=full + "some edge was not walked. No tree.")
    program.wire()
    task = IsTree()
    return Construction(
        w.name,
        task,
        w.finish(),
        longest=_LONGEST,
        transcript=lambda graph, _: tuple(_transcript(graph)),
        prompt=lambda graph: task.prompt(graph, closing=SEPARATOR),
        longest_prompt=2 * n**2 - 2 * n + 2,
    )


def _transcript(graph: Graph) -> Iterator[str]:
    """The tour as records and searches; only the last search captures how the walk ends."""
    tour = tour_of(graph)
    before = (tour.nodes[0], *tour.nodes)
    after = (*tour.nodes[1:], tour.following)
    last = len(tour.nodes) - 1
    for place, (u, c, y) in enumerate(zip(before[:-1], tour.nodes, after, strict=True)):
        names = {"u": str(u), "c": str(c), "y": str(y)}
        yield from (RECORD, str(u), str(c))
        yield from ("<search>", *(names.get(token, token) for token in _NEXT.split()), "</search>", str(y))
        yield from ("<search>", *(names.get(token, token) for token in _KNOWN.split()), "</search>")
        yield "FAILED" if place < last else RECORD if tour.repeated else str(y)
    yield tour.answer


CONSTRUCTIONS = {"retrieval/istree": istree}

THEOREM = Theorem(
    number="5.3",
    title="Deciding by searching whether a graph is a tree",
    statement=(
        "A linear RNN of constant size with O(log n) bits and in-context RAG solves IsTree with a chain of thought of "
        "O(n log n) tokens."
    ),
    constructions=("retrieval/istree",),
    claims=claims_about(
        "retrieval/istree",
        tokens=_LONGEST,
        parameters=LogBound(2, 8),
        activations=LogBound(2, 11),
        state=LogBound(16, 53),
        searches=4 * n - 2,
        attained_by=YES,
        transcript="the reference tour and its searches",
    ),
    not_checked=(SEARCHES_RUN,),
)
