"""Several optimizers in one: who changes what, in `fit`, in files, with callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn import Variable, callbacks, layers, optimizers
from pronghorn.errors import ArgumentError, DtypeError, StateError, UnsupportedError
from pronghorn.optimizers import SGD, Adam, MultiOptimizer, OptimizerMap
from tests.stepping import BACKENDS

X = np.random.default_rng(3).normal(size=(40, 3)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5]], "float32")).astype("float32")
SCHEDULE = optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)


def model_of(optimizer: Any) -> Any:
    pronghorn.utils.set_random_seed(4)
    model = pronghorn.Sequential(
        [
            layers.Dense(4, activation="tanh", input_shape=[3], name="wide"),
            layers.Dense(1, name="last"),
        ]
    )
    model.compile(optimizer=optimizer, loss="mse")
    return model


def two() -> list[Any]:
    return [Adam(0.02, use_ema=True, ema_momentum=0.8), SGD(SCHEDULE, momentum=0.5)]


def several(**arguments: Any) -> MultiOptimizer:
    adam, sgd = two()
    return MultiOptimizer(OptimizerMap(sgd, {".*wide/.*": adam}), **arguments)


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_does_in_fit_what_it_would_do_alone(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    model = model_of(several())
    model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    alone = model_of("sgd")
    groups = [layer.trainable_variables for layer in alone.layers]
    parts = two()
    for part, group in zip(parts, groups, strict=True):
        part.build(group)
    for _ in range(3):
        for start in range(0, 40, 8):
            x, y = X[start : start + 8], Y[start : start + 8]
            with pronghorn.GradientTape() as tape:
                loss = pronghorn.ops.mean(pronghorn.ops.square(alone(x) - y))
            grads = tape.gradient(loss, groups)
            for part, group, own in zip(parts, groups, grads, strict=True):
                part.apply(own, group)
    for part, group in zip(parts, groups, strict=True):
        part.finalize_variable_values(group)
    for found, expected in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)
    counts = [int(o.iterations) for o in (model.optimizer, *model.optimizer.optimizers)]
    assert counts == [15, 15, 15]


def test_one_without_variables_does_nothing() -> None:
    w, b = Variable([2.0], name="w"), Variable([2.0], name="b")
    optimizer = MultiOptimizer(OptimizerMap(SGD(1.0), {"w": SGD(0.5), "b": SGD(0.25)}))
    with pytest.warns(UserWarning, match="does not depend on b"):
        optimizer.apply([np.ones(1), None], [w, b])
    assert (w.numpy().item(), b.numpy().item()) == (1.5, 2.0)
    assert [int(o.iterations) for o in optimizer.optimizers] == [1, 0, 0]
    assert int(optimizer.iterations) == 1


def test_a_function_chooses() -> None:
    w, b = Variable([2.0], name="w"), Variable([2.0], name="b")
    fast, slow = SGD(1.0), SGD(0.5)
    optimizer = MultiOptimizer(lambda v: fast if v.path == "w" else slow)
    assert optimizer.optimizers == []
    optimizer.apply([np.ones(1), np.ones(1)], [w, b])
    assert optimizer.optimizers == [fast, slow]
    assert (w.numpy().item(), b.numpy().item()) == (1.0, 1.5)


def test_patterns() -> None:
    default, own = SGD(), Adam()
    of = OptimizerMap(default)
    of["wide/.*"] = own
    assert of(Variable(0.0, name="x")) is default and of["wide/kernel"] is own
    assert (len(of), list(of)) == (1, ["wide/.*"])
    with pytest.raises(ArgumentError, match="already"):
        of["wide/.*"] = own
    of[".*kernel"] = SGD()
    with pytest.raises(ArgumentError, match="Two patterns"):
        of["wide/kernel"]
    del of["wide/.*"]
    assert of["wide/kernel"] is not own
    with pytest.raises(ArgumentError, match="text"):
        of[3] = own  # type: ignore[index]
    for other in (optimizers.LossScaleOptimizer(SGD()), MultiOptimizer(of), "sgd"):
        with pytest.raises(ArgumentError, match="hold no others"):
            of["x"] = other  # type: ignore[assignment]
    with pytest.raises(DtypeError, match="default"):
        OptimizerMap("sgd")  # type: ignore[arg-type]
    with pytest.raises(DtypeError, match="dict"):
        OptimizerMap(default, [own])  # type: ignore[arg-type]


def test_what_the_map_gives_is_looked_at() -> None:
    w = Variable([1.0], name="w")
    for wrong in ("sgd", optimizers.LossScaleOptimizer(SGD()), several()):
        with pytest.raises(ArgumentError, match="variable 'w'"):
            MultiOptimizer(lambda v, wrong=wrong: wrong).build([w])
    with pytest.raises(ArgumentError, match="asks its map"):
        MultiOptimizer(SGD()).build([w])  # type: ignore[arg-type]
    with pytest.raises(StateError, match="not built"):
        several().apply([np.ones(1)])


def test_rates_belong_to_the_parts() -> None:
    optimizer = several()
    assert not hasattr(optimizer, "learning_rate") and not hasattr(optimizer, "lr")
    with pytest.raises(AttributeError, match="optimizers"):
        optimizer.learning_rate = 0.1
    with pytest.raises(UnsupportedError, match="optimizers"):
        optimizer.exclude_from_weight_decay(var_names=["bias"])


def test_one_loss_scale_for_all() -> None:
    w = Variable([2.0], name="w")
    inner = SGD(0.1, loss_scale_factor=2.0)
    optimizer = MultiOptimizer(OptimizerMap(inner), loss_scale_factor=5.0)
    optimizer.build([w])
    assert inner.loss_scale_factor == 5.0 and optimizer.scale_loss(2.0) == 10.0
    optimizer.apply([np.array([10.0])], [w])
    np.testing.assert_allclose(w.numpy(), [1.8], rtol=1e-6)
    outer = optimizers.LossScaleOptimizer(optimizer, initial_scale=4.0)
    assert inner.loss_scale_factor is None
    outer.build([w])
    outer.apply([np.array([4.0])], [w])
    np.testing.assert_allclose(w.numpy(), [1.7], rtol=1e-6)


def test_config_round_trip() -> None:
    optimizer = several(loss_scale_factor=2.0, name="mine")
    data = optimizers.serialize(optimizer)
    assert (data["module"], data["class_name"]) == (
        "keras.optimizers",
        "MultiOptimizer",
    )
    assert data["config"]["optimizer_map"]["class_name"] == "OptimizerMap"
    again = optimizers.deserialize(data)
    assert again.get_config() == optimizer.get_config()
    assert [type(o) for o in again.optimizers] == [Adam, SGD]


def test_stateless_apply_leaves_all_as_it_was() -> None:
    w, b = Variable([2.0], name="w"), Variable([2.0], name="b")
    optimizer = MultiOptimizer(OptimizerMap(SGD(1.0), {"w": SGD(0.5)}))
    optimizer.build([w, b])
    state = [v.numpy() for v in optimizer.variables]
    grads = [np.ones(1, "float32"), np.ones(1, "float32")]
    weights, after = optimizer.stateless_apply(state, grads, [w.numpy(), b.numpy()])
    assert [float(x[0]) for x in weights] == [1.5, 1.0]
    assert [int(after[i]) for i in (0, 2, 4)] == [1, 1, 1]
    assert (w.numpy().item(), int(optimizer.iterations)) == (2.0, 0)


@pytest.mark.parametrize("trained", [True, False])
def test_in_a_file(trained: bool, tmp_path: Path) -> None:
    model = model_of(several())
    if trained:
        model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    model.save(tmp_path / "m.keras")
    again = pronghorn.models.load_model(tmp_path / "m.keras")
    saved, loaded = model.optimizer, again.optimizer
    assert loaded.get_config() == saved.get_config()
    if trained:
        for old, new in zip(saved.variables, loaded.variables, strict=True):
            np.testing.assert_array_equal(old.numpy(), new.numpy())
    for one in (model, again):
        one.fit(X, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
    for old, new in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def plain(first: float, second: float, **arguments: Any) -> MultiOptimizer:
    parts = SGD(first, name="first", **arguments), SGD(second, name="second")
    return MultiOptimizer(OptimizerMap(parts[1], {".*wide/.*": parts[0]}))


def rates(model: Any) -> list[float]:
    return [round(float(o.learning_rate), 6) for o in model.optimizer.optimizers]


def test_callbacks_set_each_rate(capsys: pytest.CaptureFixture[str]) -> None:
    model = model_of(plain(0.1, 0.01))
    halve = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1)
    history = model.fit(X, Y, epochs=2, callbacks=[halve], verbose=0).history
    assert rates(model) == [0.025, 0.0025]
    np.testing.assert_allclose(history["learning_rate_first"], [0.05, 0.025])
    np.testing.assert_allclose(history["learning_rate_second"], [0.005, 0.0025])
    assert "setting first learning rate to 0.05" in capsys.readouterr().out
    lower = callbacks.ReduceLROnPlateau("loss", 0.1, 1, min_delta=9.0, min_lr=0.001)
    model.fit(X, Y, epochs=2, callbacks=[lower], verbose=0)
    assert rates(model) == [0.0025, 0.001]


def test_averages_change_places_where_there_are_some() -> None:
    model = model_of(plain(0.1, 0.1, use_ema=True))
    model.train_on_batch(X, Y)
    wide, last = (layer.kernel for layer in model.layers)
    average = model.optimizer.optimizers[0]._model_variables_moving_average[0]
    before = wide.numpy(), average.numpy() + 1.0, last.numpy()
    average.assign(before[1])
    swap = callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()
    np.testing.assert_array_equal(wide.numpy(), before[1])
    np.testing.assert_array_equal(last.numpy(), before[2])
    swap.on_test_end()
    np.testing.assert_array_equal(wide.numpy(), before[0])
    np.testing.assert_array_equal(average.numpy(), before[1])
    with pytest.raises(ArgumentError, match="averages"):
        swap.set_model(model_of(plain(0.1, 0.1)))
        swap.on_test_begin()
