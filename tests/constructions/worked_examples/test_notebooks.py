"""What notebooks show: models, blueprints, constructions, transcripts, traces and verdicts, escaped."""

import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

from constructions import CONSTRUCTIONS, decode
from constructions.architectures import FeedForward
from constructions.theorems import THEOREMS
from constructions.vocabulary import Vocabulary
from constructions.worked_examples import Table, card
from constructions.worked_examples._notebook import terms
from proofs_check.evidence import VERIFIED, ClaimResult, Evidence, TheoremResult
from tests.worked_example_runs import run, subject


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
