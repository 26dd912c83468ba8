"""The adversary for a task of one's own, from Python and from the command line; and certificates of constructions."""

import json
from pathlib import Path

import pytest

from constructions.errors import InputError
from constructions.gallery import from_gallery
from constructions.tasks import FunctionTask
from constructions.theorems import construction
from proofs_check.cli import main
from proofs_check.kernel import check_file
from proofs_check.lower_bounds import Budget, refute_own

PARITY = FunctionTask("odd", "a b", lambda word: word.count("b") % 2)
LATEST = FunctionTask("is-last", "a b", lambda word, q: int(word[-1] == q), query=1)


class Counter:
    """Counts b modulo ``modulus``, up to ``most``; writes whether the number is odd, after so many dots."""

    def __init__(self, modulus: int, most: int, dots: int = 0) -> None:
        self.modulus, self.most, self.dots = modulus, most, dots

    def initial(self) -> tuple[int, int]:
        return 0, 0

    def step(self, state: tuple[int, int], token: str) -> tuple[int, int]:
        if token == ".":
            return state[0], state[1] + 1
        return min(self.most, (state[0] + (token == "b")) % self.modulus), 0

    def output(self, state: tuple[int, int]) -> str:
        return "." if state[1] < self.dots else str(state[0] % 2)


def test_a_model_that_is_right_is_run_on_all_words() -> None:
    for dots in (0, 3):
        found = refute_own(lambda n, k, dots=dots: Counter(2, 1, dots), PARITY, 5)
        assert (found.verdict, found.inputs) == ("VERIFIED", 32)
    assert "no answer within 2 tokens" in str(
        refute_own(lambda n, k: Counter(2, 1, 3), PARITY, 5, max_cot=2).answers[0].fault
    )


def test_two_words_that_are_merged_are_reported_with_the_wrong_answer() -> None:
    found = refute_own(lambda n, k: Counter(9, 2), PARITY, 4)
    assert found.verdict == "REFUTED"
    assert found.prefixes == ("a a b b", "a b b b")
    assert [replay.wrong for replay in found.answers] == [False, True]
    assert (found.answers[1].expected, found.answers[1].given) == ("1", "0")


def test_a_wrong_answer_without_a_merge_is_reported_alone() -> None:
    class Wrong(Counter):
        def output(self, state: tuple[int, int]) -> str:
            return "0"

    found = refute_own(lambda n, k: Wrong(9, 8), PARITY, 3)
    assert (found.prefixes, found.query) == (("a a b",), None)
    assert found.answers[0].wrong


def test_queries_are_read_after_the_word() -> None:
    class Last(Counter):
        def step(self, state: tuple[int, int], token: str) -> tuple[int, int]:
            if token == "?":
                return state[0], 7
            return (int(token == "b"), 0) if not state[1] else (state[0], 8 + (int(token == "b") == state[0]))

        def output(self, state: tuple[int, int]) -> str:
            return str(state[1] - 8)

    assert refute_own(lambda n, k: Last(0, 0), LATEST, 3).verdict == "VERIFIED"
    found = refute_own(lambda n, k: Counter(2, 1), LATEST, 3)
    assert (found.verdict, found.query) == ("REFUTED", "a")


def test_limits_and_what_is_no_model() -> None:
    assert refute_own(lambda n, k: Counter(2, 1), PARITY, 5, budget=Budget(40, 60.0)).verdict == "INCOMPLETE"
    with pytest.raises(InputError, match="without initial, step, output"):
        refute_own(lambda n, k: object(), PARITY, 3)
    with pytest.raises(InputError, match="istree has no words of length 3"):
        refute_own(lambda n, k: Counter(2, 1), construction("transformer/istree").task, 3)

    class Raising(Counter):
        def output(self, state: tuple[int, int]) -> str:
            raise ValueError("lost")

    assert refute_own(lambda n, k: Raising(2, 1), PARITY, 2).answers[0].fault == "it raised ValueError: lost"


MODEL = """
class Model:
    def __init__(self, letters):
        self.letters = letters
    def initial(self):
        return 0
    def step(self, state, token):
        return (state + (token == "b")) % 3 % 2
    def output(self, state):
        return "no" if state == 0 else "yes"
def build(n, alphabet):
    return Model(alphabet)
"""


def test_the_commands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL)

    def ended(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main([*arguments])
        out = capsys.readouterr()
        return int(str(end.value.code)), out.out + out.err

    # Of parity the answers are yes and no; the model's is right up to three b.
    wrong = FunctionTask("x", "a b", lambda word: word.count("b") % 3 % 2)
    assert wrong.answer(wrong.parse("b b b")) == "0"
    reference = f"{tmp_path / 'model.py'}:build"
    code, said = ended("refute", reference, "--construction", "gallery/parity", "--n", "2")
    assert (code, "all 4 inputs" in said) == (0, True)
    (tmp_path / "model.py").write_text(MODEL.replace("% 3 % 2", "% 2 * (token == 'b')"))
    code, said = ended("refute", reference, "--construction", "gallery/parity", "--n", "3", "--json")
    assert code == 1
    assert json.loads(said)["prefixes"] == ["a a a", "a b a"]
    code, said = ended("refute", reference, "--construction", "gallery/parity", "--n", "3")
    assert "WRONG   a b a: expected yes, given no" in said
    for given, refused in (
        (
            ["refute", reference, "--construction", "gallery/parity", "--task", "index", "--n", "3"],
            "--task index has no",
        ),
        (["refute", reference, "--n", "3"], "name a task"),
        (["certify", "index", "--construction", "gallery/parity", "--n", "3", "--out", "x"], "--task index has no"),
        (["certify", "--construction", "gallery/parity", "--c", "3", "--n", "3", "--out", "x"], "--c 3 has no place"),
        (["certify", "--n", "3", "--out", "x"], "name a task"),
    ):
        code, said = ended(*given)
        assert code == 2
        assert refused in said


def test_a_certificate_of_ones_own_construction(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "own.json"
    with pytest.raises(SystemExit) as end:
        main(["certify", "--construction", "gallery/histogram", "--n", "3", "--out", str(out)])
    assert end.value.code == 0
    assert "the kernel has no reference for the task histogram" in capsys.readouterr().out
    verdict = check_file(str(out))
    assert verdict.word == "VERIFIED"
    document = json.loads(out.read_text())
    assert document["construction"] == from_gallery("gallery/histogram").name
    need = next(contract["inequalities"][0] for contract in document["contracts"] if contract["inequalities"])
    need["polynomial"] = [[-1, {}]]
    out.write_text(json.dumps(document))
    assert check_file(str(out)).word == "REJECTED"

    (tmp_path / "mine.py").write_text(
        "from constructions.theorems import construction\ndef build():\n    return construction('transformer/index')\n"
    )
    with pytest.raises(SystemExit) as end:
        main(["certify", "--construction", f"{tmp_path / 'mine.py'}:build", "--n", "2", "--out", str(out), "--json"])
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "exhaustive"
    assert check_file(str(out)).word == "VERIFIED"
