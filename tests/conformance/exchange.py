"""Live models of Keras and of Pronghorn become one another, and train on as one.

    python -m tests.conformance.exchange

Run by an interpreter that has Keras; it imports both.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
if any((ROOT / "src/pronghorn/backends/native").glob("_engine*.so")):  # built in place
    sys.path.insert(0, str(ROOT / "src"))


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray], name: str) -> None:
    """Predictions and weights agree, by the norm."""
    assert one.keys() == other.keys(), name
    for key, value in one.items():
        scale = max(1.0, float(np.linalg.norm(value)))
        distance = float(np.linalg.norm(other[key] - value))
        assert distance <= 1e-5 * scale, (name, key, distance)


def main() -> None:
    """Each model of the zoo, both ways, in the middle of its training."""
    import keras

    import pronghorn
    from tests.conformance import record
    from tests.saving import zoo

    record.quick()
    assert Path(pronghorn.__file__).is_relative_to(ROOT)
    # A class or function of its own is written for one library; the other cannot know
    # it. Keras takes words as tensors only; the rest is of another backend.
    left_out = {"own_layer", "merging", "words"} | zoo.OF_JAX
    for name in sorted(set(zoo.MODELS) - left_out):
        for package, other in ((keras, pronghorn), (pronghorn, keras)):
            model, inputs, y = zoo.MODELS[name](package, np.random.default_rng(3))
            zoo.train(model, inputs, y, epochs=2)
            exchange = pronghorn.from_keras if package is keras else pronghorn.to_keras
            twin = exchange(model)
            assert isinstance(twin, other.Model), name
            same(zoo.outcome(model, inputs), zoo.outcome(twin, inputs), name)
            for net in (model, twin):
                zoo.train(net, inputs, y, epochs=3)
            same(zoo.outcome(model, inputs), zoo.outcome(twin, inputs), name)
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    assert not pronghorn.from_keras(plain).compiled
    assert not pronghorn.to_keras(pronghorn.from_keras(plain)).compiled


if __name__ == "__main__":
    main()
