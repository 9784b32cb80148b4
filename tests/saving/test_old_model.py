"""Whole models in the older `.h5` format: of Keras 3, and of Keras 2."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

import pronghorn
from pronghorn import layers
from pronghorn.errors import FileFormatError
from pronghorn.saving import load_model, register_keras_serializable, save_model

from . import zoo
from .test_fixtures import assert_same

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = X[:, :1]


def made(optimizer="adam", loss="mse", **arguments):
    model = pronghorn.Sequential(
        [
            layers.Dense(4, activation="tanh", input_shape=[3], name="one"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(1, name="two"),
        ],
        name="net",
    )
    model.compile(optimizer, loss, **arguments)
    model.fit(X, Y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    return model


def attributes(path):
    with h5py.File(path) as file:
        return dict(file.attrs.items())


def change(path, name, function):
    """Write another JSON into an attribute of a file."""
    with h5py.File(path, "r+") as file:
        value = json.loads(file.attrs[name])
        file.attrs[name] = json.dumps(function(value) or value)


@pytest.mark.parametrize("name", sorted(set(zoo.MODELS) - {"operations"}))
@pytest.mark.parametrize("ending", ["h5", "hdf5"])
def test_models_come_back_whole(tmp_path, name, ending):
    model, inputs, y = zoo.MODELS[name](pronghorn, np.random.default_rng(3))
    zoo.train(model, inputs, y, epochs=2)
    path = tmp_path / f"m.{ending}"
    model.save(path)
    copy = load_model(path)
    for _ in range(2):
        assert_same(zoo.outcome(copy, inputs), zoo.outcome(model, inputs), 1e-7)
        for one in (model, copy):
            zoo.train(one, inputs, y, epochs=2)


def test_operations_between_layers_come_back(tmp_path):
    """Keras writes them so that it cannot read them."""
    model, inputs, _ = zoo.operations(pronghorn, np.random.default_rng(3))
    model.save(tmp_path / "m.h5")
    copy = load_model(tmp_path / "m.h5")
    assert_same(zoo.outcome(copy, inputs), zoo.outcome(model, inputs), 1e-7)


def test_the_layout_is_keras_own(tmp_path):
    made().save(tmp_path / "m.h5")
    found = attributes(tmp_path / "m.h5")
    assert sorted(found) == [
        "backend",
        "keras_version",
        "model_config",
        "training_config",
    ]
    config = json.loads(found["model_config"])
    assert config["class_name"] == "Sequential"
    first, *rest = config["config"]["layers"]
    assert first["class_name"] == "InputLayer"
    assert [sorted(layer) for layer in rest] == [["class_name", "config"]] * 3
    training = json.loads(found["training_config"])
    assert training["loss"] == "mean_squared_error"
    assert sorted(training["optimizer_config"]) == ["class_name", "config"]
    with h5py.File(tmp_path / "m.h5") as file:
        weights = file["model_weights"]
        assert list(weights.attrs["layer_names"]) == [b"one", b"norm", b"two"]
        names = list(weights["norm"].attrs["weight_names"])
        assert [name.decode().rpartition("/")[2] for name in names] == [
            "gamma",
            "beta",
            "moving_mean",
            "moving_variance",
        ]
        assert weights["norm"][names[0]].shape == (4,)
        assert list(weights["top_level_model_weights"].attrs["weight_names"]) == []
        slots = file["optimizer_weights"]
        first = slots.attrs["weight_names"][0]
        assert slots[first].dtype == np.int64 and slots[first][()] == 4


def test_without_the_optimizer_or_without_compiling(tmp_path):
    model = made()
    model.save(tmp_path / "a.h5", include_optimizer=False)
    save_model(model, tmp_path / "b.h5")
    assert "training_config" not in attributes(tmp_path / "a.h5")
    one, other = (
        load_model(tmp_path / "a.h5"),
        load_model(tmp_path / "b.h5", None, False),
    )
    for copy in (one, other):
        assert not copy.compiled
        np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_missing_folders_are_made_and_files_are_kept(tmp_path):
    path = tmp_path / "a" / "b" / "m.h5"
    model = made()
    model.save(path, save_format="h5")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="exists already"):
        model.save(path, overwrite=False)
    assert path.read_bytes() == before


def test_what_compile_was_given_comes_back(tmp_path):
    rate = pronghorn.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model = made(
        pronghorn.optimizers.SGD(rate, momentum=0.5),
        loss=pronghorn.losses.Huber(0.5),
        metrics=["mae", pronghorn.metrics.RootMeanSquaredError(name="rmse")],
        loss_weights=[2.0],
    )
    model.save(tmp_path / "m.h5")
    copy = load_model(tmp_path / "m.h5")
    assert copy.loss.delta == 0.5 and copy.optimizer.momentum == 0.5
    assert copy.optimizer.get_config() == model.optimizer.get_config()
    assert copy.evaluate(X, Y, verbose=0, return_dict=True) == model.evaluate(
        X, Y, verbose=0, return_dict=True
    )


@register_keras_serializable("h5")
def halved(x):
    return x * 0.5


@register_keras_serializable("h5")
class Scale(layers.Layer):
    """A layer of one's own."""

    def __init__(self, by=2.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, x):
        return x * self.by

    def get_config(self):
        return {**super().get_config(), "by": self.by}


@register_keras_serializable("h5")
class Net(pronghorn.Model):
    """A model of one's own with a weight of its own."""

    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.dense = layers.Dense(units)

    def build(self, shape):
        self.dense.build(shape)
        self.gain = self.add_weight(shape=(), initializer="ones", name="gain")
        self.built = True

    def call(self, x):
        return self.dense(x) * self.gain

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_registered_classes_and_functions_come_back(tmp_path):
    model = pronghorn.Sequential(
        [layers.Dense(2, activation=halved, input_shape=[3]), Scale(3.0)]
    )
    model.save(tmp_path / "m.h5")
    config = json.loads(attributes(tmp_path / "m.h5")["model_config"])
    assert config["config"]["layers"][2]["class_name"] == "h5>Scale"
    copy = load_model(tmp_path / "m.h5")
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))


def test_a_registered_loss_keeps_its_package(tmp_path):
    @register_keras_serializable("h5")
    def doubled_error(y, found):
        return pronghorn.ops.mean(2.0 * pronghorn.ops.square(y - found), axis=-1)

    model = made(loss=doubled_error)
    model.save(tmp_path / "m.h5")
    training = json.loads(attributes(tmp_path / "m.h5")["training_config"])
    assert training["loss"] == "h5>doubled_error"
    loaded = load_model(tmp_path / "m.h5")
    assert loaded.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)


def test_custom_objects_by_name(tmp_path):
    class Plain(layers.Layer):
        def call(self, x):
            return x + 1.0

    model = pronghorn.Sequential([pronghorn.Input((3,)), Plain()])
    model.save(tmp_path / "m.h5")
    with pytest.raises(FileFormatError, match="Plain is not known"):
        load_model(tmp_path / "m.h5")
    copy = load_model(tmp_path / "m.h5", custom_objects={"Plain": Plain})
    np.testing.assert_array_equal(copy.predict(X), X + 1)


def test_a_model_class_of_ones_own_has_to_be_built_first(tmp_path):
    """The format has no shapes for it; Keras 3 cannot load such a file either."""
    model = Net(4)
    model(X)
    model.gain.assign(3.0)
    model.save(tmp_path / "m.h5")
    copy = Net(4)
    copy(X)
    copy.load_weights(tmp_path / "m.h5")
    np.testing.assert_array_equal(copy(X), model(X))
    assert load_model(tmp_path / "m.h5").units == 4


# ------------------------------------------------------------------ Keras 2


def dense(name, units, **more):
    """A Dense of Keras 2: no modules, initializers with a dtype."""
    zeros = {"class_name": "Zeros", "config": {"dtype": "float32"}}
    uniform = {"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "f"}}
    config = {
        "name": name,
        "trainable": True,
        "dtype": "float32",
        "units": units,
        "activation": "tanh",
        "use_bias": True,
        "kernel_initializer": uniform,
        "bias_initializer": zeros,
        "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}},
        "bias_regularizer": None,
        "activity_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }
    return {"class_name": "Dense", "config": {**config, **more}}


def keras_2(path, config, weights, training=None, slots=None):
    """A file as Keras 2 wrote it."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.4.0", b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        if training is not None:
            file.attrs["training_config"] = json.dumps(training).encode()
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [name.encode() for name in weights]
        for name, arrays in weights.items():
            group = root.create_group(name)
            names = [f"{name}/{key}:0" for key in arrays]
            group.attrs["weight_names"] = [key.encode() for key in names]
            for key, array in zip(names, arrays.values(), strict=True):
                group[key] = array
        if slots:
            group = file.create_group("optimizer_weights")
            group.attrs["weight_names"] = [key.encode() for key in slots]
            for key, array in slots.items():
                group[key] = array


KERNEL = np.arange(6, dtype="float32").reshape(3, 2) / 10
BIAS = np.array([0.5, -0.5], "float32")
PLAIN = {
    "class_name": "Sequential",
    "config": {
        "name": "net",
        "layers": [
            {
                "class_name": "InputLayer",
                "config": {
                    "batch_input_shape": [None, 3],
                    "dtype": "float32",
                    "sparse": False,
                    "ragged": False,
                    "name": "one_input",
                },
            },
            dense("one", 2, batch_input_shape=[None, 3]),
        ],
    },
}
TRAINING = {
    "loss": {
        "class_name": "BinaryCrossentropy",
        "config": {
            "reduction": "auto",
            "name": "binary_crossentropy",
            "from_logits": True,
            "fn": "binary_crossentropy",
        },
    },
    "metrics": [
        [
            {
                "class_name": "MeanMetricWrapper",
                "config": {"name": "acc", "dtype": "float32", "fn": "binary_accuracy"},
            }
        ]
    ],
    "weighted_metrics": None,
    "loss_weights": None,
    "sample_weight_mode": None,
    "optimizer_config": {
        "class_name": "Adam",
        "config": {
            "name": "Adam",
            "learning_rate": 0.25,
            "decay": 0.0,
            "beta_1": 0.75,
            "beta_2": 0.5,
            "epsilon": 1e-7,
            "amsgrad": False,
            "jit_compile": False,
            "is_legacy_optimizer": True,
        },
    },
}


def test_a_sequential_model_of_keras_2(tmp_path):
    keras_2(tmp_path / "m.h5", PLAIN, {"one": {"kernel": KERNEL, "bias": BIAS}})
    model = load_model(tmp_path / "m.h5")
    np.testing.assert_allclose(model.predict(X), np.tanh(X @ KERNEL + BIAS), rtol=1e-5)
    assert [layer.name for layer in model.layers] == ["one"] and not model.compiled
    assert model.layers[0].kernel_regularizer.l2 == 0.5


def test_a_first_layer_may_name_the_shape(tmp_path):
    config = {"name": "net", "layers": PLAIN["config"]["layers"][1:]}
    whole = {"class_name": "Sequential", "config": config}
    keras_2(tmp_path / "m.h5", whole, {"one": {"kernel": KERNEL, "bias": BIAS}})
    assert load_model(tmp_path / "m.h5").input_shape == (None, 3)


def old_slots(shape=(3, 2)):
    draw = np.random.default_rng(1)
    return {
        "Adam/iter:0": np.int64(7),
        "Adam/one/kernel/m:0": draw.normal(size=shape).astype("float32"),
        "Adam/one/bias/m:0": draw.normal(size=2).astype("float32"),
        "Adam/one/kernel/v:0": draw.random(shape, "float32"),
        "Adam/one/bias/v:0": draw.random(2, "float32"),
    }


def test_compile_and_the_state_of_old_optimizers(tmp_path):
    slots = old_slots()
    weights = {"one": {"kernel": KERNEL, "bias": BIAS}}
    keras_2(tmp_path / "m.h5", PLAIN, weights, TRAINING, slots)
    model = load_model(tmp_path / "m.h5")
    optimizer = model.optimizer
    assert optimizer.beta_1 == 0.75 and float(optimizer.learning_rate.numpy()) == 0.25
    assert int(optimizer.iterations.numpy()) == 7
    assert model.loss.from_logits and model.loss.reduction == "sum_over_batch_size"
    found = {v.path.rpartition("/")[2]: v.numpy() for v in optimizer.variables}
    for key, value in found.items():
        for layer in ("kernel", "bias"):
            for ours, theirs in (("momentum", "m"), ("velocity", "v")):
                if key.endswith(f"{layer}_{ours}"):
                    expected = slots[f"Adam/one/{layer}/{theirs}:0"]
                    np.testing.assert_array_equal(value, expected)
    y = (X[:, :2] > 0).astype("float32")
    assert list(model.fit(X, y, verbose=0).history) == ["acc", "loss"]


def test_a_state_of_another_optimizer_is_left_out_with_a_warning(tmp_path):
    slots = old_slots()
    del slots["Adam/one/bias/v:0"]
    weights = {"one": {"kernel": KERNEL, "bias": BIAS}}
    keras_2(tmp_path / "m.h5", PLAIN, weights, TRAINING, slots)
    with pytest.warns(UserWarning, match="fresh"):
        model = load_model(tmp_path / "m.h5")
    assert int(model.optimizer.iterations.numpy()) == 0


@pytest.mark.parametrize("nested", ["Functional", "Model", "Sequential"])
def test_calls_are_lists_and_models_count_from_one(tmp_path, nested):
    start = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 3], "name": "in"},
        "name": "in",
        "inbound_nodes": [],
    }
    within = {"name": "inner", "layers": PLAIN["config"]["layers"]}
    if nested != "Sequential":
        one = {**dense("one", 2), "name": "one", "inbound_nodes": [[["x", 0, 0, {}]]]}
        first = {**start, "name": "x", "config": {**start["config"], "name": "x"}}
        within = {
            "name": "inner",
            "layers": [first, one],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["one", 0, 0]],
        }
    calls = [[["in", 0, 0, {}]], [["in", 0, 0, {"training": None}]]]
    inner = {"class_name": nested, "config": within}
    joined = {
        "class_name": "Concatenate",
        "config": {"name": "both", "axis": [1]},
        "name": "both",
        "inbound_nodes": [[["inner", 1, 0, {}], ["inner", 2, 0, {}]]],
    }
    config = {
        "name": "net",
        "layers": [start, {**inner, "name": "inner", "inbound_nodes": calls}, joined],
        "input_layers": [["in", 0, 0]],
        "output_layers": [["both", 0, 0]],
    }
    keras_2(
        tmp_path / "m.h5",
        {"class_name": "Functional", "config": config},
        {"in": {}, "inner": {"kernel": KERNEL, "bias": BIAS}, "both": {}},
    )
    once = np.tanh(X @ KERNEL + BIAS)
    found = load_model(tmp_path / "m.h5").predict(X)
    np.testing.assert_allclose(found, np.hstack([once, once]), rtol=1e-5)


# ------------------------------------------------------------------ what is refused


def test_code_in_a_lambda_is_never_run(tmp_path):
    path = tmp_path / "m.h5"
    made().save(path)
    for function in (
        ["4wEA...", None, None],
        {"class_name": "__lambda__", "config": {}},
    ):

        def add(config, function=function):
            inner = {"name": "code", "function": function, "function_type": "lambda"}
            if isinstance(function, dict):
                del inner["function_type"]
            config["config"]["layers"].append({"class_name": "Lambda", "config": inner})

        change(path, "model_config", add)
        for safe_mode in (True, False):
            with pytest.raises(FileFormatError, match="code"):
                load_model(path, safe_mode=safe_mode)


def test_files_that_hold_no_model(tmp_path):
    path = tmp_path / "m.h5"
    made().save(path)
    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
    with pytest.raises(FileFormatError, match="no model") as caught:
        load_model(path)
    assert "load_weights" in caught.value.remedy
    path.write_bytes(b"no HDF5")
    with pytest.raises(FileFormatError, match="cannot be read"):
        load_model(path)
    with pytest.raises(FileFormatError, match="no such file"):
        load_model(tmp_path / "none.h5")


@pytest.mark.parametrize(
    "value", [3, [b"a", b"b"], b"\xff\xfe", b"[1]", b"{", b'{"a": 1}']
)
@pytest.mark.parametrize("name", ["model_config", "training_config"])
def test_attributes_that_are_no_config(tmp_path, name, value):
    path = tmp_path / "m.h5"
    made().save(path)
    with h5py.File(path, "r+") as file:
        file.attrs[name] = value
    with pytest.raises(FileFormatError) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


def test_a_config_may_not_ask_for_more_than_the_weights_prove(tmp_path):
    path = tmp_path / "m.h5"
    made().save(path)

    def grow(config):
        config["config"]["layers"][1]["config"]["units"] = 10**12

    change(path, "model_config", grow)
    with pytest.raises(FileFormatError, match=r"dense|units|numbers|allocat|more"):
        load_model(path)


def test_arguments_of_compile_that_do_not_fit(tmp_path):
    path = tmp_path / "m.h5"
    made().save(path)

    def other(training):
        training["optimizer_config"]["config"]["speed"] = 3

    change(path, "training_config", other)
    with pytest.raises(FileFormatError, match="compiled") as caught:
        load_model(path)
    assert "compile=False" in caught.value.remedy
    assert not load_model(path, compile=False).compiled


def test_a_counter_out_of_range(tmp_path):
    path = tmp_path / "m.h5"
    made().save(path)
    with h5py.File(path, "r+") as file:
        group = file["optimizer_weights"]
        group[group.attrs["weight_names"][0]][()] = 2**40
    with pytest.raises(FileFormatError, match="counter"):
        load_model(path)


@pytest.mark.parametrize("mode", ["int", "one_hot", "tf_idf"])
def test_adapted_lookups_keep_their_terms(tmp_path, mode):
    lookup = layers.StringLookup(output_mode=mode)
    lookup.adapt(np.array([["red"], ["blue"], ["red"], ["green"]]))
    start = pronghorn.Input((1,), dtype="string")
    middle = lookup(start)
    if mode == "int":
        middle = layers.Flatten()(layers.Embedding(9, 3)(middle))
    model = pronghorn.Model(start, layers.Dense(1)(middle))
    x = np.array([["blue"], ["green"], ["other"]])
    path = tmp_path / "model.h5"
    model.save(path)
    again = load_model(path)
    np.testing.assert_array_equal(
        again.predict(x, verbose=0), model.predict(x, verbose=0)
    )
    found = again.layers[1]
    assert found.get_vocabulary() == lookup.get_vocabulary()
