"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import Dim, Shape, broadcast, size, text
from pronghorn.ir.tracer import bind
from pronghorn.ops.convert import operands, tensor
from pronghorn.ops.reduce import sum
from pronghorn.ops.structure import (
    expand_dims,
    full_shape,
    reshape,
    squeeze,
    swapaxes,
    transpose,
    unbroadcast,
)


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


def einsum(subscripts: str, *operands_: Any) -> Any:
    """Einstein summation of one or two tensors; on arrays, of any number.

    Raises:
        UnsupportedError: inside a trace, for repeated letters or more operands.
    """
    values = [tensor(x) for x in operands_]
    if all(isinstance(v, np.ndarray) for v in values):
        return np.einsum(subscripts, *values)
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    simple = arrow and len(terms) == len(values) == 2 and "." not in subscripts
    if not simple or any(len(set(t)) != len(t) for t in (*terms, output)):
        raise UnsupportedError(
            "This einsum cannot be traced.",
            expected="two operands, '->', and no letter twice in one of them",
            received=repr(subscripts),
            remedy="write it with matmul, transpose and sum",
        )
    return _einsum_pair(terms[0], terms[1], output, *values)


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
