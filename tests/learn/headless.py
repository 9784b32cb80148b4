"""Runs every notebook of the course top to bottom, and prints its seconds.

    python -m tests.learn.headless [SECONDS]

Fails where one raises, or where all together take longer than SECONDS, 60 by default.
"""

from __future__ import annotations

import sys
import time

from pronghorn.learn.course import notebooks
from tests.learn.running import names_of


def main(limit: float = 60.0) -> int:
    """All of them, one after the other; returns the exit code."""
    total = 0.0
    for notebook in notebooks():
        began = time.perf_counter()
        names_of(notebook)
        took = time.perf_counter() - began
        total += took
        print(f"{took:6.2f} s  {notebook}")
    print(f"{total:6.2f} s  all {len(notebooks())} notebooks; the limit is {limit:g} s")
    return int(total > limit)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
