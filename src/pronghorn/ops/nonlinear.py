"""Activations, as functions of tensors."""

from __future__ import annotations

from math import pi
from math import sqrt as _sqrt
from typing import Any

from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import bind
from pronghorn.ops.convert import cast, operands
from pronghorn.ops.elementwise import (
    abs,
    clip,
    erf,
    exp,
    expm1,
    greater,
    greater_equal,
    less,
    less_equal,
    log1p,
    maximum,
    minimum,
    relu_p,
    sqrt,
    square,
    stop_gradient,
    tanh,
    where,
)
from pronghorn.ops.elementwise import sigmoid as _sigmoid
from pronghorn.ops.reduce import logsumexp, max, sum
from pronghorn.ops.structure import (
    expand_dims,
    moveaxis,
    split,
)

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def as_float(x: Any) -> Any:
    """The tensor, of floats."""
    return operands(x, floating=True)[0]


def relu(x: Any) -> Any:
    """`max(x, 0)`. Its gradient at 0 is 0.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return bind(relu_p, as_float(x))


def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`."""
    return minimum(relu(x), 6.0)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`; cross-entropy after it is computed from `x` itself."""
    value = as_float(x)
    return with_logits(_sigmoid(value), value)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` above 0, `alpha * (exp(x) - 1)` below (Clevert et al., arXiv 1511.07289)."""
    value = as_float(x)
    return where(greater(value, 0.0), value, alpha * expm1(minimum(value, 0.0)))


def selu(x: Any) -> Any:
    """Scaled elu that keeps mean and variance (Klambauer et al., arXiv 1706.02515)."""
    value = as_float(x)
    low = SELU_ALPHA * expm1(minimum(value, 0.0))
    return SELU_SCALE * where(greater_equal(value, 0.0), value, low)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """`max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)` (arXiv 1704.07483)."""
    value = as_float(x)
    return maximum(value, 0.0) + alpha * expm1(minimum(value, 0.0) / alpha)


def gelu(x: Any, approximate: bool = True) -> Any:
    """`x * P(X <= x)` for a normal X (Hendrycks and Gimpel, arXiv 1606.08415)."""
    value = as_float(x)
    if approximate:
        inner = _sqrt(2 / pi) * (value + 0.044715 * value * value * value)
        return 0.5 * value * (1.0 + tanh(inner))
    return 0.5 * value * (1.0 + erf(value / _sqrt(2)))


def silu(x: Any) -> Any:
    """`x * sigmoid(x)` (arXiv 1702.03118)."""
    value = as_float(x)
    return value * _sigmoid(value)


swish = silu


def softplus(x: Any) -> Any:
    """`log(1 + exp(x))` without overflow."""
    value = as_float(x)
    return maximum(value, 0.0) + log1p_exp_minus(value)


def log1p_exp_minus(x: Any) -> Any:
    """`log(1 + exp(-|x|))`.

    The smaller of -x and x, not -|x|: together with `max(x, 0)` the slope at 0 is then
    one half, as it is mathematically, and not that of one side.
    """
    return log1p(exp(minimum(-x, x)))


def softsign(x: Any) -> Any:
    """`x / (1 + |x|)`."""
    value = as_float(x)
    return value / (1.0 + abs(value))


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` above 0, `negative_slope * x` below."""
    value = as_float(x)
    return where(greater(value, 0.0), value, negative_slope * value)


def hard_sigmoid(x: Any) -> Any:
    """`relu6(x + 3) / 6`."""
    return relu6(as_float(x) + 3.0) / 6.0


def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)` (arXiv 1905.02244)."""
    value = as_float(x)
    return value * hard_sigmoid(value)


hard_swish = hard_silu


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, arXiv 1908.08681)."""
    value = as_float(x)
    return value * tanh(softplus(value))


def log_sigmoid(x: Any) -> Any:
    """`log(sigmoid(x))` without overflow."""
    return -softplus(-as_float(x))


def hard_tanh(x: Any) -> Any:
    """`x` kept between -1 and 1."""
    return clip(as_float(x), -1.0, 1.0)


def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`."""
    value = as_float(x)
    return value - tanh(value)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` moved towards 0 by `threshold`, 0 within it."""
    value = as_float(x)
    below = where(less(value, -threshold), value + threshold, 0.0)
    return where(greater(value, threshold), value - threshold, below)


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` outside of [-threshold, threshold], 0 within."""
    value = as_float(x)
    return where(greater(abs(value), threshold), value, 0.0)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """`x` above `threshold`, `default_value` elsewhere."""
    value = as_float(x)
    return where(greater(value, threshold), value, default_value)


def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x * x + b)) / 2`."""
    value = as_float(x)
    return (value + sqrt(square(value) + b)) / 2.0


def sparse_plus(x: Any) -> Any:
    """0 up to -1, `x` from 1, a parabola between."""
    value = as_float(x)
    middle = where(less(value, 1.0), 0.25 * square(value + 1.0), value)
    return where(greater(value, -1.0), middle, 0.0)


def sparse_sigmoid(x: Any) -> Any:
    """0 up to -1, 1 from 1, a line between."""
    return clip(0.5 * (as_float(x) + 1.0), 0.0, 1.0)


def glu(x: Any, axis: int = -1) -> Any:
    """One half times the sigmoid of the other (arXiv 1612.08083)."""
    left, right = split(as_float(x), 2, axis)
    return left * _sigmoid(right)


def softmax(x: Any, axis: int = -1) -> Any:
    """Positive numbers along `axis` that add up to 1.

    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    value = as_float(x)
    e = exp(value - stop_gradient(max(value, axis, keepdims=True)))
    result = e / sum(e, axis, keepdims=True)
    return with_logits(result, value) if axis in (-1, value.ndim - 1) else result


def log_softmax(x: Any, axis: int = -1) -> Any:
    """`log(softmax(x))` without overflow."""
    value = as_float(x)
    return value - logsumexp(value, axis, keepdims=True)


def with_logits(probabilities: Any, logits: Any) -> Any:
    """The probabilities, which remember what they were computed from."""
    if isinstance(probabilities, KerasTensor):
        probabilities.logits = logits
    return probabilities


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest probabilities to `x`, many of them 0 (arXiv 1602.02068).

    Inside a trace each element along the axis is held against each.

    >>> sparsemax(np.array([1.0, 0.5, -1.0]))
    array([0.75, 0.25, 0.  ])
    """
    value = as_float(x)
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
