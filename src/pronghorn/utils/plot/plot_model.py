"""A picture of a model's layers and of what feeds what."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from pronghorn import tree
from pronghorn.errors import ArgumentError, StateError, UnsupportedError
from pronghorn.layers.input_layer import InputLayer
from pronghorn.models import Functional, Sequential
from pronghorn.saving.archive import atomic_write
from pronghorn.utils.plot.boxes import Box, drawn
from pronghorn.utils.plot.layout import Edge

__all__ = ["graph_of", "plot_model"]

FORMATS = ("png", "svg")
DIRECTIONS = ("TB", "LR", "BT", "RL")
SPLINES = ("ortho", "polyline", "line")


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Draws a model into a file. Neither Graphviz nor any other program is needed.

    A subclass of `Model`, whose calls are not known, is one box.

    Args:
        model: a built model.
        to_file: a name ending in `.png` (the default) or `.svg`.
        show_shapes: the shapes of inputs and outputs. Default False.
        show_dtype: the dtypes of the outputs. Default False.
        show_layer_names: the layers' names, beside their classes. Default False.
        rankdir: "TB" from top to bottom; "LR", "BT" or "RL".
        expand_nested: whether models in the model are drawn with their layers, in a
            box of their own. Default False: as one layer.
        dpi: dots an inch; 72 units of the drawing are an inch. Default 200.
        show_layer_activations: the activations of layers that have one. Default False.
        show_trainable: whether training changes the layer. Default False.
        splines: "ortho" for right angles, "polyline" or "line" for straight lines.

    Returns:
        An object that a notebook shows, where IPython runs; otherwise None.

    Raises:
        StateError: the model is not built.
        UnsupportedError: another format of file.
        ArgumentError: another direction, kind of line, or argument.

    Example:

    >>> import pathlib, tempfile
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=[3])])
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.svg"
    >>> picture = plot_model(model, path, show_shapes=True)
    >>> "Input shape: (None, 3)" in path.read_text()
    True
    """
    path = os.fspath(to_file)
    kind = os.path.splitext(path)[1][1:].lower() or "png"
    _check(model, path, kind, rankdir, splines, dpi, kwargs)
    shown = (
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
    )
    boxes, edges = _boxes(model, expand_nested, shown)
    canvas = drawn(boxes, edges, rankdir, splines == "ortho")
    picture = canvas.png(dpi) if kind == "png" else canvas.svg(dpi).encode()
    atomic_write(path, picture, overwrite=True)
    return _shown(path, kind)


def _check(
    model: Any,
    path: str,
    kind: str,
    rankdir: str,
    splines: str,
    dpi: float,
    rest: dict[str, Any],
) -> None:
    if not getattr(model, "built", False):
        raise StateError(
            "The model is not built, so its shapes are not known.",
            where=f"plot_model, model {getattr(model, 'name', model)!r}",
            remedy="start it with Input((n,)), or call it on data, first",
        )
    if kind not in FORMATS:
        raise UnsupportedError(
            f"Pictures are not written as {kind}.",
            where=f"plot_model(to_file={path!r})",
            expected="a name ending in .png or .svg",
            received=os.path.basename(path),
            remedy="write an .svg, which browsers print and other programs convert",
        )
    checks = (("rankdir", rankdir, DIRECTIONS), ("splines", splines, SPLINES))
    for name, value, known in checks:
        if value not in known:
            raise ArgumentError(
                f"There is no such {name}.",
                where="plot_model",
                expected=", ".join(known),
                received=f"{name}={value!r}",
            )
    rest = {k: v for k, v in rest.items() if (k, v) != ("layer_range", None)}
    if rest or not 1 <= dpi <= 10_000:
        raise ArgumentError(
            "plot_model does not take this.",
            where="plot_model",
            expected="the arguments of its signature, dpi from 1 to 10000",
            received=", ".join(sorted(rest)) or f"dpi={dpi!r}",
        )


def graph_of(model: Any) -> tuple[list[Any], list[tuple[int, int]]]:
    """What is drawn as boxes, and which box feeds which."""
    if isinstance(model, Sequential):
        layers = model.layers
        return layers, [(i, i + 1) for i in range(len(layers) - 1)]
    if not isinstance(model, Functional):
        return [model], []
    operations = model.operations
    number = {id(x): i for i, x in enumerate(operations)}
    pairs = [
        (number[id(parent.operation)], number[id(call.operation)])
        for call in model._calls
        for parent in call.parent_nodes
        if id(parent.operation) in number and not _begins(model, call)
    ]
    # A shared layer may feed what feeds it: such an edge back is not drawn twice.
    return operations, [p for p in dict.fromkeys(pairs) if p[0] < p[1]]


def _begins(model: Functional, call: Any) -> bool:
    """Whether the model starts at what this call gives, in the middle of another."""
    inputs = {id(tensor) for tensor in model.inputs}
    return any(id(tensor) in inputs for tensor in call.output_tensors)


def _boxes(
    model: Any, expand: bool, shown: tuple[bool, ...]
) -> tuple[list[Box], list[Edge]]:
    """The boxes of a model's layers, and which feeds which."""
    operations, edges = graph_of(model)
    boxes = []
    for operation in operations:
        nested = operation is not model and isinstance(
            operation, (Functional, Sequential)
        )
        inside = _boxes(operation, True, shown) if expand and nested else None
        boxes.append(Box(list(_label(operation, *shown)), inside))
    return boxes, edges


def _label(
    operation: Any,
    shapes: bool,
    dtypes: bool,
    names: bool,
    activations: bool,
    trainable: bool,
) -> Iterator[str]:
    kind = type(operation).__name__
    yield f"{operation.name} ({kind})" if names else kind
    activation = getattr(operation, "activation", None)
    if activations and activation is not None:
        yield f"Activation: {getattr(activation, '__name__', activation)}"
    calls = getattr(operation, "_inbound_nodes", ())
    if shapes:
        if calls and calls[0].input_tensors:
            yield f"Input shape: {_shapes(calls[0].input_tensors)}"
        if calls or not isinstance(operation, InputLayer):
            yield f"Output shape: {_shapes(calls[0].output_tensors) if calls else '?'}"
    if dtypes:
        outputs = calls[0].output_tensors if calls else []
        yield f"Output dtype: {', '.join(t.dtype for t in outputs) or '?'}"
    if trainable and getattr(operation, "weights", None):
        yield f"Trainable: {operation.trainable}"


def _shapes(tensors: list[Any]) -> str:
    return ", ".join(str(tuple(t.shape)) for t in tree.flatten(tensors))


def _shown(path: str, kind: str) -> Any:
    """What shows the picture in a notebook, where one runs."""
    display = sys.modules.get("IPython.display")
    if display is None:
        return None
    return display.Image(path) if kind == "png" else display.SVG(path)
