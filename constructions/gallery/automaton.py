"""Any finite automaton by chain of thought: each state that it is in is written, then whether it accepts.

Liu et al., "Transformers learn shortcuts to automata", 2022; with a token for each step two heads and a gate for each
entry of the table suffice. ``build`` takes words over a, b whose number of b is divisible by 3.
"""

from collections.abc import Collection, Mapping
from itertools import accumulate

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def automaton(name: str, delta: Mapping[tuple[str, str], str], start: str, accepting: Collection[str]) -> Construction:
    """The network for the table delta[state, letter], which has all pairs of the two.

    The mark behind the word stands for the first state. There is at least one accepting state.
    """

    def states(word: tuple[str, ...]) -> tuple[str, ...]:
        visited = tuple(accumulate(word, lambda state, letter: delta[state, letter], initial=start))[1:]
        return (*visited, "yes" if visited[-1] in accepting else "no")

    number = {state: place for place, state in enumerate(dict.fromkeys(state for state, _ in delta))}
    letters = list(dict.fromkeys(letter for _, letter in delta))
    task = FunctionTask(name, letters, states, "<s> {word} #", statement=f"Which states does {name} go through?")
    specials = (*task.tokens, *number, "yes", "no")
    w = Wiring(f"transformer/{name}", specials=specials, numbers=(0, 0), context=2 * n + 2, answers=("yes", "no"))
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    there = w.at("letter", w.clamp(w.position - mark[w.position] + 1, 0, w.context, "place"))
    in_state = {state: w.is_token(state, "#") if state == start else w.is_token(state) for state in number}
    rows = [(q, a, number[state]) for (q, a), state in delta.items() if number[state]]
    entries = (w.both(in_state[q], there[w.is_token(a)]) * place for q, a, place in rows)
    w.write("yes", when=[there[w.is_token("#")], w.is_token(*sorted(accepting))])
    w.write("no", when=there[w.is_token("#")])
    w.write_choice({state: (place,) for state, place in number.items()}, [sum(entries, w.zero)])
    summary = "A head finds the mark, one the next letter; a gate for each entry of the table gives the next state."
    return Construction(w.name, task, w.finish(), summary, longest=n + 1)


def build() -> Construction:
    """Three states in a circle."""
    delta = {(f"q{i}", letter): f"q{(i + (letter == 'b')) % 3}" for i in range(3) for letter in "ab"}
    return automaton("b-mod-3", delta, "q0", {"q0"})
