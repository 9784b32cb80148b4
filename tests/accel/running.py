"""Scripts in processes of their own, as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE / "scripts").glob("*.py"))


def accel(
    *words: str, cwd: Path | None = None, path: Path | None = None, strict: bool = True
) -> subprocess.CompletedProcess[str]:
    """`python -m pronghorn.accel` with these words.

    Args:
        words: of the command line.
        cwd: where to start it.
        path: a folder that Python looks into for packages first.
        strict: whether warnings are errors.
    """
    folders = [str(path)] if path else []
    given = filter(None, os.environ.get("PYTHONPATH", "").split(":"))
    folders += map(os.path.abspath, given)
    environment = {**os.environ, "PYTHONPATH": ":".join(folders)}
    flags = ["-W", "error"] if strict else []
    return subprocess.run(
        [sys.executable, *flags, "-m", "pronghorn.accel", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=300,
    )


def script(folder: Path, text: str, name: str = "script.py") -> str:
    """A script's path, relative to its folder."""
    (folder / name).write_text(text, encoding="utf-8")
    return name
