"""A picture of a model's layers and of what feeds what."""

from __future__ import annotations

import os
import sys
from typing import Any

from pronghorn.errors import UnsupportedError
from pronghorn.utils.plot.dot import FORMATS, Dot, check
from pronghorn.utils.plot.graph import Shown

__all__ = ["plot_model"]


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
        to_file: a name ending in `.png` (the default) or `.svg`; or in `.dot`, for
            the text that `model_to_dot` gives.
        show_shapes: the shapes of inputs and outputs. Default False.
        show_dtype: the dtypes of the outputs. Default False.
        show_layer_names: the layers' names, beside their classes. Default False.
        rankdir: "TB" from top to bottom; "LR", "BT" or "RL".
        expand_nested: whether models in the model are drawn with their layers, in a
            box of their own. Default False: as one layer.
        dpi: dots an inch; 72 units of the drawing are an inch. Default 200.
        show_layer_activations: the activations of layers that have one. Default False.
        show_trainable: whether training changes the layer. Default False.
        splines: "ortho" for right angles; "polyline", "line", "curved" and "spline"
            for straight lines.

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
    check(model, "plot_model", rankdir, splines, dpi, kwargs)
    if kind not in FORMATS:
        raise UnsupportedError(
            f"Pictures are not written as {kind}.",
            where=f"plot_model(to_file={path!r})",
            expected="a name ending in .png, .svg or .dot",
            received=os.path.basename(path),
            remedy="write an .svg, which browsers print and other programs convert",
        )
    shown = Shown(
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
    )
    dot = Dot(model, shown, expand_nested, rankdir, dpi, splines)
    dot.write(path, format=kind)
    return _shown(path, kind)


def _shown(path: str, kind: str) -> Any:
    """What shows the picture in a notebook, where one runs."""
    display = sys.modules.get("IPython.display")
    if display is None or kind not in ("png", "svg"):
        return None
    return display.Image(path) if kind == "png" else display.SVG(path)
