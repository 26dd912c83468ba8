"""Faults at the drawing board: a construction is built anew with one call to the wiring changed.

These come before the contracts, which may refuse to build what is wrong; what is built is judged by running it.
While a construction is built the public methods of :class:`Wiring` and :class:`Program` are wrapped, and the calls
that its own code makes are counted; calls that the wiring makes to itself are not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from constructions.theorems import Construction, construction
from constructions.wiring import Program, Value, Wiring

Build = Callable[[], Construction]

Given = tuple[tuple[Any, ...], dict[str, Any]]
"""The arguments of a call, without the object."""

Change = tuple[str, Given | None]
"""What is done to a call, in words, and its new arguments; None if it is left out."""


@dataclass(frozen=True)
class BuildFault:
    """The call of this number to a method, and which of its changes is made."""

    kind: str
    text: str
    method: str
    call: int
    change: int

    def rebuilt(self, build: Build) -> Construction:
        """The construction with this fault.

        Raises:
            RetrievalGapError: if a contract, or another check of the wiring, refuses it.
        """

        def changed(method: str, call: int, owner: Any, given: Given) -> Given | None:
            if (method, call) != (self.method, self.call):
                return given
            return list(_changes(method, owner, given))[self.change][1]

        with _intercepted(changed):
            return build()


def build_faults(build: Build) -> list[BuildFault]:
    """All faults of this kind, in the order of the calls."""
    found: list[BuildFault] = []

    def noted(method: str, call: int, owner: Any, given: Given) -> Given:
        for number, (words, _) in enumerate(_changes(method, owner, given)):
            kind, what = _KINDS[method], f"{method}, call {call}{_named(given)}: {words}"
            found.append(BuildFault(f"built: {kind}", what, method, call, number))
        return given

    with _intercepted(noted):
        build()
    return found


_KINDS = {
    "rule": "rule",
    "at": "position",
    "offset": "position",
    "back": "position",
    "latest": "head",
    "average": "head",
    "equal": "gate",
    "at_least": "gate",
    "both": "gate",
    "either": "gate",
    "cases": "gate",
    "select": "gate",
    "product": "gate",
    "clamp": "gate",
    "beyond": "gate",
    "is_token": "tokens",
    "listed": "tokens",
    "write": "output",
    "write_choice": "output",
    "write_sign": "output",
    "__init__": "size",
}
"""The methods whose calls are changed, and how their faults are grouped."""

_MOST_LISTED = 8
"""Of a long list of tokens with their values only so many are changed."""


def _named(given: Given) -> str:
    first = given[0][0] if given[0] else given[1].get("name")
    return f" ({first!r})" if isinstance(first, str) else ""


@contextmanager
def _intercepted(change: Callable[[str, int, Any, Given], Given | None]) -> Iterator[None]:
    """While this lasts, the arguments of outer calls are what ``change`` says; None leaves the call out."""
    depth, counts = 0, dict.fromkeys(_KINDS, 0)
    before = {method: (_owner(method), getattr(_owner(method), method)) for method in _KINDS}

    def wrapped(method: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def call(owner: Any, *args: Any, **options: Any) -> Any:
            nonlocal depth
            given: Given | None = (args, options)
            if depth == 0:
                depth += 1  # what ``change`` itself calls is not counted
                try:
                    given = change(method, counts[method], owner, (args, options))
                finally:
                    depth -= 1
                counts[method] += 1
            if given is None:
                return None
            depth += 1
            try:
                return original(owner, *given[0], **given[1])
            finally:
                depth -= 1

        return call

    try:
        for method, (owner, original) in before.items():
            setattr(owner, method, wrapped(method, original))
        yield
    finally:
        for method, (owner, original) in before.items():
            setattr(owner, method, original)


def _owner(method: str) -> type:
    return Program if method == "rule" else Wiring


def _changes(method: str, owner: Any, given: Given) -> Iterator[Change]:
    """Every change of a call."""
    args, options = given
    if method == "rule":
        yield from _rule_changes(owner, given)
    elif method == "__init__":
        yield "the context one shorter", (args, {**options, "context": options["context"] - 1})
    elif method in ("at", "clamp", "beyond", "select", "product", "equal", "at_least", "offset", "back"):
        for place in {"at": (1,), "offset": (1,), "back": (0,), "clamp": (0, 1, 2), "beyond": (0, 1, 2)}.get(
            method, (0, 1)
        ):
            yield from _one_more_or_less(method, given, place)
    elif method in ("latest", "average"):
        yield from _head_changes(given)
    elif method in ("both", "either", "cases", "is_token"):
        yield from _listed_changes(given, method)
    elif method == "listed":
        values: Mapping[str, int] = args[1]
        for token, value in list(values.items())[:_MOST_LISTED]:
            yield f"{token} is one more", ((args[0], {**values, token: value + 1}), options)
    else:
        yield from _output_changes(method, owner, given)


def _replaced(args: Sequence[Any], place: int, value: Any) -> tuple[Any, ...]:
    return (*args[:place], value, *args[place + 1 :])


def _one_more_or_less(method: str, given: Given, place: int) -> Iterator[Change]:
    """An integer, a polynomial or a value, moved by 1; flags cannot be, and are refused."""
    args, options = given
    if place < len(args):
        for step, words in ((1, "one more"), (-1, "one less")):
            if not (method == "back" and args[place] + step < 0):
                yield f"argument {place + 1} {words}", (_replaced(args, place, args[place] + step), options)


def _without(items: Sequence[Any]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for place in range(len(items)):
        yield place, (*items[:place], *items[place + 1 :])


def _head_changes(given: Given) -> Iterator[Change]:
    (name, where, *rest), options = given
    for place, (key, query) in enumerate(where):
        for step in (1, -1):
            moved = _replaced(where, place, (key, query + step))
            yield f"query {place + 1} {'one more' if step > 0 else 'one less'}", ((name, moved, *rest), options)
    if len(where) > 1:
        for place, left in _without(where):
            yield f"without pair {place + 1}", ((name, left, *rest), options)
    if options.get("excluding") is not None:
        yield "nothing excluded", ((name, where, *rest), {**options, "excluding": None})
    if options.get("default"):
        yield "no default record", ((name, where, *rest), {**options, "default": False})


def _listed_changes(given: Given, method: str) -> Iterator[Change]:
    """A flag, a token or an alternative left out; the first two alternatives exchanged."""
    args, options = given
    if len(args) > 1 or options.get("otherwise") is not None:
        for place, left in _without(args):
            yield f"without argument {place + 1}", (left, options)
    if method == "cases":
        if len(args) > 1:
            yield "the first two exchanged", ((args[1], args[0], *args[2:]), options)
        if options.get("otherwise") is not None:
            yield "nothing otherwise", (args, {**options, "otherwise": None})


def _conditions(when: Any) -> tuple[Value, ...]:
    return (when,) if isinstance(when, Value) else tuple(when)


def _rule_changes(program: Any, given: Given) -> Iterator[Change]:
    """The rule left out; each token that it writes another; its condition dropped."""
    (context, write), options = given
    specials: tuple[str, ...] = program._wiring.specials
    yield f"the rule {context} -> {write} left out", None
    words = write.split()
    for place, word in enumerate(words):
        for other in _other_words(word, specials):
            yield (
                f"{context} -> {write} writes {other} for {word}",
                ((context, " ".join(_replaced(words, place, other))), options),
            )
    for place, left in _without(_conditions(options.get("when", ()))):
        yield f"{context} -> {write} without condition {place + 1}", ((context, write), {**options, "when": left})


def _other_words(word: str, specials: Sequence[str]) -> list[str]:
    if word in specials:
        return [specials[(specials.index(word) + 1) % len(specials)]]
    return [] if word.startswith("{") or "+" in word or "-" in word else [f"{word}+1", f"{word}-1"]


def _output_changes(method: str, wiring: Any, given: Given) -> Iterator[Change]:
    args, options = given
    if method == "write_sign":
        yield "one more", ((args[0] + 1,), options)
        yield "one less", ((args[0] - 1,), options)
        return
    yield "left out", None
    for place, left in _without(_conditions(options.get("when", ()))):
        yield f"without condition {place + 1}", (args, {**options, "when": left})
    if method == "write_choice":
        for place, value in enumerate(args[1]):
            yield f"value {place + 1} one more", ((args[0], _replaced(args[1], place, value + 1)), options)
    elif isinstance(args[0], str):
        other = wiring.specials[(wiring.specials.index(args[0]) + 1) % len(wiring.specials)]
        yield f"writes {other} instead", ((other, *args[1:]), options)
    else:
        for step in (1, -1):
            yield ("one more" if step > 0 else "one less"), ((args[0] + step, *args[1:]), options)


def fresh(name: str, **parameters: Any) -> Build:
    """A function that builds the construction of this name anew each time; constructions are kept otherwise."""
    return partial(construction, name, fresh=True, **parameters)
