"""Many classes: softmax, and a net that reads handwritten digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import layers, losses, models, ops, optimizers, regularizers
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider
from pronghorn.utils import set_random_seed

__all__ = ["confusion", "reading", "softmax", "weights"]

_SEEN = 1200  # rows of the digits that the figures' nets are trained on
_COLUMNS = 5  # images side by side


def softmax(*, classes: Sequence[str] = ("cat", "dog", "bird")) -> Figure:
    """From logits to probabilities, with a temperature, and the loss against a target.

    Args:
        classes: a name for each class; each has a slider for its logit.

    >>> softmax(classes=["yes", "no"]).set(z0=1.0, z1=1.0)["say"]
    'yes 0.500, no 0.500; together 1.000. Cross-entropy 0.693'
    """
    names = [str(each) for each in classes]
    starts = np.linspace(2.0, -1.0, len(names)).round(1)

    def draw(values: Values, event: Event) -> scene.Scene:
        logits = np.array([values[f"z{i}"] for i in range(len(names))], np.float32)
        said = np.asarray(ops.softmax(logits / np.float32(values.temperature)))
        target = np.array([each == values.truth for each in names], np.float32)
        loss = losses.CategoricalCrossentropy(label_smoothing=values.smoothing)
        off = float(np.asarray(loss(target[None], said[None])))
        smooth = target * (1 - values.smoothing) + values.smoothing / len(names)
        shares = ", ".join(f"{name} {p:.3f}" for name, p in zip(names, said))
        return scene.scene(
            scene.plot(
                [scene.bars(names, logits, name="logits", role="muted")],
                y="logit z",
                y_range=(-5.0, 5.0),
            ),
            scene.plot(
                [
                    scene.bars(names, said, name="softmax"),
                    scene.bars(names, smooth, name="target", role="truth"),
                ],
                y="probability",
                y_range=(0.0, 1.0),
            ),
            say=f"{shares}; together {said.sum():.3f}. Cross-entropy {off:.3f}",
        )

    sliders = [
        slider(f"z{i}", f"logit of {name}", -5, 5, float(start), step=0.1)
        for i, (name, start) in enumerate(zip(names, starts))
    ]
    return Figure(
        [
            *sliders,
            slider("temperature", "temperature", 0.1, 10.0, 1.0, log=True),
            choice("truth", "it is a", names),
            slider("smoothing", "label smoothing", 0, 0.4, 0.0, step=0.05),
        ],
        draw,
        title="Softmax: only differences count, and all probabilities are above 0",
    )


def weights(images: Any, labels: Any) -> Figure:
    """Ten softmax units over images: what each unit's weights look like.

    Args:
        images: (n, 8, 8) numbers from 0 to 1.
        labels: (n,) whole numbers from 0 to 9.
    """
    x, y = _digits(images, labels)

    def draw(values: Values, event: Event) -> scene.Scene:
        model = _reader(0, values.decay)
        if values.epochs:
            _fit(model, x[:_SEEN], y[:_SEEN], values.epochs)
        kernel = model.get_weights()[0]
        units = kernel.T.reshape(10, *x.shape[1:3])
        most = float(np.abs(units).max())
        right = _right(model, x[_SEEN:], y[_SEEN:])
        return scene.scene(
            _gallery(
                units,
                [str(digit) for digit in range(10)],
                title="The weights of the ten units",
                palette="signs",
                low=-0.7 * most,  # of few weights: the others get more colour
                high=0.7 * most,
            ),
            say=f"After {values.epochs} epochs {right:.1%} of {len(x) - _SEEN} new "
            f"images are read rightly; the greatest weight is {most:.2f}",
        )

    return Figure(
        [
            slider("epochs", "epochs", 0, 40, 10, step=1),
            slider("decay", "weight decay (L2)", 0.0, 0.02, 0.0, step=0.001),
        ],
        draw,
        title="What a unit looks for: ink that speaks for its digit, and against it",
    )


def reading(images: Any, labels: Any, probabilities: Any) -> Figure:
    """One image after the other, and what a net says of it.

    Args:
        images: (n, 8, 8) numbers from 0 to 1.
        labels: (n,) whole numbers from 0 to 9.
        probabilities: (n, 10) of the net, or None to show the images alone.
    """
    pictures = np.asarray(images, dtype=np.float32).reshape(len(images), 8, 8)
    truth = np.asarray(labels).astype(int)
    names = [str(digit) for digit in range(10)]
    said = None if probabilities is None else np.asarray(probabilities)

    def draw(values: Values, event: Event) -> scene.Scene:
        row = values.row
        panels = [
            scene.plot(
                [_image(pictures[row], (0, 8), (0, 8), low=0.0, high=1.0)],
                title=f"Image {row}",
                square=True,
                axes="",
                x_range=(0, 8),
                y_range=(0, 8),
            )
        ]
        words = f"Image {row} is a {truth[row]}"
        if said is None:
            numbers = [
                " ".join(f"{v:2.0f}" for v in line) for line in 16 * pictures[row]
            ]
            panels.append(scene.words(numbers, title="The same, as numbers"))
        else:
            found = int(said[row].argmax())
            words += (
                f"; the net says {found} with {said[row, found]:.3f}, and gives "
                f"{truth[row]} {said[row, truth[row]]:.3f}"
            )
            panels.append(
                scene.plot(
                    [scene.bars(names, said[row])],
                    x="digit",
                    y="probability",
                    y_range=(0.0, 1.0),
                )
            )
        return scene.scene(*panels, say=words)

    return Figure(
        [slider("row", "image", 0, len(pictures) - 1, 0, step=1)],
        draw,
        title="Handwritten digits, 8 by 8 dots",
    )


def confusion(images: Any, labels: Any) -> Figure:
    """Which digits a net takes for which, and the rows with the greatest loss.

    Args:
        images: (n, 8, 8) numbers from 0 to 1.
        labels: (n,) whole numbers from 0 to 9.
    """
    x, y = _digits(images, labels)
    new_x, new_y = x[_SEEN:], y[_SEEN:]

    def draw(values: Values, event: Event) -> scene.Scene:
        model = _reader(values.units, 0.0)
        _fit(model, x[: values.rows], y[: values.rows], values.epochs)
        said = model.predict(new_x, batch_size=4096, verbose=0)
        called = said.argmax(1)
        counts = np.zeros((10, 10), dtype=int)
        np.add.at(counts, (new_y, called), 1)
        rows = np.arange(len(new_y))
        loss = -np.log(np.maximum(said[rows, new_y], 1e-7))
        worst = np.argsort(-loss, kind="stable")[: 2 * _COLUMNS]
        words = [f"{new_y[i]} → {called[i]}" for i in worst]
        top_2 = np.argsort(-said, axis=1)[:, :2]
        second = float((top_2 == new_y[:, None]).any(1).mean())
        return scene.scene(
            _counts(counts),
            _gallery(
                new_x[worst, :, :, 0],
                words,
                title="The ten rows with the greatest loss: truth → net",
                low=0.0,
                high=1.0,
            ),
            say=f"{np.mean(called == new_y):.1%} of {len(new_y)} new images are read "
            f"rightly, {second:.1%} by one of the two likeliest digits; mean "
            f"cross-entropy {loss.mean():.3f}",
        )

    return Figure(
        [
            slider("rows", "rows to learn from", 50, _SEEN, 600, step=50),
            slider("units", "units of a hidden layer (0: none)", 0, 64, 16, step=8),
            slider("epochs", "epochs", 1, 20, 8, step=1),
        ],
        draw,
        title="The confusion matrix, and the worst rows: look at them",
    )


def _digits(images: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Images as (n, 8, 8, 1) float32 and labels as whole numbers."""
    x = np.asarray(images, dtype=np.float32).reshape(len(images), 8, 8, 1)
    return x, np.asarray(labels).astype(np.int64)


def _reader(units: int, decay: float) -> models.Sequential:
    """A compiled net over images: perhaps a hidden layer, then ten softmax units."""
    set_random_seed(0)
    stack: list[Any] = [layers.Flatten(input_shape=[8, 8, 1])]
    if units:
        stack.append(layers.Dense(units, activation="relu"))
    last = layers.Dense(
        10,
        activation="softmax",
        kernel_regularizer=regularizers.L2(max(decay, 1e-9)),
    )
    model = models.Sequential([*stack, last])
    model.compile(
        optimizer=optimizers.Adam(0.01), loss="sparse_categorical_crossentropy"
    )
    return model


def _fit(model: Any, x: np.ndarray, y: np.ndarray, epochs: int) -> None:
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)


def _right(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """The share of images whose likeliest digit is their own."""
    said = model.predict(x, batch_size=4096, verbose=0)
    return float(np.mean(said.argmax(1) == y))


def _image(
    dots: np.ndarray,
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    palette: str = "sequence",
    low: float | None = None,
    high: float | None = None,
) -> scene.Mark:
    """An image, its first line above, somewhere on a panel."""
    return scene.field(
        dots[::-1], x, y, palette=palette, low=low, high=high, crisp=True
    )


def _gallery(
    pictures: np.ndarray,
    words: Sequence[str],
    *,
    title: str = "",
    palette: str = "sequence",
    low: float | None = None,
    high: float | None = None,
) -> scene.Panel:
    """Images side by side in two rows, with a word below each."""
    marks = []
    for number, (picture, word) in enumerate(zip(pictures, words)):
        line, column = divmod(number, _COLUMNS)
        left, bottom = column * 1.1, (1 - line) * 1.3
        across, up = (left, left + 1.0), (bottom, bottom + 1.0)
        marks += [
            _image(picture, across, up, palette=palette, low=low, high=high),
            scene.label(left + 0.5, bottom - 0.12, word, role="path"),
        ]
    return scene.plot(
        marks,
        title=title,
        x_range=(-0.05, _COLUMNS * 1.1 - 0.05),
        y_range=(-0.25, 2.35),
        axes="",
    )


def _counts(counts: np.ndarray) -> scene.Panel:
    """The confusion matrix: a digit's row at its height; mistakes have their number."""
    wrong = counts.astype(float)
    np.fill_diagonal(wrong, 0.0)
    marks: list[scene.Mark] = [
        scene.field(
            wrong,
            (-0.5, 9.5),
            (-0.5, 9.5),
            palette="sequence",
            low=0.0,
            high=max(1.6 * wrong.max(), 8.0),
            crisp=True,
        )
    ]
    for truth, called in np.argwhere(counts > 0):
        role = "muted" if truth == called else "path"
        text = str(counts[truth, called])
        marks.append(scene.label(float(called), float(truth), text, role=role))
    return scene.plot(
        marks,
        title="Confusion matrix: mistakes are coloured",
        x="the net says",
        y="the image is",
        x_range=(-0.5, 9.5),
        y_range=(-0.5, 9.5),
        square=True,
    )
