"""The optimizer's state in older `.h5` files.

Keras 3 and Keras 2 from 2.11 on list it in the order of `optimizer.variables`. Before,
names told what an array was: `Adam/dense/kernel/m:0`, all of a kind together.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from pronghorn.saving.hdf5 import GroupWriter, Store, WeightsReader
from pronghorn.saving.state import check_counter

__all__ = ["load_old_state", "save_old_state"]

GROUP = "optimizer_weights"
COUNTERS = ("iter", "iteration", "iterations")
# What Keras 2's first optimizers called their slots: ours, in the order of `variables`.
SLOTS = {
    "accumulator": ("accumulator",),
    "accum_grad": ("accumulated_grad",),
    "accum_var": ("accumulated_delta_var",),
    "linear": ("linear",),
    "m": ("momentum",),
    "mg": ("average_gradient",),
    "momentum": ("momentum",),
    "rms": ("velocity",),
    "u": ("norm",),
    "v": ("velocity", "norm"),
    "vhat": ("velocity_hat",),
}


def save_old_state(optimizer: Any, writer: GroupWriter) -> None:
    """Write the optimizer's variables, in their order, by their paths."""
    arrays: dict[str, np.ndarray] = {}
    for variable in optimizer.variables:
        array, path, number = variable.numpy(), variable.path, 0
        while path in arrays:
            number += 1
            path = f"{variable.path}_{number}"
        # Keras counts iterations in int64, the engine in int32.
        arrays[path] = array.astype(np.int64) if array.dtype == np.int32 else array
    writer.arrays(GROUP, arrays)


def load_old_state(optimizer: Any, reader: WeightsReader) -> bool:
    """Read the state into a built optimizer.

    Returns:
        Whether it fits. It does too where the file has none, or no more than a counter
        and a rate, because the model was never trained: the slots stay as new.

    Raises:
        FileFormatError: a counter that is out of range.
    """
    names = reader.texts(GROUP, "weight_names")
    if not names:
        return True
    arrays = [reader.array(f"{GROUP}/{name}") for name in names]
    own = list(optimizer.variables)
    if all(array.shape == () for array in arrays) and len(arrays) <= len(own):
        own = own[: len(arrays)]
    elif [tuple(v.shape) for v in own] != [a.shape for a in arrays]:
        arrays = _by_name(own, names, arrays)
        if not arrays:
            return False
    check_counter(Store({"0": arrays[0]}, f"{reader.label}: /{GROUP}"))
    for variable, array in zip(own, arrays, strict=True):
        variable.assign(array)
    return True


def _by_name(
    own: list[Any], names: list[str], arrays: list[np.ndarray]
) -> list[np.ndarray]:
    """Arrays in the order of the optimizer's variables; empty where some are missing.

    A variable `adam/dense_kernel_momentum` takes the next array of the kind `m`, whose
    order among its kind is that of the model's variables.
    """
    kinds: dict[str, list[np.ndarray]] = {}
    for name, array in zip(names, arrays, strict=True):
        kind = re.sub(r":\d+$", "", name).rpartition("/")[2]
        kinds.setdefault(re.sub(r"_\d+$", "", kind), []).append(array)
    found: list[np.ndarray] = []
    for variable in own:
        taken = _next(variable, kinds)
        if taken is None or taken.shape != tuple(variable.shape):
            return []
        found.append(taken)
    return found if not any(kinds.values()) else []


def _next(variable: Any, kinds: dict[str, list[np.ndarray]]) -> np.ndarray | None:
    last = variable.path.rpartition("/")[2]
    if last == "iteration":
        kind = next((k for k in COUNTERS if kinds.get(k)), "")
        return kinds[kind].pop(0) if kind else None
    if last == "learning_rate":  # kept in the config then
        kept = kinds.get("learning_rate")
        return kept.pop(0) if kept else variable.numpy()
    for kind, endings in SLOTS.items():
        if kinds.get(kind) and any(last.endswith(f"_{e}") for e in endings):
            return kinds[kind].pop(0)
    return None
