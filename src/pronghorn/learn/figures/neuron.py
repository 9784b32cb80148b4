"""One linear unit: computing, fitting by hand, and being trained."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, models, optimizers
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, button, choice, slider
from pronghorn.learn.figures.rates import optimizer_of
from pronghorn.learn.figures.rows import Rows
from pronghorn.utils import draw_unit

__all__ = ["crawl", "line", "plane", "unit"]

_FRAMES = 30  # of the film of a training


def unit(
    *,
    x: float = 5,
    w: float = 2.5,
    b: float = 90,
    name: str = "sugars",
    target: str = "calories",
) -> Figure:
    """The linear unit with its weight on the edge, computing step by step.

    Args:
        x: the input at the start.
        w: the weight.
        b: the bias.
        name: of the input.
        target: what comes out.

    >>> unit().scene["say"]
    '5 × 2.5 + 90 = 102.5 calories'
    """

    def draw(values: Values, event: Event) -> scene.Scene:
        x, w, b = values.x, values.w, values.b
        product = x * w
        y = product + b
        steps = [
            f"{name} times weight   {_num(x)} × {_num(w)} = {_num(product)}",
            f"plus bias             {_num(product)} + {_num(b)} = {_num(y)}",
            f"{target:<22}{_num(y)}",
        ]
        picture = draw_unit([w], b, [name], values=[x], output=target)
        return scene.scene(
            scene.drawing(picture.svg),
            scene.words(steps, title="Step by step"),
            say=f"{_num(x)} × {_num(w)} + {_num(b)} = {_num(y)} {target}",
        )

    return Figure(
        [
            slider("x", f"{name} (x)", 0, 15, x, step=1, unit="g"),
            slider("w", "weight (w)", -5, 10, w, step=0.5),
            slider("b", "bias (b)", 0, 150, b, step=5),
        ],
        draw,
        title="A linear unit at work",
    )


def line(
    x: Any,
    y: Any,
    *,
    names: Sequence[str] | None = None,
    labels: tuple[str, str] = ("sugars (g per serving)", "calories per serving"),
) -> Figure:
    """The unit's line over the rows: moved by hand, or trained by gradient descent.

    Rows can be moved and added; what they say then counts for the training.

    Args:
        x: (n,) the one input.
        y: (n,) the target.
        names: a word for each row.
        labels: the words at both axes.
    """
    rows = Rows(x, y, names)
    steepest = np.ceil(2 * np.ptp(rows.y) / max(np.ptp(rows.x), 1e-9))
    low, high = float(rows.y.min()), float(rows.y.max())
    margin = 0.12 * (high - low)
    x_range = (float(rows.x.min()) - 0.5, float(rows.x.max()) + 0.5)
    y_range = (low - margin, high + margin)

    def panel(w: float, b: float) -> scene.Panel:
        ends = np.array(x_range)
        return scene.plot(
            [
                scene.residuals(rows.x, rows.y, w * rows.x + b),
                scene.points(
                    rows.x, rows.y, name="rows", labels=rows.names, drag="rows"
                ),
                scene.line(ends, w * ends + b, name="w × x + b"),
            ],
            x=labels[0],
            y=labels[1],
            x_range=x_range,
            y_range=y_range,
            add="rows",
        )

    def draw(values: Values, event: Event) -> scene.Scene:
        rows.take(event)
        if event.kind != "press":
            return scene.scene(panel(values.w, values.b), say=_say(rows, values))
        path = train_line(rows.x, rows.y, epochs=_FRAMES)
        w, b = path[-1]
        found = Values(w=round(w, 2), b=round(b, 1))
        return scene.scene(
            panel(found.w, found.b),
            say="Trained: " + _say(rows, found),
            values=dict(found),
            frames=[[panel(w, b)] for w, b in path],
        )

    return Figure(
        [
            slider("w", "weight (w)", -steepest, steepest, 0.0, step=0.05),
            slider("b", "bias (b)", 0, round(high + margin), 50, step=1),
            button("train", "Train"),
        ],
        draw,
        title="Fit the line: by hand first, then press Train",
    )


def plane(
    x: Any,
    y: Any,
    z: Any,
    *,
    names: Sequence[str] | None = None,
    labels: tuple[str, str, str] = ("sugars (g)", "fiber (g)", "calories"),
) -> Figure:
    """Two inputs: the unit's plane over the rows, in three dimensions.

    Args:
        x: (n,) the first input.
        y: (n,) the second.
        z: (n,) the target.
        names: a word for each row.
        labels: the words at the three axes.
    """
    inputs = np.column_stack([x, y]).astype(np.float32)
    target = np.asarray(z, dtype=np.float32)
    (x_low, y_low), (x_high, y_high) = inputs.min(0), inputs.max(0)
    across, up = np.meshgrid(
        np.linspace(x_low, x_high, 7), np.linspace(y_low, y_high, 7)
    )
    spread = float(np.ptp(target))
    z_range = (float(target.min()) - spread / 4, float(target.max()) + spread / 4)

    def panel(w: np.ndarray, b: float) -> scene.Panel:
        surface = scene.plane(
            w[0] * across + w[1] * up + b,
            (float(x_low), float(x_high)),
            (float(y_low), float(y_high)),
        )
        return scene.space(
            inputs[:, 0],
            inputs[:, 1],
            target,
            surfaces=[surface],
            to=inputs @ w + b,
            labels=names,
            names=labels,
            z_range=z_range,
        )

    def say(w: np.ndarray, b: float) -> str:
        error = float(np.abs(inputs @ w + b - target).mean())
        return (
            f"{w[0]:.2f} × {labels[0]} + {w[1]:.2f} × {labels[1]} + {b:.1f}: "
            f"off by {error:.1f} on average"
        )

    def draw(values: Values, event: Event) -> scene.Scene:
        if event.kind != "press":
            w = np.array([values.w0, values.w1])
            return scene.scene(panel(w, values.b), say=say(w, values.b))
        path = train_linear(inputs, target, epochs=_FRAMES)
        w, b = path[-1]
        w, b = w.round(2), round(b, 1)
        return scene.scene(
            panel(w, b),
            say="Trained: " + say(w, b),
            values={"w0": float(w[0]), "w1": float(w[1]), "b": b},
            frames=[[panel(w, b)] for w, b in path],
        )

    return Figure(
        [
            slider("w0", f"weight of {labels[0]}", -10, 10, 0.0, step=0.1),
            slider("w1", f"weight of {labels[1]}", -10, 10, 0.0, step=0.1),
            slider("b", "bias", 0, 150, 90, step=1),
            button("train", "Train"),
        ],
        draw,
        title="Two inputs: a plane over the rows (drag to turn it)",
    )


def crawl(x: Any, y: Any) -> Figure:
    """The bias, epoch by epoch: on the raw table, and on the standardized one.

    Args:
        x: (n,) or (n, columns) inputs.
        y: (n,) target.
    """
    inputs = np.asarray(x, dtype=np.float32).reshape(len(x), -1)
    target = np.asarray(y, dtype=np.float32)
    wanted = _least_squares(inputs, target)[1]

    def draw(values: Values, event: Event) -> scene.Scene:
        lines, ends = [], []
        for name, role, scaled in (
            ("raw columns", "valid", False),
            ("standardized columns", "train", True),
        ):
            path = train_linear(
                inputs,
                target,
                epochs=values.epochs,
                optimizer=optimizer_of(values.optimizer, values.rate),
                standardize=scaled,
                batch_size=16,
            )
            biases = [b for _, b in path]
            ends.append(
                f"{biases[-1]:.1f} from {name}"
                if len(path) > values.epochs
                else f"nowhere from {name}: the loss ran away in epoch {len(path)}"
            )
            lines.append(scene.line(np.arange(len(path)), biases, name=name, role=role))
        lines.append(scene.rule(y=wanted, name="the best bias"))
        return scene.scene(
            scene.plot(
                lines,
                x="epoch",
                y="bias, in calories",
                x_range=(0, values.epochs),
                y_range=(-10.0, wanted * 1.4),
            ),
            say=f"After {values.epochs} epochs the bias is {', '.join(ends)}; "
            f"the best is {wanted:.1f}",
        )

    return Figure(
        [
            choice("optimizer", "optimizer", ["adam", "sgd"]),
            slider("rate", "learning rate", 0.001, 0.1, 0.001, log=True),
            slider("epochs", "epochs", 10, 200, 100, step=10),
        ],
        draw,
        title="Why the bias crawls",
    )


def train_line(x: Any, y: Any, *, epochs: int) -> list[tuple[float, float]]:
    """Weight and bias after each epoch, in the table's own units.

    >>> path = train_line([0, 1, 2], [90, 92.5, 95], epochs=30)
    >>> [round(value, 1) for value in path[-1]]
    [2.5, 90.0]
    """
    inputs = np.asarray(x, dtype=np.float32).reshape(-1, 1)
    path = train_linear(inputs, np.asarray(y, dtype=np.float32), epochs=epochs)
    return [(float(w[0]), b) for w, b in path]


def train_linear(
    inputs: np.ndarray,
    target: np.ndarray,
    *,
    epochs: int,
    optimizer: Any = None,
    standardize: bool = True,
    batch_size: int | None = None,
) -> list[tuple[np.ndarray, float]]:
    """Trains a linear unit and gives its weights and bias before and after each epoch.

    Args:
        inputs: (n, columns) float32.
        target: (n,) float32.
        epochs: how many.
        optimizer: gradient descent with a learning rate of 0.1 by default.
        standardize: whether inputs and target are; weights come back in their units.
        batch_size: rows a step; all by default.

    Returns:
        (weights (columns,), bias), `epochs` + 1 of them, in the table's own units;
        fewer where the loss ran away to infinity.
    """
    x_mean, x_scale = np.zeros(inputs.shape[1]), np.ones(inputs.shape[1])
    y_mean, y_scale = 0.0, 1.0
    if standardize:
        x_mean, x_scale = inputs.mean(0), np.maximum(inputs.std(0), 1e-7)
        y_mean, y_scale = float(target.mean()), max(float(target.std()), 1e-7)
    model = models.Sequential(
        [layers.Dense(1, kernel_initializer="zeros", input_shape=[inputs.shape[1]])]
    )
    model.compile(optimizer=optimizer or optimizers.SGD(0.1), loss="mse")
    path: list[tuple[np.ndarray, float]] = []

    def keep(epoch: int = -1, logs: Any = None) -> None:
        kernel, bias = model.get_weights()
        w = y_scale * kernel[:, 0] / x_scale
        path.append((w, float(y_scale * bias[0] + y_mean - w @ x_mean)))

    keep()
    with suppress(DivergedError):
        model.fit(
            (inputs - x_mean) / x_scale,
            (target - y_mean) / y_scale,
            batch_size=batch_size or len(inputs),
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=[callbacks.LambdaCallback(on_epoch_end=keep)],
        )
    return path


def _say(rows: Rows, values: Values) -> str:
    """How far the line is from the rows."""
    error = np.abs(values.w * rows.x + values.b - rows.y).mean()
    return (
        f"calories = {values.w:.2f} × sugars + {values.b:.1f}: off by "
        f"{error:.1f} on average"
    )


def _least_squares(inputs: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, float]:
    ones = np.column_stack([inputs, np.ones(len(inputs))])
    found = np.linalg.lstsq(ones, target, rcond=None)[0]
    return found[:-1], float(found[-1])


def _num(value: float) -> str:
    return f"{value:g}"
