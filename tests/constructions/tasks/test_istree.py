"""IsTree: answers, enumeration, samples and shrinking."""

import itertools
import math
from collections import Counter

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructions.errors import InputError
from constructions.tasks import Graph, IsTree, euler_tour, graph_of
from constructions.tasks._graph_samples import random_tree
from constructions.tasks.strategies import instances

istree = IsTree()


def is_tree(graph: Graph) -> bool:
    return bool(networkx.is_tree(networkx.Graph(graph.edges)))


def spanned_by_search(graph: Graph) -> str:
    """A second decision: n - 1 edges, and a search from node 1 reaches all nodes."""
    reached, frontier = {1}, [1]
    while frontier:
        node = frontier.pop()
        for edge in graph.edges:
            if node in edge:
                other = sum(edge) - node
                if other not in reached:
                    reached.add(other)
                    frontier.append(other)
    connected = len(reached) == graph.number_of_nodes
    return "YES" if connected and len(graph.edges) == graph.number_of_nodes - 1 else "NO"


def kind(graph: Graph) -> str:
    g = networkx.Graph(graph.edges)
    n, m, parts = g.number_of_nodes(), g.number_of_edges(), networkx.number_connected_components(g)
    if parts == 1:
        return "tree" if m == n - 1 else "one cycle" if m == n else "dense"
    if m == n - parts:
        return "forest"
    return "n - 1 edges, no tree" if m == n - 1 else "other"


def test_all_small_graphs_and_the_atlas_have_the_answer_of_networkx() -> None:
    small = [graph for n in (2, 3, 4) for graph in istree.enumerate(n)]
    atlas = [
        graph_of(g.edges, labelled=False)
        for g in networkx.graph_atlas_g()
        if g.number_of_edges() and not list(networkx.isolates(g))
    ]
    for graph in small + atlas:
        assert istree.answer(graph) == ("YES" if is_tree(graph) else "NO") == spanned_by_search(graph)


def test_counting_edges_alone_would_be_found_wrong() -> None:
    def by_edges(graph: Graph) -> str:
        return "YES" if len(graph.edges) == graph.number_of_nodes - 1 else "NO"

    rng = np.random.default_rng(0)
    fails = [graph for graph in (istree.sample(rng, 9) for _ in range(400)) if by_edges(graph) != istree.answer(graph)]
    assert len(fails) > 20
    assert any(by_edges(graph) != istree.answer(graph) for graph in istree.boundary(7))
    shrunk = {istree.shrink(graph, lambda g: by_edges(g) != istree.answer(g)) for graph in fails}
    # A triangle and an edge apart from it, 5 nodes, is the least graph with n - 1 edges that is no tree.
    assert {(graph.number_of_nodes, len(graph.edges)) for graph in shrunk} == {(5, 4)}
    assert len(shrunk) <= 2


@given(instances(istree, 10))
def test_random_graphs_have_the_answer_of_networkx(graph: Graph) -> None:
    assert istree.answer(graph) == ("YES" if is_tree(graph) else "NO")


def all_by_renaming(n: int) -> set[tuple[tuple[int, int], ...]]:
    """All edge lists over n named nodes that use every node, numbered by first appearance."""
    found = set()
    pairs = list(itertools.combinations(range(n), 2))
    for m in range(1, len(pairs) + 1):
        for order in itertools.permutations(pairs, m):
            if len({node for pair in order for node in pair}) == n:
                for turns in itertools.product((1, -1), repeat=m):
                    numbers: dict[int, int] = {}
                    turned = [pair[::turn] for pair, turn in zip(order, turns, strict=True)]
                    found.add(
                        tuple(
                            (numbers.setdefault(u, len(numbers) + 1), numbers.setdefault(v, len(numbers) + 1))
                            for u, v in turned
                        )
                    )
    return found


@pytest.mark.parametrize("n", [2, 3, 4])
def test_enumeration_is_complete_without_repeats_and_counted(n: int) -> None:
    graphs = list(istree.enumerate(n))
    assert len({graph.edges for graph in graphs}) == len(graphs) == istree.count(n)
    assert {graph.edges for graph in graphs} == all_by_renaming(n)
    assert all(graph.number_of_nodes == n for graph in graphs)
    assert istree.count(n, n) == istree.count(n)


@pytest.mark.parametrize(("n", "expected"), [(2, 1), (3, 12), (4, 3153), (5, 51_050_748)])
def test_the_count_is_that_of_all_named_graphs_divided_by_their_namings(n: int, expected: int) -> None:
    pairs = list(itertools.combinations(range(n), 2))
    named = 0
    for m in range(1, len(pairs) + 1):
        for chosen in itertools.combinations(pairs, m):
            if len({node for pair in chosen for node in pair}) == n:
                named += math.factorial(m) * 2**m
    assert istree.count(n) == named // math.factorial(n) == expected


@pytest.mark.parametrize(("n", "alphabet"), [(1, None), (0, None), (4, 3), (4, 5)])
def test_sizes_without_graphs_are_refused(n: int, alphabet: int | None) -> None:
    with pytest.raises(InputError, match=r"at least 2 nodes|letters of istree"):
        istree.count(n, alphabet)
    with pytest.raises(InputError):
        list(istree.enumerate(n, alphabet))
    if n < 2:
        with pytest.raises(InputError):
            istree.sample(np.random.default_rng(0), n)
        with pytest.raises(InputError):
            list(istree.boundary(n))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 25])
def test_samples_and_boundary_instances_have_the_size_asked_for(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(200):
        assert 2 <= istree.size(istree.sample(rng, n)) <= n
    found = list(istree.boundary(n))
    assert len(set(found)) == len(found) > 0
    assert {istree.size(graph) for graph in found} == {n}
    answers = {istree.answer(graph) for graph in found}
    assert answers == ({"YES"} if n == 2 else {"YES", "NO"})


def test_samples_cover_every_kind_of_graph() -> None:
    rng = np.random.default_rng(0)
    kinds = Counter(kind(istree.sample(rng, 12)) for _ in range(2000))
    assert set(kinds) >= {"tree", "one cycle", "dense", "forest", "n - 1 edges, no tree"}
    assert kinds["tree"] > 800
    assert min(kinds[name] for name in ("one cycle", "dense", "forest", "n - 1 edges, no tree")) >= 80, kinds


def test_boundary_instances_cover_every_kind_of_graph() -> None:
    kinds = {kind(graph) for graph in istree.boundary(8)}
    assert kinds >= {"tree", "one cycle", "dense", "forest", "n - 1 edges, no tree"}
    # The walk begins at the last edge: in some it goes around a tree and must notice the cycle elsewhere.
    unseen = [g for g in istree.boundary(8) if kind(g).startswith("n - 1") and euler_tour(g)[0] == euler_tour(g)[-2]]
    assert unseen


def test_random_trees_are_uniform() -> None:
    rng = np.random.default_rng(0)
    counts = Counter(frozenset(frozenset(edge) for edge in random_tree(rng, 4)) for _ in range(16 * 200))
    assert len(counts) == 16  # Cayley: 4^2 trees on 4 named nodes
    # Chi-squared with 15 degrees of freedom exceeds 37.7 with probability 0.001; the seed is fixed.
    assert sum((count - 200) ** 2 for count in counts.values()) / 200 < 37.7


@pytest.mark.parametrize("n", [2, 3, 5, 40])
def test_random_trees_are_trees_and_all_codes_give_different_ones(n: int) -> None:
    class Fixed:
        def __init__(self, code: tuple[int, ...]) -> None:
            self.code = code

        def integers(self, low: int, high: int, size: int) -> np.ndarray:  # type: ignore[type-arg]
            return np.array(self.code, dtype=np.int64)

    rng = np.random.default_rng(n)
    for _ in range(50):
        assert networkx.is_tree(networkx.Graph(random_tree(rng, n)))
    if n <= 5:
        trees = {
            frozenset(map(frozenset, random_tree(Fixed(code), n)))  # type: ignore[arg-type]
            for code in itertools.product(range(n), repeat=max(0, n - 2))
        }
        assert len(trees) == n ** (n - 2)


labels = st.text(
    st.characters(codec="utf-8", exclude_characters=",-~()[]{}<>", exclude_categories=["C", "Z"]), min_size=1
)


@st.composite
def labelled_graphs(draw: st.DrawFn) -> Graph:
    graph = draw(instances(istree, 6))
    n = graph.number_of_nodes
    return Graph(graph.edges, tuple(draw(st.lists(labels, min_size=n, max_size=n, unique=True))))


@given(st.one_of(instances(istree, 9), labelled_graphs()))
def test_text_is_read_back(graph: Graph) -> None:
    assert istree.parse(istree.text(graph)) == graph


@given(st.one_of(instances(istree, 7), labelled_graphs()))
def test_smaller_graphs_are_legal_and_strictly_smaller(graph: Graph) -> None:
    def measure(g: Graph) -> tuple[int, bool, tuple[tuple[int, int], ...]]:
        return len(g.edges), g.labels != tuple(str(i + 1) for i in range(g.number_of_nodes)), g.edges

    candidates = list(istree.smaller(graph))
    assert graph not in candidates
    assert len(set(candidates)) == len(candidates)
    for candidate in candidates:
        assert Graph(candidate.edges, candidate.labels) == candidate
        assert measure(candidate) < measure(graph)
        assert candidate.number_of_nodes <= graph.number_of_nodes


def test_only_the_single_edge_cannot_shrink() -> None:
    stuck = [g for n in (2, 3) for g in istree.enumerate(n) if next(istree.smaller(g), None) is None]
    assert stuck == [Graph(((1, 2),))]
    assert list(istree.smaller(Graph(((1, 2),), ("b", "a")))) == [Graph(((1, 2),))]


def test_cycles_shrink_to_triangles_by_contraction() -> None:
    cycle = graph_of([(node, (node + 1) % 12) for node in range(12)])
    shrunk = istree.shrink(cycle, lambda graph: not networkx.is_forest(networkx.Graph(graph.edges)))
    assert shrunk == Graph(((1, 2), (1, 3), (2, 3)))


def test_the_prompt_ends_with_the_token_asked_for() -> None:
    graph = istree.parse("b-a c-a")
    assert " ".join(istree.prompt(graph)) == "<s> 1 ~ 2 3 ~ 2 >"
    assert " ".join(istree.prompt(graph, closing="?")) == "<s> 1 ~ 2 3 ~ 2 ?"
    assert graph.labelled(istree.transcript(graph)) == ["a", "c", "a", "b", "a", "YES"]
    assert graph.labelled(["NONE", "4", "0", "-1", "1"]) == ["NONE", "4", "0", "-1", "b"]


@pytest.mark.parametrize(
    ("edges", "names", "message"),
    [
        ((), (), "a graph without edges"),
        (((1, 2), (3, 3)), (), "edge 2 joins node 3 to itself"),
        (((1, 2), (2, 1)), (), "edge 2 joins nodes 2 and 1 again"),
        (((2, 1),), (), "edge 1 names node 2, expected 1 to 1"),
        (((1, 2), (2, 4)), (), "edge 2 names node 4, expected 1 to 3"),
        (((0, 1),), (), "edge 1 names node 0"),
        (((1, 2),), ("a",), "1 labels for 2 nodes"),
        (((1, 2),), ("a", "a"), "all different"),
        (((1, 2),), ("a", "b-c"), "label 'b-c': expected"),
        (((1, 2),), ("a", ""), "a label is empty"),
        (((1, 2),), ("a", "\x1b"), "expected printable"),
    ],
)
def test_graphs_made_by_hand_are_checked(
    edges: tuple[tuple[int, int], ...], names: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Graph(edges, names)
