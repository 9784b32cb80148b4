"""Custom loops with a tape, against those of TensorFlow (recorded by record.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras

from .scenarios import SCENARIOS

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())["runs"]


def differs(one: list[Any], other: list[Any]) -> bool:
    """Whether numbers differ by more than rounding."""
    return len(one) != len(other) or any(
        not np.allclose(a, b, rtol=1e-5, atol=2e-6)
        for a, b in zip(one, other, strict=True)
    )


def test_every_scenario_is_recorded() -> None:
    assert list(SCENARIOS) == list(RECORDED)


@pytest.mark.parametrize("name", SCENARIOS)
def test_computes_as_tensorflow(name: str) -> None:
    found = SCENARIOS[name](keras, keras.GradientTape, keras.Variable)
    assert not differs(found, RECORDED[name]), (found, RECORDED[name])


def test_another_learning_rate_is_noticed() -> None:
    class Slower(keras.GradientTape):
        def gradient(self, *args: Any, **kwargs: Any) -> Any:
            return [g * 0.9 for g in super().gradient(*args, **kwargs)]

    found = SCENARIOS["by_hand"](keras, Slower, keras.Variable)
    assert differs(found, RECORDED["by_hand"])
