"""Elementwise functions made of others: inverses, remainders, tests of closeness.

On arrays NumPy's own function computes; inside a trace the engine has no instruction
for most of them, and they are composed from those that it has.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erfc as _math_erfc
from math import log as _ln
from math import pi
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError
from pronghorn.ir.tracer import is_symbolic, require_eager
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    abs,
    add,
    ceil,
    clip,
    divide,
    equal,
    erf,
    exp,
    floor,
    isnan,
    less,
    less_equal,
    log,
    log1p,
    logaddexp,
    logical_and,
    logical_or,
    maximum,
    minimum,
    mod,
    multiply,
    power,
    sin,
    sqrt,
    where,
)
from pronghorn.ops.reduce import all

__all__ = [
    "allclose",
    "angle",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "conj",
    "conjugate",
    "deg2rad",
    "erfc",
    "erfinv",
    "fabs",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "heaviside",
    "hypot",
    "i0",
    "imag",
    "isclose",
    "isneginf",
    "isposinf",
    "isreal",
    "lcm",
    "ldexp",
    "logaddexp2",
    "nan_to_num",
    "nextafter",
    "polar",
    "rad2deg",
    "real",
    "saturate_cast",
    "signbit",
    "sinc",
    "trunc",
    "view_as_complex",
    "view_as_real",
]

Function = Callable[..., Any]


def _one(numpy: Function, traced: Function, x: Any) -> Any:
    (value,) = operands(x, floating=True)
    if is_symbolic(value):
        return traced(value)
    with np.errstate(all="ignore"):
        return numpy(value)


def _two(numpy: Function, traced: Function, x1: Any, x2: Any) -> Any:
    a, b = operands(x1, x2, floating=True)
    if is_symbolic(a, b):
        return traced(a, b)
    with np.errstate(all="ignore"):
        return numpy(a, b)


def _odd(f: Function) -> Function:
    """An odd function, where `f` computes it from 0 up; smooth at 0."""

    def whole(x: Any) -> Any:
        return where(less(x, 0.0), -f(maximum(-x, 0.0)), f(maximum(x, 0.0)))

    return whole


# --- inverse trigonometric and hyperbolic functions


def _arctan_unit(t: Any) -> Any:
    """arctan from 0 to 1: Cephes's polynomial (Moshier, 1992) around 0 and pi/4."""
    high = less(0.41421357, t)
    z = where(high, (t - 1.0) / (t + 1.0), t)
    q = z * z
    series = ((8.05374449538e-2 * q - 1.38776856032e-1) * q + 1.99777106478e-1) * q
    return where(high, pi / 4, 0.0) + ((series - 3.33329491539e-1) * q * z + z)


def _arctan(x: Any) -> Any:
    beyond = less(1.0, x)
    small = _arctan_unit(where(beyond, 1.0 / where(beyond, x, 1.0), x))
    return where(beyond, pi / 2 - small, small)


def _arctan2(y: Any, x: Any) -> Any:
    # Of the half plane where x is positive; the rest is turned there.
    up, right = abs(y), abs(x)
    steep = less(right, up)
    longer, shorter = where(steep, up, right), where(steep, right, up)
    ratio = shorter / where(equal(longer, 0.0), 1.0, longer)
    angle_ = _arctan_unit(ratio)
    angle_ = where(steep, pi / 2 - angle_, angle_)
    angle_ = where(less(x, 0.0), pi - angle_, angle_)
    return where(less(y, 0.0), -angle_, angle_)


def arctan(x: Any) -> Any:
    """The angle in radians whose tangent is `x`, from -pi/2 to pi/2.

    >>> arctan(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7854])
    """
    return _one(np.arctan, _odd(_arctan), x)


def arctan2(x1: Any, x2: Any) -> Any:
    """The angle in radians of the point `(x2, x1)`, from -pi to pi.

    >>> arctan2(np.array([1.0, 0.0]), np.array([1.0, -1.0])).round(4)
    array([0.7854, 3.1416])
    """
    return _two(np.arctan2, _arctan2, x1, x2)


def arcsin(x: Any) -> Any:
    """The angle in radians whose sine is `x`; NaN outside of -1 to 1."""
    return _one(np.arcsin, lambda v: _arctan2(v, sqrt((1.0 - v) * (1.0 + v))), x)


def arccos(x: Any) -> Any:
    """The angle in radians whose cosine is `x`; NaN outside of -1 to 1."""
    return _one(np.arccos, lambda v: _arctan2(sqrt((1.0 - v) * (1.0 + v)), v), x)


def _arcsinh(x: Any) -> Any:
    return log1p(x + x * x / (1.0 + sqrt(x * x + 1.0)))


def arcsinh(x: Any) -> Any:
    """The number whose hyperbolic sine is `x`."""
    return _one(np.arcsinh, _odd(_arcsinh), x)


def arccosh(x: Any) -> Any:
    """The number, 0 or more, whose hyperbolic cosine is `x`; NaN below 1."""
    return _one(np.arccosh, lambda v: log(v + sqrt(v - 1.0) * sqrt(v + 1.0)), x)


def arctanh(x: Any) -> Any:
    """The number whose hyperbolic tangent is `x`; NaN outside of -1 to 1."""
    return _one(np.arctanh, lambda v: 0.5 * (log1p(v) - log1p(-v)), x)


def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return multiply(*operands(x, pi / 180, floating=True))


def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return multiply(*operands(x, 180 / pi, floating=True))


def _sinc(x: Any) -> Any:
    zero = equal(x, 0.0)
    angle_ = pi * where(zero, 1.0, x)
    return where(zero, 1.0, sin(angle_) / angle_)


def sinc(x: Any) -> Any:
    """`sin(pi x) / (pi x)`, and 1 at 0."""
    return _one(np.sinc, _sinc, x)


# --- roots, powers, sums of exponentials


def cbrt(x: Any) -> Any:
    """The cube root, of negative numbers too."""
    return _one(np.cbrt, _odd(lambda v: power(v, 1 / 3)), x)


def hypot(x1: Any, x2: Any) -> Any:
    """The length of the vector `(x1, x2)`."""
    return _two(np.hypot, lambda a, b: sqrt(a * a + b * b), x1, x2)


def ldexp(x1: Any, x2: Any) -> Any:
    """`x1 * 2 ** x2`."""
    a, b = operands(x1, floating=True)[0], tensor(x2)
    if not is_symbolic(a, b):
        return np.ldexp(a, np.asarray(b).astype(np.int32))
    return multiply(a, power(2.0, cast(b, "float32")))


def logaddexp2(x1: Any, x2: Any) -> Any:
    """`log2(2 ** x1 + 2 ** x2)` without overflow."""
    a, b = operands(x1, x2, floating=True)
    return multiply(logaddexp(a * _ln(2), b * _ln(2)), 1 / _ln(2))


# --- the error function's relatives


def _erfc_right(z: Any) -> Any:
    """erfc from 0 up to 1.2e-7 of its value (Press et al., Numerical Recipes, 6.2)."""
    t = 1.0 / (1.0 + 0.5 * z)
    series: Any = 0.17087277
    for c in (
        -0.82215223,
        1.48851587,
        -1.13520398,
        0.27886807,
        -0.18628806,
        0.09678418,
        0.37409196,
        1.00002368,
        -1.26551223,
    ):
        series = c + t * series
    return t * exp(series - z * z)


def _erfc(x: Any) -> Any:
    # Around 0 the difference is exact enough, and its slope at 0 is the right one.
    right, left = _erfc_right(maximum(x, 0.5)), 2.0 - _erfc_right(maximum(-x, 0.5))
    return where(less(abs(x), 0.5), 1.0 - erf(x), where(less(x, 0.0), left, right))


def _erfc_value(x: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.vectorize(_math_erfc, otypes=[np.float64])(x)
    return found.astype(x.dtype)


def erfc(x: Any) -> Any:
    """`1 - erf(x)`, exact where that is small."""
    return _one(lambda v: _erfc_value(np.asarray(v)), _erfc, x)


_NEAR = (
    2.81022636e-08,
    3.43273939e-07,
    -3.5233877e-06,
    -4.39150654e-06,
    0.00021858087,
    -0.00125372503,
    -0.00417768164,
    0.246640727,
    1.50140941,
)
_FAR = (
    -0.000200214257,
    0.000100950558,
    0.00134934322,
    -0.00367342844,
    0.00573950773,
    -0.0076224613,
    0.00943887047,
    1.00167406,
    2.83297682,
)


def _erfinv(x: Any) -> Any:
    """Giles, "Approximating the erfinv function", 2012, for single precision."""
    ends = equal(abs(x), 1.0)
    inside = where(ends, 0.0, x)
    w = -log((1.0 - inside) * (1.0 + inside))
    near, far = minimum(w, 5.0) - 2.5, sqrt(maximum(w, 5.0)) - 3.0
    low, high = _NEAR[0], _FAR[0]
    for a, b in zip(_NEAR[1:], _FAR[1:]):
        low, high = a + low * near, b + high * far
    found = where(less(w, 5.0), low, high) * inside
    infinite = where(less(x, 0.0), -float("inf"), float("inf"))
    return where(ends, infinite, found)


def _erfinv_value(x: np.ndarray) -> np.ndarray:
    wide = np.asarray(x, np.float64)
    found = np.where(wide * wide > 1, np.nan, _erfinv(wide))
    inside = np.isfinite(found)
    # One step of Halley's method, from seven digits to all.
    near = np.where(inside, found, 0.0)
    gap = (erf(near) - wide) * (np.sqrt(pi) / 2) * np.exp(near * near)
    return np.where(inside, near - gap / (1 + near * gap), found).astype(x.dtype)


def erfinv(x: Any) -> Any:
    """The number whose error function is `x`; infinite at -1 and 1, NaN beyond.

    >>> erfinv(np.array([0.0, 0.5])).round(4)
    array([0.    , 0.4769])
    """
    return _one(lambda v: _erfinv_value(np.asarray(v)), _erfinv, x)


def i0(x: Any) -> Any:
    """The modified Bessel function of order 0. Arrays only."""
    require_eager("i0", x)
    (value,) = operands(x, floating=True)
    return np.i0(value).astype(value.dtype)


# --- whole numbers and remainders


def fmod(x1: Any, x2: Any) -> Any:
    """The remainder of `x1 / x2`, with the sign of `x1`."""
    a, b = operands(x1, x2)
    if not is_symbolic(a, b):
        return np.fmod(a, b)
    return where(less(a, 0), -mod(-a, abs(b)), mod(a, abs(b)))


def gcd(x1: Any, x2: Any) -> Any:
    """The greatest common divisor of whole numbers. Arrays only."""
    require_eager("gcd", x1, x2)
    return np.gcd(*operands(x1, x2))


def lcm(x1: Any, x2: Any) -> Any:
    """The least common multiple of whole numbers. Arrays only."""
    require_eager("lcm", x1, x2)
    return np.lcm(*operands(x1, x2))


def trunc(x: Any) -> Any:
    """The whole number next to `x` towards 0.

    >>> trunc(np.array([-1.7, 1.7]))
    array([-1.,  1.])
    """
    value = tensor(x)
    if not is_symbolic(value):
        return np.trunc(value)
    if value.dtype != "float32":
        return value
    return where(less(value, 0.0), ceil(value), floor(value))


def fabs(x: Any) -> Any:
    """The absolute value, as a float."""
    return abs(*operands(x, floating=True))


def nextafter(x1: Any, x2: Any) -> Any:
    """The float next to `x1` towards `x2`. Arrays only."""
    require_eager("nextafter", x1, x2)
    return np.nextafter(*operands(x1, x2, floating=True))


# --- comparisons


def fmax(x1: Any, x2: Any) -> Any:
    """The larger of each pair; where one is NaN, the other."""
    a, b = operands(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, maximum(a, b)))


def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of each pair; where one is NaN, the other."""
    a, b = operands(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, minimum(a, b)))


def heaviside(x1: Any, x2: Any) -> Any:
    """0 where `x1` is below 0, 1 above, `x2` at 0."""
    a, b = operands(x1, x2, floating=True)
    return where(equal(a, 0.0), b, where(less(a, 0.0), 0.0, where(isnan(a), a, 1.0)))


def isclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether each pair differs by `atol + rtol * |x2|` at most.

    >>> isclose(np.array([1.0, 2.0]), np.array([1.000001, 2.1]))
    array([ True, False])
    """
    a, b = operands(x1, x2, floating=True)
    if not is_symbolic(a, b):
        return np.isclose(a, b, rtol, atol, equal_nan)
    finite = less(abs(b), float("inf"))
    near = logical_and(less_equal(abs(a - b), atol + rtol * abs(b)), finite)
    near = logical_or(near, equal(a, b))
    return logical_or(near, logical_and(isnan(a), isnan(b))) if equal_nan else near


def allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether every pair is close; see `isclose`."""
    return all(isclose(x1, x2, rtol, atol, equal_nan))


def isneginf(x: Any) -> Any:
    """Whether each element is minus infinity."""
    (value,) = operands(x, floating=True)
    return equal(value, -float("inf"))


def isposinf(x: Any) -> Any:
    """Whether each element is plus infinity."""
    (value,) = operands(x, floating=True)
    return equal(value, float("inf"))


def signbit(x: Any) -> Any:
    """Whether the sign is minus, of -0.0 too."""
    value = tensor(x)
    if not is_symbolic(value):
        return np.signbit(value)
    if value.dtype != "float32":
        return less(value, 0)
    return logical_or(less(value, 0.0), less(divide(1.0, value), 0.0))


# --- repairs


def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """`x` with NaN and infinities replaced.

    Args:
        x: a tensor.
        nan: what NaN becomes. Default 0.
        posinf: what plus infinity becomes. Default the largest float of the dtype.
        neginf: what minus infinity becomes. Default the smallest.

    Example:

    >>> nan_to_num(np.array([np.nan, 1.0, np.inf]), posinf=9.0)
    array([0., 1., 9.])
    """
    value = tensor(x)
    if not is_symbolic(value):
        return np.nan_to_num(value, nan=nan, posinf=posinf, neginf=neginf)
    if value.dtype != "float32":
        return value
    largest = float(np.finfo(np.float32).max)
    high = largest if posinf is None else posinf
    low = -largest if neginf is None else neginf
    value = where(isposinf(value), high, where(isneginf(value), low, value))
    return where(isnan(value), nan, value)


def saturate_cast(x: Any, dtype: Any) -> Any:
    """`x` as another dtype, kept within what that dtype can hold.

    >>> saturate_cast(np.array([-5.0, 300.0]), "uint8")
    array([  0, 255], dtype=uint8)
    """
    wanted = np.dtype(dtype)
    if wanted.kind in "iu":
        limits = np.iinfo(wanted)
        value = tensor(x)
        # Floats have no 2**31 - 1: the next below is kept.
        high = 2147483520 if value.dtype == "float32" else limits.max
        x = clip(value, limits.min, min(limits.max, high))
    elif wanted.kind == "b":
        x = clip(x, 0, 1)
    return cast(x, dtype)


# --- complex numbers: arrays only, but for what is real


def real(x: Any) -> Any:
    """The real part."""
    value = tensor(x) if is_symbolic(x) else np.asarray(x)
    return value if is_symbolic(value) else np.real(value)


def imag(x: Any) -> Any:
    """The imaginary part; zeros inside a trace, where numbers are real."""
    return multiply(tensor(x), 0.0) if is_symbolic(x) else np.imag(np.asarray(x))


def conjugate(x: Any) -> Any:
    """The complex conjugate; inside a trace, where numbers are real, `x` itself."""
    return tensor(x) if is_symbolic(x) else np.conjugate(np.asarray(x))


conj = conjugate


def isreal(x: Any) -> Any:
    """Whether each element has no imaginary part."""
    if is_symbolic(x):
        return logical_or(isnan(x), equal(x, x))
    return np.isreal(np.asarray(x))


def angle(x: Any) -> Any:
    """The angle of a complex number in radians: 0 or pi of a real one."""
    if is_symbolic(x):
        return where(less(x, 0.0), pi, 0.0)
    return np.angle(np.asarray(x))


def polar(abs_: Any, angle: Any) -> Any:
    """The complex numbers of given lengths and angles. Arrays only."""
    require_eager("polar", abs_, angle)
    length, turn = operands(abs_, angle, floating=True)
    return add(length * np.cos(turn), 1j * (length * np.sin(turn)))


def view_as_complex(x: Any) -> Any:
    """Pairs of real and imaginary part as complex numbers. Arrays only."""
    require_eager("view_as_complex", x)
    (value,) = operands(x, floating=True)
    if value.ndim == 0 or value.shape[-1] != 2:
        raise ShapeError(
            "A complex number has two parts.",
            where="ops.view_as_complex",
            expected="2 along the last axis",
            received=value.shape,
        )
    return (value[..., 0] + 1j * value[..., 1]).astype(np.complex64)


def view_as_real(x: Any) -> Any:
    """Complex numbers as pairs, real and imaginary, along a last axis. Arrays only."""
    require_eager("view_as_real", x)
    value = np.asarray(x)
    return np.stack([value.real, value.imag], -1)
