"""Edges of piecewise-linear encodings where values are frequent."""

from __future__ import annotations

import numpy as np

from pronghorn.tabular import PiecewiseLinearEmbedding, PiecewiseLinearEncoding


def edges(column: np.ndarray, bins: int, spread: bool) -> np.ndarray:
    """Where the bins of a column begin, those that are used."""
    layer = PiecewiseLinearEncoding(bins, "median", spread=spread)
    layer.adapt(column[:, None].astype("float32"))
    return layer.lower.numpy()[0][layer.inverse.numpy()[0] > 0]


def test_edges_that_a_frequent_value_leaves_over_go_to_the_others():
    column = np.concatenate([np.zeros(900), np.arange(1.0, 101.0)])
    np.testing.assert_array_equal(edges(column, 5, spread=False), [0])
    np.testing.assert_allclose(
        edges(column, 5, spread=True), [0, 1, 25.75, 50.5, 75.25]
    )


def test_few_values_are_edges_where_they_are_frequent():
    column = np.repeat([1.0, 5.0, 7.0, 20.0], [1, 40, 500, 60])
    # The last bin goes up to 20; 5 is rare for three bins.
    np.testing.assert_array_equal(edges(column, 8, spread=True), [1, 5, 7])
    np.testing.assert_array_equal(edges(column, 3, spread=True), [1, 7])
    column = np.repeat([1.0, 5.0, 7.0, 20.0], 10)
    np.testing.assert_array_equal(edges(column, 8, spread=True), [1, 5, 7])


def test_columns_without_frequent_values_have_their_quantiles():
    column = np.random.default_rng(0).normal(size=500)
    column[::9] = np.nan
    np.testing.assert_array_equal(edges(column, 8, True), edges(column, 8, False))


def test_the_choice_travels_in_the_configuration():
    for layer in (
        PiecewiseLinearEncoding(3, spread=True),
        PiecewiseLinearEmbedding(2, 3, spread=True),
    ):
        again = type(layer).from_config(layer.get_config())
        assert again.spread and again.get_config() == layer.get_config()
