"""`model_to_dot`: a model in Graphviz's language, drawn without Graphviz."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from pronghorn.errors import ArgumentError, StateError, UnsupportedError
from pronghorn.saving.archive import atomic_write
from pronghorn.utils.plot.boxes import drawn
from pronghorn.utils.plot.canvas import Canvas
from pronghorn.utils.plot.graph import Graph, Shown, boxes_of, graph_of

__all__ = ["Dot", "model_to_dot"]

DIRECTIONS = ("TB", "LR", "BT", "RL")
SPLINES = ("ortho", "polyline", "line", "curved", "spline")
TEXTS = ("raw", "dot", "gv")
FORMATS = ("png", "svg", *TEXTS)


class Dot:
    """A model in Graphviz's language. It has those methods of pydot's that scripts use.

    Pictures are drawn here, so that Graphviz is not needed; other programs take the
    text of `to_string()`.

    Args:
        model: a built model.
        shown: what is told of each layer.
        expand: whether models in the model are taken apart, each in a frame.
        rankdir: from where to where it is drawn: "TB", "LR", "BT" or "RL".
        dpi: dots an inch.
        splines: how lines run.
        subgraph: whether it is a part of a larger graph.

    Example:

    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=[3], name="end")])
    >>> print(model_to_dot(model).to_string())
    digraph G {
      graph [rankdir=TB, splines=ortho, dpi=200];
      node [shape=box, fontname=Helvetica];
      n0 [label="end (Dense)"];
    }
    """

    def __init__(
        self,
        model: Any,
        shown: Shown,
        expand: bool = False,
        rankdir: str = "TB",
        dpi: float = 200,
        splines: str = "ortho",
        subgraph: bool = False,
    ) -> None:
        self._graph = graph_of(model, shown, expand)
        self._boxes = boxes_of(model, shown, expand)
        self._rankdir, self._dpi, self._splines = rankdir, dpi, splines
        self._subgraph = subgraph

    def get_name(self) -> str:
        """The name that Graphviz knows it by."""
        return f"cluster_{self._graph.name}" if self._subgraph else "G"

    def to_string(self) -> str:
        """The text in Graphviz's language."""
        places = {id(box[0]): i for i, box in enumerate(self._graph.all_boxes())}
        edges = [f"n{a} -> n{b};" for a, b in self._graph.numbered()]
        if self._subgraph:
            lines = list(_cluster(self._graph, places))
            lines[-1:-1] = [f"  {edge}" for edge in edges]
            return "\n".join(lines)
        head = [
            f"graph [rankdir={self._rankdir}, splines={self._splines}, "
            f"dpi={self._dpi:g}];",
            "node [shape=box, fontname=Helvetica];",
        ]
        body = [*head, *_nodes(self._graph, places), *edges]
        return "\n".join(["digraph G {", *(f"  {line}" for line in body), "}"])

    def __str__(self) -> str:
        return self.to_string()

    def create(
        self, prog: Any = None, format: str = "png", encoding: Any = None
    ) -> bytes:
        """A picture, as the bytes of a file.

        Args:
            prog: a program of Graphviz's; it is not needed, and not run.
            format: "png" (default), "svg", or "dot" for the text.
            encoding: of text: always UTF-8.

        Raises:
            UnsupportedError: another format.
        """
        if format in TEXTS:
            return f"{self.to_string()}\n".encode()
        if format not in FORMATS:
            raise UnsupportedError(
                f"Pictures are not written as {format}.",
                where="Dot.create(format=)",
                expected=" or ".join(map(repr, FORMATS)),
                received=repr(format),
                remedy="write an .svg, which browsers print and other programs "
                "convert, or give to_string() to Graphviz",
            )
        canvas = self._drawn()
        if format == "png":
            return canvas.png(self._dpi)
        return canvas.svg(self._dpi).encode()

    def create_png(self, prog: Any = None) -> bytes:
        """The picture as the bytes of a PNG file."""
        return self.create(prog, "png")

    def create_svg(self, prog: Any = None) -> bytes:
        """The picture as the bytes of an SVG file."""
        return self.create(prog, "svg")

    def write(self, path: Any, prog: Any = None, format: str = "raw") -> bool:
        """Writes the text, or a picture, into a file. Gives True."""
        atomic_write(os.fspath(path), self.create(prog, format), overwrite=True)
        return True

    def write_raw(self, path: Any, prog: Any = None) -> bool:
        """Writes the text in Graphviz's language."""
        return self.write(path, prog)

    def write_dot(self, path: Any, prog: Any = None) -> bool:
        """Writes the text in Graphviz's language."""
        return self.write(path, prog)

    def write_png(self, path: Any, prog: Any = None) -> bool:
        """Writes a picture as PNG."""
        return self.write(path, prog, "png")

    def write_svg(self, path: Any, prog: Any = None) -> bool:
        """Writes a picture as SVG."""
        return self.write(path, prog, "svg")

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self._drawn().svg(self._dpi)

    def _drawn(self) -> Canvas:
        return drawn(*self._boxes, self._rankdir, self._splines == "ortho")


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Dot:
    """A model in Graphviz's language. Neither pydot nor Graphviz is needed.

    Args:
        model: a built model.
        show_shapes: the shapes of inputs and outputs. Default False.
        show_dtype: the dtypes of the outputs. Default False.
        show_layer_names: the layers' names, beside their classes. Default True.
        rankdir: "TB" from top to bottom; "LR", "BT" or "RL".
        expand_nested: whether models in the model are taken apart, each in a frame of
            its own. Default False.
        dpi: dots an inch. Default 200.
        subgraph: whether to give a part of a larger graph. Default False.
        show_layer_activations: the activations of layers that have one. Default False.
        show_trainable: whether training changes the layer. Default False.
        splines: how lines run: "ortho" (default), "polyline", "line", "curved" or
            "spline". Pictures have right angles or straight lines.

    Returns:
        A `Dot`.

    Raises:
        StateError: the model is not built.
        ArgumentError: another direction, kind of line, or argument.
    """
    check(model, "model_to_dot", rankdir, splines, dpi, kwargs)
    shown = Shown(
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
    )
    return Dot(model, shown, expand_nested, rankdir, dpi, splines, subgraph)


def check(
    model: Any,
    where: str,
    rankdir: str,
    splines: str,
    dpi: float,
    rest: dict[str, Any],
) -> None:
    """Refuses what cannot be drawn."""
    if not getattr(model, "built", False):
        raise StateError(
            "The model is not built, so its shapes are not known.",
            where=f"{where}, model {getattr(model, 'name', model)!r}",
            remedy="start it with Input((n,)), or call it on data, first",
        )
    checks = (("rankdir", rankdir, DIRECTIONS), ("splines", splines, SPLINES))
    for name, value, known in checks:
        if value not in known:
            raise ArgumentError(
                f"There is no such {name}.",
                where=where,
                expected=", ".join(known),
                received=f"{name}={value!r}",
            )
    rest = {k: v for k, v in rest.items() if (k, v) != ("layer_range", None)}
    if rest or not 1 <= dpi <= 10_000:
        raise ArgumentError(
            f"{where} does not take this.",
            where=where,
            expected="the arguments of its signature, dpi from 1 to 10000",
            received=", ".join(sorted(rest)) or f"dpi={dpi!r}",
        )


def _nodes(graph: Graph, places: dict[int, int]) -> Iterator[str]:
    for layer, lines in graph.boxes:
        label = "\\n".join(map(_escaped, lines))
        yield f'n{places[id(layer)]} [label="{label}"];'
    for inner in graph.inner:
        yield from _cluster(inner, places)


def _cluster(graph: Graph, places: dict[int, int]) -> Iterator[str]:
    name = _escaped(graph.name)
    yield f'subgraph "cluster_{name}" {{'
    yield f'  graph [label="{name}", labeljust=l, style=dashed];'
    yield from (f"  {line}" for line in _nodes(graph, places))
    yield "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
