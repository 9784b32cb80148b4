"""Layers of several inputs."""

from __future__ import annotations

from functools import reduce
from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.masks import mask_of
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]

# Names for the axes of Dot's two inputs.
_LETTERS = ("abcdefg", "tuvwxyz")


class Merge(Layer):
    """Base: the inputs are combined one after another; shapes broadcast.

    An input with fewer axes gets new ones behind that of the rows.
    """

    supports_masking = True
    _makes_masks = False

    def build(self, input_shape: Any) -> None:
        """Checks that the inputs come in a list."""
        several = isinstance(input_shape, (list, tuple)) and all(
            isinstance(s, (list, tuple)) for s in input_shape
        )
        if not several or not input_shape:
            raise ShapeError(
                f"{type(self).__name__} combines several tensors.",
                where=f"layer {self.name!r}",
                expected="a list of tensors",
                received=f"shape {input_shape}",
            )
        self.built = True

    def merge(self, left: Any, right: Any) -> Any:
        """Combines two tensors. Override it."""
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        """A list of tensors to one tensor."""
        result, *others = _of_one_rank(inputs)
        for other in others:
            result = self.merge(result, other)
        return result

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where any input counts; None if one of them has no mask.

        Raises:
            ShapeError: unless both are lists of one length.
        """
        masks = self._masks_of(inputs, mask)
        if any(m is None for m in masks):
            return None
        result, *others = masks
        for other in others:
            result = ops.logical_or(result, other)
        return result

    def _masks_of(self, inputs: Any, mask: Any) -> Any:
        """A mask or None for each input; one None where there are no masks."""
        if mask is None:
            return [None]
        lists = isinstance(inputs, (list, tuple)) and isinstance(mask, (list, tuple))
        if not lists or len(inputs) != len(mask):
            raise ShapeError(
                "The masks do not fit the inputs.",
                where=f"layer {self.name!r}, compute_mask",
                expected="a list of inputs, and as long a list of masks",
                received=f"{_counted(inputs)} and {_counted(mask)}",
                remedy="give None for an input without a mask",
            )
        return mask


def _counted(value: Any) -> str:
    """How long a list is, for a message."""
    listed = isinstance(value, (list, tuple))
    return f"a list of {len(value)}" if listed else type(value).__name__


def _of_one_rank(inputs: Any) -> list[Any]:
    rank = max(x.ndim for x in inputs)
    return [_with_rank(x, rank) for x in inputs]


def _with_rank(x: Any, rank: int) -> Any:
    while x.ndim < rank:
        x = ops.expand_dims(x, 1)
    return x


def _counts(x: Any) -> Any:
    """The mask of a tensor, to be held against its features; None for all."""
    mask = mask_of(x)
    return None if mask is None else ops.expand_dims(ops.cast(mask, "bool"), -1)


@keras_class("keras.layers")
class Add(Merge):
    """The sum of the inputs."""

    def merge(self, left: Any, right: Any) -> Any:
        """`left + right`."""
        return ops.add(left, right)


@keras_class("keras.layers")
class Subtract(Merge):
    """The difference of two inputs."""

    def merge(self, left: Any, right: Any) -> Any:
        """`left - right`."""
        return ops.subtract(left, right)

    def build(self, input_shape: Any) -> None:
        """Checks that there are exactly two inputs."""
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ShapeError(
                "Subtract takes two tensors.",
                where=f"layer {self.name!r}",
                received=len(input_shape),
            )


@keras_class("keras.layers")
class Multiply(Merge):
    """The product of the inputs; what an input's mask leaves out is no factor."""

    def merge(self, left: Any, right: Any) -> Any:
        """`left * right`."""
        return ops.multiply(left, right)

    def call(self, inputs: Any) -> Any:
        """A list of tensors to one tensor; 0 where no input counts."""
        parts = _of_one_rank(inputs)
        masks = [_counts(x) for x in parts]
        factors = [
            x if mask is None else ops.where(mask, x, 1)
            for x, mask in zip(parts, masks, strict=True)
        ]
        product = super().call(factors)
        if any(mask is None for mask in masks):
            return product
        return ops.where(reduce(ops.logical_or, masks), product, 0)


class Extreme(Merge):
    """Base: what an input's mask leaves out gives way to the other inputs."""

    def call(self, inputs: Any) -> Any:
        """A list of tensors to one tensor."""
        result, *others = _of_one_rank(inputs)
        mask = _counts(result)
        for other in others:
            its = _counts(other)
            if its is not None:
                other = ops.where(its, other, result)
            if mask is not None:
                result = ops.where(mask, result, other)
            both = mask is not None and its is not None
            mask = ops.logical_or(mask, its) if both else None
            result = self.merge(result, other)
        return result


@keras_class("keras.layers")
class Maximum(Extreme):
    """The largest of the inputs."""

    def merge(self, left: Any, right: Any) -> Any:
        """The larger of each pair."""
        return ops.maximum(left, right)


@keras_class("keras.layers")
class Minimum(Extreme):
    """The smallest of the inputs."""

    def merge(self, left: Any, right: Any) -> Any:
        """The smaller of each pair."""
        return ops.minimum(left, right)


@keras_class("keras.layers")
class Average(Add):
    """The mean of the inputs."""

    def call(self, inputs: Any) -> Any:
        """A list of tensors to one tensor."""
        return super().call(inputs) / float(len(inputs))


@keras_class("keras.layers")
class Concatenate(Merge):
    """The inputs joined along an axis.

    Args:
        axis: default -1.

    Raises:
        ShapeError: when it is called, if the shapes differ along another axis.
    """

    _makes_masks = False

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        """A list of tensors to one tensor."""
        self._check_shapes([tuple(x.shape) for x in inputs])
        return ops.concatenate(list(inputs), self.axis)

    def _check_shapes(self, shapes: list[tuple[int | None, ...]]) -> None:
        ranks = {len(shape) for shape in shapes}
        place = one_axis(self.axis, max(ranks))
        sizes = [set(along) - {None} for along in zip(*shapes)]
        if len(ranks) > 1 or any(
            len(known) > 1 for i, known in enumerate(sizes) if i != place
        ):
            raise ShapeError(
                "The inputs cannot be joined along this axis.",
                where=f"layer {self.name!r}",
                expected=f"shapes that are equal but for axis {place}",
                received=", ".join(map(str, shapes)),
                remedy="choose axis= for these shapes",
            )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks joined along the axis; all of an input without one counts.

        Raises:
            ShapeError: unless both are lists of one length.
        """
        masks = self._masks_of(inputs, mask)
        if all(m is None for m in masks):
            return None
        full = [_full_mask(x, m) for x, m in zip(inputs, masks, strict=True)]
        return ops.any(ops.concatenate(full, self.axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}


@keras_class("keras.layers")
class Dot(Merge):
    """The product of two inputs, summed along an axis of each, row by row.

    Args:
        axes: the axis of both, or one for each; not 0, the rows.
        normalize: divide by the lengths along the axes first, which gives the
            cosine of the angle. Default False.

    Shapes: (rows, a..., k, b...) and (rows, c..., k, d...) to
    (rows, a..., b..., c..., d...); two vectors to (rows, 1).

    Raises:
        ArgumentError: axes that are no one or two whole numbers.
        ShapeError: when it is called, if the sizes along the axes differ.

    Example:

    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0]], "float32")
    >>> Dot(axes=1)([x, x])
    array([[5.]], dtype=float32)
    """

    _makes_masks = False

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = [axes, axes] if isinstance(axes, int) else axes
        good = isinstance(pair, (list, tuple)) and len(pair) == 2
        if not good or not all(isinstance(i, int) for i in pair):
            raise ArgumentError(
                "axes is one axis for both inputs, or one for each.",
                where=f"layer {self.name!r}, axes",
                expected="a whole number, or two of them",
                received=repr(axes),
                remedy="write axes=-1, or axes=(1, 2)",
            )
        self.axes = axes
        self.normalize = normalize

    def _places(self, shapes: Any) -> list[int]:
        pair = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        return [one_axis(i, len(s)) for i, s in zip(pair, shapes, strict=True)]

    def build(self, input_shape: Any) -> None:
        """Checks that there are two inputs, whose sizes along the axes agree."""
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ShapeError("Dot takes two tensors.", received=len(input_shape))
        places = self._places(input_shape)
        sizes = [shape[i] for shape, i in zip(input_shape, places)]
        if 0 in places or sizes[0] != sizes[1]:
            raise ShapeError(
                "The inputs cannot be multiplied along these axes.",
                expected=f"axes {tuple(places)} of one size, and not the rows'",
                received=f"shapes {input_shape[0]} and {input_shape[1]}",
                remedy="choose axes= for these shapes",
            )

    def call(self, inputs: Any) -> Any:
        """A list of two tensors to one tensor."""
        places = self._places([x.shape for x in inputs])
        if self.normalize:
            inputs = [ops.normalize(x, axis=i) for x, i in zip(inputs, places)]
        left, right = inputs
        # The rows are r and the summed axis is s in both; the others are kept.
        names = [f"r{letters[: x.ndim - 1]}" for x, letters in zip(inputs, _LETTERS)]
        first, second = (
            f"{name[:i]}s{name[i + 1 :]}" for name, i in zip(names, places)
        )
        kept = (first + second[1:]).replace("s", "")
        product = ops.einsum(f"{first},{second}->{kept}", left, right)
        return ops.expand_dims(product, 1) if len(kept) == 1 else product

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axes": self.axes,
            "normalize": self.normalize,
        }

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the steps are summed up."""
        return None


def _full_mask(x: Any, mask: Any) -> Any:
    """A mask of the shape of its tensor."""
    if mask is None:
        return ops.ones_like(x, dtype="bool")
    if mask.ndim >= x.ndim:
        return mask
    while mask.ndim < x.ndim:
        mask = ops.expand_dims(mask, -1)
    return ops.logical_or(mask, ops.zeros_like(x, dtype="bool"))


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the inputs, as a call of a new `Add`."""
    return Add(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of the inputs, as a call of a new `Average`."""
    return Average(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The inputs joined along an axis, as a call of a new `Concatenate`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """The product of two inputs summed along an axis, as a call of a new `Dot`."""
    return Dot(axes=axes, **kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The largest of the inputs, as a call of a new `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smallest of the inputs, as a call of a new `Minimum`."""
    return Minimum(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of the inputs, as a call of a new `Multiply`."""
    return Multiply(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The difference of two inputs, as a call of a new `Subtract`."""
    return Subtract(**kwargs)(inputs)
