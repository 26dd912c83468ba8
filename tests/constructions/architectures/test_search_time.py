"""Every search of the constructions takes time linear in the context, by the steps of plain backtracking."""

import re
from collections.abc import Callable

import pytest

from constructions.theorems import THEOREMS
from tests.benchmarks.bench_search import QUADRATIC, cases
from tests.small_matcher import search

CASES = {f"{case.construction}: {case.name}": case for case in cases()}


def steps(pattern: str, text: str) -> int:
    return search(pattern, text, remember=False).steps


def grows_linearly(search_of: Callable[[int], tuple[str, str]], size: int) -> bool:
    """Whether twice the context takes at most 2.2 times the steps."""
    return 5 * steps(*search_of(2 * size)) <= 11 * steps(*search_of(size))


@pytest.mark.parametrize("name", CASES)
def test_every_search_of_the_constructions_is_linear_in_the_context(name: str) -> None:
    assert grows_linearly(CASES[name].search, 400)
    pattern, text = CASES[name].search(60)
    found = re.search(pattern, text)
    assert search(pattern, text, remember=False).groups == (None if found is None else found.groups())


@pytest.mark.parametrize("name", QUADRATIC)
def test_a_quadratic_expression_is_told_from_a_linear_one(name: str) -> None:
    assert not grows_linearly(QUADRATIC[name], 400)


def test_the_cases_are_searches_of_every_construction() -> None:
    assert {case.construction for case in CASES.values()} == {
        name for theorem in ("5.2", "5.3") for name in THEOREMS[theorem].constructions
    }
    for case in CASES.values():
        assert all(abs(len(case.search(size)[1]) - size) <= 3 for size in (600, 1200)), case.name
