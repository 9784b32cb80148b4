"""Numbers of one row or column look alike."""

from __future__ import annotations

import pytest

from pronghorn.data.numerals import fixed


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([], []),
        ([0.0], ["0"]),
        ([-0.0, 2.5], ["0.0", "2.5"]),
        ([117250.0, 48813.0], ["117,250", "48,813"]),
        ([48813.213, 0.0123], ["48,813.2130", "0.0123"]),
        ([1.0, 15.5], ["1.0", "15.5"]),
        ([0.6112345, 0.8], ["0.61123", "0.80000"]),
        ([34900.0, 755000.0], ["34,900", "755,000"]),
        ([-1234.5], ["-1234.5"]),
        ([1872.0, 2009.0], ["1872", "2009"]),
        ([1e300, 1.0], ["1.0000e+300", "1.0000e+00"]),
        ([1e-12, 1.0], ["1.0000e-12", "1.0000e+00"]),
        ([float("nan"), 1.5], ["nan", "1.5"]),
    ],
)
def test_one_style(values: list[float], texts: list[str]) -> None:
    assert fixed(values) == texts


def test_given_places() -> None:
    assert fixed([-0.0000001, 0.5, -0.0016], places=3) == ["0.000", "0.500", "-0.002"]
    assert fixed([1e-12], places=3) == ["0.000"]
