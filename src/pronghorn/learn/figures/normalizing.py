"""Batch normalization: what it does to a unit's inputs, and to training on raw rows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, models, optimizers, utils
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider, switch
from pronghorn.learn.figures.rates import optimizer_of

__all__ = ["inside", "raw", "train"]

_SHOWN = 200  # rows that the quantiles are of
_QUANTILES = (5, 50, 95)


@dataclass(frozen=True)
class _Table:
    """Training and validation rows; the target is standardized."""

    x: np.ndarray
    y: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    spread: float


def _table(x: Any, y: Any) -> _Table:
    """Splits rows 70 to 30, by drawing; at most 1,200 of them, for quick answers."""
    inputs = np.asarray(x, dtype=np.float64)
    target = np.asarray(y, dtype=np.float64)
    order = np.random.default_rng(0).permutation(len(inputs))[:1200]
    train, valid = np.split(order, [int(0.7 * len(order))])
    middle, spread = target[train].mean(), max(target[train].std(), 1e-9)
    target = ((target - middle) / spread).astype(np.float32)
    inputs = inputs.astype(np.float32)
    return _Table(
        inputs[train], target[train], inputs[valid], target[valid], float(spread)
    )


def _scaled(table: _Table) -> _Table:
    """The table with standardized inputs."""
    middle, spread = table.x.mean(0), np.maximum(table.x.std(0), 1e-7)
    return _Table(
        (table.x - middle) / spread,
        table.y,
        (table.x_valid - middle) / spread,
        table.y_valid,
        table.spread,
    )


def train(
    table: _Table, *, norm: bool, optimizer: Any, epochs: int, batch: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Trains two hidden layers, with batch normalization or without.

    Args:
        table: standardized or raw.
        norm: whether a `BatchNormalization` stands before each `Dense`.
        optimizer: an optimizer that was not used yet.
        epochs: at most; fewer if training diverges.
        batch: rows a step.
        width: units of each hidden layer.

    Returns:
        The mean absolute error on training and on validation rows after each epoch, in
        the target's unit.
    """
    utils.set_random_seed(1)
    stack: list[Any] = [layers.Input(shape=(table.x.shape[1],))]
    for _ in range(2):
        stack += [layers.BatchNormalization()] * norm
        stack.append(layers.Dense(width, activation="relu"))
    stack += [layers.BatchNormalization()] * norm
    model = models.Sequential([*stack, layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mae")
    with suppress(DivergedError):
        model.fit(
            table.x,
            table.y,
            batch_size=batch,
            epochs=epochs,
            validation_data=(table.x_valid, table.y_valid),
            verbose=0,
        )
    history = model.history.history if model.history else {}
    found = [
        np.asarray(history.get(name, []), dtype=np.float64) * table.spread
        for name in ("loss", "val_loss")
    ]
    return found[0], found[1]


def raw(x: Any, y: Any, *, unit: str = "") -> Figure:
    """Learning curves with batch normalization and without, side by side.

    Args:
        x: (n, columns) inputs as the table has them.
        y: (n,) target.
        unit: of the target, for the axis.
    """
    plain = _table(x, y)
    scaled = _scaled(plain)
    # Always saying the median of the training rows is off by this much.
    level = float(np.abs(plain.y_valid - np.median(plain.y)).mean() * plain.spread)

    def draw(values: Values, event: Event) -> scene.Scene:
        panels, told = [], []
        for norm in (False, True):
            errors = train(
                scaled if values.scaled else plain,
                norm=norm,
                optimizer=optimizer_of(values.optimizer, values.rate),
                epochs=values.epochs,
                batch=32,
                width=32,
            )
            shown = [np.clip(each, level / 30, level * 30) for each in errors]
            marks = [
                scene.line(np.arange(1, len(each) + 1), each, name=name, role=role)
                for each, name, role in zip(
                    shown, ("training", "validation"), ("train", "valid")
                )
            ]
            marks.append(scene.rule(y=level, name="always the median"))
            panels.append(
                scene.plot(
                    marks,
                    title="With batch normalization" if norm else "Without",
                    x="epoch",
                    y=f"mean absolute error{f' ({unit})' if unit else ''}",
                    x_range=(0, values.epochs),
                    y_range=(level / 30, level * 30),
                    y_log=True,
                )
            )
            ended = len(errors[1]) == values.epochs
            told.append(f"{errors[1][-1]:.3g}" if ended else "not finite")
        return scene.scene(
            *panels,
            say=f"Validation error after {values.epochs} epochs: {told[0]} without, "
            f"{told[1]} with batch normalization; always the median: {level:.3g}",
        )

    return Figure(
        [
            choice("optimizer", "optimizer", ["sgd", "adam"]),
            slider("rate", "learning rate", 1e-4, 0.1, 0.01, log=True),
            slider("epochs", "epochs", 5, 40, 30, step=5),
            switch("scaled", "standardized columns", False),
        ],
        draw,
        title="Raw columns: with batch normalization the same net trains",
    )


def inside(x: Any, y: Any) -> Figure:
    """The inputs of a hidden unit along training, before and after normalization.

    Args:
        x: (n, columns) inputs as the table has them.
        y: (n,) target.
    """
    table = _table(x, y)

    def draw(values: Values, event: Event) -> scene.Scene:
        before, after = _watch(
            table, values.rate, values.epochs, values.batch, values.unit - 1
        )
        epochs = np.arange(len(before))
        panels = [
            scene.plot(
                [
                    scene.line(
                        epochs,
                        quantiles[:, at],
                        name=f"{percent} of 100 rows below",
                        role="path" if percent == 50 else "muted",
                    )
                    for at, percent in enumerate(_QUANTILES)
                ],
                title=title,
                x="epoch",
                y="value",
                x_range=(0, values.epochs),
                y_range=limits,
            )
            for quantiles, title, limits in (
                (before, "Before: what the unit computes", _around(before)),
                (after, "After: what the activation gets", (-4.0, 4.0)),
            )
        ]
        first, last = before[0], before[-1]
        return scene.scene(
            *panels,
            say=f"Before, the middle moves from {first[1]:.3g} to {last[1]:.3g} and "
            f"the range from {first[2] - first[0]:.3g} to {last[2] - last[0]:.3g}; "
            f"after, they end at {after[-1][1]:.2f} and "
            f"{after[-1][2] - after[-1][0]:.2f}",
        )

    return Figure(
        [
            slider("unit", "hidden unit", 1, 16, 1, step=1),
            slider("rate", "learning rate (Adam)", 1e-4, 0.1, 0.01, log=True),
            slider("batch", "rows in a batch", 8, 128, 32, step=8),
            slider("epochs", "epochs", 5, 30, 20, step=1),
        ],
        draw,
        title="A unit's inputs while it learns: they drift, normalized ones stay",
    )


def _watch(
    table: _Table, rate: float, epochs: int, batch: int, unit: int
) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles (epochs + 1, 3) of a unit, before and after its normalization.

    They are of the training rows as one batch, normalized by that batch's own mean and
    variance as in training.
    """
    utils.set_random_seed(2)
    entry = layers.Input(shape=(table.x.shape[1],))
    computed = layers.Dense(16)(entry)
    normal = layers.BatchNormalization()(computed)
    hidden = layers.Activation("relu")(normal)
    model = models.Model(entry, layers.Dense(1)(hidden))
    model.compile(optimizer=optimizers.Adam(rate), loss="mae")
    watched = models.Model(entry, [computed, normal])
    rows = table.x[:_SHOWN]
    before: list[np.ndarray] = []
    after: list[np.ndarray] = []

    def look(epoch: int = -1, logs: Any = None) -> None:
        kept = watched.get_weights()  # a look must not move the running means
        for said, found in zip(watched(rows, training=True), (before, after)):
            found.append(np.percentile(np.asarray(said)[:, unit], _QUANTILES))
        watched.set_weights(kept)

    look()
    model.fit(
        table.x,
        table.y,
        batch_size=batch,
        epochs=epochs,
        verbose=0,
        callbacks=[callbacks.LambdaCallback(on_epoch_end=look)],
    )
    return np.array(before), np.array(after)


def _around(quantiles: np.ndarray) -> tuple[float, float]:
    """Ends of an axis over all of them, with a margin."""
    low, high = float(quantiles.min()), float(quantiles.max())
    margin = 0.1 * max(high - low, 1e-6)
    return low - margin, high + margin
