"""Rows are drawn by number: the same for a seed, different between seeds."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.data.splits import shuffled, split_rows
from pronghorn.errors import ArgumentError


def test_a_split_is_a_partition() -> None:
    kept, held = split_rows(1000, 0.2, seed=3)
    assert len(held) == 200
    np.testing.assert_array_equal(
        np.sort(np.concatenate([kept, held])), np.arange(1000)
    )


def test_seeds_and_streams_draw_differently() -> None:
    first = shuffled(100, 0)
    np.testing.assert_array_equal(first, shuffled(100, 0))
    assert (first != shuffled(100, 1)).any()
    assert (first != shuffled(100, 0, stream=1)).any()


def test_the_draw_is_recorded() -> None:
    assert shuffled(8, seed=0).tolist() == [0, 2, 1, 5, 4, 3, 6, 7]


def test_every_place_is_as_likely() -> None:
    held = np.concatenate([split_rows(10, 0.2, seed)[1] for seed in range(2000)])
    counts = np.bincount(held, minlength=10)
    assert counts.min() > 330 and counts.max() < 470


def test_none_may_be_held_out() -> None:
    kept, held = split_rows(5, 0.0, seed=0)
    assert kept.tolist() == [0, 1, 2, 3, 4] and len(held) == 0


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 2.0, float("nan")])
def test_parts_out_of_range(fraction: float) -> None:
    with pytest.raises(ArgumentError, match="out of range"):
        split_rows(10, fraction, seed=0)


def test_too_few_rows_to_hold_out() -> None:
    with pytest.raises(ArgumentError, match="too few"):
        split_rows(1, 0.2, seed=0)
