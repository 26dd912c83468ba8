"""The script that installs the project and runs it anywhere: what is cheap of it, its faults, and its table."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def script() -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("installed_anywhere", Path(__file__).with_name("installed_anywhere.py"))
    assert spec is not None
    assert spec.loader is not None
    found = sys.modules["installed_anywhere"] = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.mark.parametrize("name", ["a home that is a file", "blanks and accents in the path", "killed while compiling"])
def test_situations_with_the_source_as_it_is(script: ModuleType, name: str, tmp_path: Path) -> None:
    place = script.Place(Path(sys.executable), tmp_path, tmp_path / "c.json", True, {"PYTHONPATH": str(ROOT)})
    script.judged(place.start("certify", "index", "--n", "3", "--out", str(place.certificate)), "27 prefixes")
    script.SITUATIONS[name](place)


@pytest.mark.parametrize(
    ("text", "told"),
    {
        "print('answer: 2')": "'answer: 1' is not in",
        "print('answer: 1'); raise SystemExit(70)": "exit code 70",
        "print('answer: 1'); print('a note', file=sys.stderr); print('another', file=sys.stderr)": "another",
        "print('answer: 1'); print('Traceback (most recent call last)', file=sys.stderr)": "Traceback",
    }.items(),
    ids=range(4),
)
def test_a_program_that_does_wrong_is_found(script: ModuleType, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "proofs_check.py").write_text(f"import sys; {text}\n")
    place = script.Place(Path(sys.executable), tmp_path, tmp_path, True, {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(script.Wrong, match=re.escape(told)):
        script.judged(place.start(*script.RUN), "answer: 1")


def test_one_note_is_allowed(script: ModuleType, tmp_path: Path) -> None:
    said = ("a note", "parts of the evidence: 1 of 2")
    text = "import sys; print('answer: 1'); " + "; ".join(f"print({line!r}, file=sys.stderr)" for line in said)
    (tmp_path / "proofs_check.py").write_text(text)
    place = script.Place(Path(sys.executable), tmp_path, tmp_path, True, {"PYTHONPATH": str(tmp_path)})
    script.judged(place.start(*script.RUN), "answer: 1")


def test_a_situation_that_goes_wrong_fails_the_script(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    def goes(error: Exception) -> Callable[[], None]:
        def work() -> None:
            raise error

        return work

    assert not script.tried("this", goes(script.Wrong("that")))
    assert script.tried("this", goes(script.NotTried("so")))
    assert capsys.readouterr().out == "FAILED     this: that\nnot tried  this: so\n"


def test_the_page_lists_what_the_script_tries(script: ModuleType) -> None:
    listed = re.findall(r"^\| ([^|]*?) *\|", PAGE, re.MULTILINE)
    assert [*script.INSTALLATIONS, *script.SITUATIONS] == [row for row in listed if row not in ("what", "---")]


def test_the_lowest_versions_are_those_that_are_declared(script: ModuleType) -> None:
    said = subprocess.run(
        [sys.executable, ROOT / ".ci" / "lowest"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert script.lowest() == said
