"""Everything that was established about a theorem, as text."""

import textwrap
from collections.abc import Iterable, Sequence

from proofs_check.evidence import VERIFIED, ClaimResult, Evidence, Gap, TheoremResult

_WIDTH = 100

_BITS = (
    "bits of state that any RNN needs (>= where more may be needed), and that ours take which search (retrieval) or "
    "attend once (hybrid); and bits of context, which the runtime keeps for these and for Transformers: the longest "
    "prompt and all that is written; an RNN that reads once keeps none. total: any input may occur. promise: queries "
    "have an answer (so the paper reads c-gram), and graphs are simple."
)


def theorem_text(result: TheoremResult) -> str:
    """One theorem: each claim with its verdict, evidence and scope; what was not checked; the verdict.

    A statement that is claimed of several constructions stands once, with the constructions below it; evidence that
    several of them share, or that was said before of the same construction, is not repeated.
    """
    theorem = result.theorem
    lines = [f"Theorem {theorem.number}: {theorem.title}", *_wrapped(theorem.statement, "  ")]
    said: dict[str, list[Evidence]] = {}
    for statement in dict.fromkeys(claim.claim.statement for claim in result.claims):
        lines += ["", *_wrapped(statement, "  ", "    ")]
        claims = [claim for claim in result.claims if claim.claim.statement == statement]
        for sharing in _sharing(claims):
            names = ", ".join(claim.subject for claim in sharing)
            lines += _wrapped(names, f"    {sharing[0].verdict:<10}  ", " " * 18)
            for words in _evidence(sharing, said):
                lines += _wrapped(words, " " * 16)
            lines += [line for claim in sharing for line in _why(claim, " " * 16)]
    return "\n".join([*lines, *closing_lines(result, _WIDTH)])


def closing_lines(result: TheoremResult, width: int) -> list[str]:
    """What stands below the claims of a theorem: the bits of state, what was not checked, the verdict."""
    lines = [*_gap_lines(result.gaps, width), ""]
    for part in result.theorem.not_checked:
        lines += textwrap.wrap(part, width, initial_indent="  not checked  ", subsequent_indent=" " * 15)
    holds = sum(claim.verdict == VERIFIED for claim in result.claims)
    return [*lines, f"{result.verdict}  Theorem {result.theorem.number}: {holds} of {len(result.claims)} claims hold"]


def _sharing(claims: Sequence[ClaimResult]) -> list[list[ClaimResult]]:
    """Claims that hold by the same evidence, side by side; those that do not hold stand alone. The order is kept."""
    groups: list[list[ClaimResult]] = []
    for claim in claims:
        like = (g for g in groups if (g[0].verdict, g[0].evidence) == (claim.verdict, claim.evidence))
        group = next(like, None) if claim.verdict == VERIFIED else None
        if group is None:
            groups.append([claim])
        else:
            group.append(claim)
    return groups


def _evidence(sharing: Sequence[ClaimResult], said: dict[str, list[Evidence]]) -> Iterable[str]:
    """The evidence in words; what was run, and said before of each of these constructions, in few."""
    again = []
    for evidence in sharing[0].evidence:
        if evidence.inputs is not None and all(evidence in said.get(claim.subject, ()) for claim in sharing):
            again.append(evidence.kind)
        else:
            yield f"{evidence.kind}: {evidence.words}"
        for claim in sharing:
            said.setdefault(claim.subject, []).append(evidence)
    if again:
        yield f"{' and '.join(dict.fromkeys(again))}: on the inputs named above"


def failure_lines(claim: ClaimResult, number: str) -> list[str]:
    """A claim that does not hold, with the counterexample and the reason."""
    words = f"{claim.subject}: {claim.claim.statement}"
    return [*_wrapped(words, f"{claim.verdict}  {number}  ", " " * 15), *_why(claim, " " * 15)]


def _why(claim: ClaimResult, begin: str) -> list[str]:
    lines = []
    if claim.counterexample is not None:
        lines += _wrapped(f"counterexample: {claim.counterexample}", begin)
    if claim.reason is not None:
        lines += _wrapped(f"because {claim.reason}", begin)
    return lines


def _gap_lines(gaps: Sequence[Gap], width: int) -> list[str]:
    """The bits of state side by side, a line for each machine, fewer n if all do not fit."""
    if not gaps:
        return []
    rows = [row for gap in gaps for row in gap.rows()]
    name_width = max(len(name) for name, _ in rows)
    column = max(7, 1 + max(len(bits) for _, row in rows for bits in row))
    sizes = len(gaps[0].sizes)
    step = next(s for s in range(1, sizes + 1) if s == sizes or 4 + name_width + column * -(-sizes // s) <= width)
    shown = slice((sizes - 1) % step, None, step)  # the largest n is always there
    lines = ["", *textwrap.wrap(_BITS, width, initial_indent="  ", subsequent_indent="  ")]
    for name, row in [("n", tuple(map(str, gaps[0].sizes))), *rows]:
        lines.append(f"    {name:{name_width}}" + "".join(f"{bits:>{column}}" for bits in row[shown]))
    return lines


def _wrapped(text: str, begin: str, indent: str | None = None) -> list[str]:
    """Lines that fit: the first after ``begin``, the others after ``indent``, two more blanks unless given."""
    return textwrap.wrap(text, _WIDTH, initial_indent=begin, subsequent_indent=indent or begin + "  ") or [begin]
