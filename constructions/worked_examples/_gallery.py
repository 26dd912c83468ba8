"""The gallery: a live page for every construction, one for each task with all its families, and an index."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from constructions.theorems import CONSTRUCTIONS, Construction, construction
from constructions.worked_examples._live import FILES, live_html
from constructions.worked_examples._reader_facts import title_of
from constructions.worked_examples._typeset import environment, policy_for

INDEX = "index.html"


@dataclass(frozen=True)
class _Group:
    """A task on the index: its question, the page with all families (if it has several), and the constructions."""

    title: str
    together: str | None
    members: tuple[tuple[str, Construction], ...]


def gallery_pages() -> dict[str, str]:
    """The pages by file name; the index comes last, so that its links lead somewhere once it is there."""
    groups = list(_groups())
    pages = {name: live_html([member], index=True) for group in groups for name, member in group.members}
    for group in groups:
        if group.together is not None:
            pages[group.together] = live_html([member for _, member in group.members], index=True)
    style = FILES.joinpath("gallery.css").read_text(encoding="utf-8")
    names = {"groups": groups, "style": Markup(style), "policy": policy_for(style)}  # noqa: S704  (a file of this package)
    template = FILES.joinpath("gallery.html.j2").read_text(encoding="utf-8")
    return pages | {INDEX: environment("html").from_string(template).render(names) + "\n"}


def _groups() -> Iterator[_Group]:
    tasks: dict[str, list[str]] = {}
    for name in CONSTRUCTIONS:
        tasks.setdefault(name.partition("/")[2], []).append(name)
    for task, names in tasks.items():
        members = tuple((f"{name.replace('/', '-')}.html", construction(name)) for name in names)
        machine = members[0][1].task.machine is not None
        # Machines of different families read different prompts and have sizes of their own: each for itself.
        yield _Group(title_of(members[0][1].task), None if machine else f"families-{task}.html", members)
