"""What products of NumPy (with ml_dtypes) and ONNX runtime compute in half precision: not a rounding after every step.

One input tells three definitions apart: a number that float32 loses beside a larger one, then one that the format
itself loses. Rounding after every step, the sum is 0; adding in float32 from left to right and rounding at the end
keeps the second number only; exact, both count.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from constructions.numerics import BFLOAT16, FLOAT16, Float, FloatFormat, Matrix

Array = NDArray[Any]
BF16, F16 = np.dtype(ml_dtypes.bfloat16), np.dtype(np.float16)
TELLING = {
    BF16: (BFLOAT16, [2.0**30, 1.0, -(2.0**30), 256.0, 1.0, -256.0]),
    F16: (FLOAT16, [2.0**15, 2.0**-10, -(2.0**15), 2048.0, 1.0, -2048.0]),
}
"""Of each type: its format here, and the numbers to be added up (by a product with ones)."""

ANSWERS = {BF16: (0.0, 1.0, 2.0), F16: (0.0, 1.0, 1.0009765625)}
"""Rounded after every step; in float32, then rounded; exact, then rounded."""

TYPES = pytest.mark.parametrize("dtype", [BF16, F16], ids=str)


def by_definition(form: FloatFormat, terms: list[float]) -> float:
    """The product with ones, each product and each partial sum rounded, from left to right."""
    number = Float(form)
    ones = Matrix.from_rows([[1] * len(terms)])
    return float(number.linear(ones, np.array([terms]))[0, 0])


def in_float32(a: Array, b: Array) -> Array:
    """Terms and sums in float32, from left to right; rounded once at the end. Products are exact: 2 * 11 <= 24."""
    total = np.zeros((a.shape[0], b.shape[1]), dtype=np.float32)
    for k in range(a.shape[1]):
        total = total + a[:, k, None].astype(np.float32) * b[k].astype(np.float32)
    return total.astype(a.dtype)


def telling(dtype: np.dtype[Any]) -> tuple[Array, Array]:
    terms = np.array(TELLING[dtype][1]).astype(dtype)
    return np.ones((1, len(terms)), dtype=dtype), terms[:, None]


def spread(rng: np.random.Generator, dtype: np.dtype[Any], shape: tuple[int, int]) -> Array:
    """Numbers of many magnitudes, so that sums in float32 lose digits."""
    return np.asarray((rng.standard_normal(shape) * 2.0 ** rng.integers(-6, 7, shape)).astype(dtype))


def same_on_all(dtype: np.dtype[Any], one: Callable[..., Array], other: Callable[..., Array]) -> bool:
    rng = np.random.default_rng(0)
    pairs = [telling(dtype), *((spread(rng, dtype, (3, 50)), spread(rng, dtype, (50, 4))) for _ in range(50))]
    return all(np.array_equal(one(a, b), other(a, b)) for a, b in pairs)


@TYPES
def test_the_input_tells_three_definitions_apart(dtype: np.dtype[Any]) -> None:
    form, terms = TELLING[dtype]
    exact = form.round(sum(map(Fraction, terms), Fraction(0)))
    answers = by_definition(form, terms), float(in_float32(*telling(dtype))[0, 0]), exact
    assert answers == ANSWERS[dtype]
    assert len(set(answers)) == 3


def test_float16_products_of_numpy_add_in_float32_from_left_to_right() -> None:
    step, float32, _ = ANSWERS[F16]
    a, b = telling(F16)
    assert (a @ b).dtype == F16
    assert float((a @ b)[0, 0]) == float(np.dot(a, b)[0, 0]) == float32 != step
    assert same_on_all(F16, np.matmul, in_float32)
    assert same_on_all(F16, np.dot, in_float32)


def test_bfloat16_dot_of_numpy_adds_in_float32_from_left_to_right() -> None:
    step, float32, _ = ANSWERS[BF16]
    a, b = telling(BF16)
    assert np.dot(a, b).dtype == BF16
    assert float(np.dot(a, b)[0, 0]) == float32 != step
    assert same_on_all(BF16, np.dot, in_float32)


def test_bfloat16_matmul_of_numpy_is_a_product_of_float32_arrays_in_the_order_of_blas() -> None:
    """It is not rounded to bfloat16 at all: the result has the type float32."""

    def as_float32(a: Array, b: Array) -> Array:
        return np.asarray(a.astype(np.float32) @ b.astype(np.float32))

    a, b = telling(BF16)
    assert (a @ b).dtype == np.float32
    assert float((a @ b)[0, 0]) != ANSWERS[BF16][0]
    assert same_on_all(BF16, np.matmul, as_float32)
    assert not same_on_all(BF16, np.matmul, in_float32)  # so the comparison can fail


def session(element: str, features: int) -> Any:
    helper, kind = onnx.helper, getattr(onnx.TensorProto, element)
    shapes = {"a": [1, features], "b": [features, 1], "c": [1, 1]}
    a, b, c = (helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items())
    graph = helper.make_graph([helper.make_node("MatMul", ["a", "b"], ["c"])], "product", [a, b], [c])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def test_float16_products_of_onnx_runtime_add_in_float32() -> None:
    step, float32, exact = ANSWERS[F16]
    a, b = telling(F16)
    (c,) = session("FLOAT16", a.shape[1]).run(None, {"a": a, "b": b})
    assert c.dtype == F16
    assert float(c[0, 0]) == float32
    assert float(c[0, 0]) not in (step, exact)


def test_onnx_runtime_has_no_bfloat16_product_on_the_processor() -> None:
    with pytest.raises(Exception, match="Could not find an implementation for MatMul"):
        session("BFLOAT16", 6)
