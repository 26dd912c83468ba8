"""The work of ``verify`` in parts, on as many processes as there are processors."""

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context

from constructions.errors import ResourceError
from constructions.theorems import Claim, Construction, theorem, variants
from proofs_check.evidence import ClaimResult, Examiner, Plan, Progress, TheoremResult, cases
from proofs_check.lower_bounds import gaps, lower_half
from proofs_check.sweeps import Pool

_OF_INPUTS = ("answers", "transcript", "tokens", "context", "searches")
"""Quantities that are judged by the same runs, which are made once."""

_KINDS = ("machines", "inputs", "rest")
"""Kinds of claims, which make a part each; what takes longest comes first, so that no process waits at the end."""


_Judged = tuple[list[ClaimResult], float]
"""Verdicts, and the seconds of processor time that they took."""


@dataclass(frozen=True)
class _Part:
    """Some claims about one variant of one construction of a theorem; of no construction, its lower half.

    Names and places, not the things themselves: a process of its own builds those again.
    """

    number: str
    name: str | None
    variant: int = 0
    kind: str = "rest"

    def claims(self) -> list[Claim]:
        """The claims that are judged here."""
        return [c for c in theorem(self.number).claims if (c.construction, _kind(c)) == (self.name, self.kind)]

    def judge(self, plan: Plan) -> _Judged:
        """The verdicts, without the constructions, whose functions do not go from process to process."""
        started = time.process_time()
        if self.name is None:
            found = list(lower_half(self.number))
        else:
            examiner, construction = Examiner(plan), variants(self.name)[self.variant]
            found = [replace(examiner.about(claim, construction), construction=None) for claim in self.claims()]
        return found, time.process_time() - started


def _kind(claim: Claim) -> str:
    if claim.quantity == "machines":
        return "machines"
    return "inputs" if claim.quantity in _OF_INPUTS else "rest"


def _parts(number: str) -> Iterator[_Part]:
    """A claim about many machines is judged once for all variants."""
    for name, place, _ in cases(theorem(number)):
        for kind in _KINDS[place > 0 :]:
            part = _Part(number, name, place, kind)
            if part.claims():
                yield part
    yield _Part(number, None)


def verified(plan: Plan, numbers: Sequence[str], workers: int, progress: Progress | None) -> Iterator[TheoremResult]:
    """The results of the theorems in the order given, each as soon as it is there.

    Args:
        plan: what evidence to gather.
        numbers: of the theorems.
        workers: processes at most; with 1, everything is done in this one.
        progress: see :data:`proofs_check.evidence.Progress`.

    Raises:
        ResourceError: a process was ended from outside, such as for want of memory.
    """
    parts = {number: list(_parts(number)) for number in numbers}
    workers = min(workers, sum(map(len, parts.values())))
    if workers == 1:
        plan = replace(plan, progress=progress)
        for number in numbers:
            yield _together(number, parts[number], [part.judge(plan) for part in parts[number]])
        return
    plan = replace(plan, progress=None)  # a function that writes to this terminal does not go to another process
    from constructions.engine import decode_many  # noqa: F401  what is said where nothing is compiled is said once, here

    # Started anew, not forked: the same on every system, and no threads or locks are inherited. This process works
    # beside them: it has loaded what each of the others must load first. They look for unreachable cycles as rarely.
    with Pool(workers - 1, get_context("spawn"), gc.set_threshold, gc.get_threshold()) as pool:
        try:
            first, *others = (part for number in numbers for part in parts[number])
            shared = _Shared(first, {part: pool.submit(part.judge, plan) for part in others}, plan, progress)
            for number in numbers:
                yield _together(number, parts[number], [shared.judged(part) for part in parts[number]])
        except KeyboardInterrupt:
            pool.give_up()
            raise
        except BrokenProcessPool as error:
            raise ResourceError(
                "a process that gathered evidence was ended from outside, perhaps for want of memory; "
                "with --workers 1 everything is done in one process"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class _Shared:
    """Parts that other processes judge, in their order, and this one while it waits; the first while they start."""

    def __init__(
        self, first: _Part, waiting: Mapping[_Part, Future[_Judged]], plan: Plan, progress: Progress | None
    ) -> None:
        self._first, self._waiting, self._plan, self._progress = first, waiting, plan, progress
        self._left = iter(waiting)
        self._here: dict[_Part, _Judged] = {}
        for future in waiting.values():
            future.add_done_callback(lambda future: None if future.cancelled() or future.exception() else self._show())

    def judged(self, part: _Part) -> _Judged:
        """The verdicts of a part; until they are there, the first parts are judged here that no process has begun."""
        if self._first not in self._here:
            self._judge(self._first)
        while part not in self._here and not self._waiting[part].done():
            mine = next((left for left in self._left if self._waiting[left].cancel()), None)
            if mine is None:
                break
            self._judge(mine)
        return self._here[part] if part in self._here else self._waiting[part].result()

    def _judge(self, part: _Part) -> None:
        self._here[part] = part.judge(self._plan)
        self._show()

    def _show(self) -> None:
        """Say how many parts are done, whichever they are; parts that are given up are not."""
        if self._progress is not None:
            there = sum(future.done() and not future.cancelled() for future in self._waiting.values())
            self._progress("parts of the evidence", there + len(self._here), len(self._waiting) + 1)


def _together(number: str, parts: Sequence[_Part], judged: Sequence[_Judged]) -> TheoremResult:
    """The verdicts in the order of the theorem's claims, with the constructions that they are about."""
    built: dict[tuple[str, int], Construction] = {}
    places = {id(claim): place for place, claim in enumerate(theorem(number).claims)}
    ordered: list[tuple[tuple[int, int, int], ClaimResult]] = []
    for part, (results, _) in zip(parts, judged, strict=True):
        if part.name is None:
            continue
        order = theorem(number).constructions.index(part.name)
        key = part.name, part.variant
        if key not in built:
            built[key] = variants(part.name)[part.variant]
        for claim, result in zip(part.claims(), results, strict=True):
            whole = replace(result, claim=claim, construction=built[key])
            ordered.append(((order, part.variant, places[id(claim)]), whole))
    ordered.sort(key=lambda pair: pair[0])
    lower = [result for part, (found, _) in zip(parts, judged, strict=True) if part.name is None for result in found]
    seconds = sum(spent for _, spent in judged)
    return TheoremResult(theorem(number), (*(result for _, result in ordered), *lower), gaps(number), seconds)
