"""Sphinx configuration: furo, MyST, every code cell executed when the pages are built."""

project = "retrieval-gap"
author = "The retrieval-gap authors"
copyright = "2026, the retrieval-gap authors"  # noqa: A001 (Sphinx's name)

extensions = ["myst_nb"]
exclude_patterns = ["_build", "examples", "jupyter_execute"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

html_theme = "furo"
html_title = "retrieval-gap"
html_static_path: list[str] = []
