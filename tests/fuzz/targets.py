"""What is fuzzed: each reader, the good inputs that mutants are made of, and what must hold of what it accepts.

A target's ``read`` returns whether it accepted the input, and raises :class:`Fault` if what it accepted is wrong.
Any other exception than those that the reader is meant to raise is a fault too.
"""

import contextlib
import functools
import importlib.util
import io
import itertools
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import networkx

from constructions.architectures import Model
from constructions.errors import RetrievalGapError
from constructions.interchange import (
    averaging_heads,
    model_from_npz,
    model_from_onnx,
    model_from_safetensors,
    npz_bytes,
    onnx_bytes,
    safetensors_bytes,
    same_model,
)
from constructions.interchange._tables import matrices_of
from constructions.machines import (
    MACHINE_FORMATS,
    Machine,
    library,
    read_machine,
    shipped,
    simulate,
    write_bbchallenge,
    write_yaml,
)
from constructions.tasks import INPUT_FORMATS, TASKS, Graph, inline_text, paper_text, read_graphs, task
from constructions.theorems import construction
from proofs_check.certificates import canonical_text
from proofs_check.cli import main
from proofs_check.kernel import EXIT_CODES, check

_ROOT = Path(__file__).resolve().parents[1]


class Fault(AssertionError):  # noqa: N818
    """A reader accepted what it must not, or said something else than it must."""


@dataclass(frozen=True)
class Target:
    """A reader; ``share`` is its part of a run, relative to the others."""

    name: str
    read: Callable[[bytes], bool]
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[str, ...]
    share: int


def require(condition: bool, message: str) -> None:
    """Raise :class:`Fault` unless the condition holds."""
    if not condition:
        raise Fault(message)


# Instances of the tasks

_INSTANCES = {
    "index": ("3 1 4 1 5 ? 2", "1 ? 1", "2 2 2 ? 3"),
    "associative-recall": ("3 1 4 1 5 ? 4", "1 ? 1", "7 7 ? 7"),
    "c-gram": ("3 1 4 1 5 ? 1 4", "1 2 1 2 3 ? 1 2", "1 1 ? 1 1"),
    "counting": ("1 2 1 1 ? 1 2", "1 ? 1 0", "2 2 ? 2 2"),
}


def _read_instance(name: str, data: bytes) -> bool:
    text = data.decode("utf-8", "surrogateescape")
    asked = task(name)
    try:
        found = asked.parse(text)
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return False
    require(asked.parse(asked.text(found)) == found, "what is written is not what was read")
    # Read again by other means: numbers, one separator, numbers.
    tokens = text.split()
    place = tokens.index("?")
    numbers = [int(token) for token in tokens[:place] + tokens[place + 1 :]]
    require(numbers == [*found.sequence, *found.query], "other numbers were read than those that stand there")
    require(all(re.fullmatch("[0-9]+", token) for token in tokens if token != "?"), "what is no number was read")
    require(min(found.sequence) >= 1 and len(found.sequence) == place, "a token below 1")
    if len(found.sequence) < 2_000:
        answer = asked.answer(found)
        require(answer in ("NONE", "0", "1") or int(answer) in found.sequence, "an answer that is no token")
    return True


def _read_tree(data: bytes) -> bool:
    asked = task("istree")
    try:
        found = asked.parse(data.decode("utf-8", "surrogateescape"))
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return False
    _require_simple(found)
    require(asked.parse(asked.text(found)) == found, "what is written is not what was read")
    graph = networkx.Graph(found.edges)
    require(asked.answer(found) == ("YES" if networkx.is_tree(graph) else "NO"), "the answer is wrong")
    return True


# Graphs


def _read_graphs(form: str | None, data: bytes) -> bool:
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = read_graphs(text, form)
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return False
    require(len(found) > 0, "no graph was read")
    for graph in found:
        _require_simple(graph)
        require(read_graphs(inline_text(graph), "inline") == [graph], "the inline form is not what was read")
        require(read_graphs(paper_text(graph), "paper") == [graph], "the paper's form is not what was read")
    if form == "graph6":
        lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
        again = [_graph6_edges(line.removeprefix(">>graph6<<")) for line in lines]
        names = [{frozenset((graph.labels[u - 1], graph.labels[v - 1])) for u, v in graph.edges} for graph in found]
        require(names == again, "other edges than those of the graph6 text")
    return True


def _require_simple(graph: Graph) -> None:
    ends = [frozenset(edge) for edge in graph.edges]
    require(len(set(ends)) == len(ends) and all(len(edge) == 2 for edge in ends), "the graph is not simple")
    require(set(itertools.chain(*graph.edges)) == set(range(1, len(graph.labels) + 1)), "a node is isolated")
    require(len(set(graph.labels)) == len(graph.labels), "two nodes have one name")


def _graph6_edges(line: str) -> set[frozenset[str]]:
    """The edges of a graph6 line, bit by bit as its definition says."""
    marks = 2 if line.startswith("~~") else 1 if line.startswith("~") else 0
    length = (1, 3, 6)[marks]
    bits = "".join(f"{ord(sign) - 63:06b}" for sign in line[marks:])
    n, bits = int(bits[: 6 * length], 2), bits[6 * length :]
    pairs = ((u, v) for v in range(n) for u in range(v))
    return {frozenset((str(u), str(v))) for (u, v), bit in zip(pairs, bits, strict=False) if bit == "1"}


_GRAPHS = {
    "inline": ("1-2 2-3 3-4", "a-b b-c c-a", "b-a\nc-a"),
    "edges": ("1 2\n2 3\n3,4  # the last\n", "# nothing\na, b\nb c", "1 2"),
    "graph6": (
        ">>graph6<<D?{",
        "Bw\nCF\nDqK",
        "A_",
        networkx.to_graph6_bytes(networkx.path_graph(70), header=False).decode().strip(),
    ),
    "paper": ("[BOS]1-2,2-3[EOS]1,2,3[EOS]", "[BOS]1-2,3-2[EOS]\n[BOS]2-1[EOS]"),
}


# Machines

_JFLAP = """<?xml version="1.0" encoding="UTF-8"?><structure><type>turing</type><automaton>
<state id="0" name="q0"><initial/></state><state id="1" name="q1"><final/></state>
<transition><from>0</from><to>1</to><read>a</read><write>b</write><move>R</move></transition>
<transition><from>0</from><to>0</to><read/><write>a</write><move>L</move></transition>
</automaton></structure>"""

_MORPHETT = "; a comment\n0 1 0 r 0\n0 _ * l 1\n1 * * * halt ! ; stops\n1 0 1 r halt-accept\n"

_YAML = """input: '1011'
blank: ' '
start state: right
table:
  right:
    [1,0]: R
    ' '  : {L: carry}
  carry:
    1      : {write: 0, L}
    [0,' ']: {write: 1, L: done}
  done:
"""


def _machine_seeds(form: str) -> list[bytes]:
    ours = [shipped(name) for name in library()[:4]]
    texts = {
        "bbchallenge": ["1RB1LB_1LA1RZ", "1RB1LB_1LA0LC_1RZ1LD_1RD0RA", "1RB---_1LA1RB", "1RB2LB1RZ_2LA2RB1LB"],
        "yaml": [_YAML, *map(write_yaml, ours)],
        "morphett": [_MORPHETT, "0 * * r 0", "0 a b l 0 !\n"],
        "jflap": [_JFLAP],
    }[form]
    return [text.encode() for text in texts]


def _read_machine(form: str | None, data: bytes) -> bool:
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = read_machine(text, form)
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return False
    _require_machine(found)
    if len(found.table) < 200:
        written = write_yaml(found)
        again = read_machine(written, "yaml")
        require(_essence(again) == _essence(found), "the YAML that is written is another machine")
        simulate(found, None, 50)
    if form == "bbchallenge":
        require(write_bbchallenge(found) == text.removeprefix("\ufeff").strip(), "another machine than the text says")
    return True


def _require_machine(machine: Machine) -> None:
    states, symbols = range(len(machine.states)), range(len(machine.symbols))
    for (state, symbol), step in machine.table.items():
        fits = state in states and symbol in symbols and step.state in states and step.write in symbols
        require(fits and step.move in (-1, 0, 1) and state not in machine.halting, "an entry that cannot be")
    require(machine.start in states and machine.blank in symbols, "a start or blank that is not there")
    require(len(set(machine.states)) == len(machine.states), "two states of one name")
    require(len(set(machine.symbols)) == len(machine.symbols), "two symbols of one name")


def _essence(machine: Machine) -> object:
    """What a machine does, by names: formats list states and symbols in orders of their own."""
    state, symbol = machine.states, machine.symbols
    table = {
        (state[q], symbol[a]): (symbol[step.write], step.move, state[step.state])
        for (q, a), step in machine.table.items()
    }
    used = {state[machine.start], *(name for (name, _) in table), *(entry[2] for entry in table.values())}
    halting = {state[q] for q in machine.halting} & used
    return table, state[machine.start], symbol[machine.blank], halting, tuple(symbol[a] for a in machine.input)


# Certificates


@functools.cache
def _corpus() -> ModuleType:
    """Good certificates and an examiner that shares no code with the kernel."""
    path = _ROOT / "proofs_check" / "kernel" / "conftest.py"
    spec = importlib.util.spec_from_file_location("certificates_to_fuzz", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def _certificate_seeds() -> tuple[bytes, ...]:
    texts = [canonical_text(certificate).encode() for certificate in _corpus().good().values()]
    return tuple(text for text in texts if len(text) < 2_500)


def _read_certificate(data: bytes) -> bool:
    verdict = check(data)
    require(verdict.word in EXIT_CODES, "a word that is no verdict")
    require("internal error" not in verdict.message and "fault of the kernel" not in verdict.message, verdict.message)
    require("not enough memory" not in verdict.message, verdict.message)
    require(verdict.line.isascii() and verdict.line.isprintable() and len(verdict.line) <= 600, "a line that is none")
    if verdict.word != "VERIFIED":
        return False
    if data not in _certificate_seeds():
        require(_corpus().is_true(json.loads(data)), f"verified, and not true: {verdict.message}")
    return True


# Exported models


@functools.cache
def _exported(write: Callable[[Model], bytes]) -> tuple[bytes, ...]:
    return tuple(write(construction(name).at(2)) for name in ("transformer/index", "retrieval/index"))


_SIDE_CAR = b"\n-- side-car --\n"


def _tensors(model: Model) -> bytes:
    """Both files in one."""
    written = safetensors_bytes(model)
    return written.tensors + _SIDE_CAR + written.side_car


def _from_tensors(data: bytes) -> Model:
    tensors, _, side_car = data.partition(_SIDE_CAR)
    return model_from_safetensors(tensors, side_car)


_ONNX_NAMES = ("transformer/index", "hybrid/counting")


@functools.cache
def _onnx_seeds() -> tuple[bytes, ...]:
    made = [construction(name) for name in _ONNX_NAMES]
    return tuple(onnx_bytes(one.at(2), averaging=averaging_heads(one.blueprint)) for one in made)


def _read_onnx(data: bytes) -> bool:
    """What is accepted has the weights of one of the good files: the graph is compared with them, node by node."""
    try:
        found = model_from_onnx(data)
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return False
    weights = {name: matrix.numerators.tolist() for name, matrix in matrices_of(found).items()}
    good = [matrices_of(construction(name).at(2)) for name in _ONNX_NAMES]
    known = [{name: matrix.numerators.tolist() for name, matrix in one.items()} for one in good]
    require(weights in known, "other weights than those that were written")
    return True


def _read_model(read: Callable[[bytes], Model], write: Callable[[Model], bytes], data: bytes) -> bool:
    try:
        found = read(data)
    except RetrievalGapError as error:
        require(len(str(error)) < 2_000, "the message is long")
        return False
    require(same_model(read(write(found)), found), "the model that is written is another one")
    return True


# The command line

_LINES = (
    ("run", "transformer/associative-recall", "3 1 4 1 5 ? 4"),
    ("run", "hybrid/counting", "1 2 1 1 ? 1 2", "--json"),
    ("run", "retrieval/index", "3 1 4 ? 2", "--arithmetic", "float:12"),
    ("run", "transformer/istree", "1-2 2-3", "--input-format", "inline"),
    ("run", "hybrid/turing", "--machine", "1RB1LB_1LA1RZ", "--steps", "20"),
    ("run", "rnn/turing", "11", "--steps", "9", "--cells", "5", "--jsonl"),
    ("compare", "index", "3 1 4 ? 2"),
    ("explain", "transformer/index", "3 1 4 ? 2", "--format", "md"),
    ("explain", "hybrid/istree", "1-2", "--format", "html", "--full"),
    ("bound", "associative-recall", "--n", "5", "--alphabet", "3", "--convention", "promise"),
    ("bound", "istree", "--n", "6", "--json"),
    ("bound", "index", "--n", "7", "--alphabet", "2", "--error", "1/8"),
    ("certify", "counting", "--n", "3", "--out", "fuzz.json"),
    ("check", "fuzz.json"),
    ("refute", "nowhere.py:made", "--task", "index", "--n", "3"),
    ("list", "--json"),
    ("mutate", "transformer/index", "--n", "1", "--limit", "1"),
    ("verify", "9.9"),
    ("run", "--construction", "nowhere.py:made", "1"),
    ("-h",),
)

_SEPARATOR = b"\n"


def _command_line(data: bytes) -> bool:
    """Run one command; its arguments stand one a line. Files are named only by words that stay in this folder."""
    arguments = [part.decode("utf-8", "surrogateescape") for part in data.split(_SEPARATOR)][:12]
    arguments = [_harmless(argument) for argument in arguments]
    if arguments[:1] == ["verify"] or "mutate" in arguments[:1]:  # these work for minutes, as they should
        arguments = [arguments[0], "9.9" if arguments[0] == "verify" else "transformer/none", *arguments[2:]]
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(arguments)
    except SystemExit as ended:
        code = ended.code
    else:
        raise Fault("the command line did not end")
    require(code in (0, 1, 2, 3), f"exit code {code!r}")
    printed, said = out.getvalue(), err.getvalue()
    require("Traceback" not in printed + said, "a traceback")
    if code == 2 and arguments[:1] != ["check"]:
        require(said.count("\n") == 1 and said.startswith("retrieval-gap: "), f"bad input in {said!r}")
    if "--json" in arguments and code == 0 and not {"-h", "--help", "--jsonl"} & set(arguments):
        json.loads(printed)
    return code == 0


def _harmless(argument: str) -> str:
    """No path out of this folder, no number that asks for honest work of minutes."""
    if argument.startswith("@") or ("/" in argument and not re.fullmatch(r"[a-z]+/[a-z-]+", argument)):
        argument = argument.replace("/", "").lstrip("@")
    return "" if argument.endswith(".py:FACTORY") else argument


@functools.cache
def targets() -> tuple[Target, ...]:
    """All of them."""
    machine_words = (
        "R",
        "L",
        "---",
        "_",
        "halt",
        "blank:",
        "table:",
        "start state:",
        "<state",
        "<final/>",
        "{write: 1}",
    )
    found = [
        Target(
            f"instances: {name}",
            functools.partial(_read_instance, name),
            functools.partial(_encoded, texts),
            (" ? ", " 1 ", "?", " ", "-", "+1", "1.0", "\n"),
            40,
        )
        for name, texts in _INSTANCES.items()
    ]
    trees = tuple(itertools.chain(*_GRAPHS.values()))
    found.append(
        Target(
            "instances: istree",
            _read_tree,
            functools.partial(_encoded, ("1-2 2-3 3-4", "a-b b-c c-a", "1 2\n2 3", "D?{")),
            ("-", " 1-2", " "),
            40,
        )
    )
    found += [
        Target(
            f"graphs: {form or 'guessed'}",
            functools.partial(_read_graphs, form),
            functools.partial(_encoded, _GRAPHS[form] if form else trees),
            ("-", ",", "~", "#", " 1-2", "[BOS]", "[EOS]", "\n", ">>graph6<<", "~~", "1 2\n"),
            40,
        )
        for form in (*INPUT_FORMATS, None)
    ]
    found += [
        Target(
            f"machines: {form or 'guessed'}",
            functools.partial(_read_machine, form),
            functools.partial(_some_machines, form),
            machine_words,
            20,
        )
        for form in (*MACHINE_FORMATS, None)
    ]
    keys = ('"n":3', '"states":', "null", "true", "[]", "{}", '"p/q"', "-1", "1e5", '"task":"index"', ",", "\\ud800")
    found.append(Target("certificates", _read_certificate, _certificate_seeds, keys, 80))
    found += [
        Target(
            f"models: {form}",
            functools.partial(_read_model, read, write),
            functools.partial(_exported, write),
            ("model.json", '"denominator": 1', "I64", "PK", "[1]", '"shape"', "0", "[]"),
            2,
        )
        for form, read, write in (
            ("npz", model_from_npz, npz_bytes),
            ("safetensors", _from_tensors, _tensors),
        )
    ]
    tokens = ("MatMul", "ArgMax", "tokens", "\x08\x01", '"version": 1', '"argmax"', "embedding.table", "[0, 0, 1]")
    found.append(Target("models: onnx", _read_onnx, _onnx_seeds, tokens, 2))
    flags = ("--json", "--n", "--seed", "--arithmetic", "--c", "--steps", "--out", "fuzz.json", "-h", "0", "-5", "1e3")
    lines = tuple("\n".join(line) for line in _LINES)
    found.append(
        Target(
            "command line",
            _command_line,
            functools.partial(_encoded, lines),
            (*(f"\n{flag}" for flag in flags), "\n"),
            1,
        )
    )
    return tuple(found)


def _encoded(texts: Sequence[str]) -> list[bytes]:
    return [text.encode() for text in texts]


def _some_machines(form: str | None) -> list[bytes]:
    forms = MACHINE_FORMATS if form is None else (form,)
    return [seed for one in forms for seed in _machine_seeds(one)]


assert set(_INSTANCES) | {"istree"} == set(TASKS)  # a task without a target would be forgotten
