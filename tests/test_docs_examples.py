"""The examples that the documentation shows do what it says of them."""

import importlib.util
import json
import re
import shlex
import statistics
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from constructions.theorems import THEOREMS, construction
from constructions.worked_examples import explain
from proofs_check.cli import app, main
from proofs_check.report import summary_head
from tests.readme import README, exit_code, shown

EXAMPLE = f"{Path(__file__).parents[1] / 'docs' / 'examples' / 'two_hop.py'}:two_hop"


def test_a_construction_of_ones_own_runs_and_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--construction", EXAMPLE, "3 1 4 1 5 9 ? 4"])
    assert (ended.value.code, capsys.readouterr().out) == (0, "answer: 5\n")
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", EXAMPLE, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (ended.value.code, report["verdict"]) == (0, "VERIFIED")
    assert [claim["verdict"] for claim in report["theorems"][0]["claims"]] == ["VERIFIED"] * 7


def test_a_wrong_reference_refutes_it_with_the_smallest_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = Path(EXAMPLE.rpartition(":")[0]).read_text(encoding="utf-8")
    assert "follower.get(follower.get(int(query))" in source
    wrong = tmp_path / "one_hop.py"
    wrong.write_text(source.replace("follower.get(follower.get(int(query)), NONE)", "follower.get(int(query), NONE)"))
    sys.modules.pop("_user_construction", None)
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", f"{wrong}:two_hop", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    found = report["theorems"][0]["claims"][0]["counterexample"]
    # the shortest sequence in which one hop and two hops differ
    assert found["input"] == "1 2 ? 1"
    assert (found["expected"], found["written"]) == (["2"], ["NONE"])


DOCS = Path(__file__).parents[1] / "docs"


def test_the_short_example_is_as_short_as_the_page_says() -> None:
    lines = (DOCS / "examples" / "next_word.py").read_text(encoding="utf-8").partition('"""\n\n')[2].splitlines()
    task = lines.index("task = FunctionTask(")
    begins = lines.index("def next_word():")
    written = [line for line in lines if line.strip()]
    page = (DOCS / "your-own-construction.md").read_text(encoding="utf-8")
    assert f"The task takes {len([x for x in lines[task:begins] if x.strip()]) - 2} lines of words" in page
    assert f"{len(written)} lines in all" in page
    assert len(written) <= 22


@pytest.mark.parametrize(
    ("bug", "text", "written", "expected"),
    [
        ("a", "1 ? 1", "0", "1"),
        ("b", "1 ? 1", "0", "NONE"),
        ("c", "1 ? 1 1", "1", "NONE"),
        ("d", "1 ? 1 1", "1", "0"),
        ("e", "1-2 1-3", "3 1 3 NO", "3 1 2 1 3 YES"),
        ("f", "1-2 3-4", "4 3 4 YES", "4 3 4 NO"),
    ],
)
def test_each_planted_bug_is_found_by_its_smallest_input_while_all_contracts_hold(
    bug: str, text: str, written: str, expected: str, capsys: pytest.CaptureFixture[str], little_evidence: None
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", f"{DOCS / 'examples' / 'planted_bugs.py'}:{bug}", "--json"])
    claims = json.loads(capsys.readouterr().out)["theorems"][0]["claims"]
    verdicts = {claim["name"].rpartition(": ")[2]: claim["verdict"] for claim in claims}
    assert (ended.value.code, verdicts) == (
        1,
        {
            "answers": "REFUTED",
            **({"transcript": "REFUTED"} if bug in "ef" else {}),
            "tokens": "INCOMPLETE",
            "context": "INCOMPLETE",  # how much is written follows from the reference, which is not what is written
            "shape": "VERIFIED",
            "parameter bits": "VERIFIED",
            "activation bits": "VERIFIED",
            "contracts": "VERIFIED",
            "kernel": "REFUTED",
        },
    )
    found = claims[0]["counterexample"]
    assert (found["input"], " ".join(found["written"]), " ".join(found["expected"])) == (text, written, expected)


def loaded(name: str) -> ModuleType:
    """A Python file of the documentation as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_of_the_readme_is_what_its_command_writes() -> None:
    picture = loaded("picture")
    assert picture.FILE.read_text(encoding="utf-8") == picture.picture()
    assert picture.FILE.stat().st_size < 10_000
    for name, file in (("README.md", "docs/static/gap.svg"), ("docs/index.md", "static/gap.svg")):
        page = (DOCS.parent / name).read_text(encoding="utf-8")
        shown = page[page.index("![") : page.index(f"]({file})")]
        for bits in (picture.needed(1024), picture.held("retrieval/istree", 1024), picture.held("hybrid/istree", 1024)):
            assert f"{bits:,}" in shown


def test_the_live_page_in_the_picture_of_the_readme() -> None:
    """What the words about it say, by the weights."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    words, text, position, gap, answer = re.findall(
        r"(on ([0-9 ?]+): .* at position (\d+), whose score is ahead by (\d+), and the answer is (\d+))\.\]", readme
    )[0]
    trace = explain(construction("transformer/associative-recall"), text)
    found = next(head for block in trace.moments[-1].blocks for head in block.heads if head.name == "found")
    assert found.second_score is not None
    assert (trace.answer, found.score - found.second_score) == (answer, int(gap)), words
    assert [pick.position for pick in found.picks] == [int(position)]
    assert (DOCS / "static" / "live.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_shows_the_table_that_verify_prints() -> None:
    """Its head and a row for each theorem; CI compares the numbers with those of a run."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    shown = readme[readme.index(summary_head()) :].partition("```")[0].splitlines()[2:]
    assert [line.split()[:2] for line in shown] == [[number, "VERIFIED"] for number in THEOREMS]


def test_the_commands_of_the_readme_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(shown(README)) == 3
    (tmp_path / "docs").symlink_to(DOCS)
    monkeypatch.chdir(tmp_path)
    for command, output in shown(README).items():
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(command)[1:])
        assert capsys.readouterr().out == output
        assert ended.value.code == exit_code(command)
    assert "<script" in (tmp_path / "tour.html").read_text(encoding="utf-8")


def test_every_command_stands_in_the_reference_with_all_its_options() -> None:
    pages = loaded("_pages")
    reference = pages.commands()
    for name, command in app.commands.items():
        assert f"## `{name}`" in reference
        for option in command.get_params(click.Context(command)):
            shown = any(f"`{flag}" in reference for flag in option.opts)
            assert shown or option.param_type_name == "argument" or "--help" in option.opts


def parsed(line: str) -> None:
    """Reads a command as the command line does, and runs nothing."""
    name, *rest = shlex.split(re.split(r" (?:\||2?>|&&)", line)[0], comments=True)
    app.commands[name].make_context(name, rest)


def test_every_command_of_the_pages_is_one_that_the_command_line_reads() -> None:
    # A cell whose command is refused is a page like any other: Sphinx does not see its exit code.
    lines = [
        line
        for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md")
        for line in re.findall(r"^(?:!|\$ )?retrieval-gap (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(lines) > 80
    for line in lines:
        parsed(line)


@pytest.mark.parametrize("line", ['run hybrid/selective-copying "- c - a"', "bound index", "list --tasks"])
def test_a_command_that_is_not_read_is_seen(line: str) -> None:
    with pytest.raises(click.UsageError):
        parsed(line)


def test_every_public_package_stands_in_the_reference_of_python() -> None:
    configuration = loaded("conf")
    for root, page in (("constructions", "wiring"), ("proofs_check", "evidence")):
        source = [(DOCS / "api" / f"{page}.md").read_text(encoding="utf-8")]
        configuration.fill_in(None, page, source)
        written = source[0] + "".join(other.read_text(encoding="utf-8") for other in (DOCS / "api").glob("*.md"))
        packages = [path.parent.name for path in (DOCS.parent / root).glob("*/__init__.py")]
        assert len(packages) > 3
        for name in packages:
            assert name.startswith("_") or f".. automodule:: {root}.{name}\n" in written
        assert "<packages" not in source[0]


def test_every_theorem_has_a_page_that_explains_it() -> None:
    explained = loaded("_pages").EXPLAINED
    assert set(explained) == set(THEOREMS)
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in explained.values():
        assert f"\n{page}\n" in index


def test_half_of_the_gallery_takes_twenty_lines() -> None:
    pages = loaded("_pages")
    assert pages.lines_of('"""Of a module."""\n\nx = 1\n\n\ndef f():\n    """Of it."""\n    return x  # here\n') == 3
    assert statistics.median(pages.gallery_lines().values()) <= 20
