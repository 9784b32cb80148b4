"""Files that real Keras made: they open, predict the same, and training goes on.

`fixtures/make_fixtures.py` made them, and recorded what Keras computes.
"""

from __future__ import annotations

import io
import json
import pathlib
import zipfile

import numpy as np
import pytest

import pronghorn
from pronghorn.saving import load_model, save_model

from . import zoo

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
FILES = ("sequential_adam", "functional_sgd", "classifier_adamw")
OTHERS = FIXTURES / "others.zip"


def names():
    with zipfile.ZipFile(OTHERS) as others:
        packed = [name.removesuffix(".keras") for name in others.namelist()]
    return (*FILES, *(name for name in packed if not name.endswith(".npz")))


NAMES = names()


@pytest.fixture(scope="module")
def recorded():
    with np.load(FIXTURES / "recorded.npz") as file:
        found = dict(file)
    with zipfile.ZipFile(OTHERS) as others:
        for name in NAMES[len(FILES) :]:
            with np.load(io.BytesIO(others.read(f"{name}.npz"))) as file:
                found.update({f"{name}/{key}": value for key, value in file.items()})
    return found


def opened(name, **arguments):
    """The model that Keras saved; classes of its own are registered before."""
    zoo.MODELS[name](pronghorn, np.random.default_rng(0))
    if name in FILES:
        return load_model(FIXTURES / f"{name}.keras", **arguments)
    with zipfile.ZipFile(OTHERS) as others:
        return load_model(io.BytesIO(others.read(f"{name}.keras")), **arguments)


def of(recorded, prefix):
    return {
        key.removeprefix(prefix): value
        for key, value in recorded.items()
        if key.startswith(prefix)
    }


def assert_same(found, expected, tolerance):
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        scale = max(1.0, float(np.linalg.norm(value)))
        distance = float(np.linalg.norm(found[key] - value))
        assert distance <= tolerance * scale, (key, distance)


def data_of(recorded, name):
    inputs = [recorded[k] for k in sorted(recorded) if k.startswith(f"{name}/x")]
    y = [recorded[k] for k in sorted(recorded) if k.startswith(f"{name}/y")]
    return inputs, (y if len(y) > 1 else y[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_keras_opens_and_training_goes_on(recorded, name):
    inputs, y = data_of(recorded, name)
    model = opened(name)
    assert_same(zoo.outcome(model, inputs), of(recorded, f"{name}/before/"), 1e-5)
    zoo.train(model, inputs, y, epochs=3)
    assert_same(zoo.outcome(model, inputs), of(recorded, f"{name}/after/"), 1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_copy_trains_on_to_the_same_bits(recorded, name):
    inputs, y = data_of(recorded, name)
    model = opened(name)
    zoo.train(model, inputs, y, epochs=1)
    buffer = io.BytesIO()
    save_model(model, buffer)
    buffer.seek(0)
    copy = load_model(buffer)
    for one in (model, copy):
        zoo.train(one, inputs, y, epochs=2)
    expected = zoo.outcome(model, inputs)
    for key, value in zoo.outcome(copy, inputs).items():
        np.testing.assert_array_equal(value, expected[key])


@pytest.mark.parametrize("name", NAMES)
def test_compile_false_leaves_the_optimizer_out(name):
    model = opened(name, compile=False)
    assert not model.compiled
    assert getattr(model, "optimizer", None) is None


def test_layers_of_functional_models_are_in_the_order_of_keras():
    """Files depend on it: another order mixes up layers of equal shapes."""
    orders = json.loads((FIXTURES / "orders.json").read_text())
    assert len(orders) > 100
    for seed, order in enumerate(orders):
        assert zoo.order_of_layers(pronghorn, seed) == order, seed


@pytest.mark.parametrize("name", zoo.MODELS)
def test_models_made_here_come_back_whole(name):
    pronghorn.utils.set_random_seed(3)
    model, inputs, y = zoo.MODELS[name](pronghorn, np.random.default_rng(3))
    zoo.train(model, inputs, y, epochs=2)
    buffer = io.BytesIO()
    save_model(model, buffer)
    buffer.seek(0)
    copy = load_model(buffer)
    for _ in range(2):
        expected = zoo.outcome(model, inputs)
        for key, value in zoo.outcome(copy, inputs).items():
            np.testing.assert_array_equal(value, expected[key])
        for one in (model, copy):
            zoo.train(one, inputs, y, epochs=2)
