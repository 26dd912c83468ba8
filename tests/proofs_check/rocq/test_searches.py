"""What searches yield: Coq's semantics and the runtime say the same of many hundred searches, and a fault is seen."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pytest

from constructions.architectures import Search, Searcher
from constructions.theorems import Construction, variants
from constructions.vocabulary import Vocabulary
from proofs_check.rocq._language import language_text
from proofs_check.rocq._sources import theories
from tests.proofs_check.rocq import coq_runs
from tests.proofs_check.rocq.coq_runs import evaluated

NAMES = [f"retrieval/{task}" for task in ("index", "associative-recall", "c-gram", "counting", "istree", "turing")]
VARIANTS = {variant.label: variant for name in NAMES for variant in variants(name)}


class Asked(NamedTuple):
    """A search: what it is about, what was written, and what the runtime appended."""

    context: Sequence[str]
    written: Sequence[str]
    found: Sequence[str]


def asked(searcher: Searcher, vocabulary: Vocabulary, context: Sequence[str], written: Sequence[str]) -> Asked:
    opening, closing = vocabulary.decode([searcher.opening, searcher.closing])
    answer = searcher.answer(vocabulary.encode([*context, opening, *written, closing]))
    return Asked(context, written, vocabulary.decode(answer.ids))


def searches_of(subject: Construction, instances: int, others: int) -> tuple[Search, Vocabulary, list[Asked]]:
    """Every search in some transcripts; each once more in contexts that no prompt is."""
    rng = np.random.default_rng(5)
    rows: dict[tuple[Sequence[str], Sequence[str]], None] = {}
    drawn = [subject.task.sample(rng, 4) for _ in range(instances)]
    for instance in [*drawn, *list(subject.task.boundary(7))[:instances]]:
        whole = [*subject.reads(instance), *subject.run(instance).tokens]
        starts = [place for place, token in enumerate(whole) if token == "<search>"]
        ends = [place for place, token in enumerate(whole) if token == "</search>"]
        # A transcript may be cut off within a search.
        rows |= {(tuple(whole[:a]), tuple(whole[a + 1 : b])): None for a, b in zip(starts, ends, strict=False)}
    search = subject.blueprint.search
    assert search is not None
    letters = [token for token in subject.blueprint.specials if token not in search.tokens]
    letters += [token for token in {token for context, _ in rows for token in context} if token.lstrip("-").isdigit()]
    for _, written in list(rows):
        signs = sorted({*letters, *(token for token in written if token.lstrip("-").isdigit())})
        rows |= {(tuple(rng.choice(signs, rng.integers(9)).tolist()), written): None for _ in range(others)}
    vocabulary = Vocabulary(subject.blueprint.specials, -9, 40)
    searcher = Searcher(search, vocabulary)
    return search, vocabulary, [asked(searcher, vocabulary, *row) for row in rows]


# Expressions drawn at random, sign by sign.

SIGNS = ("\\A", "(?:", "(", ")", "[^", "[", "]", "|", ".", "*", "*?", "{", "}")
LANGUAGE = Search.of(*SIGNS)
WORDS = Vocabulary(("<s>", "x", *LANGUAGE.tokens), -1, 9)
_LETTERS = ("x", "1", "2")


_T = TypeVar("_T")


def pick(chance: np.random.Generator, options: Sequence[_T]) -> _T:
    return options[int(chance.integers(len(options)))]


def _atom(chance: np.random.Generator, depth: int) -> list[str]:
    kind = chance.integers(10)
    if depth == 0 or kind < 3:
        return [pick(chance, _LETTERS)]
    if kind == 3:
        return ["."]
    if kind == 4:
        return [pick(chance, ("[^", "[")), *chance.permutation(_LETTERS)[: chance.integers(1, 4)].tolist(), "]"]
    return [pick(chance, ("(?:", "(", "(")), *expression(chance, depth - 1), ")"]


def expression(chance: np.random.Generator, depth: int) -> list[str]:
    """Alternatives of sequences of repeated atoms; it may repeat what may be empty."""
    written: list[str] = []
    for place in range(pick(chance, (1, 1, 1, 2, 3))):
        written += ["|"] * (place > 0)
        for _ in range(pick(chance, (0, 1, 1, 2, 2, 3))):
            written += _atom(chance, depth)
            written += pick(chance, ([], [], [], ["*"], ["*?"], ["{", str(chance.integers(4)), "}"]))
    return written


def malformed(chance: np.random.Generator, written: Sequence[str]) -> list[str]:
    """One sign is left out, doubled or another one; classes of signs, which Searching.v refuses, are not made."""
    while True:
        signs, place = list(written), chance.integers(len(written))
        signs[place : place + 1] = pick(chance, ([], [signs[place]] * 2, [pick(chance, (*SIGNS, *_LETTERS))]))
        if not re.search(r"\[\^? (?:\]|[^\]]*[^\]x0-9 ])|\[\^?$", " ".join(signs)):
            return signs


_REFUSED = ("1 ( 1 ) * *", "( 1 ) { 2 } *", "\\A * ( 1 )", "( 1 ) { -1 }", "( 1", "1 ) ( 1 )", "( 1 ) { x }", "* ( 1 )")


def random_searches(count: int) -> list[Asked]:
    """About as many that find something as that fail; one in three was malformed on purpose, a few by hand."""
    chance, searcher = np.random.default_rng(7), Searcher(LANGUAGE, WORDS)
    rows = [asked(searcher, WORDS, ["1", "1"], refused.split()) for refused in _REFUSED]
    while len(rows) < count:
        written = ["\\A"] * chance.integers(2) + expression(chance, 3)
        if "(" not in written or len(written) > 24:
            continue
        if len(rows) % 3 == 0:
            written = malformed(chance, written)
        row = asked(searcher, WORDS, chance.choice(_LETTERS, chance.integers(7)).tolist(), written)
        if row.found != ["FAILED"] or chance.integers(8) == 0:
            rows.append(row)
    return rows


# Coq's answers beside them.


def _tokens(vocabulary: Vocabulary, tokens: Sequence[str]) -> str:
    specials = vocabulary.specials
    names = (f"Special {specials.index(token)}" if token in specials else f"Number ({token})" for token in tokens)
    return f"[{'; '.join(names)}]"


def table(search: Search, vocabulary: Vocabulary, rows: Sequence[Asked]) -> str:
    """A file of Coq that prints how many rows there are, and in which of them Searching.v says something else."""
    listed = ";\n  ".join(f"({', '.join(_tokens(vocabulary, part) for part in row)})" for row in rows)
    return (
        "From Coq Require Import ZArith List.\nFrom RetrievalGap Require Import Model.\n"
        "Import ListNotations.\nOpen Scope Z_scope.\n"
        f"{language_text(search, vocabulary.specials)}\n"
        f"Definition rows : list (list tok * list tok * list tok) := [{listed}].\n"
        "Eval vm_compute in length rows.\n"
        "Eval vm_compute in flat_map (fun kr => match kr with (k, (context_, written, answer)) =>\n"
        "  if list_eq_dec tok_eq_dec (found context_ searches written) answer then [] else [k] end)\n"
        "  (combine (seq 0 (length rows)) rows).\n"
    )


def others(directory: Path, search: Search, vocabulary: Vocabulary, rows: Sequence[Asked]) -> list[Asked]:
    """The rows of which Coq says something else."""
    count, wrong = evaluated(directory, table(search, vocabulary, rows))
    assert count == f"{len(rows)}%nat"
    return [rows[int(place)] for place in re.findall(r"\d+", wrong.replace("%nat", ""))]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("searches")


@pytest.mark.system
@pytest.mark.parametrize("label", VARIANTS)
def test_coq_finds_what_the_runtime_finds_for_the_constructions(directory: Path, label: str) -> None:
    search, vocabulary, rows = searches_of(VARIANTS[label], 6, 4)
    assert len(rows) >= 25
    assert {row.found == ["FAILED"] for row in rows} == {True, False}
    assert others(directory, search, vocabulary, rows) == []


@pytest.mark.system
def test_coq_finds_what_the_runtime_finds_for_any_expression(directory: Path) -> None:
    rows = random_searches(900)
    assert sum(row.found != ["FAILED"] for row in rows) > 300
    assert others(directory, LANGUAGE, WORDS, rows) == []


# Faults.


@pytest.mark.system
def test_a_wrong_answer_is_seen(directory: Path) -> None:
    search, vocabulary, rows = searches_of(VARIANTS["retrieval/counting"], 2, 2)
    place = next(place for place, row in enumerate(rows) if row.found == ["FAILED"])
    wrong = [*rows[:place], rows[place]._replace(found=["1"]), *rows[place + 1 :]]
    assert others(directory, search, vocabulary, wrong) == [wrong[place]]


@pytest.mark.system
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("match repeated Star now with", "match repeated Lazy now with"),
        ("match repeated Lazy now with", "match repeated Star now with"),
        ("ways a p c ++ ways b p c", "ways b p c ++ ways a p c"),
        (
            "then [s] else star most' (fst s) (snd s)) (ways a p c) ++ [(p, c)]",
            "then [] else star most' (fst s) (snd s)) (ways a p c) ++ [(p, c)]",
        ),
        ("then Except (t :: ts) else Among (t :: ts)", "then Among (t :: ts) else Except (t :: ts)"),
        ("(seq 0 (S (length text)))).", "(rev (seq 0 (S (length text)))))."),
        ("(g, (p, fst s)) :: snd s", "snd s ++ [(g, (p, fst s))]"),
        ("with [] => captured g c | found => found end", "with found => found end"),
        ("Repeat r (Z.to_nat k)", "Repeat r (S (Z.to_nat k))"),
        ("| Begin => match p with O => [(p, c)] | _ => [] end", "| Begin => [(p, c)]"),
        ("[] | (Begin | Star _ | Lazy _ | Repeat _ _) :: _ => None", "[] => None"),
    ],
    ids=[
        "a greedy star is lazy",
        "a lazy star is greedy",
        "the later alternative comes first",
        "an empty repetition is dropped",
        "a class is of the others",
        "the rightmost match counts",
        "the first capture of a group counts",
        "an empty capture counts",
        "one repetition too many",
        "the start is anywhere",
        "a star may be repeated",
    ],
)
def test_a_wrong_meaning_is_seen(directory: Path, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str) -> None:
    """Each fault is one place in Searching.v."""
    source = theories()["Searching"]
    assert source.text.count(right) == 1
    changed = replace(source, text=source.text.replace(right, wrong))
    monkeypatch.setattr(coq_runs, "theories", lambda: {**theories(), "Searching": changed})
    assert others(directory, LANGUAGE, WORDS, random_searches(300))
