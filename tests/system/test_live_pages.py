"""The live pages in a real browser: every position, keyboard, editing, refusals, phone, dark, print, frames."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from constructions import CONSTRUCTIONS, construction, decode
from constructions.machines import Machine, Transition, initial, steps
from constructions.theorems import EXAMPLES
from constructions.worked_examples import gallery_pages, live_html
from tests.worked_example_runs import INPUTS, LONG_INPUTS

pytestmark = pytest.mark.system

Open = Callable[..., Page]
Visit = Callable[..., Page]

SHORT = {(0, 1): Transition(1, 1, 1), (1, 0): Transition(1, 1, 0), (0, 0): Transition(1, -1, 2)}
"""Writes three ones and halts."""

HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'&amp;{here}"""

TOUR = """() => {
    const wrong = [], heads = state.run.model.heads.length ? state.run.model.heads : [{id: null}];
    for (let column = 0; column <= lastColumn(); column++) for (const head of heads) {
        state.head = head.id;
        go(strip.positionAt(column));
        const said = $("say").textContent, told = said + $("story").textContent + $("heads").textContent;
        if (!said.trim() || /undefined|NaN|\\[object|null/.test(told)) wrong.push([column, head.id, told]);
    }
    return wrong;
}"""

ON_SCREEN = """() => {
    const box = $("scroll").getBoundingClientRect(), inside = node => {
        const at = node.getBoundingClientRect();
        return at.left >= box.left - 1 && at.right <= box.right + 1;
    };
    const picks = strip.picks().slice(0, 1), from = picks.length ? picks : windowOf(state.run, state.at);
    const targets = state.head ? [strip.view.at] : from;
    const wanted = [...targets, state.at].map(j => `[data-column="${strip.column(j)}"]`);
    return wanted.filter(name => { const node = $("tokens").querySelector(name); return !node || !inside(node); });
}"""
"""Of the token that asks and those that are picked, the columns that are not seen without scrolling."""

COLLISIONS = """() => {
    const texts = [...document.querySelectorAll(".label text")], found = [];
    const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
    const apart = (from, to, a, b, by) => a[from] >= b[to] - by || b[from] >= a[to] - by;
    boxes.forEach(([a, p], k) => boxes.slice(0, k).forEach(([b, q]) => {
        if (!apart("left", "right", p, q, 1) && !apart("top", "bottom", p, q, 3)) found.push([a, b]);
    }));
    return found;
}"""
"""Labels of arcs that cover each other."""

COLLISIONS_ANYWHERE = f"""() => {{
    const found = [];
    for (let at = state.run.prompt - 1; at < state.run.tokens.length; at++) for (const head of state.run.model.heads) {{
        choose(head.id, at);
        const pairs = ({COLLISIONS})();
        if (pairs.length) found.push([at, head.name, pairs]);
    }}
    return found;
}}"""


@pytest.fixture
def opened(opened: Open) -> Open:
    """Opens a page and waits for its first run: long ones are computed in slices."""

    def ready(text: str, **options: int) -> Page:
        page = opened(text, **options)
        expect(page.locator("#say:not(:empty), #refusal:not(:empty)").first).to_be_visible(timeout=20_000)
        return page

    return ready


def live(name: str, text: str | None = None) -> str:
    return live_html([construction(name)], INPUTS[name.partition("/")[2]] if text is None else text)


def answer(page: Page) -> str:
    return page.locator("#answer").inner_text()


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_position_can_be_visited_with_every_head(opened: Open, name: str) -> None:
    page = opened(live(name))
    if name.endswith("/turing"):
        page.locator("#steps").fill("8")
    assert page.evaluate(TOUR) == []
    assert page.evaluate("state.run.tokens.length") > 3


def test_what_is_shown_is_what_the_weights_say(opened: Open) -> None:
    page = opened(live("transformer/associative-recall", "3 1 4 1 5 9 2 1 6 ? 1"))
    assert answer(page) == "6"
    expect(page.locator("#say")).to_have_text(
        "1 at position 11 asks: Who came right after a 1, most recently? 6 did, at position 9."
    )
    story = page.locator("#story").inner_text()
    for said in (
        "Score 41 = 32 for a match + 9 for its position.",
        "Runner-up, position 5: 37 = 32 for a match + 5 for its position. Both match, so the later one wins, by 4.",
        "Had it found nothing, the model would write NONE instead of 6.",
        "The head found a successor and brought it back: 6. The model writes 6.",
    ):
        assert said in story
    assert page.locator(".label.pick text").inner_html() == "found: 41, ahead by 4"
    assert page.locator(".label.source text").inner_html() == "previous"
    assert page.locator(".ring").count() == 3
    assert page.locator(".ring.full").count() == 1


def test_averages_are_drawn_with_their_weight(opened: Open) -> None:
    page = opened(live("transformer/counting", "1 2 1 1 3 1 ? 1 3"))
    assert page.locator(".arc.pick").count() == 5
    assert page.locator(".score.on").all_text_contents() == ["1/5"] * 5
    assert "5 positions share the largest score, so each gets the weight 1/5" in page.locator("#story").inner_text()


def test_heads_that_decide_nothing_are_dimmed(opened: Open) -> None:
    page = opened(live("transformer/istree", "1-2 2-3 2-4 4-5"))
    page.evaluate("choose(state.run.model.heads.find(head => head.name === 'way back').id, 20)")
    dimmed = {row.get_attribute("data-head") for row in page.locator(".hd.idle").all()}
    assert dimmed == {"2 back", "3 back", "4 back", "pointer", "record", "seen node"} | dimmed & {"end of edges"}
    expect(page.locator("#say")).to_contain_text("Yes, at position 16: this is just the way back.")


def test_keys_and_buttons_step_and_change_the_head(opened: Open) -> None:
    page = opened(live("transformer/istree", "a-b b-c"))
    here = "state.at"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Home")
    first = page.evaluate(here)
    assert first == page.evaluate("state.run.prompt - 1")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(here) == first + 1
    page.get_by_role("button", name="One step back").click()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(here) == first - 1
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="One step on")).to_be_disabled()
    before = page.locator(".hd[aria-pressed=true]").get_attribute("data-head")
    page.keyboard.press("ArrowDown")
    assert page.locator(".hd[aria-pressed=true]").get_attribute("data-head") != before
    page.locator(".tok").first.click()
    assert page.evaluate(here) == 0
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#play")).to_have_text("Pause")
    page.get_by_role("button", name="Pause").click()
    assert page.locator("[aria-live=polite]").count() == 1
    assert re.fullmatch(r"position \d+ of \d+.*", page.locator("#range").get_attribute("aria-valuetext") or "")


def test_an_address_leads_to_a_step(opened: Open) -> None:
    page = opened(live("transformer/istree", "a-b b-c"))
    page.evaluate("location.hash = '#1-2%202-3%202-4/@14/way%20back'")
    page.reload()
    assert page.locator("#input").input_value() == "1-2 2-3 2-4"
    assert page.evaluate("state.at") == 14
    assert page.locator(".hd[aria-pressed=true]").get_attribute("data-head") == "way back"


def test_any_input_can_be_typed_and_bad_ones_are_refused(opened: Open) -> None:
    page = opened(live("hybrid/index"))
    page.locator("#input").fill("7 8 9 ? 3")
    assert answer(page) == "9"
    page.locator("#input").fill("7 8 9 ? 4")
    expect(page.get_by_role("alert")).to_have_text(
        "position 4 is not in the sequence, whose positions are 1 to 3; index is written like `3 1 4 1 5 ? 3`"
    )
    page.locator("#input").fill("7 8 9 ? 1")
    expect(page.locator("#refusal")).to_have_text("")
    page.locator("#size").fill("5")
    expect(page.get_by_role("alert")).to_have_text("n is '5': this input needs at least 9")
    page.locator("#size").fill("200")
    expect(page.locator("#sub")).to_contain_text("here n = 200")
    assert answer(page) == "7"


def test_edges_are_made_and_removed_in_the_picture(opened: Open) -> None:
    page = opened(live("transformer/istree", "1-2 2-3"))
    assert answer(page) == "YES"
    page.get_by_role("button", name="node 1", exact=True).click()
    page.get_by_role("button", name="node 3", exact=True).press("Enter")
    assert page.locator("#input").input_value() == "1-2 2-3 1-3"
    assert answer(page) == "NO"
    page.get_by_role("button", name="node 2", exact=True).click()
    page.get_by_role("button", name="node 3", exact=True).click()
    assert page.locator("#input").input_value() == "1-2 1-3"
    assert answer(page) == "YES"


@pytest.mark.parametrize("name", [name for name in CONSTRUCTIONS if name.endswith("/turing")])
def test_another_rule_runs_as_decode_runs_that_machine(opened: Open, name: str) -> None:
    page = opened(live(name, ""))
    page.locator("#steps").fill("30")
    page.get_by_role("button", name="rule for B and 0").click()
    page.get_by_label("move").select_option("R")
    page.get_by_role("button", name="Change").click()
    old = EXAMPLES[0]
    other = Machine(
        old.name, old.states, old.symbols, old.blank, old.start, old.halting, {**old.table, (1, 0): Transition(1, 1, 0)}
    )
    subject = construction(name, machine=other)
    run = page.evaluate("[state.run.written, state.run.limit, state.run.model.values.n]")
    written = decode(subject.at(run[2]), subject.reads(()), max_tokens=run[1])
    assert run[0] == list(written.tokens)
    page.get_by_role("button", name="rule for A and 0").click()
    page.get_by_role("button", name="No rule").click()
    expect(page.get_by_role("alert")).to_contain_text("wired for a table without a gap")


def test_the_table_of_the_machine_lights_the_rule_at_work(opened: Open) -> None:
    page = opened(live("hybrid/turing", ""))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for _ in range(10):
        shown = page.evaluate("state.run.tokens[state.at + 1]")
        if re.fullmatch(r"[A-D]\[[01]\]", shown):
            lit = page.locator(".transitions .lit button").get_attribute("aria-label") or ""
            assert lit.startswith(f"rule for {shown[0]} and {shown[2]}:")
            assert page.locator(".tape .cur .head").inner_text() == shown[2]
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("name", [name for name in CONSTRUCTIONS if name.endswith("/turing")])
def test_the_final_tape_is_shown(opened: Open, name: str) -> None:
    short = Machine("short", ("A", "B", "Z"), ("0", "1"), 0, 0, frozenset({2}), SHORT)
    page = opened(live_html([construction(name, machine=short)], "1"))
    expect(page.locator("#answer")).to_have_text("HALT")
    page.evaluate("go(state.run.tokens.length - 1)")
    ending = page.locator(".tape .end")
    expect(ending).to_have_count(1)
    assert "cur" in (ending.get_attribute("class") or "")
    tape, last = dict(initial(short, (1,)).tape), None
    for last in steps(short, (1,)):
        tape[last.position] = last.write
    written = "".join(ending.locator("i").all_inner_texts()).strip("0")
    assert written == "".join(str(tape[cell]) for cell in sorted(tape)).strip("0") == "111"
    assert ending.locator(".st").inner_text() == "Z"
    lit = page.locator(".transitions .lit button").get_attribute("aria-label") or ""
    assert lit.endswith(" Z")
    assert (page.locator(".tape").get_attribute("aria-label") or "").startswith("the final tape, state Z, cell ")


def test_a_search_is_folded_until_it_is_opened(opened: Open) -> None:
    page = opened(live("retrieval/index"))
    expect(page.locator("#say")).to_contain_text("It captures 1, at position 2.")
    assert page.locator(".tok.folded").count() == 1
    before = page.locator(".tok").count()
    page.get_by_role("button", name="Open this search").click()
    assert page.locator(".tok.folded").count() == 0
    assert page.locator(".tok").count() == before + 4
    page.get_by_role("button", name="Fold this search").click()
    assert page.locator(".tok").count() == before


def test_the_recurrent_network_looks_at_three_tokens(opened: Open) -> None:
    page = opened(live("rnn/turing", ""))
    page.evaluate("go(30)")
    assert page.evaluate("windowOf(state.run, 30)") == [19, 18, 17]
    assert page.locator(".arc.window").count() == 3


def test_weights_are_sums_of_names_and_light_up(opened: Open) -> None:
    page = opened(live("transformer/associative-recall"))
    weights = page.locator("#weights")
    expect(weights).to_contain_text("previous.token = token: 4 S token")
    expect(page.locator("#wnote")).to_contain_text("those rows are marked")
    page.locator("#weights summary", has_text="Unembedding").click()
    expect(page.locator(".wrow.lit").first).to_be_visible()
    assert page.locator(".heat title").first.inner_html()
    page.evaluate("choose(state.run.model.heads[0].id)")
    expect(weights).to_contain_text("position: 2 position − 2 one")


@pytest.mark.parametrize("task", ["index", "associative-recall", "c-gram", "counting", "istree"])
def test_families_stand_side_by_side_with_one_that_forgets(opened: Open, task: str) -> None:
    text = {"index": "3 1 4 1 5 9 ? 2", "istree": "a-b b-c c-d d-e e-f f-g"}.get(
        task, "1 2 1 1 3 1 2 2 ? " + {"associative-recall": "3", "c-gram": "1 3", "counting": "1 3"}.get(task, "")
    )
    page = opened(
        live_html([construction(f"{family}/{task}") for family in ("transformer", "retrieval", "hybrid")], text)
    )
    expect(page.locator("#besidetable tbody tr")).to_have_count(3)
    answers = page.locator("#besidetable tbody td:last-child").all_inner_texts()
    assert len(set(answers)) == 1
    merged = page.locator("#forgets li").all_inner_texts()
    assert len(merged) == 2
    (first, right), (other, wrong) = (line.split(" has the answer ") for line in merged)
    subject = construction(f"transformer/{task}")
    for asked, said in ((first, right), (other, wrong)):
        assert subject.task.answer(subject.task.parse(asked)) == said
    assert right != wrong
    kept = (lambda line: line.split()[-3:]) if task == "istree" else (lambda line: line.partition(" ?")[0].split()[-3:])
    assert kept(first) == kept(other)
    page.get_by_role("tab").nth(1).click()
    expect(page.get_by_role("tab").nth(1)).to_have_attribute("aria-selected", "true")
    assert answer(page) == answers[0]


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_who_asks_and_what_is_picked_are_on_the_screen(opened: Open, name: str, width: int) -> None:
    page = opened(live_html([construction(name)]), width=width)
    assert page.evaluate(ON_SCREEN) == []
    for _ in range(6):
        page.evaluate("step(1)")
        assert page.evaluate(ON_SCREEN) == []


def test_what_lies_between_is_left_out_until_it_is_asked_for(opened: Open) -> None:
    page = opened(live_html([construction("retrieval/istree")]), width=400)
    gap = page.get_by_role("button", name="positions 11 to 16 are left out; show them")
    assert gap.inner_text() == "⋯\n6 more"
    gap.click()
    assert page.locator(".gap").count() == 0
    assert page.evaluate(ON_SCREEN) != []  # so the check above can fail
    page.get_by_role("button", name="One step on").click()
    page.get_by_role("button", name="One step back").click()
    assert page.evaluate(ON_SCREEN) == []
    assert page.locator(".gap").count() == 1


@pytest.mark.parametrize("name", ["transformer/istree", "hybrid/istree", "transformer/turing", "transformer/c-gram"])
def test_labels_of_arcs_do_not_cover_each_other(opened: Open, name: str) -> None:
    page = opened(live_html([construction(name)]).replace('steps":120', 'steps":12'))
    assert page.evaluate(COLLISIONS_ANYWHERE) == []


def test_labels_that_are_not_moved_apart_are_found(opened: Open) -> None:
    page = opened(live_html([construction("transformer/istree")]))
    page.evaluate("apart = groups => groups")
    assert page.evaluate(COLLISIONS_ANYWHERE)


def test_a_long_table_is_folded_and_stays_as_it_is_left(opened: Open) -> None:
    page = opened(live("rnn/turing", ""))
    state = page.locator("#res details")
    expect(state.locator("summary")).to_have_text(
        re.compile(r"State of the recurrence: 106 numbers, \d+ of them not 0")
    )
    expect(state.locator("table")).to_be_hidden()
    assert page.locator("#res").locator("tr:visible").count() < 40
    state.locator("summary").click()
    page.get_by_role("button", name="One step on").click()
    expect(page.locator("#res details table")).to_be_visible()


def test_only_what_a_model_has_is_explained(opened: Open) -> None:
    page = opened(live("rnn/turing", ""))
    expect(page.locator("#restitle")).to_have_text("What this position knows")
    assert "there" not in page.locator("#resnote").inner_text()
    page = opened(live("transformer/istree"))
    expect(page.locator("#restitle")).to_have_text("What the two positions know")
    expect(page.locator("#resnote")).to_contain_text("is 1 where a head picked the first token")
    assert "is <s> 0" not in page.locator("#story").inner_text()
    expect(page.locator("#story")).to_contain_text("hands back that it is not the first token: a match")


@pytest.mark.parametrize("task", ["index", "associative-recall", "c-gram", "counting", "istree"])
def test_the_page_of_all_families_offers_an_input_on_which_the_network_fails(opened: Open, task: str) -> None:
    members = [construction(f"{family}/{task}") for family in ("transformer", "retrieval", "hybrid")]
    page = opened(live_html(members))
    expect(page.locator("#forgets li")).to_have_count(2)
    shown = page.locator("#input").input_value()
    short = {"istree": "1-2", "index": "1 ? 1"}.get(task, f"1 ? {members[0].task.text_form.partition('? ')[2]}")
    page.locator("#input").fill(short if task != "counting" else "1 ? 1 1")
    expect(page.locator("#forgets li")).to_have_count(0)
    page.locator("#forgets button").click()
    expect(page.locator("#forgets li")).to_have_count(2)
    assert page.locator("#input").input_value() == shown


@pytest.mark.parametrize("width", [320, 400, 1280])
@pytest.mark.parametrize(
    "name", ["transformer/istree", "hybrid/istree", "retrieval/istree", "rnn/turing", "transformer/counting"]
)
def test_nothing_is_wider_than_the_screen(opened: Open, name: str, width: int) -> None:
    page = opened(live(name), width=width)
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width <= 400:  # input, question and ledger share the first screen, and the buttons stay on it
        for seen in ("#input", "#say", ".tok.now", "#next"):
            box = page.locator(seen).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 844, seen


def test_dark_print_and_reduced_motion(opened: Open) -> None:
    def lightness(page: Page) -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    page = opened(live("transformer/istree"))
    assert lightness(page) > 700
    page.emulate_media(color_scheme="dark")
    assert lightness(page) < 150
    page.emulate_media(color_scheme="light", media="print")
    expect(page.locator(".bar")).to_be_hidden()
    page.emulate_media(media="screen", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.arc.pick')).animationName") == "none"


def test_text_of_the_user_stays_text(opened: Open) -> None:
    machine = Machine(
        f"m{HOSTILE}", ("<b>", "end"), ("_", "<"), 0, 0, frozenset({1}), {(0, 0): Transition(1, 1, 1)}, (1,)
    )
    for page in (
        opened(live_html([construction("transformer/istree")], f"x{HOSTILE.replace(' ', '')}-y")),
        opened(live_html([construction("hybrid/turing", machine=machine)], "<")),
        opened(live_html([construction("hybrid/turing", machine=machine)], HOSTILE)),
    ):
        expect(page.locator("script")).to_have_count(2)
        expect(page.locator("img")).to_have_count(0)
    assert "<script>" in page.get_by_role("alert").inner_text() or "'s'" in page.get_by_role("alert").inner_text()


WORK = """async () => {
    let passes = 0, drawn = 0;
    const count = changes => changes.forEach(change => change.addedNodes.forEach(node => {
        drawn += 1 + (node.querySelectorAll ? node.querySelectorAll("*").length : 0);
    }));
    const observer = new MutationObserver(count), most = [0, 0];
    observer.observe(document.body, { childList: true, subtree: true });
    layersAt = (pass => (...given) => { passes++; return pass(...given); })(layersAt);
    for (let column = Math.max(0, lastColumn() - 20); column <= lastColumn(); column++) {
        passes = drawn = 0;
        go(strip.positionAt(column));
        await new Promise(done => setTimeout(done, 20));
        count(observer.takeRecords());
        most[0] = Math.max(most[0], passes);
        most[1] = Math.max(most[1], drawn / document.querySelectorAll("*").length);
    }
    return [state.run.model.heads.length, ...most];
}"""
"""Of a step among the last ones: passes through the layers and what is drawn, as a share of the page's nodes."""


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_step_asks_each_head_once_and_draws_nothing_twice(opened: Open, name: str) -> None:
    page = opened(live(name, LONG_INPUTS[name.split("/")[1]]))
    if name.endswith("/turing"):
        page.locator("#steps").fill("500")
    expect(page.locator("#where")).to_have_text(re.compile("^position"), timeout=60_000)
    heads, passes, drawn = page.evaluate(WORK)
    assert passes <= heads + 1
    assert 0 < drawn < 1


@pytest.mark.parametrize("fault", ["draw()", "viewsAt(state.run, state.at).forEach(instead)"])
def test_a_step_that_does_too_much_is_found(opened: Open, fault: str) -> None:
    page = opened(live("transformer/index"))
    page.evaluate(f"show = (draw => () => {{ draw(); {fault}; }})(show)")
    heads, passes, drawn = page.evaluate(WORK)
    assert passes > heads + 1 or drawn > 1


UNNAMED = """() => {
    const used = "button, input, select, canvas, [role=img], [role=button], [role=group], nav";
    const named = node => node.getAttribute("aria-label") || (node.labels && node.labels.length)
        || (node.matches("button") && node.textContent.trim());
    const found = [...document.querySelectorAll(used)].filter(node => node.checkVisibility() && !named(node));
    return found.map(node => node.outerHTML);
}"""


@pytest.mark.parametrize("name", ["transformer/istree", "hybrid/turing", "retrieval/index"])
def test_everything_that_can_be_used_has_a_name(opened: Open, name: str) -> None:
    page = opened(live(name))
    assert page.evaluate(UNNAMED) == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
    assert len(set(ids)) == len(ids)
    page.evaluate("$('prev').removeAttribute('aria-label'), $('prev').replaceChildren()")
    assert len(page.evaluate(UNNAMED)) == 1


def test_the_gallery_links_to_pages_that_open(visited: Visit, tmp_path: Path) -> None:
    pages = gallery_pages()
    assert len(pages) == len(CONSTRUCTIONS) + 5 + 1
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    index = visited(tmp_path / "index.html", tmp_path)
    links = index.eval_on_selector_all("a", "all => all.map(a => a.getAttribute('href'))")
    assert sorted([*links, "index.html"]) == sorted(pages)
    for link in ("retrieval-istree.html", "families-istree.html", "rnn-turing.html"):
        page = visited(tmp_path / link, tmp_path)
        expect(page.locator("#say")).not_to_be_empty()
        expect(page.get_by_role("link", name="All models")).to_have_attribute("href", "index.html")


def test_the_page_loads_nothing_and_its_policy_says_so() -> None:
    text = live("hybrid/istree")
    assert len(text) < 300_000
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    digest = r"'sha256-[\w+/=]{44}'"
    shape = rf"default-src 'none'; style-src {digest}; script-src {digest}; base-uri 'none'; form-action 'none'"
    assert re.fullmatch(shape, policy[1].replace("&#39;", "'"))
    assert re.findall(r"""(?:src|href)=["'](?!index)""", text.partition("<script>")[0]) == []
    assert not re.search(r"\beval\(|new Function", text)
    assert "innerHTML" not in text
