"""``verify``: the claims of theorems."""

import shlex
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from json import dumps
from pathlib import Path
from typing import NamedTuple

from constructions.errors import InputError, ResourceError, in_words
from constructions.gallery import shown_name
from constructions.theorems import (
    NEIGHBOURS,
    THEOREMS,
    Construction,
    Theorem,
    claims_of,
    theorem,
    user_construction,
    users_code,
)
from proofs_check._atomic_write import write_text
from proofs_check._commands._ending import EXIT
from proofs_check._commands._parts import verified
from proofs_check._commands._progress import plain_progress
from proofs_check._commands._shared import (
    clear_progress,
    make_directory,
    parse_arithmetic,
    print_json,
    progress_on_terminal,
    refuse,
)
from proofs_check._commands.certifying import write_certificates
from proofs_check.evidence import Examiner, Plan, TheoremResult, cases, kernel_knows
from proofs_check.report import (
    overall,
    summary_foot,
    summary_head,
    summary_row,
    theorem_block,
    theorem_text,
    theorems_html,
    theorems_json,
)
from proofs_check.sweeps import usable_processors


class Amount(NamedTuple):
    """How much evidence to gather, and in which number system, by the options of these names."""

    max_n: int | None
    arithmetic: str
    seed: int


def verify(
    numbers: Sequence[str],
    amount: Amount,
    out: Path | None,
    user_file: str | None,
    workers: int | None,
    details: bool,
    everything: bool,
    json: bool,
) -> int:
    """Gather the evidence, print the report, return the exit code."""
    for number in numbers:
        theorem(number)
    if everything:
        given = [*numbers, *([] if user_file is None else ["--construction"])]
        if given:
            raise InputError(f"--all verifies every theorem and neighbour; leave out {given[0]}")
        numbers = [*THEOREMS, *NEIGHBOURS]
    if user_file is not None:
        refuse("does nothing beside --construction, which is there in this process alone", workers=workers)
    if json:
        refuse("changes nothing: --json holds everything, in its own form", details=details)
    plan, max_n = _plan(amount), amount.max_n
    if max_n is not None and user_file is None:  # what the tasks themselves ask for is few
        for number in numbers or THEOREMS:
            for _, _, construction in cases(theorem(number)):
                _require_few(plan, construction, max_n)
    if out is not None:  # before the work, so that a directory that cannot be written costs nothing
        make_directory(out)
    started = time.monotonic()
    if user_file is not None:
        if numbers:
            raise InputError("--construction brings its own claims; name no theorem beside it")
        mine = user_construction(user_file)
        with users_code(user_file):
            _require_few(plan, mine, max_n)
            judged = _users(mine, plan)
        results = _shown([judged], None if json else theorem_text)
    else:
        found = verified(plan, numbers or list(THEOREMS), workers or usable_processors(), plan.progress)
        form = theorem_text if details else theorem_block if len(numbers) == 1 else summary_row
        if form is summary_row and not json:
            print(summary_head())
        results = _shown(found, None if json else form)
    seconds = time.monotonic() - started
    document = theorems_json(results)
    if out is not None:
        with users_code(user_file):
            document["certificates"] = write_certificates(results, out)
        write_text(out / "report.json", dumps(document, ensure_ascii=False, indent=2) + "\n")
        write_text(out / "report.txt", "\n\n".join(map(theorem_text, results)) + "\n")
        again = partial(_command, user_file, amount)
        write_text(out / "report.html", theorems_html(results, document["certificates"], again, numbers))
    if json:
        print_json(document)
        return EXIT[overall(results)]
    if user_file is None and not details:
        if len(numbers) != 1:
            print(f"\n{summary_foot(results)}\n")
        print(f"retrieval-gap verify {' '.join([*numbers, '--details'])} shows each claim with its evidence")
    print(f"{sum(len(result.claims) for result in results)} claims in {seconds:.0f} s")
    if out is not None:
        files = sum(len(names) for names in document["certificates"].values())
        print(f"{files} certificates and report.html are in {out}; retrieval-gap check FILE checks one")
    return EXIT[overall(results)]


def _command(user_file: str | None, amount: Amount, numbers: Sequence[str]) -> str:
    """What a person types to gather the evidence for these theorems again."""
    max_n, arithmetic, seed = amount
    options = [] if max_n is None else ["--max-n", str(max_n)]
    options += [] if arithmetic == "exact" else ["--arithmetic", arithmetic]
    options += [] if seed == 0 else ["--seed", str(seed)]
    subject = numbers if user_file is None else ["--construction", shown_name(user_file)]
    return shlex.join(["retrieval-gap", "verify", *subject, *options])


def _plan(amount: Amount) -> Plan:
    max_n, arithmetic, seed = amount
    progress = progress_on_terminal() or plain_progress()
    return Plan(seed=seed, arithmetic=parse_arithmetic(arithmetic), progress=progress, max_n=max_n)


def _require_few(plan: Plan, construction: Construction, max_n: int | None) -> None:
    """Refuse a size up to which there are too many inputs.

    Raises:
        ResourceError: naming the option, if it was given, and the number of inputs.
    """
    try:
        plan.require_few(construction)
    except ResourceError as error:
        raise ResourceError(str(error) if max_n is None else f"--max-n {in_words(max_n)}: {error}") from error


def _shown(results: Iterable[TheoremResult], form: Callable[[TheoremResult], str] | None) -> list[TheoremResult]:
    """Print each theorem in this form, as soon as its verdict is there; nothing if there is no form."""
    found = []
    for result in results:
        clear_progress()
        if form is not None:
            print(form(result), end="\n" if form is summary_row else "\n\n", flush=True)
        found.append(result)
    return found


def _users(mine: Construction, plan: Plan) -> TheoremResult:
    """The verdicts on a construction of the user's own; it is there in this process alone."""
    claimed, examiner = _user_theorem(mine), Examiner(plan)
    return TheoremResult(claimed, tuple(examiner.about(claim, mine) for claim in claimed.claims))


def _user_theorem(mine: Construction) -> Theorem:
    """The claims of a construction as a theorem of its own."""
    known = kernel_knows(mine)
    return Theorem(
        number="(yours)",
        title=mine.name,
        statement=mine.summary,
        constructions=(mine.name,),
        claims=claims_of(mine, kernel=known),
        not_checked=() if known else (f"by the kernel, which has no reference for the task {mine.task.name}",),
    )
