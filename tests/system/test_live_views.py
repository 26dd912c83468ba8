"""What a live page says of a position against `explain`: picks, scores, what was looked for, sentences, reasons."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from constructions import construction
from constructions.worked_examples import Trace, _live, explain, live_html, live_script
from tests.worked_example_runs import RUNS

pytestmark = pytest.mark.system

Open = Callable[..., Page]

VIEWS = """upto => [...state.run.at.keys()].filter(i => i < upto).map(i => ({
    next: labelOf(state.run, state.run.at[i].out.token),
    reason: fateOf(state.run, i) === 'written' ? reasonOf(state.run, i).text : null,
    heads: state.run.model.heads.map(head => {
        const view = viewOf(state.run, i, head), said = spokenOf(view), second = runnerUp(view);
        return {
            name: head.name, picks: view.picks, score: plain(view.score(view.at)), second: second < 0 ? null : second,
            wanted: view.labels.map((label, f) => plain(view.want[f])), matches: view.matches,
            asks: said.asked ? said.asks : '', answer: said.answer,
        };
    }),
}))"""


def told(trace: Trace) -> list[dict[str, Any]]:
    """What the heads pick and why each token is written, from a trace of all positions."""
    return [
        {
            "next": moment.decision.token.label,
            "reason": moment.reason if moment.writes or moment.position == trace.prompt - 1 else None,
            "heads": [
                {
                    "name": head.name,
                    "picks": [pick.position for pick in head.picks],
                    "score": str(head.score),
                    "second": head.second,
                    "wanted": [str(amount.value) for amount in head.wanted],
                    "matches": [pick.position for pick in head.matches],
                    "asks": head.asks,
                    "answer": head.answer,
                }
                for block in moment.blocks
                for head in block.heads
            ],
        }
        for moment in trace.moments
    ]


def differing(opened: Open, name: str, text: str) -> list[tuple[Any, Any]]:
    """Pairs of what the page says at a position, and what the trace does."""
    subject, machine = construction(name), name.endswith("/turing")
    limit = {"max_tokens": 60 if name in ("rnn/turing", "retrieval/turing") else 25, "n": 30} if machine else {}
    trace = explain(subject, text, positions="all", **limit)
    page = opened(live_html([subject], text))
    if machine:
        page.locator("#steps").fill("30")
    expect(page.locator("#where")).to_have_text(re.compile("^position"), timeout=20_000)
    seen = json.loads(json.dumps(page.evaluate(VIEWS, len(trace.moments))).replace("\\u2212", "-"))
    return [(a, b) for a, b in zip(seen, told(trace), strict=True) if a != b]


@pytest.mark.parametrize(("name", "text"), RUNS)
def test_the_page_says_what_explain_says(opened: Open, name: str, text: str) -> None:
    assert differing(opened, name, text) == []


FAULTS = {
    "every position matches": ("&& isZero(off(j));", ";"),
    "the first token matches": ("const matched = j => !isDefault(j) &&", "const matched = j =>"),
    "the query is not halved": (
        "f => divide(seen.query[f], twice)",
        "f => seen.query[f]",
    ),
    "the earliest runner-up is shown": (
        "compare(score, best) >= 0) { best = score; second",
        "compare(score, best) > 0) { best = score; second",
    ),
    "a question is asked where it makes no sense": ("return isNumber(run.tokens[i]);", "return true;"),
    "a question that needs a 0 is always asked": ("isZero(heldAt(run, i, term.slice(4)))", "true"),
    "another rule fired": ("fired.has(`${name}.${k + 1}`)", "fired.has(`${name}.${own.length - k}`)"),
    "a rule's sentence is not said": ("(rule && sentences[`rule ${rule.rule + 1}`]) ||", ""),
    "nodes have the label of the next": (
        "labels[token - 1] !== undefined ? labels[token - 1]",
        "labels[token] !== undefined ? labels[token]",
    ),
    "a miss is told as a find": ("fill(run, i, view.hit ? found : missed, view.at)", "fill(run, i, found, view.at)"),
    "the place is not told": ("answer.replace(/\\.$/, '') + `, at position ${view.at}.`", "answer"),
}
"""What may go wrong in the parts of the script that tell what a head did."""

FEW = [
    *(("transformer/associative-recall", text) for text in ("3 1 4 1 5 ? 4", "3 1 4 1 5 ? 5")),
    *(("transformer/istree", "a-b b-c b-d"), ("hybrid/istree", "x-y z-w"), ("retrieval/istree", "a-b b-c")),
    *(("transformer/counting", "1 2 1 1 ? 1 2"), ("transformer/turing", "")),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(opened: Open, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    (right, wrong), whole = FAULTS[fault], live_script()
    assert whole.count(right) == 1
    monkeypatch.setattr(_live, "live_script", lambda: whole.replace(right, wrong))
    assert any(differing(opened, name, text) for name, text in FEW)
