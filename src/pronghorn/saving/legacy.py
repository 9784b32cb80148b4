"""Weights in the `.h5` layout of Keras 2: a group for each layer, of the layer's name.

`layer_names` and `weight_names` are attributes that give the order. Arrays are taken
over layer by layer, in that order or by the layers' names.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pronghorn.errors import FileFormatError
from pronghorn.preferences import backend
from pronghorn.saving.hdf5 import GroupWriter, WeightsReader

__all__ = ["is_legacy", "load_legacy_weights", "save_legacy_weights"]

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


def save_legacy_weights(
    model: Any, writer: GroupWriter, group: str, keras_version: str
) -> None:
    """Writes a model's weights, layer by layer.

    Args:
        model: a model; layers that are not built have no weights.
        writer: where to.
        group: the group that holds them all.
        keras_version: of the Keras that has this layout.
    """
    writer.texts(LAYERS, [layer.name for layer in model.layers], group)
    writer.text("backend", backend(), group)
    writer.text("keras_version", keras_version, group)
    for layer in sorted(model.layers, key=lambda layer: str(layer.name)):
        writer.arrays(_join(group, layer.name), _named(_weights(layer)))
    writer.arrays(_join(group, TOP), _named(_own(model)))


def _weights(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _own(model: Any) -> list[Any]:
    """The weights that a model has besides its layers'."""
    own = list(model._variables)
    return [v for v in own if v.trainable] + [v for v in own if not v.trainable]


def _named(variables: list[Any]) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for variable in variables:
        path, number = variable.path, 0
        while path in arrays:
            number += 1
            path = f"{variable.path}_{number}"
        arrays[path] = variable.numpy()
    return arrays


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
        variables = _weights(layer)
        label = f"layer {layer.name!r} ({name!r} in the file)"
        _assign(variables, arrays, label, reader.label, skip_mismatch)
    top = _join(root, TOP)
    if reader.texts(top, WEIGHTS):
        arrays = _arrays(reader, top)
        _assign(_own(model), arrays, "the model", reader.label, skip_mismatch)


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
