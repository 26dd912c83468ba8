"""Lower halves for all sizes: what the table says is what Coq proves, without axioms; false variants are refused."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.rocq._lower import LOWER, SANITY, STATEMENTS
from proofs_check.rocq._sources import needed, theories
from tests.proofs_check.rocq.coq_runs import build, run

ROOT = Path(__file__).parents[3]

COMMENT = re.compile(r"\(\*.*?\*\)", re.S)
UNPROVED = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?)\b")


def text_of(module: str) -> str:
    return theories()[module].text


MODULES = [source.module for source in needed([*(bound.module for bound in LOWER), SANITY], theories())]


def unproved(text: str) -> list[str]:
    """Words by which a file holds what is not proved.

    Hypotheses of a section become premises; outside of one they would be printed as axioms.
    """
    return UNPROVED.findall(COMMENT.sub("", text))


def test_each_theorem_proves_the_statement_of_its_name() -> None:
    stated = re.findall(r"^Definition statement_(\w+) : Prop :=", text_of(STATEMENTS), re.M)
    proved = [
        (module, lemma)
        for module in MODULES
        for lemma, statement in re.findall(r"^Theorem (\w+) : statement_(\w+)\.$", text_of(module), re.M)
        if lemma == statement
    ]
    assert len(stated) == len(LOWER) == 25
    assert sorted(stated) == sorted(bound.lemma for bound in LOWER)
    assert sorted(proved) == sorted((bound.module, bound.lemma) for bound in LOWER)


def test_each_theorem_has_an_instance_and_a_refuted_variant() -> None:
    text = text_of(SANITY)
    examples = dict(re.findall(r"^Example (\w+) :(.*?)\bProof\.", text, re.M | re.S))
    for bound in LOWER:
        assert not examples[bound.instance].lstrip().startswith("~"), bound.instance
        assert examples[bound.refuted].lstrip().startswith("~"), bound.refuted


def test_the_statements_hold_no_proof_but_that_equality_is_decided() -> None:
    text = COMMENT.sub("", text_of(STATEMENTS))
    assert re.findall(r"\b(?:Lemma|Theorem|Example|Fact|Remark)\b", text) == []
    assert text.count("Proof.") == 1


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


def test_the_page_names_every_theorem() -> None:
    page = (ROOT / "docs" / "lower-bounds.md").read_text("utf-8")
    section = page.partition("## Checked by machine, for all n\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+\.\w+)`", section)) - {f"{SANITY}.v"}
    assert sorted(named) == sorted(f"{bound.module}.{bound.lemma}" for bound in LOWER)


def assumptions(directory: Path, names: Iterable[str], planted: str = "") -> str:
    """What Coq prints of the axioms that these rest on together; one question for each would take a second each."""
    lines = [f"From RetrievalGap Require {' '.join(MODULES)}.", planted, f"Definition all := ({', '.join(names)})."]
    done = run(directory, "\n".join([*lines, "Print Assumptions all."]))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.system
def test_coq_proves_them_without_axioms(rocq: Path) -> None:
    names = [f"{bound.module}.{bound.lemma}" for bound in LOWER]
    names += [f"{SANITY}.{name}" for bound in LOWER for name in (bound.instance, bound.refuted)]
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
    ],
)
def test_a_false_statement_is_refused(module: str, right: str, wrong: str, rocq_copy: Path) -> None:
    statements = theories()[STATEMENTS]
    assert statements.text.count(right) == 1
    false = replace(statements, text=statements.text.replace(right, wrong))
    _, compiled = build(rocq_copy, dict(theories()) | {STATEMENTS: false}, module)
    assert [name for name, result in compiled.items() if result.refused] == [module]
