"""Why a file is no table: looked at again, only after it could not be read."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pronghorn.errors import DataError

__all__ = ["check_kind", "diagnose", "is_gzip", "open_bytes", "open_text"]

ZIP, PARQUET, GZIP, HDF5 = b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\x89HDF"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
BINARY = bytes({*range(9), *range(14, 27), 28, 29, 30, 31})
EXPECTED = "a CSV file (.csv, .csv.gz) in UTF-8, or a Parquet file (.parquet)"
SHOWN = 80


def check_kind(path: Path) -> None:
    """Refuses files of other kinds by their first bytes.

    Raises:
        DataError: a model's file, a workbook or another archive, HDF5, UTF-16.
    """
    head = _head(path)
    if head.startswith(ZIP):
        raise _archive(path)
    if head.startswith(HDF5):
        raise _error(
            f"{path} is an HDF5 file, not a table.",
            remedy="save the table as CSV or Parquet",
        )
    if head.startswith(UTF16):
        raise _not_utf8(path, "text in UTF-16")


def diagnose(path: Path, delimiter: str | None = None) -> DataError:
    """The error that tells why a file cannot be read as a table."""
    if _head(path).startswith(PARQUET):
        return _damaged(path, "Parquet")
    try:
        with open_bytes(path) as file:
            found = _bad_text(path, file)
        if found is None and delimiter is not None:
            with open_text(path) as text:
                found = _bad_line(path, text, delimiter)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return _damaged(path, "gzip")
    return found or _error(
        f"{path} cannot be read as a table.",
        remedy="check that it has a header line, then one line per row",
    )


def is_gzip(path: Path) -> bool:
    """Whether the file starts as a gzip file does, whatever its name."""
    return _head(path).startswith(GZIP)


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it is a gzip file."""
    if is_gzip(path):
        return io.BufferedReader(gzip.open(path))
    return path.open("rb")


def open_text(path: Path) -> IO[str]:
    """The file's text, its line ends as they are."""
    return io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline="")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _bad_text(path: Path, file: IO[bytes]) -> DataError | None:
    """The error for the first line that is no UTF-8 text."""
    for number, line in enumerate(file, 1):
        if line.translate(None, BINARY) != line:
            return _error(
                f"{path} is not a text file, and no Parquet file either.",
                received=f"binary data in line {number}",
                remedy="save the table as CSV or Parquet",
            )
        try:
            line.decode()
        except UnicodeDecodeError:
            return _not_utf8(path, f"line {number} is {line.strip()[:SHOWN]!r}")
    return None


def _bad_line(path: Path, text: IO[str], delimiter: str) -> DataError | None:
    """The error for the first row with another number of values than the header."""
    wanted = 0
    try:
        for start, row in _rows(csv.reader(text, delimiter=delimiter, strict=True)):
            wanted = wanted or len(row)
            if len(row) != wanted:
                return _ragged(path, start, delimiter.join(row), len(row), wanted)
    except csv.Error:
        return _bad_quote(path)
    return None


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its first line."""
    start = 1
    for row in reader:
        if row:
            yield start, row
        start = reader.line_num + 1


def _bad_quote(path: Path) -> DataError:
    """The error for quotes that do not close, or stand within a value."""
    with open_bytes(path) as file:
        quoted = False
        start = 0
        for number, line in enumerate(file, 1):
            odd = line.count(b'"') % 2 == 1
            start = number if odd and not quoted else start
            quoted = quoted != odd
    where = f"line {start}" if quoted else None
    return _error(
        f"{path} has quotes that do not match.",
        where=where,
        expected='values in quotes end with a quote; one inside is written twice: ""',
        remedy="mend that line",
    )


def _ragged(path: Path, line: int, text: str, came: int, wanted: int) -> DataError:
    many = "1 value" if came == 1 else f"{came} values"
    return _error(
        f"{path} has {many} in line {line}, where the header has {wanted}.",
        where=f"line {line}",
        expected="as many values in each line as in the header",
        received=text[:SHOWN] + ("..." if len(text) > SHOWN else ""),
        remedy="mend that line; a value that holds the delimiter must stand in quotes",
    )


def _archive(path: Path) -> DataError:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        names = set()
    if "config.json" in names or path.suffix == ".keras":
        return _error(
            f"{path} is a model's file, not a table.",
            remedy="swap the arguments: the model first, then the table",
        )
    kind = "a workbook" if "xl/workbook.xml" in names else "a zip archive"
    what = "save the sheet as CSV (UTF-8)" if kind == "a workbook" else "unpack it"
    return _error(f"{path} is {kind}, not a table.", remedy=what)


def _damaged(path: Path, kind: str) -> DataError:
    return _error(
        f"{path} is a damaged {kind} file, or only a part of one.",
        received=f"{path.stat().st_size:,} bytes that start as a {kind} file does",
        remedy="copy or download the file again",
    )


def _not_utf8(path: Path, received: str) -> DataError:
    return _error(
        f"{path} is not UTF-8 text.",
        received=received,
        remedy="save it as UTF-8, in a spreadsheet or an editor, or by iconv",
    )


def _error(
    message: str,
    *,
    where: str | None = None,
    expected: str = EXPECTED,
    received: str | None = None,
    remedy: str,
) -> DataError:
    return DataError(
        message, where=where, expected=expected, received=received, remedy=remedy
    )
