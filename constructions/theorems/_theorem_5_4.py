"""Theorem 5.4: a linear RNN that searches its context simulates Turing machines.

The chain of thought holds the walk of the head as records (position, step). Before each step a search finds the
latest record of the position; it captures the step or cell that says what the position holds.
"""

from collections.abc import Iterator

from constructions.architectures import Search
from constructions.machines import Machine, initial, steps
from constructions.tasks import SEPARATOR, START
from constructions.theorems._statements import NO_KERNEL, Construction, LogBound, Theorem, claims_about
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
    walking,
)
from constructions.wiring import Wiring, n

_ALL = "\\A.*"

_LONGEST = 8 * n + 9


def turing(machine: Machine = EXAMPLES[0]) -> Construction:
    """Writes position and step, in turn, with a search for the latest record of the position in between.

    There are eight tokens for each step: ``<search> \\A.* p ([..]) </search> r p q[a]``.

    Here p is the position, r what was captured (a cell of the prompt, an earlier step at p, or FAILED for a cell
    that is still blank), and q[a] the step. The class lists all cells and steps, so that p inside a search, which
    is followed by a sign of the search language, cannot be taken for a record. After HALT, 8 T + 1 tokens
    are written for T steps.
    """
    alphabet = Alphabet(machine)
    record = "([" + "".join(f"`{token}`" for token in alphabet.tokens) + "])"
    search = Search(((_ALL, _ALL), (_RECORD, record)))
    w = Wiring(
        "retrieval/turing",
        specials=(START, SEPARATOR, *ENDINGS, *search.tokens, *alphabet.tokens),
        numbers=(-s, s),
        context=8 * n + 2 * s + 14,
        others={"s": 1},
        answers=ENDINGS,
        recurrent=True,
        search=search,
    )
    leads_to = alphabet.of_pairs(lambda transition: transition.state) | {SEPARATOR: machine.start}
    leaves, state = w.listed("leaves", alphabet.leaves), w.listed("leads to", leads_to)
    move = w.listed("moves", alphabet.of_pairs(lambda transition: transition.move))

    # After a step, or the separator: is there a next one, and does it stay on the tape?
    found = w.back(1, w.is_token("</search>"))
    target = w.back(1, w.token) + move
    starts = w.is_token(SEPARATOR, *(token for token in alphabet.pairs.values()))
    w.write(_RECORD, when=[w.is_number, w.back(1, w.is_token(_ALL))])
    # After r p: the state is that of the step before the search, seven tokens back.
    w.write_choice(alphabet.places, (w.back(7, state), w.back(1, leaves)), when=w.is_number)
    w.write("</search>", when=w.is_token(_RECORD))
    w.write(_ALL, when=w.is_token("<search>"))
    if alphabet.halting:
        w.write(HALT, when=[w.is_token(*alphabet.halting), ~found])
    if alphabet.undefined:
        w.write(UNDEFINED, when=[w.is_token(*alphabet.undefined), ~found])
    w.write(SPACE, when=[w.beyond(target, -s, s, name="leaves the cells"), ~found])
    w.write("<search>", when=[starts, ~found])
    # After \A.* the position: that of the step two back, which stands three back, plus its move. After r the
    # same position again: it stands three back, and two back is a sign that does not move.
    position = w.back(3, w.token) + w.back(2, move)
    w.write(w.clamp(position, -s, s, name="position"))
    w.say("a choice", "The step before the search says the state, what was captured the symbol: together {written}.")
    w.say("a number", "The machine is at cell {position}.")
    w.say("<search>", "To know what the next cell holds, the context is searched.")
    w.say(_ALL, "As much as possible is skipped, so that the latest record is found.")
    w.say(_RECORD, "After the position its record is captured: a cell or a step.")
    w.say("</search>", "The expression is complete.")
    say_of_endings(w)
    return walking(w, alphabet, _LONGEST, _tokens, stride=8)


_RECORD = "([..])"
"""The name of the fragment that captures a record."""


def _tokens(alphabet: Alphabet, word: tuple[int, ...], cells: int) -> Iterator[str]:
    machine = alphabet.machine
    latest = {position: alphabet.cells[symbol] for position, symbol in enumerate(word)}
    tape, position, state = dict(initial(machine, word).tape), 0, machine.start

    def visit(token: str) -> Iterator[str]:
        found = latest.get(position, "FAILED")
        yield from ("<search>", _ALL, str(position), _RECORD, "</search>", found, str(position), token)
        latest[position] = token

    for step in steps(machine, word):
        yield from visit(alphabet.pairs[step.state, step.read])
        tape[step.position], position, state = step.write, step.position + step.move, step.next_state
        if state in machine.halting:
            yield HALT
            return
        if abs(position) > cells:
            yield SPACE
            return
    yield from visit(alphabet.pairs[state, tape.get(position, machine.blank)])
    yield UNDEFINED


CONSTRUCTIONS = {"retrieval/turing": turing}
VARIANTS = {"retrieval/turing": MACHINES}

THEOREM = Theorem(
    number="5.4",
    title="Turing machines by searching",
    statement=(
        "Linear RNNs of constant size with O(log n) bits and in-context RAG simulate any polynomial-time Turing "
        "machine with O(1) states and symbols, with a chain of thought of polynomial length."
    ),
    constructions=("retrieval/turing",),
    claims=claims_about(
        "retrieval/turing",
        tokens=_LONGEST,
        parameters=LogBound(2, 11),
        activations=LogBound(2, 12),
        state=LogBound(4, 36),
        searches=n + 1,
        transcript="the steps of the machine and their searches",
        machines="8 T + 1 tokens for the T steps to HALT, 8 T + 9 to UNDEFINED",
    ),
    not_checked=(NO_KERNEL, NOT_COMPARED),
)
