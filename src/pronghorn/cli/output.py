"""Predictions into a file: CSV or Parquet, never over what they were made from."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pronghorn.data.reader import write_parquet
from pronghorn.data.schema import Schema
from pronghorn.errors import ArgumentError, DataError

__all__ = ["as_csv", "check_predictions", "write_predictions"]

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".txt", "")
"""What a file of predictions may end in; all but .parquet hold CSV."""


def check_predictions(path: Path, inputs: Sequence[Path]) -> None:
    """Refuses a file that should not, or could not, be written.

    Args:
        path: where the predictions are to go.
        inputs: the model's file and the table's.

    Raises:
        ArgumentError: another suffix, one of the inputs, or no such folder.
    """
    for given in inputs:
        if path.exists() and given.exists() and path.samefile(given):
            raise ArgumentError(
                f"The predictions would overwrite {given}, which they are made from.",
                where="--out",
                expected="a file of its own for the predictions",
                received=str(path),
                remedy=f"for instance -o {_free_name(path)}",
            )
    if _suffix(path) not in SUFFIXES:
        raise ArgumentError(
            "Predictions are written as CSV or as Parquet.",
            where="--out",
            expected="a file that ends in .csv, .csv.gz or .parquet",
            received=str(path),
            remedy=f"for instance -o {path.with_suffix('.csv')}",
        )
    if path.is_dir() or not path.parent.is_dir():
        problem = "it is a folder" if path.is_dir() else f"no folder {path.parent}"
        raise ArgumentError(
            f"{path} cannot be written: {problem}.",
            where="--out",
            expected="the name of a file in a folder that is there",
            received=str(path),
            remedy="choose a folder that is there and that you may write to",
        )


def as_csv(schema: Schema, predicted: np.ndarray) -> str:
    """The predictions as CSV: one column, named as the target."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([schema.target.name])
    if schema.target.task == "classification":
        writer.writerows([label] for label in predicted.tolist())
    else:
        writer.writerows([format(value, ".7g")] for value in predicted.tolist())
    return file.getvalue()


def write_predictions(path: Path, schema: Schema, predicted: np.ndarray) -> None:
    """Writes the file in the format that its name tells.

    Raises:
        DataError: it cannot be written.
    """
    data = as_csv(schema, predicted).encode()
    try:
        if _suffix(path) == ".parquet":
            number = schema.target.task == "regression"
            _write_parquet(path, schema.target.name, data, number)
        else:
            packed = _suffix(path) == ".csv.gz"
            path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror}.",
            where="--out",
            remedy="choose a folder that is there and that you may write to",
        ) from error


def _write_parquet(path: Path, name: str, data: bytes, number: bool) -> None:
    path.open("ab").close()  # an OSError where nothing can be written
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "predictions.csv"
        source.write_bytes(data)
        write_parquet(source, {name: "DOUBLE" if number else "VARCHAR"}, path)


def _suffix(path: Path) -> str:
    """The last suffix, or .csv.gz.

    >>> _suffix(Path("a.b.csv.gz")), _suffix(Path("a.csv")), _suffix(Path("a.gz"))
    ('.csv.gz', '.csv', '.gz')
    """
    name = path.name.lower()
    return ".csv.gz" if name.endswith(".csv.gz") else path.suffix.lower()


def _free_name(path: Path) -> str:
    stem = path.name.split(".")[0]
    return str(path.with_name(f"{stem}-predictions.csv"))
