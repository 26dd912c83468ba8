"""Theorem 5.3: a linear RNN that searches decides IsTree; every token is that of the reference tour.

At the end faults are planted in the rules, the search language, the counters and the window.
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings

from constructions.architectures import family
from constructions.engine import decode
from constructions.tasks import Graph
from constructions.tasks.strategies import instances
from constructions.theorems import _theorem_5_3 as module
from constructions.theorems import construction
from proofs_check.evidence import Subject, shape
from tests.istree_evidence import TASK, atlas, boundary, dense, is_tree, near_trees, shuffled
from tests.planted_faults import Models, cell_keeps, cell_reads, rewired, searches_for

SUBJECT = construction("retrieval/istree")


def check(graph: Graph, written: Sequence[str]) -> None:
    """The tokens are those of the reference, the answer that of networkx; 74n - 36 tokens on trees, else fewer."""
    assert tuple(written) == SUBJECT.expected(graph), TASK.text(graph)
    assert written[-1] == is_tree(graph), TASK.text(graph)
    most = 74 * graph.number_of_nodes - 36
    assert len(written) == most if written[-1] == "YES" else len(written) <= most
    assert written.count("</search>") == (len(written) - 1) // 37 * 2


def check_all(graphs: Sequence[Graph], n: int) -> None:
    for graph, written in zip(graphs, Subject(SUBJECT).transcripts(n, graphs), strict=True):
        check(graph, written)


def test_a_recurrence_gates_and_a_search_of_one_shape() -> None:
    first = shape(SUBJECT.at(2))
    for n in range(2, 41):
        model = SUBJECT.at(n)
        assert family(model) == "retrieval"
        assert model.heads == ()
        assert model.embedding.position.largest == 0
        assert shape(model) == first


def test_a_subset_of_the_atlas() -> None:
    rng = np.random.default_rng(0)
    graphs = [shuffled(rng, edges) for edges in atlas()[::4]]
    check_all(graphs, 7)
    assert {is_tree(graph) for graph in graphs} == {"YES", "NO"}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_the_atlas_in_twenty_orders(part: int) -> None:
    assert len(atlas()) == 1043
    rng = np.random.default_rng([1, part])
    for _ in range(4):
        check_all([shuffled(rng, edges) for edges in atlas()], 7)


def test_small_graphs_in_all_orders_and_orientations() -> None:
    check_all([*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::20]], 4)


@pytest.mark.slow
def test_every_small_graph() -> None:
    check_all(list(TASK.enumerate(4)), 4)


@given(instances(TASK, 8))
@settings(max_examples=25, deadline=None)
def test_any_graph_on_both_engines(graph: Graph) -> None:
    model = SUBJECT.at(SUBJECT.size_for(graph))
    for engine in ("plain", "fast"):
        check(graph, decode(model, SUBJECT.reads(graph), engine=engine).tokens)


def fast(graph: Graph, n: int) -> tuple[str, ...]:
    return decode(SUBJECT.at(n), SUBJECT.reads(graph), engine="fast", max_tokens=SUBJECT.longest(n=n) + 1).tokens


@pytest.mark.parametrize("n", [6, 24, 77])
def test_near_trees(n: int) -> None:
    for graph in near_trees(np.random.default_rng(n), n):
        check(graph, fast(graph, n))


def test_extreme_and_dense_graphs() -> None:
    for graph in boundary(12):
        check(graph, fast(graph, 12))
    rng = np.random.default_rng(2)
    for edges in (40, 150, 400):
        check(graph := dense(rng, 30, edges), fast(graph, 30))


def test_all_signs_of_the_search_language_are_tokens_of_their_own() -> None:
    """No text of a search holds a token of a record or an edge, nor the separator."""
    assert SUBJECT.blueprint.search is not None
    own = {token for token, _ in SUBJECT.blueprint.search.fragments}
    assert not own & {"<s>", "~", "?", ">", "YES", "NO"}
    assert "\\~" in own


# Faults.


def istree(*changes: tuple[str, str]) -> Models:
    return rewired(module, "istree", *changes)


NEAREST, ALL_BEFORE = r"\A(?:[^?]*?(?:", ")|[^?]*(?:"

FAULTS: dict[str, Callable[[], Models]] = {
    "the wrap takes the first edge": lambda: searches_for(SUBJECT, {ALL_BEFORE: ")|[^`?`]*?(?:"}),
    "no group on one side": lambda: searches_for(SUBJECT, {"~(.)|(.)~": "`~`(.)|.`~`"}),
    "the edge is not captured": lambda: searches_for(SUBJECT, {r"\A(?:.*(>)": "\\A(?:.*(?:`>`)"}),
    "the way back is not looked for": lambda: searches_for(SUBJECT, {"|.*>": "|`<s>``<s>`"}),
    "a node is not looked for": lambda: searches_for(SUBJECT, {"|.*>.(": "|`<s>``<s>`.("}),
    "the edge of the walk turned round": lambda: istree(("(>) c y |.*> y c |", "(>) y c |.*> c y |")),
    "c and u swapped": lambda: istree((r"(?: c \~ u | u \~ c )", r"(?: u \~ u | u \~ c )")),
    "the walk begins elsewhere": lambda: istree(('"v ?", "> v v"', '"u _ v ?", "> u u"')),
    "no test of completeness": lambda: istree(
        ('program.rule("</search> >", "YES", when=complete, ', 'program.rule("</search> >", "YES", '),
        (
            '    program.rule("</search> >", "NO", when=~complete, says=full + "some edge was not walked. No tree.")\n',
            "",
        ),
    ),
    "complete one record late": lambda: istree(("2 * edges + 2", "2 * edges + 3")),
    "complete one record early": lambda: istree(("2 * edges + 2", "2 * edges + 1")),
    "the counter counts separators": lambda: istree(("w.count(w.is_token(JOIN))", "w.count(w.is_token(SEPARATOR))")),
    "a node seen before is no cycle": lambda: istree(
        ('"|.*>.( y )) </search> y", "NO"', '"|.*>.( y )) </search> y", "YES"')
    ),
    "a rule dropped": lambda: istree(('    program.rule("c |.*>.( y )) </search> FAILED", "> c y", says=new)\n', "")),
    "a window position shifted": lambda: cell_keeps(SUBJECT, "2 back.code", {"2 back.code": 0, "now.code": 1}),
    "a window cut short": lambda: cell_keeps(SUBJECT, "11 back.code", {}),
    "records are counted twice": lambda: cell_reads(SUBJECT, "#is >", {"is >": 2}),
}

ANSWERS_SEE_NOTHING = {"the walk begins elsewhere", "a node is not looked for"}
"""Right answers on these graphs, wrong tokens."""

HARMLESS = {
    "the first search skips greedily": {NEAREST: "\\A(?:[^`?`]*(?:"},
    "the first search is not anchored": {NEAREST: "(?:[^`?`]*?(?:"},
}
"""As an edge is named once, there is one match; and it begins at the start, or not at all. Only time changes."""


@functools.cache
def evidence() -> tuple[Graph, ...]:
    rng = np.random.default_rng(9)
    few = [*TASK.enumerate(2), *TASK.enumerate(3), *list(TASK.enumerate(4))[::200]]
    return (*few, *boundary(5)[::8], *near_trees(rng, 6)[::2])


def found(models: Models, graphs: Sequence[Graph]) -> tuple[int, int]:
    """On how many graphs the tokens are wrong, and on how many the answer is."""
    written = Subject(SUBJECT, model_at=models).transcripts(6, graphs)
    tokens = sum(w != SUBJECT.expected(graph, 6) for w, graph in zip(written, graphs, strict=True))
    answers = sum(w[-1] != is_tree(graph) for w, graph in zip(written, graphs, strict=True))
    return tokens, answers


def test_without_a_fault_nothing_is_found() -> None:
    assert found(istree(), evidence()) == (0, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    tokens, answers = found(FAULTS[fault](), evidence())
    assert tokens >= answers
    assert tokens > 0
    assert (answers == 0) == (fault in ANSWERS_SEE_NOTHING), (tokens, answers)


@pytest.mark.parametrize("change", HARMLESS)
def test_a_harmless_change_is_not_refuted(change: str) -> None:
    assert found(searches_for(SUBJECT, HARMLESS[change]), evidence()) == (0, 0)
