"""Sphinx configuration: furo, MyST, every code cell executed when the pages are built."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
nb_execution_timeout = 1800  # one page runs the whole of verify; a busy machine takes its time

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
add_module_names = False  # the heading above says it
python_use_unqualified_type_names = True
maximum_signature_line_length = 72  # longer ones have a parameter in each line, and so fit the column
napoleon_numpy_docstring = False
napoleon_use_rtype = False

html_show_search_summary = False  # summaries are fetched, which a browser refuses for files

html_math_renderer = "mathml"  # formulas are in the page: nothing is loaded from the network
html_theme = "furo"
html_title = "retrieval-gap"
html_static_path = ["static"]
html_css_files = ["tables.css"]


def packages(root: str, already: str) -> str:
    """A section of the reference for each public package under ``root`` that ``already`` does not describe."""
    names = [
        f"{root}.{path.parent.name}" for path in sorted((Path(__file__).parent.parent / root).glob("*/__init__.py"))
    ]
    return "\n".join(
        f"## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :imported-members:\n```\n"
        for name in names
        if "._" not in name and f"automodule:: {name}\n" not in already
    )


def fill_in(app, page, source):
    """Replaces a line such as ``<packages of proofs_check>`` in the reference, so that no package is forgotten."""
    for root in ("constructions", "proofs_check"):
        if (line := f"<packages of {root}>") in source[0]:
            written = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "api").glob("*.md"))
            source[0] = source[0].replace(line, packages(root, written))


def formula(translator, node):
    """Sets a formula as MathML, which browsers read by themselves."""
    # Here, so that tests can read this file without Sphinx.
    from docutils import nodes
    from docutils.utils.math.latex2mathml import tex2mathml

    block = isinstance(node, nodes.math_block)
    code = tex2mathml(node.astext(), as_block=block)  # raises if it cannot read it
    translator.body.append(f'<div class="math">{code}</div>' if block else code)
    raise nodes.SkipNode


def prompts(_app, doctree):
    """Sets a cell of commands as one would type them: ``$ `` instead of IPython's ``!``."""
    from docutils import nodes

    for block in list(doctree.findall(nodes.literal_block)):
        lines = block.astext().splitlines()
        if lines and all(line.startswith("!") for line in lines) and "cell_input" in block.parent["classes"]:
            text = "\n".join(f"$ {line[1:]}" for line in lines)
            block.replace_self(nodes.literal_block(text, text, language="console", classes=block["classes"]))


def signature(_app, _what, _name, _object, _options, arguments, returns):
    """A default that is made anew for each instance is shown as dots; Sphinx could not read the signature otherwise."""
    return arguments and arguments.replace("<factory>", "..."), returns


def quiet_command() -> str:
    """A folder with a ``retrieval-gap`` that calls the one beside this Python, on a terminal that shows no progress.

    Cells run on a terminal of IPython's, which says that it can write a line anew; pages cannot.
    """
    folder = Path(tempfile.mkdtemp())
    shim = folder / "retrieval-gap"
    shim.write_text(f'#!/bin/sh\nTERM=dumb exec "{Path(sys.executable).parent}/retrieval-gap" "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    return str(folder)


def play(app, exception):
    """Writes the live pages beside the others, where the page about them shows three of them."""
    if exception is None and app.builder.format == "html":
        from constructions.worked_examples import gallery_pages

        folder = Path(app.outdir) / "play"
        folder.mkdir(exist_ok=True)
        for name, text in gallery_pages().items():
            (folder / name).write_text(text, encoding="utf-8")


def verify(app, env, names):
    """Runs ``retrieval-gap verify`` before pages that show verdicts are read: they share its report (see _pages.py)."""
    report = Path(os.environ["RETRIEVAL_GAP_REPORT"]) / "report.json"
    texts = (Path(env.doc2path(name)).read_text(encoding="utf-8") for name in names)
    if not report.exists() and any(re.search(r"import (claims_of|index_of_theorems)", text) for text in texts):
        command = [sys.executable, "-m", "proofs_check", "verify", "--out", str(report.parent)]
        subprocess.run(command, check=True, capture_output=True)


def setup(app):
    """Sphinx calls this."""
    app.connect("env-before-read-docs", verify)
    app.connect("source-read", fill_in)
    app.connect("doctree-read", prompts)
    app.connect("autodoc-process-signature", signature)
    app.connect("build-finished", play)
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    shim = quiet_command()
    os.environ["PATH"] = os.pathsep.join([shim, str(Path(sys.executable).parent), os.environ["PATH"]])
    app.connect("build-finished", lambda *_: shutil.rmtree(shim, ignore_errors=True))
    if "RETRIEVAL_GAP_REPORT" not in os.environ:
        os.environ["RETRIEVAL_GAP_REPORT"] = shared = tempfile.mkdtemp()
        app.connect("build-finished", lambda *_: shutil.rmtree(shared, ignore_errors=True))
