"""The examples in docs/certificates.md are what the code writes, and have the verdicts that the page says."""

import ast
import hashlib
import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import proofs_check.kernel
from constructions.architectures import Embedding, Model, Recurrence, Unembedding
from constructions.engine import decode
from constructions.numerics import Matrix
from constructions.theorems import construction
from constructions.vocabulary import Vocabulary
from proofs_check.certificates import (
    FORMAT,
    VERSION,
    Prompt,
    Question,
    TranscriptDigest,
    canonical_text,
    certify_exhaustive,
    certify_precision,
    contracts,
    exhaustive,
    fooling_set,
    model_from_json,
    model_to_json,
    no_machine,
    sampled,
    state_count,
    sweep,
)
from proofs_check.kernel import (
    EXIT_CODES,
    _drat,
    _families,
    _fooling,
    _inputs,
    _layers,
    _matcher,
    _no_machine,
    _polynomials,
    _precision,
    _reading,
    _reference,
    _runs,
    _search,
    check,
)

Json = dict[str, Any]

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "certificates.md").read_text(encoding="utf-8")
BASE = (DOCS / "trusted-base.md").read_text(encoding="utf-8")
KERNEL = Path(proofs_check.kernel.__file__).parent

ONE_LETTER = Question("index", 1, 2)


def two_back() -> Model:
    """Index for n = 1: a linear RNN that writes the token two before the last, here x in ``<s> x ? 1``."""
    matrix = Matrix.from_entries
    one, token, found = range(3)
    recurrence = Recurrence(
        ("now", "1 back", "2 back"),
        transition=matrix((3, 3), {(1, 0): 1, (2, 1): 1}),
        input=matrix((3, 3), {(0, token): 1}),
        output=matrix((3, 3), {(found, 2): 1}),
        feedthrough=matrix((3, 3), {}),
    )
    embedding = Embedding(
        matrix((3, 3), {(one, 0): 1, (token, 1): 1}),
        matrix((3, 2), {(one, 0): 1, (one, 1): 1}),
        matrix((3, 2), {}),
    )
    # The logit of k is 2 y k - k^2 for y = found, that of a special token -1.
    unembedding = Unembedding(
        matrix((3, 3), {(1, found): 2, (2, one): -1}), matrix((2, 3), {(0, one): -1, (1, one): -1})
    )
    vocabulary = Vocabulary(("<s>", "?"), 1, 2)
    return Model("two back", vocabulary, ("one", "token", "found"), embedding, (recurrence,), unembedding)


def run_on(letters: str) -> TranscriptDigest:
    """What the model writes on these sequences of one letter."""
    digest = TranscriptDigest()
    for letter in letters:
        prompt = ["<s>", letter, "?", "1"]
        digest.add(prompt, decode(two_back(), prompt, max_tokens=1).tokens)
    return digest


def _exhaustive() -> Json:
    return exhaustive(ONE_LETTER, two_back(), run_on("12"), prompt=Prompt(), family="words")


def _sampled() -> Json:
    rank = int.from_bytes(hashlib.sha256(b"retrieval-gap sample 0 0 0").digest(), "big") % 2
    run = run_on("12"[rank])
    return sampled(ONE_LETTER, two_back(), run, prompt=Prompt(), family="words", inputs=2, seed=0)


def _line(letter: str) -> str:
    """The digest of a shard that is one input."""
    return hashlib.sha256(f"<s> {letter} ? 1 -> {letter} -> {letter}\n".encode()).hexdigest()


def _softmax() -> Json:
    return certify_precision(construction("transformer/index"), 1, 1, inverse_temperature=Fraction(8))


EXAMPLES: dict[str, Callable[[], Json]] = {
    "fooling-set": lambda: fooling_set(Question("associative-recall", 3, 2), [(1, 1, 2), (1, 2, 1), (2, 1, 1)], 3),
    "no-machine": lambda: no_machine(Question("index", 1, 3), [(1,), (2,), (3,)], 2, [], [[1]]),
    "state-count": lambda: state_count(Question("bounded-dyck", 4, 4), "words", 256, 6),
    "exhaustive": _exhaustive,
    "sampled": _sampled,
    "contracts": lambda: contracts(construction("transformer/index").blueprint),
    "precision": _softmax,
    "sweep": lambda: sweep(_exhaustive(), [(0, 1, _line("1")), (1, 1, _line("2"))]),
}
VERDICTS: dict[str, str] = {}
"""The others are verified."""


def shown(value: object, depth: int = 0) -> str:
    """JSON in which whatever fits on a line stands on one."""
    text = json.dumps(value, ensure_ascii=True)
    if len(text) + 2 * depth <= 100 or not isinstance(value, dict | list):
        return text
    inside, end = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)}: {shown(item, depth + 1)}" for key, item in value.items()]
        return "{" + inside + f",{inside}".join(pairs) + end + "}"
    return "[" + inside + f",{inside}".join(shown(item, depth + 1) for item in value) + end + "]"


AS_ABOVE = "as above"
"""What the page prints instead of the model in all examples but that of ``exhaustive``."""


INDEX_1 = "transformer/index at n = 1"
"""What the page prints instead of the model in the example of ``precision``, which needs a head."""


def on_page(kind: str, certificate: Json) -> str:
    """How the page shows an example."""
    if kind == "precision":
        return shown({**certificate, "model": INDEX_1})
    repeated = "model" in certificate and kind != "exhaustive"
    return shown({**certificate, "model": AS_ABOVE} if repeated else certificate)


def printed() -> dict[str, str]:
    """The examples of the page by their kind."""
    found = [text for text in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL) if '"format"' in text]
    return {json.loads(text)["kind"]: text for text in found}


def test_every_kind_has_an_example() -> None:
    assert list(printed()) == list(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_examples_are_what_the_code_writes(kind: str) -> None:
    assert printed()[kind] == on_page(kind, EXAMPLES[kind]())


@pytest.mark.parametrize("kind", EXAMPLES)
def test_examples_have_the_verdict_that_the_page_says(kind: str) -> None:
    certificate = json.loads(printed()[kind])
    if certificate.get("model") == AS_ABOVE:
        certificate["model"] = json.loads(printed()["exhaustive"])["model"]
    if certificate.get("model") == INDEX_1:
        certificate["model"] = _softmax()["model"]
    verdict = check(json.dumps(certificate, indent=2).encode())
    assert verdict.word == VERDICTS.get(kind, "VERIFIED"), verdict
    assert check(canonical_text(certificate).encode()) == verdict
    assert f"```\n\n```text\n{verdict.line}\n```" in PAGE


@pytest.mark.parametrize("kind", EXAMPLES)
def test_tables_name_every_field(kind: str) -> None:
    """The fields of a kind are those that all certificates share, and the rows of tables in its section."""
    section = re.search(rf"^## `?{kind}`?\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section is not None, kind
    named = set(re.findall(r"^\| `(\w+)` \|", section[1], re.MULTILINE))
    described = {"format", "version", "kind"} | named
    if "[the question](#the-question)" in section[1]:
        described |= {"task", "convention", "n", "alphabet"}
    if "[the run](#exhaustive)" in section[1]:
        described |= {"family", "prompt", "model", "transcript", "inputs", "longest_output", "digest"}
    if kind == "sweep":
        described -= {"digest"}
    assert set(EXAMPLES[kind]()) == described


def test_the_page_states_words_codes_format_and_version() -> None:
    for word, code in EXIT_CODES.items():
        assert f"| `{word}` | {code} |" in PAGE
    assert f"`{FORMAT}`" in PAGE
    assert f"| `version` | 1 or {VERSION}: " in PAGE


def test_the_python_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: Json = {}
    exec(code, names)  # noqa: S102
    assert (tmp_path / "index-3.json").read_text() == canonical_text(names["certificate"])
    assert check((tmp_path / "index-3.json").read_bytes()).word == "VERIFIED"


def test_the_page_states_the_limits() -> None:
    limits = [
        _reading.MOST_BYTES,
        _reading.MOST_VALUES,
        _reading.MOST_DIGITS,
        _reading.DEEPEST,
        _layers.MOST_LAYERS,
        _layers.MOST_BITS,
        _layers.MOST_DIGITS_OF_A_WEIGHT,
        _polynomials.MOST_TERMS,
        _polynomials.MOST_DEGREE,
        _polynomials.MOST_WORK,
        _fooling.MOST_PREFIXES,
        _fooling.MOST_COMPARED,
        _fooling.MOST_QUERIES,
        _fooling.MOST_CELLS,
        _fooling.MOST_GRAPH_CELLS,
        _fooling.MOST_CUTS,
        _no_machine.MOST_ROWS,
        _no_machine.MOST_LETTERS,
        _no_machine.MOST_LITERALS,
        _drat.FIRST_VISITS,
        _drat.VISITS_PER_LITERAL,
        _drat.MOST_VISITS,
        _runs.MOST_INPUTS,
        _runs.MOST_DRAWN,
        _runs.MOST_TOKENS,
        _runs.MOST_STEPS,
        _runs.MOST_STEPS_TOGETHER,
        _precision.MOST_INPUTS,
        _precision.MOST_DIGITS_OF_A_TEMPERATURE,
        _inputs.MOST_NODES,
        _search.MOST_STEPS,
        _search.MOST_STEPS_ON_ONE,
        _matcher.MOST_INSTRUCTIONS,
        _matcher.DEEPEST,
    ]
    printed_limits = re.findall(r"^\| [a-z, ]+ \| ([\d,]+) \|$", PAGE, re.MULTILINE)
    assert sorted(int(limit.replace(",", "")) for limit in printed_limits) == sorted(limits)


def test_the_digest_of_a_model_is_that_of_its_canonical_text() -> None:
    certificate = json.loads(printed()["exhaustive"])
    digest = hashlib.sha256(canonical_text(certificate["model"]).rstrip("\n").encode()).hexdigest()
    assert f"SHA-256 {digest} answers" in check(json.dumps(certificate).encode()).line


def test_the_page_lists_the_families() -> None:
    rows = set(re.findall(r"^\| ([a-z -]+) \| ", PAGE, re.MULTILINE))
    assert {*_families.PREFIX_FAMILIES, *_inputs.MODEL_FAMILIES, *_layers.LAYERS} <= rows


def test_the_page_lists_the_tasks_of_version_2() -> None:
    table = PAGE.split("### Tasks of version 2")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \| ", table, re.MULTILINE)) == set(_reference.FURTHER)


def test_the_trusted_base_names_what_the_kernel_imports() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in KERNEL.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    sentence = re.search(r"imports (.*?)\sof the standard library", BASE, re.DOTALL)
    assert sentence is not None
    assert set(re.findall(r"`([\w.]+)`", sentence[1])) == {name.split(".")[0] for name in imported}


def test_the_trusted_base_counts_the_lines_of_the_kernel() -> None:
    rows = {name: int(lines.replace(",", "")) for name, lines in re.findall(r"\| `(\w+\.py)` \| ([\d,]+) \|", BASE)}
    counted = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in KERNEL.glob("*.py")}
    assert rows == counted
    assert f"| together | {sum(counted.values()):,} |" in BASE


def test_the_example_of_a_search_language_is_that_of_a_construction() -> None:
    value = model_to_json(construction("retrieval/index").at(3))
    assert shown({"search": value["search"]}) in PAGE
    assert model_to_json(model_from_json(json.loads(json.dumps(value)))) == value
    verdict = check(canonical_text(certify_exhaustive(construction("retrieval/index"), 3)).encode())
    assert verdict.word == "VERIFIED"
    assert verdict.message.split(": ", 1)[1] in PAGE


def test_a_search_that_the_kernel_does_not_know_is_left_undecided() -> None:
    certificate = json.loads(canonical_text(certify_exhaustive(construction("retrieval/index"), 3)))
    certificate["model"]["search"]["fragments"][1][1] = "}([^`?`]+)"
    verdict = check(canonical_text(certificate).encode())
    assert verdict.word == "INCOMPLETE"
    assert verdict.message.split(": ", 1)[1] in PAGE
