"""A machine for associative recall with the least number of states after the sequence.

retrieval-gap refute docs/examples/fewest_states.py:answers --task associative-recall --n 4 --alphabet 2
"""


class Answers:
    """When n letters are read it keeps what it would answer to each query, and nothing else."""

    def __init__(self, n):
        self.n = n

    def initial(self):
        return 0, None, ()

    def step(self, state, token):
        read, last, after = state
        if token == "?":
            return state
        if read == self.n:
            return read, token, after  # the query
        if last is not None:
            after = tuple(sorted({**dict(after), last: token}.items()))
        return read + 1, token if read + 1 < self.n else None, after

    def output(self, state):
        _, query, after = state
        return dict(after).get(query, "NONE")


def answers(n, alphabet):
    return Answers(n)
