"""Presets: by name, changed, and settled for a number of rows."""

from __future__ import annotations

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.tabular import PRESETS, Preset
from pronghorn.tabular.presets import ByRows, preset


def test_a_preset_is_found_by_name_and_changed():
    assert preset("default") is not None
    assert preset("fast", epochs=7, members=None) == Preset(
        **{**vars(PRESETS["fast"]), "epochs": 7}
    )
    own = Preset(members=3)
    assert preset(own, hidden=(8,)) == Preset(members=3, hidden=(8,))


def test_wrong_names_are_told():
    with pytest.raises(ArgumentError, match="no preset 'fsat'") as told:
        preset("fsat")
    assert "fast" in str(told.value)
    with pytest.raises(ArgumentError, match="no 'epoch'") as told:
        preset("fast", epoch=3)
    assert "epochs" in str(told.value)


@pytest.mark.parametrize(
    ("rows", "value"), [(0, 8), (1, 8), (12_500, 8), (25_000, 4), (10**6, 2)]
)
def test_a_number_follows_the_rows_within_its_bounds(rows: int, value: int):
    assert ByRows(100_000, least=2, most=8).at(rows) == value


def test_at_settles_all_that_follows_the_rows():
    found = Preset(members=ByRows(100, 1, 4), epochs=ByRows(1000, 5, 50)).at(50)
    assert found == Preset(members=2, epochs=20)
    assert found.at(10**6) == found


@pytest.mark.parametrize(
    ("rows", "size"), [(10, 64), (1024, 64), (1025, 128), (30_000, 256), (10**6, 1024)]
)
def test_steps_may_follow_the_rows(rows: int, size: int):
    assert Preset(batch_size=None).at(rows).batch_size == size
    assert Preset(batch_size=32).at(rows).batch_size == 32


@pytest.mark.parametrize("name", PRESETS)
def test_larger_tables_take_no_more_passes_or_members(name: str):
    settled = [PRESETS[name].at(rows) for rows in (100, 1000, 10_000, 10**6)]
    for what in ("members", "epochs"):
        values = [getattr(each, what) for each in settled]
        assert values == sorted(values, reverse=True)
        assert all(isinstance(v, int) and v > 0 for v in values)
