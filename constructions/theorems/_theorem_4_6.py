"""Theorem 4.6, upper half: constant-size Transformers solve the four retrieval tasks at once.

Each construction is wired for all n; read the functions below as the proofs. The first token of a
prompt is ``<s>`` at position 0, so the i-th token of the sequence stands at position i.
"""

from collections.abc import Mapping

from constructions.tasks import NONE, SEPARATOR, START, AssociativeRecall, CGram, Counting, Index
from constructions.theorems._statements import GRAM_SIZES, Construction, LogBound, Theorem, claims_about
from constructions.wiring import Polynomial, Wiring, n

_PLACES = {1: "one place", 2: "two places", 3: "three places", 4: "four places"}


def say_of_offsets(w: Wiring, heads: Mapping[str, int]) -> None:
    """What heads ask that look a fixed number of positions back."""
    for name, distance in heads.items():
        w.say(name, f"What stands {_PLACES[distance]} to my left?", "{there}.", "Nothing: this is the first token.")


def say_of_completion(w: Wiring, query: str) -> None:
    """What the head ``found`` asks, and what its answer leads to; ``query`` is what is looked for, in words."""
    w.say("found", f"Who came right after {query}, most recently?", "{there} did.", "Nobody did.", when="number")
    w.say("a number", "The head found a successor and brought it back: {found.token}.")
    w.say(NONE, "The head found no successor; the first token, which it fell back on, stands for none.")


def say_of_counting(w: Wiring, query: str) -> None:
    """What the head ``matches`` asks, and how its weight is compared; ``query`` is the token counted."""
    w.say(
        "matches",
        f"Where does the token {query} stand, the first token aside?",
        "The first token is left with the weight {matches.is <s>}, which is 1 / (count + 1).",
        "Nowhere: the first token has all the weight, 1.",
        when="number",
    )
    w.say("a number", "(2 t + 3) / (count + 1) is {(2 t + 3) w}: below 2 exactly if it occurs more than t times.")


def index() -> Construction:
    """One head whose query is the asked number and whose keys are the positions."""
    w = Wiring("transformer/index", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    there = w.at("asked position", w.token)
    w.write(there[w.token])
    w.say("asked position", "Which token stands at position {here}?", "{there}.", "It is still to come.", when="number")
    w.say("a number", "The head brought back the token at the position that was asked for, {asked position.token}.")
    return Construction(w.name, Index(), w.finish())


def associative_recall() -> Construction:
    """A head that reads the previous token, then a head that finds the latest position whose previous token is
    the query.
    """
    w = Wiring("transformer/associative-recall", specials=(START, SEPARATOR, NONE), numbers=(0, n), context=n + 2)
    previous = w.offset("previous", 1)
    found = w.latest("found", [(previous[w.token], w.token)], excluding=w.is_token(SEPARATOR), default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    say_of_offsets(w, {"previous": 1})
    say_of_completion(w, "a {here}")
    return Construction(w.name, AssociativeRecall(), w.finish())


def c_gram(c: int = 3) -> Construction:
    """c - 1 heads that read the previous tokens, then one that finds the latest position where all of them equal
    the query.

    At the end of the prompt the tokens of the query are the current one and the c - 2 before it. A
    position inside the query is no record, since its key holds the separator, whose number is 0.
    """
    task = CGram(c)
    w = Wiring("transformer/c-gram", specials=(START, SEPARATOR, NONE), numbers=(0, n), context=n + c)
    back = [w.token] + [w.offset(f"{d} back", d)[w.token] for d in range(1, c)]
    where = [(back[d], back[d - 1]) for d in range(1, c)]
    found = w.latest("found", where, excluding=w.is_token(SEPARATOR), default=True)
    w.write(found[w.token], when=found.hit)
    w.write(NONE)
    say_of_offsets(w, {f"{d} back": d for d in range(1, c)})
    say_of_completion(w, " ".join([*(f"{{{d} back.token}}" for d in range(c - 2, 0, -1)), "{here}"]))
    return Construction(w.name, task, w.finish(), parameter=f"c = {c}")


def counting() -> Construction:
    """A head that averages over all matches and the first token, so that the first token's weight is
    1 / (count + 1), and one gated unit that compares it with the threshold.

    The weight w is the average of the flag of ``<s>``.
    count > t exactly if count >= t + 1 exactly if 2 (count + 1) > 2 t + 3, for integers; that is
    2 - (2 t + 3) w > 0, and 0 does not occur because 2 t + 3 is odd.
    """
    w = Wiring("transformer/counting", specials=(START, SEPARATOR), numbers=(0, n), context=n + 3)
    one_back, two_back = w.offset("one back", 1), w.offset("two back", 2)
    query, threshold = one_back[w.token], w.token
    in_query = one_back[w.is_token(SEPARATOR)] + two_back[w.is_token(SEPARATOR)]
    matches = w.average("matches", [(w.token, query)], excluding=in_query)
    w.write_sign(2 - w.product(2 * threshold + 3, matches[w.start], "(2 t + 3) w"))
    say_of_offsets(w, {"one back": 1, "two back": 2})
    say_of_counting(w, "{one back.token}")
    return Construction(w.name, Counting(), w.finish())


_BITS: dict[str, tuple[LogBound, LogBound]] = {
    "transformer/index": (LogBound(0, 4), LogBound(2, 7)),
    "transformer/associative-recall": (LogBound(2, 8), LogBound(3, 9)),
    "transformer/c-gram": (LogBound(2, 8), LogBound(3, 12)),
    "transformer/counting": (LogBound(0, 5), LogBound(3, 9)),
}
"""Bits of the largest parameter and of the largest number that occurs, as the theorem's O(log n)."""

CONSTRUCTIONS = {
    "transformer/index": index,
    "transformer/associative-recall": associative_recall,
    "transformer/c-gram": c_gram,
    "transformer/counting": counting,
}
VARIANTS = {"transformer/c-gram": GRAM_SIZES}

THEOREM = Theorem(
    number="4.6",
    title="In-context retrieval",
    statement=(
        "For Index, associative recall, c-gram retrieval and Counting: Transformers of constant size solve them "
        "without chain of thought; an RNN with o(n) bits of state fails at large n, with any chain of thought."
    ),
    constructions=tuple(_BITS),
    claims=tuple(
        claim
        for name, (parameters, activations) in _BITS.items()
        for claim in claims_about(name, tokens=Polynomial.constant(1), parameters=parameters, activations=activations)
    ),
    not_checked=(
        "by Coq, for all n: how many states key-value pairs, de Bruijn words, and words over 2 or 3 letters need, for "
        "which docs/lower-bounds.md argues",
    ),
)
