"""The format of certificates is frozen: what release 1.0 wrote and verified is verified, in the same words.

The files of ``tests/certificate_corpus/version_1`` were written by release 1.0, and ``version_1.json`` by its kernel.
Those of ``version_2`` were written when that version was made. None is made anew: a change that fails here breaks the
promise of docs/versions.md.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from proofs_check import kernel
from proofs_check.certificates import VERSION, canonical_text
from proofs_check.kernel import EXIT_CODES, Verdict, _main
from proofs_check.kernel._reference import FURTHER

CORPUS = Path(__file__).parents[2] / "certificate_corpus" / "version_1"
LATER = CORPUS.with_name("version_2")
FROZEN: dict[str, Any] = json.loads(CORPUS.with_suffix(".json").read_text(encoding="utf-8"))
FROZEN_LATER: dict[str, Any] = json.loads(LATER.with_suffix(".json").read_text(encoding="utf-8"))
DIGESTS = {
    CORPUS: "57ccedb5912172eef7eb6e9cff06d13f74c08c06703644d56114cf9c856a04b0",
    LATER: "8930e3b0b29326bf7573aac5571a2c5b18e5c44e2b8800fdf23499d757666f7e",
}

FEW = ("index.json", "recall-model-sampled.json", "index-model-sweep.json")


def broken_promises(
    check: Callable[[bytes], Verdict], folder: Path, names: Sequence[str] = (), frozen: dict[str, Any] = FROZEN
) -> list[str]:
    """Files of a version that are missing, changed, or of which a kernel says anything but what the first one said."""
    broken = [name for name in names or frozen["certificates"] if not (folder / name).is_file()]
    for path in sorted(folder / name for name in names) if names else sorted(folder.iterdir()):
        data, told = path.read_bytes(), frozen["certificates"].get(path.name, {})
        if hashlib.sha256(data).hexdigest() != told.get("sha256") or check(data).line != told["line"]:
            broken.append(path.name)
    return broken


def test_this_kernel_verifies_all_that_was_verified_in_the_same_words() -> None:
    assert broken_promises(kernel.check, CORPUS) == []
    assert all(told["line"].startswith("VERIFIED ") for told in FROZEN["certificates"].values())


def test_the_records_themselves_are_those_that_were_made_first() -> None:
    for corpus, digest in DIGESTS.items():
        assert hashlib.sha256(corpus.with_suffix(".json").read_bytes()).hexdigest() == digest


def test_version_2_is_frozen_too() -> None:
    assert broken_promises(kernel.check, LATER, frozen=FROZEN_LATER) == []
    held = [json.loads((LATER / name).read_text(encoding="utf-8")) for name in FROZEN_LATER["certificates"]]
    assert {certificate["version"] for certificate in held} == {2}
    assert {kind: sorted(_main.KINDS[kind][0]) for kind in _main.SINCE} == FROZEN_LATER["fields"]
    assert set(FROZEN_LATER["fields"]) < {certificate["kind"] for certificate in held}
    assert set(FURTHER) < {certificate["task"] for certificate in held}

    def reworded(data: bytes) -> Verdict:
        return Verdict("VERIFIED", kernel.check(data).line.removeprefix("VERIFIED ").replace("least", "smallest"))

    assert broken_promises(reworded, LATER, frozen=FROZEN_LATER) != []


def test_the_corpus_has_every_kind_with_the_fields_that_it_had() -> None:
    since_1 = {kind: entry for kind, entry in _main.KINDS.items() if kind not in _main.SINCE}
    assert {kind: sorted(fields) for kind, (fields, _) in since_1.items()} == FROZEN["fields"]
    held = [json.loads((CORPUS / name).read_text(encoding="utf-8")) for name in FROZEN["certificates"]]
    assert {certificate["kind"] for certificate in held} == set(FROZEN["fields"])
    assert {"index", "associative-recall", "c-gram", "counting", "istree"} <= {c.get("task") for c in held}
    assert {"total", "promise"} <= {certificate.get("convention") for certificate in held}
    layers = [
        layer["type"] for certificate in held if "model" in certificate for layer in certificate["model"]["layers"]
    ]
    assert set(layers) == {"attention", "feed-forward", "recurrence", "selective recurrence"}
    assert {certificate["version"] for certificate in held} == {_main.OLDEST} == {1}
    assert VERSION == _main.VERSION
    assert EXIT_CODES == {"VERIFIED": 0, "REJECTED": 1, "MALFORMED": 2, "INCOMPLETE": 3}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OLDEST", 2),  # a kernel that reads only the next version
        ("FORMAT", "another-format"),
        ("KINDS", {kind: entry for kind, entry in _main.KINDS.items() if kind != "sweep"}),
        ("KINDS", _main.KINDS | {"sampled": ((*_main.KINDS["sampled"][0], "author"), "_runs")}),
    ],
    ids=["version", "format", "a kind less", "a field more"],
)
def test_a_kernel_that_breaks_the_promise_is_seen(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    assert broken_promises(kernel.check, CORPUS, FEW) == []
    monkeypatch.setattr(_main, name, value)
    assert broken_promises(kernel.check, CORPUS, FEW) != []


def test_other_words_and_other_files_are_seen(tmp_path: Path) -> None:
    def reworded(data: bytes) -> Verdict:
        return Verdict("VERIFIED", kernel.check(data).line.removeprefix("VERIFIED ").replace("needs", "requires"))

    assert "index.json" in broken_promises(reworded, CORPUS, FEW)
    (tmp_path / "index.json").write_text(canonical_text({**json.loads((CORPUS / "index.json").read_text()), "n": 4}))
    broken = broken_promises(kernel.check, tmp_path)
    assert broken.count("index.json") == 1
    assert len(broken) == len(FROZEN["certificates"])
