"""Files exchanged with real Keras, both ways, in one run of its interpreter.

Needs `PRONGHORN_KERAS_PYTHON`, a Python that has Keras 3.15 and TensorFlow.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import zipfile

import numpy as np
import pytest

import pronghorn
from pronghorn.saving import load_model, save_model
from tests.conformance.live import environment

from . import zoo
from .test_fixtures import assert_same

PYTHON = os.environ.get("PRONGHORN_KERAS_PYTHON")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="PRONGHORN_KERAS_PYTHON names no Python with Keras"
)
SCRIPT = pathlib.Path(__file__).with_name("keras_side.py")
EXTRA = {"with_members", "untrained", "uncompiled", "without_optimizer"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Our files, and what Keras made of them."""
    folder = tmp_path_factory.mktemp("exchange")
    for name, make in zoo.MODELS.items():
        save_one(folder, name, make)
    for name in EXTRA:
        save_one(folder, name, zoo.sequential_adam)
    for backend in ("tensorflow", "jax"):
        done = subprocess.run(
            [str(PYTHON), str(SCRIPT), str(folder)],
            capture_output=True,
            text=True,
            timeout=600,
            env={**environment(), "KERAS_BACKEND": backend},
        )
        assert done.returncode == 0, done.stderr[-4000:]
    return folder


def save_one(folder, name, make):
    pronghorn.utils.set_random_seed(4)
    model, inputs, y = make(pronghorn, np.random.default_rng(4))
    if name != "untrained":
        zoo.train(model, inputs, y, epochs=2)
    if name == "with_members":
        model._pronghorn_members = {"schema.json": b'{"columns": []}'}
    if name == "uncompiled":
        weights, model = (
            model.get_weights(),
            type(model).from_config(model.get_config()),
        )
        model.set_weights(weights)
    path = folder / f"{name}.keras"
    save_model(model, path, include_optimizer=name != "without_optimizer")
    targets = y if isinstance(y, list) else [y]
    arrays = {f"x{i}": x for i, x in enumerate(inputs)}
    arrays.update({f"y{i}": t for i, t in enumerate(targets)})
    np.savez(folder / f"{name}.npz", **arrays)
    np.savez(folder / f"{name}.ours.npz", **zoo.outcome(model, inputs))
    if name not in EXTRA:
        save_model(model, folder / f"{name}.h5")
        model.save_weights(folder / f"{name}.weights.h5")
        zoo.train(model, inputs, y, epochs=3)
        np.savez(folder / f"{name}.ours.trained.npz", **zoo.outcome(model, inputs))


def arrays(folder, name):
    with np.load(folder / f"{name}.npz") as file:
        return dict(file)


def data_of(folder, name):
    data = arrays(folder, name)
    y = [data[k] for k in sorted(data) if k.startswith("y")]
    inputs = [data[k] for k in sorted(data) if k.startswith("x")]
    return inputs, (y if len(y) > 1 else y[0])


@pytest.mark.parametrize("name", [*zoo.MODELS, *sorted(EXTRA)])
def test_keras_opens_ours_and_predicts_the_same(folder, name):
    assert_same(arrays(folder, f"{name}.loaded"), arrays(folder, f"{name}.ours"), 1e-5)


@pytest.mark.parametrize("name", zoo.MODELS)
def test_training_goes_on_in_keras_as_it_does_here(folder, name):
    theirs = arrays(folder, f"{name}.trained")
    assert_same(theirs, arrays(folder, f"{name}.ours.trained"), 1e-5)


@pytest.mark.parametrize("name", [*zoo.MODELS, *sorted(EXTRA)])
def test_what_keras_saves_again_opens_here(folder, name):
    inputs, _ = data_of(folder, name)
    model = load_model(folder / f"{name}.back.keras")
    assert_same(zoo.outcome(model, inputs), arrays(folder, f"{name}.trained"), 1e-5)


@pytest.mark.parametrize("name", zoo.MODELS)
def test_files_of_keras_open_here_and_training_goes_on(folder, name):
    _, inputs, y = zoo.MODELS[name](pronghorn, np.random.default_rng(5))
    model = load_model(folder / f"{name}.theirs.keras")
    assert_same(zoo.outcome(model, inputs), arrays(folder, f"{name}.theirs"), 1e-5)
    zoo.train(model, inputs, y, epochs=3)
    theirs = arrays(folder, f"{name}.theirs.trained")
    assert_same(zoo.outcome(model, inputs), theirs, 1e-5)


@pytest.mark.parametrize("name", zoo.MODELS)
def test_weights_alone_travel_both_ways(folder, name):
    ours = arrays(folder, f"{name}.ours")
    assert_same(arrays(folder, f"{name}.weights"), ours, 1e-5)
    model, inputs, _ = zoo.MODELS[name](pronghorn, np.random.default_rng(5))
    model.load_weights(folder / f"{name}.theirs.weights.h5")
    assert_same(zoo.outcome(model, inputs), arrays(folder, f"{name}.theirs"), 1e-5)


# Keras gives two arrays of Adafactor one name, and writes no such file.
OLD = sorted(set(zoo.MODELS) - {"with_Adafactor"})


def test_what_keras_does_with_its_own_older_files(folder):
    """It opens three: with no loss "mse", and no operations. None can be trained on."""
    said = {
        name: (folder / f"{name}.theirs.old.txt").read_text() for name in zoo.MODELS
    }
    opened = {
        name
        for name, error in said.items()
        if error.startswith("opened, then: Unknown variable")
    }
    assert opened == {"functional_sgd", "classifier_adamw", "nested_rmsprop"}
    assert "name already exists" in said.pop("with_Adafactor")
    assert "identifier: lamb" in said.pop("with_Lamb")
    unknown = {name for name, error in said.items() if "Unknown layer" in error}
    assert unknown == {"operations", "padding"}
    for name in set(said) - unknown - opened:
        assert "Could not deserialize 'keras.metrics.m" in said[name]


@pytest.mark.parametrize("name", OLD)
def test_weights_in_the_layout_of_keras_2_are_taken_over(folder, name):
    model, inputs, _ = zoo.MODELS[name](pronghorn, np.random.default_rng(5))
    model.load_weights(folder / f"{name}.theirs.h5")
    assert_same(zoo.outcome(model, inputs), arrays(folder, f"{name}.theirs"), 1e-5)


@pytest.mark.parametrize("name", zoo.MODELS)
def test_keras_opens_ours_in_the_older_format(folder, name):
    assert_same(arrays(folder, f"{name}.old"), arrays(folder, f"{name}.ours"), 1e-5)


# Of `operations` and `padding` too, which Keras cannot open itself: it writes
# operations between layers, also those of masks, without their modules.
@pytest.mark.parametrize("name", OLD)
def test_older_files_of_keras_open_here_and_training_goes_on(folder, name):
    _, inputs, y = zoo.MODELS[name](pronghorn, np.random.default_rng(5))
    model = load_model(folder / f"{name}.theirs.h5")
    assert_same(zoo.outcome(model, inputs), arrays(folder, f"{name}.theirs"), 1e-5)
    zoo.train(model, inputs, y, epochs=3)
    theirs = arrays(folder, f"{name}.theirs.trained")
    assert_same(zoo.outcome(model, inputs), theirs, 1e-5)


# What differs between equal configs: ids, names, hints; `build_config`, which only some
# layers need; and arguments that Keras leaves out or writes in another form.
NOISE = {"shared_object_id", "name", "steps_per_execution", "jit_compile"}
NOISE |= {"build_config", "mask", "delta", "axis"}
USUAL = (("compile_config", {}), ("training", False), ("training", True))


def without_noise(value):
    """A config without what cannot be equal."""
    if isinstance(value, dict):
        return {
            k: without_noise(v)
            for k, v in value.items()
            if k not in NOISE and (k, v) not in USUAL
        }
    return [without_noise(v) for v in value] if isinstance(value, list) else value


def config_of(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("config.json"))


# Keras notes the masks that calls find, and here they are found anew: `padding`. And
# whole numbers are int32 here, which the references to int64 inputs say: `words`.
@pytest.mark.parametrize(
    "name", sorted(set(zoo.MODELS) - {"own_layer", "padding", "words"})
)
def test_configs_are_those_that_keras_writes(folder, name):
    ours = without_noise(config_of(folder / f"{name}.keras"))
    theirs = without_noise(config_of(folder / f"{name}.theirs.keras"))
    assert json.dumps(rename(ours)) == json.dumps(rename(theirs))


def rename(value, names=None):
    """Automatic names in the order in which they occur: Keras's may start later."""
    names = {} if names is None else names
    if isinstance(value, dict):
        return {k: rename(v, names) for k, v in sorted(value.items())}
    if isinstance(value, list):
        if len(value) == 3 and isinstance(value[0], str) and type(value[1]) is int:
            return [names.setdefault(value[0], len(names)), *value[1:]]
        return [rename(v, names) for v in value]
    return value
