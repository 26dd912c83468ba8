"""Ranked words and permutations against itertools, and at ranks beyond 64 bits."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructions.errors import InputError, ResourceError
from constructions.tasks import Index, permutations
from constructions.tasks._ranking import words


@pytest.mark.parametrize(("n", "alphabet"), [(1, 1), (1, 4), (3, 1), (2, 3), (3, 3), (5, 2), (4, 4)])
def test_words_are_those_of_itertools_in_the_same_order(n: int, alphabet: int) -> None:
    expected = list(itertools.product(range(1, alphabet + 1), repeat=n))
    assert [tuple(row) for row in words(n, alphabet).tolist()] == expected


@pytest.mark.parametrize("n", range(1, 8))
def test_permutations_are_those_of_itertools_in_the_same_order(n: int) -> None:
    rows = permutations(n)
    assert rows.shape == (math.factorial(n), n)
    assert [tuple(row) for row in rows.tolist()] == list(itertools.permutations(range(1, n + 1)))


@given(st.data())
def test_a_part_of_the_rows_is_the_slice_of_all(data: st.DataObject) -> None:
    n, alphabet = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    for whole, part in (
        (words(n, alphabet), lambda start, stop: words(n, alphabet, start, stop)),
        (permutations(n), lambda start, stop: permutations(n, start, stop)),
    ):
        start = data.draw(st.integers(0, len(whole)))
        stop = data.draw(st.integers(start, len(whole)))
        np.testing.assert_array_equal(part(start, stop), whole[start:stop])


@given(st.integers(1, 30), st.integers(1, 10), st.data())
def test_ranks_of_any_size_are_the_digits(n: int, alphabet: int, data: st.DataObject) -> None:
    total = alphabet**n  # up to 10^30, beyond 64 bits
    start = data.draw(st.integers(0, total))
    rows = words(n, alphabet, start, min(total, start + 5))
    for rank, row in enumerate(rows.tolist(), start):
        assert sum((letter - 1) * alphabet ** (n - 1 - place) for place, letter in enumerate(row)) == rank


@given(st.integers(1, 30), st.data())
def test_permutations_of_any_rank_have_it(n: int, data: st.DataObject) -> None:
    total = math.factorial(n)  # up to 2.7 * 10^32
    start = data.draw(st.integers(0, total))
    for rank, row in enumerate(permutations(n, start, min(total, start + 5)).tolist(), start):
        assert sorted(row) == list(range(1, n + 1))
        smaller_behind = [sum(later < letter for later in row[place:]) for place, letter in enumerate(row)]
        assert sum(count * math.factorial(n - 1 - place) for place, count in enumerate(smaller_behind)) == rank


@pytest.mark.parametrize(
    ("n", "alphabet", "start", "stop", "message"),
    [
        (0, 2, 0, None, "n = 0: expected"),
        (2, 0, 0, None, "alphabet = 0: expected"),
        (2, 2, -1, 3, r"ranks -1 .. 3 \(excluded\) are not within 0 .. 4"),
        (2, 2, 0, 5, "not within 0 .. 4"),
        (2, 2, 3, 2, "ranks 3 .. 2"),
    ],
)
def test_bad_ranks_are_refused(n: int, alphabet: int, start: int, stop: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Index().sequences(n, alphabet, start, stop)


def test_what_does_not_fit_in_memory_is_refused() -> None:
    with pytest.raises(ResourceError, match="100000000000000000000 rows of length 20 exceed"):
        words(20, 10)
    with pytest.raises(ResourceError, match="rows of length 20"):
        permutations(20)
