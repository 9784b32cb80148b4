"""Members of one ensemble that differ in how they are trained, by groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir import Variable
from pronghorn.random import seeded
from pronghorn.tabular import MemberNTKDense, Preset, TableNet, fit, schedules

RNG = np.random.default_rng(0)


class Dropped(keras.Model):
    """Shows what a layer gives in training."""

    def __init__(self, layer: layers.Layer) -> None:
        super().__init__()
        self.layer = layer

    def call(self, inputs, training=None):
        return self.layer(inputs, training=True)


def test_dropout_by_group_draws_alike_for_all_groups() -> None:
    ones = np.ones((200, 6, 10), np.float32)
    layer = schedules.FlatCosDropout([0.0, 0.2, 0.6], steps=100, seed=1)
    with seeded(0):
        found = Dropped(layer).predict(ones, batch_size=200, verbose=0)
    none, few, many = (found[:, 2 * g : 2 * g + 2] for g in range(3))
    assert (none == 1).all()
    assert 0.15 < (few == 0).mean() < 0.25 and 0.55 < (many == 0).mean() < 0.65
    assert set(np.unique(few)) == {0, np.float32(1 / (1 - 0.2))}
    assert (many[few == 0] == 0).all(), "the same numbers are drawn for all groups"
    assert (many[:, 0] == 0).tolist() != (many[:, 1] == 0).tolist()

    alone = schedules.FlatCosDropout([0.6], steps=100, seed=1)
    with seeded(0):
        same = Dropped(alone).predict(ones[:, :2], batch_size=200, verbose=0)
    np.testing.assert_array_equal(same, many)


def test_dropout_by_group_in_a_file_and_in_prediction() -> None:
    layer = schedules.FlatCosDropout((0.1, 0.2), steps=10)
    again = schedules.FlatCosDropout.from_config(layer.get_config())
    assert again.rate == [0.1, 0.2]
    x = RNG.normal(size=(3, 4, 5)).astype("float32")
    np.testing.assert_array_equal(layer(x), x)


@pytest.mark.parametrize("shape", [(5, 3, 4), (5, 4)])
def test_dropout_refuses_members_that_are_no_groups(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="no equal groups"):
        schedules.FlatCosDropout([0.1, 0.2], steps=10)(np.ones(shape, "float32"))
    for rates in ([], [0.1, 1.0]):
        with pytest.raises(ArgumentError, match="rate is out of its range"):
            schedules.FlatCosDropout(rates, steps=10)


def test_rates_and_decays_by_group() -> None:
    start = RNG.normal(size=(6, 3)).astype("float32")
    gradient = RNG.normal(size=(6, 3)).astype("float32")
    rates, decays = (0.01, 0.1, 0.5), (0.0, 0.3, 1.0)
    together = Variable(start, name="kernel")
    made = schedules.ScheduledAdamW(1.0, 1.0, rates=rates, decays=decays)
    made.apply([gradient], [together])
    for group, (rate, decay) in enumerate(zip(rates, decays)):
        own = slice(2 * group, 2 * group + 2)
        alone = Variable(start[own], name="kernel")
        schedules.ScheduledAdamW(rate, decay).apply([gradient[own]], [alone])
        np.testing.assert_allclose(together.numpy()[own], alone.numpy(), rtol=1e-6)
    again = schedules.ScheduledAdamW.from_config(made.get_config())
    assert (again.rates, again.decays) == ([0.01, 0.1, 0.5], [0.0, 0.3, 1.0])


def test_rates_refuse_weights_that_are_no_groups() -> None:
    made = schedules.ScheduledAdamW(1.0, rates=(1.0, 0.5))
    with pytest.raises(ShapeError, match="cut into groups"):
        made.apply([np.ones(3)], [Variable(np.ones(3), name="v")])


def test_smoothing_by_group() -> None:
    x = RNG.normal(size=(20, 4, 3)).astype("float32")
    y = RNG.integers(2, size=20)
    entered = layers.Input((4, 3))
    output = MemberNTKDense(2)(entered)
    net = TableNet(entered, output, "classification", (0.0, 0.4))
    logits = RNG.normal(size=(20, 4, 2)).astype("float32")
    found = float(net.compute_loss(x, y, logits))
    expected = []
    for own, smoothing in ((slice(0, 2), 0.0), (slice(2, 4), 0.4)):
        inner = layers.Input((2, 3))
        part = TableNet(inner, MemberNTKDense(2)(inner), "classification", smoothing)
        expected.append(float(part.compute_loss(x[:, own], y, logits[:, own])))
    assert expected[0] != pytest.approx(expected[1])
    assert found == pytest.approx(np.mean(expected), rel=1e-6)
    assert net.get_config()["smoothing"] == [0.0, 0.4]
    for bad in ((0.1, 0.2, 0.3), (0.1, 1.0), 1.0):
        with pytest.raises(ArgumentError, match="smoothing of labels"):
            TableNet(entered, output, "classification", bad)


def test_a_preset_may_have_groups() -> None:
    data = {"a": RNG.normal(size=120)}
    data["y"] = np.where(data["a"] + 0.1 * RNG.normal(size=120) > 0, "yes", "no")
    preset = Preset(members=4, hidden=(8,), epochs=8, batch_size=32)
    mixed = replace(
        preset,
        rate=((0.05, 0.1), (0.05, 0.1)),
        decay=(0.0, 0.1),
        dropout=(0.0, 0.3),
        smoothing=(0.0, 0.1),
    )
    model = fit(data, "y", preset=mixed)
    assert model.evaluate(data)["accuracy"] > 0.8
    weights = ops.convert_to_numpy(model.net.get_layer("hidden_0").kernel)
    assert weights.shape[0] == 4
