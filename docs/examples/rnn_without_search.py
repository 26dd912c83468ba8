"""The linear RNN of Theorem 5.2 with its tool taken away: it writes its search, and nobody answers.

retrieval-gap refute docs/examples/rnn_without_search.py:associative_recall --task associative-recall --n 8
retrieval-gap refute docs/examples/rnn_without_search.py:index              --task index --n 8 --alphabet 2
"""

import numpy as np

from constructions.architectures import Cache, Evaluator
from constructions.numerics import Exact
from constructions.theorems import construction


class WithoutSearch:
    """Steps the matrices of a construction; its state is the recurrent state, a vector of a few integers."""

    def __init__(self, name, n):
        self.model = construction(name).at(n)
        self.evaluator = Evaluator(self.model, Exact())
        (self.recurrence,) = (i for i, layer in enumerate(self.model.layers) if hasattr(layer, "transition"))

    def initial(self):
        return self.step(None, "<s>")

    def step(self, state, token):
        """The next state; a number inside a search is written like (3), so that nobody takes it for an answer."""
        token = token.strip("()") if token.strip("()").isdigit() else token
        inside = token == "<search>" or (state is not None and state[2] and token != "</search>")
        cache = Cache()
        if state is not None:
            held = np.array([state[0]], dtype=np.int64)
            bounds = [max(1, abs(value)) for value in state[0]]
            cache = Cache(1, {}, {self.recurrence: self.evaluator.arithmetic.lift(held, 1, bounds)})
        ids = np.array([self.model.vocabulary.id_of(token)])
        x, after = self.evaluator.run(ids, cache)
        written = self.model.vocabulary.token_of(int(self.evaluator.next_tokens(x)[0]))
        held = after.states[self.recurrence].numerators[0]
        # What is written depends on the last token beside the state; it is kept so that output needs no other.
        return tuple(int(value) for value in held), written, inside

    def output(self, state):
        _, written, inside = state
        return f"({written})" if inside and written.isdigit() else written


def associative_recall(n, alphabet):
    return WithoutSearch("retrieval/associative-recall", max(n, alphabet))


def index(n, alphabet):
    return WithoutSearch("retrieval/index", max(n, alphabet))
