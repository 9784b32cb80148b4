"""The plain net for a table, of Keras's layers alone, and how it is trained."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn.callbacks import Callback, EarlyStopping, History
from pronghorn.data.schema import Schema
from pronghorn.data.splits import split_rows
from pronghorn.errors import ArgumentError
from pronghorn.layers import Concatenate, Dense, Dropout, Embedding, Flatten, Input
from pronghorn.models import Model
from pronghorn.optimizers import SGD, AdamW, schedules
from pronghorn.tabular.prepare import Inputs, embedded, id_count
from pronghorn.utils import set_random_seed

__all__ = ["Plan", "build", "make_plan", "train"]

HIDDEN = (256, 128)
DROPOUT = 0.25
RATE = 2e-3
WEIGHT_DECAY = 0.1
STEPS = 6000
"""About how many steps training takes at the most, whatever the number of rows."""

VALIDATION_PART = 0.15
FEWEST_ROWS_TO_VALIDATE = 34
PATIENCE = 20
LINEAR_EPOCHS = 5000


@dataclass(frozen=True)
class Plan:
    """How a net is built and trained.

    Attributes:
        hidden: the units of each hidden layer; none is a linear unit.
        epochs: passes over the training rows, at the most.
        batch_size: rows per step.
        fitted: numbers of the training rows whose gradients are followed.
        watched: numbers of those that tell when to stop; none for a linear unit and
            for very few rows.
        seed: of the first weights, of dropout and of the order of rows.
    """

    hidden: tuple[int, ...]
    epochs: int
    batch_size: int
    fitted: np.ndarray
    watched: np.ndarray
    seed: int

    @property
    def steps(self) -> int:
        """Steps of one epoch."""
        return -(-len(self.fitted) // self.batch_size)


def make_plan(
    rows: int,
    *,
    hidden: Sequence[int],
    epochs: int | None,
    batch_size: int | None,
    seed: int,
) -> Plan:
    """The plan for so many training rows; what is None is chosen by their number."""
    part = VALIDATION_PART if hidden and rows >= FEWEST_ROWS_TO_VALIDATE else 0.0
    fitted, watched = split_rows(rows, part, seed, stream=1)
    if not hidden:
        batch_size = batch_size or len(fitted)
        epochs = epochs or LINEAR_EPOCHS
    batch_size = batch_size or _batch_size(len(fitted))
    steps = -(-len(fitted) // batch_size)
    epochs = epochs or min(max(STEPS // steps, 15), 200)
    return Plan(tuple(hidden), epochs, batch_size, fitted, watched, seed)


def build(schema: Schema, inputs: Inputs, plan: Plan) -> Model:
    """The net, not yet trained.

    One input takes all numbers, one more each embedded column. A linear unit starts
    from weights of zero, which leads to the shortest of all solutions.
    """
    set_random_seed(plan.seed)
    arrived, joined = [], []
    if inputs.numbers is not None:
        arrived.append(Input((inputs.numbers.shape[1],), name="numbers"))
        joined.append(arrived[0])
    for number, column in enumerate(c for c in schema.used if embedded(c)):
        name = re.sub(r"\W", "_", f"ids_{number}_{column.name}")
        ids = Input((1,), dtype="int32", name=name)
        size = id_count(column)
        vectors = Embedding(size, _width(size), name=f"embedding_{number}")(ids)
        arrived.append(ids)
        joined.append(Flatten(name=f"flat_{number}")(vectors))
    x = Concatenate(name="joined")(joined) if len(joined) > 1 else joined[0]
    for number, units in enumerate(plan.hidden):
        x = Dense(
            units,
            activation="relu",
            kernel_initializer="he_normal",
            name=f"hidden_{number}",
        )(x)
        x = Dropout(DROPOUT, name=f"dropout_{number}")(x)
    outputs = Dense(
        _outputs(schema),
        activation=_activation(schema),
        kernel_initializer="glorot_uniform" if plan.hidden else "zeros",
        name="prediction",
    )(x)
    return Model(arrived if len(arrived) > 1 else arrived[0], outputs, name="table")


def train(
    schema: Schema,
    model: Model,
    inputs: Inputs,
    target: np.ndarray,
    plan: Plan,
    callbacks: Sequence[Callback] = (),
) -> History:
    """Trains the net on the training rows.

    Args:
        schema: of the table.
        model: what `build` made.
        inputs, target: of the training rows.
        plan: what `make_plan` made.
        callbacks: further ones, for progress.
    """
    optimizer = (
        _optimizer(plan) if plan.hidden else _linear_optimizer(schema, inputs, plan)
    )
    accuracy = ["accuracy"] if schema.target.task == "classification" else []
    model.compile(optimizer=optimizer, loss=_loss(schema), metrics=accuracy)
    fitted = inputs.take(plan.fitted)
    validation: Any = None
    if len(plan.watched):
        watched = inputs.take(plan.watched)
        validation = (_arrays(watched), target[plan.watched])
    return model.fit(
        _arrays(fitted),
        target[plan.fitted],
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        shuffle=plan.batch_size < len(plan.fitted),
        validation_data=validation,
        validation_batch_size=4096,
        callbacks=[_stopping(schema, plan), *callbacks],
        verbose=0,
    )


def _arrays(inputs: Inputs) -> Any:
    return inputs.arrays if len(inputs.arrays) > 1 else inputs.arrays[0]


def _outputs(schema: Schema) -> int:
    return len(schema.target.labels) if len(schema.target.labels) > 2 else 1


def _activation(schema: Schema) -> str | None:
    if schema.target.task == "regression":
        return None
    return "softmax" if len(schema.target.labels) > 2 else "sigmoid"


def _loss(schema: Schema) -> str:
    if schema.target.task == "regression":
        return "mean_squared_error"
    if len(schema.target.labels) > 2:
        return "sparse_categorical_crossentropy"
    return "binary_crossentropy"


def _stopping(schema: Schema, plan: Plan) -> EarlyStopping:
    if len(plan.watched):
        return EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    # Classes that a line tells apart have no best weights: they grow for ever.
    least = 1e-7 if schema.target.task == "regression" else 1e-6
    return EarlyStopping(monitor="loss", min_delta=least, patience=300)


def _optimizer(plan: Plan) -> AdamW:
    total = plan.steps * plan.epochs
    warmup = max(1, total // 20)
    rate = schedules.CosineDecay(
        RATE / 100, total - warmup, warmup_target=RATE, warmup_steps=warmup
    )
    optimizer = AdamW(rate, weight_decay=WEIGHT_DECAY)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def _linear_optimizer(schema: Schema, inputs: Inputs, plan: Plan) -> SGD:
    """Nesterov's descent at the largest rate that is stable on all rows at once."""
    if inputs.numbers is None:
        raise ArgumentError("A linear unit needs columns of numbers.")
    rate: Any = 1.0 / (_curvature(schema) * _largest_eigenvalue(inputs.numbers))
    if plan.steps > 1:
        rate = schedules.CosineDecay(rate / 4, plan.steps * plan.epochs)
    return SGD(rate, momentum=0.9, nesterov=True)


def _curvature(schema: Schema) -> float:
    """The most that the loss bends along one output: y^2, softmax, sigmoid."""
    if schema.target.task == "regression":
        return 2.0
    return 0.5 if len(schema.target.labels) > 2 else 0.25


def _largest_eigenvalue(x: np.ndarray) -> float:
    """Of the mean of x x^T, with the bias's column of ones, by power iteration."""
    direction: np.ndarray = np.ones(x.shape[1], np.float32)
    value = 1.0
    for _ in range(30):
        direction = x.T @ (x @ direction) / len(x)
        value = float(np.linalg.norm(direction))
        if value == 0.0:
            return 1.0
        direction /= value
    return max(1.0, 1.1 * value)


def _batch_size(rows: int) -> int:
    """A power of two, so that an epoch of a small table has some ten steps."""
    size = 2 ** int(np.log2(max(rows / 8, 1)))
    return int(min(max(size, 16), 256))


def _width(ids: int) -> int:
    """The numbers that stand for an id; grows slower than the number of ids."""
    return int(min(16, round(1.6 * float(ids) ** 0.56)))
