"""LSTM and GRU cells whose gates are piecewise linear, computed exactly.

The equations are PyTorch's, with the names of its parameters and its order of the gates, and with its ``hardsigmoid``
and ``hardtanh`` in place of sigmoid and tanh:

* hardsigmoid(x) = min(max(x / 6 + 1/2, 0), 1): 0 up to -3, 1 from 3 on;
* hardtanh(x) = min(max(x, -1), 1).

States are tuples of fractions, so two of them are equal or not, and nothing is rounded. A cell has ``initial``,
``step`` and ``output``, which is what ``retrieval-gap refute`` asks of a model, and :meth:`GatedCell.model` makes a
:class:`Model` of it.

A GRU's state is a weighted mean of itself and of something between -1 and 1, so no cell of it leaves [-1, 1]. An LSTM's
cell c grows by at most 1 a token, so after t tokens it lies in [-t, t]: it can count, which a GRU of finite precision
cannot (Weiss, Goldberg and Yahav, "On the practical computational power of finite precision RNNs", 2018).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Generic, TypeVar

from constructions.architectures._model import Embedding, Gated, Model, Unembedding, gated_shapes
from constructions.architectures._recipes import GATES, ONE, TANH, CellKind, asked, recipe
from constructions.errors import ModelError, ResourceError, unknown
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary

Numbers = tuple[Fraction, ...]
_Entries = Mapping[tuple[int, int], int] | Mapping[tuple[int, int], Fraction]
S = TypeVar("S", bound=Hashable)
Other = TypeVar("Other", bound=Hashable)


def hard_sigmoid(x: Fraction) -> Fraction:
    """x / 6 + 1/2, cut off at 0 and 1."""
    return min(max(x / 6 + Fraction(1, 2), Fraction(0)), Fraction(1))


def hard_tanh(x: Fraction) -> Fraction:
    """x, cut off at -1 and 1."""
    return min(max(x, Fraction(-1)), Fraction(1))


@dataclass(frozen=True)
class GatedCell(ABC, Generic[S]):
    """One recurrent layer that reads tokens, and a linear map that picks the output.

    Args:
        tokens: one column of ``weight_ih`` for each.
        answers: one row of ``readout`` for each; the largest of ``readout @ h + readout_bias`` is the output, the first
            of equals.
        weight_ih: (gates * size, tokens), as the rows of the gates stand in PyTorch.
        weight_hh: (gates * size, size).
        bias_ih: (gates * size, 1); 0 unless given.
        bias_hh: the same; of a GRU's new state the reset gate multiplies it.
        readout: (answers, size).
        readout_bias: (answers, 1); 0 unless given.

    Raises:
        ModelError: if shapes do not fit.
    """

    tokens: tuple[str, ...]
    answers: tuple[str, ...]
    weight_ih: Matrix
    weight_hh: Matrix
    readout: Matrix
    bias_ih: Matrix | None = None
    bias_hh: Matrix | None = None
    readout_bias: Matrix | None = None

    gates: ClassVar[int]

    def __post_init__(self) -> None:
        size = self.weight_hh.shape[1]
        shapes = {
            "weight_ih": (self.gates * size, len(self.tokens)),
            "weight_hh": (self.gates * size, size),
            "bias_ih": (self.gates * size, 1),
            "bias_hh": (self.gates * size, 1),
            "readout": (len(self.answers), size),
            "readout_bias": (len(self.answers), 1),
        }
        for name, shape in shapes.items():
            found: Matrix | None = getattr(self, name)
            if found is not None and found.shape != shape:
                kind = type(self).__name__
                raise ModelError(f"{name} of an {kind} of size {size} has shape {found.shape}; expected {shape}")

    @property
    def size(self) -> int:
        """How many numbers the hidden state has."""
        return self.weight_hh.shape[1]

    def _inputs(self, token: str) -> list[Fraction]:
        """``weight_ih @ x + bias_ih`` for the token, gate after gate."""
        if token not in self.tokens:
            raise unknown("token", token, self.tokens)
        column = self.tokens.index(token)
        return [self.weight_ih[row, column] + bias for row, bias in enumerate(self._bias(self.bias_ih))]

    def _hidden(self, h: Sequence[Fraction]) -> list[Fraction]:
        """``weight_hh @ h + bias_hh``, gate after gate."""
        return _added(self.weight_hh, h, self._bias(self.bias_hh))

    def _bias(self, given: Matrix | None) -> list[Fraction]:
        return [Fraction(0)] * self.weight_hh.shape[0] if given is None else [row[0] for row in given]

    def _readout_bias(self) -> list[Fraction]:
        return [Fraction(0)] * len(self.answers) if self.readout_bias is None else [b[0] for b in self.readout_bias]

    def _read_out(self, h: Sequence[Fraction]) -> str:
        logits = _added(self.readout, h, self._readout_bias())
        return self.answers[logits.index(max(logits))]

    @abstractmethod
    def initial(self) -> S:
        """The state before the first token: zeros."""

    @abstractmethod
    def step(self, state: S, token: str) -> S:
        """The state after a token."""

    @abstractmethod
    def output(self, state: S) -> str:
        """The answer in a state."""

    def run(self, word: Sequence[str]) -> str:
        """The answer after a word."""
        state = self.initial()
        for token in word:
            state = self.step(state, token)
        return self.output(state)

    def model(self, name: str) -> Model:
        """The model of one :class:`Gated` layer that writes the answer after a word, from its first letter on.

        Its tokens are the answers, in their order, and the letters.
        """
        kind: CellKind = "LSTM" if self.gates == 4 else "GRU"
        cells, letters = [f"h{place}" for place in range(self.size)], len(self.tokens)
        made, specials = recipe(kind, cells), tuple(dict.fromkeys((*self.answers, *self.tokens)))
        state, width = tuple(made.kept), 1 + letters + self.size
        inner = {part: place for place, part in enumerate(made.inner)}
        before = {(inner[part], state.index(cell)): Fraction(1) for part, cell in made.carried.items()}
        read = {(inner[ONE], 0): Fraction(1)}
        hidden, inputs = self._bias(self.bias_hh), [self._inputs(token) for token in self.tokens]
        for number, gate in enumerate(GATES[kind]):
            scale, shift = (1, Fraction(0)) if gate in TANH else (6, Fraction(1, 2))
            for place, cell in enumerate(cells):
                row, target = number * self.size + place, inner[asked(gate, cell)]
                recalled = inner[asked("m", cell)] if gate == "n" else target
                before |= {(recalled, j): self.weight_hh[row, j] / scale for j in range(self.size)}
                read |= {(target, 1 + t): vector[row] / scale for t, vector in enumerate(inputs)}
                read[recalled, 0] = hidden[row] / scale + shift
        logits = {(row, 1 + letters + j): weight for row, j, weight in self.readout.entries()}
        logits |= {(row, 0): weight for row, weight in enumerate(self._readout_bias())}
        least = -1 - sum(map(abs, logits.values()), Fraction(0))  # below all answers, since no h exceeds 1
        logits |= {(row, 0): least for row in range(len(self.answers), len(specials))}
        shown = {(1 + letters + j, state.index(h)): Fraction(1) for j, h in enumerate(cells)}
        embedded = {(1 + t, specials.index(token)): Fraction(1) for t, token in enumerate(self.tokens)}
        embedded |= {(0, place): Fraction(1) for place in range(len(specials))}
        entries: dict[str, _Entries] = {
            **made.places(),
            "transition": before,
            "input": read,
            "output": shown,
            "feedthrough": {},
        }
        shapes = gated_shapes(len(state), len(inner), len(made.units), width)
        matrices = {part: _matrix(*shape, entries.get(part, {})) for part, shape in shapes.items()}
        return Model(
            name,
            Vocabulary(specials, 0, -1),
            (ONE, *(f"is {token}" for token in self.tokens), *cells),
            Embedding(_matrix(width, 3, {(0, 0): 1}), _matrix(width, len(specials), embedded), _matrix(width, 2, {})),
            (Gated(state, inner=made.inner, units=tuple(unit.name for unit in made.units), **matrices),),
            Unembedding(_matrix(3, width, {}), _matrix(len(specials), width, logits)),
        )

    def reachable(self, most: int = 100_000) -> frozenset[S]:
        """All states that any words lead to.

        Raises:
            ResourceError: if there are more than ``most``, or infinitely many.
        """
        found = {self.initial()}
        new = set(found)
        while new:
            new = {self.step(state, token) for state in new for token in self.tokens} - found
            found |= new
            if len(found) > most:
                raise ResourceError(f"an {type(self).__name__} reaches more than {most:,} states")
        return frozenset(found)

    def disagreement(
        self,
        start: Other,
        step: Callable[[Other, str], Other],
        answer: Callable[[Other], str],
        most: int = 100_000,
    ) -> tuple[str, ...] | None:
        """A shortest word after which an automaton has another answer; None if there is none, of any length.

        All pairs of a state of this cell and one of the automaton are looked at that some word leads to.

        Args:
            start: the automaton's first state.
            step: its state after another token.
            answer: its answer in a state.
            most: so many pairs are looked at.

        Raises:
            ResourceError: if there are more pairs, and none of these disagrees.
        """
        first = self.initial(), start
        words: dict[tuple[S, Other], tuple[str, ...]] = {first: ()}
        new = [first]
        while new:
            for state, other in new:
                if self.output(state) != answer(other):
                    return words[state, other]
            if len(words) > most:
                raise ResourceError(
                    f"an {type(self).__name__} and the automaton reach more than {most:,} pairs of states"
                )
            following = []
            for state, other in new:
                for token in self.tokens:
                    pair = self.step(state, token), step(other, token)
                    if pair not in words:
                        words[pair] = (*words[state, other], token)
                        following.append(pair)
            new = following
        return None


class LSTM(GatedCell[tuple[Numbers, Numbers]]):
    """Long short-term memory: gates i, f, g, o; the state is (h, c).

    c' = hardsigmoid(f) c + hardsigmoid(i) hardtanh(g), and h' = hardsigmoid(o) hardtanh(c').

    A cell that b turns around, parity, in which o is always open and f only where a is read:

    >>> rows = [[-3, 3], [3, -3], [0, 1], [3, 3]]
    >>> parity = LSTM(("a", "b"), ("even", "odd"), Matrix.from_rows(rows), Matrix.from_rows([[0], [0], [-1], [0]]),
    ...               Matrix.from_rows([[0], [2]]), readout_bias=Matrix.from_rows([[1], [0]]))
    >>> parity.run("abbab"), len(parity.reachable())
    ('odd', 2)
    """

    gates = 4

    def initial(self) -> tuple[Numbers, Numbers]:
        """Zeros."""
        zeros = (Fraction(0),) * self.size
        return zeros, zeros

    def step(self, state: tuple[Numbers, Numbers], token: str) -> tuple[Numbers, Numbers]:
        """The next h and c."""
        h, c = state
        sums = [a + b for a, b in zip(self._inputs(token), self._hidden(h), strict=True)]
        i, f, g, o = (sums[gate * self.size : (gate + 1) * self.size] for gate in range(4))
        kept = tuple(
            hard_sigmoid(forget) * old + hard_sigmoid(let_in) * hard_tanh(new)
            for forget, old, let_in, new in zip(f, c, i, g, strict=True)
        )
        return tuple(hard_sigmoid(gate) * hard_tanh(cell) for gate, cell in zip(o, kept, strict=True)), kept

    def output(self, state: tuple[Numbers, Numbers]) -> str:
        """The answer with the largest logit."""
        return self._read_out(state[0])


class GRU(GatedCell[Numbers]):
    """Gated recurrent unit: gates r, z, n; the state is h.

    h' = (1 - z) hardtanh(n + r * hidden part of n) + z h, with hardsigmoid of r and z.

    >>> rows = [[3, 3], [3, -3], [0, 1]]
    >>> parity = GRU(("a", "b"), ("even", "odd"), Matrix.from_rows(rows), Matrix.from_rows([[0], [0], [-1]]),
    ...              Matrix.from_rows([[0], [2]]), readout_bias=Matrix.from_rows([[1], [0]]))
    >>> step = lambda odd, token: odd != (token == "b")
    >>> parity.disagreement(False, step, lambda odd: "odd" if odd else "even") is None
    True
    """

    gates = 3

    def initial(self) -> Numbers:
        """Zeros."""
        return (Fraction(0),) * self.size

    def step(self, state: Numbers, token: str) -> Numbers:
        """The next h."""
        size, inputs, hidden = self.size, self._inputs(token), self._hidden(state)
        r, z = (
            [hard_sigmoid(inputs[k] + hidden[k]) for k in range(gate * size, (gate + 1) * size)] for gate in range(2)
        )
        new = [hard_tanh(inputs[2 * size + k] + r[k] * hidden[2 * size + k]) for k in range(size)]
        return tuple((1 - z[k]) * new[k] + z[k] * state[k] for k in range(size))

    def output(self, state: Numbers) -> str:
        """The answer with the largest logit."""
        return self._read_out(state)


def _added(matrix: Matrix, x: Sequence[Fraction], bias: Sequence[Fraction]) -> list[Fraction]:
    total = list(bias)
    for row, entries in enumerate(matrix.sparse_rows):
        total[row] += sum((weight * x[column] for column, weight in entries), Fraction(0)) / matrix.denominator
    return total


def _matrix(rows: int, columns: int, entries: _Entries) -> Matrix:
    return Matrix.from_entries((rows, columns), {place: weight for place, weight in entries.items() if weight})
