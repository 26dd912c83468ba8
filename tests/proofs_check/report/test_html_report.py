"""The page of ``verify --out``: everything that was established stands there, escaped, and nothing else."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pytest

from constructions.tasks import Effort
from constructions.theorems import THEOREMS, LogBound, construction
from constructions.wiring import n
from proofs_check._commands import verifying
from proofs_check.cli import main
from proofs_check.evidence import REFUTED, Evidence, Examiner, Plan, TheoremResult
from proofs_check.lower_bounds import lower_half
from proofs_check.report import theorems_html
from proofs_check.report._figures import Curve, curves_of, figure

LITTLE = {
    "index": Effort(2, 2, sizes=(1, 2, 4), far=(), measured=(1, 4)),
    "istree": Effort(3, 0, sizes=(2, 4, 6), far=(), measured=(2, 4)),
}
HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'&amp;"""


def command(numbers: Sequence[str]) -> str:
    return " ".join(["retrieval-gap", "verify", *numbers])


@pytest.fixture(scope="module")
def tree() -> TheoremResult:
    return Examiner(Plan(LITTLE, cases=30)).theorem(THEOREMS["4.7"])


class Page(HTMLParser):
    """The text outside of styles, the tags, and what attributes refer to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags, self.references = "", [], []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden = tag == "style"
        self.references += [value or "" for name, value in attributes if name in ("href", "src", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data


def test_every_claim_with_its_evidence_scope_and_command_is_on_the_page(tree: TheoremResult) -> None:
    page = Page(theorems_html([tree], {}, command))
    for claim in tree.claims:
        assert claim.claim.statement in page.text
        assert claim.claim.scope in page.text
        for evidence in claim.evidence:
            assert f"{evidence.kind} {evidence.words}" in page.text
    assert page.text.count("VERIFIED") >= len(tree.claims) + 2
    for missing in tree.theorem.not_checked:
        assert missing in page.text
    assert "retrieval-gap verify 4.7" in page.text


def test_the_page_needs_nothing_but_itself(tree: TheoremResult) -> None:
    page = Page(theorems_html([tree], {"transformer/istree": ["a b.json"]}, command))
    assert "script" not in page.tags
    outside = [reference for reference in page.references if not reference.startswith("#")]
    assert outside == ["a%20b.json"]


def test_what_was_refuted_is_shown_with_its_counterexample(tree: TheoremResult) -> None:
    wrong = replace(tree.claims[4], verdict=REFUTED, reason="17 bits were measured at n = 4")
    assert wrong.verdict != tree.claims[4].verdict
    page = Page(theorems_html([replace(tree, claims=(wrong, *tree.claims[1:]))], {}, command))
    assert "because 17 bits were measured at n = 4" in page.text
    assert "REFUTED Theorem 4.7" in page.text


def test_the_words_of_users_stay_words(tree: TheoremResult) -> None:
    theorem = replace(tree.theorem, title=HOSTILE, statement=HOSTILE, not_checked=(HOSTILE,))
    claim = replace(
        tree.claims[0],
        claim=replace(tree.claims[0].claim, statement=HOSTILE, scope=HOSTILE),
        evidence=(Evidence("sampled", HOSTILE),),
        reason=HOSTILE,
    )
    page = Page(theorems_html([TheoremResult(theorem, (claim,))], {"transformer/istree": [HOSTILE]}, lambda _: HOSTILE))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert page.text.count(HOSTILE) >= 8


# Figures.


def test_curves_hold_what_was_measured(tree: TheoremResult) -> None:
    curves = {curve.quantity: curve for curve in curves_of(tree.claims)}
    assert curves["tokens"].points == tuple((size, 2 * size) for size, _ in curves["tokens"].points)
    assert [size for size, _ in curves["tokens"].points][-1] == 6
    assert [size for size, _ in curves["activation bits"].points] == [2, 4]
    for curve in curves.values():
        assert all(value <= curve.at_most(size) for size, value in curve.points)


def test_points_and_bound_stand_where_they_belong() -> None:
    drawn = figure([Curve("parameter bits", ((2, 3), (4, 5), (16, 9)), LogBound(2, 2))])
    assert drawn is not None
    dots = [tuple(map(float, place)) for place in re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)"', drawn)]
    # The axes' own ticks are drawn by the same means; the dots are the run of three between the same distances.
    steps = [(b[0] - a[0], a[1] - b[1]) for a, b in itertools.pairwise(dots)]
    assert any(
        first[0] > 0 and first[1] > 0 and second == pytest.approx((2 * first[0], 2 * first[1]), rel=1e-3)
        for first, second in itertools.pairwise(steps)
    )
    assert "a parameter ≤ 2 log2 n + 2" in drawn


def test_a_point_above_its_bound_is_drawn_above_it() -> None:
    curve = Curve("tokens", ((2, 4), (3, 7)), 2 * n)
    assert curve.at_most(3) == 6.0 < 7
    assert figure([curve]) != figure([replace(curve, points=((2, 4), (3, 6)))])


def test_figures_are_the_same_every_time_and_do_not_clash_in_one_page(tree: TheoremResult) -> None:
    once, again = figure(curves_of(tree.claims)), figure(curves_of(tree.claims))
    assert once == again
    assert once is not None
    assert '<g id="' not in once
    assert "currentColor" in once
    assert "#010203" not in once


def test_what_does_not_depend_on_n_is_not_drawn() -> None:
    assert figure([]) is None
    assert figure([Curve("tokens", ((1, 1), (2, 1)), n**0)]) is None


def test_lower_bounds_keep_the_numbers_behind_their_words() -> None:
    total = lower_half("4.7")[0].evidence[0]
    assert total.curve == ((2, 3), (3, 6), (4, 16), (5, 53), (6, 204))  # Bell(n) + 1


# The command.


def test_the_command_writes_the_page_beside_the_certificates_that_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "Plan", partial(Plan, LITTLE, 30))
    with pytest.raises(SystemExit) as ended:
        main(["verify", "5.6", "--max-n", "2", "--seed", "7", "--workers", "1", "--out", str(tmp_path)])
    assert ended.value.code == 0
    capsys.readouterr()
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "retrieval-gap verify 5.6 --max-n 2 --seed 7" in page.text
    named = {reference for reference in page.references if not reference.startswith("#")}
    certificates = {path.name for path in tmp_path.iterdir()} - {"report.html", "report.json", "report.txt"}
    assert named == certificates
    assert len(named) > 4


def test_a_construction_of_the_project_says_how_it_works_on_the_page(tree: TheoremResult) -> None:
    assert construction("transformer/istree").summary in Page(theorems_html([tree], {}, command)).text
