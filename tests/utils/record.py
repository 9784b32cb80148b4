"""Writes what real Keras draws of `summary_models.py` to summaries.json.

Run it where Keras 3.15 is installed: python -m tests.utils.record
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from .summary_models import SUMMARIES, WIDTH, drawn

if __name__ == "__main__":
    os.environ["COLUMNS"] = str(WIDTH)
    import keras

    texts = {
        name: drawn(keras, build, arguments).splitlines()
        for name, build, arguments in SUMMARIES
    }
    path = Path(__file__).with_name("summaries.json")
    content = {"keras": keras.__version__, "summaries": texts}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(texts)} summaries of Keras {keras.__version__} in {path.name}")
