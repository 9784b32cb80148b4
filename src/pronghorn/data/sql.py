"""What every module that asks DuckDB needs: its connection, names and texts in SQL."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pronghorn.errors import MissingDependencyError

__all__ = [
    "EVERY_COLUMN",
    "HASH",
    "MISSING_SPELLINGS",
    "ROW",
    "Codes",
    "clean",
    "duckdb_module",
    "identifier",
    "interruptible",
    "is_number",
    "literal",
    "numeric_text",
]

MISSING_SPELLINGS = ("", "NA", "NULL", "?", "NaN", "nan", "N/A", "null")
"""What means that a value is missing, besides blanks. `None` is not among them: tables
use it as a category of its own ("no masonry veneer")."""

EVERY_COLUMN = "*"
"""The key of the codes that hold for every column."""

ROW, HASH = '"#row"', '"#hash"'
"""Columns of our own beside those of a table: a row's number, and its hash."""

Codes = Mapping[str, Sequence[str]]


def duckdb_module() -> Any:
    """DuckDB.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return importlib.import_module("duckdb")
    except ImportError as error:
        raise MissingDependencyError(
            "Files are read by DuckDB, which is not installed.",
            remedy="pip install 'pronghorn[cli]'",
        ) from error


@contextmanager
def interruptible() -> Iterator[None]:
    """A scope in which Ctrl-C is what it is elsewhere: DuckDB takes it for itself."""
    duckdb = duckdb_module()
    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupt" not in str(error).lower():
            raise
        raise KeyboardInterrupt from error


def identifier(name: str) -> str:
    """A column's name in SQL.

    >>> print(identifier("width"), identifier('12" pipe'))
    "width" "12"" pipe"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def clean(name: str, missing: Codes, kept: bool) -> str:
    """SQL: the column as text without blanks around it, NULL where it is missing.

    Args:
        name: of the column.
        missing: further codes that mean missing, by column name.
        kept: whether the codes of `EVERY_COLUMN` leave it alone.
    """
    codes = list(missing.get(name, ()))
    if not kept:
        codes += missing.get(EVERY_COLUMN, ())
    text = f"trim(CAST({identifier(name)} AS VARCHAR), ' \t\r\n')"
    spelt = ", ".join(literal(s) for s in (*MISSING_SPELLINGS, *codes))
    tests = [f"{text} IN ({spelt})"]
    numbers = [repr(float(code)) for code in codes if is_number(code)]
    if numbers:
        tests.append(f"TRY_CAST({text} AS DOUBLE) IN ({', '.join(numbers)})")
    return f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {text} END"


def numeric_text(column: str) -> str:
    """SQL: whether a text is a number, and no code such as 007.

    Args:
        column: SQL of the text.
    """
    return (
        f"TRY_CAST({column} AS DOUBLE) IS NOT NULL "
        f"AND NOT regexp_matches({column}, '^[+-]?0[0-9]|_')"
    )


def is_number(code: str) -> bool:
    """Whether a code is a finite number."""
    try:
        return math.isfinite(float(code))
    except ValueError:
        return False
