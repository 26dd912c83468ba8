"""Hundreds of bad command lines in one process: each ends with one short line that names what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofs_check.cli import main

NUMBERS = {
    "verify 4.6": ("--max-n", "--seed", "--workers"),
    "run hybrid/turing 1": ("--steps", "--cells"),
    "explain hybrid/turing 1": ("--steps",),
    "bound index": ("--n",),
    "bound index --n 3": ("--alphabet", "--keys", "--c"),
    "certify index --out F --n 3": ("--alphabet", "--keys", "--c"),
    "refute M.py:f --task index --n 3": ("--max-cot", "--budget", "--seconds", "--seed", "--alphabet"),
    "precision transformer/index": ("--n",),
    "precision transformer/c-gram --n 4": ("--c", "--seed"),
    "mutate transformer/index": ("--n", "--limit", "--seed"),
    "sweep transformer/index --state D": ("--n",),
    "sweep transformer/index --state D --n 3": ("--alphabet", "--workers", "--most-shards"),
    "export transformer/index --format npz --out F": ("--n",),
    "generate index --count 1": ("--n",),
    "generate index --n 3": ("--count", "--seed"),
}
NO_NUMBERS = ("x", "1.5.2", "one two", "3,x")

TURING = ("transformer/turing", "retrieval/turing", "hybrid/turing", "rnn/turing")

# A line each; words that the message must hold stand behind the bar.
LINES = """
believe | believe
lst | Did you mean 'list'? (see retrieval-gap --help)
verfy | Did you mean one of: 'certify', 'verify'?
run | the name of a construction is missing
run transformer/indx 3 | did you mean 'transformer/index'? There are
run transformr/index 3 | did you mean 'transformer/index'
run '' 3 | no construction is called ''
run transformer/sort 3 | There are transformer/index
run hybird/istree 1-2 | did you mean 'hybrid/istree'
explain transformer/indx 3 | did you mean 'transformer/index'
precision transformer/indx --n 3 | did you mean 'transformer/index'
mutate transformer/indx | did you mean 'transformer/index'
sweep transformer/indx --n 3 --state D | transformer/index
export transformer/indx --n 3 --format npz --out F | did you mean 'transformer/index'
compare indx 3 | did you mean 'index'
bound indx --n 3 | did you mean 'index'
certify indx --n 3 --out F | did you mean 'index'
refute M.py:f --task indx --n 3 | did you mean 'index'
generate indx --n 3 --count 1 | did you mean 'index'
verify 4.66 | did you mean '4.6'
verify 9.9 | '9.9'
verify 4.6 9.9 | '9.9'
verify 4.6 --json --details | --details changes nothing: --json holds everything
prove 4.66 | 4.66
refute M.py:f --construction gallery/parity --n 3 --seed 4 | --seed 4 has no place beside --construction
export transformer/index --n 3 --format onx --out F | did you mean 'onnx'? (see retrieval-gap export --help)
explain transformer/index '3 ? 1' --format htm | did you mean 'html'?
run transformer/index '3 ? 1' --engine fats | did you mean 'fast'?
generate index --n 3 --count 1 --family transfomer | did you mean 'transformer'?
bound index --n 3 --convention promis | did you mean 'promise'
bound index --n 3 --prefixes word | did you mean 'words'
bound index --n 3 --prefixes distinct | does not fit index
bound index --n 3 --repeats no | only istree
bound index --n 3 --keys 2 | only the family key-value
bound index --n 3 --c 3 | --c 3 is for c-gram
bound istree --n 5 --c 3 | --c 3 is for c-gram
bound istree --n 5 --alphabet 4 | the letters of istree
bound istree --n 1 | at least 2
bound index --n 0 | at least 1
bound index --n -5 | at least 1
bound index --n 3 --alphabet 0 | at least 1 letter
bound c-gram --n 5 --c 9 | from 2 to 5
bound counting --n 3 --error 1/8 | known for index
bound index --n 3 --error 9/8 | from 0 to 1
bound index --n 3 --error 1/0 | from 0 to 1
bound index --n 3 --error half | from 0 to 1
bound index --n 3 --error 1/8 --by-solver | leave out --error
bound index --n 1000000000000000000000000000000 | bits
certify index --n 1000000000000000000000000000000 --out F | bits
certify index --n 3 | --out
certify index --n 3 --out README.md/x | README.md
certify index --n 3 --out /proc/x | /proc/x
certify index --n 30 --out F | prefixes
generate index --n 0 --count 1 | at least 1
generate istree --n 1 --count 1 | at least 2
generate index --n 1000000000000000000000000000000 --count 1 | at most 1,000,000
generate index --n 3 --count 1000000000000000000000000000000 | 0 to 10,000,000
generate index --n 3 --count -1 | --count
generate index --n 3 --count 1 --seed -1 | --seed
generate index --n 3 --count 1 --c 3 | --c is for
generate index --n 3 --count 1 --format paper | istree
generate index --n 3 --count 1 --format xml | xml
generate index --n 3 --count 1 --family rnn | rnn
generate index --n 3 --count 1 --out /proc/x/y | /proc/x/y
export transformer/index --n 0 --format npz --out F | --n
export transformer/index --n 1000000000000000000000000000000 --format npz --out F | 10^30
export transformer/index --n 3 --format hdf5 --out F | hdf5
export transformer/index --n 3 --format npz | --out
export transformer/index --n 3 --format npz --out F --type float32 | npz holds every number exactly
export transformer/index --n 3 --format npz --out F --attention softmax | is for --format onnx
export transformer/index --n 3 --format npz --out F --cells 3 | --cells is for rnn/turing
export transformer/index --n 3 --format npz --out F --machine 1RB1LB_1LA1RZ | --machine is for
export transformer/index --n 3 --format npz --out F --c 3 | --c is for
export rnn/turing --n 3 --format npz --out F --cells 1000000000000000000000000000000 | 1 to 1,000
run rnn/turing 1 --cells 1000000000000000000000000000000 | 1 to 1,000
run hybrid/turing 1 --cells 1000000000000000000000000000000 | 10^30
run hybrid/turing 1 --steps 1000000000000000000000000000000 | 10^30
run hybrid/turing 1 --steps 0 | --steps
run hybrid/turing 1 --cells 0 | --cells
run hybrid/turing 1 --json --jsonl | choose one
run hybrid/turing 1 --skip-isolated | --skip-isolated is for graphs
run hybrid/turing 1 --input-format edges | --input-format edges is for graphs
run hybrid/turing 777 | input cell 0 is '7'
run transformer/index '3 1 ? 1' --steps 5 | --steps 5 is for the constructions that are called NAME/turing
run transformer/index '3 1 ? 1' --cells 5 | --cells 5 is for
run transformer/index '3 1 ? 1' --machine 1RB | --machine 1RB is for
run transformer/index '3 1 ? 1' --jsonl | --jsonl is for
run transformer/index '3 1 ? 1' --merge-duplicates | --merge-duplicates is for graphs
run transformer/index '3 1 ? 1' --input-format graph6 | --input-format graph6 is for graphs
run transformer/index '3 1 ? 1' --engine slow | slow
run transformer/index '3 1 ? 1' --engin fast | --engine
run transformer/index '3 1 ? 1' --memory 0 | --memory
run transformer/index '3 1 ? 1' --memory lots | 2GiB
run transformer/index '3 1 ? 1' --memory=-1 | -1
run transformer/index '3 1 ? 1' --memory 1e9 | 2GiB
run transformer/index | example: run transformer/index '3 1 4 1 5 ? 3'
run transformer/copying | example: run transformer/copying '3 4 1 2 1'
run --construction gallery/parity | parity.py:build 'a b b b a'
run transformer/index @no-such-file | no-such-file
run transformer/index @ | cannot read
run transformer/index @/ | it is no regular file
run transformer/index @/dev/zero | it is no regular file
run transformer/index @/dev/null | it is no regular file
run transformer/istree @/dev/zero | it is no regular file
run hybrid/turing 1 --machine @/dev/zero | it is no regular file
run hybrid/turing @/dev/zero | it is no regular file
run x --construction M.py | FILE.py:FACTORY
run x --construction M.txt:f | FILE.py:FACTORY
run x --construction M.py:f | no such file
run transformer/index x --construction M.py:f | only argument
verify --construction M.py:f | no such file
verify 4.6 --construction M.py:f | name no theorem
verify --construction M.py:f --workers 2 | --workers 2 does nothing beside --construction
verify --max-n 0 | --max-n
verify --max-n 1000000000000000000000000000000 | --max-n
verify --seed -1 | --seed
verify --workers 0 | --workers
verify --arithmetic float32x | did you mean 'float32'
verify 4.6 --out README.md | README.md
verify 4.6 --out /proc/x | /proc/x
refute M.py:f --task index --n 3 | no such file
refute M.py --task index --n 3 | FILE.py:FACTORY
refute M.py:f --n 3 | --task
refute M.py:f --task index | --n
refute M.py:f --task index --n 3 --seconds inf | --seconds
refute M.py:f --task index --n 3 --seconds nan | --seconds
refute M.py:f --task index --n 3 --seconds -1 | --seconds
refute M.py:f --task index --n 3 --budget 0 | --budget
refute M.py:f --task index --n 3 --max-cot -1 | --max-cot
precision transformer/index --n '1 6' | with commas between them
precision transformer/index --n '' | with commas between them
precision transformer/index --n 1,,6 | with commas between them
precision transformer/index --n 99999999 | with commas between them
precision transformer/index --n 9999999 | expected sizes from
precision transformer/index --n 0 | expected sizes from
precision transformer/istree --n 1 | expected sizes from
precision transformer/index | --n
precision --n 3 | the name of a construction is missing
precision transformer/index --n 3 --out x.pdf | .svg or .png
precision transformer/index --n 3 --c 3 | --c is for
precision transformer/index --n 3 --centred --softmax | hard attention only
precision transformer/index --n 3 --machine 1RB | --machine is for
mutate | name a construction
mutate transformer/index --verifier | leave out transformer/index
mutate --verifier --n 3 | --n 3 is about the weights
mutate --verifier --c 3 | --c 3 is about the weights
mutate --verifier --limit 3 | --limit 3 is about the weights
mutate --verifier --machine 1RB | --machine 1RB is about the weights
mutate transformer/index --c 3 | --c is for
mutate transformer/index --limit 0 | --limit
mutate transformer/index --n 1000000000000000000000000000000 | 10^30
sweep transformer/index --n 3 | --state
sweep transformer/index --state D | --n
sweep transformer/index --n 1000000000000000000000000000000 --state D | at most 1000
sweep transformer/index --n 3 --state D --family graph | graph
sweep transformer/index --n 3 --state D --c 3 | c
sweep transformer/index --n 3 --state D --dask localhost:1 --workers 2 | --workers 2 does nothing beside --dask
sweep transformer/index --n 3 --state /proc/x | /proc/x
explain transformer/copying | example: explain transformer/copying '3 4 1 2 1'
explain --construction gallery/parity | parity.py:build 'a b b b a'
explain | the name of a construction is missing
explain transformer/index '3 1 ? 1' --steps 3 | --steps 3 is for the constructions
explain transformer/index '3 1 ? 1' --machine 1RB | --machine 1RB is for
explain transformer/index '3 1 ? 1' --format htm | htm
explain transformer/index '3 1 ? 1' --format html --json | --format html changes nothing
explain transformer/index '3 1 ? 1' --full --json | --full changes nothing
explain transformer/index '3 1 ? 1' --live --full | it cannot be combined with --full
explain transformer/index '3 1 ? 1' --live --format md | it cannot be combined with --format md
explain transformer/index '3 1 ? 1' --skip-isolated | is for graphs
explain hybrid/turing 1 --steps 0 | --steps
explain hybrid/turing 1 --steps 5000 | --steps
explain hybrid/turing 1 --input-format edges | is for graphs
explain transformer/istree '[BOS]1-2[EOS]
[BOS]1-2[EOS]' | holds 2 graphs
compare index '3 1 ? 1' --out F | --out F is for --format html
compare index '3 1 ? 1' --format html --arithmetic float:9 | --arithmetic float:9 does nothing
compare index '3 1 ? 1' --format html --memory 3GiB | --memory 3GiB does nothing
compare index '3 1 ? 1' --format md | md
compare index '3 1 ? 1' --skip-isolated | is for graphs
compare turing 1 | turing
compare istree '[BOS]1-2[EOS]
[BOS]1-2[EOS]' | holds 2 graphs
gallery | --out
gallery --out README.md/x | README.md
gallery --out /proc/x | /proc/x
prove no_such_theorem | no_such_theorem
prove nonsense | or a neighbour's: 4.1, 4.6, 4.7, 5.2, 5.3, 5.4, 5.6, 5.7, circuits, copying
prove copyin | did you mean copying or
prove transformer/copyin | did you mean transformer/copying or
prove 4.6 --construction M.py:f | name none beside it
prove --construction M.py:f | no such file
check | 'FILE'
check a b | b
list x | x
list --all | --all
"""

ARITHMETICS = (
    "float",
    "float:",
    "float:x",
    "float:1",
    "float:99",
    "float:-3",
    "fixed:8",
    "fixed:8.",
    "fixed:x.y",
    "ball",
    "ball:",
    "ball:0",
    "exact@2",
    "float:8@",
    "float:8@-1",
    "float:8@1e5",
    "bfloat17",
    "decimal",
)

INPUTS = {
    "associative-recall": (
        *("", " ", "3 1 4", "3 ? 1 ? 3", "? 1", "3 1 ?", "3 1 ? 3 1", "3 one ? 3", "3 1.5 ? 3", "3 01 ? 3", "3 -1 ? 3"),
        *(
            "3 0 ? 3",
            "3 1 ? 0",
            "3 \u0661 ? 3",
            "3 1234567890123456789 ? 3",
            "3 999999999999999999 ? 3",
            "3 1 \x00 ? 3",
        ),
    ),
    "index": ("3 1 ? 0", "3 1 ? 3", "3 1 ? -1", "3 1 ? 1 1", "3 1 ? x", "?", "? ?", "3 1\u00a0? 9"),
    "c-gram": ("3 1 ?", "3 1 ? 1 1 1 1 1", "3 x ? 1 1", "? 1 1"),
    "counting": ("3 1 ? 3", "3 1 ? 3 -1", "3 1 ? 3 9", "3 1 ? 0 1", "3 1 ? 3 1 1"),
    "istree": (
        *("", "1-1", "1-2 2-1", "1-2 2-2", "1-2 3", "1-2-3", "1-2 -3", "1-", "-", "1-2, 2-3", "1-2 (2-3)", "1 2\n2 2"),
        *("1 2\n1 2", "1 2\n3", "1 2 3", "1 2\n2 3 4", "5 4\n1 2\n1 3\n1 4\n1 5", "a b\n1 2\n2 3", "# nothing", "?"),
        *("@@", "Bww", "B?", "BO", "~?", "~~~~~~~~", ":", ":~~~~~~~~", ">>graph6<<", "&A", "[BOS]1-2", "[BOS][EOS]"),
        *("<a/>", "<graphml>", "<!DOCTYPE a [<!ENTITY b 'c'>]><graphml>&b;</graphml>", "graph [ ]", "graph {a -- b}"),
        *(
            "digraph G {a -> b}",
            "*Vertices 2\n1 a\n2 b",
            "*Vertices 9\n1 a",
            "p edge 2 1\ne 1 2",
            '{"nodes": []}',
            "((a,b)c);",
        ),
        *(
            "%%MatrixMarket matrix\n2 2 1\n1 2",
            "3 3\n2 3\n1 3\n1 2",
            "1 a\n2 b\n#\n1 2",
            "0 1 1\n1 0 1\n1 1 0",
            "\u200b",
            "a;b;c",
        ),
    ),
}

MACHINES = (
    *(
        "",
        "x",
        "1RC",
        "1RB1LB_1LA1R",
        "1RB1LB 1LA1R",
        "1RB2LB_1LA1RZ",
        "1RB 1LB 1LA 1RZ",
        "0 1 1 r",
        "0 1 1 up 0",
        "0 11 1 r 0",
    ),
    *(
        "0 1 1 r 0\n0 1 0 r 0",
        "0 0 1 0 1 r r 0",
        "halt 1 1 r 0",
        "<a/>",
        "<structure/>",
        "<structure>",
        "blank: 0",
        "table: {a: }",
    ),
    *(
        "blank: 0\nstart state: b\ntable: {a: }",
        "blank: 0\nblank: 1\ntable: {}",
        "table: [",
        "blank: &x 0\nstart state: *x",
    ),
    *(
        "#Q = {a}\n#G = {_}",
        "#Q = {a}\n#S = {}\n#G = {_}\n#q0 = a\n#B = _\n#F = {}\n#N = 2",
        "1RB1LB_1LA1RZ\n1RB1LB_1LA1RZ",
    ),
    *(
        "<!DOCTYPE a><structure/>",
        "<structure><type>turing</type><tapes>2</tapes></structure>",
        "@no-such-file",
        "@no-such-file:3",
    ),
)


def _words(line: str) -> list[str]:
    """The arguments of a line; quotes hold together what has blanks."""
    import shlex

    return shlex.split(line)


def bad_lines() -> Iterator[tuple[list[str], str]]:
    """Every command line of the table, with words that its message must hold."""
    for line in LINES.strip().replace("\n[BOS]", "\\n[BOS]").splitlines():
        command, _, words = line.rpartition(" | ")
        yield _words(command.replace("\\n[BOS]", "\n[BOS]")), words
    for command, options in NUMBERS.items():
        for option in options:
            for value in NO_NUMBERS:
                yield [*command.split(), option, value], option
    for name in ARITHMETICS:
        for command in (["run", "transformer/index", "3 1 ? 1"], ["compare", "index", "3 1 ? 1"]):
            yield [*command, "--arithmetic", name], name.partition("@")[0].partition(":")[0]
    for task, texts in INPUTS.items():
        for text in texts:
            yield ["run", f"transformer/{task}", text], ""
    for text in ("1-1", "1-2 2-1", "", "Bww"):
        for command in (["explain", "hybrid/istree"], ["compare", "istree"], ["run", "retrieval/istree"]):
            yield [*command, text], ""
    for machine in MACHINES:
        yield ["run", "hybrid/turing", "1", "--machine", machine], ""
    for name in TURING:
        yield ["run", name, "1", "--machine", "1RB"], ""
        yield ["explain", name, "1", "--machine", "0 1 1 r"], "expected five"


TABLE = list(bad_lines())


def test_the_table_is_long_enough_and_holds_no_line_twice() -> None:
    assert len(TABLE) >= 300
    assert len({tuple(arguments) for arguments, _ in TABLE}) == len(TABLE)


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a bad command line ends with."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, ""), (arguments, out, err)
    assert err.startswith("retrieval-gap: "), (arguments, err)
    assert err.count("\n") == 1, (arguments, err)
    assert err.endswith("\n"), arguments
    assert len(err) < 1520, arguments
    assert "Traceback" not in err
    return err


def test_every_bad_command_line_ends_with_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").touch()
    monkeypatch.chdir(tmp_path)
    for arguments, words in TABLE:
        assert words in told(arguments, capsys), (arguments, words)
    assert [path.name for path in tmp_path.iterdir()] in (["README.md"], ["D", "README.md"], ["README.md", "D"])


def test_with_json_as_well(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "README.md").touch()
    monkeypatch.chdir(tmp_path)
    for arguments, _ in TABLE[::5]:
        if "--json" not in arguments and arguments[0] not in ("believe", "lst", "verfy"):
            told([*arguments, "--json"], capsys)


def test_a_message_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("x" * 10_000, "x " * 10_000):
        line = told(["run", text, "1"], capsys)
        assert len(line) < 1520


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        ("MemoryError()", 2, "not enough memory"),
        ("OverflowError('Python int too large to convert to C long')", 2, "a number is too large for this: Python int"),
        ("RecursionError('deep')", 70, "unexpected RecursionError in "),
        ("WordlessError()", 70, "(its text cannot be shown, for that raises ZeroDivisionError)"),
        ("KeyError('k')", 70, "unexpected KeyError in "),
    ],
)
def test_every_exception_has_a_documented_end(
    error: str, code: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class WordlessError(Exception):
        def __str__(self) -> str:
            return str(1 // 0)

    def fails(*_: object) -> None:
        raise eval(error, {**vars(__import__("builtins")), "WordlessError": WordlessError})  # noqa: S307

    monkeypatch.setattr("proofs_check._commands.listing.show", fails)
    monkeypatch.delenv("RETRIEVAL_GAP_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["list"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1
    monkeypatch.setenv("RETRIEVAL_GAP_TRACEBACK", "1")
    with pytest.raises(SystemExit):
        main(["list"])
    assert ("Traceback" in capsys.readouterr().err) == (code == 70)


def test_json_says_what_was_refused_among_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "transformer/istree", "Bw\nBO", "--json"])
    assert ended.value.code == 2
    assert "error" in json.loads(capsys.readouterr().out)["results"][1]
