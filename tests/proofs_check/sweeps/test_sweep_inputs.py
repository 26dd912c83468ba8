"""Inputs by rank: the same inputs as the tasks and the kernel list, the same references, whatever the cut."""

import itertools
import random

import pytest

from constructions.errors import InputError
from constructions.tasks import Graph, IsTree, euler_tour
from proofs_check.kernel._inputs import Inputs
from proofs_check.kernel._reference import Question
from proofs_check.sweeps import Job, Reader, continuations, edge_lists, euler_tours


def edges_of(row: list[int], length: int) -> tuple[tuple[int, int], ...]:
    ends = row[: 2 * length]
    return tuple(zip(ends[::2], ends[1::2], strict=True))


@pytest.mark.parametrize("nodes", [2, 3, 4])
def test_all_edge_lists_are_those_of_the_task_in_its_order(nodes: int) -> None:
    lists, lengths = edge_lists(nodes, 0, continuations(nodes, 0, 0))
    found = [edges_of(row, length) for row, length in zip(lists.tolist(), lengths.tolist(), strict=True)]
    assert found == [graph.edges for graph in IsTree().enumerate(nodes)]


@pytest.mark.parametrize("nodes", range(2, 9))
def test_the_number_of_edge_lists_is_that_of_the_closed_form(nodes: int) -> None:
    assert (
        continuations(nodes, 0, 0)
        == IsTree().count(nodes)
        == Inputs(Question("istree", nodes, nodes, 2), "edge-lists").count
    )


@pytest.mark.parametrize("nodes", [4, 5])
def test_a_list_by_its_rank_follows_the_one_before(nodes: int) -> None:
    """Each start is found by its rank and again by going on from another rank."""
    total = continuations(nodes, 0, 0)
    for rank in [0, 1, total - 40, *random.Random(0).sample(range(total - 40), 40)]:  # noqa: S311
        lists, lengths = edge_lists(nodes, rank, 40)
        later, later_lengths = edge_lists(nodes, rank + 23, 17)
        assert lists[23:].tolist() == later.tolist()
        assert lengths[23:].tolist() == later_lengths.tolist()


def test_there_is_nothing_after_the_last_list() -> None:
    with pytest.raises(IndexError):
        edge_lists(3, 12, 1)


@pytest.mark.parametrize(("nodes", "start"), [(2, 0), (3, 0), (4, 0), (5, 1_000_000), (5, 31_000_000), (5, 51_047_000)])
def test_tours_are_those_of_the_task(nodes: int, start: int) -> None:
    lists, lengths = edge_lists(nodes, start, min(3000, continuations(nodes, 0, 0) - start))
    tours, counts, trees = euler_tours(lists, lengths)
    for row, length, tour, count, tree in zip(lists, lengths, tours, counts, trees, strict=True):
        graph = Graph(edges_of(row.tolist(), int(length)))
        assert [*map(str, tour[:count]), "YES" if tree else "NO"] == euler_tour(graph)


CASES = [
    ("transformer/index", 3, 4, None, None),
    ("transformer/associative-recall", 4, 3, None, None),
    ("transformer/associative-recall", 4, None, None, "permutations"),
    ("hybrid/counting", 3, 2, None, None),
    ("transformer/c-gram", 4, 2, 4, None),
    ("transformer/istree", 4, None, None, None),
    ("hybrid/istree", 3, None, None, None),
]


@pytest.mark.parametrize(("name", "n", "alphabet", "c", "family"), CASES)
def test_blocks_are_what_the_kernel_lists(
    name: str, n: int, alphabet: int | None, c: int | None, family: str | None
) -> None:
    job = Job.of(name, n, alphabet, c, family)
    reader, question = Reader(job), job.question
    inputs = Inputs(Question(question.task, question.n, question.alphabet, question.c or 2), job.family)
    assert job.inputs == inputs.count
    every = list(inputs.all())
    tokens = reader.model.vocabulary.token_of
    for first, count in ((0, 7), (5, 11), (job.inputs - 3, 3), (job.inputs // 2, 1)):
        if first < 0 or first + count > job.inputs:
            continue
        block = reader.block(first, count)
        for place, (sequence, query) in enumerate(every[first : first + count]):
            prompt = [tokens(i) for i in block.prompts[place, : block.lengths[place]].tolist()]
            if question.task == "istree":
                pairs = zip(sequence[::2], sequence[1::2], strict=True)
                middle = [token for u, v in pairs for token in (str(u), job.prompt.edge, str(v))]
                assert prompt == [job.prompt.start, *middle, job.prompt.separator]
            else:
                assert prompt == [job.prompt.start, *map(str, sequence), job.prompt.separator, *map(str, query)]
            reference = block.references[place, : block.reference_lengths[place]].tolist()
            instance = block.instance(place, job.asked)
            wanted = (
                euler_tour(instance)
                if job.transcript == "euler-tour" and isinstance(instance, Graph)
                else [job.asked.answer(instance)]
            )
            assert [tokens(i) for i in reference] == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("transformer/nothing", 3), "nothing"),
        (("transformer/turing", 3), "no inputs to list"),
        (("transformer/istree", 1), "2 to 8 nodes"),
        (("transformer/istree", 4, 5), "leave it out"),
        (("transformer/istree", 4, None, None, "words"), "edge-lists, not 'words'"),
        (("transformer/index", 0), "at least 1"),
        (("transformer/index", 3, 2, None, "permutations"), "n letters"),
    ],
)
def test_what_cannot_be_swept_is_refused(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Job.of(*arguments)  # type: ignore[arg-type]


def test_jobs_differ_by_what_they_run() -> None:
    jobs = [
        Job.of("transformer/index", 3),
        Job.of("transformer/index", 4),
        Job.of("transformer/index", 3, 4),
        Job.of("hybrid/index", 3),
        Job.of("transformer/index", 3, family="permutations"),
    ]
    assert all(one.digest != other.digest for one, other in itertools.combinations(jobs, 2))
    assert Job.of("transformer/index", 3).digest == jobs[0].digest
