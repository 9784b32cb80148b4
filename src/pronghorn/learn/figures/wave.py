"""A noisy curve whose truth is known, and nets that are fitted to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, models, optimizers, regularizers, utils
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event
from pronghorn.learn.figures.rows import NoisyRows

__all__ = ["Fit", "Net", "Wave", "curves", "fit", "truth"]

GRID = np.linspace(-1, 1, 121, dtype=np.float32)[:, None]
X_RANGE, Y_RANGE = (-1.05, 1.05), (-2.4, 2.4)
LOSS_RANGE = (0.01, 2.0)


def truth(x: np.ndarray) -> np.ndarray:
    """The curve without noise.

    >>> truth(np.array([0.0])).round(2)
    array([0.])
    """
    return np.sin(4 * x) * (1 + 0.3 * x)


class Wave:
    """Training points on the curve that can be moved, and validation points.

    The noise of each point is drawn once and only scaled, so that the slider moves the
    same points away from the curve and back.

    Args:
        n: training points.
        seed: of places and noise.
        valid: validation points.
    """

    def __init__(self, n: int = 24, *, seed: int = 2, valid: int = 60) -> None:
        draw = np.random.default_rng(seed)
        x = np.linspace(-1, 1, n) + draw.uniform(-1, 1, n) / n
        self._rows = NoisyRows(truth, x, draw.normal(size=n))
        self.x_valid = np.linspace(-1, 1, valid, dtype=np.float32)[:, None]
        self._unit_valid = draw.normal(size=valid)

    def take(self, event: Event) -> None:
        """Does to the training points what was done in the figure."""
        self._rows.take(event)

    def rows(self, noise: float) -> tuple[np.ndarray, ...]:
        """(x, y, validation x, validation y), each (n, 1) float32."""
        y_valid = truth(self.x_valid[:, 0]) + noise * self._unit_valid
        return (
            self._rows.x.astype(np.float32)[:, None],
            self._rows.y(noise).astype(np.float32)[:, None],
            self.x_valid,
            y_valid.astype(np.float32)[:, None],
        )

    def panel(
        self, rows: tuple[np.ndarray, ...], lines: Sequence[scene.Mark], title: str = ""
    ) -> scene.Panel:
        """The points and the curve, with `lines` of nets."""
        x, y, x_valid, y_valid = rows
        marks = [
            scene.line(
                GRID, truth(GRID), name="without noise", role="truth", dashed=True
            ),
            scene.points(x_valid, y_valid, name="validation", role="valid", size=2.5),
            scene.points(x, y, name="training", role="data", drag="points"),
            *lines,
        ]
        return scene.plot(
            marks,
            title=title,
            x="x",
            y="y",
            x_range=X_RANGE,
            y_range=Y_RANGE,
            add="points",
        )


@dataclass(frozen=True)
class Net:
    """A net over one number, and how it is trained.

    Attributes:
        width: units of each hidden layer.
        depth: hidden layers; with none the net is a line.
        epochs: at most.
        l2: the penalty's factor.
        dropout: rate after each hidden layer.
        rate: Adam's learning rate.
        patience: of early stopping; 0 trains all epochs.
        activation: of the hidden layers.
        seed: of weights and masks.
    """

    width: int = 32
    depth: int = 2
    epochs: int = 300
    l2: float = 0.0
    dropout: float = 0.0
    rate: float = 0.01
    patience: int = 0
    activation: str = "relu"
    seed: int = 1

    def model(self) -> models.Model:
        """The net, compiled with the mean squared error."""
        utils.set_random_seed(self.seed)
        penalty = regularizers.L2(self.l2) if self.l2 else None
        stack: list[Any] = [layers.Input(shape=(1,))]
        for _ in range(self.depth):
            stack.append(
                layers.Dense(
                    self.width, activation=self.activation, kernel_regularizer=penalty
                )
            )
            if self.dropout:
                stack.append(layers.Dropout(self.dropout))
        model = models.Sequential([*stack, layers.Dense(1)])
        # The metric is the error alone; the loss has the penalty in it.
        model.compile(optimizer=optimizers.Adam(self.rate), loss="mse", metrics=["mse"])
        return model


@dataclass(frozen=True)
class Fit:
    """A net after training.

    Attributes:
        train: (epochs,) mean squared error on the training points, penalty left out.
        valid: (epochs,) the same on the validation points.
        curve: (grid,) what the net says; NaN if training diverged.
        best: the epoch, from 1, with the least error on the validation points.
        parameters: how many weights and biases.
        used: the error on the validation points of the net as it is kept.
    """

    train: np.ndarray
    valid: np.ndarray
    curve: np.ndarray
    best: int
    parameters: int
    used: float


def fit(net: Net, rows: tuple[np.ndarray, ...]) -> Fit:
    """Trains a net on the points, all in one batch.

    >>> found = fit(Net(width=4, depth=1, epochs=5), Wave().rows(0.1))
    >>> len(found.valid), found.parameters
    (5, 13)
    """
    x, y, x_valid, y_valid = rows
    model = net.model()
    stop = callbacks.EarlyStopping(
        monitor="val_mse", patience=net.patience, restore_best_weights=True
    )
    diverged = False
    try:
        model.fit(
            x,
            y,
            batch_size=len(x),
            epochs=net.epochs,
            validation_data=(x_valid, y_valid),
            callbacks=[stop] if net.patience else [],
            verbose=0,
        )
    except DivergedError:
        diverged = True
    history = model.history.history if model.history else {}
    train = np.asarray(history.get("mse", [np.nan]), dtype=np.float64)
    valid = np.asarray(history.get("val_mse", [np.nan]), dtype=np.float64)
    best = int(np.argmin(np.where(np.isfinite(valid), valid, np.inf))) + 1
    said = model.predict(GRID, verbose=0)[:, 0]
    return Fit(
        train=train,
        valid=valid,
        curve=np.full(len(GRID), np.nan) if diverged else said,
        best=best,
        parameters=model.count_params(),
        used=float(valid[best - 1] if net.patience else valid[-1]),
    )


def curves(
    found: Fit,
    epochs: int,
    *,
    title: str = "Learning curves",
    loss_range: tuple[float, float] = LOSS_RANGE,
) -> scene.Panel:
    """The learning curves of a fit, with its best epoch."""
    marks = []
    for name, role, errors in (
        ("training", "train", found.train),
        ("validation", "valid", found.valid),
    ):
        at = _thinned(len(errors))
        marks.append(scene.line(at + 1, errors[at], name=name, role=role))
    marks.append(scene.rule(x=found.best, name="least validation error"))
    return scene.plot(
        marks,
        title=title,
        x="epoch",
        y="mean squared error",
        x_range=(0, epochs),
        y_range=loss_range,
        y_log=True,
    )


def _thinned(n: int, most: int = 150) -> np.ndarray:
    """Indices of at most `most` epochs: more than that no eye can tell apart."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))
