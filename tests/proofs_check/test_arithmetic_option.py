"""--arithmetic: every number system by its name, and errors that say what was expected."""

import pytest

from constructions.errors import InputError
from proofs_check._commands._shared import parse_arithmetic
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
