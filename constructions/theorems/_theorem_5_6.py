"""Theorem 5.6: a linear RNN whose outputs feed one attention layer solves the four tasks, and IsTree.

The recurrence does what took a Transformer its first layers: it holds the last tokens and counts. One
attention layer looks up. For IsTree, where a Transformer looks up what it has looked up, the hybrid writes
down what it found, so that the next look-up can ask for it.
"""

from collections.abc import Iterator

from constructions.tasks import (
    JOIN,
    NO,
    NONE,
    SEPARATOR,
    START,
    YES,
    AssociativeRecall,
    CGram,
    Counting,
    Graph,
    Index,
    IsTree,
    tour_of,
)
from constructions.theorems._statements import GRAM_SIZES, Construction, LogBound, Theorem, claims_about
from constructions.theorems._theorem_4_6 import say_of_completion, say_of_counting
from constructions.wiring import Polynomial, Program, Wiring, n


def index() -> Construction:
    """A counter of the tokens serves as the key; one head looks for the asked number."""
    w = Wiring("hybrid/index", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2, recurrent=True)
    there = w.at("asked position", w.token)
    w.write(there[w.token])
    w.say(
        "asked position", "Which token did I read as number {here}?", "{there}.", "It is still to come.", when="number"
    )
    w.say("a number", "The head brought back the token at the position that was asked for, {asked position.token}.")
    return Construction(w.name, Index(), w.finish())


def associative_recall() -> Construction:
    """A window of two tokens makes the records; one head finds the latest whose key is the query."""
    specials = (START, SEPARATOR, NONE)
    w = Wiring("hybrid/associative-recall", specials=specials, numbers=(0, n), context=n + 2, recurrent=True)
    previous = w.back(1, w.token)
    found = w.latest("found", [(previous, w.token)], excluding=w.is_token(SEPARATOR), default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    say_of_completion(w, "a {here}")
    return Construction(w.name, AssociativeRecall(), w.finish())


def c_gram(c: int = 3) -> Construction:
    """A window of c tokens makes the records; one head finds the latest whose key is the query."""
    task = CGram(c)
    specials = (START, SEPARATOR, NONE)
    w = Wiring("hybrid/c-gram", specials=specials, numbers=(0, n), context=n + c, recurrent=True)
    where = [(w.back(d, w.token), w.back(d - 1, w.token)) for d in range(1, c)]
    found = w.latest("found", where, excluding=w.is_token(SEPARATOR), default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    say_of_completion(w, " ".join([*(f"{{{d} back.token}}" for d in range(c - 2, 0, -1)), "{here}"]))
    return Construction(w.name, task, w.finish(), parameter=f"c = {c}")


def counting() -> Construction:
    """One head averages over all matches and the first token; a gated unit compares with the threshold.

    The average is that of Theorem 4.6; the window offers the query's token when its threshold is read.
    """
    w = Wiring("hybrid/counting", specials=(START, SEPARATOR), numbers=(0, n), context=n + 3, recurrent=True)
    query, threshold = w.back(1, w.token), w.token
    in_query = w.back(1, w.is_token(SEPARATOR)) + w.back(2, w.is_token(SEPARATOR))
    matches = w.average("matches", [(w.token, query)], excluding=in_query)
    w.write_sign(2 - w.product(2 * threshold + 3, matches[w.start], "(2 t + 3) w"))
    say_of_counting(w, "{1 back.token}")
    return Construction(w.name, Counting(), w.finish())


_RECORD, _TOUR, _DONE = "|", "T", "ok"


def istree() -> Construction:
    """Writes down for each edge what it points to, then the Euler tour; three heads in one layer look up nodes, edges
    and edges walked the other way.

    The tour is that of Theorem 4.7; what its Transformer finds in three layers is written out here first.
    For each edge u ~ v a group ``| u v p q`` gives the pointers: p is the neighbour of u that the input names
    before v, q that of v before u, NONE if there is none. Then, from ``T`` on, every node x of the tour is
    written and confirmed, ``x ok``, unless an answer takes the place of the confirmation.

    Three heads share one layer. Records are made where their last token stands:

    ==========================  ================================  ======================
    after the tokens            nodes                             edges
    ==========================  ================================  ======================
    ``u ~ v``                   edge number -> u, v
    ``| u v p``                 neighbour of u -> v               (u, v) -> p
    ``| u v p q``               neighbour of v -> u               (v, u) -> q
    ``u ok x ok``               visited x                         walked (u, x)
    ==========================  ================================  ======================

    A group takes 5 tokens; then come T, two tokens for each of the at most 2n - 1 nodes of the tour, the node
    at which it ends, and the answer: at most 5m + 4n + 1 tokens. A graph with n edges or more is no tree, so NO
    is written at once; otherwise m <= n - 1 and there are at most 9n - 4, with equality on trees of n nodes.
    """
    w = Wiring(
        "hybrid/istree",
        specials=(START, JOIN, SEPARATOR, _RECORD, _TOUR, _DONE, NONE, YES, NO),
        numbers=(0, n),
        context=2 * n**2 + 10 * n,
        least=2,
        answers=(YES, NO),
        recurrent=True,
    )
    token, is_token = w.memory.number, w.memory.is_token
    edges, groups, walked = w.count(w.is_token(JOIN)), w.count(w.is_token(_RECORD)), w.count(w.is_token(_DONE))
    confirmed = w.is_token(_DONE)
    came_from = w.select(is_token(2, _DONE), token(3), name="came from")

    # Which record ends here; the third of | u v p is the current token p, the fourth of | u v p q is q.
    edge = w.both(w.is_number, is_token(1, JOIN), name="ends edge")
    first, second = is_token(3, _RECORD), is_token(4, _RECORD)
    kind = edge + 2 * (first + second) + 3 * confirmed
    pair_kind = 2 * (first + second) + 3 * confirmed
    nothing = w.is_token(NONE)

    # What is asked here, by the kind of the current token.
    at_bar, after_bar, at_node = w.is_token(_RECORD), is_token(1, _RECORD), is_token(1, _DONE)
    asks_neighbour = is_token(2, _RECORD) + is_token(3, _RECORD) + confirmed
    asked_kind = at_bar + after_bar + 2 * asks_neighbour + 3 * at_node
    asked_node = w.cases(
        (at_bar, groups), (after_bar, groups), (at_node, w.token), otherwise=token(1), name="asked node"
    )

    record_node = w.cases(
        (edge, edges), (first, token(2)), (second, token(2)), (confirmed, token(1)), name="record.node"
    )
    found = w.latest("node record", [(kind, asked_kind), (record_node, asked_node)], default=True)
    other = w.cases((edge, token(2)), (first, token(1)), (second, token(3)), name="record.other")
    other_end = w.select(edge, w.token, name="record.other end")

    pair_from = w.cases((first, token(2)), (second, token(2)), (confirmed, came_from), name="pair.from")
    pair_to = w.cases((first, token(1)), (second, token(3)), (confirmed, token(1)), name="pair.to")
    pair = [pair_kind, pair_from, pair_to]
    asked_pair_kind = 2 * confirmed + 3 * at_node
    ahead_from = w.cases((confirmed, token(1)), (at_node, token(2)), name="asked pair.from")
    ahead_to = w.cases((confirmed, came_from), (at_node, w.token), name="asked pair.to")
    ahead = w.latest("pair record", list(zip(pair, [asked_pair_kind, ahead_from, ahead_to], strict=True)), default=True)
    reverse_from = w.select(at_node, w.token, name="asked back.from")
    reverse_to = w.select(at_node, token(2), name="asked back.to")
    back = w.latest(
        "way back",
        list(zip(pair, [3 * at_node, reverse_from, reverse_to], strict=True)),
        default=True,
    )

    follow = w.both(ahead.hit, 1 - ahead[nothing], name="has a pointer")
    complete = w.equal(walked, 2 * edges + 1, name="tour is complete")
    yes = w.both(ahead.hit, complete, name="whole graph")
    no = w.either(ahead.hit, w.both(found.hit, ~back.hit, name="closes a cycle"), name="walk ends")
    too_many = w.at_least(edges, w.constant(n), name="too many edges")
    more = w.at_least(edges - groups, 1, name="more edges")

    program = Program(
        w,
        {
            "u": found[other],
            "v": found[other_end],
            "neighbour": found[other],
            "pointer": ahead[w.token],
        },
    )
    program.rule("?", NO, when=too_many, says="As many edges as nodes: no tree has so many.")
    program.rule("?", "|", when=~too_many, says="The list of pointers begins.")
    program.rule("|", "{u}", says="The next edge starts at this node.")
    program.rule("| u", "{v}", says="And it ends at this one.")
    for context in ("| u v", "| u v p", "| u v NONE"):
        program.rule(context, "{neighbour}", when=found.hit, says="This neighbour was named just before.")
        program.rule(context, NONE, when=~found.hit, says="No neighbour was named before, so the pointer is empty.")
    for context in ("| u v p q", "| u v p NONE", "| u v NONE q", "| u v NONE NONE"):
        program.rule(context, "|", when=more, says="There are more edges, so another group follows.")
        program.rule(context, "T", when=~more, says="That was the last edge; the tour begins.")
    program.rule("v _ _ T", "v ok", says="The tour starts at the last node of the list.")
    program.rule("x ok", "{pointer}", when=follow, says="The edge just walked has a pointer; it names the next node.")
    program.rule("x ok", "{neighbour}", when=~follow, says="There is no pointer, so the last neighbour is next.")
    program.rule("ok x", YES, when=yes, says="The walk came full circle and crossed every edge twice: a tree.")
    program.rule("ok x", NO, when=[~yes, no], says="The walk ends too early, or closes a cycle: no tree.")
    program.rule("ok x", "ok", when=[~yes, ~no], says="Nothing stops the walk; the step is confirmed.")
    program.wire()
    w.say(
        "node record", "What is noted last about number {=asked node}?", "Position {at} notes {there}.", "Nothing is."
    )
    w.say("pair record", "Was {asked pair.from} to {asked pair.to} noted?", "Yes, at position {at}.", "No.")
    w.say(
        "way back",
        "Did the tour walk {asked back.from} to {asked back.to}?",
        "Yes, at position {at}.",
        "No.",
        when="is ok 1 back",
    )
    task = IsTree()
    return Construction(
        w.name,
        task,
        w.finish(),
        longest=9 * n - 4,
        transcript=lambda graph, size: tuple(_transcript(graph, size)),
        prompt=lambda graph: task.prompt(graph, closing=SEPARATOR),
        longest_prompt=2 * n**2 - 2 * n + 2,
    )


def _transcript(graph: Graph, size: int) -> Iterator[str]:
    """What the hybrid of this size writes: pointers, then the tour with its confirmations."""
    if len(graph.edges) >= size:
        yield NO
        return
    named: dict[int, int] = {}
    for u, v in graph.edges:
        yield from (_RECORD, str(u), str(v))
        for node, neighbour in ((u, v), (v, u)):
            yield str(named.get(node, NONE))
            named[node] = neighbour
    yield _TOUR
    tour = tour_of(graph)
    for node in tour.nodes[:-1]:
        yield from (str(node), _DONE)
    yield from (str(tour.nodes[-1]), _DONE, str(tour.following), tour.answer)


_BITS: dict[str, tuple[LogBound, LogBound, LogBound]] = {
    "index": (LogBound(0, 3), LogBound(2, 7), LogBound(3, 6)),
    "associative-recall": (LogBound(2, 7), LogBound(3, 9), LogBound(2, 2)),
    "c-gram": (LogBound(2, 8), LogBound(3, 11), LogBound(5, 5)),
    "counting": (LogBound(0, 5), LogBound(3, 8), LogBound(2, 5)),
}
"""Bits of a parameter, of any number that occurs, and of the state."""

CONSTRUCTIONS = {
    "hybrid/index": index,
    "hybrid/associative-recall": associative_recall,
    "hybrid/c-gram": c_gram,
    "hybrid/counting": counting,
    "hybrid/istree": istree,
}
VARIANTS = {"hybrid/c-gram": GRAM_SIZES}

THEOREM = Theorem(
    number="5.6",
    title="One attention layer on a linear RNN",
    statement=(
        "Linear RNNs of constant size with O(log n) bits whose outputs feed one Transformer layer solve Index, "
        "associative recall, c-gram retrieval and Counting without chain of thought, and IsTree with a chain of "
        "thought of O(n log n) tokens."
    ),
    constructions=(*(f"hybrid/{task}" for task in _BITS), "hybrid/istree"),
    claims=(
        *(
            claim
            for task, (parameters, activations, state) in _BITS.items()
            for claim in claims_about(
                f"hybrid/{task}",
                tokens=Polynomial.constant(1),
                parameters=parameters,
                activations=activations,
                state=state,
            )
        ),
        *claims_about(
            "hybrid/istree",
            tokens=9 * n - 4,
            parameters=LogBound(2, 10),
            activations=LogBound(6, 15),
            state=LogBound(11, 22),
            attained_by=YES,
            transcript="the reference pointers and tour",
        ),
    ),
    not_checked=(),
)
