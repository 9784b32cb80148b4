"""Which class a net sees where: rows in two columns, and the ground coloured by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import layers, models, optimizers
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider
from pronghorn.utils import set_random_seed

__all__ = ["classifier", "grid", "many", "train", "two"]

_EPOCHS = 100
_CELLS = (44, 56)  # of the ground: upwards, across


def two(*, rows: int = 160, seed: int = 3) -> Figure:
    """Two classes: the field of probability, retrained at each move of a slider.

    Rows can be moved, added to either class and taken away; as many rows again, which
    are not drawn, measure how well the net does on rows that it did not see.

    Args:
        rows: how many, of both classes together.
        seed: of the rows and of the weights at the start.

    >>> [each["kind"] for each in two(rows=40).scene["panels"][0]["marks"]]
    ['field', 'contours', 'points']
    """
    names = ("orange (0)", "blue (1)")
    ground = _Ground(_shaped("moons", rows, seed), rows, seed)

    def draw(values: Values, event: Event) -> scene.Scene:
        ground.take(event, values, names.index(values.add))
        kept = ground.rows
        x, y = kept.at(values.noise), kept.label
        unseen = ground.unseen.at(values.noise)
        model = classifier(2, 1, values.width, values.depth, values.dropout, seed)
        history = train(model, x, y, values=(unseen, ground.unseen.label))
        shown = model.predict(grid(*_WINDOW, _CELLS), batch_size=4096, verbose=0)
        wrong = (unseen, ground.unseen.label)
        return scene.scene(
            _two_panel(x, y, shown.reshape(_CELLS)),
            _curves(history),
            say=f"{_share(model, x, y)} of {len(y)} rows are on the right side, and "
            f"{_share(model, *wrong)} of {len(unseen)} new ones; "
            f"{model.count_params():,} weights",
        )

    return Figure(
        [
            choice("shape", "rows", ["moons", "rings", "corners", "clouds"]),
            choice("add", "a click adds", names),
            slider("noise", "noise of the rows", 0, 0.6, 0.2, step=0.05),
            slider("width", "units a layer", 1, 32, 8, step=1),
            slider("depth", "hidden layers", 0, 3, 1, step=1),
            slider("dropout", "dropout", 0, 0.8, 0.0, step=0.1),
        ],
        draw,
        title="The boundary: what do 0 hidden layers see, and what do 3?",
    )


def many(
    x: Any,
    y: Any,
    classes: Sequence[str],
    *,
    labels: tuple[str, str] = ("first column", "second column"),
    seed: int = 1,
) -> Figure:
    """More than two classes over two columns: the ground in the likeliest one's colour.

    Args:
        x: (n, 2) numbers.
        y: (n,) whole numbers of classes, from 0.
        classes: a name for each class; at most ten.
        labels: the words at both axes.
        seed: of the weights at the start.
    """
    inputs = np.asarray(x, dtype=np.float64)
    low, high = inputs.min(0), inputs.max(0)
    low, high = low - 0.06 * (high - low), high + 0.06 * (high - low)
    window = ((float(low[0]), float(high[0])), (float(low[1]), float(high[1])))
    rows = _Rows(inputs, np.zeros_like(inputs), np.asarray(y).astype(np.int64))
    mean, deviation = inputs.mean(0), inputs.std(0)
    cells = ((grid(*window, _CELLS) - mean) / deviation).astype(np.float32)

    def draw(values: Values, event: Event) -> scene.Scene:
        rows.take(event, list(classes).index(values.add))
        scaled = ((rows.at(0.0) - mean) / deviation).astype(np.float32)
        model = classifier(2, len(classes), values.width, values.depth, 0.0, seed)
        train(model, scaled, rows.label, epochs=values.epochs)
        said = model.predict(cells, batch_size=4096, verbose=0)
        likeliest = said.argmax(1).reshape(_CELLS)
        own = model.predict(scaled, verbose=0).argmax(1)
        shown = rows.at(0.0)
        dots = [
            scene.points(
                shown[:, 0],
                shown[:, 1],
                role=[f"class{each}" for each in rows.label],
                labels=[classes[each] for each in rows.label],
                drag="rows",
                hollow=own != rows.label,
                size=4,
            )
        ]
        sure = float(said.max(1).mean())
        panel = scene.plot(
            [scene.field(likeliest, *window, palette="labels"), *dots],
            x=labels[0],
            y=labels[1],
            x_range=window[0],
            y_range=window[1],
            add="rows",
        )
        surest = scene.plot(
            [
                scene.field(
                    said.max(1).reshape(_CELLS),
                    *window,
                    palette="sequence",
                    low=1 / len(classes),
                    high=1.0,
                )
            ],
            x=labels[0],
            y=labels[1],
            x_range=window[0],
            y_range=window[1],
            title="How sure: the greatest probability",
        )
        return scene.scene(
            panel,
            surest,
            say=f"{_share(model, scaled, rows.label)} of {len(own)} rows are in their "
            f"own region (rings are not); over the ground the net is {sure:.0%} sure",
        )

    return Figure(
        [
            slider("width", "units a layer", 1, 32, 8, step=1),
            slider("depth", "hidden layers", 0, 3, 0, step=1),
            slider("epochs", "epochs", 5, 100, 50, step=5),
            choice("add", "a click adds", classes),
        ],
        draw,
        title="A region for each class: straight borders, until layers bend them",
    )


def classifier(
    columns: int, outputs: int, width: int, depth: int, dropout: float, seed: int
) -> models.Sequential:
    """A compiled net of dense layers: one sigmoid unit, or a softmax over `outputs`.

    Args:
        columns: inputs of a row.
        outputs: 1 for two classes, else the number of classes.
        width: units of each hidden layer.
        depth: hidden layers; none makes it a linear classifier.
        dropout: share of units that each hidden layer drops; 0 for no such layer.
        seed: of the weights at the start and of what is dropped.

    >>> classifier(2, 1, 8, 1, 0.0, 0).count_params()
    33
    """
    set_random_seed(seed)
    stack: list[Any] = [layers.Input((columns,))]
    for _ in range(depth):
        stack.append(layers.Dense(width, "relu", kernel_initializer="he_normal"))
        if dropout > 0:
            stack.append(layers.Dropout(dropout))
    stack.append(layers.Dense(outputs, "sigmoid" if outputs == 1 else "softmax"))
    model = models.Sequential(stack)
    model.compile(
        optimizer=optimizers.Adam(0.03),
        loss="binary_crossentropy"
        if outputs == 1
        else "sparse_categorical_crossentropy",
    )
    return model


def train(
    model: Any,
    x: np.ndarray,
    y: np.ndarray,
    *,
    values: tuple[np.ndarray, np.ndarray] | None = None,
    epochs: int = _EPOCHS,
    class_weight: dict[int, float] | None = None,
) -> dict[str, list[float]]:
    """Trains a classifier with a third of the rows a step, and gives its history."""
    held = None if values is None else (values[0], values[1].astype(np.float32))
    return dict(
        model.fit(
            x,
            y.astype(np.float32),
            batch_size=max(8, -(-len(x) // 3)),
            epochs=epochs,
            validation_data=held,
            class_weight=class_weight,
            verbose=0,
        ).history
    )


def grid(
    x: tuple[float, float], y: tuple[float, float], cells: tuple[int, int]
) -> np.ndarray:
    """The middles of a grid's cells as rows (rows * columns, 2); the lowest first.

    >>> grid((0, 2), (0, 1), (1, 2)).tolist()
    [[0.5, 0.5], [1.5, 0.5]]
    """
    up, across = cells
    middles = [
        low + (high - low) * (np.arange(count) + 0.5) / count
        for (low, high), count in ((x, across), (y, up))
    ]
    return np.stack(np.meshgrid(*middles), -1).reshape(-1, 2).astype(np.float32)


@dataclass
class _Rows:
    """Rows with two columns: where each lies without noise, its noise, and its class.

    A row that was moved or added stays where it was put, whatever the noise.
    """

    clean: np.ndarray
    noise: np.ndarray
    label: np.ndarray

    def at(self, noise: float) -> np.ndarray:
        """Where the rows are, (n, 2) float32."""
        return (self.clean + noise * self.noise).astype(np.float32)

    def take(self, event: Event, label: int) -> None:
        """Does to the rows what was done in the figure."""
        if event.kind == "move":
            self.clean[event.index] = event.x, event.y
            self.noise[event.index] = 0
        elif event.kind == "add":
            self.clean = np.vstack([self.clean, [event.x, event.y]])
            self.noise = np.vstack([self.noise, [0.0, 0.0]])
            self.label = np.append(self.label, label)
        elif event.kind == "remove" and len(self.label) > 2:
            self.clean, self.noise, self.label = (
                np.delete(each, event.index, axis=0)
                for each in (self.clean, self.noise, self.label)
            )


@dataclass
class _Ground:
    """The rows of a shape, and as many that training does not see."""

    rows: _Rows
    count: int
    seed: int
    shape: str = "moons"

    def __post_init__(self) -> None:
        self.unseen = _shaped(self.shape, self.count, self.seed + 1)

    def take(self, event: Event, values: Values, label: int) -> None:
        """Another shape has other rows; else what was done is done to these."""
        if values.shape != self.shape:
            self.shape = values.shape
            self.rows = _shaped(self.shape, self.count, self.seed)
            self.unseen = _shaped(self.shape, self.count, self.seed + 1)
        self.rows.take(event, label)


_WINDOW = ((-2.1, 2.1), (-1.8, 1.8))


def _shaped(shape: str, count: int, seed: int) -> _Rows:
    """Rows of two classes in a shape, every other one of class 1."""
    rng = np.random.default_rng(seed)
    label = np.arange(count) % 2
    turn = rng.uniform(0, 1, count)
    sign = 1 - 2 * label
    if shape == "moons":
        angle = np.pi * turn
        clean = np.stack(
            [
                np.cos(angle) * sign - 0.5 * sign,
                np.sin(angle) * sign - 0.25 * sign,
            ],
            axis=1,
        )
    elif shape == "rings":
        angle, radius = 2 * np.pi * turn, np.where(label == 1, 0.45, 1.25)
        clean = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    elif shape == "corners":
        clean = rng.uniform(0.15, 1.3, (count, 2))
        clean[:, 0] *= np.where(turn < 0.5, 1, -1)
        clean[:, 1] *= np.where(turn < 0.5, 1, -1) * sign
    else:
        angle, radius = 2 * np.pi * turn, 0.5 * np.sqrt(rng.uniform(0, 1, count))
        clean = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        clean += 0.6 * np.stack([-sign, -sign], axis=1)
    return _Rows(clean, rng.normal(size=(count, 2)), label)


def _two_panel(x: np.ndarray, y: np.ndarray, probability: np.ndarray) -> scene.Panel:
    """Rows of both classes on the field of probability, with the line of one half."""
    across, up = _WINDOW
    words = ["class 0", "class 1"]
    return scene.plot(
        [
            scene.field(probability, across, up, low=0.0, high=1.0),
            scene.contours(probability, *_inner(), levels=[0.5], role="path"),
            scene.points(
                x[:, 0],
                x[:, 1],
                role=[f"class{each}" for each in y],
                labels=[words[each] for each in y],
                drag="rows",
                size=4,
            ),
        ],
        x="first column",
        y="second column",
        x_range=across,
        y_range=up,
        add="rows",
    )


def _inner() -> tuple[tuple[float, float], tuple[float, float]]:
    """From the middle of the first cell to that of the last: where values are known."""
    ends = []
    for (low, high), count in zip(_WINDOW, reversed(_CELLS)):
        half = (high - low) / count / 2
        ends.append((low + half, high - half))
    return ends[0], ends[1]


def _curves(history: dict[str, list[float]]) -> scene.Panel:
    """The loss on both kinds of rows, epoch by epoch."""
    epochs = np.arange(1, len(history["loss"]) + 1)
    return scene.plot(
        [
            scene.line(epochs, history["loss"], name="these rows", role="train"),
            scene.line(epochs, history["val_loss"], name="new rows", role="valid"),
        ],
        x="epoch",
        y="cross-entropy",
        x_range=(0, len(epochs)),
        y_range=(0.0, 1.0),
    )


def _share(model: Any, x: np.ndarray, y: np.ndarray) -> str:
    """The share of rows whose likeliest class is their own."""
    said = model.predict(x, batch_size=4096, verbose=0)
    chosen = said.argmax(1) if said.shape[1] > 1 else (said[:, 0] > 0.5).astype(int)
    return f"{np.mean(chosen == y):.1%}"
