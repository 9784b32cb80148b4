"""Layers that change shapes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError
from pronghorn.layers.core import known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]


@keras_class("keras.layers")
class Flatten(Layer):
    """Each row as one vector.

    Args:
        data_format: only "channels_last".

    Shapes: (rows, a, b, ...) to (rows, a * b * ...); (rows,) to (rows, 1).
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if data_format not in (None, "channels_last"):
            raise UnsupportedError(
                "Flatten takes channels last.",
                where=f"layer {self.name!r}",
                expected="channels_last",
                received=repr(data_format),
            )
        self.data_format = "channels_last"
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """(rows, a, b, ...) to (rows, a * b * ...)."""
        shape = ops.shape(inputs)
        for axis in range(1, len(shape)):
            known_size(inputs.shape, axis, self)
        return ops.reshape(inputs, (shape[0], prod(shape[1:])))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format}


@keras_class("keras.layers")
class Reshape(Layer):
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
        shape = ops.shape(inputs)
        have = prod(known_size(inputs.shape, i, self) for i in range(1, len(shape)))
        want = prod(d for d in self.target_shape if d != -1)
        open_size = -1 in self.target_shape
        if (have % want if want else have) if open_size else have != want:
            raise ShapeError(
                "The elements of a row do not fit the target.",
                expected=f"{want} elements a row, for target_shape "
                f"{self.target_shape}{', or a multiple' if open_size else ''}",
                received=f"{have}, from shape {tuple(inputs.shape)}",
                remedy="choose sizes whose product is that of the input's",
            )
        rest = have // want if want else 0
        sizes = [rest if d == -1 else d for d in self.target_shape]
        return ops.reshape(inputs, (shape[0], *sizes))

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
class RepeatVector(Layer):
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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "n": self.n}
