"""The stand-in for `tf`: its modules, and what each of them has."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from pronghorn import errors
from pronghorn.accel import symbols
from pronghorn.accel.dataset import (
    AUTOTUNE,
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Dataset,
)
from pronghorn.accel.eager import Tensor, is_tensor
from pronghorn.accel.functions import functions
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = ["KERAS_VERSION", "NAMESPACES", "TENSORFLOW_VERSION"]

# The versions whose behaviour is followed: what scripts are told.
KERAS_VERSION, TENSORFLOW_VERSION = "3.15.1", "2.21.0"

_DTYPES = (
    "bool float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64"
)


def _nothing(*_: Any, **__: Any) -> None:
    """For settings of how TensorFlow runs, which change no result here."""


def _no(*_: Any, **__: Any) -> bool:
    return False


def _check(holds: Any, message: str | None, what: str, x: Any) -> None:
    if not np.all(np.asarray(holds)):
        raise errors.DataError(message or f"{what} does not hold.", received=repr(x))


def _assert_equal(x: Any, y: Any, message: str | None = None, **_: Any) -> None:
    _check(np.asarray(x) == np.asarray(y), message, "tf.debugging.assert_equal", x)


def _assert_near(
    x: Any,
    y: Any,
    rtol: float | None = None,
    atol: float | None = None,
    message: str | None = None,
    **_: Any,
) -> None:
    least = 10 * float(np.finfo(np.float32).eps)
    pair = (np.asarray(x), np.asarray(y))
    near = np.isclose(*pair, rtol=rtol or least, atol=atol or least)
    _check(near, message, "tf.debugging.assert_near", x)


def _check_numerics(tensor: Any, message: str, name: str | None = None) -> Any:
    _check(np.isfinite(np.asarray(tensor)), message, "tf.debugging.check_numerics", 0)
    return tensor


def _root() -> dict[str, Any]:
    made = {
        name: getattr(symbols, name) for name in symbols.__all__ if name[0].islower()
    }
    for name in (
        *("gradient_tape", "list_physical_devices", "range_", "set_seed"),
        *("print_", "shuffle"),
        *("softmax_cross_entropy", "sparse_softmax_cross_entropy"),
        *("l2_loss", "sigmoid_cross_entropy"),
        *("normal", "uniform", "truncated_normal"),
    ):
        del made[name]
    dtypes = {name: np.dtype(name) for name in _DTYPES.split()}
    return {
        "Tensor": Tensor,
        "TensorShape": symbols.TensorShape,
        "TensorSpec": symbols.TensorSpec,
        "Variable": symbols.Variable,
        "__version__": TENSORFLOW_VERSION,
        "as_dtype": np.dtype,
        "executing_eagerly": lambda: True,
        "get_logger": lambda: logging.getLogger("tensorflow"),
        "is_tensor": is_tensor,
        "print": symbols.print_,
        "range": symbols.range_,
        "string": "string",
        **dtypes,
        **made,
    }


def _namespaces() -> dict[str, dict[str, Any]]:
    found = functions()
    found[""] = {**_root(), **found[""]}
    found["math"] |= {"add_n": symbols.add_n, "in_top_k": found["nn"]["in_top_k"]}
    found["linalg"] |= {
        "eye": symbols.eye,
        "matmul": symbols.matmul,
        "norm": symbols.norm,
    }
    found["nn"] |= {
        "l2_loss": symbols.l2_loss,
        "sigmoid_cross_entropy_with_logits": symbols.sigmoid_cross_entropy,
        "softmax_cross_entropy_with_logits": symbols.softmax_cross_entropy,
        "sparse_softmax_cross_entropy_with_logits": (
            symbols.sparse_softmax_cross_entropy
        ),
    }
    found["random"] = {
        name: getattr(symbols, name)
        for name in ("normal", "set_seed", "shuffle", "truncated_normal", "uniform")
    }
    found["data"] = {
        "AUTOTUNE": AUTOTUNE,
        "Dataset": Dataset,
        "INFINITE_CARDINALITY": INFINITE_CARDINALITY,
        "UNKNOWN_CARDINALITY": UNKNOWN_CARDINALITY,
    }
    found["data.experimental"] = {"AUTOTUNE": AUTOTUNE}
    found["dtypes"] = {name: np.dtype(name) for name in _DTYPES.split()}
    found["dtypes"] |= {"as_dtype": np.dtype, "cast": found[""]["cast"]}
    found["version"] = {"VERSION": TENSORFLOW_VERSION}
    found["nest"] = {
        "flatten": flatten,
        "map_structure": map_structure,
        "pack_sequence_as": pack_sequence_as,
    }
    found["test"] = {"gpu_device_name": lambda: "", "is_gpu_available": _no}
    found["test"] |= {"is_built_with_cuda": _no}
    return found | _settings() | _failures()


def _settings() -> dict[str, dict[str, Any]]:
    """What says how TensorFlow runs."""
    devices = symbols.list_physical_devices
    levels = {
        n: getattr(logging, n) for n in ("DEBUG", "ERROR", "FATAL", "INFO", "WARN")
    }
    loud = {"set_verbosity": _nothing, **levels}
    return {
        "autograph": {"set_verbosity": _nothing},
        "compat.v1.logging": loud,
        "config": {
            "functions_run_eagerly": lambda: True,
            "get_visible_devices": devices,
            "list_logical_devices": devices,
            "list_physical_devices": devices,
            "run_functions_eagerly": _nothing,
        },
        "config.experimental": {
            "enable_op_determinism": _nothing,
            "list_physical_devices": devices,
            "set_memory_growth": _nothing,
        },
        "config.optimizer": {"set_jit": _nothing},
        "config.threading": {
            "set_inter_op_parallelism_threads": _nothing,
            "set_intra_op_parallelism_threads": _nothing,
        },
        "debugging": {
            "assert_equal": _assert_equal,
            "assert_near": _assert_near,
            "check_numerics": _check_numerics,
        },
    }


def _failures() -> dict[str, dict[str, Any]]:
    """TensorFlow's exceptions, as far as ours stand for them in `except`."""
    return {
        "errors": {
            "InvalidArgumentError": errors.PronghornError,
            "NotFoundError": FileNotFoundError,
            "OpError": errors.PronghornError,
            "ResourceExhaustedError": MemoryError,
            "UnimplementedError": errors.UnsupportedError,
        }
    }


#: By module below `tf`, by name.
NAMESPACES: dict[str, dict[str, Any]] = _namespaces()
