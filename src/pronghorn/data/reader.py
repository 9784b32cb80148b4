"""CSV and Parquet files into a `RawTable`, through DuckDB.

Every value is looked at as text first: only the whole column tells whether it holds
numbers, and how it spells that a value is missing.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.broken import check_kind, diagnose, is_gzip, open_text
from pronghorn.data.raw import NumberColumn, RawColumn, RawTable, text_column
from pronghorn.data.sql import (
    EVERY_COLUMN,
    MISSING_SPELLINGS,
    Codes,
    clean,
    duckdb_module,
    identifier,
    literal,
    numeric_text,
)
from pronghorn.errors import DataError, closest

__all__ = [
    "EVERY_COLUMN",
    "MISSING_SPELLINGS",
    "check_codes",
    "column_names",
    "is_parquet",
    "read_table",
    "scan",
    "write_parquet",
]


def read_table(
    path: str | Path,
    *,
    missing: Codes | None = None,
    keep: Sequence[str] = (),
    as_text: Sequence[str] = (),
) -> RawTable:
    """Reads a table with one header line.

    Args:
        path: a CSV file (also with tabs or semicolons, also gzipped) or a Parquet file.
        missing: further codes that mean missing, by column name; `EVERY_COLUMN` for
            those of every column. A code that is a number stands for that number.
        keep: columns that the codes of `EVERY_COLUMN` leave alone: the target.
        as_text: columns that stay text although all their values are numbers.

    Returns:
        Columns of numbers where every value that is there is one; all others as text,
        without blanks around it.

    Raises:
        DataError: no such file, no rows, two columns of one name, a broken line.
        MissingDependencyError: DuckDB is not installed.
    """
    path = Path(path)
    source, delimiter = scan(path)
    duckdb = duckdb_module()
    # Several threads may give the rows of a large table in another order.
    connection = duckdb.connect(config={"threads": 1})
    try:
        connection.execute(f"CREATE TEMP VIEW source AS SELECT * FROM {source}")
        names = [row[0] for row in connection.execute("DESCRIBE source").fetchall()]
        check_codes(missing or {}, names, str(path))
        cleaned = [
            f"{clean(name, missing or {}, name in keep)} AS {identifier(name)}"
            for name in names
        ]
        connection.execute(
            f"CREATE TEMP TABLE t AS SELECT {', '.join(cleaned)} FROM source"
        )
        columns, rows = _columns(connection, names, as_text)
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupt" not in str(error).lower():
            raise
        raise KeyboardInterrupt from error  # DuckDB took Ctrl-C for itself
    except duckdb.Error as error:
        raise diagnose(path, delimiter) from error
    finally:
        connection.close()
    if rows == 0:
        raise DataError(f"{path} has no rows.", expected="a header line, then rows")
    return RawTable(columns, rows, str(path))


def scan(path: Path) -> tuple[str, str | None]:
    """A file's rows as they are, as SQL.

    Args:
        path: as for `read_table`.

    Returns:
        The call that reads them, and a CSV file's delimiter.

    Raises:
        DataError: no such file, or no table.
    """
    _check_file(path)
    check_kind(path)
    if is_parquet(path):
        return _parquet(path), None
    delimiter, header = _header(path)
    return _csv(path, delimiter, header), delimiter


def column_names(path: str | Path) -> list[str]:
    """The names of a table's columns; no row is read.

    Args:
        path: as for `read_table`.

    Raises:
        DataError: no such file, or no table.
    """
    path = Path(path)
    _check_file(path)
    check_kind(path)
    if not is_parquet(path):
        return _names(_header(path)[1])
    duckdb = duckdb_module()
    try:
        with duckdb.connect() as connection:
            found = connection.execute(f"DESCRIBE SELECT * FROM {_parquet(path)}")
            return [row[0] for row in found.fetchall()]
    except duckdb.Error as error:
        raise diagnose(path) from error


def write_parquet(source: Path, types: Mapping[str, str], path: Path) -> None:
    """Writes a CSV file with one header line as Parquet.

    Args:
        source: the CSV file.
        types: its columns in order, with their SQL types.
        path: where to.

    Raises:
        MissingDependencyError: DuckDB is not installed.
    """
    columns = ", ".join(f"{literal(n)}: {literal(t)}" for n, t in types.items())
    read = (
        f"read_csv({literal(str(source))}, auto_detect=false, header=true, "
        f"delim=',', quote='\"', escape='\"', columns={{{columns}}})"
    )
    with duckdb_module().connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM {read}) TO {literal(str(path))} (FORMAT parquet)"
        )


def _check_file(path: Path) -> None:
    if path.is_file():
        return
    told = f"{path} is a folder, not a file."
    raise DataError(
        told if path.is_dir() else f"The file {path} does not exist.",
        expected="a CSV file (.csv, .csv.gz) or a Parquet file (.parquet)",
        remedy="check the name and the folder you are in",
    )


def is_parquet(path: Path) -> bool:
    """Whether the file starts as a Parquet file does, whatever its name."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _csv(path: Path, delimiter: str, header: Sequence[str]) -> str:
    """The call of `read_csv` with everything told, so that nothing is guessed."""
    names = _names(header)
    _check_names(names, path)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, header=true, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', columns={{{columns}}}, "
        f"compression={literal('gzip' if is_gzip(path) else 'none')})"
    )


def _header(path: Path) -> tuple[str, list[str]]:
    """The delimiter, and the header's values."""
    try:
        with open_text(path) as text:
            start = text.readline()
            if start.strip():
                delimiter = max(",;\t|", key=start.count)
                lines = [start, *text.readlines(8192)]
                return delimiter, next(csv.reader(lines, delimiter=delimiter))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise diagnose(path) from error
    raise DataError(
        f"{path} cannot be read as a table.",
        expected="UTF-8 text: a header line, then one line per row",
        received="an empty file, or an empty first line",
    )


def _names(header: Sequence[str]) -> list[str]:
    return [name.strip() or f"column{i + 1}" for i, name in enumerate(header)]


def _check_names(names: Sequence[str], path: Path) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{path} has more than one column named {name!r}.",
                expected="every column to have a name of its own",
                received=f"{names.count(name)} columns named {name!r}",
                remedy="rename one of them in the header line",
            )


def check_codes(missing: Codes, names: Sequence[str], source: str) -> None:
    """Refuses codes for columns that there are not.

    Args:
        missing: codes by column name.
        names: of the table's columns.
        source: the table, for the message.

    Raises:
        DataError: there is no such column.
    """
    for name in missing:
        if name != EVERY_COLUMN and name not in names:
            raise DataError(
                f"--missing names a column {name!r} that {source} does not have.",
                where="--missing",
                expected="one of its columns, or a code alone for all columns",
                received="columns " + ", ".join(map(repr, names)),
                remedy=closest(name, names),
            )


def _columns(
    connection: Any, names: Sequence[str], as_text: Sequence[str]
) -> tuple[dict[str, RawColumn], int]:
    """Numbers where all values are numbers and none is a code such as 007."""
    counts = ["count(*)"]
    for name in names:
        column = identifier(name)
        counts.append(f"count({column})")
        counts.append(f"count(*) FILTER ({numeric_text(column)})")
    rows, *found = connection.execute(f"SELECT {', '.join(counts)} FROM t").fetchone()
    columns: dict[str, RawColumn] = {}
    for name, present, numbers in zip(names, found[::2], found[1::2], strict=True):
        is_number = present > 0 and present == numbers and name not in as_text
        columns[name] = (_numbers if is_number else _texts)(connection, name)
    return columns, rows


def _numbers(connection: Any, name: str) -> RawColumn:
    query = f"SELECT CAST({identifier(name)} AS DOUBLE) AS v FROM t"
    values = connection.execute(query).fetchnumpy()["v"]
    return NumberColumn(name, np.ma.filled(values, np.nan).astype(np.float64))


def _texts(connection: Any, name: str) -> RawColumn:
    query = f"SELECT {identifier(name)} AS v FROM t"
    values = connection.execute(query).fetchnumpy()["v"]
    texts = np.array(np.ma.getdata(values), dtype=object)
    texts[np.ma.getmaskarray(values)] = None
    return text_column(name, texts.tolist())
