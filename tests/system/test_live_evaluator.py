"""The evaluator of the live pages against ``decode`` and the readers of the command line, in a real browser."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from constructions import CONSTRUCTIONS, Construction, construction
from constructions.errors import InputError
from constructions.gallery import from_gallery
from constructions.tasks import IsTree, read_graphs
from constructions.tasks._graph_formats import guess_format
from constructions.worked_examples import live_document, live_script
from constructions.worked_examples._blueprint_document import blueprint_document
from constructions.worked_examples._reader_facts import reader_facts
from tests.live_runs import Case, cases, cases_of, made_up_searches, tied_document

pytestmark = pytest.mark.system

Open = Callable[..., Page]

EVALUATOR = ("numbers", "search", "engine", "readers")

RUN = """([documents, cases]) => cases.map(([which, c]) => {
    const run = decode(modelAt(documents[which].blueprint, c.sizes), c.prompt, c.limit);
    return [run.written, run.answer];
})"""

READ = """([facts, texts]) => texts.map(text => {
    try { return {prompt: read(facts, text).prompt}; } catch (error) { return {refused: error.message}; }
})"""

FAULTS = {
    "ties go to the latest position": ("else if (order === 0) picks.push(j);", "else if (order === 0) picks = [j];"),
    "the mean of ties is dropped": ("over(sum, picks.length) : sum", "sum : sum"),
    "ties of logits go to the higher id": (
        "if (compare(logits[t], logits[best]) > 0)",
        "if (compare(logits[t], logits[best]) >= 0)",
    ),
    "the slope is ignored": ("let score = multiply(head.slope, position);", "let score = 0;"),
    "a scale is off": ("while (power < least) power *= 2n;", "while (power * 8n < least) power *= 2n;"),
    "only the last token is compared with": (
        "for (let j = 0; j <= i; j++) {\n    const score",
        "for (let j = i; j <= i; j++) {\n    const score",
    ),
    "the first group is captured": (
        "for (let group = found.length - 1; group > 0; group--)",
        "for (let group = 1; group < found.length; group++)",
    ),
    "an empty capture counts": ("if (!found[group]) continue;", "if (found[group] === undefined) continue;"),
    "a search sees its own text": ("context.slice(0, opening)", "context.slice(0, closing)"),
    "the state is forgotten": ("const before = i ?", "const before = false ?"),
    "a gate is always open": ("isPositive(g) ? multiply(g, value[u]) : 0", "multiply(g, value[u])"),
    "no state is moved": ("if (layer.selector && i)", "if (layer.selector && false)"),
    "the units of a state are always open": ("isPositive(g) ? multiply(g, held[u]) : 0", "held[u]"),
    "no inner number is changed": ("layer.opens.by.forEach", "[].forEach"),
    "an inner unit is always open": ("isPositive(gate) ? multiply(gate,", "true ? multiply(gate,"),
    "the query's square is lost": ("k = [1, number, multiply(number, number)]", "k = [1, number, number]"),
    "the logit's square is lost": ("add(b, multiply(k, c))", "add(b, c)"),
    "a fraction loses its denominator": ("? small(n / g) : { n: n / g, d: d / g }", "? small(n / g) : small(n / g)"),
    "the context never ends": ("Math.max(0, model.context + 2 - prompt.length)", "1e9"),
}
"""What may go wrong in the script, as a text and what takes its place."""

SEARCH = """([language, vocabulary, contexts]) => {
    const search = searcherOf(language, vocabulary, vocabulary.length - 4);
    return contexts.map(context => searchIn(search, context).tokens);
}"""


def opened_with(opened: Open, script: str) -> Page:
    return opened(f"<!DOCTYPE html><meta charset=utf-8><title>evaluator</title><script>{script}</script>")


def differing(page: Page, runs: list[tuple[dict[str, Any], list[Case]]]) -> list[Case]:
    """The inputs on which the page writes other tokens than ``decode``, or breaks off."""
    documents = [document for document, _ in runs]
    listed = [(which, case) for which, (_, some) in enumerate(runs) for case in some]
    written = page.evaluate(RUN, [documents, listed])
    return [
        case
        for (_, case), (tokens, answer) in zip(listed, written, strict=True)
        if (tokens, answer) != (case["tokens"], case["answer"])
    ]


def runs_of(name: str, count: int) -> list[tuple[dict[str, Any], list[Case]]]:
    return [(live_document(subject), some) for subject, some in cases(name, count)]


SELECTIVE = (
    *("gallery/linear-parity", "gallery/linear-a5", "gallery/linear-automaton", "gallery/linear-dyck-1"),
    *("gallery/gru-flip-flop", "gallery/lstm-counter"),
)
"""RNNs whose transition the token selects, or what was computed, and those of gated units."""


def selective_runs(count: int) -> list[tuple[dict[str, Any], list[Case]]]:
    subjects = [from_gallery(name) for name in SELECTIVE]
    return [({"blueprint": blueprint_document(s.blueprint)}, list(cases_of(s, count))) for s in subjects]


def test_states_move_as_they_do_in_decode(opened: Open) -> None:
    assert differing(opened_with(opened, live_script(*EVALUATOR)), selective_runs(200)) == []


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_transcript_is_that_of_decode(opened: Open, name: str) -> None:
    runs = runs_of(name, 500)
    assert sum(len(some) for _, some in runs) >= 500
    assert differing(opened_with(opened, live_script(*EVALUATOR)), runs) == []


def searches_that_differ(page: Page, count: int) -> list[tuple[list[str], list[str]]]:
    language, vocabulary, listed = made_up_searches(count)
    appended = page.evaluate(SEARCH, [language, vocabulary, [context for context, _ in listed]])
    return [pair for pair, tokens in zip(listed, appended, strict=True) if tokens != pair[1]]


def test_every_search_appends_what_python_appends(opened: Open) -> None:
    page = opened_with(opened, live_script(*EVALUATOR))
    assert searches_that_differ(page, 3000) == []


def test_ties_of_logits_go_to_the_lowest_id(opened: Open) -> None:
    document, case = tied_document()
    assert differing(opened_with(opened, live_script(*EVALUATOR)), [(document, [case])]) == []


@pytest.fixture(scope="session")
def few_runs() -> list[tuple[dict[str, Any], list[Case]]]:
    """Some inputs of each kind of construction, and the blueprint whose logits tie."""
    names = ("transformer/c-gram", "transformer/counting", "transformer/istree", "retrieval/index", "hybrid/turing")
    document, case = tied_document()
    return [run for name in names for run in runs_of(name, 20)] + selective_runs(20) + [(document, [case])]


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(opened: Open, few_runs: list[tuple[dict[str, Any], list[Case]]], fault: str) -> None:
    script, (right, wrong) = live_script(*EVALUATOR), FAULTS[fault]
    assert script.count(right) == 1
    broken = opened_with(opened, script.replace(right, wrong))
    assert differing(broken, few_runs) or searches_that_differ(broken, 300), fault


READ_HERE = ("inline", "edges", "paper", "graph6")
OTHER_FORMAT = (
    "this page reads graphs such as `1-2 2-3`, `1 2`, `[BOS]1-2,2-3[EOS]` and graph6; the command line reads more "
    "formats"
)

PIECES = "? 1 2 0 -1 -0 007 x 12345678901234567890 a-b b-a a-a - a--b c-d ( é-ü 9 1~2 1\u20132 Bw a,b # {'w':1}"
TYPED = [
    *(
        "",
        " ",
        "0 1 ? 1",
        "1 2 ?",
        "? 1",
        "3 1 4 ? 9",
        "'\"\\",
        "\u200b-1",
        "x" * 50,
        "1 1",
        "1-2 1-1 x",
        "1 2 {}",
        "a b",
    ),
    *("1 2", "1, 2", "1,,2", "1 2 3", " Bw", "DQc", "D", "@", "?", "A?", "A_", "~", "~??~", "~~?????", "~@?@", "C~"),
    *(">>graph6<<", ">>graph6<<Bw", ">>graph6<<Bw x", "[BOS]1-2,3-2[EOS]", "[BOS]1-2, 2-3[EOS] 1", "[BOS]1-2", "B\xe9"),
    *(
        "# 1 2",
        "1 2 # 3",
        "1-2 # 3",
        "\ufeff1-2",
        "source target",
        "1 2 {'w': 1}",
        "1 2 {}",
        "a b",
        "1 2 ? 2",
        "1 2 ? 3",
    ),
]
"""What may be typed into every page; and pieces of it."""
TYPED += ["a b 0.5", "a b 3", "1 2 0.5", "1 2 {3", "% 1 2", "// 1 2", "a;b", "a,b,c", 'a "b"', ":Bw", "<graphml>"]
TYPED += ["{}", "p edge 3 2", "graph { a -- b }", "graph [ node [ id 1 ] ]", "B{", "A"]
TYPED += [
    "(1, 2)",
    "[(1, 2)]",
    "{1: [2]}",
    "{'a': ['b']}",
    '{"x": 1, "nodes": []}',
    '{ x "adjacency" }',
    "a\u2013b b\u2212c",
]


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_inputs_are_read_and_refused_in_the_words_of_the_command_line(opened: Open, name: str) -> None:
    texts = texts_for(construction(name))
    wrong, refused = misread(opened_with(opened, live_script(*EVALUATOR)), construction(name), texts)
    assert wrong == []
    assert 50 < refused < len(texts)


READER_FAULTS = {
    "the bits of graph6 are read from the other end": (">> (5 - k % 6) & 1", ">> (k % 6) & 1"),
    "an edge may join a node to itself": ("if (u === v) refuse", "if (false) refuse"),
    "an edge may come again the other way": ("|| seen.get(`${v} ${u}`)", ""),
    "a column behind two labels is a third": ("[labels.slice(0, 2)]", "[labels]"),
    "any third label is a weight": ("if (extra.length && !weights)", "if (false)"),
    "a comment is read": ("line.split('#')[0]", "line"),
    "every format is one of this page": ("OTHERS.test(line) || ", ""),
    "long dashes join as short ones": (" || wordsOf(line).every(token => LONG_DASH.test(token))", ""),
    "every other format is refused": ("OTHERS.test(line) ||", "true ||"),
    "the last position is out of range": ("position <= n", "position < n"),
}


@pytest.mark.parametrize("fault", READER_FAULTS)
def test_planted_faults_of_the_readers_are_found(opened: Open, fault: str) -> None:
    script, (right, wrong) = live_script(*EVALUATOR), READER_FAULTS[fault]
    assert script.count(right) == 1
    page = opened_with(opened, script.replace(right, wrong))
    subjects = [construction("transformer/index"), construction("transformer/istree")]
    assert any(misread(page, subject, texts_for(subject))[0] for subject in subjects), fault


def misread(page: Page, subject: Construction, texts: list[str]) -> tuple[list[str], int]:
    """The texts that the page reads or refuses in another way, and how many are to be refused."""
    seen = page.evaluate(READ, [reader_facts(subject), texts])
    wrong, refused = [], 0
    for text, said in zip(texts, seen, strict=True):
        try:
            instance = read_graphs(text)[0] if isinstance(subject.task, IsTree) else subject.task.parse(text)
            expected: dict[str, object] = {"prompt": list(subject.reads(instance))}
        except InputError as error:
            expected, refused = {"refused": str(error)}, refused + 1
        if said != expected and not (said == {"refused": OTHER_FORMAT} and guess_format(text) not in READ_HERE):
            wrong.append(text)
    return wrong, refused


def texts_for(subject: Construction) -> list[str]:
    """What may be typed, right and wrong."""
    rng, form = random.Random(5), subject.task.text_form  # noqa: S311
    texts = [*TYPED, form, f"{form} 1", form.replace("? ", "")]
    texts += [" ".join(rng.choices(PIECES.split(), k=rng.randint(1, 6))) for _ in range(400)]
    return texts + [edited(rng, form) for _ in range(200)]


def test_several_lines_are_refused(opened: Open) -> None:
    page = opened_with(opened, live_script(*EVALUATOR))
    (said,) = page.evaluate(READ, [reader_facts(construction("transformer/istree")), ["1 2\u20283 2"]])
    assert said == {"refused": "the input has several lines: this page reads one"}


def edited(rng: random.Random, text: str) -> str:
    """The text with one character gone, doubled, or another one."""
    place = rng.randrange(len(text))
    return text[:place] + rng.choice(["", text[place] * 2, "7", "-", "?", " ", "\u00a0", "~"]) + text[place + 1 :]


def test_sizes_that_the_page_does_not_run_are_refused(opened: Open) -> None:
    page = opened_with(opened, live_script(*EVALUATOR))
    (said,) = page.evaluate(READ, [reader_facts(construction("transformer/index")), ["1 5000 ? 1"]])
    assert said == {"refused": "n = 5000: this page runs sizes up to 1000; the command line has no such limit"}
