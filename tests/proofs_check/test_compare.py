"""The command compare: one input through all families."""

import json

import pytest

from proofs_check._commands import comparing
from proofs_check.cli import main


def compared(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *arguments])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


@pytest.mark.parametrize(
    ("task", "text", "answer"),
    [
        ("index", "3 1 4 ? 2", "1"),
        ("associative-recall", "3 1 4 1 5 ? 4", "1"),
        ("associative-recall", "3 1 ? 2", "NONE"),
        ("c-gram", "3 1 4 1 5 ? 1 4", "1"),
        ("counting", "1 2 1 1 ? 1 2", "1"),
        ("istree", "a-b b-c", "YES"),
        ("istree", "a-b b-c c-a", "NO"),
    ],
)
def test_all_families_agree(capsys: pytest.CaptureFixture[str], task: str, text: str, answer: str) -> None:
    code, out, err = compared(capsys, task, text, "--json")
    document = json.loads(out)
    assert (code, err, document["answer"]) == (0, "", answer)
    assert [side["construction"] for side in document["results"]] == [
        f"{family}/{task}" for family in ("transformer", "retrieval", "hybrid")
    ]
    for side in document["results"]:
        assert side["answer"] == side["tokens"][-1] == answer
        assert side["token_count"] == len(side["tokens"])
    searches = [side["searches"] for side in document["results"]]
    assert searches[0] == searches[2] == 0
    assert searches[1] >= 1


def test_text_shows_transcripts_with_the_users_labels(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = compared(capsys, "istree", "a-b b-c")
    assert code == 0
    assert "c b a b c YES" in out
    assert out.endswith("right answer: YES; all agree\n")
    assert "1 recurrence, 1 attention layer" in out


def test_disagreement_is_said_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = comparing.construction
    monkeypatch.setattr(
        comparing, "construction", lambda name, c: real("transformer/index" if name == "hybrid/index" else name, c=c)
    )
    assert compared(capsys, "index", "3 1 4 ? 2")[0] == 0
    monkeypatch.setattr(comparing, "construction", lambda name, c: real(name.replace("index", "counting"), c=c))
    code, out, _ = compared(capsys, "index", "3 1 4 ? 2")
    assert code == 1
    assert out.endswith("NOT ALL AGREE\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sorting", "3 1"), "no task is called"),
        (("index", "3 1 4 ? 9"), "9"),
        (("istree", "a-a"), "a"),
        (("index", "@/no/such/file"), "cannot read"),
        (("index",), "Missing argument"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str) -> None:
    code, out, err = compared(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
