"""A model's own train_step, test_step, predict_step and compute_loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import DivergedError, DtypeError, ShapeError, TraceError
from pronghorn.gradient import GradientTape, value_and_grad

from .own_models import (
    SCENARIOS,
    Net,
    X,
    Y,
    of_tape,
    started,
)

RECORDED = json.loads(Path(__file__).with_name("own_steps.json").read_text())["runs"]


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("name", SCENARIOS)
def test_trains_as_keras(name: str, eagerly: bool) -> None:
    found = SCENARIOS[name](keras, GradientTape, eagerly)
    assert found.keys() == RECORDED[name].keys()
    for key, value in RECORDED[name].items():
        np.testing.assert_allclose(found[key], value, rtol=2e-5, atol=2e-6, err_msg=key)


def test_every_scenario_is_recorded() -> None:
    assert list(SCENARIOS) == list(RECORDED)


def stateless_class() -> type:
    """The JAX style, with what metrics and optimizers offer written out."""

    class Stateless(Net(keras)):  # type: ignore[misc]
        def compute_loss_and_updates(
            self, trainable: Any, others: Any, x: Any, y: Any, training: bool = False
        ) -> Any:
            y_pred, others = self.stateless_call(
                trainable, others, x, training=training
            )
            measured = [v.value for v in self.metrics_variables]
            loss, (_, others, measured) = self.stateless_compute_loss(
                trainable, others, measured, x, y, y_pred
            )
            return loss, (y_pred, others)

        def train_step(self, state: Any, data: Any) -> Any:
            trainable, others, of_optimizer, of_metrics = state
            x, y = data
            slopes_of = value_and_grad(self.compute_loss_and_updates, has_aux=True)
            (loss, (_, others)), slopes = slopes_of(
                trainable, others, x, y, training=True
            )
            pairs = zip(
                (*self.trainable_variables, *self.optimizer.variables),
                (*trainable, *of_optimizer),
                strict=True,
            )
            with keras.StatelessScope(pairs) as scope:
                self.optimizer.apply(slopes, self.trainable_variables)
            trainable, of_optimizer = (
                [scope.get_current_value(v) for v in group]
                for group in (self.trainable_variables, self.optimizer.variables)
            )
            return {"loss": loss}, (trainable, others, of_optimizer, of_metrics)

    return Stateless


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_style_with_a_state(eagerly: bool) -> None:
    found = []
    for kind in (stateless_class(), Net(keras)):
        model = started(kind())
        model.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=eagerly)
        model.fit(X, Y, epochs=3, batch_size=8, shuffle=False, verbose=0)
        assert int(model.optimizer.iterations) == 9
        found.append(model.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_state_of_another_form_is_told() -> None:
    class Short(Net(keras)):  # type: ignore[misc]
        def train_step(self, state: Any, data: Any) -> Any:
            return {"loss": ops.mean(data[0])}, state[:2]

    model = started(Short())
    model.compile("adam", "mse")
    with pytest.raises(ShapeError, match=r"Short\.train_step"):
        model.fit(X, Y, verbose=0)


def test_the_step_runs_without_python() -> None:
    calls = []

    class Counting(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            calls.append(1)
            return super().train_step(data)

    model = started(Counting())
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=4, batch_size=4, verbose=0).history
    assert len(calls) == 1 and keras.backend_of(model) == "native"
    assert set(history) == {"loss", "mae"} and history["loss"][3] < history["loss"][0]
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, Y, epochs=2, batch_size=4, verbose=0)
    assert len(calls) == 1 + 12


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_default_step_called_by_an_own_one(eagerly: bool) -> None:
    class Same(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return super().train_step(data)

        def test_step(self, data: Any) -> Any:
            return super().test_step(data)

        def predict_step(self, data: Any) -> Any:
            return super().predict_step(data)

    results = []
    for kind in (Same, Net(keras)):
        model = started(kind())
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
        weights = np.linspace(0.5, 1.5, 24).astype("float32")
        history = model.fit(
            X,
            Y,
            sample_weight=weights,
            validation_data=(X[:7], Y[:7]),
            epochs=2,
            batch_size=7,
            shuffle=False,
            verbose=0,
        ).history
        again = model.train_on_batch(X, Y), model.test_on_batch(X, Y)
        measured = model.evaluate(X, Y, verbose=0)
        named = model.evaluate(X, Y, verbose=0, return_dict=True)
        results.append((history, again, measured, named, model.predict(X, verbose=0)))
    own, known = results
    assert own[0].keys() == known[0].keys() and own[3].keys() == known[3].keys()
    for key, values in known[0].items():
        np.testing.assert_allclose(own[0][key], values, rtol=1e-5)
    for one, other in zip(own[1:3], known[1:3], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose(own[4], known[4], rtol=1e-5)


@pytest.mark.parametrize("eagerly", [False, True])
def test_an_own_predict_step(eagerly: bool) -> None:
    class Labels(Net(keras)):  # type: ignore[misc]
        def predict_step(self, data: Any) -> Any:
            x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
            y = self(x, training=False)
            return {"value": y, "high": ops.greater(y, 0.0)}

    model = started(Labels())
    model.compile("adam", "mse", run_eagerly=eagerly)
    found = model.predict(X, batch_size=5, verbose=0)
    plain = np.asarray(model(X))
    np.testing.assert_allclose(found["value"], plain, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found["high"], plain > 0)


def test_values_are_asked_for_in_vain_in_a_trace() -> None:
    class Looking(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            logs = super().train_step(data)
            return {"loss": float(logs["loss"])}

    model = started(Looking())
    model.compile("sgd", "mse")
    with pytest.raises(TraceError, match="run_eagerly=True") as caught:
        model.fit(X, Y, verbose=0)
    assert "Looking" in str(caught.value)
    model.compile("sgd", "mse", run_eagerly=True)
    assert model.fit(X, Y, verbose=0).history["loss"][0] > 0


def test_what_is_no_dict_of_numbers_is_told() -> None:
    class Silent(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            super().train_step(data)

    class Long(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return {"rows": self(data[0])}

    for kind, words in ((Silent, "a dict"), (Long, "rows")):
        model = started(kind())
        model.compile("sgd", "mse")
        with pytest.raises(DtypeError, match=words):
            model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_loss_that_is_not_finite_stops(eagerly: bool) -> None:
    class Exploding(Net(keras)):  # type: ignore[misc]
        def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
            return ops.mean(ops.exp(1000.0 + ops.square(y_pred)))

    model = started(Exploding())
    before = model.get_weights()
    model.compile("sgd", run_eagerly=eagerly)
    with pytest.raises(DivergedError, match="epoch 1"):
        model.fit(X, Y, verbose=0)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_several_outputs_and_targets_as_they_are_given() -> None:
    seen = []

    class Two(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = layers.Dense(1), layers.Dense(1)

        def call(self, x: Any) -> Any:
            return {"a": self.one(x), "b": self.two(x)}

        def train_step(self, data: Any) -> Any:
            x, y = data
            seen.append(sorted(y))
            with GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            variables = self.trainable_variables
            self.optimizer.apply_gradients(
                zip(tape.gradient(loss, variables), variables)
            )
            self.compiled_metrics.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    keras.utils.set_random_seed(0)
    model = Two()
    model.compile("adam", "mse", metrics={"a": ["mae"], "b": ["mae"]})
    targets = {"a": Y, "b": -Y}
    logs = model.fit(X, targets, epochs=1, verbose=0).history
    assert seen == [["a", "b"]]
    assert set(logs) == {"loss", "a_loss", "b_loss", "a_mae", "b_mae"}
    assert logs["loss"][0] == pytest.approx(logs["a_loss"][0] + logs["b_loss"][0])


def test_callbacks_and_progress_see_the_logs(capsys: Any) -> None:
    seen = []

    class Watching(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["loss"])

    model = started(of_tape(keras, GradientTape)())
    model.compile("adam", "mse")
    model.fit(X, Y, batch_size=8, epochs=1, verbose=2, callbacks=[Watching()])
    assert len(seen) == 3 and len(set(seen)) == 3
    assert "loss:" in capsys.readouterr().out


def test_an_own_step_is_saved_and_loaded(tmp_path: Path) -> None:
    model = started(of_tape(keras, GradientTape)())
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.save_weights(tmp_path / "own.weights.h5")
    other = started(of_tape(keras, GradientTape)())
    other.load_weights(tmp_path / "own.weights.h5")
    np.testing.assert_array_equal(model.predict(X), other.predict(X))


def form(data: Any) -> Any:
    """What a step got, with the number of axes in the place of arrays."""
    if isinstance(data, (list, tuple)):
        return tuple(map(form, data))
    if isinstance(data, dict):
        return {name: form(part) for name, part in data.items()}
    return None if data is None else len(data.shape)


class Batches(keras.utils.PyDataset):  # type: ignore[misc, name-defined]
    def __init__(self, batch: Any) -> None:
        super().__init__()
        self.batch = batch

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return self.batch


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lambda: X, 2),
        (lambda: {"a": X}, {"a": 2}),
        (lambda: [X], ((2,),)),
        (lambda: [X, X], ((2, 2),)),
        (lambda: iter([(X,)]), (2,)),
        (lambda: iter([[X]]), (2,)),
        (lambda: iter([X]), 2),
        (lambda: Batches(X), (2,)),
        (lambda: Batches((X,)), (2,)),
        (lambda: Batches({"a": X}), {"a": 2}),
    ],
)
def test_inputs_alone_come_as_in_keras(
    given: Any, expected: Any, eagerly: bool
) -> None:
    seen: list[Any] = []

    class Alone(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(keras.tree.flatten(x)[0])

        def step(self, data: Any) -> Any:
            seen.append(form(data))
            return ops.sum(self(keras.tree.flatten(data)[0]))

        def train_step(self, data: Any) -> Any:
            return {"loss": self.step(data)}

        def test_step(self, data: Any) -> Any:
            return {"loss": self.step(data)}

        def predict_step(self, data: Any) -> Any:
            seen.append(form(data))
            return self(keras.tree.flatten(data)[0])

    model = Alone()
    model.compile("sgd", run_eagerly=eagerly)
    model.fit(given(), verbose=0)
    model.evaluate(given(), verbose=0)
    model.predict(given(), verbose=0)
    assert seen == [expected] * 3


def test_a_form_that_changes_is_traced_anew() -> None:
    class First(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def test_step(self, data: Any) -> Any:
            return {"alone": ops.zeros(()) + (not isinstance(data, tuple))}

    model = First()
    model.compile()
    for given, alone in ((X, 1.0), (iter([(X,)]), 0.0), (X, 1.0)):
        assert model.evaluate(given, verbose=0, return_dict=True)["alone"] == alone
