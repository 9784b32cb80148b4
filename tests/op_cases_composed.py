"""More rows of `tests.op_cases`: operations made of others, or of arrays only."""

from __future__ import annotations

from math import erfc as math_erfc
from statistics import NormalDist
from typing import Any

import numpy as np

from pronghorn import ops
from tests.op_cases import (
    BOTH,
    FLAT,
    LONG,
    ODD,
    ROWS,
    Function,
    M,
    T,
    V,
    ids,
    positive,
    real,
    row,
    truth,
    unit,
)

EAGER = {"traced": False, "gradient": False}
SQUARE = real(4, 4, seed=3)
GOOD = (SQUARE @ SQUARE.T + 2 * np.eye(4)).astype("float32")  # positive definite
HOLES = np.array([[1.0, np.nan, 0.5], [np.nan] * 3, [-2.0, 3.0, 1.5]], "float32")
DISTINCT = (np.random.RandomState(5).permutation(20).reshape(5, 4) / 7 - 1).astype("f4")

# --- elementwise: name, NumPy's function, arguments
ONE: dict[str, tuple[Function, np.ndarray]] = {
    "arcsin": (np.arcsin, 0.45 * M),
    "arccos": (np.arccos, 0.45 * M),
    "arctan": (np.arctan, 2 * M),
    "arcsinh": (np.arcsinh, 2 * M),
    "arccosh": (np.arccosh, positive(5, 4) + 1),
    "arctanh": (np.arctanh, 0.4 * M),
    "cbrt": (np.cbrt, positive(5, 4)),
    "deg2rad": (np.deg2rad, 40 * M),
    "rad2deg": (np.rad2deg, 0.1 * M),
    "erfc": (np.vectorize(math_erfc), 1.4 * M),
    "erfinv": (
        np.vectorize(lambda v: NormalDist(0, 0.5**0.5).inv_cdf((v + 1) / 2)),
        0.49 * M,
    ),
    "fabs": (np.fabs, M),
    "sinc": (np.sinc, M),
    "trunc": (np.trunc, M),
    "real": (np.real, M),
    "conj": (np.conj, M),
    "conjugate": (np.conjugate, M),
}
for name, (function, array) in ONE.items():
    row(name, array.astype("float32"), function, **ROWS)
row("arctan", np.array([-1e6, -1.0, 0.0, 1e-6, 1.0, 1e6], "f4"), np.arctan, **FLAT)
row("cbrt", np.array([-8.0, 0.0, 0.125], "f4"), np.cbrt, **FLAT)
row("erfinv", np.array([-1.0, 0.0, 0.999, 1.0], "f4"), lambda x: np.array(
    [NormalDist(0, 0.5**0.5).inv_cdf((v + 1) / 2) if abs(v) < 1 else v * np.inf
    for v in x]), **FLAT)  # fmt: skip
row("sinc", np.array([0.0, 0.25], "f4"), np.sinc, **FLAT)
TWO: dict[str, tuple[Function, np.ndarray, np.ndarray]] = {
    "arctan2": (np.arctan2, M, real(5, 4, seed=3)),
    "hypot": (np.hypot, M, real(5, 4, seed=3)),
    "logaddexp2": (np.logaddexp2, M, real(5, 4, seed=3)),
    "fmax": (np.fmax, M, real(5, 4, seed=3)),
    "fmin": (np.fmin, M, real(5, 4, seed=3)),
    "fmod": (np.fmod, M, positive(5, 4, seed=3)),
    "divide_no_nan": (np.divide, M, positive(5, 4, seed=3)),
}
for name, (function, first, second) in TWO.items():
    row(name, (first, second), function, **BOTH)
row("divide_no_nan", (M, ids(5, 4)), lambda x, y: x * (y != 0) / np.maximum(y, 1),
    **BOTH, **FLAT)  # fmt: skip
row("arctan2", (np.array([0.0, 1.0, -1.0, 0.0], "f4"),
    np.array([0.0, 0.0, 0.0, -1.0], "f4")), np.arctan2, **FLAT)  # fmt: skip
row("fmod", (ids(6, below=50) - 20, ids(6, below=4) + 3), np.fmod, **FLAT)
row("fmax", (ODD, np.ones_like(ODD)), np.fmax, **BOTH, **FLAT)
row("fmin", (ODD, np.ones_like(ODD)), np.fmin, **BOTH, **FLAT)
row("heaviside", (np.sign(M) * truth(5, 4, seed=2), unit(5, 4)), np.heaviside,
    **BOTH, **FLAT)  # fmt: skip
row("ldexp", (M, ids(5, 4)), np.ldexp, **BOTH, **FLAT)
row("i0", M, np.i0, **EAGER)
row("gcd", (ids(6, below=50), ids(6, below=9, seed=2)), np.gcd, **EAGER)
row("lcm", (ids(6, below=50), ids(6, below=9, seed=2)), np.lcm, **EAGER)
row("nextafter", (M, M + 1), lambda x, y: np.nextafter(x.astype("f4"), y.astype("f4")),
    **EAGER)  # fmt: skip
row("polar", (positive(5), M[:, 0]), lambda r, a: r * np.exp(1j * a), **EAGER)
row("view_as_complex", M, lambda x: x[:, :2] @ [1, 1j],
    lambda x: ops.view_as_complex(x[:, :2]), **EAGER)  # fmt: skip
row("view_as_real", M, lambda x: np.stack([x, 2 * x], -1),
    lambda x: ops.view_as_real(x + 2j * x), **EAGER)  # fmt: skip
row("imag", M, np.imag, **ROWS, **FLAT)
row("isreal", M, np.isreal, **ROWS, **FLAT)
row("angle", M, np.angle, **ROWS, **FLAT)
for name, function in {
    "isneginf": np.isneginf,
    "isposinf": np.isposinf,
}.items():
    row(name, ODD, function, **ROWS, **FLAT)
row("signbit", np.array([-0.0, 0.0, -3.0, np.inf, -np.inf], "f4"), np.signbit, **FLAT)
row("nan_to_num", ODD,
    lambda x: np.nan_to_num(x, nan=2.0, posinf=5.0, neginf=-7.0),
    lambda x: ops.nan_to_num(x, 2.0, 5.0, -7.0), **ROWS, **FLAT)  # fmt: skip
row("nan_to_num", M, lambda x: x, **ROWS)
NEAR = np.where(truth(5, 4), M, M * 1.1).astype("f4")
row("isclose", (M, NEAR), np.isclose, **BOTH, **FLAT)
row("isclose", (ODD, ODD), np.isclose, **BOTH, **FLAT)
row("isclose", (ODD, ODD), lambda x, y: np.isclose(x, y, equal_nan=True),
    lambda x, y: ops.isclose(x, y, equal_nan=True), **BOTH, **FLAT)  # fmt: skip
row("allclose", (M, NEAR), np.allclose, **BOTH, **FLAT)
row("allclose", (M, M), np.allclose, **BOTH, **FLAT)
row("saturate_cast", 200 * M, lambda x: np.trunc(np.clip(x, 0, 255)),
    lambda x: ops.saturate_cast(x, "uint8"), **ROWS, **FLAT)  # fmt: skip

# --- bits
for name, function in {
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
}.items():
    row(name, (truth(5, 4), truth(5, 4, seed=3)), function, **BOTH, **FLAT)
    row(name, (ids(6, below=99), ids(6, below=99, seed=2)), function, **EAGER)
for name in ("bitwise_not", "bitwise_invert"):
    row(name, truth(5, 4), np.invert, **ROWS, **FLAT)
    row(name, ids(5, 4, below=99), np.invert, **ROWS, **FLAT)
for name in ("left_shift", "bitwise_left_shift"):
    row(name, (ids(6, below=99), ids(6)), np.left_shift, **EAGER)
for name in ("right_shift", "bitwise_right_shift"):
    row(name, (ids(6, below=99) - 40, ids(6)), np.right_shift, **EAGER)

# --- made from numbers
row("array", M, lambda x: x, **ROWS)
row("copy", M, lambda x: x, **ROWS)
row("dtype", M, lambda x: x * 7, lambda x: x * len(ops.dtype(x)), **ROWS)
row("is_tensor", M, lambda x: x, lambda x: x * ops.is_tensor(x), **ROWS)
row("empty", V, lambda x: x, lambda x: x + 0 * ops.empty((4,)))
row("empty_like", M, lambda x: x, lambda x: x + ops.empty_like(x), **ROWS)
row("identity", V, lambda x: x + np.eye(4), lambda x: x + ops.identity(4))
row("tri", V, lambda x: x + np.tri(3, 4, 1), lambda x: x + ops.tri(3, 4, 1))
row("linspace", (M, real(5, 4, seed=2)), lambda x, y: np.linspace(x, y, 5),
    lambda x, y: ops.linspace(x, y, 5))  # fmt: skip
row("linspace", (M, real(5, 4, seed=2)),
    lambda x, y: np.linspace(x, y, 3, endpoint=False, axis=-1),
    lambda x, y: ops.linspace(x, y, 3, endpoint=False, axis=-1), **BOTH)  # fmt: skip
row("linspace", V, lambda x: (np.linspace(0, x, 4), x / 3),
    lambda x: ops.linspace(0.0, x, 4, retstep=True))  # fmt: skip
row("logspace", (V, real(4, seed=2)), lambda x, y: np.logspace(x, y, 3, base=2),
    lambda x, y: ops.logspace(x, y, 3, base=2))  # fmt: skip
row("geomspace", (positive(4), positive(4, seed=2)), lambda x, y: np.geomspace(x, y, 5),
    lambda x, y: ops.geomspace(x, y, 5))  # fmt: skip
row("meshgrid", (V, real(3)), lambda x, y: tuple(np.meshgrid(x, y)))
row("meshgrid", (V, real(3), real(2)),
    lambda x, y, z: tuple(np.meshgrid(x, y, z, indexing="ij")),
    lambda x, y, z: ops.meshgrid(x, y, z, indexing="ij"))  # fmt: skip
for name in ("bartlett", "blackman", "hamming", "hanning"):
    row(name, real(7), lambda x, f=name: x * getattr(np, f)(7),
        lambda x, f=name: x * getattr(ops, f)(7))  # fmt: skip
row("kaiser", real(7), lambda x: x * np.kaiser(7, 3), lambda x: x * ops.kaiser(7, 3))
for k in (-1, 0, 2):
    row("tril", T, lambda x, k=k: np.tril(x, k), lambda x, k=k: ops.tril(x, k), **ROWS)
    row("triu", T, lambda x, k=k: np.triu(x, k), lambda x, k=k: ops.triu(x, k), **ROWS)
    row("diag", V, lambda x, k=k: np.diag(x, k), lambda x, k=k: ops.diag(x, k))
    row("diag", M, lambda x, k=k: np.diag(x, k), lambda x, k=k: ops.diag(x, k))
    row("diagonal", T, lambda x, k=k: np.diagonal(x, k, 1, 2),
        lambda x, k=k: ops.diagonal(x, k, 1, 2), **ROWS)  # fmt: skip
    row("trace", T, lambda x, k=k: np.trace(x, k, 2, 1),
        lambda x, k=k: ops.trace(x, k, 2, 1), **ROWS)  # fmt: skip
row("diagonal", T, np.diagonal)
row("diagflat", real(2, 2), np.diagflat)
row("vander", V, np.vander)
row("vander", real(5), lambda x: np.vander(x, 3, True),
    lambda x: ops.vander(x, 3, True), **ROWS)  # fmt: skip

# --- taken, moved, put together
row("append", (M, real(5, 2)), lambda x, y: np.append(x, y, 1),
    lambda x, y: ops.append(x, y, 1), **BOTH)  # fmt: skip
row("append", (V, M), np.append)
row("hstack", (M, real(5, 2)), lambda x, y: np.hstack([x, y]),
    lambda x, y: ops.hstack([x, y]), **BOTH)  # fmt: skip
row("hstack", (V, real(3)), lambda x, y: np.hstack([x, y]),
    lambda x, y: ops.hstack([x, y]))  # fmt: skip
row("vstack", (V, M), lambda x, y: np.vstack([x, y]), lambda x, y: ops.vstack([x, y]))
row("dstack", (M, real(5, 4, seed=3)), lambda x, y: np.dstack([x, y]),
    lambda x, y: ops.dstack([x, y]), **BOTH)  # fmt: skip
row("array_split", M, lambda x: tuple(np.array_split(x, 3, 1)),
    lambda x: ops.array_split(x, 3, 1), **ROWS)  # fmt: skip
row("array_split", M, lambda x: tuple(np.array_split(x, [1], 1)),
    lambda x: ops.array_split(x, [1], 1), **ROWS)  # fmt: skip
row("hsplit", M, lambda x: tuple(np.hsplit(x, 2)), lambda x: ops.hsplit(x, 2), **ROWS)
row("vsplit", real(4, 3), lambda x: tuple(np.vsplit(x, 2)), lambda x: ops.vsplit(x, 2))
row("dsplit", T, lambda x: tuple(np.dsplit(x, 2)), lambda x: ops.dsplit(x, 2), **ROWS)
row("unstack", M, lambda x: tuple(x.T), lambda x: ops.unstack(x, axis=1), **ROWS)
row("get_item", M, lambda x: x[:, 1:3], lambda x: ops.get_item(x, np.s_[:, 1:3]),
    **ROWS)  # fmt: skip
row("slice", M, lambda x: x[:, 1:3], lambda x: ops.slice(x, (0, 1), (-1, 2)), **ROWS)
row("slice", M, lambda x: x[3:5, 1:3], lambda x: ops.slice(x, (4, 1), (2, 2)))
row("slice", (M, ids(2)), lambda x, i: x[i[0] : i[0] + 2, i[1] : i[1] + 1],
    lambda x, i: ops.slice(x, i, (2, 1)))  # fmt: skip
for at in ((1, 2), (4, 4)):
    row("slice_update", (M, real(2, 2)),
        lambda x, y, i=at: np_update(x, y, i),
        lambda x, y, i=at: ops.slice_update(x, i, y))  # fmt: skip
row("slice_update", (M, real(2, 2), ids(2)), lambda x, y, i: np_update(x, y, i),
    lambda x, y, i: ops.slice_update(x, i, y))  # fmt: skip


def np_update(x: np.ndarray, y: np.ndarray, at: Any) -> np.ndarray:
    """The box of `y` in `x`, moved inside."""
    out = x.copy()
    i, j = (min(int(a), n - m) for a, n, m in zip(at, x.shape, y.shape))
    out[i : i + y.shape[0], j : j + y.shape[1]] = y
    return out


for shift, axis in ((1, 1), (-6, -1), ((1, 2), (0, 1)), (3, None), (0, 1)):
    row("roll", M, lambda x, s=shift, a=axis: np.roll(x, s, a),
        lambda x, s=shift, a=axis: ops.roll(x, s, a))  # fmt: skip
row("roll", M, lambda x: np.roll(x, 3, 1), lambda x: ops.roll(x, 3, 1), **ROWS)
for k in range(4):
    row("rot90", T, lambda x, k=k: np.rot90(x, k, (1, 2)),
        lambda x, k=k: ops.rot90(x, k, (1, 2)), **ROWS)  # fmt: skip
row("rot90", M, np.rot90)
row("fliplr", M, np.fliplr, **ROWS)
row("flipud", M, np.flipud)
row("select", (truth(5, 4), truth(5, 4, seed=2), M, real(5, 4, seed=6)),
    lambda a, b, x, y: np.select([a, b], [x, y], 0.5),
    lambda a, b, x, y: ops.select([a, b], [x, y], 0.5), rows=(0, 1, 2, 3))  # fmt: skip
row("unravel_index", ids(5, below=24), lambda i: np.unravel_index(i, (2, 3, 4)),
    lambda i: ops.unravel_index(i, (2, 3, 4)), **ROWS, **FLAT)  # fmt: skip


def np_scatter(i: np.ndarray, x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values added at places."""
    out = np.zeros(shape)
    np.add.at(out, tuple(np.moveaxis(i, -1, 0)), x)
    return out


row("scatter", (ids(6, 2, below=3), real(6)), lambda i, x: np_scatter(i, x, (3, 4)),
    lambda i, x: ops.scatter(i, x, (3, 4)), **BOTH)  # fmt: skip
row("scatter", (ids(6, 1), real(6, 2)), lambda i, x: np_scatter(i, x, (4, 2)),
    lambda i, x: ops.scatter(i, x, (4, 2)), **BOTH)  # fmt: skip


def np_changed(x: np.ndarray, i: np.ndarray, y: np.ndarray, how: Any) -> np.ndarray:
    """Elements at places replaced, or changed."""
    out, at = x.copy(), tuple(np.moveaxis(i, -1, 0))
    if how is None:
        out[at] = y
    else:
        how.at(out, at, y)
    return out


for name, (how, options) in {
    "None": (None, {}),
    "add": (np.add, {}),
    "max": (np.maximum, EAGER),
    "min": (np.minimum, EAGER),
    "mul": (np.multiply, EAGER),
}.items():
    reduction = None if name == "None" else name
    row("scatter_update", (M, ids(6, 2), real(6, seed=2)),
        lambda x, i, y, h=how: np_changed(x, i, y, h),
        lambda x, i, y, r=reduction: ops.scatter_update(x, i, y, r),
        **options)  # fmt: skip
row("scatter_update", (M, ids(3, 1), real(3, 4, seed=2)),
    lambda x, i, y: np_changed(x, i, y, None), ops.scatter_update)  # fmt: skip


def np_grouped(x: np.ndarray, i: np.ndarray, how: Any, none: float) -> np.ndarray:
    """The rows of each of four segments in one."""
    rows = [x[i == k] for k in range(4)]
    return np.array([how(r, 0) if len(r) else np.full(x.shape[1:], none) for r in rows])


FEW = np.array([0, 3, 0, 1, 3], "int32")
row("segment_max", (M, FEW), lambda x, i: np_grouped(x, i, np.max, -np.inf),
    lambda x, i: ops.segment_max(x, i, 4), **BOTH, **FLAT)  # fmt: skip
row("segment_min", (M, FEW), lambda x, i: np_grouped(x, i, np.min, np.inf),
    lambda x, i: ops.segment_min(x, i, 4), **BOTH, **FLAT)  # fmt: skip
row("segment_max", (M, np.minimum(FEW, 2)),
    lambda x, i: np_grouped(x, np.where(i == 2, 3, i), np.max, 0)[[0, 1, 3]],
    lambda x, i: ops.segment_max(x, i, 3), **BOTH)  # fmt: skip
row("segment_prod", (M, FEW), lambda x, i: np_grouped(x, i, np.prod, 1),
    lambda x, i: ops.segment_prod(x, i, 4))  # fmt: skip
row("segment_max", (ids(5, 2, below=99), FEW),
    lambda x, i: np_grouped(x, i, np.max, -(2.0**31)),
    lambda x, i: ops.segment_max(x, i, 4), **FLAT)  # fmt: skip
row("view", V, lambda x: x.astype("f4").view("int32"), lambda x: ops.view(x, "int32"),
    **EAGER)  # fmt: skip

# --- order
row("sort", DISTINCT, np.sort, **ROWS)
row("sort", DISTINCT, lambda x: np.sort(x, 0), lambda x: ops.sort(x, 0))
row("sort", ids(5, 4), np.sort, **ROWS, **FLAT)
row("argsort", DISTINCT, np.argsort, **ROWS, **FLAT)
row("argsort", ids(5, 4), lambda x: np.argsort(x, 0, kind="stable"),
    lambda x: ops.argsort(x, 0), **FLAT)  # fmt: skip
row("argpartition", DISTINCT, np.argsort, lambda x: ops.argpartition(x, 2),
    **ROWS, **FLAT)  # fmt: skip
row("top_k", DISTINCT,
    lambda x: (-np.sort(-x, 1)[:, :2], np.argsort(-x, 1)[:, :2]),
    lambda x: ops.top_k(x, 2), **ROWS, **FLAT)  # fmt: skip
row("top_k", DISTINCT, lambda x: -np.sort(-x, 1)[:, :3],
    lambda x: ops.top_k(x, 3)[0], **ROWS)  # fmt: skip
STEPS = np.array([-1.0, -0.2, 0.3, 0.3, 1.5], "float32")
for side in ("left", "right"):
    row("searchsorted", (STEPS, np.append(M.ravel(), STEPS)),
        lambda s, v, d=side: np.searchsorted(s, v, d),
        lambda s, v, d=side: ops.searchsorted(s, v, d), **FLAT)  # fmt: skip
row("digitize", M, lambda x: np.digitize(x, STEPS), lambda x: ops.digitize(x, STEPS),
    **ROWS, **FLAT)  # fmt: skip
row("isin", ids(5, 4), lambda i: np.isin(i, [1, 3]), lambda i: ops.isin(i, [1, 3]),
    **ROWS, **FLAT)  # fmt: skip
row("isin", ids(5, 4), lambda i: np.isin(i, [1], invert=True),
    lambda i: ops.isin(i, [1], invert=True), **ROWS, **FLAT)  # fmt: skip
row("nonzero", ids(5, 4), np.nonzero, **EAGER)
row("unique", ids(9), np.unique, **EAGER)
row("unique", ids(9),
    lambda i: np.unique(i, return_index=True, return_inverse=True, return_counts=True),
    lambda i: ops.unique(i, True, True, True, True), **EAGER)  # fmt: skip
row("unique", ids(9, below=3), lambda i: np.append(np.unique(i), [7, 7]),
    lambda i: ops.unique(i, size=5, fill_value=7), **EAGER)  # fmt: skip

# --- statistics
row("average", M, np.average, **ROWS)
row("average", (M, positive(4)), lambda x, w: np.average(x, 1, w),
    lambda x, w: ops.average(x, 1, w), **ROWS)  # fmt: skip
row("average", (M, positive(5, 4)), lambda x, w: np.average(x, None, w),
    lambda x, w: ops.average(x, None, w), **BOTH)  # fmt: skip
row("ptp", M, lambda x: np.ptp(x, 1), lambda x: ops.ptp(x, 1), **ROWS)
row("median", DISTINCT, lambda x: np.median(x, 1), lambda x: ops.median(x, 1), **ROWS)
row("median", DISTINCT, np.median)
for method in ("linear", "lower", "higher", "midpoint", "nearest"):
    row("quantile", DISTINCT, lambda x, m=method: np.quantile(x, 0.3, 1, method=m),
        lambda x, m=method: ops.quantile(x, 0.3, 1, m), **ROWS)  # fmt: skip
row("quantile", DISTINCT, lambda x: np.quantile(x, [0.1, 0.8], 0, keepdims=True),
    lambda x: ops.quantile(x, [0.1, 0.8], 0, keepdims=True))  # fmt: skip
row("percentile", DISTINCT, lambda x: np.percentile(x, 40.0, 1),
    lambda x: ops.percentile(x, 40.0, 1), **ROWS)  # fmt: skip
row("cumprod", M, lambda x: np.cumprod(x, 1), lambda x: ops.cumprod(x, 1), **ROWS)
row("cumprod", real(7), np.cumprod)
row("prod", M, lambda x: np.prod(x, 1), lambda x: ops.prod(x, 1), **ROWS)
row("prod", T, lambda x: np.prod(x, (1, 2), keepdims=True),
    lambda x: ops.prod(x, (1, 2), keepdims=True), **ROWS)  # fmt: skip
row("prod", real(7), np.prod)
row("diff", M, np.diff, **ROWS)
row("diff", M, lambda x: np.diff(x, 2, 0), lambda x: ops.diff(x, 2, 0))
row("trapezoid", M, np.trapezoid, **ROWS)
row("trapezoid", (M, np.sort(V)), np.trapezoid, **ROWS)
row("bincount", ids(9), np.bincount, **EAGER)
row("bincount", (ids(9), real(9)), lambda i, w: np.bincount(i, w, 6),
    lambda i, w: ops.bincount(i, w, 6), **EAGER)  # fmt: skip
row("histogram", M[0], lambda x: np.histogram(x, 3), lambda x: ops.histogram(x, 3),
    **EAGER)  # fmt: skip
row("corrcoef", M, np.corrcoef)
row("correlate", (real(7), V), np.correlate, **EAGER)
row("psnr", (M, real(5, 4, seed=3)),
    lambda x, y: 20 * np.log10(2) - 10 * np.log10(np.mean((x - y) ** 2)),
    lambda x, y: ops.psnr(x, y, 2.0), **BOTH)  # fmt: skip
for name in ("nansum", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanprod"):
    full = HOLES[[0, 2]]
    numpy_ = getattr(np, name)
    ours = getattr(ops, name)
    row(name, full, lambda x, f=numpy_: f(x, 1), lambda x, f=ours: f(x, 1),
        **ROWS, **FLAT)  # fmt: skip
    row(name, full, numpy_, **FLAT)
    row(name, M, lambda x, f=numpy_: f(x, 1, keepdims=True),
        lambda x, f=ours: f(x, 1, True), **ROWS)  # fmt: skip
row("nancumsum", HOLES, lambda x: np.nancumsum(x, 1), lambda x: ops.nancumsum(x, 1),
    **ROWS, **FLAT)  # fmt: skip
row("nancumprod", HOLES, lambda x: np.nancumprod(x, 1), lambda x: ops.nancumprod(x, 1),
    **ROWS, **FLAT)  # fmt: skip
row("nancumsum", HOLES, lambda x: np.nancumsum(x, 0),
    lambda x: ops.nancumsum(x, (0,)), **FLAT)  # fmt: skip
row("nancumprod", HOLES, lambda x: np.where(np.isnan(x), 1.0, x),
    lambda x: ops.nancumprod(x, ()), **FLAT)  # fmt: skip
row("nanargmax", HOLES, lambda x: np.array([0, -1, 1]), lambda x: ops.nanargmax(x, 1),
    **ROWS, **FLAT)  # fmt: skip
row("nanargmin", HOLES, lambda x: np.array([2, -1, 0]), lambda x: ops.nanargmin(x, 1),
    **ROWS, **FLAT)  # fmt: skip
row("nanmax", HOLES, lambda x: np.array([1.0, np.nan, 3.0]),
    lambda x: ops.nanmax(x, 1), **ROWS, **FLAT)  # fmt: skip
row("nanmedian", HOLES[[0, 2]], np.nanmedian, **EAGER)
row("nanquantile", HOLES[[0, 2]], lambda x: np.nanquantile(x, [0.2, 0.5], 1),
    lambda x: ops.nanquantile(x, [0.2, 0.5], 1), **EAGER)  # fmt: skip
row("nanpercentile", HOLES[[0, 2]], lambda x: np.nanpercentile(x, 30.0),
    lambda x: ops.nanpercentile(x, 30.0), **EAGER)  # fmt: skip

# --- products
row("inner", (M, real(3, 4)), np.inner, **ROWS)
row("inner", (V, real(4, seed=5)), np.inner)
row("vdot", (M, real(5, 4, seed=3)), np.vdot, **BOTH)
row("kron", (real(2, 3), real(2, 2)), np.kron)
row("kron", (V, real(2, 2)), np.kron)
row("cross", (real(5, 3), real(5, 3, seed=2)), np.cross, **BOTH)
row("cross", (real(3, 5), real(5, 3, seed=2)), lambda x, y: np.cross(x, y, 0, 1, 0),
    lambda x, y: ops.cross(x, y, 0, 1, 0))  # fmt: skip
row("cross", (real(5, 2), real(5, 2, seed=2)),
    lambda x, y: x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0], ops.cross, **BOTH)  # fmt: skip
row("cdist", (M, real(3, 4, seed=8)),
    lambda x, y: np.sqrt(((x[:, None] - y) ** 2).sum(-1)), **ROWS)  # fmt: skip
for subscripts, arrays in {
    "ij,jk,kl->il": (M, real(4, 3), real(3, 2)),
    "ij->ji": (M,),
    "ij->i": (M,),
    "ij,jk": (M, real(4, 3)),
    "bi,bj,b->ij": (M, real(5, 3), real(5)),
    "...i,ij->...j": (real(5, 2, 4), real(4, 3)),
    "...,...j->...j": (real(2, 3), real(3, 4)),
    "i...,...j": (real(2, 3), real(3, 4)),
    "b...,...b->...": (real(5, 1, 3), real(4, 1, 5)),
    "ii": (SQUARE,),
    "iij,j->i": (real(3, 3, 4), real(4)),
}.items():
    row("einsum", arrays, lambda *x, s=subscripts: np.einsum(s, *x),
        lambda *x, s=subscripts: ops.einsum(s, *x))  # fmt: skip

# --- factorizations and transforms
row("cholesky", GOOD, np.linalg.cholesky, **EAGER)
row("cholesky", GOOD, lambda x: np.linalg.cholesky(x).T,
    lambda x: ops.cholesky(x, upper=True), **EAGER)  # fmt: skip
row("cholesky_inverse", np.linalg.cholesky(GOOD), lambda x: np.linalg.inv(x @ x.T),
    **EAGER)  # fmt: skip
row("det", GOOD / 2, np.linalg.det, **EAGER)
row("slogdet", GOOD, lambda x: tuple(np.linalg.slogdet(x)), **EAGER)
row("logdet", GOOD, lambda x: np.linalg.slogdet(x)[1], **EAGER)
row("eig", GOOD, lambda x: x.astype(complex),
    lambda x: again(*ops.eig(x)), **EAGER)  # fmt: skip
row("eigh", GOOD, lambda x: np.linalg.eigh(x)[0], lambda x: ops.eigh(x)[0], **EAGER)
row("eigh", GOOD, lambda x: x, lambda x: again(*ops.eigh(x)), **EAGER)
row("inv", GOOD, np.linalg.inv, **EAGER)
row("pinv", M, np.linalg.pinv, **EAGER)
row("matrix_rank", np.outer(V, V), lambda x: 1, **EAGER)
row("solve", (GOOD, V), np.linalg.solve, **EAGER)
row("solve", (GOOD, real(4, 2)), np.linalg.solve, **EAGER)
row("solve_triangular", (GOOD, V), lambda a, b: np.linalg.solve(np.triu(a), b),
    **EAGER)  # fmt: skip
row("solve_triangular", (GOOD, V), lambda a, b: np.linalg.solve(np.tril(a), b),
    lambda a, b: ops.solve_triangular(a, b, lower=True), **EAGER)  # fmt: skip
row("lstsq", (M, real(5)), lambda a, b: np.linalg.lstsq(a, b, None)[0], **EAGER)
row("qr", M, lambda x: (x, np.eye(4)), lambda x: ortho(*ops.qr(x)), **EAGER)
row("svd", M, lambda x: np.linalg.svd(x)[1], lambda x: ops.svd(x)[1], **EAGER)
row("svd", M, lambda x: np.linalg.svd(x)[1], lambda x: ops.svd(x, compute_uv=False),
    **EAGER)  # fmt: skip
row("lu_factor", SQUARE, lambda x: x, lambda x: product(*ops.lu_factor(x)), **EAGER)


def again(values: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The symmetric matrix of these eigenvalues and eigenvectors."""
    return (vectors * values) @ vectors.T


def ortho(q: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The product, and what is the identity of orthogonal columns."""
    assert np.allclose(r, np.triu(r))
    return q @ r, q.T @ q


def product(both: np.ndarray, pivots: np.ndarray) -> np.ndarray:
    """The matrix of an LU factorization."""
    rows = (np.tril(both, -1) + np.eye(len(both))) @ np.triu(both)
    for i in reversed(range(len(pivots))):
        rows[[i, pivots[i]]] = rows[[pivots[i], i]]
    return rows


def halves(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part."""
    return x.real, x.imag


PAIR = (real(3, 6), real(3, 6, seed=2))
for name in ("fft", "fft2", "ifft2"):
    row(name, PAIR, lambda a, b, f=name: halves(getattr(np.fft, f)(a + 1j * b)),
        lambda a, b, f=name: getattr(ops, f)((a, b)), **EAGER)  # fmt: skip
row("rfft", real(3, 6), lambda x: halves(np.fft.rfft(x, 8)), lambda x: ops.rfft(x, 8),
    **EAGER)  # fmt: skip
row("irfft", PAIR, lambda a, b: np.fft.irfft(a + 1j * b),
    lambda a, b: ops.irfft((a, b)), **EAGER)  # fmt: skip

# --- choices and loops
row("cond", M, lambda x: 2 * x if x[0, 0] > 0 else x - 1,
    lambda x: ops.cond(x[0, 0] > 0, lambda: 2 * x, lambda: x - 1))  # fmt: skip
BRANCHES = [lambda v: 2 * v, lambda v: v - 1, lambda v: v * v]
for number in (-1, 0, 1, 5):
    row("switch", (np.int32(number), M),
        lambda i, x: BRANCHES[min(max(int(i), 0), 2)](x),
        lambda i, x: ops.switch(i, BRANCHES, x))  # fmt: skip
row("while_loop", M, lambda x: x**8,
    lambda x: ops.while_loop(
        lambda i, v: i < 3, lambda i, v: (i + 1, v * v), (0, x)
    )[1], **ROWS)  # fmt: skip
row("fori_loop", M, lambda x: x + 6,
    lambda x: ops.fori_loop(0, 4, lambda i, v: v + i, x), **ROWS)  # fmt: skip
row("scan", M, lambda x: (x.sum(0), np.cumsum(x, 0)),
    lambda x: ops.scan(lambda s, r: (s + r, s + r), ops.zeros((4,)), x))  # fmt: skip
row("associative_scan", M, lambda x: np.cumsum(x[:, ::-1], 1)[:, ::-1],
    lambda x: ops.associative_scan(lambda a, b: a + b, x, True, 1), **ROWS)  # fmt: skip
row("map", M, lambda x: x.sum(1), lambda x: ops.map(ops.sum, x))
row("vectorized_map", M, lambda x: x.sum(1), lambda x: ops.vectorized_map(ops.sum, x))
row("vectorize", M, np.abs, lambda x: ops.vectorize(abs)(x), **EAGER)

# --- nets
QKV = (real(2, 3, 2, 4), real(2, 5, 2, 4, seed=2), real(2, 5, 2, 4, seed=3))


def np_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, seen: Any) -> np.ndarray:
    """Vaswani et al., 2017, equation 1, head by head."""
    scores = np.einsum("nqhw,nkhw->nhqk", q, k) / 2
    e = np.exp(scores) * seen
    return np.einsum("nhqk,nkhw->nqhw", e / e.sum(-1, keepdims=True), v)


row("dot_product_attention", QKV, lambda q, k, v: np_attention(q, k, v, 1),
    rows=(0, 1, 2))  # fmt: skip
row("dot_product_attention", QKV, lambda q, k, v: np_attention(q, k, v, np.tri(3, 5)),
    lambda q, k, v: ops.dot_product_attention(q, k, v, is_causal=True))  # fmt: skip
SEEN = np.array([1, 0, 1, 1, 0], bool)
row("dot_product_attention", QKV, lambda q, k, v: np_attention(q, k, v, SEEN),
    lambda q, k, v: ops.dot_product_attention(q, k, v, mask=SEEN))  # fmt: skip


def np_sparsemax(x: np.ndarray) -> np.ndarray:
    """The projection, by bisection of its threshold."""
    low, high = x.min(-1, keepdims=True) - 1, x.max(-1, keepdims=True)
    for _ in range(80):
        middle = (low + high) / 2
        over = np.maximum(x - middle, 0).sum(-1, keepdims=True) > 1
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.maximum(x - low, 0)


row("sparsemax", LONG / 4, np_sparsemax, **ROWS)
row("sparsemax", M, lambda x: np_sparsemax(x.T).T, lambda x: ops.sparsemax(x, 0))
row("layer_normalization", (M, V, real(4, seed=2)),
    lambda x, g, b: (x - x.mean(1, keepdims=True))
    / np.sqrt(x.var(1, keepdims=True) + 1e-3) * g + b,
    lambda x, g, b: ops.layer_normalization(x, g, b, epsilon=1e-3), **ROWS)  # fmt: skip
row("layer_normalization", T,
    lambda x: (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True),
    lambda x: ops.layer_normalization(x, axis=(1, 2)), **ROWS)  # fmt: skip
row("rms_normalization", (M, V),
    lambda x, g: x / np.sqrt((x**2).mean(1, keepdims=True)) * g, **ROWS)  # fmt: skip

# --- gradients of one's own: the right one, written down
OWN = ops.custom_gradient(
    lambda x, y: (x * ops.exp(y), lambda g: (g * ops.exp(y), g * x * ops.exp(y)))
)
row("custom_gradient", (M, real(5, 4, seed=3)), lambda x, y: x * np.exp(y), OWN, **BOTH)
row("custom_gradient", (M, real(5, 4, seed=3)), lambda x, y: np.tanh(x * np.exp(y)) * x,
    lambda x, y: ops.tanh(OWN(x, y)) * x, **BOTH)  # fmt: skip

# --- axes in words
row("rearrange", T, lambda x: x.transpose(0, 2, 1),
    lambda x: ops.rearrange(x, "b h c -> b c h"), **ROWS)  # fmt: skip
row("rearrange", M, lambda x: x.reshape(-1, 2, 2).transpose(0, 2, 1),
    lambda x: ops.rearrange(x, "b (h c) -> b c h", c=2), **ROWS)  # fmt: skip
row("rearrange", T, lambda x: x.transpose(1, 0, 2).reshape(T.shape[1], -1),
    lambda x: ops.rearrange(x, "b h c -> h (b c)"))  # fmt: skip
