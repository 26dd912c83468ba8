"""A trace says what happened: every number is computed again in Fractions, from the matrices alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Attention, FeedForward, Head, Model, Recurrence
from constructions.errors import InputError, ModelError, ResourceError, counted
from constructions.tasks import SEPARATOR, Index, graph_of, tour_of
from constructions.worked_examples import FORMATS, HeadView, Moment, Trace, explain, explain_model, render
from constructions.worked_examples._rules import fired_rule
from tests.fraction_reference import Vector, attended, embedded, gated, recurred, times
from tests.random_models import models, prompts
from tests.worked_example_runs import RUNS, run, subject


def model_of(trace: Trace) -> Model:
    return subject(trace.construction.partition(",")[0]).at(trace.n)


def streams(model: Model, trace: Trace) -> list[list[Vector]]:
    """The residual stream before each layer, and after the last."""
    found = [embedded(model, model.vocabulary.encode([token.text for token in trace.tokens]))]
    for layer in model.layers:
        x = found[-1]
        if isinstance(layer, Attention):
            added = attended(layer, x)
        else:
            added = gated(layer, x) if isinstance(layer, FeedForward) else recurred(layer, x)
        found.append([[a + b for a, b in zip(u, v, strict=True)] for u, v in zip(x, added, strict=True)])
    return found


def head_faults(head: Head, view: HeadView, x: list[Vector], position: int) -> Iterator[str]:
    """What is wrong with the account of one head."""
    query = times(head.query, x[position])
    keys = [times(head.key, y) for y in x[: position + 1]]
    scores = [
        sum((q * k for q, k in zip(query, key, strict=True)), Fraction(head.slope * j)) for j, key in enumerate(keys)
    ]
    best = max(scores)
    picked = [j for j, score in enumerate(scores) if score == best]
    lower = max((score for score in scores if score < best), default=None)
    values = [times(head.value, x[j]) for j in picked]
    read = [sum(column, Fraction(0)) / len(picked) for column in zip(*values, strict=True)]
    if [amount.value for amount in view.query] != query:
        yield "query"
    if [pick.position for pick in view.picks] != picked or view.score != best:
        yield "pick"
    if view.second_score != lower or (lower is not None and (view.second is None or scores[view.second] != lower)):
        yield "second"
    if view.gap != (None if lower is None else best - lower):
        yield "gap"
    if [amount.value for amount in view.reads] != read:
        yield "read"
    for pick in view.picks:
        if pick.match is not None:
            wanted = {amount.name: amount.value for amount in view.wanted}
            key = dict(zip(head.features, keys[pick.position], strict=True))
            equal = all(key[name] == value for name, value in wanted.items())
            if pick.match and not equal:
                yield "match"


def faults(model: Model, trace: Trace) -> list[str]:
    """What is wrong with a trace; each moment is compared with a second evaluator."""
    found = []
    stream = streams(model, trace)
    for moment in trace.moments:
        here = moment.position
        for index, (layer, block) in enumerate(zip(model.layers, moment.blocks, strict=True)):
            after = dict(zip(model.coordinates, stream[index + 1][here], strict=True))
            if any(after[amount.name] != amount.value for amount in block.writes):
                found.append(f"{here}: {block.name} writes")
            if isinstance(layer, Attention):
                for head, view in zip(layer.heads, block.heads, strict=True):
                    found += [f"{here}: {head.name} {fault}" for fault in head_faults(head, view, stream[index], here)]
            elif isinstance(layer, FeedForward):
                before = dict(zip(model.coordinates, stream[index][here], strict=True))
                for unit in block.units:
                    for amount in unit.wrote:
                        before[amount.name] += amount.value
                if before != after:
                    found.append(f"{here}: {block.name} units")
        found += decision_faults(model, trace, moment, stream[-1][here])
    return found


def decision_faults(model: Model, trace: Trace, moment: Moment, x: Vector) -> Iterator[str]:
    logits = times(model.unembedding_table, x)
    order = sorted(range(len(logits)), key=lambda k: (-logits[k], k))
    if (moment.decision.logit, moment.decision.second_logit) != (logits[order[0]], logits[order[1]]):
        yield f"{moment.position}: logits"
    if moment.decision.token.text != model.vocabulary.token_of(order[0]):
        yield f"{moment.position}: decision"
    if moment.writes and trace.tokens[moment.position + 1].text != moment.decision.token.text:
        yield f"{moment.position}: what is written"


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_every_number_is_that_of_the_definitions(name: str, text: str) -> None:
    trace = run(name, text)
    assert trace.agrees is (True if trace.answer is not None else None)  # a run that is cut off is not called right
    some = trace if len(trace.moments) <= 12 else replace(trace, moments=trace.moments[:: len(trace.moments) // 12])
    if len(trace.tokens) > 80:  # the second evaluator is slow: the moments of a shorter transcript
        chosen = subject(name)
        size = trace.n if name.endswith("/turing") else None
        cut = chosen.task.parse(text)
        some = explain(chosen, cut, n=size, max_tokens=30, positions=range(trace.prompt - 1, trace.prompt + 25, 5))
    assert some.moments
    assert faults(model_of(trace), some) == []


def test_the_comparison_finds_a_wrong_number_of_each_kind() -> None:
    trace = run("transformer/istree", "a-b b-c b-d")
    model = model_of(trace)
    moment = trace.moments[2]
    block = moment.blocks[2]
    head = block.heads[0]
    one = Fraction(1)
    wrong = {
        "pick": replace(head, picks=(replace(head.picks[0], position=0),)),
        "second": replace(head, second_score=head.score - 1_000_000),
        "read": replace(head, reads=(replace(head.reads[0], value=head.reads[0].value + one), *head.reads[1:])),
        "query": replace(head, query=(replace(head.query[0], value=one / 3), *head.query[1:])),
    }
    for kind, view in wrong.items():
        blocks = (*moment.blocks[:2], replace(block, heads=(view, *block.heads[1:])), *moment.blocks[3:])
        planted = replace(trace, moments=(replace(moment, blocks=blocks),))
        assert f"{moment.position}: {head.name} {kind}" in faults(model, planted)
    decision = replace(moment, decision=replace(moment.decision, logit=moment.decision.logit + 1))
    assert faults(model, replace(trace, moments=(decision,))) == [f"{moment.position}: logits"]
    gates = moment.blocks[3]
    fewer = tuple(unit for unit in gates.units if not any(amount.value for amount in unit.wrote))
    assert len(fewer) < len(gates.units)
    blocks = (*moment.blocks[:3], replace(gates, units=fewer), *moment.blocks[4:])
    planted = replace(trace, moments=(replace(moment, blocks=blocks),))
    assert faults(model, planted) == [f"{moment.position}: feed-forward 2 units"]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_any_model_can_be_explained(data: st.DataObject) -> None:
    """Random models, with fractions, ties, huge weights and heads without features."""
    model = data.draw(models())
    prompt = model.vocabulary.decode(data.draw(prompts(model)))
    trace = explain_model(model, prompt, positions=range(len(prompt)), max_tokens=3)
    assert trace.agrees is None
    assert faults(model, trace) == []
    for form in FORMATS:
        assert render(trace, form, full=True).strip()


def test_heads_of_one_layer_with_one_name_are_refused() -> None:
    model = subject("transformer/counting").at(4)
    layer = model.layers[0]
    assert isinstance(layer, Attention)
    same = Attention(tuple(replace(head, name="head") for head in layer.heads))
    with pytest.raises(ModelError, match="two heads of one layer are named 'head'"):
        explain_model(replace(model, layers=(same, *model.layers[1:])), ["<s>", "1", "?", "1", "0"])


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_a_miss_is_said_exactly_where_the_default_record_is_read(name: str, text: str) -> None:
    for moment in run(name, text).moments:
        for block in moment.blocks:
            for head in block.heads:
                flag = next((a.value for a in head.reads if a.name.endswith(".is <s>")), None)
                if flag is not None and len(head.picks) == 1 and head.wanted:
                    assert head.missed == (flag == 1), (moment.position, head.name)


def test_an_average_counts_its_matches() -> None:
    (moment,) = run("transformer/counting", "1 2 1 1 ? 1 2").moments
    head = next(head for block in moment.blocks for head in block.heads if head.name == "matches")
    assert [(pick.position, pick.match) for pick in head.picks] == [(0, False), (1, True), (3, True), (4, True)]
    assert head.reads[0].value == Fraction(1, 4)


def test_heads_that_look_a_fixed_number_back_are_known() -> None:
    heads = {h.name: h.fixed for b in run("transformer/istree", "a-b b-c b-d").moments[0].blocks for h in b.heads}
    assert [name for name, fixed in heads.items() if fixed] == ["1 back", "2 back", "3 back", "4 back"]
    for name in ("transformer/index", "hybrid/index"):
        assert not any(h.fixed for b in run(name, "3 1 4 1 5 ? 2").moments[0].blocks for h in b.heads)


TABLES = [(name, text) for name, text in RUNS if subject(name).blueprint.table]


@pytest.mark.parametrize(("name", "text"), TABLES)
def test_the_rule_that_fired_fits_what_stands_there(name: str, text: str) -> None:
    trace, specials = run(name, text), subject(name).blueprint.specials
    for moment in trace.moments:
        rule = moment.rule
        assert rule is not None, moment.position
        window = [*rule.context.split(), *rule.write.split()[: rule.step]]
        seen = [token.text for token in trace.tokens[: moment.position + 2]][-len(window) :]
        for said, token in zip(window, seen, strict=True):
            assert (said == token) if said in specials else (said == "_" or token not in specials), (window, seen)


def test_no_rule_is_said_to_have_fired_if_two_units_or_none_did() -> None:
    trace = run("retrieval/index", "3 1 4 1 5 ? 2")
    specials = subject("retrieval/index").blueprint.specials
    moment = trace.moments[-1]
    blocks, written = moment.blocks, moment.decision.token.text
    assert fired_rule(trace.rules, specials, blocks, written) == moment.rule
    silent = tuple(replace(block, units=()) for block in blocks)
    assert fired_rule(trace.rules, specials, silent, written) is None
    unit = next(unit for block in blocks for unit in block.units if unit.name.startswith("number to write"))
    double = replace(unit, name="number to write.1")
    both = tuple(replace(block, units=(*block.units, double)) for block in blocks)
    assert fired_rule(trace.rules, specials, both, written) is None


SEARCHING = [(name, text) for name, text in RUNS if name.startswith("retrieval/")]


@pytest.mark.parametrize(("name", "text"), SEARCHING)
def test_searches_capture_what_the_transcript_has(name: str, text: str) -> None:
    trace = run(name, text)
    found = [place for place, token in enumerate(trace.tokens) if token.origin == "found"]
    for search in trace.searches:
        assert trace.tokens[search.opening].text == "<search>"
        assert trace.tokens[search.closing].text == "</search>"
        after = trace.tokens[search.closing + 1 : search.closing + 1 + max(1, len(search.captured))]
        expected = [trace.tokens[place].text for place in search.captured] or ["FAILED"]
        assert [token.text for token in after[: len(expected)]] == expected or not after
        assert all(place < search.opening for place in search.captured)
    cut = [s for s in trace.searches if s.closing == len(trace.tokens) - 1]
    assert len(found) == sum(max(1, len(search.captured)) for search in trace.searches) - len(cut)


def test_a_search_is_readable() -> None:
    from constructions.worked_examples._phrases import captured, expression

    (search,) = run("retrieval/index", "3 1 4 1 5 ? 2").searches
    assert expression(search) == r"\A⟨<s>⟩[^?]{⟨1⟩}([^?])"
    assert (search.span, search.captured) == ((0, 3), (2,))
    trace = run("retrieval/associative-recall", "3 1 4 1 5 ? 5")
    assert captured(trace, trace.searches[0]) == "matches nothing: FAILED"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=6))
def test_the_walk_that_is_drawn_is_the_reference_tour(pairs: list[tuple[int, int]]) -> None:
    edges = list({frozenset(pair): pair for pair in pairs if pair[0] != pair[1]}.values())
    if not edges:
        return
    graph = graph_of(edges, labelled=False)
    for name in ("transformer/istree", "hybrid/istree"):
        if name == "hybrid/istree" and len(graph.edges) >= graph.number_of_nodes:
            continue  # it answers NO at once
        picture = explain(subject(name), graph, positions=()).picture
        assert picture is not None
        assert [node for _, node in picture.steps] == list(tour_of(graph).nodes)


def test_the_searching_model_walks_the_same_tour() -> None:
    for text in ("a-b b-c b-d", "a-b b-c c-d d-b", "x-y z-w"):
        walks = [run(f"{family}/istree", text).picture for family in ("transformer", "retrieval")]
        nodes = [[node for _, node in walk.steps] for walk in walks if walk]
        assert nodes[0] == nodes[1]


def test_positions_can_be_chosen() -> None:
    chosen = subject("transformer/istree")
    graph = chosen.task.parse("a-b b-c")
    trace = explain(chosen, graph, positions=[9, 2, 2])
    assert [(moment.position, moment.writes) for moment in trace.moments] == [(2, False), (9, True)]
    with pytest.raises(InputError, match="position 99 is outside of the transcript, whose positions are 0 to 13"):
        explain(chosen, graph, positions=[99])


def test_what_is_too_long_is_refused() -> None:
    chosen = subject("transformer/index")
    text = f"{'1 ' * 7000}{SEPARATOR} 5"
    with pytest.raises(ResourceError, match=r"7,00. tokens is too long to be explained; at most 6,000 are"):
        explain(chosen, chosen.task.parse(text))


def test_another_reference_is_noticed() -> None:
    chosen = subject("transformer/index")
    lying = replace(chosen, transcript=lambda instance, n: ("5",))
    assert not explain(lying, chosen.task.parse("3 1 ? 1")).agrees
    assert explain(chosen, chosen.task.parse("3 1 ? 1")).agrees


class Lying(Index):
    """The index task with the answer 5."""

    def answers(self, sequence: Sequence[int], queries: Sequence[Sequence[int]]) -> list[str]:
        return ["5"] * len(queries)


def test_a_run_without_an_answer_is_never_said_to_be_right() -> None:
    """What was written may be the beginning of what is right; it is not the same."""
    chosen = subject("retrieval/istree")
    graph = chosen.task.parse("1-2 2-3")
    whole = len(chosen.expected(graph))
    for most in (1, whole - 1):
        cut = explain(chosen, graph, max_tokens=most)
        assert (cut.answer, cut.agrees) == (None, None)
        said = f"(the reference writes the same {counted(most, 'token')} and {whole - most} more)"
        assert render(cut, "text").endswith(f"no answer was written {said}\n")
        assert all(said in re.sub(r"\s+", " ", render(cut, form)).replace("\\", "") for form in ("md", "html")), said
    wrong = replace(chosen, transcript=lambda instance, n: ("YES",))
    assert explain(wrong, graph, max_tokens=3).agrees is False
    assert "THE REFERENCE WRITES ANOTHER TRANSCRIPT" in render(explain(wrong, graph, max_tokens=3), "text")


def test_the_answer_alone_is_compared_where_the_reference_has_no_transcript() -> None:
    chosen = subject("transformer/index")
    assert chosen.transcript is None
    right = explain(chosen, chosen.task.parse("3 1 ? 1"))
    assert right.agrees is True
    assert render(right, "text").endswith("answer: 3 (the reference answer is 3, the same)\n")
    wrong = explain(replace(chosen, task=Lying()), chosen.task.parse("3 1 ? 1"))
    assert wrong.agrees is False
    assert render(wrong, "text").endswith("answer: 3 (THE REFERENCE ANSWER IS 5, ANOTHER ONE)\n")
    talkative = replace(right, tokens=(*right.tokens[:-1], replace(right.tokens[-1], text="x"), right.tokens[-1]))
    assert talkative.agrees is True  # nothing is said of what was written before the answer


def test_a_recurrence_shows_its_state_by_name() -> None:
    trace = run("retrieval/index", "3 1 4 1 5 ? 2")
    state = {amount.name: amount.value for amount in trace.moments[0].blocks[0].state}
    model = model_of(trace)
    (layer,) = [layer for layer in model.layers if isinstance(layer, Recurrence)]
    assert set(state) == set(layer.state)
    assert state["now.code"] == 2


def test_numbers_of_sequences_are_no_nodes() -> None:
    """A token that is no number is 0 in the residual stream, and only in a graph does 0 mean that there is no node."""
    trace = explain(subject("transformer/counting"), "1 2 1 1 ? 1 2", positions="all")
    asked = {head.asks for moment in trace.moments for block in moment.blocks for head in block.heads}
    assert "Where does the token 0 stand, the first token aside?" in asked
    assert not any("none" in question for question in asked)
