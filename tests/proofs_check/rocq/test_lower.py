"""Lower halves for all sizes: what the table says is what Coq proves, without axioms; false variants are refused."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.rocq import _lower, _neighbours
from proofs_check.rocq._lower import LOWER, STATEMENTS, LowerBound
from proofs_check.rocq._neighbours import NEARBY, NEARBY_LOWER
from proofs_check.rocq._sources import needed, theories
from tests.proofs_check.rocq.coq_runs import build, run

ROOT = Path(__file__).parents[3]

COMMENT = re.compile(r"\(\*.*?\*\)", re.S)
UNPROVED = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?)\b")


def text_of(module: str) -> str:
    return theories()[module].text


Half = tuple[str, str, tuple[LowerBound, ...]]

HALVES: tuple[Half, ...] = (
    (_lower.STATEMENTS, _lower.SANITY, LOWER),
    (_neighbours.STATEMENTS, _neighbours.SANITY, NEARBY_LOWER),
)
"""Of the paper, and of the neighbours: the statements, the instances, the table."""

BOUNDS = (*LOWER, *NEARBY_LOWER)

MODULES = [
    source.module
    for source in needed([*(bound.module for bound in BOUNDS), *(sanity for _, sanity, _ in HALVES)], theories())
]


def unproved(text: str) -> list[str]:
    """Words by which a file holds what is not proved.

    Hypotheses of a section become premises; outside of one they would be printed as axioms.
    """
    return UNPROVED.findall(COMMENT.sub("", text))


@pytest.mark.parametrize(("half", "count"), [(HALVES[0], 25), (HALVES[1], 13)], ids=["paper", "neighbours"])
def test_each_theorem_proves_the_statement_of_its_name(half: Half, count: int) -> None:
    statements, _, table = half
    stated = re.findall(r"^Definition statement_(\w+) : Prop :=", text_of(statements), re.M)
    proved = [
        (module, lemma)
        for module in MODULES
        for lemma, statement in re.findall(r"^Theorem (\w+) : statement_(\w+)\.$", text_of(module), re.M)
        if lemma == statement and lemma in stated
    ]
    assert len(stated) == len(table) == count
    assert sorted(stated) == sorted(bound.lemma for bound in table)
    assert sorted(proved) == sorted((bound.module, bound.lemma) for bound in table)


@pytest.mark.parametrize("half", HALVES, ids=["paper", "neighbours"])
def test_each_theorem_has_an_instance_and_a_refuted_variant(half: Half) -> None:
    _, sanity, table = half
    examples = dict(re.findall(r"^Example (\w+) :(.*?)\bProof\.", text_of(sanity), re.M | re.S))
    for bound in table:
        assert not examples[bound.instance].lstrip().startswith("~"), bound.instance
        assert examples[bound.refuted].lstrip().startswith("~"), bound.refuted


@pytest.mark.parametrize(("file", "equalities"), [(_lower.STATEMENTS, 1), (_neighbours.STATEMENTS, 0)])
def test_the_statements_hold_no_proof_but_that_equality_is_decided(file: str, equalities: int) -> None:
    text = COMMENT.sub("", text_of(file))
    assert re.findall(r"\b(?:Lemma|Theorem|Example|Fact|Remark)\b", text) == []
    assert text.count("Proof.") == equalities


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_assumed(module: str) -> None:
    assert unproved(text_of(module)) == []


@pytest.mark.parametrize(
    "planted", ["Axiom cheat : False.", "Parameter n : nat.", "Lemma a : False. Admitted.", "Lemma a : False. admit."]
)
def test_an_assumption_is_found(planted: str) -> None:
    text = text_of("Trees")
    assert unproved(f"{text}\n{planted}\n") != []
    assert unproved(f"{text}\n(* {planted} *)\n") == []


@pytest.mark.parametrize(("page", "half"), [("lower-bounds", HALVES[0]), ("neighbours", HALVES[1])])
def test_the_page_names_every_theorem(page: str, half: Half) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    section = text.partition("## Checked by machine, for all n\n")[2].partition("\n## ")[0]
    named = {name for name in re.findall(r"`(\w+\.\w+)`", section) if not name.endswith(".v")}
    upper = [f"{module}.{lemma}" for module, lemma, *_ in NEARBY] if page == "neighbours" else []
    assert sorted(named) == sorted([*upper, *(f"{bound.module}.{bound.lemma}" for bound in half[2])])


def assumptions(directory: Path, names: Iterable[str], planted: str = "") -> str:
    """What Coq prints of the axioms that these rest on together; one question for each would take a second each."""
    lines = [f"From RetrievalGap Require {' '.join(MODULES)}.", planted, f"Definition all := ({', '.join(names)})."]
    done = run(directory, "\n".join([*lines, "Print Assumptions all."]))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.system
def test_coq_proves_them_without_axioms(rocq: Path) -> None:
    names = [f"{bound.module}.{bound.lemma}" for bound in BOUNDS]
    names += [f"{sanity}.{name}" for _, sanity, table in HALVES for b in table for name in (b.instance, b.refuted)]
    assert assumptions(rocq, names) == "Closed under the global context"


@pytest.mark.system
def test_an_axiom_is_printed(rocq: Path) -> None:
    planted = f"Axiom cheat : {STATEMENTS}.statement_index_states."
    said = assumptions(rocq, ["LowerIndex.index_fails", "cheat"], planted)
    assert said.startswith("Axioms:")
    assert "cheat" in said


@pytest.mark.system
@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        ("LowerIndex", "least (index k n) (k ^ n)", "least (index k n) (k ^ n + 1)"),
        ("LowerIndex", "fail_below linear (index", "fail_below n_log_n (index"),
        ("LowerRecall", "least (recall n n) (fact n)", "least (recall n n) (fact n + 1)"),
        ("FixedAlphabet", "((k + 1) ^ (k ^ (c - 1)))", "(k ^ (k ^ (c - 1)))"),
        ("LowerCounting", "(binomial (2 * n - 1) n)", "(binomial (2 * n) n)"),
        ("Trees", "1 <= n -> edges n es -> (tree n es", "1 <= n -> (tree n es"),
        ("ExactIsTree", "(bell n + 1)", "(bell n + 2)"),
        ("ExactIsTree", "if 2 <=? m then 1 else 0", "1"),
        ("LowerNearby", "writing_least (copying k n) (k ^ n)", "writing_least (copying k n) (k ^ n + 1)"),
        ("LowerNearby", "Some (thought ++ v ++ [t])", "Some (thought ++ v ++ t)"),
        ("LowerNearby", "\n  NoDup copied -> (forall w", "\n  (forall w"),
        ("LowerNearby", "1 <= S <= k ^ n ->", "1 <= S ->"),
        ("LowerNearby", "if d' <=? d then", "if d <=? d' then"),
        ("LowerNearby", "1 <= r -> writing_least", "writing_least"),
    ],
)
def test_a_false_statement_is_refused(module: str, right: str, wrong: str, rocq_copy: Path) -> None:
    (statements,) = (theories()[file] for file, *_ in HALVES if right in theories()[file].text)
    assert statements.text.count(right) == 1
    false = replace(statements, text=statements.text.replace(right, wrong))
    _, compiled = build(rocq_copy, dict(theories()) | {statements.module: false}, module)
    assert [name for name, result in compiled.items() if result.refused] == [module]
