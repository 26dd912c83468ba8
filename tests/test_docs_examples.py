"""The examples that the documentation shows do what it says of them."""

import json
import sys
from pathlib import Path

import pytest

from proofs_check.cli import main

EXAMPLE = f"{Path(__file__).parents[1] / 'docs' / 'examples' / 'two_hop.py'}:two_hop"


def test_a_construction_of_ones_own_runs_and_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--construction", EXAMPLE, "3 1 4 1 5 9 ? 4"])
    assert (ended.value.code, capsys.readouterr().out) == (0, "answer: 5\n")
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", EXAMPLE, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (ended.value.code, report["verdict"]) == (0, "VERIFIED")
    assert [claim["verdict"] for claim in report["theorems"][0]["claims"]] == ["VERIFIED"] * 3


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
