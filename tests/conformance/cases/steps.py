"""A model's own part of a step: loss, metrics; and calls without side effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays


def net_class(k: Any) -> type:
    """Two dense layers, one with a penalty, and a normalization between them."""

    class Net(k.Model):  # type: ignore[misc, name-defined]
        """Dense, BatchNormalization, Dense."""

        def __init__(self) -> None:
            super().__init__(name="net")
            self.one = k.layers.Dense(6, activation="tanh", name="one")
            self.norm = k.layers.BatchNormalization(name="norm")
            self.out = k.layers.Dense(1, kernel_regularizer="l2", name="out")

        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.out(self.norm(self.one(inputs), training=training))

    return Net


def started(k: Any, kind: type) -> Any:
    """The model, built, with its weights."""
    model = kind()
    model(data.features()[:2])
    return data.seeded(model)


def own_loss(k: Any) -> Results:
    """`compute_loss` of the subclass's own."""

    class OwnLoss(net_class(k)):  # type: ignore[misc]
        """A cubic loss with the penalties."""

        def compute_loss(
            self,
            x: Any = None,
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,
            training: bool = True,
        ) -> Any:
            y = k.ops.reshape(y, k.ops.shape(y_pred))
            cubes = k.ops.power(k.ops.abs(y_pred - y), 3)
            return k.ops.mean(cubes) + sum(self.losses)

    model = started(k, OwnLoss)
    model.compile(optimizer=k.optimizers.SGD(0.02), metrics=["mae"])
    x, y = data.features(), data.numbers()
    return data.trained(k, model, x, y, validation_split=0.25)


def own_metrics(k: Any) -> Results:
    """`compute_metrics` of the subclass's own, with a metric that compile lacks."""

    class OwnMetrics(net_class(k)):  # type: ignore[misc]
        """The mean size of the outputs, besides what compile names."""

        def __init__(self) -> None:
            super().__init__()
            self.size = k.metrics.Mean(name="size")

        def compute_metrics(
            self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
        ) -> Any:
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            self.size.update_state(k.ops.abs(y_pred))
            results["size"] = self.size.result()
            return results

    model = started(k, OwnMetrics)
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    x, y = data.features(), data.numbers()
    return data.trained(k, model, x, y, validation_split=0.25)


def stateless(k: Any) -> Results:
    """`stateless_call` and `stateless_compute_loss`: the model's own values stay."""
    model = started(k, net_class(k))
    model.compile(optimizer="sgd", loss="mse")
    x, y = data.features()[:8], data.numbers()[:8].reshape(-1, 1)
    trainable = [2.0 * np.asarray(v) for v in model.trainable_variables]
    others = [np.asarray(v) + 1.0 for v in model.non_trainable_variables]
    before = arrays(model.weights)
    outputs, after, losses = model.stateless_call(
        trainable, others, x, training=True, return_losses=True
    )
    measured = [np.asarray(v) for v in model.metrics_variables]
    loss, (_, others_after, _) = model.stateless_compute_loss(
        trainable, after, measured, x=x, y=y, y_pred=outputs
    )
    return {
        "outputs": np.asarray(outputs),
        "weights after": [np.asarray(a) for a in after],
        "weights after the loss": [np.asarray(a) for a in others_after],
        "losses": [float(a) for a in losses],
        "loss": float(loss),
        "weights before": before,
        "weights now": arrays(model.weights),
    }


def scope(k: Any) -> Results:
    """`StatelessScope`: reads and writes stay inside."""
    v, w = k.Variable([1.0, 2.0]), k.Variable([3.0, 4.0])
    with k.StatelessScope(state_mapping=[(v, k.ops.ones((2,)))]) as inside:
        w.assign(v + 1.0)
        v.assign_add([5.0, 6.0])
        read = np.asarray(v.value)
    return {
        "inside": read,
        "values": [np.asarray(inside.get_current_value(i)) for i in (v, w)],
        "outside": [np.asarray(i) for i in (v, w)],
    }


def cases() -> CaseTable:
    """Each hook alone."""
    yield Case("steps/compute_loss/training", own_loss)
    yield Case("steps/compute_metrics/training", own_metrics)
    yield Case("steps/stateless_call/values", stateless)
    yield Case("steps/StatelessScope/values", scope)
