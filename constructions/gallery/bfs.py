"""Breadth-first search by chain of thought: in which order are the nodes of a directed graph found from a given one?

Moore, "The shortest path through a maze", 1959. Each two numbers are an arrow from the first to the second; one that is
left over is none. What is written is the queue: for each node of it the ends of its arrows, a full stop in place of
those found before, and a bar.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[int, ...], start: int) -> tuple[int | str, ...]:
    """Which nodes are found from the given one, arrow by arrow?"""
    queue, written = [start], list[int | str]()
    for node in queue:  # which grows meanwhile
        for place in range(0, len(word) - 1, 2):
            if word[place] == node:
                written.append("." if word[place + 1] in queue else word[place + 1])
                queue += [word[place + 1]] if word[place + 1] not in queue else []
        written.append("|")
    return (*written, "end")


task = FunctionTask("bfs", None, reference, "<s> {word} ? {query} |", query=1, far=(64, 128))


def build() -> Construction:
    """The node whose turn it is has the number of bars so far; the next of its arrows the number of steps since."""
    specials, context = (*task.tokens, ".", "end"), 2 * n + 4
    w = Wiring("transformer/bfs", specials=specials, numbers=(0, n), context=context, answers=("end",))
    source = w.offset("previous", 1)[w.token]
    behind = w.latest("mark", [(w.is_token("?"), 1)], default=True).hit
    arrow = w.both(w.latest("half", [(2 * w.position, w.position)], default=True).hit, ~behind)
    number = w.average("arrows", [(source, source)], excluding=~arrow).count()
    found = w.both(behind, w.is_number)
    queue = w.average("queue", [(found, 1)]).count()
    bars = w.average("bars", [(w.is_token("|"), 1)]).count()
    bar = w.latest("bar", [(w.is_token("|"), 1)], default=True)[w.position]
    turn = w.latest("turn", [(found, 1), (queue, bars)], default=True)
    asked = [(source, turn[w.token]), (number, w.position - bar + 1)]
    there = w.latest("arrow", asked, excluding=~arrow, default=True)
    before = w.latest("found", [(w.token, there[w.token])], excluding=~found, default=True)
    w.write("end", when=~turn.hit)
    w.write("|", when=~there.hit)
    w.write(".", when=before.hit)
    w.write(there[w.token])
    return Construction(w.name, task, w.finish(), "Heads count, and look up what has that number.", longest=n + 2)
