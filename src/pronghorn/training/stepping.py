"""One step of a model as methods, which a subclass may write anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError, StateError, UnsupportedError
from pronghorn.gradient import GradientTape
from pronghorn.ir.stateless import StatelessScope
from pronghorn.layers.calling import signature
from pronghorn.training.compiled import CompiledLoss, CompiledMetrics, each_output
from pronghorn.training.logs import Logs
from pronghorn.training.objective import Objective
from pronghorn.training.parts import numbered
from pronghorn.tree import flatten

__all__ = ["Steps", "packed", "unpacked"]

_SHARED = ("compute_loss", "compute_metrics", "get_metrics_result", "metrics")
_OF_MODE = {
    "train": ("train_step", *_SHARED),
    "test": ("test_step", *_SHARED),
    "predict": ("predict_step",),
    "reset": ("reset_metrics",),
}
_REFUSED = (
    "make_train_function",
    "make_test_function",
    "make_predict_function",
    "train_function",
    "test_function",
    "predict_function",
)


def packed(x: Any, y: Any, sample_weight: Any, in_tuple: bool = False) -> Any:
    """The data of one step, as `train_step` gets it: what is None at the end is left.

    Args:
        x, y, sample_weight: of the batch.
        in_tuple: whether x alone is in a tuple, as it came; a list always is.

    >>> packed(1, 2, None), packed(1, None, 3), packed(1, None, None)
    ((1, 2), (1, None, 3), 1)
    """
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if in_tuple or isinstance(x, (list, tuple)) else x


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) from the data of one step, None for what is missing.

    >>> unpacked((1, 2)), unpacked(1)
    ((1, 2, None), (1, None, None))
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ArgumentError(
            "The data of a step is (x,), (x, y) or (x, y, sample_weight).",
            expected="1 to 3 items",
            received=len(data),
        )
    x, y, weight = [*data, None, None][:3]
    return x, y, weight


class Steps:
    """Mixin of `Trainer`: what one step of training, measuring, predicting does.

    A subclass that overrides one of these is traced with its own code.
    """

    name: str
    compiled: bool
    optimizer: Any
    losses: Any
    metrics_variables: Any
    stateless_call: Any
    trainable_variables: Any
    non_trainable_variables: Any
    _objective: Objective
    _output_names: Any

    _own_targets: Any  # the form in which an own step gets y; None for one array
    _own_outputs: Any  # the form of what an own predict_step gave
    _own_logs: dict[str, Logs]

    def _has_own(self, mode: str) -> bool:
        """Whether a step of this kind is the subclass's own code."""
        own: Any = type(self)
        return _overrides(own, mode)

    def _reset(self, mode: str) -> None:
        """Before a pass over data: metrics start anew."""
        if self._has_own(mode) or self._has_own("reset"):
            self.reset_metrics()
        else:
            self._objective.reset()

    def _results(self, mode: str) -> dict[str, Any]:
        """After some steps: what to show of them, by name."""
        own = self._has_own(mode)
        return self._own_logs[mode].results() if own else self._objective.results()

    def _in_order(self, logs: dict[str, Any]) -> Any:
        """Results as `evaluate` lists them: the metrics' order, then the others."""
        known = [m.name for m in self.metrics] if self._has_own("test") else list(logs)
        if self._has_own("test"):
            known = [*self._objective.tensors(), *known]
        names = [n for n in dict.fromkeys(known) if n in logs]
        names += [n for n in sorted(logs) if n not in names]
        values = [logs[name] for name in names]
        return values[0] if len(values) == 1 else values

    def _own_names(self, y: Any, names: list[str]) -> list[str]:
        """Names of the targets: those of the outputs, or what an own step gets as y."""
        self._own_targets = None
        several = isinstance(y, (list, tuple)) and any(np.ndim(p) > 0 for p in y)
        if not (self._has_own("train") or self._has_own("test")) or y is None:
            return names
        if isinstance(y, Mapping):
            self._own_targets = dict.fromkeys(y)
            return sorted(y)
        if several and all(hasattr(p, "shape") for p in y):
            self._own_targets = [None] * len(y)
            return [str(i) for i in range(len(y))]
        return ["y"]

    def _prepare_ahead(self, y: Any) -> None:
        """Resolves what `compile` was given, where the outputs are known before."""
        objective = self._objective
        given = (objective.loss, objective.metrics, objective.weighted_metrics)
        outputs = self.__dict__.get("_outputs_spec")
        if outputs is None or all(item is None for item in given):
            return
        # A loss that makes other outputs of them is not known before the step.
        if len(flatten(y)) in (1, len(flatten(outputs))):
            self._prepare_objective(y, outputs)

    def _refuse_overrides(self) -> None:
        for method in _REFUSED:
            if hasattr(type(self), method):
                raise UnsupportedError(
                    f"A model's own {method} is not used.",
                    where=f"{type(self).__name__}.{method}",
                    expected="train_step, test_step or predict_step",
                    received=method,
                    remedy="write what one batch does into train_step(self, data)",
                )

    # --- the three steps

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of training; override it to train in your own way.

        It is traced once, and runs natively: write it with `pronghorn.ops`,
        `GradientTape`, or `value_and_grad`. With `compile(run_eagerly=True)` it runs as
        Python for each batch.

        Args:
            data: `x`, `(x, y)` or `(x, y, sample_weight)` of one batch. An override
                with the parameters `(state, data)` gets the values of all variables
                too, and returns `(logs, state)`, as Keras has it on JAX.

        Returns:
            What `fit` shows and keeps, by name.
        """
        x, y, weight = unpacked(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)  # type: ignore[operator]
            loss = self._loss_of(x, y, y_pred, weight, True)
            scaled = self.optimizer.scale_loss(loss)
        self._objective.track(loss, flatten(y_pred))
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        return self.compute_metrics(x, y, y_pred, sample_weight=weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of `evaluate`; override it to measure in your own way.

        Args:
            data: as `train_step` gets it; with `(state, data)` the same holds.

        Returns:
            What `evaluate` gives, by name.
        """
        x, y, weight = unpacked(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, weight, False)
        self._objective.track(loss, flatten(y_pred))
        return self.compute_metrics(x, y, y_pred, sample_weight=weight)

    def predict_step(self, data: Any) -> Any:
        """One step of `predict`; override it to predict in your own way.

        Args:
            data: `x` of one batch.

        Returns:
            The outputs, one row for each of x.
        """
        x, _, _ = unpacked(data)
        return self(x, training=False)  # type: ignore[operator]

    # --- loss and metrics

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The loss of a batch: that of `compile`, and all penalties.

        Args:
            x: inputs; the default does not look at them.
            y, y_pred, sample_weight: targets, outputs, weights.
            training: whether it is for training.

        Returns:
            A scalar tensor.

        Raises:
            StateError: there is no loss.
        """
        self._prepare_objective(y, y_pred)
        outputs = flatten(y_pred)
        count = len(outputs)
        total = self._objective.total_loss(
            each_output(y, count), outputs, each_output(sample_weight, count)
        )
        for term in self.losses:
            term = ops.sum(term)
            total = term if total is None else total + term
        if total is None:
            raise StateError(
                "There is no loss to compute.",
                where=f"model {self.name!r}",
                expected="compile(loss=...), add_loss, or an own compute_loss",
                received="none of these",
                remedy="compile the model with a loss",
            )
        return total

    def _loss_of(self, x: Any, y: Any, y_pred: Any, weight: Any, training: bool) -> Any:
        """`compute_loss`, of an older form without `training` too."""
        known = signature(self.compute_loss)
        more = {"training": training} if "training" in known.names else {}
        return self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weight, **more)

    def stateless_compute_loss(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        metrics_variables: Sequence[Any],
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Any, tuple[Any, Any, Any]]:
        """The loss for given values of the variables.

        Args:
            trainable_variables, non_trainable_variables, metrics_variables: a value for
                each of the model's.
            x, y, y_pred, sample_weight, training: see `compute_loss`.

        Returns:
            The loss, and the three lists of values after it.
        """
        groups = (
            (self.trainable_variables, trainable_variables),
            (self.non_trainable_variables, non_trainable_variables),
            (self.metrics_variables, metrics_variables),
        )
        pairs = [pair for mine, given in groups for pair in zip(mine, given)]
        with StatelessScope(pairs) as scope:
            loss = self._loss_of(x, y, y_pred, sample_weight, training)
        others, measured = (
            [_current(scope, v) for v in group]
            for group in (self.non_trainable_variables, self.metrics_variables)
        )
        return loss, (trainable_variables, others, measured)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Adds a batch to the metrics of `compile`, and gives all metrics' values.

        Args:
            x: inputs; the default does not look at them.
            y, y_pred, sample_weight: targets, outputs, weights.
        """
        self.compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The values of `metrics` by name; those of a dict among them one by one."""
        if _defining(type(self), "metrics") is _defining(Steps, "metrics"):
            return self._objective.tensors()
        found: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            found.update(value if isinstance(value, dict) else {metric.name: value})
        return found

    def reset_metrics(self) -> None:
        """Starts all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def metrics(self) -> list[Any]:
        """Every metric that training fills: the loss, those compiled, the layers'.

        Where several outputs have metrics and `train_step` is the subclass's own, those
        compiled are one object, `compiled_metrics`, which takes all outputs at once.
        """
        objective = self._objective
        compiled = objective.all_metrics() if self.compiled else []
        if objective.outputs > 1 and self._has_own("train"):
            each = objective.compiled_metrics()
            rest = [m for m in compiled if not any(m is other for other in each)]
            compiled = [*rest, *([self.compiled_metrics] if each else [])]
        return compiled + [m for m in self._layer_metrics() if m not in compiled]

    def _layer_metrics(self) -> list[Any]:
        """The metrics that layers keep and update in `call`."""
        return super().metrics  # type: ignore[misc]

    @property
    def compiled_metrics(self) -> CompiledMetrics:
        """The metrics of `compile` as one, with `update_state(y, y_pred)`."""
        return CompiledMetrics(self._objective, self._prepare_objective)

    @property
    def compiled_loss(self) -> CompiledLoss:
        """The loss of `compile` as a function of targets and outputs, as in Keras 2."""
        return CompiledLoss(self._objective, self._prepare_objective)

    def _prepare_objective(self, y: Any, y_pred: Any) -> None:
        """Resolves the names given to `compile`, for tensors like these."""
        objective = self._objective
        if objective.built:
            return
        outputs, names = flatten(y_pred), self._output_names()
        if len(names) != len(outputs):
            names = [None] * len(outputs)  # each loss has its own
        targets = each_output(y, len(outputs))
        if len(targets) != len(outputs):
            raise ShapeError(
                "The targets do not match the outputs.",
                where=f"model {self.name!r}",
                expected=f"{len(outputs)} targets, as y_pred has tensors",
                received=len(targets),
            )
        measured = self._layer_metrics()
        objective.build(names, targets, outputs, measured, numbered(y_pred))


@lru_cache(1024)
def _overrides(owner: Any, mode: str) -> bool:
    names = _OF_MODE[mode]
    return any(_defining(owner, n) is not _defining(Steps, n) for n in names)


def _defining(owner: type, name: str) -> Any:
    """What a class, or the one that it has it from, has by a name."""
    for base in owner.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


def _current(scope: StatelessScope, variable: Any) -> Any:
    value = scope.get_current_value(variable)
    return variable.value if value is None else value
