"""Processor time of a step on a live page, all that is drawn included: ``python -m tests.benchmarks.bench_live``.

Needs Chromium. A step on the longest inputs against one that only changes the text that says where the page is, in turn
on the same page; medians and their ratio. A frame of an animation that looks smooth takes 50 ms at most.
"""

import functools
import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from constructions import CONSTRUCTIONS, construction
from constructions.worked_examples import live_html
from tests.benchmarks.bench_istree import alternating
from tests.system.conftest import QUIET, program
from tests.worked_example_runs import LONG_INPUTS

ROUNDS = 5
STEPS = """async only => {
    const last = lastColumn(), first = Math.max(0, last - 20);
    for (let column = first; column <= last; column++) {
        if (only) $("where").textContent = `position ${strip.positionAt(column)}`;
        else go(strip.positionAt(column));
        await new Promise(done => setTimeout(done, 20));
    }
    return last - first + 1;
}"""


def milliseconds_a_step(page: Page, *, only_a_text: bool) -> float:
    """Processor time of the page's process for a step."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    before, count = spent(), page.evaluate(STEPS, only_a_text)
    return 1000 * (spent() - before) / int(count)


def measure(page: Page, name: str, folder: Path) -> None:
    """A line for one construction."""
    task = name.partition("/")[2]
    file = folder / "page.html"
    file.write_text(live_html([construction(name)], LONG_INPUTS[task]), encoding="utf-8")
    page.goto(file.as_uri())
    if task == "turing":
        page.locator("#steps").fill("500")
    expect(page.locator("#where")).to_have_text(re.compile("^position"), timeout=60_000)
    ways = [functools.partial(milliseconds_a_step, page, only_a_text=only) for only in (False, True)]
    ours, text = alternating(ways, ROUNDS)
    print(f"{name:<32} {ours:5.1f} ms, a text {text:5.1f} ms: {ours / text:4.1f} times", flush=True)


def main() -> None:
    """A line for each construction."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium-browser"), args=QUIET)
        page = browser.new_page()
        for name in CONSTRUCTIONS:
            measure(page, name, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
