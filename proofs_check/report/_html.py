"""The report as one self-contained page."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

import constructions
from proofs_check.evidence import VERIFIED, ClaimResult, Gap, TheoremResult
from proofs_check.report._figures import curves_of, figure, gap_figure
from proofs_check.report._json import overall


def theorems_html(
    results: Sequence[TheoremResult],
    certificates: Mapping[str, Sequence[str]],
    command: Callable[[Sequence[str]], str],
    numbers: Sequence[str] = (),
) -> str:
    """What ``verify --out`` writes for people: every claim with evidence, scope, figure and certificates.

    Args:
        results: the theorems with their evidence.
        certificates: names of files beside the page, by what they are about.
        command: what gathers the evidence for theorems of these numbers again.
        numbers: those that were asked for; none if all were.

    Nothing is loaded from anywhere, there is no script, and every text is escaped.
    """
    style = (resources.files("proofs_check.report") / "templates" / "report.css").read_text(encoding="utf-8")
    page = {
        "verdict": overall(results),
        "version": constructions.__version__,
        "command": command(numbers),
        "style": Markup(style),  # noqa: S704  (a file of this package)
        "theorems": [_theorem(result, certificates, command) for result in results],
    }
    return _environment().get_template("report.html.j2").render(page) + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("proofs_check.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _theorem(
    result: TheoremResult, certificates: Mapping[str, Sequence[str]], command: Callable[[Sequence[str]], str]
) -> dict[str, Any]:
    theorem = result.theorem
    return {
        "verdict": result.verdict,
        "number": theorem.number,
        "title": theorem.title,
        "statement": theorem.statement,
        "holding": sum(claim.verdict == VERIFIED for claim in result.claims),
        "claims": len(result.claims),
        "command": command([theorem.number]),
        "subjects": list(_subjects(result, certificates)),
        "gaps": None if not result.gaps else _gaps(result.gaps),
        "not_checked": theorem.not_checked,
    }


def _gaps(gaps: Sequence[Gap]) -> dict[str, Any]:
    return {
        "sizes": gaps[0].sizes,
        "rows": [row for gap in gaps for row in gap.rows()],
        "figure": Markup(gap_figure(gaps)),  # noqa: S704  (from numbers and names of this package)
    }


def _subjects(result: TheoremResult, certificates: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]]:
    by_subject: dict[str, list[ClaimResult]] = {}
    for claim in result.claims:
        by_subject.setdefault(claim.subject, []).append(claim)
    for name, claims in by_subject.items():
        drawn = figure(curves_of(claims))
        yield {
            "name": name,
            "summary": None if claims[0].construction is None else claims[0].construction.summary,
            "rows": [_row(claim) for claim in claims],
            "figure": None if drawn is None else Markup(drawn),  # noqa: S704  (from numbers and bounds alone)
            "certificates": certificates.get(name, ()),
        }


def _row(claim: ClaimResult) -> dict[str, Any]:
    return {
        "verdict": claim.verdict,
        "statement": claim.claim.statement,
        "evidence": claim.evidence,
        "counterexample": None if claim.counterexample is None else str(claim.counterexample),
        "reason": claim.reason,
        "scope": claim.claim.scope,
    }
