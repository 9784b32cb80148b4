"""What of TensorFlow is more than an operation under another name."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from pronghorn import ops, random
from pronghorn.accel.eager import Tensor, followed, shown, tensor
from pronghorn.errors import ArgumentError
from pronghorn.ir import Variable as OurVariable
from pronghorn.tree import map_structure

__all__ = [
    "PhysicalDevice",
    "TensorShape",
    "TensorSpec",
    "Variable",
    "add_n",
    "boolean_mask",
    "constant",
    "convert_to_tensor",
    "device",
    "eye",
    "fill",
    "function",
    "gather",
    "gradient_tape",
    "identity",
    "l2_loss",
    "linspace",
    "list_physical_devices",
    "matmul",
    "norm",
    "normal",
    "one_hot",
    "ones",
    "print_",
    "range_",
    "rank",
    "set_seed",
    "shape",
    "shuffle",
    "sigmoid_cross_entropy",
    "size",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
    "split",
    "truncated_normal",
    "uniform",
    "unstack",
    "where",
    "zeros",
]


class Variable(OurVariable):
    """`tf.Variable`: made of its first value; `assign` gives the variable itself.

    Args:
        initial_value: numbers, an array, or a function without arguments.
        trainable: default True.
        name: default "Variable".
        dtype: default that of the value; doubles become float32.
        shape: has to be that of the value, where it is given.

    Example:

    >>> v = Variable(3.0)
    >>> v.assign_add(1.0).numpy()
    array(4., dtype=float32)
    """

    __slots__ = ()

    def __init__(
        self,
        initial_value: Any,
        trainable: bool | None = True,
        name: str | None = None,
        dtype: Any = None,
        shape: Sequence[int] | None = None,
    ) -> None:
        value = initial_value() if callable(initial_value) else initial_value
        value = np.asarray(tensor(value, dtype))
        super().__init__(value, shape, dtype, trainable is not False)
        self.name = self.path = name or "Variable"  # slashes are TensorFlow's too

    def assign(self, value: Any, **_: Any) -> Any:
        """Sets the value, and gives the variable."""
        super().assign(followed(value))
        return self

    def assign_add(  # type: ignore[override]
        self, delta: Any, **_: Any
    ) -> Any:
        """Adds to the value, and gives the variable."""
        return self.assign(self.value + followed(delta))

    def assign_sub(  # type: ignore[override]
        self, delta: Any, **_: Any
    ) -> Any:
        """Subtracts from the value, and gives the variable."""
        return self.assign(self.value - followed(delta))

    def read_value(self) -> Any:
        """The value now."""
        return shown(self.value)

    def __getitem__(self, key: Any) -> Any:
        return shown(super().__getitem__(key))

    def __repr__(self) -> str:
        return (
            f"<tf.Variable '{self.name}:0' shape={self.shape} dtype={self.dtype}, "
            f"numpy={self.numpy()!r}>"
        )


class TensorShape(tuple[Any, ...]):
    """A shape, with TensorFlow's questions.

    >>> TensorShape([None, 3]).as_list()
    [None, 3]
    """

    __slots__ = ()

    def as_list(self) -> list[Any]:
        """The sizes in a list."""
        return list(self)

    @property
    def rank(self) -> int:
        """How many axes."""
        return len(self)


class TensorSpec(NamedTuple):
    """What an input of a `tf.function` looks like; it is run as it is called here."""

    shape: Any
    dtype: Any = np.dtype("float32")
    name: str | None = None


class PhysicalDevice(NamedTuple):
    """A device: the processor."""

    name: str
    device_type: str


# --- making tensors


def constant(
    value: Any, dtype: Any = None, shape: Any = None, name: str | None = None
) -> Any:
    """A tensor of given numbers, spread over `shape` where one is given."""
    made = tensor(value, dtype)
    if shape is None:
        return made
    full = made.reshape(shape) if made.size > 1 else np.broadcast_to(made, shape)
    return tensor(np.array(full), dtype)


def convert_to_tensor(value: Any, dtype: Any = None, **_: Any) -> Any:
    """`value` as a tensor; a variable by its value now."""
    return tensor(followed(value), dtype)


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """A tensor of zeros."""
    return shown(ops.zeros(_sizes(shape), dtype))


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """A tensor of ones."""
    return shown(ops.ones(_sizes(shape), dtype))


def fill(dims: Any, value: Any, name: str | None = None) -> Any:
    """A tensor of one number."""
    return shown(ops.full(_sizes(dims), value), keep=())


def eye(
    num_rows: int,
    num_columns: int | None = None,
    dtype: Any = "float32",
    name: str | None = None,
) -> Any:
    """The identity matrix."""
    return shown(ops.eye(num_rows, num_columns, dtype=dtype))


def range_(
    start: Any,
    limit: Any = None,
    delta: Any = 1,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Numbers in equal steps, `limit` left out."""
    first, last = (0, start) if limit is None else (start, limit)
    return tensor(np.arange(first, last, delta), dtype)


def linspace(
    start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0
) -> Any:
    """`num` numbers from `start` to `stop`, both included."""
    ends = (np.asarray(start), np.asarray(stop))
    return tensor(np.linspace(*ends, int(num), axis=axis))


def one_hot(
    indices: Any,
    depth: int,
    on_value: Any = 1.0,
    off_value: Any = 0.0,
    axis: int = -1,
    dtype: Any = "float32",
    name: str | None = None,
) -> Any:
    """`on_value` at each index, `off_value` elsewhere."""
    marked = ops.one_hot(followed(indices), int(depth), axis, "float32")
    if (on_value, off_value) != (1.0, 0.0):
        marked = marked * (on_value - off_value) + off_value
    return shown(ops.cast(marked, dtype))


def _sizes(shape: Any) -> tuple[Any, ...]:
    if isinstance(shape, np.ndarray):
        return tuple(int(d) for d in np.ravel(shape))
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    return tuple(int(d) if isinstance(d, (np.ndarray, float)) else d for d in sizes)


# --- looking at tensors


def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The sizes of the axes; of a symbolic tensor with its batch, for `ops`."""
    sizes = ops.shape(followed(tensor(input)))
    whole = all(isinstance(d, (int, np.integer)) for d in sizes)
    return tensor(np.array(sizes, np.int32)) if whole else sizes


def size(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The number of elements."""
    return tensor(ops.size(followed(tensor(input))))


def rank(input: Any, name: str | None = None) -> Any:
    """The number of axes."""
    return tensor(len(tensor(input).shape))


# --- computing


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    name: str | None = None,
) -> Any:
    """The product of matrices."""
    left, right = followed(tensor(a)), followed(tensor(b))
    left = ops.swapaxes(left, -1, -2) if transpose_a else left
    right = ops.swapaxes(right, -1, -2) if transpose_b else right
    return shown(ops.matmul(left, right))


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: int | None = 0,
    name: str | None = None,
) -> Any:
    """Rows by number (or what lies along another axis)."""
    return shown(ops.take(followed(params), followed(indices), axis=axis or 0))


def split(
    value: Any, num_or_size_splits: Any, axis: int = 0, name: str | None = None
) -> Any:
    """Equal parts, or parts of given sizes."""
    parts = num_or_size_splits
    if not isinstance(parts, (int, np.integer)):
        parts = [int(i) for i in np.cumsum(np.asarray(parts))[:-1]]
    return shown(ops.split(followed(tensor(value)), parts, axis))


def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str | None = None
) -> Any:
    """The parts along an axis, without it."""
    x = followed(tensor(value))
    count = num or ops.shape(x)[axis]
    return [shown(ops.take(x, i, axis=axis)) for i in range(count)]


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`x` where the condition holds, else `y`; of a condition alone the places."""
    if x is None and y is None:
        return tensor(np.argwhere(np.asarray(condition)))
    return shown(ops.where(followed(condition), followed(x), followed(y)))


def add_n(inputs: Sequence[Any], name: str | None = None) -> Any:
    """The sum of several tensors."""
    first, *others = (followed(tensor(x)) for x in inputs)
    for x in others:
        first = ops.add(first, x)
    return shown(first)


def boolean_mask(
    tensor: Any, mask: Any, axis: int | None = None, name: str | None = None
) -> Any:
    """What of a tensor lies where a mask, of numbers known now, is true."""
    x, found = followed(tensor), np.asarray(mask)
    if found.ndim > 1:  # over several axes: they count as one
        x = ops.reshape(x, (found.size, *x.shape[found.ndim :]))
    places = np.flatnonzero(found).astype(np.int32)
    return shown(ops.take(x, places, axis=axis or 0))


def identity(input: Any, name: str | None = None) -> Any:
    """The tensor itself."""
    return tensor(followed(input))


def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Any:
    """The length of a vector, or of all elements as one."""
    order = None if ord in ("euclidean", "fro") else ord
    return shown(ops.norm(followed(tensor), order, axis, keepdims))


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of the squares."""
    return shown(ops.sum(ops.square(followed(t))) * 0.5)


def sigmoid_cross_entropy(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """Cross-entropy of each element, from logits."""
    z, x = followed(labels), followed(logits)
    return shown(ops.relu(x) - x * z + ops.softplus(-ops.abs(x)))


def softmax_cross_entropy(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Any:
    """Cross-entropy of each row, from logits."""
    pair = (followed(labels), followed(logits))
    return shown(ops.categorical_crossentropy(*pair, from_logits=True, axis=axis))


def sparse_softmax_cross_entropy(
    labels: Any, logits: Any, name: str | None = None
) -> Any:
    """The same for class numbers."""
    pair = (followed(labels), followed(logits))
    return shown(ops.sparse_categorical_crossentropy(*pair, from_logits=True))


# --- random numbers


def set_seed(seed: int) -> None:
    """Makes what is drawn here repeatable; NumPy's own source is left alone."""
    random.set_global_seed(int(seed))


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Numbers spread evenly; of whole numbers `maxval` is needed."""
    kind = np.dtype(dtype)
    if kind.kind in "iu":
        if maxval is None:
            raise ArgumentError(
                "Whole numbers need an end.",
                where="tf.random.uniform(maxval=)",
                expected="a number",
                received="None",
            )
        return shown(random.randint(_sizes(shape), minval, maxval, kind.name, seed))
    most = 1.0 if maxval is None else maxval
    return shown(random.uniform(_sizes(shape), minval, most, kind.name, seed))


def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Numbers of a normal distribution."""
    kind = np.dtype(dtype).name
    return shown(random.normal(_sizes(shape), mean, stddev, kind, seed))


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """The same, within two deviations of the mean."""
    kind = np.dtype(dtype).name
    return shown(random.truncated_normal(_sizes(shape), mean, stddev, kind, seed))


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Any:
    """The rows in another order."""
    key = random.draw_seed() if seed is None else int(seed)
    array = np.asarray(tensor(value))
    return tensor(np.random.Generator(np.random.Philox(key=key)).permutation(array))


# --- running


def function(func: Callable[..., Any] | None = None, **_: Any) -> Any:
    """`tf.function`: the function as it is. How it is compiled changes no result."""
    return func if func is not None else function


def print_(
    *inputs: Any, end: str = "\n", sep: str = " ", name: str | None = None
) -> None:
    """Prints the numbers, to where TensorFlow prints them: `sys.stderr`."""
    plain = [x.numpy() if isinstance(x, Tensor) else x for x in inputs]
    print(*plain, end=end, sep=sep, file=sys.stderr)


def device(_: Any) -> Any:
    """`with tf.device(...)`: all runs on the processor anyway."""
    return contextlib.nullcontext()


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The processor; no GPU, no TPU."""
    cpu = PhysicalDevice("/physical_device:CPU:0", "CPU")
    return [cpu] if device_type in (None, "CPU") else []


@lru_cache(1)
def gradient_tape() -> Any:
    """`tf.GradientTape`: Pronghorn's, which also takes constants to watch; or None."""
    base: Any = getattr(importlib.import_module("pronghorn"), "GradientTape", None)
    if base is None:
        return None

    class GradientTape(base):  # type: ignore[misc]
        """Records what is computed, for gradients afterwards."""

        def watch(self, tensor: Any) -> Any:
            def watch(leaf: Any) -> Any:
                if not isinstance(leaf, Tensor):
                    return base.watch(self, leaf)
                known = leaf.watched
                if known is None:
                    known = leaf.view(np.ndarray)
                leaf.watched = base.watch(self, known)
                return leaf

            return map_structure(watch, tensor)

        def gradient(self, target: Any, sources: Any, *args: Any, **kwargs: Any) -> Any:
            pair = (map_structure(followed, s) for s in (target, sources))
            return super().gradient(*pair, *args, **kwargs)

        def jacobian(self, target: Any, sources: Any, *args: Any, **kwargs: Any) -> Any:
            pair = (map_structure(followed, s) for s in (target, sources))
            return super().jacobian(*pair, *args, **kwargs)

    return GradientTape
