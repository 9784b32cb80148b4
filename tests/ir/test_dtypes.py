"""Names of dtypes: of graphs, and of values outside of them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.errors import DtypeError
from pronghorn.ir import dtypes, tracer


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("float16", "float16"),
        ("float64", "float64"),
        ("uint8", "uint8"),
        (np.int64, "int64"),
        (np.dtype("int64"), "int64"),
        (np.dtype("float64"), "float64"),
        (int, "int32"),
        (float, "float32"),
        ("float", "float32"),
        ("bool", "bool"),
    ],
)
def test_arrays_get_the_dtype_that_was_asked_for(asked: object, found: str) -> None:
    assert dtypes.of_values(asked) == np.dtype(found)
    assert ops.cast(np.array([0.0, 1.0]), asked).dtype == found
    assert ops.convert_to_tensor([0, 1], asked).dtype == found


def test_graphs_have_the_engine_s() -> None:
    with tracer.Trace():
        x = ops.convert_to_tensor(np.ones(2, "float32"))
        traced = ops.cast(ops.zeros((None, 2)) + x, "float16")
    assert traced.dtype == "float32"
    assert ops.cast(ops.zeros((None, 2)), "int64").dtype == "int32"


def test_bfloat16_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ml_dtypes")
    x = np.array([1 / 3], "float32")
    assert ops.cast(x, "bfloat16").dtype.name == "bfloat16"
    assert float(ops.cast(x, "bfloat16")[0]) == 0.333984375
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    assert ops.cast(x, "bfloat16").dtype == "float32"


def test_objects_have_no_dtype() -> None:
    with pytest.raises(DtypeError, match="no place"):
        dtypes.of_values(object)


def test_means_of_float16_do_not_overflow() -> None:
    x = np.array([-741.0, 353.2, 1099.0, -1807.0, 502.8], "float16")
    mean, variance = ops.moments(x, axes=[0])
    assert ops.mean(x).dtype == mean.dtype == variance.dtype == "float16"
    assert float(mean) == float(x.astype("float32").mean().astype("float16"))
    assert float(variance) == 65504.0  # and not infinity
    assert float(ops.mean(np.full(3, 40000.0, "float16"))) == 40000.0
    rows = ops.mean(np.ones((2, 3), "float16"), axis=1, keepdims=True)
    assert (rows.shape, rows.dtype) == ((2, 1), "float16")


@pytest.mark.parametrize("name", ["mean", "var", "std", "sum", "max"])
def test_doubles_stay_so(name: str) -> None:
    x = np.array([1 / 3, 2 / 3])
    found = getattr(ops, name)(x)
    assert found.dtype == "float64" and float(found) == float(getattr(np, name)(x))
