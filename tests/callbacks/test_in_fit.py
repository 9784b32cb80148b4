"""Callbacks in real fits: when they are called, and that they change no result."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import callbacks, layers
from pronghorn.callbacks import progbar
from pronghorn.callbacks.hooks import EVERY_HOOK
from pronghorn.errors import ArgumentError, DataError

ROWS, BATCH = 10, 4
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS, 3)).astype("float32")
Y = (X @ [[1.0], [-2.0], [0.5]]).astype("float32")


def net(rate: float = 0.01) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            layers.Dense(4, activation="relu", input_shape=(3,)),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(rate), loss="mse", metrics=["mae"])
    return model


def fit(model: Any, *extra: Any, verbose: Any = 0, epochs: int = 3) -> Any:
    keras.utils.set_random_seed(2)
    return model.fit(
        X,
        Y,
        batch_size=BATCH,
        epochs=epochs,
        validation_data=(X[:6], Y[:6]),
        callbacks=list(extra),
        verbose=verbose,
    )


class Recorder(callbacks.Callback):
    """The names of the hooks, in the order of the calls."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.logs: list[dict[str, Any]] = []


def _noting(hook: str) -> Any:
    def method(self: Recorder, *args: Any, logs: Any = None) -> None:
        told = args[-1] if args and isinstance(args[-1], dict) else logs
        self.seen.append(hook.removeprefix("on_"))
        self.logs.append(dict(told or {}))

    return method


for _hook in EVERY_HOOK:
    if _hook not in ("on_batch_begin", "on_batch_end"):
        setattr(Recorder, _hook, _noting(_hook))


def _batches(kind: str, count: int) -> list[str]:
    return [f"{kind}_batch_begin", f"{kind}_batch_end"] * count


VALIDATION = ["test_begin", *_batches("test", 2), "test_end"]
EPOCH = ["epoch_begin", *_batches("train", 3), *VALIDATION, "epoch_end"]


def test_the_order_of_calls_is_that_of_keras() -> None:
    recorder, model = Recorder(), net()
    fit(model, recorder, epochs=2)
    assert recorder.seen == ["train_begin", *EPOCH, *EPOCH, "train_end"]
    recorder = Recorder()
    model.evaluate(X, Y, batch_size=BATCH, callbacks=[recorder], verbose=0)
    assert recorder.seen == ["test_begin", *_batches("test", 3), "test_end"]
    recorder = Recorder()
    model.predict(X, batch_size=BATCH, callbacks=[recorder], verbose=0)
    assert recorder.seen == ["predict_begin", *_batches("predict", 3), "predict_end"]


def test_what_the_hooks_are_told() -> None:
    recorder, model = Recorder(), net()
    history = fit(model, recorder, epochs=2)
    told = list(zip(recorder.seen, recorder.logs, strict=True))
    names = ["loss", "mae"]
    both = [*names, *(f"val_{name}" for name in names)]
    keys = {"train_batch_end": names, "test_batch_end": names, "epoch_end": both}
    for hook, expected in keys.items():
        found = [logs for seen, logs in told if seen == hook]
        assert found and all(sorted(logs) == expected for logs in found), hook
    epochs = [logs for seen, logs in told if seen == "epoch_end"]
    assert history.history == {k: [logs[k] for logs in epochs] for k in both}
    assert recorder.logs[-1] == epochs[-1]
    assert recorder.params == {"verbose": 0, "epochs": 2, "steps": 3}


class EachBatch(callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


@pytest.mark.parametrize(
    ("verbose", "extra"),
    [
        (1, []),
        (2, []),
        ("auto", []),
        (0, [callbacks.EarlyStopping(patience=99)]),
        (0, [EachBatch()]),
        (0, [Recorder()]),
    ],
)
def test_watching_changes_no_bit(
    verbose: Any, extra: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    plain, watched = net(), net()
    expected = fit(plain, epochs=5)
    found = fit(watched, *extra, verbose=verbose, epochs=5)
    assert found.history == expected.history
    for a, b in zip(watched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert bool(capsys.readouterr().out) is bool(verbose)


def test_metrics_of_a_batch_are_those_of_the_epoch_so_far() -> None:
    recorder, model = Recorder(), net()
    history = fit(model, recorder, epochs=1)
    batches = [
        logs["loss"]
        for seen, logs in zip(recorder.seen, recorder.logs, strict=True)
        if seen == "train_batch_end"
    ]
    assert len(set(batches)) == 3
    assert batches[-1] == pytest.approx(history.history["loss"][0], rel=1e-6)


def test_early_stopping_restores_the_best_weights() -> None:
    model = net(rate=0.5)
    kept: list[Any] = []
    keep = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append(model.get_weights())
    )
    stop = callbacks.EarlyStopping(patience=4, restore_best_weights=True)
    history = fit(model, keep, stop, epochs=60)
    best = int(np.argmin(history.history["val_loss"]))
    assert len(kept) == best + 5 < 60
    for a, b in zip(model.get_weights(), kept[best], strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.evaluate(X[:6], Y[:6], verbose=0)[0] == pytest.approx(
        min(history.history["val_loss"]), rel=1e-5
    )


def test_a_batch_can_end_the_training() -> None:
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    model, recorder = net(), Recorder()
    history = fit(model, Stop(), recorder, epochs=9)
    assert recorder.seen.count("train_batch_end") == 2
    assert recorder.seen[-2:] == ["epoch_end", "train_end"]
    assert len(history.history["loss"]) == 1


def test_scheduled_rates_are_used_and_kept() -> None:
    still = callbacks.LearningRateScheduler(lambda epoch: 0.0)
    model = net()
    before = model.get_weights()
    history = fit(model, still)
    assert history.history["learning_rate"] == [0.0] * 3
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_plateau_lowers_the_rate_of_the_optimizer() -> None:
    model = net(rate=0.25)
    slow = callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9)
    history = fit(model, slow, epochs=3)
    assert history.history["learning_rate"] == [0.25, 0.25, 0.125]
    assert float(np.asarray(model.optimizer.learning_rate)) == 0.0625


@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_a_checkpoint_can_be_loaded(tmp_path: Path, ending: str) -> None:
    model = net()
    name, weights_only = f"{{epoch}}.{ending}", ending == "weights.h5"
    keep = callbacks.ModelCheckpoint(tmp_path / name, save_weights_only=weights_only)
    fit(model, keep, epochs=2)
    saved = str(tmp_path / name.format(epoch=2))
    if weights_only:
        other = net()
        other.load_weights(saved)
    else:
        other = keras.models.load_model(saved)
    expected = model.predict(X, verbose=0)
    np.testing.assert_array_equal(other.predict(X, verbose=0), expected)
    assert len(list(tmp_path.iterdir())) == 2


def test_auto_knows_the_direction_of_an_accuracy() -> None:
    model = keras.Sequential([layers.Dense(1, activation="sigmoid", input_shape=(3,))])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", "AUC", "mae"])
    for monitor, sign in (("accuracy", ">"), ("AUC", ">"), ("mae", "<")):
        stop = callbacks.EarlyStopping(monitor)
        model.fit(X, Y > 0, callbacks=[stop], verbose=0)
        better = stop.is_improvement(2.0, 1.0)
        assert better is (sign == ">"), monitor


def test_terminate_on_nan_ends_a_diverged_training(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = net()
    model.compile(keras.optimizers.SGD(1e30), loss="mse")
    history = model.fit(
        X,
        Y,
        batch_size=BATCH,
        epochs=50,
        callbacks=[callbacks.TerminateOnNaN()],
        verbose=0,
    )
    assert len(history.history["loss"]) < 50
    assert "Invalid loss, terminating training" in capsys.readouterr().out


def test_terminate_on_nan_decides_about_data_that_is_no_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    y = Y.copy()
    y[-1] = np.inf
    start = net()
    before = start.get_weights()
    with pytest.warns(UserWarning, match="y holds inf"):
        history = start.fit(
            X,
            y,
            batch_size=BATCH,
            shuffle=False,
            epochs=3,
            callbacks=[callbacks.TerminateOnNaN()],
            verbose=0,
        )
    assert np.isnan(history.history["loss"]).tolist() == [True]
    assert "Invalid loss" in capsys.readouterr().out
    after = start.get_weights()
    assert all(np.isfinite(w).all() for w in after)
    assert any((a != b).any() for a, b in zip(after, before, strict=True))
    with (
        pytest.warns(UserWarning, match="y holds inf"),
        pytest.raises(RuntimeError, match="batch"),
    ):
        net().fit(X, y, callbacks=[callbacks.TerminateOnNaN(raise_error=True)])
    with pytest.raises(DataError, match="y holds inf"):
        net().fit(X, y, verbose=0)


def test_the_bar_of_a_fit(capsys: pytest.CaptureFixture[str]) -> None:
    fit(net(), verbose=1, epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0::2] == ["Epoch 1/2", "Epoch 2/2"]
    assert all(line.startswith("3/3 ━━━") for line in lines[1::2])
    assert all(" - mae: " in line and " - val_loss: " in line for line in lines[1::2])


def test_a_bar_changes_no_prediction(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = net()
    expected = model.predict(X, batch_size=BATCH, verbose=0)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(progbar, "_PREDICT_DELAY", 0.0)
    found = model.predict(X, batch_size=BATCH, verbose=1)
    np.testing.assert_array_equal(found, expected)
    assert capsys.readouterr().out.startswith("3/3 ━━━")


def test_a_bar_changes_no_evaluation(capsys: pytest.CaptureFixture[str]) -> None:
    model = net()
    expected = model.evaluate(X, Y, batch_size=BATCH, verbose=0)
    assert model.evaluate(X, Y, batch_size=BATCH, verbose=1) == expected
    out = capsys.readouterr().out
    assert out.startswith("3/3 ━━━") and f" - loss: {expected[0]:.4f}" in out


def test_the_metrics_of_a_model_are_those_compiled() -> None:
    model = net()
    fit(model, epochs=1)
    assert [metric.name for metric in model.metrics] == ["loss", "mae"]


def test_a_short_predict_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    net().predict(X)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "callback", [callbacks.EarlyStopping, callbacks.ReduceLROnPlateau]
)
def test_a_quantity_that_does_not_exist_is_an_error(callback: Any) -> None:
    with pytest.raises(ArgumentError, match="val_typo"):
        fit(net(), callback("val_typo"))


class Stopper(callbacks.Callback):
    """Ends a pass over batches after the second of them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)
        self.model.stop_evaluating = batch == 1

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)
        self.model.stop_predicting = batch == 1


def test_a_callback_ends_evaluation_and_prediction() -> None:
    model = net()
    stopper = Stopper()
    rest = {"batch_size": 2, "verbose": 0}
    loss, _ = model.evaluate(X, Y, callbacks=[stopper], **rest)
    assert stopper.seen == [0, 1]
    assert loss == pytest.approx(model.evaluate(X[:4], Y[:4], **rest)[0])
    assert not model.stop_evaluating  # the next pass runs to its end
    stopper.seen.clear()
    outputs = model.predict(X, callbacks=[stopper], **rest)
    assert stopper.seen == [0, 1]
    np.testing.assert_array_equal(outputs, model.predict(X, **rest)[:4])
    stopper.seen.clear()
    endless = itertools.repeat((X[:2], Y[:2]))
    model.evaluate(endless, callbacks=[stopper], verbose=0)
    assert stopper.seen == [0, 1]
    stopper.seen.clear()
    outputs = model.predict(itertools.repeat(X[:2]), callbacks=[stopper], verbose=0)
    np.testing.assert_array_equal(outputs[2:], model.predict(X[:2], verbose=0))
    assert outputs.shape == (4, 1)
