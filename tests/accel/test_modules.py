"""Under Keras's and TensorFlow's names there is Pronghorn, however it is imported."""

from __future__ import annotations

import importlib
import sys
import types

import numpy as np
import pytest

import pronghorn
from pronghorn import accel
from pronghorn.errors import PronghornError, StateError, UnsupportedError

WAYS = """
import keras; found = keras.layers.Dense
import keras.layers; found = keras.layers.Dense
from keras.layers import Dense as found
from keras import layers; found = layers.Dense
from keras.layers.core import Dense as found
import tensorflow as tf; found = tf.keras.layers.Dense
import tensorflow.keras as keras; found = keras.layers.Dense
from tensorflow import keras; found = keras.layers.Dense
from tensorflow.keras import layers; found = layers.Dense
from tensorflow.keras.layers import Dense as found
import tensorflow.keras.layers as layers; found = layers.Dense
from tensorflow.python.keras.layers import Dense as found
import tensorflow.compat.v2 as tf; found = tf.keras.layers.Dense
"""
SAME = {
    "keras.models": ("Sequential", pronghorn.Sequential),
    "keras.optimizers.schedules": (
        "ExponentialDecay",
        pronghorn.optimizers.schedules.ExponentialDecay,
    ),
    "keras.optimizers.legacy": ("Adam", pronghorn.optimizers.Adam),
    "keras.utils.np_utils": ("to_categorical", pronghorn.utils.to_categorical),
    "keras.layers.advanced_activations": ("LeakyReLU", pronghorn.layers.LeakyReLU),
    "keras.utils": (
        "register_keras_serializable",
        pronghorn.saving.register_keras_serializable,
    ),
    "tensorflow.keras.callbacks": ("EarlyStopping", pronghorn.callbacks.EarlyStopping),
    "tensorflow.keras.losses": ("Huber", pronghorn.losses.Huber),
}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("statement", WAYS.strip().splitlines())
def test_every_way_to_import(statement: str) -> None:
    names: dict[str, object] = {}
    exec(statement, names)
    assert names["found"] is pronghorn.layers.Dense


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("module", SAME)
def test_rooms_of_now_and_before(module: str) -> None:
    name, ours = SAME[module]
    assert getattr(importlib.import_module(module), name) is ours


@pytest.mark.usefixtures("installed")
def test_a_name_that_comes_is_there_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = types.ModuleType("pronghorn.backend")
    backend.__dict__.update(__all__=["clear_session"], clear_session=lambda: "cleared")
    monkeypatch.setattr(pronghorn, "backend", backend, raising=False)
    monkeypatch.setattr(pronghorn, "__all__", [*pronghorn.__all__, "backend"])
    assert importlib.import_module("keras.backend").clear_session() == "cleared"
    assert importlib.import_module("tensorflow.keras").backend.clear_session()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "module", ["keras.layrs", "keras.layers.other", "tensorflow.contrib", "keras._x"]
)
def test_what_keras_does_not_have_is_not_found(module: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"No module named '{module}'"):
        importlib.import_module(module)


@pytest.mark.usefixtures("installed")
def test_a_misspelt_name_is_told_at_once() -> None:
    layers = importlib.import_module("keras.layers")
    with pytest.raises(AttributeError, match="did you mean Dense"):
        _ = layers.Densee
    tf = importlib.import_module("tensorflow")
    assert not hasattr(tf, "Session") and not hasattr(tf, "contrib")
    assert not hasattr(layers, "_private")


@pytest.mark.usefixtures("installed")
def test_versions_are_those_that_are_followed() -> None:
    keras, tf = map(importlib.import_module, ("keras", "tensorflow"))
    assert keras.__version__ == "3.15.1" and tf.__version__ == "2.21.0"
    assert tf.__version__ == tf.version.VERSION
    assert {"layers", "Model"} <= set(dir(keras)) and "constant" in dir(tf)


OUTSIDE = """
from keras.layers import Conv2D as it | it(3)
from tensorflow.keras.layers import LSTM as it | it(3)
from keras.layers import CuDNNLSTM as it | it(3)
from keras.applications import VGG16 as it | it()
from keras.applications.vgg16 import preprocess_input as it | it(0)
from keras.wrappers.scikit_learn import KerasClassifier as it | it()
from keras.preprocessing.text import Tokenizer as it | it()
from tensorflow.io import FixedLenFeature as it | it([], 0)
import tensorflow as tf; it = tf.distribute.MirroredStrategy | it()
import tensorflow as tf; it = tf.tpu.experimental.initialize_tpu_system | it(0)
import tensorflow as tf; it = tf.compat.v1.Session | it()
import tensorflow as tf; it = tf.nn.conv2d | it(0)
from keras.layers import GRU as it | [*it]
import keras; it = keras.layers.Conv2D | class Own(it): pass
import tensorflow as tf; it = tf.Graph | with it: pass
"""


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("line", OUTSIDE.strip().splitlines())
def test_outside_of_the_field_is_one_error_at_its_use(line: str) -> None:
    names: dict[str, object] = {}
    head, use = line.split(" | ")
    exec(head, names)  # to import it and to name it is no error
    symbol = repr(names["it"])[1:].partition(":")[0]
    with pytest.raises(UnsupportedError) as caught:
        exec(use, names)
    assert caught.value.where == symbol and symbol in str(caught.value)
    assert symbol.startswith(("keras.", "tf."))


@pytest.mark.usefixtures("installed")
def test_nothing_is_an_instance_of_what_is_absent() -> None:
    layers = importlib.import_module("keras.layers")
    assert not isinstance(layers.Dense(1), layers.Conv2D)
    assert not isinstance(3, (layers.Conv2D, layers.LSTM))
    assert not issubclass(layers.Dense, layers.Conv2D)
    with pytest.raises(UnsupportedError, match="GRU is not part"):
        np.asarray(layers.GRU)
    with pytest.raises(PronghornError, match="dtype"):
        pronghorn.ops.cast(np.ones(2), importlib.import_module("tensorflow").qint8)


@pytest.mark.usefixtures("installed")
def test_the_remedy_of_a_room_is_kept() -> None:
    layers = importlib.import_module("keras.layers")
    with pytest.raises(UnsupportedError, match="Flatten"):
        layers.MaxPooling2D()


@pytest.mark.usefixtures("installed")
def test_errors_can_be_caught_as_in_tensorflow() -> None:
    tf = importlib.import_module("tensorflow")
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.debugging.assert_equal([1], [2])
    assert tf.errors.InvalidArgumentError is PronghornError


def test_install_and_uninstall_leave_nothing() -> None:
    before = set(sys.modules)
    accel.install()
    accel.install()  # twice is once
    importlib.import_module("tensorflow.keras.layers")
    accel.uninstall()
    assert not {n for n in set(sys.modules) - before if n.startswith(("ker", "tens"))}
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("keras.layers")
    accel.load_ipython_extension(None)
    assert importlib.import_module("keras").Model is pronghorn.Model
    accel.unload_ipython_extension(None)
    assert "keras" not in sys.modules


def test_a_real_keras_in_the_process_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keras", types.ModuleType("keras"))
    with pytest.raises(StateError, match="loaded already"):
        accel.install()
