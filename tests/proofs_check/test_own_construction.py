"""A construction from a user's file goes through every command, whatever the file prints."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from constructions.architectures import Evaluator
from constructions.numerics import Exact
from constructions.tasks import Effort, FunctionTask
from constructions.theorems import Claim, Construction, LogBound, claims_of, construction, user_construction
from constructions.wiring import Wiring, n
from proofs_check.cli import main
from proofs_check.evidence import Examiner, Plan, Subject, exhaustive, kernel_knows

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "next_word.py"
LOUD = (
    ("from constructions.tasks", 'print("loud: imported")\nfrom constructions.tasks'),
    ("lambda words, asked: dict(", 'lambda words, asked: print("loud: asked") or dict('),
    ("def next_word():\n", 'def next_word():\n    print("loud: made")\n'),
)


@pytest.fixture(autouse=True)
def forget() -> None:
    sys.modules.pop("_user_construction", None)


@pytest.fixture
def loud(tmp_path: Path) -> str:
    """The example with a word on standard output wherever its code runs."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in LOUD:
        assert text.count(old) == 1 or old.startswith("from")
        text = text.replace(old, new, 1)
    path = tmp_path / "loud.py"
    path.write_text(text, encoding="utf-8")
    return f"{path}:next_word"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    captured = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, captured.out, captured.err


@pytest.mark.parametrize(
    ("command", "key", "value"),
    [
        ("run --json", "answer", "cat"),
        ("explain --json", "answer", "cat"),
        ("verify --max-n 2 --json", "verdict", "VERIFIED"),
        ("export --n 3 --format npz --out OUT --json", "construction", "transformer/next-word"),
        ("sweep --n 2 --state OUT --workers 1 --json", "inputs", 125),
        ("mutate --n 2 --limit 3 --json", "verdict", "VERIFIED"),
        ("generate --n 3 --count 2 --json", "task", "next-word"),
        ("precision --n 2 --json", "construction", "transformer/next-word"),
    ],
)
def test_every_command_takes_a_users_construction_and_keeps_its_output_apart(
    command: str, key: str, value: object, loud: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name, *options = command.replace("OUT", str(tmp_path / "out")).split()
    asked = ["the cat sat ? the"] if name in ("run", "explain") else []
    code, out, err = told(capfd, name, "--construction", loud, *options, *asked)
    assert code == 0, err
    assert json.loads(out)[key] == value
    assert "loud: imported" in err
    assert "loud: made" in err


def test_a_wrong_construction_is_refuted_by_verify_and_sweep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count("words[1:]") == 1
    wrong = tmp_path / "wrong.py"
    wrong.write_text(text.replace("words[1:]", "words[2:]"), encoding="utf-8")
    code, out, _ = told(capsys, "verify", "--construction", f"{wrong}:next_word", "--max-n", "2", "--json")
    assert code == 1
    assert json.loads(out)["theorems"][0]["claims"][0]["counterexample"]["input"] == "the the ? the"
    state = str(tmp_path / "state")
    code, out, _ = told(
        capsys, "sweep", "--construction", f"{wrong}:next_word", "--n", "2", "--state", state, "--workers", "1"
    )
    assert code == 1
    assert out.startswith("REFUTED")


def test_a_sweep_of_a_file_that_changed_is_another_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, state = tmp_path / "mine.py", str(tmp_path / "state")
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    command = ("sweep", "--construction", f"{path}:next_word", "--n", "1", "--state", state, "--workers", "1")
    assert told(capsys, *command)[0] == 0
    assert told(capsys, *command)[0] == 0
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    code, _, err = told(capsys, *command)
    assert code == 2
    assert "holds the state of another sweep" in err


def test_max_n_is_honoured(loud: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "verify", "--construction", loud, "--max-n", "1", "--json")
    (claim, *_) = json.loads(out)["theorems"][0]["claims"]
    assert claim["evidence"][0]["words"].startswith("all 25 inputs with n = 1 .. 1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sweep", "transformer/index", "--n", "2", "--state", "x"), "has no place beside it"),
        (("mutate", "transformer/index"), "has no place beside it"),
        (("generate", "index", "--n", "2", "--count", "1"), "has no place beside it"),
        (("sweep", "--n", "2", "--state", "x", "--c", "3"), "--c 3"),
    ],
)
def test_a_name_beside_it_is_refused(
    arguments: tuple[str, ...], message: str, loud: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(capsys, *arguments, "--construction", loud)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    "command",
    ["run NAME @x", "sweep NAME --n 1 --state OUT", "mutate NAME", "export NAME --n 1 --format npz --out OUT"],
)
def test_a_file_that_is_not_asked_for_by_the_option_is_not_executed(
    command: str, loud: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = command.replace("NAME", loud).replace("OUT", str(tmp_path / "out")).split()
    code, out, err = told(capfd, *words)
    assert (code, out) == (2, "")
    assert "no construction is called" in err
    assert "loud" not in err.replace(loud, "").replace(loud[:60], "")


def test_claims_are_read_off_a_construction_or_its_own() -> None:
    subject = user_construction(f"{EXAMPLE}:next_word")
    claims = claims_of(subject, kernel=kernel_knows(subject))
    assert [claim.quantity for claim in claims] == [
        "answers", "tokens", "context", "shape", "parameter bits", "activation bits", "contracts",
    ]  # fmt: skip
    bits = {claim.quantity: claim.bound for claim in claims}
    for quantity, magnitude in (
        ("parameter bits", subject.blueprint.largest_parameter),
        ("activation bits", subject.blueprint.largest_activation),
    ):
        bound = bits[quantity]
        assert isinstance(bound, LogBound)
        assert bound.covers(magnitude, subject.blueprint)
        assert not LogBound(bound.factor, bound.constant - 1).covers(magnitude, subject.blueprint)
        assert bound.factor == 0 or not LogBound(bound.factor - 1, 250).covers(magnitude, subject.blueprint)
    mine = (Claim("mine", "the answer is right", subject.name, "answers", None, "the inputs that were run"),)
    assert claims_of(type(subject)(**{**vars(subject), "claims": mine}), kernel=False) == mine


@pytest.mark.parametrize("name", ["transformer/istree", "hybrid/counting", "retrieval/index"])
def test_what_is_read_off_a_shipped_construction_is_no_weaker_than_its_theorem(name: str) -> None:
    from constructions.theorems import THEOREMS

    subject = construction(name)
    own = {c.quantity: c for theorem in THEOREMS.values() for c in theorem.claims if c.construction == name}
    read = {claim.quantity: claim for claim in claims_of(subject, kernel=True)}
    assert read.keys() == own.keys() - {"searches"}
    for quantity in ("parameter bits", "activation bits", "state bits"):
        if quantity in own:
            mine, theirs = read[quantity].bound, own[quantity].bound
            assert isinstance(mine, LogBound)
            assert isinstance(theirs, LogBound)
            assert mine.factor <= theirs.factor
    assert str(read["tokens"].bound) == str(own["tokens"].bound)


def recalled(word: tuple[str, ...]) -> str:
    return word[word.index(word[-1]) + 1]


def is_recall(word: tuple[str, ...]) -> bool:
    """Different keys with values, then queries, each after a question mark."""
    pairs, mark, queries = "".join(word).partition("?")
    keys, values = pairs[::2], pairs[1::2]
    well_formed = len(keys) == len(set(keys)) == len(values) and set(keys) <= set("ab") and set(values) <= set("xy")
    return bool(mark) and well_formed and all(query and query in keys for query in queries.split("?"))


def a_recall(rng: np.random.Generator, n: int) -> tuple[list[str], list[str]]:
    keys = rng.permutation(["a", "b"])[: 1 if n < 6 else 2].tolist()
    word = [token for key in keys for token in (key, str(rng.choice(["x", "y"])))]
    while len(word) + 2 <= max(n, 4):
        word += ["?", str(rng.choice(keys))]
    return word, []


MANY = FunctionTask("many-queries", "a b x y ?", recalled, legal=is_recall, sample=a_recall)
"""Several queries in one sequence: what is asked is what its last letter asks."""


def many_queries(excluded: str = "?") -> Construction:
    w = Wiring("transformer/many-queries", specials=MANY.tokens, numbers=(0, 0), context=n + 4, least=4)
    word = w.listed("word", {"a": 1, "b": 2, "x": 3, "y": 4})
    previous = w.offset("previous", 1)
    found = w.latest("found", [(previous[word], word)], excluding=w.is_token(excluded), default=True)
    w.write_choice({"x": (3,), "y": (4,)}, [found[word]])
    return Construction(w.name, MANY, w.finish(), "Looks for what came after the key, question marks aside.")


def test_many_queries_in_one_sequence_are_answered_at_every_position() -> None:
    subject = many_queries()
    examiner = Examiner(Plan({MANY.name: Effort(6, 0, sizes=(4, 8, 13), far=(), measured=(4,))}, cases=60))
    results = [examiner.about(claim, subject) for claim in claims_of(subject, kernel=False)]
    assert [result.verdict for result in results] == ["VERIFIED"] * 7
    assert results[0].evidence[0].words.startswith("all 24 inputs with n = 4 .. 6")

    # One pass over the whole sequence says the same at all its queries.
    model, word = subject.at(9), ("a", "x", "b", "y", "?", "b", "?", "a", "?", "b")
    ids = np.array(model.vocabulary.encode(("<s>", *word)), dtype=np.int64)
    evaluator = Evaluator(model, Exact())
    x, _ = evaluator.run(ids)
    written = model.vocabulary.decode(evaluator.next_tokens(x).tolist())[1:]
    wanted = MANY.at_each(word)
    assert [token for token in wanted if token] == ["y", "x", "y"]
    assert all(token is None or token == found for token, found in zip(wanted, written, strict=True))


def test_a_second_query_that_misleads_is_found() -> None:
    """Without the exclusion a query becomes a record: the second query of a key finds the question mark behind it."""
    failure = exhaustive(Subject(many_queries("<s>")), 6, 0).tally.failure
    assert failure is not None
    assert failure.input.split().count("?") >= 2
