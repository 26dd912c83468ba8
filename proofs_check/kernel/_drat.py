"""Refutations of formulas in conjunctive normal form: proofs of the format DRAT, checked forwards.

A literal is an integer that is not 0, -x the negation of x; a clause is a list of literals, of which one must
be true. A proof is a list of steps. A step that begins with 0 deletes the clause that follows; every other one
adds a clause, a *lemma*, and is accepted if one of these holds:

* RUP: with all of its literals false, unit propagation makes some clause false. Then it follows.
* RAT: for each clause that holds the negation of its first literal p, the same is true when in addition the
  other literals of that clause are false. Then it need not follow, but if there was an assignment that makes
  all clauses true, there still is one: where it fails the lemma, p can be turned.

So if in the end unit propagation alone makes some clause false, the clauses of the beginning had no assignment.

Deleting a clause makes the rest easier to satisfy, and keeping one that should be deleted makes no step easier to
accept wrongly. So a clause that made a literal true for good is kept.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ._verdict import Incomplete, Rejected, shown

FIRST_VISITS = 1_000_000
VISITS_PER_LITERAL = 1_000
MOST_VISITS = 20_000_000
"""Literals of clauses that may be looked at: so many at first, so many more for each step and literal of the proof, and
no more than so many in all. So a short proof takes little time, whatever the formula is."""

Step = Sequence[int]


class Refuted(NamedTuple):
    """How many steps were made until the formula was refuted, how many were lemmas, how many of these by RAT."""

    steps: int
    lemmas: int
    resolved: int


def check_refutation(clauses: Iterable[Step], steps: Iterable[Step]) -> Refuted:
    """Make the steps until the formula is refuted; those that are left over say nothing and are not looked at.

    Raises:
        Rejected: if a step is not accepted, or the formula is not refuted at the end.
        Incomplete: if the work is more than is allowed for a proof of this length.
    """
    steps = list(steps)
    formula = _Formula(min(MOST_VISITS, FIRST_VISITS + VISITS_PER_LITERAL * sum(1 + len(step) for step in steps)))
    for clause in clauses:
        formula.add(clause)
    place = lemmas = resolved = 0
    for step in steps:
        if formula.refuted:
            break
        place += 1
        if step and step[0] == 0:
            formula.delete(step[1:], place)
            continue
        lemmas += 1
        if not formula.follows(step):
            if not (step and formula.follows_by_resolution(step)):
                raise Rejected(f"step {place} of the proof, {shown(list(step))}, does not follow")
            resolved += 1
        formula.add(step)
    if not formula.refuted:
        raise Rejected("the proof ends before the formula is refuted")
    return Refuted(place, lemmas, resolved)


class _Formula:
    """The clauses there are, and the literals that unit propagation makes true."""

    def __init__(self, most: int = MOST_VISITS) -> None:
        self.most = most
        self.size = 0  # literals of all clauses together
        self.clauses: dict[int, list[int]] = {}
        self.names: dict[tuple[int, ...], list[int]] = {}
        self.watching: dict[int, set[int]] = {}  # the clauses that watch a literal: their first two
        self.true: set[int] = set()
        self.order: list[int] = []  # the true literals, as they became true
        self.reasons: set[int] = set()  # the clauses that made a literal true for good
        self.refuted = False
        self.visits = self.added = 0

    def add(self, literals: Step) -> None:
        """One more clause, and all that follows from it by unit propagation."""
        if self.refuted:
            return
        clause = list(dict.fromkeys(literals))
        number = self.added = self.added + 1
        self.names.setdefault(tuple(sorted(clause)), []).append(number)
        self.clauses[number] = clause
        self.size += len(clause)
        clause.sort(key=lambda literal: -literal in self.true)  # those that are not false come first
        for literal in clause[:2]:
            self.watching.setdefault(literal, set()).add(number)
        if not clause or -clause[0] in self.true:
            self.refuted = True
        elif (len(clause) == 1 or -clause[1] in self.true) and clause[0] not in self.true:
            self.reasons.add(number)
            self._set(clause[0])
            self.refuted = self._propagate(len(self.order) - 1, for_good=True)

    def delete(self, literals: Step, place: int) -> None:
        """One clause less, unless a literal is true because of it."""
        numbers = self.names.get(tuple(sorted(set(literals))), [])
        if not numbers:
            raise Rejected(f"step {place} of the proof deletes {shown(list(literals))}, which is not there")
        removable = [number for number in numbers if number not in self.reasons]
        if removable:
            numbers.remove(removable[-1])
            clause = self.clauses.pop(removable[-1])
            self.size -= len(clause)
            for literal in clause[:2]:
                self.watching[literal].discard(removable[-1])

    def follows(self, lemma: Step) -> bool:
        """Whether some clause becomes false once the literals of the lemma are."""
        before = len(self.order)
        found = self._false(lemma)
        self._undo(before)
        return found

    def follows_by_resolution(self, lemma: Step) -> bool:
        """Whether the lemma is RAT with respect to its first literal; this module's docstring says what that means."""
        pivot, before = lemma[0], len(self.order)
        self._spend(self.size)
        held = [clause for clause in self.clauses.values() if -pivot in clause]
        self._false(lemma)
        everywhere = True
        for clause in held:
            inner = len(self.order)
            self._spend(len(clause))
            everywhere = self._false([literal for literal in clause if literal != -pivot])
            self._undo(inner)
            if not everywhere:
                break
        self._undo(before)
        return everywhere

    def _false(self, literals: Step) -> bool:
        """Make the literals false; whether this makes some clause false, or a literal true and false."""
        start = len(self.order)
        for literal in literals:
            if literal in self.true:
                return True
            if -literal not in self.true:
                self._set(-literal)
        return self._propagate(start)

    def _spend(self, literals: int) -> None:
        """Count literals before they are looked at."""
        self.visits += literals
        if self.visits > self.most:
            raise Incomplete(f"the proof takes more than the {self.most:,} visits that are allowed for its length")

    def _set(self, literal: int) -> None:
        self.true.add(literal)
        self.order.append(literal)

    def _undo(self, length: int) -> None:
        self.true.difference_update(self.order[length:])
        del self.order[length:]

    def _propagate(self, start: int, for_good: bool = False) -> bool:
        """Follow every clause of which one literal is left; whether some clause has none left."""
        while start < len(self.order):
            false = -self.order[start]
            start += 1
            for number in list(self.watching.get(false, ())):
                clause = self.clauses[number]
                self._spend(1)
                if len(clause) == 1:
                    return True
                if clause[0] == false:
                    clause[0], clause[1] = clause[1], clause[0]
                if clause[0] in self.true:
                    continue
                self._spend(len(clause) - 2)
                for place in range(2, len(clause)):
                    if -clause[place] not in self.true:
                        clause[1], clause[place] = clause[place], clause[1]
                        self.watching[false].discard(number)
                        self.watching.setdefault(clause[1], set()).add(number)
                        break
                else:
                    if -clause[0] in self.true:
                        return True
                    if for_good:
                        self.reasons.add(number)
                    self._set(clause[0])
        return False
