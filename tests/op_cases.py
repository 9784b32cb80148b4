"""One row or more for every operation: what it is given, and what NumPy says.

The rows are run by `tests.test_op_cases` on every backend, for value and gradient,
with fixed shapes and, where rows say so, with a batch of rows along the first axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import erf as math_erf
from typing import Any

import numpy as np

from pronghorn import ops

Function = Callable[..., Any]


@dataclass(frozen=True)
class OpCase:
    """One row.

    Attributes:
        op: name in `pronghorn.ops`.
        arrays: arguments, float32, int32 or bool; floats are differentiated.
        expected: NumPy's function of the same arrays as float64; a tuple for an
            operation with several results.
        call: the operation with its static arguments; by default the op itself.
        gradient: whether the result is differentiated.
        traced: whether it may stand in a graph; else it is for arrays only.
        rows: the arguments whose first axis may be the batch; none: fixed shapes only.
    """

    op: str
    arrays: tuple[np.ndarray, ...]
    expected: Function
    call: Function
    gradient: bool = True
    traced: bool = True
    rows: tuple[int, ...] = ()


CASES: list[OpCase] = []


def row(
    op: str,
    arrays: Any,
    expected: Function,
    call: Function | None = None,
    **options: Any,
) -> None:
    """Add a row to the table."""
    arrays = arrays if isinstance(arrays, tuple) else (arrays,)
    call = call or getattr(ops, op)
    CASES.append(OpCase(op, arrays, expected, call, **options))


def using(op: str, **arguments: Any) -> Function:
    """The operation with static arguments."""
    return partial(getattr(ops, op), **arguments)


def real(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers from -2 to 2, float32."""
    stream = np.random.RandomState(seed + 7 * len(shape))
    return stream.uniform(-2, 2, shape).astype("float32")


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers from 0.3 to 2.3, float32."""
    return np.abs(real(*shape, seed=seed)) + np.float32(0.3)


def unit(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers from 0.05 to 0.95, float32."""
    return (0.5 + 0.225 * real(*shape, seed=seed)).astype("float32")


def ids(*shape: int, below: int = 4, seed: int = 0) -> np.ndarray:
    """Whole numbers from 0, int32."""
    return np.random.RandomState(seed).randint(0, below, shape).astype("int32")


def truth(*shape: int, seed: int = 0) -> np.ndarray:
    """Booleans."""
    return real(*shape, seed=seed) > 0


def odds(*shape: int, seed: int = 0) -> np.ndarray:
    """Rows of probabilities that sum to one, float32."""
    e = np.exp(real(*shape, seed=seed))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


M, V, T = real(5, 4), real(4, seed=1), real(5, 3, 2)
ROWS = {"rows": (0,)}
BOTH = {"rows": (0, 1)}
FLAT = {"gradient": False}

# --- two arguments, element by element
for name, function in {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "logaddexp": np.logaddexp,
}.items():
    row(name, (M, real(5, 4, seed=3)), function, **BOTH)
    row(name, (M, V), function, **ROWS)
    row(name, (real(5, 1), real(1, 4, seed=2)), function, **ROWS)
    row(name, (M, np.float32(0.7)), function, **ROWS)
for name in ("divide", "true_divide"):
    row(name, (M, positive(5, 4, seed=3)), np.divide, **BOTH)
    row(name, (M, positive(4)), np.divide, **ROWS)
row("floor_divide", (M, positive(5, 4)), np.floor_divide, **BOTH, **FLAT)
row("mod", (M, positive(5, 4, seed=3)), np.mod, **BOTH)
row("mod", (ids(6, below=50) - 20, ids(6, below=4) + 3), np.mod, **FLAT)
row("power", (positive(5, 4), real(5, 4, seed=2)), np.power, **BOTH)
row("power", M, lambda x: x**3, lambda x: ops.power(x, 3.0), **ROWS)
row("power", M, lambda x: x**2, lambda x: x**2, **ROWS)

# --- one argument, element by element
for name, function in {
    "negative": np.negative,
    "abs": np.abs,
    "absolute": np.abs,
    "square": np.square,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "erf": np.vectorize(math_erf),
}.items():
    row(name, M, function, **ROWS)
    row(name, real(33), function)
row("tan", unit(5, 4), np.tan, **ROWS)
for name, function in {
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": np.reciprocal,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
}.items():
    row(name, positive(5, 4), function, **ROWS)
for name, function in {
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
}.items():
    row(name, M, function, **ROWS)
row("round", M, lambda x: np.round(x, 1), lambda x: ops.round(x, 1), **FLAT)
row(
    "clip", M, lambda x: np.clip(x, -0.7, 1.1), lambda x: ops.clip(x, -0.7, 1.1), **ROWS
)
row("stop_gradient", M, lambda x: x, **ROWS, **FLAT)
row(
    "stop_gradient",
    M,
    lambda x: x * x,
    lambda x: x * ops.stop_gradient(x),
    **ROWS,
    **FLAT,
)
row("where", (truth(5, 4), M, real(5, 4, seed=4)), np.where, rows=(0, 1, 2))
row("where", (truth(5, 1), M, V), np.where, rows=(0, 1))
row("cast", M, np.trunc, lambda x: ops.cast(x, "int32"), **ROWS, **FLAT)
row("cast", truth(5, 4), np.float64, lambda x: ops.cast(x, "float32"), **ROWS, **FLAT)
row("cast", M, lambda x: x, lambda x: ops.cast(x, "float32"), **ROWS)

# --- truth
for name, function in {
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}.items():
    row(name, (M, real(5, 4, seed=3)), function, **BOTH, **FLAT)
    row(name, (ids(5, 4), ids(4, seed=1)), function, **ROWS, **FLAT)
for name, function in {
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}.items():
    row(name, (truth(5, 4), truth(5, 4, seed=3)), function, **BOTH, **FLAT)
row("logical_not", truth(5, 4), np.logical_not, **ROWS, **FLAT)
ODD = np.array([[1.0, np.nan], [np.inf, -np.inf], [0.0, -3.0]], "float32")
for name, function in {
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
}.items():
    row(name, ODD, function, **ROWS, **FLAT)

# --- reductions
for name, function in {
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "amax": np.max,
    "amin": np.min,
    "var": np.var,
    "std": np.std,
}.items():
    for axis, keep in (
        (None, False),
        (0, False),
        (1, True),
        (-1, False),
        ((0, 1), True),
    ):
        row(
            name,
            M,
            lambda x, f=function, a=axis, k=keep: f(x, axis=a, keepdims=k),
            using(name, axis=axis, keepdims=keep),
            **ROWS,
        )
    row(
        name,
        T,
        lambda x, f=function: f(x, axis=(0, 2)),
        using(name, axis=(0, 2)),
        **ROWS,
    )
for name, function in {"any": np.any, "all": np.all}.items():
    for axis in (None, 0, 1):
        row(
            name,
            truth(5, 4),
            lambda x, f=function, a=axis: f(x, axis=a),
            using(name, axis=axis),
            **ROWS,
            **FLAT,
        )
for name, function in {"argmax": np.argmax, "argmin": np.argmin}.items():
    row(name, M, lambda x, f=function: f(x, 1), lambda x, f=name: getattr(ops, f)(x, 1),
        **ROWS, **FLAT)  # fmt: skip
    row(name, M, lambda x, f=function: f(x, 0), lambda x, f=name: getattr(ops, f)(x, 0),
        **FLAT)  # fmt: skip
row("cumsum", M, lambda x: np.cumsum(x, 1), lambda x: ops.cumsum(x, 1), **ROWS)
row("count_nonzero", ids(5, 4), np.count_nonzero, **ROWS, **FLAT)
row(
    "count_nonzero",
    ids(5, 4),
    lambda x: np.count_nonzero(x, axis=1),
    lambda x: ops.count_nonzero(x, axis=1),
    **ROWS,
    **FLAT,
)


def np_logsumexp(x: np.ndarray, axis: int | None = None) -> np.ndarray:
    """log(sum(exp(x)))."""
    return np.log(np.sum(np.exp(x), axis=axis))


row("logsumexp", M, np_logsumexp)
row("logsumexp", M, lambda x: np_logsumexp(x, 1), lambda x: ops.logsumexp(x, 1), **ROWS)
row("norm", M, np.linalg.norm, **ROWS)
row(
    "norm",
    M,
    lambda x: np.linalg.norm(x, axis=1),
    lambda x: ops.norm(x, axis=1),
    **ROWS,
)
row(
    "norm",
    M,
    lambda x: np.abs(x).sum(1),
    lambda x: ops.norm(x, ord=1, axis=1),
    **ROWS,
)
row("moments", M, lambda x: (x.mean(0), x.var(0)), lambda x: ops.moments(x, 0), **ROWS)

# --- products
row("matmul", (M, real(4, 3)), np.matmul, **ROWS)
row("matmul", (real(4, 5), real(5, 3)), np.matmul)
row("matmul", (M, V), np.matmul, **ROWS)
row("matmul", (V, real(4, 3)), np.matmul)
row("matmul", (V, real(4, seed=5)), np.matmul)
row("matmul", (T, real(2, 4)), np.matmul, **ROWS)
row("matmul", (T, real(5, 2, 4, seed=6)), np.matmul, **BOTH)
row("matmul", (real(19, 23), real(23, 37)), np.matmul, **ROWS)
row(
    "matmul",
    (M, real(5, 3)),
    lambda x, y: x.T @ y,
    lambda x, y: ops.matmul(ops.transpose(x), y),
    **BOTH,
)
row(
    "matmul",
    (M, real(3, 4)),
    lambda x, y: x @ y.T,
    lambda x, y: ops.matmul(x, ops.transpose(y)),
    **ROWS,
)
row("dot", (M, real(4, 3)), np.dot, **ROWS)
row("dot", (V, real(4, seed=5)), np.dot)
row("tensordot", (T, real(3, 2, 4)), np.tensordot, **ROWS)
row(
    "tensordot",
    (T, real(2, 4)),
    lambda x, y: np.tensordot(x, y, 1),
    lambda x, y: ops.tensordot(x, y, 1),
    **ROWS,
)
row("outer", (V, real(3)), np.outer)
for subscripts, arrays in {
    "bi,ij->bj": (M, real(4, 3)),
    "bij,jk->bik": (T, real(2, 4)),
    "bi,bi->b": (M, real(5, 4, seed=8)),
}.items():
    row(
        "einsum",
        arrays,
        lambda x, y, s=subscripts: np.einsum(s, x, y),
        lambda x, y, s=subscripts: ops.einsum(s, x, y),
        rows=(0, 1) if subscripts.count("b") == 3 and "bi,bi" in subscripts else (0,),
    )

# --- gathers
row("take", (M, ids(6)), lambda x, i: np.take(x, i, 0), lambda x, i: ops.take(x, i, 0))
row("take", (M, ids(5, 2)), lambda x, i: np.take(x, i, 0),
    lambda x, i: ops.take(x, i, 0), rows=(1,))  # fmt: skip
row("take", M, lambda x: np.take(x, [-1, 0, -4], 1),
    lambda x: ops.take(x, [-1, 0, -4], 1), **ROWS)  # fmt: skip
row("take", (M, ids(3)), lambda x, i: np.take(x, i, 1), lambda x, i: ops.take(x, i, 1))
row("take_along_axis", (M, ids(5, 2)), lambda x, i: np.take_along_axis(x, i, 1),
    lambda x, i: ops.take_along_axis(x, i, 1), **BOTH)  # fmt: skip
row(
    "one_hot",
    ids(5),
    lambda i: np.eye(4)[i],
    lambda i: ops.one_hot(i, 4),
    **ROWS,
    **FLAT,
)
row("multi_hot", ids(5, 2), lambda i: np.maximum(*np.eye(4)[i].swapaxes(0, 1)),
    lambda i: ops.multi_hot(i, 4), **ROWS, **FLAT)  # fmt: skip


def np_segments(x: np.ndarray, i: np.ndarray) -> np.ndarray:
    """Sums of the rows of each segment."""
    out = np.zeros((4, *x.shape[1:]))
    np.add.at(out, i, x)
    return out


row(
    "segment_sum",
    (M, ids(5)),
    np_segments,
    lambda x, i: ops.segment_sum(x, i, 4),
    **BOTH,
)
row(
    "segment_sum",
    (M, ids(5) - 1),
    lambda x, i: np_segments(x[i >= 0], i[i >= 0]),
    lambda x, i: ops.segment_sum(x, i, 4),
    **BOTH,
)
KEYS: list[Any] = [
    np.s_[:, 1],
    np.s_[:, 1:3],
    np.s_[:, ::2],
    np.s_[:, None],
    np.s_[..., 0],
]
for key in KEYS:
    row("getitem", M, lambda x, k=key: x[k], lambda x, k=key: ops.getitem(x, k), **ROWS)
    row("getitem", M, lambda x, k=key: x[k], lambda x, k=key: x[k], **ROWS)
for key in (np.s_[1], np.s_[-2], np.s_[1:4:2, 2], np.s_[1:]):
    row("getitem", M, lambda x, k=key: x[k], lambda x, k=key: ops.getitem(x, k))

# --- structure
row(
    "reshape",
    M,
    lambda x: x.reshape(5, 2, 2),
    lambda x: ops.reshape(x, (-1, 2, 2)),
    **ROWS,
)
row("reshape", T, lambda x: x.reshape(5, 6), lambda x: ops.reshape(x, (-1, 6)), **ROWS)
row("reshape", M, lambda x: x.reshape(-1), lambda x: ops.reshape(x, (-1,)))
row("ravel", M, np.ravel)
row(
    "ravel",
    M,
    lambda x: 2 * x,
    lambda x: ops.reshape(2.0 * ops.ravel(x), (-1, 4)),
    **ROWS,
)
row("transpose", M, np.transpose)
row(
    "transpose",
    M,
    lambda x: 2 * x,
    lambda x: ops.transpose(2.0 * ops.transpose(x)),
    **ROWS,
)
row("transpose", T, lambda x: x.transpose(0, 2, 1), using("transpose", axes=(0, 2, 1)),
    **ROWS)  # fmt: skip
row("swapaxes", T, lambda x: x.swapaxes(1, 2), lambda x: ops.swapaxes(x, 1, 2), **ROWS)
row(
    "moveaxis",
    T,
    lambda x: np.moveaxis(x, 2, 1),
    lambda x: ops.moveaxis(x, 2, 1),
    **ROWS,
)
row("moveaxis", T, lambda x: np.moveaxis(x, (1, 2), (2, 1)),
    lambda x: ops.moveaxis(x, (1, 2), (-1, -2)), **ROWS)  # fmt: skip
row("moveaxis", T, lambda x: np.moveaxis(x, [0, 1], [-1, 0]),
    lambda x: ops.moveaxis(x, [0, 1], [-1, 0]))  # fmt: skip
row("expand_dims", M, lambda x: x[:, None], lambda x: ops.expand_dims(x, 1), **ROWS)
row("squeeze", real(5, 1), lambda x: x[:, 0], lambda x: ops.squeeze(x, 1), **ROWS)
row("squeeze", real(5, 1, 2, 1), np.squeeze, **ROWS)
row("broadcast_to", V, lambda x: np.broadcast_to(x, (3, 4)),
    lambda x: ops.broadcast_to(x, (3, 4)))  # fmt: skip
row("concatenate", (M, real(5, 2)), lambda x, y: np.concatenate([x, y], 1),
    lambda x, y: ops.concatenate([x, y], 1), **BOTH)  # fmt: skip
row("concatenate", (M, real(2, 4)), lambda x, y: np.concatenate([x, y], 0),
    lambda x, y: ops.concatenate([x, y], 0))  # fmt: skip
row("stack", (M, real(5, 4, seed=2)), lambda x, y: np.stack([x, y], 1),
    lambda x, y: ops.stack([x, y], 1), **BOTH)  # fmt: skip
row(
    "split", M, lambda x: tuple(np.split(x, 2, 1)), lambda x: ops.split(x, 2, 1), **ROWS
)
row("split", M, lambda x: tuple(np.split(x, [1, 3], 1)),
    lambda x: ops.split(x, [1, 3], 1), **ROWS)  # fmt: skip
row("pad", M, lambda x: np.pad(x, ((0, 0), (1, 2))),
    lambda x: ops.pad(x, ((0, 0), (1, 2))), **ROWS)  # fmt: skip
row("pad", M, lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=1.5),
    lambda x: ops.pad(x, ((1, 0), (0, 2)), constant_values=1.5))  # fmt: skip
row("flip", M, lambda x: np.flip(x, 1), lambda x: ops.flip(x, 1), **ROWS)
row("repeat", M, lambda x: np.repeat(x, 3, 1), lambda x: ops.repeat(x, 3, 1), **ROWS)
row("repeat", M, lambda x: np.repeat(x, [2, 0, 1, 3], 1),
    lambda x: ops.repeat(x, [2, 0, 1, 3], 1), **ROWS)  # fmt: skip
row("repeat", M, lambda x: np.repeat(x, 2), lambda x: ops.repeat(x, np.array([2])))
row("tile", M, lambda x: np.tile(x, (2, 3)), lambda x: ops.tile(x, (2, 3)))
row("tile", M, lambda x: np.tile(x, (1, 3)), lambda x: ops.tile(x, (1, 3)), **ROWS)

# --- made from nothing, or from a shape
row(
    "arange",
    V,
    lambda x: x + np.arange(4),
    lambda x: x + ops.arange(4, dtype="float32"),
)
row(
    "arange",
    M,
    lambda x: x * np.arange(5)[:, None],
    lambda x: x * ops.expand_dims(ops.arange(ops.shape(x)[0], dtype="float32"), 1),
    **ROWS,
)
row("zeros", V, lambda x: x + np.zeros((3, 4)), lambda x: x + ops.zeros((3, 4)))
row("ones", V, lambda x: x + np.ones((3, 4)), lambda x: x + ops.ones((3, 4)))
row("full", V, lambda x: x + np.full((3, 4), 2.5), lambda x: x + ops.full((3, 4), 2.5))
row("eye", V, lambda x: x + np.eye(4), lambda x: x + ops.eye(4))
row("zeros_like", M, lambda x: x + 0, lambda x: x + ops.zeros_like(x), **ROWS)
row("ones_like", M, lambda x: x + 1, lambda x: x + ops.ones_like(x), **ROWS)
row("full_like", M, lambda x: x + 2.5, lambda x: x + ops.full_like(x, 2.5), **ROWS)
row(
    "shape",
    M,
    lambda x: x * 5,
    lambda x: x * ops.cast(ops.shape(x)[0], "float32"),
    **ROWS,
)
row("size", M, lambda x: x * 20, lambda x: x * ops.cast(ops.size(x), "float32"), **ROWS)
row("ndim", M, lambda x: x * 2, lambda x: x * ops.ndim(x), **ROWS)
row("convert_to_tensor", M, lambda x: x, **ROWS)
row("convert_to_numpy", M, lambda x: x, traced=False, **FLAT)


# --- activations
def np_sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def np_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """exp(x) over its sum."""
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def np_elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Clevert et al., 2015."""
    return np.where(x > 0, x, alpha * np.expm1(x))


LONG = 3 * real(5, 7, seed=9)
GAUSS = np.vectorize(lambda v: v * 0.5 * (1 + math_erf(v / 2**0.5)))
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
TANH_GELU = 0.7978845608028654
ACTIVATIONS: dict[str, Function] = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": np_sigmoid,
    "softmax": np_softmax,
    "log_softmax": lambda x: np.log(np_softmax(x)),
    "elu": np_elu,
    "selu": lambda x: SCALE * np_elu(x, ALPHA),
    "celu": np_elu,
    "gelu": lambda x: 0.5 * x * (1 + np.tanh(TANH_GELU * (x + 0.044715 * x**3))),
    "silu": lambda x: x * np_sigmoid(x),
    "swish": lambda x: x * np_sigmoid(x),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "log_sigmoid": lambda x: np.log(np_sigmoid(x)),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "sparse_plus": lambda x: np.where(
        x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)
    ),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
}
for name, function in ACTIVATIONS.items():
    row(name, LONG, function, **ROWS)
row("gelu", LONG, GAUSS, lambda x: ops.gelu(x, approximate=False), **ROWS)
row("elu", LONG, lambda x: np_elu(x, 0.4), lambda x: ops.elu(x, 0.4), **ROWS)
row("celu", LONG, lambda x: np.where(x > 0, x, 0.4 * np.expm1(x / 0.4)),
    lambda x: ops.celu(x, 0.4), **ROWS)  # fmt: skip
row("leaky_relu", LONG, lambda x: np.where(x > 0, x, 0.01 * x),
    lambda x: ops.leaky_relu(x, 0.01), **ROWS)  # fmt: skip
row("softmax", LONG, lambda x: np_softmax(x, 0), lambda x: ops.softmax(x, 0), **ROWS)
row("glu", M, lambda x: x[:, :2] * np_sigmoid(x[:, 2:]), **ROWS)
row("threshold", LONG, lambda x: np.where(x > 0.3, x, -1.0),
    lambda x: ops.threshold(x, 0.3, -1.0), **ROWS)  # fmt: skip


# --- losses and statistics
def np_binary(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Cross-entropy of one probability."""
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def np_categorical(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Cross-entropy of a row of probabilities."""
    return -(t * np.log(p / p.sum(-1, keepdims=True))).sum(-1)


row("binary_crossentropy", (unit(5, 4, seed=2), unit(5, 4)), np_binary, **BOTH)
row("binary_crossentropy", (unit(5, 4, seed=2), M),
    lambda t, x: np_binary(t, np_sigmoid(x)),
    lambda t, x: ops.binary_crossentropy(t, x, from_logits=True), **BOTH)  # fmt: skip
row(
    "categorical_crossentropy", (odds(5, 4, seed=2), odds(5, 4)), np_categorical, **BOTH
)
row("categorical_crossentropy", (odds(5, 4, seed=2), M),
    lambda t, x: np_categorical(t, np_softmax(x)),
    lambda t, x: ops.categorical_crossentropy(t, x, from_logits=True),
    **BOTH)  # fmt: skip
row("sparse_categorical_crossentropy", (ids(5), odds(5, 4)),
    lambda i, p: np_categorical(np.eye(4)[i], p), **BOTH)  # fmt: skip
row("sparse_categorical_crossentropy", (ids(5), M),
    lambda i, x: np_categorical(np.eye(4)[i], np_softmax(x)),
    lambda i, x: ops.sparse_categorical_crossentropy(i, x, from_logits=True),
    **BOTH)  # fmt: skip
row("normalize", M, lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True), **ROWS)
row("in_top_k", (ids(5), M),
    lambda i, x: np.argsort(np.argsort(-x, 1), 1)[np.arange(5), i] < 2,
    lambda i, x: ops.in_top_k(i, x, 2), **BOTH, **FLAT)  # fmt: skip
row(
    "batch_normalization",
    (M, V, positive(4), real(4, seed=5), real(4, seed=6)),
    lambda x, m, v, o, s: (x - m) / np.sqrt(v + 1e-3) * s + o,
    lambda x, m, v, o, s: ops.batch_normalization(x, m, v, -1, o, s, epsilon=1e-3),
    **ROWS,
)
