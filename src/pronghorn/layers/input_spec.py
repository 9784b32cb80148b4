"""What a layer takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError, ShapeError
from pronghorn.ir.dtypes import is_float, standard
from pronghorn.layers.shapes import shape_of
from pronghorn.tree import flatten

__all__ = ["InputSpec", "check_inputs"]

Shape = tuple[int | None, ...]


class InputSpec:
    """What a layer takes: rank, sizes along axes, dtype.

    Args:
        dtype: what the input must be; all floats are float32 here, all whole numbers
            int32.
        shape: the whole shape, with None where any size will do.
        ndim: the exact number of axes; `shape` tells it too.
        max_ndim, min_ndim: bounds for it.
        axes: {axis: size}.
        allow_last_axis_squeeze: with `shape`: whether a last axis of 1 may be there or
            not. Default False.
        name: the key of this input, where a dict of them is passed.
        optional: whether None may stand in the input's place. Default False.

    Raises:
        DtypeError: axes that are no whole numbers.
        ArgumentError: an axis beyond the number of axes.

    Example:

    >>> from pronghorn import layers
    >>> class Squares(layers.Layer):
    ...     def __init__(self):
    ...         super().__init__(name="squares")
    ...         self.input_spec = InputSpec(
    ...             shape=(None, 2, 2, 1), allow_last_axis_squeeze=True
    ...         )
    ...     def call(self, inputs):
    ...         return inputs
    >>> Squares()(np.ones((3, 2, 2))).shape
    (3, 2, 2)
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else _named(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.name = name
        self.optional = optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.axes = _axes(axes)
        bound = self.ndim or self.max_ndim
        if self.axes and bound is not None and max(self.axes) >= bound:
            raise ArgumentError(
                "An axis lies beyond the number of axes.",
                where="InputSpec(axes=)",
                expected=f"axes below {bound}",
                received=max(self.axes),
            )

    def get_config(self) -> dict[str, Any]:
        """What it asks of an input."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """A spec from what `get_config` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        asked = [f"{n}={getattr(self, n)}" for n in names if getattr(self, n)]
        return f"InputSpec({', '.join(asked)})"

    def check(self, shape: Shape, where: str, dtype: Any = None) -> None:
        """Raises unless an input of this shape and dtype fits.

        Raises:
            ShapeError: the shape does not fit.
            DtypeError: the dtype does not.
        """
        problem = self._problem(shape)
        if problem is not None:
            raise ShapeError(
                "An input does not fit the layer.",
                where=where,
                expected=problem,
                received=f"shape {shape}",
                remedy="reshape the input, or build the layer for this shape",
            )
        if None not in (self.dtype, dtype) and _kind(dtype) != _kind(self.dtype):
            raise DtypeError(
                "An input does not fit the layer.",
                where=where,
                expected=self.dtype,
                received=str(dtype),
                remedy=f"convert it first: ops.cast(x, {self.dtype!r})",
            )

    def _problem(self, shape: Shape) -> str | None:
        """What is asked of a shape that it has not; None where it fits."""
        rank = len(shape)
        exact = self.ndim is not None and not self.allow_last_axis_squeeze
        if exact and rank != self.ndim:
            return f"{self.ndim} axes, the first of them the rows"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"at least {self.min_ndim} axes, the first of them the rows"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"at most {self.max_ndim} axes"
        for axis, size in self.axes.items():
            there = -rank <= axis < rank
            if size is not None and not (there and shape[axis] in (None, size)):
                return f"{size} features along axis {axis}"
        if self.shape is None:
            return None
        wanted = self.shape
        if self.allow_last_axis_squeeze:
            wanted, shape = _squeezed(wanted), _squeezed(shape)
        if len(wanted) != len(shape):
            return f"shape {self.shape}, with or without a last axis of 1"
        for axis, (size, given) in enumerate(zip(wanted, shape)):
            if None not in (size, given) and size != given:
                return f"{size} features along axis {axis}"
        return None


def check_inputs(spec: Any, inputs: Any, where: str) -> None:
    """Raises unless the inputs of a layer are what its specs ask for.

    Args:
        spec: an `InputSpec`, or a structure of them, one for each input; None in it
            for one that may be anything.
        inputs: a tensor or a structure; None in it for an optional one. A dict goes by
            the specs' names, if all have one.
        where: of the layer, for errors.

    Raises:
        ShapeError: another number of inputs, or shapes that do not fit.
        DtypeError: a dtype that does not fit.
        ArgumentError: an input that is named, and missing.
    """
    specs = flatten(spec)
    names = [s.name if s is not None else None for s in specs]
    if type(inputs) is np.ndarray:
        listed = [inputs]
    elif isinstance(inputs, Mapping) and all(names):
        listed = [_of_name(inputs, name, where) for name in names]
    else:
        listed = flatten(inputs)
    if len(specs) > 1 and len(specs) != len(listed):
        raise ShapeError(
            "A layer gets another number of inputs.",
            where=where,
            expected=", ".join(map(str, names)) if all(names) else len(specs),
            received=len(listed),
        )
    for x, one in zip(listed, specs if len(specs) > 1 else specs * len(listed)):
        if one is None or (x is None and one.optional):
            continue
        if x is None:
            raise ArgumentError(
                "An input is missing.",
                where=where,
                expected=f"a tensor for {one.name!r}" if one.name else "a tensor",
                received="None",
                remedy="pass it, or say InputSpec(optional=True)",
            )
        one.check(shape_of(x), where, getattr(x, "dtype", None))


def _of_name(inputs: Mapping[str, Any], name: Any, where: str) -> Any:
    if name in inputs:
        return inputs[name]
    raise ArgumentError(
        f"The input {name!r} is missing.",
        where=where,
        expected=f"a dict with {name!r}",
        received=", ".join(map(repr, inputs)),
        remedy="call the layer on a dict with all its inputs",
    )


def _axes(axes: Any) -> dict[int, int | None]:
    try:
        return {int(axis): axes[axis] for axis in axes or {}}
    except (TypeError, ValueError):
        raise DtypeError(
            "Axes are whole numbers.",
            where="InputSpec(axes=)",
            expected="a dict such as {-1: 3}",
            received=repr(axes),
        ) from None


def _named(dtype: Any) -> str:
    return str(getattr(dtype, "__name__", None) or getattr(dtype, "name", dtype))


def _kind(dtype: Any) -> str:
    """A dtype as the engine has it, of which all floats are one."""
    name = standard(dtype)
    return "float32" if is_float(name) else name


def _squeezed(shape: Shape) -> Shape:
    return shape[:-1] if shape and shape[-1] == 1 else shape
