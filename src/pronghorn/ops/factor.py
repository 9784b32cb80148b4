"""Factorizations, systems of equations and Fourier transforms. Arrays only.

The engine has no instruction for them: inside a trace each raises by its name. What is
no matrix, or no square one where that is asked for, is a `ShapeError`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.ir.tracer import is_symbolic, require_eager
from pronghorn.ops.convert import operands

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "fft",
    "fft2",
    "ifft2",
    "inv",
    "irfft",
    "logdet",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "pinv",
    "qr",
    "rfft",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
]


def _square(name: str, *xs: Any) -> Any:
    """The arrays, the first of which holds square matrices."""
    shape = getattr(xs[0], "shape", None) or np.shape(xs[0])
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise _no_matrix(name, "shape (..., n, n)", shape)
    return _floats(name, *xs)


def _matrix(name: str, x: Any) -> Any:
    """The array, which holds matrices."""
    if np.ndim(x) < 2:
        raise _no_matrix(name, "two axes or more", np.shape(x))
    return _floats(name, x)


def _no_matrix(name: str, expected: str, received: Any) -> ShapeError:
    return ShapeError(
        f"ops.{name} is of matrices.",
        where=f"ops.{name}",
        expected=expected,
        received=tuple(received),
    )


def _floats(name: str, *xs: Any) -> Any:
    require_eager(name, *xs)
    values = operands(*xs, floating=True)
    return values[0] if len(values) == 1 else values


def _failed(name: str, error: Exception, why: str) -> DataError:
    return DataError(
        f"ops.{name} found no solution: {error}.",
        where=f"ops.{name}",
        expected=why,
        remedy="add a small multiple of ops.eye(n), or use ops.lstsq or ops.pinv",
    )


def cholesky(x: Any, upper: bool = False) -> Any:
    """The lower triangle L of a positive definite matrix, `L @ L.T == x`.

    Args:
        x: `(..., n, n)`.
        upper: whether the upper triangle `L.T` is returned. Default False.

    Raises:
        DataError: the matrix is not positive definite.

    Example:

    >>> cholesky(np.array([[4.0, 0.0], [0.0, 9.0]])).tolist()
    [[2.0, 0.0], [0.0, 3.0]]
    """
    value = _square("cholesky", x)
    try:
        lower = np.linalg.cholesky(value)
    except np.linalg.LinAlgError as error:
        raise _failed("cholesky", error, "a positive definite matrix") from None
    return np.swapaxes(lower, -1, -2) if upper else lower


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of a matrix, from its triangle that `cholesky` gave.

    >>> cholesky_inverse(np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.25, 0.0], [0.0, 0.0625]]
    """
    inverse = inv(_triangle(_square("cholesky_inverse", x), lower=not upper))
    other = np.swapaxes(inverse, -1, -2)
    return inverse @ other if upper else other @ inverse


def _triangle(x: Any, lower: bool) -> Any:
    if is_symbolic(x):
        return x  # of the same shape
    return np.tril(x) if lower else np.triu(x)


def det(x: Any) -> Any:
    """The determinant of square matrices."""
    return np.linalg.det(_square("det", x))


def slogdet(x: Any) -> tuple[Any, Any]:
    """The determinant's sign, and the logarithm of its absolute value."""
    sign, log = np.linalg.slogdet(_square("slogdet", x))
    return sign, log


def logdet(x: Any) -> Any:
    """The logarithm of the determinant's absolute value."""
    return np.linalg.slogdet(_square("logdet", x))[1]


def eig(x: Any) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors (as columns) of square matrices; complex numbers."""
    values, vectors = np.linalg.eig(_square("eig", x))
    kind = np.complex64 if np.asarray(x).dtype != np.float64 else np.complex128
    return values.astype(kind), vectors.astype(kind)


def eigh(x: Any) -> tuple[Any, Any]:
    """Eigenvalues, ascending, and eigenvectors (as columns) of symmetric matrices.

    >>> eigh(np.array([[2.0, 0.0], [0.0, 1.0]]))[0].tolist()
    [1.0, 2.0]
    """
    values, vectors = np.linalg.eigh(_square("eigh", x))
    return values, vectors


def inv(x: Any) -> Any:
    """The inverse of square matrices.

    Raises:
        DataError: a matrix has none.
    """
    value = _square("inv", x)
    try:
        return np.linalg.inv(value)
    except np.linalg.LinAlgError as error:
        raise _failed("inv", error, "a matrix of full rank") from None


def solve(a: Any, b: Any) -> Any:
    """The x of `a @ x == b`.

    Args:
        a: `(..., n, n)`.
        b: `(..., n)` or `(..., n, k)`.

    Raises:
        DataError: `a` has no inverse.

    Example:

    >>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 2.0])).tolist()
    [1.0, 0.5]
    """
    rows = np.shape(b)[-1 if np.ndim(b) == np.ndim(a) - 1 else -2 :][:1]
    if np.shape(a)[-1:] != rows:
        raise _no_matrix("solve", f"b with {np.shape(a)[-1:]} rows", np.shape(b))
    left, right = _square("solve", a, b)
    vector = right.ndim == left.ndim - 1
    try:
        found = np.linalg.solve(left, right[..., None] if vector else right)
    except np.linalg.LinAlgError as error:
        raise _failed("solve", error, "a matrix of full rank") from None
    return found[..., 0] if vector else found


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """The x of `a @ x == b`, where of `a` only one triangle is read.

    Args:
        a: `(..., n, n)`.
        b: `(..., n)` or `(..., n, k)`.
        lower: whether the lower triangle is read. Default False.
    """
    return solve(_triangle(a, lower), b)


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The x for which `a @ x` comes nearest to `b`.

    Args:
        a: `(n, k)`.
        b: `(n,)` or `(n, m)`.
        rcond: smaller singular values, relative to the largest, count as 0.
    """
    left, right = _floats("lstsq", a, b)
    return np.linalg.lstsq(left, right, rcond)[0]


def pinv(x: Any, rcond: float | None = None) -> Any:
    """The pseudo-inverse of Moore and Penrose.

    Args:
        x: `(..., n, k)`.
        rcond: smaller singular values, relative to the largest, count as 0.
    """
    value = _matrix("pinv", x)
    least = 10 * max(value.shape[-2:]) * np.finfo(value.dtype).eps
    return np.linalg.pinv(value, least if rcond is None else rcond)


def matrix_rank(x: Any, tol: float | None = None) -> Any:
    """The number of singular values above `tol`; int32."""
    return np.asarray(np.linalg.matrix_rank(_matrix("matrix_rank", x), tol), np.int32)


def qr(x: Any, mode: str = "reduced") -> tuple[Any, Any]:
    """Orthogonal columns and an upper triangle whose product is the matrix.

    Args:
        x: `(..., n, k)`.
        mode: "reduced" (default): min(n, k) columns; "complete": n.

    Raises:
        ArgumentError: another mode.
        ShapeError: less than two axes, or symbols whose matrices have unknown sizes.
    """
    if is_symbolic(x) and None in x.shape[-2:]:
        raise _no_matrix("qr", "known sizes along the last two axes", x.shape)
    if mode not in ("reduced", "complete"):
        raise ArgumentError(
            "There is no such mode.",
            where="ops.qr",
            expected="'reduced' or 'complete'",
            received=f"mode={mode!r}",
        )
    q, r = np.linalg.qr(_matrix("qr", x), mode=mode)  # type: ignore[call-overload]
    return q, r


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values of matrices, and their vectors on both sides.

    Args:
        x: `(..., n, k)`.
        full_matrices: whether the vectors are n and k. Default True.
        compute_uv: whether the vectors are computed. Default True.

    Returns:
        (left, values, right), or the values, descending.
    """
    value = _matrix("svd", x)
    if not compute_uv:
        return np.linalg.svd(value, compute_uv=False)
    return tuple(np.linalg.svd(value, full_matrices))


def lu_factor(x: Any) -> tuple[Any, Any]:
    """Both triangles of the LU factorization in one matrix, and the exchanged rows.

    With partial pivoting (Golub and Van Loan, algorithm 3.4.1), as LAPACK's getrf.

    Returns:
        (the triangles, of which the lower has an unwritten diagonal of ones; for each
        row the row that it was exchanged with, int32).
    """
    value = _floats("lu_factor", x)
    result = np.array(value)
    rows = min(result.shape[-2:])
    pivots = np.zeros((*result.shape[:-2], rows), np.int32)
    for place in np.ndindex(result.shape[:-2]):
        a = result[place]
        for i in range(rows):
            p = i + int(np.argmax(np.abs(a[i:, i])))
            pivots[(*place, i)] = p
            a[[i, p]] = a[[p, i]]
            if a[i, i] != 0:
                a[i + 1 :, i] /= a[i, i]
                a[i + 1 :, i + 1 :] -= np.outer(a[i + 1 :, i], a[i, i + 1 :])
    return result, pivots


# --- Fourier transforms: complex numbers are pairs (real, imaginary)


def _complex(name: str, x: Any) -> np.ndarray:
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ArgumentError(
            "Complex numbers are a pair of tensors.",
            where=f"ops.{name}",
            expected="(real, imaginary)",
            received=type(x).__name__,
        )
    real, imaginary = _floats(name, *x)
    found: np.ndarray = real + 1j * imaginary
    return found


def _pair(values: np.ndarray, like: Any) -> tuple[Any, Any]:
    wide = np.asarray(like).dtype == np.float64
    kind = np.float64 if wide else np.float32
    return values.real.astype(kind), values.imag.astype(kind)


def fft(x: Any) -> tuple[Any, Any]:
    """The Fourier transform along the last axis of a pair (real, imaginary)."""
    return _pair(np.fft.fft(_complex("fft", x)), x[0])


def fft2(x: Any) -> tuple[Any, Any]:
    """The Fourier transform along the last two axes of a pair (real, imaginary)."""
    return _pair(np.fft.fft2(_complex("fft2", x)), x[0])


def ifft2(x: Any) -> tuple[Any, Any]:
    """The inverse of `fft2`."""
    return _pair(np.fft.ifft2(_complex("ifft2", x)), x[0])


def rfft(x: Any, fft_length: int | None = None) -> tuple[Any, Any]:
    """The Fourier transform of real numbers along the last axis: its first half.

    >>> [a.round(3).tolist() for a in rfft(np.array([1.0, 0.0, -1.0, 0.0]))]
    [[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
    """
    value = _floats("rfft", x)
    return _pair(np.fft.rfft(value, fft_length), value)


def irfft(x: Any, fft_length: int | None = None) -> Any:
    """The inverse of `rfft`, of a pair (real, imaginary)."""
    found = np.fft.irfft(_complex("irfft", x), fft_length)
    wide = np.asarray(x[0]).dtype == np.float64
    return found.astype(np.float64 if wide else np.float32)
