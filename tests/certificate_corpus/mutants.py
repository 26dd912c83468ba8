"""Changes at every place of every true certificate, and of the text."""

import contextlib
import functools
import hashlib
import itertools
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from constructions.errors import RetrievalGapError
from proofs_check.certificates import TranscriptDigest, canonical_text, model_from_json
from tests.batched_runs import transcripts
from tests.certificate_corpus.families import Json, instances
from tests.certificate_corpus.good import good

Mutant = tuple[str, str, bytes]
"""The certificate's name, what was done to it, and the bytes."""

Change = tuple[str, tuple[Any, ...], str, Any]
"""Where a change is made (the certificate's name, a path in it), what it is in words, and what is put there."""

WORDS = re.compile(r"[a-z]")


def _at(root: Any, path: tuple[Any, ...]) -> Any:
    return functools.reduce(lambda place, key: place[key], path, root)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


@functools.cache
def _words() -> set[str]:
    """Every short string of every good certificate, to be tried in every place."""
    found = set()
    for certificate in good().values():
        for path in _places(certificate):
            value = _at(certificate, path)
            if isinstance(value, str) and WORDS.match(value) and len(value) < 20:
                found.add(value)
    return found


def _substitutes(value: Any, where: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Other values for this place."""
    if isinstance(value, bool) or value is None:
        yield from (("null to object", {}), ("null to list", []), ("null to 0", 0))
    elif isinstance(value, int):
        yield from (("plus 1", value + 1), ("minus 1", value - 1), ("negated", -value), ("zero", 0), ("one", 1))
        yield from (("doubled", 2 * value), ("half more", f"{2 * value + 1}/2"), ("huge", 10**20), ("text", str(value)))
        yield from (("true", True), ("null", None), ("in a list", [value]), ("a float", float(value)))
    elif isinstance(value, str):
        yield from (("empty", ""), ("longer", value + "x"), ("upper", value.upper()), ("a number", 7), ("null", None))
        if re.fullmatch("[0-9a-f]{64}", value):
            yield "another digest", value[:-1] + ("0" if value[-1] != "0" else "1")
        enumerated = where and where[-1] in (
            "task",
            "convention",
            "kind",
            "family",
            "transcript",
            "architecture",
            "type",
        )
        if enumerated or (where and where[-1] in ("start", "separator", "edge", "opening", "closing", "failed")):
            tokens = {"<s>", "?", "~", ">", "NONE", "<search>", "</search>", "FAILED"}
            yield from (("another word", word) for word in sorted({*_words(), *tokens}))
        if "fragments" in where:
            yield from ((f"without character {i}", value[:i] + value[i + 1 :]) for i in range(len(value)))
            yield from ((f"and {sign}", value + sign) for sign in ("*", "?", "|", ".", "(", ")", "{", "`?`"))
    elif isinstance(value, list):
        yield from (("emptied", []), ("an object", {}), ("reversed", value[::-1]), ("and null", [*value, None]))
        for i in range(min(len(value), 12)):
            yield f"without {i}", value[:i] + value[i + 1 :]
            yield f"{i} twice", [*value[: i + 1], *value[i:]]
            yield f"{i} and {i + 1} swapped", [*value[:i], *value[i : i + 2][::-1], *value[i + 2 :]]
    else:
        yield from (("a list", list(value.values())), ("and a key", {**value, "more": 1}))
        for key in value:
            yield f"without {key}", {k: v for k, v in value.items() if k != key}
            yield f"{key} renamed", {k if k != key else k + "_": v for k, v in value.items()}


def _swapped(name: str, path: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """What stands at the same place of other certificates."""
    for other, certificate in good().items():
        if other != name and path:
            try:
                yield f"from {other}", _at(certificate, path)
            except (KeyError, IndexError, TypeError):
                continue


def bytes_mutants(name: str, text: str) -> Iterator[Mutant]:
    """Changes of the text that change no value, or that leave no value; none may be read."""
    for key in sorted(good()[name]):
        value = canonical_text({key: good()[name][key]}).strip()[1:-1]
        yield name, f"{key} repeated in the text", (text.rstrip()[:-1] + "," + value + "}").encode()
    version = good()[name]["version"]
    for same in (f"{version}.0", f"{version}e0", f"0{version}", f"+{version}", "true", f'"{version}"'):
        yield name, f"the version written {same}", text.replace(f'"version":{version}', f'"version":{same}').encode()
    yield name, "byte order mark", b"\xef\xbb\xbf" + text.encode()
    yield name, "text after", text.encode() + b"{}"
    for cut in range(1, len(text) - 1, max(1, len(text) // 20)):
        yield name, f"cut off at {cut}", text[:cut].encode()


@functools.cache
def changes() -> list[Change]:
    """One change each, at every place of every good certificate: where it is made, and what to put there."""
    return [
        (name, path, what, other)
        for name, certificate in good().items()
        for path in _places(certificate)
        for value in [_at(certificate, path)]
        for written in [json.dumps(value)]
        for what, other in itertools.chain(_substitutes(value, path), _swapped(name, path))
        if json.dumps(other) != written
    ]


def _mutant(change: Change) -> Mutant:
    name, path, what, mutated = change
    for depth in reversed(range(len(path))):
        whole = _at(good()[name], path[:depth]).copy()
        whole[path[depth]] = mutated
        mutated = whole
    return name, f"{'.'.join(map(str, path))}: {what}", (json.dumps(mutated, sort_keys=True) + "\n").encode()


def some_mutants(count: int, seed: int, *, of_the_same_type: bool = False) -> list[Mutant]:
    """Different mutants, drawn at random; on request only those in which a value keeps its type."""
    pool = [
        change
        for change in changes()
        if not of_the_same_type or type(change[3]) is type(_at(good()[change[0]], change[1]))
    ]
    return drawn(pool, count, seed)


def drawn(pool: list[Change], count: int, seed: int) -> list[Mutant]:
    """Different mutants from these changes."""
    chosen = random.Random(seed).sample(pool, min(count, len(pool)))  # noqa: S311
    return list({mutant[2]: mutant for mutant in map(_mutant, chosen)}.values())


def every_mutant(kind: str) -> Iterator[Mutant]:
    """All different mutants of a kind, one at a time: together they would fill half a gigabyte."""
    seen = set()
    for mutant in map(_mutant, (change for change in changes() if good()[change[0]]["kind"] == kind)):
        digest = hashlib.sha256(mutant[2]).digest()
        if digest not in seen:
            seen.add(digest)
            yield mutant


def signed_again(count: int, seed: int) -> Iterator[tuple[str, Json]]:
    """Changed weights with the digest of what the changed model writes: only the answers can be wrong."""
    weights = [
        change
        for change in changes()
        if "entries" in change[1]
        and isinstance(change[3], int)
        and not isinstance(change[3], bool)
        and change[1][-1] == 2
        and change[3]  # zeros are not written
        and good()[change[0]]["kind"] == "exhaustive"
    ]
    for change in random.Random(seed).sample(weights, count):  # noqa: S311
        name, what, data = _mutant(change)
        certificate = json.loads(data)
        digest = TranscriptDigest()
        with contextlib.suppress(RetrievalGapError):
            model = model_from_json(certificate["model"])
            prompts = [prompt for prompt, _, _ in instances(certificate)]
            for prompt, tokens in zip(
                prompts, transcripts(model, prompts, certificate["longest_output"] + 1), strict=True
            ):
                digest.add(prompt, tokens)
            signed = {"digest": digest.hexdigest(), "longest_output": max(1, digest.longest)}
            yield f"{name}, {what}", {**certificate, **signed}
