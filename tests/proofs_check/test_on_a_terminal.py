"""Commands on a terminal, where they show progress: what tests that capture output cannot see."""

from pathlib import Path

import pytest

from tests import forked, toy_theorem

COMMANDS = {
    "verify on several processes": (["verify", "9.9", "--max-n", "2", "--workers", "2"], 0),
    "verify on one": (["verify", "9.9", "--max-n", "2", "--workers", "1"], 0),
    "run": (["run", "transformer/istree", "1-2 2-3"], 0),
    "explain": (["explain", "hybrid/istree", "1-2 2-3"], 0),
    "a machine": (["run", "hybrid/turing", "--machine", "1RB1LB_1LA1RZ", "--steps", "9"], 0),
    "precision": (["precision", "transformer/index", "--n", "4,8"], 0),
    "mutate": (["mutate", "transformer/index", "--n", "2", "--limit", "3"], 0),
    "sweep": (["sweep", "transformer/index", "--n", "3", "--state", "state", "--workers", "2"], 0),
    "bad input": (["run", "transformer/index", "1 ? 7"], 2),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_works_on_a_terminal(name: str, tmp_path: Path) -> None:
    arguments, code = COMMANDS[name]
    toy = name.startswith("verify")  # its claims are judged sooner than those of any theorem
    loaded = toy_theorem.loaded() if toy else forked.LOADED
    found, shown = forked.on_a_terminal(*arguments, folder=tmp_path, loaded=loaded)
    assert "Traceback" not in shown
    assert found == code, shown
    if toy:
        assert "\r" in shown.replace("\r\n", "\n")  # there was progress
        assert "claims in" in shown
