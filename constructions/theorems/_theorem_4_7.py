"""Theorem 4.7, upper half: a constant-size Transformer decides IsTree by writing an Euler tour.

The prompt ``<s> u1 ~ v1 ... um ~ vm >`` is a list of edges. Each edge u ~ v makes two *records* (head,
tail): (v, u) where v stands, and (u, v) one position later. The records with the same head, in their
order, are that node's list of neighbours; each record points to the one before it in the list, and
the first one wraps around to the last. The chain of thought walks: from w to u, then on to the tail
of the record that (u, w) points to, which is the next neighbour of u after w. It starts at the last
node of the prompt. Read the function below as the proof that four blocks suffice.
"""

from constructions.tasks import IsTree
from constructions.theorems._statements import Construction, LogBound, Theorem, claims_about
from constructions.theorems._theorem_4_6 import say_of_offsets
from constructions.wiring import Wiring, n


def istree() -> Construction:
    """Writes an Euler tour by following pointers between the records of the edges, and stops at the first edge
    that it walks twice or node that it meets again.

    Four blocks; see the module's docstring for records, pointers and the tour.
    The largest position: 3 m + 1 tokens of the prompt after ``<s>`` and at most 2 n - 1 that are read
    back, with m <= n (n - 1) / 2 edges; 2 n^2 + 2 n is more.
    """
    w = Wiring(
        "transformer/istree",
        specials=("<s>", "~", ">", "YES", "NO"),
        numbers=(0, n),
        context=2 * n**2 + 2 * n,
        least=2,
        answers=("YES", "NO"),
    )
    joins, ends = w.is_token("~"), w.is_token(">")

    # Block 1: the record of this position, and that of the position before (causal attention sees the
    # position itself, so a look-up among earlier records needs keys that come one position late).
    back = {d: w.offset(f"{d} back", d) for d in range(1, 5)}
    token = {0: w.token} | {d: back[d][w.token] for d in back}
    second, third = back[1][joins], back[2][joins]
    head = w.cases((second, token[0]), (third, token[3]), name="record.head")
    tail = w.cases((second, token[2]), (third, token[1]), name="record.tail")
    late_head = w.cases((third, token[1]), (back[3][joins], token[4]), name="late record.head")
    late_tail = w.cases((third, token[3]), (back[3][joins], token[2]), name="late record.tail")

    # Block 2: what this record points to; the last neighbour of the current node; where the edges end.
    pointer = w.latest("pointer", [(late_head, head)], default=True)
    wrap = w.latest("wrap", [(head, w.token)], default=True)
    end = w.latest("end of edges", [(ends, w.one)], default=True)
    fallback = w.cases((ends, token[1]), otherwise=wrap[tail], name="fallback")
    complete = w.equal(3 * w.position, 5 * end[w.position] + 1, name="tour is complete")

    # Block 3: we came from w = token[1] to u = token[0]; follow the pointer of the record (u, w).
    record = w.latest("record", [(head, w.token), (tail, token[1])], default=True)
    following = w.cases((record[pointer.hit], record[pointer[late_tail]]), otherwise=fallback, name="next node")

    # Block 4: was the edge walked before, was it walked the other way, was the node seen before?
    not_tour = ends + (1 - end.hit)
    here, before = w.token, token[1]
    seen_edge = w.latest("seen edge", [(before, here), (here, following)], excluding=not_tour, default=True)
    way_back = w.latest("way back", [(before, following), (here, here)], excluding=not_tour, default=True)
    seen_node = w.latest("seen node", [(here, following)], excluding=not_tour, default=True)
    stop = w.at_least(2 * seen_edge.hit + seen_node.hit - way_back.hit, 1, name="stop")

    w.write("YES", when=[seen_edge.hit, complete])
    w.write("NO", when=stop)
    w.write(following)
    _say(w)
    task = IsTree()
    return Construction(
        w.name,
        task,
        w.finish(),
        longest=2 * n,
        transcript=lambda graph, _: tuple(task.transcript(graph)),
    )


def _say(w: Wiring) -> None:
    """What readers are told of the heads, and of what is written."""
    say_of_offsets(w, {f"{d} back": d for d in range(1, 5)})
    walking, came = "number, not end of edges.is <s>", "number, 1 back.token, not end of edges.is <s>"
    w.say("end of edges", "Where does the list of edges end?", "At position {at}.", "Not yet: this is still inside it.")
    w.say(
        "pointer",
        "I note a neighbour of {record.head}. Which note about {record.head} came just before mine?",
        "The one that ends at position {at}: the neighbour {pointer.late record.tail}.",
        "None: mine is the first.",
        when="record.head",
    )
    w.say("wrap", "Which neighbour of {here} was noted last?", "{wrap.record.tail}.", "None.", when="number")
    w.say(
        "record",
        "I came to {here} from {1 back.token}. Where is that edge noted?",
        "At position {at}; what it points to, or else the last neighbour, is next: {next node}.",
        "Nowhere: there was no step yet.",
        when=came,
    )
    w.say(
        "seen edge",
        "Did the tour already step from {here} to {next node}?",
        "Yes, at position {at}: it has come full circle.",
        "No, this step is new.",
        when=walking,
    )
    w.say(
        "way back",
        "Did it already walk this edge the other way, from {next node} to {here}?",
        "Yes, at position {at}: this is just the way back.",
        "No.",
        when=walking,
    )
    w.say("seen node", "Was the tour already at {next node}?", "Yes, at position {at}.", "No.", when=walking)
    w.say("YES", "The step to {next node} was taken before, and the tour crossed every edge twice: a tree.")
    w.say("NO", "The tour met {next node} again by another edge, or came full circle too early: no tree.")
    w.say("a number", "Nothing stops the tour, so it goes on to {next node}.")


CONSTRUCTIONS = {"transformer/istree": istree}

THEOREM = Theorem(
    number="4.7",
    title="Deciding whether a graph is a tree",
    statement=(
        "A Transformer of constant size solves IsTree with a chain of thought of length O(n); an RNN with o(n) bits "
        "of state fails at large n, with any chain of thought."
    ),
    constructions=("transformer/istree",),
    claims=claims_about(
        "transformer/istree",
        tokens=2 * n,
        parameters=LogBound(2, 8),
        activations=LogBound(4, 10),
        attained_by="YES",
        transcript="the reference tour",
    ),
    not_checked=(
        "by Coq, for all n: how many states are needed where repeated edges are ignored, and, on simple graphs, that "
        "each partition without singletons needs one (Coq has a smaller number), for which docs/lower-bounds.md argues",
    ),
)
