"""Results for people and for programs."""

from proofs_check.report._figures import gap_figure
from proofs_check.report._html import theorems_html
from proofs_check.report._json import overall, theorems_json
from proofs_check.report._text import summary_text, theorem_text

__all__ = ["gap_figure", "overall", "summary_text", "theorem_text", "theorems_html", "theorems_json"]
