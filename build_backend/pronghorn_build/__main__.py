"""`python -m pronghorn_build`: build the engine in place, into src/, incrementally."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pronghorn_build.configure import cmake_defines

BUILD = Path("build/dev")


def main() -> int:
    """Configure once, build what has changed; returns the exit status."""
    defines = {**cmake_defines(), "PRONGHORN_IN_PLACE": "ON"}
    words = [f"-D{name}={value}" for name, value in defines.items()]
    configure = ["cmake", "-S", ".", "-B", str(BUILD), "-G", "Ninja", *words]
    build = ["cmake", "--build", str(BUILD)]
    for command in (configure, build):
        done = subprocess.run(command, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
