"""Verdicts and evidence as a JSON document."""

from collections.abc import Sequence
from typing import Any

from proofs_check.evidence import INCOMPLETE, REFUTED, VERIFIED, ClaimResult, Gap, TheoremResult


def overall(results: Sequence[TheoremResult]) -> str:
    """REFUTED if some theorem is, else INCOMPLETE if some is, else VERIFIED."""
    verdicts = {result.verdict for result in results}
    return next((v for v in (REFUTED, INCOMPLETE) if v in verdicts), VERIFIED)


def theorems_json(results: Sequence[TheoremResult]) -> dict[str, Any]:
    """The document that ``verify --json`` prints."""
    return {
        "verdict": overall(results),
        "theorems": [
            {
                "number": result.theorem.number,
                "title": result.theorem.title,
                "statement": result.theorem.statement,
                "verdict": result.verdict,
                "claims": [_claim(claim) for claim in result.claims],
                "not_checked": list(result.theorem.not_checked),
            }
            | ({"bits_of_state": [_gap(gap) for gap in result.gaps]} if result.gaps else {})
            for result in results
        ],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "task": gap.task,
        "n": list(gap.sizes),
        "any_rnn": {convention: list(bits) for convention, bits in gap.without.items()},
        "exact": {convention: list(exact) for convention, exact in gap.exact.items()},
        "with_search": {name: list(bits) for name, bits in gap.with_search.items()},
        "in_context": {name: list(bits) for name, bits in gap.in_context.items()},
    }


def _claim(result: ClaimResult) -> dict[str, Any]:
    claim = result.claim
    document: dict[str, Any] = {
        "name": result.name,
        "statement": claim.statement,
        "construction": claim.construction,
        "quantity": claim.quantity,
        "verdict": result.verdict,
        "evidence": [
            {"kind": e.kind, "words": e.words}
            | ({} if e.inputs is None else {"inputs": e.inputs})
            | ({} if e.largest is None else {"to_n": e.largest})
            | ({"curve": [list(point) for point in e.curve]} if e.curve else {})
            for e in result.evidence
        ],
        "scope": claim.scope,
    }
    if claim.bound is not None:
        document["bound"] = str(claim.bound)
    if result.counterexample is not None:
        found = result.counterexample
        document["counterexample"] = {
            "construction": found.construction,
            "n": found.n,
            "input": found.input,
            "expected": list(found.expected),
            "written": list(found.written),
        }
    if result.reason is not None:
        document["reason"] = result.reason
    return document
