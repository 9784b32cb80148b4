"""A table on the disk, read by DuckDB in numbered rows: never the whole of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.broken import diagnose
from pronghorn.data.files import Files
from pronghorn.data.raw import (
    DateColumn,
    NumberColumn,
    RawColumn,
    RawTable,
    TextColumn,
    text_column,
)
from pronghorn.data.reader import check_codes, scan
from pronghorn.data.sql import (
    EVERY_COLUMN,
    HASH,
    ROW,
    Codes,
    clean,
    duckdb_module,
    identifier,
    interruptible,
    is_number,
    literal,
)
from pronghorn.errors import DataError

__all__ = ["Chunk", "Scan", "open_scan", "row_count"]

UNSEEN = "\0unseen"
"""What stands for a text that is none of a column's categories."""

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE")
_DATES = {"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
_DATES |= {"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
_OWN_NAMES = ("file_row_number", "filename", ROW.strip('"'), HASH.strip('"'))
_CHUNK_BYTES, _FEWEST_ROWS, _MOST_ROWS = 32 << 20, 1024, 1 << 18


@dataclass(frozen=True)
class Chunk:
    """Rows that follow one another.

    Attributes:
        number: of the chunk, from 0.
        first: the number of its first row.
        table: the rows.
    """

    number: int
    first: int
    table: RawTable


class Scan:
    """Rows of Parquet files, numbered from 0 through all of them.

    Args:
        connection: to DuckDB, with its memory limited.
        paths: the files.
        values: by a column's name SQL of its value: a number, days since 1970, or text;
            NULL is missing.
        numbers, dates: the columns that hold numbers, and those that hold days.
        source: what errors call the table.

    Attributes:
        dates, numbers, source, values: see above.
        rows: how many there are.
    """

    def __init__(
        self,
        connection: Any,
        paths: Sequence[Path],
        values: Mapping[str, str],
        numbers: Sequence[str],
        dates: Sequence[str],
        source: str,
    ) -> None:
        self.values = dict(values)
        self.numbers = set(numbers)
        self.dates = frozenset(dates)
        # Where NaN alone is missing, it may come as it is.
        self._plain = {n: identifier(n) for n in numbers if " IN (" not in values[n]}
        self.source = source
        self._connection = connection
        self._paths = list(paths)
        self._counts = _row_counts(connection, paths)
        self.rows = sum(self._counts)
        self._kinds: dict[str, tuple[str, ...]] = {}  # enumerated texts

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What DuckDB answers to a query."""
        with interruptible():
            found: list[tuple[Any, ...]] = self._connection.execute(query).fetchall()
        return found

    def all_rows(self, names: Sequence[str]) -> str:
        """SQL: these columns of every row, beside its number as `ROW`."""
        firsts = np.cumsum([0, *self._counts[:-1]]).tolist()
        columns = [f"{self.values[n]} AS {identifier(n)}" for n in names]
        listed = ", ".join(literal(str(p)) for p in self._paths)
        read = f"read_parquet([{listed}], union_by_name=true, file_row_number=true"
        if len(self._paths) == 1:
            chosen = ", ".join([f"file_row_number AS {ROW}", *columns])
            return f"SELECT {chosen} FROM {read})"
        pairs = zip(self._paths, firsts, strict=True)
        starts = ", ".join(f"({literal(str(p))}, {first})" for p, first in pairs)
        chosen = ", ".join([f"begun + file_row_number AS {ROW}", *columns])
        return (
            f"SELECT {chosen} FROM {read}, filename=true) AS source JOIN "
            f"(VALUES {starts}) AS files(path, begun) ON source.filename = files.path"
        )

    def take_as_number(self, name: str) -> None:
        """From now on, a column of texts that all are numbers is one of numbers."""
        self.values[name] = f"TRY_CAST({self.values[name]} AS DOUBLE)"
        self.numbers.add(name)

    def take_as_text(self, name: str) -> None:
        """From now on, a column of whole numbers is one of their texts."""
        value = self.values[name]
        whole = f"CAST(CAST({value} AS BIGINT) AS VARCHAR)"
        self.values[name] = f"CASE WHEN {value} = floor({value}) THEN {whole} END"
        self.numbers.discard(name)

    def enumerate_texts(self, name: str, levels: Sequence[str]) -> None:
        """From now on, chunks hold a column's texts as places among these levels."""
        kind = identifier(f"levels of {name}")
        execute = self._connection.execute
        execute(f"DROP TYPE IF EXISTS {kind}")
        execute("CREATE OR REPLACE TEMP TABLE levels (place INTEGER, level VARCHAR)")
        execute(
            "INSERT INTO levels SELECT unnest(range(len(?))), unnest(?)",
            [list(levels), list(levels)],
        )
        execute(f"CREATE TYPE {kind} AS ENUM (SELECT level FROM levels ORDER BY place)")
        self._kinds[name] = tuple(levels)

    def chunk_count(self, names: Sequence[str]) -> int:
        """How many chunks these columns come in."""
        size = _chunk_rows(len(names))
        return sum(-(-count // size) for count in self._counts)

    def chunks(self, names: Sequence[str], start: int = 0) -> Iterator[Chunk]:
        """All rows in order, some at a time.

        Args:
            names: the columns that are wanted.
            start: the first chunk that is.
        """
        size = _chunk_rows(len(names))
        first = number = 0
        for path, count in zip(self._paths, self._counts, strict=True):
            for at in range(0, count, size):
                stop = min(at + size, count)
                if number >= start:
                    yield Chunk(number, first + at, self._read(path, names, at, stop))
                number += 1
            first += count

    def ranges(
        self, names: Sequence[str], parts: int, rows: int
    ) -> Iterator[tuple[RawTable, np.ndarray]]:
        """Rows from places that lie evenly over the table, with their numbers.

        Args:
            names: the columns that are wanted.
            parts: how many places.
            rows: at most so many, of all places together.
        """
        ends = np.cumsum(self._counts)
        size = min(-(-rows // parts), -(-self.rows // parts))
        for start in np.linspace(0, self.rows - size, parts).astype(np.int64).tolist():
            file = int(np.searchsorted(ends, start, side="right"))
            at = start - int(ends[file]) + self._counts[file]
            stop = min(at + size, self._counts[file])
            table = self._read(self._paths[file], names, at, stop)
            yield table, start + np.arange(table.rows)

    def _read(self, path: Path, names: Sequence[str], at: int, stop: int) -> RawTable:
        wanted = [f"{self._fetched(n)} AS c{i}" for i, n in enumerate(names)]
        wanted.append("file_row_number AS place")
        query = (
            f"SELECT {', '.join(wanted)} FROM "
            f"read_parquet({literal(str(path))}, file_row_number=true) "
            f"WHERE file_row_number >= {at} AND file_row_number < {stop}"
        )
        with interruptible():
            arrays = self._connection.execute(query).fetchnumpy()
        places = np.ma.getdata(arrays["place"])
        if (np.diff(places) <= 0).any():  # several threads may give it in pieces
            order = np.argsort(places)
            arrays = {name: array[order] for name, array in arrays.items()}
        columns = {n: self._column(n, arrays[f"c{i}"]) for i, n in enumerate(names)}
        return RawTable(columns, stop - at, self.source)

    def _fetched(self, name: str) -> str:
        value = self.values[name]
        if name in self.numbers:
            return f"CAST({self._plain.get(name, value)} AS DOUBLE)"
        if name in self._kinds:
            kind = identifier(f"levels of {name}")
            code = f"CAST(enum_code(TRY_CAST({value} AS {kind})) AS INTEGER)"
            unseen = len(self._kinds[name])
            return (
                f"CASE WHEN {value} IS NULL THEN -1 ELSE coalesce({code}, {unseen}) END"
            )
        return value

    def _column(self, name: str, values: np.ndarray) -> RawColumn:
        if name in self.numbers:
            filled = np.ma.filled(values, np.nan)
            return NumberColumn(name, np.asarray(filled, np.float64))
        if name in self.dates:
            days = np.ma.filled(values.astype(np.float64), np.nan)
            return DateColumn(name, np.asarray(days))
        if name in self._kinds:
            levels = (*self._kinds[name], UNSEEN)
            return TextColumn(name, np.asarray(values, np.int32), levels)
        texts = np.array(np.ma.getdata(values), dtype=object)
        texts[np.ma.getmaskarray(values)] = None
        return text_column(name, texts.tolist())


def _chunk_rows(columns: int) -> int:
    return min(max(_CHUNK_BYTES // (8 * max(columns, 1)), _FEWEST_ROWS), _MOST_ROWS)


def _row_counts(connection: Any, paths: Sequence[Path]) -> list[int]:
    listed = ", ".join(literal(str(p)) for p in paths)
    query = f"SELECT file_name, num_rows FROM parquet_file_metadata([{listed}])"
    found = {
        str(name): int(rows) for name, rows in connection.execute(query).fetchall()
    }
    return [found[str(path)] for path in paths]


def row_count(files: Files) -> int:
    """How many rows Parquet files have, by their own word."""
    with duckdb_module().connect() as connection:
        return sum(_row_counts(connection, files.paths))


def open_scan(
    files: Files,
    folder: Path,
    *,
    missing: Codes | None = None,
    target: str | None = None,
    memory: int = 256 << 20,
) -> Scan:
    """A table's rows, ready to be read.

    CSV files are copied to Parquet once: nothing can begin in the middle of one.

    Args:
        files: what `find_files` found.
        folder: for copies, and for what DuckDB cannot keep in memory.
        missing: as for `read_table`.
        target: a column that stays text, and that codes for every column leave alone.
        memory: what DuckDB may use, in bytes.

    Raises:
        DataError: a broken file, or no rows.
        MissingDependencyError: DuckDB is not installed.
    """
    missing = missing or {}
    check_codes(missing, files.columns, files.source)
    for name in files.columns:
        if name.lower() in _OWN_NAMES:
            raise DataError(
                f"{files.source} has a column named {name!r}, a name that is needed "
                "to number the rows.",
                remedy="rename it in the files",
            )
    spilled = str(folder / "spilled")
    connection = duckdb_module().connect(
        config={"memory_limit": f"{memory >> 20}MiB", "temp_directory": spilled}
    )
    try:
        if files.parquet:
            paths = list(files.paths)
            values, numbers, dates = _typed_values(connection, files, missing, target)
        else:
            paths = _copies(connection, files, folder, missing, target)
            values = {n: identifier(n) for n in files.columns}
            numbers, dates = [], []
        found = Scan(connection, paths, values, numbers, dates, files.source)
    except BaseException:
        connection.close()
        raise
    if not found.rows:
        found.close()
        raise DataError(
            f"{files.source} has no rows.", expected="a header line, then rows"
        )
    return found


def _copies(
    connection: Any, files: Files, folder: Path, missing: Codes, target: str | None
) -> list[Path]:
    """CSV files as Parquet of cleaned text; those that are there already stay."""
    paths = []
    for number, path in enumerate(files.paths):
        copy = folder / f"source-{number:05d}.parquet"
        paths.append(copy)
        if copy.exists():
            continue
        source, delimiter = scan(path)
        cleaned = ", ".join(
            f"{clean(name, missing, name == target)} AS {identifier(name)}"
            for name in files.columns
        )
        connection.execute("SET threads = 1")  # for the order of the rows
        half = copy.with_suffix(".half")
        query = f"COPY (SELECT {cleaned} FROM {source}) TO {literal(str(half))} "
        _execute(connection, query + "(FORMAT parquet)", path, delimiter)
        connection.execute("RESET threads")
        half.replace(copy)
    return paths


def _execute(connection: Any, query: str, path: Path, delimiter: str | None) -> Any:
    duckdb = duckdb_module()
    try:
        with interruptible():
            return connection.execute(query)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.IOException as error:
        if "space" in str(error).lower():
            raise
        raise diagnose(path, delimiter) from error
    except duckdb.Error as error:
        raise diagnose(path, delimiter) from error


def _typed_values(
    connection: Any, files: Files, missing: Codes, target: str | None
) -> tuple[dict[str, str], list[str], list[str]]:
    """SQL of each column's values; which are numbers by their type, which dates."""
    listed = ", ".join(literal(str(p)) for p in files.paths)
    query = f"DESCRIBE SELECT * FROM read_parquet([{listed}], union_by_name=true)"
    described = _execute(connection, query, files.paths[0], None).fetchall()
    values, numbers, dates = {}, [], []
    coded = EVERY_COLUMN in missing
    for name, kind, *_ in described:
        plain = kind.removeprefix("U").split("(")[0]
        if plain in (*_NUMBERS, "DECIMAL") and name != target:
            numbers.append(name)
            values[name] = _number(name, missing)
        elif kind in _DATES and name != target and not (coded or name in missing):
            dates.append(name)
            values[name] = f"(epoch({identifier(name)}) / 86400)"
        else:
            values[name] = clean(name, missing, name == target)
    return values, numbers, dates


def _number(name: str, missing: Codes) -> str:
    codes = [*missing.get(name, ()), *missing.get(EVERY_COLUMN, ())]
    value = f"CAST({identifier(name)} AS DOUBLE)"
    known = [repr(float(code)) for code in codes if is_number(code)]
    test = f"isnan({value})"
    if known:
        test += f" OR {value} IN ({', '.join(known)})"
    return f"CASE WHEN {test} THEN NULL ELSE {value} END"
