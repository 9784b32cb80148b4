"""A lesson's table: the real one where it can be had, else one that is always there.

found = table("red-wine", instead="sklearn/diabetes")
found.frame, found.note
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pronghorn.datasets import load
from pronghorn.errors import ArgumentError, PronghornError

__all__ = ["Table", "numbers_of", "read_own", "table"]

FEWEST = 20  # rows to train on

Made = Callable[[], Any]


@dataclass(frozen=True)
class Table:
    """A table and where it is from.

    Attributes:
        frame: a pandas DataFrame.
        name: the set's name, as `pronghorn.datasets.load` knows it, or `made`.
        note: one sentence for the page: which table it shows, and why.
        wanted: whether it is the one that the lesson speaks of.
    """

    frame: Any
    name: str
    note: str
    wanted: bool


def table(name: str, *, instead: str | Made) -> Table:
    """The table `name`, or where it cannot be had, another.

    Args:
        name: as `pronghorn.datasets.load` knows it.
        instead: a set that is always there (inside scikit-learn), or a function that
            makes a table; its docstring's first line says what it makes.

    Raises:
        ArgumentError: if neither is to be had.
    """
    try:
        frame = load(name)
    except PronghornError as error:
        why = str(error).splitlines()[0]
    else:
        return Table(frame, name, f"The table is {name!r}: {len(frame):,} rows.", True)
    missing = f"The table {name!r} is not on this machine ({why})."
    if callable(instead):
        said = (instead.__doc__ or "made up").strip().splitlines()[0].rstrip(".")
        return Table(
            instead(), "made", f"{missing} In its place: MADE UP DATA. {said}.", False
        )
    try:
        frame = load(instead)
    except PronghornError as error:
        raise ArgumentError(
            f"table: neither {name!r} nor {instead!r} is to be had",
            received=str(error).splitlines()[0],
            remedy="pip install 'pronghorn[learn]', which brings scikit-learn's tables",
        ) from error
    note = f"{missing} In its place: {instead!r}, {len(frame):,} rows."
    return Table(frame, instead, note, False)


def read_own(path: str) -> Any:
    """A learner's own CSV file, or a sentence about what is wrong with it.

    Semicolons between the columns are understood (then decimals have commas, as
    spreadsheets write both), and so is text that is not UTF-8.

    Args:
        path: of the file; `~` is the user's folder, quotes around it do not matter.

    Returns:
        A pandas DataFrame.

    Raises:
        ArgumentError: if there is no such file, or no table in it.
    """
    pandas = import_module("pandas")
    file = Path(path.strip().strip("\"'")).expanduser()
    if not file.is_file():
        raise ArgumentError(
            f"There is no file {str(file)!r}.",
            received="a folder" if file.is_dir() else f"looked in {Path.cwd()}",
            remedy="give the whole path, such as '~/tables/houses.csv'",
        )
    encoding = "utf-8-sig"
    try:
        head = file.read_bytes()[:65536]
        head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not a letter that was cut in two
            encoding = "cp1252"
    first = head.decode(encoding, errors="replace").partition("\n")[0]
    german = first.count(";") > first.count(",")
    try:
        return pandas.read_csv(
            file,
            encoding=encoding,
            sep=";" if german else ",",
            decimal="," if german else ".",
            skipinitialspace=True,
        )
    except (ValueError, pandas.errors.ParserError) as error:
        raise ArgumentError(
            f"{file.name} could not be read as a table.",
            expected="a CSV file: one line of names, then one line for each row",
            received="an empty file" if not head.strip() else str(error).strip(),
            remedy="open it in a spreadsheet and save it as CSV (UTF-8)",
        ) from error


def numbers_of(frame: Any, target: str) -> tuple[Any, Any, list[str]]:
    """Inputs and target: the columns of numbers, in rows without holes.

    Args:
        frame: a pandas DataFrame.
        target: the column to predict.

    Returns:
        The inputs, a DataFrame; the target, a Series; names of columns left out, which
        have text, or nothing.

    Raises:
        ArgumentError: if the target is none, or too little is left.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"x": range(30), "y": range(30), "name": ["a"] * 30})
    >>> x, y, left_out = numbers_of(frame, "y")
    >>> list(x), left_out
    (['x'], ['name'])
    """
    columns = ", ".join(map(str, frame.columns))
    if target not in frame.columns:
        raise ArgumentError(
            f"There is no column {target!r}.", expected=f"one of: {columns}"
        )
    numbers = frame.select_dtypes("number").dropna(axis="columns", how="all")
    if target not in numbers.columns:
        example = frame[target].dropna().head(1).tolist()
        raise ArgumentError(
            f"{target!r} is no column of numbers.",
            received=f"{example[0]!r}, for instance" if example else "empty cells",
            remedy="take another target; classes are lesson 6, text is lesson 8",
        )
    if numbers.shape[1] < 2:
        raise ArgumentError(
            f"There is no other column of numbers beside {target!r}.",
            received=f"the columns {columns}",
            remedy="columns of text are lesson 8",
        )
    whole = numbers.dropna()
    if len(whole) < FEWEST:
        holes = numbers.isna().sum().sort_values(ascending=False)
        raise ArgumentError(
            f"Fewer than {FEWEST} rows without holes are left: {len(whole)}.",
            received=f"{len(frame)} rows; most holes are in {holes.index[0]!r}, "
            f"{holes.iloc[0]}"
            if holes.iloc[0]
            else f"{len(frame)} rows",
            remedy="a larger table, or one without that column; lesson 8 fills holes",
        )
    left_out = [str(name) for name in frame.columns if name not in numbers.columns]
    return whole.drop(columns=target), whole[target], left_out
