"""set_random_seed reaches all that draws."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.errors import ArgumentError
from pronghorn.utils import set_random_seed


def _drawn() -> tuple[Any, ...]:
    model = keras.Sequential([keras.layers.Dense(3, input_shape=(4,))])
    return (random.random(), np.random.rand(), model.get_weights()[0].tolist())


def test_the_same_seed_draws_the_same() -> None:
    runs = []
    for seed in (3, 3, np.int64(3), 4):
        set_random_seed(seed)  # type: ignore[arg-type]
        runs.append(_drawn())
    assert runs[0] == runs[1] == runs[2]
    assert all(a != b for a, b in zip(runs[0], runs[3], strict=True))


@pytest.mark.parametrize("seed", [1.5, "7", None, -1, 2**32, True])
def test_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(ArgumentError, match="whole number") as caught:
        set_random_seed(seed)
    assert caught.value.received == repr(seed)
