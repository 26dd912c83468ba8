"""What a wiring cannot mean is refused on the line that asks for it, with the operands and what to write instead.

Each case is what somebody would write who takes a wiring for a calculation. Python would answer some of them on its
own, about the objects instead of the numbers; that no answer comes is the point.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from constructions.engine import decode
from constructions.errors import ContractError
from constructions.wiring import Polynomial, Program, Wiring, n

INTEGERS = "needs an integer or a polynomial in n with integer coefficients, but was given"
LATER = "asks about numbers that a model holds when it runs, not while it is wired"


def wiring(**changes: object) -> Wiring:
    given: dict[str, object] = {"specials": ("<s>", "?", "x"), "numbers": (0, n), "context": n + 4, **changes}
    return Wiring("mine", **given)  # type: ignore[arg-type]


def head(w: Wiring) -> Any:
    return w.latest("found", [(w.token, 1)])


# What is tried with a wiring of its own and another one, the problem that is named, and the remedy.
CASES: dict[str, tuple[Callable[..., object], str, str]] = {
    "all of no flags": (lambda w, o: w.both(), "combine flags, but were given none", "give at least one flag"),
    "a negative power": (lambda w, o: n**-1, "`(n) ** -1` is no polynomial", "multiply the other side"),
    "a root": (lambda w, o: (n + 1) ** 0.5, "`(n + 1) ** 0.5` is no polynomial", "multiply the other side"),
    "an exponential": (lambda w, o: 2**n, "`2 ** n` is no polynomial", "as a further size (others=)"),
    "half of n": (lambda w, o: n / 2, "`n / 2` is no polynomial", "multiply the other side by 2 instead"),
    "n halved": (lambda w, o: n // 2, "`n // 2` is no polynomial", "multiply the other side by 2 instead"),
    "n modulo": (lambda w, o: n % 2, "`n % 2` is no polynomial", "multiply the other side by 2 instead"),
    "one by n": (lambda w, o: 1 / n, "`1 / n` is no polynomial", "multiply the other side by n instead"),
    "half times n": (lambda w, o: 0.5 * n, f"arithmetic with n {INTEGERS} 0.5", "multiply by the denominator"),
    "a half of float32": (lambda w, o: n + np.float32(0.5), f"{INTEGERS} 0.5 (float32)", "by the denominator"),
    "a fraction": (lambda w, o: n - Fraction(1, 2), f"{INTEGERS} 1/2 (Fraction)", "multiply by the denominator"),
    "n below": (lambda w, o: n < 3, "`n < 3` has no answer", "Domain.proves"),
    "a larger n": (lambda w, o: max(n, 3), "`n < 3` has no answer", "w.domain.maximum(n, 3)"),
    "a constant of a half": (lambda w, o: w.constant(0.5), f"mine: constant {INTEGERS} 0.5", "by the denominator"),
    "a constant of a float": (lambda w, o: w.constant(1.0), f"mine: constant {INTEGERS} 1.0", "by the denominator"),
    "a clamp to a half": (lambda w, o: w.clamp(w.token, 0, 1.5, "c"), f"mine: clamp 'c' {INTEGERS} 1.5", "denominator"),
    "a clamp to a value": (
        lambda w, o: w.clamp(w.token, 0, w.position, "c"),
        f"mine: clamp 'c' {INTEGERS} position",
        "give an integer such as 3",
    ),
    "beyond a half": (lambda w, o: w.beyond(w.token, 0.5, n, "b"), f"mine: beyond 'b' {INTEGERS} 0.5", "denominator"),
    "a context of a half": (lambda w, o: wiring(context=50.5), f"mine: context= {INTEGERS} 50.5", "denominator"),
    "numbers of a half": (lambda w, o: wiring(numbers=(0, 0.5)), f"mine: numbers= {INTEGERS} 0.5", "denominator"),
    "one number": (lambda w, o: wiring(numbers=n), "mine: numbers= was given n, which is no pair", "(0, n)"),
    "a least size that grows": (lambda w, o: wiring(least=n), "mine: the least n is a number, not n", "such as 1"),
    "specials in one string": (lambda w, o: wiring(specials="<s>"), "mine: specials= was given '<s>'", "tuple"),
    "answers in one string": (lambda w, o: wiring(answers="YES"), "mine: answers= was given 'YES'", "tuple"),
    "a special token twice": (lambda w, o: wiring(specials=("?", "?")), "not one or more different tokens", "tuple"),
    "an unknown size": (
        lambda w, o: wiring(context=Polynomial.variable("m")),
        "nothing is known of m in m; expected are the variables n",
        "others={'m': 1}",
    ),
    "a comparison as a condition": (
        lambda w, o: w.write("x", when=[w.token == 3]),
        f"`token == 3` {LATER}",
        "write w.equal(token, 3)",
    ),
    "a comparison from the right": (
        lambda w, o: 3 == w.token,  # noqa: SIM300
        f"`token == 3` {LATER}",
        "w.equal(token, 3)",
    ),
    "a comparison of values": (
        lambda w, o: w.position == w.token,
        f"`position == token` {LATER}",
        "w.equal(position, token)",
    ),
    "membership": (lambda w, o: w.token in [w.position], f"`position == token` {LATER}", "w.equal(position, token)"),
    "inequality": (lambda w, o: w.token != n, f"`token != n` {LATER}", "write ~w.equal(token, n)"),
    "below": (lambda w, o: w.token < 3, f"`token < 3` {LATER}", "write w.at_least(3, token + 1)"),
    "at most": (lambda w, o: w.token <= 3, f"`token <= 3` {LATER}", "write w.at_least(3, token)"),
    "above": (lambda w, o: w.token > 3, f"`token > 3` {LATER}", "write w.at_least(token, 3 + 1)"),
    "at least": (lambda w, o: w.token >= n - 1, f"`token >= n - 1` {LATER}", "write w.at_least(token, n - 1)"),
    "and": (lambda w, o: w.is_number and w.start, f"`if` with is number {LATER}", "w.both(u, v)"),
    "or": (lambda w, o: w.is_number or w.start, f"`if` with is number {LATER}", "w.either(u, v)"),
    "not": (lambda w, o: not w.is_number, f"`if` with is number {LATER}", "~u"),
    "&": (lambda w, o: w.is_number & w.start, f"`is number & is <s>` {LATER}", "w.both(is number, is <s>)"),
    "|": (lambda w, o: w.is_number | w.start, f"`is number | is <s>` {LATER}", "w.either(is number, is <s>)"),
    "a square": (
        lambda w, o: w.token * w.token,
        "`token * token` multiplies two values, which linear maps cannot",
        "write w.product(token, token), whose first factor is never negative, or w.square(token)",
    ),
    "a power": (lambda w, o: w.token**2, "`token ** 2` multiplies values", "write w.square(token)"),
    "a half of a value": (lambda w, o: w.token / 2, "`token / 2` is no integer combination", "the other side"),
    "a value times a half": (lambda w, o: w.token * 0.5, f"`token * 0.5` {INTEGERS} 0.5", "by the denominator"),
    "a half times a value": (lambda w, o: np.float64(0.5) * w.token, INTEGERS, "by the denominator"),
    "a value and a half": (lambda w, o: 0.5 + w.token, f"`token + 0.5` {INTEGERS} 0.5", "by the denominator"),
    "a value and a word": (lambda w, o: w.token - "x", f"`token - 'x'` {INTEGERS} 'x'", "an integer such as 3"),
    "a value and a head": (lambda w, o: w.token + head(w), "given HeadGadget 'found' itself", "head[w.token]"),
    "a head compared": (lambda w, o: w.equal(head(w), 1), "mine: equal was given HeadGadget 'found'", "head[w.token]"),
    "a head written": (lambda w, o: w.write(head(w)), "mine: write was given HeadGadget 'found'", "head[w.token]"),
    "nothing compared": (lambda w, o: w.equal(w.token, None), f"mine: equal {INTEGERS} None", "an integer such as 3"),
    "a number in quotes": (lambda w, o: w.write("3"), "'3' is not a special token", "such as w.constant(3)"),
    "a condition in quotes": (lambda w, o: w.write("x", when="?"), f"mine: when= {INTEGERS} '?'", "an integer"),
    "a sum of two wirings": (lambda w, o: w.token + o.token, "`token + token` was given token, a value of", "again"),
    "a difference of two": (lambda w, o: w.token - o.token, "a value of another wiring", "of this wiring"),
    "a flag of another": (
        lambda w, o: w.both(w.is_number, o.is_number),
        "mine: both was given is number, a value of another wiring",
        "make it again from the features of this wiring",
    ),
    "an output of another": (lambda w, o: w.write(o.token), "mine: write was given token, a value of", "again"),
    "a condition of another": (lambda w, o: w.write("x", when=o.start), "mine: when= was given is <s>", "again"),
    "a sign of another": (lambda w, o: w.write_sign(o.one), "mine: write_sign was given 1, a value of", "again"),
    "a key of another": (lambda w, o: w.latest("a", [(o.token, 1)]), "mine: head 'a' was given token", "again"),
    "a query of another": (lambda w, o: w.average("a", [(w.token, o.token)]), "mine: head 'a' was given", "again"),
    "an exclusion of another": (
        lambda w, o: w.latest("a", [(w.token, 1)], excluding=o.start),
        "mine: 'a' was given is <s>, a value of another wiring",
        "again",
    ),
    "a reading of another": (lambda w, o: head(w)[o.token], "head 'found' was given token, a value of", "again"),
    "a rule's flag of another": (
        lambda w, o: Program(w).rule("?", "x", when=o.start),
        "mine: the condition of a rule was given is <s>, a value of another wiring",
        "again",
    ),
    "a pair that is no list": (lambda w, o: w.latest("a", (w.token, 3)), "given token, which is no pair", "[(w.token"),
    "a match that is no pair": (lambda w, o: w.latest("a", w.token), "given token, which holds no pairs", "[(w.token"),
    "a case that is no pair": (lambda w, o: w.cases(w.start, name="c"), "is <s>, which is no pair", "(flag, value)"),
    "a position of a half": (lambda w, o: w.at("a", 1.5), f"mine: head 'a' {INTEGERS} 1.5", "by the denominator"),
    "half a step back": (lambda w, o: w.offset("a", 0.5), f"`position - 0.5` {INTEGERS} 0.5", "by the denominator"),
    "a value that is listed": (lambda w, o: w.listed("l", {"?": 0.5}), f"mine: 'l' {INTEGERS} 0.5", "denominator"),
    "a gadget made twice": (
        lambda w, o: (head(w), head(w)),
        "two gadgets are called 'found', the first on ",
        "keep the first and use it twice, or give one another name",
    ),
    "a flag that is none": (
        lambda w, o: w.write("x", when=w.token),
        "needs a flag, 0 or 1, but token has range [0, n]",
        "compare it, such as w.equal(token, 1)",
    ),
    "a size of a half": (
        lambda w, o: (w.write("x"), w.finish().at(2.5))[1],
        "mine is proved for n >= 1, not for n = 2.5",
        "give an integer from 1 on",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_operands_remedy_and_line(case: str) -> None:
    attempt, problem, remedy = CASES[case]
    with pytest.raises(ContractError) as caught:
        attempt(wiring(), wiring())
    found = re.fullmatch(r"(.*); ([^;]*) \((\S*), line ([0-9]+)\)", str(caught.value))
    assert found, str(caught.value)
    assert problem in found[1]
    assert remedy in found[2]
    asked = caught.traceback[1] if caught.traceback[1].path == Path(__file__) else None
    assert asked is not None
    assert found[3].endswith("tests/constructions/wiring/test_refusals.py")
    deepest = [entry for entry in caught.traceback if entry.path == Path(__file__)][-1]
    assert int(found[4]) == deepest.lineno + 1


def test_no_refusal_of_the_package_goes_without_remedy_and_line() -> None:
    package = Path(sys.modules["constructions.wiring"].__file__ or "").parent
    bare = [path.name for path in package.glob("*.py") if re.search(r"ContractError\(", path.read_text("utf-8"))]
    assert bare == ["_refusal.py"]


def test_integers_stand_for_values_wherever_a_value_is_taken() -> None:
    """Integers, NumPy's integers and constants lead to equal matrices."""

    def build(three: Any, one: Any) -> list[object]:
        w = wiring(context=50, least=5)
        found = w.latest("found", [(w.token, three)], excluding=one)
        far = w.at("far", three)
        mean = w.average("mean", [(w.is_number, one)])
        kept = w.cases((w.is_number, three), otherwise=one, name="kept")
        flags = w.both(w.either(one, w.start), w.at_least(three, w.token))
        more = w.product(mean[three], w.square(three), name="more")
        last = w.equal(w.select(one, far[three]), found[three])
        w.write("x", when=[one, flags, ~last])
        w.write(w.clamp(kept, 0, 3, "y"))
        assert more.label == "more"
        return [matrix.entries for _, matrix in w.finish().matrices]

    assert build(3, 1) == build(np.int64(3), True) == build(Polynomial.constant(3), Polynomial.constant(1))


def test_a_context_may_be_a_number() -> None:
    w = wiring(context=50)
    w.write(w.offset("before", 1)[w.token])
    blueprint = w.finish()
    assert blueprint.at(3).context == 50
    assert decode(blueprint.at(3), ["<s>", "2", "1", "?"]).answer == "1"
    with pytest.raises(ContractError, match=r"the position n lies in the context: n <= 50"):
        wiring(context=50).at("far", n)


def test_integers_of_numpy_do_not_overflow() -> None:
    """The product of 2^62 and 4 wraps around to 0 in 64 bits."""
    size: Any = n
    assert (np.int64(2**62) * size * np.int64(4))(n=1) == 2**64
    token: Any = wiring().token
    ((_, coefficient),) = (np.int64(2**62) * token * np.int64(4)).terms.items()
    assert coefficient.as_constant == 2**64


def test_a_circle_names_its_gadgets_only_their_lines_and_a_second_head() -> None:
    w = wiring()
    apart = w.latest("apart", [(w.token, 2)])
    one = w.latest("one", [(w.token, 1)])
    two = w.latest("two", [(one[w.token], 1)])
    _ = one[two[w.token]]
    after = w.at("after", two[w.token])
    w.write("x", when=w.equal(after[w.token], apart[w.token], name="waits"))
    w.write("?")
    with pytest.raises(ContractError) as caught:
        w.finish()
    message = str(caught.value)
    assert "in a circle: one needs two needs one (made: one on " in message
    assert "use a second head for what is read last, with the same match and another name (" in message
    assert not [name for name in ("apart", "after", "waits") if name in message]


def test_the_remedy_for_a_circle_is_one() -> None:
    w = wiring()
    one = w.latest("one", [(w.token, 1)])
    two = w.latest("two", [(one[w.token], 1)])
    second = w.latest("one again", [(w.token, 1)])
    w.write("x", when=w.equal(second[two[w.token]], 1))
    w.write("?")
    assert len(w.finish().at(2).layers) >= 3


def test_what_is_written_outside_of_the_vocabulary_names_the_line_that_wrote_it() -> None:
    w = wiring()
    w.write(w.token + 1)
    line = sys._getframe().f_lineno - 1
    with pytest.raises(ContractError, match=rf"it is written on \S*test_refusals.py, line {line}\) \("):
        w.finish()


def test_the_command_line_names_the_line_of_the_users_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from constructions.wiring import Wiring, n\n\n\n"
        "def factory():\n"
        "    w = Wiring('mine', specials=('<s>', '?'), numbers=(0, n), context=n + 2)\n"
        "    w.write('?', when=[w.token == 3])\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "proofs_check", "run", "--construction", f"{file}:factory", "1 2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"retrieval-gap: `token == 3` {LATER}; write w.equal(token, 3), which is 1 where they are equal "
        f"({file}, line 6)\n"
    )
