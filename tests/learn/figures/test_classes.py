"""Many classes: softmax as its formula has it, and nets that do learn to read."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from pronghorn.datasets import load
from pronghorn.learn.figure import Figure
from pronghorn.learn.figures import classes

DIGITS = load("sklearn/digits")
IMAGES = DIGITS.drop(columns="target").to_numpy().reshape(-1, 8, 8) / 16
LABELS = DIGITS["target"].to_numpy()


def bars(figure: Figure, panel: int, mark: int = 0) -> np.ndarray:
    return np.array(figure.scene["panels"][panel]["marks"][mark]["y"], dtype=float)


def fields(figure: Figure, panel: int) -> list[dict[str, Any]]:
    marks = figure.scene["panels"][panel]["marks"]
    return [each for each in marks if each["kind"] == "field"]


def cells(field: dict[str, Any]) -> np.ndarray:
    found = np.frombuffer(base64.b64decode(field["cells"]), dtype=np.uint8)
    return found.reshape(field["rows"], field["columns"]).astype(int)


def test_softmax() -> None:
    figure = classes.softmax()
    figure.set(z0=1.5, z1=-0.5, z2=3.0, temperature=2.0)
    powers = np.exp(np.array([1.5, -0.5, 3.0]) / 2)
    np.testing.assert_allclose(bars(figure, 1), powers / powers.sum(), rtol=1e-4)


def test_only_differences_count() -> None:
    figure = classes.softmax()
    figure.set(z0=1.0, z1=0.0, z2=-2.0)
    before = bars(figure, 1)
    figure.set(z0=3.0, z1=2.0, z2=0.0)
    np.testing.assert_allclose(bars(figure, 1), before, rtol=1e-4)


def test_smoothing_raises_the_loss_of_a_sure_net() -> None:
    figure = classes.softmax()
    losses = []
    for smoothing in (0.0, 0.3):
        figure.set(z0=5.0, z1=-5.0, z2=-5.0, truth="cat", smoothing=smoothing)
        losses.append(float(figure.scene["say"].split()[-1]))
    np.testing.assert_allclose(bars(figure, 1, 1), [0.8, 0.1, 0.1], rtol=1e-4)
    assert losses[0] < 0.01
    assert losses[1] > 1.5


def test_a_unit_looks_for_its_digit() -> None:
    """After training, each unit's weights fit the mean image of its own digit best."""
    figure = classes.weights(IMAGES, LABELS)
    figure.set(epochs=20)
    units = np.array([cells(each)[::-1] for each in fields(figure, 0)]) - 127.5
    assert units.shape == (10, 8, 8)
    means = np.array([IMAGES[digit == LABELS].mean(0) for digit in range(10)])
    fit = np.tensordot(means - means.mean(0), units, axes=([1, 2], [1, 2]))
    assert (fit.argmax(1) == np.arange(10)).mean() >= 0.9


@pytest.mark.parametrize("epochs", [0, 10])
def test_weights_are_random_before_training(epochs: int) -> None:
    figure = classes.weights(IMAGES, LABELS)
    figure.set(epochs=epochs)
    right = float(figure.scene["say"].split("epochs ")[1].split("%")[0])
    assert right < 30 if epochs == 0 else right > 85


def test_images_stand_upright() -> None:
    figure = classes.reading(IMAGES, LABELS, np.eye(10)[LABELS])
    figure.set(row=7)
    [field] = fields(figure, 0)
    np.testing.assert_array_equal(cells(field)[::-1], np.rint(IMAGES[7] * 255))
    assert bars(figure, 1).argmax() == LABELS[7]


def test_all_new_images_are_counted() -> None:
    figure = classes.confusion(IMAGES, LABELS)
    for rows in (100, 1200):
        figure.set(rows=rows, units=16)
        panel, worst = figure.scene["panels"]
        labels = [each for each in panel["marks"] if each["kind"] == "label"]
        counts = {(m["y"], m["x"]): int(m["text"]) for m in labels}
        assert sum(counts.values()) == len(IMAGES) - 1200
        right = sum(count for (y, x), count in counts.items() if y == x)
        said = figure.scene["say"].split("%")[0]
        assert said == f"{100 * right / 597:.1f}"
        words = [each["text"] for each in worst["marks"] if each["kind"] == "label"]
        assert len(words) == 10
        assert all(word[0] != word.split("→ ")[1] for word in words)
