"""Any finite automaton in the state of a linear RNN: one cell for each of its states, a 0/1 matrix for each letter.

The matrix of a letter moves the one cell that is 1. So no token is written on the way, and the state takes as many bits
as the automaton has states, whatever the length. ``build`` takes words over a, b that end in a b.
"""

from collections.abc import Collection, Mapping
from functools import reduce

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def automaton(name: str, delta: Mapping[tuple[str, str], str], start: str, accepting: Collection[str]) -> Construction:
    """The network for the table delta[state, letter], which has all pairs of the two."""
    states, letters = (list(dict.fromkeys(part)) for part in zip(*delta, strict=True))

    def accepts(word: tuple[str, ...]) -> int:
        return int(reduce(lambda state, letter: delta[state, letter], word, start) in accepting)

    task = FunctionTask(f"{name}-at-once", letters, accepts, statement=f"Does {name} accept the word?")
    w = Wiring(f"rnn/{name}", specials=task.tokens, numbers=(0, 1), context=n, recurrent=True)
    matrices = {a: [[int(delta[old, a] == new) for old in states] for new in states] for a in letters}
    cells = w.state([int(state == start) for state in states], matrices, name="in")
    w.write_sign(sum((cell for cell, state in zip(cells, states, strict=True) if state in accepting), w.zero))
    return Construction(w.name, task, w.finish(), "The cell of the state that the automaton is in is 1.")


def build() -> Construction:
    """Three states: what the last letters were."""
    delta = {(state, "a"): "a" for state in ("start", "a", "ab")}
    delta |= {("start", "b"): "start", ("a", "b"): "ab", ("ab", "b"): "start"}
    return automaton("ends-in-ab", delta, "start", {"ab"})
