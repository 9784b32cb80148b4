"""What EarlyStopping, ModelCheckpoint and ReduceLROnPlateau share."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from pronghorn import ops
from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.errors import ArgumentError

__all__ = ["MonitorCallback"]


class MonitorCallback(Callback):
    """Watches one quantity of the logs and knows when it got better.

    Args:
        monitor: name of the quantity, as the history spells it. Default "val_loss".
        mode: "min", "max", or "auto" to take the direction from the metric's kind.
            Anything else warns and means "auto". Default "auto".
        baseline: the value to beat at first. Default None: the first one is the best.
        min_delta: a change smaller than this is no improvement. Default 0.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto "
                "mode.",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Callable[[Any, Any], bool] | None = None

    def is_improvement(self, value: float, reference: float | None) -> bool:
        """Whether `value` beats `reference` by more than `min_delta`.

        Raises:
            ArgumentError: mode is "auto" and the metric's direction is not known.
        """
        if self.monitor_op is None:  # metrics are complete only once training runs
            self._set_monitor_op()
        if reference is None:
            return True
        delta = self.min_delta if self.monitor_op is ops.less else -self.min_delta
        assert self.monitor_op is not None
        return bool(self.monitor_op(value + delta, reference))

    _is_improvement = is_improvement  # by the name that Keras has for it

    def _set_monitor_op(self) -> None:
        mode = self.mode if self.mode != "auto" else self._direction()
        if mode in ("min", "max"):
            self.monitor_op = ops.less if mode == "min" else ops.greater
            return
        raise ArgumentError(
            f"Is a good `{self.monitor}` high or low?",
            where=f"callback {type(self).__name__}, monitor={self.monitor!r}",
            expected="a metric whose direction is known, or a mode",
            received="mode='auto'",
            remedy="pass mode='max' if higher is better, mode='min' if lower is",
        )

    def _direction(self) -> str | None:
        name = self.monitor.removeprefix("val_")
        if name == "loss" or name.endswith("_loss"):
            return "min"
        for metric in _all_metrics(getattr(self.model, "metrics", None)):
            if metric.name == name:
                direction = getattr(metric, "_direction", None)
                if direction is not None:
                    return "max" if direction == "up" else "min"
        return None

    def monitored(self, logs: Logs | None, purpose: str) -> Any:
        """The watched value; None, after a warning, where the logs lack it.

        Raises:
            ArgumentError: as `is_improvement`.
        """
        if self.monitor_op is None:
            self._set_monitor_op()
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{purpose} conditioned on metric `{self.monitor}` which is not "
                f"available. Available metrics are: {','.join(logs or {})}",
                stacklevel=3,
            )
        return value


def _all_metrics(metrics: Any) -> Iterator[Any]:
    for metric in metrics or ():
        yield metric
        yield from _all_metrics(getattr(metric, "metrics", None))
