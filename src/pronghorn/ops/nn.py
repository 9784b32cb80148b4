"""Losses of one element, normalization and encodings, as functions of tensors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import sqrt as _sqrt
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.shapes import text
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    abs,
    clip,
    equal,
    greater,
    less,
    log,
    maximum,
    rsqrt,
    square,
    tanh,
    where,
)
from pronghorn.ops.indexing import one_hot
from pronghorn.ops.linalg import matmul
from pronghorn.ops.nonlinear import (
    as_float,
    log1p_exp_minus,
    log_softmax,
    softmax,
)
from pronghorn.ops.reduce import logsumexp, max, mean, moments, sum
from pronghorn.ops.repeating import repeat
from pronghorn.ops.rooms import names_of
from pronghorn.ops.structure import (
    fixed,
    full_shape,
    moveaxis,
    reshape,
    squeeze,
    transpose,
)
from pronghorn.settings import EPSILON

__getattr__ = names_of("nn")

_UNSEEN = -0.7 * float(np.finfo(np.float32).max)  # a score: its weight is 0


def _logits_of(p: Any, output: Any, from_logits: bool) -> tuple[Any, bool]:
    """Cross-entropy of a sigmoid or softmax is computed from what went into it."""
    logits = output.logits if isinstance(output, KerasTensor) else None
    if not from_logits and logits is not None:
        return logits, True
    return p, from_logits


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """`-(t log p + (1 - t) log(1 - p))` of each element.

    Probabilities are kept 1e-7 away from 0 and 1, unless they come straight from a
    sigmoid inside the graph.

    >>> binary_crossentropy(np.array([1.0]), np.array([0.5])).round(4)
    array([0.6931])
    """
    t, p = operands(target, output, floating=True)
    _same_shape(t, p)
    p, from_logits = _logits_of(p, output, from_logits)
    if from_logits:
        return maximum(p, 0.0) - p * t + log1p_exp_minus(p)
    p = clip(p, EPSILON, 1.0 - EPSILON)
    return -(t * log(p) + (1.0 - t) * log(1.0 - p))


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """`-sum(t log p)` along the classes; `target` holds one probability a class."""
    t, p = operands(target, output, floating=True)
    _same_shape(t, p)
    p, from_logits = _logits_of(p, output, from_logits)
    if from_logits:
        return -sum(t * log_softmax(p, axis), axis)
    p = clip(p / sum(p, axis, keepdims=True), EPSILON, 1.0 - EPSILON)
    return -sum(t * log(p), axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """`-log p` of the class that `target` names, a whole number from 0.

    The classes lie along `axis` of `output`; `target` has the other axes.
    """
    p = as_float(output)
    if one_axis(axis, p.ndim) != p.ndim - 1:
        return sparse_categorical_crossentropy(
            target, moveaxis(p, axis, -1), from_logits
        )
    ids = cast(target, "int32")
    if ids.ndim == p.ndim and full_shape(ids)[-1] == 1:
        ids = squeeze(ids, -1)
    if full_shape(ids) != full_shape(p)[:-1]:
        raise ShapeError(
            "Class numbers and predictions do not go together.",
            where="y",
            expected=f"class numbers of shape {text(full_shape(p)[:-1])}",
            received=f"y of shape {text(full_shape(ids))}",
            remedy="for one-hot rows use categorical_crossentropy, or pass their "
            "numbers, np.argmax(y, -1)",
        )
    p, from_logits = _logits_of(p, output, from_logits)
    scores = p if from_logits else log(clip(p, EPSILON, 1.0 - EPSILON))
    chosen = one_hot(ids, p.shape[-1], dtype=p.dtype)
    return logsumexp(scores, -1) - sum(where(chosen > 0.5, scores, 0.0), -1)


def _same_shape(target: Any, output: Any) -> None:
    if full_shape(target) != full_shape(output):
        raise ShapeError(
            "Targets and predictions do not go together.",
            expected=f"targets of shape {text(full_shape(output))}",
            received=text(full_shape(target)),
            remedy="check the number of units of the last layer against y",
        )


def normalize(
    x: Any, axis: Any = -1, order: int = 2, epsilon: float | None = None
) -> Any:
    """`x` divided by its length along `axis`, which counts as 1e-7 at the least."""
    epsilon = EPSILON if epsilon is None else epsilon
    if not isinstance(order, int) or order < 1:
        raise ArgumentError(
            "There is no such length.",
            where="ops.normalize(order=)",
            expected="a whole number of 1 or more",
            received=repr(order),
        )
    value = as_float(x)
    if order == 2:
        return value * rsqrt(
            maximum(sum(square(value), axis, keepdims=True), epsilon**2)
        )
    length = sum(abs(value) ** float(order), axis, keepdims=True) ** (1.0 / order)
    return value / maximum(length, epsilon)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the class of each row is among its `k` largest predictions; NaN never."""
    p = as_float(predictions)
    ids = cast(targets, "int32")
    chosen = one_hot(ids, p.shape[-1], dtype=p.dtype)
    own = sum(where(chosen > 0.5, p, 0.0), -1, keepdims=True)
    own = where(equal(own, own), own, -float("inf"))
    better = sum(cast(greater(p, own), "int32"), -1)
    return less(better, k)


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset` along `axis`."""
    value = as_float(x)
    place = one_axis(axis, value.ndim)
    shape = [1] * value.ndim
    shape[place] = -1
    inverse = rsqrt(_spread(variance, shape) + epsilon)
    if scale is not None:
        inverse = inverse * _spread(scale, shape)
    result = (value - _spread(mean, shape)) * inverse
    return result if offset is None else result + _spread(offset, shape)


def _spread(x: Any, shape: Sequence[int]) -> Any:
    value = tensor(x)
    return value if len(shape) - 1 == shape.index(-1) else reshape(value, shape)


def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """1 at each class that occurs along the rows of `inputs`.

    Args:
        inputs: class numbers, `(n, k)` or `(k,)`.
        num_classes: the length of the new axis.
        axis: where it goes. Default the end.
        dtype: default float32.
        sparse: True raises: all tensors are dense.
        **kwargs: `num_tokens`, an older name of `num_classes`.

    Raises:
        ArgumentError: no number of classes, or another keyword.
        UnsupportedError: sparse.

    Example:

    >>> multi_hot([[0, 2], [1, 1]], num_classes=3)
    array([[1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    if kwargs or num_classes is None:
        raise ArgumentError(
            "multi_hot needs the number of classes, and takes nothing else.",
            where="ops.multi_hot",
            expected="num_classes",
            received=", ".join(kwargs) or "nothing",
        )
    ids = cast(inputs, "int32")
    seen = one_hot(ids, num_classes, axis, dtype, sparse)
    return max(seen, axis=1 if ids.ndim > 1 else 0)


def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * gamma + beta` (arXiv 1607.06450).

    Args:
        x: a tensor.
        gamma: the scale, of the shape of the axes. Default 1.
        beta: the offset. Default 0.
        axis: the axes of the mean and the variance. Default the last.
        epsilon: default 1e-7.
        **kwargs: `rms_scaling`, Keras's old way to divide by the deviation without
            taking off the mean, and without `beta`; it warns.

    Raises:
        UnsupportedError: another keyword.

    Example:

    >>> layer_normalization(np.array([[1.0, 3.0]])).round(3)
    array([[-1.,  1.]])
    """
    rms_scaling = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise UnsupportedError(
            "layer_normalization takes nothing else.",
            where="ops.layer_normalization",
            received=", ".join(f"{k}={v!r}" for k, v in kwargs.items()),
        )
    if rms_scaling:
        warnings.warn("rms_scaling is no RMS; see rms_normalization.", stacklevel=2)
    value = as_float(x)
    places = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    centre, spread = moments(value, places, keepdims=True)
    inverse = rsqrt(spread + (EPSILON if epsilon is None else epsilon))
    shape = _shape_of_axes(value, places)
    if gamma is not None:
        inverse = inverse * _along(gamma, shape)
    if rms_scaling:
        return value * inverse
    result = value * inverse - centre * inverse
    return result if beta is None else result + _along(beta, shape)


def _shape_of_axes(x: Any, places: Sequence[int]) -> list[Any]:
    kept = [one_axis(i, x.ndim) for i in places]
    return [d if i in kept else 1 for i, d in enumerate(full_shape(x))]


def _along(weight: Any, shape: list[Any]) -> Any:
    value = tensor(weight)
    return value if value.ndim == len(shape) else reshape(value, shape)


def rms_normalization(
    x: Any,
    scale: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Any:
    """`x / sqrt(mean(x²) + epsilon) * scale` (arXiv 1910.07467).

    Args:
        x: a tensor.
        scale: one number, or one for each element of the last axis. Default 1.
        axis: the axes of the mean. Default the last.
        epsilon: default 1e-7.

    Example:

    >>> rms_normalization(np.array([[1.0, 7.0]])).round(2)
    array([[0.2, 1.4]])
    """
    value = as_float(x)
    places = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    power = mean(square(value), places, keepdims=True)
    result = value * rsqrt(power + (EPSILON if epsilon is None else epsilon))
    return result if scale is None else result * tensor(scale)


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """Means of values, weighed by how well their keys fit a query (arXiv 1706.03762).

    Args:
        query: `(n, queries, heads, width)`.
        key: `(n, keys, heads, width)`; with fewer heads, each serves several queries'.
        value: `(n, keys, heads, width)`.
        bias: added to the scores, `(n or 1, heads or 1, queries, keys)`.
        mask: where False, a key does not count; of the same shape.
        scale: the factor of the scores. Default 1 / sqrt(width).
        is_causal: whether query i sees keys up to i only.
        flash_attention: True raises; there is one way to compute it.
        attn_logits_soft_cap: scores are kept within it by tanh.

    Returns:
        `(n, queries, heads, width)`.

    Raises:
        ShapeError: tensors of another rank than 4.
        UnsupportedError: flash attention.
    """
    q, k, v = operands(query, key, value, floating=True)
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ShapeError(
            "Attention takes four axes.",
            where="ops.dot_product_attention",
            expected="shapes (n, length, heads, width)",
            received=", ".join(text(full_shape(t)) for t in (q, k, v)),
        )
    if flash_attention:
        raise UnsupportedError(
            "There is no flash attention on this engine.",
            where="ops.dot_product_attention",
            received="flash_attention=True",
            remedy="leave it out: the result is the same",
        )
    heads, groups = (fixed("dot_product_attention", t, 2) for t in (q, k))
    if heads != groups:
        k, v = (repeat(t, heads // groups, 2) for t in (k, v))
    q, k, v = (transpose(t, (0, 2, 1, 3)) for t in (q, k, v))
    scale = 1 / _sqrt(fixed("dot_product_attention", q, 3)) if scale is None else scale
    scores = matmul(q, transpose(k, (0, 1, 3, 2))) * scale
    if attn_logits_soft_cap is not None:
        scores = attn_logits_soft_cap * tanh(scores / attn_logits_soft_cap)
    if bias is not None:
        scores = scores + tensor(bias)
    if is_causal:
        n, m = (fixed("dot_product_attention", scores, i) for i in (2, 3))
        seen = np.tri(n, m) > 0
        scores = where(seen, scores, _UNSEEN)
    if mask is not None:
        scores = where(cast(mask, "bool"), scores, _UNSEEN)
    return transpose(matmul(softmax(scores), v), (0, 2, 1, 3))
