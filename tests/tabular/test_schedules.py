"""RealMLP's schedules: values, dropout and weight decay in a step, files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError
from pronghorn.tabular import schedules

RECORDED = json.loads(Path(__file__).with_name("recorded_layers.json").read_text())
ONES = np.ones((100, 40), "float32")
Y = np.linspace(0, 2, 100, dtype="float32")[:, None]


@pytest.fixture(params=["native", "reference"])
def backend(request, monkeypatch):
    monkeypatch.setenv("PRONGHORN_BACKEND", request.param)
    return request.param


@pytest.mark.parametrize("name", ["coslog4", "flat_cos"])
def test_values_beside_the_papers_package(name: str) -> None:
    wanted = RECORDED["schedules"][name]
    make = schedules.CosLog4 if name == "coslog4" else schedules.FlatCos
    schedule = make(0.5, steps=len(wanted) - 1)
    found = [float(schedule(step)) for step in range(len(wanted))]
    np.testing.assert_allclose(found, 0.5 * np.array(wanted), atol=2e-6)
    later = float(schedule(5 * len(wanted)))
    assert later == pytest.approx(found[-1]), "it stays where it ended"
    assert type(schedule).from_config(schedule.get_config()).steps == schedule.steps


def test_dropout_follows_the_steps(backend: str) -> None:
    layer = schedules.FlatCosDropout(0.5, steps=40, seed=1)
    model = keras.Sequential([keras.Input((40,)), layers.Dense(40), layer])
    model.layers[0].set_weights([np.eye(40, dtype="float32"), np.zeros(40, "float32")])

    def dropped(y, outputs):
        return ops.mean(ops.cast(ops.equal(outputs, 0.0), "float32"))

    def size(y, outputs):
        return ops.mean(outputs)

    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[dropped, size])
    logs = model.fit(ONES, Y * ONES, batch_size=10, epochs=5, verbose=0).history
    schedule = schedules.FlatCos(0.5, 40)
    steps = np.array([float(schedule(i)) for i in range(50)]).reshape(5, 10)
    np.testing.assert_allclose(logs["dropped"], steps.mean(axis=1), atol=0.03)
    assert logs["dropped"][4] == 0
    np.testing.assert_allclose(logs["size"], 1, atol=0.06)
    assert int(layer.step.numpy()) == 50
    np.testing.assert_array_equal(model.predict(ONES, verbose=0), ONES)


def test_weight_decay_follows_the_steps(backend: str) -> None:
    decay = schedules.FlatCos(0.4, steps=8)
    optimizer = schedules.ScheduledAdamW(0.5, decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model = keras.Sequential([keras.Input((40,)), layers.Dense(1)])
    model.compile(optimizer, loss=lambda y, outputs: 0.0 * ops.mean(outputs, axis=-1))
    bias = np.full(1, 2.0, "float32")
    model.set_weights([np.ones((40, 1), "float32"), bias])
    model.fit(ONES, Y, batch_size=20, epochs=2, verbose=0)
    wanted = np.prod([1 - 0.5 * float(decay(step)) for step in range(10)])
    kernel, same = model.get_weights()
    np.testing.assert_allclose(kernel, wanted, rtol=1e-5)
    np.testing.assert_array_equal(same, bias)


def test_parts_of_the_weights_have_rates_and_decays_of_their_own() -> None:
    optimizer = schedules.ScheduledAdamW(
        0.5, 0.1, factors={"bias": 0.5}, decay_factors={"bias": 3.0, "none": 9.0}
    )
    model = keras.Sequential([keras.Input((40,)), layers.Dense(1)])
    model.compile(optimizer, loss=lambda y, outputs: 0.0 * ops.mean(outputs, axis=-1))
    model.set_weights([np.ones((40, 1), "float32"), np.ones(1, "float32")])
    model.fit(ONES, Y, batch_size=50, epochs=1, verbose=0)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel, (1 - 0.5 * 0.1) ** 2, rtol=1e-6)
    np.testing.assert_allclose(bias, (1 - 0.5 * 0.1 * 0.5 * 3) ** 2, rtol=1e-6)


def test_a_number_decays_as_in_adamw() -> None:
    trained = []
    for optimizer in (
        schedules.ScheduledAdamW(0.01, 0.1, beta_2=0.95),
        keras.optimizers.AdamW(0.01, 0.1, beta_2=0.95),
    ):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((40,)), layers.Dense(1)])
        model.compile(optimizer, "mse")
        model.fit(ONES, Y, verbose=0)
        trained.append(model.get_weights()[0])
    np.testing.assert_array_equal(*trained)


def test_training_goes_on_from_a_file(tmp_path) -> None:
    optimizer = schedules.ScheduledAdamW(
        schedules.CosLog4(0.04, 40), schedules.FlatCos(0.02, 40), beta_2=0.95
    )
    dropout = schedules.FlatCosDropout(0.3, 40, seed=1)
    model = keras.Sequential([keras.Input((40,)), dropout, layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(ONES, Y, batch_size=10, epochs=2, verbose=0)
    path = tmp_path / "model.keras"
    with pytest.warns(UserWarning, match="pronghorn.tabular.schedules.CosLog4"):
        model.save(path)
    again = keras.models.load_model(path)
    assert again.optimizer.get_config() == optimizer.get_config()
    assert again.layers[0].get_config() == dropout.get_config()
    assert int(again.layers[0].step.numpy()) == 20
    for one in (model, again):
        keras.utils.set_random_seed(5)
        one.fit(ONES, Y, batch_size=10, epochs=1, shuffle=False, verbose=0)
    np.testing.assert_allclose(
        again.get_weights()[0], model.get_weights()[0], rtol=1e-6
    )


def test_arguments_are_checked() -> None:
    for make in (schedules.CosLog4, schedules.FlatCos, schedules.FlatCosDropout):
        with pytest.raises(ArgumentError, match="steps"):
            make(0.1, 0)
    for rate in (-0.1, 1.0, "0.5"):
        with pytest.raises(ArgumentError, match="rate"):
            schedules.FlatCosDropout(rate, 10)
    with pytest.raises(ArgumentError, match="weight_decay"):
        schedules.ScheduledAdamW(0.1, None)
    for name in ("factors", "decay_factors"):
        with pytest.raises(ArgumentError, match="above 0") as told:
            schedules.ScheduledAdamW(0.1, 0.1, **{name: {"bias": 0.0}})
        assert f"{name}=" in str(told.value)
