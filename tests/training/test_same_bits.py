"""The same seed gives the same bits: again, and on any number of threads."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

THREADS = (1, 2, 3, 8)


def train_and_tell() -> None:
    """In a process of its own: trains, and prints what it computed and who worked."""
    import numpy as np

    import pronghorn as keras
    from pronghorn import layers
    from pronghorn.backends.native import _engine, info

    _engine.test_sharing(0.0, False)  # share all work, and let nobody help others
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1100, 40)).astype("float32")
    y = (x[:, :1] * x[:, 1:2] > 0).astype("float32")
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [
            layers.Dense(96, activation="relu", input_shape=[40]),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(64, activation="gelu", kernel_regularizer="l2"),
            layers.LayerNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "AUC"])
    history = model.fit(x, y, batch_size=256, epochs=3, validation_split=0.2, verbose=0)
    parts = [*model.get_weights(), model.predict(x, verbose=0)]
    digest = hashlib.sha256(b"".join(p.tobytes() for p in parts)).hexdigest()
    told = {
        "bits": digest,
        "history": history.history,
        "tiles": _engine.tiles_done(),
        "threads": info()["threads"],
        "backend": keras.backend_of(model),
        "finite": bool(np.isfinite(parts[-1]).all() and parts[-1].std() > 0),
    }
    print(json.dumps(told))


def told_by(threads: int) -> dict[str, Any]:
    code = "from tests.training.test_same_bits import train_and_tell as t; t()"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PRONGHORN_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert run.returncode == 0, run.stderr
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    return told_by(1)


@pytest.mark.parametrize("threads", THREADS)
def test_bits_do_not_depend_on_threads(threads: int, alone: dict[str, Any]) -> None:
    told = told_by(threads)
    assert told["backend"] == "native" and told["threads"] == threads
    assert len(told["tiles"]) == threads
    if threads > 1:
        assert all(tiles > 0 for tiles in told["tiles"]), "a worker did nothing"
    assert told["finite"]
    assert told["history"] == alone["history"]
    assert told["bits"] == alone["bits"]
    assert sorted(told["history"]) == [
        "AUC", "accuracy", "loss", "val_AUC", "val_accuracy", "val_loss",
    ]  # fmt: skip
