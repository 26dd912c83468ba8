"""Worked examples in a real browser, and through a real pdflatex."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from constructions import CONSTRUCTIONS
from constructions.tasks import graph_of
from constructions.worked_examples import as_html, as_latex, explain
from tests.worked_example_runs import INPUTS, run, subject, with_every_text

pytestmark = pytest.mark.system

Open = Callable[..., Page]

TREE = ("transformer/istree", "a-b b-c b-d")
HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'&amp;"""
HOSTILE_LATEX = r"\input{/nowhere}$x_2^3$ & 100% #1 ~ | ` ' < > [ ] \\ {é 日本 🌲 ß"


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_pages_open_without_complaint_and_show_one_moment(opened: Open, name: str) -> None:
    trace = run(name, INPUTS[name.partition("/")[2]])
    page = opened(as_html(trace))
    expect(page.locator("section:visible")).to_have_count(1)
    expect(page.locator("ol.tape > li")).to_have_count(len(trace.tokens))


def test_buttons_arrow_keys_slider_and_tape_step_through_the_tokens(opened: Open) -> None:
    trace = run(*TREE)
    page = opened(as_html(trace))
    first = trace.moments[0].position

    def here() -> list[str]:
        return [page.locator("section:visible").get_attribute("id") or "", page.locator(".tape .here").inner_text()]

    assert here()[0] == f"p{first}"
    expect(page.get_by_role("button", name="Previous token")).to_be_disabled()
    page.get_by_role("button", name="Next token").click()
    assert here()[0] == f"p{first + 1}"
    page.locator("body").press("ArrowRight")
    assert here()[0] == f"p{first + 2}"
    page.locator("body").press("ArrowLeft")
    assert here()[0] == f"p{first + 1}"
    page.locator("body").press("End")
    assert here()[0] == f"p{trace.moments[-1].position}"
    expect(page.get_by_role("button", name="Next token")).to_be_disabled()
    page.locator("#slide").fill("3")
    assert here()[0] == f"p{first + 3}"
    page.locator(f"#t{first + 2} a").click()
    assert here()[0] == f"p{first + 2}"
    assert here()[1].split() == [str(first + 2), trace.tokens[first + 2].label]
    expect(page.locator("#where")).to_have_text(f"3 of {len(trace.moments)}")


def test_hovering_or_focusing_a_head_marks_what_it_picked(opened: Open) -> None:
    trace = run(*TREE)
    page = opened(as_html(trace))
    page.set_viewport_size({"width": 1280, "height": 2400})  # or focus scrolls, and the pointer hovers something else
    page.locator("body").press("ArrowRight")
    moment = trace.moments[1]
    for block in moment.blocks:
        for head in block.heads:
            row = page.locator("section:visible tr[data-picks]").filter(
                has=page.get_by_role("rowheader", name=head.name, exact=True)
            )
            for reach in (row.hover, row.focus):
                page.locator("h1").hover()
                page.evaluate("document.activeElement.blur()")
                expect(page.locator(".tape .picked")).to_have_count(0)
                reach()
                expect(page.locator(".tape .picked")).to_have_count(len(head.picks))
                expect(page.locator(".tape .picked")).to_have_id(f"t{head.picks[0].position}")
                if head.second is not None:
                    expect(page.locator(".tape .second")).to_have_id(f"t{head.second}")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_token_that_is_read_or_picked_is_in_view(opened: Open, width: int) -> None:
    trace = run("retrieval/istree", "a-b b-c b-d")
    page = opened(as_html(trace), width=width)
    inside = """name => {
        const tape = document.getElementById("tape").getBoundingClientRect();
        const token = document.querySelector(`.tape .${name}`).getBoundingClientRect();
        return token.top >= tape.top - 1 && token.bottom <= tape.bottom + 1;
    }"""
    page.locator("body").press("End")
    assert page.evaluate(inside, "here")
    page.locator("body").press("ArrowLeft")
    search = page.locator("section:visible .search")
    expect(search).to_have_count(1)
    search.focus()
    assert page.evaluate(inside, "picked")
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate(inside, "here")


def test_the_tour_is_drawn_as_far_as_it_is_written(opened: Open) -> None:
    trace = run(*TREE)
    assert trace.picture is not None
    page = opened(as_html(trace))
    for moment in trace.moments:
        so_far = [place for place, _ in trace.picture.steps[1:] if place <= moment.position]
        expect(page.locator("svg .step:visible")).to_have_count(len(so_far))
        expect(page.locator("svg .visit:visible")).to_have_count(int(moment.position >= trace.picture.steps[0][0]))
        page.locator("body").press("ArrowRight")


def test_everything_is_readable_without_scripts(opened: Open) -> None:
    trace = run(*TREE)
    page = opened(as_html(trace), scripts=False)
    expect(page.locator("section:visible")).to_have_count(len(trace.moments))
    expect(page.locator("svg .step:visible")).to_have_count(len(trace.picture.steps) - 1 if trace.picture else 0)
    expect(page.locator("nav")).to_be_hidden()


def test_text_of_the_user_stays_text(opened: Open) -> None:
    for name, text in (TREE, ("retrieval/index", "3 1 4 1 5 ? 2")):
        page = opened(as_html(with_every_text(run(name, text), HOSTILE), full=True))
        expect(page.locator("script")).to_have_count(1)
        expect(page.locator("img")).to_have_count(0)
        assert HOSTILE in page.locator("header").inner_text()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("name", ["transformer/istree", "hybrid/istree", "retrieval/istree", "rnn/turing"])
def test_nothing_is_wider_than_the_screen(opened: Open, name: str, width: int) -> None:
    page = opened(as_html(run(name, INPUTS[name.partition("/")[2]])), width=width)
    for _ in range(3):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("body").press("ArrowRight")


def test_the_dark_page_is_dark(opened: Open) -> None:
    def lightness(dark: bool) -> int:
        page = opened(as_html(run(*TREE)), dark=dark)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    assert lightness(True) < 150 < 700 < lightness(False)


def test_a_notebook_frame_runs(opened: Open) -> None:
    page = opened(f"<!DOCTYPE html><meta charset=utf-8><body>{run(*TREE)._repr_html_()}")
    frame = page.frame_locator("iframe")
    expect(frame.locator("section:visible")).to_have_count(1)
    frame.get_by_role("button", name="Next token").click()
    expect(frame.locator("#where")).to_contain_text("2 of")


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_latex_compiles(typeset: Callable[[str], str], name: str, full: bool) -> None:
    typeset(as_latex(run(name, INPUTS[name.partition("/")[2]]), full=full))


def test_latex_of_any_text_compiles(typeset: Callable[[str], str]) -> None:
    log = typeset(as_latex(with_every_text(run(*TREE), HOSTILE_LATEX), full=True))
    assert "Missing character" not in log
    machine = run("hybrid/turing", "")
    assert machine.tape is not None
    assert "Missing character" not in typeset(as_latex(with_every_text(machine, HOSTILE_LATEX)))
    chosen = subject("transformer/istree")
    graph = graph_of([("naïve_1", "b&c"), ("b&c", "100%"), ("b&c", "$x^2"), ("木", "b&c")])
    assert "Missing character" not in typeset(as_latex(explain(chosen, graph)))
