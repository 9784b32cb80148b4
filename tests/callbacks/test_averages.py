"""SwapEMAWeights: who sees which weights, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import callbacks
from pronghorn.errors import ArgumentError

draw = np.random.default_rng(0)
X = draw.normal(size=(24, 3)).astype("float32")
Y = (X @ [[1.0], [-2.0], [0.5]]).astype("float32")


def net(**arguments: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(3,))])
    options = {"use_ema": True, "ema_momentum": 0.9, **arguments}
    model.compile(keras.optimizers.SGD(0.1, **options), loss="mse")
    return model


def fit(model: Any, *calls: Any, epochs: int = 3) -> Any:
    options = {"batch_size": 4, "shuffle": False, "verbose": 0}
    validation = {"validation_data": (X[:8], Y[:8])}
    return model.fit(
        X, Y, epochs=epochs, callbacks=list(calls), **options, **validation
    )


def test_validation_measures_the_averages() -> None:
    plain, model = net(), net()
    seen: list[Any] = []
    look = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            [
                [v.numpy() for v in model.optimizer._model_variables_moving_average],
                model.get_weights(),
                logs,
            ]
        )
    )
    history = fit(model, callbacks.SwapEMAWeights(), look)
    ordinary = fit(plain)
    assert history.history["loss"] == ordinary.history["loss"]
    assert history.history["val_loss"] != ordinary.history["val_loss"]
    judge = net()
    for averages, weights, logs in seen:
        assert (averages[0] != weights[0]).any()
        judge.set_weights(averages)
        wanted = judge.evaluate(X[:8], Y[:8], verbose=0)
        assert logs["val_loss"] == pytest.approx(wanted, rel=1e-6)
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)  # both end with the averages


def test_checkpoints_hold_the_averages(tmp_path: Path) -> None:
    for swap in (False, True):
        model = net()
        kept: list[Any] = []
        look = callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs, m=model, k=kept: k.append(
                m.optimizer._model_variables_moving_average[0].numpy()
            )
        )
        path = str(tmp_path / f"{swap}-{{epoch}}.keras")
        save = callbacks.ModelCheckpoint(path)
        fit(model, look, callbacks.SwapEMAWeights(swap_on_epoch=swap), save)
        saved = keras.models.load_model(path.format(epoch=2)).get_weights()[0]
        assert (saved == kept[11]).all() == swap


@pytest.mark.parametrize("last", [False, True])
def test_training_ends_with_the_averages(last: bool) -> None:
    plain, model = net(), net()

    def stop(epoch: int, logs: Any) -> None:
        model.stop_training = epoch == 1 and not last

    halt = callbacks.LambdaCallback(on_epoch_end=stop)
    fit(model, callbacks.SwapEMAWeights(swap_on_epoch=True), halt, epochs=3)
    fit(plain, epochs=3 if last else 2)
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    # and the next fit goes on from them
    fit(model, callbacks.SwapEMAWeights(swap_on_epoch=True), epochs=1)
    fit(plain, epochs=1)
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_predictions_and_evaluations_put_the_weights_back() -> None:
    model = net()
    fit(model)
    weights = [np.full_like(w, 0.5) for w in model.get_weights()]
    averages = [v.numpy() for v in model.optimizer._model_variables_moving_average]
    model.set_weights(weights)
    swap = callbacks.SwapEMAWeights()
    found = model.predict(X, callbacks=[swap], verbose=0)
    np.testing.assert_allclose(found, X @ averages[0] + averages[1], rtol=1e-5)
    model.evaluate(X, Y, callbacks=[swap], verbose=0)
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_optimizer_within_a_loss_scale() -> None:
    model = net()
    inner = keras.optimizers.SGD(0.1, use_ema=True)
    model.compile(keras.optimizers.LossScaleOptimizer(inner), loss="mse")
    fit(model, callbacks.SwapEMAWeights())
    assert inner.averages_shown is False


def test_an_optimizer_without_averages() -> None:
    with pytest.raises(ArgumentError, match="use_ema=True"):
        fit(net(use_ema=False), callbacks.SwapEMAWeights())
