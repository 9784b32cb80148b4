"""From raw rows to predictions: `python -m benchmarks.tables`.

Microseconds of one row and of 100,000, from every kind of table, through a model that
was saved and opened again; the calls take turns. Beside them stands what each is held
against: pandas' own `frame.iloc[0]`, and the net on rows that are encoded already.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

Calls = Mapping[str, Callable[[], Any]]
Times = dict[str, list[float]]

MANY = 100_000
NUMBERS, WHOLE, CATEGORIES = 25, 3, 6
FLAT, OF_ILOC = 100.0, 1.2
"""One row takes less than 100 us; from a mixed pandas row, 1.2 `iloc[0]` more."""

RATIOS = {"numeric": 2.5, "mixed": 4.0}
"""A frame of many rows takes less than this times the bare array."""


def made_table(kind: str, rows: int) -> dict[str, np.ndarray]:
    """Columns named "0", "1", ...; a mixed table has fewer numbers, texts and days."""
    draw = np.random.default_rng(0)
    mixed = kind == "mixed"
    columns: list[np.ndarray] = [
        *(draw.normal(size=rows) for _ in range(12 if mixed else NUMBERS)),
        *(draw.integers(0, 1000, rows) for _ in range(WHOLE)),
    ]
    for i in range(CATEGORIES if mixed else 0):
        levels = np.array([f"level {k}" for k in range(10 * i + 10)], object)
        columns.append(levels[draw.integers(0, len(levels), rows)])
    if mixed:
        columns.append(np.datetime64("2020-01-01") + draw.integers(0, 1000, rows))
    return {str(i): column for i, column in enumerate(columns)}


def opened(kind: str, preset: str) -> Any:
    """A model trained for an epoch: what a prediction costs does not depend on that."""
    from pronghorn.tabular import TableModel, fit

    table = made_table(kind, 2000)
    model = fit(table, table["0"] + table["1"], preset=preset, epochs=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.keras"
        model.save(path)
        return TableModel.load(path)


def one_row(model: Any, kind: str) -> Calls:
    """Predictions of one row, by what holds it."""
    import pandas
    import polars
    import pyarrow

    frame = pandas.DataFrame(made_table(kind, 1))
    series = frame.iloc[0]
    rows: dict[str, Any] = {
        "dict": series.to_dict(),
        "polars": polars.from_pandas(frame),
        "Arrow": pyarrow.Table.from_pandas(frame),
        "pandas Series": series,
        "pandas frame": frame,
    }
    if kind == "numeric":
        rows["NumPy"] = frame.to_numpy()
    bare = packed(model, frame)
    calls = {name: lambda row=row: model.predict(row) for name, row in rows.items()}
    return {
        "frame.iloc[0]": lambda: frame.iloc[0],
        "net alone": lambda: model.net.predict(bare, verbose=0),
        **calls,
    }


def many_rows(model: Any, kind: str, rows: int) -> Calls:
    """Predictions of many rows, by what holds them."""
    import pandas
    import polars
    import pyarrow

    frame = pandas.DataFrame(made_table(kind, rows))
    bare = packed(model, frame)
    tables: dict[str, Any] = {
        "pandas": frame,
        "pandas, Arrow-backed": frame.convert_dtypes(dtype_backend="pyarrow"),
        "polars": polars.from_pandas(frame),
        "Arrow": pyarrow.Table.from_pandas(frame),
    }
    if kind == "numeric":
        tables["NumPy"] = frame.to_numpy()
    calls = {name: lambda t=table: model.predict(t) for name, table in tables.items()}
    return {"net alone": lambda: model.net.predict(bare, verbose=0), **calls}


def packed(model: Any, table: Any) -> Any:
    """What the net gets, as it gets it."""
    inputs = model.encode(table).inputs
    return inputs if len(inputs) > 1 else inputs[0]


def timed(calls: Calls, seconds: float) -> Times:
    """Microseconds of each call, the calls in turn, for so long in all."""
    for call in calls.values():
        call()  # what a first call finds out is kept
    times: Times = {name: [] for name in calls}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not all(times.values()):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - start) * 1e6)
    return times


def bounds(times: Times, kind: str) -> dict[str, float]:
    """The most microseconds that each kind of single row may take."""
    mixed = FLAT + OF_ILOC * median(times["frame.iloc[0]"])
    return {
        name: mixed if kind == "mixed" and name.startswith("pandas") else FLAT
        for name in times
        if name not in ("frame.iloc[0]", "net alone")
    }


def report_rows(times: Times, most: Mapping[str, float]) -> str:
    """A Markdown table of single rows."""
    lines = ["| one row | least | median | bound |", "|---|---|---|---|"]
    for name, found in times.items():
        bound = f"{most[name]:.0f}" if name in most else ""
        lines.append(f"| {name} | {min(found):.1f} | {median(found):.1f} | {bound} |")
    return "\n".join(lines)


def report_tables(times: Times, rows: int, bound: float) -> str:
    """A Markdown table of many rows, each beside the net on what is encoded already."""
    alone = times["net alone"]
    head = f"| {rows:,} rows | least | median | of the net alone | bound |"
    lines = [head, "|---|---|---|---|---|"]
    for name, found in times.items():
        ratio = median(f / a for f, a in zip(found, alone))
        took = f"{min(found):.0f} | {median(found):.0f}"
        lines.append(f"| {name} | {took} | {ratio:.2f} | {bound} |")
    return "\n".join(lines)


def report(preset: str, seconds: float, rows: int = MANY) -> str:
    """All of it, as Markdown; times in microseconds."""
    parts = [f"Preset {preset}; microseconds."]
    for kind, bound in RATIOS.items():
        model = opened(kind, preset)
        times = timed(one_row(model, kind), seconds)
        whole = timed(many_rows(model, kind, rows), seconds)
        parts.append(f"## {kind}")
        parts.append(report_rows(times, bounds(times, kind)))
        parts.append(report_tables(whole, rows, bound))
    return "\n\n".join(parts)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="benchmarks.tables", description=__doc__)
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each part")
    given = parser.parse_args()
    print(report(given.preset, given.seconds))


if __name__ == "__main__":
    main()
