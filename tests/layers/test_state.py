"""What a layer keeps: weights, sublayers, losses, metrics; freezing and sharing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ShapeError, StateError

X = np.float32([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])


def dense(**arguments: Any) -> Any:
    layer = layers.Dense(2, **arguments)
    layer.build((None, 3))
    return layer


def test_add_weight() -> None:
    class Many(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.count = self.add_weight(dtype="int32", trainable=False, name="count")
            self.plain = self.add_weight(shape=3)
            self.table = self.add_weight(
                shape=(2, 2),
                initializer="ones",
                regularizer="l2",
                constraint="non_neg",
                name="table",
            )

        def call(self, inputs: Any) -> Any:
            return inputs

    layer = Many(name="many")
    layer(X)
    assert [w.path for w in layer.weights] == [
        "many/variable",
        "many/table",
        "many/count",
    ]
    assert [w.dtype for w in layer.weights] == ["float32", "float32", "int32"]
    assert layer.count.numpy() == 0 and layer.plain.numpy().std() > 0
    assert type(layer.table.regularizer).__name__ == "L2"
    assert type(layer.table.constraint).__name__ == "NonNeg"
    assert layer.count_params() == 8
    assert layer.non_trainable_weights == [layer.count]


class Nested(layers.Layer):
    """State in every place where Python can put it."""

    def __init__(self) -> None:
        super().__init__()
        self.one = layers.Dense(1, name="one")
        self.listed = [layers.Dense(1, name="l0"), [layers.Dense(1, name="l1")]]
        self.mapped = {"a": layers.Dense(1, name="m0")}
        self.pair = (layers.Dense(1, name="t0"), 3)
        self.later: list[Any] = []
        self.later.append(layers.Dense(1, name="l2"))
        self.later += [layers.Dense(1, name="l3")]
        self.empty: dict[str, Any] = {}
        self.empty["b"] = layers.Dense(1, name="m1")
        self.later[0] = layers.Dense(1, name="l4")
        self.numbers = [1, 2, 3]

    def call(self, inputs: Any) -> Any:
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs


def test_layers_are_found_wherever_they_are_put() -> None:
    layer = Nested()
    layer(X)
    names = [sub.name for sub in layer._layers]
    assert names == ["one", "l0", "l1", "m0", "t0", "l2", "l3", "m1", "l4"]
    assert len(layer.weights) == 18
    assert layer.numbers == [1, 2, 3] and type(layer.numbers) is list
    assert layer.weights[0].path == f"{layer.name}/one/kernel"


def test_deleted_attributes_are_forgotten() -> None:
    layer = Nested()
    del layer.one
    assert layer._layers[0].name == "l0"


def test_a_weight_set_by_hand_belongs_to_the_layer() -> None:
    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.fixed = keras.Variable([1.0], trainable=False)
            self.scale = keras.Variable([2.0])

        def call(self, inputs: Any) -> Any:
            return inputs * self.scale

    layer = Own()
    assert layer.weights == [layer.scale, layer.fixed]
    assert layer.trainable_weights == [layer.scale]
    assert layer(X)[0, 0] == 2.0


def test_freezing() -> None:
    layer = dense()
    before = layer.weights
    layer.trainable = False
    assert layer.trainable_weights == [] and layer.weights == before
    assert not layer.kernel.trainable and layer.non_trainable_weights == before
    layer.trainable = True
    assert layer.trainable_weights == before
    layer.kernel.trainable = False
    assert layer.trainable_weights == [layer.bias]
    assert layer.weights == before, "what is frozen keeps its place in files"
    assert [w.shape for w in layer.get_weights()] == [(3, 2), (2,)]


def test_freezing_goes_down() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(1)])
    model.trainable = False
    assert model.trainable_weights == [] and len(model.weights) == 4
    model.layers[1].trainable = True
    assert model.trainable_weights == [], "a frozen model trains nothing"
    model.trainable = True
    assert len(model.trainable_weights) == 4


def test_set_weights_checks_all_before_it_changes_one() -> None:
    layer = dense()
    before = layer.get_weights()
    with pytest.raises(ShapeError, match="another number of arrays") as caught:
        layer.set_weights(before[:1])
    assert "(3, 2), (2,)" in str(caught.value)
    with pytest.raises(ShapeError, match="bias"):
        layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
    for a, b in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    layer.get_weights()[0][:] = 9.0
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    with pytest.raises(ShapeError, match="build the layer first"):
        layers.Dense(2).set_weights(before)
    with pytest.raises(StateError, match="not built"):
        layers.Dense(2).count_params()


def test_stored_variables_are_checked() -> None:
    layer, store = dense(), {}
    layer.save_own_variables(store)
    assert sorted(store) == ["0", "1"]
    other = dense()
    other.load_own_variables(store)
    np.testing.assert_array_equal(other.kernel, layer.kernel)
    with pytest.raises(ShapeError, match="2 arrays"):
        other.load_own_variables({"0": store["0"]})


class Penalised(layers.Layer):
    def call(self, inputs: Any) -> Any:
        self.add_loss(ops.sum(ops.square(inputs)))
        return inputs


def test_losses_are_those_of_the_last_call() -> None:
    model = keras.Sequential([keras.Input((3,)), Penalised(), layers.Dense(1)])
    assert model.losses == [], "the losses of symbols are none"
    model(X)
    model(2.0 * X)
    (loss,) = model.losses
    assert float(loss) == pytest.approx(4 * np.sum(X**2))


def test_regularizers_are_counted_once() -> None:
    shared = layers.Dense(3, kernel_regularizer="l2", kernel_initializer="ones")
    a, b = keras.Input((3,)), keras.Input((3,))
    model = keras.Model([a, b], layers.Add()([shared(a), shared(b)]))
    outer = keras.Model([a, b], layers.Dense(1)(model([a, b])))
    (loss,) = outer.losses
    assert float(np.asarray(loss)) == pytest.approx(0.01 * 9)
    shared.trainable = False
    assert outer.losses == []


def test_activity_is_regularised_per_row() -> None:
    layer = layers.Dense(
        2, kernel_initializer="ones", activity_regularizer=keras.regularizers.L1(0.1)
    )
    y = layer(X)
    assert float(layer.losses[0]) == pytest.approx(0.1 * np.abs(y).sum() / 2, rel=1e-6)
    config = layer.get_config()
    assert config["activity_regularizer"]["class_name"] == "L1"


def test_losses_are_part_of_training() -> None:
    """SGD on nothing but the penalty of the outputs and of the weights."""
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(1, kernel_regularizer="l2")]
    )
    model.add(Penalised())
    model.compile(keras.optimizers.SGD(0.01))
    start = model.get_weights()
    history = model.fit(X, epochs=1, batch_size=2, shuffle=False, verbose=0)
    y = X @ start[0] + start[1]
    penalty = np.sum(y**2) + 0.01 * np.sum(start[0] ** 2)
    assert history.history["loss"][0] == pytest.approx(penalty, rel=1e-5)
    slope = 2 * X.T @ y + 0.02 * start[0]
    np.testing.assert_allclose(
        model.get_weights()[0], start[0] - 0.01 * slope, rtol=1e-4, atol=1e-6
    )


def test_metrics_of_layers_are_reported_and_start_anew() -> None:
    class Watching(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.seen = keras.metrics.Mean(name="largest")

        def call(self, inputs: Any) -> Any:
            self.seen.update_state(ops.max(inputs))
            return inputs

    model = keras.Sequential([keras.Input((3,)), Watching(), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(
        X, X[:, 0], epochs=3, validation_data=(2 * X, X[:, 0]), verbose=0
    )
    assert history.history["largest"] == [5.0] * 3
    assert history.history["val_largest"] == [10.0] * 3
    assert model.metrics_names == ["loss", "largest", "mae"]
    assert [m.name for m in model.metrics] == ["loss", "largest", "mae"]


def test_paths_follow_the_nesting() -> None:
    inner = keras.Sequential(
        [keras.Input((3,)), layers.Dense(2, name="d")], name="inner"
    )
    outer = keras.Sequential([keras.Input((3,)), inner], name="outer")
    assert [w.path for w in inner.weights] == [
        "outer/inner/d/kernel",
        "outer/inner/d/bias",
    ]
    assert outer.weights == inner.weights


def test_a_layer_without_weights_is_built_unless_a_subclass_builds() -> None:
    class Scaled(layers.Dropout):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=input_shape[-1:], initializer="ones")

        def call(self, inputs: Any, training: bool = False) -> Any:
            return super().call(inputs, training) * self.scale

    assert layers.Dropout(0.5).built and layers.ReLU().built
    layer = Scaled(0.5)
    assert not layer.built
    layer(np.ones((2, 3), "float32"))
    assert layer.built and [w.shape for w in layer.weights] == [(3,)]
