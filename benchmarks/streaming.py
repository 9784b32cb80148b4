"""A table larger than memory against the same rows in memory.

    python -m benchmarks.streaming FOLDER [--rows N] [--repeats N]

Makes a Parquet file of the shape of HIGGS in FOLDER, 28 columns of float32 (11 million
rows take 1.3 GB, and the shuffled rows as much again), trains a net of 256 and 256
units for one epoch in batches of 1,024, from the file and from arrays, by turns, each
in a process of its own, and deletes what it made. Peaks are of the whole process,
imports and preparation included.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COLUMNS = 28
BATCH = 1024
TARGET = "y"


def make(path: Path, rows: int) -> None:
    """Writes the table: numbers drawn evenly, and a class that depends on some."""
    import duckdb

    names = [f"c{i}" for i in range(COLUMNS)]
    drawn = ", ".join(f"CAST(random() * 2 - 1 AS FLOAT) AS {name}" for name in names)
    rule = "c0 * c1 + c2 * c2 - c3 + 0.5 * sin(4 * c4) + 0.4 * (random() - 0.5) > 0.3"
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"COPY (SELECT CAST({rule} AS INTEGER) AS {TARGET}, * FROM "
            f"(SELECT {drawn} FROM range({rows}))) TO '{path}' (FORMAT parquet)"
        )


def net() -> Any:
    """The net that both train."""
    import pronghorn as keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Dense(256, activation="relu", input_shape=(COLUMNS,)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    return model


def stream(path: Path) -> dict[str, Any]:
    """One epoch from the file."""
    from pronghorn.tabular import TableStream

    began, worked = time.perf_counter(), time.process_time()
    with TableStream(path, TARGET, cache_dir=path.parent / "rows") as rows:
        prepared = time.perf_counter() - began
        prepared_cpu = time.process_time() - worked
        found = trained(rows.rows, rows)
        found |= {"prepared": prepared, "prepared_cpu": prepared_cpu}
        found["displacement"] = rows.displacement
    shutil.rmtree(path.parent / "rows")
    return found


def memory(path: Path) -> dict[str, Any]:
    """One epoch from arrays."""
    import duckdb
    import numpy as np

    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{path}'").fetchnumpy()
    y = found.pop(TARGET)
    x = np.empty((len(y), COLUMNS), np.float32)
    for i in range(COLUMNS):
        x[:, i] = found.pop(f"c{i}")
    return trained(len(y), x, y)


def trained(rows: int, *data: Any) -> dict[str, Any]:
    """Trains the net for an epoch, and tells how long it took."""
    model = net()
    began, worked = time.perf_counter(), time.process_time()
    history = model.fit(*data, batch_size=BATCH, epochs=1, verbose=0)
    found = {"rows": rows, "loss": history.history["loss"][0]}
    found["seconds"] = time.perf_counter() - began
    return {**found, "cpu": time.process_time() - worked}


def peak() -> float:
    """The most memory that this process had at once, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("there is no VmHWM: this benchmark runs on Linux")


def run(kind: str, path: Path) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.streaming", "--run", kind, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(kind: str, runs: list[dict[str, Any]], whole: bool = False) -> None:
    """Prints the runs of one kind: the slowest and the median rate, the peak."""
    rates = sorted(
        r["rows"] / (r["seconds"] + (r["prepared"] if whole else 0)) for r in runs
    )
    peaks = max(r["peak"] for r in runs)
    losses = ", ".join(f"{r['loss']:.5f}" for r in runs)
    shown = (rates[0], statistics.median(rates), rates[-1])
    told = " ".join(f"{rate:10,.0f}" for rate in shown)
    print(f"{kind:32} {told} {peaks:9,.0f}   {losses}")


def main() -> None:
    """Runs it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--rows", type=int, default=11_000_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--run", choices=("stream", "memory"))
    chosen = options.parse_args()
    if chosen.run:
        found = {"stream": stream, "memory": memory}[chosen.run](chosen.folder)
        print(json.dumps({**found, "peak": peak()}))
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "table.parquet"
        make(path, chosen.rows)
        print(f"{chosen.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB of Parquet")
        runs: dict[str, list[dict[str, Any]]] = {"stream": [], "memory": []}
        for _ in range(chosen.repeats):
            for kind, found in runs.items():
                found.append(run(kind, path))
                print(f"  {kind}: {found[-1]}", flush=True)
    print(
        f"{'rows/s':32} {'slowest':>10} {'median':>10} {'fastest':>10} {'peak MB':>9}"
    )
    show("in memory, the epoch", runs["memory"])
    show("streamed, the epoch", runs["stream"])
    show("streamed, with the preparation", runs["stream"], whole=True)
    for name, key in (("time", "seconds"), ("time of processors", "cpu")):
        pairs = zip(runs["stream"], runs["memory"], strict=True)
        ratio = statistics.median(s[key] / m[key] for s, m in pairs)
        print(f"{name} of a streamed epoch, in memory 1: median {ratio:.2f}")


if __name__ == "__main__":
    main()
