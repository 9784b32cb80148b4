"""Learning curves side by side: one net, one table, several learning rates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from pronghorn import callbacks, initializers, layers, models, optimizers
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider, switch

__all__ = ["curves", "optimizer_of", "rates"]

_SEED = 5


def curves(history: Any) -> Figure:
    """The learning curves of one training.

    Args:
        history: losses by epochs under `loss` and, where there are, under `val_loss`:
            `fit(...).history`, or a frame of it.

    >>> curves({"loss": [1.0, 0.5, 0.25], "val_loss": [1.1, 0.7, 0.6]}).scene["say"]
    'Lowest loss: 0.25 on training rows in epoch 3, 0.6 on validation rows in epoch 3'
    """
    shown = [
        (name, role, np.asarray(history[key], dtype=np.float64))
        for key, name, role in (
            ("loss", "training rows", "train"),
            ("val_loss", "validation rows", "valid"),
        )
        if key in history
    ]

    def draw(values: Values, event: Event) -> scene.Scene:
        lines, lowest = [], []
        for name, role, losses in shown:
            epochs = np.arange(1, len(losses) + 1)
            lines.append(scene.line(epochs, losses, name=name, role=role))
            at = int(losses.argmin())
            lowest.append(f"{losses[at]:.3g} on {name} in epoch {at + 1}")
        panel = scene.plot(lines, x="epoch", y="loss", y_log=values.log)
        return scene.scene(panel, say=f"Lowest loss: {', '.join(lowest)}")

    return Figure(
        [switch("log", "logarithmic", False)], draw, title="The learning curve"
    )


def rates(
    x: Any,
    y: Any,
    *,
    several: Sequence[float] = (0.0001, 0.001, 0.01, 0.1),
    epochs: int = 30,
) -> Figure:
    """The loss by epochs for several learning rates, on training and validation rows.

    Args:
        x: (n, columns) inputs.
        y: (n,) target; it is standardized for the training.
        several: the learning rates.
        epochs: how many at the start.

    >>> random = np.random.default_rng(0)
    >>> x = random.normal(size=(200, 3))
    >>> figure = rates(x, x[:, 0] * x[:, 1], epochs=10)
    >>> [mark["name"] for mark in figure.scene["panels"][0]["marks"]]
    ['0.0001', '0.001', '0.01', '0.1']
    >>> figure.scene["say"].startswith("Validation loss at the end: ")
    True
    """
    inputs = np.asarray(x, dtype=np.float32)
    target = np.asarray(y, dtype=np.float32).ravel()
    order = np.random.default_rng(_SEED).permutation(len(target))
    inputs, target = inputs[order], target[order]
    cut = len(target) * 4 // 5  # the last fifth is for validation
    mean, scale = inputs[:cut].mean(0), np.maximum(inputs[:cut].std(0), 1e-7)
    flat = (inputs - mean) / scale
    target = (target - target[:cut].mean()) / max(float(target[:cut].std()), 1e-7)

    def draw(values: Values, event: Event) -> scene.Scene:
        rows = flat if values.standardized else inputs
        lines: dict[str, list[scene.Mark]] = {"training": [], "validation": []}
        ends = []
        for at, rate in enumerate(several):
            for which, losses in zip(lines, _curves(rows, target, cut, rate, values)):
                epoch = np.arange(1, len(losses) + 1)
                lines[which].append(
                    scene.line(epoch, losses, name=f"{rate:g}", role=f"class{at % 10}")
                )
            last = f"{losses[-1]:.3g}" if len(losses) == values.epochs else "ran away"
            ends.append(f"{last} at {rate:g}")
        panels = [
            scene.plot(
                marks,
                title=f"On {which} rows, by learning rate",
                x="epoch",
                y="loss (MSE)",
                x_range=(0, values.epochs),
                y_range=(0.05, 5.0),
                y_log=True,
            )
            for which, marks in lines.items()
        ]
        return scene.scene(
            *panels, say=f"Validation loss at the end: {', '.join(ends)}"
        )

    return Figure(
        [
            choice("optimizer", "optimizer", ["adam", "sgd", "sgd, momentum 0.9"]),
            slider("batch", "batch size", 8, 512, 32, step=2, log=True),
            slider("epochs", "epochs", 5, 100, epochs, step=5),
            switch("standardized", "standardized", True),
        ],
        draw,
        title="Learning curves: too slow, right, too fast",
    )


def _curves(
    x: np.ndarray, y: np.ndarray, cut: int, rate: float, values: Values
) -> tuple[list[float], list[float]]:
    """Losses by epochs, on the first `cut` rows and on the others."""
    dense = [
        layers.Dense(
            units,
            activation=name,
            kernel_initializer=initializers.GlorotUniform(seed=_SEED + units),
        )
        for units, name in ((16, "relu"), (1, "linear"))
    ]
    net = models.Sequential(dense)
    net.build((None, x.shape[1]))
    net.compile(optimizer=optimizer_of(values.optimizer, rate), loss="mse")
    history = callbacks.History()
    with suppress(DivergedError):
        net.fit(
            x[:cut],
            y[:cut],
            batch_size=round(values.batch),
            epochs=values.epochs,
            validation_data=(x[cut:], y[cut:]),
            shuffle=False,  # the rows were shuffled once: same order, same picture
            verbose=0,
            callbacks=[history],
        )
    kept = getattr(history, "history", {})
    return list(kept.get("loss", [])), list(kept.get("val_loss", []))


def optimizer_of(name: str, rate: float) -> Any:
    """What a figure's choice of an optimizer means, at a learning rate.

    >>> optimizer_of("sgd with momentum", 0.1).momentum
    0.9
    """
    if name == "adam":
        return optimizers.Adam(rate)
    return optimizers.SGD(rate, momentum=0.9 if "momentum" in name else 0.0)
