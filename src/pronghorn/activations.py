"""Activations: elementwise functions (and softmax) that layers apply to their outputs.

Each takes a tensor or an array and returns one of the same shape (`glu` halves an
axis). They are written in `ops`, so a model that uses them is traced, differentiated
and run natively; a function of your own serves as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.lookup import from_config, interpret
from pronghorn.registry import keras_class

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

_known = keras_class("keras.activations")
_EXAMPLE = "pronghorn.activations.relu"


@_known
def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Any:
    """The rectified linear unit, `max(x, 0)` by default.

    Args:
        x: a tensor.
        negative_slope: slope below the threshold. Default 0.
        max_value: where the output saturates; None for nowhere.
        threshold: inputs up to it are damped: `negative_slope * (x - threshold)`.

    Example:

    >>> import numpy as np
    >>> x = np.array([-10.0, -5.0, 0.0, 5.0, 10.0], "float32")
    >>> relu(x).tolist()
    [0.0, 0.0, 0.0, 5.0, 10.0]
    >>> relu(x, negative_slope=0.5, max_value=5.0).tolist()
    [-5.0, -2.5, 0.0, 5.0, 5.0]
    """
    if max_value is None and threshold == 0:
        return ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    above = ops.greater(x, threshold)
    positive = ops.where(above, x, 0.0) if threshold else ops.relu(x)
    if max_value is not None:
        positive = ops.clip(positive, 0.0, max_value)
    if not negative_slope:
        return positive
    return positive - negative_slope * ops.relu(ops.subtract(threshold, x))


@_known
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` where positive, `negative_slope * x` elsewhere.

    >>> import numpy as np
    >>> leaky_relu(np.array([-1.0, 2.0]), negative_slope=0.5).tolist()
    [-0.5, 2.0]
    """
    return ops.leaky_relu(x, negative_slope=negative_slope)


@_known
def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`."""
    return ops.relu6(x)


@_known
def softmax(x: Any, axis: int = -1) -> Any:
    """Probabilities along an axis: positive, with sum 1. One alone is always 1.

    Warns of an axis with one element: its result does not depend on what comes in.

    >>> import numpy as np
    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    shape = getattr(x, "shape", ())
    if isinstance(axis, int) and -len(shape) <= axis < len(shape) and shape[axis] == 1:
        warnings.warn(
            f"softmax along axis {axis} of the shape {tuple(shape)} gives 1 whatever "
            "comes in, as there is one element. A single output is for sigmoid.",
            stacklevel=2,
        )
    return ops.softmax(x, axis=axis)


@_known
def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of `softmax`, computed without underflow."""
    return ops.log_softmax(x, axis=axis)


@_known
def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`: between 0 and 1.

    >>> import numpy as np
    >>> float(sigmoid(np.array(0.0)))
    0.5
    """
    return ops.sigmoid(x)


@_known
def log_sigmoid(x: Any) -> Any:
    """The logarithm of `sigmoid`, computed without underflow."""
    return ops.log_sigmoid(x)


@_known
def hard_sigmoid(x: Any) -> Any:
    """`clip(x / 6 + 1 / 2, 0, 1)`: a sigmoid in three straight pieces."""
    return ops.hard_sigmoid(x)


@_known
def sparse_sigmoid(x: Any) -> Any:
    """0 below -1, 1 above 1, a straight line between."""
    return ops.sparse_sigmoid(x)


@_known
def sparsemax(x: Any, axis: int = -1) -> Any:
    """Positive numbers along `axis` that add up to 1, many of them exactly 0.

    The nearest such numbers to `x` (Martins and Astudillo, arXiv 1602.02068).

    >>> import numpy as np
    >>> sparsemax(np.array([1.0, 0.5, -1.0])).tolist()
    [0.75, 0.25, 0.0]
    """
    return ops.sparsemax(x, axis)


@_known
def tanh(x: Any) -> Any:
    """The hyperbolic tangent: between -1 and 1."""
    return ops.tanh(x)


@_known
def hard_tanh(x: Any) -> Any:
    """`clip(x, -1, 1)`."""
    return ops.hard_tanh(x)


@_known
def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`."""
    return ops.tanh_shrink(x)


@_known
def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` where positive, `alpha * (exp(x) - 1)` elsewhere (Clevert et al., 2016)."""
    return ops.elu(x, alpha=alpha)


@_known
def selu(x: Any) -> Any:
    """The self-normalising `elu` (Klambauer et al., 2017); start from `lecun_normal`.

    Its scale is 1.0507 and its alpha 1.6733.
    """
    return ops.selu(x)


@_known
def celu(x: Any, alpha: float = 1.0) -> Any:
    """`max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)` (Barron, 2017)."""
    return ops.celu(x, alpha=alpha)


@_known
def gelu(x: Any, approximate: bool = False) -> Any:
    """`x * P(X <= x)` for a standard normal X (Hendrycks and Gimpel, 2016).

    Args:
        x: a tensor.
        approximate: use the tanh approximation. Default False: `erf`.
    """
    return ops.gelu(x, approximate=approximate)


@_known
def silu(x: Any) -> Any:
    """`x * sigmoid(x)`, also called swish (Ramachandran et al., 2017)."""
    return ops.silu(x)


@_known
def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)`, also called hard swish."""
    return ops.hard_silu(x)


@_known
def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, 2019)."""
    return ops.mish(x)


@_known
def softplus(x: Any) -> Any:
    """`log(exp(x) + 1)`, computed without overflow."""
    return ops.softplus(x)


@_known
def sparse_plus(x: Any) -> Any:
    """0 below -1, `x` above 1, `(x + 1)² / 4` between."""
    return ops.sparse_plus(x)


@_known
def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x² + b)) / 2`: a softplus without exponentials."""
    return ops.squareplus(x, b=b)


@_known
def softsign(x: Any) -> Any:
    """`x / (|x| + 1)`."""
    return ops.softsign(x)


@_known
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` drawn towards 0 by `threshold`, and 0 within it."""
    return ops.soft_shrink(x, threshold=threshold)


@_known
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x`, but 0 where `|x| <= threshold`."""
    return ops.hard_shrink(x, threshold=threshold)


@_known
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """`x` where it is above `threshold`, `default_value` elsewhere."""
    return ops.threshold(x, threshold, default_value)


@_known
def glu(x: Any, axis: int = -1) -> Any:
    """The first half of `x` along `axis`, gated by the sigmoid of the second half."""
    return ops.glu(x, axis=axis)


@_known
def exponential(x: Any) -> Any:
    """`exp(x)`."""
    return ops.exp(x)


@_known
def linear(x: Any) -> Any:
    """`x` itself.

    >>> linear(3)
    3
    """
    return x


swish = silu
hard_swish = hard_silu

_FUNCTIONS = (
    relu,
    leaky_relu,
    relu6,
    softmax,
    log_softmax,
    sparsemax,
    sigmoid,
    log_sigmoid,
    hard_sigmoid,
    sparse_sigmoid,
    tanh,
    hard_tanh,
    tanh_shrink,
    elu,
    selu,
    celu,
    gelu,
    silu,
    hard_silu,
    mish,
    softplus,
    sparse_plus,
    squareplus,
    softsign,
    soft_shrink,
    hard_shrink,
    threshold,
    glu,
    exponential,
    linear,
)
_NAMES: dict[str, Callable[..., Any]] = {f.__name__: f for f in _FUNCTIONS}
_NAMES.update(swish=silu, hard_swish=hard_silu)


def get(identifier: Any) -> Callable[..., Any]:
    """The activation that a name, a config, a function or a layer stands for.

    Args:
        identifier: `"relu"`, a function, a layer, a config; None means `linear`.

    Raises:
        UnknownNameError: no activation has that name.

    Example:

    >>> get("relu").__name__, get(None).__name__, get("swish").__name__
    ('relu', 'linear', 'silu')
    """
    found = interpret("activation", identifier, _NAMES, _EXAMPLE)
    return linear if found is None else found


def serialize(activation: Callable[..., Any]) -> Any:
    """What a file says for an activation: its name if it is one of ours.

    >>> serialize(relu)
    'relu'
    """
    if isinstance(activation, FunctionType) and activation in _FUNCTIONS:
        return activation.__name__
    return configs.serialize(activation)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None
) -> Callable[..., Any]:
    """The activation that `serialize` described.

    >>> deserialize("tanh") is tanh
    True
    """
    return from_config("activation", config, _NAMES, _EXAMPLE, custom_objects)
