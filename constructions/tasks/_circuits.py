"""What does a circuit say of its inputs?"""

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from constructions.errors import InputError, ResourceError
from constructions.tasks._aiger import Circuit, read_circuit
from constructions.tasks._retrieval import SEPARATOR
from constructions.tasks._task import START, Effort, Task

MARK, BETWEEN = "#", "&"
BITS, ANSWERS = ("F", "T"), ("FALSE", "TRUE")
"""The tokens of a value, and of the answer, by the value."""

_MOST_ASSIGNMENTS = 1024


def node_number(literal: int) -> str:
    """The token of a literal: nodes count from 1, and a minus stands for a negation."""
    return str(-1 - literal // 2 if literal % 2 else 1 + literal // 2)


class Evaluation(NamedTuple):
    """A circuit, one of its outputs as a literal, and a value, 0 or 1, for each input."""

    circuit: Circuit
    output: int
    bits: tuple[int, ...]


class Circuits(Task[Evaluation]):
    """A circuit of AND gates and inverters, and what it reads; written as an ``aag`` file and, after ``?``, the inputs.

    The size is the number of nodes: inputs, gates and the constant. In the prompt nodes have numbers from 1, in this
    order, and a minus stands for a negation: ``<s> T F & 2 -3 4 #`` has two inputs, one gate that reads the first and
    not the second, and asks for that gate.
    """

    name = "circuits"
    statement = "What does a Boolean circuit say of its inputs?"
    text_form = "aag 3 2 0 1 1 ; 2 ; 4 ; 7 ; 6 2 5 ? 1 0"
    effort = Effort(3, 0, sizes=(1, 2, 3, 5, 8, 13, 34, 89), mutated=3)
    longest_prompt = (2, 2)  # I + 2 A + 4 <= 2 n + 2 with n = I + A + 1

    # Reading and writing

    def read(self, text: str, form: str | None = None, wishes: Any = None) -> "list[Evaluation | InputError]":
        """See :meth:`evaluations`."""
        return list(self.evaluations(text))

    def evaluations(self, text: str) -> list[Evaluation]:
        """All outputs of a circuit on the inputs after ``?``, or on all inputs where none are given.

        Raises:
            InputError: naming the line of the file, or the inputs that do not fit.
            ResourceError: if there are more than 1024 assignments, or too large a circuit.
        """
        before, mark, after = text.rpartition(SEPARATOR)
        given = bool(mark) and not after.replace("0", "").replace("1", "").strip()
        circuit = read_circuit(before if given else text)
        if not circuit.outputs:
            raise InputError("the circuit has no output, so nothing is asked")
        assignments: list[tuple[int, ...]]
        if given and (after.strip() or not circuit.inputs):
            bits = tuple(map(int, "".join(after.split())))
            if len(bits) != circuit.inputs:
                raise InputError(f"{len(bits)} inputs are given after {SEPARATOR!r}; the circuit has {circuit.inputs}")
            assignments = [bits]
        elif circuit.inputs.bit_length() > 4 or 2**circuit.inputs > _MOST_ASSIGNMENTS:
            raise ResourceError(
                f"a circuit with {circuit.inputs} inputs has more than {_MOST_ASSIGNMENTS:,} assignments; "
                f"give one after {SEPARATOR!r}, such as {SEPARATOR} {' '.join('01' * 3)}"
            )
        else:
            assignments = list(itertools.product((0, 1), repeat=circuit.inputs))
        plain = circuit._replace(outputs=())
        return [Evaluation(plain, output, bits) for bits in assignments for output in circuit.outputs]

    def parse(self, text: str) -> Evaluation:
        """Read one evaluation.

        Raises:
            InputError: if the text is malformed, or asks for more than one value.
        """
        found = self.evaluations(text)
        if len(found) != 1:
            raise InputError(f"the circuit is asked for {len(found)} values; expected one, like `{self.text_form}`")
        return found[0]

    def text(self, instance: Evaluation) -> str:
        """The file in one line, and the inputs."""
        whole = instance.circuit._replace(outputs=(instance.output,))
        return " ".join([whole.text, SEPARATOR, *map(str, instance.bits)])

    def length(self, instance: Evaluation) -> int:
        """The number of nodes."""
        return instance.circuit.inputs + len(instance.circuit.gates) + 1

    def prompt(self, instance: Evaluation) -> tuple[str, ...]:
        """The inputs, two numbers for each gate, and the number of the output."""
        literals = [literal for gate in instance.circuit.gates for literal in gate]
        numbers = map(node_number, [*literals, instance.output])
        return (START, *(BITS[bit] for bit in instance.bits), BETWEEN, *numbers, MARK)

    # The answer

    def answer(self, instance: Evaluation) -> str:
        """From the output backwards, as far as it depends on anything; apart from :meth:`written`."""
        circuit, known = instance.circuit, {0: 0} | {2 * v: bit for v, bit in enumerate(instance.bits, 1)}
        path = [instance.output & ~1]
        while path:
            if path[-1] in known:
                path.pop()
                continue
            reads = circuit.gates[(path[-1] >> 1) - circuit.inputs - 1]
            missing = [literal & ~1 for literal in reads if literal & ~1 not in known]
            path += missing
            if not missing:
                known[path.pop()] = int(all(known[literal & ~1] != literal & 1 for literal in reads))
        return ANSWERS[known[instance.output & ~1] ^ (instance.output & 1)]

    def written(self, instance: Evaluation) -> tuple[str, ...]:
        """The value of each gate, forwards, and the answer."""
        values = [False, *map(bool, instance.bits)]
        for a, b in instance.circuit.gates:
            values.append((values[a // 2] ^ bool(a % 2)) and (values[b // 2] ^ bool(b % 2)))
        answer = values[instance.output // 2] ^ bool(instance.output % 2)
        return (*(BITS[value] for value in values[len(instance.bits) + 1 :]), ANSWERS[answer])

    # Some instances, and all

    def sample(self, rng: np.random.Generator, n: int) -> Evaluation:
        """Gates that read near nodes or any, and the last of them as the output most of the time."""
        nodes = n if rng.random() < 0.5 else int(rng.integers(1, n + 1))
        inputs, near = int(rng.integers(0, min(nodes - 1, 1 + nodes // 2) + 1)), rng.random() < 0.5

        def literal(before: int) -> int:
            least = max(0, before - 3) if near else 0
            return 2 * int(rng.integers(least, before)) + int(rng.integers(0, 2))

        gates = tuple((literal(node), literal(node)) for node in range(inputs + 1, nodes))
        output = literal(nodes) if rng.random() < 0.3 else 2 * nodes - 2 + int(rng.integers(0, 2))
        return Evaluation(Circuit(inputs, gates, ()), output, tuple(rng.integers(0, 2, inputs).tolist()))

    def boundary(self, n: int) -> Iterator[Evaluation]:
        """Long chains: all inputs at once, one negated again and again, the constant; and the last input alone."""
        inputs = (n - 1 + 1) // 2
        for bits in {(1,) * inputs, (1,) * (inputs - 1) + (0,) * (inputs > 0)}:
            if inputs:
                conjunction = [(2 * inputs + 2 * k if k else 2, 2 * k + 4) for k in range(n - 1 - inputs)]
                gates = [(a, min(b, 2 * inputs)) for a, b in conjunction]
                yield Evaluation(Circuit(inputs, tuple(gates), ()), 2 * n - 2, bits)
                yield Evaluation(Circuit(inputs, tuple(gates), ()), 2 * inputs + 1, bits)
        yield Evaluation(Circuit(0, tuple((2 * k + 1, 2 * k + 1) for k in range(n - 1)), ()), 2 * n - 1, ())

    def _circuits(self, n: int) -> Iterator[tuple[int, list[range]]]:
        """For each number of inputs the literals that gates, each with two, and the output may read."""
        for inputs in range(n):
            yield inputs, [range(2 * node) for node in range(inputs + 1, n) for _ in range(2)] + [range(2 * n)]

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Evaluation]:
        """All circuits with n nodes, all outputs, all inputs.

        Raises:
            InputError: if an alphabet is given.
        """
        if alphabet:
            raise InputError(f"alphabet = {alphabet}: {self.name} have no letters; leave it out")
        for inputs, ranges in self._circuits(n):
            for *reads, output in itertools.product(*ranges):
                gates = tuple(zip(reads[::2], reads[1::2], strict=True))
                for bits in itertools.product((0, 1), repeat=inputs):
                    yield Evaluation(Circuit(inputs, gates, ()), output, bits)

    def count(self, n: int, alphabet: int | None = None) -> int:
        """The product of the numbers of choices, summed over the numbers of inputs."""
        return sum(math.prod(map(len, ranges), start=2**inputs) for inputs, ranges in self._circuits(n))

    def smaller(self, instance: Evaluation) -> Iterator[Evaluation]:
        """Without the last gate; the same circuit with a literal, or an input, set to 0."""
        circuit, output, bits = instance
        if circuit.gates:
            fewer = circuit._replace(gates=circuit.gates[:-1])
            last = 2 * (circuit.inputs + len(circuit.gates))
            yield Evaluation(fewer, output if output < last else max(0, last - 2) + (output & 1), bits)
        for place, gate in enumerate(circuit.gates):
            for side in (0, 1):
                if gate[side]:
                    changed = (0, gate[1]) if side == 0 else (gate[0], 0)
                    gates = (*circuit.gates[:place], changed, *circuit.gates[place + 1 :])
                    yield Evaluation(circuit._replace(gates=gates), output, bits)
        for place, bit in enumerate(bits):
            if bit:
                yield Evaluation(circuit, output, (*bits[:place], 0, *bits[place + 1 :]))
