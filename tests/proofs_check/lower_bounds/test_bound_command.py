"""``bound`` and ``certify`` on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from proofs_check.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    captured = capsys.readouterr()
    return ended.value.code, captured.out, captured.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("index --n 10 --alphabet 2", (1024, 10, True)),
        ("counting --n 6", (462, 9, True)),
        ("counting --n 6 --convention promise", (462, 9, True)),
        ("associative-recall --n 6", (720, 10, True)),
        ("associative-recall --n 6 --convention promise", (120, 7, True)),
        ("associative-recall --n 9 --alphabet 5", (3064, 12, True)),
        ("associative-recall --n 4 --alphabet 3", (38, 6, True)),
        ("associative-recall --n 3 --alphabet 2 --keys 3 --convention promise", (8, 3, True)),
        ("c-gram --n 10 --alphabet 3 --c 3", (216, 8, True)),
        ("c-gram --n 10 --alphabet 3 --c 3 --convention promise", (24, 5, True)),
        ("c-gram --n 5 --c 3", (120, 7, True)),
        ("index --n 7 --alphabet 2 --error 1/8", (16, 4, False)),
        ("istree --n 7", (878, 10, True)),
        ("istree --n 5 --repeats ignored", (292, 9, True)),
        ("istree --n 8 --convention promise", (162, 8, False)),
        ("istree --n 3 --convention promise", (2, 1, True)),
    ],
)
def test_json(arguments: str, expected: tuple[int, int, bool], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "bound", *arguments.split(), "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["states"], found["bits"], found["exact"]) == expected
    assert {"task", "n", "alphabet", "convention", "formula"} <= set(found)


def test_the_count_beside_the_papers_n_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """For c-gram, whose queries the paper defines, and only where the other count is printed."""
    named = "paper    there every query of c-gram is defined: its count is that of --convention promise\n"
    for arguments, said in (
        ("c-gram --n 10 --alphabet 3", True),
        ("c-gram --n 10 --alphabet 3 --convention promise", False),
        ("associative-recall --n 6", False),
    ):
        code, out, _ = run(capsys, "bound", *arguments.split())
        assert (code, named in out) == (0, said)


def test_large_numbers_are_whole_in_json_and_short_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "bound", "istree", "--n", "1024", "--json")
    found = json.loads(out)
    assert (code, found["bits"], found["states"].bit_length()) == (0, 6586, 6586)
    code, out, _ = run(capsys, "bound", "index", "--n", "20000", "--alphabet", "2", "--json")
    assert (code, json.loads(out)["bits"], json.loads(out)["states"] == 2**20000) == (0, 20000, True)
    code, out, _ = run(capsys, "bound", "istree", "--n", "1024")
    assert code == 0
    assert "1,983 digits" in out
    assert "bits     6586 (log2 of the states is 6585.05, rounded up)\n" in out
    assert "formula  bell(n) + 1" in out
    assert max(map(len, out.splitlines())) < 100


def test_a_bound_that_is_not_tight_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "bound", "istree", "--n", "8", "--convention", "promise")
    assert code == 0
    assert "states   at least 162\n" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("bound sorting --n 3", "no task is called 'sorting'"),
        ("bound index --n 0", "n = 0"),
        ("bound index --n 3 --alphabet 0", "alphabet = 0"),
        ("bound index --n 3 --convention both", "there are total, promise"),
        ("bound index", "--n"),
        ("bound index --n x", "valid integer"),
        ("bound c-gram --n 40 --alphabet 7", "no formula is known"),
        ("bound istree --n 4 --alphabet 5", "leave it out"),
        ("bound index --n 99999999999", "bits"),
        ("bound index --n 7 --error 1/0", "a fraction from 0 to 1"),
        ("bound index --n 7 --error 9/8", "a fraction from 0 to 1"),
        ("bound index --n 7 --error -1", "a fraction from 0 to 1"),
        ("bound counting --n 7 --error 1/8", "not for counting"),
        ("certify index --n 30 --alphabet 2 --out x.json", "more than this kernel checks"),
        ("certify index --n 3 --out no/such/place.json", "cannot write"),
    ],
)
def test_bad_input_is_one_line(arguments: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_certificate_is_written_and_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "certificate.json")
    code, out, _ = run(capsys, "certify", "istree", "--n", "5", "--out", file)
    assert code == 0
    assert "53 prefixes" in out
    code, out, _ = run(capsys, "check", file)
    assert code == 0
    assert out.startswith("VERIFIED fooling-set: istree on 5 nodes, convention total")
    code, out, _ = run(capsys, "certify", "c-gram", "--n", "10", "--alphabet", "3", "--convention", "promise",
                       "--out", file, "--json")  # fmt: skip
    assert (code, json.loads(out)["states"], json.loads(out)["bits"]) == (0, 24, 5)
    assert run(capsys, "check", file)[0] == 0
    Path(file).write_text(Path(file).read_text().replace('"states":24', '"states":25'))
    assert run(capsys, "check", file)[0] == 1
