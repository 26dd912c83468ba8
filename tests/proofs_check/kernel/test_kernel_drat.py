"""Proofs of unsatisfiability: right ones pass, spoiled ones do not, and nothing satisfiable is ever refuted."""

import itertools
import random

import pytest
from pysat import solvers

from proofs_check.kernel import _drat
from proofs_check.kernel._drat import _Formula, check_refutation
from proofs_check.kernel._verdict import Incomplete, Rejected

Clauses = list[list[int]]


def holes(pigeons: int, places: int) -> Clauses:
    """So many pigeons in so many places, no two in one."""
    there = [[p * places + h + 1 for h in range(places)] for p in range(pigeons)]
    apart = itertools.combinations(range(pigeons), 2)
    return there + [[-(a * places + h + 1), -(b * places + h + 1)] for a, b in apart for h in range(places)]


def satisfiable(clauses: Clauses, variables: int) -> bool:
    for signs in itertools.product((1, -1), repeat=variables):
        true = {sign * (place + 1) for place, sign in enumerate(signs)}
        if all(true.intersection(clause) for clause in clauses):
            return True
    return False


def propagated(clauses: Clauses, true: set[int]) -> set[int] | None:
    """Unit propagation by the definition, again and again from the start; None for a conflict."""
    true = set(true)
    while True:
        for clause in clauses:
            left = {literal for literal in clause if -literal not in true}
            if not left:
                return None
            if len(left) == 1 and not left <= true:
                true |= left
                break
        else:
            return true


def random_clauses(draw: random.Random, variables: int, count: int) -> Clauses:
    return [
        [v * draw.choice((1, -1)) for v in draw.sample(range(1, variables + 1), draw.randint(1, min(3, variables)))]
        for _ in range(count)
    ]


def test_a_proof_by_hand() -> None:
    four = [[1, 2], [1, -2], [-1, 2], [-1, -2]]
    assert check_refutation(four, [[1], []]) == (1, 1, 0)
    assert check_refutation([*four, [1]], []) == (0, 0, 0)
    with pytest.raises(Rejected, match="ends before"):
        check_refutation(four, [])
    with pytest.raises(Rejected, match=r"step 1 of the proof, \[\], does not follow"):
        check_refutation(four, [[]])
    with pytest.raises(Rejected, match="ends before"):
        check_refutation([], [])
    assert check_refutation([[]], []) == (0, 0, 0)


def test_lemmas_by_resolution_alone() -> None:
    """A new name x for "a or b": it follows from nothing, but no assignment is lost."""
    a, b, x = 1, 2, 3
    formula = with_clauses([[a, b, 4]])
    for step in ([x, -a], [x, -b], [-x, a, b]):
        assert not formula.follows(step)
        assert formula.follows_by_resolution(step)
        formula.add(step)
    assert not formula.follows_by_resolution([x])  # a and b may both be false
    assert not formula.follows_by_resolution([-x])
    assert formula.follows([x, 4])
    done = check_refutation([[a, b], [-a, b], [5, a, -b], [5, -a, -b], [-5, a], [-5, -a]], [[x, -a, 6], [5], []])
    assert (done.lemmas, done.resolved) == (2, 1)


def test_the_first_literal_decides_what_is_resolved() -> None:
    clauses = [[1, 2], [-3, 4]]
    assert with_clauses(clauses).follows_by_resolution([5, -1])
    assert not with_clauses([*clauses, [-5, 3]]).follows_by_resolution([5, -1])


def with_clauses(clauses: Clauses) -> _Formula:
    formula = _Formula()
    for clause in clauses:
        formula.add(clause)
    return formula


def test_deleting() -> None:
    four = [[1, 2], [1, -2], [-1, 2], [-1, -2]]
    with pytest.raises(Rejected, match="deletes"):
        check_refutation(four, [[0, 1, 3], [1], []])
    with pytest.raises(Rejected, match="does not follow"):
        check_refutation(four, [[0, 2, 1], [1], []])
    assert check_refutation([*four, [1, 2]], [[0, 2, 1], [1], []]).lemmas == 1
    # A clause that made a literal true is kept, so deleting it changes nothing.
    formula = with_clauses([[1], [-1, 2]])
    formula.delete([-1, 2], 1)
    formula.delete([1], 2)
    assert (formula.true, len(formula.clauses)) == ({1, 2}, 2)


def test_nothing_satisfiable_is_refuted() -> None:
    """Random clauses, random steps: whatever is accepted, the formula had no assignment."""
    refuted = accepted = 0
    for seed in range(1500):
        draw = random.Random(seed)  # noqa: S311
        variables = draw.randint(2, 5)
        clauses = random_clauses(draw, variables, draw.randint(2, 14))
        steps: Clauses = []
        for _ in range(12):
            step = random_clauses(draw, variables + 1, 1)[0]
            trial = [*steps, [0, *draw.choice(clauses)] if draw.random() < 0.15 else step]
            try:
                check_refutation(clauses, trial)
            except Rejected as error:
                if "ends before" in str(error):
                    accepted += len(trial) > len(steps)
                    steps = trial
                continue
            assert not satisfiable(clauses, variables)
            refuted += 1
            break
    assert refuted > 300
    assert accepted > 3000


def test_propagation_is_that_of_the_definition() -> None:
    for seed in range(600):
        draw = random.Random(seed)  # noqa: S311
        clauses = random_clauses(draw, 6, draw.randint(3, 16))
        formula = with_clauses(clauses)
        fixed = propagated(clauses, set())
        assert formula.refuted == (fixed is None)
        if fixed is None:
            continue
        assert formula.true == fixed
        for _ in range(5):
            lemma = random_clauses(draw, 6, 1)[0]
            assert formula.follows(lemma) == (
                bool(fixed & set(lemma)) or propagated(clauses, fixed | {-literal for literal in lemma}) is None
            )
            assert formula.true == fixed


@pytest.mark.parametrize("name", ["Cadical153", "Glucose4"])
def test_proofs_of_solvers_pass_and_spoiled_ones_do_not(name: str) -> None:
    for pigeons, places in [(3, 2), (5, 4), (6, 5)]:
        clauses = holes(pigeons, places)
        with getattr(solvers, name)(bootstrap_with=clauses, with_proof=True) as solver:
            assert not solver.solve()
            lines = [line.split() for line in solver.get_proof()]
        steps = [[0] * (line[0] == "d") + [int(word) for word in line if word != "d"][:-1] for line in lines]
        done = check_refutation(clauses, steps)
        assert done.lemmas > (pigeons == 6)
        fewer = [clause for clause in clauses if clause != [1, *range(2, places + 1)]]  # one pigeon less is no problem
        with pytest.raises(Rejected):
            check_refutation(fewer, [step for step in steps if step[:1] != [0]])
        with pytest.raises(Rejected):
            check_refutation(clauses, [*steps[: done.steps // 4], []])


def test_work_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_drat, "MOST_VISITS", 10)
    with pytest.raises(Incomplete, match="more than the 10 visits"):
        check_refutation(holes(5, 4), [[-1, -6], [-1, -7], [-2, -5], [-2, -7], []])


@pytest.mark.parametrize(
    ("where", "broken"),
    [
        ("follows", lambda self, lemma: True),
        ("follows_by_resolution", lambda self, lemma: True),
        ("_undo", lambda self, length: None),
    ],
)
def test_faults_planted_in_the_checker_are_seen(where: str, broken: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these would accept too much, and the random formulas above find it."""
    monkeypatch.setattr(_Formula, where, broken)
    with pytest.raises(AssertionError):
        test_nothing_satisfiable_is_refuted()
