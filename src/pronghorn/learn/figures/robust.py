"""Three losses for numbers: their curves, and the lines that they lead to."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import layers, losses, models, optimizers
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, slider
from pronghorn.learn.figures.rows import Rows

__all__ = ["lines"]

_ROLES = {"MSE": "class0", "MAE": "class1", "Huber": "class2"}


def lines(
    x: Any,
    y: Any,
    *,
    labels: tuple[str, str] = ("x", "y"),
) -> Figure:
    """What one far row does to a line, by the loss that the line was trained with.

    Rows can be moved, added and taken away.

    Args:
        x: (n,) the input.
        y: (n,) the target.
        labels: the words at both axes.

    >>> figure = lines([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])
    >>> figure.scene["say"]
    'Slopes: MSE 1.00, MAE 1.00, Huber 1.00'
    """
    rows = Rows(x, y)
    center = float(rows.x.mean()), float(rows.y.mean())
    scale = max(float(rows.x.std()), 1e-7), max(float(rows.y.std()), 1e-7)
    spread_x, spread_y = float(np.ptp(rows.x)), float(np.ptp(rows.y))
    x_range = (float(rows.x.min()) - spread_x / 15, float(rows.x.max()) + spread_x / 15)
    y_range = (float(rows.y.min()) - spread_y / 2, float(rows.y.max()) + spread_y / 2)

    def draw(values: Values, event: Event) -> scene.Scene:
        rows.take(event)
        flat_x = ((rows.x - center[0]) / scale[0]).astype(np.float32)
        flat_y = ((rows.y - center[1]) / scale[1]).astype(np.float32)
        ends = np.array(x_range)
        marks = [scene.points(rows.x, rows.y, name="rows", drag="rows")]
        slopes = []
        for name, loss in _kinds(values.delta).items():
            w, b = _line(flat_x, flat_y, loss)
            said = center[1] + scale[1] * (w * (ends - center[0]) / scale[0] + b)
            slopes.append(f"{name} {w * scale[1] / scale[0]:.2f}")
            marks.append(scene.line(ends, said, name=name, role=_ROLES[name]))
        return scene.scene(
            _curves(values.delta),
            scene.plot(
                marks,
                title="The line that each loss leads to",
                x=labels[0],
                y=labels[1],
                x_range=x_range,
                y_range=y_range,
                add="rows",
            ),
            say=f"Slopes: {', '.join(slopes)}",
        )

    return Figure(
        [slider("delta", "Huber's delta", 0.1, 3, 0.5, step=0.1)],
        draw,
        title="Drag one row far away: which line follows it?",
    )


def _kinds(delta: float, reduction: str = "mean") -> dict[str, losses.Loss]:
    """The three losses by name; with the reduction `none` they give a number a row."""
    return {
        "MSE": losses.MeanSquaredError(reduction=reduction),
        "MAE": losses.MeanAbsoluteError(reduction=reduction),
        "Huber": losses.Huber(delta=delta, reduction=reduction),
    }


def _curves(delta: float) -> scene.Panel:
    """Each loss of one row, by its error."""
    error = np.linspace(-4, 4, 81, dtype=np.float32)[:, None]
    marks = [
        scene.line(
            error, loss(np.zeros_like(error), error), name=name, role=_ROLES[name]
        )
        for name, loss in _kinds(delta, "none").items()
    ]
    return scene.plot(
        marks,
        title="The loss of one row, by its error",
        x="prediction minus target",
        y="loss",
        x_range=(-4, 4),
        y_range=(0, 6),
    )


def _line(x: np.ndarray, y: np.ndarray, loss: losses.Loss) -> tuple[float, float]:
    """Weight and bias of a linear unit that was trained with a loss."""
    unit = models.Sequential(
        [layers.Dense(1, kernel_initializer="zeros", input_shape=[1])]
    )
    steps = optimizers.schedules.CosineDecay(0.1, decay_steps=300)
    unit.compile(optimizer=optimizers.Adam(steps), loss=loss)
    unit.fit(x[:, None], y, batch_size=len(x), epochs=300, shuffle=False, verbose=0)
    kernel, bias = unit.get_weights()
    return float(kernel[0, 0]), float(bias[0])
