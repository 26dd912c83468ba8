"""The formats with names against ml_dtypes and NumPy, operation by operation; and what NumPy's products are."""

from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from constructions.errors import PrecisionError
from constructions.numerics import BFLOAT16, FLOAT16, FLOAT32, FORMATS, Float, FloatFormat, Matrix
from constructions.numerics import _float_steps as steps

Floats = NDArray[np.float64]

EIGHT_BITS = sorted(name for name in FORMATS if name.startswith("float8"))
SIXTEEN_BITS = ["bfloat16", "float16"]


def dtype_of(name: str) -> np.dtype[Any]:
    return np.dtype(name) if name in ("float16", "float32") else np.dtype(getattr(ml_dtypes, name))


def all_of(name: str, bits: int) -> Floats:
    """All numbers of a format with so many bits, those that are none included."""
    with np.errstate(invalid="ignore"):
        patterns = np.arange(2**bits, dtype=np.uint16).astype(f"uint{bits}")
        return np.asarray(patterns.view(dtype_of(name)).astype(np.float64))


def ours(form: FloatFormat, operation: int, a: Floats, b: Floats) -> Floats:
    return Float(form)._each(operation, a, b)


def theirs(dtype: np.dtype[Any], operation: int, a: Floats, b: Floats) -> Floats:
    x, y = a.astype(dtype), b.astype(dtype)
    with np.errstate(all="ignore"):
        result = {steps.ADD: np.add, steps.MULTIPLY: np.multiply, steps.DIVIDE: np.divide}[operation](x, y)
        return np.asarray(result.astype(np.float64))


def same(form: FloatFormat, operation: int, a: Floats, b: Floats) -> None:
    if operation == steps.DIVIDE:
        a, b = a[b != 0], b[b != 0]
    found, expected = ours(form, operation, a, b), theirs(dtype_of(form.name), operation, a, b)
    wrong = np.flatnonzero(~((found == expected) | (np.isnan(found) & np.isnan(expected))))
    assert wrong.size == 0, [(a[i], b[i], found[i], expected[i]) for i in wrong[:5]]


OPERATIONS = pytest.mark.parametrize("operation", [steps.ADD, steps.MULTIPLY, steps.DIVIDE])


@OPERATIONS
@pytest.mark.parametrize("name", EIGHT_BITS)
def test_all_pairs_of_8_bits(name: str, operation: int) -> None:
    values = all_of(name, 8)
    a, b = (np.ascontiguousarray(x.ravel()) for x in np.meshgrid(values, values))
    same(FORMATS[name], operation, a, b)


@OPERATIONS
@pytest.mark.parametrize("name", SIXTEEN_BITS)
def test_sampled_pairs_of_16_bits(name: str, operation: int) -> None:
    rng = np.random.default_rng(0)
    values = all_of(name, 16)
    a, b = (values[rng.integers(0, 2**16, 300_000)] for _ in range(2))
    same(FORMATS[name], operation, a, b)
    near = np.abs(values[np.isfinite(values)])
    ends = np.concatenate([np.sort(near)[:600], np.sort(near)[-600:]])  # underflow and overflow
    x, y = (np.ascontiguousarray(v.ravel()) for v in np.meshgrid(ends, np.concatenate([ends[::37], -ends[::37]])))
    same(FORMATS[name], operation, x, y)


@OPERATIONS
def test_sampled_pairs_of_float32(operation: int) -> None:
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        a, b = (rng.integers(0, 2**32, 300_000, dtype=np.uint32).view(np.float32).astype(np.float64) for _ in range(2))
        close = (a * rng.choice([1.0, -1.0, 0.5, 3.0], a.size)).astype(np.float32).astype(np.float64)
    same(FLOAT32, operation, a, b)
    same(FLOAT32, operation, a, close)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_rounding_from_integers(form: FloatFormat) -> None:
    """Both roundings, the one in Python integers and the compiled one, give what a conversion gives."""
    values = np.concatenate([np.arange(-600.0, 600.0), 2.0 ** np.arange(0, 24), 3 * 2.0 ** np.arange(-20, 20)])
    with np.errstate(all="ignore"):
        expected = values.astype(np.float32).astype(dtype_of(form.name)).astype(np.float64)
    assert np.array_equal(ours(form, steps.ROUND, values, values), expected, equal_nan=True)
    assert np.array_equal([form.round(Fraction(v)) for v in values.tolist()], expected, equal_nan=True)


def test_infinities_are_kept_until_they_cannot_be_compared() -> None:
    half = Float(FLOAT16)
    large = half.gated(np.array([[60000.0, 1.0]]), np.array([[2.0, 1.0]]))
    assert large.tolist() == [[np.inf, 1.0]]
    assert half.argmax(large).tolist() == [0]
    with pytest.raises(PrecisionError, match="float16: a logit is not a number"):
        half.argmax(half.add(large, -large))


def test_numpys_own_products_are_something_else() -> None:
    """NumPy adds float16 products up in float32, and ml_dtypes' bfloat16 likewise: not every step is rounded.

    With 2048 = 2^11 in front, a unit that follows is half a unit in the last place: rounded after each step it is
    lost every time, in a wider accumulator it is not.
    """
    row, ones = np.array([[2048.0, *[1.0] * 64]]), np.ones((65, 1))
    stepwise = Float(FLOAT16).linear(Matrix.from_rows([[1] * 65]), row)
    assert stepwise.tolist() == [[2048.0]]
    numpys = row.astype(np.float16) @ ones.astype(np.float16)
    assert numpys.dtype == np.float16
    assert numpys.tolist() == [[2112.0]]
    row[0, 0] = 256.0
    stepwise = Float(BFLOAT16).linear(Matrix.from_rows([[1] * 65]), row)
    theirs = row.astype(ml_dtypes.bfloat16) @ ones.astype(ml_dtypes.bfloat16)
    assert stepwise.tolist() == [[256.0]]
    assert theirs.astype(np.float64).tolist() != stepwise.tolist()
