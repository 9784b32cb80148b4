"""Run by Keras's interpreter: open files that Pronghorn wrote, and train on.

    python -m tests.conformance.reopen FOLDER

For each `NAME.keras` there it writes what `files.goes_on` gives to `reopened.npz`; for
those of `hashing`, what that module's functions read of them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

from tests.conformance import record, store
from tests.conformance.cases import files, hashing


def main(folder: Path) -> None:
    """Open every file of the folder."""
    import keras

    record.quick()
    paths = sorted(folder.glob("*.keras"))
    own = {hashing.SPACE.stem: hashing.opened, hashing.NET.stem: hashing.net_opened}
    results = {
        path.stem: own.get(path.stem, files.goes_on)(keras, path) for path in paths
    }
    store.save(folder, "reopened", results)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
