"""What matrix products of NumPy and ONNX runtime compute in half precision is not rounding after every step."""

import numpy as np
import pytest

from constructions.numerics import BFLOAT16, FLOAT16, Float, Matrix


def by_definition(form: object, weights: list[int], x: list[int]) -> float:
    """The product of a row and a column, each product and each partial sum rounded, from left to right."""
    number = Float(form)  # type: ignore[arg-type]
    return float(number.linear(Matrix.from_rows([weights]), number.lift(np.array([x]), 1, x))[0, 0])


def test_numpy_keeps_more_than_float16_between_the_steps_of_a_product() -> None:
    """2048 + 1 + 1: rounded after each step it stays 2048 (ties to even); NumPy's float16 product gives 2050."""
    ones, x = [1, 1, 1], [2048, 1, 1]
    assert by_definition(FLOAT16, ones, x) == 2048.0
    row, column = np.array([ones], dtype=np.float16), np.array(x, dtype=np.float16)
    step = np.float16(np.float16(np.float16(2048) + np.float16(1)) + np.float16(1))
    assert float(step) == 2048.0
    assert float((row @ column)[0]) == 2050.0


def test_bfloat16_of_ml_dtypes_as_well() -> None:
    """256 + 1 + 1 in 8 bits: 256 step by step; the product of a matrix keeps more."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    ones, x = [1, 1, 1], [256, 1, 1]
    assert by_definition(BFLOAT16, ones, x) == 256.0
    row, column = (np.array(v, dtype=ml_dtypes.bfloat16) for v in ([ones], x))
    step = column[0] + column[1] + column[2]
    assert float(step) == 256.0
    assert float((row @ column)[0]) in (256.0, 258.0)  # depends on the version; the definition here does not


def test_onnx_runtime_keeps_more_as_well() -> None:
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT16
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", kind, [1, 3]), helper.make_tensor_value_info("b", kind, [3, 1])],
        [helper.make_tensor_value_info("c", kind, [1, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    a, b = np.ones((1, 3), dtype=np.float16), np.array([[2048], [1], [1]], dtype=np.float16)
    (c,) = session.run(None, {"a": a, "b": b})
    assert float(c[0, 0]) == 2050.0
    assert by_definition(FLOAT16, [1, 1, 1], [2048, 1, 1]) == 2048.0
