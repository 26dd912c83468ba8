"""Faults in the reference answers: the kernel's find those of the tasks, and the tasks' those of the kernel.

The two were written apart. A fault is one small change of the syntax tree of a function that gives answers: a
comparison, a constant, an operator, a condition or a statement. A mutant that both sides agree on, on all
small inputs, must be listed with the reason why it is no fault.
"""

import ast
import itertools
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import constructions.tasks._completion as completion
import constructions.tasks._counting as counting
import constructions.tasks._euler_tour as tours
import constructions.tasks._index as index
import proofs_check.kernel._reference as reference
import proofs_check.kernel._rows as kernel_rows
from constructions.tasks import graph_of, task
from tests.fuzz.limits import TooSlow, limited

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}


def changes_of(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """What can be changed at one node, in words and as something done to a copy of it."""
    if isinstance(node, ast.Compare):
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield f"{type(node.ops[0]).__name__} is {other.__name__}", lambda n, o=other: n.ops.__setitem__(0, o())
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for step in (1, -1):
            yield f"{node.value} is {node.value + step}", lambda n, s=step: setattr(n, "value", n.value + s)
    elif isinstance(node, ast.Constant) and node.value in ("YES", "NO", "NONE"):
        yield f"{node.value} is another", lambda n: setattr(n, "value", "NO" if n.value == "YES" else "YES")
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        other_operator = OPERATORS[type(node.op)]
        yield f"{type(node.op).__name__} is {other_operator.__name__}", lambda n: setattr(n, "op", other_operator())
    elif isinstance(node, ast.BoolOp):
        flipped = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"it is {flipped.__name__}", lambda n: setattr(n, "op", flipped())
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield "its condition is negated", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))


def mutants(module: ModuleType, functions: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every change of these functions, and the names of the module that has it."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    tree = ast.parse(source)
    chosen = {id(node) for f in ast.walk(tree) if _is_function(f, functions) for node in ast.walk(f)}
    for place, node in enumerate(ast.walk(tree)):
        for number, (words, _) in enumerate(changes_of(node) if id(node) in chosen else ()):
            changed = ast.parse(source)
            its = next(itertools.islice(ast.walk(changed), place, None))
            list(changes_of(its))[number][1](its)
            name = f"{module.__name__}_{place}_{number}"
            made = ModuleType(name)
            made.__dict__["__package__"] = module.__package__
            sys.modules[name] = made  # classes look their module up
            try:
                exec(compile(ast.fix_missing_locations(changed), name, "exec"), made.__dict__)  # noqa: S102
                line = source.splitlines()[getattr(node, "lineno", 1) - 1]
                column = getattr(node, "col_offset", 0) - (len(line) - len(line.lstrip()))
                yield f"{line.strip()}  # column {column}: {words}", made.__dict__
            finally:
                del sys.modules[name]


def _is_function(node: ast.AST, functions: tuple[str, ...]) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name in functions


KERNEL = vars(reference) | vars(kernel_rows)

SIZES = {"index": (3, 2), "associative-recall": (4, 2), "counting": (3, 2), "c-gram": (4, 2)}


def inputs_of(name: str) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    n, k = SIZES[name]
    question = reference.Question(name, n, k, 3)
    return list(itertools.product(itertools.product(range(1, k + 1), repeat=n), reference.queries(question)))


TREES = [
    tuple(node for edge in edges for node in edge)
    for size in range(1, 5)
    for edges in itertools.permutations([(1, 2), (3, 2), (1, 3), (3, 4), (5, 4), (1, 4)], size)
    if len({node for edge in edges for node in edge}) == max(node for edge in edges for node in edge)
]
"""Edges of graphs whose nodes are 1 .. n."""


def kernel_answers(names: dict[str, Any], name: str) -> list[object]:
    """What the kernel's reference says on all small inputs, one query at a time and by whole rows.

    Of each input the answer, and whether the convention *promise* lets it occur.
    """
    n, k = SIZES[name]
    question = reference.Question(name, n, k, 3)
    single = [names["answer"](question, sequence, query) for sequence, query in inputs_of(name)]
    legal = [names["is_legal"](question, sequence, query) for sequence, query in inputs_of(name)]
    rows, answers, masks = names["Rows"](question), list[str](), list[bool]()
    full = (1 << rows.digit_bits) - 1
    for sequence in itertools.product(range(1, k + 1), repeat=n):
        row = rows.row(sequence)
        mask = rows.legal(sequence, row)
        for _ in reference.queries(question):
            answers.append(str(row & full) if row & full or name == "counting" else "NONE")
            assert mask & full in (0, full), "a digit is cut in two"
            masks.append(mask & full == full)
            row, mask = row >> rows.digit_bits, mask >> rows.digit_bits
        assert row == mask == 0, "a row has more digits than there are queries"
    return [single, legal, answers, masks]


def task_answers(subject: Any, name: str) -> list[object]:
    """What a task says on all small inputs: sequence by sequence, and all of them at once."""
    grouped = itertools.groupby(inputs_of(name), key=lambda pair: pair[0])
    rows = [answer for sequence, pairs in grouped for answer in subject.answers(sequence, [q for _, q in pairs])]
    n, k = SIZES[name]
    sequences = np.array(list(itertools.product(range(1, k + 1), repeat=n)), dtype=np.int64)
    numbers = subject.answer_numbers(sequences, np.array(reference.queries(reference.Question(name, n, k, 3))))
    none = "0" if name == "counting" else "NONE"
    together = [str(number) if number else none for number in numbers.ravel().tolist()]
    return [rows, [answer != "NONE" for answer in rows], together, [answer != "NONE" for answer in together]]


def tours_by(names: dict[str, Any], kernel: bool) -> list[object]:
    if kernel:
        return [names["euler_tour"](reference.edges_of(word)) for word in TREES]
    graphs = [graph_of(reference.edges_of(word)) for word in TREES]
    return [graph.labelled(names["euler_tour"](graph)) for graph in graphs]


FORESTS = [word for word in TREES if max(word) <= 4] + [(1, 2, 1, 2), (2, 1), (3, 4), (4, 2, 2, 3, 2, 4)]
"""Edges on four nodes, of which some are listed twice or leave nodes out."""


def completions(names: dict[str, Any]) -> list[object]:
    """For each of the words, to which queries the kernel's two references say YES, and which it takes for legal."""
    question = reference.Question("istree", 4, 4)
    asked, rows = reference.queries(question), names["Rows"](question)
    single = [[names["answer"](question, word, query) == "YES" for query in asked] for word in FORESTS]
    legal = [[names["is_legal"](question, word, query) for query in asked] for word in FORESTS]
    return [single, legal, [rows.row(word) for word in FORESTS], [rows.legal(word, 0) for word in FORESTS]]


def trees_by_task() -> list[object]:
    """For each of the words, to which queries the tasks say YES, which are legal, and the rows of both.

    Whether edges and query together are a tree is decided by the tour, on simple graphs.
    """
    question, istree = reference.Question("istree", 4, 4), task("istree")
    asked = reference.queries(question)

    def legal(word: tuple[int, ...]) -> bool:
        edges = reference.edges_of(word)
        return len({frozenset(edge) for edge in edges}) == len(edges) and len({*word}) == 4

    def is_tree(word: tuple[int, ...]) -> bool:
        return legal(word) and istree.answer(graph_of(reference.edges_of(word))) == "YES"

    tables = [[[holds(word + query) for query in asked] for word in FORESTS] for holds in (is_tree, legal)]
    return [*tables, *([sum(yes << bit for bit, yes in enumerate(row)) for row in table] for table in tables)]


Case = tuple[ModuleType, tuple[str, ...], Callable[[dict[str, Any]], object], Callable[[], object]]


def _task_case(module: ModuleType, class_name: str, functions: tuple[str, ...], name: str, *given: int) -> Case:
    def says(names: dict[str, Any]) -> object:
        return task_answers(names[class_name](*given), name)

    return module, functions, says, lambda: kernel_answers(KERNEL, name)


def _kernel_case(module: ModuleType, functions: tuple[str, ...]) -> Case:
    def says(names: dict[str, Any]) -> object:
        both = KERNEL | names
        return [kernel_answers(both, name) for name in SIZES] + [completions(both)]

    return module, functions, says, lambda: [task_answers(task(name, 3), name) for name in SIZES] + [trees_by_task()]


ROWS = ("__init__", "row", "legal", "__missing__", "_legal_completions", "_completions", "_by_edge")

CASES: dict[str, Case] = {
    "index": _task_case(index, "Index", ("answers", "answer_numbers"), "index"),
    "associative-recall": _task_case(
        completion, "AssociativeRecall", ("answers", "answer_numbers"), "associative-recall"
    ),
    "c-gram": _task_case(completion, "CGram", ("answers", "answer_numbers"), "c-gram", 3),
    "counting": _task_case(counting, "Counting", ("answers", "answer_numbers"), "counting"),
    "the tour": (
        tours,
        ("euler_tour", "tour_of", "cyclic_orders"),
        partial(tours_by, kernel=False),
        lambda: tours_by(vars(reference), True),
    ),
    "the kernel's answers": _kernel_case(reference, ("answer", "is_legal", "_is_tree")),
    "the kernel's rows": _kernel_case(kernel_rows, ROWS),
    "the kernel's tour": (
        reference,
        ("euler_tour",),
        partial(tours_by, kernel=True),
        lambda: tours_by(vars(tours), False),
    ),
}


def survivors(case: Case) -> tuple[int, list[str]]:
    """How many mutants there are, and those that agree with the other side."""
    module, functions, says, other = case
    right = other()
    assert says(vars(module)) == right, "the two references differ without a fault"
    count, alive = 0, list[str]()
    for words, names in mutants(module, functions):
        count += 1
        try:
            with limited(2.0):
                agrees = says(names) == right
        except (Exception, TooSlow):
            agrees = False  # it says something else: nothing
        if agrees:
            alive.append(words)
    return count, alive


EQUIVALENT = {
    "index": {
        "return sequences[:, queries[:, 0] - 1]  # column 31: 0 is -1": "a query has one column: it is first and last",
    },
    "counting": {
        'return ["1" if occurrences.get(token, 0) > threshold else "0" for token, threshold in asked]'
        "  # column 38: 0 is -1": "thresholds are not negative: neither 0 nor -1 is above one",
    },
    "the kernel's answers": {
        "return str(sequence[query[0] - 1])  # column 26: 0 is -1": "a query has one letter, the first and the last",
        "for place in range(len(sequence) - length - 1, -1, -1):  # column 48: 1 is 2": (
            "at -1 the slice is empty, or too short"
        ),
        "parent = list(range(nodes + 1))  # column 28: 1 is 2": "one node more that no edge has",
    },
    "the kernel's rows": {
        "everything = (1 << len(asked)) - 1  # column 14: 1 is 2": "bits above the last query, which are dropped",
        "everything = (1 << len(asked)) - 1  # column 14: 1 is 0": "all bits; those of no query are dropped",
        "reached = {node: everything if node == 1 else 0 for node in range(1, nodes + 1)}  # column 39: 1 is 2": (
            "what is connected is reached from node 2 as from node 1"
        ),
        "self._place[query[0] if len(query) == 1 else query] = place  # column 18: 0 is -1": (
            "one letter, the first and the last"
        ),
        "for shift in range(1, self.digit_bits):  # column 19: 1 is 0": "the row joined with itself",
        "@functools.lru_cache(maxsize=1)  # column 29: 1 is 2": "how much is remembered, not what",
        "@functools.lru_cache(maxsize=1)  # column 29: 1 is 0": "how much is remembered, not what",
    },
}
"""Mutants that are no faults, with the reason: all of them, and no others, may survive."""


@pytest.mark.parametrize("name", [name for name in CASES if "kernel" not in name])
def test_a_fault_in_a_task_is_found_by_the_kernel(name: str) -> None:
    count, alive = survivors(CASES[name])
    print(f"{name}: {count} faults, {count - len(alive)} found", *alive, sep="\n  ")
    assert count >= 8
    assert set(alive) == set(EQUIVALENT.get(name, {}))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if "kernel" in name])
def test_a_fault_in_the_kernel_is_found_by_the_tasks(name: str) -> None:
    count, alive = survivors(CASES[name])
    print(f"{name}: {count} faults, {count - len(alive)} found", *alive, sep="\n  ")
    assert count >= 30
    assert set(alive) == set(EQUIVALENT.get(name, {}))
