"""The command line: bad input is one line and exit code 2, JSON is one document, exit codes say the verdict."""

import inspect
import json
import math
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from proofs_check.certificates import Question, fooling_set, save
from proofs_check.cli import app, main
from tests import forked

Output = tuple[int, str, str]
Run = Callable[..., Output]

ROOT = Path(__file__).resolve().parents[2]
RECALL = "transformer/associative-recall"

USER_FILE = '''"""A construction that reads its own token back, and mistakes in it, by name."""

from constructions.tasks import AssociativeRecall
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


class Echo(AssociativeRecall):
    name = "echo"

    def answers(self, sequence, queries):
        return [str(int(query)) for (query,) in queries]


class Louder(Echo):
    def answers(self, sequence, queries):
        return [str(int(query) + 1) if len(sequence) > 1 and query > 1 else str(int(query)) for (query,) in queries]


class Speechless(Echo):
    def answers(self, sequence, queries):
        return ["speechless"] * len(queries)


class Broken(Echo):
    def answers(self, sequence, queries):
        return [str(1 // (len(sequence) - 1)) for _ in queries]


def made(task, **options):
    w = Wiring("transformer/echo", specials=("<s>", "?", "stop"), numbers=(0, n), context=n + 2, **options)
    w.write(w.token)
    return Construction(w.name, task, w.finish(), "Writes the token that it reads.")


def right():
    return made(Echo())


def wrong():
    return made(Louder())


def impossible():
    return made(Speechless())


def broken():
    return made(Broken())


def large():
    return made(Echo(), least=300)


def endless():
    return made(Echo(), answers=("stop",))


def unprovable():
    w = Wiring("mine", specials=("<s>", "?"), numbers=(0, n), context=n + 2)
    w.write(w.token + 1)
    return w.finish()


def nothing():
    return 3


def failing():
    raise RuntimeError("on two\\nlines")


number = 7


class Numbers(Echo):
    def answers(self, sequence, queries):
        return [int(query) for (query,) in queries]


class One(Echo):
    def answers(self, sequence, queries):
        return 3


def numbers():
    return made(Numbers())


def one():
    return made(One())


def written():
    return replace(made(Echo()), transcript=lambda instance, n: (int(instance.query[0]),))


from dataclasses import replace
'''


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process; exit code, standard output, standard error.

    A slow machine needs long enough for lines that tell how far it is: there are none, so nothing else is hidden.
    """
    monkeypatch.setattr("proofs_check._commands._progress._SECONDS_BETWEEN_PLAIN_LINES", math.inf)

    def command(*arguments: str | Path) -> Output:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, captured.out, captured.err

    return command


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(USER_FILE, encoding="utf-8")
    return path


def assert_refused(output: Output, *words: str, with_code: int = 2) -> None:
    code, out, err = output
    assert code == with_code
    assert out == ""
    assert err.startswith("retrieval-gap: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for word in words:
        assert word in err


# Bad input.

BAD_COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "no such command": (["believe"], ["believe"]),
    "no such option": (["verify", "--fast"], ["--fast"]),
    "no such construction": (["run", "transformer/sort", "3 1 ? 1"], ["'transformer/sort'", "transformer/index"]),
    "no such theorem": (["verify", "9.9"], ["'9.9'", "4.6"]),
    "no such theorem among others": (["verify", "4.6", "9.9"], ["'9.9'"]),
    "no such arithmetic": (["run", RECALL, "3 1 ? 3", "--arithmetic", "float:"], ["float:", "exact"]),
    "no such engine": (["run", RECALL, "3 1 ? 3", "--engine", "slow"], ["slow", "plain"]),
    "no construction": (["run"], ["construction"]),
    "no input": (["run", RECALL], [RECALL, "no input"]),
    "empty input": (["run", RECALL, ""], ["empty input", "3 1 4 1 5 ? 4"]),
    "blank input": (["run", RECALL, "  \n "], ["empty input"]),
    "no separator": (["run", RECALL, "3 1 4"], ["'?'"]),
    "two separators": (["run", RECALL, "3 ? 1 ? 3"], ["tokens 2 and 4", "'?'"]),
    "n is 0": (["run", RECALL, "? 1"], ["sequence is empty", "at least 1"]),
    "no query": (["run", RECALL, "3 1 ?"], ["0 tokens, expected 1"]),
    "a long query": (["run", RECALL, "3 1 ? 3 1"], ["2 tokens, expected 1"]),
    "a query of five tokens": (["run", "transformer/c-gram", "3 1 ? 3 1 3 1 3"], ["5 tokens"]),
    "no integer": (["run", RECALL, "3 one ? 3"], ["token 2 is 'one'", "integer"]),
    "a fraction": (["run", RECALL, "3 1.5 ? 3"], ["token 2 is '1.5'"]),
    "a leading zero": (["run", RECALL, "3 01 ? 3"], ["token 2 is '01'"]),
    "another script's digits": (["run", RECALL, "3 ١ ? 3"], ["token 2"]),
    "nineteen digits": (["run", RECALL, "3 1234567890123456789 ? 3"], ["token 2", "18 digits"]),
    "a huge number": (["run", RECALL, "3 999999999999999999 ? 3"], ["MiB", "--memory"]),
    "a huge number, fast": (["run", RECALL, "3 999999999999999999 ? 3", "--engine", "fast"], ["MiB", "--memory"]),
    "a token below the vocabulary": (["run", RECALL, "3 0 ? 3"], ["token 2 of the sequence is 0", "from 1"]),
    "a negative query": (["run", RECALL, "3 1 ? -3"], ["-3"]),
    "a position of 0": (["run", "transformer/index", "3 1 ? 0"], ["position 0", "1 to 2"]),
    "a position beyond the end": (["run", "transformer/index", "3 1 ? 3"], ["position 3", "1 to 2"]),
    "a negative threshold": (["run", "transformer/counting", "3 1 ? 3 -1"], ["-1"]),
    "no graph": (["run", "transformer/istree", ""], ["empty"]),
    "a loop": (["run", "transformer/istree", "1-1"], ["1"]),
    "a repeated edge": (["run", "transformer/istree", "1-2 2-1"], ["2"]),
    "no file": (["run", RECALL, "@no-such-file"], ["no-such-file"]),
    "a directory as a file": (["run", RECALL, f"@{ROOT}"], [str(ROOT)]),
    "no memory": (["run", RECALL, "3 1 ? 3", "--memory", "0"], ["--memory"]),
    "memory without a unit that exists": (["run", RECALL, "3 1 ? 3", "--memory", "2 buckets"], ["2 buckets", "2GiB"]),
    "negative memory": (["run", RECALL, "3 1 ? 3", "--memory=-1"], ["-1"]),
    "a format for what is no graph": (["run", RECALL, "3 1 ? 3", "--input-format", "graph6"], ["graph6"]),
    "max-n of 0": (["verify", "--max-n", "0"], ["--max-n", "1"]),
    "max-n that is no number": (["verify", "--max-n", "five"], ["--max-n", "integer"]),
    "a negative seed": (["verify", "--seed", "-1"], ["--seed", "0"]),
    "out below a file": (["verify", "4.6", "--out", f"{ROOT / 'README.md'}/x"], ["README.md"]),
    "out that is a file": (["verify", "4.6", "--out", f"{ROOT / 'README.md'}"], ["README.md"]),
    "out where nothing can be written": (["verify", "4.6", "--out", "/proc"], ["/proc"]),
    "out where nothing can be made": (["verify", "4.6", "--out", "/proc/here"], ["/proc/here"]),
    "no file of the user's": (["verify", "--construction", "missing.py:f"], ["missing.py", "no such file"]),
    "a reference without a factory": (["verify", "--construction", "mine.py"], ["'mine.py'", "FILE.py:FACTORY"]),
    "a theorem beside one's own": (["verify", "4.6", "--construction", "x.py:f"], ["name no theorem"]),
    "two inputs": (["run", RECALL, "1 ? 1", "--construction", "x.py:f"], [RECALL, "only argument"]),
    "no certificate": (["check"], ["'FILE'"]),
    "no such task to bound": (["bound", "sort", "--n", "3"], ["'sort'", "index"]),
    "no such task to certify": (["certify", "sort", "--n", "3", "--out", "x.json"], ["'sort'", "index"]),
    "no such task to compare": (["compare", "sort", "3 1 ? 1"], ["'sort'", "index"]),
    "no such task to refute": (["refute", "x.py:f", "--task", "sort", "--n", "3"], ["'sort'", "index"]),
    "a bound for no tokens": (["bound", "index", "--n", "0"], ["n = 0", "at least 1"]),
    "a bound for no letters": (["bound", "index", "--n", "3", "--alphabet", "0"], ["alphabet", "0"]),
    "a bound without n": (["bound", "index"], ["n"]),
    "no such convention": (["bound", "index", "--n", "3", "--convention", "usual"], ["usual", "promise"]),
    "a certificate below a file": (["certify", "index", "--n", "3", "--out", f"{ROOT / 'README.md'}/x"], ["README.md"]),
    "no model to refute": (["refute", "missing.py:f", "--task", "index", "--n", "3"], ["missing.py"]),
    "bad input to compare": (["compare", "associative-recall", "3 one ? 3"], ["token 2 is 'one'"]),
}


@pytest.mark.parametrize("case", BAD_COMMANDS)
def test_bad_input_is_refused_in_one_line(case: str, run: Run) -> None:
    arguments, words = BAD_COMMANDS[case]
    assert_refused(run(*arguments), *words)


@pytest.mark.parametrize("case", ["two separators", "max-n of 0", "out below a file"])
def test_bad_input_is_refused_in_a_process_of_its_own(case: str) -> None:
    arguments, words = BAD_COMMANDS[case]
    assert_refused(forked.run(forked.COMMAND, *arguments), *words)
    assert_refused(forked.run(forked.COMMAND, *arguments, "--json"), *words)


def test_a_file_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"\x89PNG\xff\xfe")
    assert_refused(run("run", RECALL, f"@{tmp_path / 'image'}"), "image")


def test_a_context_that_needs_too_much_memory_is_refused_before_it_is_allocated(run: Run, tmp_path: Path) -> None:
    (tmp_path / "long").write_text(" ".join(["1", "2"] * 500_000) + " ? 1", encoding="utf-8")
    for engine in ("auto", "plain", "fast"):
        output = run("run", RECALL, f"@{tmp_path / 'long'}", "--memory", "100MB", "--engine", engine)
        assert_refused(output, "MiB", "95 MiB that are allowed (--memory)")


@pytest.mark.parametrize(
    ("factory", "words", "code"),
    [
        ("missing", ["defines no function 'missing'; it has ", "unprovable"], 2),
        ("unproveable", ["defines no function 'unproveable'; did you mean 'unprovable'? it has "], 2),
        ("number", ["defines no function 'number'"], 2),
        ("nothing", ["returned int", "Construction"], 2),
        ("failing", ["RuntimeError", "on two lines", "mine.py, line 71, raised"], 4),
        ("unprovable", ["cannot be proved exact", "n + 1 <= n", "written on", "line 62) (", "mine.py, line 63)"], 2),
        ("broken", ["ZeroDivisionError", "mine.py, line 27, raised"], 4),
        (
            "numbers",
            ["the answers of the task echo to 4 queries are '[1, 2, 3, 4]'; expected a list of as many tokens"],
            4,
        ),
        ("one", ["the answers of the task echo to 4 queries are '3'; expected a list of as many tokens"], 4),
        ("written", ["what transformer/echo must write on '1 ? 1' is (1,); expected a tuple of tokens"], 4),
    ],
)
def test_mistakes_in_a_users_file_are_told_in_one_line(
    factory: str, words: list[str], code: int, run: Run, user_file: Path
) -> None:
    assert_refused(run("verify", "--construction", f"{user_file}:{factory}"), *words, with_code=code)


def test_an_attribute_that_is_not_there_stands_beside_the_one_that_was_meant(run: Run, tmp_path: Path) -> None:
    lines = (
        "from constructions.wiring import Wiring, n",
        "def mine():",
        "    w = Wiring('transformer/x', specials=('<s>',), numbers=(0, n), context=n)",
        "    w.latset('x', [])",
    )
    (tmp_path / "typo.py").write_text("\n".join(lines), encoding="utf-8")
    output = run("run", "1", "--construction", f"{tmp_path / 'typo.py'}:mine")
    assert_refused(output, "typo.py, line 4, raised AttributeError", "; did you mean 'latest'?", with_code=4)


def test_a_users_file_that_does_not_load(run: Run, tmp_path: Path) -> None:
    (tmp_path / "syntax.py").write_text("def f(:\n")
    (tmp_path / "imports.py").write_text("import no_such_module_anywhere\n")
    syntax, imports = f"{tmp_path / 'syntax.py'}:f", f"{tmp_path / 'imports.py'}:f"
    assert_refused(run("verify", "--construction", syntax), "syntax.py, line 1,", "SyntaxError", with_code=4)
    assert_refused(run("run", "1 ? 1", "--construction", imports), "no_such_module_anywhere", with_code=4)


# Certificates: the kernel's verdict is a line on standard output, also if that is MALFORMED.


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', "\x00", '{"format": NaN}'])
def test_a_malformed_certificate(text: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(text, encoding="utf-8")
    code, out, err = run("check", path)
    assert (code, err) == (2, "")
    assert out.startswith("MALFORMED")
    assert out.count("\n") == 1


def test_the_verdict_on_a_certificate_is_the_exit_code(run: Run, tmp_path: Path) -> None:
    path, good = tmp_path / "certificate.json", fooling_set(Question("index", 3, 2), "words", 8)
    for change, code, word in [
        ({}, 0, "VERIFIED"),
        ({"states": 9}, 1, "REJECTED"),
        ({"states": "8"}, 2, "MALFORMED"),
        ({"n": 40}, 3, "INCOMPLETE"),
    ]:
        save({**good, **change}, path)
        assert run("check", path)[0::2] == (code, "")
        assert run("check", path)[1].startswith(word)
        assert json.loads(run("check", path, "--json")[1])["verdict"] == word


# What is printed.


def document(output: Output, code: int = 0) -> Any:
    """The one JSON document on standard output."""
    assert output[0] == code
    assert output[2] == ""
    return json.loads(output[1])


def test_run_prints_the_answer(run: Run) -> None:
    assert run("run", RECALL, "3 1 4 1 5 ? 4") == (0, "answer: 1\n", "")
    assert run("run", RECALL, "3 1 4 1 5 ? 5") == (0, "answer: NONE\n", "")
    assert run("run", "transformer/c-gram", "3 1 4 1 5 ? 1 4") == (0, "answer: 1\n", "")
    assert run("run", "transformer/counting", "1 2 1 1 ? 1 2") == (0, "answer: 1\n", "")
    assert run("run", "transformer/istree", "1-2 2-3") == (0, "3 2 1 2 3 YES\nanswer: YES\n", "")


def test_run_reads_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "input").write_text("3 1 4 1 5\n? 4\n", encoding="utf-8")
    assert run("run", RECALL, f"@{tmp_path / 'input'}") == (0, "answer: 1\n", "")


def test_run_as_json(run: Run) -> None:
    assert document(run("run", RECALL, "3 1 4 1 5 ? 4", "--json")) == {
        "construction": RECALL,
        "n": 5,
        "arithmetic": "exact",
        "tokens": ["1"],
        "token_count": 1,
        "answer": "1",
    }


def test_list_as_json(run: Run) -> None:
    listed = document(run("list", "--json"))
    assert {"constructions", "tasks", "theorems"} <= listed.keys()
    assert RECALL in [entry["name"] for entry in listed["constructions"]]
    assert "4.6" in [entry["number"] for entry in listed["theorems"]]
    code, text, err = run("list")
    assert (code, err) == (0, "")
    for name in [entry["name"] for entry in listed["constructions"]]:
        assert name in text


def test_verify_as_json(run: Run, little_evidence: None) -> None:
    report = document(run("verify", "4.6", "--max-n", "2", "--workers", "1", "--json"))
    assert report["verdict"] == "VERIFIED"
    ((theorem),) = report["theorems"]
    assert (theorem["number"], theorem["verdict"]) == ("4.6", "VERIFIED")
    assert theorem["not_checked"]
    for claim in theorem["claims"]:
        assert {"name", "verdict", "evidence", "scope"} <= claim.keys()
        for evidence in claim["evidence"]:
            assert evidence["kind"] in {"sampled", "exhaustive", "proved", "machine-checked", "argued", "measured"}
            assert evidence["inputs"] >= 2000 or evidence["kind"] != "sampled" if "inputs" in evidence else True
            assert "proved" not in evidence["words"]


def test_every_command_offers_json() -> None:
    assert {"list", "verify", "run", "check"} <= set(app.commands)
    for command in app.commands.values():
        assert command.callback is not None
        assert "json" in inspect.signature(command.callback).parameters


def test_other_commands_as_json(run: Run, tmp_path: Path) -> None:
    bound = document(run("bound", "index", "--n", "4", "--alphabet", "2", "--json"))
    assert (bound["states"], bound["bits"]) == (16, 4)
    out = tmp_path / "fooling.json"
    document(run("certify", "index", "--n", "3", "--alphabet", "2", "--out", out, "--json"))
    assert document(run("check", out, "--json"))["verdict"] == "VERIFIED"
    compared = document(run("compare", "associative-recall", "3 1 4 1 5 ? 4", "--json"))
    assert RECALL in json.dumps(compared)


def test_a_report_that_was_written_can_be_checked(run: Run, user_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "report"
    arguments = ["verify", "--construction", f"{user_file}:right", "--max-n", "2", "--out", out]
    report = document(run(*arguments, "--json"))
    assert report["verdict"] == "VERIFIED"
    assert json.loads((out / "report.json").read_text(encoding="utf-8")) == report
    assert "VERIFIED" in (out / "report.txt").read_text(encoding="utf-8")
    ((name, *_),) = report["certificates"].values()
    assert run("check", out / name)[0] == 0
    assert run(*arguments)[0] == 0


def test_a_report_of_a_checkout_that_is_not_installed(
    run: Run, user_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    out = tmp_path / "report"
    assert run("verify", "--construction", f"{user_file}:right", "--max-n", "2", "--out", out)[0] == 0
    assert "unknown" in (out / "report.html").read_text(encoding="utf-8")


def test_a_wrong_construction_of_the_users_is_refuted(run: Run, user_file: Path, tmp_path: Path) -> None:
    arguments = ["verify", "--construction", f"{user_file}:wrong", "--max-n", "3"]
    code, out, err = run(*arguments)
    assert (code, err) == (1, "")
    assert "REFUTED" in out
    assert "counterexample: on input '1 1 ? 2' (n = 2) it writes 2 instead of 3" in out
    report = document(run(*arguments, "--out", tmp_path / "out", "--json"), code=1)
    assert report["verdict"] == "REFUTED"
    found = report["theorems"][0]["claims"][0]["counterexample"]
    assert (found["input"], found["expected"], found["written"]) == ("1 1 ? 2", ["3"], ["2"])
    assert report["certificates"] == {}  # what is refuted gets no certificate


def test_an_answer_that_no_token_writes_is_refuted(run: Run, user_file: Path) -> None:
    code, out, err = run("verify", "--construction", f"{user_file}:impossible", "--max-n", "2")
    assert (code, err) == (1, "")
    assert "it writes 1 instead of speechless" in out


def test_a_construction_for_large_n_alone_is_sampled_there(run: Run, user_file: Path) -> None:
    code, out, err = run("verify", "--construction", f"{user_file}:large", "--max-n", "2")
    assert (code, err) == (0, "")
    assert "n up to 1025" in out


def test_no_answer_is_exit_code_3(run: Run, user_file: Path) -> None:
    arguments = ["run", "--construction", f"{user_file}:endless", "3 1 ? 3"]
    assert run(*arguments) == (3, "3 3\nno answer was written\n", "")
    report = document(run(*arguments, "--json"), code=3)
    assert report["answer"] is None
    assert report["token_count"] == 2


def test_without_a_command_there_is_help(run: Run) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    assert "Usage: retrieval-gap" in out


@pytest.mark.parametrize("command", [[], ["list"], ["verify"], ["run"], ["check"]])
def test_help_is_narrow_enough_to_read(command: list[str], run: Run) -> None:
    code, out, err = run(*command, "--help")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_there_are_no_colours(environment: dict[str, str]) -> None:
    """In a process that has not asked yet whether there are any."""
    for arguments in (["--help"], ["verify", "--max-n", "x"], ["check", "no-such-file"]):
        done = forked.run(forked.COMMAND, *arguments, loaded=forked.LIBRARIES, **environment)
        assert "\x1b" not in done.stdout + done.stderr
        assert done.stdout + done.stderr


def test_help_is_quick_because_it_imports_little() -> None:
    program = (
        "import sys\nfrom proofs_check.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as ended:\n    assert ended.code == 0\n"
        "heavy = {'numpy', 'sympy', 'numba', 'networkx', 'flint', 'matplotlib', 'scipy'} & sys.modules.keys()\n"
        "print('imported:', *sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "imported:"


@pytest.mark.parametrize(
    "before",
    [
        ["refute"],
        ["run", "1 ? 1", "--construction"],
        ["mutate"],
        ["check"],
        ["precision", "--n", "4", "--construction"],
    ],
)
def test_a_name_of_a_file_that_is_too_long_is_one_line(before: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    after = ["--task", "index", "--n", "3"] if before == ["refute"] else []
    with pytest.raises(SystemExit) as ended:
        main([*before, "n" * 300 + ".py:made", *after])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("\n") == 1
