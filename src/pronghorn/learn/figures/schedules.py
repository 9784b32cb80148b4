"""Learning-rate schedules: the rate against the epoch, and the loss it leads to."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from pronghorn import layers, models, optimizers, utils
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider
from pronghorn.learn.figures.wave import truth

__all__ = ["schedule", "schedules"]

_ROWS, _BATCH = 160, 8
_STEPS = _ROWS // _BATCH  # in an epoch
_KINDS = ("cosine", "exponential", "in steps", "warm-up, then cosine")


def schedule(kind: str, rate: float, epochs: int) -> Any:
    """A schedule of `keras.optimizers.schedules`, or the rate itself for `constant`.

    Args:
        kind: `constant`, `cosine`, `exponential`, `in steps` or `warm-up, then cosine`.
        rate: the highest learning rate.
        epochs: how many epochs of 20 steps it is for.

    >>> float(schedule("cosine", 0.1, 10)(200)) < 1e-6
    True
    """
    made, steps = optimizers.schedules, epochs * _STEPS
    warm = max(steps // 5, 1)
    if kind == "constant":
        return rate
    if kind == "cosine":
        return made.CosineDecay(rate, steps)
    if kind == "exponential":
        return made.ExponentialDecay(rate, steps, decay_rate=0.01)
    if kind == "in steps":
        thirds = [steps // 3, 2 * steps // 3]
        return made.PiecewiseConstantDecay(thirds, [rate, rate / 10, rate / 100])
    return made.CosineDecay(
        rate / 100, steps - warm, warmup_target=rate, warmup_steps=warm
    )


def schedules() -> Figure:
    """A schedule beside a constant rate: both rates, and both losses.

    >>> schedules().set(kind="in steps")["say"]  # doctest: +ELLIPSIS
    'Mean loss of the last five epochs: ... with a constant rate, ... in steps'
    """
    draw_rows = np.random.default_rng(0)
    x = draw_rows.uniform(-1, 1, (_ROWS, 1)).astype(np.float32)
    y = (truth(x) + 0.3 * draw_rows.normal(size=x.shape)).astype(np.float32)

    def losses(rate: Any, epochs: int) -> np.ndarray:
        utils.set_random_seed(1)
        model = models.Sequential(
            [
                layers.Input(shape=(1,)),
                layers.Dense(16, activation="relu"),
                layers.Dense(16, activation="relu"),
                layers.Dense(1),
            ]
        )
        model.compile(optimizer=optimizers.SGD(rate, momentum=0.9), loss="mse")
        with suppress(DivergedError):
            model.fit(x, y, batch_size=_BATCH, epochs=epochs, verbose=0)
        found = model.history.history.get("loss", []) if model.history else []
        return np.asarray(found, dtype=np.float64)

    def draw(values: Values, event: Event) -> scene.Scene:
        epochs = values.epochs
        at = np.linspace(0, epochs, 81)
        rates, lines, ends = [], [], []
        for kind, role in (("constant", "muted"), (values.kind, "model")):
            rate = schedule(kind, values.rate, epochs)
            name = "constant rate" if kind == "constant" else kind
            heights = [
                rate if kind == "constant" else float(rate(int(each * _STEPS)))
                for each in at
            ]
            rates.append(scene.line(at, heights, name=name, role=role))
            loss = losses(rate, epochs)
            number = np.arange(1, len(loss) + 1)
            lines.append(scene.line(number, loss, name=name, role=role))
            ends.append(f"{loss[-5:].mean():.3f}" if len(loss) == epochs else "none")
        return scene.scene(
            scene.plot(
                rates,
                title="Learning rate",
                x="epoch",
                y="learning rate",
                x_range=(0, epochs),
                y_range=(0, values.rate * 1.1),
            ),
            scene.plot(
                lines,
                title="Training loss",
                x="epoch",
                y="mean squared error",
                x_range=(0, epochs),
                y_range=(0.05, 1.0),
                y_log=True,
            ),
            say=f"Mean loss of the last five epochs: {ends[0]} with a constant rate, "
            f"{ends[1]} {values.kind}",
        )

    return Figure(
        [
            choice("kind", "schedule", _KINDS),
            slider("rate", "highest learning rate", 0.001, 0.2, 0.05, log=True),
            slider("epochs", "epochs", 10, 100, 60, step=10),
        ],
        draw,
        title="Long steps first, short ones last: the schedule ends with less noise",
    )
