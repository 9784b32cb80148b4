"""A net's fit to a curve, and what each of its hidden units adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn import callbacks, initializers, layers, models, optimizers
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, button, choice, slider
from pronghorn.learn.figures.rows import NoisyRows

__all__ = ["curve", "fit"]

_SHOWN = 24  # lines of units, at most
_FRAMES = 20


def curve(x: np.ndarray) -> np.ndarray:
    """The curve behind the rows: a wave that grows.

    >>> curve(np.array([0.0, 1.0])).round(3).tolist()
    [0.2, -1.157]
    """
    found: np.ndarray = (0.7 + 0.3 * x) * np.sin(5 * x) + 0.2 * np.cos(3 * x)
    return found


def fit(*, rows: int = 40) -> Figure:
    """A net that is trained on rows of a curve, and its last hidden layer's units.

    Rows can be moved, added and taken away; the net is trained anew each time.

    Args:
        rows: how many, from -1 to 1.

    >>> figure = fit()
    >>> off = lambda scene: float(scene["say"].split("off by ")[1].split()[0])
    >>> off(figure.set(width=1)) > 2 * off(figure.set(width=16))
    True
    """
    x = np.linspace(-1, 1, rows, dtype=np.float32)
    table = NoisyRows(curve, x, np.random.default_rng(4).normal(size=rows))
    starts = {"seed": 1}

    def draw(values: Values, event: Event) -> scene.Scene:
        table.take(event)
        film: list[int] = []
        if event.kind == "press":
            starts["seed"] += event.mark == "again"
            if event.mark == "film":
                film = _moments(values.epochs)
        x, y = table.x, table.y(values.noise).astype(np.float32)
        grid = np.linspace(-1.1, 1.1, 89, dtype=np.float32)

        def panels(net: models.Sequential) -> list[scene.Panel]:
            said, added, bias = _parts(net, grid)
            return [
                _over_rows(x, y, grid, said),
                _units(grid, added, bias, said),
            ]

        net = _net(values.width, values.depth, values.activation, starts["seed"])
        frames = []

        def keep(epoch: int, logs: Any) -> None:
            if epoch in film:
                frames.append(panels(net))

        _train(net, x, y, values.epochs, keep if film else None)
        off = np.abs(net.predict(x[:, None], verbose=0)[:, 0] - y).mean()
        return scene.scene(
            *panels(net),
            say=f"{net.count_params()} weights and biases, off by {off:.3f} on average "
            f"after {values.epochs} epochs",
            frames=frames,
            seconds=2.0,
        )

    return Figure(
        [
            slider("width", "units in a layer", 1, 32, 6, step=1),
            slider("depth", "hidden layers", 1, 4, 1, step=1),
            choice("activation", "activation", ["relu", "tanh", "sigmoid", "linear"]),
            slider("noise", "noise", 0, 0.5, 0.1, step=0.05),
            slider("epochs", "epochs", 50, 2000, 500, step=50),
            button("film", "Watch it train"),
            button("again", "Other starting weights"),
        ],
        draw,
        title="How many units does the curve take? Move, add or delete rows, too",
    )


def _over_rows(
    x: np.ndarray, y: np.ndarray, grid: np.ndarray, said: np.ndarray
) -> scene.Panel:
    return scene.plot(
        [
            scene.line(grid, curve(grid), name="the curve", role="truth", dashed=True),
            scene.points(x, y, name="rows", drag="rows"),
            scene.line(grid, said, name="the net"),
        ],
        title="The net over the rows",
        x="x",
        y="y",
        x_range=(-1.1, 1.1),
        y_range=(-1.5, 1.5),
        add="rows",
    )


def _units(
    grid: np.ndarray, added: np.ndarray, bias: float, said: np.ndarray
) -> scene.Panel:
    """A line for each unit: its output times the weight that it leaves by."""
    size = np.ptp(added, axis=0)
    shown = np.sort(np.argsort(-size)[:_SHOWN])
    marks = [
        scene.line(grid[::2], added[::2, at], role=f"class{at % 10}") for at in shown
    ]
    marks.append(scene.rule(y=bias, name="bias"))
    marks.append(scene.line(grid, said, name="their sum"))
    return scene.plot(
        marks,
        title="What each unit of the last hidden layer adds",
        x="x",
        y="",
        x_range=(-1.1, 1.1),
        y_range=(-3.0, 3.0),
    )


def _net(width: int, depth: int, activation: str, seed: int) -> models.Sequential:
    """A net of one input; its first layer's bends lie spread over the inputs."""
    reach = 2.0
    hidden = [
        layers.Dense(
            width,
            activation=activation,
            kernel_initializer=initializers.VarianceScaling(
                scale=2.0 if at else 6.0, seed=100 * seed + at
            ),
            bias_initializer=initializers.RandomUniform(
                -reach, reach, seed=100 * seed + 50 + at
            ),
        )
        for at in range(depth)
    ]
    last = layers.Dense(
        1, kernel_initializer=initializers.GlorotNormal(seed=100 * seed + 99)
    )
    net = models.Sequential([*hidden, last])
    net.build((None, 1))
    return net


def _train(
    net: models.Sequential,
    x: np.ndarray,
    y: np.ndarray,
    epochs: int,
    keep: Callable[[int, Any], None] | None,
) -> None:
    net.compile(optimizer=optimizers.Adam(0.02), loss="mse")
    watch = [callbacks.LambdaCallback(on_epoch_end=keep)] if keep else []
    net.fit(
        x[:, None],
        y,
        batch_size=len(x),
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=watch,
    )


def _parts(
    net: models.Sequential, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """What the net says, what each unit of its last hidden layer adds, and the bias."""
    found: Any = grid[:, None]
    for layer in net.layers[:-1]:
        found = layer(found)
    kernel, bias = net.layers[-1].get_weights()
    added = np.asarray(found) * kernel[:, 0]
    return added.sum(axis=1) + bias[0], added, float(bias[0])


def _moments(epochs: int) -> list[int]:
    """Epochs to show in a film: many at first, where much happens."""
    steps = np.linspace(0, 1, _FRAMES) ** 2 * (epochs - 1)
    return sorted({int(step) for step in steps})
