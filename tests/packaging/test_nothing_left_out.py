"""CI fails where a test was skipped for missing data, browser or Keras."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
LIVE = """

def pytest_addoption(parser):
    parser.addoption("--live", action="store_true")
"""


def run(folder: Path, reason: str, ci: str, *words: str, whole: bool = False) -> int:
    """pytest's exit status for one passing and one skipped test under our conftest."""
    (folder / "conftest.py").write_text(CONFTEST.read_text() + LIVE)
    skip = f"pytest.skip({reason!r}, allow_module_level=True)\n" if whole else ""
    (folder / "test_it.py").write_text(
        f"import pytest\n{skip}\ndef test_a():\n    pass\n\n"
        f"def test_b():\n    pytest.skip({reason!r})\n"
    )
    environment = {**os.environ, "CI": ci}
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode == 1:
        lines = done.stdout.splitlines()
        said = [one for one in lines if one.startswith("CI may not leave this out: ")]
        assert said and all("test_it.py" in one for one in said), done.stdout
    return done.returncode


DATA = "PRONGHORN_DATA names no folder of test data"
KERAS = "Keras is not installed"
BROWSER = "no browser: Playwright is not installed"


@pytest.mark.parametrize(
    ("reason", "ci", "words", "status"),
    [
        (DATA, "true", (), 1),
        (DATA, "", (), 0),
        (DATA, "true", ("-n", "2"), 1),
        (BROWSER, "true", (), 1),
        (BROWSER, "", (), 0),
        ("no optuna", "true", (), 1),
        ("no dask", "", (), 0),
        (KERAS, "true", ("--live",), 1),
        (KERAS, "true", (), 0),
        ("needs two processors", "true", ("--live",), 0),
    ],
)
def test_skips_on_ci(
    tmp_path: Path, reason: str, ci: str, words: tuple[str, ...], status: int
) -> None:
    assert run(tmp_path, reason, ci, *words) == status


def test_a_whole_file_left_out(tmp_path: Path) -> None:
    assert run(tmp_path, DATA, "true", whole=True) == 1
    assert run(tmp_path, DATA, "", whole=True) == pytest.ExitCode.NO_TESTS_COLLECTED
