"""Several look-ups by hybrids, against plain loops; and small words completely."""

import itertools

import numpy as np
import pytest

from constructions.architectures import family
from constructions.errors import InputError
from constructions.theorems import construction
from constructions.theorems._neighbour_mqar import COPYING, MQAR


def answered(word: tuple[int, ...], query: int) -> str:
    """Backwards from the end: the first place whose number is asked for, and what follows it."""
    for place in range(len(word) - 2, -1, -1):
        if word[place] == query:
            return str(word[place + 1])
    return "NONE"


def test_three_queries_on_all_small_words() -> None:
    subject = construction("hybrid/mqar")
    for word in itertools.product((1, 2, 3), repeat=3):
        for asked in [(1, 2, 3), (3, 3, 1), (2, 1, 2)]:
            text = f"{' '.join(map(str, word))} ? {' '.join(map(str, asked))}"
            right = (*(answered(word, query) for query in asked), ".")
            assert MQAR.written(MQAR.parse(text)) == right
            assert subject.run(text).tokens == right


def test_letters_among_noise_on_all_small_words() -> None:
    subject = construction("hybrid/selective-copying")
    for kept in itertools.combinations(range(6), 4):
        for letters in [("a", "b", "c", "d"), ("d", "d", "a", "d"), ("b", "a", "b", "a")]:
            word = ["-"] * 6
            for place, letter in zip(kept, letters, strict=True):
                word[place] = letter
            assert subject.run(" ".join(word)).tokens == (*letters, ".")


@pytest.mark.parametrize("text", ["a b c", "a b c d a", "- - - -"])
def test_other_numbers_of_letters_are_not_asked(text: str) -> None:
    with pytest.raises(InputError, match="no instance of selective-copying"):
        COPYING.parse(text)


def test_they_are_hybrids_and_random_words_ask_for_what_is_there() -> None:
    assert {family(construction(f"hybrid/{task.name}").at(6)) for task in (MQAR, COPYING)} == {"hybrid"}
    rng = np.random.default_rng(0)
    answers = [answer for _ in range(100) for answer in MQAR.written(MQAR.sample(rng, 12))[:-1]]
    assert 30 < answers.count("NONE") < 270
