"""``explain`` on the command line."""

import json
import re
from pathlib import Path

import pytest

from constructions import CONSTRUCTIONS, construction
from proofs_check.cli import main
from tests.worked_example_runs import INPUTS


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as stopped:
        main(["explain", *arguments])
    code = stopped.value.code
    seen = capsys.readouterr()
    return (code if isinstance(code, int) else 0), seen.out, seen.err


def test_text_is_the_default_and_short(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = explained(capsys, "transformer/associative-recall", "3 1 4 1 5 ? 4")
    assert (code, err) == (0, "")
    assert "found: Who came right after a 4, most recently? 1 did, at position 4." in out
    assert "looks for previous.token = token = 4" in out
    assert "picks position 4 (1), gap 12; reads found.token 1" in out
    assert out.endswith("answer: 1 (the reference answer is 1, the same)\n")
    assert "fast engine" not in out
    assert len(out.splitlines()) < 20


def test_full_prints_the_plan_of_every_head(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = explained(capsys, "transformer/associative-recall", "3 1 4 1 5 ? 4", "--full")
    assert re.search(r"^  previous: position look-up; keys on the lattice form in position", out, re.M)
    assert re.search(r"^  found: latest equal key or default record; .*previous\.token = token", out, re.M)
    _, out, _ = explained(capsys, "transformer/istree", "1-2", "--full")
    assert re.search(r"^  end of edges: running maximum; ", out, re.M)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_construction(capsys: pytest.CaptureFixture[str], name: str) -> None:
    text = INPUTS[name.partition("/")[2]]
    extra = ["--steps", "3"] if name.endswith("/turing") else []
    code, out, err = explained(capsys, name, text, *extra)
    assert err == ""
    assert code == (3 if extra else 0)
    if extra:
        assert re.search(r"no answer was written \(the reference writes the same \d+ tokens and [1-9]\d* more\)", out)
    elif construction(name).transcript is None:
        assert re.search(r"answer: (\S+) \(the reference answer is \1, the same\)", out)
    else:
        assert re.search(r"answer: \S+ \(the reference writes the same transcript\)", out)


def test_a_machine_that_halts(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("transformer/turing", "hybrid/turing", "retrieval/turing", "rnn/turing"):
        code, out, _ = explained(capsys, name, "--machine", "1RB1LB_1LA1RZ", "--steps", "6")
        assert (code, "answer: HALT (the reference" in out) == (0, True), name


def test_files_are_written_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    code, out, err = explained(capsys, "transformer/istree", "a-b b-c", "--format", "html", "--out", str(target))
    assert (code, out, err) == (0, "", "")
    assert target.read_text(encoding="utf-8").endswith("</html>\n")
    missing = tmp_path / "no" / "page.html"
    code, out, err = explained(capsys, "transformer/istree", "a-b", "--format", "html", "--out", str(missing))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "cannot write" in err
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_json_is_one_document_with_exact_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = explained(capsys, "transformer/counting", "1 2 1 1 ? 1 2", "--json")
    document = json.loads(out)
    heads = [head for block in document["moments"][0]["blocks"] for head in block["heads"]]
    (matches,) = [head for head in heads if head["name"] == "matches"]
    assert matches["reads"] == [{"name": "matches.is <s>", "value": "1/4"}]
    assert matches["score"] == 1
    assert document["answer"] == "1"
    assert '"value": 0.' not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["transformer/nothing", "1 ? 1"], "no construction is called 'transformer/nothing'"),
        (["transformer/index"], "no input is given"),
        (["transformer/index", "1 2 ? 9"], "9"),
        (["transformer/index", "1 ? 1", "--format", "pdf"], "--format"),
        (
            ["transformer/index", "1 ? 1", "--machine", "1RB1LB_1LA1RZ"],
            "is for the constructions that are called NAME/turing",
        ),
        (["transformer/istree", "[BOS]1-2[EOS]\n[BOS]1-3[EOS]"], "2 graphs; explain takes one at a time"),
        (["hybrid/turing", "012"], "'2'"),
        (["hybrid/turing", "01", "--input-format", "edges"], "--input-format edges is for graphs"),
        (["transformer/index", f"{'1 ' * 7000}? 5"], "too long to be explained"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, out, err = explained(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err


def test_a_construction_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "two_hop.py"
    code, out, err = explained(capsys, "3 1 4 1 5 ? 3", "--construction", f"{example}:two_hop")
    assert (code, err) == (0, "")
    assert out.endswith("answer: 5 (the reference answer is 5, the same)\n")


def test_a_run_in_few_bits_is_refuted_and_shows_which_scores_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"{' '.join(map(str, range(1, 17)))} ? 13"
    code, out, err = explained(capsys, "transformer/index", text, "--arithmetic", "float:7")
    assert (code, err) == (1, "")
    assert "n = 16, in float:7" in out
    assert "picks the average of 5 positions: 11 (11), 12 (12), 13 (13), 14 (14), 15 (15), 1 of them matches" in out
    code, out, _ = explained(capsys, "transformer/index", text, "--arithmetic", "float:8", "--json")
    assert (code, json.loads(out)["arithmetic"]) == (0, "float:8")
    code, _, err = explained(capsys, "hybrid/turing", "--arithmetic", "bfloat16", "--steps", "3")
    assert (code, err) == (3, "")
    for arithmetic, said in (("float:8@2", "with hard attention"), ("ball:9", "with hard attention"), ("x", "unknown")):
        code, out, err = explained(capsys, "transformer/index", text, "--arithmetic", arithmetic)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err


@pytest.mark.parametrize("form", ["text", "md", "html", "tex"])
def test_the_notation_of_keys_is_explained_once(capsys: pytest.CaptureFixture[str], form: str) -> None:
    _, out, _ = explained(capsys, "transformer/associative-recall", "3 1 4 1 5 ? 4", "--format", form)
    plain = re.sub(r"[\\{}]", "", " ".join(out.split()))
    meant = "previous.token = token = 4 means: a position where previous.token is 4, the value of token here."
    assert plain.count(meant) == 1
    _, out, _ = explained(capsys, "retrieval/index", "3 1 4 1 5 ? 2", "--format", form)
    assert " means: a position" not in out
