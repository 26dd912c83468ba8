"""The kernel under attack: mutated certificates, stub kernels, and faults planted in the kernel itself.

A mutant is a good certificate with one change. It must not be verified, unless what it claims is true as
well: then it must be found true by an examiner that shares no code with the kernel.
"""

import functools
import importlib.abc
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

import pytest

import proofs_check.kernel
from proofs_check.certificates import canonical_text
from proofs_check.kernel import check
from proofs_check.kernel._main import KINDS
from tests import certificate_corpus as corpus
from tests.certificate_corpus import Mutant

Kernel = Callable[[bytes], str]
"""From the bytes of a certificate to the first word of the line."""


NAMES = {"construction", "coordinates", "features", "gadget", "name", "reads", "state", "statement", "units"}
"""Fields that say what numbers mean; no claim depends on them."""


def attack(chosen: Iterable[Mutant]) -> tuple[Counter[str], Counter[str]]:
    """Verdicts, and why the claims of those that were verified are still true, by the field that was changed.

    Whatever is verified is examined, names included; a change that the kernel should have noticed fails here.
    """
    verdicts: Counter[str] = Counter()
    survivors: Counter[str] = Counter()
    for name, what, data in chosen:
        verdict = check(data)
        verdicts[verdict.word] += 1
        assert "internal error" not in verdict.message, (name, what, verdict)
        assert "fault of the kernel" not in verdict.message, (name, what, verdict)
        if verdict.word == "VERIFIED":
            assert corpus.is_true(json.loads(data)), f"{name}, {what}: verified, but not true: {verdict.message}"
            survivors[explanation(what)] += 1
    return verdicts, survivors


def explanation(what: str) -> str:
    """Why a change can leave a claim true."""
    path = what.split(": ")[0].split(".")
    if NAMES.intersection(path):
        return "a name"
    if "entries" in path:
        return "the model computes the same answers"
    for key, reason in (("prefixes", "other prefixes, also apart"), ("inequalities", "another inequality, also true")):
        if key in path:
            return reason
    return "another " + ".".join(key for key in path if not key.isdigit())


def test_good_certificates_are_verified_and_true() -> None:
    for name, certificate in {**corpus.good(), **corpus.more()}.items():
        assert check(canonical_text(certificate).encode()).word == "VERIFIED", name
        assert corpus.is_true(certificate), name


def test_a_few_hundred_mutants() -> None:
    chosen = corpus.some_mutants(300, 0, of_the_same_type=True) + corpus.some_mutants(300, 0)
    verdicts, survivors = attack(chosen)
    print(f"{len(chosen)} of {len(corpus.changes())} mutants: {dict(verdicts)}; still true: {dict(survivors)}")
    assert verdicts["VERIFIED"] < 0.25 * len(chosen)
    assert verdicts["REJECTED"] > 50
    assert verdicts["MALFORMED"] > 200


def test_changes_of_the_text() -> None:
    for name, certificate in corpus.good().items():
        for _, what, data in corpus.bytes_mutants(name, canonical_text(certificate)):
            assert check(data).word == "MALFORMED", (name, what)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_attacked(kind: str) -> None:
    """Of each kind that the kernel knows there are true certificates, false ones and mutants that are refused."""
    names = [name for name, certificate in corpus.good().items() if certificate["kind"] == kind]
    assert names
    assert any(certificate.get("kind") == kind for certificate in corpus.false().values())
    mutants = [change for change in corpus.changes() if change[0] in names]
    verdicts, _ = attack(corpus.drawn(mutants, 60, 1))
    assert verdicts["REJECTED"] > 0
    assert verdicts["MALFORMED"] > 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_mutant(kind: str) -> None:
    verdicts, survivors = attack(corpus.every_mutant(kind))
    print(f"{kind}: {verdicts.total():,} mutants: {dict(verdicts)}; still true: {dict(survivors)}")
    assert verdicts.total() >= 500


def test_changed_weights_signed_again() -> None:
    """The forger runs the changed model and writes down its digest; the answers must give it away."""
    words: Counter[str] = Counter()
    for what, certificate in corpus.signed_again(60, 3):
        word, message = check(canonical_text(certificate).encode())
        words[word] += 1
        if word == "INCOMPLETE":  # nothing is said about the answer of a search that cannot be read
            assert "a search that this kernel does not read" in message
        else:
            assert (word == "VERIFIED") == corpus.is_true(certificate), what
    assert words["REJECTED"] > 20
    assert words["VERIFIED"] > 5
    print(f"signed again: {dict(words)}")


def test_the_examiner_is_no_stub() -> None:
    """The examiner must itself tell false from true: derived fields off by one are false to it."""
    for name, certificate in corpus.good().items():
        for field in ("states", "bits", "inputs", "longest_output", "n"):
            if isinstance(certificate.get(field), int) and not (field == "n" and certificate["task"] == "istree"):
                assert not corpus.is_true({**certificate, field: certificate[field] + 1}), (name, field)
        if "digest" in certificate:
            assert not corpus.is_true({**certificate, "digest": "0" * 64}), name


# Stub kernels, and faults planted in the real one


@pytest.fixture(scope="module")
def refused() -> list[bytes]:
    """What must not be verified: chosen by hand, changes of the text, and some mutants."""
    found = [canonical_text(certificate).encode() for certificate in corpus.false().values()]
    for name, certificate in corpus.good().items():
        found += [data for _, _, data in corpus.bytes_mutants(name, canonical_text(certificate))]
    found += [data for _, _, data in corpus.some_mutants(150, 2) if check(data).word != "VERIFIED"]
    return found


def test_what_was_chosen_by_hand_is_refused() -> None:
    for name, certificate in corpus.false().items():
        assert check(canonical_text(certificate).encode()).word in ("REJECTED", "MALFORMED"), name


def differs(kernel: Kernel, refused: list[bytes]) -> bool:
    """Whether a kernel verifies what is refused or refuses a good certificate.

    What shows most faults in the shortest time comes first: what was chosen by hand, then small good certificates.
    """
    chosen = len(corpus.false())
    return (
        any(kernel(data) == "VERIFIED" for data in refused[:chosen])
        or any(kernel(data) != "VERIFIED" for data in good_texts())
        or any(kernel(data) == "VERIFIED" for data in refused[chosen:])
    )


@functools.cache
def good_texts() -> list[bytes]:
    """The good certificates as they are read, the short ones first."""
    good = [*corpus.good().values(), *corpus.more().values()]
    return sorted((canonical_text(certificate).encode() for certificate in good), key=len)


def _parse_only(data: bytes) -> str:
    try:
        return "VERIFIED" if json.loads(data)["format"] == "retrieval-gap-certificate" else "MALFORMED"
    except (ValueError, KeyError, TypeError):
        return "MALFORMED"


@pytest.mark.parametrize(
    "stub",
    [lambda data: "VERIFIED", lambda data: "REJECTED", lambda data: "INCOMPLETE", _parse_only],
    ids=["accepts everything", "rejects everything", "decides nothing", "only parses"],
)
def test_stub_kernels_are_caught(refused: list[bytes], stub: Kernel) -> None:
    assert differs(stub, refused)


BY_FIRST = """def _by_first(function):
    known = {}
    return lambda x, *reads: known.setdefault(x, None) or known.update({x: function(x, *reads)}) or known[x]


"""
"""A table that looks at the first argument only."""

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    "nothing is changed": [],
    "states are not counted": [("_fooling", "if states != len(chosen):", "if False:")],
    "bits are not compared": [("_fooling", "if bits != (states - 1).bit_length():", "if False:")],
    "pairs are not separated": [
        ("_fooling", "if earlier != place:", "if False:"),
        ("_fooling", "if (row & both) in cut:", "if False:"),
        ("_fooling", "if bits != everything:", "if False:"),
        ("_fooling", "if first.setdefault(number, place) != place:", "if False:"),
    ],
    "promise is read as total": [("_fooling", 'return convention == "promise" and', "return False and")],
    "undefined answers separate": [
        ("_fooling", "both = one & other", "both = one | other"),
        ("_columns", "None if promise else 0", "0"),
    ],
    "only neighbours are compared": [
        ("_fooling", "in itertools.combinations(kinds.items(), 2)", "in itertools.pairwise(kinds.items())"),
        ("_fooling", "if bits != everything:", "if False:"),
    ],
    "only neighbouring rows are compared": [
        ("_fooling", "if earlier != place:", "if earlier == place - 1:"),
        (
            "_fooling",
            "if first.setdefault(number, place) != place:",
            "if first.setdefault(number, place) == place - 1:",
        ),
    ],
    "classes are not split": [
        ("_fooling", "if earlier != place:", "if False:"),
        ("_fooling", "if count == size:", "if True:"),
    ],
    "letters are not bounded": [("_reference", 'integer(letter, f"{where}[{p}]", 1, most[p % len(most)])', "letter")],
    "lengths are not compared": [("_reference", "if len(word) != question.n * len(most):", "if False:")],
    "rows are not counted": [("_state_count", "if claimed != right:", "if False:")],
    "counts may be about representatives": [
        ("_state_count", 'FAMILIES = ("words", ', 'FAMILIES = ("words", "multisets", ')
    ],
    "counts pass over what is undefined": [("_state_count", "if compares_pairs(question, convention):", "if False:")],
    "the first pair counts": [
        ("_further", "range(len(sequence) - 2, -1, -1)", "range(len(sequence) - 1)"),
        ("_further", "dict(itertools.pairwise(sequence))", "dict([*itertools.pairwise(sequence)][::-1])"),
    ],
    "the first of several points counts": [
        ("_further", "distance <= least", "distance < least"),
        ("_further", "** 2, -place, bit", "** 2, place, bit"),
    ],
    "brackets may be as deep as they like": [
        ("_further", "if len(still) > 2:", "if False:"),
        ("_further", "not _crossed_out(_crossed_out(text))", "not _crossed_out(_crossed_out(_crossed_out(text)))"),
    ],
    "tasks of version 2 are read in version 1": [("_reference", 'TASKS if fields["version"] == 1 else ', "")],
    "kinds of version 2 are read in version 1": [("_main", "SINCE.get(kind, OLDEST) <= version", "True")],
    "equality is a promise": [("_reference", 'fields.word("convention", ("total",))', "pass")],
    "equality has any letters": [("_reference", "if letters not in (None, alphabet):", "if False:")],
    "inputs are not counted": [("_runs", "if claimed != self.inputs.count:", "if False:")],
    "the digest is not compared": [("_runs", "if lines.hexdigest() != digest:", "if False:")],
    "the longest output is not compared": [("_runs", "if found_longest != self.longest:", "if False:")],
    "answers are not compared": [("_runs", "if not (right and ended):", "if False:")],
    "what was cut off counts as an answer": [("_runs", "if not (right and ended):", "if not right:")],
    "the tour is not compared": [
        ("_runs", "(written if whole else written[-1:]) == wanted", "written[-1:] == wanted[-1:]")
    ],
    "only the first inputs are run": [
        ("_runs", "for sequence, query in chosen:", "for sequence, query in list(chosen)[:2]:"),
        ("_sweep", "if line is None:", "if False:"),
    ],
    "shards may leave a gap": [("_sweep", "if shard.first != expected:", "if shard.first < expected:")],
    "shards may overlap": [("_sweep", "if shard.first != expected:", "if shard.first > expected:")],
    "shards may end early": [
        ("_sweep", "if expected != total:", "if False:"),
        ("_sweep", "if next(lines, None) is not None:", "if False:"),
    ],
    "digests of shards are not compared": [("_sweep", "if own.hexdigest() != shard.digest:", "if False:")],
    "only the first shard is compared": [
        ("_sweep", "if own.hexdigest() != shard.digest:", "if place == 0 and own.hexdigest() != shard.digest:")
    ],
    "the longest output of a sweep is not compared": [("_runs", "self.measured(found_longest)", "pass")],
    "the convention of a model is not compared": [("_runs", "if convention != expected:", "if False:")],
    "heads are known by their names": [
        ("_layers", "if len({head.name for head in self.heads}) < len(self.heads):", "if False:"),
        ("_precision", "(place, number): Worst()", "(place, layer.heads[number].name): Worst()"),
        ("_precision", "(number, place) for place in range", "(number, layer.heads[place].name) for place in range"),
        ("_precision", "found.heads.items(), strict=True", "found.heads.items(), strict=False"),
    ],
    "a model may have no coordinates": [("_model", "if not self.width:", "if False:")],
    "contracts may be about no sizes": [("_polynomials", "if not sizes:", "if False:")],
    "the architecture is not compared": [
        (
            "_model",
            "if self.architecture != _architecture(kinds, bool(self.position.rows), self.search is not None):",
            "if False:",
        )
    ],
    "a search is passed over": [("_model", 'if fields["search"] is not None:', "if False:")],
    "a search sees itself": [("_search", "captured(expression, context[:start],", "captured(expression, context,")],
    "a search that found nothing yields nothing": [("_search", "return found or [self.failed]", "return found")],
    "answers count inside of a search": [("_model", "ended = not inside and (", "ended = (")],
    "what a search yields is not counted": [("_model", "written += following", "written.append(best)")],
    "the first group counts": [("_matcher", "reverse=True)", "reverse=False)")],
    "the last alternative is preferred": [
        ("_matcher", "waiting += ((at + b, marks), (at + a, marks))", "waiting += ((at + a, marks), (at + b, marks))")
    ],
    "lazy is greedy": [("_matcher", 'ways = (3, 1) if self._take("?")', 'ways = (1, 3) if self._take("?")')],
    "the shortest match wins": [("_matcher", "if best is not None and not ways:", "if best is not None:")],
    "less preferred ways go on": [("_matcher", "break  # whatever comes later is less preferred", "continue")],
    "the rightmost match wins": [("_matcher", "if best is None:  # to begin", "if True:  # to begin")],
    "the start is anywhere": [("_matcher", 'elif name == "go" or place == 0:', "else:")],
    "a class is not negated": [("_matcher", 'inside = not self._take("^")', 'inside = self._take("^") or True')],
    "one repetition too many": [("_matcher", "code = code * count if", "code = code * (count + 1) if")],
    "marks are not kept": [("_matcher", "{**marks, b: place}", "{b: place}")],
    "ties of logits go to the last": [
        ("_model", "return logits.index(max(logits))", "return len(logits) - 1 - logits[::-1].index(max(logits))")
    ],
    "ties of scores go to the first": [("_layers", "if scores.count(best) == 1:", "if scores:")],
    "the slope is forgotten": [("_layers", "*head.query.times(x), head.slope", "*head.query.times(x), 0")],
    "the gate is not gated": [("_layers", "g * v if g > 0 else 0", "g * v")],
    "the cache is not rewound": [
        (
            "_layers",
            "            del head.values[length:]\n            for column in head.keys:",
            "            for column in ():",
        ),
    ],
    "the last token is passed over": [
        ("_model", "if left else ():", "if left < -1 else ():"),
    ],
    "what later positions read is not kept": [
        ("_model", "for layer in self._deepest[:1] if left", "for layer in () if left")
    ],
    "the deepest layer is the first": [("_model", "if not isinstance(layer, FeedForward)]", "if place == 0]")],
    "places are left out of the table of embeddings": [
        ("_model", "self.embedded(identifier, len(self._read))", "self.embedded(identifier, 0)")
    ],
    "reads are left out of the table of sums": [
        ("_layers", "lru_cache(room // entry)(self._with)", "_by_first(self._with)"),
        ("_layers", "class Attention:", BY_FIRST + "class Attention:"),
    ],
    "the first occurrence counts": [
        ("_reference", "range(len(sequence) - length - 1, -1, -1)", "range(len(sequence) - length)")
    ],
    "at least counts as more than": [
        ("_reference", "for other in sequence) > threshold", "for other in sequence) >= threshold")
    ],
    "a forest is a tree": [
        ("_reference", "return len(edges) == nodes - 1", "return True"),
        ("_reference", "if possible and _is_tree", "if _is_tree"),
    ],
    "a polynomial is read at zero": [
        (
            "_polynomials",
            "for name, least in self.least.items():\n            f =",
            "for name, least in {}.items():\n            f =",
        )
    ],
    "one coefficient is enough": [("_polynomials", "any(all(c >= 0 for c", "any(any(c >= 0 for c")],
    "scales are not bounded from above": [
        ("_polynomials", "for r in (from_below, from_above)", "for r in (from_below, constant(0))")
    ],
    "repeated keys are read": [("_reading", "if key in result:", "if False:")],
    "unknown keys are read": [("_reading", "if key not in keys:", "if False:")],
    "true is an integer": [
        ("_reading", "if not isinstance(value, int) or isinstance(value, bool):", "if not isinstance(value, int):")
    ],
    "floats are integers": [("_reading", "parse_float=_no_float", "parse_float=lambda text: int(float(text))")],
    "text after the value is read": [
        ("_reading", "return json.loads(\n            text,", "return json.loads(\n            text.replace('{}', ''),")
    ],
    "a byte order mark is read": [("_reading", 'data.decode("utf-8")', 'data.decode("utf-8-sig")')],
    "entries may be out of order": [("_layers", "if spot <= last or not number:", "if not number:")],
    "any version is read": [("_main", 'header.integer("version", OLDEST, VERSION)', 'header.integer("version", 0, 9)')],
}


class WithFaults(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the kernel under another name, from these sources."""

    NAME = "kernel_with_a_fault"

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        package, _, module = name.partition(".")
        if package != self.NAME or (module or "__init__") not in self.sources:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=not module)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.partition(".")[2] or "__init__"
        exec(compiled(self.sources[name], name), module.__dict__)  # noqa: S102


@functools.cache
def compiled(source: str, name: str) -> CodeType:
    """Most modules are the same for most faults."""
    return compile(source, name, "exec")


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_planted_in_the_kernel_are_caught(
    fault: str, refused: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(proofs_check.kernel.__file__).parent
    sources = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    for module, old, new in FAULTS[fault]:
        assert old in sources[module], f"the fault no longer fits: {old}"
        sources[module] = sources[module].replace(old, new)
    monkeypatch.setattr(sys, "meta_path", [WithFaults(sources), *sys.meta_path])
    try:
        faulty = importlib.import_module(WithFaults.NAME)
        assert faulty.check is not check
        caught = differs(lambda data: faulty.check(data).word, refused)
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == WithFaults.NAME]:
            del sys.modules[name]
    assert caught == bool(FAULTS[fault])
