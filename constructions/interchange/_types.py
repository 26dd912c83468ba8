"""The types of numbers in which weights are written and decoding steps are computed."""

from typing import Any, Literal, cast, get_args

import numpy as np

from constructions.errors import InputError
from constructions.interchange._reading import shown

NumberType = Literal["float32", "float64", "int64"]
"""In which type an exported model holds its numbers, and computes."""

AttentionKind = Literal["argmax", "softmax"]
"""How attention is computed: over the exact arg max of the scores, or by softmax at ``INVERSE_TEMPERATURE``."""

LARGEST_INTEGER: dict[str, int] = {"float32": 2**24, "float64": 2**53, "int64": 2**63 - 1}
"""Integers up to here, and sums and products that stay within, are exact in the type."""


def number_type(name: object) -> np.dtype[Any]:
    """NumPy's type of this name.

    Raises:
        InputError: if it is none of :data:`NumberType`.
    """
    if name not in get_args(NumberType):
        raise InputError(f"unknown type of numbers {shown(name)}; expected {', '.join(get_args(NumberType))}")
    return np.dtype(cast(str, name)).newbyteorder("<")


def attention_kind(name: object, type_name: NumberType) -> AttentionKind:
    """The kind of attention, if the type of numbers can compute it.

    Raises:
        InputError: if it is none of :data:`AttentionKind`, or softmax is to be computed in integers.
    """
    if name not in get_args(AttentionKind):
        raise InputError(f"unknown attention {shown(name)}; expected {' or '.join(get_args(AttentionKind))}")
    if name == "softmax" and type_name == "int64":
        raise InputError("attention by softmax has no place in int64; take float64, or attention by arg max")
    return cast(AttentionKind, name)
