"""Certificates of the kind no-machine: with so few states no machine answers rightly after these prefixes.

A machine gives each of the listed prefixes one of S states. Two prefixes *conflict* if some query, legal after
both, has different answers: they must get different states. So the following formula, with a variable for each
prefix and each state, has an assignment if there is such a machine: each prefix has a state; two that conflict
do not have the same one. Some prefixes that conflict pairwise may be *pinned* to the states 1, 2, 3, ...: they have
different states anyway, and which is called which does not matter.

The formula is made here, from the kernel's own reading of the tasks; the certificate brings the proof that it has
no assignment.
"""

import itertools

from ._drat import check_refutation
from ._reading import Fields, integer, items
from ._reference import (
    FURTHER,
    Question,
    Word,
    answer,
    is_legal,
    prefix_of,
    queries,
    query_count,
    question_of,
    unseen,
)
from ._verdict import Incomplete, Malformed, Rejected, counted, number_words, shown

MOST_ROWS = 2_000
MOST_LETTERS = 2_000_000
"""Letters that are looked at for the answers to all queries after all prefixes."""
MOST_LITERALS = 300_000
"""Of the formula."""


def check(fields: Fields, sample: object) -> str:
    """A sentence if the proof refutes the formula; there is nothing to sample."""
    question, convention = question_of(fields, FURTHER)
    states = fields.integer("too_few", 1, MOST_ROWS)
    listed = fields.items("prefixes", MOST_ROWS)
    where = fields.place("prefixes")
    if states >= len(listed):
        raise Rejected(f"{counted(states, 'state')} can tell {counted(len(listed), 'prefix', 'prefixes')} apart")
    prefixes = [prefix_of(item, f"{where}[{place}]", question) for place, item in enumerate(listed)]
    pinned = [
        integer(item, f"{fields.place('pinned')}[{place}]", 0, len(prefixes) - 1)
        for place, item in enumerate(fields.items("pinned", states))
    ]
    steps = _steps(fields, len(prefixes) * states)
    conflicts = _conflicts(question, convention, prefixes)
    for one, other in itertools.combinations(pinned, 2):
        if other not in conflicts[one]:
            raise Rejected(f"the prefixes {one} and {other} are pinned to different states and do not conflict")
    clauses = formula(conflicts, states, pinned)
    refuted = check_refutation(clauses, steps)
    if refuted.steps < len(steps):
        raise Rejected(f"the proof has {len(steps):,} steps, and the formula is refuted after {refuted.steps:,}")
    return (
        f"{question}, convention {convention}: no machine that reads the prefix once{unseen(prefixes)} is right with "
        f"{counted(states, 'state')}, so at least {states + 1:,} are needed, with any chain of thought "
        f"({len(prefixes):,} listed prefixes; the formula, {len(clauses):,} clauses, was made again and is refuted by "
        f"unit propagation and {counted(refuted.lemmas, 'lemma')}, each checked)"
    )


def formula(conflicts: list[set[int]], states: int, pinned: list[int]) -> list[list[int]]:
    """The clauses; variable prefix * states + s + 1 says that this prefix leads to state s."""
    total = len(conflicts) * states + states * sum(map(len, conflicts))
    if total > MOST_LITERALS:
        raise Incomplete(f"a formula of {total:,} literals is more than the {MOST_LITERALS:,} that this kernel reads")
    clauses = [[prefix * states + s + 1 for s in range(states)] for prefix in range(len(conflicts))]
    clauses += [[prefix * states + s + 1] for s, prefix in enumerate(pinned)]
    for prefix, others in enumerate(conflicts):
        for other in sorted(others):
            if other < prefix:
                clauses += [[-(prefix * states + s + 1), -(other * states + s + 1)] for s in range(states)]
    return clauses


def asked(question: Question) -> list[Word]:
    """The queries that are tried: all of them; for istree on few nodes all sets of edges, else the stars."""
    if question.task != "istree" or question.n > 4:
        return queries(question)
    pairs = list(itertools.combinations(range(1, question.n + 1), 2))
    sets = (chosen for size in range(len(pairs) + 1) for chosen in itertools.combinations(pairs, size))
    return [tuple(itertools.chain(*chosen)) for chosen in sets]


def _conflicts(question: Question, convention: str, prefixes: list[Word]) -> list[set[int]]:
    """For each prefix the places of those that conflict with it, query by query from the definitions."""
    letters = (sum(map(len, prefixes)) + question.n * len(prefixes)) * max(64, query_count(question))
    if letters > MOST_LETTERS:
        raise Incomplete(f"answers from {number_words(letters)} letters; this kernel looks at {MOST_LETTERS:,}")
    apart = [0] * len(prefixes)  # bit sets of places
    for query in asked(question):
        groups: dict[str, int] = {}
        answers: list[str | None] = []
        for place, prefix in enumerate(prefixes):
            legal = convention == "total" or is_legal(question, prefix, query)
            answers.append(answer(question, prefix, query) if legal else None)
            if legal:
                groups[str(answers[-1])] = groups.get(str(answers[-1]), 0) | 1 << place
        answered = sum(groups.values())
        for place, token in enumerate(answers):
            if token is not None:
                apart[place] |= answered & ~groups[token]
    return [{other for other in range(len(prefixes)) if bits >> other & 1} for bits in apart]


def _steps(fields: Fields, variables: int) -> list[tuple[int, ...]]:
    """The proof: lists of literals; those that delete a clause begin with 0."""
    where, steps = fields.place("proof"), []
    for place, item in enumerate(fields.items("proof")):
        step = tuple(
            integer(value, f"{where}[{place}][{at}]", -variables, variables)
            for at, value in enumerate(items(item, f"{where}[{place}]"))
        )
        if 0 in step[1:] or (step[:1] == (0,) and len(step) == 1):
            raise Malformed(f"{where}[{place}] is {shown(list(step))}, expected literals, after a 0 to delete them")
        if {-literal for literal in step}.intersection(step) - {0}:
            raise Malformed(f"{where}[{place}] is {shown(list(step))}, which holds a literal and its negation")
        steps.append(step)
    return steps
