"""Each construction of the gallery is verified, and refuted once a fault is planted in its file."""

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from constructions.errors import InputError
from constructions.gallery import GALLERY, from_gallery, reference_of, summary_of
from constructions.tasks import Task
from constructions.theorems import claims_of, user_construction
from proofs_check.cli import main
from proofs_check.evidence import REFUTED, Examiner, Plan, Subject, kernel_knows

FAULTS = {
    "gallery/addition": ("w.token + 1), name=", "w.token), name="),  # no digit that a carry left as it was
    "gallery/bfs": ("(queue, bars)]", "(queue, queue)]"),  # the node that was found last is next: no queue
    "gallery/copying": ("mark[w.position] + 1,", "mark[w.position] + 2,"),
    "gallery/double-histogram": ("count + 1", "count + 2"),
    "gallery/dyck-1": ("w.equal(w.token)\n", "w.equal(w.token, 1)\n"),
    "gallery/dyck-k": ("[(record, 1), (w.token, w.token)]", "[(record, 1)]"),  # whatever opened last, at any depth
    "gallery/dyck-k-ptf": ("depth + closes", "depth"),
    "gallery/gru-flip-flop": (", z=[~w.is_number]", ""),  # the bit is lost where nothing is written
    "gallery/histogram": (", excluding=asked", ""),  # the query counts itself
    "gallery/induction": ('("previous", 1)', '("previous", 2)'),
    "gallery/k-hop": ("range(1, DOUBLINGS + 1)", "range(1, DOUBLINGS)"),
    "gallery/linear-automaton": ("if state in accepting)", "if state not in accepting)"),
    "gallery/linear-dyck-1": ("at_least(-1, depth", "at_least(-2, depth"),
    "gallery/linear-parity": ('{"b": -1}', '{"b": 0}'),
    "gallery/linear-s5": ("enumerate(cells)", "enumerate(cells[:3])"),  # the last two may be exchanged
    "gallery/lstm-counter": ("[0, 1, 0]]", "[0, 0, 0]]"),  # an a behind a b is not seen
    "gallery/majority": (' - w.is_token("a")', ""),
    "gallery/most-frequent": ("largest(", "smallest("),
    "gallery/most-recent": ("excluding=previous", "excluding=0 * previous"),  # the query finds itself
    "gallery/mqar": ("Q - 1)", "Q)"),
    "gallery/nand": ("when=values)", "when=values[0])"),
    "gallery/nearest-neighbour": ("w.either(asked, ~w.is_number)", "~w.is_number"),
    "gallery/palindrome": ("2 * mark - w.position - 1", "2 * mark - w.position - 2"),
    "gallery/reachability": ("w.position, 2 * mark)", "w.position, 2 * mark - 1)"),  # a step too early
    "gallery/reversal": ("w.position - 1, 0", "w.position - 2, 0"),
    "gallery/shuffle-dyck-2": ("at_least(-1, depth)", "at_least(-2, depth)"),
    "gallery/sorting": ("(number - 1)", "number"),
    "gallery/string-equality": ("2 * mark[w.position] - 1", "2 * mark[w.position]"),
}
"""What is written instead of what; the others are tables of an automaton, whose faults are planted below."""

TABLES = {"gallery/a5", "gallery/automaton", "gallery/linear-a5", "gallery/parity", "gallery/s5"}


def verified(capsys: pytest.CaptureFixture[str], reference: str, largest: int) -> dict[str, str]:
    """The verdict of each quantity."""
    sys.modules.pop("_user_construction", None)
    with pytest.raises(SystemExit):
        main(["verify", "--construction", reference, "--max-n", str(largest), "--json"])
    (theorem,) = json.loads(capsys.readouterr().out)["theorems"]
    return {claim["quantity"]: claim["verdict"] for claim in theorem["claims"]}


@pytest.mark.parametrize("name", GALLERY)
def test_all_claims_hold(name: str, capsys: pytest.CaptureFixture[str], little_evidence: None) -> None:
    verdicts = verified(capsys, name, 4)
    assert set(verdicts.values()) == {"VERIFIED"}
    assert verdicts.keys() >= {"answers", "tokens", "context", "shape", "activation bits", "contracts"}
    assert ("transcript" in verdicts) == (str(from_gallery(name).longest) != "1")


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_refuted(name: str, tmp_path: Path) -> None:
    """By one of the claims; those behind it are not looked at."""
    old, new = FAULTS[name]
    text = Path(reference_of(name).rpartition(":")[0]).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "wrong.py").write_text(text.replace(old, new), encoding="utf-8")
    wrong, examiner = user_construction(f"{tmp_path / 'wrong.py'}:build"), Examiner(Plan(max_n=5))
    claims = claims_of(wrong, kernel=kernel_knows(wrong))
    assert any(examiner.about(claim, wrong).verdict == REFUTED for claim in claims)


def test_every_file_has_its_fault() -> None:
    assert FAULTS.keys() | TABLES == set(GALLERY)


def wrong_parity(word: tuple[str, ...], answer: str) -> bool:
    return (answer == "yes") != (word.count("b") % 2 == 1)


def wrong_divisibility(word: tuple[str, ...], answer: str) -> bool:
    return (answer == "yes") != (word.count("b") % 3 == 0)


def wrong_ending(word: tuple[str, ...], answer: str) -> bool:
    return (answer == "1") != (word[-2:] == ("a", "b"))


def wrong_product(word: tuple[str, ...], answer: str) -> bool:
    """By permutation matrices."""
    rows = {"t": [1, 0, 2, 3, 4], "c": [1, 2, 3, 4, 0], "d": [1, 2, 0, 3, 4]}
    product = np.eye(5, dtype=int)
    for letter in word:
        product = product @ np.eye(5, dtype=int)[rows[letter]]
    return (answer == "yes") != np.array_equal(product, np.eye(5))


@pytest.mark.parametrize(
    ("name", "letters", "wrong", "fault"),
    [
        ("gallery/automaton", "ab", wrong_divisibility, ("% 3", "% 2")),
        ("gallery/linear-a5", "dc", wrong_product, ('"d": (1, 2, 0, 3, 4)', '"d": (1, 0, 2, 3, 4)')),
        ("gallery/linear-s5", "tc", wrong_product, ('"t": (1, 0, 2, 3, 4)', '"t": (1, 2, 0, 3, 4)')),
        ("gallery/linear-automaton", "ab", wrong_ending, ('("a", "b"): "ab"', '("a", "b"): "start"')),
        ("gallery/parity", "ab", wrong_parity, ('("odd", "b"): "even"', '("odd", "b"): "odd"')),
        ("gallery/a5", "dc", wrong_product, ('"d": (1, 2, 0, 3, 4)', '"d": (1, 0, 3, 2, 4)')),
        ("gallery/s5", "tc", wrong_product, ('"t": (1, 0, 2, 3, 4)', '"t": (1, 2, 0, 3, 4)')),
    ],
)
def test_a_table_says_what_is_asked(
    name: str, letters: str, wrong: Callable[[tuple[str, ...], str], bool], fault: tuple[str, str], tmp_path: Path
) -> None:
    """The reference of an automaton is made from its table, so that reference is compared with another way to count."""
    words = [word for length in range(1, 9) for word in itertools.product(letters, repeat=length)]

    def faults(task: Task[Any]) -> list[tuple[str, ...]]:
        return [word for word in words if wrong(word, task.answer(task.parse(" ".join(word))))]

    assert faults(from_gallery(name).task) == []
    text = Path(reference_of(name).rpartition(":")[0]).read_text(encoding="utf-8")
    assert text.count(fault[0]) == 1
    (tmp_path / "wrong.py").write_text(text.replace(*fault), encoding="utf-8")
    assert faults(user_construction(f"{tmp_path / 'wrong.py'}:build").task)


def found_in_turn(arrows: list[tuple[int, int]], start: int) -> list[int]:
    """By the definition: nodes of the next distance, in the order of who led to them first, and by which arrow."""
    order, level = [start], [start]
    while level:
        led = [(level.index(a), place, b) for place, (a, b) in enumerate(arrows) if a in level and b not in order]
        level = list(dict.fromkeys(b for _, _, b in sorted(led)))
        order += level
    return order


def test_breadth_first_search_is_by_distance() -> None:
    """The network on small graphs, and the task's reference on larger ones, against nodes sorted by their distance."""
    subject, rng = from_gallery("gallery/bfs"), np.random.default_rng(8)
    some = [
        (tuple(map(int, rng.integers(1, 6, 2 * int(rng.integers(1, 12))))), int(rng.integers(1, 6))) for _ in range(150)
    ]
    small = [(word, s) for word in itertools.product((1, 2, 3), repeat=4) for s in (1, 2)]
    cases = [*some, *small[::3]]
    instances = [subject.task.parse(f"{' '.join(map(str, word))} ? {start}") for word, start in cases]
    alike: dict[int, list[int]] = {}
    for place, instance in enumerate(instances):
        alike.setdefault(subject.size_for(instance), []).append(place)
    transcripts = {
        place: tokens
        for n, places in alike.items()
        for place, tokens in zip(
            places, Subject(subject).transcripts(n, [instances[place] for place in places]), strict=True
        )
    }
    for place, (word, start) in enumerate(cases):
        wanted, written = found_in_turn([*zip(word[::2], word[1::2], strict=True)], start), transcripts[place]
        assert subject.task.answer(instances[place]) == "end"
        assert [start, *(int(token) for token in written if token.isdigit())] == wanted
        assert written[-1] == "end"
        assert written.count("|") == len(wanted)
        assert len(written) == len(wanted) + 1 + sum(word[i] in wanted for i in range(0, len(word), 2))


def test_names_and_what_they_stand_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert summary_of("gallery/majority") == "Majority: does the word hold more b than a?"
    for arguments, told in (
        (["run", "gallery/copying", "2 1 1"], "answer: ."),
        (["explain", "gallery/copying", "2 1"], "picks position 1 (2)"),
        (["export", "gallery/copying", "--n", "2", "--format", "npz", "--out", str(tmp_path / "x.npz")], "wrote"),
        (["sweep", "gallery/parity", "--n", "2", "--state", str(tmp_path / "s"), "--workers", "1"], "VERIFIED"),
        (["sweep", "gallery/parity", "--n", "1", "--state", str(tmp_path / "u")], "VERIFIED  gallery/parity, n = 1"),
        (
            ["sweep", "--construction", "gallery/parity", "--n", "1", "--state", str(tmp_path / "t"), "--workers", "1"],
            "  gallery/parity,",
        ),
        (["list"], "gallery/shuffle-dyck-2"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        assert told in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["list", "--json"])
    assert [entry["name"] for entry in json.loads(capsys.readouterr().out)["gallery"]] == list(GALLERY)


@pytest.mark.parametrize("arguments", [["run", "gallery/party", "a"], ["verify", "--construction", "gallery/party"]])
def test_a_wrong_name_is_answered_with_a_near_one(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "did you mean 'gallery/parity'?" in capsys.readouterr().err
    with pytest.raises(InputError, match="did you mean 'gallery/parity'"):
        summary_of("gallery/party")
    with pytest.raises(SystemExit) as ended:
        main(["export", "gallery/parity", "--n", "2", "--c", "3", "--format", "npz", "--out", "x"])
    assert ended.value.code == 2
    assert "--c is for" in capsys.readouterr().err


def test_both_answers_are_frequent_among_random_brackets() -> None:
    for name in ("gallery/dyck-1", "gallery/dyck-k", "gallery/shuffle-dyck-2"):
        task, rng = from_gallery(name).task, np.random.default_rng(1)
        drawn = [task.sample(rng, 20) for _ in range(200)]
        assert all(1 <= len(word.sequence) <= 20 for word in drawn)
        assert 80 < sum(task.answer(word) == "yes" for word in drawn) < 160


def test_a_size_whose_words_are_too_many_to_look_at_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Of 1,771,561 words of length 6 few are sums; all up to length 5 are run, and the report says so."""
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--construction", "gallery/addition", "--max-n", "6", "--details", "--out", str(tmp_path)])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "all 10,101 inputs with n = 1 .. 5" in shown
    assert "not those with n = 6: addition: 1,771,561 words of length 6 are too many to see which are legal" in shown
    again = "retrieval-gap verify --construction gallery/addition --max-n 6"
    assert again in (tmp_path / "report.html").read_text(encoding="utf-8")
