"""What ``verify`` prints unless it is asked for everything: a row for each theorem, a paragraph for one."""

import textwrap
from collections.abc import Iterable, Sequence

from proofs_check.evidence import RUNGS, VERIFIED, ClaimResult, TheoremResult
from proofs_check.report._text import closing_lines, failure_lines

_WIDTH = 80

_COLUMNS = (
    ("claims", "hold", 8),
    ("machine-", "checked", 10),
    ("", "proved", 8),
    ("", "argued", 8),
    ("", "run", 5),
    ("all to", "n =", 9),
    ("samples", "to n =", 9),
    ("", "s", 4),
)
"""Two lines of a head, and how many characters a column takes."""

_LEGEND = """\
Each claim is counted once, by the strongest evidence for it:
  machine-checked  for all n, by Coq (recorded; retrieval-gap prove repeats it)
  proved           for all n, by inequalities, which were proved again now
  argued           for all n, on a page of the documentation, by no program
  run              on inputs, now
The other columns: every construction was run on all inputs up to the first n,
and on samples up to the second; s is seconds of processor time."""


def summary_head() -> str:
    """The two lines above the rows of :func:`summary_row`."""
    above = "".join(f"{word:>{width}}" for word, _, width in _COLUMNS)
    below = "".join(f"{word:>{width}}" for _, word, width in _COLUMNS)
    return f"{'':19}{above}".rstrip() + f"\n{'theorem':<9}{'verdict':<10}{below}"


def summary_row(result: TheoremResult) -> str:
    """One theorem: its verdict, how many claims rest on which evidence, sizes of runs, seconds of processor time."""
    holding = [claim for claim in result.claims if claim.verdict == VERIFIED]
    rungs = [claim.rung for claim in holding]
    run = sum(rung in ("exhaustive", "sampled", "measured") for rung in rungs)
    counts = [rungs.count("machine-checked"), rungs.count("proved"), rungs.count("argued"), run]
    cells = [
        f"{len(holding)}/{len(result.claims)}",
        *(str(count or "-") for count in counts),
        *(_reach(result.claims, kind) for kind in ("exhaustive", "sampled")),
        f"{result.seconds:.0f}",
    ]
    columns = "".join(f"{cell:>{width}}" for cell, (_, _, width) in zip(cells, _COLUMNS, strict=True))
    return f"{result.theorem.number:<9}{result.verdict:<10}{columns}"


def summary_foot(results: Sequence[TheoremResult]) -> str:
    """What the columns mean, each claim that does not hold with its reason, and what is not checked."""
    parts = [_LEGEND]
    parts += [failures for result in results if (failures := _failures(result))]
    missing: dict[str, list[str]] = {}
    for result in results:
        for part in result.theorem.not_checked:
            missing.setdefault(part, []).append(result.theorem.number)
    if missing:
        words = [_filled(f"{', '.join(numbers)}: {part}", "  ", "    ") for part, numbers in missing.items()]
        parts.append("\n".join(["not checked:", *words]))
    return "\n\n".join(parts)


def theorem_block(result: TheoremResult) -> str:
    """One theorem: its statement, what holds of each construction and of any machine, and what is not checked."""
    theorem = result.theorem
    lines = [f"Theorem {theorem.number}: {theorem.title}", _filled(theorem.statement, "  "), ""]
    alike: dict[str, list[str]] = {}
    for subject in dict.fromkeys(claim.subject for claim in result.claims):
        claims = [claim for claim in result.claims if claim.subject == subject]
        holding = sum(claim.verdict == VERIFIED for claim in claims)
        alike.setdefault(f"{holding} of {len(claims)} claims hold; {'; '.join(_how(claims))}", []).append(subject)
    for words, names in alike.items():
        lines += [_filled(f"{'; '.join(names)}:", "  "), _filled(words, "      ")]
    if failures := _failures(result):
        lines.append(failures)
    return "\n".join([*lines, *closing_lines(result, _WIDTH)])


def _how(claims: Sequence[ClaimResult]) -> Iterable[str]:
    """How far the answers were established; then how many claims rest on what."""
    answers = [claim for claim in claims if claim.claim.quantity in ("answers", "transcript")]
    for claim in answers[:1]:
        reached = [f"{rung} for all n"] if (rung := claim.rung) == "machine-checked" else []
        for kind, words in (("exhaustive", "run on all inputs to n = "), ("sampled", "on samples to n = ")):
            if (largest := _reach(answers, kind)) != "-":
                reached.append(f"{words}{largest}")
        if reached and claim.verdict == VERIFIED:
            yield f"that its output is right: {', '.join(reached)}"
    others = [claim.rung for claim in claims if claim not in answers and claim.verdict == VERIFIED]
    counted = [f"{others.count(rung)} {rung}" for rung in RUNGS if rung in others]
    if counted:
        yield f"{'the other claims' if answers else 'of these'}: {', '.join(counted)}"


def _reach(claims: Iterable[ClaimResult], kind: str) -> str:
    """The n to which what is written was compared on inputs of this kind, for every construction; "-" if for none."""
    largest: dict[str, int] = {}
    for claim in claims:
        if claim.claim.quantity in ("answers", "transcript"):
            sizes = [e.largest for e in claim.evidence if e.kind == kind and e.largest is not None]
            largest[claim.subject] = max(sizes, default=0)
    least = min(largest.values(), default=0)
    return f"{least:,}" if least else "-"


def _failures(result: TheoremResult) -> str:
    failing = [claim for claim in result.claims if claim.verdict != VERIFIED]
    return "\n".join(line for claim in failing for line in failure_lines(claim, result.theorem.number))


def _filled(text: str, begin: str = "", indent: str | None = None) -> str:
    rest = begin if indent is None else indent
    return "\n".join(textwrap.wrap(text, _WIDTH, initial_indent=begin, subsequent_indent=rest) or [begin])
