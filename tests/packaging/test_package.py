"""What an installed Pronghorn says of itself, and how little it loads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pronghorn

from . import import_time

# Standard modules that are slow to load, and packages that belong to extras.
NOT_LOADED = {
    *("h5py", "pandas", "polars", "pyarrow", "duckdb", "scipy", "sklearn"),
    *("typer", "click", "rich", "keras", "tensorflow", "joblib"),
    *("asyncio", "multiprocessing", "sqlite3", "http", "unittest", "email"),
}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules in a fresh interpreter after `statement`."""
    code = f"{statement}; import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_the_version_is_the_metadata_s() -> None:
    assert pronghorn.__version__ == version("pronghorn") == "0.1.0"


def test_core_dependencies_are_two() -> None:
    wanted = distribution("pronghorn").requires or []
    core = [re.split(r"\W", one)[0] for one in wanted if "extra ==" not in one]
    assert sorted(core) == ["h5py", "numpy"]


def test_import_loads_numpy_and_nothing_heavier() -> None:
    before, after = loaded_by("import numpy"), loaded_by("import pronghorn")
    assert "numpy" in after
    assert (after - before) & NOT_LOADED == set()


def test_the_reader_of_modules_sees_what_is_loaded() -> None:
    assert "sqlite3" in loaded_by("import sqlite3")


def test_types_are_promised() -> None:
    assert (Path(pronghorn.__file__).parent / "py.typed").exists()


def test_import_times_are_compared() -> None:
    quick, slow = import_time.medians(("pass", "import time; time.sleep(0.2)"), runs=3)
    assert slow - quick > 0.1
