"""What no computer can do is refused before anything of that size is made, with the number that says why."""

from pathlib import Path

import pytest

from tests import forked

HUGE = str(10**30)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["sweep", "transformer/index", "--n", "50", "--state", "STATE"], "10^84 sequences"),
        (["sweep", "transformer/index", "--n", HUGE, "--state", "STATE"], "at most 1000 tokens"),
        (["sweep", "transformer/index", "--n", "9", "--alphabet", HUGE, "--state", "STATE"], "more than 10^30"),
        (["sweep", "hybrid/c-gram", "--n", "7", "--alphabet", "60", "--state", "STATE"], "at most 10,000,000,000,000"),
        (["bound", "index", "--n", HUGE], "33,554,432"),
        (["bound", "istree", "--n", HUGE], "33,554,432"),
        (["bound", "istree", "--n", "100000"], "at most 50,000 nodes"),
        (["verify", "--max-n", HUGE], "up to 1,000,000,000"),
        (["verify", "4.6", "--max-n", "20"], "inputs of size at most 13 over 4 letters"),
        (["verify", "4.7", "--max-n", "7"], "inputs of size at most 6"),
        (["mutate", "transformer/index", "--n", "50"], "380,050 inputs"),
        (["mutate", "transformer/index", "--n", HUGE], "10^30 inputs"),
        (["export", "transformer/c-gram", "--n", "5", "--c", "1000000000", "--format", "npz", "--out", "F"], "2 to 5"),
        (["export", "rnn/turing", "--n", "5", "--cells", "10000000", "--format", "npz", "--out", "F"], "1 to 1,000"),
        (["export", "transformer/index", "--n", HUGE, "--format", "npz", "--out", "F"], "less than 2^60"),
        (["run", "rnn/turing", "1", "--cells", "10000000"], "1 to 1,000"),
        (["run", "hybrid/turing", "1", "--cells", HUGE], "less than 2^60"),
        (["run", "hybrid/turing", "1", "--cells", str(10**17)], "more than the 2,048 MiB that are allowed (--memory)"),
        (["run", "hybrid/turing", "1", "--steps", HUGE], "less than 2^60"),
        (["sweep", "transformer/c-gram", "--n", "4", "--c", "1000000000", "--state", "STATE"], "c from 2 to 5"),
        (["bound", "c-gram", "--n", "9", "--c", "1000000000"], "c from 2 to 5"),
        (["precision", "transformer/index", "--n", "1000000"], "from 1 to 16,384"),
        (["export", "hybrid/turing", "--n", "10000000", "--format", "npz", "--out", "F"], "at most 16,777,216"),
        (["generate", "istree", "--n", "1000000000", "--count", "1"], "at most 1,000,000"),
        (["generate", "index", "--n", "1000000", "--count", "1000000"], "at most 1,000,000,000"),
        (["generate", "index", "--n", HUGE, "--count", "1"], "more than 10^30"),
        (
            ["refute", "F", "--task", "index", "--n", HUGE],
            "n = more than 10^30: inputs are run; expected at most 100,000",
        ),
        (["refute", "F", "--construction", "gallery/parity", "--n", HUGE], "n = more than 10^30: inputs are run"),
        (["refute", "F", "--task", "istree", "--n", "1000000000"], "n = 1,000,000,000: inputs are run"),
        (
            ["refute", "F", "--task", "index", "--n", "3", "--alphabet", HUGE],
            "alphabet = more than 10^30: inputs are run",
        ),
        (
            ["refute", "F", "--task", "associative-recall", "--n", "3", "--prefixes", "key-value", "--keys", HUGE],
            "keys = more than 10^30: inputs are run",
        ),
    ],
    ids=lambda value: " ".join(value[:4]) if isinstance(value, list) else "",
)
def test_an_impossible_size_is_refused_at_once(arguments: list[str], why: str, tmp_path: object) -> None:
    """Within limits that end a command which begins the work: 20 seconds of processor time, 4 GiB."""
    model = Path(__file__).parents[2] / "docs" / "examples" / "small_states.py"
    file = f"{model}:gru" if arguments[0] == "refute" else str(tmp_path)
    given = [file if word in ("STATE", "F") else word for word in arguments]
    done = forked.run(f"from proofs_check.cli import main; main({given!r})", cpu=20, memory=2**32)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert why in done.stderr


def test_the_largest_sizes_below_the_limits_are_served() -> None:
    from constructions.theorems import construction
    from constructions.theorems._theorem_4_1 import MOST_CELLS
    from constructions.wiring._blueprint import MOST_BITS

    assert construction("rnn/turing", cells=MOST_CELLS).parameter is not None
    assert len(construction("transformer/index").at(2**MOST_BITS - 1).vocabulary) > 2**59


@pytest.mark.parametrize("name", ["hybrid/turing", "transformer/turing"])
def test_a_tape_of_which_little_is_visited_takes_little(name: str) -> None:
    """What is said about the run is the same as on a short tape."""
    said = set()
    for cells in (100, 10**7, 10**9):
        arguments = ["run", name, "10", "--cells", str(cells), "--json"]
        done = forked.run(f"from proofs_check.cli import main; main({arguments!r})", cpu=20, memory=2**32)
        assert (done.returncode, done.stderr) == (0, "")
        said.add(done.stdout)
    assert len(said) == 1
    assert '"tape"' in said.pop()
