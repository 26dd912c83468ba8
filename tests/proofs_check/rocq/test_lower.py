"""Lower halves for all sizes: what the table says is what Coq proves, without axioms; false variants are refused."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from proofs_check.rocq._lower import LOWER, SANITY, STATEMENTS

ROOT = Path(__file__).parents[3]
THEORIES = ROOT / "proofs_check" / "rocq" / "theories"

LOADS = re.compile(r"^From RetrievalGap Require Import ([^.]+)\.", re.M)
COMMENT = re.compile(r"\(\*.*?\*\)", re.S)
UNPROVED = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?)\b")


def text_of(module: str) -> str:
    return (THEORIES / f"{module}.v").read_text("utf-8")


def order(modules: Iterable[str]) -> list[str]:
    """These files and all that they load, each after what it loads."""
    found: list[str] = []
    for module in modules:
        found += order(name for group in LOADS.findall(text_of(module)) for name in group.split())
        found.append(module)
    return list(dict.fromkeys(found))


MODULES = order([*dict.fromkeys(bound.module for bound in LOWER), SANITY])


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


def coqc(folder: Path, module: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("coqc")
    assert program is not None, "coqc is not installed; install it to run the tests marked system"
    command = [program, "-q", "-Q", ".", "RetrievalGap", f"{module}.v"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files, compiled."""
    folder = tmp_path_factory.mktemp("theories")
    for module in MODULES:
        shutil.copy(THEORIES / f"{module}.v", folder)
        done = coqc(folder, module)
        assert done.returncode == 0, f"{module}: {done.stderr}"
    return folder


def assumptions(folder: Path, names: Iterable[str], planted: str = "") -> str:
    """What Coq prints of the axioms that these rest on together; one question for each would take a second each."""
    lines = [f"From RetrievalGap Require {' '.join(MODULES)}.", planted, f"Definition all := ({', '.join(names)})."]
    (folder / "Assumptions.v").write_text("\n".join([*lines, "Print Assumptions all."]), "utf-8")
    done = coqc(folder, "Assumptions")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.system
def test_coq_proves_them_without_axioms(built: Path) -> None:
    names = [f"{bound.module}.{bound.lemma}" for bound in LOWER]
    names += [f"{SANITY}.{name}" for bound in LOWER for name in (bound.instance, bound.refuted)]
    assert assumptions(built, names) == "Closed under the global context"


@pytest.mark.system
def test_an_axiom_is_printed(built: Path) -> None:
    planted = f"Axiom cheat : {STATEMENTS}.statement_index_states."
    said = assumptions(built, ["LowerIndex.index_fails", "cheat"], planted)
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
def test_a_false_statement_is_refused(module: str, right: str, wrong: str, tmp_path: Path) -> None:
    text = text_of(STATEMENTS)
    assert text.count(right) == 1
    *before, last = order([module])
    for name in [*before, last]:
        shutil.copy(THEORIES / f"{name}.v", tmp_path)
    (tmp_path / f"{STATEMENTS}.v").write_text(text.replace(right, wrong), "utf-8")
    for name in before:
        assert coqc(tmp_path, name).returncode == 0, name
    assert coqc(tmp_path, last).returncode == 1
