"""What `compile` was given: one loss and one metric for a model's own step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pronghorn.ir.variable import Variable
from pronghorn.metrics import Metric
from pronghorn.training.objective import Objective
from pronghorn.tree import flatten

__all__ = ["CompiledLoss", "CompiledMetrics", "each_output"]


def each_output(structure: Any, count: int) -> list[Any]:
    """A tensor, or a structure of them, as a list with one for each output."""
    leaves: list[Any] = flatten(structure)
    return leaves * count if len(leaves) == 1 else leaves


class CompiledMetrics(Metric):
    """The metrics of all outputs: Keras's `compile_metrics`.

    Args:
        objective: of the model.
        prepare: is called with the targets and outputs before the first update.
    """

    def __init__(
        self, objective: Objective, prepare: Callable[[Any, Any], None]
    ) -> None:
        super().__init__(name="compile_metrics")
        self._objective = objective
        self._prepare = prepare

    @property
    def metrics(self) -> list[Metric]:
        """Each of them, in the order of the outputs."""
        return self._objective.compiled_metrics()

    @property
    def variables(self) -> list[Variable]:
        """The state of all."""
        return [v for metric in self.metrics for v in metric.variables]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch to each.

        Args:
            y_true, y_pred: of the one output, or structures with all.
            sample_weight: seen by the `weighted_metrics`.
        """
        self._prepare(y_true, y_pred)
        outputs = flatten(y_pred)
        count = len(outputs)
        self._objective.update_metrics(
            each_output(y_true, count), outputs, each_output(sample_weight, count)
        )

    def result(self) -> Any:
        """The values by name, as `fit` shows them."""
        return self._objective.compiled_results()


class CompiledLoss:
    """The loss of all outputs, as Keras 2 offers it to a model's own step.

    Args:
        objective: of the model.
        prepare: is called with the targets and outputs before the first use.
    """

    def __init__(
        self, objective: Objective, prepare: Callable[[Any, Any], None]
    ) -> None:
        self._objective = objective
        self._prepare = prepare

    @property
    def metrics(self) -> Sequence[Metric]:
        """The mean of the loss over an epoch."""
        return [self._objective.tracker]

    def __call__(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        regularization_losses: Sequence[Any] | None = None,
    ) -> Any:
        """The loss of a batch, which is added to the epoch's mean too.

        Args:
            y_true, y_pred: of the one output, or structures with all.
            sample_weight: a weight per row.
            regularization_losses: penalties to add, as of `model.losses`.
        """
        self._prepare(y_true, y_pred)
        outputs = flatten(y_pred)
        count = len(outputs)
        total = self._objective.total_loss(
            each_output(y_true, count), outputs, each_output(sample_weight, count)
        )
        for penalty in regularization_losses or ():
            total = penalty if total is None else total + penalty
        self._objective.track(total, outputs)
        return total
