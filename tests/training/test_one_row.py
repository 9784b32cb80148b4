"""A row's prediction has the same bits alone as in a batch of any size."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.backends import native
from tests.isas import told_on

ROWS = 400
# 23 to 25 are about the rows of a tile, so that some have a tile with one row.
SIZES = (2, 3, 5, 7, 13, 23, 24, 25, 48, 100, ROWS)


def nets() -> dict[str, tuple[int, list[Any]]]:
    """Columns and layers, for each way in which products of few rows are computed."""
    dense, norm = layers.Dense, layers.BatchNormalization
    wide = [dense(512, activation="relu") for _ in range(3)]
    return {
        "linear": (3, [dense(1)]),
        "long": (600, [dense(1)]),
        "scalar": (1, [dense(16, activation="gelu"), dense(1)]),
        "small": (20, [dense(64, "relu"), dense(64, "relu"), dense(1)]),
        "classes": (13, [dense(7, "tanh"), dense(5, "softmax")]),
        "norm": (63, [norm(), dense(256, "relu"), layers.LayerNormalization()]),
        "wide": (11, [*wide, dense(1)]),
    }


def different(columns: int, parts: list[Any]) -> list[int]:
    """The sizes of batches in which some row differs from itself alone."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((columns,)), *parts])
    rng = np.random.default_rng(columns)
    for weight in model.weights:
        if weight.ndim == 1:  # biases, scales, variances
            weight.assign(rng.uniform(0.1, 0.5, weight.shape).astype(np.float32))
    x = rng.normal(size=(ROWS, columns)).astype(np.float32)

    def predicted(size: int) -> np.ndarray:
        pieces = [x[start : start + size] for start in range(0, ROWS, size)]
        return np.concatenate([model.predict(piece, verbose=0) for piece in pieces])

    alone = predicted(1)
    assert np.unique(alone[:, 0]).size > ROWS // 2, "rows must not look alike"
    return [n for n in SIZES if predicted(n).tobytes() != alone.tobytes()]


def main() -> None:
    """In a process of its own: prints what differs on its instruction set."""
    found = {name: different(*net) for name, net in nets().items()}
    print(json.dumps({"isa": native.info()["isa"], "different": found}))


@pytest.mark.parametrize("isa", native.info()["isas"])
def test_a_row_alone_has_the_same_bits(isa: str) -> None:
    told = told_on(isa, "tests.training.test_one_row")
    assert told["different"] == {name: [] for name in nets()}
