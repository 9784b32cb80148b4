"""Fills the table of operators, so that `a + b` on tensors and variables works."""

from __future__ import annotations

from pronghorn.ir.operators import OPERATORS
from pronghorn.ops import convert, elementwise, indexing, linalg, reduce, structure

__all__: list[str] = []

OPERATORS.update(
    {
        "add": elementwise.add,
        "subtract": elementwise.subtract,
        "multiply": elementwise.multiply,
        "divide": elementwise.divide,
        "floor_divide": elementwise.floor_divide,
        "mod": elementwise.mod,
        "power": elementwise.power,
        "negative": elementwise.negative,
        "abs": elementwise.absolute,
        "less": elementwise.less,
        "less_equal": elementwise.less_equal,
        "greater": elementwise.greater,
        "greater_equal": elementwise.greater_equal,
        "equal": elementwise.equal,
        "not_equal": elementwise.not_equal,
        "logical_and": elementwise.logical_and,
        "logical_or": elementwise.logical_or,
        "logical_not": elementwise.logical_not,
        "logical_xor": elementwise.logical_xor,
        "positive": convert.tensor,
        "round": elementwise.round,
        "matmul": linalg.matmul,
        "sum": reduce.sum,
        "getitem": indexing.getitem,
        "take": indexing.take,
        "reshape": structure.reshape,
        "squeeze": structure.squeeze,
        "transpose": structure.transpose,
        "stack": structure.stack,
        "cast": convert.cast,
    }
)
