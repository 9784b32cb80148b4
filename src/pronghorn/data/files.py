"""Several files as one table, which stays on the disk."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pronghorn.data.reader import column_names, is_parquet
from pronghorn.errors import DataError, closest

__all__ = ["Files", "Paths", "find_files"]

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file, a pattern such as "data/*.parquet", or a list of these."""

_PATTERN = "*?["


@dataclass(frozen=True)
class Files:
    """Files of one kind with the same columns.

    Attributes:
        paths: in the order of their rows.
        parquet: whether they are Parquet; else CSV.
        columns: names of the columns, in the first file's order.
        source: what errors call them.
    """

    paths: tuple[Path, ...]
    parquet: bool
    columns: tuple[str, ...]
    source: str

    @property
    def nbytes(self) -> int:
        """Their size on the disk."""
        return sum(path.stat().st_size for path in self.paths)

    def versions(self) -> list[tuple[str, int, int]]:
        """Each file's path, size and time of change (ns): others for other contents."""
        found = []
        for path in self.paths:
            state = path.stat()
            found.append((str(path.resolve()), state.st_size, state.st_mtime_ns))
        return found


def find_files(given: Paths) -> Files:
    """The files of a table.

    Args:
        given: a CSV or Parquet file, a pattern, or a list of these. The files of a
            pattern are taken in the order of their names.

    Raises:
        DataError: no such file, files of both kinds, columns that differ.
        MissingDependencyError: DuckDB is not installed.
    """
    items = [given] if isinstance(given, (str, os.PathLike)) else list(given)
    paths = tuple(path for item in items for path in _matching(Path(item)))
    if not paths:
        raise DataError("No file is given.", expected="a file, a pattern, or a list")
    columns = [column_names(path) for path in paths]
    kinds = [is_parquet(path) for path in paths]
    for path, names, kind in zip(paths, columns, kinds, strict=True):
        if kind != kinds[0]:
            raise DataError(
                "Files of one table are of one kind.",
                expected="CSV files only, or Parquet files only",
                received=f"{paths[0]} and {path}",
            )
        _check_columns(paths[0], columns[0], path, names)
    source = str(items[0]) if len(items) == 1 else f"{paths[0]} and others"
    return Files(paths, kinds[0], tuple(columns[0]), source)


def _matching(path: Path) -> list[Path]:
    """The files of a path or a pattern."""
    text = str(path)
    if path.is_file() or not any(sign in text for sign in _PATTERN):
        return [path]  # where there is none, whoever reads it says so
    found = sorted(p for p in map(Path, glob.glob(text, recursive=True)) if p.is_file())
    if not found:
        near = sorted(str(p) for p in path.parent.glob("*") if p.is_file())
        raise DataError(
            f"No file matches {text}.",
            expected="CSV files (.csv, .csv.gz) or Parquet files (.parquet)",
            received="no file" if not near else "others: " + ", ".join(near[:5]),
            remedy="check the pattern and the folder you are in",
        )
    return found


def _check_columns(
    first: Path, wanted: Sequence[str], path: Path, names: Sequence[str]
) -> None:
    """All files need the first one's columns, in whatever order."""
    lost = [name for name in wanted if name not in names]
    other = [name for name in names if name not in wanted]
    if not lost and not other:
        return
    told = [f"lacks {', '.join(map(repr, lost))}"] if lost else []
    told += [f"also has {', '.join(map(repr, other))}"] if other else []
    raise DataError(
        f"{path} {' and '.join(told)}, unlike {first}.",
        where=str(path),
        expected="columns " + ", ".join(map(repr, wanted)),
        received="columns " + ", ".join(map(repr, names)),
        remedy=closest(lost[0], other)
        if lost and other
        else "mend the files, or give those only that have the same columns",
    )
