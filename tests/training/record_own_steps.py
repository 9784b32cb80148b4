"""Writes what Keras on TensorFlow does in `own_models.py` to own_steps.json.

Run it where both are installed:
KERAS_BACKEND=tensorflow python -m tests.training.record_own_steps
"""

from __future__ import annotations

import json
from pathlib import Path

from .own_models import SCENARIOS

if __name__ == "__main__":
    import keras
    import tensorflow

    tape = tensorflow.GradientTape
    recorded = {name: run(keras, tape) for name, run in SCENARIOS.items()}
    versions = {"keras": keras.__version__, "tensorflow": tensorflow.__version__}
    path = Path(__file__).with_name("own_steps.json")
    path.write_text(json.dumps({**versions, "runs": recorded}) + "\n")
    print(f"{len(recorded)} runs in {path.name}: {versions}")
