"""Where data enters a model: `Input` and the layer behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.ir.dtypes import standard
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.layer import Layer
from pronghorn.layers.node import CallNode
from pronghorn.layers.shapes import row_shape
from pronghorn.naming import auto_name
from pronghorn.registry import keras_class

__all__ = ["Input", "InputLayer"]

Shape = Sequence[int | None]


@keras_class("keras.layers")
class InputLayer(Layer):
    """The place where data enters a model.

    Args:
        shape: the shape of one row.
        batch_size: the number of rows, where it is always the same. Shapes tell it;
            the model takes any number of rows all the same. Default None.
        dtype: default "float32"; "int32" for ids; "string" for text, which lookup and
            hash layers read.
        sparse, ragged: must be false: an input is a dense array.
        batch_shape: the shape with the rows in front; instead of `shape` and
            `batch_size`.
        input_tensor: a symbolic tensor to stand for the input, instead of a new one.
        optional: whether the model may get None in its place. Default False.
        name: default "input_layer".

    Raises:
        ArgumentError: no shape, or two that may differ.
        UnsupportedError: a sparse or ragged input.

    Example:

    >>> InputLayer(shape=(3,), batch_size=2).batch_shape
    (2, 3)
    """

    def __init__(
        self,
        shape: Shape | int | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Shape | None = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        super().__init__(name=name or auto_name("input_layer"), **kwargs)
        where = f"Input {self.name!r}"
        self.sparse, self.ragged = bool(sparse), bool(ragged)
        self.optional = bool(optional)
        if input_tensor is not None:
            _check_agrees(
                where, input_tensor, shape, batch_size, batch_shape, dtype, sparse
            )
            shape, batch_size, batch_shape = None, None, input_tensor.shape
            dtype = input_tensor.dtype
        if self.sparse or self.ragged:
            raise UnsupportedError(
                "An input is a dense array.",
                where=where,
                remedy="leave out sparse and ragged, and pass x.toarray()",
            )
        self.batch_shape = _whole_shape(where, shape, batch_size, batch_shape)
        self._input_shape_argument = self.batch_shape[1:]
        self._dtype = standard(dtype or "float32")
        # In Keras lookups want ids of 64 bits, so files say so where the user did.
        self._wide = self._dtype == "int32" and np.dtype(dtype).itemsize == 8
        self._dtype = "float32" if self._dtype == "float64" else self._dtype
        self._build_at_init()
        if input_tensor is None:
            input_tensor = KerasTensor(self.batch_shape, self._dtype, self.name)
        CallNode(self, (), {}, input_tensor)

    @property
    def dtype(self) -> str:
        """The dtype of the data."""
        return self._dtype

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Nothing: the model puts its data in place of the output."""

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "batch_shape": self.batch_shape,
            "dtype": "int64" if self._wide else self.dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def Input(
    shape: Shape | int | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    batch_shape: Shape | None = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic tensor that stands for a model's data.

    Args:
        shape: the shape of one row.
        batch_size: the number of rows, where it is always the same. Default None.
        dtype: default "float32"; "int32" for ids; "string" for text, which lookup and
            hash layers read.
        sparse: must be false.
        batch_shape: the shape with the rows in front; instead of `shape` and
            `batch_size`.
        name: default "input_layer".
        tensor: a symbolic tensor to stand for the input, instead of a new one.
        optional: whether the model may get None in its place. Default False.

    Raises:
        ArgumentError: no shape, or two that may differ.

    Example:

    >>> Input(shape=(3,)).shape, Input(shape=(3,), batch_size=2).shape
    ((None, 3), (2, 3))
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
    )
    return layer._inbound_nodes[0].output_tensors[0]


def _whole_shape(
    where: str, shape: Any, batch_size: int | None, batch_shape: Any
) -> tuple[int | None, ...]:
    """The shape with the rows in front."""
    if batch_shape is not None:
        for name, value in (("shape", shape), ("batch_size", batch_size)):
            if value is not None:
                raise ArgumentError(
                    f"An input takes {name} or batch_shape, and not both.",
                    where=where,
                    expected="shape and batch_size, or batch_shape",
                    received=f"{name}={value!r}, batch_shape={batch_shape!r}",
                    remedy=f"leave out {name}",
                )
        sizes = tuple(batch_shape)
        if not sizes:
            raise _no_shape(where, "batch_shape=()")
    elif shape is None:
        raise _no_shape(where, "none")
    else:
        row = (shape,) if isinstance(shape, int) else tuple(shape)
        sizes = (batch_size, *row)
    first = row_shape({"input_shape": sizes[:1]}, where)
    rest = row_shape({"input_shape": sizes[1:]}, where)
    return (*first, *rest)  # type: ignore[misc]


def _no_shape(where: str, received: str) -> ArgumentError:
    return ArgumentError(
        "An input needs the shape of one row.",
        where=where,
        expected="shape=(number of columns,)",
        received=received,
        remedy="write shape=(number of columns,)",
    )


def _check_agrees(
    where: str,
    tensor: Any,
    shape: Any,
    batch_size: int | None,
    batch_shape: Any,
    dtype: Any,
    sparse: bool | None,
) -> None:
    """Raises where a tensor is not what the other arguments say."""
    if not isinstance(tensor, KerasTensor):
        raise ArgumentError(
            "An input stands for a symbolic tensor.",
            where=f"{where}, input_tensor",
            expected="what Input(...) or a layer called on it returned",
            received=type(tensor).__name__,
            remedy="pass arrays to the model, and leave out input_tensor",
        )
    given = {
        "shape": (None if shape is None else tuple(shape), tensor.shape[1:]),
        "batch_size": (batch_size, (tensor.shape or (None,))[0]),
        "batch_shape": (
            None if batch_shape is None else tuple(batch_shape),
            tensor.shape,
        ),
        "dtype": (None if dtype is None else str(dtype), tensor.dtype),
        "sparse": (sparse, tensor.sparse),
    }
    for name, (said, found) in given.items():
        if said is not None and said != found:
            raise ArgumentError(
                f"An input's {name} is not that of its tensor.",
                where=f"{where}, {name}",
                expected=repr(found),
                received=repr(said),
                remedy=f"leave out {name}: the tensor tells it",
            )
