"""What `compile` asked for: the loss and the metrics of each output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import losses, metrics, ops
from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.ir.variable import Variable
from pronghorn.losses.targets import check_targets

__all__ = ["Objective"]


class Objective:
    """The loss and the metrics of a model, resolved for its outputs.

    Args:
        loss: one for all outputs, a list, or a dict by output name; an output's loss
            may stand alone in a list of its own.
        loss_weights: a number per output, as a list or a dict.
        metrics: a list for all outputs, a list of lists, or a dict by output name.
        weighted_metrics: the same, updated with the sample weights.
    """

    def __init__(
        self, loss: Any, loss_weights: Any, metrics_: Any, weighted_metrics: Any
    ) -> None:
        self.loss = loss
        self.loss_weights = loss_weights
        self.metrics = metrics_
        self.weighted_metrics = weighted_metrics
        self.tracker = metrics.Mean(name="loss")
        self.built = False
        self._losses: list[Any] = []
        self._weights: list[float | None] = []
        self._trackers: list[Any] = []
        self._metrics: list[list[Any]] = []
        self._weighted: list[list[Any]] = []
        self._of_layers: list[Any] = []
        self._names: list[str] = []

    def check_names(self) -> None:
        """Raises for unknown names of losses and metrics, at compile time."""
        for item in _leaves(self.loss):
            if str(item).lower() not in ("crossentropy", "ce"):
                losses.get(item)
        for item in (*_leaves(self.metrics), *_leaves(self.weighted_metrics)):
            if str(item).lower() not in ("accuracy", "acc", "crossentropy", "ce"):
                metrics.get(item)

    def build(
        self,
        names: Sequence[str],
        y_true: Sequence[Any],
        y_pred: Sequence[Any],
        of_layers: Sequence[Any] = (),
    ) -> None:
        """Resolves names for outputs of these shapes.

        Args:
            names: of the outputs.
            y_true, y_pred: tensors, one for each output.
            of_layers: metrics that the model's layers update by themselves.
        """
        if self.built:
            return
        self._of_layers = list(of_layers)
        self._names = list(names)
        given = [_alone(g) for g in _per_output(self.loss, names, "loss", spread=True)]
        self._weights = _per_output(self.loss_weights, names, "loss_weights")
        shapes = [
            (None if t is None else t.shape, p.shape)
            for t, p in zip(y_true, y_pred, strict=True)
        ]
        for name, item, (t, _) in zip(names, given, shapes, strict=True):
            if item is not None and t is None:
                raise DataError(
                    "An output of the model has a loss but no target.",
                    where=f"output {name!r}",
                    expected="targets for " + ", ".join(map(repr, names)),
                    received=f"none for {name!r}",
                    remedy=f"pass y for it, or compile(loss={{{name!r}: None, ...}})",
                )
        self._losses = [
            None if t is None else losses.choose(item, t, p)
            for item, (t, p) in zip(given, shapes, strict=True)
        ]
        if sum(loss is not None for loss in self._losses) > 1:
            self._trackers = [
                None if loss is None else metrics.Mean(name=f"{n}_loss")
                for n, loss in zip(names, self._losses, strict=True)
            ]
        self._metrics = _resolve(self.metrics, names, shapes, "metrics")
        self._weighted = _resolve(
            self.weighted_metrics, names, shapes, "weighted_metrics"
        )
        self.built = True

    # --- in the step

    def total_loss(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The sum of the outputs' losses, as a tensor; None if there is none."""
        total = None
        for i, loss in enumerate(self._losses):
            if loss is None:
                continue
            value = loss(y_true[i], y_pred[i], weights[i])
            if getattr(value, "ndim", 0):
                value = ops.mean(value)
            if self._trackers:  # this output has a loss, so it has a tracker
                self._trackers[i].update_state(value, sample_weight=_rows(y_pred[i]))
            weight = self._weights[i]
            if weight is not None:
                value = value * float(weight)
            total = value if total is None else total + value
        return total

    def track(self, loss: Any, y_pred: Any) -> None:
        """Adds a step's loss to the mean of the epoch, weighted by its rows."""
        self.tracker.update_state(loss, sample_weight=_rows(y_pred[0]))

    def update_metrics(self, y_true: Any, y_pred: Any, weights: Any) -> None:
        """Updates the metrics with a step's outputs."""
        for i, group in enumerate(self._metrics):
            for metric in group:
                metric.update_state(y_true[i], y_pred[i])
        for i, group in enumerate(self._weighted):
            for metric in group:
                metric.update_state(y_true[i], y_pred[i], sample_weight=weights[i])

    # --- between the steps

    def all_metrics(self) -> list[Any]:
        """Every metric with state, the loss first."""
        trackers = filter(None, self._trackers)
        return [self.tracker, *trackers, *self._of_layers, *self.compiled_metrics()]

    def compiled_metrics(self) -> list[Any]:
        """The metrics that `compile` was given, those of the first output first."""
        return [m for group in (*self._metrics, *self._weighted) for m in group]

    def compiled_results(self) -> dict[str, Any]:
        """The part of `tensors` that comes from them."""
        others = 1 + len([t for t in self._trackers if t]) + len(self._of_layers)
        return dict(list(self.tensors().items())[others:])

    @property
    def outputs(self) -> int:
        """How many outputs it was resolved for."""
        return len(self._names)

    def variables(self) -> list[Variable]:
        """The metrics' state."""
        return [v for metric in self.all_metrics() for v in metric.variables]

    def reset(self) -> None:
        """Starts all metrics anew."""
        for metric in self.all_metrics():
            metric.reset_state()

    def results(self) -> dict[str, float]:
        """The metrics' values by name, the loss first."""
        return {name: _number(value) for name, value in self.tensors().items()}

    def tensors(self) -> dict[str, Any]:
        """The same as `results`, as the metrics give them; symbolic in a trace."""
        found: dict[str, Any] = {"loss": self.tracker.result()}
        for tracker in self._trackers:
            if tracker is not None:
                found[tracker.name] = tracker.result()
        for metric in self._of_layers:
            found[_free(metric.name, found)] = metric.result()
        for groups, prefix in ((self._metrics, ""), (self._weighted, "weighted_")):
            for name, group in zip(self._names, groups):
                head = f"{name}_" if len(self._names) > 1 else ""
                for metric in group:
                    label = f"{head}{metric.name}"
                    if label in found and prefix:
                        label = f"{head}{prefix}{metric.name}"
                    found[_free(label, found)] = metric.result()
        return found

    def check(self, y: Sequence[np.ndarray | None], y_pred: Sequence[Any]) -> None:
        """Raises a DataError for targets outside of a loss's domain."""
        for loss, target, out in zip(self._losses, y, y_pred):
            if loss is not None and target is not None:
                classes = out.shape[-1] if len(out.shape) > 1 else None
                check_targets(loss, target, classes)

    def get_config(self) -> dict[str, Any]:
        """What `compile` was given, as plain data."""
        return {
            "loss": _serialize(self.loss),
            "loss_weights": self.loss_weights,
            "metrics": _serialize(self.metrics),
            "weighted_metrics": _serialize(self.weighted_metrics),
        }


def _serialize(item: Any) -> Any:
    if isinstance(item, str) or item is None:
        return item
    if isinstance(item, (list, tuple)):
        return [_serialize(i) for i in item]
    if isinstance(item, dict):
        return {k: _serialize(v) for k, v in item.items()}
    return configs.serialize(item)


def _leaves(structure: Any) -> list[Any]:
    if isinstance(structure, dict):
        return [leaf for v in structure.values() for leaf in _leaves(v)]
    if isinstance(structure, (list, tuple)):
        return [leaf for v in structure for leaf in _leaves(v)]
    return [] if structure is None else [structure]


def _rows(y_pred: Any) -> Any:
    return ops.cast(ops.convert_to_tensor(ops.shape(y_pred)[0]), "float32")


def _number(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array


def _free(label: str, taken: dict[str, Any]) -> str:
    name, index = label, 0
    while name in taken:
        index += 1
        name = f"{label}_{index}"
    return name


def _per_output(
    given: Any, names: Sequence[str], what: str, spread: bool = False
) -> list[Any]:
    """One item per output, from one for all, a list or a dict."""
    if isinstance(given, dict):
        unknown = [key for key in given if key not in names]
        if unknown:
            raise ArgumentError(
                f"compile({what}=) names an output that the model does not have.",
                expected=", ".join(names),
                received=", ".join(map(str, unknown)),
            )
        missing = [name for name in names if name not in given]
        if missing and what == "loss":
            raise ArgumentError(
                "compile(loss=) leaves out an output of the model.",
                expected=", ".join(names),
                received=", ".join(map(str, given)),
                remedy=f"add {', '.join(missing)}; None for an output without a loss",
            )
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ShapeError(
                f"compile({what}=) does not fit the model's outputs.",
                expected=f"{len(names)}, one for each of " + ", ".join(names),
                received=len(given),
            )
        return list(given)
    return [given if spread or len(names) == 1 else None] * len(names)


def _alone(loss: Any) -> Any:
    """An output's loss, which may stand alone in a list."""
    listed = isinstance(loss, (list, tuple)) and len(loss) == 1
    return loss[0] if listed else loss


def _resolve(
    given: Any, names: Sequence[str], shapes: Sequence[Any], what: str
) -> list[list[Any]]:
    """The metric objects of each output."""
    if given is None:
        return [[] for _ in names]
    if len(names) == 1 and not isinstance(given, dict):
        groups: list[Any] = [_flat_list(given)]
    elif isinstance(given, (list, tuple)) and not any(
        isinstance(g, (list, tuple)) for g in given
    ):
        groups = (
            [list(given) for _ in names]
            if len(given) != len(names)
            else [[g] for g in given]
        )
    else:
        groups = _per_output(given, names, what)
    return [
        [metrics.choose(m, t, p) for m in _flat_list(group)] if t is not None else []
        for group, (t, p) in zip(groups, shapes, strict=True)
    ]


def _flat_list(given: Any) -> list[Any]:
    return (
        _leaves(given)
        if isinstance(given, (list, tuple))
        else ([] if given is None else [given])
    )
