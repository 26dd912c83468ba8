"""Labels that the rule for labels allows, on pages and in tables: each comes out as itself and as nothing else."""

import csv
import html
import io
import re
from html.parser import HTMLParser
from itertools import pairwise

import networkx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from constructions import construction
from constructions.tasks import Graph, inline_text, read_graphs
from constructions.tasks._graph import label_fault
from constructions.worked_examples import explain, render

HOSTILE = (
    *("&lt;script&gt;", "&amp;", "&#60;b&#62;", '"onload="alert', "'x'", "`x`", "javascript:alert", "%3Cscript%3E"),
    *("\\input", "\\end", "$x$", "x_1^2", "50%", "#1", "a|b", "**bold**", "_it_", "|---|", "\\\\", "{{x}}"),
    *("=1+1", "+1", "@SUM", "a;b", 'say"so"', "'", '"', '""', "é", "日本", "x.y", "\u202eabc", "1e3", "NONE", "YES"),
)

LEGAL = tuple(label for label in HOSTILE if label_fault(label) is None)

labels = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6).filter(lambda text: label_fault(text) is None)


def path(names: list[str]) -> Graph:
    return Graph(tuple((k, k + 1) for k in range(1, len(names))), tuple(names))


def test_enough_of_them_pass_the_rule() -> None:
    assert len(LEGAL) >= 20
    assert any("&" in label for label in LEGAL)
    assert any('"' in label for label in LEGAL)


class Texts(HTMLParser):
    """All tags and all texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.texts += [value for _, value in attrs if value]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(graph: Graph) -> Texts:
    texts = Texts()
    texts.feed(render(explain(construction("transformer/istree"), graph), "html"))
    return texts


PLAIN = parsed(path(["a", "b", "c"])).tags


@settings(max_examples=15, deadline=None)
@given(st.lists(labels, min_size=3, max_size=3, unique=True))
@example(list(LEGAL[:3]))
@example(list(LEGAL[3:6]))
@example(['"onload="alert', "&lt;b&gt;", "'x'"])
def test_a_label_adds_no_tag_and_is_shown(names: list[str]) -> None:
    page = parsed(path(names))
    assert page.tags == PLAIN
    for name in names:
        assert any(name in text for text in page.texts), name


def test_planted_markup_would_be_seen() -> None:
    texts = Texts()
    texts.feed("<b>&amp;</b><script>")
    assert (texts.tags, texts.texts) == (["b", "script"], ["&"])
    assert html.escape("<") == "&lt;"


@pytest.mark.parametrize("label", LEGAL)
def test_no_command_of_latex_comes_from_a_label(label: str) -> None:
    """Every command of the page stands in the page of a graph with plain labels, or spells a sign."""
    spelled = {"textbackslash", "textquotedbl", "textquotesingle", "textasciigrave", "textbar", "textasciicircum"}
    spelled |= {"footnotesize", "_", "$", "&", "#", "%", "textasciitilde", "textless", "textgreater", "ldots"}

    def commands(graph: Graph) -> set[str]:
        text = render(explain(construction("transformer/istree"), graph), "tex")
        return set(re.findall(r"\\([A-Za-z]+|.)", text))

    plain = commands(path(["a", "b", "c"]))
    assert commands(path([label, "b", "c"])) <= plain | spelled


@given(
    st.lists(st.one_of(labels, st.sampled_from(LEGAL)), min_size=2, max_size=5, unique=True), st.sampled_from(",;\t")
)
def test_labels_of_a_table_are_read_as_they_were_written(names: list[str], between: str) -> None:
    """Quoted where they must be, by the standard library's writer; a line that begins like a comment is told."""
    graph = path(names)
    file = io.StringIO()
    writer = csv.writer(file, delimiter=between, lineterminator="\n")
    writer.writerow(("source", "target", "weight"))
    writer.writerows((u, v, "0.5") for u, v in pairwise(names))
    said: list[str] = []
    if names[0] in ("source", "target") or any(name.startswith(("#", "%", "//")) for name in names):
        return
    assert read_graphs(file.getvalue(), "csv", said.append) == [graph]
    assert len(said) == 1


@given(st.lists(labels, min_size=2, max_size=5, unique=True))
def test_labels_go_through_what_networkx_writes(names: list[str]) -> None:
    graph = path(names)
    drawn = networkx.Graph(pairwise(names))
    (read,) = read_graphs("\n".join(networkx.generate_gml(drawn)), "gml")
    assert inline_text(read) == inline_text(graph)
