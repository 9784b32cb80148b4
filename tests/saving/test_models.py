"""Real models through files: what they keep, and what their files may not do."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import pronghorn
from pronghorn import layers, models, ops, optimizers
from pronghorn.errors import ArgumentError, FileFormatError, UnsupportedError
from pronghorn.saving import (
    load_model,
    model_from_bytes,
    model_from_json,
    model_to_bytes,
    model_to_json,
    register_keras_serializable,
)

from .attacks.helpers import refused
from .standins import members, zipped

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = X[:, :1] * 2


def small(activation="relu", optimizer="adam", loss="mse"):
    model = pronghorn.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(4, activation=activation),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer, loss)
    return model


def fit(model, epochs=1):
    model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)
    return model


def again(model, **kwargs):
    """The model from its file, checked to predict the same bits."""
    copied = model_from_bytes(model_to_bytes(model), **kwargs)
    assert_same(copied, model)
    return copied


def assert_same(one, other):
    np.testing.assert_array_equal(
        one.predict(X, verbose=0), other.predict(X, verbose=0)
    )


@pytest.mark.parametrize(
    "through", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_pickle_and_deepcopy_give_a_model_of_its_own(through):
    model = fit(small())
    other = through(model)
    assert_same(other, model)
    before = model.get_weights()
    fit(other)
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert_same(fit(model), other)


def test_methods_of_models(tmp_path):
    model = fit(small())
    model.save(tmp_path / "m.keras")
    assert_same(models.load_model(tmp_path / "m.keras"), model)
    model.save_weights(tmp_path / "m.weights.h5")
    other = small()
    other.load_weights(tmp_path / "m.weights.h5")
    assert_same(other, model)
    other = small()
    other.load_weights(tmp_path / "m.keras")
    assert_same(other, model)
    with pytest.raises(ArgumentError, match="exists already"):
        model.save(tmp_path / "m.keras", overwrite=False)


def test_json_is_the_architecture_alone():
    model = fit(small())
    text = model_to_json(model, indent=1)
    other = model_from_json(text)
    assert [w.shape for w in other.weights] == [w.shape for w in model.weights]
    assert json.loads(text)["class_name"] == "Sequential"
    with pytest.raises(FileFormatError, match="JSON"):
        model_from_json("{")


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adamw"])
def test_a_model_never_trained_comes_back_to_train_alike(optimizer):
    model = small(optimizer=optimizer)
    assert_same(fit(again(model)), fit(model))


def test_an_unbuilt_model_comes_back_unbuilt():
    model = pronghorn.Sequential([layers.Dense(2), layers.Dense(1)])
    model.compile("adam", "mse")
    assert not model_from_bytes(model_to_bytes(model)).built
    again(fit(model))


def test_a_learning_rate_schedule_goes_on():
    decay = optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    model = fit(small(optimizer=optimizers.SGD(decay, momentum=0.9)), epochs=2)
    assert_same(fit(again(model)), fit(model))


def test_frozen_layers_stay_frozen():
    model = small()
    model.layers[0].trainable = False
    copied = again(fit(model))
    assert not copied.layers[0].trainable
    assert len(copied.trainable_weights) == len(model.trainable_weights)


def twice(x):
    return x * 2.0


def absolute(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def test_functions_of_ones_own():
    model = fit(small(activation=twice, loss=absolute))
    own = {"twice": twice, "absolute": absolute}
    assert_same(fit(again(model, custom_objects=own)), fit(model))
    with pytest.raises(FileFormatError, match="twice"):
        again(model)
    with pytest.raises(FileFormatError, match="absolute") as caught:
        again(model, custom_objects={"twice": twice})
    assert "compile=False" in caught.value.remedy
    again(model, custom_objects={"twice": twice}, compile=False)


def test_a_lambda_is_refused_on_saving():
    with pytest.raises(ArgumentError, match="lambda"):
        model_to_bytes(small(activation=lambda x: x))


def test_what_no_file_can_name_between_layers_is_refused_on_saving():
    start = layers.Input((3,))
    drawn = start + pronghorn.random.uniform(ops.shape(start))
    model = pronghorn.Model(start, layers.Dense(1)(drawn))
    with pytest.raises(UnsupportedError, match="between these layers"):
        model_to_bytes(model)


@register_keras_serializable("tests")
class Branches(pronghorn.Model):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.wide = layers.Dense(units, activation="relu")
        self.deep = [layers.Dense(units), layers.BatchNormalization()]
        self.end = layers.Dense(1)

    def call(self, inputs, training=None):
        x = self.wide(inputs)
        for layer in self.deep:
            x = layer(x)
        return self.end(x)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_a_subclass_of_model_comes_back():
    model = Branches(3)
    model.compile("adam", "mse")
    copied = again(fit(model))
    assert type(copied) is Branches and copied.units == 3
    assert_same(fit(copied), fit(model))


class Bare(pronghorn.Model):
    def __init__(self):
        super().__init__()
        self.unit = layers.Dense(1)

    def call(self, inputs):
        return self.unit(inputs)


def test_a_subclass_that_takes_no_arguments_is_told_what_to_do():
    model = Bare()
    model(X)
    with pytest.raises(FileFormatError) as caught:
        again(model, custom_objects={"Bare": Bare})
    assert "**kwargs" in caught.value.remedy


def test_a_layer_that_two_nested_models_share_stays_one():
    shared = layers.Dense(3)
    first, second, start = (layers.Input((3,)) for _ in range(3))
    one = pronghorn.Model(first, shared(first), name="one")
    two = pronghorn.Model(second, shared(second), name="two")
    both = layers.Concatenate()([one(start), two(start)])
    model = pronghorn.Model(start, layers.Dense(1)(both))
    model.compile("adam", "mse")
    copied = again(fit(model))
    assert len(copied.weights) == len(model.weights) == 4
    assert_same(fit(copied), fit(model))


def test_a_fresh_process_knows_all_classes(tmp_path):
    """Rooms are loaded when they are used; a file may need any of them."""
    metrics = ["mae", pronghorn.metrics.RootMeanSquaredError()]
    model = small(optimizer="rmsprop", loss=pronghorn.losses.Huber())
    model.compile("rmsprop", pronghorn.losses.Huber(), metrics=metrics)
    fit(model).save(tmp_path / "m.keras")
    code = (
        "import sys; from pronghorn.saving import load_model; load_model(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path / "m.keras")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr


GOOD = members(model_to_bytes(fit(small())))


def with_config(change):
    config = json.loads(GOOD["config.json"])
    change(config)
    return zipped({**GOOD, "config.json": json.dumps(config).encode()})


def in_dense(**values):
    return lambda c: c["config"]["layers"][1]["config"].update(values)


def code(name):
    return {"class_name": name, "config": {"value": "4wAA"}, "module": "builtins"}


def in_lambda(function):
    config = {"name": "l", "function": function}
    return lambda c: c["config"]["layers"][1].update(class_name="Lambda", config=config)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (in_dense(units=10**12), "larger variables"),
        (in_dense(units=-3), "whole number"),
        (in_dense(units="a"), "whole number"),
        (in_dense(units=5), "does not fit"),
        (in_dense(activation="nope"), "no activation named"),
        (in_dense(activation=code("__lambda__")), "never run"),
        (in_dense(kernel_initializer=code("function")), "malformed"),
        (in_dense(kernel_regularizer={"class_name": "Popen", "config": {}}), "Popen"),
        (in_dense(name=["x"]), "name is text"),
        (in_dense(surprise=1), "surprise"),
        (lambda c: c["config"]["layers"][1].update(class_name="Conv2D"), "Conv2D"),
        (in_lambda(code("__lambda__")), "never run"),
        (in_lambda({"class_name": "__lambda__"}), "made of a function"),
        (lambda c: c["config"].update(layers=3), "config"),
        (lambda c: c["config"].pop("layers"), "layers"),
        (lambda c: c["config"]["layers"].append("x"), "made of layers"),
        (lambda c: c["config"]["layers"].pop(), "weights are not those"),
        (
            lambda c: c["config"]["layers"][1].update(
                build_config={"input_shape": [None, 10**10]}
            ),
            "larger variables",
        ),
        (lambda c: c["compile_config"].update(loss="nope"), "compile=False"),
        (lambda c: c["compile_config"].update(optimizer="sgd"), "compile=False"),
        (lambda c: c["compile_config"].update(optimizer=code("__lambda__")), "never"),
    ],
)
def test_hostile_configs_of_real_models(change, word):
    data = with_config(change)
    with refused(word):
        model_from_bytes(data, label="evil.keras")


def metric(name, **config):
    return {
        "module": "keras.metrics",
        "class_name": name,
        "config": config,
        "registered_name": None,
    }


@pytest.mark.parametrize(
    "value",
    [
        metric("AUC", num_thresholds=10**12),
        metric("AUC", num_thresholds=10, multi_label=True, num_labels=10**12),
        metric("PrecisionAtRecall", recall=0.5, num_thresholds=10**12),
    ],
)
def test_metrics_may_not_take_more_than_there_is_room_for(value):
    data = with_config(lambda c: c["compile_config"].update(metrics=[value]))
    with refused("larger variables"):
        model_from_bytes(data)


def test_the_unchanged_file_loads():
    model_from_bytes(with_config(lambda c: None))


def test_safe_mode_false_runs_no_code_either(tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes(with_config(in_dense(activation=code("__lambda__"))))
    with pytest.raises(FileFormatError, match="never run"):
        load_model(path, safe_mode=False)
    pronghorn.config.enable_unsafe_deserialization()  # scripts say so before they load
    with pytest.raises(FileFormatError, match="never run"):
        load_model(path)


@pronghorn.saving.register_keras_serializable("saving_tests")
class OwnCompile(pronghorn.Sequential):
    """Its `compile` takes what it likes."""

    def compile(self, rate, **more):
        super().compile(pronghorn.optimizers.SGD(rate), "mse", **more)


def test_a_compile_of_ones_own_is_not_called_with_keras_arguments(tmp_path):
    model = OwnCompile([pronghorn.Input((3,)), layers.Dense(1)])
    model.compile(0.5)
    model.save(tmp_path / "m.keras")
    with pytest.warns(UserWarning, match="was not called") as caught:
        copy = pronghorn.models.load_model(tmp_path / "m.keras")
    assert len(caught) == 1 and not copy.compiled
    copy.compile(0.25)
    assert float(copy.optimizer.learning_rate.numpy()) == 0.25
