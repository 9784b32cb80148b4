"""How weights start, and clipped gradients."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.learn.figures import start


def ratio(weights: str, activation: str = "relu") -> float:
    """How much of the spread the tenth layer has left."""
    first, *_, last = start.spreads(weights, activation, 10, 64)
    return float(last.std() / first.std())


def test_he_keeps_what_relu_would_lose() -> None:
    assert 0.3 < ratio("He") < 3
    assert ratio("Glorot") < 0.2
    assert ratio("too small (0.01)") < 1e-6
    assert ratio("too large (1.0)") > 1e4


def test_glorot_is_for_tanh() -> None:
    assert ratio("Glorot", "tanh") > 0.25


def test_all_zero_is_zero() -> None:
    assert not any(each.any() for each in start.spreads("all zero", "relu", 3, 8))
    assert start.spread().set(weights="all zero")["say"].startswith("All zero")


@pytest.mark.parametrize("weights", ["He", "too small (0.01)", "too large (1.0)"])
def test_every_way_is_drawn(weights: str) -> None:
    scene = start.spread().set(weights=weights, depth=20)
    assert "error" not in scene
    assert len(scene["panels"][0]["marks"][0]["y"]) == 20


def test_clipping_saves_the_other_rows() -> None:
    words = start.clipping().scene["say"].split()
    plain, clipped = float(words[8]), float(words[12])
    assert clipped < plain / 5


def test_without_the_far_row_clipping_changes_nothing() -> None:
    x = np.linspace(-1, 1, 16, dtype=np.float32)[:, None]
    losses = [
        start.descend(x, x, rate=0.01, clip=clip, epochs=5)[0] for clip in (None, 1e6)
    ]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def test_what_diverges_ends_infinite() -> None:
    x = np.linspace(-1, 1, 16, dtype=np.float32)[:, None]
    losses, _ = start.descend(x, 1e6 * x, rate=100.0, clip=None, epochs=30)
    assert len(losses) < 30
    assert not np.isfinite(losses[-1])
