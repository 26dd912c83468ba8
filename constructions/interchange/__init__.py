"""Models in the formats of other tools, and back.

Nothing of onnx, onnxruntime, safetensors or torch is imported before a function that needs it is called.
"""

from constructions.interchange._fractions import fractional_coordinates
from constructions.interchange._guarantee import (
    INVERSE_TEMPERATURE,
    StepBounds,
    largest_size,
    require_guarantee,
    step_bounds,
)
from constructions.interchange._loading import load_model, side_car_of
from constructions.interchange._models import (
    matrix_from_json,
    matrix_to_json,
    model_from_json,
    model_to_json,
    number_from_json,
    number_to_json,
)
from constructions.interchange._npz import model_from_npz, npz_bytes
from constructions.interchange._onnx import model_from_onnx, onnx_bytes
from constructions.interchange._onnx_run import OnnxDecoder
from constructions.interchange._reading import read_file
from constructions.interchange._safetensors import TensorFile, model_from_safetensors, safetensors_bytes
from constructions.interchange._tables import same_model
from constructions.interchange._torch import torch_module
from constructions.interchange._types import LARGEST_INTEGER, AttentionKind, NumberType

__all__ = [
    "INVERSE_TEMPERATURE",
    "LARGEST_INTEGER",
    "AttentionKind",
    "NumberType",
    "OnnxDecoder",
    "StepBounds",
    "TensorFile",
    "fractional_coordinates",
    "largest_size",
    "load_model",
    "matrix_from_json",
    "matrix_to_json",
    "model_from_json",
    "model_from_npz",
    "model_from_onnx",
    "model_from_safetensors",
    "model_to_json",
    "npz_bytes",
    "number_from_json",
    "number_to_json",
    "onnx_bytes",
    "read_file",
    "require_guarantee",
    "safetensors_bytes",
    "same_model",
    "side_car_of",
    "step_bounds",
    "torch_module",
]
