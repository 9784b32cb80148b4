"""`Model.draw`: which picture a model gets, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import layers
from pronghorn.errors import ArgumentError, StateError, UnsupportedError
from pronghorn.models.model import DRAWING
from pronghorn.utils.draw import graph, unit, units
from pronghorn.utils.draw.chain import (
    DROPPING,
    Step,
    activation_of,
    before,
    columns,
    names_of_inputs,
    place_of,
    row_of,
    run,
    steps,
    told,
)
from pronghorn.utils.draw.drawing import Drawing

__all__ = ["draw_model"]

KINDS = ("unit", "units", "layers")
COLUMNS = 8  # the longest chain that is drawn as units unasked
EDGES = ("numbers", "none")


def draw_model(
    model: Any,
    kind: str | None = None,
    *,
    values: Any = None,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    labels: str | None = None,
    layer: Any = None,
    index: int = 0,
    digits: int = 4,
) -> Drawing:
    """What `Model.draw` does; its docstring tells."""
    if kind is not None and kind not in KINDS:
        raise ArgumentError(
            "There is no such drawing.",
            where="draw(kind=)",
            expected=", ".join(map(repr, KINDS)),
            received=repr(kind),
        )
    if not getattr(model, "built", False):
        raise StateError(
            "The model is not built, so it has no weights to draw.",
            where=f"draw, model {model.name!r}",
            expected="a model that knows the shape of its input",
            received="one that does not",
            remedy="start it with Input((n,)), or fit it or call it on data, first",
        )
    chain = steps(model)
    given = {"values": values, "inputs": inputs, "outputs": outputs, "labels": labels}
    if kind is None:
        if layer is not None or index != 0:
            kind = "unit"
        else:
            kind = _fitting(chain, any(x is not None for x in given.values()))
    if kind != "unit":
        given |= {"layer": layer, "index": index or None}
    if kind == "layers":
        _refuse(kind, given)
        return graph.picture(model)
    digits = unit.digits_of(digits, "draw")
    names = list(inputs) if inputs is not None else names_of_inputs(model, chain)
    found = None
    if values is not None:
        if chain is None:
            raise _branches(model, "draw(values=)")
        found = run(model, row_of(values, chain[0], names))
    if kind == "unit":
        dense = _dense(model, layer)
        return unit.picture(
            _unit(model, chain, dense, index, inputs, outputs, labels, digits, found)
        )
    _refuse(kind, {key: given[key] for key in ("layer", "index")})
    if chain is None:
        raise _branches(model, "draw('units')")
    return units.picture(_net(model, chain, found, names, outputs, labels, digits))


def _fitting(chain: list[Step] | None, asks_units: bool) -> str:
    """The picture that says most of a model of this size."""
    if chain is None:
        return "layers"
    made = columns(chain, None)
    kernels = [column.kernel for column in made if column.kernel is not None]
    if len(kernels) == 1 and len(made) == 2 and made[1].size == 1:
        return "unit" if made[0].size <= unit.MOST else "units"
    fits = kernels and len(made) <= COLUMNS
    return "units" if fits or asks_units else "layers"


def _refuse(kind: str, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if value is not None:
            raise ArgumentError(
                f"The drawing {kind!r} does not take {name}.",
                where=f"draw({kind!r}, {name}=)",
                expected=f"no {name}, or another kind of drawing",
                received=f"{name}={value!r}",
            )


def _branches(model: Any, where: str) -> UnsupportedError:
    return UnsupportedError(
        "Units are drawn of models that are one chain of layers.",
        where=f"{where}, model {model.name!r}",
        expected="a Sequential, or a functional model without branches",
        received="a model with branches, shared layers or a call of its own",
        remedy="draw('layers') shows the whole, draw('unit', layer=...) one unit",
    )


def _dense(model: Any, wanted: Any) -> Any:
    """The Dense layer of which a unit is drawn."""
    found = [x for x in model._flatten_layers() if isinstance(x, layers.Dense)]
    if isinstance(wanted, str):
        found = [x for x in found if x.name == wanted]
    elif isinstance(wanted, (int, np.integer)) and not isinstance(wanted, bool):
        found = [model.get_layer(index=int(wanted))]
    elif wanted is not None:
        found = [x for x in found if x is wanted]
    built = [x for x in found if isinstance(x, layers.Dense) and x.built]
    if len(built) == 1:
        return built[0]
    names = [x.name for x in model._flatten_layers() if isinstance(x, layers.Dense)]
    raise ArgumentError(
        "It is not clear of which layer a unit is to be drawn.",
        where=f"draw('unit', layer=), model {model.name!r}",
        expected="the name of a Dense layer: "
        + (", ".join(map(repr, names)) or "none"),
        received=f"layer={wanted!r}",
        remedy="draw('unit', layer=...), or draw('units') for the whole net",
    )


def _unit(
    model: Any,
    chain: list[Step] | None,
    dense: Any,
    index: int,
    inputs: Sequence[str] | None,
    outputs: Sequence[str] | None,
    labels: str | None,
    digits: int,
    values: dict[int, Any] | None,
) -> unit.Unit:
    kernel = np.asarray(dense.kernel)
    count, wide = kernel.shape
    if isinstance(index, bool) or not 0 <= int(index) < wide:
        raise ArgumentError(
            "The layer has no such unit.",
            where=f"draw('unit', index=), layer {dense.name!r}",
            expected=f"0 to {wide - 1}",
            received=index,
        )
    number = int(index)
    _same_length("inputs", inputs, count)
    place = place_of(chain, dense)
    earlier = [step.layer for step in (chain or [])[1:place]]
    names = None if inputs is None else [str(name) for name in inputs]
    if names is None and not any(isinstance(x, layers.Dense) for x in earlier):
        names = names_of_inputs(model, chain)
        names = names if names is not None and len(names) == count else None
    if names is not None:
        names = [_as_given(name, earlier) for name in names]
    row = found = None
    if values is not None and chain is not None:
        if place is None or len(chain[place - 1].shape) != 1:
            raise _branches(model, f"draw(values=), layer {dense.name!r}")
        row = before(values, chain, place)
        found = float(values[id(dense)].reshape(-1)[number])
    bias = None if dense.bias is None else float(np.asarray(dense.bias)[number])
    name = activation_of(dense)
    return unit.Unit(
        count,
        kernel[:, number].astype(np.float64),
        bias,
        bias is not None,
        names,
        row,
        _named(outputs, number, wide) if outputs is not None else None,
        name,
        dense.activation if name else None,
        unit.labels_of(labels, True, "draw('unit')"),
        digits,
        _position(dense, number, wide, earlier, (chain or [])[(place or 0) + 1 :]),
        found,
    )


def _position(
    dense: Any, number: int, wide: int, earlier: list[Any], later: list[Step]
) -> str:
    """A line that says which unit this is, and what lies around it."""
    parts = [f"unit {number} of {wide} in layer {dense.name}"] if wide > 1 else []
    if earlier:
        parts.append(f"its inputs are what {earlier[-1].name} gives")
    if later and wide == 1:
        parts.append(f"what it gives goes to {later[0].layer.name}")
    return "; ".join(parts)


def _as_given(name: str, earlier: list[Any]) -> str:
    """An input as it comes out of the layers before: `normalization(sugars)`."""
    for layer in earlier:
        if not isinstance(layer, (layers.Dense, *DROPPING)):
            name = f"{told(layer)}({name})"
    return name


def _named(names: Sequence[str], number: int, wide: int) -> str:
    _same_length("outputs", names, wide)
    return str(names[number])


def _same_length(what: str, names: Sequence[str] | None, count: int) -> None:
    if names is not None and (isinstance(names, str) or len(names) != count):
        raise ArgumentError(
            f"There are as many names of {what} as units.",
            where=f"draw({what}=)",
            expected=f"a list of {count}",
            received=repr(names),
        )


def _net(
    model: Any,
    chain: list[Step],
    found: dict[int, Any] | None,
    names: list[str] | None,
    outputs: Sequence[str] | None,
    labels: str | None,
    digits: int,
) -> units.Net:
    made = columns(chain, found)
    small = all(column.size <= units.FEW for column in made)
    if labels is not None and labels not in EDGES[1 - small :]:
        raise ArgumentError(
            "A net's edges have no such labels.",
            where="draw('units', labels=)",
            expected=" or ".join(map(repr, EDGES[1 - small :]))
            + ("" if small else f"; numbers up to {units.FEW} units a layer"),
            received=repr(labels),
            remedy="a pointer that rests on an edge shows its weight; draw('unit', "
            "layer=..., index=...) writes the weights of one unit",
        )
    _same_length("inputs", names, made[0].size)
    _same_length("outputs", outputs, made[-1].size)
    label = labels or ("numbers" if small else "none")
    return units.Net(model.name, made, names, outputs, label, digits)


DRAWING.append(draw_model)
