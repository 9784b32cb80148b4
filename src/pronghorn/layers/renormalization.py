"""Batch renormalization: `BatchNormalization(renorm=True)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError

__all__ = ["Renormalization", "clipping"]

_KEYS = ("rmax", "rmin", "dmax")


def clipping(given: Mapping[str, float] | None, layer: str) -> dict[str, float]:
    """The bounds of the corrections, as they were given.

    Raises:
        ArgumentError: another bound, `rmax` below `rmin`, or `dmax` below 0.

    >>> clipping({"rmax": 3.0}, "a"), clipping(None, "a")
    ({'rmax': 3.0}, {})
    """
    bounds = dict(given or {})
    high, low, far = (bounds.get(key) for key in _KEYS)
    turned = None not in (high, low) and high < low  # type: ignore[operator]
    if set(bounds) - set(_KEYS) or turned or (far is not None and far < 0):
        raise ArgumentError(
            "These are no bounds of batch renormalization.",
            where=f"layer {layer!r}, renorm_clipping",
            expected="rmin, rmax and dmax, with rmin <= rmax and dmax >= 0",
            received=repr(given),
            remedy='write renorm_clipping={"rmin": 0.3, "rmax": 3.0, "dmax": 5.0}, say',
        )
    return bounds


class Renormalization:
    """Mixin of `BatchNormalization`: training normalizes as prediction will.

    Ioffe, arXiv 1702.03275: the batch's statistics are corrected by `r` and `d` towards
    slowly moving ones, through which no gradient goes.
    """

    epsilon: float
    momentum: float
    renorm_momentum: float
    renorm_clipping: Any
    moving_mean: Any
    moving_variance: Any
    moving_mean_initializer: Any
    moving_variance_initializer: Any
    add_weight: Any

    def _make_renorm_weights(self, features: int) -> None:
        """Deviations are the roots of what the variance's initializer gives."""

        def root(shape: Any, dtype: Any = None) -> Any:
            return ops.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

        for name, initializer in (
            ("moving_stddev", root),
            ("renorm_mean", self.moving_mean_initializer),
            ("renorm_stddev", root),
        ):
            weight = self.add_weight(
                name=name, shape=(features,), initializer=initializer, trainable=False
            )
            setattr(self, name, weight)

    def _renormalized(
        self, mean: Any, variance: Any, gamma: Any, beta: Any
    ) -> tuple[Any, Any]:
        """Scale and shift with the corrections in them; moves all averages."""
        here: Any = self
        deviation = ops.sqrt(variance + self.epsilon)
        slow = ops.maximum(here.renorm_stddev, self.epsilon**0.5)
        r, d = deviation / slow, (mean - here.renorm_mean) / slow
        high, low, far = (self.renorm_clipping.get(key) for key in _KEYS)
        if low is not None:
            r = ops.maximum(r, low)
        if high is not None:
            r = ops.minimum(r, high)
        if far is not None:
            d = ops.clip(d, -far, far)
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        self._move_by(here.renorm_mean, mean, self.renorm_momentum)
        self._move_by(here.renorm_stddev, deviation, self.renorm_momentum)
        self._move_by(self.moving_mean, mean, self.momentum)
        kept = self._move_by(here.moving_stddev, deviation, self.momentum)
        self.moving_variance.assign(ops.relu(ops.square(kept) - self.epsilon))
        if gamma is not None:
            r, d = r * gamma, d * gamma
        return r, d if beta is None else d + beta

    def _move_by(self, average: Any, value: Any, momentum: float) -> Any:
        moved = average * momentum + value * (1.0 - momentum)
        average.assign(moved)
        return moved
