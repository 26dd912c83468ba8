"""The strict reader: what is refused, in bounded time, and what is read exactly."""

import json
import time
import tracemalloc
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.kernel import _reading, check
from proofs_check.kernel._verdict import Malformed

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=15,
)

MALFORMED = {
    "empty": b"",
    "only space": b" \n",
    "repeated key": b'{"a":1,"a":1}',
    "repeated key, escaped": b'{"a":1,"\\u0061":2}',
    "repeated key, deep": b'[{"b":{"a":1,"c":2,"a":3}}]',
    "NaN": b"[NaN]",
    "Infinity": b"[Infinity]",
    "minus Infinity": b"[-Infinity]",
    "float": b"[1.0]",
    "exponent": b"[1e3]",
    "exponent, huge": b"[1e999999999]",
    "minus zero": b"[-0]",
    "leading zero": b"[01]",
    "plus": b"[+1]",
    "hexadecimal": b"[0x10]",
    "too many digits": b"[" + b"9" * 4_001 + b"]",
    "byte order mark": b"\xef\xbb\xbf{}",
    "invalid UTF-8": b'["\xff"]',
    "overlong UTF-8": b'["\xc0\xaf"]',
    "surrogate in UTF-8": b'["\xed\xa0\x80"]',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "text after the value": b"{} {}",
    "comma at the end": b"[1,]",
    "comment": b"[1] // one",
    "single quotes": b"['a']",
    "control character in a string": b'["a\nb"]',
    "bad escape": b'["\\x"]',
    "unfinished string": b'["a',
    "unfinished list": b"[1,2",
    "unfinished object": b'{"a":',
    "key without quotes": b"{a:1}",
    "null byte": b"[1]\x00",
    "form feed": b"[1,\x0c2]",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_strict_json_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        _reading.read(data)
    verdict = check(data)
    assert (verdict.word, verdict.exit_code) == ("MALFORMED", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 33 + b"]" * 33,
        b"[" * 2_000_000,
        b'{"a":' * 100_000,
        b"[{" * 50_000,
        b"]" * 50_000 + b"[" * 50_000,
        b"[" + b"1," * 500_001 + b"1]",
        b"[" + b"[]," * 200_000 + b"[]]",
        b" " * (16 * 2**20 + 1),
        b'"' + b"a" * (16 * 2**20) + b'"',
        b'["' + b"\\\\" * 1_000_000,
        b'["' + b'\\"' * 1_000_000,
        b'"' * 1_000_001,
        b"[" + b'"\\u0041"' * 400_000,
        b"-" * 1_000_000,
        b"1" * 1_000_000,
    ],
    ids=range(15),
)
def test_hostile_files_are_refused_in_bounded_time(data: bytes) -> None:
    before = time.process_time()
    verdict = check(data)
    elapsed = time.process_time() - before
    assert verdict.word == "MALFORMED"
    assert elapsed < 5


def test_memory_stays_within_a_small_multiple_of_the_file() -> None:
    data = b"[" + b"[]," * 160_000 + b"[]]"
    tracemalloc.start()
    assert check(data).word == "MALFORMED"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * len(data)


def test_the_limits_are_where_they_are_stated() -> None:
    assert _reading.read(b"[" * 32 + b"]" * 32) is not None
    assert _reading.read(b"9" * 4_000) == 10**4_000 - 1
    assert len(_reading.read(b"[" + b"1," * 499_000 + b"1]")) == 499_001  # type: ignore[arg-type]
    brackets_in_a_string = json.dumps(["[{" * 1000]).encode()
    assert _reading.read(brackets_in_a_string) == ["[{" * 1000]


@given(JSON_VALUES)
def test_what_python_writes_is_read_back(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        try:
            data = text.encode()
        except UnicodeEncodeError:  # a lone surrogate
            continue
        assert _reading.read(data) == value


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE+-\\u truefalsn', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = _reading.read(data)
    except Malformed:
        return
    assert json.loads(data) == value


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), (0, 0), (-2, -2), ("1/2", Fraction(1, 2)), ("-7/3", Fraction(-7, 3))]
)
def test_exact_numbers(value: object, number: object) -> None:
    assert _reading.rational(value, "x") == number


@pytest.mark.parametrize(
    "value",
    [
        *("2/4", "4/2", "3/1", "0/5", "1/0", "1/-2", "+1/2", " 1/2", "1/2 ", "1/2\n", "01/2", "1/02", "½", "٣/٤"),
        *("1", "", "a", True, None, 1.5, [], {}, "1/" + "3" * 4_001),
    ],
)
def test_inexact_or_ambiguous_numbers_are_malformed(value: object) -> None:
    with pytest.raises(Malformed):
        _reading.rational(value, "x")


def test_a_boolean_is_no_integer() -> None:
    with pytest.raises(Malformed, match="expected an integer"):
        _reading.integer(True, "n", 0, 5)


@pytest.mark.parametrize("value", ["", "a" * 201, "a\nb", "\x1b[2J", "\ud800", "a\x7f", 3, None])
def test_strings_that_are_refused(value: object) -> None:
    with pytest.raises(Malformed):
        _reading.text(value, "name")


def test_fields_name_what_is_missing_and_what_is_unknown() -> None:
    with pytest.raises(Malformed, match="certificate has no key 'n'"):
        _reading.Fields({"task": 1}, "certificate", ("n", "task"))
    with pytest.raises(Malformed, match=r"certificate has an unknown key 'm'; expected n"):
        _reading.Fields({"n": 1, "m": 2}, "certificate", ("n",))
    with pytest.raises(Malformed, match="expected an object"):
        _reading.Fields([1], "certificate", ("n",))


def test_the_printed_line_is_one_line_of_printable_ascii() -> None:
    hostile = {
        "format": "retrieval-gap-certificate",
        "version": 1,
        "kind": "x\nVERIFIED everything\r\x1b[2K\u202e",
    }
    line = check(json.dumps(hostile).encode()).line
    assert line.startswith("MALFORMED ")
    assert all(" " <= c <= "~" for c in line)
    long = check(json.dumps({"k" * 100_000: 1}).encode()).line
    assert len(long) <= 800
