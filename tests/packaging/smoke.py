"""An installed wheel trains: run with its interpreter, which needs nothing else.

    python tests/packaging/smoke.py [--compiler NAME]

`--compiler zig` asserts that the engine was built by a compiler of that name.
"""

from __future__ import annotations

import argparse

import numpy as np

import pronghorn
from pronghorn import layers
from pronghorn.backends.native import _engine


def train() -> tuple[float, float]:
    """The first and the last loss of a small net on a curve, trained natively."""
    pronghorn.utils.set_random_seed(0)
    x = np.linspace(-1, 1, 256, dtype=np.float32)[:, None]
    model = pronghorn.Sequential(
        [
            layers.Input((1,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    losses = model.fit(x, x**2, epochs=40, batch_size=32, verbose=0).history["loss"]
    assert pronghorn.backend_of(model) == "native", pronghorn.backend_of(model)
    return losses[0], losses[-1]


def main() -> None:
    """Train, check, and say which compiler built the engine."""
    parser = argparse.ArgumentParser(description="Train with an installed wheel.")
    parser.add_argument("--compiler", default="", help="what its name starts with")
    wanted = parser.parse_args().compiler
    info = _engine.info()
    compiler = str(info["compiler"])
    assert compiler.startswith(wanted), f"built by {compiler!r}, expected {wanted!r}"
    first, last = train()
    assert last < first / 5, f"the loss fell from {first} to {last} only"
    print(f"built by {compiler}, loss {first:.4f} to {last:.4f}")


if __name__ == "__main__":
    main()
