"""How far new rows are from old ones."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.learn.drift import drift


def test_the_index_is_the_formula() -> None:
    old = {"x": np.arange(1000.0)}
    new = {"x": np.repeat([50.0, 950.0], 500)}  # half in the first part and the last
    p, q = np.full(10, 100.5), np.array([500.5, *[0.5] * 8, 500.5])
    p, q = p / p.sum(), q / q.sum()
    assert drift(old, new)["x: PSI"] == pytest.approx(((q - p) * np.log(q / p)).sum())
    assert drift(old, old)["x: PSI"] == 0


def test_words_that_were_never_seen() -> None:
    old = {"port": np.array(["S", "C"], dtype=object)}
    new = {"port": np.array(["S", "B", "B", "C"], dtype=object)}
    assert drift(old, new) == {"port: unseen": 0.5}
