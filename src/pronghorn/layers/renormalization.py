"""What batch renormalization adds to `BatchNormalization`.

In training a batch is normalized with its own statistics, and then corrected towards
their moving averages, so that training and prediction compute almost the same (Ioffe,
arXiv 1702.03275).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.initializers import Initializer

__all__ = ["add_statistics", "checked_clipping", "corrected"]

_BOUNDS = ("rmax", "rmin", "dmax")


def checked_clipping(clipping: Mapping[str, float] | None, where: str) -> Any:
    """The bounds of the correction; {} for none.

    Raises:
        ArgumentError: a bound that there is not, or that leaves no room.

    >>> checked_clipping({"rmax": 3.0}, "layer 'norm'")
    {'rmax': 3.0}
    """
    found = dict(clipping or {})
    least, most = found.get("rmin"), found.get("rmax")
    empty = least is not None and most is not None and most < least
    if empty or set(found) - set(_BOUNDS) or (found.get("dmax") or 0) < 0:
        raise ArgumentError(
            "The correction of batch renormalization is kept within bounds.",
            where=f"{where}, renorm_clipping",
            expected="a dict with rmin, rmax (rmin or more) and dmax (0 or more)",
            received=repr(clipping),
            remedy="leave out what has no bound",
        )
    return found


def add_statistics(layer: Any, features: int) -> None:
    """Makes the averages that training corrects towards, and one of the deviation.

    Args:
        layer: a `BatchNormalization` that has its other weights.
        features: how many.
    """
    of_variance, of_mean = (
        _another(initializer)
        for initializer in (
            layer.moving_variance_initializer,
            layer.moving_mean_initializer,
        )
    )

    def deviation(shape: Any, dtype: Any = None) -> Any:
        return np.sqrt(np.asarray(of_variance(shape, dtype=dtype)))

    for name, initializer in (
        ("moving_stddev", deviation),
        ("renorm_mean", of_mean),
        ("renorm_stddev", deviation),
    ):
        weight = layer.add_weight(
            name=name, shape=(features,), initializer=initializer, trainable=False
        )
        setattr(layer, name, weight)


def _another(initializer: Any) -> Any:
    """An initializer that draws the same once more."""
    if isinstance(initializer, Initializer):
        return type(initializer).from_config(initializer.get_config())
    return initializer


def corrected(layer: Any, mean: Any, variance: Any) -> tuple[Any, Any]:
    """The scale and the offset with the correction in them; the averages move on.

    `(x * r + d) * gamma + beta` is `x * (r * gamma) + (d * gamma + beta)`.

    Args:
        layer: a `BatchNormalization` with `renorm`.
        mean, variance: of the batch.
    """
    deviation = ops.sqrt(variance + layer.epsilon)
    # The floor is for an average that begins at 0.
    average = ops.maximum(layer.renorm_stddev.value, layer.epsilon**0.5)
    ratio = ops.divide(deviation, average)
    shift = ops.divide(mean - layer.renorm_mean, average)
    bounds = layer.renorm_clipping
    if bounds.get("rmin") is not None:
        ratio = ops.maximum(ratio, bounds["rmin"])
    if bounds.get("rmax") is not None:
        ratio = ops.minimum(ratio, bounds["rmax"])
    if bounds.get("dmax") is not None:
        shift = ops.clip(shift, -bounds["dmax"], bounds["dmax"])
    scale, offset = ops.stop_gradient(ratio), ops.stop_gradient(shift)
    if layer.gamma is not None:
        scale, offset = scale * layer.gamma, offset * layer.gamma
    if layer.beta is not None:
        offset = offset + layer.beta
    _move(layer.renorm_mean, mean, layer.renorm_momentum)
    _move(layer.renorm_stddev, deviation, layer.renorm_momentum)
    _move(layer.moving_mean, mean, layer.momentum)
    moved = _move(layer.moving_stddev, deviation, layer.momentum)
    # Rounding may leave less than the epsilon that is taken away again.
    layer.moving_variance.assign(ops.relu(moved * moved - layer.epsilon))
    return scale, offset


def _move(average: Any, value: Any, momentum: float) -> Any:
    moved = average * momentum + value * (1.0 - momentum)
    average.assign(moved)
    return moved
