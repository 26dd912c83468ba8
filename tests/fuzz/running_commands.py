"""The command line under any arguments."""

import contextlib
import io
import json
import re

from proofs_check.cli import main
from tests.fuzz.faults import Fault, require

LINES = (
    ("run", "transformer/associative-recall", "3 1 4 1 5 ? 4"),
    ("run", "hybrid/counting", "1 2 1 1 ? 1 2", "--json"),
    ("run", "retrieval/index", "3 1 4 ? 2", "--arithmetic", "float:12"),
    ("run", "transformer/istree", "1-2 2-3", "--input-format", "inline"),
    ("run", "hybrid/turing", "--machine", "1RB1LB_1LA1RZ", "--steps", "20"),
    ("run", "rnn/turing", "11", "--steps", "9", "--cells", "5", "--jsonl"),
    ("compare", "index", "3 1 4 ? 2"),
    ("explain", "transformer/index", "3 1 4 ? 2", "--format", "md"),
    ("explain", "hybrid/istree", "1-2", "--format", "html", "--full"),
    ("bound", "associative-recall", "--n", "5", "--alphabet", "3", "--convention", "promise"),
    ("bound", "istree", "--n", "6", "--json"),
    ("bound", "index", "--n", "7", "--alphabet", "2", "--error", "1/8"),
    ("certify", "counting", "--n", "3", "--out", "fuzz.json"),
    ("check", "fuzz.json"),
    ("refute", "nowhere.py:made", "--task", "index", "--n", "3"),
    ("list", "--json"),
    ("mutate", "transformer/index", "--n", "1", "--limit", "1"),
    ("verify", "9.9"),
    ("run", "--construction", "nowhere.py:made", "1"),
    ("-h",),
)

_SEPARATOR = b"\n"


def try_command(data: bytes) -> bool:
    """Run one command; its arguments stand one a line. Files are named only by words that stay in this folder."""
    arguments = [part.decode("utf-8", "surrogateescape") for part in data.split(_SEPARATOR)][:12]
    arguments = [_harmless(argument) for argument in arguments]
    if arguments[:1] == ["verify"] or "mutate" in arguments[:1]:  # these work for minutes, as they should
        arguments = [arguments[0], "9.9" if arguments[0] == "verify" else "transformer/none", *arguments[2:]]
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(arguments)
    except SystemExit as ended:
        code = ended.code
    else:
        raise Fault("the command line did not end")
    require(code in (0, 1, 2, 3), f"exit code {code!r}")
    printed, said = out.getvalue(), err.getvalue()
    require("Traceback" not in printed + said, "a traceback")
    if code == 2 and arguments[:1] != ["check"]:
        require(said.count("\n") == 1 and said.startswith("retrieval-gap: "), f"bad input in {said!r}")
    if "--json" in arguments and code == 0 and not {"-h", "--help", "--jsonl"} & set(arguments):
        json.loads(printed)
    return code == 0


def _harmless(argument: str) -> str:
    """No path out of this folder, no number that asks for honest work of minutes."""
    if argument.startswith("@") or ("/" in argument and not re.fullmatch(r"[a-z]+/[a-z-]+", argument)):
        argument = argument.replace("/", "").lstrip("@")
    return "" if argument.endswith(".py:FACTORY") else argument
