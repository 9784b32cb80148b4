"""`from_keras` and `to_keras` where Keras is not; tests/conformance has it."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

import pronghorn
from pronghorn import layers
from pronghorn.errors import ArgumentError, MissingDependencyError
from pronghorn.saving import load_model

X = np.arange(6, dtype="float32").reshape(2, 3)


def model():
    return pronghorn.Sequential([layers.Dense(2, input_shape=[3])])


class Theirs:
    """Stands for a live model of Keras: it can save itself."""

    def __init__(self, inner):
        self.inner = inner

    def save(self, path):
        self.inner.save(path)


@pytest.fixture
def keras(monkeypatch):
    """A module that stands for Keras."""
    stand_in = types.SimpleNamespace(
        Model=Theirs,
        models=types.SimpleNamespace(
            load_model=lambda path, custom_objects: Theirs(load_model(path))
        ),
    )
    monkeypatch.setitem(sys.modules, "keras", stand_in)
    return stand_in


def test_models_go_there_and_back(keras):
    ours = model()
    ours.compile("adam", "mse")
    ours.fit(X, X[:, :2], verbose=0)
    back = pronghorn.from_keras(pronghorn.to_keras(ours))
    np.testing.assert_array_equal(back(X), ours(X))
    assert int(back.optimizer.iterations) == 1


def test_keras_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingDependencyError, match="pip install keras"):
        pronghorn.to_keras(model())


def test_our_own_alias_is_no_keras(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", pronghorn)
    with pytest.raises(MissingDependencyError, match="keras is Pronghorn"):
        pronghorn.to_keras(model())
    with pytest.raises(ArgumentError, match="as it is"):
        pronghorn.from_keras(model())


@pytest.mark.parametrize("wrong", ["m.keras", None, layers.Dense(1)])
def test_other_things_are_refused(keras, wrong):
    with pytest.raises(ArgumentError, match="no model of Keras"):
        pronghorn.from_keras(wrong)
    with pytest.raises(ArgumentError, match="no model of Pronghorn"):
        pronghorn.to_keras(wrong)


def test_nothing_imports_keras_before_it_is_asked_for():
    assert "keras" not in sys.modules or sys.modules["keras"] is None
