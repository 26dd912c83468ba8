"""Every exercise of the documentation, solved with nothing but the commands that stand on its page."""

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from constructions import construction
from proofs_check.cli import main

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "exercises.md").read_text(encoding="utf-8")
OFFERED = {
    command: set(re.findall(r"--[a-z]+", " ".join(re.findall(rf"(?:retrieval-gap |`){command}\b[^`]*", PAGE))))
    for command in re.findall(r"retrieval-gap ([a-z]+)", PAGE)
}
"""The commands of the page with the options that stand there."""


def solve(capsys: pytest.CaptureFixture[str], command: str, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command of the page; options that the page does not show are refused."""
    asked = {argument for argument in arguments if argument.startswith("--")}
    assert asked <= OFFERED[command], f"the page does not show {command} with {asked - OFFERED[command]}"
    sys.modules.pop("_user_construction", None)
    code = 0
    try:
        main([command, *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().out


def test_only_what_the_page_shows_may_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"verify", "explain", "refute", "check", "bound", "run", "precision", "generate", "compare"} <= set(OFFERED)
    with pytest.raises(AssertionError, match=r"does not show run with \{'--json'\}"):
        solve(capsys, "run", "transformer/index", "1 ? 1", "--json")
    with pytest.raises(KeyError):
        solve(capsys, "certify", "index", "--n", "2")


REPAIRS = {
    "a": ('w.at("asked position", w.token - 1)', 'w.at("asked position", w.token)'),
    "b": (
        "[(previous[w.token], w.token)], default=True)",
        "[(previous[w.token], w.token)], excluding=w.is_token(SEPARATOR), default=True)",
    ),
    "c": ("(back[2], back[2])", "(back[2], back[1])"),
    "d": ("2 * threshold + 1, matches", "2 * threshold + 3, matches"),
    "e": ('return _tour("e", late=False)', 'return _tour("e", late=True)'),
    "f": ("when=[seen_edge.hit, complete] if not late else seen_edge.hit", "when=[seen_edge.hit, complete]"),
}
"""A text of planted_bugs.py, and what mends it; e has the mistake of f once it is mended, so it takes both."""

SEEN = {
    "a": "looks for position = 0",  # one before the position that is asked for
    "b": "picks position 2 (?)",  # the separator
    "c": "and 2 back.token = 2 back.token = 0",  # two back compared with two back, where the query has one back
    "d": "reads matches.is <s> 1/2",  # one match, and the threshold is 1
    "e": "pointer: looks for record.head = record.head = 1\n    picks position 7",  # a record finds itself
    "f": "writes YES",
}
"""What the explanation of the smallest input shows of each mistake."""


@pytest.mark.parametrize("bug", REPAIRS)
def test_a_each_bug_is_found_seen_and_mended(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bug: str, little_evidence: None
) -> None:
    source = DOCS / "examples" / "planted_bugs.py"
    code, out = solve(capsys, "verify", "--construction", f"{source}:{bug}")
    smallest = re.search(r"on input '(.*)' \(n = \d+\) it writes", out)
    assert code == 1
    assert smallest
    code, out = solve(capsys, "explain", "--construction", f"{source}:{bug}", smallest[1])
    assert code == 1
    assert SEEN[bug] in out
    text = source.read_text(encoding="utf-8")
    for letter in ("e", "f") if bug == "e" else (bug,):
        old, new = REPAIRS[letter]
        assert text.count(old) == 1
        text = text.replace(old, new)
    mended = tmp_path / "mended.py"
    mended.write_text(text, encoding="utf-8")
    assert solve(capsys, "explain", "--construction", f"{mended}:{bug}", smallest[1])[0] == 0
    code, out = solve(capsys, "verify", "--construction", f"{mended}:{bug}")
    assert "REFUTED" not in out
    assert code == 0


def test_b_both_players_end_with_seven(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    recall = ["--task", "associative-recall", "--n", "4"]
    builder = f"{DOCS / 'examples' / 'fewest_states.py'}:answers"
    code, out = solve(capsys, "refute", builder, *recall, "--alphabet", "2")
    assert (code, "states  7, after 16 prefixes\n  bits    3 (log2 of the states is 2.81, rounded up)\n" in out) == (
        0,
        True,
    )
    wasteful = f"{DOCS / 'examples' / 'small_states.py'}:whole_word"
    code, out = solve(capsys, "refute", wasteful, *recall, "--alphabet", "2")
    assert (code, out.startswith("REFUTED")) == (1, True)

    begun = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.S)[0])
    words = list(itertools.product((1, 2), repeat=4))
    best = {answers(word): list(word) for word in words}
    for prefixes, accepted in (
        (begun["prefixes"], True),
        (list(best.values()), True),
        ([*best.values(), [1, 1, 1, 1]], False),
    ):
        states = len(prefixes)
        certificate = begun | {"prefixes": prefixes, "states": states, "bits": (states - 1).bit_length()}
        file = tmp_path / "list.json"
        file.write_text(json.dumps(certificate), encoding="utf-8")
        assert (solve(capsys, "check", str(file))[0] == 0) == accepted
    assert len(best) == 7


def answers(word: tuple[int, ...]) -> tuple[int | None, ...]:
    """To the queries 1 and 2, by hand."""
    following = dict(itertools.pairwise(word))
    return following.get(1), following.get(2)


def test_b_bounds_and_distinct_letters(capsys: pytest.CaptureFixture[str]) -> None:
    def states(*options: str) -> int:
        _, out = solve(capsys, "bound", "associative-recall", *options)
        found = re.search(r"states +([\d,]+)", out)
        assert found
        return int(found[1].replace(",", ""))

    assert states("--n", "4", "--alphabet", "2") == states("--n", "40", "--alphabet", "2") == 7
    assert states("--n", "4", "--alphabet", "4") == 24
    assert states("--n", "4", "--alphabet", "4", "--convention", "promise") == 6
    builder = f"{DOCS / 'examples' / 'fewest_states.py'}:answers"
    recall = ["--task", "associative-recall", "--n", "4", "--alphabet", "4"]
    assert (
        "states  24, after 24 prefixes\n  bits    5 (log2 of the states is 4.58, rounded up)\n"
        in solve(capsys, "refute", builder, *recall)[1]
    )
    _, out = solve(capsys, "explain", "hybrid/associative-recall", "1 2 1 ? 1", "--full")
    assert "state: " in out


def recall_of(place: int, n: int) -> str:
    """All tokens alike but the last one."""
    return f"{' '.join([str(n)] * (n - 1))} 1 ? {place}"


def test_c_the_least_precision_and_the_scores_that_became_equal(capsys: pytest.CaptureFixture[str]) -> None:
    def is_right(bits: int) -> bool:
        codes = {
            solve(capsys, "run", "transformer/index", recall_of(place, 16), "--arithmetic", f"float:{bits}")[0]
            for place in range(1, 17)
        }
        return codes == {0}

    least = next(bits for bits in range(6, 12) if is_right(bits))
    _, out = solve(capsys, "precision", "transformer/index", "--n", "16")
    measured = re.search(r"^ +16 +(\d+) .*  (\S.*)$", out, re.M)
    assert measured
    assert least == int(measured[1]) == 9
    rounded = ["--arithmetic", f"float:{least - 1}"]
    code, out = solve(capsys, "explain", "transformer/index", recall_of(16, 16), *rounded)
    assert (code, "picks the average of 2 positions: 16 (1), 17 (?)" in out) == (1, True)
    code, out = solve(capsys, "explain", "transformer/index", recall_of(16, 16))
    assert (code, "picks position 16 (1), gap 1" in out) == (0, True)


def test_c_the_least_precision_grows_by_two_bits_a_doubling(capsys: pytest.CaptureFixture[str]) -> None:
    def least(*options: str) -> list[int]:
        _, out = solve(capsys, "precision", "transformer/index", "--n", "8,16,32", *options)
        return [int(bits) for bits in re.findall(r"^ +(?:8|16|32) +(\d+) ", out, re.M)]

    assert least() == [7, 9, 11]
    assert least("--centred") == [6, 8, 10]


def test_d_everybody_gets_another_graph(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    graph = ["istree", "--n", "9", "--graphs", "mixed", "--count", "1", "--seed"]
    _, out = solve(capsys, "generate", *graph, "1234567")
    mine: dict[str, Any] = json.loads(out)
    assert out == solve(capsys, "generate", *graph, "1234567")[1] != solve(capsys, "generate", *graph, "1234568")[1]
    code, out = solve(capsys, "explain", "transformer/istree", mine["input"])
    assert (code, f"answer: {mine['answer']}" in out) == (0, True)
    last = out[out.rindex("was read") :]  # the graph has a cycle, so it is a node that is met again
    assert re.search(r"way back: .* No\.$", last, re.M)
    assert re.search(r"seen node: .* Yes, at position \d+\.$", last, re.M)
    assert f"answer: {mine['answer']}" in solve(capsys, "run", "transformer/istree", mine["input"])[1]
    _, out = solve(capsys, "compare", "istree", mine["input"])
    assert f"; {len(mine['transcript'])} tokens)" in out
    file = tmp_path / "page.html"
    assert solve(capsys, "explain", "transformer/istree", mine["input"], "--live", "--out", str(file))[0] == 0
    assert file.stat().st_size > 50_000


def test_the_questions_of_the_tutorial_on_decoding(capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "decoding.md").read_text(encoding="utf-8")
    assert "let `reads` of that construction write it" in page
    searching, attending = (construction(f"{family}/istree") for family in ("retrieval", "transformer"))
    graph = searching.task.parse("1-2 2-3")
    assert searching.reads(graph) == ("<s>", "1", "~", "2", "2", "~", "3", "?")
    assert attending.reads(graph) == (
        *searching.reads(graph)[:-1],
        ">",
    )  # there the last token closes the list of edges

    def counts(task: str, text: str) -> list[int]:
        _, out = solve(capsys, "compare", task, text)
        return [int(count) for count in re.findall(r"; (\d+) tokens?\b", out)]

    assert counts("associative-recall", "3 1 4 ? 1") == counts("associative-recall", f"{'1 2 3 4 ' * 5} ? 1")
    small, large = counts("istree", "1-2 2-3"), counts("istree", "1-2 2-3 3-4 4-5 5-6")
    assert len(small) == 3
    assert all(few < many for few, many in zip(small, large, strict=True))


def test_the_kernel_names_two_words_that_may_share_a_state(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What the plan of the lesson says of breakers that take all words."""
    begun = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.S)[0])
    words = [list(word) for word in itertools.product((1, 2), repeat=4)]
    file = tmp_path / "all.json"
    file.write_text(json.dumps(begun | {"prefixes": words, "states": 16, "bits": 4}), encoding="utf-8")
    code, out = solve(capsys, "check", str(file))
    assert code == 1
    named = [list(map(int, re.findall(r"\d", word))) for word in re.findall(r"\[?\(?(\d(?:,? \d){3})", out)]
    assert len(named) == 2
    assert answers(tuple(named[0])) == answers(tuple(named[1]))
