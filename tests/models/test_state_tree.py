"""`get_state_tree` and `set_state_tree`."""

from __future__ import annotations

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, ShapeError, UnknownNameError

X = np.random.default_rng(1).random((8, 3), "float32")


def net() -> keras.Model:
    first = layers.Dense(2, name="first", input_shape=[3])
    parts = [first, layers.BatchNormalization(name="norm"), layers.Dense(1, name="out")]
    model = keras.Sequential(parts)
    model.compile("adam", "mse")
    return model


def test_the_tree_has_every_variable() -> None:
    model = net()
    model.fit(X, X[:, :1], verbose=0)
    tree = model.get_state_tree("numpy_array")
    assert list(tree) == [
        "trainable_variables",
        "non_trainable_variables",
        "optimizer_variables",
        "metrics_variables",
    ]
    for group, variables in (
        ("trainable_variables", model.trainable_variables),
        ("non_trainable_variables", model.non_trainable_variables),
        ("optimizer_variables", model.optimizer.variables),
        ("metrics_variables", model.metrics_variables),
    ):
        leaves = keras.tree.flatten(tree[group])
        assert len(leaves) == len(variables) > 0
        for variable in variables:
            value = tree[group]
            for part in variable.path.split("/"):
                value = value[part]
            assert isinstance(value, np.ndarray)
            np.testing.assert_array_equal(value, variable.numpy())


def test_a_tree_goes_into_another_model() -> None:
    keras.utils.clear_session()  # so that both have the same names
    model = net()
    model.fit(X, X[:, :1], verbose=0)
    keras.utils.clear_session()
    other = net()
    wanted = model.get_state_tree()
    del wanted["optimizer_variables"]
    other.set_state_tree(wanted)
    np.testing.assert_array_equal(other.predict(X), model.predict(X))


def test_what_is_not_in_the_tree_stays() -> None:
    model = net()
    path = model.layers[-1].bias.path.split("/")
    tree: dict[str, object] = {path[-1]: [0.5]}
    for part in reversed(path[:-1]):
        tree = {part: tree}
    before = model.layers[0].get_weights()
    model.set_state_tree({"trainable_variables": tree})
    np.testing.assert_array_equal(model.layers[-1].bias, [0.5])
    np.testing.assert_array_equal(model.layers[0].kernel, before[0])


def test_what_does_not_fit() -> None:
    model = net()
    with pytest.raises(ArgumentError, match="numpy_array"):
        model.get_state_tree("torch")
    with pytest.raises(UnknownNameError, match="received: weights"):
        model.set_state_tree({"weights": {}})
    tree = model.get_state_tree()
    tree["metrics_variables"]["loss"]["total"] = np.ones(3)
    with pytest.raises(ShapeError):
        model.set_state_tree(tree)


def test_two_variables_of_one_path() -> None:
    class Twice(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="twice")
            self.a = self.add_weight(shape=(1,), name="w")
            self.b = self.add_weight(shape=(1,), name="w")

    with pytest.raises(ArgumentError, match="'twice/w' twice"):
        Twice().get_state_tree()
