"""Six constructions, each with one mistake that somebody could make. Do not read on: find them with the tool.

retrieval-gap verify  --construction docs/examples/planted_bugs.py:a
retrieval-gap explain --construction docs/examples/planted_bugs.py:a "3 1 4 1 5 ? 4"
"""

from constructions.tasks import NONE, SEPARATOR, START, AssociativeRecall, CGram, Counting, Index, IsTree
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def a():
    w = Wiring("transformer/bug-a", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    there = w.at("asked position", w.token - 1)
    w.write(there[w.token])
    return Construction(w.name, Index(), w.finish(), "Looks at the asked position.")


def b():
    w = Wiring("transformer/bug-b", specials=(START, SEPARATOR, NONE), numbers=(0, n), context=n + 2)
    previous = w.offset("previous", 1)
    found = w.latest("found", [(previous[w.token], w.token)], default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    return Construction(w.name, AssociativeRecall(), w.finish(), "Finds the latest token after the query.")


def c():
    w = Wiring("transformer/bug-c", specials=(START, SEPARATOR, NONE), numbers=(0, n), context=n + 3)
    back = [w.token] + [w.offset(f"{d} back", d)[w.token] for d in (1, 2)]
    where = [(back[1], back[0]), (back[2], back[2])]
    found = w.latest("found", where, excluding=w.is_token(SEPARATOR), default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    return Construction(w.name, CGram(3), w.finish(), "Finds the latest place after the two tokens of the query.")


def d():
    w = Wiring("transformer/bug-d", specials=(START, SEPARATOR), numbers=(0, n), context=n + 3)
    one_back, two_back = w.offset("one back", 1), w.offset("two back", 2)
    query, threshold = one_back[w.token], w.token
    in_query = one_back[w.is_token(SEPARATOR)] + two_back[w.is_token(SEPARATOR)]
    matches = w.average("matches", [(w.token, query)], excluding=in_query)
    w.write_sign(2 - w.product(2 * threshold + 1, matches[w.start], "(2 t + 1) w"))
    return Construction(
        w.name, Counting(), w.finish(), "Compares the share of <s> among the matches with the threshold."
    )


def e():
    return _tour("e", late=False)


def f():
    return _tour("f", late=True)


def _tour(letter, late):
    w = Wiring(
        f"transformer/bug-{letter}",
        specials=(START, "~", ">", "YES", "NO"),
        numbers=(0, n),
        context=2 * n**2 + 2 * n,
        least=2,
        answers=("YES", "NO"),
    )
    joins, ends = w.is_token("~"), w.is_token(">")
    back = {distance: w.offset(f"{distance} back", distance) for distance in range(1, 5)}
    token = {0: w.token} | {distance: back[distance][w.token] for distance in back}
    second, third = back[1][joins], back[2][joins]
    head = w.cases((second, token[0]), (third, token[3]), name="record.head")
    tail = w.cases((second, token[2]), (third, token[1]), name="record.tail")
    late_head = w.cases((third, token[1]), (back[3][joins], token[4]), name="late record.head")
    late_tail = w.cases((third, token[3]), (back[3][joins], token[2]), name="late record.tail")

    where, what = (late_head, late_tail) if late else (head, tail)
    pointer = w.latest("pointer", [(where, head)], default=True)
    wrap = w.latest("wrap", [(head, w.token)], default=True)
    end = w.latest("end of edges", [(ends, w.one)], default=True)
    fallback = w.cases((ends, token[1]), otherwise=wrap[tail], name="fallback")
    complete = w.equal(3 * w.position, 5 * end[w.position] + 1, name="tour is complete")

    record = w.latest("record", [(head, w.token), (tail, token[1])], default=True)
    following = w.cases((record[pointer.hit], record[pointer[what]]), otherwise=fallback, name="next node")

    not_tour = ends + (1 - end.hit)
    here, before = w.token, token[1]
    seen_edge = w.latest("seen edge", [(before, here), (here, following)], excluding=not_tour, default=True)
    way_back = w.latest("way back", [(before, following), (here, here)], excluding=not_tour, default=True)
    seen_node = w.latest("seen node", [(here, following)], excluding=not_tour, default=True)
    stop = w.at_least(2 * seen_edge.hit + seen_node.hit - way_back.hit, 1, name="stop")

    w.write("YES", when=[seen_edge.hit, complete] if not late else seen_edge.hit)
    w.write("NO", when=stop)
    w.write(following)
    task = IsTree()
    return Construction(
        w.name,
        task,
        w.finish(),
        "Writes an Euler tour of the graph.",
        longest=2 * n,
        transcript=lambda graph, _: tuple(task.transcript(graph)),
    )
