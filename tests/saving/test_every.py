"""Whether files are tested with every layer, optimizer and schedule there is.

What the models of `zoo.py` hold is saved and opened in the other tests of this folder:
here, beside real Keras (`test_with_keras.py`), and from files that it made
(`test_fixtures.py`).
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import pronghorn
from pronghorn import layers, optimizers

from . import zoo
from .test_fixtures import NAMES

# What is no layer that a model can hold by itself.
NOT_IN_FILES = {
    "InputSpec": "what a layer says of its inputs",
    "Layer": "the base class",
    "Wrapper": "the base class of TimeDistributed and SpectralNormalization",
}
NO_OPTIMIZERS = {
    "Optimizer": "the base class",
    "OptimizerMap": "an argument of MultiOptimizer, which is there",
}
NO_SCHEDULES = {"LearningRateSchedule": "the base class"}


def classes(room):
    names = getattr(room, "__all__", None) or vars(room)
    found = {n: getattr(room, n) for n in names}
    return {
        name
        for name, value in found.items()
        if inspect.isclass(value) and value.__module__.startswith("pronghorn")
    }


def parts(layer):
    """A layer's class and those of all within it."""
    yield type(layer).__name__
    for inner in layer._flatten_layers():
        yield type(inner).__name__


@pytest.fixture(scope="module")
def models():
    rng = np.random.default_rng(0)
    return {name: make(pronghorn, rng)[0] for name, make in zoo.MODELS.items()}


def layers_of(models):
    return {name for model in models for name in parts(model)}


def optimizers_of(models):
    return {type(model.optimizer).__name__ for model in models}


def schedules_of(models):
    configs = [model.optimizer.get_config() for model in models]
    rates = [config.get("learning_rate") for config in configs]
    return {rate["class_name"] for rate in rates if isinstance(rate, dict)}


def test_every_layer_is_in_a_model(models):
    expected = classes(layers) - set(NOT_IN_FILES)
    assert expected - layers_of(models.values()) == set()
    assert classes(layers) >= set(NOT_IN_FILES)


def test_every_optimizer_and_schedule_trains_a_model(models):
    assert classes(optimizers) - set(NO_OPTIMIZERS) == optimizers_of(models.values())
    schedules = classes(optimizers.schedules) - set(NO_SCHEDULES)
    assert schedules == schedules_of(models.values())


def test_files_of_keras_are_kept_with_every_layer_and_optimizer(models):
    kept = [models[name] for name in NAMES]
    assert classes(layers) - set(NOT_IN_FILES) - layers_of(kept) == set()
    assert classes(optimizers) - set(NO_OPTIMIZERS) == optimizers_of(kept)


def test_a_class_that_is_missing_is_found(models):
    few = [models["linear_unit"]]
    assert "BatchNormalization" not in layers_of(few)
    assert optimizers_of(few) == {"SGD"}
    assert schedules_of(few) == set()
