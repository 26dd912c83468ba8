"""Small files cannot cost much: every loop over something that a certificate names is counted before it runs.

Each bomb runs in a process of its own with a quarter of a second of processor time, or more where it says so, and
256 MB.
Then the count that stops it is taken out of a copy of the kernel, and the same limits must stop the copy.
"""

import compileall
import json
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import proofs_check.kernel
from proofs_check.certificates import Question, canonical_text, fooling_set, no_machine, state_count
from proofs_check.kernel import _fooling, _verdict, check
from proofs_check.kernel import _main as kernel_main
from tests import certificate_corpus as corpus

Json = dict[str, Any]
Fault = list[tuple[str, str, str]]

FOLDER = Path(proofs_check.kernel.__file__).parent
MEMORY = 256 * 2**20


def matrix(rows: int, columns: int, *entries: tuple[int, int, object]) -> Json:
    return {"shape": [rows, columns], "entries": [list(entry) for entry in entries]}


def model(**fields: Any) -> Json:
    """One coordinate that is always 1, and NONE always written: right where no query has an answer."""
    return {
        "name": "none",
        "architecture": "transformer",
        "vocabulary": {"specials": ["<s>", "?", "NONE"], "low": 1, "high": 2},
        "coordinates": ["one"],
        "embedding": {
            "polynomial": matrix(1, 3, (0, 0, 1)),
            "special": matrix(1, 3, (0, 0, 1), (0, 1, 1), (0, 2, 1)),
            "position": matrix(1, 2),
        },
        "layers": [],
        "unembedding": {"polynomial": matrix(3, 1), "special": matrix(3, 1, (2, 0, 1))},
        "answers": None,
        "search": None,
        **fields,
    }


def run(fields: Json | None = None, **changes: Any) -> Json:
    """An exhaustive certificate of recall in words of one letter."""
    return {
        "format": "retrieval-gap-certificate",
        "version": 1,
        "kind": "exhaustive",
        "task": "associative-recall",
        "convention": "total",
        "n": 1,
        "alphabet": 2,
        "family": "words",
        "prompt": {"start": "<s>", "separator": "?"},
        "model": model(**(fields or {})),
        "transcript": "answer",
        "inputs": 4,
        "longest_output": 1,
        "digest": "0" * 64,
        **changes,
    }


HEAD = {
    "name": "h",
    "features": ["f"],
    "reads": ["r"],
    "slope": 0,
    "query": matrix(1, 1, (0, 0, 1)),
    "key": matrix(1, 1, (0, 0, 1)),
    "value": matrix(1, 1, (0, 0, 1)),
    "output": matrix(1, 1),
}

ENDLESS = {"answers": ["1"]}
"""A model that never writes its answer."""


def searching() -> Json:
    """A model that writes <search>, an expression of 12,000 instructions, </search>, and so on."""
    specials = ["<s>", "?", "<search>", "piece", "</search>", "FAILED"]
    following = {0: 2, 1: 2, 2: 3, 3: 4, 4: 2, 5: 2}
    one_hot = matrix(6, 6, *((place, place, 1) for place in range(6)))
    logits = sorted((after, before, 1) for before, after in following.items())
    return model(
        architecture="transformer",
        vocabulary={"specials": specials, "low": 1, "high": 2},
        coordinates=specials,
        embedding={"polynomial": matrix(6, 3, (1, 0, 1)), "special": one_hot, "position": matrix(6, 2)},
        unembedding={"polynomial": matrix(3, 6), "special": matrix(6, 6, *logits)},
        answers=["1"],
        search={
            "opening": "<search>",
            "closing": "</search>",
            "failed": "FAILED",
            "fragments": [["piece", "(?:.*){4000}"]],
        },
    )


def contracts(variables: int, count: int) -> Json:
    names = [f"v{i}" for i in range(variables)]
    inequality = {"statement": "s", "polynomial": [[1, dict.fromkeys(names, 32)]]}
    return {
        "format": "retrieval-gap-certificate",
        "version": 1,
        "kind": "contracts",
        "construction": "c",
        "variables": {name: {"from": 10**9} for name in names},
        "scales": {},
        "contracts": [{"name": "a", "gadget": "b", "inequalities": [inequality] * count}],
    }


def pigeons(holes: int, proof: list[list[int]], states: int | None = None) -> Json:
    prefixes = [(letter,) for letter in range(1, holes + 2)]
    return no_machine(Question("index", 1, holes + 1), prefixes, states or holes, [], proof)


# Lemmas that no prefix is in two states, which lose no assignment: each makes the checker look at all clauses.
ONE_STATE_EACH = [[-(66 * i + a + 1), -(66 * i + b + 1)] for i in range(2) for a in range(65) for b in range(a)][:2_500]


class Bomb(NamedTuple):
    """A certificate, the verdict, and what to take out of the kernel so that it goes off."""

    certificate: Json
    word: str
    fault: Fault
    seconds: float = 0.25
    """Of processor time: several times what the kernel takes, once it is compiled."""


NO_STEPS: Fault = [("_runs", "if steps > MOST_STEPS or total * steps > MOST_STEPS_TOGETHER:", "if False:")]
NO_CELLS: Fault = [("_fooling", "if count > most or asked > MOST_QUERIES or count * asked > cells:", "if False:")]
NO_LETTERS: Fault = [("_no_machine", "if letters > MOST_LETTERS:", "if False:")]
NO_LITERALS: Fault = [("_no_machine", "if total > MOST_LITERALS:", "if False:")]
ANY_STATES: Fault = [("_no_machine", "if states >= len(listed):", "if False:")]

BOMBS: dict[str, Bomb] = {
    "no prefixes, about 40 nodes": Bomb(
        no_machine(Question("istree", 40, 40), [], 1, [], []), "REJECTED", [*ANY_STATES, *NO_LETTERS]
    ),
    "two prefixes, about 22 nodes": Bomb(
        no_machine(Question("istree", 22, 22), [(), (1, 2)], 1, [], []), "INCOMPLETE", NO_LETTERS
    ),
    "two prefixes, ten letters a query": Bomb(
        no_machine(Question("c-gram", 1, 9, c=10), [(1,), (2,)], 1, [], []), "INCOMPLETE", NO_LETTERS
    ),
    "more states than prefixes": Bomb(pigeons(40, [], 2_000), "REJECTED", [*ANY_STATES, *NO_LITERALS]),
    "a formula of a million clauses": Bomb(pigeons(150, []), "INCOMPLETE", NO_LITERALS),
    "lemmas of the kind RAT": Bomb(
        pigeons(66, ONE_STATE_EACH), "INCOMPLETE", [("_drat", "if self.visits > self.most:", "if False:")], seconds=2
    ),
    "an empty prefix, about 22 nodes": Bomb(fooling_set(Question("istree", 22, 22), [()], 1), "INCOMPLETE", NO_CELLS),
    "grams of nine letters": Bomb(fooling_set(Question("c-gram", 10, 6, c=10), [(1,) * 10], 1), "INCOMPLETE", NO_CELLS),
    "a million words": Bomb(fooling_set(Question("index", 20, 2), "words", 2**20), "INCOMPLETE", NO_CELLS),
    "ten million orders": Bomb(
        fooling_set(Question("associative-recall", 11, 11, "promise"), "rotations", 3_628_800), "INCOMPLETE", NO_CELLS
    ),
    "products of 33^6 terms": Bomb(
        contracts(6, 2), "INCOMPLETE", [("_polynomials", "if self._work > MOST_WORK:", "if False:")], seconds=1
    ),
    "ten thousand million inputs": Bomb(
        run(
            alphabet=100_000,
            inputs=10**10,
            model=model(vocabulary={"specials": ["<s>", "?", "NONE"], "low": 1, "high": 100_000}),
        ),
        "INCOMPLETE",
        [("_runs", "if total > most:", "if False:"), *NO_STEPS],
    ),
    "an endless output": Bomb(
        run(ENDLESS, longest_output=10**8),
        "MALFORMED",
        [("_runs", '"longest_output", 1, MOST_TOKENS', '"longest_output", 1, 10**9'), *NO_STEPS],
    ),
    "attention to ten thousand tokens": Bomb(
        run({**ENDLESS, "layers": [{"type": "attention", "heads": [HEAD]}]}, longest_output=10_000),
        "INCOMPLETE",
        NO_STEPS,
    ),
    "a vocabulary of two million": Bomb(
        run(
            {**ENDLESS, "vocabulary": {"specials": ["<s>", "?", "NONE"], "low": -(10**6), "high": 10**6}},
            longest_output=200,
        ),
        "INCOMPLETE",
        NO_STEPS,
    ),
    "a state that doubles": Bomb(
        run(
            {
                **ENDLESS,
                "architecture": "linear RNN",
                "layers": [
                    {
                        "type": "recurrence",
                        "state": ["s"],
                        "transition": matrix(1, 1, (0, 0, 10**39)),
                        "input": matrix(1, 1, (0, 0, 1)),
                        "output": matrix(1, 1),
                        "feedthrough": matrix(1, 1),
                    }
                ],
            },
            longest_output=10_000,
        ),
        "INCOMPLETE",
        [("_layers", "if size > MOST_BITS:", "if False:")],
    ),
    "units that square": Bomb(
        run(
            {
                **ENDLESS,
                "architecture": "gated RNN",
                "layers": [
                    {
                        "type": "gated recurrence",
                        "state": ["s"],
                        "inner": ["z"],
                        "units": [f"u{place}" for place in range(40)],
                        "transition": matrix(1, 1),
                        "input": matrix(1, 1, (0, 0, 2)),
                        "output": matrix(1, 1),
                        "feedthrough": matrix(1, 1),
                        "opens": matrix(40, 1, *((place, 0, 1) for place in range(40))),
                        "carries": matrix(40, 1, *((place, 0, 1) for place in range(40))),
                        "adds": matrix(1, 40, *((0, place, 1) for place in range(40))),
                        "kept": matrix(1, 1, (0, 0, 1)),
                    }
                ],
            },
            version=2,
            longest_output=2,
        ),
        "INCOMPLETE",
        [("_layers", "inner[target] = settled([inner[target] + weight * unit])[0]", "inner[target] += weight * unit")],
    ),
    "searches": Bomb(
        run(model=searching(), longest_output=2_000),
        "INCOMPLETE",
        [("_search", "context[:start], self._left - self._least)", "context[:start], 10**18)")],
        seconds=1,
    ),
    "words of brackets": Bomb(
        state_count(Question("bounded-dyck", 8, 4), "words", 4**8, 6),
        "INCOMPLETE",
        [("_fooling", "if count > most or asked > MOST_QUERIES or count * asked > cells:", "if False:")],
    ),
    "points on a large grid": Bomb(
        fooling_set(Question("nearest-neighbour", 300, 2), [(1, 1, 1) * 300], 1),
        "INCOMPLETE",
        [("_fooling", "cells //= question.n * len(unit(question)) + query_length(question)", "pass")],
    ),
    "pairs of words": Bomb(
        state_count(Question("equality", 16, 2), "words", 2**16, 2**16),
        "INCOMPLETE",
        [("_fooling", "if count > most or asked > MOST_QUERIES or count * asked > cells:", "if False:")],
    ),
    "a sample of nearly all": Bomb(
        run(
            kind="sampled",
            alphabet=3_000,
            inputs=9_000_000,
            checked=8_999_999,
            seed=0,
            model=model(vocabulary={"specials": ["<s>", "?", "NONE"], "low": 1, "high": 3_000}),
        ),
        "INCOMPLETE",
        [("_runs", "if total > most:", "if False:"), *NO_STEPS],
    ),
}


def outcome(folder: Path, path: Path, seconds: float) -> tuple[int, str]:
    """The exit code and the line of a kernel that runs within the limits; an empty line if it was killed."""

    def limited() -> None:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # stays when the program is loaded; its signal ends it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder), str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=limited,
    )
    return done.returncode, done.stdout.strip()


@pytest.fixture(scope="module", autouse=True)
def bytecode() -> None:
    """The kernel is compiled, and so are its copies: to compile is no part of what a bomb takes."""
    assert compileall.compile_dir(FOLDER, quiet=1)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_the_limits(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.json"
    path.write_text(canonical_text(BOMBS[name].certificate))
    assert path.stat().st_size < 40_000
    code, line = outcome(FOLDER, path, BOMBS[name].seconds)
    assert line.split(" ")[0] == BOMBS[name].word, (code, line)
    assert "not enough memory" not in line
    assert "internal error" not in line


@pytest.mark.parametrize("name", BOMBS)
def test_without_its_count_the_bomb_goes_off(name: str, tmp_path: Path) -> None:
    folder, path = tmp_path / "kernel", tmp_path / "bomb.json"
    shutil.copytree(FOLDER, folder)
    path.write_text(canonical_text(BOMBS[name].certificate))
    for module, old, new in BOMBS[name].fault:
        text = (folder / f"{module}.py").read_text()
        assert text.count(old) == 1, f"the fault no longer fits: {old}"
        (folder / f"{module}.py").write_text(text.replace(old, new))
    code, line = outcome(folder, path, BOMBS[name].seconds)
    # Where memory ends inside one of its own steps, CPython may report a SystemError in the place of a MemoryError.
    assert code < 0 or "not enough memory" in line or "SystemError: error return without exception" in line, (
        code,
        line,
    )


def test_true_claims_at_the_limits_stay_within_them(tmp_path: Path) -> None:
    """The largest files without a model that are verified."""
    largest = [
        fooling_set(Question("index", 16, 2), "words", 2**16),
        fooling_set(Question("associative-recall", 8, 8), "permutations", 40_320),
        fooling_set(Question("associative-recall", 8, 8, "promise"), "rotations", 5_040),
        fooling_set(Question("counting", 10, 8), "multisets", 19_448),
        fooling_set(Question("istree", 7, 7), "partitions", 878),
        fooling_set(Question("istree", 8, 8, "promise"), "partitions", 162),
        fooling_set(Question("istree", 12, 12), [()], 1),
        fooling_set(Question("mqar", 1, 46), [(1,)], 1),
        fooling_set(Question("bounded-dyck", 8, 4), [(1,) * 8], 1),
        fooling_set(Question("nearest-neighbour", 28, 2), [(1, 1, 1) * 28], 1),
        state_count(Question("copying", 16, 2), "words", 2**16, 2**16),
        state_count(Question("disjointness", 8, 2), "words", 256, 256),
        state_count(Question("nearest-neighbour", 9, 2), "row", 512, 512),
        state_count(Question("bounded-dyck", 4, 4), "words", 256, 6),
        state_count(Question("mqar", 14, 9), "assignments", 128, 128),
        state_count(Question("counting", 6, 6), "words", 6**6, 462),
        state_count(Question("index", 16, 2), "words", 2**16, 2**16),
        no_machine(Question("istree", 13, 13), [(), (1, 2)], 1, [], []),
        no_machine(Question("index", 1, 66), [(i,) for i in range(1, 67)], 65, list(range(65)), []),
    ]
    for certificate in largest:
        path = tmp_path / "certificate.json"
        path.write_text(canonical_text(certificate))
        assert outcome(FOLDER, path, seconds=2)[1].startswith("VERIFIED")


def test_sets_of_legal_queries_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under promise every two kinds of prefixes are compared: 5,040 rotations are of seven kinds."""
    text = canonical_text(fooling_set(Question("associative-recall", 8, 8, "promise"), "rotations", 5_040)).encode()
    monkeypatch.setattr(_fooling, "MOST_CUTS", 7 * 5_040)
    assert check(text).word == "VERIFIED"
    monkeypatch.setattr(_fooling, "MOST_CUTS", 7 * 5_040 - 1)
    assert check(text).word == "INCOMPLETE"


@pytest.mark.parametrize("name", sorted(corpus.good()))
def test_numbers_of_every_field_have_limits(name: str) -> None:
    """A number of thousands of digits in the place of any number at the top is refused, and said in one line."""
    certificate = corpus.good()[name]
    for key, value in certificate.items():
        if isinstance(value, int):
            verdict = check(canonical_text({**certificate, key: 10**3_999}).encode())
            assert verdict.word in ("MALFORMED", "REJECTED"), (key, verdict)
            assert len(verdict.line) < 300


def test_a_sentence_that_would_be_cut_off_is_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out of a sentence may be the caveat at its end."""
    text = canonical_text(corpus.good()["recall model, sampled"]).encode()
    assert check(text).word == "VERIFIED"
    monkeypatch.setattr(kernel_main, "LONGEST_LINE", 100)
    assert check(text) == _verdict.Verdict(
        "INCOMPLETE", "sampled: the sentence has more than the 100 characters of a line"
    )


def test_a_check_that_returns_nothing_verifies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = canonical_text(corpus.good()["index"]).encode()
    for returned in (None, True, 1, b"so"):
        monkeypatch.setattr(_fooling, "check", lambda fields, sample, returned=returned: returned)
        assert check(text).word == "INCOMPLETE"


def test_a_kind_whose_checker_is_missing_is_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = json.loads(canonical_text(corpus.good()["index"]))
    monkeypatch.setitem(kernel_main.KINDS, "fooling-set", (kernel_main.KINDS["fooling-set"][0], "_missing"))
    assert check(json.dumps(certificate).encode()).word == "INCOMPLETE"
