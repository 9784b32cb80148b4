"""`Model.summary`: the table of layers, as Keras draws it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pronghorn import tree
from pronghorn.callbacks.console import terminal_columns, write
from pronghorn.errors import ArgumentError, PronghornError

__all__ = ["count_params", "print_summary", "readable_memory_size"]

Row = list[str]
Justify = Callable[[str, int], str]


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Prints a model's layers, their output shapes and numbers of parameters.

    A functional model that is no plain chain also gets a column "Connected to".

    Args:
        model: a model of any kind, built or not.
        line_length: width of the table. Default: that of the terminal, up to 88 (108
            with connections).
        positions: where each column ends, as fractions of the width.
        print_fn: called once with the whole text. Default: it goes to standard output.
        expand_nested: also show the layers of models used as layers. Default False.
        show_trainable: add a column that says Y or N. Default False.
        layer_range: two names (or regular expressions): the first and the last layer to
            show. Default None: all.

    Raises:
        ArgumentError: no room for the columns, or no layer of such a name.

    Example:

    >>> import pronghorn as keras
    >>> model = keras.Sequential(
    ...     [keras.layers.Dense(1, input_shape=[3], name="unit")], name="line")
    >>> print_summary(model, line_length=50)
    Model: "line"
    ┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
    ┃ Layer (type)        ┃ Output Shape   ┃ Param # ┃
    ┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
    │ unit (Dense)        │ (None, 1)      │       4 │
    └─────────────────────┴────────────────┴─────────┘
     Total params: 4 (16.00 B)
     Trainable params: 4 (16.00 B)
     Non-trainable params: 0 (0.00 B)
    """
    nodes = None if _is_chain(model) else _relevant_nodes(model)
    header: Row = ["Layer (type)", "Output Shape", "Param #"]
    justify: list[Justify] = [str.ljust, str.ljust, str.rjust]
    default_length, ends = 88, [0.45, 0.80, 1.0]
    if nodes is not None:
        header.append("Connected to")
        justify.append(str.ljust)
        default_length, ends = 108, [0.3, 0.56, 0.74, 1.0]
    ends = list(positions or ends)
    if show_trainable:
        header.append("Trainable")
        justify.append(_center)
        default_length, ends = default_length + 12, [*(p * 0.9 for p in ends), 1.0]
    terminal = terminal_columns() - 4
    length = line_length or min(default_length, terminal)
    widths = _column_widths(length, ends[: len(header)])
    rows = [
        row
        for layer in _in_range(_layers(model), layer_range)
        for row in _rows(layer, nodes, expand_nested, show_trainable)
    ]
    lines = [f'Model: "{model.name}"', *_table(header, rows, widths, justify)]
    (print_fn or write)("\n".join([*lines, *_totals(model)]) + "\n")


def count_params(weights: Iterable[Any]) -> int:
    """The number of elements of all the weights together.

    Example:

    >>> import numpy as np
    >>> count_params([np.zeros((3, 4)), np.zeros(4)])
    16
    """
    return sum(math.prod(weight.shape) for weight in weights)


def readable_memory_size(size: float) -> str:
    """A number of bytes as a person says it.

    Example:

    >>> readable_memory_size(36), readable_memory_size(36144)
    ('36.00 B', '35.30 KB')
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"


# What the rows hold.


def _layers(model: Any) -> list[Any]:
    """The layers; of a functional model also its inputs and single operations."""
    operations = None if _is_sequential(model) else getattr(model, "operations", None)
    return list(operations or model.layers)


def _is_sequential(model: Any) -> bool:
    return any(cls.__name__ == "Sequential" for cls in type(model).__mro__)


def _rows(
    layer: Any,
    nodes: set[int] | None,
    expand_nested: bool,
    show_trainable: bool,
    level: int = 0,
) -> Iterator[Row]:
    prefix = "   " * level + "└ " if level else ""
    row = [
        f"{prefix}{layer.name} ({type(layer).__name__})",
        _output_shape(layer),
        _params(layer),
    ]
    if nodes is not None:
        row.append(_connections(layer, nodes))
    if show_trainable:
        has_weights = bool(getattr(layer, "weights", None))
        row.append(("Y" if layer.trainable else "N") if has_weights else "-")
    yield row
    if expand_nested:
        for inner in getattr(layer, "layers", None) or ():
            yield from _rows(inner, nodes, True, show_trainable, level + 1)


def _params(layer: Any) -> str:
    if not getattr(layer, "built", True):
        return "0 (unbuilt)"
    return f"{count_params(getattr(layer, 'weights', ())):,}"


def _output_shape(layer: Any) -> str:
    calls = getattr(layer, "_inbound_nodes", ())
    if calls:
        shapes = tree.map_structure(lambda t: _Shape(t.shape), calls[-1].outputs)
    else:
        built = (layer.get_build_config() or {}) if layer.built else {}
        if "input_shape" not in built:
            return "?"
        try:
            shapes = _shapes_of(layer.compute_output_shape(built["input_shape"]))
        except (NotImplementedError, PronghornError):
            return "?"
    flat = tree.flatten(shapes)
    return str(flat[0] if len(flat) == 1 else shapes)


class _Shape:
    """A shape as one leaf of a structure."""

    def __init__(self, shape: Iterable[int | None]) -> None:
        self.text = "(" + ", ".join(str(size) for size in shape) + ")"

    def __repr__(self) -> str:
        return self.text


def _shapes_of(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: _shapes_of(value) for key, value in structure.items()}
    if all(size is None or isinstance(size, int) for size in structure):
        return _Shape(structure)
    return [_shapes_of(value) for value in structure]


def _relevant_nodes(model: Any) -> set[int]:
    return {id(call) for call in model._calls}


def _is_chain(model: Any) -> bool:
    """Whether each layer feeds just the next: then connections go without saying."""
    calls = getattr(model, "_calls", None)
    if calls is None or _is_sequential(model):
        return True
    one_input = sum(call.is_input for call in calls) == 1
    alone = all(len(call.input_tensors) <= 1 for call in calls)
    parents = [id(parent) for call in calls for parent in call.parent_nodes]
    shared = len({id(call.operation) for call in calls}) < len(calls)
    return one_input and alone and not shared and len(set(parents)) == len(parents)


def _connections(layer: Any, nodes: set[int]) -> str:
    sources = [
        f"{history.operation.name}[{history.node_index}][{history.tensor_index}]"
        for node in getattr(layer, "_inbound_nodes", ())
        if id(node) in nodes
        for history in (tensor._keras_history for tensor in node.input_tensors)
    ]
    return ", ".join(sources) or "-"


def _in_range(layers: list[Any], names: Sequence[str] | None) -> list[Any]:
    if names is None:
        return layers
    if len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise ArgumentError(
            "A range of layers has two ends.",
            where="summary, argument `layer_range`",
            expected="two names of layers",
            received=repr(names),
            remedy="pass ['first', 'last']",
        )
    ends = [
        [i for i, layer in enumerate(layers) if re.match(name, layer.name)]
        for name in names
    ]
    if not all(ends):
        raise ArgumentError(
            "No layer has such a name.",
            where="summary, argument `layer_range`",
            expected="names among " + ", ".join(layer.name for layer in layers),
            received=repr(names),
            remedy="pass two of them",
        )
    first, last = ends
    if min(first) > max(last):
        return layers[min(last) : max(first) + 1]
    return layers[min(first) : max(last) + 1]


def _totals(model: Any) -> list[str]:
    trainable, fixed = model.trainable_weights, model.non_trainable_weights
    optimizer: Any = getattr(model, "optimizer", None)
    built = bool(getattr(optimizer, "built", False))
    slots = list(optimizer.variables) if built else []
    lines = [
        _total("Total", [*trainable, *fixed, *slots]),
        _total("Trainable", trainable),
        _total("Non-trainable", fixed),
    ]
    return [*lines, _total("Optimizer", slots)] if built else lines


def _total(label: str, weights: Sequence[Any]) -> str:
    size = sum(math.prod(w.shape) * np.dtype(w.dtype).itemsize for w in weights)
    return f" {label} params: {count_params(weights):,} ({readable_memory_size(size)})"


# How the table is drawn.


def _column_widths(length: int, ends: Sequence[float]) -> list[int]:
    """Widths of the columns' text, so that with frames they fill `length`."""
    widths: list[int] = []
    for end in ends:
        width = int(end * length) - sum(widths)
        if width < 4:
            raise ArgumentError(
                "Insufficient console width to print summary.",
                where="summary, arguments `line_length` and `positions`",
                expected="room for 4 characters in each column",
                received=f"line_length={length}, positions={list(ends)}",
                remedy="pass a larger line_length",
            )
        widths.append(width)
    # Frames and blanks take 3 characters a column and 1 more; the columns share that.
    excess = sum(widths) + 3 * len(widths) + 1 - length
    for i, width in enumerate(widths):
        share = round(excess / (len(widths) - i))
        widths[i] = max(width - share, 1)
        excess -= share
    return widths


def _table(
    header: Row, rows: list[Row], widths: list[int], justify: list[Justify]
) -> Iterator[str]:
    def rule(left: str, dash: str, cross: str, right: str) -> str:
        return left + cross.join(dash * (width + 2) for width in widths) + right

    def cells(row: Row, bar: str) -> Iterator[str]:
        columns = [_wrap(text, width) for text, width in zip(row, widths, strict=True)]
        height = max(map(len, columns))
        above = [height - len(column) if row is header else 0 for column in columns]
        for i in range(height):
            line = [
                column[i - start] if 0 <= i - start < len(column) else ""
                for column, start in zip(columns, above, strict=True)
            ]
            padded = (j(t, w) for j, t, w in zip(justify, line, widths, strict=True))
            yield f"{bar} " + f" {bar} ".join(padded) + f" {bar}"

    yield rule("┏", "━", "┳", "┓")
    yield from cells(header, "┃")
    yield rule("┡", "━", "╇", "┩")
    for i, row in enumerate(rows):
        if i:
            yield rule("├", "─", "┼", "┤")
        yield from cells(row, "│")
    yield rule("└", "─", "┴", "┘")


def _wrap(text: str, width: int) -> list[str]:
    """Lines of whole words; a word that is too long ends with "…"."""
    lines = [""]
    for word in re.findall(r"\s*\S+\s*", text):
        if lines[-1] and len(lines[-1]) + len(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    cut = (line.rstrip() for line in lines)
    return [x if len(x) <= width else x[: width - 1] + "…" for x in cut]


def _center(text: str, width: int) -> str:
    left = (width - len(text)) // 2
    return (" " * left + text).ljust(width)
