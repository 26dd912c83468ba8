"""Live pages: one file that runs models in the browser, on any input, and shows how they decide.

The page holds blueprints (polynomials in n), what the reader of the task must know, and the author's sentences; the
script under ``live/`` does the rest. Nothing of a run in Python is in it, and nothing is loaded from anywhere.
"""

import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from markupsafe import Markup

from constructions.errors import InputError
from constructions.theorems import Construction
from constructions.worked_examples._blueprint_document import blueprint_document
from constructions.worked_examples._reader_facts import reader_facts
from constructions.worked_examples._typeset import environment, policy_for

FILES = resources.files("constructions.worked_examples") / "live"
"""Script, style and templates."""

SCRIPTS = (
    *("numbers", "search", "engine", "readers", "view", "dom", "strip", "panels"),
    *("pictures", "weights", "machine", "aside", "beside", "page", "begin"),
)
"""The parts of the script, in the order in which they need each other."""


def live_script(*parts: str) -> str:
    """The script of a live page; some parts of it if they are named."""
    texts = [FILES.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in parts or SCRIPTS]
    return "'use strict';\n" + "\n".join(texts)


def live_document(construction: Construction) -> dict[str, Any]:
    """What a live page knows of a construction: its blueprint and what its task reads.

    Raises:
        InputError: if the page has no reader for the task.
    """
    return {"blueprint": blueprint_document(construction.blueprint), "facts": reader_facts(construction)}


def live_html(
    constructions: Sequence[Construction], text: str | None = None, *, steps: int = 120, index: bool = False
) -> str:
    """A live page, one self-contained file.

    Args:
        constructions: of one task; with several, the page shows them side by side.
        text: the input that is shown first, as it would be typed; one of the page's own unless given. Side by side it
            is one on which a network that keeps the last few tokens alone fails.
        steps: for machines, the steps that are run at first.
        index: whether the page links to ``index.html`` beside it.

    Raises:
        InputError: if there is no construction, or the page has no reader for the task.
    """
    if not constructions:
        raise InputError("a live page needs at least one construction")
    documents = [live_document(construction) for construction in constructions]
    facts = documents[0]["facts"]
    own = facts["tries"][0] if len(documents) == 1 else facts["forgotten"]
    shown = own if text is None else text
    data = json.dumps(
        {"documents": documents, "text": shown, "steps": steps}, ensure_ascii=False, separators=(",", ":")
    )
    style, script = FILES.joinpath("style.css").read_text(encoding="utf-8"), live_script()
    names = {
        "title": constructions[0].label if len(constructions) == 1 else f"{constructions[0].task.name}, side by side",
        "index": index,
        "policy": policy_for(style, script),
        "style": Markup(style),  # noqa: S704  (files of this package)
        "script": Markup(script),  # noqa: S704
        "data": Markup(data.replace("<", "\\u003c")),  # noqa: S704  (JSON in which no tag can begin)
    }
    return environment("html").from_string(FILES.joinpath("page.html.j2").read_text("utf-8")).render(names) + "\n"
