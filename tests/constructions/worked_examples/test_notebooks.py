"""What notebooks show: models, blueprints, constructions, transcripts, traces and verdicts, escaped."""

import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from markupsafe import escape

from constructions import CONSTRUCTIONS, decode
from constructions.architectures import Attention, FeedForward
from constructions.errors import InputError
from constructions.numerics import Matrix
from constructions.tasks import read_graphs
from constructions.theorems import THEOREMS
from constructions.vocabulary import Vocabulary
from constructions.worked_examples import Table, card, explain, explain_model
from constructions.worked_examples._notebook import terms
from proofs_check.evidence import VERIFIED, ClaimResult, Evidence, TheoremResult
from tests.worked_example_runs import INPUTS, run, subject


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_model_shows_its_heads_units_and_every_nonzero_weight(name: str) -> None:
    model = subject(name).at(subject(name).blueprint.least + 3)
    shown = model._repr_html_()
    text = re.sub(r"<[^>]*>", "\n", shown)
    for head in model.heads:
        assert f": {head.name}" in text
    for layer in model.layers:
        if isinstance(layer, FeedForward):
            assert shown.count("<tr>") >= len(layer.units)
    assert len(shown) < 200_000


def test_a_matrix_row_is_a_sum_by_name() -> None:
    assert terms([("a", Fraction(-1)), ("b", Fraction(3, 2)), ("c", Fraction(-4))]) == "-a + 3/2 b - 4 c"
    assert terms([]) == "0"
    shown = subject("transformer/associative-recall").at(5)._repr_html_()
    assert "-2 one + 2 position" in shown
    assert "-8 one + 16 token^2" in shown


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_blueprint_shows_all_coordinates_with_ranges(name: str) -> None:
    construction = subject(name)
    for shown in (construction._repr_html_(), construction.blueprint._repr_html_()):
        rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", shown)
        assert len(rows) >= len(construction.blueprint.coordinates)
    assert subject("transformer/index").summary.split(",")[0] in subject("transformer/index")._repr_html_()


def test_transcripts_and_traces_are_shown() -> None:
    written = decode(subject("transformer/istree").at(3), ["<s>", "1", "~", "2", "2", "~", "3", ">"])
    assert "answer: YES" in written._repr_html_()
    frame = run("transformer/index", "3 1 4 1 5 ? 2")._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in frame
    assert frame.count("<") == 2


def test_verdicts_are_shown() -> None:
    theorem = THEOREMS["4.7"]
    claim = ClaimResult(theorem.claims[0], None, VERIFIED, (Evidence("sampled", "3 <inputs>"),))
    shown = TheoremResult(theorem, (claim,))._repr_html_()
    assert "VERIFIED: Theorem 4.7" in shown
    assert "sampled: 3 &lt;inputs&gt;" in shown
    assert theorem.not_checked[0].split(":")[0] in shown


def test_text_stays_text() -> None:
    shown = card("<b>", "<i>", [Table("<u>", ("<a>",), [("<td onclick=x>",)])])
    assert not re.search(r"<(b|i|u|a|td onclick)", shown)
    model = subject("transformer/index").at(4)
    specials = ("<script>alert(1)</script>", *model.vocabulary.specials[1:])
    hostile = replace(model, vocabulary=Vocabulary(specials, 0, 4))
    assert "<script" not in hostile._repr_html_()


def test_worked_examples_are_imported_only_when_something_is_shown() -> None:
    code = "import sys, constructions; sys.exit('constructions.worked_examples' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_matrices_heads_and_layers_show_themselves() -> None:
    model = subject("transformer/associative-recall").at(5)
    head = model.head("previous")
    shown = head.query._repr_html_()
    rows, columns = head.query.shape
    assert f"{rows} x {columns} matrix" in shown
    assert shown.count("<td") == rows * (columns + 1)
    large = Matrix.from_entries((100, 100), {(3, 7): Fraction(-1, 2)})._repr_html_()
    assert "1 of 10000 entries are not zero" in large
    assert "<td>3</td><td>7</td><td>-1/2</td>" in large
    place = model.coordinates.index("position")
    assert f"2 x{place}" in head._repr_html_()
    for layer in [*model.layers, *subject("hybrid/istree").at(4).layers]:
        text = layer._repr_html_()
        names = [head.name for head in layer.heads] if isinstance(layer, Attention) else getattr(layer, "units", ())
        assert all(str(escape(name)) in text for name in names)
    hostile = replace(head, name="<script>alert(1)</script>", features=tuple(f"<b>{f}" for f in head.features))
    for text in (hostile._repr_html_(), Attention((hostile,))._repr_html_()):
        assert "<script" not in text
        assert "<b>" not in text


def test_the_attention_of_a_trace_is_a_labelled_array() -> None:
    trace = explain(subject("transformer/counting"), "1 2 1 ? 1 1", positions="all")
    name = "matches"
    weights = trace.attention(name)
    floats = np.asarray(weights, dtype=float)
    assert weights.shape == floats.shape == (len(trace.moments), len(weights.columns)) == (7, 7)
    assert (floats.sum(axis=1) == 1).all()
    assert not np.triu(floats, 1).any()
    last = trace.moments[-1]
    (view,) = [head for block in last.blocks for head in block.heads if head.name == name]
    for place in range(7):
        picked = place in {pick.position for pick in view.picks}
        assert weights[-1, place] == (Fraction(1, len(view.picks)) if picked else 0)
    assert weights.rows == weights.columns == ("0 <s>", "1 1", "2 2", "3 1", "4 ?", "5 1", "6 1")
    assert "1/3" in weights._repr_html_()
    with pytest.raises(InputError, match=r"the trace has no head 'counter'; there are one back, two back, matches"):
        trace.attention("counter")


def test_labels_of_a_user_stay_text_in_labelled_arrays() -> None:
    trace = explain(subject("transformer/istree"), read_graphs("a&b-x x-y", "inline")[0])
    assert "a&amp;b" in trace.attention("1 back")._repr_html_()


def test_heads_of_one_name_in_two_layers_are_told_apart_by_the_layer() -> None:
    model = subject("transformer/associative-recall").at(5)
    first, second = (layer for layer in model.layers if isinstance(layer, Attention))
    doubled = Attention((replace(second.heads[0], name="previous"),))
    model = replace(model, layers=tuple(doubled if layer is second else layer for layer in model.layers))
    trace = explain_model(model, ["<s>", "3", "1", "4", "?", "1"])
    assert first.heads[0].name == "previous"
    assert trace.attention("attention 2: previous")[0, 3] == 1
    assert trace.table()["attention 1: previous"] == [(4,)]
    with pytest.raises(InputError, match="there are attention 1: previous, attention 2: previous"):
        trace.attention("previous")


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_the_table_of_a_trace_has_columns_of_one_length(name: str) -> None:
    trace = run(name, INPUTS[name.partition("/")[2]])
    table = trace.table()
    heads = sorted({head.name for moment in trace.moments for block in moment.blocks for head in block.heads})
    assert list(table)[:6] == ["position", "token", "next", "written", "logit", "gap"]
    assert {len(column) for column in table.values()} == {len(trace.moments)}
    assert sorted(column.partition(": ")[2] or column for column in list(table)[6:]) == heads
    for k, moment in enumerate(trace.moments):
        assert table["next"][k] == moment.decision.token.label
        for block in moment.blocks:
            for head in block.heads:
                assert table[head.name][k] == tuple(pick.position for pick in head.picks if pick.match is not False)


def test_all_positions_are_those_that_were_read() -> None:
    trace = explain(subject("transformer/index"), "3 1 ? 2", positions="all")
    assert [moment.position for moment in trace.moments] == list(range(trace.prompt))
    assert explain_model(subject("transformer/index").at(3), ["<s>", "1"], max_tokens=0, positions="all").moments
