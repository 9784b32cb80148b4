"""What `compile` asked for: the loss and the metrics of each output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import losses, metrics, ops
from pronghorn.errors import DataError, PronghornError
from pronghorn.ir.variable import Variable
from pronghorn.losses.targets import check_targets
from pronghorn.training.parts import asked_losses, asked_metrics, numbered
from pronghorn.tree import flatten, is_nested, map_structure

__all__ = ["Objective"]


class Objective:
    """The loss and the metrics of a model, resolved for its outputs.

    Args:
        loss: one for all outputs, a list, a dict by output name, or a structure of the
            form of the outputs, in which a loss may take a whole part of them.
        loss_weights: a number per loss, as a list, a dict or a structure.
        metrics: a list for all outputs, a list of lists, a dict by output name, or a
            structure of the form of the outputs.
        weighted_metrics: the same, updated with the sample weights.

    Attributes:
        wide: whether a loss or metric computes in float64.
    """

    def __init__(
        self, loss: Any, loss_weights: Any, metrics_: Any, weighted_metrics: Any
    ) -> None:
        self.loss = loss
        self.loss_weights = loss_weights
        self.metrics = metrics_
        self.weighted_metrics = weighted_metrics
        self.tracker = metrics.Mean(name="loss")
        parts = [self.tracker, *map(_leaves, (loss, metrics_, weighted_metrics))]
        self.wide = any(getattr(p, "dtype", None) == "float64" for p in _leaves(parts))
        self.built = False
        self._parts: list[_Part] = []
        self._trackers: list[Any] = []
        self._metrics: list[list[Any]] = []
        self._weighted: list[list[Any]] = []
        self._of_layers: list[Any] = []
        self._names: list[str | None] = []

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
        names: Sequence[str | None],
        y_true: Sequence[Any],
        y_pred: Sequence[Any],
        of_layers: Sequence[Any] = (),
        form: Any = None,
    ) -> None:
        """Resolves names for outputs of these shapes.

        Args:
            names: of the outputs.
            y_true, y_pred: tensors, one for each output.
            of_layers: metrics that the model's layers update by themselves.
            form: the outputs' numbers, in the form of the outputs. Default: a list of
                them, or the one.
        """
        if self.built:
            return
        self._of_layers = list(of_layers)
        self._names = list(names)
        if form is None:
            form = numbered(list(names)) if len(names) > 1 else 0
        shapes = [
            (None if t is None else t.shape, p.shape)
            for t, p in zip(y_true, y_pred, strict=True)
        ]
        asked = asked_losses(self.loss, self.loss_weights, form, names)
        self._parts = [_part(item, names, shapes) for item in asked]
        if len(self._parts) > 1:
            self._trackers = [metrics.Mean(name=f"{p.name}_loss") for p in self._parts]
        self._metrics, self._weighted = (
            [
                [] if t is None else [metrics.choose(m, t, p) for m in group]
                for group, (t, p) in zip(
                    asked_metrics(given, form, names, what), shapes, strict=True
                )
            ]
            for given, what in (
                (self.metrics, "metrics"),
                (self.weighted_metrics, "weighted_metrics"),
            )
        )
        self.built = True

    # --- in the step

    def total_loss(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The sum of the outputs' losses, as a tensor; None if there is none."""
        total = None
        for i, part in enumerate(self._parts):
            value = part.value(y_true, y_pred, weights)
            if getattr(value, "ndim", 0):
                value = ops.mean(value)
            if self._trackers:
                rows = _rows(y_pred[part.first])
                self._trackers[i].update_state(value, sample_weight=rows)
            if part.weight is not None:
                value = value * float(part.weight)
            total = value if total is None else total + value
        return total

    def track(self, loss: Any, y_pred: Any) -> None:
        """Adds a step's loss to the mean of the epoch, weighted by its rows."""
        self.tracker.update_state(loss, sample_weight=_rows(y_pred[0]))

    def update_metrics(self, y_true: Any, y_pred: Any, weights: Any) -> None:
        """Updates the metrics with a step's outputs."""
        for i, name in enumerate(self._names):
            with _within(name):
                for metric in self._metrics[i]:
                    metric.update_state(y_true[i], y_pred[i])
                for metric in self._weighted[i]:
                    metric.update_state(y_true[i], y_pred[i], sample_weight=weights[i])

    # --- between the steps

    def all_metrics(self) -> list[Any]:
        """Every metric with state, the loss first."""
        mine = [self.tracker, *self._trackers]
        return [*mine, *self._of_layers, *self.compiled_metrics()]

    def compiled_metrics(self) -> list[Any]:
        """The metrics that `compile` was given, those of the first output first."""
        return [m for group in (*self._metrics, *self._weighted) for m in group]

    def compiled_results(self) -> dict[str, Any]:
        """The part of `tensors` that comes from them."""
        others = 1 + len({t.name for t in self._trackers}) + len(self._of_layers)
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
            found[tracker.name] = tracker.result()
        for metric in self._of_layers:
            found[_free(metric.name, found)] = metric.result()
        for groups, prefix in ((self._metrics, ""), (self._weighted, "weighted_")):
            for name, group in zip(self._names, groups):
                head = f"{name}_" if name and len(self._names) > 1 else ""
                for metric in group:
                    label = f"{head}{metric.name}"
                    if label in found and prefix:
                        label = f"{head}{prefix}{metric.name}"
                    found[_free(label, found)] = metric.result()
        return found

    def check(self, y: Sequence[np.ndarray | None], y_pred: Sequence[Any]) -> None:
        """Raises a DataError for targets outside of a loss's domain."""
        for part in self._parts if y else ():
            # Of a loss of several outputs, or of what a model's own step makes of
            # them, nothing is known.
            if is_nested(part.places) or part.places >= min(len(y), len(y_pred)):
                continue
            target, out = y[part.places], y_pred[part.places]
            if target is not None:
                classes = out.shape[-1] if len(out.shape) > 1 else None
                with _within(part.output):
                    check_targets(part.loss, target, classes)

    def get_config(self) -> dict[str, Any]:
        """What `compile` was given, as plain data."""
        return {
            "loss": _serialize(self.loss),
            "loss_weights": self.loss_weights,
            "metrics": _serialize(self.metrics),
            "weighted_metrics": _serialize(self.weighted_metrics),
        }


class _Part:
    """A loss, with the outputs that it takes.

    Attributes:
        loss: the object.
        places: an output's number, or a structure of them.
        first: the first of these numbers.
        weight: what the loss is multiplied with, or None.
        name: what its mean is shown as.
        output: the output's name; None for several outputs.
    """

    def __init__(
        self, loss: Any, places: Any, weight: Any, name: str, output: str | None
    ) -> None:
        self.loss = loss
        self.places = places
        self.first: int = flatten(places)[0]
        self.weight = weight
        self.name = name
        self.output = output

    def value(self, y_true: Any, y_pred: Any, weights: Any) -> Any:
        """The loss of a batch, from lists with an item for each output."""
        if not is_nested(self.places):
            at = self.places
            with _within(self.output):
                return self.loss(y_true[at], y_pred[at], weights[at])
        target, output = (
            map_structure(group.__getitem__, self.places) for group in (y_true, y_pred)
        )
        return self.loss(target, output, weights[self.first])


def _part(asked: Any, names: Sequence[str | None], shapes: Sequence[Any]) -> _Part:
    """The loss object for what `compile` was given."""
    places = flatten(asked.places)
    for place in places:
        if shapes[place][0] is None:
            name = names[place]
            raise DataError(
                "An output of the model has a loss but no target.",
                where=f"output {name!r}",
                expected="targets for " + ", ".join(map(repr, names)),
                received=f"none for {name!r}",
                remedy=f"pass y for it, or compile(loss={{{name!r}: None, ...}})",
            )
    loss = losses.choose(asked.loss, *shapes[places[0]])
    assert loss is not None  # None was left out
    output = None if is_nested(asked.places) else names[asked.places]
    return _Part(loss, asked.places, asked.weight, asked.name or loss.name, output)


@contextmanager
def _within(output: str | None) -> Iterator[None]:
    """Errors of what is done inside name the output, if it has a name."""
    try:
        yield
    except PronghornError as error:
        # The one output of a subclass is called "output", for want of a name.
        if output not in (None, "output"):
            error.within(f"output {output!r}")
        raise


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
