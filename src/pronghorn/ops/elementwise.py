"""Operations that compute each element by itself. Shapes broadcast by NumPy's rules."""

from __future__ import annotations

from math import erf as _math_erf
from math import log as _ln
from math import pi
from math import sqrt as _sqrt
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, GraphError
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import Shape, broadcast
from pronghorn.ir.tracer import bind, is_symbolic, require_eager
from pronghorn.ops.convert import cast, operands, tensor

# --- shape rules


def _same(x: Any) -> tuple[Shape, str]:
    return x.shape, x.dtype


def _pair(x: Any, y: Any) -> tuple[Shape, str]:
    if x.dtype != y.dtype:
        raise GraphError(
            f"Operands of {x.dtype} and {y.dtype} were not brought together."
        )
    return broadcast(x.shape, y.shape), x.dtype


def _truth(x: Any, y: Any) -> tuple[Shape, str]:
    return _pair(x, y)[0], "bool"


def _choice(c: Any, x: Any, y: Any) -> tuple[Shape, str]:
    return broadcast(c.shape, x.shape, y.shape), _pair(x, y)[1]


# --- values that NumPy does not have


def _sigmoid_value(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))
    value: np.ndarray = np.where(x >= 0, 1 / (1 + e), e / (1 + e)).astype(x.dtype)
    return value


def _erf_value(x: np.ndarray) -> np.ndarray:
    value: np.ndarray = np.vectorize(_math_erf, otypes=[np.float64])(x)
    return value.astype(np.asarray(x).dtype)


def _quiet(function: Any) -> Any:
    """IEEE arithmetic without warnings: log(0) is -inf, 0/0 is NaN."""

    def value(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    return value


# --- primitives: name, value, gradient


def _unary(name: str, value: Any, vjp: Any) -> Primitive:
    return Primitive(name, Kind.ELEMENTWISE, _quiet(value), _same, vjp)


def _binary(name: str, value: Any, vjp: Any) -> Primitive:
    return Primitive(name, Kind.ELEMENTWISE, _quiet(value), _pair, vjp)


def _compare(name: str, value: Any) -> Primitive:
    return Primitive(name, Kind.ELEMENTWISE, value, _truth, lambda *_: (None, None))


def _flat(*_: Any) -> tuple[None]:
    return (None,)


neg_p = _unary("neg", np.negative, lambda g, y, x: (-g,))
exp_p = _unary("exp", np.exp, lambda g, y, x: (g * y,))
log_p = _unary("log", np.log, lambda g, y, x: (g / x,))
log1p_p = _unary("log1p", np.log1p, lambda g, y, x: (g / (x + 1.0),))
expm1_p = _unary("expm1", np.expm1, lambda g, y, x: (g * (y + 1.0),))
sqrt_p = _unary("sqrt", np.sqrt, lambda g, y, x: (g * 0.5 / y,))
tanh_p = _unary("tanh", np.tanh, lambda g, y, x: (g * (1.0 - y * y),))
sigmoid_p = _unary("sigmoid", _sigmoid_value, lambda g, y, x: (g * y * (1.0 - y),))
erf_p = _unary(
    "erf", _erf_value, lambda g, y, x: (g * (2 / _sqrt(pi)) * exp(-(x * x)),)
)
abs_p = _unary("abs", np.abs, lambda g, y, x: (g * sign(x),))
sign_p = _unary("sign", np.sign, _flat)
floor_p = _unary("floor", np.floor, _flat)
round_p = _unary("round", np.rint, _flat)
sin_p = _unary("sin", np.sin, lambda g, y, x: (g * cos(x),))
cos_p = _unary("cos", np.cos, lambda g, y, x: (-g * sin(x),))
relu_p = _unary(
    "relu", lambda x: np.maximum(x, 0), lambda g, y, x: (where(y > 0.0, g, 0.0),)
)
stop_gradient_p = _unary("stop_gradient", np.asarray, _flat)

add_p = _binary("add", np.add, lambda g, z, x, y: (g, g))
sub_p = _binary("sub", np.subtract, lambda g, z, x, y: (g, -g))
mul_p = _binary("mul", np.multiply, lambda g, z, x, y: (g * y, g * x))
div_p = _binary("div", np.divide, lambda g, z, x, y: (g / y, -(g * z) / y))
pow_p = _binary(
    "pow",
    np.power,
    lambda g, z, x, y: (
        g * y * x ** (y - 1.0),
        g * z * log(where(x > 0.0, x, 1.0)),
    ),
)
mod_p = _binary("mod", np.mod, lambda g, z, x, y: (g, -g * floor(x / y)))
# Ties go to the first operand, as in TensorFlow.
maximum_p = _binary(
    "maximum",
    np.maximum,
    lambda g, z, x, y: (where(x >= y, g, 0.0), where(x >= y, 0.0, g)),
)
minimum_p = _binary(
    "minimum",
    np.minimum,
    lambda g, z, x, y: (where(x <= y, g, 0.0), where(x <= y, 0.0, g)),
)

equal_p = _compare("equal", np.equal)
less_p = _compare("less", np.less)
less_equal_p = _compare("less_equal", np.less_equal)

where_p = Primitive(
    "where",
    Kind.ELEMENTWISE,
    np.where,
    _choice,
    lambda g, z, c, x, y: (None, where(c, g, 0.0), where(c, 0.0, g)),
)

# --- the functions


def _float(primitive: Primitive, x: Any) -> Any:
    return bind(primitive, *operands(x, floating=True))


def add(x1: Any, x2: Any) -> Any:
    """`x1 + x2`."""
    return bind(add_p, *operands(x1, x2))


def subtract(x1: Any, x2: Any) -> Any:
    """`x1 - x2`."""
    return bind(sub_p, *operands(x1, x2))


def multiply(x1: Any, x2: Any) -> Any:
    """`x1 * x2`."""
    return bind(mul_p, *operands(x1, x2))


def divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, as floats."""
    return bind(div_p, *operands(x1, x2, floating=True))


true_divide = divide


def floor_divide(x1: Any, x2: Any) -> Any:
    """The largest integer not above `x1 / x2`, in the dtype of the operands."""
    a, b = operands(x1, x2)
    if not is_symbolic(a, b):
        return np.floor_divide(a, b)
    quotient = floor(divide(a, b))
    return quotient if _is_float(a) else cast(quotient, "int32")


def mod(x1: Any, x2: Any) -> Any:
    """The remainder of `x1 / x2`, with the sign of `x2`."""
    return bind(mod_p, *operands(x1, x2))


def power(x1: Any, x2: Any) -> Any:
    """`x1 ** x2`. Small whole exponents are multiplied out."""
    if isinstance(x2, (int, float)) and x2 in (1, 2, 3):
        base = tensor(x1)
        return {1: base, 2: base * base, 3: base * base * base}[int(x2)]
    a, b = operands(x1, x2)
    if not _is_float(a) and not isinstance(a, np.ndarray):
        return cast(round(power(cast(a, "float32"), cast(b, "float32"))), "int32")
    return bind(pow_p, a, b)


def maximum(x1: Any, x2: Any) -> Any:
    """The larger of each pair; NaN where one of them is."""
    return bind(maximum_p, *operands(x1, x2))


def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of each pair; NaN where one of them is."""
    return bind(minimum_p, *operands(x1, x2))


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` kept between `x_min` and `x_max`.

    The gradient is 1 inside and at the borders, 0 outside.

    >>> clip(np.array([-2.0, 0.5, 3.0]), 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    return minimum(maximum(x, x_min), x_max)


def negative(x: Any) -> Any:
    """`-x`."""
    return bind(neg_p, *operands(x))


def abs(x: Any) -> Any:
    """The absolute value. Its gradient at 0 is 0."""
    return bind(abs_p, *operands(x))


absolute = abs


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return bind(sign_p, *operands(x))


def square(x: Any) -> Any:
    """`x * x`."""
    value = tensor(x)
    return multiply(value, value)


def sqrt(x: Any) -> Any:
    """The square root; NaN below 0."""
    return _float(sqrt_p, x)


def rsqrt(x: Any) -> Any:
    """`1 / sqrt(x)`."""
    return divide(1.0, sqrt(x))


def reciprocal(x: Any) -> Any:
    """`1 / x`."""
    return divide(1.0, x)


def exp(x: Any) -> Any:
    """`e ** x`."""
    return _float(exp_p, x)


def exp2(x: Any) -> Any:
    """`2 ** x`."""
    return exp(multiply(x, _ln(2)))


def expm1(x: Any) -> Any:
    """`exp(x) - 1`, exact near 0."""
    return _float(expm1_p, x)


def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, NaN below."""
    return _float(log_p, x)


def log1p(x: Any) -> Any:
    """`log(1 + x)`, exact near 0."""
    return _float(log1p_p, x)


def log2(x: Any) -> Any:
    """The logarithm to base 2."""
    return multiply(log(x), 1 / _ln(2))


def log10(x: Any) -> Any:
    """The logarithm to base 10."""
    return multiply(log(x), 1 / _ln(10))


def logaddexp(x1: Any, x2: Any) -> Any:
    """`log(exp(x1) + exp(x2))` without overflow."""
    a, b = operands(x1, x2, floating=True)
    # Not -|a - b|: where both are equal each then has half of the slope.
    return maximum(a, b) + log1p(exp(minimum(b - a, a - b)))


def sin(x: Any) -> Any:
    """The sine of radians."""
    return _float(sin_p, x)


def cos(x: Any) -> Any:
    """The cosine of radians."""
    return _float(cos_p, x)


def tan(x: Any) -> Any:
    """The tangent of radians."""
    return divide(sin(x), cos(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return _float(tanh_p, x)


def sinh(x: Any) -> Any:
    """The hyperbolic sine."""
    e = expm1(x)
    return multiply(0.5, e + e / (e + 1.0))


def cosh(x: Any) -> Any:
    """The hyperbolic cosine."""
    e = exp(x)
    return multiply(0.5, e + 1.0 / e)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`, without overflow.

    >>> sigmoid(np.array([0.0, 100.0]))
    array([0.5, 1. ])
    """
    return _float(sigmoid_p, x)


def erf(x: Any) -> Any:
    """The error function (Abramowitz and Stegun, 7.1.1)."""
    return _float(erf_p, x)


def floor(x: Any) -> Any:
    """The largest whole number not above `x`."""
    return _float(floor_p, x)


def ceil(x: Any) -> Any:
    """The smallest whole number not below `x`."""
    return negative(floor(negative(x)))


def round(x: Any, decimals: int = 0) -> Any:
    """The nearest number of so many decimals; halves go to the even one."""
    if decimals == 0:
        return _float(round_p, x)
    factor = 10.0**decimals
    return divide(_float(round_p, multiply(x, factor)), factor)


def stop_gradient(variable: Any) -> Any:
    """The value, through which no gradient flows."""
    return bind(stop_gradient_p, tensor(variable))


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where the condition holds, else `x2`.

    With the condition alone: the places where it holds, one array of numbers for each
    axis; for arrays only.

    Raises:
        ArgumentError: one of `x1` and `x2` alone.
        UnsupportedError: the condition alone inside a trace.

    >>> where(np.array([True, False]), 1.0, np.array([5.0, 6.0]))
    array([1., 6.])
    """
    if x1 is None or x2 is None:
        return _places(condition, x1, x2)
    a, b = operands(x1, x2)
    c = _bool(condition)
    return bind(where_p, c, a, b)


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, and 0 where `x2` is 0.

    >>> divide_no_nan(np.array([1.0, 1.0]), np.array([0.0, 2.0]))
    array([0. , 0.5])
    """
    a, b = operands(x1, x2, floating=True)
    if isinstance(b, np.ndarray) and b.all():
        return bind(div_p, a, b)  # metrics are read so after every epoch
    none = equal(b, 0.0)
    return where(none, 0.0, divide(a, where(none, 1.0, b)))


def _places(condition: Any, x1: Any, x2: Any) -> tuple[np.ndarray, ...]:
    if x1 is not None or x2 is not None:
        raise ArgumentError(
            "where takes both values, or none of them.",
            where="ops.where",
            expected="x1 and x2",
            received="one of them",
        )
    value = tensor(condition)
    require_eager("where without values", value)
    return tuple(i.astype(np.int32) for i in np.nonzero(value))


def equal(x1: Any, x2: Any) -> Any:
    """Whether each pair is equal."""
    return bind(equal_p, *operands(x1, x2))


def not_equal(x1: Any, x2: Any) -> Any:
    """Whether each pair differs."""
    return logical_not(equal(x1, x2))


def less(x1: Any, x2: Any) -> Any:
    """`x1 < x2`."""
    return bind(less_p, *operands(x1, x2))


def less_equal(x1: Any, x2: Any) -> Any:
    """`x1 <= x2`."""
    return bind(less_equal_p, *operands(x1, x2))


def greater(x1: Any, x2: Any) -> Any:
    """`x1 > x2`."""
    return less(x2, x1)


def greater_equal(x1: Any, x2: Any) -> Any:
    """`x1 >= x2`."""
    return less_equal(x2, x1)


def logical_and(x1: Any, x2: Any) -> Any:
    """Whether both hold."""
    return bind(minimum_p, *operands(_bool(x1), _bool(x2)))


def logical_or(x1: Any, x2: Any) -> Any:
    """Whether one of them holds."""
    return bind(maximum_p, *operands(_bool(x1), _bool(x2)))


def logical_xor(x1: Any, x2: Any) -> Any:
    """Whether exactly one of them holds."""
    return not_equal(_bool(x1), _bool(x2))


def logical_not(x: Any) -> Any:
    """Whether it does not hold."""
    return bind(equal_p, *operands(_bool(x), False))


def isnan(x: Any) -> Any:
    """Whether each element is NaN."""
    value = tensor(x)
    return not_equal(value, value)


def isfinite(x: Any) -> Any:
    """Whether each element is a number: neither NaN nor infinite."""
    (value,) = operands(x, floating=True)
    return less(abs(value), float("inf"))


def isinf(x: Any) -> Any:
    """Whether each element is infinite."""
    (value,) = operands(x, floating=True)
    return equal(abs(value), float("inf"))


def _bool(x: Any) -> Any:
    return cast(x, "bool")


def _is_float(x: Any) -> bool:
    return (
        np.dtype(x.dtype).kind == "f" if hasattr(x, "dtype") else isinstance(x, float)
    )
