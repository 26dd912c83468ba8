"""Live pages from the command line: explain --live, compare --format html, gallery."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from constructions import CONSTRUCTIONS, construction
from constructions.machines import Machine, Transition
from constructions.worked_examples import live_html
from proofs_check.cli import main


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        main(arguments)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def data_of(page: str) -> dict[str, Any]:
    """What the page carries: documents and the input that it shows first."""
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page, re.S)
    assert found
    carried: dict[str, Any] = json.loads(found[1])
    return carried


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_live_page_needs_no_input(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, err = called(capsys, "explain", name, "--live")
    assert (code, err) == (0, "")
    carried = data_of(out)
    (document,) = carried["documents"]
    assert document["blueprint"]["name"] == name
    assert carried["text"] == document["facts"]["tries"][0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["transformer/index", "3 1 4 ? 2"], "3 1 4 ? 2"),
        (["transformer/istree", "1 2  # an edge list\n3,2"], "1-2 3-2"),
        (["retrieval/c-gram", "3 1 4 1 5 ? 1 4 1"], "3 1 4 1 5 ? 1 4 1"),
        (["hybrid/turing", "01", "--machine", "1RB1LB_1LA1RZ"], "01"),
    ],
)
def test_the_input_is_shown_first_as_the_page_reads_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], text: str
) -> None:
    file = tmp_path / "page.html"
    code, out, err = called(capsys, "explain", *arguments, "--live", "--out", str(file))
    assert (code, out, err) == (0, "", "")
    carried = data_of(file.read_text(encoding="utf-8"))
    assert carried["text"] == text
    if "--machine" in arguments:
        assert carried["documents"][0]["facts"]["machine"]["table"] == [
            [0, 0, 1, 1, 1],
            [0, 1, 1, -1, 1],
            [1, 0, 1, -1, 0],
            [1, 1, 1, 1, 2],
        ]


def test_a_page_holds_nothing_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Two inputs give the same page but for the input itself."""
    pages = [called(capsys, "explain", "hybrid/istree", text, "--live")[1] for text in ("a-b b-c", "x-y z-w y-z")]
    assert pages[0].replace('"text":"a-b b-c"', '"text":"x-y z-w y-z"') == pages[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["transformer/index", "1 2 ? 9", "--live"], "position 9 is not in the sequence"),
        (["transformer/index", "1 2 ? 1", "--live", "--format", "tex"], "cannot be combined with --format tex"),
        (["transformer/index", "1 2 ? 1", "--live", "--json"], "cannot be combined with --json"),
        (["transformer/index", "1 2 ? 1", "--live", "--full"], "cannot be combined with --full"),
        (["transformer/index", "1 2 ? 1", "--live", "--arithmetic", "float:8"], "cannot be combined with float:8"),
        (["transformer/index", "5000 ? 1", "--live"], "n = 5000: a live page runs sizes up to 1000"),
        (["transformer/nothing", "--live"], "no construction is called 'transformer/nothing'"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, out, err = called(capsys, "explain", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_all_families_of_a_task_come_on_one_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    code, out, err = called(capsys, "compare", "c-gram", "3 1 4 1 5 ? 1 4 1", "--format", "html", "--out", str(file))
    assert (code, out, err) == (0, "", "")
    carried = data_of(file.read_text(encoding="utf-8"))
    names = [document["facts"]["label"] for document in carried["documents"]]
    assert names == [f"{family}/c-gram, c = 4" for family in ("transformer", "retrieval", "hybrid")]
    code, out, err = called(capsys, "compare", "index", "1 ? 1", "--format", "html", "--json")
    assert (code, out) == (2, "")
    assert "--json and --format html are two forms" in err


def test_the_gallery_has_a_page_for_every_construction(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = called(capsys, "gallery", "--out", str(tmp_path / "new"), "--json")
    assert (code, err) == (0, "")
    files = json.loads(out)["files"]
    assert files[-1] == "index.html"
    assert len(set(files)) == len(files) == len(CONSTRUCTIONS) + 6
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(files)
    shown = {
        document["blueprint"]["name"]
        for name in files[:-1]
        for document in data_of((tmp_path / "new" / name).read_text(encoding="utf-8"))["documents"]
    }
    assert shown == set(CONSTRUCTIONS)


def test_no_name_of_a_user_ends_the_data() -> None:
    hostile = "</script><script>alert(1)</script><!--"
    machine = Machine(hostile, (hostile, "end"), ("_", "<"), 0, 0, frozenset({1}), {(0, 0): Transition(1, 1, 1)})
    page = live_html([construction("hybrid/turing", machine=machine)], "<")
    assert page.count("</script>") == page.count("<script") == 2
    assert "<!--" not in page
    carried = data_of(page)
    assert carried["text"] == "<"
    assert carried["documents"][0]["facts"]["machine"]["states"] == [hostile, "end"]
