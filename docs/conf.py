"""Sphinx configuration: furo, MyST, every code cell executed when the pages are built."""

import os
import tempfile

project = "retrieval-gap"
author = "The retrieval-gap authors"
copyright = "2026, the retrieval-gap authors"  # noqa: A001 (Sphinx's name)

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "examples", "jupyter_execute"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
nb_render_markdown_format = "myst"  # what a cell shows as Markdown may have tables and links
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 900

autodoc_typehints = "signature"
autodoc_member_order = "groupwise"
napoleon_numpy_docstring = False
napoleon_use_rtype = False

# Pages that show verdicts share one run of `retrieval-gap verify`; the first that needs it starts it (see _pages.py).
_shared = tempfile.TemporaryDirectory()
os.environ.setdefault("RETRIEVAL_GAP_REPORT", _shared.name)

html_theme = "furo"
html_title = "retrieval-gap"
html_static_path = ["static"]
html_css_files = ["tables.css"]
