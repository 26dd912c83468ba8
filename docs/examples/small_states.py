"""Models that keep little of what they read, each with a way to fail, and one that keeps enough.

retrieval-gap refute docs/examples/small_states.py:shift_register     --task associative-recall --n 16 --alphabet 4
retrieval-gap refute docs/examples/small_states.py:hashed_state       --task index --n 24 --alphabet 2
retrieval-gap refute docs/examples/small_states.py:saturating_counter --task counting --n 12
retrieval-gap refute docs/examples/small_states.py:linear_rnn         --task index --n 32 --alphabet 2
retrieval-gap refute docs/examples/small_states.py:gru                --task associative-recall --n 12
retrieval-gap refute docs/examples/small_states.py:whole_word         --task index --n 6 --alphabet 3
"""

import zlib

import numpy as np


class ShiftRegister:
    """Keeps the last few tokens, and looks the query up among them."""

    def __init__(self, length):
        self.length = length

    def initial(self):
        return ()

    def step(self, state, token):
        if "?" in state:
            return (*state, token)
        return (*state, token)[-self.length :] if token != "?" else (*state, token)

    def output(self, state):
        word, query = state[: state.index("?")], state[-1]
        following = dict(zip(word, word[1:]))
        return following.get(query, "NONE")


class HashedState:
    """Keeps a 16-bit hash; thinks for a while, and answers by its parity."""

    def initial(self):
        return 0, 0

    def step(self, state, token):
        checksum, thoughts = state
        return zlib.crc32(token.encode(), checksum) & 0xFFFF, thoughts + (token == "hm")

    def output(self, state):
        checksum, thoughts = state
        return "hm" if thoughts < 5 else str(1 + checksum % 2)


class SaturatingCounter:
    """Counts every letter, but no further than a limit."""

    def __init__(self, limit):
        self.limit = limit

    def initial(self):
        return {}, None

    def step(self, state, token):
        counts, query = state
        if token == "?":
            return counts, ()
        if query is not None:
            return counts, (*query, int(token))
        return {**counts, int(token): min(counts.get(int(token), 0) + 1, self.limit)}, None

    def output(self, state):
        counts, (letter, threshold) = state
        return "1" if counts.get(letter, 0) > threshold else "0"


class LinearRNN:
    """s -> A s + B x with random weights, every entry rounded to a significand of p bits."""

    def __init__(self, alphabet, width=8, p=4, seed=1):
        rng = np.random.default_rng(seed)
        self.alphabet, self.p = alphabet, p
        self.A = rng.normal(size=(width, width)) / (2 * width**0.5)
        self.B = rng.normal(size=(width, alphabet + 64))
        self.C = rng.normal(size=(alphabet, width))

    def rounded(self, values):
        significand, exponent = np.frexp(values)
        return np.ldexp(np.round(significand * 2**self.p) / 2**self.p, exponent)

    def initial(self):
        return np.zeros(len(self.A))

    def step(self, state, token):
        column = 0 if token == "?" else int(token) % self.B.shape[1]
        return self.rounded(self.A @ state + self.B[:, column])

    def output(self, state):
        return str(1 + int(np.argmax(self.C @ state)))


class GRU(LinearRNN):
    """A gated recurrent unit with random weights, whose state is rounded to multiples of 1 / 4."""

    def __init__(self, alphabet, width=8, seed=2):
        super().__init__(alphabet, width, seed=seed)
        self.gates = np.random.default_rng(seed + 1).normal(size=(2, width, width))

    def step(self, state, token):
        x = self.B[:, 0 if token == "?" else int(token) % self.B.shape[1]]
        update, reset = 1 / (1 + np.exp(-(self.gates @ state + x)))
        candidate = np.tanh(self.A @ (reset * state) + x)
        return np.round(4 * (update * state + (1 - update) * candidate)) / 4


class WholeWord:
    """Forgets nothing: right, with as many states as the task needs."""

    def initial(self):
        return ()

    def step(self, state, token):
        return (*state, token)

    def output(self, state):
        return state[int(state[-1]) - 1]


def shift_register(n, alphabet):
    return ShiftRegister(length=n // 2)


def hashed_state(n, alphabet):
    return HashedState()


def saturating_counter(n, alphabet):
    return SaturatingCounter(limit=3)


def linear_rnn(n, alphabet):
    return LinearRNN(alphabet)


def gru(n, alphabet):
    return GRU(alphabet)


def whole_word(n, alphabet):
    return WholeWord()
