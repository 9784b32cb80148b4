"""Activations, and losses of one element, as functions of tensors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import pi
from math import sqrt as _sqrt
from typing import Any

from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.shapes import text
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import bind
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    abs,
    clip,
    equal,
    erf,
    exp,
    expm1,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    log1p,
    maximum,
    minimum,
    relu_p,
    rsqrt,
    sqrt,
    square,
    stop_gradient,
    tanh,
    where,
)
from pronghorn.ops.elementwise import sigmoid as _sigmoid
from pronghorn.ops.indexing import one_hot
from pronghorn.ops.reduce import logsumexp, max, mean, moments, sum
from pronghorn.ops.rooms import names_of
from pronghorn.ops.structure import (
    expand_dims,
    full_shape,
    moveaxis,
    reshape,
    split,
    squeeze,
)
from pronghorn.settings import EPSILON

__getattr__ = names_of("nn")

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def _float(x: Any) -> Any:
    return operands(x, floating=True)[0]


def relu(x: Any) -> Any:
    """`max(x, 0)`. Its gradient at 0 is 0.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return bind(relu_p, _float(x))


def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`."""
    return minimum(relu(x), 6.0)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`; cross-entropy after it is computed from `x` itself."""
    value = _float(x)
    return _with_logits(_sigmoid(value), value)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x) - 1)` below (Clevert et al., arXiv 1511.07289)."""
    value = _float(x)
    return where(greater(value, 0.0), value, alpha * expm1(minimum(value, 0.0)))


def selu(x: Any) -> Any:
    """Scaled elu that keeps mean and variance (Klambauer et al., arXiv 1706.02515)."""
    value = _float(x)
    low = SELU_ALPHA * expm1(minimum(value, 0.0))
    return SELU_SCALE * where(greater_equal(value, 0.0), value, low)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """`max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)` (arXiv 1704.07483)."""
    value = _float(x)
    return maximum(value, 0.0) + alpha * expm1(minimum(value, 0.0) / alpha)


def gelu(x: Any, approximate: bool = True) -> Any:
    """`x * P(X <= x)` for a normal X (Hendrycks and Gimpel, arXiv 1606.08415)."""
    value = _float(x)
    if approximate:
        inner = _sqrt(2 / pi) * (value + 0.044715 * value * value * value)
        return 0.5 * value * (1.0 + tanh(inner))
    return 0.5 * value * (1.0 + erf(value / _sqrt(2)))


def silu(x: Any) -> Any:
    """`x * sigmoid(x)` (arXiv 1702.03118)."""
    value = _float(x)
    return value * _sigmoid(value)


swish = silu


def softplus(x: Any) -> Any:
    """`log(1 + exp(x))` without overflow."""
    value = _float(x)
    return maximum(value, 0.0) + _log1p_exp_minus(value)


def _log1p_exp_minus(x: Any) -> Any:
    """`log(1 + exp(-|x|))`.

    The smaller of -x and x, not -|x|: together with `max(x, 0)` the slope at 0 is then
    one half, as it is mathematically, and not that of one side.
    """
    return log1p(exp(minimum(-x, x)))


def softsign(x: Any) -> Any:
    """`x / (1 + |x|)`."""
    value = _float(x)
    return value / (1.0 + abs(value))


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` above 0, `negative_slope * x` below."""
    value = _float(x)
    return where(greater(value, 0.0), value, negative_slope * value)


def hard_sigmoid(x: Any) -> Any:
    """`relu6(x + 3) / 6`."""
    return relu6(_float(x) + 3.0) / 6.0


def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)` (arXiv 1905.02244)."""
    value = _float(x)
    return value * hard_sigmoid(value)


hard_swish = hard_silu


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, arXiv 1908.08681).

    With e = exp(x) and n = e (e + 2), tanh(log(1 + e)) is n / (n + 2): one exponential
    and one division. Above 20 the quotient is 1 in float32, and e could overflow.
    """
    value = _float(x)
    e = exp(minimum(value, 20.0))
    n = e * (e + 2.0)
    return value * (n / (n + 2.0))


def log_sigmoid(x: Any) -> Any:
    """`log(sigmoid(x))` without overflow."""
    return -softplus(-_float(x))


def hard_tanh(x: Any) -> Any:
    """`x` kept between -1 and 1."""
    return clip(_float(x), -1.0, 1.0)


def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`."""
    value = _float(x)
    return value - tanh(value)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` moved towards 0 by `threshold`, 0 within it."""
    value = _float(x)
    below = where(less(value, -threshold), value + threshold, 0.0)
    return where(greater(value, threshold), value - threshold, below)


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` outside of [-threshold, threshold], 0 within."""
    value = _float(x)
    return where(greater(abs(value), threshold), value, 0.0)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """`x` above `threshold`, `default_value` elsewhere."""
    value = _float(x)
    return where(greater(value, threshold), value, default_value)


def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x * x + b)) / 2`."""
    value = _float(x)
    return (value + sqrt(square(value) + b)) / 2.0


def sparse_plus(x: Any) -> Any:
    """0 up to -1, `x` from 1, a parabola between."""
    value = _float(x)
    middle = where(less(value, 1.0), 0.25 * square(value + 1.0), value)
    return where(greater(value, -1.0), middle, 0.0)


def sparse_sigmoid(x: Any) -> Any:
    """0 up to -1, 1 from 1, a line between."""
    return clip(0.5 * (_float(x) + 1.0), 0.0, 1.0)


def glu(x: Any, axis: int = -1) -> Any:
    """One half times the sigmoid of the other (arXiv 1612.08083)."""
    left, right = split(_float(x), 2, axis)
    return left * _sigmoid(right)


def softmax(x: Any, axis: int = -1) -> Any:
    """Positive numbers along `axis` that add up to 1.

    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    value = _float(x)
    e = exp(value - stop_gradient(max(value, axis, keepdims=True)))
    result = e / sum(e, axis, keepdims=True)
    return _with_logits(result, value) if axis in (-1, value.ndim - 1) else result


def log_softmax(x: Any, axis: int = -1) -> Any:
    """`log(softmax(x))` without overflow."""
    value = _float(x)
    return value - logsumexp(value, axis, keepdims=True)


def _with_logits(probabilities: Any, logits: Any) -> Any:
    if isinstance(probabilities, KerasTensor):
        probabilities.logits = logits
    return probabilities


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
        return maximum(p, 0.0) - p * t + _log1p_exp_minus(p)
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
    p = _float(output)
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
    value = _float(x)
    if order == 2:
        return value * rsqrt(
            maximum(sum(square(value), axis, keepdims=True), epsilon**2)
        )
    length = sum(abs(value) ** float(order), axis, keepdims=True) ** (1.0 / order)
    return value / maximum(length, epsilon)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the class of each row is among its `k` largest predictions; NaN never."""
    p = _float(predictions)
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
    value = _float(x)
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


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest probabilities to `x`, many of them 0 (arXiv 1602.02068).

    Inside a trace each element along the axis is held against each.

    >>> sparsemax(np.array([1.0, 0.5, -1.0]))
    array([0.75, 0.25, 0.  ])
    """
    value = _float(x)
    last = moveaxis(value, axis, -1)
    # An element is in the support where 1 + k * z > the sum of the k elements from it
    # upwards: no sorting is needed to know k and that sum.
    upwards = less_equal(expand_dims(last, -1), expand_dims(last, -2))
    above = cast(upwards, last.dtype)
    count = sum(above, -1)
    total = sum(where(upwards, expand_dims(last, -2), 0.0), -1)
    chosen = cast(greater(1.0 + count * last, total), last.dtype)
    size = sum(chosen, -1, keepdims=True)
    edge = (sum(chosen * last, -1, keepdims=True) - 1.0) / size
    return moveaxis(maximum(last - edge, 0.0), -1, axis)


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
    value = _float(x)
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
    value = _float(x)
    places = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    power = mean(square(value), places, keepdims=True)
    result = value * rsqrt(power + (EPSILON if epsilon is None else epsilon))
    return result if scale is None else result * tensor(scale)
