"""What does an RNN say after a word, whose step is a Boolean circuit?"""

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from constructions.errors import InputError
from constructions.tasks._aiger import Circuit, Sequential, read_sequential
from constructions.tasks._circuits import ANSWERS, BETWEEN, BITS, MARK, node_number
from constructions.tasks._retrieval import SEPARATOR
from constructions.tasks._task import START, Effort, Task

WORD = "+"


class RunOfCircuit(NamedTuple):
    """An RNN as a circuit with latches, one further input and one output, and a word of bits that it reads."""

    rnn: Sequential
    word: tuple[int, ...]


class CircuitRNN(Task[RunOfCircuit]):
    """An ``aag`` file with latches, one input and one output, and behind ``?`` the bits that are read.

    The latches hold the state s; at each step the circuit computes the next state t(s, x) and the output o(s, x). Asked
    is the last output. The size bounds the nodes (the constant, latches, the input, gates) and the length of the word.
    """

    name = "circuit-rnn"
    statement = "What does an RNN, whose step is a Boolean circuit, say after a word of bits?"
    text_form = "aag 5 1 1 1 3 ; 4 ; 2 10 0 ; 10 ; 6 2 4 ; 8 3 5 ; 10 7 9 ? 1 0 1"
    least = 2
    effort = Effort(
        3, 0, sizes=(2, 3, 4, 6, 9, 14), far=(20,), measured=(4, 16, 64), mutated=2, mutated_sizes=(2, 3, 5)
    )
    longest_prompt = (0, 4)  # b + 2 (A + 1 + b) + T + 4 <= 4 n, since b + A + 2 <= n and T <= n

    # Reading and writing

    def parse(self, text: str) -> RunOfCircuit:
        """Read the file and the word.

        Raises:
            InputError: naming the line of the file, or what the word lacks.
        """
        before, mark, after = text.rpartition(SEPARATOR)
        bits = "".join(after.split())
        if not mark or not bits or bits.strip("01"):
            raise InputError(f"no word of bits stands behind {SEPARATOR!r}; expected for example `{self.text_form}`")
        rnn = read_sequential(before)
        inputs, outputs = (len(side) - len(rnn.initial) for side in (range(rnn.circuit.inputs), rnn.circuit.outputs))
        if (inputs, outputs) != (1, 1):
            raise InputError(
                f"the circuit has {inputs} inputs and {outputs} outputs; expected one of each, and latches"
            )
        return RunOfCircuit(rnn, tuple(map(int, bits)))

    def text(self, instance: RunOfCircuit) -> str:
        """The file in one line, and the word."""
        return " ".join([instance.rnn.text, SEPARATOR, *map(str, instance.word)])

    def length(self, instance: RunOfCircuit) -> int:
        """The number of nodes, or the length of the word if that is more."""
        return max(instance.rnn.circuit.inputs + len(instance.rnn.circuit.gates) + 1, len(instance.word))

    def prompt(self, instance: RunOfCircuit) -> tuple[str, ...]:
        """The first state, two numbers for each gate, for the output and for each bit of the next state, the word."""
        circuit, initial = instance.rnn
        *following, output = circuit.outputs
        literals = [literal for gate in circuit.gates for literal in gate]
        literals += [literal for copied in (output, *following) for literal in (copied, 1)]
        state, word = ([BITS[bit] for bit in bits] for bits in (initial, instance.word))
        return (START, *state, BETWEEN, *map(node_number, literals), WORD, *word, MARK)

    # The answer

    def answer(self, instance: RunOfCircuit) -> str:
        """Step by step with sets of true literals; apart from :meth:`written`."""
        circuit, state = instance.rnn.circuit, list(instance.rnn.initial)
        said = 0
        for bit in instance.word:
            true = {2 * v + 1 - value for v, value in enumerate([0, *state, bit])}
            for variable, reads in enumerate(circuit.gates, circuit.inputs + 1):
                true.add(2 * variable + (not true.issuperset(reads)))
            *state, said = (int(literal in true) for literal in circuit.outputs)
        return ANSWERS[said]

    def written(self, instance: RunOfCircuit) -> tuple[str, ...]:
        """For each bit the values of the gates, the output, the next state and the number of the step; the answer."""
        circuit, values = instance.rnn.circuit, list(map(bool, instance.rnn.initial))
        *following, output = circuit.outputs
        tokens = list[str]()
        said = False
        for step, bit in enumerate(instance.word, 1):
            values = [False, *values, bool(bit)]
            for a, b in circuit.gates:
                values.append((values[a // 2] ^ bool(a % 2)) and (values[b // 2] ^ bool(b % 2)))
            said, *state = (values[literal // 2] ^ bool(literal % 2) for literal in (output, *following))
            tokens += [BITS[value] for value in (*values[circuit.inputs + 1 :], said, *state)]
            tokens.append(str(step))
            values = state
        return (*tokens, ANSWERS[said])

    # Some instances, and all

    def sample(self, rng: np.random.Generator, n: int) -> RunOfCircuit:
        """Few latches or many, gates that read any node before them, a long word or a short one."""
        nodes = n if rng.random() < 0.7 else int(rng.integers(2, n + 1))
        latches = int(rng.integers(0, min(nodes - 2, 1 + nodes // 3) + 1))
        gates = tuple(
            (int(rng.integers(0, 2 * node)), int(rng.integers(0, 2 * node))) for node in range(latches + 2, nodes)
        )
        near = max(0, 2 * nodes - 6) if rng.random() < 0.5 else 0
        outputs = tuple(rng.integers(near, 2 * nodes, latches + 1).tolist())
        word = tuple(rng.integers(0, 2, n if rng.random() < 0.5 else int(rng.integers(1, n + 1))).tolist())
        rnn = Sequential(Circuit(latches + 1, gates, outputs), tuple(rng.integers(0, 2, latches).tolist()))
        return RunOfCircuit(rnn, word)

    def _choices(self, n: int) -> Iterator[tuple[int, list[range]]]:
        """For each number of latches: literals of gates, next states and output, then first states, then words."""
        for nodes in range(2, n + 1):
            for latches in range(nodes - 1):
                wires = [range(2 * node) for node in range(latches + 2, nodes) for _ in range(2)]
                wires += [range(2 * nodes)] * (latches + 1)
                for length in range(1, n + 1) if nodes == n else [n]:
                    yield latches, wires + [range(2)] * (latches + length)

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[RunOfCircuit]:
        """All of size n.

        Raises:
            InputError: if an alphabet is given.
        """
        if alphabet:
            raise InputError(f"alphabet = {alphabet}: {self.name} has no letters; leave it out")
        for latches, ranges in self._choices(n):
            gates = sum(len(choices) > 2 for choices in ranges) - latches - 1
            for chosen in itertools.product(*ranges):
                parts = iter(chosen)
                reads = tuple(itertools.islice(parts, gates))
                outputs, initial = (tuple(itertools.islice(parts, count)) for count in (latches + 1, latches))
                circuit = Circuit(latches + 1, tuple(zip(reads[::2], reads[1::2], strict=True)), outputs)
                yield RunOfCircuit(Sequential(circuit, initial), tuple(parts))

    def count(self, n: int, alphabet: int | None = None) -> int:
        """The product of the numbers of choices, summed."""
        return sum(math.prod(map(len, ranges)) for _, ranges in self._choices(n))

    def smaller(self, instance: RunOfCircuit) -> Iterator[RunOfCircuit]:
        """The word without its first or last bit, or with one bit 0; a literal set to 0."""
        (circuit, initial), word = instance
        if len(word) > 1:
            yield RunOfCircuit(instance.rnn, word[:-1])
            yield RunOfCircuit(instance.rnn, word[1:])
        for place, bit in enumerate(word):
            if bit:
                yield RunOfCircuit(instance.rnn, (*word[:place], 0, *word[place + 1 :]))
        for place, (a, b) in enumerate(circuit.gates):
            for simpler in {(0, b), (a, 0)} - {(a, b)}:
                gates = (*circuit.gates[:place], simpler, *circuit.gates[place + 1 :])
                yield RunOfCircuit(Sequential(circuit._replace(gates=gates), initial), word)
