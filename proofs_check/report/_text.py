"""The table of theorems as text."""

import textwrap
from collections.abc import Sequence

from proofs_check.evidence import VERIFIED, Gap, TheoremResult

_WIDTH = 100


def theorem_text(result: TheoremResult) -> str:
    """One theorem: each claim with its verdict, evidence and scope; what was not checked; the verdict."""
    theorem = result.theorem
    lines = [f"Theorem {theorem.number}: {theorem.title}", *_wrapped(theorem.statement, "  ")]
    shown, before = None, None
    for claim in result.claims:
        if claim.subject != shown:
            shown = claim.subject
            lines += ["", f"  {shown}"]
            before = None
        lines += _wrapped(claim.claim.statement, f"    {claim.verdict:<10}  ", " " * 18)
        if claim.evidence and claim.evidence == before:
            lines.append(f"{' ' * 16}{' and '.join(dict.fromkeys(e.kind for e in claim.evidence))}: on the same inputs")
        else:
            for evidence in claim.evidence:
                lines += _wrapped(f"{evidence.kind}: {evidence.words}", " " * 16)
        before = claim.evidence
        if claim.counterexample is not None:
            lines += _wrapped(f"counterexample: {claim.counterexample}", " " * 16)
        if claim.reason is not None:
            lines += _wrapped(f"because {claim.reason}", " " * 16)
    lines += _gaps(result.gaps)
    lines.append("")
    for part in theorem.not_checked:
        lines += _wrapped(part, "  not checked  ", " " * 15)
    holds = sum(claim.verdict == VERIFIED for claim in result.claims)
    lines.append(f"{result.verdict}  Theorem {theorem.number}: {holds} of {len(result.claims)} claims hold")
    return "\n".join(lines)


def summary_text(results: Sequence[TheoremResult]) -> str:
    """One line per theorem."""
    return "\n".join(f"{r.verdict:<10}  Theorem {r.theorem.number:<4}  {r.theorem.title}" for r in results)


def _gaps(gaps: Sequence[Gap]) -> list[str]:
    """The bits of state side by side, a line for each machine, one axis of n for all."""
    if not gaps:
        return []
    lines = [
        "",
        "  bits of state: the least of any RNN (>= where more may be needed), and of our RNNs that search",
        "  (retrieval) or attend once (hybrid)",
    ]
    width = max(len(name) for gap in gaps for name, _ in gap.rows())
    lines.append(f"    {'n':{width}}" + "".join(f"{n:7}" for n in gaps[0].sizes))
    for gap in gaps:
        lines += [f"    {name:{width}}" + "".join(f"{bits:>7}" for bits in row) for name, row in gap.rows()]
    return lines


def _wrapped(text: str, begin: str, indent: str | None = None) -> list[str]:
    """Lines that fit: the first after ``begin``, the others after ``indent``, two more blanks unless given."""
    return textwrap.wrap(text, _WIDTH, initial_indent=begin, subsequent_indent=indent or begin + "  ") or [begin]
