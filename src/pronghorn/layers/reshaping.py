"""Layers that change shapes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, DtypeError, ShapeError
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.core import known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]


@keras_class("keras.layers")
class Flatten(ByShape):
    """Each row as one vector.

    Args:
        data_format: "channels_last" (default), or "channels_first": the first axis of a
            row is put last before.

    Shapes: (rows, a, b, ...) to (rows, a * b * ...); (rows,) to (rows, 1).

    Raises:
        ArgumentError: another format.

    Example:

    >>> import numpy as np
    >>> x = np.arange(6.0, dtype="float32").reshape(1, 2, 3)
    >>> Flatten("channels_first")(x)
    array([[0., 3., 1., 4., 2., 5.]], dtype=float32)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if data_format not in (None, "channels_last", "channels_first"):
            raise ArgumentError(
                "There is no such format.",
                where=f"layer {self.name!r}, data_format",
                expected="'channels_last' or 'channels_first'",
                received=repr(data_format),
                remedy="leave it out",
            )
        self.data_format = data_format or "channels_last"
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """(rows, a, b, ...) to (rows, a * b * ...)."""
        if self.data_format == "channels_first" and inputs.ndim > 1:
            inputs = ops.transpose(inputs, (0, *range(2, inputs.ndim), 1))
        shape = ops.shape(inputs)
        if not isinstance(shape[0], int):
            for axis in range(1, len(shape)):
                known_size(inputs.shape, axis, self)
        return ops.reshape(inputs, (shape[0], prod(shape[1:])))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, a * b * ...), or (rows, None) where a size is open."""
        inner = input_shape[1:]
        return (input_shape[0], None if None in inner else prod(inner))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format}


@keras_class("keras.layers")
class Reshape(ByShape):
    """Each row in another shape of as many elements.

    Args:
        target_shape: the shape of one row; one size may be -1.

    Shapes: (rows, ...) to (rows, *target_shape).

    Raises:
        ArgumentError: a size below -1, or -1 twice.
        ShapeError: when it is called, if the elements do not fit.

    Example:

    >>> import numpy as np
    >>> Reshape((-1, 2))(np.zeros((5, 6), "float32")).shape
    (5, 3, 2)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = tuple(target_shape)
        if any(d is None or d < -1 for d in sizes) or sizes.count(-1) > 1:
            raise ArgumentError(
                "target_shape is the shape of one row.",
                where=f"layer {self.name!r}, target_shape",
                expected="whole numbers from 0 up, at most one of them -1",
                received=repr(target_shape),
                remedy="write target_shape=(3, 2), or (-1, 2)",
            )
        self.target_shape = sizes
        self._build_at_init()

    def call(self, inputs: Any) -> Any:
        """(rows, ...) to (rows, *target_shape)."""
        rows = ops.shape(inputs)[0]
        return ops.reshape(inputs, (rows, *self._sizes(tuple(inputs.shape))))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, *target_shape), with None for -1 where a size is open."""
        return (input_shape[0], *self._sizes(tuple(input_shape)))

    def _sizes(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The sizes of a row; None for -1 where a size of the input is open."""
        inner = [d for d in shape[1:] if d is not None]
        if len(inner) < len(shape) - 1:
            return tuple(None if d == -1 else d for d in self.target_shape)
        have = prod(inner)
        want = prod(d for d in self.target_shape if d != -1)
        open_size = -1 in self.target_shape
        if (have % want if want else have) if open_size else have != want:
            raise ShapeError(
                "The elements of a row do not fit the target.",
                expected=f"{want} elements a row, for target_shape "
                f"{self.target_shape}{', or a multiple' if open_size else ''}",
                received=f"{have}, from shape {shape}",
                remedy="choose sizes whose product is that of the input's",
            )
        rest = have // want if want else 0
        return tuple(rest if d == -1 else d for d in self.target_shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "target_shape": self.target_shape}


@keras_class("keras.layers")
class Permute(Layer):
    """The axes of each row in another order.

    Args:
        dims: the axes in their new order, counted from 1; axis 0, the rows, stays.

    Raises:
        ArgumentError: if `dims` is no order of 1, 2, ...

    Example:

    >>> import numpy as np
    >>> Permute((2, 1))(np.zeros((5, 3, 2), "float32")).shape
    (5, 2, 3)
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ArgumentError(
                "dims is an order of the axes of one row.",
                where=f"layer {self.name!r}, dims",
                expected="each of 1, 2, ... once",
                received=repr(dims),
                remedy="write dims=(2, 1) to exchange two axes",
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """(rows, ...) to the same sizes in another order."""
        return ops.transpose(inputs, (0, *self.dims))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "dims": self.dims}


@keras_class("keras.layers")
class RepeatVector(ByShape):
    """Each row `n` times, along a new axis.

    Args:
        n: how often.

    Shapes: (rows, features) to (rows, n, features).

    Raises:
        ArgumentError: if `n` is below 1.
        DtypeError: if it is no whole number.

    Example:

    >>> import numpy as np
    >>> RepeatVector(3)(np.zeros((5, 2), "float32")).shape
    (5, 3, 2)
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(n, (int, np.integer)):
            raise DtypeError(
                "n is no whole number.",
                where=f"layer {self.name!r}, n",
                expected="a whole number from 1 up",
                received=repr(n),
                remedy="write n=3, say",
            )
        self.n = whole(n, "n", "RepeatVector")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """(rows, features) to (rows, n, features)."""
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, n, features)."""
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "n": self.n}
