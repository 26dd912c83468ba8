"""What a construction assumes is checked in every run, by every engine; what is provable needs no assumption."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from constructions import AssumptionError, ContractError, decode
from constructions.engine import answer_grid, run_many
from constructions.engine._run_many import padded
from constructions.wiring import Blueprint, Wiring
from proofs_check.cli import main
from proofs_check.rocq._network import network_definitions
from tests.gadget_runs import differences, number, wiring


def exclusive(w: Wiring) -> None:
    """The number 3 is never at position 2."""
    w.assume_exclusive(w.equal(w.token, 3), w.equal(w.position, 2), name="one of them")


def at_most(w: Wiring) -> None:
    """A number is at most its position."""
    w.assume_at_most(w.token, w.position, name="kept")


def bounded(w: Wiring) -> None:
    """A gadget of one's own that gives token * position stays below 4."""
    w.gadget("area", [(w.token, w.position)], (0, 3), guarantees="token times position")


def finished(assume: Callable[[Wiring], None]) -> Blueprint:
    w = wiring()
    assume(w)
    w.write("?")
    return w.finish()


FAILS: dict[str, tuple[Callable[[Wiring], None], str, str]] = {
    "exclusive": (exclusive, "? 3 1", "at most one of [token = 3], [position = 2] is 1"),
    "at most": (at_most, "? 3 ?", "token is at most position"),
    "an extent": (bounded, "? 2 ?", "area lies in 0 .. 3"),
}


@pytest.mark.parametrize("case", FAILS)
@pytest.mark.parametrize("engine", ["plain", "fast", "auto"])
def test_a_run_on_which_it_fails_is_an_error(case: str, engine: str) -> None:
    assume, words, statement = FAILS[case]
    model = finished(assume).at(5)
    assert decode(model, "<s> ? 1", engine=engine).answer == "?"  # type: ignore[arg-type]
    with pytest.raises(AssumptionError) as error:
        decode(model, f"<s> {words}", engine=engine)  # type: ignore[arg-type]
    assert statement in str(error.value)
    assert "test_assumed.py, line" in str(error.value)
    assert f"position 2, behind `<s> {' '.join(words.split()[:2])}`" in str(error.value)


@pytest.mark.parametrize("case", FAILS)
def test_many_runs_check_it_too(case: str) -> None:
    """Batches, loops compiled for many prompts, and grids of prefixes and queries."""
    assume, words, _ = FAILS[case]
    model = finished(assume).at(5)

    def ids(texts: Sequence[str]) -> list[list[int]]:
        return [model.vocabulary.encode(["<s>", *text.split()]) for text in texts]

    right = ids(["? 1 ?", "x ? ?"] * 200)
    run_many(model, *padded(right), most=1)
    with pytest.raises(AssumptionError):
        run_many(model, *padded([*right, *ids([words])]), most=1, specialise=True)
    with pytest.raises(AssumptionError):
        answer_grid(model, np.array(ids([words])), np.array([[1]]))


def test_the_range_follows_from_what_is_assumed() -> None:
    w = wiring()
    flag = w.assume_exclusive(w.is_token("?"), w.is_token("x"), name="special")
    assert flag.is_flag
    w.both(flag, w.is_number)
    kept = w.assume_at_most(w.position, w.token, name="kept")
    assert str(kept.range) == "[0, n]"
    w = wiring()
    flag = w.assume_exclusive(w.is_token("?"), w.is_token("x"), name="special")
    assert differences(w, flag, lambda t, i: int(t[i] in ("?", "x"))) == []


def test_a_gadget_whose_range_follows_assumes_no_range() -> None:
    w = wiring()
    double = w.gadget(
        "double", [(2, w.token)], (0, 2 * w.numbers[1]), needs=[(w.token, w.numbers[1])], guarantees="2 t"
    )
    assert (w.assumptions, w.assumed) == ([], ["double"])
    assert differences(w, double, lambda t, i: 2 * number(t, i)) == []


def test_a_head_with_a_score_of_ones_own() -> None:
    w = wiring()
    head = w.scored("h", [(w.token, w.token), (w.is_token("x"), -1)], guarantees="the largest product, no x")

    def picked(tokens: tuple[str, ...], i: int) -> int:
        def worth(j: int) -> tuple[int, int]:
            return number(tokens, i) * number(tokens, j) - (tokens[j] == "x"), j

        return max(range(i + 1), key=worth)

    assert differences(w, head[w.position], picked) == []
    assert w.assumed == ["h"]
    assert [str(contract.gap) for contract in w.finish().contracts if contract.name == "h"] == ["1"]


REFUSALS: dict[str, tuple[Callable[[Wiring], object], list[str]]] = {
    "no flags": (lambda w: w.assume_exclusive(w.token, name="a"), ["of flags, but token has range [0, n]"]),
    "a fraction": (
        lambda w: w.assume_at_most(w.average("h", [])[w.token], 1, name="a"),
        ["needs an integer, but h.token"],
    ),
    "a need": (
        lambda w: w.gadget("g", [(1, w.token)], (0, 9), needs=[(w.position, w.token)], guarantees="?"),
        ["own units 'g' cannot be proved", "position is at most token: n + 4 <= 0"],
    ),
    "no extent": (lambda w: w.gadget("g", [(1, 1)], (2, 1), guarantees="?"), ["g has a value to take"]),
    "a score of fractions": (
        lambda w: w.scored("h", [(w.average("a", [])[w.token], 1)], guarantees="?"),
        ["score 'h' needs an integer"],
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal(case: str) -> None:
    build, said = REFUSALS[case]
    with pytest.raises(ContractError) as refusal:
        build(wiring())
    for words in [*said, "test_assumed.py, line"]:
        assert words in str(refusal.value)


def test_no_proof_rests_on_an_assumption() -> None:
    with pytest.raises(ContractError, match=r"it is assumed that token is at most position"):
        network_definitions(finished(at_most))


def test_claims_list_it_and_a_wrong_one_ends_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "from constructions.tasks import FunctionTask\n"
        "from constructions.theorems import Construction\n"
        "from constructions.wiring import Wiring, n\n"
        "def build():\n"
        "    task = FunctionTask('last', None, lambda word: word[-1])\n"
        "    w = Wiring('transformer/last', specials=task.tokens, numbers=(0, n), context=n)\n"
        "    w.write(w.assume_at_most(w.token, w.position + n - LIMIT * w.is_number, name='kept'))\n"
        "    return Construction(w.name, task, w.finish(), 'The last number.')\n"
    )
    Path("right.py").write_text(text.replace("LIMIT", "0"))
    Path("wrong.py").write_text(text.replace("LIMIT", "2"))
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", "right.py:build", "--max-n", "3", "--details"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "assumed: token is at most position + n (right.py, line 7); checked at every position" in shown
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", "wrong.py:build", "--max-n", "3"])
    assert ended.value.code == 2
    assert "assumed on wrong.py, line 7, does not hold at position 1" in " ".join(capsys.readouterr().err.split())
