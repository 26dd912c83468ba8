"""The four formats say what the trace says, in full and in short, and keep the user's text text."""

import html.parser
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.tasks import graph_of
from constructions.worked_examples import FORMATS, Trace, as_html, as_latex, as_markdown, as_text, explain, render
from constructions.worked_examples._escaping import latex, markdown
from constructions.worked_examples._phrases import shown_heads
from tests.worked_example_runs import RUNS, run, subject, with_every_text

LARGEST = 2_000_000


class Page(html.parser.HTMLParser):
    """What a browser would see of a page: elements, ids, attributes, text by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "input", "path", "circle"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)


def picks_in_text(text: str) -> list[tuple[str, int]]:
    """(head, position) of every head that picked one position, as the plain text tells it."""
    # Where the author says what a head asks, that stands first, in as many lines as it takes.
    asked = r"(?:.*(?:\n    .*)*?\n    )?"
    found = re.findall(rf"^  ([^:\n]+): {asked}looks for .*\n    picks position (\d+) \(", text, re.M)
    return [(head, int(place)) for head, place in found]


def picks_of(trace: Trace, full: bool) -> list[tuple[str, int]]:
    told = trace.moments if full else [m for m in trace.moments if m.rule is None or m.rule.step == 1]
    heads = [head for moment in told for _, head in shown_heads(moment, full)]
    return [(head.name, head.picks[0].position) for head in heads if len(head.picks) == 1]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("name", "text"), RUNS)
def test_the_picks_named_in_the_text_are_those_of_the_trace(name: str, text: str, full: bool) -> None:
    trace = run(name, text)
    assert picks_in_text(as_text(trace, full=full)) == picks_of(trace, full)


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_the_page_marks_the_picks_of_the_trace(name: str, text: str) -> None:
    trace = run(name, text)
    page = Page(as_html(trace, full=True))
    marked = [value for tag, attribute, value in page.attributes if (tag, attribute) == ("tr", "data-picks")]
    heads = [head for moment in trace.moments for block in moment.blocks for head in block.heads]
    assert marked == [" ".join(str(pick.position) for pick in head.picks) for head in heads]
    seconds = [value for tag, attribute, value in page.attributes if attribute == "data-second"]
    assert seconds == [str(head.second) for head in heads if head.second is not None]
    assert page.elements["section"] == len(trace.moments)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_sentences_of_the_author(name: str) -> None:
    def said(sentence: str, form: str) -> bool:
        plain = re.sub(r"\s+", " ", re.sub(r"[\\{}]", "", form))
        return sentence in plain or sentence.replace("'", "&#39;") in plain

    text = render(run("transformer/istree", "a-b b-c b-d"), name)
    assert said("Did it already walk this edge the other way, from b to d", text)
    assert said("Nothing stops the tour, so it goes on to b", text)
    text = render(run("retrieval/index", "3 1 4 1 5 ? 2"), name)
    assert said("What the search captured is the answer", text)


def test_a_question_that_makes_no_sense_is_not_asked() -> None:
    trace = explain(subject("transformer/istree"), graph_of([("a", "b")]), positions=[2, 5])
    for moment, asked in zip(trace.moments, (False, True), strict=True):
        heads = {head.name: head for block in moment.blocks for head in block.heads}
        assert bool(heads["way back"].asks) == asked
    counting = run("transformer/counting", "1 2 1 1 ? 1 2")
    (matches,) = [head for block in counting.moments[0].blocks for head in block.heads if head.name == "matches"]
    assert matches.answer.startswith("At positions 1, 3, 4. The first token is left with the weight 1/4")


def test_numbers_are_exact_in_every_format() -> None:
    trace = run("transformer/counting", "1 2 1 1 ? 1 2")
    for name in FORMATS:
        assert re.search(r"matches\\?\.is[^1]*1/4", render(trace, name)), name


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("name", "text"), RUNS)
def test_every_construction_is_set_in_every_format(name: str, text: str, form: str, full: bool) -> None:
    trace = run(name, text)
    written = render(trace, form, full=full)
    assert written.endswith("\n")
    if form != "tex":  # where braces stand around signs
        assert "{{" not in written
    assert "<<" not in written
    assert "Undefined" not in written
    for plan in trace.plans if full else ():
        if form == "text":
            assert str(plan) in written


def test_the_same_run_gives_the_same_pages() -> None:
    for name, text in (("transformer/istree", "a-b b-c c-d d-b"), ("retrieval/index", "3 1 4 ? 2")):
        chosen = subject(name)
        first, again = (explain(chosen, chosen.task.parse(text)) for _ in range(2))
        assert first == again
        assert all(render(first, form) == render(again, form) for form in FORMATS)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InputError, match="no format is called 'pdf'; there are text, md, html, tex"):
        render(run("transformer/index", "3 1 4 1 5 ? 2"), "pdf")


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "</style></script><b>",
    "{{ 7 * 7 }}{% raw %}<< 7 * 7 >>",
    "\\input{x}$x^2_3$ & 100% #1 ~ |`",
    "日本 é \u202e",
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(("name", "text"), [("transformer/istree", "a-b b-c"), ("retrieval/index", "3 1 4 1 5 ? 2")])
def test_text_stays_text_in_html(name: str, text: str, payload: str) -> None:
    trace = run(name, text)
    plain, hostile = Page(as_html(trace, full=True)), Page(as_html(with_every_text(trace, payload), full=True))
    assert hostile.elements["script"] == hostile.elements["style"] == 1
    assert hostile.elements["img"] == 0
    assert hostile.texts["script"] == plain.texts["script"]
    # Each word of the instance is a span of its own, and the payload has spaces.
    assert +(hostile.elements - Counter(span=1000)) == +(plain.elements - Counter(span=1000))
    kinds = [[a[:2] for a in page.attributes if a[0] != "span"] for page in (hostile, plain)]
    assert kinds[0] == kinds[1]
    words = payload.split(" ")
    assert all(any(said.endswith(word) for said in hostile.texts["span"]) for word in words)


def test_the_page_loads_nothing_and_its_policy_says_so() -> None:
    page = Page(as_html(run("retrieval/istree", "a-b b-c b-d")))
    for tag, name, value in page.attributes:
        assert name not in ("src", "style", "srcset", "action"), tag
        assert not name.startswith("on"), tag
        if name == "href":
            assert re.fullmatch(r"#p\d+", value)
    policy = next(value for tag, name, value in page.attributes if value.startswith("default-src"))
    digest = r"'sha256-[\w+/=]{44}'"
    shape = rf"default-src 'none'; style-src {digest}; script-src {digest}; base-uri 'none'; form-action 'none'"
    assert re.fullmatch(shape, policy)
    assert "url(" not in "".join(page.texts["style"])
    identifiers = [value for _, name, value in page.attributes if name == "id"]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_stays_text_in_markdown(payload: str) -> None:
    trace = run("transformer/istree", "a-b b-c")
    written = as_markdown(with_every_text(trace, payload))
    assert re.sub(r"&(amp|lt|gt);", "", written).count("<") == 0
    rows = [line for line in written.splitlines() if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert cells == {8, len(trace.tokens) + 1}, "a bar of the user made a cell"


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_latex_has_no_command_of_the_user(text: str) -> None:
    written = latex(text)
    rest = re.sub(r"\\(text\w+|ldots)\{\}|\\\(\\(langle|rangle|to|times)\\\)|\\[{}$&#%_]", "", written)
    rest = re.sub(r"\{(\\footnotesize U\+[0-9A-F]{4,6}|[-\[\],])\}", "", rest)
    assert not re.search(r"[\\{}$&#%_^~<>|\[\]]", rest)
    assert all(sign.isascii() or sign.isalpha() for sign in rest)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_markdown_has_no_markup_of_the_user(text: str) -> None:
    written = markdown(text)
    assert "<" not in written
    assert "\n" not in written
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]|]", re.sub(r"\\[^\\]", "", written.replace("\\\\", "")))


def test_latex_of_every_format_is_balanced() -> None:
    for payload in PAYLOADS:
        written = as_latex(with_every_text(run("transformer/istree", "a-b b-c"), payload), full=True)
        bare = written.replace(r"\{", "").replace(r"\}", "").replace("\\\\", "")
        assert bare.count("{") == bare.count("}")
        assert written.count(r"\begin{") == written.count(r"\end{")


TREE = [(i, max(1, i - 1 - (i * 7) % 4)) for i in range(2, 21)]


@pytest.mark.parametrize("family", ["transformer", "hybrid", "retrieval"])
def test_a_tree_of_20_nodes_makes_a_small_page(family: str) -> None:
    trace = explain(subject(f"{family}/istree"), graph_of([(f"node{u}", f"node{v}") for u, v in TREE]))
    assert trace.answer == "YES"
    assert len(as_html(trace).encode()) < LARGEST
    assert trace.picture is not None
    assert len(trace.picture.steps) == 39
