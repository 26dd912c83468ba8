"""The part of Theorem 4.1 that can be run: an RNN with O(S) bits and chain of thought simulates any S-space machine.

The chain of thought is the list of configurations, cell by cell: a cell under the head is a step ``q[a]``, any
other a cell ``[a]``, and ``#`` stands between configurations. A cell of the next configuration depends
on the same cell and its two neighbours now, so a window of S + 2 tokens is all that the RNN must hold. It needs
no search and no attention, and it runs for as long as the machine does: up to exponentially many steps in S.
"""

from collections.abc import Iterator

from constructions.errors import InputError
from constructions.machines import Machine, initial, steps
from constructions.tasks import Simulation
from constructions.theorems._statements import NO_KERNEL, Construction, LogBound, Theorem, claims_about
from constructions.theorems._turing import EXAMPLES, HALT, MACHINES, NOT_COMPARED, UNDEFINED, Alphabet, cut_off
from constructions.wiring import Polynomial, Value, Wiring, n

DEFAULT_CELLS = 12
"""How many cells there are unless others are asked for."""

MOST_CELLS = 1000
"""More cells are refused: the transition of the state has a row and a column for each of several numbers a cell."""

WALL, OVER = "#", "OVER"
"""The token between two configurations; how a simulation ends that leaves its cells."""


def turing(machine: Machine = EXAMPLES[0], cells: int = DEFAULT_CELLS) -> Construction:
    """Writes configuration after configuration; each token depends on three of the window.

    A configuration takes S + 1 tokens; the next one is computed by the unembedding alone.
    A token is chosen by its place (head, state, symbol), see :meth:`Wiring.write_choice`. All three are sums over
    the window: ``head`` adds whether the left neighbour moves right, the cell itself stays, the right neighbour
    moves left; ``state`` the state that each of these leads to; at most one of them is not 0, as
    there is one head. ``symbol`` is what the cell's own token leaves there.

    Args:
        machine: what to simulate.
        cells: S, how many cells there are; the input stands in the middle.

    Raises:
        InputError: if there are fewer than 1 cells, or more than ``MOST_CELLS``.
    """
    if not 1 <= cells <= MOST_CELLS:
        raise InputError(
            f"cells = {cells}: expected 1 to {MOST_CELLS:,}; the state holds a window of cells + 2 tokens, and its "
            "transition is a matrix with the square of that many entries"
        )
    alphabet = Alphabet(machine)
    w = Wiring(
        "rnn/turing",
        specials=(WALL, HALT, UNDEFINED, OVER, *alphabet.tokens),
        numbers=(0, -1),
        context=(cells + 1) * (n + 2),
        answers=(HALT, UNDEFINED, OVER),
        recurrent=True,
    )
    left, same, right = cells + 1, cells, cells - 1

    def goes(distance: int, move: int) -> Value:
        flags = alphabet.of_pairs(lambda t: int(t.move == move and t.state not in machine.halting))
        return w.back(distance, w.listed(f"goes {move:+d}", flags))

    def enters(distance: int, move: int) -> Value:
        states = alphabet.of_pairs(lambda t: t.state if t.move == move and t.state not in machine.halting else 0)
        return w.back(distance, w.listed(f"enters {move:+d}", states))

    wall = w.back(same, w.is_token(WALL))
    over_right = w.both(wall, goes(left, 1), name="leaves to the right")
    over_left = w.both(w.back(left, w.is_token(WALL)), goes(same, -1), name="leaves to the left")
    head = goes(left, 1) + goes(same, 0) + goes(right, -1)
    state = enters(left, 1) + enters(same, 0) + enters(right, -1)
    if alphabet.halting:
        w.write(HALT, when=w.back(same, w.is_token(*alphabet.halting)))
    if alphabet.undefined:
        w.write(UNDEFINED, when=w.back(same, w.is_token(*alphabet.undefined)))
    w.write(OVER, when=w.either(over_right, over_left, name="leaves the cells"))
    w.write(WALL, when=wall)
    places = {token: (0, 0, alphabet.index_of(a)) for a, token in alphabet.cells.items()}
    places |= {token: (1, *place) for token, place in alphabet.places.items()}
    w.write_choice(places, (head, state, w.back(same, w.listed("leaves", alphabet.leaves))))
    w.say("a choice", "This cell and its two neighbours, one configuration ago, say what it holds now: {written}.")
    w.say(WALL, "The configuration is complete.")
    w.say(HALT, "The step at this cell enters a halting state.")
    w.say(UNDEFINED, "The table has no entry for the step at this cell.")
    w.say(OVER, "The head leaves the cells that there are.")
    task = Simulation(machine, longest=cells)
    return Construction(
        w.name,
        task,
        w.finish(),
        longest=(cells + 1) * n + 1,
        transcript=lambda word, size: cut_off(_tokens(alphabet, word, cells), (cells + 1) * size + 2),
        prompt=lambda word: _prompt(alphabet, word, cells),
        longest_prompt=Polynomial.constant(cells + 2),
        parameter=f"{machine.name}, S = {cells}",
    )


def origin(word: tuple[int, ...], cells: int) -> int:
    """Which of the S cells is the machine's cell 0: the input stands in the middle.

    Raises:
        InputError: if the input is longer than the tape.
    """
    if len(word) > cells:
        raise InputError(f"an input of {len(word)} symbols does not fit on {cells} cells")
    return (cells - len(word)) // 2


def _prompt(alphabet: Alphabet, word: tuple[int, ...], cells: int) -> tuple[str, ...]:
    machine, zero = alphabet.machine, origin(word, cells)
    tape = [machine.blank] * zero + list(word) + [machine.blank] * (cells - zero - len(word))
    zero = min(zero, cells - 1)
    row = [alphabet.cells[symbol] for symbol in tape]
    row[zero] = alphabet.pairs[machine.start, tape[zero]]
    return (WALL, *row, WALL)


def _tokens(alphabet: Alphabet, word: tuple[int, ...], cells: int) -> Iterator[str]:
    """Configurations as the window rule makes them, from the steps of the machine.

    A configuration that ends early is written up to where the ending shows: HALT and UNDEFINED at the head's old
    cell, OVER at the wall that the head would pass (the first token, or the last, of the configuration).
    """
    machine, zero = alphabet.machine, origin(word, cells)
    tape = dict(initial(machine, word).tape)
    symbols = [tape.get(cell - zero, machine.blank) for cell in range(cells)]
    row = [alphabet.cells[symbol] for symbol in symbols]  # as if the head were elsewhere
    head = zero
    for step in steps(machine, word):
        if step.next_state in machine.halting:
            yield from (*row[:head], HALT)
            return
        symbols[head], row[head] = step.write, alphabet.cells[step.write]
        head += step.move
        if head < 0:
            yield OVER
            return
        yield from row[:head]
        if head >= cells:
            yield OVER
            return
        yield alphabet.pairs[step.next_state, symbols[head]]
        yield from row[head + 1 :]
        yield WALL
    yield from (*row[:head], UNDEFINED)


CONSTRUCTIONS = {"rnn/turing": turing}
VARIANTS = {"rnn/turing": MACHINES}

THEOREM = Theorem(
    number="4.1",
    title="What chain of thought adds to an RNN",
    statement=(
        "If PSPACE is not in P/poly, some task is solved by an RNN with chain of thought but by no RNN of polynomial "
        "size without. The reason, which is what is run here: with chain of thought an RNN of O(S) bits simulates any "
        "machine on S cells, for as long as it runs."
    ),
    constructions=("rnn/turing",),
    claims=claims_about(
        "rnn/turing",
        tokens=(DEFAULT_CELLS + 1) * n + 1,
        parameters=LogBound(0, 11),
        activations=LogBound(0, 11),
        state=LogBound(0, 119),
        transcript="the configurations of the machine",
        machines="S + 1 tokens for each configuration",
    ),
    not_checked=(
        NO_KERNEL,
        NOT_COMPARED,
        "that no RNN of polynomial size does it without chain of thought, if PSPACE is not in P/poly",
    ),
)
