"""Times Pronghorn beside Keras: `make bench`.

Rounds are interleaved, so that a slow moment of the machine meets all alike; medians
and minima are written to `benchmarks/results/first.md`.
"""

import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = int(os.environ.get("ROUNDS", "5"))
HERE = Path(__file__).parent
LIBRARIES = ("pronghorn", "keras-tensorflow")
Measure = dict[str, float]


def whole_process(command: list[str]) -> Measure:
    """Seconds and peak MiB of a command, from start to exit."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    child.returncode = 0
    return {"s": time.perf_counter() - start, "MiB": usage.ru_maxrss / 1024}


def inside(command: list[str]) -> Measure:
    """The number that a command prints: microseconds per step."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"us/step": float(done.stdout.split()[-1])}


def work(library: str, workload: str) -> list[str]:
    """The command for a piece of work."""
    return [sys.executable, str(HERE / "work.py"), library, workload]


def interleaved(
    measure: Callable[[list[str]], Measure], commands: dict[str, list[str]]
) -> dict[str, list[Measure]]:
    """Each command in turn, a round of warming up first."""
    found: dict[str, list[Measure]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 1):
        for name, command in commands.items():
            result = measure(command)
            if turn:
                found[name].append(result)
    return found


def rows(title: str, found: dict[str, list[Measure]]) -> list[str]:
    """Lines of the table: minimum and median, and the ratio to the first one."""
    lines = []
    first = next(iter(found.values()))
    for name, measures in found.items():
        for unit in measures[0]:
            mine = [m[unit] for m in measures]
            base = [m[unit] for m in first]
            ratio = statistics.median(a / b for a, b in zip(mine, base, strict=True))
            low, mid = min(mine), statistics.median(mine)
            lines.append(
                f"| {title} | {name} | {low:.3g} | {mid:.3g} | {unit} | {ratio:.3g} |"
            )
    return lines


def machine() -> str:
    """What it ran on."""
    versions = [
        f"{name} {importlib.metadata.version(name)}"
        for name in ("numpy", "pronghorn", "keras", "tensorflow-cpu")
    ]
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":")[1].strip()
    cores = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{model}, {cores}; {', '.join(versions)}"


def main() -> None:
    """Runs all of it and writes the table."""
    lines = [
        "# Beside Keras",
        "",
        f"Made by `make bench`, {ROUNDS} interleaved rounds after one of warming up. "
        "Ratio: to the first library of the workload, round by round, the median.",
        "",
        f"Machine: {machine()}.",
        "",
        "| workload | library | min | median | unit | ratio |",
        "|---|---|---|---|---|---|",
    ]
    imports = {
        "numpy": [sys.executable, "-c", "import numpy"],
        "pronghorn": [sys.executable, "-c", "import pronghorn"],
        "keras-tensorflow": [sys.executable, "-c", "import keras"],
    }
    lines += rows("import, whole process", interleaved(whole_process, imports))
    whole = {name: work(name, "cereal") for name in LIBRARIES}
    title = "77 x 3, one unit, 10 epochs, predict: whole process"
    lines += rows(title, interleaved(whole_process, whole))
    steps = {name: work(name, "small") for name in LIBRARIES}
    title = "20,000 x 20, 64-64-1, batch 32: a step"
    lines += rows(title, interleaved(inside, steps))
    text = "\n".join(lines) + "\n"
    (HERE / "results" / "first.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
