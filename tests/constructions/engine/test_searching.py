"""Decoding with searches: all engines follow one protocol, for models that write any searches, ours among them."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.architectures import Embedding, Model, Recurrence, Search, Unembedding
from constructions.engine import Transcript, _fast, _program, decode, decode_batch, padded, stream
from constructions.engine._decode import Decoding
from constructions.engine._fast import FastRun
from constructions.engine._runtime import Runtime
from constructions.numerics import Matrix
from constructions.theorems import THEOREMS, Construction, variants
from constructions.vocabulary import Vocabulary
from proofs_check.cli import main

LANGUAGE = Search.of("(", ")", "[^`go`]*", "{", "}", "*", "|")
VOCABULARY = Vocabulary(("<s>", "go", "YES", "NO", *LANGUAGE.tokens), -1, 4)
ANSWERS = ("YES", "NO")


def writes(script: Sequence[str], answers: tuple[str, ...] | None = ANSWERS) -> Model:
    """A model that writes ``script[t]`` after the token t places after ``go``, and ``<s>`` when it is done.

    A flag travels through the state, one place a token; place t of it is a coordinate whose logits are largest
    at the token to write: 1 - (k - y)^2 at the number k if that is y, 1 at a special token. What is written
    does not depend on what searches yield, only on how many tokens that are.
    """
    length, width, specials = len(script), len(script) + 1, len(VOCABULARY.specials)
    places = [f"place {t}" for t in range(length)]
    coordinates = ("go", *places)
    shift = {(t, t - 1): 1 for t in range(1, length)}
    polynomial: dict[tuple[int, int], int] = {}
    special: dict[tuple[int, int], int] = {}
    for t, token in enumerate(script):
        identifier = VOCABULARY.id_of(token)
        if identifier < specials:
            special[identifier, t + 1] = 1
        else:
            y = int(token)
            polynomial |= {(0, t + 1): 1 - y * y, (1, t + 1): 2 * y, (2, t + 1): -1}
    recurrence = Recurrence(
        tuple(places),
        Matrix.from_entries((length, length), shift),
        Matrix.from_entries((length, width), {(0, 0): 1}),
        Matrix.from_entries((width, length), {(t + 1, t): 1 for t in range(length)}),
        Matrix.from_entries((width, width), {}),
    )
    return Model(
        name="retrieval/script",
        vocabulary=VOCABULARY,
        coordinates=coordinates,
        embedding=Embedding(
            Matrix.from_entries((width, 3), {}),
            Matrix.from_entries((width, specials), {(0, VOCABULARY.id_of("go")): 1}),
            Matrix.from_entries((width, 2), {}),
        ),
        layers=(recurrence,),
        unembedding=Unembedding(
            Matrix.from_entries((3, width), polynomial), Matrix.from_entries((specials, width), special)
        ),
        answers=answers,
        search=LANGUAGE,
    )


def followed(script: Sequence[str], prompt: Sequence[str], answers: tuple[str, ...] | None, most: int) -> Transcript:
    """The protocol, written apart: what such a model writes, a diagnostic per malformed search."""
    context, written, inside, time = list(prompt), [], False, 0
    diagnostics = 0
    answer = None
    while len(written) < most and answer is None:
        token = script[time] if time < len(script) else "<s>"
        appended = [token]
        if token == "</search>":
            ends = [place for place, other in enumerate(context) if other in ("<search>", "</search>")]
            opened = bool(ends) and context[ends[-1]] == "<search>"
            found = captured(context[ends[-1] + 1 :], context[: ends[-1]]) if opened else None
            diagnostics += found is None
            appended += found or ["FAILED"]
            inside = False
        elif token == "<search>":
            inside = True
        elif not inside and (answers is None or token in answers):
            answer = token
        context += appended
        written += appended
        time += len(appended)
    return Transcript(tuple(written[:most]), answer, ("",) * diagnostics)


LETTER = {token: chr(ord("A") + place) for place, token in enumerate((*VOCABULARY.specials, *map(str, range(-1, 5))))}
SIGN = {"(": "(", ")": ")", "[^go]*": f"[^{LETTER['go']}]*", "*": "*", "|": "|", "}": "}", "{": "{"}


def captured(expression: list[str], context: list[str]) -> list[str] | None:
    """What the expression captures, with letters for tokens; None if it is malformed."""
    text, due = "", None
    for token in expression:
        if (due == "a number" and not token.isdecimal()) or (due == "}" and token != "}"):
            return None
        text += token if due == "a number" else SIGN.get(token, LETTER[token])
        due = "}" if due == "a number" else "a number" if token == "{" else None
    try:
        found = re.search(text, "".join(LETTER[token] for token in context))
    except re.error:
        return None
    groups = [group for group in (found.groups() if found and not due else ()) if group]
    return None if due else [token for letter in (groups or [""])[-1] for token in LETTER if LETTER[token] == letter]


def batch(model: Model, prompts: Sequence[Sequence[str]], most: int) -> list[tuple[str, ...]]:
    ids = padded([model.vocabulary.encode(prompt) for prompt in prompts])
    return [tuple(model.vocabulary.decode(row)) for row in decode_batch(model, *ids, max_tokens=most)]


def fast(model: Model, prompt: Sequence[str], most: int | None) -> Transcript:
    """By the fast engine alone: the plain one must not have stepped in."""
    ids = model.vocabulary.encode(prompt)
    runtime = Runtime(model, ids)
    run = FastRun(model, ids, 2**28, runtime)
    written = list(run.tokens(most))[:most]
    assert run.stopped is None
    transcript = decode(model, prompt, engine="fast", max_tokens=most)
    assert transcript.tokens == tuple(model.vocabulary.decode(written))
    return transcript


numbers = st.sampled_from(["0", "1", "2", "3"])
prompts = st.lists(numbers, max_size=5).map(lambda sequence: ("<s>", *sequence, "go"))
well_formed = st.sampled_from(
    [
        "<search> ( 1 ) </search>",
        "<search> 1 ( [^go]* ) </search>",
        "<search> ( [^go]* ) 2 </search>",
        "<search> ( 1 | 2 ( 3 ) ) </search>",
        "<search> ( [^go]* ) ( 1 | [^go]* ) </search>",
        "<search> ( 1 { 2 } ) </search>",
        "<search> YES </search>",
        "<search> </search>",
    ]
).map(str.split)
pieces = st.one_of(
    well_formed,
    well_formed,
    st.lists(st.sampled_from([*(token for token in VOCABULARY.specials if token != "go"), "-1", "1", "2"]), max_size=6),
)
scripts = st.lists(pieces, min_size=1, max_size=4).map(
    lambda parts: [token for part in parts for token in part][:24] or ["YES"]
)


@given(scripts, st.lists(prompts, min_size=1, max_size=3), st.sampled_from([ANSWERS, None]), st.integers(1, 40))
@settings(max_examples=250, deadline=None)
def test_all_engines_follow_the_protocol_whatever_is_searched(
    script: list[str], several: list[tuple[str, ...]], answers: tuple[str, ...] | None, most: int
) -> None:
    model = writes(script, answers)
    expected = [followed(script, prompt, answers, most) for prompt in several]
    for prompt, right in zip(several, expected, strict=True):
        plain = decode(model, prompt, engine="plain", max_tokens=most)
        assert (plain.tokens, plain.answer) == (right.tokens, right.answer)
        assert len(plain.diagnostics) == len(right.diagnostics)
        assert fast(model, prompt, most) == plain
        assert tuple(stream(model, prompt, limit=most)) == plain.tokens
    assert batch(model, several, most) == [right.tokens for right in expected]


@pytest.mark.parametrize(
    ("script", "written", "diagnostics"),
    [
        # a capture of three tokens is appended one by one, and then the model goes on
        ("<search> ( [^go]* ) </search> _ _ _ _ YES", "<search> ( [^go]* ) </search> <s> 1 2 3 YES", 0),
        ("<search> 1 ( [^go]* ) </search> _ _ YES", "<search> 1 ( [^go]* ) </search> 2 3 YES", 0),
        # an answer inside a search does not end the decoding
        ("<search> YES </search> _ NO", "<search> YES </search> FAILED NO", 0),
        # a capture of nothing, and no capture
        ("<search> </search> _ YES", "<search> </search> FAILED YES", 0),
        ("<search> 1 2 </search> _ YES", "<search> 1 2 </search> FAILED YES", 0),
        # a search sees what stands before its opening, earlier searches and an outer one among it
        ("<search> ( 4 ) </search> _ YES", "<search> ( 4 ) </search> FAILED YES", 0),
        ("<search> ( 1 ) </search> _ <search> 1 ( 1 ) </search> _ YES",
         "<search> ( 1 ) </search> 1 <search> 1 ( 1 ) </search> FAILED YES", 0),
        ("4 <search> ( 1 ) </search> _ <search> 4 ( [^go]* ) </search> _ _ _ _ _ _ YES",
         "4 <search> ( 1 ) </search> 1 <search> 4 ( [^go]* ) </search> <search> ( 1 ) </search> 1 YES", 0),
        ("4 <search> 4 ( <search> ) </search> _ <search> ( 4 ) </search> _ YES",
         "4 <search> 4 ( <search> ) </search> FAILED <search> ( 4 ) </search> 4 YES", 1),
        ("<search> 4 <search> 4 </search> _ <search> ( 4 ) </search> _ YES",
         "<search> 4 <search> 4 </search> FAILED <search> ( 4 ) </search> 4 YES", 0),
        # what cannot be read
        ("</search> _ YES", "</search> FAILED YES", 1),
        ("<search> ( 1 ) </search> _ </search> _ YES", "<search> ( 1 ) </search> 1 </search> FAILED YES", 1),
        ("<search> ( 1 </search> _ YES", "<search> ( 1 </search> FAILED YES", 1),
        ("<search> 1 { -1 } </search> _ YES", "<search> 1 { -1 } </search> FAILED YES", 1),
        ("<search> 1 { } </search> _ <search> ) </search> _ YES",
         "<search> 1 { } </search> FAILED <search> ) </search> FAILED YES", 2),
    ],
)  # fmt: skip
def test_the_protocol_by_example(script: str, written: str, diagnostics: int) -> None:
    """``_`` stands where the model waits for what a search yields; what it would write there is not asked for."""
    model, prompt = writes(script.replace("_", "NO").split()), ("<s>", "1", "2", "3", "go")
    for transcript in (decode(model, prompt, engine="plain", max_tokens=40), fast(model, prompt, 40)):
        assert " ".join(transcript.tokens) == written
        assert transcript.answer == written.split()[-1]
        assert len(transcript.diagnostics) == diagnostics
    assert batch(model, [prompt], 40) == [tuple(written.split())]
    assert followed(script.replace("_", "NO").split(), prompt, ANSWERS, 40).tokens == tuple(written.split())


def test_a_model_without_a_list_of_answers_ends_with_the_first_token_outside_of_a_search() -> None:
    model, prompt = writes(["<search>", "(", "1", ")", "</search>", "0", "3"], None), ("<s>", "1", "2", "go")
    for engine in ("plain", "fast"):
        assert decode(model, prompt, engine=engine, max_tokens=40).tokens == (
            "<search>",
            "(",
            "1",
            ")",
            "</search>",
            "1",
            "3",
        )  # type: ignore[arg-type]


def test_a_search_sees_what_the_fast_engine_wrote_in_several_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fast, "_TOKENS_AT_ONCE", 4)
    model = writes([*"401230123", "<search>", "4", "(", "[^go]*", ")", "</search>", *"00000000", "YES"])
    transcript = fast(model, ("<s>", "1", "2", "3", "1", "2", "go"), 40)
    assert transcript.tokens[15:] == (*"01230123", "YES")


def test_the_plain_engine_goes_on_wherever_the_fast_one_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between searches, inside, and behind: with all that the fast one wrote, what searches yielded included."""
    script = [*"4012", "<search>", "4", "(", "[^go]*", ")", "</search>", *"0000", "YES"]
    prompt = ("<s>", "1", "2", "3", "1", "2", "go")
    expected = decode(writes(script), prompt, engine="plain", max_tokens=40)
    monkeypatch.setattr(_fast, "_TOKENS_AT_ONCE", 1)
    stopped = []
    for most in range(4, len(prompt) + len(expected.tokens)):
        monkeypatch.setattr(_program, "_most_positions", lambda _, most=most: most)
        run = Decoding(writes(script), prompt, engine="fast", limit=40)
        assert tuple(run) == expected.tokens
        stopped.append(run.stopped)
    assert stopped.count(True) > 15


def test_entries_of_a_batch_capture_different_lengths() -> None:
    model = writes(["<search>", "(", "[^go]*", ")", "2", "</search>", *"00000", "YES"])
    several = [("<s>", *sequence, "go") for sequence in ("1112", "1211", "2111", "1111", "2222")]
    written = batch(model, several, 40)
    assert written == [decode(model, prompt, engine="plain", max_tokens=40).tokens for prompt in several]
    captures = ["<s> 1 1 1", "<s> 1", "<s>", "FAILED", "<s> 2 2 2"]
    rest = ["0 YES", "0 0 0 YES", "0 0 0 0 YES", "0 0 0 0 YES", "0 YES"]
    assert [" ".join(tokens[6:]) for tokens in written] == [f"{a} {b}" for a, b in zip(captures, rest, strict=True)]


# The constructions.

VARIANTS = {v.label: v for t in ("5.2", "5.3") for name in THEOREMS[t].constructions for v in variants(name)}


@pytest.mark.parametrize("label", VARIANTS)
def test_all_engines_write_the_reference_transcript_and_every_cut_of_it(label: str) -> None:
    subject, rng = VARIANTS[label], np.random.default_rng(52)
    for size in (3, 6):
        for instance in [subject.task.sample(rng, size) for _ in range(4)]:
            agree_on(subject, instance)


def agree_on(subject: Construction, instance: object) -> None:
    n = subject.size_for(instance)
    model, prompt, expected = subject.at(n), subject.reads(instance), subject.expected(instance)
    for transcript in (decode(model, prompt, engine="plain"), fast(model, prompt, 2 * len(expected))):
        assert transcript == Transcript(expected, expected[-1])
    assert batch(model, [prompt, prompt], len(expected)) == [expected] * 2
    for most in {*range(min(10, len(expected))), len(expected) - 1, len(expected)}:
        cut = Transcript(expected[:most], expected[-1] if most == len(expected) else None)
        assert decode(model, prompt, engine="plain", max_tokens=most) == cut
        assert decode(model, prompt, engine="fast", max_tokens=most) == cut
        assert most == 0 or batch(model, [prompt], most) == [expected[:most]]


def test_a_long_run_goes_from_one_engine_to_the_other_between_and_inside_searches() -> None:
    subject = VARIANTS["retrieval/istree"]
    instance = subject.task.parse(" ".join(f"{v}-{v + 1}" for v in range(1, 30)))
    model, prompt, expected = subject.at(30), subject.reads(instance), subject.expected(instance)
    assert len(expected) > 2000
    assert decode(model, prompt) == decode(model, prompt, engine="fast") == Transcript(expected, expected[-1])
    switch = 1500 - len(prompt)
    for most in range(switch - 20, switch + 20, 6):  # a record and its searches are 37 tokens
        assert decode(model, prompt, max_tokens=most) == Transcript(expected[:most], None)


# The command line.

CARELESS = """
from constructions.architectures import Search
from constructions.tasks import AssociativeRecall
from constructions.theorems import Construction
from constructions.wiring import Polynomial, Program, Wiring, n


def careless():
    search = Search.of("(")
    tokens = ("<s>", "?", "NONE", *search.tokens)
    w = Wiring("retrieval/careless", specials=tokens, numbers=(0, n), context=n + 16, recurrent=True, search=search)
    program = Program(w)
    program.rule("? q", "<search> ( q </search>")
    program.rule("</search> FAILED", "NONE")
    program.wire()
    return Construction(w.name, AssociativeRecall(), w.finish(), "Forgets a bracket.", longest=Polynomial.constant(16))
"""


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_run_says_on_standard_error_what_was_wrong_with_a_search(
    json: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "careless.py").write_text(CARELESS)
    with pytest.raises(SystemExit) as ended:
        main(["run", *json, "--construction", f"{tmp_path / 'careless.py'}:careless", "1 2 ? 1"])
    said = capsys.readouterr()
    assert ended.value.code == 0
    assert said.err == "retrieval-gap: malformed search: missing ), unterminated subpattern at position 0\n"
    assert json or said.out == "<search> ( 1 </search> FAILED NONE\nanswer: NONE\n"


def test_run_is_silent_if_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "retrieval/associative-recall", "3 1 4 1 5 ? 9"])
    assert capsys.readouterr().err == ""
