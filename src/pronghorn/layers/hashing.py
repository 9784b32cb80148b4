"""Layers that put text and ids into bins by their hash, alone and crossed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DataError, ShapeError, UnsupportedError
from pronghorn.layers.core import whole
from pronghorn.layers.hashes import cross_hashes, hashed
from pronghorn.layers.host import HostLayer
from pronghorn.layers.lookup_columns import columns_on_host
from pronghorn.registry import keras_class

__all__ = ["HashedCrossing", "Hashing"]

_INTEGERS = ("int32", "int64")


def _bins(value: Any, layer: str) -> int:
    if value is None:
        raise ArgumentError(
            "The number of bins cannot be `None`.",
            where=f"{layer}(num_bins=)",
            expected="a whole number from 1 up",
            received="None",
            remedy="write num_bins=100, say",
        )
    return whole(value, "num_bins", layer)


def _mode(value: Any, known: Sequence[str], sparse: bool, where: str) -> str:
    if value not in known:
        raise ArgumentError(
            "There is no such way to give bins out.",
            where=f"{where}, output_mode",
            expected=" or ".join(map(repr, known)),
            received=repr(value),
        )
    if sparse and value == "int":
        raise ArgumentError(
            "The numbers of bins are never sparse.",
            where=f"{where}, sparse",
            expected="False, for output_mode='int'",
            received=repr(sparse),
            remedy="leave it out",
        )
    if sparse:
        raise UnsupportedError(
            "Arrays are dense here.",
            where=f"{where}, sparse",
            expected="False",
            received=repr(sparse),
            remedy="leave it out; for many bins use output_mode='int' and "
            "layers.Embedding",
        )
    return str(value)


def _columns_shape(shape: Sequence[Any], mode: str, depth: int) -> tuple[Any, ...]:
    """The shape of bins as columns, for ids of a shape."""
    if not shape:
        return (1, depth) if mode == "one_hot" else (depth,)
    single = mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1)
    return (*(shape if single else shape[:-1]), depth)


@keras_class("keras.layers")
class Hashing(HostLayer):
    """Text or whole numbers as the numbers of bins: their hash, modulo `num_bins`.

    Whole numbers are hashed as their decimal digits, and floats are cut to whole
    numbers. Values that share a bin cannot be told apart afterwards.

    Args:
        num_bins: how many bins there are, that of `mask_value` included.
        mask_value: the value that gets bin 0, all others get bins from 1 up. Default
            none, and bins start at 0.
        salt: a whole number, or two, as the key of SipHash-2-4. Without one, which is
            the default, FarmHash64 is used.
        output_mode: "int" (default): the bins. "one_hot": a set of columns for each
            value. "multi_hot": 1 for each bin of a row. "count": how often a bin comes
            in the row.
        sparse: only False.

    Shapes: (rows, ...) to int32 of the same. "one_hot": (rows, 1) or (rows,) to
    (rows, num_bins), (rows, n) to (rows, n, num_bins). The others: (rows, ..., n) to
    (rows, ..., num_bins). Columns are float32, or int32 where `dtype` is so.

    Raises:
        ArgumentError: no positive number of bins, another mode, a salt of another kind,
            a `dtype` of floats where `output_mode` is "int".
        UnsupportedError: `sparse=True`.

    Source: see `pronghorn.layers.hashes`.

    Example:

    >>> Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).ravel()
    array([1, 0, 1, 1, 2], dtype=int32)
    >>> Hashing(num_bins=3, salt=133, output_mode="one_hot")(["A", "C"])
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """

    supports_jit = False

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: int | Sequence[int] | None = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else "float32"
        super().__init__(**kwargs)
        where = f"layer {self.name!r}"
        self.num_bins = _bins(num_bins, "Hashing")
        modes = ("int", "one_hot", "multi_hot", "count")
        self.output_mode = _mode(output_mode, modes, sparse, where)
        if output_mode == "int" and self.dtype_policy.name not in _INTEGERS:
            raise ArgumentError(
                "The numbers of bins are whole numbers.",
                where=f"{where}, dtype",
                expected="'int32' or 'int64'",
                received=repr(self.dtype_policy.name),
                remedy="leave it out",
            )
        self.mask_value = mask_value
        self.salt = self._checked_salt(salt)
        self.strong_hash = salt is not None
        self.sparse = sparse

    def _checked_salt(self, salt: Any) -> list[int] | None:
        if salt is None:
            return None
        pair = [salt, salt] if isinstance(salt, int) else salt
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ArgumentError(
                "A salt is a whole number, or two.",
                where=f"layer {self.name!r}, salt",
                expected="such as 133, or [133, 137]",
                received=repr(salt),
            )
        return [whole(part, "salt", "Hashing", least=-(2**63)) for part in pair]

    @property
    def output_dtype(self) -> str:
        """The dtype of the output."""
        return "int32" if self.dtype_policy.name in _INTEGERS else self.compute_dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input; for columns their number comes last."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        return _columns_shape(shape, self.output_mode, self.num_bins)

    def call_on_host(self, *inputs: np.ndarray) -> np.ndarray:
        """Values to bins."""
        (values,) = inputs
        bins, masked = self.num_bins, None
        if self.mask_value is not None and bins > 1:
            bins, masked = bins - 1, self._blanked(values)
        hashes = hashed(values, self.salt)
        ids = (hashes % bins).astype(np.int64).reshape(values.shape)
        if masked is not None:
            ids = np.where(masked, 0, ids + 1)
        if self.output_mode == "int":
            return ids
        columns = columns_on_host(ids, self.output_mode, self.num_bins, None)
        return columns.astype(self.output_dtype)

    def _blanked(self, values: np.ndarray) -> np.ndarray:
        text = isinstance(self.mask_value, (str, bytes))
        if text != (values.dtype.kind == "O"):
            raise DataError(
                "The mask value is of another kind than the data.",
                where=f"layer {self.name!r}",
                expected="text" if text else "numbers",
                received="numbers" if text else "text",
                remedy="give a mask_value of the data's kind",
            )
        value = self.mask_value
        value = value.decode("utf-8") if isinstance(value, bytes) else value
        return np.asarray(values == value, bool)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


@keras_class("keras.layers")
class HashedCrossing(HostLayer):
    """Several values of a row as the number of one bin: the hash of all of them.

    What two features say together gets columns of its own, without a list of all
    their pairs.

    Args:
        num_bins: how many bins there are.
        output_mode: "int" (default): the bins, or "one_hot": a set of columns.
        sparse: only False.

    Shapes: a list of two or more inputs of text or whole numbers, all of shape
    (rows, 1), (rows,) or (), to int32 of the same; "one_hot": to float32
    (rows, num_bins).

    Raises:
        ArgumentError: no positive number of bins, another mode, fewer than two inputs.
        ShapeError: inputs of other shapes, or of several.
        DataError: floats.
        UnsupportedError: `sparse=True`.

    Example:

    >>> layer = HashedCrossing(num_bins=5)
    >>> layer((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102]))
    array([1, 4, 1, 1, 3], dtype=int32)
    """

    supports_jit = False
    several_inputs = True

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        if output_mode == "int" and dtype is None:
            dtype = "int64"
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.num_bins = _bins(num_bins, "HashedCrossing")
        where = f"layer {self.name!r}"
        self.output_mode = _mode(output_mode, ("int", "one_hot"), sparse, where)
        self.sparse = sparse

    @property
    def output_dtype(self) -> str:
        """The dtype of the output."""
        return "int32" if self.dtype_policy.name in _INTEGERS else self.compute_dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of each input; for columns their number comes last."""
        given = all(isinstance(shape, (list, tuple)) for shape in input_shape)
        if not given or len(input_shape) < 2:
            raise self._too_few(input_shape)
        shapes = [tuple(shape) for shape in input_shape]
        self._check_shapes(shapes)
        if self.output_mode == "int":
            return shapes[0]
        return _columns_shape(shapes[0], "one_hot", self.num_bins)

    def call_on_host(self, *inputs: np.ndarray) -> np.ndarray:
        """Columns of values to bins."""
        if len(inputs) < 2:
            raise self._too_few([x.shape for x in inputs])
        self._check_shapes([x.shape for x in inputs])
        hashes = [self._numbers(x) for x in inputs]
        ids = (cross_hashes(hashes) % self.num_bins).astype(np.int64)
        ids = ids.reshape(inputs[0].shape)
        if self.output_mode == "int":
            return (
                ids if self.output_dtype == "int32" else ids.astype(self.output_dtype)
            )
        columns = columns_on_host(ids, "one_hot", self.num_bins, None)
        return columns.astype(self.output_dtype)

    def _numbers(self, values: np.ndarray) -> np.ndarray:
        """Text as its hash; whole numbers as they are."""
        if values.dtype.kind == "O":
            return hashed(values)
        if values.dtype.kind != "i":
            raise DataError(
                "Crossed inputs should have an integer or string dtype.",
                where=f"layer {self.name!r}",
                expected="text or whole numbers",
                received=f"dtype {values.dtype}",
                remedy="use layers.Discretization first: its bins can be crossed",
            )
        return values.ravel().view(np.uint64)

    def _check_shapes(self, shapes: Sequence[tuple[Any, ...]]) -> None:
        first = shapes[0]
        if len(first) > 2 or (len(first) == 2 and first[-1] != 1):
            raise ShapeError(
                "Crossed inputs hold one value in each row.",
                where=f"layer {self.name!r}",
                expected="shapes (), (rows,) or (rows, 1)",
                received=", ".join(map(str, shapes)),
            )
        if any(shape != first for shape in shapes):
            raise ShapeError(
                "Crossed inputs have equal shapes.",
                where=f"layer {self.name!r}",
                expected=f"{first} for each",
                received=", ".join(map(str, shapes)),
            )

    def _too_few(self, received: Any) -> ArgumentError:
        return ArgumentError(
            "At least two inputs are crossed, given as a list.",
            where=f"layer {self.name!r}",
            expected="a list or a tuple of two or more",
            received=repr(received),
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype_policy.name,
        }
