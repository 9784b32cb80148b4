"""How weights start, and steps that are too long: what passes through the layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import callbacks, initializers, layers, models, optimizers, utils
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider, switch

__all__ = ["clipping", "descend", "spread", "spreads"]

_WEIGHTS = ("He", "Glorot", "too small (0.01)", "too large (1.0)", "all zero")
_FLOOR = 1e-8  # what the logarithmic axis shows of a layer that is all zero


def spreads(
    weights: str, activation: str, depth: int, width: int, *, seed: int = 0
) -> list[np.ndarray]:
    """What each hidden layer of an untrained net says for 200 standardized rows.

    Args:
        weights: `He`, `Glorot`, `too small (0.01)`, `too large (1.0)` or `all zero`.
        activation: of the hidden layers.
        depth: how many.
        width: units of each.
        seed: of rows and weights.

    Returns:
        `depth` arrays (200, width).

    >>> [each.shape for each in spreads("He", "relu", 2, 8)]
    [(200, 8), (200, 8)]
    """
    utils.set_random_seed(seed)
    made: dict[str, Any] = {
        "He": initializers.HeNormal(),
        "Glorot": initializers.GlorotUniform(),
        "too small (0.01)": initializers.RandomNormal(stddev=0.01),
        "too large (1.0)": initializers.RandomNormal(stddev=1.0),
        "all zero": initializers.Zeros(),
    }
    entry = layers.Input(shape=(width,))
    through: list[Any] = [entry]
    for _ in range(depth):
        layer = layers.Dense(
            width,
            activation=activation,
            kernel_initializer=made[weights].clone(),
        )
        through.append(layer(through[-1]))
    model = models.Model(entry, through[1:])
    rows = np.random.default_rng(seed).normal(size=(200, width)).astype(np.float32)
    said = model(rows)
    return [np.asarray(each) for each in (said if depth > 1 else np.atleast_3d(said))]


def spread() -> Figure:
    """The spread of activations, layer by layer, for several ways to start.

    >>> spread().set(weights="all zero")["say"].split(":")[0]
    'All zero'
    """

    def draw(values: Values, event: Event) -> scene.Scene:
        said = spreads(values.weights, values.activation, values.depth, values.width)
        deviations = np.array([float(each.std()) for each in said])
        number = np.arange(1, values.depth + 1)
        first = scene.line(
            number,
            np.maximum(deviations, _FLOOR),
            name="standard deviation",
            dots=True,
        )
        edge = 3 * max(float(deviations[0]), 1e-3)
        cells, edges = [], np.linspace(-edge, edge, 42)
        for each in said:
            counts = np.histogram(np.clip(each, -edge, edge), edges)[0]
            cells.append(np.sqrt(counts / max(counts.max(), 1)))  # or 0 hides all else
        last = float(deviations[-1])
        verdict = (
            "all zero"
            if last == 0
            else "vanishing"
            if last < 0.1 * deviations[0]
            else "exploding"
            if last > 10 * deviations[0]
            else "kept"
        )
        return scene.scene(
            scene.plot(
                [first, scene.rule(y=1.0, name="the inputs")],
                title="Spread of what each layer says",
                x="layer",
                y="standard deviation",
                x_range=(0.5, values.depth + 0.5),
                y_range=(_FLOOR, 1e8),
                y_log=True,
            ),
            scene.plot(
                [
                    scene.field(
                        np.transpose(cells),
                        (0.5, values.depth + 0.5),
                        (-edge, edge),
                        palette="sequence",
                        low=0.0,
                        high=1.0,
                    )
                ],
                title="Values in each layer (dark is many)",
                x="layer",
                y="value",
                x_range=(0.5, values.depth + 0.5),
                y_range=(-edge, edge),
            ),
            say=f"{verdict.capitalize()}: the first layer's standard deviation is "
            f"{deviations[0]:.3g}, the last one's {last:.3g}",
        )

    return Figure(
        [
            choice("weights", "weights at the start", _WEIGHTS),
            choice("activation", "activation", ["relu", "tanh", "linear"]),
            slider("depth", "hidden layers", 2, 20, 10, step=1),
            slider("width", "units per layer", 8, 64, 32, step=8),
        ],
        draw,
        title="How weights must start: the spread should survive all layers",
    )


def descend(
    x: np.ndarray, y: np.ndarray, *, rate: float, clip: float | None, epochs: int
) -> tuple[list[float], models.Model]:
    """Trains a small net with gradient descent, clipped or not.

    Args:
        x: (n, 1) float32.
        y: (n, 1) float32.
        rate: learning rate.
        clip: longest gradient (`clipnorm`); None for any.
        epochs: at most; fewer if training diverges.

    Returns:
        The mean squared error on all rows but the first after each epoch, infinite
        where training diverged, and the net.
    """
    utils.set_random_seed(4)
    model = models.Sequential(
        [
            layers.Input(shape=(1,)),
            layers.Dense(24, activation="relu"),
            layers.Dense(24, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer=optimizers.SGD(rate, clipnorm=clip), loss="mse")
    losses: list[float] = []

    def keep(epoch: int, logs: Any = None) -> None:
        losses.append(float((logs or {}).get("val_loss", np.nan)))

    try:
        model.fit(
            x,
            y,
            batch_size=8,
            epochs=epochs,
            validation_data=(x[1:], y[1:]),
            shuffle=False,
            verbose=0,
            callbacks=[callbacks.LambdaCallback(on_epoch_end=keep)],
        )
    except DivergedError:
        losses.append(np.inf)
    return losses, model


def clipping() -> Figure:
    """Training with a row that is far out, with clipped gradients and without.

    >>> clipping().scene["say"]  # doctest: +ELLIPSIS
    'Error on all other rows at the end: ... as it is, ... clipped'
    """
    draw_rows = np.random.default_rng(1)
    x = np.linspace(-1, 1, 32, dtype=np.float32)[draw_rows.permutation(32)][:, None]
    y = np.sin(3 * x) + 0.1 * draw_rows.normal(size=(32, 1)).astype(np.float32)
    grid = np.linspace(-1, 1, 81, dtype=np.float32)[:, None]
    epochs = 40

    def draw(values: Values, event: Event) -> scene.Scene:
        target = y.copy()
        target[0] = values.outlier
        lines, fitted, ends = [], [], []
        for name, role, clip in (
            ("as it is", "valid", None),
            (f"clipnorm {values.clip:.2g}", "train", values.clip),
        ):
            losses, model = descend(
                x, target, rate=values.rate, clip=clip, epochs=epochs
            )
            shown = np.clip(np.asarray(losses), 1e-3, 1e3)
            lines.append(
                scene.line(np.arange(1, len(shown) + 1), shown, name=name, role=role)
            )
            ends.append(losses[-1])
            if np.isfinite(losses[-1]):
                said = model.predict(grid, verbose=0)
                fitted.append(scene.line(grid, said, name=name, role=role))
        told = [f"{each:.3g}" if np.isfinite(each) else "never finite" for each in ends]
        return scene.scene(
            scene.plot(
                [scene.points(x, target, name="training"), *fitted],
                title="The rows, one of them far out",
                x="x",
                y="y",
                x_range=(-1.05, 1.05),
                y_range=(-3.0, 41.0 if values.zoom else 3.0),
            ),
            scene.plot(
                lines,
                title="Error on all other rows",
                x="epoch",
                y="mean squared error",
                x_range=(0, epochs),
                y_range=(1e-3, 1e3),
                y_log=True,
            ),
            say=f"Error on all other rows at the end: {told[0]} as it is, "
            f"{told[1]} clipped",
        )

    return Figure(
        [
            slider("rate", "learning rate", 0.01, 0.5, 0.1, log=True),
            slider("clip", "longest gradient (clipnorm)", 0.1, 100, 1.0, log=True),
            slider("outlier", "height of one row", 0, 40, 40, step=1),
            switch("zoom", "show that row", False),
        ],
        draw,
        title="Gradient clipping: one row far out, and steps that stay short",
    )
