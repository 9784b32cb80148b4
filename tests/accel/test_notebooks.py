"""Each symbol that notebooks of dense networks use is used by a script that runs."""

from __future__ import annotations

import pytest

from .notebooks import lacking, used
from .running import HERE, SCRIPTS

LIST = HERE / "notebooks.txt"
DOWNLOADS = sorted((HERE / "downloads").glob("*.py"))


def listed() -> list[str]:
    """The symbols of the list; the last part of it names those of other libraries."""
    kept = LIST.read_text(encoding="utf-8").partition("\n# Of other libraries")[0]
    return [line for line in kept.splitlines() if line and not line.startswith("#")]


def test_each_symbol_is_used_by_a_script() -> None:
    """Of a symbol that comes up here: use it in a script of `scripts/`."""
    found: set[str] = set()
    for path in (*SCRIPTS, *DOWNLOADS):
        found |= used(path.read_text(encoding="utf-8"))
    assert lacking(listed(), found) == []


def test_the_list_is_whole() -> None:
    symbols = listed()
    assert len(symbols) > 380 and len(set(symbols)) == len(symbols)


# --- the testers themselves -----------------------------------------------------
SOURCE = """
import tensorflow as tf
from tensorflow import keras
from keras import layers

class Net(keras.Model):
    def call(self, inputs, training=None):
        return inputs

model = keras.Sequential([layers.Dense(1, activation="relu")])
model.compile("adam", metrics=["mae"])
model.optimizer.learning_rate = tf.constant(0.1)
layer = tf.keras.layers.Flatten()
layer(1, training=True)
"""


@pytest.mark.parametrize(
    "symbol",
    [
        "import tensorflow as tf",
        "from tensorflow import keras",
        "from keras import layers",
        "subclass of keras.Model",
        "override Model.call",
        "override Model.call(self, inputs, training)",
        "keras.layers.Dense(activation=)",
        'string activation="relu"',
        'string metrics="mae"',
        "Model.compile(metrics=)",
        "Optimizer.learning_rate = (assignment)",
        "Model.optimizer",
        "tf.constant",
        "keras.layers.Flatten",
        "Layer.__call__(training=)",
    ],
)
def test_what_a_script_uses_is_found(symbol: str) -> None:
    assert lacking([symbol], used(SOURCE)) == []


@pytest.mark.parametrize(
    "symbol",
    [
        "import keras.layers",
        "subclass of keras.layers.Layer",
        "override Model.call(self, inputs)",
        "keras.layers.Dense(units=)",
        'string activation="elu"',
        "Model.fit",
        "Model.compile(optimizer=)",
        "tf.zeros",
        "Optimizer.learning_rate",
    ],
)
def test_what_it_does_not_use_is_not(symbol: str) -> None:
    assert lacking([symbol], used(SOURCE)) == [symbol]
