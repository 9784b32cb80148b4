"""Files that real Keras made: they open, predict the same, and training goes on.

`fixtures/make_fixtures.py` made them, and recorded what Keras computes.
"""

from __future__ import annotations

import io
import json
import pathlib

import numpy as np
import pytest

import pronghorn
from pronghorn.saving import load_model, save_model

from . import zoo

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
NAMES = ("sequential_adam", "functional_sgd", "classifier_adamw")


@pytest.fixture(scope="module")
def recorded():
    with np.load(FIXTURES / "recorded.npz") as file:
        return dict(file)


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
    return inputs, recorded[f"{name}/y"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_keras_opens_and_training_goes_on(recorded, name):
    inputs, y = data_of(recorded, name)
    model = load_model(FIXTURES / f"{name}.keras")
    assert_same(zoo.outcome(model, inputs), of(recorded, f"{name}/before/"), 1e-5)
    zoo.train(model, inputs, y, epochs=3)
    assert_same(zoo.outcome(model, inputs), of(recorded, f"{name}/after/"), 1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_copy_trains_on_to_the_same_bits(recorded, name):
    inputs, y = data_of(recorded, name)
    model = load_model(FIXTURES / f"{name}.keras")
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
    model = load_model(FIXTURES / f"{name}.keras", compile=False)
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
