"""LSTM and GRU with hard gates: what they can do is seen on all words, and what they cannot is found.

retrieval-gap refute docs/examples/hard_gates.py:seen --task counting --n 4 --alphabet 2
"""

from constructions.architectures import GRU, LSTM
from constructions.numerics import Matrix


def rows(*numbers):
    return Matrix.from_rows(numbers)


def parity():
    """A GRU whose one number b turns around: h becomes 1 - h."""
    weights = rows([3, 3], [3, -3], [0, 1]), rows([0], [0], [-1])
    return GRU(("a", "b"), ("even", "odd"), *weights, rows([0], [2]), readout_bias=rows([1], [0]))


def dyck_1():
    """An LSTM that counts depths in its first cell; its second fills if a bracket closes where nothing is open.

    In row and column order the gates are i, f, g, o of both cells. The first cell adds 1 or -1. The second opens its
    input gate for a closing bracket unless h of the first, 1 where the depth is positive, closes it.
    """
    weight_ih = rows([3, 3], [-3, 3], [3, 3], [3, 3], [1, -1], [1, 1], [3, 3], [3, 3])
    weight_hh = rows([0, 0], [-6, 0], *[[0, 0]] * 6)
    readout = rows([-2, -4], [0, 0])
    return LSTM(("(", ")"), ("yes", "no"), weight_ih, weight_hh, readout, readout_bias=rows([1], [0]))


def seen(n, alphabet):
    """A GRU that remembers only whether 1 was read, for the task counting."""
    tokens = (*map(str, range(max(n, alphabet) + 1)), "?")
    update = [-3 if token == "1" else 3 for token in tokens]
    return GRU(
        tokens,
        ("0", "1"),
        rows([3] * len(tokens), update, [1] * len(tokens)),
        rows([0], [0], [0]),
        rows([0], [2]),
        readout_bias=rows([1], [0]),
    )
