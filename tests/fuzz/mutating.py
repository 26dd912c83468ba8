"""Inputs made of good ones: bytes, words and numbers changed, pieces moved, two inputs joined."""

import random
import re
from collections.abc import Iterator, Sequence

NUMBERS = (
    "0",
    "1",
    "-1",
    "2",
    "7",
    "00",
    "1e9",
    "99999999999999999999",
    "1" + "0" * 400,
    "1/2",
    "0x1",
    "٣",
    "1_0",
    "nan",
)
STRANGE = (
    "\x00",
    "\n",
    "\r",
    "\t",
    " ",
    "\u2028",
    "\ufeff",
    "\x1b[2J",
    "é",
    "𝟙",
    "￿",
    '"',
    "\\",
    "'",
    "<",
    "&",
    "{",
    "[",
    "--",
)

_WORD = re.compile(rb"[A-Za-z0-9_]+|[^A-Za-z0-9_]")


def mutated(rng: random.Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """One input: a seed with one to six changes; now and then bytes that have nothing to do with any."""
    if rng.random() < 0.02:
        return rng.randbytes(rng.randrange(60))
    data = rng.choice(seeds)
    for _ in range(1 + min(5, int(rng.expovariate(0.8)))):
        data = _changed(rng, data, seeds, words)
    return data[:100_000]


def _changed(rng: random.Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start = rng.randrange(len(data) + 1)
    stop = min(len(data), start + rng.choice((0, 1, 1, 2, 5, 20)))
    piece = data[start:stop]
    way = rng.randrange(11)
    if way == 0:  # a byte
        return data[:start] + bytes([rng.randrange(256)]) + data[stop:]
    if way == 1:  # gone
        return data[:start] + data[stop:]
    if way == 2:  # twice, or many times
        return data[:stop] + piece * rng.choice((1, 1, 1, 50)) + data[stop:]
    if way == 3:  # a word of the format
        return data[:start] + rng.choice(words) + data[start:]
    if way == 4:
        return data[:start] + rng.choice(words) + data[stop:]
    if way == 5:  # something strange
        return data[:start] + rng.choice(STRANGE).encode() + data[stop:]
    if way == 6:  # the end of another input
        other = rng.choice(seeds)
        return data[:start] + other[rng.randrange(len(other) + 1) :]
    if way == 7:  # nested deeply
        pair = rng.choice(((b"[", b"]"), (b"(", b")"), (b'{"a":', b"}"), (b"<a>", b"</a>")))
        depth = rng.choice((1, 3, 300, 20_000)) if rng.random() < 0.1 else 1
        return data[:start] + pair[0] * depth + piece + pair[1] * depth + data[stop:]
    found = _WORD.findall(data)
    if not found:
        return data
    place = rng.randrange(len(found))
    if way == 8:  # two words change places
        other_place = rng.randrange(len(found))
        found[place], found[other_place] = found[other_place], found[place]
    elif way == 9:  # a number becomes another
        numbers = [spot for spot, word in enumerate(found) if word.isdigit()]
        if numbers:
            found[rng.choice(numbers)] = rng.choice(NUMBERS).encode()
    else:
        found[place] = found[rng.randrange(len(found))]
    return b"".join(found)


def inputs(seed: int, name: str, seeds: Sequence[bytes], words: Sequence[bytes], count: int) -> Iterator[bytes]:
    """The seeds themselves, then mutants; the same for the same seed."""
    rng = random.Random(f"{seed} {name}")  # noqa: S311
    for place in range(count):
        yield seeds[place] if place < len(seeds) else mutated(rng, seeds, words)
