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
    page_of,
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
    "card",
    "explain",
    "explain_model",
    "gallery_pages",
    "live_document",
    "live_html",
    "live_script",
    "page_of",
    "render",
]
