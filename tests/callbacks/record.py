"""Writes what real Keras does in `scenarios.py` to recorded.json.

Run it where Keras 3.15 is installed: python -m tests.callbacks.record
"""

from __future__ import annotations

import json
from pathlib import Path

from .scenarios import SCENARIOS, outcome

if __name__ == "__main__":
    import keras

    recorded = {
        name: outcome(keras.callbacks, kind, arguments, logs)
        for name, kind, arguments, logs in SCENARIOS
    }
    path = Path(__file__).with_name("recorded.json")
    text = json.dumps({"keras": keras.__version__, "runs": recorded}, indent=1)
    path.write_text(text + "\n")
    print(f"{len(recorded)} runs of Keras {keras.__version__} in {path.name}")
