"""The data sets of two books, loaded by an unmodified script from a loopback server."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.datasets.conftest import Server, served, server  # noqa: F401  fixtures

SCRIPT = Path(__file__).parent / "downloads" / "public_data.py"


@pytest.mark.usefixtures("installed")
def test_a_script_of_all_of_them_runs(server: Server) -> None:  # noqa: F811
    runpy.run_path(str(SCRIPT), run_name="__main__")
    assert {"mnist.npz", "imdb.npz", "reuters.npz", "boston_housing.npz"} <= set(
        server.asked
    )
