"""Histogram: how often does the asked number occur? Its places are written, from the last to the first.

Weiss, Goldberg and Yahav, "Thinking like transformers", 2021. Each place is found from the one behind it, and the
number of tokens that were written is the count.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "histogram",
    None,
    lambda word, q: (*(i for i in range(len(word), 0, -1) if word[i - 1] == q), "=", word.count(q), "."),
    query=1,
    statement="Where does the asked number occur, and how often?",
)


def build() -> Construction:
    """The head ``earlier`` looks at whose previous token is the one here, so it finds the one before itself."""
    specials, context = (*task.tokens, "=", "."), 2 * n + 5
    w = Wiring("transformer/histogram", specials=specials, numbers=(0, context), context=context, answers=(".",))
    mark = w.latest("mark", [(w.is_token("?"), 1)], default=True)[w.position]
    previous = w.offset("previous", 1)
    earlier = w.latest("earlier", [(previous[w.token], w.token)], default=True)[previous[w.position]]
    listed = w.at("listed", w.clamp(w.token, 0, w.context, "listed place"))[earlier]
    place = w.cases((previous[w.is_token("?")], earlier), otherwise=listed, name="next place")
    count = w.clamp(w.position - mark - 2, 0, context, "count")
    w.write(".", when=previous[w.is_token("=")])
    w.write("=", when=[w.is_number, w.equal(place)])
    w.write(w.cases((w.is_token("="), count), otherwise=place, name="number"))
    return Construction(
        w.name,
        task,
        w.finish(),
        "Heads find the place before each place; the chain's length is the count.",
        longest=n + 3,
    )
