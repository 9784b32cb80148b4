"""Metrics at a value of another: they carry it under its name."""

from __future__ import annotations

import pytest

from pronghorn import metrics


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (metrics.PrecisionAtRecall, "recall"),
        (metrics.RecallAtPrecision, "precision"),
        (metrics.SensitivityAtSpecificity, "specificity"),
        (metrics.SpecificityAtSensitivity, "sensitivity"),
    ],
)
def test_the_value_has_its_name(cls, name: str) -> None:
    metric = cls(0.4, num_thresholds=100)
    assert getattr(metric, name) == metric.value == metric.get_config()[name] == 0.4
