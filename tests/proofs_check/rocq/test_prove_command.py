"""``prove``: what it prints, its exit codes, and that it names what is wrong."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, construction
from constructions.wiring import Blueprint, Domain, Polynomial, SymbolicAttention, SymbolicFeedForward, SymbolicMatrix
from proofs_check.cli import main
from proofs_check.rocq import ProvedTheorem, _run, digest, module_name
from proofs_check.rocq._run import Builder, Prover, cache_directory, locked
from proofs_check.rocq._sources import Source
from tests.proofs_check.rocq.coq_runs import found_faults, prover

OWN = """
from constructions.wiring import Wiring, n
from constructions.theorems import Construction
from constructions.tasks import Index

def build(wrong=False):
    w = Wiring("mine/last but one", specials=("<s>", "?", "NONE"), numbers=(0, n), context=n + 4)
    back = w.offset("back", 1)
    previous = back[w.token]
    found = w.latest("same", [(w.token, previous)], excluding=w.is_token("?"))
    after = w.latest("after", [(back[w.token], w.token)], excluding=w.is_token("?"), default=True)
    doubled = w.product(w.is_number, found[w.token] + previous, name="doubled")
    cut = w.clamp(doubled, 1, n, "cut")
    same = w.equal(w.token, previous)
    w.write("NONE", when=[w.is_token("?"), same])
    w.write(w.cases((same, cut), (after.hit, after[w.token]), otherwise=w.token, name="choice"))
    return w.finish()

def made():
    return Construction("mine/last but one", Index(), build(), "")
"""


def prove(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(["prove", *arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out + printed.err


@pytest.fixture
def cache(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``prove`` without --out compiles where the other tests do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
    return cache_home


@pytest.mark.system
def test_theorems_of_one_construction(capsys: pytest.CaptureFixture[str], cache: Path) -> None:
    code, printed = prove(capsys, "transformer/index")
    assert code == 0
    lines = printed.splitlines()
    assert len(lines) >= 3
    assert all(line.startswith("VERIFIED") and "no axioms" in line for line in lines[:-1])
    assert lines[0].startswith("VERIFIED  for all n >= 1 and all prompts of its vocabulary that fit the context")
    assert lines[-1].startswith(f"VERIFIED: {len(lines) - 1} of {len(lines) - 1} theorems, by Coq {prover().version}")


@pytest.mark.system
def test_json(capsys: pytest.CaptureFixture[str], cache: Path, tmp_path: Path) -> None:
    code, printed = prove(capsys, "Wire_Recall.decodes_as", "--json", "--out", str(tmp_path))
    assert code == 0
    document = json.loads(printed)
    assert (document["verdict"], document["prover"]) == ("VERIFIED", f"Coq {prover().version}")
    assert document["not_proved"] == []  # another theorem says that it solves its task
    (result,) = document["results"]
    assert (result["name"], result["theorem"], result["axioms"]) == ("Wire_Recall.decodes_as", "4.6", [])
    assert result["verdict"] == "VERIFIED"
    assert result["digest"] == digest(construction("transformer/associative-recall").blueprint)
    assert result["seconds"] > 0
    assert (tmp_path / "generated" / "Gen_Recall.v").is_file()
    assert "generated/Wire_Recall.v" in (tmp_path / "_CoqProject").read_text()


@pytest.mark.system
def test_a_construction_of_ones_own(capsys: pytest.CaptureFixture[str], cache: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    code, printed = prove(capsys, "--construction", f"{tmp_path / 'mine.py'}:made")
    assert code == 0
    assert "VERIFIED: 2 of 2 theorems" in printed
    assert "\nnot proved  that what mine/last but one writes solves its task" in printed


@pytest.mark.system
def test_a_wrong_weight_is_refused_and_named(capsys: pytest.CaptureFixture[str], cache: Path, tmp_path: Path) -> None:
    wrong = """
from dataclasses import replace
def broken():
    whole = made()
    blueprint = whole.blueprint
    first, *rest = blueprint.layers
    head = first.heads[0]
    return replace(whole, blueprint=replace(blueprint, layers=(replace(first, heads=(replace(head, slope=1),)), *rest)))
"""
    (tmp_path / "mine.py").write_text(OWN + wrong)
    code, printed = prove(capsys, "--construction", f"{tmp_path / 'mine.py'}:broken")
    assert code == 1
    assert "which Coq refuses\n  head 'back' (layer 0) does not have the scores of its gadget" in printed
    assert "\nREJECTED: 0 of 2 theorems" in printed


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_without_coq_nothing_is_said_to_be_proved(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    code, printed = prove(capsys, "transformer/index", *form)
    assert code == 3
    assert "apt-get install coq" in printed
    assert "VERIFIED" not in printed
    if form:
        document = json.loads(printed)
        assert (document["verdict"], document["prover"]) == ("INCOMPLETE", None)
        assert {result["verdict"] for result in document["results"]} == {"INCOMPLETE"}


def test_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, printed = prove(capsys, "transformer/nothing")
    assert code == 2
    assert "no theorem is proved by machine for 'transformer/nothing'" in printed
    assert "a theorem, the paper's or a neighbour's: 4.1, 4.6, 4.7" in printed
    assert "such as Wire_Index.computes" in printed
    assert printed.rstrip().endswith(", SolvesRetrievalTuring")  # the list is whole
    code, printed = prove(capsys, "--coqc", str(tmp_path / "coqc"))
    assert code == 2
    assert "no such program" in printed
    (tmp_path / "mine.py").write_text(OWN)
    code, printed = prove(capsys, "4.6", "--construction", f"{tmp_path / 'mine.py'}:made")
    assert code == 2
    assert "brings its own theorems" in printed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("index_solved", "SolvesIndex.index_solved"),
        ("Solvesindex.index_solvd", "SolvesIndex.index_solved"),
        ("transfomer/index", "transformer/index"),
        ("solvesistree", "SolvesIsTree"),
    ],
)
def test_a_name_that_is_nearly_one_is_understood(capsys: pytest.CaptureFixture[str], typed: str, meant: str) -> None:
    code, printed = prove(capsys, typed)
    assert code == 2
    assert meant in printed.partition("did you mean ")[2].partition("?")[0].split(" or ")


def test_who_waits_for_another_run_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    done = threading.Event()

    def second() -> None:
        with locked(tmp_path, said.append):
            done.set()

    waiting = threading.Thread(target=second)
    with locked(tmp_path, said.append):
        assert said == []
        waiting.start()
        while not said:
            assert waiting.is_alive()
        assert not done.is_set()
    waiting.join(60)
    assert done.is_set()
    assert said == [f"waiting for another run that builds in {tmp_path}"]


def test_each_version_of_coq_has_compiled_files_of_its_own() -> None:
    directories = {cache_directory(Prover("coqc", version)) for version in ("8.16.1", "8.20.0")}
    assert len(directories) == 2


@pytest.mark.system
def test_coq_that_is_stopped_is_said_to_be_stopped(rocq: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that the theorem is missing from its file."""
    source = Source("generated", "Wire_Slow", "Lemma honest : 1 = 1.\nProof. reflexivity. Qed.\n")
    builder = Builder(rocq, prover())
    builder.write([source])
    compiled = builder.compile([source])
    with monkeypatch.context() as patch:
        patch.setattr(_run, "SECONDS_PER_FILE", 0.001)
        (outcome,) = _run.outcomes(builder, [ProvedTheorem("Wire_Slow", "honest", "", "")], compiled)
    assert outcome.verdict == "REJECTED"
    assert outcome.error == "Assumptions.v: Coq was stopped after 0.001 seconds"
    (outcome,) = _run.outcomes(builder, [ProvedTheorem("Wire_Slow", "missing", "", "")], compiled)
    assert (outcome.verdict, outcome.error) == ("REJECTED", "Wire_Slow.v holds no missing")


@pytest.mark.system
def test_an_axiom_is_seen(rocq: Path) -> None:
    text = (
        "Axiom anything : forall p : Prop, p.\nTheorem easy : 1 = 2.\nProof. apply anything. Qed.\n"
        "Lemma honest : 1 = 1.\nProof. reflexivity. Qed.\n"
    )
    source = Source("generated", "Wire_Assumed", text)
    builder = Builder(rocq, prover())
    builder.write([source])
    assert not builder.compile([source])["Wire_Assumed"].error
    theorems = [ProvedTheorem("Wire_Assumed", lemma, "", "") for lemma in ("easy", "honest")]
    found = builder.assumptions(theorems).axioms
    assert found == {"Wire_Assumed.easy": ["Wire_Assumed.anything"], "Wire_Assumed.honest": []}


def changed(matrix: SymbolicMatrix, place: tuple[int, int]) -> SymbolicMatrix:
    return replace(matrix, entries={**matrix.entries, place: matrix.entries[place] + 1})


def with_layer(blueprint: Blueprint, index: int, layer: SymbolicAttention | SymbolicFeedForward) -> Blueprint:
    return replace(blueprint, layers=(*blueprint.layers[:index], layer, *blueprint.layers[index + 1 :]))


@pytest.mark.system
def test_what_is_wrong_is_named(rocq: Path) -> None:
    whole = construction("transformer/counting").blueprint
    assert found_faults(rocq, whole) == []
    averaging = whole.layers[1]
    assert isinstance(averaging, SymbolicAttention)
    (head,) = averaging.heads
    sharper = replace(head, slope=1)
    assert found_faults(rocq, with_layer(whole, 1, replace(averaging, heads=(sharper,)))) == [
        "'matches.is <s>' (layer 1) does not hold the fraction that the wiring says"
    ]
    units = whole.layers[2]
    assert isinstance(units, SymbolicFeedForward)
    place = next(iter(units.gate.entries))
    assert found_faults(rocq, with_layer(whole, 2, replace(units, gate=changed(units.gate, place)))) == [
        "'(2 t + 3) w' (layer 2) does not hold the fraction that the wiring says"
    ]
    logits = whole.unembedding["polynomial"]
    wrong = {**whole.unembedding, "polynomial": changed(logits, next(iter(logits.entries)))}
    assert found_faults(rocq, replace(whole, unembedding=wrong)) == [
        "the logits are not those of what the wiring says is written"
    ]


@pytest.mark.system
def test_a_recency_scale_that_does_not_grow_cannot_be_proved(rocq: Path) -> None:
    """With the constant 128 for the scale, everything is right up to n = 124 and wrong from there on."""
    whole = construction("transformer/associative-recall").blueprint
    scales = {**whole.domain.scales, "S": Polynomial.constant(128)}
    broken = replace(whole, domain=Domain(whole.domain.minimum, scales))
    assert found_faults(rocq, broken) == ["the scale 'S' is not shown to exceed the context"]


def test_modules_of_different_constructions_have_different_names() -> None:
    assert len({module_name(name) for name in (*CONSTRUCTIONS, *NEIGHBOURING)}) == len(CONSTRUCTIONS | NEIGHBOURING)


def test_neighbours_are_checked_where_they_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By name or by their theorem; without a name, only those whose tasks are proved to be solved."""
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    weights = ["Wire_Copying.computes", "Wire_Copying.decodes_as"]
    lower = [f"LowerNearby.copying_{what}" for what in ("states", "fails", "share", "share_attained")]
    for name, more, same in (("copying", lower, ["SameTasks.copying_tasks"]), ("transformer/copying", [], [])):
        code, printed = prove(capsys, name, "--json")
        assert code == 3
        results = json.loads(printed)["results"]
        assert [result["name"] for result in results] == [*weights, *more, "SolvesCopying.copying_solved", *same]
        assert {result["theorem"] for result in results} == {"copying"}
    code, printed = prove(capsys, "circuits", "--json")
    assert next(result["name"] for result in json.loads(printed)["results"]) == "Wire_Circuits.computes"
    whole = prove(capsys)[1]
    assert "Wire_Copying" in whole
    assert "Wire_Circuits" not in whole


@pytest.mark.system
def test_coq_accepts_the_weights_of_neighbours(capsys: pytest.CaptureFixture[str], cache: Path) -> None:
    code, printed = prove(capsys, "transformer/copying", "transformer/rnn-turing", "hybrid/mqar")
    assert code == 0
    assert "VERIFIED: 8 of 8 theorems" in printed
