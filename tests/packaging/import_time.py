"""How long `import pronghorn` takes beside `import numpy`: whole processes, in turn.

    python -m tests.packaging.import_time [RUNS]

Exits with 1 where the ratio of the medians is over 1.5, three times in a row: one slow
minute of a shared machine is no slow import.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

MOST = 1.5
# Rooms are loaded when they are first used: this is what a program that trains pays.
EVERYTHING = "import pronghorn; pronghorn.Sequential, pronghorn.saving, pronghorn.utils"


def seconds(statement: str) -> float:
    """The wall time of one interpreter that runs `statement`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def medians(statements: tuple[str, ...], runs: int) -> list[float]:
    """Each statement's median over `runs` rounds, after one round to warm the disk."""
    rounds = [[seconds(one) for one in statements] for _ in range(runs + 1)]
    return [statistics.median(column) for column in zip(*rounds[1:], strict=True)]


def measured(runs: int) -> float:
    """One measurement, printed: the ratio of the medians."""
    statements = ("import numpy", "import pronghorn", EVERYTHING)
    numpy, ours, everything = medians(statements, runs)
    print(
        f"import numpy {numpy * 1e3:.0f} ms, import pronghorn {ours * 1e3:.0f} ms: "
        f"{ours / numpy:.2f} times (at most {MOST}; medians of {runs}, interleaved); "
        f"with all that a training loads {everything / numpy:.2f} times"
    )
    return ours / numpy


def main() -> int:
    """Measure, and again where the ratio is over the bar."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    return int(all(measured(runs) > MOST for _ in range(3)))


if __name__ == "__main__":
    sys.exit(main())
