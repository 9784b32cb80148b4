"""Learning curves of several learning rates."""

from __future__ import annotations

import numpy as np

from pronghorn.learn.figures import rates

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 4)) * [1, 10, 100, 1000]
Y = X[:, 0] * 3 + X[:, 1] / 5


def by_rate(scene: dict, panel: int = 1) -> dict[str, list[float]]:
    """Validation losses by the learning rate; of training rows in panel 0."""
    return {each["name"]: each["y"] for each in scene["panels"][panel]["marks"]}


def test_a_rate_can_be_too_small() -> None:
    found = by_rate(rates.rates(X, Y).scene)
    assert list(found) == ["0.0001", "0.001", "0.01", "0.1"]
    assert all(len(each) == 30 for each in found.values())
    assert found["0.01"][-1] < found["0.001"][-1] < found["0.0001"][-1]


def test_a_rate_can_be_too_large() -> None:
    figure = rates.rates(X, Y, several=(0.01, 3.0))
    good, bad = by_rate(figure.set(optimizer="sgd")).values()
    assert not bad or not bad[-1] < 5 * good[-1]


def test_raw_columns_are_worse() -> None:
    figure = rates.rates(X, Y)
    flat = by_rate(figure.scene)["0.01"][-1]
    assert by_rate(figure.set(standardized=False))["0.01"][-1] > 3 * flat


def test_the_same_values_give_the_same_curves() -> None:
    figure = rates.rates(X, Y, epochs=10)
    first = figure.scene["panels"]
    assert figure.set(batch=64.0)["panels"] != first
    assert figure.set(batch=32.0)["panels"] == first


def test_the_curves_of_a_history() -> None:
    figure = rates.curves({"loss": [1.0, 0.5, 0.6]})
    assert figure.scene["say"] == "Lowest loss: 0.5 on training rows in epoch 2"
    assert not figure.scene["panels"][0]["y"]["log"]
    assert figure.set(log=True)["panels"][0]["y"]["log"]
