"""The program that measures gains: its splits, its interval, and its trainings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pronghorn.learn.measured import gains


def made(groups: bool = False) -> gains.Rows:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(200, 3))
    names = np.array([f"g{at // 7}" for at in range(200)]) if groups else None
    return gains.Rows(x, x[:, 0] * 5 + 20, groups=names)


def test_a_split_has_every_row_once() -> None:
    parts = gains.split(made(), 3)
    assert [len(part) for part in parts] == [120, 40, 40]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(200))
    assert not np.array_equal(parts[0], gains.split(made(), 4)[0])


def test_groups_stay_together() -> None:
    table = made(groups=True)
    assert table.groups is not None
    train, valid, holdout = (set(table.groups[part]) for part in gains.split(table, 0))
    assert not train & valid
    assert not (train | valid) & holdout


def test_the_interval_is_wider_than_that_of_independent_runs() -> None:
    draw = np.random.default_rng(0)
    treated = draw.normal(1.0, 0.1, 20)
    found = gains.gain(treated + draw.normal(0.5, 0.2, 20), treated)
    half = (found["high"] - found["low"]) / 2
    differences = found["gain"]
    assert found["low"] < differences < found["high"]
    plain = gains._T_975 * 0.2 / np.sqrt(20)
    assert half > 1.8 * plain


def test_a_run_that_diverged_leaves_no_gain() -> None:
    assert gains.gain([1.0] * 19 + [np.nan], [1.0] * 20)["gain"] is None
    assert gains.gain([1.0] * 3, [1.0] * 3)["gain"] is None


@pytest.mark.parametrize("layer", ["dropout", "batchnorm"])
def test_errors_are_in_the_target_s_unit(layer: str) -> None:
    trial = gains.Trial(layer, "made", (16,), epochs=60, batch=16)
    table = made()
    for treated in (False, True):
        error = gains.holdout_error(trial, table, 0, treated)
        assert 0 < error < 3.0, "always the median is off by 4"


def test_the_layer_is_there_where_it_is_asked_for() -> None:
    for trial, kind in (
        (gains.Trial("dropout", "made"), "Dropout"),
        (gains.Trial("batchnorm", "made"), "BatchNormalization"),
    ):
        names = [
            [type(layer).__name__ for layer in net.layers]
            for net in (gains.network(trial, 3, False, on) for on in (False, True))
        ]
        assert kind not in names[0]
        assert names[1].count(kind) == (2 if kind == "Dropout" else 3)


def test_classes_are_counted_in_percent() -> None:
    table = made()
    classes = gains.Rows(table.x, (table.x[:, 0] > 0).astype(float), binary=True)
    trial = replace(gains.TRIALS[0], widths=(16,), epochs=30, batch=16)
    assert 0 <= gains.holdout_error(trial, classes, 0, True) < 20


def test_equal_rows_are_dropped(data_dir: Path) -> None:
    assert len(gains.rows("red-wine").x) == 1359
    songs = gains.rows("spotify")
    assert songs.groups is not None
    assert songs.x.shape == (32828, 18)


def test_it_writes_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = gains.Trial("dropout", "made", (4,), epochs=2, batch=32)
    monkeypatch.setattr(gains, "TRIALS", (trial,))
    monkeypatch.setattr(gains, "rows", lambda name: made())
    assert gains.main([str(tmp_path / "gains.json")]) == 0
    report = json.loads((tmp_path / "gains.json").read_text(encoding="utf-8"))
    assert report["trials"][0]["low"] <= report["trials"][0]["gain"]
    assert set(report["trials"][0]) == set(gains.measure(trial, made()))
