"""Running something once on each instruction set, in a process of its own."""

import json
import os
import subprocess
import sys
from typing import Any


def told_on(isa: str, module: str) -> Any:
    """What the `main` of a test module prints as JSON on an instruction set."""
    done = subprocess.run(
        [sys.executable, "-c", f"from {module} import main; main()"],
        env={**os.environ, "PRONGHORN_ISA": isa},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["isa"] == isa
    return told
