"""The random numbers are well spread, and the engine draws the very same ones."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.backends import native
from pronghorn.ir import rng
from pronghorn.ops.random import uniform
from tests.backends.native.graphs import graph_of, run_all

SEEDS = [0, 1, 2**31, 2**63 + 5, -1]


def test_uniform_is_uniform() -> None:
    x = rng.uniform(1, 0, 0, (400, 500)).astype(np.float64)
    assert abs(x.mean() - 0.5) < 0.003
    assert abs(x.var() - 1 / 12) < 0.001
    counts = np.histogram(x, 256, (0, 1))[0]
    expected = x.size / 256
    assert ((counts - expected) ** 2 / expected).sum() < 350  # chi square, 255 degrees


@pytest.mark.parametrize("other", [(2, 0, 0), (1, 1, 0), (1, 0, 1), (1 + 2**32, 0, 0)])
def test_keys_tell_draws_apart(other: tuple[int, int, int]) -> None:
    x = rng.uniform(1, 0, 0, (100_000,))
    y = rng.uniform(*other, (100_000,))
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.02
    assert abs(np.corrcoef(x[1:], y[:-1])[0, 1]) < 0.02


def test_a_prefix_does_not_depend_on_the_size() -> None:
    long = rng.bits(5, 2, 3, 200_000)
    assert np.array_equal(long[:70_000], rng.bits(5, 2, 3, 70_000))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 2, 31, 1000, 70_000])
def test_engine_draws_the_same_permutation(seed: int, n: int) -> None:
    mine = rng.permutation(seed, 4, n)
    assert np.array_equal(np.sort(mine), np.arange(n))
    assert np.array_equal(native.permutation(seed, 4, n), mine)


def test_permutations_place_every_row_everywhere() -> None:
    counts = np.zeros((5, 5))
    for seed in range(2000):
        counts[np.arange(5), rng.permutation(seed, 0, 5)] += 1
    assert np.abs(counts - 400).max() < 100


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (17, 5), (1030,), (2, 3, 40)])
def test_engine_draws_the_same_numbers(seed: int, shape: tuple[int, ...]) -> None:
    rows = np.zeros((7, 1), np.float32)

    def draw(x: object) -> object:
        return uniform(shape, stream=9)

    graph = graph_of(draw, [rows])
    executable = native.NativeBackend().compile(graph, 7)
    (have,) = run_all(executable, [rows], 7, seed=seed, step=11)
    assert np.array_equal(have, rng.uniform(seed, 11, 9, shape))


def test_streams_and_steps_reach_the_engine() -> None:
    rows = np.zeros((6, 1), np.float32)

    def draw(x: object) -> list[object]:
        return [uniform((5,), stream=s) for s in range(40)]

    graph = graph_of(draw, [rows])
    executable = native.NativeBackend().compile(graph, 2)
    have = run_all(executable, [rows], 2, seed=8, step=100)
    for stream, values in enumerate(have):  # outputs hold the last of three steps
        assert np.array_equal(values, rng.uniform(8, 102, stream, (5,)))
