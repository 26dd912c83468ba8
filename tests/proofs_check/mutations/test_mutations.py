"""Mutants: faults are planted as described, found where they matter, and explained only by what is so."""

import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import FeedForward, Model, Recurrence
from constructions.errors import InputError, RetrievalGapError
from constructions.gallery import from_gallery
from constructions.numerics import Matrix
from constructions.tasks import SEPARATOR, START, Index, Retrieval
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from constructions.wiring import SymbolicFeedForward, Wiring, n, replayed
from proofs_check.cli import main
from proofs_check.evidence import Subject
from proofs_check.mutations import (
    KINDS,
    BuildFault,
    Edit,
    Fault,
    InputSet,
    Reason,
    Site,
    all_inputs,
    batches_of,
    build_faults,
    default_size,
    faults_of,
    mutate,
    never_read,
    reason_for,
    sampled_inputs,
)
from proofs_check.mutations._equivalent_mutants import reason_for_built
from proofs_check.mutations._verdicts import _judge

INDEX = construction("transformer/index")
RECALL = construction("transformer/associative-recall")
SEARCHING = construction("retrieval/index")


def _fault(subject: Construction, text: str) -> Fault:
    (found,) = [fault for fault in faults_of(subject) if fault.text == text]
    return found


def _with_idle_unit() -> Construction:
    """Index, with a flag that a gate computes and nothing reads."""
    w = Wiring("transformer/index", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    there = w.at("asked position", w.token)
    w.equal(w.token, 1, name="unread")
    w.write(there[w.token])
    return Construction(w.name, Index(), w.finish(), "Index with an idle gate.")


IDLE = _with_idle_unit()


# What is planted.


@pytest.mark.parametrize("name", ["transformer/c-gram", "hybrid/counting", "retrieval/index", "hybrid/istree"])
def test_every_nonzero_weight_is_changed(name: str) -> None:
    subject = construction(name)
    edited = {(e.site, e.row, e.column) for fault in faults_of(subject) for e in fault.edits}
    assert len({place for place in edited if place[0].matrix != "slope"}) >= subject.blueprint.parameters


@pytest.mark.parametrize("name", ["transformer/c-gram", "hybrid/counting", "retrieval/counting", "transformer/istree"])
def test_each_fault_changes_the_model_and_no_two_in_the_same_way(name: str) -> None:
    subject = construction(name)
    original = subject.at(4)
    seen = set()
    for fault in faults_of(subject):
        mutant = fault.apply(original)
        changed = tuple(
            (site, tuple(map(tuple, site.of(mutant).numerators.tolist())))
            for site in sorted(fault.sites)
            if not site.of(mutant).equals(site.of(original))
        )
        assert changed, fault.text
        assert changed not in seen, fault.text
        seen.add(changed)


def test_a_weight_is_changed_in_all_ways_and_1_less_than_1_is_0_once() -> None:
    texts = [fault.text for fault in faults_of(INDEX)]
    place = "layer 0.asked position.query[norm, one] = 1"
    assert [text for text in texts if text.startswith(place)] == [
        f"{place}: sign flipped",
        f"{place}: set to 0",
        f"{place}: +1",
    ]
    assert "layer 0.asked position.slope = 0: set to 1" in texts
    assert "layer 0.asked position writes nothing" in texts
    assert "embedding.position[position, i^2] = 0: set to -1" in texts


@pytest.mark.parametrize("name", ["retrieval/index", "hybrid/istree"])
def test_weights_come_in_the_order_of_their_places(name: str) -> None:
    """A share that is drawn with a seed is the same everywhere only if the order is."""
    weights = [fault.edits[0] for fault in faults_of(construction(name)) if fault.kind == "weight"]
    for site in {edit.site for edit in weights}:
        places = [(edit.row, edit.column) for edit in weights if edit.site == site]
        assert places == sorted(places)


def test_heads_exchange_what_they_write_and_removed_ones_write_nothing() -> None:
    subject = construction("transformer/c-gram")
    original = subject.at(4)
    swapped = _fault(subject, "layer 0.1 back and layer 0.2 back exchanged").apply(original)
    assert swapped.heads[0].output.equals(original.heads[1].output)
    assert swapped.heads[1].output.equals(original.heads[0].output)
    removed = _fault(subject, "layer 0.1 back writes nothing").apply(original)
    assert removed.heads[0].output.largest == 0
    assert removed.heads[1].output.equals(original.heads[1].output)


def test_steps_of_rules_are_dropped_and_write_other_tokens() -> None:
    texts = [fault.text for fault in faults_of(SEARCHING) if fault.kind == "rule"]
    assert "layer 1, the step 'write </search>.1' dropped" in texts
    assert any(text.startswith("layer 1, the step 'write </search>.1' adds to 'write ") for text in texts)


def test_a_fault_is_the_same_change_at_every_size() -> None:
    fault = _fault(RECALL, "layer 1.found.query[default, one] = -S: +1")
    (edit,) = fault.edits
    for size in (1, 4, 20):
        old, new = (
            edit.site.of(model)[edit.row, edit.column] for model in (RECALL.at(size), fault.apply(RECALL.at(size)))
        )
        assert new == old + 1


# Reading a transcript decides what decoding decides.


@pytest.mark.parametrize("name", ["transformer/associative-recall", "hybrid/counting", "retrieval/index"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_reading_the_transcript_agrees_with_decoding(name: str, data: st.DataObject) -> None:
    subject = construction(name)
    fault = data.draw(st.sampled_from(faults_of(subject)))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    instances = [subject.task.sample(rng, 4) for _ in range(12)]
    mutant = fault.apply(subject.at(4))
    (batch,) = batches_of(subject, 4, instances)
    decoding = Subject(subject, model_at=lambda _: mutant)
    wrong = [place for place, instance in enumerate(instances) if decoding.failure(instance, 4) is not None]
    assert batch.wrong(mutant) == wrong


def test_tokens_that_a_search_appends_need_not_be_written() -> None:
    (batch,) = batches_of(SEARCHING, 3, [Retrieval((1, 2, 3), (2,))])
    written = SEARCHING.expected(Retrieval((1, 2, 3), (2,)), 3)
    assert len(batch.wanted) == len(written) - 1
    assert batch.wrong(SEARCHING.at(3)) == []


# Judging.


def test_a_weight_that_matters_is_found_by_both_with_an_input_that_shows_it() -> None:
    report = mutate(INDEX)
    (outcome,) = [o for o in report.outcomes if o.fault.text == "layer 0.asked position writes nothing"]
    assert outcome.sampled is not None
    assert outcome.exhaustive is not None
    fault = outcome.fault
    assert isinstance(fault, Fault)
    for finding in (outcome.sampled, outcome.exhaustive):
        failure = Subject(INDEX, model_at=lambda size: fault.apply(INDEX.at(size))).failure(
            INDEX.task.parse(finding.input), finding.n
        )
        assert failure is not None
        assert (failure.expected, failure.written) == (finding.expected, finding.written)
    assert outcome.answer


@pytest.mark.parametrize("name", ["transformer/index", "hybrid/index"])
def test_small_constructions_have_no_unexplained_survivor(name: str) -> None:
    subject = construction(name)
    report = mutate(subject)
    assert report.verdict == "VERIFIED"
    assert len(report.outcomes) == report.possible == len([*faults_of(subject), *build_faults(subject)])
    assert report.found + sum(len(report.explained_by(kind)) for kind in KINDS) == report.possible
    assert all(outcome.found or outcome.reason is not None for outcome in report.outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["associative-recall", "c-gram", "counting"])
@pytest.mark.parametrize("family", ["transformer", "hybrid", "retrieval"])
def test_no_retrieval_construction_has_an_unexplained_survivor(family: str, task: str) -> None:
    assert mutate(construction(f"{family}/{task}"), limit=250).verdict == "VERIFIED"


def test_a_wrong_token_before_the_answer_is_found_though_the_answer_is_right() -> None:
    """Writing `ok` in the place of `T` changes nothing at n = 3, and leads to the right answer at n = 4."""
    subject = construction("hybrid/istree")
    fault = _fault(subject, "layer 2, the step 'write T.1' adds to 'write ok'")
    small, graph = all_inputs(subject, 3, 0), subject.task.parse("1-2 3-4 2-3")
    larger = InputSet("one graph", tuple(batches_of(subject, 4, [graph])))
    outcome = _judge(subject, subject.at(3), fault, larger, small, 3)
    assert outcome.sampled is not None
    assert outcome.exhaustive is None
    assert "T" in outcome.sampled.expected
    assert "T" not in outcome.sampled.written
    assert not outcome.answer
    survives = _judge(subject, subject.at(3), fault, small, small, 3)
    assert survives.reason is not None
    assert survives.reason.words.startswith("at n = 3, on all 13 inputs of size at most 3")


def test_a_search_that_is_wrong_is_found() -> None:
    report = mutate(SEARCHING, 3, limit=60)
    assert report.verdict == "VERIFIED"
    assert report.found
    assert all(outcome.found for outcome in report.outcomes if outcome.answer)


def test_a_construction_that_fails_without_a_fault_is_refused() -> None:
    broken = replace(INDEX, transcript=lambda instance, _: ("1",))
    with pytest.raises(InputError, match=r"fails without a fault, at n = .*run verify"):
        mutate(broken)


def test_sizes_that_cannot_be_run_are_refused() -> None:
    with pytest.raises(InputError, match=r"index has [0-9,]+ inputs of size at most [0-9]+, more than the 200,000"):
        mutate(INDEX, 9)
    with pytest.raises(InputError, match="is proved for n >= 2, not for n = 1"):
        mutate(construction("transformer/istree"), 1)


# Explanations.


def test_what_is_never_read_is_seen_on_the_matrices() -> None:
    original = IDLE.at(3)
    idle = [fault for fault in faults_of(IDLE) if "unread" in fault.text]
    assert len(idle) > 10
    for fault in idle:
        assert never_read(original, fault.apply(original), fault), fault.text
    for fault in faults_of(IDLE):
        if "unread" not in fault.text and "asked position" in fault.text:
            assert not never_read(original, fault.apply(original), fault), fault.text


def test_never_read_is_the_first_reason_and_holds_for_all_n() -> None:
    fault = next(fault for fault in faults_of(IDLE) if "unread" in fault.text)
    reason = reason_for(IDLE, IDLE.at(3), fault, all_inputs(IDLE, 3, 0), 3)
    assert reason == Reason("never read", "for all n: nothing reads what is changed")


@pytest.mark.parametrize(
    "name",
    [
        *("transformer/counting", "transformer/c-gram", "hybrid/counting", "retrieval/associative-recall"),
        *("gallery/linear-automaton", "gallery/linear-dyck-1"),
    ],
)
def test_what_is_called_never_read_does_not_change_what_is_written(name: str) -> None:
    """The argument on the matrices against runs: a fault that is found is never called so."""
    subject = from_gallery(name) if name.startswith("gallery/") else construction(name)
    original = subject.at(3)
    batches = sampled_inputs(subject, (3,), 150, 0).batches
    for fault in faults_of(subject)[::3]:
        mutant = fault.apply(original)
        if any(batch.wrong(mutant) for batch in batches):
            assert not never_read(original, mutant, fault), fault.text


def test_a_unit_without_a_value_and_a_state_that_is_not_shown_read_nothing() -> None:
    """In a model of one state and one unit, neither of which adds to the residual stream."""
    width = 3
    one = Matrix.from_rows([[1, 0, 0]])
    base = INDEX.at(2)
    silent = FeedForward(("u",), one, Matrix.from_rows([[0, 0, 0]]), Matrix.from_rows([[0], [0], [1]]))
    memory = Recurrence(
        ("s",), Matrix.from_rows([[0]]), one, Matrix.from_rows([[0]] * width), Matrix.from_rows([[0] * width] * width)
    )
    model = Model(
        "idle",
        base.vocabulary,
        ("one", "number", "spare"),
        replace(
            base.embedding,
            polynomial=Matrix.from_entries((width, 3), {(0, 0): 1, (1, 1): 1}),
            special=Matrix.from_entries((width, 2), {(0, 0): 1, (0, 1): 1}),
            position=Matrix.from_entries((width, 2), {}),
        ),
        (memory, silent),
        replace(
            base.unembedding,
            polynomial=Matrix.from_entries((3, width), {(1, 1): 2, (2, 0): -1}),
            special=Matrix.from_entries((2, width), {}),
        ),
    )
    for site in (Site("0", "input"), Site("1", "gate")):
        fault = Fault("weight", "idle", (Edit(site, 0, 0, "+1"),))
        assert never_read(model, fault.apply(model), fault)
    for site, row in ((Site("embedding", "polynomial"), 0), (Site("unembedding", "polynomial"), 2)):
        fault = Fault("weight", "read", (Edit(site, row, 0, "+1"),))
        assert not never_read(model, fault.apply(model), fault)


def test_slack_of_scales_is_decided_over_the_declared_ranges() -> None:
    inputs, original = all_inputs(RECALL, 4, 0), RECALL.at(4)
    fault = _fault(RECALL, "unembedding.special[NONE, one] = M: +1")
    reason = reason_for(RECALL, original, fault, inputs, 4)
    assert reason is not None
    assert reason.kind == "slack"
    # 2 M for NONE is as much as a number gets: found, and no slack over the ranges either.
    (edit,) = fault.edits
    scale = int(edit.site.of(original)[edit.row, edit.column])
    doubled = Fault("weight", "NONE at 2 M", (replace(edit, change=f"={2 * scale}"),))
    found = reason_for(RECALL, original, doubled, replace(inputs, complete=False), 4)
    assert found is None


def test_the_default_record_has_a_contract_for_all_n() -> None:
    inputs, original = all_inputs(RECALL, 3, 0), RECALL.at(3)
    texts = {"set to 0": "contract", "+1": "contract"}
    for change, kind in texts.items():
        fault = _fault(RECALL, f"layer 1.found.query[default, one] = -S: {change}")
        reason = reason_for(RECALL, original, fault, inputs, 3)
        assert reason is not None
        assert reason.kind == kind
    # S + 1 leaves no gap where S is the number of positions: no contract for all n.
    less = _fault(RECALL, "layer 1.found.query[default, one] = -S: -1")
    reason = reason_for(RECALL, original, less, inputs, 3)
    assert reason is None or reason.kind != "contract"


def test_a_mutant_that_fails_only_at_inputs_not_run_is_unexplained() -> None:
    """Right on the inputs of a set that is not all of them: nothing is concluded from that."""
    fault = _fault(RECALL, "embedding.special[is ?, ?] = 1: +1")
    inputs = all_inputs(RECALL, 4, 0)
    explained = reason_for(RECALL, RECALL.at(4), fault, inputs, 4)
    assert explained is not None
    assert explained.words.startswith("at n = 4, on all 1,360 inputs")
    some = all_inputs(RECALL, 4, 0, most=200)
    assert not some.complete
    assert reason_for(RECALL, RECALL.at(4), fault, some, 4) is None


def test_a_mutant_that_fails_only_at_larger_sizes_is_explained_at_its_size_alone() -> None:
    """A weight n becomes the number 3: right at n = 3, and no reason says all n."""
    w = Wiring("transformer/index", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    there = w.at("asked position", w.token)
    w.write(there[w.token + w.constant(n)] - n)
    subject = Construction(w.name, Index(), w.finish(), "Index, with n added and taken away.")
    (fault, *_) = [f for f in faults_of(subject) if "value" in f.text and ", one] = n" in f.text]
    fixed = Fault("weight", "n is 3", (replace(fault.edits[0], change="=3"),))
    inputs = all_inputs(subject, 3, 0)
    assert not any(batch.wrong(fixed.apply(subject.at(3))) for batch in inputs.batches)
    reason = reason_for(subject, subject.at(3), fixed, inputs, 3)
    assert reason is not None
    assert reason.words.startswith("at n = 3")
    larger = sampled_inputs(subject, (5,), 50, 0)
    assert any(batch.wrong(fixed.apply(subject.at(5))) for batch in larger.batches)


def test_what_is_wrong_on_an_input_is_never_explained_by_runs() -> None:
    inputs, original = all_inputs(INDEX, 3, 0), INDEX.at(3)
    for fault in faults_of(INDEX):
        mutant = fault.apply(original)
        if any(batch.wrong(mutant) for batch in inputs.batches):
            assert reason_for(INDEX, original, fault, inputs, 3) is None, fault.text


def test_kinds_of_reasons_are_known() -> None:
    with pytest.raises(ValueError, match="is no kind of reason"):
        Reason("luck", "it went well")


def test_default_sizes_keep_all_inputs_few() -> None:
    for name in ("transformer/index", "transformer/c-gram", "hybrid/istree"):
        subject = construction(name)
        assert all_inputs(subject, default_size(subject), 0).complete


# Faults before the contracts.


def test_what_contracts_refuse_is_not_run_and_what_is_built_is_judged() -> None:
    report = mutate(INDEX, 3)
    built = [outcome for outcome in report.outcomes if isinstance(outcome.fault, BuildFault)]
    refused = [outcome for outcome in built if outcome.refused is not None]
    assert len(built) == 6
    assert len(refused) == 3
    assert any("in the vocabulary: n + 1 <= n" in str(outcome.refused) for outcome in refused)
    assert all(outcome.found and outcome.sampled is None and not outcome.transcript_only for outcome in refused)
    moved = next(outcome for outcome in built if "call 0 ('asked position'): argument 2 one more" in outcome.fault.text)
    assert moved.sampled is not None
    assert moved.answer
    assert report.verdict == "VERIFIED"


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_the_recorded_calls_make_the_same_construction_again(name: str) -> None:
    blueprint = construction(name).blueprint
    again = replayed(blueprint.calls).finish()
    assert again == blueprint
    assert again.network == blueprint.network
    assert [call.operation for call in again.calls] == [call.operation for call in blueprint.calls]


def test_a_fault_is_an_edited_call_and_leaves_the_record_as_it_is() -> None:
    faults = build_faults(RECALL)
    assert len(faults) == len(set(faults)) == 13
    mutants = []
    for fault in faults:
        assert fault.instead is None or fault.instead.operation == fault.call.operation
        with suppress(RetrievalGapError):
            mutants.append(fault.planted(RECALL).blueprint)
    assert len(mutants) == 8
    assert all(mutant != RECALL.blueprint for mutant in mutants)
    assert replayed(RECALL.blueprint.calls).finish() == RECALL.blueprint


def test_a_call_is_changed_alone_where_others_make_the_same_coordinate() -> None:
    """Two calls ask for one coordinate; who uses the first is not told what the second was changed to."""
    w = Wiring("rnn/mine", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2, recurrent=True)
    one, two = w.back(1, w.token), w.back(1, w.token)
    w.write(w.clamp(2 * one - two, 0, n, name="both"))
    calls = w.finish().calls
    first, second = [call for call in calls if call.operation == "back"]
    rows = {}
    for call in (first, second):
        mutant = replayed(calls, call, replace(call, operands=(2, *call.operands[1:]))).finish()
        (gate,) = [layer.gate for layer in mutant.layers if isinstance(layer, SymbolicFeedForward)]
        rows[call] = {gate.columns[column]: p.as_constant for (row, column), p in gate.entries.items() if row == 0}
    assert rows[first] == {"2 back.token": 2, "1 back.token": -1}
    assert rows[second] == {"1 back.token": 2, "2 back.token": -1}


def test_a_value_that_no_call_made_cannot_be_played_again() -> None:
    w = Wiring("transformer/mine", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    w.write(w.value_of(next(iter(w.token.terms))))
    with pytest.raises(ValueError, match="token was not made by a call that the record holds"):
        replayed(w.finish().calls)


def test_what_does_not_follow_from_its_calls_is_not_mutated() -> None:
    """A scale that was set by hand is in no call."""
    w = Wiring("transformer/index", specials=(START, SEPARATOR), numbers=(0, n), context=n + 2)
    w.logit_scale = w.logit_scale * 2
    there = w.at("asked position", w.token)
    w.write("?", when=w.is_token("?"))
    w.write(there[w.token])
    subject = Construction(w.name, Index(), w.finish(), "Index, with another scale.")
    with pytest.raises(InputError, match="do not make this construction again"):
        mutate(subject)


@pytest.mark.parametrize("kind", ["left out", "writes", "without condition"])
def test_rules_of_a_table_are_left_out_and_write_other_tokens_before_they_are_wired(kind: str) -> None:
    faults = [fault for fault in build_faults(construction("hybrid/istree")) if fault.kind == "built: rule"]
    assert any(kind in fault.text for fault in faults)


def test_a_change_that_builds_the_same_model_is_said_to_be_none() -> None:
    blueprint = RECALL.blueprint
    inputs = all_inputs(RECALL, 3, 0)
    reason = reason_for_built(blueprint, replayed(blueprint.calls).finish(), inputs, 3)
    assert reason == Reason("same model", "for all n: the same matrices, entry by entry")
    other = INDEX.blueprint
    assert reason_for_built(blueprint, other, replace(inputs, complete=False), 3) is None


def test_machines_are_run_far_enough_to_enter_all_their_states() -> None:
    subject = construction("hybrid/turing")
    inputs = all_inputs(subject, default_size(subject), 0)
    assert inputs.words == "all 15 words of length at most 3"
    states = {token[0] for batch in inputs.batches for word in batch.instances for token in subject.expected(word, 24)}
    assert {"A", "B", "C", "D"} <= states


# The command.


def test_the_command_prints_what_was_found_and_why_others_survive(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mutate", "transformer/index", "--n", "3"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith("VERIFIED  transformer/index: 62 faults planted; 51 found, 11 explained, 0 unexplained\n")
    assert "  contracts   refuse 3 when they are built\n" in out
    assert "slack           2: " in out


def test_the_command_gives_all_mutants_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mutate", "transformer/c-gram", "--c", "2", "--n", "3", "--limit", "30", "--seed", "5", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert document["verdict"] == "VERIFIED"
    assert document["parameter"] == "c = 2"
    assert len(document["mutants"]) == document["planted"] == 30 < document["faults"]
    assert document["found"] == sum(entry["found"] for entry in document["mutants"])
    assert all(entry["found"] or entry["reason"] for entry in document["mutants"])


def test_unexplained_survivors_make_the_verdict_incomplete(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("proofs_check.mutations._verdicts.reason_for", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        main(["mutate", "transformer/index", "--n", "2"])
    assert ended.value.code == 3
    out = capsys.readouterr().out
    assert out.startswith("INCOMPLETE  transformer/index")
    assert "UNEXPLAINED  embedding.special[one, <s>] = 1: " in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["transformer/sorting"], "no construction is called 'transformer/sorting'"),
        (["transformer/index", "--n", "40"], "choose a smaller n"),
        (["transformer/index", "--n", "0"], "--n"),
        (["transformer/index", "--limit", "0"], "--limit"),
        (["transformer/index", "--machine", "1RB1LB_1LA1RZ"], "--machine is for transformer/turing"),
        (["hybrid/turing", "--machine", "1RB"], "line 1"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mutate", *arguments])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
