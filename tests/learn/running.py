"""Runs the course's notebooks without a browser."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pronghorn.learn
from pronghorn import accel

NOTEBOOKS = Path(pronghorn.learn.__file__).parent / "notebooks"


@contextmanager
def as_learner() -> Iterator[None]:
    """A course's folder of its own, and `tensorflow` free again afterwards."""
    before = os.environ.get("PRONGHORN_COURSE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PRONGHORN_COURSE"] = folder
        try:
            yield
        finally:
            accel.uninstall()
            if before is None:
                del os.environ["PRONGHORN_COURSE"]
            else:
                os.environ["PRONGHORN_COURSE"] = before


@functools.lru_cache(maxsize=1)
def names_of(notebook: str) -> dict[str, Any]:
    """All names that a notebook defines, from running it top to bottom.

    Names that only one cell knows are among them: an answer stands in such a cell.
    """
    path = NOTEBOOKS / notebook
    spec = importlib.util.spec_from_file_location(f"course_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        with as_learner():
            _, names = module.app.run()
    finally:
        del sys.modules[spec.name]
    return dict(names)
