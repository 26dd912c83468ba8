"""Files as other programs and sites write them, through the command line, with their right results."""

from pathlib import Path

import pytest

from proofs_check.cli import main

TREE = "run transformer/istree @{file}"
MACHINE = "run hybrid/turing {word} --machine @{file}"
FINAL = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<structure><type>turing</type><automaton>
<state id="0" name="q0"><x>1.0</x><y>1.0</y><initial/></state>
<state id="1" name="q1"><x>1.0</x><y>1.0</y><final/></state>
<transition><from>0</from><to>1</to><read>a</read><write>a</write><move>R</move></transition>
<transition><from>1</from><to>1</to><read/><write/><move>R</move></transition></automaton></structure>
"""

# The command, the text of the file, the exit code, a line of standard output and how standard error begins.
CASES: dict[str, tuple[str, str, int, str, str]] = {
    "column names": (
        TREE,
        "source,target\n1,2\n2,3\n3,4\n",
        0,
        "answer: YES",
        "retrieval-gap: line 1, 'source target', is read as the names of the columns",
    ),
    "sizes, refused by name": (TREE, "5 4\n1 2\n1 3\n1 4\n1 5\n", 2, "", "retrieval-gap: line 1 is '5 4', and what"),
    "sizes": (f"{TREE} --input-format sized-edges", "5 4\n1 2\n1 3\n1 4\n1 5\n", 0, "answer: YES", ""),
    "no sizes": (f"{TREE} --input-format edges", "5 4\n1 2\n1 3\n1 4\n1 5\n", 0, "answer: NO", ""),
    "attributes": (TREE, "0 1 {}\n1 2 {}\n2 3 {'weight': -3}\n", 0, "answer: YES", ""),
    "both directions, refused by name": (
        TREE,
        "1 2\n2 1\n2 3\n3 2\n",
        2,
        "",
        "retrieval-gap: line 2, edge 2 joins '2' and '1' like line 1, edge 1: expected each edge once; "
        "--merge-duplicates reads such edges as one (read as edges; --input-format chooses another)\n",
    ),
    "both directions": (f"{TREE} --merge-duplicates", "1 2\n2 1\n2 3\n3 2\n", 0, "answer: YES",
                        "retrieval-gap: line 1: 2 repeated edges"),
    "one node": (
        TREE,
        "@\n",
        2,
        "",
        "retrieval-gap: line 1: the graph of one node is a tree, but it is excluded: graphs are given by their edges",
    ),
    "a final state without a rule": (MACHINE.format(word="11", file="{file}"), "0 1 0 r 0\n0 _ _ * accept\n", 0,
                                     "state: accept, head at 2", ""),
    "a wildcard": (MACHINE.format(word="abc", file="{file}"), "0 * * r 0\n0 _ _ l halt\n", 0, "answer: HALT", ""),
    "a wildcard, explained": ("explain hybrid/turing abc --machine @{file}", "0 * * r 0\n0 _ _ l halt\n", 0,
                              "answer: HALT (the reference writes the same transcript)", ""),
    "a tape without a colon": (
        MACHINE.format(word="", file="{file}"),
        "0 1 0 r 0\n0 _ _ l halt\n; $INITIAL_TAPE 101\n",
        3,
        "tape: 001 (cells 0 to 2)",
        "",
    ),
    "a transition from a final state": (MACHINE.format(word="a", file="{file}"), FINAL, 0, "answer: HALT", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_read_or_refused_by_name(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command, text, code, line, error = CASES[case]
    file = tmp_path / "given"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(command.format(file=file).split())
    out, err = capsys.readouterr()
    assert ended.value.code == code
    assert line in out.splitlines() if line else out == ""
    assert err.startswith(error)
    assert err.count("\n") == bool(error)
