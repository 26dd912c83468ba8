"""What a release says of itself in several places is the same, and nothing stands in the README that no test checks."""

import re
import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml

import constructions
from constructions.machines import champion
from constructions.theorems import construction
from proofs_check.cli import main
from tests.readme import COMMANDS, ELSEWHERE, README, ROOT, commands, shown

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGES = re.findall(r"^## (\S+?)(?:, (\S+))?$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)


def test_the_version_is_one_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "docs" / "CITATION.cff").read_text(encoding="utf-8"))
    newest, when = next((version, when) for version, when in CHANGES if version != "Unreleased")
    assert PROJECT["version"] == citation["version"] == newest
    assert citation["date-released"] == date.fromisoformat(when)


def test_versions_fall_from_top_to_bottom() -> None:
    versions = [tuple(map(int, version.split("."))) for version, _ in CHANGES if version != "Unreleased"]
    assert versions == sorted(set(versions), reverse=True)
    assert len(versions) > 1


def test_the_command_line_says_its_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "7.8.9")
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, "retrieval-gap 7.8.9\n")
    assert constructions.__version__ == "7.8.9"


def test_every_command_of_the_readme_is_run_by_a_test() -> None:
    """By ``tests/system/test_installed_release.py`` or, as it stands there, by CI."""
    assert set(commands(README)) == COMMANDS.keys() | ELSEWHERE
    assert set(shown(README)) <= COMMANDS.keys()
    more = README + "\n```\n$ retrieval-gap list\n```\nand `retrieval-gap bound index --n 3`."
    assert set(commands(more)) - set(commands(README)) == {"retrieval-gap list", "retrieval-gap bound index --n 3"}
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    begins = [text.replace("\\", "") for text in re.findall(r'\$\(readme "(.*?)"\)', ci)]
    for command in ELSEWHERE:
        if command == "retrieval-gap prove":
            assert '"$python" -m proofs_check prove' in ci
        else:
            assert any(command.startswith(text) for text in begins), command


def test_links_of_the_readme_lead_to_files_of_the_source() -> None:
    links = re.findall(r"\]\(([^)#]+)", README)
    here = [link for link in links if not link.startswith("https://")]
    assert len(here) > 15
    assert [link for link in here if not (ROOT / link).is_file()] == []
    assert {link for link in links if link not in here} == set(PROJECT["urls"].values())


def test_what_the_readme_says_of_needs_and_time() -> None:
    assert f"Needs Python {PROJECT['requires-python'].removeprefix('>=')} or newer" in README
    seconds = [int(line.split()[-1]) for line in README.splitlines() if re.match(r"\d\.\d +VERIFIED ", line)]
    assert len(seconds) == 8
    assert 40 <= sum(seconds) / 2 <= 75  # "about a minute on two processors"
    assert PROJECT["license"] in README.partition("## Licence")[2]


def test_what_coq_proves_is_named_as_it_is_exported() -> None:
    """Which lengths of c-gram, and for which machine."""
    generated = {path.stem for path in (ROOT / "proofs_check" / "rocq" / "generated").glob("Gen_CGram*.v")}
    assert generated == {"Gen_CGram", "Gen_CGram2", "Gen_CGram4", "Gen_CGram5"}  # c is 3 where no number stands
    assert "c-gram for c = 2 to 5" in README
    machine = construction("hybrid/turing").task.machine
    assert machine == replace(champion("bb4").machine(), name=machine.name)
    assert "the busy beaver with 4 states" in README


def test_the_sources_are_those_of_the_version_control() -> None:
    """The changelog, the licence and the citation are part of what is distributed."""
    for name in (*PROJECT["license-files"], "CHANGELOG.md", "docs/CITATION.cff", PROJECT["readme"]):
        assert (ROOT / name).stat().st_size > 500
