"""A small gated recurrent unit, trained here on associative recall by backpropagation through time, then refuted.

retrieval-gap refute docs/examples/trained_gru.py:gru     --task associative-recall --n 6
retrieval-gap refute docs/examples/trained_gru.py:rounded --task associative-recall --n 8

Training takes some seconds on one core. Seeds are fixed.
"""

import numpy as np

WIDTH, BATCH, UPDATES, RATE = 32, 128, 1500, 0.004


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class GRU:
    """Weights ``W`` of the gates and of the candidate, ``E`` of the tokens (the last is ?), ``C`` of the answers."""

    def __init__(self, alphabet, grid=None):
        rng = np.random.default_rng(0)
        self.alphabet, self.grid = alphabet, grid
        self.E = rng.normal(size=(alphabet + 1, 3 * WIDTH)) / 2
        self.W = rng.normal(size=(WIDTH, 3 * WIDTH)) / WIDTH**0.5
        self.C = rng.normal(size=(WIDTH, alphabet + 1)) / WIDTH**0.5

    def cell(self, h, ids):
        """The next state, and what backpropagation needs."""
        x, back = self.E[ids], h @ self.W[:, : 2 * WIDTH]
        gates = sigmoid(x[..., : 2 * WIDTH] + back)
        z, r = gates[..., :WIDTH], gates[..., WIDTH:]
        c = np.tanh(x[..., 2 * WIDTH :] + (r * h) @ self.W[:, 2 * WIDTH :])
        return (1 - z) * h + z * c, (h, ids, z, r, c)

    def gradients(self, ids, answers):
        """Of the cross-entropy of the answers, after the words ``ids`` of shape (batch, length)."""
        h, kept = np.zeros((len(ids), WIDTH)), []
        for column in ids.T:
            h, needed = self.cell(h, column)
            kept.append(needed)
        logits = h @ self.C
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(ids)), answers] -= 1
        dE, dW, dC = np.zeros_like(self.E), np.zeros_like(self.W), h.T @ p / len(ids)
        dh = p @ self.C.T / len(ids)
        for h, column, z, r, c in reversed(kept):
            dc = dh * z * (1 - c * c)
            drh = dc @ self.W[:, 2 * WIDTH :].T
            dgates = np.hstack([dh * (c - h) * z * (1 - z), drh * h * r * (1 - r)])
            dW += np.hstack([h.T @ dgates, (r * h).T @ dc])
            np.add.at(dE, column, np.hstack([dgates, dc]))
            dh = dh * (1 - z) + drh * r + dgates @ self.W[:, : 2 * WIDTH].T
        return dE, dW, dC

    def train(self, n):
        """Adam on random words of n different letters, and a query that has an answer or is the last letter."""
        rng = np.random.default_rng(1)
        weights = self.E, self.W, self.C
        first, second = ([np.zeros_like(w) for w in weights] for _ in range(2))
        for update in range(1, UPDATES + 1):
            words = rng.permuted(np.tile(np.arange(self.alphabet), (BATCH, 1)), axis=1)[:, :n]
            place = rng.integers(0, n, BATCH)
            following = np.column_stack([words[:, 1:], np.full(BATCH, self.alphabet)])  # NONE after the last letter
            rows = np.arange(BATCH)
            ids = np.column_stack([words, np.full(BATCH, self.alphabet), words[rows, place]])
            for w, m, v, g in zip(weights, first, second, self.gradients(ids, following[rows, place])):
                m[:] += 0.1 * (g - m)
                v[:] += 0.001 * (g * g - v)
                w[:] -= RATE * (m / (1 - 0.9**update)) / (np.sqrt(v / (1 - 0.999**update)) + 1e-8)
        return self

    # What refute calls

    def initial(self):
        return np.zeros(WIDTH)

    def step(self, state, token):
        h, _ = self.cell(state, self.alphabet if token == "?" else int(token) - 1)
        return h if self.grid is None else np.round(h * self.grid) / self.grid + 0.0

    def output(self, state):
        best = int(np.argmax(state @ self.C))
        return "NONE" if best == self.alphabet else str(best + 1)


def gru(n, alphabet):
    return GRU(alphabet).train(n)


def rounded(n, alphabet):
    """The same weights; every number of the state is rounded to -1, 0 or 1 after each step."""
    return GRU(alphabet, grid=1).train(n)
