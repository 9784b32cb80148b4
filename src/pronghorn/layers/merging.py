"""Layers of several inputs."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.errors import ShapeError
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "concatenate",
]


class Merge(Layer):
    """Base: the inputs are combined one after another; shapes broadcast.

    An input with fewer axes gets new ones behind that of the rows.
    """

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
        rank = max(x.ndim for x in inputs)
        result, *others = [_with_rank(x, rank) for x in inputs]
        for other in others:
            result = self.merge(result, other)
        return result


def _with_rank(x: Any, rank: int) -> Any:
    while x.ndim < rank:
        x = ops.expand_dims(x, 1)
    return x


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
    """The product of the inputs."""

    def merge(self, left: Any, right: Any) -> Any:
        """`left * right`."""
        return ops.multiply(left, right)


@keras_class("keras.layers")
class Maximum(Merge):
    """The largest of the inputs."""

    def merge(self, left: Any, right: Any) -> Any:
        """The larger of each pair."""
        return ops.maximum(left, right)


@keras_class("keras.layers")
class Minimum(Merge):
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
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        """A list of tensors to one tensor."""
        return ops.concatenate(list(inputs), self.axis)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The inputs joined along an axis, as a call of a new `Concatenate`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the inputs, as a call of a new `Add`."""
    return Add(**kwargs)(inputs)
