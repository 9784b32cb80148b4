"""Commands in a lesson, as a terminal shows them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pronghorn.errors import ArgumentError

__all__ = ["terminal"]

_PROGRAM = """
import os, sys
from pronghorn.cli import main
os.chdir(sys.argv[1])
for line in sys.argv[2:]:
    print("$", line, flush=True)
    main(line.split()[1:])
"""


def terminal(*lines: str, folder: Path) -> str:
    """What `pronghorn` commands print, run one after the other in one new process.

    Args:
        *lines: such as `pronghorn show titanic.keras`; no word has a space in it.
        folder: where they run.

    Raises:
        ArgumentError: if a line is another command.
    """
    for line in lines:
        if line.split()[:1] != ["pronghorn"]:
            raise ArgumentError(
                "terminal: a command", expected="pronghorn ...", received=repr(line)
            )
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder), *lines],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
