"""The net for a table, and its optimizer."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import Model
from pronghorn.models import load_model
from pronghorn.tabular.nets import (
    FACTORS,
    MissingIndicator,
    Take,
    build,
    members_of,
    optimizer,
)
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
    assert plain.get_layer("features").output.shape == (None, 3 + 1 + 1 + 30 + 3)
    assert not any("dropout" in layer.name for layer in plain.layers)


def test_numbers_are_cut_into_pieces_by_the_rows():
    def widths(numbers: np.ndarray, pieces: int) -> int:
        none = np.zeros((len(numbers), 0), "int32")
        chosen = Preset(hidden=(8,), periodic=False, pieces=pieces)
        net = build(numbers, none, (), 1, "regression", chosen, steps=10)
        assert np.isfinite(net.predict(1e6 * numbers[:5], verbose=0)).all()
        return net.get_layer("hidden_0").scale.shape[-1]

    rng = np.random.default_rng(0)
    many = rng.normal(size=(3000, 4)).astype("float32")
    assert widths(many, 0) == 4
    assert widths(many, 48) == 4 + 4 * 15
    assert widths(many, 12) == 4 + 4 * 12
    assert widths(many[:200], 48) == 4 + 4 * 8
    many[:, 1:] = many[:, 1:] > 0  # two values have no pieces
    assert widths(many, 48) == 4 + 15
    assert widths(rng.normal(size=(400, 600)).astype("float32"), 48) == 600


def test_gaps_come_to_the_columns_that_are_cut():
    numbers = NUMBERS.copy()
    numbers[:, 2] = numbers[:, 2] > 0
    chosen = Preset(hidden=(8,), pieces=4)
    net = build(numbers, IDS, SIZES, 1, "regression", chosen, steps=10)
    assert net.get_layer("cut").columns == [0, 1]
    net.compile(optimizer("regression", chosen, steps=10))
    loss = net.fit([numbers, IDS], numbers[:, 0], verbose=0).history["loss"]
    assert np.isfinite(loss).all()


def test_pieces_stay_level_beyond_the_training_rows():
    none = np.zeros((60, 0), "int32")
    chosen = Preset(hidden=(8,), periodic=False, pieces=4)
    net = build(NUMBERS, none, (), 1, "regression", chosen, steps=10)
    features = Model(net.input, net.get_layer("features").output)
    far = features.predict(np.array([[99, 99, 99]], "float32"), verbose=0)[0]
    np.testing.assert_array_equal(far[3:15], 1)
    gap = features.predict(np.full((1, 3), np.nan, "float32"), verbose=0)[0]
    middle = np.nanmedian(NUMBERS, axis=0)[None].astype("float32")
    there = features.predict(middle, verbose=0)[0]
    np.testing.assert_allclose(gap[:15], there[:15], atol=1e-6)


def test_half_of_a_mixed_nets_members_see_pieces():
    net = made(members=5, pieces=4, mixed=True)
    assert net.output.shape == (None, 5, 1)
    # A gap, two columns one-hot (1 and 3), one of 8 numbers; waves, or ramps and z.
    assert net.get_layer("features").output.shape == (None, 3, 12 + 13)
    assert net.get_layer("cut_features").output.shape == (None, 2, 3 + 12 + 13)
    names = {layer.name for layer in net.layers}
    assert "cut_hidden_1" in names and "cut_periodic" not in names
    whose = dict(zip([v.path for v in net.trainable_variables], members_of(net)))
    for path, (first, count) in whose.items():
        assert (first, count) == ((3, 2) if "cut_" in path else (0, 3))
    factors = [
        _factor(FACTORS, v) for v in net.trainable_variables if "scale" in v.path
    ]
    assert factors == [6.0, 6.0]
    alone = made(members=1, pieces=4, mixed=True)
    assert members_of(alone) == [(0, 1)] * len(alone.trainable_variables)


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
