"""Results for people and for programs."""

from proofs_check.report._figures import gap_figure
from proofs_check.report._html import theorems_html
from proofs_check.report._json import overall, theorems_json
from proofs_check.report._summary import summary_foot, summary_head, summary_row, theorem_block
from proofs_check.report._text import theorem_text

__all__ = [
    "gap_figure",
    "overall",
    "summary_foot",
    "summary_head",
    "summary_row",
    "theorem_block",
    "theorem_text",
    "theorems_html",
    "theorems_json",
]
