"""--arithmetic: every number system by its name, and errors that say what was expected."""

import json

import pytest

from constructions.engine import Transcript
from constructions.errors import InputError
from proofs_check._commands._shared import parse_arithmetic
from proofs_check._commands.running import _changes
from proofs_check.cli import main

INPUT = "3 1 4 1 5 ? 4"


@pytest.mark.parametrize(
    "name",
    ["exact", "float:8", "float:24@60", "float:53", "fixed:20.4", "fixed:20.4@7/2", "ball:64", "ball:64@40", "bfloat16",
     "float16", "float32", "float32@30.5", "float8_e5m2"],
)  # fmt: skip
def test_names(name: str) -> None:
    assert parse_arithmetic(name).name == name


@pytest.mark.parametrize("name", ["float:24", "float:24@60", "fixed:20.4", "ball:64@40", "bfloat16", "float32"])
def test_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "transformer/associative-recall", INPUT, "--arithmetic", name])
    assert (ended.value.code, capsys.readouterr().out) == (0, "answer: 1\n")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("float:", "such as float:8"),
        ("float:x", "such as float:8"),
        ("float:1", "expected 2 to 53"),
        ("float:54", "expected 2 to 53"),
        ("float:8@", "positive number after @"),
        ("float:8@-3", "positive number after @"),
        ("float:8@1e999999999", "positive number after @"),
        ("float:8@0", "positive number"),
        ("float:8@1/0", "positive number"),
        ("fixed:3", "such as fixed:20.12"),
        ("fixed:60.9", "at most 62 together"),
        ("fixed:0.9", "at least 1 bit before the point"),
        ("ball:1", "expected 2 to 1,000,000"),
        ("ball:" + "9" * 5000, "such as ball:128"),
        ("exact@3", "no softmax"),
        ("posit16", "expected exact, float:P"),
        ("", "expected exact, float:P"),
    ],
)
def test_errors_say_what_was_expected(name: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_arithmetic(name)


def test_what_leaves_the_range_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "transformer/associative-recall", INPUT, "--arithmetic", "fixed:4.4"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    assert "fixed:4.4" in err
    assert "outside of -8 to 127/16" in err


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    return (ended.value.code, *capsys.readouterr())


def test_an_answer_that_rounding_changed_is_refuted(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["transformer/associative-recall", INPUT, "--arithmetic", "float:3"]
    said = "retrieval-gap: REFUTED: float:3 gives the answer 0, exact arithmetic 1\n"
    assert ran(capsys, *arguments) == (1, "answer: 0\n", said)
    code, out, err = ran(capsys, *arguments, "--json")
    document = json.loads(out)
    assert (code, err, document["answer"], document["exact_answer"]) == (1, said, "0", "1")
    assert ran(capsys, *arguments[:2], "--arithmetic", "float:24") == (0, "answer: 1\n", "")


def test_one_graph_of_many_that_rounding_changed(capsys: pytest.CaptureFixture[str]) -> None:
    """What is refuted is told first, though the transcript of the first graph changes too, and its answer does not."""
    code, out, err = ran(capsys, "transformer/istree", "Bw\nBg\nBW\nCF\n", "--arithmetic", "float:8")
    assert code == 1
    assert [line for line in out.splitlines() if "answer" in line] == [
        f"answer: {w}" for w in ("NO", "YES", "YES", "NO")
    ]
    assert err == (
        "retrieval-gap: instance 4 of 4: REFUTED: float:8 gives the answer NO, exact arithmetic YES (and 1 more)\n"
    )


def test_a_transcript_that_rounding_changed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right answer by another way: it is said, and is not REFUTED."""
    right, other = Transcript(("1", "2", "YES"), "YES", ()), Transcript(("1", "3", "YES"), "YES", ())
    assert list(_changes(right, right, "float:2")) == []
    assert list(_changes(other, right, "float:2")) == [
        "float:2 writes another transcript than exact arithmetic, from written token 2 on"
    ]
    assert list(_changes(Transcript(("1",), None, ()), right, "float:2")) == [
        "REFUTED: float:2 gives no answer, exact arithmetic YES"
    ]


@pytest.mark.parametrize(("name", "code"), [("float:3", 1), ("float:53", 0), ("exact", 0)])
def test_a_machine_whose_run_rounding_changed(name: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["hybrid/turing", "--machine", "1RB1LB_1LA1RZ", "--arithmetic", name]
    said = "REFUTED: float:3 writes another token than exact arithmetic, written token 1"
    found, out, err = ran(capsys, *arguments)
    assert found == code
    assert err == (f"retrieval-gap: {said}\n" if code else "")
    assert out.splitlines()[-2] == (said if code else "answer: HALT")
    document = json.loads(ran(capsys, *arguments, "--json")[1])
    assert document.get("verdict") == ("REFUTED" if code else None)
