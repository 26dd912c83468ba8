"""Copying by look-up: every word in which no gram repeats, and no machine with few states."""

import itertools
from fractions import Fraction

import pytest

from constructions import decode
from constructions.errors import InputError
from constructions.tasks import Effort
from constructions.theorems import construction, theorem
from constructions.theorems._neighbour_copying import copying_task, is_copied, most_copied
from proofs_check.evidence import Examiner, Plan


def repeats(word: tuple[int, ...], c: int) -> bool:
    """Whether two places of the word, the end included, have the same c letters before them; by comparing pairs."""

    def same(one: int, other: int) -> bool:
        before = [[word[p - d] if p - d >= 0 else 0 for d in range(1, c + 1)] for p in (one, other)]
        return before[0] == before[1]

    return any(same(i, j) for i, j in itertools.combinations(range(len(word) + 1), 2))


@pytest.mark.parametrize("c", [1, 2, 3, 4])
def test_what_is_legal_and_copied_and_what_is_not_copied_otherwise(c: int) -> None:
    """Words with a gram that repeats are not asked, and rightly: every one of them is copied wrong."""
    task, subject = copying_task(c), construction("transformer/copying", c=c)
    model = subject.at(6)
    wrong = 0
    for length in range(1, 6):
        for word in itertools.product((1, 2), repeat=length):
            assert is_copied(word, c) == (not repeats(word, c))
            prompt = ("<s>", *map(str, word), "#")
            written = decode(model, prompt, max_tokens=length + 1).tokens
            assert (written == (*map(str, word), ".")) == is_copied(word, c)
            wrong += not is_copied(word, c)
            if not is_copied(word, c):
                with pytest.raises(InputError, match="no instance of copying"):
                    task.parse(" ".join(map(str, word)))
    assert wrong


def test_two_layers_of_attention() -> None:
    for c in (1, 2, 3, 4):
        layers = construction("transformer/copying", c=c).blueprint.layers
        heads = [len(layer.heads) for layer in layers if hasattr(layer, "heads")]
        assert heads == [c, 1]


@pytest.mark.parametrize(
    ("letters", "length", "states"), [(2, 1, 1), (2, 1, 2), (3, 1, 1), (3, 1, 2), (2, 2, 1), (2, 2, 2), (2, 2, 3)]
)
def test_the_least_error_is_attained(letters: int, length: int, states: int) -> None:
    """So "at least 1 - S / D^L" cannot be "more than", even for machines whose rules do not depend on the position."""
    error = 1 - Fraction(most_copied(states, letters, length), letters**length)
    assert error == 1 - Fraction(states, letters**length)


def test_a_shift_register_copies_everything_with_as_many_states_as_words() -> None:
    """At S = D^L the bound is 0, and attained: the state is the last L letters, what is written the oldest of them."""
    for letters, length in ((2, 3), (3, 2)):
        for word in itertools.product(range(letters), repeat=length):
            state = (0,) * length
            for letter in word:
                state = (*state[1:], letter)
            written = []
            for _ in range(length):
                written.append(state[0])
                state = (*state[1:], state[0])
            assert tuple(written) == word


def test_a_planted_fault_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that forgets the end of the word disagrees with the weights."""
    subject = construction("transformer/copying", c=2, fresh=True)
    (claim,) = [c for c in theorem("copying").claims if c.quantity == "transcript"]
    plan = Plan({"copying": Effort(3, 3, sizes=(1, 2, 4), far=(), measured=(4,))}, cases=20)
    assert Examiner(plan).about(claim, subject).verdict == "VERIFIED"
    monkeypatch.setattr(subject.task, "_reference", lambda word: word)
    assert Examiner(plan).about(claim, subject).verdict == "REFUTED"
