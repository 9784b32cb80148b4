"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import Batch, Dim, Shape, broadcast, size, text
from pronghorn.ir.tracer import bind
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import sqrt, where
from pronghorn.ops.reduce import sum
from pronghorn.ops.rooms import names_of
from pronghorn.ops.structure import (
    expand_dims,
    fixed,
    full_shape,
    moveaxis,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
    unbroadcast,
)
from pronghorn.ops.subscripts import spelled_out

__getattr__ = names_of("linalg")


def _matmul_shape(a: Any, b: Any) -> tuple[Shape, str]:
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(
            "These matrices cannot be multiplied.",
            expected=f"{a.shape[-1]} rows in the second, as the first has columns",
            received=f"{text(a.shape)} and {text(b.shape)}",
        )
    lead = broadcast(a.shape[:-2], b.shape[:-2])
    return (*lead, a.shape[-2], b.shape[-1]), a.dtype


def _matmul_vjp(g: Any, _: Any, a: Any, b: Any) -> tuple[Any, Any]:
    da = matmul(g, swapaxes(b, -1, -2))
    db = matmul(swapaxes(a, -1, -2), g)
    return unbroadcast(da, full_shape(a)), unbroadcast(db, full_shape(b))


matmul_p = Primitive("matmul", Kind.CONTRACTION, np.matmul, _matmul_shape, _matmul_vjp)


def matmul(x1: Any, x2: Any) -> Any:
    """The matrix product; vectors and leading axes by NumPy's rules.

    A stack of rows (n, ..., k) times one matrix (k, m) is one product of matrices.

    >>> matmul(np.ones((2, 3)), np.ones((3, 4))).shape
    (2, 4)
    """
    a, b = operands(x1, x2)
    if a.ndim == 0 or b.ndim == 0:
        raise ShapeError("matmul needs vectors or matrices.", received="a scalar")
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return np.matmul(a, b)
    if a.ndim == 1:
        return squeeze(matmul(expand_dims(a, 0), b), -2 if b.ndim > 1 else 0)
    if b.ndim == 1:
        return squeeze(matmul(a, expand_dims(b, 1)), -1)
    if a.ndim > 2 and b.ndim == 2:
        lead = full_shape(a)[:-1]
        if len([d for d in lead if isinstance(d, Batch)]) < 2:  # steps are known
            flat = reshape(a, (size(lead), full_shape(a)[-1]))
            return reshape(bind(matmul_p, flat, b), (*lead, full_shape(b)[-1]))
    return bind(matmul_p, a, b)


def dot(x1: Any, x2: Any) -> Any:
    """NumPy's dot: a product of vectors, of matrices, or by a number."""
    a, b = tensor(x1), tensor(x2)
    if a.ndim == 0 or b.ndim == 0:
        a, b = operands(a, b)
        return a * b
    if b.ndim <= 2:
        return matmul(a, b)
    return tensordot(a, b, ((a.ndim - 1,), (b.ndim - 2,)))


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """The sum of products over pairs of axes."""
    a, b = operands(x1, x2)
    if isinstance(axes, int):
        left = tuple(range(a.ndim - axes, a.ndim))
        right = tuple(range(axes))
    else:
        left, right = (_listed(i) for i in axes)
        left = tuple(i % a.ndim for i in left)
        right = tuple(i % b.ndim for i in right)
    keep_a = [i for i in range(a.ndim) if i not in left]
    keep_b = [i for i in range(b.ndim) if i not in right]
    inner: Dim = -1 if not left else size(tuple(full_shape(a)[i] for i in left))
    a2 = reshape(transpose(a, [*keep_a, *left]), (-1, 1 if inner == -1 else inner))
    b2 = reshape(transpose(b, [*right, *keep_b]), (1 if inner == -1 else inner, -1))
    shape = [full_shape(a)[i] for i in keep_a] + [full_shape(b)[i] for i in keep_b]
    return reshape(matmul(a2, b2), shape)


def _listed(axes: int | Sequence[int]) -> tuple[int, ...]:
    return (axes,) if isinstance(axes, int) else tuple(axes)


def outer(x1: Any, x2: Any) -> Any:
    """The product of every pair of elements."""
    a, b = operands(x1, x2)
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Einstein summation.

    Args:
        subscripts: "ij,jk->ik"; without an arrow, the letters that come once, sorted.
        *operands: one tensor for each term.
        **kwargs: of `numpy.einsum`, for arrays; inside a trace `optimize` only, which
            changes no result.

    Raises:
        ShapeError: terms that do not fit the tensors.
        UnsupportedError: inside a trace, other keywords.

    Example:

    >>> einsum("ij,j->i", np.ones((2, 3)), np.ones(3))
    array([3., 3.])
    """
    values = [tensor(x) for x in operands]
    if all(isinstance(v, np.ndarray) for v in values):
        return np.einsum(subscripts, *values, **kwargs)
    kwargs.pop("optimize", None)
    if kwargs:
        raise UnsupportedError(
            "This einsum cannot be traced.",
            where="ops.einsum",
            expected="terms and tensors only",
            received=", ".join(kwargs),
            remedy="leave the keywords out",
        )
    terms, output = spelled_out(subscripts, [full_shape(v) for v in values])
    for i, term in enumerate(terms):
        terms[i], values[i] = _once_each(term, values[i])
    terms, values = _without_ones(terms, values)
    left, a = terms[0], values[0]
    for i, (right, b) in enumerate(zip(terms[1:], values[1:]), 2):
        later = {*output, *"".join(terms[i:])}
        both = "".join(dict.fromkeys(left + right))
        kept = output if i == len(terms) else "".join(c for c in both if c in later)
        left, a = kept, _einsum_pair(left, right, kept, a, b)
    gone = tuple(k for k, c in enumerate(left) if c not in output)
    summed = sum(a, gone) if gone else a
    rest = [c for c in left if c in output]
    return transpose(summed, [rest.index(c) for c in output])


def _once_each(term: str, value: Any) -> tuple[str, Any]:
    """The term with each letter once: of letters that come twice the diagonal."""
    for letter in dict.fromkeys(term):
        while term.count(letter) > 1:
            first, second = term.index(letter), term.rindex(letter)
            value = moveaxis(value, (first, second), (-2, -1))
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + letter
            mask = np.eye(fixed("einsum", value, -1), dtype=bool)
            value = sum(where(mask, value, cast(0, value.dtype)), -1)
    return term, value


def _without_ones(terms: list[str], values: list[Any]) -> tuple[list[str], list[Any]]:
    """Without axes of size 1 that stand for the larger size of another term."""
    sizes: dict[str, Dim] = {}
    for term, value in zip(terms, values, strict=True):
        for letter, length in zip(term, full_shape(value), strict=True):
            if sizes.setdefault(letter, length) == 1:
                sizes[letter] = length
    for i, (term, value) in enumerate(zip(terms, values, strict=True)):
        ones = [
            k
            for k, (letter, length) in enumerate(zip(term, full_shape(value)))
            if length == 1 != sizes[letter]
        ]
        if ones:
            terms[i] = "".join(c for k, c in enumerate(term) if k not in ones)
            values[i] = squeeze(value, tuple(ones))
    return terms, values


def _einsum_pair(left: str, right: str, output: str, a: Any, b: Any) -> Any:
    """As one batched product: shared letters lead, summed ones meet in the middle."""
    for letters, other in ((left, right), (right, left)):
        for letter in letters:
            if letter not in other and letter not in output:
                value = a if letters is left else b
                summed = sum(value, letters.index(letter))
                rest = letters.replace(letter, "")
                pair = (summed, b) if letters is left else (a, summed)
                names = (rest, right) if letters is left else (left, rest)
                return _einsum_pair(*names, output, *pair)
    shared = [c for c in left if c in right and c in output]
    summed_ = [c for c in left if c in right and c not in output]
    only_a = [c for c in left if c not in right]
    only_b = [c for c in right if c not in left]
    sizes = dict(zip(left, full_shape(a))) | dict(zip(right, full_shape(b)))
    a3 = transpose(a, [left.index(c) for c in (*shared, *only_a, *summed_)])
    b3 = transpose(b, [right.index(c) for c in (*shared, *summed_, *only_b)])
    lead = [sizes[c] for c in shared]
    k = size(tuple(sizes[c] for c in summed_))
    product = matmul(reshape(a3, (*lead, -1, k)), reshape(b3, (*lead, k, -1)))
    order = (*shared, *only_a, *only_b)
    spread = reshape(product, [sizes[c] for c in order])
    return transpose(spread, [order.index(c) for c in output])


def inner(x1: Any, x2: Any) -> Any:
    """The sum of products along the last axis of both.

    >>> inner(np.array([1.0, 2.0]), np.array([3.0, 4.0])).item()
    11.0
    """
    a, b = operands(x1, x2)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return tensordot(a, b, ((a.ndim - 1,), (b.ndim - 1,)))


def vdot(x1: Any, x2: Any) -> Any:
    """The sum of products of all elements.

    >>> vdot(np.ones((2, 2)), np.full((2, 2), 3.0)).item()
    12.0
    """
    a, b = operands(x1, x2)
    return sum(reshape(a, (-1,)) * reshape(b, (-1,)))


def kron(x1: Any, x2: Any) -> Any:
    """Kronecker's product: `x2` times each element of `x1`, side by side.

    >>> kron(np.eye(2), np.ones((1, 2)))
    array([[1., 1., 0., 0.],
           [0., 0., 1., 1.]])
    """
    a, b = operands(x1, x2)
    rank = a.ndim if a.ndim > b.ndim else b.ndim
    left = (1,) * (rank - a.ndim) + full_shape(a)
    right = (1,) * (rank - b.ndim) + full_shape(b)
    a = reshape(a, [d for n in left for d in (n, 1)])
    b = reshape(b, [d for n in right for d in (1, n)])
    return reshape(a * b, [size((n, m)) for n, m in zip(left, right)])


def cross(
    x1: Any,
    x2: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Any:
    """The cross product of vectors of 3 elements (or 2, whose third is 0).

    Args:
        x1: the first vectors.
        x2: the second.
        axisa: the axis of a vector in `x1`. Default the last.
        axisb: the axis of a vector in `x2`. Default the last.
        axisc: where the results' axis goes. Default the end.
        axis: all three at once.

    Returns:
        The products; of two vectors of 2 elements, their third element alone.

    Raises:
        ShapeError: vectors of another length.

    Example:

    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = operands(x1, x2)
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    lengths = [fixed("cross", v, -1) for v in (a, b)]
    if not set(lengths) <= {2, 3}:
        raise ShapeError(
            "The cross product is of vectors of 2 or 3 elements.",
            where="ops.cross",
            expected="2 or 3 along the axis",
            received=lengths,
        )
    first, second = ([v[..., i] for i in range(n)] for v, n in zip((a, b), lengths))
    third = first[0] * second[1] - first[1] * second[0]
    if lengths == [2, 2]:
        return third
    u, v = (p[2] if len(p) == 3 else p[0] * 0 for p in (first, second))
    parts = [first[1] * v - u * second[1], u * second[0] - first[0] * v, third]
    return moveaxis(stack(parts, -1), -1, axisc)


def cdist(x: Any, y: Any) -> Any:
    """The distance of each row of `x` from each row of `y`.

    Args:
        x: `(..., n, width)`.
        y: `(..., m, width)`.

    Returns:
        `(..., n, m)`.

    Raises:
        ShapeError: vectors instead of rows, or rows of two widths.

    Example:

    >>> cdist(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[5., 1.]])
    """
    a, b = operands(x, y, floating=True)
    if a.ndim < 2 or b.ndim < 2 or full_shape(a)[-1] != full_shape(b)[-1]:
        raise ShapeError(
            "cdist compares rows of one width.",
            where="ops.cdist",
            expected="shapes (..., n, width) and (..., m, width)",
            received=f"{text(full_shape(a))} and {text(full_shape(b))}",
        )
    apart = expand_dims(a, -2) - expand_dims(b, -3)
    return sqrt(sum(apart * apart, -1))
