"""The retrieval theorems: Coq accepts them without axioms, and refuses them about other weights."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from constructions.architectures import Search
from constructions.theorems import CONSTRUCTIONS, construction
from constructions.wiring import Blueprint
from proofs_check.rocq import PRINTED, Proofs, blueprint_text
from proofs_check.rocq._export import module_name
from proofs_check.rocq._neighbours import INSTANCES, NEARBY, UPPER
from proofs_check.rocq._proved import proved_theorems
from proofs_check.rocq._retrieval import RETRIEVAL, variants
from proofs_check.rocq._sources import Source, needed, printed, theories
from tests.proofs_check.rocq.coq_runs import build, library, prover

_CONSTRUCTIONS = [construction(name) for name in PRINTED]
_NAMES = [f"{module}.{lemma}" for module, lemma, *_ in (*RETRIEVAL, *NEARBY)]


def _sources() -> dict[str, Source]:
    blueprints = [*variants(), *(c.blueprint for c in _CONSTRUCTIONS)]
    return dict(theories()) | {source.module: source for b in blueprints for source in printed(b)}


@pytest.mark.system
def test_coq_accepts_every_theorem_and_finds_no_axiom(rocq: Path) -> None:
    results = Proofs(_CONSTRUCTIONS, _NAMES).run(prover(), rocq)
    assert [(result.theorem.name, result.error, result.axioms) for result in results] == [
        (name, "", []) for name in _NAMES
    ]


@pytest.mark.system
def test_answers_are_unique_and_instances_hold_and_variants_fail(rocq: Path) -> None:
    _, results = build(rocq, _sources(), "RetrievalAnswers", "SanityRetrieval", "SanitySearches", INSTANCES)
    assert {module: result.error for module, result in results.items() if result.error} == {}


def test_nothing_is_assumed() -> None:
    for source in needed(
        [
            *(module for module, *_ in (*RETRIEVAL, *NEARBY)),
            "SanityRetrieval",
            "SanitySearches",
            INSTANCES,
            "RetrievalAnswers",
        ],
        _sources(),
    ):
        for word in ("Admitted", "admit", "Axiom", "Parameter", "Conjecture"):
            assert word not in source.text.split(), f"{source.path} holds {word}"


_PIECES = {
    "Beginning": "\\A",
    "OpenPlain": "(?:",
    "Open_": "(",
    "Close": ")",
    "ClassNot": "[^",
    "ClassOpen": "[",
    "ClassClose": "]",
    "Bar": "|",
    "Dot": ".",
    "Asterisk": "*",
    "Question": "?",
    "BraceOpen": "{",
    "BraceClose": "}",
}


@pytest.mark.parametrize("name", [name for name in CONSTRUCTIONS if name.startswith("retrieval/")])
def test_the_search_language_is_the_one_that_runs(name: str) -> None:
    """What is printed is read back, by other means than it was printed."""
    blueprint = construction(name).blueprint
    search, specials = blueprint.search, blueprint.specials
    assert search is not None
    text = printed(blueprint)[0].text
    ends = [specials.index(token) for token in (search.opening, search.closing, search.failed)]
    assert "opening := {}%nat; closing := {}%nat; failed := {}%nat;".format(*ends) in text
    shown = {}
    for place, signs in re.findall(r"\| (\d+)%nat => Some \[(.*)\]$", text, re.MULTILINE):
        parts = (re.fullmatch(r"Chr \(Special (\d+)\)", sign) or sign for sign in signs.split("; "))
        shown[specials[int(place)]] = "".join(
            _PIECES[part] if isinstance(part, str) else f"`{specials[int(part[1])]}`" for part in parts
        )
    assert shown == dict(search.fragments)


def test_a_language_that_coq_does_not_know_is_not_printed() -> None:
    blueprint = construction("retrieval/index").blueprint
    text = blueprint_text(replace(blueprint, search=Search.of("a+")))
    assert "Its searches hold a sign that Searching.v does not know." in text
    assert "searches :" not in text


def test_the_files_that_are_shipped_are_what_is_printed() -> None:
    for blueprint in variants():
        for source in printed(blueprint):
            shipped = Path(__file__).parents[3] / "proofs_check" / "rocq" / source.path
            assert shipped.read_text(encoding="utf-8") == source.text


@pytest.mark.system
@pytest.mark.parametrize(
    ("weights", "right", "wrong", "module"),
    [
        ("Gen_Index", "key := [[(2%nat, [(1, [])])]", "key := [[(2%nat, [(2, [])])]", "SolvesIndex"),
        ("Gen_HybridRecall", "slope := 1", "slope := -1", "SolvesHybridRecall"),
        ("Gen_Copying2", "slope := 1", "slope := -1", "SolvesCopying"),
    ],
)
def test_a_wrong_weight_is_refused(rocq_copy: Path, weights: str, right: str, wrong: str, module: str) -> None:
    sources = _sources()
    source = sources[weights]
    assert source.text.count(right) == 1
    sources[weights] = replace(source, text=source.text.replace(right, wrong))
    _, results = build(rocq_copy, sources, module)
    refused = [name for name, result in results.items() if result.refused]
    assert refused == [weights.replace("Gen", "Wire")]
    assert results[module].error


@pytest.mark.parametrize("blueprint", variants(), ids=lambda blueprint: blueprint.name)
def test_theorems_are_about_every_c(blueprint: Blueprint) -> None:
    """The record holds for the very weights that the theorem's file loads, and for no others."""
    name, _, c = blueprint.name.rpartition(" ")
    same = construction(name, c=int(c)).blueprint
    assert blueprint_text(blueprint).replace(blueprint.name, name) == blueprint_text(same)
    (theorem,) = proved_theorems(same)
    loaded = [source.module for source in needed([theorem.partition(".")[0]], library())]
    assert f"Gen_{module_name(blueprint.name)}" in loaded
    assert proved_theorems(replace(same, context=same.context + 1)) == ()


@pytest.mark.system
@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        ("SolvesCopying", "fits n xs -> told_apart c xs ->", "fits n xs ->"),
        ("SolvesTwoWords", "2 * Z.of_nat (length u) + 1 <= n", "2 * Z.of_nat (length u) <= n"),
        ("SolvesTwoWords", "negb (fst xy && snd xy)", "negb (xorb (fst xy) (snd xy))"),
        ("SolvesMqar", "Forall (fun q => 1 <= q <= n) [q1; q2; q3]", "Forall (fun q => 0 <= q <= n) [q1; q2; q3]"),
        (
            "SolvesNearest",
            "(fun p' => distance x y p <= distance x y p') before",
            "(fun p' => distance x y p < distance x y p') before",
        ),
    ],
)
def test_a_false_statement_about_neighbours_is_refused(module: str, right: str, wrong: str, rocq_copy: Path) -> None:
    statements = theories()[UPPER]
    assert statements.text.count(right) == 1
    false = replace(statements, text=statements.text.replace(right, wrong))
    _, compiled = build(rocq_copy, dict(library()) | {UPPER: false}, module)
    assert compiled[module].error
    assert [name for name, result in compiled.items() if result.refused] != []


def test_each_statement_about_neighbours_is_proved_and_has_instances_and_refuted_variants() -> None:
    """A variant is named after its statement; how many constructions a statement is about, so many are refuted."""
    text = theories()[UPPER].text
    assert re.findall(r"\b(?:Proof|Lemma|Theorem|Example)\b", text) == []
    stated = re.findall(r"^Definition statement_(\w+) : Prop :=", text, re.MULTILINE)
    proved = {
        (module, lemma): statement
        for module, *_ in NEARBY
        for lemma, statement in re.findall(
            r"^Theorem (\w+) : statement_(\w+)\.$", theories()[module].text, re.MULTILINE
        )
    }
    assert sorted(proved) == sorted((module, lemma) for module, lemma, *_ in NEARBY)
    assert sorted(proved.values()) == sorted(stated)
    examples = re.findall(r"^Example (\w+) : (~)?", theories()[INSTANCES].text, re.MULTILINE)
    for statement in stated:
        assert [name for name, refuted in examples if name.startswith(statement) and not refuted]
        assert [name for name, refuted in examples if name.startswith(statement) and refuted]
