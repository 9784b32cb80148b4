"""The nets as data: their sizes, their operations and their made numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.workloads import (
    WORKLOADS,
    from_json,
    gemm_flops,
    gemm_shapes,
    table,
    weights,
)


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_goes_through_json(name: str) -> None:
    workload = WORKLOADS[name]
    assert from_json(json.loads(json.dumps(workload.to_json()))) == workload


def test_the_last_smaller_batch_is_a_step() -> None:
    assert WORKLOADS["cereal"].steps == 3
    assert WORKLOADS["wine"].steps == 5
    assert WORKLOADS["higgs"].steps == 4, "of the rows that a round takes"


def test_operations_of_a_net_whose_input_needs_no_gradient() -> None:
    # Forward and dW of all three layers, dX of the last two.
    once = 2 * (20 * 64 + 64 * 64 + 64)
    assert gemm_flops(WORKLOADS["small"]) == 20_000 * (3 * once - 2 * 20 * 64)


def test_a_batch_norm_before_the_first_layer_needs_its_gradient() -> None:
    once = 2 * (63 * 256 + 256 * 256 + 256)
    assert gemm_flops(WORKLOADS["hotel"]) == 89_542 * 3 * once


def test_products_of_a_batch() -> None:
    assert gemm_shapes(WORKLOADS["small"]) == [(32, 20, 64), (32, 64, 64)]
    assert gemm_shapes(WORKLOADS["cereal"]) == []


@pytest.mark.parametrize("name", ["cereal", "wine"])
def test_the_table_is_the_same_each_time(name: str) -> None:
    (x, y), (again, _) = table(WORKLOADS[name]), table(WORKLOADS[name])
    assert x.shape == (WORKLOADS[name].rows, WORKLOADS[name].features)
    assert y.shape == (len(x), 1) and x.dtype == y.dtype == np.float32
    np.testing.assert_array_equal(x, again)


def test_a_target_of_classes_has_both() -> None:
    assert set(np.unique(table(WORKLOADS["higgs"])[1])) == {0.0, 1.0}


def test_weights_fit_the_net() -> None:
    shapes = [each.shape for each in weights(WORKLOADS["small"])]
    assert shapes == [(20, 64), (64,), (64, 64), (64,), (64, 1), (1,)]
