"""Theorem 5.7: a linear RNN with one attention layer simulates Turing machines; and so does a Transformer.

The chain of thought is the walk of the head: position, step, position, step. A step ``q[a]`` stands for the
table's entry, so it says what was written, where the head goes next, and in which state. To find the symbol at a
position, look for the latest step at that position; the prompt lists the input as cells.
"""

from collections.abc import Callable, Iterator

from constructions.machines import Machine
from constructions.tasks import SEPARATOR, START
from constructions.theorems._statements import NO_KERNEL, Construction, LogBound, Theorem, claims_about
from constructions.theorems._theorem_4_6 import say_of_offsets
from constructions.theorems._turing import (
    ENDINGS,
    EXAMPLES,
    HALT,
    MACHINES,
    NOT_COMPARED,
    SPACE,
    UNDEFINED,
    Alphabet,
    s,
    say_of_endings,
    walk,
    walking,
)
from constructions.wiring import Value, Wiring, n

_LONGEST = 2 * n + 3


def hybrid(machine: Machine = EXAMPLES[0]) -> Construction:
    """A window of two tokens and one head that finds the latest record of a cell; writes position and step, in turn."""
    w = _wiring("hybrid/turing", machine, recurrent=True)
    return _simulation(w, machine, lambda value: w.back(1, value))


def transformer(machine: Machine = EXAMPLES[0]) -> Construction:
    """A head that looks one position back and one head that finds the latest record of a cell; writes position and
    step, in turn.
    """
    w = _wiring("transformer/turing", machine, recurrent=False)
    before = w.offset("one back", 1)
    say_of_offsets(w, {"one back": 1})
    return _simulation(w, machine, lambda value: before[value])


def _wiring(name: str, machine: Machine, *, recurrent: bool) -> Wiring:
    """Two sizes: n steps, on the cells -s .. s; the prompt lists at most s + 1 cells."""
    return Wiring(
        name,
        specials=(START, SEPARATOR, *ENDINGS, *Alphabet(machine).tokens),
        numbers=(-s, s),
        context=2 * n + 2 * s + 6,
        others={"s": 1},
        answers=ENDINGS,
        recurrent=recurrent,
    )


def _simulation(w: Wiring, machine: Machine, back: Callable[[Value], Value]) -> Construction:
    """What is written after a position p, the separator, and a step.

    After p: the step (state, symbol), where the state is what the token before p leads to and the symbol what the
    latest record of p left there; no record means blank. After a step at p: p plus its move. After the
    separator: p + move with p = 0 and move = 0, because special tokens have the number 0 and it does not move.
    """
    alphabet = Alphabet(machine)
    leads_to = alphabet.of_pairs(lambda transition: transition.state) | {SEPARATOR: machine.start}
    leaves, state = w.listed("leaves", alphabet.leaves), back(w.listed("leads to", leads_to))
    move = w.listed("moves", alphabet.of_pairs(lambda transition: transition.move))

    here = back(w.token)
    cell = w.latest("cell", [(here, w.token)], excluding=1 - w.is_token(*alphabet.tokens), default=True)
    target = here + move
    if alphabet.halting:
        w.write(HALT, when=w.is_token(*alphabet.halting))
    if alphabet.undefined:
        w.write(UNDEFINED, when=w.is_token(*alphabet.undefined))
    w.write(SPACE, when=w.beyond(target, -s, s, name="leaves the cells"))
    w.write_choice(alphabet.places, (state, cell[leaves]), when=w.is_number)
    w.write(w.clamp(target, -s, s, name="next position"))
    w.say(
        "cell",
        "The machine is at cell {here}. Who last wrote there?",
        "The {there} at position {at} did.",
        "Nobody did, so the cell is blank.",
        when="number",
    )
    w.say("a choice", "The step before says the state, the head what the cell holds: together {written}.")
    w.say("a number", "The step {here} leaves the machine at cell {next position}.")
    say_of_endings(w)
    return walking(w, alphabet, _LONGEST, _tokens, stride=2)


def _tokens(alphabet: Alphabet, word: tuple[int, ...], cells: int) -> Iterator[str]:
    for position, token in walk(alphabet, word, cells):
        yield from (token,) if token in ENDINGS else (str(position), token)


_ABOUT = "the steps of the machine"

CONSTRUCTIONS = {"transformer/turing": transformer, "hybrid/turing": hybrid}
VARIANTS = dict.fromkeys(CONSTRUCTIONS, MACHINES)

THEOREM = Theorem(
    number="5.7",
    title="Turing machines in a hybrid",
    statement=(
        "Linear RNNs of constant size with O(log n) bits whose outputs feed one Transformer layer simulate any "
        "polynomial-time Turing machine with O(1) states and symbols, with a chain of thought of polynomial length. "
        "(So does a Transformer, which is checked beside it.)"
    ),
    constructions=("hybrid/turing", "transformer/turing"),
    claims=(
        *claims_about(
            "hybrid/turing",
            tokens=_LONGEST,
            parameters=LogBound(2, 10),
            activations=LogBound(3, 11),
            state=LogBound(2, 8),
            transcript=_ABOUT,
            machines="2 T + 1 tokens for the T steps to HALT, 2 T + 3 to UNDEFINED",
        ),
        *claims_about(
            "transformer/turing",
            tokens=_LONGEST,
            parameters=LogBound(2, 10),
            activations=LogBound(3, 11),
            transcript=_ABOUT,
            machines="2 T + 1 tokens for the T steps to HALT, 2 T + 3 to UNDEFINED",
        ),
    ),
    not_checked=(NO_KERNEL, NOT_COMPARED),
)
