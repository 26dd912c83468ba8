"""The report of ``verify --out`` in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from constructions.tasks import Effort
from constructions.theorems import THEOREMS
from proofs_check.evidence import Examiner, Plan
from proofs_check.report import theorems_html

pytestmark = pytest.mark.system


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_opens_without_complaint_and_fits(opened: Callable[..., Page], width: int, dark: bool) -> None:
    little = {"istree": Effort(3, 0, sizes=(2, 4, 6), far=(), measured=(2, 4))}
    result = Examiner(Plan(little, cases=30)).theorem(THEOREMS["4.7"])
    page = opened(
        theorems_html([result], {}, lambda numbers: " ".join(["retrieval-gap", "verify", *numbers])),
        width=width,
        dark=dark,
    )
    expect(page.locator("table.claims tbody tr")).to_have_count(len(result.claims))
    expect(page.locator("figure svg")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.querySelector('svg text')).fill]"
    )
    assert colours[0] == colours[1]  # letters in figures follow the page, light or dark
