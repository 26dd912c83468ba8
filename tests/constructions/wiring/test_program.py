"""Tables of rules against an interpreter of the same tables that knows nothing of matrices.

The interpreter reads a table as the documentation says: which rules fit the end of a transcript, and what they
write there. For random small tables either no window lets two rules fire, and then the wired model writes what the
interpreter says; or the table is refused with a window, and on that window two rules do fire.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from constructions.architectures import Evaluator, Model
from constructions.errors import ContractError
from constructions.numerics import Exact
from constructions.tasks import Graph
from constructions.theorems import Construction, construction
from constructions.wiring import Program, Wiring, n
from constructions.wiring._program import Step
from tests.istree_evidence import boundary

SPECIALS = ("<s>", "a", "b", "c")
SIZE = 3
CONDITIONS = ("", "twice a", "not twice a")
LOOK_UPS = ("{bs}",)


class Line(NamedTuple):
    """A rule: context, condition (a name, or nothing), what is written."""

    context: str
    condition: str
    write: str


class Meaning(NamedTuple):
    """What a rule writes next: a special token, a look-up in braces, or the number at a place, plus a constant."""

    token: str | None
    place: int
    plus: int


# The interpreter.


def fits(pattern: Sequence[str], transcript: Sequence[str], specials: Sequence[str]) -> bool:
    """Whether the transcript ends like the pattern: special tokens as they are, ``_`` anything, else numbers."""
    end = transcript[len(transcript) - len(pattern) :]
    pairs = zip(pattern, end, strict=False)
    return len(end) == len(pattern) and all(
        p == "_" or (t == p if p in specials else t not in specials) for p, t in pairs
    )


def meaning(pattern: Sequence[str], word: str, length: int, specials: Sequence[str]) -> Meaning:
    """``word`` after ``pattern``, which ends a transcript of this length."""
    if word in specials or word.startswith("{"):
        return Meaning(word, 0, 0)
    name, sign, amount = re.fullmatch(r"(\w+?)(?:([+-])(\d+))?", word).groups()  # type: ignore[union-attr]
    nearest = max(place for place, other in enumerate(pattern) if other == name)
    return Meaning(None, length - len(pattern) + nearest, int((sign or "") + (amount or "0")))


def firing(
    table: Sequence[Line], transcript: Sequence[str], specials: Sequence[str], conditions: Mapping[str, bool]
) -> dict[tuple[int, int], Meaning]:
    """By (rule, how much of it is written already), what the rules say that fit the end of the transcript."""
    found = {}
    for number, line in enumerate(table):
        words = line.write.split()
        for done, word in enumerate(words):
            pattern = [*line.context.split(), *words[:done]]
            if fits(pattern, transcript, specials) and (done or not line.condition or conditions[line.condition]):
                found[number, done] = meaning(pattern, word, len(transcript), specials)
    return found


def next_token(said: Meaning, transcript: Sequence[str], look_ups: Mapping[str, int], low: int, high: int) -> str:
    if said.token is None:
        return str(min(max(int(transcript[said.place]) + said.plus, low), high))
    return str(look_ups[said.token]) if said.token in look_ups else said.token


# Random tables.


def flags_of(transcript: Sequence[str]) -> dict[str, bool]:
    twice = list(transcript).count("a") >= 2
    return {"twice a": twice, "not twice a": not twice}


def look_ups_of(transcript: Sequence[str]) -> dict[str, int]:
    return {"{bs}": min(list(transcript).count("b"), SIZE)}


def programmed(table: Sequence[Line], low: int = 0) -> tuple[Wiring, Program]:
    w = Wiring("mine", specials=SPECIALS, numbers=(low, n), context=n + 20, recurrent=True)
    twice = w.at_least(w.count(w.is_token("a")), 2, name="twice a")
    flags = {"": (), "twice a": twice, "not twice a": ~twice}
    program = Program(w, {"bs": w.clamp(w.count(w.is_token("b")), 0, n, "bs")})
    for context, condition, write in table:
        program.rule(context, write, when=flags[condition])
    return w, program


def wired(table: Sequence[Line], low: int = 0) -> Wiring:
    w, program = programmed(table, low)
    program.wire()
    return w


def model_of(table: Sequence[Line], low: int = 0) -> Model:
    return wired(table, low).finish().at(SIZE)


def written(model: Model, transcript: Sequence[str]) -> str:
    evaluator = Evaluator(model, Exact())
    x, _ = evaluator.run(np.array(model.vocabulary.encode(transcript)), last=1)
    return model.vocabulary.token_of(int(evaluator.next_tokens(x)[-1]))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    kinds = st.sampled_from([*SPECIALS[1:], "x", "y", "_"])
    context = draw(st.lists(kinds, min_size=1, max_size=4))
    names = sorted({word for word in context if word in ("x", "y")})
    words = [*SPECIALS[1:], *(f"{name}{plus}" for name in names for plus in ("", "+1", "-2"))]
    first = draw(st.sampled_from([*words, *LOOK_UPS]))
    rest = draw(st.lists(st.sampled_from(words), max_size=2))
    return Line(" ".join(context), draw(st.sampled_from(CONDITIONS)), " ".join([first, *rest]))


tables = st.lists(lines(), min_size=1, max_size=4)


def filled(draw: st.DrawFn, pattern: Sequence[str], low: int) -> list[str]:
    """A transcript that ends like the pattern."""
    number = st.sampled_from([str(k) for k in range(low, SIZE + 1)])
    anything = st.one_of(st.sampled_from(SPECIALS[1:]), number)
    end = [word if word in SPECIALS else draw(anything if word == "_" else number) for word in pattern]
    return ["<s>", *draw(st.lists(anything, max_size=6)), *end]


@given(tables, st.sampled_from((0, -1)), st.data())
@settings(max_examples=150, deadline=None)
def test_a_random_table(table: list[Line], low: int, data: st.DataObject) -> None:
    try:
        model = model_of(table, low)
    except ContractError as error:
        check_refusal(table, str(error), data)
        return
    for line in table:
        words = line.write.split()
        for done in range(len(words)):
            transcript = data.draw(ending([*line.context.split(), *words[:done]], low))
            said = firing(table, transcript, SPECIALS, flags_of(transcript))
            assert len(said) <= 1
            for one in said.values():
                expected = next_token(one, transcript, look_ups_of(transcript), low, SIZE)
                assert written(model, transcript) == expected, transcript


@st.composite
def ending(draw: st.DrawFn, pattern: Sequence[str], low: int) -> list[str]:
    return filled(draw, pattern, low)


def check_refusal(table: Sequence[Line], message: str, data: st.DataObject) -> None:
    """The window that the message shows lets two rules fire, under conditions that can hold together."""
    found = re.fullmatch(r"mine: two rules fire on the window `([^`]*)`: `([^`]*)` and `([^`]*)`; give .*", message)
    assert found, message
    window = [word if word in (*SPECIALS, "_") else "x" for word in found[1].split()]
    transcript = data.draw(ending(window, 0))
    most = max(len(firing(table, transcript, SPECIALS, {"twice a": f, "not twice a": not f})) for f in (False, True))
    assert most >= 2, message
    shown = [f"{context}{f' if {condition}' if condition else ''} -> {write}" for context, condition, write in table]
    assert {found[2], found[3]} <= set(shown)


def kinds_agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether some window ends like both."""
    return all(
        "_" in (a, b) or (a if a in SPECIALS else "number") == (b if b in SPECIALS else "number")
        for a, b in zip(reversed(one), reversed(other), strict=False)
    )


@given(tables)
@settings(max_examples=150, deadline=None)
def test_shortened_windows_fire_where_the_full_ones_do_and_stay_apart(table: list[Line]) -> None:
    _, program = programmed(table)
    try:
        program._refuse_overlaps()
    except ContractError:
        assume(False)
    full, short = program._steps, program._shortened()
    assert len(full) == len(short)
    for one, other in zip(full, short, strict=True):
        assert one.window[len(one.window) - len(other.window) :] == other.window
        assert (one.when, one.what) == (other.when, other.what)
    for place, step in enumerate(short):
        for number, other in enumerate(full):
            if number != place and kinds_agree(step.window, other.window):
                assert exclude(step, other), "a shortened step fires where the full context of another does"
        for length in range(len(step.window)):
            shorter = step.window[len(step.window) - length :]
            others = [other for number, other in enumerate(short) if number != place]
            clashes = (kinds_agree(shorter, other.window) and not exclude(step, other) for other in others)
            # What was apart from longer windows may be apart from shortened ones no more, never the reverse.
            assert any(clashes), f"{step.window} could be {shorter}"


def exclude(one: Step, other: Step) -> bool:
    """Whether a condition of one is the negation of a condition of the other."""
    return any(f.terms.keys() == g.terms.keys() and f.constant != g.constant for f in one.when for g in other.when)


def test_the_interpreter_on_an_example() -> None:
    table = [Line("a x", "", "b x+1 x c"), Line("x c", "twice a", "{bs}")]
    transcript = ["<s>", "a", "2"]
    model = model_of(table)
    for expected in ("b", "3", "2", "c"):
        (said,) = firing(table, transcript, SPECIALS, flags_of(transcript)).values()
        assert next_token(said, transcript, look_ups_of(transcript), 0, SIZE) == expected
        assert written(model, transcript) == expected
        transcript.append(expected)
    assert firing(table, transcript, SPECIALS, flags_of(transcript)) == {}
    transcript = ["<s>", "a", "a", "b", "2", "c"]
    (said,) = firing(table, transcript, SPECIALS, flags_of(transcript)).values()
    assert written(model, transcript) == next_token(said, transcript, look_ups_of(transcript), 0, SIZE) == "1"


# What is refused, and what is not.


def test_two_rules_that_fire_on_one_window_are_refused_with_the_window() -> None:
    with pytest.raises(ContractError) as caught:
        wired([Line("a x", "", "b"), Line("c _ y", "", "a")])
    assert str(caught.value).startswith(
        "mine: two rules fire on the window `c a y`: `a x -> b` and `c _ y -> a`; give "
    )


def test_a_rule_that_meets_itself_is_refused() -> None:
    with pytest.raises(ContractError) as caught:
        wired([Line("_", "", "b a")])
    assert str(caught.value).startswith("mine: two rules fire on the window `_ b`: `_ -> b a` and `_ -> b a`; give ")


def test_conditions_do_not_tell_later_steps_apart() -> None:
    """Only the first token is written under the condition, which may have changed after it."""
    with pytest.raises(ContractError, match=r"two rules fire on the window `a b`: `a if twice a -> b c` and "):
        wired([Line("a", "twice a", "b c"), Line("a", "not twice a", "b a")])


def test_contradictory_conditions_are_accepted() -> None:
    model = model_of([Line("a", "twice a", "b"), Line("a", "not twice a", "c")])
    assert written(model, ["<s>", "a"]) == "c"
    assert written(model, ["<s>", "a", "1", "a"]) == "b"


def test_the_same_condition_twice_is_refused() -> None:
    with pytest.raises(ContractError, match="two rules fire on the window `x a`"):
        wired([Line("a", "twice a", "b"), Line("x a", "twice a", "c")])


def test_windows_are_no_longer_than_they_must_be() -> None:
    """The context has four tokens, but the last tells the rules apart; a copy still reaches back."""
    w = wired([Line("b b b a", "", "c"), Line("x b c b", "", "x")])
    assert not [cell.coordinate.name for cell in w.memory.cells if "4 back" in cell.coordinate.name]
    assert max(int(name[0]) for name in (c.coordinate.name for c in w.memory.cells) if name[0].isdigit()) == 3
    alone = wired([Line("b b b a", "", "c")])
    assert alone.memory.cells == [] or {c.coordinate.name for c in alone.memory.cells} <= {"#is a", "#is b"}


REFUSED_LINES = {
    "an unknown word": (
        Line("a x", "", "b z"),
        "mine: the rule a x -> b z writes 'z': expected a special token or a number of its context",
    ),
    "a sum of a special token": (
        Line("a x", "", "b+1"),
        "mine: the rule a x -> b+1 writes 'b+1': expected a special token or a number of its context",
    ),
    "a sum with something else": (
        Line("a x", "", "x+y"),
        "mine: the rule a x -> x+y writes 'x+y': expected a special token or a number of its context",
    ),
    "the token that is anything": (
        Line("a _", "", "_"),
        "mine: the rule a _ -> _ writes '_': expected a special token or a number of its context",
    ),
    "a look-up that is not first": (
        Line("a x", "", "b {bs}"),
        "mine: the rule a x -> b {bs} writes {bs}: expected, as its first token, one of the look-ups bs",
    ),
    "an unknown look-up": (
        Line("a x", "", "{cs}"),
        "mine: the rule a x -> {cs} writes {cs}: expected, as its first token, one of the look-ups bs",
    ),
    "nothing": (Line("a x", "", " "), "mine: the rule a x ->   writes nothing"),
    "a misspelt special token": (
        Line("</s x", "", "b"),
        "mine: the rule </s x -> b has '</s' in its context: expected a special token, _, or a name for a number, of "
        "letters and digits",
    ),
    "a sum in the context": (
        Line("a x+1", "", "b"),
        "mine: the rule a x+1 -> b has 'x+1' in its context: expected a special token, _, or a name for a number, of "
        "letters and digits",
    ),
}


@pytest.mark.parametrize("case", REFUSED_LINES)
def test_a_line_that_means_nothing_is_refused(case: str) -> None:
    line, message = REFUSED_LINES[case]
    with pytest.raises(ContractError) as caught:
        wired([line])
    assert str(caught.value).startswith(f"{message}; ")


def test_a_look_up_without_look_ups_and_a_condition_that_is_no_flag() -> None:
    w = Wiring("mine", specials=SPECIALS, numbers=(0, n), context=n, recurrent=True)
    with pytest.raises(ContractError, match="one of the look-ups none"):
        Program(w).rule("a", "{bs}")
    with pytest.raises(ContractError, match=r"mine: the condition of a rule needs a flag, 0 or 1, but token has"):
        Program(w).rule("a", "b", when=w.token)


def test_a_window_needs_a_recurrence() -> None:
    w = Wiring("mine", specials=SPECIALS, numbers=(0, n), context=n)
    program = Program(w)
    program.rule("a x", "b")
    program.rule("b x", "a")
    with pytest.raises(ContractError, match="mine: code 1 positions back needs a recurrence"):
        program.wire()


# The tables of the constructions.

SHIPPED = [
    *(f"retrieval/{task}" for task in ("index", "associative-recall", "c-gram", "counting", "istree")),
    "hybrid/istree",
]


def table_of(subject: Construction) -> list[Line]:
    return [Line(*row) for row in subject.blueprint.table]


def instances_of(subject: Construction) -> list[object]:
    rng = np.random.default_rng(0)
    few = [subject.task.sample(rng, 7) for _ in range(12)]
    return [*list(subject.task.boundary(6))[:12], *few]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_table_says_every_token_that_the_model_writes(name: str) -> None:
    """Along the transcripts exactly one rule fits, and conditions excepted it writes the token that follows."""
    subject = construction(name)
    table, specials = table_of(subject), subject.blueprint.specials
    assert table
    used: set[tuple[int, int]] = set()
    for instance in instances_of(subject):
        n_here = subject.size_for(instance)
        transcript, rest = list(subject.reads(instance)), list(subject.expected(instance, n_here))
        while rest:
            said = all_meanings(table, transcript, specials)
            follows = {
                place
                for place, one in said.items()
                if (one.token or "").startswith("{")
                or next_token(one, transcript, {}, *bounds(subject, n_here)) == rest[0]
            }
            if len(said) > 1:  # rules with conditions that exclude each other
                assert all(table[number].condition and not done for number, done in said)
            assert follows, (transcript[-8:], rest[0])
            used |= follows
            transcript.append(rest.pop(0))
            if name.startswith("retrieval/") and transcript[-1] == "</search>":
                transcript.append(rest.pop(0))  # the runtime answers
    assert used == {(i, d) for i, line in enumerate(table) for d in range(len(line.write.split()))}


def all_meanings(
    table: Sequence[Line], transcript: Sequence[str], specials: Sequence[str]
) -> dict[tuple[int, int], Meaning]:
    """What fits, whatever the conditions say."""
    return firing(table, transcript, specials, {line.condition: True for line in table})


def bounds(subject: Construction, size: int) -> tuple[int, int]:
    low, high = subject.blueprint.numbers
    return low(n=size), high(n=size)


def test_the_table_of_a_hybrid_is_what_runs() -> None:
    """Wherever a rule without a condition fits a token of a transcript, the model writes what it says."""
    subject = construction("hybrid/istree")
    table, specials = table_of(subject), subject.blueprint.specials
    graph = boundary(6)[0]
    assert isinstance(graph, Graph)
    model = subject.at(6)
    transcript = [*subject.reads(graph), *subject.expected(graph, 6)]
    for length in range(len(subject.reads(graph)), len(transcript)):
        said = all_meanings(table, transcript[:length], specials)
        assert said
        for (number, done), one in said.items():
            if not (table[number].condition and not done) and not (one.token or "").startswith("{"):
                assert written(model, transcript[:length]) == next_token(one, transcript, {}, *bounds(subject, 6))
