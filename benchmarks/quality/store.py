"""The rows measured so far: a file of JSON lines, to which rows are added at once.

A later line for the same set, seed, learner, version and machine replaces an earlier
one, so nothing that was written is lost by a run that is interrupted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
PATH = FOLDER / "rows.jsonl"
KEY = ("set", "seed", "learner", "version", "machine")
Row = dict[str, Any]


def key(row: Row) -> tuple[Any, ...]:
    """What a row is of."""
    return tuple(row[name] for name in KEY)


def load(path: Path = PATH) -> list[Row]:
    """The rows, the last one of each key.

    A last line that was cut short, by a machine that stopped, is left out.

    Raises:
        ValueError: another line is no JSON.
    """
    if not path.exists():
        return []
    found: dict[tuple[Any, ...], Row] = {}
    lines = path.read_text().split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            row = json.loads(line)
        except ValueError:
            if number == len(lines):
                continue
            raise ValueError(f"{path.name}, line {number} is no JSON") from None
        found.pop(key(row), None)
        found[key(row)] = row
    return list(found.values())


def add(row: Row, path: Path = PATH) -> None:
    """Writes a row, on a line of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    if before and not before.endswith(b"\n"):
        # What a stopped machine left of a line is taken away, not built upon.
        path.write_bytes(before[: before.rfind(b"\n") + 1])
    with path.open("a") as file:
        file.write(json.dumps(_rounded(row)) + "\n")


def newest(rows: list[Row]) -> list[Row]:
    """Of rows that differ in version or machine alone, the one written last."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        found[(row["set"], row["seed"], row["learner"])] = row
    return list(found.values())


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return value
