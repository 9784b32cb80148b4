"""The net for a table, and its optimizer."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.models import load_model
from pronghorn.tabular.nets import FACTORS, MissingIndicator, Take, build, optimizer
from pronghorn.tabular.presets import Preset
from pronghorn.tabular.schedules import _factor

RNG = np.random.default_rng(2)
NUMBERS = RNG.normal(size=(60, 3)).astype("float32")
NUMBERS[::5, 1] = np.nan
IDS = RNG.integers(2, 4, (60, 3)).astype("int32")
SIZES = (2, 30, 3)


def made(task: str = "regression", outputs: int = 1, **changes):
    chosen = Preset(**{"members": 2, "hidden": (8, 8), **changes})
    return build(NUMBERS, IDS, SIZES, outputs, task, chosen, steps=10)


def test_columns_are_taken_and_gaps_are_told():
    taken = Take([2, 1])(NUMBERS)
    np.testing.assert_array_equal(taken, NUMBERS[:, [2, 1]])
    gaps = MissingIndicator([1])(NUMBERS)
    np.testing.assert_array_equal(gaps[:, 0], np.isnan(NUMBERS[:, 1]))
    assert Take.from_config(Take([2, 1]).get_config()).columns == [2, 1]


def test_a_net_has_the_layers_of_its_preset():
    net = made(hidden=(8, 4))
    assert net.output.shape == (None, 2, 1)
    assert [tuple(i.shape) for i in net.inputs] == [(None, 3), (None, 3)]
    names = {layer.name for layer in net.layers}
    assert {"periodic", "missing", "one_hot", "embedding", "scale"} <= names
    assert {"hidden_1", "activation_1", "dropout_1", "prediction"} <= names
    assert "temperature" not in names
    # 3 numbers of 4 features, a gap, two columns one-hot (1 and 3), one of 8 numbers.
    assert net.get_layer("features").output.shape == (None, 2, 12 + 1 + 4 + 8)
    plain = made(periodic=False, dropout=0.0, one_hot=30)
    assert plain.get_layer("features").output.shape == (None, 2, 3 + 1 + 1 + 30 + 3)
    assert not any("dropout" in layer.name for layer in plain.layers)


def test_classes_have_selu_smoothing_and_a_temperature():
    net = made("classification", 4)
    assert net.smoothing == 0.1 and net.task == "classification"
    assert net.get_layer("activation_0").activation.__name__ == "selu"
    assert made().get_layer("activation_0").activation.__name__ == "mish"
    odds = net.predict([NUMBERS, IDS], verbose=0)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("part", ["numbers", "ids"])
def test_a_table_may_have_columns_of_one_sort_only(part: str):
    none = np.zeros((60, 0), "float32")
    if part == "numbers":
        net = build(NUMBERS, none.astype("int32"), (), 1, "regression", Preset(), 10)
        assert net.predict(NUMBERS, verbose=0).shape == (60, 1)
    else:
        net = build(none, IDS, SIZES, 1, "regression", Preset(), 10)
        assert net.predict(IDS, verbose=0).shape == (60, 1)


def test_missing_numbers_and_new_categories_are_answered():
    net = made()
    gaps = np.full((2, 3), np.nan, "float32")
    found = net.predict([gaps, np.array([[0, 0, 0], [1, 1, 1]], "int32")], verbose=0)
    assert np.isfinite(found).all()


def test_parts_learn_at_the_rates_of_realmlp():
    net = made()
    adam = optimizer("regression", Preset(), steps=10)
    net.compile(adam)
    factors = {v.path: _factor(FACTORS, v) for v in net.trainable_variables}
    wanted = {"periodic": 0.1, "bias": 0.1, "scale/": 6.0, "activation": 0.1}
    for path, factor in factors.items():
        assert factor == next((f for part, f in wanted.items() if part in path), 1.0)
    decayed = {v.path for v in net.trainable_variables if adam._use_weight_decay(v)}
    assert not any("bias" in path for path in decayed)
    assert any("hidden_0/kernel" in path for path in decayed)
    assert adam.get_config()["learning_rate"]["config"]["value"] == 0.2


def test_a_net_comes_back_from_its_file(tmp_path):
    net = made("classification", 3)
    net.save(tmp_path / "net.keras")
    again = load_model(tmp_path / "net.keras")
    inputs = [NUMBERS, IDS]
    np.testing.assert_array_equal(
        again.predict(inputs, verbose=0), net.predict(inputs, verbose=0)
    )
