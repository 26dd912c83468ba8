"""The format of certificates is frozen: what release 1.0 wrote and verified is verified, in the same words.

The files of ``tests/certificate_corpus/version_1`` were written by release 1.0, and ``version_1.json`` by its kernel.
Neither is made anew: a change that fails here breaks the promise of docs/versions.md.
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

CORPUS = Path(__file__).parents[2] / "certificate_corpus" / "version_1"
FROZEN: dict[str, Any] = json.loads(CORPUS.with_suffix(".json").read_text(encoding="utf-8"))
DIGEST = "57ccedb5912172eef7eb6e9cff06d13f74c08c06703644d56114cf9c856a04b0"


FEW = ("index.json", "recall-model-sampled.json", "index-model-sweep.json")


def broken_promises(check: Callable[[bytes], Verdict], folder: Path, names: Sequence[str] = ()) -> list[str]:
    """Files of release 1.0 that are missing, changed, or of which a kernel says anything but what that of 1.0 said."""
    broken = [name for name in names or FROZEN["certificates"] if not (folder / name).is_file()]
    for path in sorted(folder / name for name in names) if names else sorted(folder.iterdir()):
        data, told = path.read_bytes(), FROZEN["certificates"].get(path.name, {})
        if hashlib.sha256(data).hexdigest() != told.get("sha256") or check(data).line != told["line"]:
            broken.append(path.name)
    return broken


def test_this_kernel_verifies_all_that_was_verified_in_the_same_words() -> None:
    assert broken_promises(kernel.check, CORPUS) == []
    assert all(told["line"].startswith("VERIFIED ") for told in FROZEN["certificates"].values())


def test_the_record_itself_is_the_one_of_the_release() -> None:
    assert hashlib.sha256(CORPUS.with_suffix(".json").read_bytes()).hexdigest() == DIGEST


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
