"""Writes what TensorFlow with Keras does in `scenarios.py` to recorded.json.

Run it where both are installed:
KERAS_BACKEND=tensorflow python -m tests.gradient.record
"""

from __future__ import annotations

import json
from pathlib import Path

from .scenarios import SCENARIOS

if __name__ == "__main__":
    import keras
    import tensorflow

    recorded = {
        name: run(keras, tensorflow.GradientTape, tensorflow.Variable)
        for name, run in SCENARIOS.items()
    }
    versions = {"keras": keras.__version__, "tensorflow": tensorflow.__version__}
    path = Path(__file__).with_name("recorded.json")
    path.write_text(json.dumps({**versions, "runs": recorded}) + "\n")
    print(f"{len(recorded)} runs in {path.name}: {versions}")
