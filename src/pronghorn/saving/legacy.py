"""Weights in the `.h5` layout of Keras 2: a group a layer, named by the layer.

`layer_names` and `weight_names` are attributes that give the order. Arrays are taken
over layer by layer, in that order or by the layers' names.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pronghorn.errors import FileFormatError
from pronghorn.saving.hdf5 import WeightsReader

__all__ = ["is_legacy", "load_legacy_weights"]

LAYERS, WEIGHTS, TOP = "layer_names", "weight_names", "top_level_model_weights"
WHOLE = "model_weights"  # where a whole model's file keeps them
SAME = "load the weights into the same architecture that was saved"


def is_legacy(reader: WeightsReader) -> bool:
    """Whether a file has the layout of Keras 2."""
    return _root(reader) is not None


def _root(reader: WeightsReader) -> str | None:
    for place in ("", WHOLE):
        if reader.texts(place, LAYERS) is not None:
            return place
    return None


def load_legacy_weights(
    model: Any, reader: WeightsReader, by_name: bool, skip_mismatch: bool
) -> None:
    """Reads weights in the layout of Keras 2 into a built model.

    Args:
        model: a built model.
        reader: an inspected file for which `is_legacy` is true.
        by_name: give weights to the layers of the same names, and pass over the rest.
            False: layer by layer in their order.
        skip_mismatch: leave a layer as it is, with a warning, where the file's weights
            do not fit.

    Raises:
        FileFormatError: other numbers of layers or weights, or other shapes.
    """
    root = _root(reader) or ""
    names = reader.texts(root, LAYERS) or []
    stored = {name: _arrays(reader, _join(root, name)) for name in names}
    if by_name:
        pairs = [
            (layer, name, stored[name])
            for name in names
            for layer in model.layers
            if layer.name == name
        ]
    else:
        layers = [layer for layer in model.layers if layer.weights]
        full = [name for name in names if stored[name]]
        if len(full) != len(layers):
            raise _other("layers with weights", len(layers), len(full), reader.label)
        pairs = [(a, name, stored[name]) for a, name in zip(layers, full, strict=True)]
    for layer, name, arrays in pairs:
        variables = [*layer.trainable_weights, *layer.non_trainable_weights]
        label = f"layer {layer.name!r} ({name!r} in the file)"
        _assign(variables, arrays, label, reader.label, skip_mismatch)
    top = _join(root, TOP)
    if reader.texts(top, WEIGHTS):
        own = list(model._variables)
        _assign(own, _arrays(reader, top), "the model", reader.label, skip_mismatch)


def _arrays(reader: WeightsReader, group: str) -> list[np.ndarray]:
    names = reader.texts(group, WEIGHTS) or []
    return [reader.array(_join(group, name)) for name in names]


def _join(group: str, name: str) -> str:
    return f"{group}/{name}" if group else name


def _assign(
    variables: list[Any],
    arrays: list[np.ndarray],
    label: str,
    where: str,
    skip_mismatch: bool,
) -> None:
    try:
        if len(variables) != len(arrays):
            raise _other(f"weights of {label}", len(variables), len(arrays), where)
        for variable, array in zip(variables, arrays, strict=True):
            if tuple(variable.shape) != array.shape:
                raise FileFormatError(
                    f"A weight of {label} has another shape.",
                    where=f"{where}: {variable.path}",
                    expected=tuple(variable.shape),
                    received=array.shape,
                    remedy=f"{SAME}, or pass skip_mismatch=True",
                )
    except FileFormatError as error:
        if not skip_mismatch:
            raise
        warnings.warn(f"Weights skipped.\n{error}", stacklevel=5)
        return
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _other(what: str, expected: int, received: int, where: str) -> FileFormatError:
    return FileFormatError(
        f"The file has another number of {what}.",
        where=where,
        expected=expected,
        received=received,
        remedy=f"{SAME}, or pass by_name=True",
    )
