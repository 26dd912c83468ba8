"""``mutate``: faults planted in the weights, and which of them the evidence finds."""

from constructions.errors import InputError, counted
from constructions.theorems import users_code
from proofs_check import mutations
from proofs_check._commands._ending import EXIT
from proofs_check._commands._shared import (
    chosen_construction,
    clear_progress,
    print_json,
    progress_on_terminal,
)
from proofs_check.mutations import KINDS, Finding, Outcome, Report


def mutate_verifier(name: str | None, json: bool) -> int:
    """Judge the faults in the verifier and print which check sees each."""
    if name is not None:
        raise InputError(f"--verifier plants faults in the verifier; leave out {name}")
    outcomes = list(mutations.judge_all())
    unexplained = [outcome for outcome in outcomes if not outcome.explained]
    verdict = "INCOMPLETE" if unexplained else "VERIFIED"
    if json:
        rows = [
            {
                "fault": outcome.fault.name,
                "patched": list(outcome.fault.patched),
                "check": outcome.fault.check_name,
                "without": outcome.without,
                "seen": outcome.seen,
            }
            for outcome in outcomes
        ]
        print_json({"verdict": verdict, "faults": rows})
        return EXIT[verdict]
    print(f"{verdict}  the verifier: {len(outcomes)} faults planted; {len(outcomes) - len(unexplained)} found")
    width = max(len(outcome.fault.name) for outcome in outcomes)
    for outcome in outcomes:
        how = outcome.fault.check_name if outcome.explained else "UNEXPLAINED"
        print(f"  {outcome.fault.name:{width}}  {how}")
    return EXIT[verdict]


def mutate(
    name: str | None,
    n: int | None,
    c: int | None,
    machine: str | None,
    user_file: str | None,
    limit: int | None,
    seed: int,
    json: bool,
) -> int:
    """Judge the mutants of a construction and print what became of them."""
    if name is None and user_file is None:
        raise InputError("name a construction (see list), give --construction, or give --verifier")
    found = chosen_construction(name, user_file, c=c, machine=machine)
    with users_code(user_file):
        report = mutations.mutate(found, n, seed=seed, limit=limit, progress=progress_on_terminal())
    clear_progress()
    if json:
        print_json(_document(report))
    else:
        print(_text(report))
    return EXIT[report.verdict]


def _document(report: Report) -> dict[str, object]:
    return {
        "verdict": report.verdict,
        "construction": report.construction.name,
        "parameter": report.construction.parameter,
        "n": report.n,
        "seed": report.seed,
        "faults": report.possible,
        "planted": len(report.outcomes),
        "found": report.found,
        "evidence": {
            "sampled": {"inputs": report.sampled.count, "scope": report.sampled.words},
            "exhaustive": {"inputs": report.exhaustive.count, "scope": report.exhaustive.words},
        },
        "reasons": {kind: len(report.explained_by(kind)) for kind in KINDS},
        "unexplained": [outcome.fault.text for outcome in report.unexplained],
        "mutants": [_entry(outcome) for outcome in report.outcomes],
    }


def _entry(outcome: Outcome) -> dict[str, object]:
    reason = outcome.reason
    return {
        "kind": outcome.fault.kind,
        "fault": outcome.fault.text,
        "found": outcome.found,
        "refused": outcome.refused,
        "sampled": _finding(outcome.sampled),
        "exhaustive": _finding(outcome.exhaustive),
        "answer_shows_it": outcome.answer,
        "reason": None if reason is None else {"kind": reason.kind, "words": reason.words},
    }


def _finding(finding: Finding | None) -> dict[str, object] | None:
    if finding is None:
        return None
    return {
        "n": finding.n,
        "input": finding.input,
        "expected": list(finding.expected),
        "written": list(finding.written),
    }


def _text(report: Report) -> str:
    planted, found = len(report.outcomes), report.found
    share = "" if planted == report.possible else f" of {report.possible:,}, chosen by seed {report.seed}"
    explained = planted - found - len(report.unexplained)
    lines = [
        f"{report.verdict}  {report.construction.label}: {counted(planted, 'fault')} planted{share}; {found:,} found, "
        f"{explained:,} explained, {len(report.unexplained):,} unexplained",
        f"  contracts   refuse {sum(o.refused is not None for o in report.outcomes):,} when they are built",
        f"  sampled     finds {sum(o.sampled is not None for o in report.outcomes):,}: {report.sampled.words}",
        f"  exhaustive  finds {sum(o.exhaustive is not None for o in report.outcomes):,}: {report.exhaustive.words}",
        f"  answers     alone show {sum(o.answer for o in report.outcomes):,}; transcripts only, "
        f"{sum(o.transcript_only for o in report.outcomes):,}",
        "found, by kind of fault:",
    ]
    for kind in dict.fromkeys(outcome.fault.kind for outcome in report.outcomes):
        own = [outcome for outcome in report.outcomes if outcome.fault.kind == kind]
        lines.append(f"  {kind:<16}{sum(outcome.found for outcome in own):,} of {len(own):,}")
    if explained:
        lines.append(f"explained (the given size is n = {report.n}):")
    for kind, meaning in KINDS.items():
        these = report.explained_by(kind)
        if these:
            lines.append(f"  {kind:<16}{len(these):,}: {meaning}; such as {these[0].fault.text}")
    lines += [f"UNEXPLAINED  {outcome.fault.text}" for outcome in report.unexplained]
    return "\n".join(lines)
