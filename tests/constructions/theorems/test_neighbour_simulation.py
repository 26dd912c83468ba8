"""Transformers simulate RNNs: every recurrence of the project as heads, and RNNs whose steps are circuits."""

import random
from typing import Any

import numpy as np
import pytest

from constructions import decode
from constructions.architectures import family
from constructions.errors import ContractError, InputError
from constructions.tasks import CircuitRNN
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from constructions.theorems._neighbour_simulation import simulating
from constructions.wiring import Wiring, _attending, attending, n
from tests.batched_runs import transcripts

RECURRENT = [name for name in CONSTRUCTIONS if construction(name).blueprint.state]
"""Linear RNNs that search, hybrids, and the one with chain of thought alone."""


def inputs_of(rnn: Construction, seed: int, count: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rnn.task.sample(rng, 3 if rnn.task.least > 1 else 5) for _ in range(count)]


def differences(rnn: Construction, transformer: Construction, count: int = 12) -> int:
    """On how many of some inputs other tokens are written."""
    most, prompts = min(rnn.longest(n=5) + 1, 150), [rnn.reads(instance) for instance in inputs_of(rnn, 1, count)]
    written = [transcripts(made.at(5), prompts, most) for made in (rnn, transformer)]
    return sum(one != other for one, other in zip(*written, strict=True))


@pytest.mark.parametrize("name", RECURRENT)
def test_every_recurrence_is_translated_and_writes_the_same_tokens(name: str) -> None:
    rnn = construction(name)
    transformer = simulating(rnn, "transformer/translated")
    assert family(transformer.at(5)) == "transformer"
    assert not transformer.blueprint.state
    assert differences(rnn, transformer) == 0


@pytest.mark.parametrize("name", RECURRENT)
def test_the_overhead_is_small(name: str) -> None:
    """A head for each distance, one for all counters; fewer than half as many parameters more, and no token."""
    rnn = construction(name)
    transformer = simulating(rnn, "transformer/translated")

    def heads(made: Construction) -> set[str]:
        return {head.name for layer in made.blueprint.layers for head in getattr(layer, "heads", ())}

    new = heads(transformer) - heads(rnn)
    window = {c for c in rnn.blueprint.state if " back." in c}
    assert heads(rnn) <= heads(transformer)
    assert new - {"all so far"} <= {cell.partition(".")[0] for cell in window}
    assert 2 * transformer.blueprint.parameters < 3 * rnn.blueprint.parameters
    assert transformer.longest == rnn.longest


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        ("back", lambda self, distance, value: self._attending.offset(f"{distance}, {value.label}", distance)[value]),
        ("_known_flag", lambda self, distance: self._attending.one),
        ("count", lambda self, value: self._attending.clamp(self._attending.position, 0, 3, f"#{value.label}")),
    ],
)
def test_a_fault_of_the_translation_is_seen(method: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands before the first token must be 0, and counters must count."""
    rnn = _looks_before_the_beginning()
    right = attending(rnn.calls, "transformer/x").finish()
    monkeypatch.setattr(_attending._LookUps, method, wrong)
    spoiled = attending(rnn.calls, "transformer/x").finish()
    prompt = ("<s>", "x", "2", "x")
    found = [decode(blueprint.at(4), prompt, max_tokens=9).tokens for blueprint in (rnn, right, spoiled)]
    assert found[0] == found[1]
    assert found[0] != found[2]


def _looks_before_the_beginning() -> Any:
    """Writes 4 when `<s>` stands five positions back, where nothing stands at first; else how often x was read."""
    w = Wiring("rnn/x", specials=("<s>", "x", "."), numbers=(0, 4), context=12, answers=(".",), recurrent=True)
    far = w.back(5, w.is_token("<s>"))
    w.write(".", when=w.at_least(w.position, 9))
    w.write(w.cases((far, 4), otherwise=w.clamp(w.count(w.is_token("x")), 0, 3, "up to 3"), name="written"))
    return w.finish()


def test_a_wiring_without_a_recurrence_stays_as_it_is() -> None:
    made = construction("transformer/associative-recall")
    again = attending(made.blueprint.calls, "transformer/again").finish()
    assert decode(again.at(4), ("<s>", "3", "1", "?", "3")).tokens == ("1",)
    w = Wiring("rnn/window", specials=("<s>",), numbers=(0, n), context=n, recurrent=True)
    w.write(w.back(1, w.token))
    assert decode(attending(w.finish().calls, "transformer/window").finish().at(3), ("<s>", "3", "1")).tokens == ("3",)


def test_a_transition_that_depends_on_the_token_is_refused() -> None:
    w = Wiring("rnn/latch", specials=("<s>", "x"), numbers=(0, 1), context=n, recurrent=True)
    w.write_sign(w.state(1, {"x": 0}, name="no x yet"))
    with pytest.raises(ContractError, match="state 'no x yet' needs a recurrence"):
        attending(w.finish().calls, "transformer/latch")


def stepped(text: str, word: str) -> str:
    """The last output of a sequential circuit: gates in the order of the file, until nothing changes, at each step."""
    lines = [line.split() for line in text.split(";")]
    _, inputs, latches, _, gates = map(int, lines[0][1:])
    held = {int(line[0]): (int(line[1]), int(line[2])) for line in lines[1 + inputs :][:latches]}
    output, rows = int(lines[1 + inputs + latches][0]), [tuple(map(int, line)) for line in lines[-gates:] if gates]
    state = {latch: first for latch, (_, first) in held.items()}
    said = 0
    for bit in word:
        known = {0: 0, int(lines[1][0]): int(bit), **state}

        def value(literal: int, known: dict[int, int] = known) -> int:
            return known[literal & ~1] ^ (literal & 1)

        for _ in rows:
            known |= {left: value(a) & value(b) for left, a, b in rows if {a & ~1, b & ~1} <= known.keys()}
        said, state = value(output), {latch: value(following) for latch, (following, _) in held.items()}
    return "TRUE" if said else "FALSE"


def test_three_ways_to_run_a_sequential_circuit() -> None:
    subject, task = construction("transformer/circuit-rnn"), CircuitRNN()
    rng = np.random.default_rng(3)
    answers = []
    for _ in range(150):
        instance = task.sample(rng, 9)
        text = task.text(instance)
        assert task.parse(text) == instance
        file, word = text.split(" ? ")
        right = stepped(file, word.replace(" ", ""))
        assert task.answer(instance) == right == task.written(instance)[-1]
        answers.append(right)
    assert 30 < answers.count("TRUE") < 120
    assert subject.run(task.text_form).answer == "FALSE"


def test_the_example_is_parity_and_a_step_takes_a_token_for_each_gate() -> None:
    subject, task = construction("transformer/circuit-rnn"), CircuitRNN()
    rng, file = random.Random(2), task.text_form.split(" ? ")[0]  # noqa: S311
    for length in (1, 2, 5, 9):
        word = [rng.randint(0, 1) for _ in range(length)]
        written = subject.run(f"{file} ? {' '.join(map(str, word))}").tokens
        assert written[-1] == ("TRUE" if sum(word) % 2 else "FALSE")
        assert len(written) == length * (3 + 1 + 1 + 1) + 1  # gates, output, state, the number of the step


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aag 1 1 0 1 0 ; 2 ; 2", "no word of bits"),
        ("aag 1 1 0 1 0 ; 2 ; 2 ?", "no word of bits"),
        ("aag 1 1 0 1 0 ; 2 ; 2 ? 1 2", "no word of bits"),
        ("aag 2 2 0 1 0 ; 2 ; 4 ; 2 ? 1", "2 inputs and 1 outputs; expected one of each"),
        ("aag 2 1 1 0 0 ; 2 ; 4 2 ? 1", "1 inputs and 0 outputs"),
        ("aag 2 1 1 1 0 ; 2 ; 4 6 ; 4 ? 1", "line 3 of the circuit is '4 6': expected literals up to 2 M + 1 = 5"),
        ("aag 3 1 1 1 0 ; 2 ; 4 6 ; 4 ? 1", "literal 6 is read, but nothing defines it"),
        ("aag 2 1 1 1 0 ; 2 ; 2 2 ; 2 ? 1", "line 3 of the circuit is '2 2': literal 2 is defined in line 2 already"),
    ],
)
def test_bad_files_are_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        CircuitRNN().parse(text)
    assert words in str(caught.value)


def test_all_instances_of_a_size_each_once() -> None:
    task = CircuitRNN()
    for size in (2, 3):
        found = list(task.enumerate(size))
        assert len(found) == len(set(found)) == task.count(size)
        assert {task.size(one) for one in found} == {size}
    with pytest.raises(InputError, match="has no letters"):
        next(task.enumerate(2, 3))
    start = task.parse(task.text_form.replace("1 0 1", "1 1 1"))
    found_smaller = task.shrink(start, lambda one: task.answer(one) == "TRUE")
    assert task.answer(found_smaller) == "TRUE"
    assert not any(task.answer(one) == "TRUE" for one in task.smaller(found_smaller))
