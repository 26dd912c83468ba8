"""Short commands load only what they need, so that they start quickly."""

import subprocess
import sys

import pytest

from constructions.theorems import CONSTRUCTIONS, NEIGHBOURING, construction, summary_of
from constructions.wiring import Wiring
from proofs_check._commands import listing

SLOW = {"numba", "networkx", "sympy", "matplotlib", "hypothesis", "scipy", "dask", "onnx", "pysat", "jinja2"}

REPORTING = """
import sys
from proofs_check.cli import main
try:
    main({arguments!r})
except SystemExit as ended:
    assert not ended.code, ended.code
print("loaded:", *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def loaded_by(arguments: list[str]) -> set[str]:
    """The packages that a command has loaded when it ends."""
    program = REPORTING.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].removeprefix("loaded:").split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["run", "transformer/index", "3 1 4 ? 2"],
        ["run", "hybrid/istree", "1-2 2-3"],
        ["bound", "istree", "--n", "8"],
    ],
    ids=" ".join,
)
def test_a_short_command_loads_nothing_that_is_slow_to_load(arguments: list[str]) -> None:
    loaded = loaded_by(arguments)
    assert "numpy" in loaded  # the list was read
    assert loaded & SLOW == set()


def test_the_list_builds_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a construction is built")

    monkeypatch.setattr(Wiring, "__init__", refuse)
    listing.show(json=False)
    assert "One head whose query is the asked number" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="is built"):
        construction("transformer/index", fresh=True)


@pytest.mark.parametrize("name", CONSTRUCTIONS | NEIGHBOURING)
def test_what_is_listed_is_what_pages_say(name: str) -> None:
    assert summary_of(name) == construction(name).summary
    assert 20 < len(summary_of(name)) < 200


def test_a_process_of_one_command_collects_rarely_and_others_as_before() -> None:
    seen = "import gc, sys; from proofs_check import cli; cli.ended = lambda work: print(gc.get_threshold()[0])\n"
    for call, threshold in (("cli.main()", "50000"), ("cli.main(['list'])", "700")):
        done = subprocess.run(
            [sys.executable, "-c", f"{seen}gc.set_threshold(700); {call}"], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [threshold]


def test_a_package_that_is_loaded_is_seen() -> None:
    assert "networkx" in loaded_by(["run", "transformer/istree", "Bw"])  # graph6


def test_parts_of_the_package_are_loaded_when_they_are_asked_for() -> None:
    program = (
        "import sys, constructions; before = set(sys.modules); constructions.construction; "
        "print('constructions.theorems' in before, 'constructions.theorems' in sys.modules, 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]


def test_an_unknown_name_is_refused_as_python_does() -> None:
    import constructions

    with pytest.raises(AttributeError, match="module 'constructions' has no attribute 'nothing'"):
        _ = constructions.nothing
