"""Bytes to values: JSON without anything that two readers could understand differently.

Not accepted: repeated keys, NaN and infinities, numbers with a point or an exponent, minus zero,
numbers with more than ``MOST_DIGITS`` digits, a byte order mark, invalid UTF-8, text after the value,
more than ``MOST_BYTES`` bytes, ``MOST_VALUES`` values or ``DEEPEST`` levels. The last two are counted
before anything is built, so a hostile file costs little more than its size.

:class:`Fields` then takes objects apart; it accepts no missing and no unknown key.
"""

import json
import math
import re
from collections.abc import Sequence
from fractions import Fraction

from ._verdict import Malformed, shown

MOST_BYTES = 16 * 2**20
MOST_VALUES = 500_000
MOST_DIGITS = 4_000
DEEPEST = 32

# Possessive quantifiers (*+) and a closing quote that may be missing: nothing is read twice, so the time
# is linear, and no stack is kept.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_WHOLE = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_QUOTIENT = re.compile(r"(-?[1-9][0-9]*)/([1-9][0-9]*)\Z")

Number = int | Fraction


def read(data: bytes) -> object:
    """The value that the bytes write."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"the file has more than {MOST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not valid UTF-8") from None
    if text.startswith("\ufeff"):
        raise Malformed("the file begins with a byte order mark")
    _check_structure(data)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:  # cannot happen below DEEPEST levels; a reader must not depend on that
        raise Malformed("nested too deeply") from None


def _check_structure(data: bytes) -> None:
    bare = _STRINGS.sub(b'""', data)
    if sum(map(bare.count, (b",", b"[", b"{"))) >= MOST_VALUES:
        raise Malformed(f"more than {MOST_VALUES:,} values")
    depth = 0
    for match in _BRACKETS.finditer(bare):
        depth += 1 if match.group() in b"[{" else -1
        if depth > DEEPEST:
            raise Malformed(f"nested more than {DEEPEST} levels deep")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise Malformed(f"the key {shown(key)} stands twice in one object")
        result[key] = value
    return result


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise Malformed(f"a number has more than {MOST_DIGITS:,} digits")
    if not _WHOLE.match(text):
        raise Malformed(f"{shown(text)} is not the plain way to write an integer")
    try:
        return int(text)
    except ValueError:  # Python was started with a lower limit of its own
        raise Malformed("a number has more digits than this Python converts") from None


def _no_float(text: str) -> object:
    raise Malformed(f"{shown(text)} is not an integer; fractions are written as strings, such as '1/2'")


def _no_constant(text: str) -> object:
    raise Malformed(f"{text} is not a number of JSON")


def integer(value: object, where: str, low: int, high: int) -> int:
    """An integer from ``low`` to ``high``; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{where} is {shown(value)}, expected an integer")
    if not low <= value <= high:
        raise Malformed(f"{where} is {shown(value)}, expected from {shown(low)} to {shown(high)}")
    return value


def rational(value: object, where: str, digits: int = MOST_DIGITS) -> Number:
    """An integer, or a string "p/q" in lowest terms with q at least 2; p and q have at most so many digits."""
    number: Number | None = value if isinstance(value, int) and not isinstance(value, bool) else None
    match = _QUOTIENT.match(value) if isinstance(value, str) and len(value) <= 2 * MOST_DIGITS else None
    if match:
        top, bottom = _integer(match[1]), _integer(match[2])
        if bottom > 1 and math.gcd(top, bottom) == 1:
            number = Fraction(top, bottom)
    if number is None:
        raise Malformed(f"{where} is {shown(value)}, expected an integer or a fraction 'p/q' in lowest terms")
    if max(abs(number.numerator), number.denominator) >= 10**digits:
        raise Malformed(f"{where} is {shown(value)}, which has a number of more than {digits:,} digits")
    return number


def text(value: object, where: str) -> str:
    """A string of 1 to 200 characters without control characters or lone surrogates."""
    if not isinstance(value, str) or not 1 <= len(value) <= 200:
        raise Malformed(f"{where} is {shown(value)}, expected a string of 1 to 200 characters")
    if any(c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in value):
        raise Malformed(f"{where} is {shown(value)}, which holds a control character or a lone surrogate")
    return value


def items(value: object, where: str, most: int = MOST_VALUES) -> list[object]:
    """A list of at most ``most`` values."""
    if not isinstance(value, list):
        raise Malformed(f"{where} is {shown(value)}, expected a list")
    if len(value) > most:
        raise Malformed(f"{where} has {len(value):,} entries, expected at most {most:,}")
    return value


def texts(value: object, where: str, most: int = 1_000) -> tuple[str, ...]:
    """A list of different strings."""
    result = tuple(text(item, f"{where}[{place}]") for place, item in enumerate(items(value, where, most)))
    if len(set(result)) < len(result):
        raise Malformed(f"{where} names something twice")
    return result


class Fields:
    """An object whose keys are exactly those that were announced."""

    def __init__(self, value: object, where: str, keys: Sequence[str]) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{where} is {shown(value)}, expected an object")
        for key in value:
            if key not in keys:
                raise Malformed(f"{where} has an unknown key {shown(key)}; expected {', '.join(keys)}")
        for key in keys:
            if key not in value:
                raise Malformed(f"{where} has no key {key!r}")
        self.values: dict[str, object] = value
        self.where, self.keys = where, tuple(keys)

    def place(self, key: str) -> str:
        """How messages name the field."""
        return f"{self.where}.{key}"

    def __getitem__(self, key: str) -> object:
        return self.values[key]

    def integer(self, key: str, low: int, high: int) -> int:
        """An integer field."""
        return integer(self[key], self.place(key), low, high)

    def text(self, key: str) -> str:
        """A string field."""
        return text(self[key], self.place(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A field that is a list of different strings."""
        return texts(self[key], self.place(key))

    def items(self, key: str, most: int = MOST_VALUES) -> list[object]:
        """A field that is a list."""
        return items(self[key], self.place(key), most)

    def word(self, key: str, choices: Sequence[str]) -> str:
        """A string field with one of a few values."""
        value = self[key]
        if not isinstance(value, str) or value not in choices:
            raise Malformed(f"{self.place(key)} is {shown(value)}, expected one of {', '.join(choices)}")
        return value
