"""Reading a model that is one chain of layers: columns of units, and their numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pronghorn import layers
from pronghorn.errors import ShapeError
from pronghorn.models import Functional, Sequential

__all__ = [
    "Column",
    "Step",
    "columns",
    "names_of_inputs",
    "place_of",
    "row_of",
    "run",
    "steps",
]

NORMS = {
    "BatchNormalization": "batch norm",
    "LayerNormalization": "layer norm",
    "GroupNormalization": "group norm",
    "RMSNormalization": "RMS norm",
    "UnitNormalization": "unit norm",
    "Normalization": "normalization",
}
#: What leaves units as they are in prediction, and some of them out in training.
DROPPING = (layers.Dropout, layers.AlphaDropout, layers.GaussianDropout)


@dataclass(frozen=True)
class Step:
    """One layer of the chain, and the shape of what it gives, without rows."""

    layer: Any
    shape: tuple[int | None, ...]


@dataclass
class Column:
    """Units side by side, and what is done with what they give.

    Attributes:
        title: the layer's class, or "inputs".
        hint: the layer's name.
        shape: of what the units give, without rows.
        kernel: (units before, units), of the layer's dtype; None where none weighs.
        bias: float64 (units,), or None.
        notes: lines below the title.
        bars: names of layers that treat all the units, drawn as bars.
        dropped: which share of the units is left out in training.
        function: the units' activation, or None.
        values: float64 (units,), what they give for the row, before bars; or None.
    """

    title: str
    hint: str
    shape: tuple[int | None, ...]
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None
    notes: list[str] = field(default_factory=list)
    bars: list[str] = field(default_factory=list)
    dropped: float = 0.0
    function: Any = None
    values: np.ndarray | None = None

    @property
    def size(self) -> int:
        """The number of units."""
        return math.prod(size or 1 for size in self.shape)


def steps(model: Any) -> list[Step] | None:
    """The layers of a chain, those of models in it too; None where it branches."""
    graph = (
        model.__dict__.get("_functional") if isinstance(model, Sequential) else model
    )
    if not isinstance(graph, Functional) or not _plain(graph, model):
        return None
    found: list[Step] = []
    for call in graph._calls:
        inner = call.operation
        if isinstance(inner, (Functional, Sequential)):
            nested = steps(inner)
            if nested is None:
                return None
            found.extend(nested[1:])  # its input is what comes before it
        else:
            found.append(Step(inner, tuple(call.output_tensors[0].shape[1:])))
    return found


def _plain(graph: Functional, model: Any) -> bool:
    """Whether each call feeds the next one, and the class adds nothing of its own."""
    own = type(model).call not in (Functional.call, Sequential.call)
    if own or len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return False
    calls = graph._calls
    if len({id(call.operation) for call in calls}) < len(calls):
        return False
    return all(
        len(call.output_tensors) == 1
        and (len(call.input_tensors) == 1 or call.is_input or number == 0)
        and (number == 0 or call.parent_nodes[0] is calls[number - 1])
        for number, call in enumerate(calls)
    )


def columns(chain: Sequence[Step], values: Mapping[int, Any] | None) -> list[Column]:
    """The columns of units that the layers of a chain make."""
    first = Column("inputs", chain[0].layer.name, chain[0].shape)
    made = [first]
    _give(first, chain[0], values)
    for earlier, step in itertools.pairwise(chain):
        layer, column = step.layer, made[-1]
        kernel = kernel_of(layer, earlier.shape)
        if kernel is not None:
            bias = getattr(layer, "bias", None)
            own = None if bias is None else np.asarray(bias, np.float64)
            column = Column(type(layer).__name__, layer.name, step.shape, kernel, own)
            made.append(column)
            name = activation_of(layer)
            if name:
                column.notes.append(name)
                column.function = layer.activation
        elif isinstance(layer, DROPPING):
            column.dropped = 1 - (1 - column.dropped) * (1 - layer.rate)
            column.notes.append(f"{told(layer)} {layer.rate:g}")
        elif activation_of(layer) is not None and step.shape == earlier.shape:
            column.notes.append(str(activation_of(layer)))
            column.function = column.function or getattr(layer, "activation", layer)
        elif not isinstance(layer, layers.Identity):
            name = told(layer)
            column.bars.append(name)
            column.notes.append(name)
            if math.prod(d or 1 for d in step.shape) != column.size:
                column = Column(type(layer).__name__, layer.name, step.shape)
                made.append(column)
        _give(column, step, values)
    return made


def told(layer: Any) -> str:
    """What a layer is called in a drawing: as people say it, or by its class."""
    name = type(layer).__name__
    if isinstance(layer, DROPPING):
        return {"Dropout": "dropout", "AlphaDropout": "alpha dropout"}.get(name, name)
    return NORMS.get(name, name)


def _give(column: Column, step: Step, values: Mapping[int, Any] | None) -> None:
    if values is not None and not column.bars:
        found = np.asarray(values[id(step.layer)]).reshape(-1)
        if found.dtype.kind in "fiub":  # not of text
            column.values = found.astype(np.float64)


def kernel_of(layer: Any, shape: tuple[int | None, ...]) -> np.ndarray | None:
    """The weights between units of a layer like Dense that reads rows of numbers."""
    if not isinstance(layer, layers.Dense) or len(shape) != 1:
        return None
    return np.asarray(layer.kernel)


def activation_of(layer: Any) -> str | None:
    """The name of the activation that a layer applies; None for a linear one."""
    if isinstance(layer, (layers.Dense, layers.Activation)):
        function = layer.activation
        name = str(getattr(function, "__name__", type(function).__name__))
        return None if function is None or name == "linear" else name
    kinds = ("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax")
    known = [getattr(layers, kind) for kind in kinds if hasattr(layers, kind)]
    return type(layer).__name__ if isinstance(layer, tuple(known)) else None


def names_of_inputs(model: Any, chain: Sequence[Step] | None) -> list[str] | None:
    """The names of the columns that the model was trained with, where it knows them."""
    known = model._known_columns()
    if known and known[0]:
        return [str(name) for name in known[0]]
    if chain and chain[0].shape == (1,) and chain[0].layer.name[:5] != "input":
        return [chain[0].layer.name]
    return None


def row_of(values: Any, start: Step, names: Sequence[str] | None) -> np.ndarray:
    """One row as the model takes it: (1, features), of the input's dtype.

    Raises:
        ShapeError: not one row of the model's features.
    """
    given = values
    if isinstance(values, Mapping) or hasattr(values, "keys"):
        wanted = list(names) if names else list(values.keys())
        try:
            given = [np.asarray(values[name]).reshape(1)[0] for name in wanted]
        except (KeyError, ValueError) as error:
            raise _no_row(
                start, f"keys {list(values.keys())!r}, names {wanted!r}"
            ) from error
    dtype = start.layer.dtype if start.layer.dtype != "string" else object
    try:
        row = np.asarray(given).astype(dtype)
    except (TypeError, ValueError) as error:
        raise _no_row(start, repr(given)) from error
    shape = row.shape if row.ndim else (1,)
    shape = shape[1:] if len(shape) > len(start.shape) and shape[0] == 1 else shape
    if len(shape) != len(start.shape) or any(
        size not in (None, own) for size, own in zip(start.shape, shape)
    ):
        raise _no_row(start, f"shape {row.shape}")
    return row.reshape((1, *shape))


def _no_row(start: Step, received: str) -> ShapeError:
    return ShapeError(
        "A drawing shows the numbers of one row.",
        where="draw(values=)",
        expected=f"one row of shape {start.shape}, or a dict of its columns",
        received=received,
        remedy="pass one row, x[0] say",
    )


def run(model: Any, row: Any) -> dict[int, Any]:
    """What each layer of a chain gives for a row, by the layer's id."""
    found: dict[int, Any] = {}

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(operation, (Functional, Sequential)):
            return inside(operation, args[0])
        made = operation(*args, **kwargs)
        found[id(operation)] = made
        return made

    def inside(part: Any, x: Any) -> Any:
        graph = part.__dict__["_functional"] if isinstance(part, Sequential) else part
        found[id(graph._calls[0].operation)] = x
        return graph._rerun(x, call=call)

    inside(model, row)
    return found


def place_of(chain: Sequence[Step] | None, layer: Any) -> int | None:
    """Where a layer stands in a chain; None where it is a part of one that does."""
    places = (i for i, step in enumerate(chain or ()) if step.layer is layer)
    return next(places, None)


def before(values: Mapping[int, Any], chain: Sequence[Step], place: int) -> np.ndarray:
    """The numbers that reach the layer at a place."""
    return np.asarray(values[id(chain[place - 1].layer)], np.float64).reshape(-1)
