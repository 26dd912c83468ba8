"""Circuits: the reader of AIGER files, and three ways to evaluate them."""

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest

from constructions.errors import InputError, ResourceError
from constructions.tasks import Circuits, Evaluation
from constructions.tasks._aiger import Circuit, read_circuit
from constructions.theorems import construction


def truth_tables(text: str) -> list[int]:
    """The outputs of a file as truth tables, bit a for the assignment a, of which input k is bit k; by going through
    the gates again and again, in the order of the file, until nothing changes."""
    lines = text.replace(";", "\n").splitlines()
    _, inputs, _, outputs, gates = map(int, lines[0].split()[1:6])
    everything = (1 << (1 << inputs)) - 1
    known = {0: 0, 1: everything}
    for place in range(inputs):
        column = sum(((a >> place) & 1) << a for a in range(1 << inputs))
        literal = int(lines[1 + place])
        known |= {literal: column, literal ^ 1: everything ^ column}
    rows = [tuple(map(int, line.split())) for line in lines[1 + inputs + outputs :][:gates]]
    for _ in rows:
        for left, a, b in rows:
            if a in known and b in known:
                known |= {left: known[a] & known[b], left ^ 1: everything ^ (known[a] & known[b])}
    return [known[int(line)] for line in lines[1 + inputs :][:outputs]]


def adder(width: int) -> str:
    """A file that adds two numbers of ``width`` bits, the lowest bit first; its gates stand in reverse order."""
    gates: list[tuple[int, int, int]] = []

    def both(a: int, b: int) -> int:
        gates.append((2 * (2 * width + 1 + len(gates)), a, b))
        return gates[-1][0]

    def either(a: int, b: int) -> int:
        return both(a ^ 1, b ^ 1) ^ 1

    def differ(a: int, b: int) -> int:
        return both(either(a, b), both(a, b) ^ 1)

    carry, sums = 0, []
    for place in range(width):
        a, b = 2 * (place + 1), 2 * (width + place + 1)
        sums.append(differ(differ(a, b), carry))
        carry = either(both(a, b), both(carry, either(a, b)))
    lines = [f"aag {2 * width + len(gates)} {2 * width} 0 {width + 1} {len(gates)}"]
    lines += [str(2 * v) for v in range(1, 2 * width + 1)] + [str(out) for out in (*sums, carry)]
    return "\n".join([*lines, *(" ".join(map(str, gate)) for gate in reversed(gates)), "i0 a0", "c", "an adder; why?"])


def test_an_adder_adds() -> None:
    """Arithmetic is the reference; gates stand in reverse order, and a comment behind the file is not read."""
    subject = construction("transformer/circuits")
    text = adder(2)
    asked = Circuits().evaluations(text)
    assert len(asked) == 16 * 3
    for place, (x, y) in enumerate((x, y) for y in range(4) for x in range(4)):
        bits = " ".join(str(number >> k & 1) for number in (x, y) for k in range(2))
        outputs = Circuits().evaluations(f"{text}\n? {bits}")
        found = [subject.run(evaluation).answer for evaluation in outputs]
        assert [answer == "TRUE" for answer in found] == [bool((x + y) >> k & 1) for k in range(3)], place


def test_the_three_evaluations_agree_on_random_files() -> None:
    rng = random.Random(1)  # noqa: S311
    task = Circuits()
    for _ in range(60):
        inputs, gates = rng.randint(0, 4), rng.randint(0, 12)
        variables = rng.sample(range(1, 40), inputs + gates)  # numbers with gaps, in no order
        lines = [str(2 * v) for v in variables[:inputs]]
        rows = []
        for place in range(inputs, inputs + gates):
            reads = [rng.choice([0, *variables[:place]]) * 2 + rng.randint(0, 1) for _ in range(2)]
            rows.append(f"{2 * variables[place]} {reads[0]} {reads[1]}")
        output = rng.choice([0, *variables]) * 2 + rng.randint(0, 1)
        rng.shuffle(rows)
        text = "\n".join([f"aag 40 {inputs} 0 1 {gates}", *lines, str(output), *rows])
        (table,) = truth_tables(text)
        for number, evaluation in enumerate(task.evaluations(text)):
            assert task.parse(task.text(evaluation)) == evaluation
            assignment = sum(bit << k for k, bit in enumerate(evaluation.bits))
            right = "TRUE" if table >> assignment & 1 else "FALSE"
            assert task.answer(evaluation) == right == task.written(evaluation)[-1]
            assert len(task.written(evaluation)) == gates + 1
            assert evaluation.bits == tuple(map(int, f"{number:0{inputs}b}"[-inputs:] if inputs else ""))


def test_all_circuits_of_a_size_each_once() -> None:
    task = Circuits()
    for n in (1, 2, 3):
        found = list(task.enumerate(n))
        assert len(found) == len(set(found)) == task.count(n)
        assert {task.size(one) for one in found} == {n}
    assert task.count(4) == 16 * 36 * 4 * 8 + 16 * 36 * 8 * 2 + 36 * 8 * 4 + 8 * 8
    assert Evaluation(Circuit(0, ((0, 1),), ()), 3, ()) in task.enumerate(2)
    assert Evaluation(Circuit(1, (), ()), 2, (1,)) in task.enumerate(2)
    with pytest.raises(InputError, match="have no letters"):
        next(task.enumerate(2, 3))


def test_both_answers_are_frequent_and_circuits_are_deep() -> None:
    task, rng = Circuits(), np.random.default_rng(0)
    drawn = [task.sample(rng, 20) for _ in range(300)]
    true = sum(task.answer(one) == "TRUE" for one in drawn)
    assert 60 < true < 240
    assert max(len(one.circuit.gates) for one in drawn) > 15
    assert all(task.size(one) <= 20 for one in drawn)
    for n in (1, 2, 5, 9):
        assert {task.size(one) for one in task.boundary(n)} == {n}


def test_shrinking_ends_with_the_simplest_that_is_true() -> None:
    task = Circuits()
    (start,) = task.evaluations("aag 4 2 0 1 2\n2\n4\n8\n6 2 4\n8 6 4\n? 1 1")
    found = task.shrink(start, lambda one: task.answer(one) == "TRUE")
    assert not any(task.answer(one) == "TRUE" for one in task.smaller(found))
    assert task.size(found) <= task.size(start)


BAD: dict[str, tuple[str, str]] = {
    "empty": ("", "line 1 of the circuit is ''; expected a header"),
    "no header": ("p cnf 3 2", "expected a header `aag M I L O A`"),
    "binary": ("aig 3 2 0 1 1\n6\n\x02\x02", "binary AIGER file"),
    "negative": ("aag -1 0 0 0 0", "expected a header"),
    "a digit of another script": ("aag ٣ 0 0 0 0", "expected a header"),
    "many digits": (f"aag {'9' * 30} 0 0 0 0", "expected a header"),
    "latches": ("aag 1 0 1 0 0\n2 2", "1 latches; only combinational"),
    "a latch without a next": ("aag 1 0 1 0 0\n2", "expected a latch, what it holds next and at first"),
    "a latch that holds itself at first": ("aag 1 0 1 0 0\n2 2 2", "the latch holds 2 at first; expected 0 or 1"),
    "bad states": ("aag 1 1 0 0 0 1\n2\n2", "bad states"),
    "M too small": ("aag 1 1 0 1 1\n2\n4\n4 2 2", "M = 1 is less than I + L + A = 2"),
    "cut": ("aag 3 2 0 1 1\n2\n4\n6", "has 4 lines; its header promises 5"),
    "odd input": ("aag 1 1 0 1 0\n3\n3", "line 2 of the circuit is '3': literal 3 is defined"),
    "input 0": ("aag 1 1 0 1 0\n0\n0", "literal 0 is defined"),
    "an input twice": (
        "aag 2 2 0 1 0\n2\n2\n2",
        "line 3 of the circuit is '2': literal 2 is defined in line 2 already",
    ),
    "a gate twice": (
        "aag 3 1 0 1 2\n2\n4\n4 2 2\n4 2 3",
        "line 5 of the circuit is '4 2 3': literal 4 is defined in line 4",
    ),
    "too large": ("aag 1 1 0 1 0\n2\n4", "expected literals up to 2 M + 1 = 3"),
    "undefined": ("aag 3 1 0 1 1\n2\n6\n6 2 4", "line 4 of the circuit is '6 2 4': literal 4 is read"),
    "undefined output": ("aag 3 1 0 1 0\n2\n7", "line 3 of the circuit is '7': literal 7 is read"),
    "two numbers": ("aag 3 2 0 1 1\n2\n4\n6\n6 2", "expected a gate and the two literals that it reads: 3 integers"),
    "a word": ("aag 1 1 0 1 0\nx\n2", "expected an input: 1 integer"),
    "reads itself": ("aag 2 1 0 1 1\n2\n4\n4 2 4", "a cycle through literal 4"),
    "a cycle": ("aag 3 1 0 1 2\n2\n4\n4 2 6\n6 5 2", "a cycle through literal"),
    "rubbish behind": ("aag 1 1 0 1 0\n2\n2\nhello", "line 4 of the circuit is 'hello': expected a symbol"),
    "no output": ("aag 1 1 0 0 0\n2", "no output"),
    "too few inputs": ("aag 2 2 0 1 0\n2\n4\n4\n? 1", "1 inputs are given after '?'; the circuit has 2"),
    "an input 2": ("aag 1 1 0 1 0\n2\n2\n? 2", "line 4 of the circuit is '? 2'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_with_the_line(name: str) -> None:
    text, words = BAD[name]
    with pytest.raises(InputError) as caught:
        Circuits().evaluations(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_too_large_is_refused_at_once() -> None:
    with pytest.raises(ResourceError, match="at most 200,000"):
        read_circuit("aag 200001 0 0 0 0")
    with pytest.raises(ResourceError, match="at most 200,000"):
        read_circuit("aag 0 0 0 999999999 0")
    wide = "\n".join(["aag 30 30 0 1 0", *(str(2 * v) for v in range(1, 31)), "2"])
    with pytest.raises(ResourceError, match="30 inputs has more than 1,024 assignments"):
        Circuits().evaluations(wide)
    with pytest.raises(InputError, match="asked for 1024 values; expected one"):
        Circuits().parse("\n".join(["aag 10 10 0 1 0", *(str(2 * v) for v in range(1, 11)), "2"]))


def test_a_chain_of_many_gates_in_reverse_needs_no_deep_recursion() -> None:
    gates = [f"{2 * v} {2 * v - 1} {2 * v - 1}" for v in range(20_000, 1, -1)]
    (found,) = Circuits().evaluations("\n".join(["aag 20000 1 0 1 19999", "2", "40000", *gates, "? 1"]))
    assert Circuits().answer(found) == Circuits().written(found)[-1] == "FALSE"


MUTATIONS: list[Callable[[str, random.Random], str]] = [
    lambda text, rng: text[: rng.randrange(len(text))],
    lambda text, rng: text.replace(str(rng.randint(0, 9)), rng.choice(["", "-1", "x", "99999999999", " ", "\n"]), 1),
    lambda text, rng: (lambda cut: text[:cut] + rng.choice("0123456789 ;?c\x00é") + text[cut:])(
        rng.randrange(len(text))
    ),
    lambda text, rng: "\n".join(rng.sample(lines := text.splitlines(), len(lines))),
]


def test_spoiled_files_are_read_or_refused_and_what_is_read_is_evaluated_alike() -> None:
    rng, task = random.Random(5), Circuits()  # noqa: S311
    read = refused = 0
    for _ in range(3000):
        text = rng.choice([adder(1), adder(2), Circuits.text_form])
        for _ in range(rng.randint(1, 3)):
            text = rng.choice(MUTATIONS)(text or " ", rng)
        try:
            found = task.evaluations(text)
        except (InputError, ResourceError):
            refused += 1
            continue
        read += 1
        for evaluation in found:
            assert task.answer(evaluation) == task.written(evaluation)[-1]
    assert read > 50
    assert refused > 500


def test_weights_are_right_on_all_assignments_of_a_file() -> None:
    subject = construction("transformer/circuits")
    text = "\n".join(itertools.takewhile(lambda line: line != "c", adder(1).splitlines()))
    tables = truth_tables(text)
    for evaluation, place in zip(Circuits().evaluations(text), itertools.cycle(range(2)), strict=False):
        assignment = sum(bit << k for k, bit in enumerate(evaluation.bits))
        assert subject.run(evaluation).answer == ("TRUE" if tables[place] >> assignment & 1 else "FALSE")
