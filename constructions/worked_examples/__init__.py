"""Worked examples: what a model did on one input, head by head, in exact numbers."""

from constructions.worked_examples._data import (
    Amount,
    Block,
    Decision,
    FiredRule,
    HeadView,
    Moment,
    Pick,
    SearchView,
    Token,
    Trace,
    UnitView,
    Walk,
)
from constructions.worked_examples._document import as_document
from constructions.worked_examples._formats import FORMATS, render
from constructions.worked_examples._gallery import gallery_pages
from constructions.worked_examples._labelled import Labelled
from constructions.worked_examples._live import live_document, live_html, live_script
from constructions.worked_examples._notebook import (
    Table,
    blueprint_html,
    construction_html,
    labelled_html,
    layer_html,
    matrix_html,
    model_html,
    trace_html,
    transcript_html,
)
from constructions.worked_examples._reader_facts import LARGEST
from constructions.worked_examples._text import as_text
from constructions.worked_examples._trace import MOST_TOKENS, explain, explain_model
from constructions.worked_examples._typeset import as_html, as_latex, as_markdown, card

__all__ = [
    "FORMATS",
    "LARGEST",
    "MOST_TOKENS",
    "Amount",
    "Block",
    "Decision",
    "FiredRule",
    "HeadView",
    "Labelled",
    "Moment",
    "Pick",
    "SearchView",
    "Table",
    "Token",
    "Trace",
    "UnitView",
    "Walk",
    "as_document",
    "as_html",
    "as_latex",
    "as_markdown",
    "as_text",
    "blueprint_html",
    "card",
    "construction_html",
    "explain",
    "explain_model",
    "gallery_pages",
    "labelled_html",
    "layer_html",
    "live_document",
    "live_html",
    "live_script",
    "matrix_html",
    "model_html",
    "render",
    "trace_html",
    "transcript_html",
]
