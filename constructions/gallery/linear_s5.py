"""The word problem of S5 by a linear RNN: is a product of permutations of five things the identity?

Merrill, Petty and Sabharwal, "The illusion of state in state-space models", 2024: with transitions that do not depend
on the token, or are diagonal, it is not expected to be possible (S5 is complete for NC1); permutation matrices do it.
"""

from collections.abc import Mapping

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def word_problem(name: str, generators: Mapping[str, tuple[int, ...]]) -> Construction:
    """The network for permutations p of 0, 1, .., which send i to p[i]; its state holds what went where."""
    things = range(len(next(iter(generators.values()))))

    def identity(word: tuple[str, ...]) -> str:
        where = list(things)
        for letter in word:
            where = [generators[letter][place] for place in where]
        return "yes" if where == list(things) else "no"

    statement = f"Is a product in {name.upper()} the identity?"
    task = FunctionTask(f"{name}-at-once", list(generators), identity, statement=statement)
    specials = (*task.tokens, "yes", "no")
    w = Wiring(f"rnn/{name}", specials=specials, numbers=(0, 0), context=n, recurrent=True)
    matrices = {letter: [[int(p[j] == i) for j in things] for i in things] for letter, p in generators.items()}
    cells = w.state(list(things), matrices, name="at")
    w.write("yes", when=[w.equal(cell, thing) for thing, cell in enumerate(cells)])
    w.write("no")
    return Construction(w.name, task, w.finish(), "A permutation matrix for each letter moves what the cells hold.")


def build() -> Construction:
    """A transposition and a cycle make all of S5."""
    return word_problem("s5", {"t": (1, 0, 2, 3, 4), "c": (1, 2, 3, 4, 0)})
