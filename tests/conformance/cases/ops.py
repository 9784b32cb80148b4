"""Operations: values of arrays, with arguments other than the defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results

Call = Callable[[Any], Any]

A = data.draw(1, 5, 4)
B = data.draw(2, 5, 4)
V = data.draw(3, 4)
IDS = np.array([2, 0, 3, 1, 0], "int32")
GOOD = (A.T @ A + np.eye(4)).astype("float32")
HOLES = np.where(A > 1.2, np.nan, A).astype("float32")
SEEN = A > 0

# group: name, and the call on `keras.ops`
CALLS: dict[str, dict[str, Call]] = {
    "joining": {
        "concatenate": lambda o: o.concatenate([A, B]),
        "append": lambda o: o.append(A, B),
        "stack": lambda o: o.stack([A, B], axis=1),
        "hstack": lambda o: o.hstack([A, B]),
        "vstack": lambda o: o.vstack([A, B]),
        "split": lambda o: o.split(A, [1, 3], axis=1),
        "array_split": lambda o: o.array_split(A, 3),
        "unstack": lambda o: o.unstack(A, axis=1),
        "roll": lambda o: o.roll(A, 7, axis=1),
        "roll flat": lambda o: o.roll(A, 3),
        "rot90": lambda o: o.rot90(A, 3),
        "tile": lambda o: o.tile(A, (2, 1)),
        "meshgrid": lambda o: o.meshgrid(V, A[:, 0]),
    },
    "making": {
        "arange": lambda o: o.arange(3, 11, 2),
        "linspace": lambda o: o.linspace(A, B, 3, endpoint=False, axis=1),
        "logspace": lambda o: o.logspace(0.0, 2.0, 4),
        "geomspace": lambda o: o.geomspace(1.0, 9.0, 4),
        "eye": lambda o: o.eye(3, 4, k=1),
        "tri": lambda o: o.tri(3, 4, k=-1),
        "tril": lambda o: o.tril(A, k=1),
        "triu": lambda o: o.triu(A, k=-1),
        "diag": lambda o: o.diag(V, k=1),
        "diagonal": lambda o: o.diagonal(A, offset=1),
        "trace": lambda o: o.trace(A, offset=-1),
        "vander": lambda o: o.vander(V, 3),
        "one_hot": lambda o: o.one_hot(IDS, 5, axis=0),
        "multi_hot": lambda o: o.multi_hot(IDS.reshape(1, 5), 6),
        "kaiser": lambda o: o.kaiser(5, 3.0),
    },
    "order": {
        "sort": lambda o: o.sort(A, axis=0),
        "argsort": lambda o: o.argsort(A),
        "top_k": lambda o: o.top_k(A, 2),
        "searchsorted": lambda o: o.searchsorted(np.sort(V), A[:, 0], side="right"),
        "digitize": lambda o: o.digitize(A, np.sort(V)),
        "isin": lambda o: o.isin(IDS, np.array([0, 3])),
        "in_top_k": lambda o: o.in_top_k(IDS, np.abs(A), k=2),
        "bincount": lambda o: o.bincount(IDS, minlength=6),
        "median": lambda o: o.median(A, axis=1),
        "quantile": lambda o: o.quantile(A, np.array([0.2, 0.7], "float32"), axis=0),
        "nonzero": lambda o: o.nonzero(IDS),
    },
    "counting": {
        "average": lambda o: o.average(A, axis=1, weights=np.abs(V)),
        "cumsum": lambda o: o.cumsum(A, axis=1),
        "cumprod": lambda o: o.cumprod(A, axis=0),
        "diff": lambda o: o.diff(A, n=2),
        "prod": lambda o: o.prod(A, axis=1, keepdims=True),
        "max": lambda o: o.max(A, axis=1, initial=0.5),
        "min": lambda o: o.min(A, axis=1, initial=-0.5),
        "var": lambda o: o.var(A, axis=0),
        "logsumexp": lambda o: o.logsumexp(A, axis=1),
        "norm": lambda o: o.norm(A, ord=1, axis=1),
        "count_nonzero": lambda o: o.count_nonzero(IDS),
        "segment_sum": lambda o: o.segment_sum(A, IDS, 4),
        "segment_max": lambda o: o.segment_max(A, IDS, 4),
        "nan_to_num": lambda o: o.nan_to_num(HOLES, nan=3.0),
        "nanmean": lambda o: o.nanmean(HOLES, axis=0),
        "nanmax": lambda o: o.nanmax(HOLES, axis=1),
        "nanvar": lambda o: o.nanvar(HOLES, axis=1),
        "trapezoid": lambda o: o.trapezoid(A, dx=0.5),
        "ptp": lambda o: o.ptp(A, axis=0),
    },
    "elements": {
        "arctan2": lambda o: o.arctan2(A, B),
        "arcsinh": lambda o: o.arcsinh(A),
        "hypot": lambda o: o.hypot(A, B),
        "fmod": lambda o: o.fmod(A, B),
        "floor_divide": lambda o: o.floor_divide(A, B),
        "heaviside": lambda o: o.heaviside(A, B),
        "erfinv": lambda o: o.erfinv(np.tanh(A)),
        "erfc": lambda o: o.erfc(A),
        "logaddexp2": lambda o: o.logaddexp2(A, B),
        "isclose": lambda o: o.isclose(A, A + 1e-3, atol=1e-2),
        "signbit": lambda o: o.signbit(A),
        "sinc": lambda o: o.sinc(A),
        "trunc": lambda o: o.trunc(3 * A),
        "round": lambda o: o.round(A, 1),
        "divide_no_nan": lambda o: o.divide_no_nan(A, np.round(B)),
        "saturate_cast": lambda o: o.cast(o.saturate_cast(A * 200, "uint8"), "int32"),
        "bitwise_xor": lambda o: o.bitwise_xor(IDS, np.array([1], "int32")),
        "left_shift": lambda o: o.left_shift(IDS, np.array([2], "int32")),
        "select": lambda o: o.select([SEEN, B > 0], [A, B], 2.0),
        "where": lambda o: o.where(SEEN, A, 1.0),
        "clip": lambda o: o.clip(A, -0.5, 0.5),
    },
    "places": {
        "take": lambda o: o.take(A, IDS, axis=0),
        "take_along_axis": lambda o: o.take_along_axis(A, IDS[:, None], axis=1),
        "slice": lambda o: o.slice(A, (1, 2), (3, 2)),
        "slice_update": lambda o: o.slice_update(A, (1, 2), np.ones((2, 2), "float32")),
        "scatter": lambda o: o.scatter(IDS[:, None], A, (5, 4)),
        "scatter_update": lambda o: o.scatter_update(A, [[0, 1], [4, 2]], [1.0, 2.0]),
        "unravel_index": lambda o: o.unravel_index(IDS, (2, 2)),
        "pad": lambda o: o.pad(A, ((1, 0), (0, 2)), constant_values=1.5),
        "pad reflect": lambda o: o.pad(A, ((1, 0), (0, 2)), mode="reflect"),
        "flip": lambda o: o.flip(A, axis=1),
    },
    "products": {
        "einsum": lambda o: o.einsum("ij,kj->ik", A, B),
        "inner": lambda o: o.inner(A, B),
        "vdot": lambda o: o.vdot(V, V),
        "kron": lambda o: o.kron(A[:2], B[:2, :2]),
        "cross": lambda o: o.cross(A[:, :3], B[:, :3]),
        "tensordot": lambda o: o.tensordot(A, B, axes=[[0], [0]]),
        "outer": lambda o: o.outer(V, V),
        "corrcoef": lambda o: o.corrcoef(A),
    },
    "matrices": {
        "cholesky": lambda o: o.cholesky(GOOD),
        "det": lambda o: o.det(GOOD),
        "inv": lambda o: o.inv(GOOD),
        "solve": lambda o: o.solve(GOOD, V[:, None]),
        "solve_triangular": lambda o: o.solve_triangular(GOOD, V[:, None], lower=True),
        "lstsq": lambda o: o.lstsq(A, B[:, :1]),
        "singular values": lambda o: o.svd(A, compute_uv=False),
        "eigenvalues": lambda o: o.eigh(GOOD)[0],
        "logdet": lambda o: o.logdet(GOOD),
        "rfft": lambda o: o.rfft(A),
    },
    "nets": {
        "layer_normalization": lambda o: o.layer_normalization(A, V, V, epsilon=1e-3),
        "rms_normalization": lambda o: o.rms_normalization(A, V),
        "normalize": lambda o: o.normalize(A, axis=0, order=3),
        "moments": lambda o: o.moments(A, axes=[0]),
        "dot_product_attention": lambda o: o.dot_product_attention(
            A.reshape(1, 5, 2, 2), B.reshape(1, 5, 2, 2), B.reshape(1, 5, 2, 2)
        ),
        "glu": lambda o: o.glu(A),
        "threshold": lambda o: o.threshold(A, 0.3, -1.0),
    },
    "control": {
        "cond": lambda o: o.cond(V[0] > 0, lambda: A, lambda: B),
        "switch": lambda o: o.switch(1, [lambda x: x, lambda x: 2 * x], A),
        "while_loop": lambda o: o.while_loop(
            lambda i, x: i < 3, lambda i, x: (i + 1, x * 2), (0, A)
        )[1],
        "fori_loop": lambda o: o.fori_loop(0, 3, lambda i, x: x + 1, A),
        "scan": lambda o: o.scan(lambda s, x: (s + x, s * x), V, A),
        "map": lambda o: o.map(lambda x: x * 2, A),
        "vectorized_map": lambda o: o.vectorized_map(lambda x: o.sum(x), A),
    },
}


def values(k: Any, calls: dict[str, Call]) -> Results:
    """Each call's result or results, integers as such."""
    results: Results = {}
    for name, call in calls.items():
        found = call(k.ops)
        parts = found if isinstance(found, (tuple, list)) else [found]
        for i, part in enumerate(parts):
            array = np.asarray(part)
            wide = array.dtype.kind in "iu"  # int64 here and there
            results[f"{name} {i}"] = array.astype("int32") if wide else array
    return results


def cases() -> CaseTable:
    """Every group of operations."""
    for group, calls in CALLS.items():
        yield Case(f"ops/{group}/values", lambda k, c=calls: values(k, c))
