"""Any finite automaton by chain of thought: each state that it is in is written, then whether it accepts.

Liu et al., "Transformers learn shortcuts to automata", 2022; with a token for each step two heads and a gate for each
entry of the table suffice.
"""

from collections.abc import Collection, Mapping
from itertools import accumulate

from constructions.tasks import FunctionTask
from constructions.theorems._statements import Construction
from constructions.wiring import Wiring, n

Table = Mapping[tuple[str, str], str]
"""The next state, from a state and a letter."""


def automaton_task(name: str, delta: Table, start: str, accepting: Collection[str]) -> FunctionTask:
    """The states that the automaton goes through on a word, and ``yes`` if it ends in an accepting one."""

    def states(word: tuple[str, ...]) -> tuple[str, ...]:
        visited = tuple(accumulate(word, lambda state, letter: delta[state, letter], initial=start))[1:]
        return (*visited, "yes" if visited[-1] in accepting else "no")

    letters = list(dict.fromkeys(letter for _, letter in delta))
    return FunctionTask(name, letters, states, "<s> {word} #", statement=f"Which states does {name} go through?")


def automaton(
    name: str, delta: Table, start: str, accepting: Collection[str], task: FunctionTask | None = None
) -> Construction:
    """The network for the table delta[state, letter], which has all pairs of the two.

    The mark behind the word stands for the state ``start``. There is at least one state in ``accepting``. The
    construction is called transformer/``name``; ``task`` is that of :func:`automaton_task`, if it is there already.
    """
    task = task or automaton_task(name, delta, start, accepting)
    number = {state: place for place, state in enumerate(dict.fromkeys(state for state, _ in delta))}
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
