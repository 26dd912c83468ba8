"""``precision``: a table, one JSON document, a figure; bad input is one line and exit code 2."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from constructions.theorems import construction
from constructions.wiring import bounds
from proofs_check.cli import main
from proofs_check.precision import figure, least_bits

INDEX = "transformer/index"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["precision", *arguments])
    captured = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, captured.out, captured.err


def test_json_has_the_bits_and_a_breaking_input(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, INDEX, "--n", "3,16", "--json")
    document = json.loads(out)
    assert (code, err, document["construction"]) == (0, "", INDEX)
    small, large = document["results"]
    assert (small["n"], small["exhaustive"], small["inputs"]) == (3, True, 81)
    assert (large["n"], large["bits"], large["sufficient"], large["exhaustive"]) == (16, 9, 10, False)
    assert large["breaking_input"].endswith("? 16")
    assert large["tested"] == [8, 9, 10]
    assert document["sufficient"] == "2^p >= 3 n^2 + 8 n + 4"
    assert document["inverse_temperature"].startswith("ln 2 * (p + 3 + log2(")


def test_the_table_says_what_is_measured_and_what_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, INDEX, "--n", "16")
    assert code == 0
    assert "2^p >= 3 n^2 + 8 n + 4" in out
    row = next(line for line in out.splitlines() if line.split()[:1] == ["16"])
    assert row.split()[1:4] == ["9", "10", "8-10"]
    assert "is a measurement" in out
    assert "proved from the contracts" in out


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_figure_has_axes_units_and_the_formula(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"figure.{form}"
    code, out, _ = run(capsys, INDEX, "--n", "4,16", "--out", str(target))
    assert code == 0
    assert str(target) in out
    data = target.read_bytes()
    if form == "png":
        assert data.startswith(b"\x89PNG\r\n")
        return
    text = " ".join(part.strip() for part in ElementTree.fromstring(data).itertext())  # noqa: S314
    assert "size n (tokens of the sequence, nodes, or steps; logarithmic)" in text
    assert "p (bits of the significand)" in text
    assert "2^p >= 3 n² + 8 n + 4" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "least p, as far as tested" in text
    assert "suffices, proved" in text


def test_the_same_results_give_the_same_file() -> None:
    subject = construction(INDEX)
    results = [least_bits(subject, n) for n in (2, 8)]
    assert figure(subject, results, "svg") == figure(subject, results, "svg")


def test_long_formulas_are_whole() -> None:
    subject = construction("hybrid/istree")
    drawing = figure(subject, [least_bits(subject, 3)], "svg")
    text = " ".join(part.strip() for part in ElementTree.fromstring(drawing).itertext())  # noqa: S314
    proved = bounds(subject.blueprint)
    assert proved is not None
    shown = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    assert proved.formula().count(" + ") > 3
    for term in re.sub(r"n\^([0-9])", lambda power: "n" + "⁰¹²³⁴⁵⁶"[int(power[1])], proved.formula()).split(" + "):
        assert term in shown


def test_softmax_names_itself(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, INDEX, "--n", "4", "--softmax", "--json")
    assert (code, json.loads(out)["attention"]) == (0, "softmax")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((INDEX, "--n", "4;5"), "--n 4;5"),
        ((INDEX, "--n", "0"), "--n 0: expected sizes from 1 to 16,384"),
        ((INDEX, "--n", "99999"), "--n 99999"),
        ((INDEX, "--n", "4", "--out", "figure.pdf"), ".svg or .png"),
        ((INDEX, "--n", "4", "--out", "/nowhere/at/all.svg"), "/nowhere/at/all.svg"),
        (("transformer/nothing", "--n", "4"), "transformer/nothing"),
        (("--n", "4"), "the name of a construction is missing"),
        ((INDEX, "--n", "4", "--machine", "1RB1LB_1LA1RZ"), "--machine"),
        ((INDEX,), "--n"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert named in err


def test_a_machine_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "hybrid/turing", "--n", "8", "--machine", "1RB1LB_1LA1RZ", "--json")
    assert code == 0
    assert json.loads(out)["results"][0]["bits"] <= json.loads(out)["results"][0]["sufficient"]


def test_positions_counted_from_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    """Index gains a bit; what is proved for positions counted from 0 is not claimed."""
    least = []
    for more in ([], ["--centred"]):
        with pytest.raises(SystemExit):
            main(["precision", "transformer/index", "--n", "64", "--json", *more])
        document = json.loads(capsys.readouterr().out)
        assert document["centred"] == bool(more)
        (found,) = document["results"]
        least.append(found["bits"])
        assert (found["sufficient"] is None) == bool(more)
    assert least == [13, 12]
    with pytest.raises(SystemExit):
        main(["precision", "transformer/index", "--n", "8", "--centred"])
    printed = capsys.readouterr().out
    assert "positions counted from the middle" in printed
    assert "suffices for all n" not in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hybrid/index", "--n", "8", "--centred"], "so nothing can be centred"),
        (["transformer/index", "--n", "8", "--centred", "--softmax"], "--centred measures hard attention only"),
    ],
)
def test_what_cannot_be_centred(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["precision", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
