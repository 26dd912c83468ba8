"""A construction of one's own: look a token up, then look up what was found.

retrieval-gap run    --construction docs/examples/two_hop.py:two_hop "3 1 4 1 5 9 ? 4"
retrieval-gap verify --construction docs/examples/two_hop.py:two_hop
"""

from constructions.tasks import NONE, SEPARATOR, START, AssociativeRecall
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


class TwoHop(AssociativeRecall):
    """The token after the token after the query, each at its latest occurrence that has a successor."""

    name = "two-hop"
    statement = "Which token follows the token that follows the query?"

    def answers(self, sequence, queries):
        follower = {}
        for token, following in zip(sequence, sequence[1:]):
            follower[int(token)] = int(following)
        return [str(follower.get(follower.get(int(query)), NONE)) for (query,) in queries]


def two_hop():
    w = Wiring("transformer/two-hop", specials=(START, SEPARATOR, NONE), numbers=(0, n), context=n + 2)
    previous = w.offset("previous", 1)[w.token]
    sequence_over = w.is_token(SEPARATOR)
    first = w.latest("first hop", [(previous, w.token)], excluding=sequence_over, default=True)
    second = w.latest("second hop", [(previous, first[w.token])], excluding=sequence_over, default=True)
    w.write(second[w.token], when=[first.hit, second.hit])
    w.write(NONE)
    return Construction(w.name, TwoHop(), w.finish(), "Associative recall, twice in a row.")
