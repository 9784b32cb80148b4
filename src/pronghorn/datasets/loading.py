"""Loading a public table by its name: from a folder, from the cache, from its home."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import io
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pronghorn.callbacks.console import print_line
from pronghorn.datasets.classes import CLASSES
from pronghorn.datasets.numbers import NUMBERS
from pronghorn.datasets.recipes import Recipe, tidy
from pronghorn.datasets.scikit import PREFIX, SCIKIT, frame
from pronghorn.datasets.table import Home, Table
from pronghorn.errors import (
    DownloadError,
    FileFormatError,
    MissingDependencyError,
    UnknownNameError,
    closest,
)
from pronghorn.utils.files import cache_folder, get_file

__all__ = ["describe", "load", "names"]

FOLDER = "PRONGHORN_DATA"
TABLES: dict[str, Table] = {
    table.name: table
    for table in (*sorted((*NUMBERS, *CLASSES), key=lambda t: t.name), *SCIKIT)
}


def names() -> list[str]:
    """What `load` knows: the public tables, then those that come with scikit-learn.

    >>> names()[:3], names()[-1]
    (['abalone', 'adult', 'ames'], 'sklearn/wine')
    """
    return list(TABLES)


def describe(name: str) -> Table:
    """What is known of a table, without loading it.

    Args:
        name: one of `names()`.

    Returns:
        Its rows, columns, target, task, how missing values are spelt, which columns
        to leave out of a model, its source and licence. As text it is a few lines.

    Raises:
        UnknownNameError: there is no such table.

    Example:

    >>> print(describe("cereal"))
    cereal: 77 rows, 16 columns
    target: rating (regression)
    missing: no value
    coded: -1 in carbo (1), sugars (1) and potass (2)
    identifiers: name
    note: calories from sugars is an exercise too
    source: Kaggle "80 Cereals", from StatLib
    licence: none stated
    published: aryaagohad/Arya_Atul_Gohad-Cereal_Data, commit c10f8af4
    changed: the columns category and value have their names type and rating back
    >>> describe("bike").giveaways
    ('casual', 'registered')
    """
    found = TABLES.get(name) if isinstance(name, str) else None
    if found is not None:
        return found
    scikit = f"{PREFIX}{name}".replace("-", "_").lower()
    raise UnknownNameError(
        "There is no such table.",
        where="datasets.load(name)",
        expected="one of datasets.names()",
        received=repr(name),
        remedy=f"did you mean {scikit}?" if scikit in TABLES else closest(name, TABLES),
    )


def load(name: str, *, download: bool = True) -> Any:
    """A public table as a pandas data frame.

    It is looked for in this order: as `NAME.csv` or `NAME.csv.gz` in the folder that
    the environment variable `PRONGHORN_DATA` names; in the cache, `datasets/tables` in
    the folder that `KERAS_HOME` names (`.keras` in the user's folder by default); at
    its public home, from which it is put into the cache. In each place its SHA-256 must
    be right. Tables named `sklearn/...` come with scikit-learn and need none of this.

    The public homes were never asked in the project's own tests: these read the same
    bytes from a server of their own.

    Args:
        name: one of `names()`.
        download: False to leave the network alone. Default True.

    Returns:
        A `pandas.DataFrame`, columns and rows in the file's order. What
        `describe(name)` calls missing is NaN; what it calls coded is left as it is.
        `attrs["source"]` says where the data are from, and `attrs["made"]` is False.

    Raises:
        UnknownNameError: there is no such table.
        MissingDependencyError: pandas is not installed; for a table of scikit-learn's
            scikit-learn.
        DownloadError: the table is in none of the places; the message says where to put
            which file.
        FileFormatError: a file is there, and is another one or broken.

    Example:

    >>> frame = load("sklearn/iris")
    >>> frame.shape, frame.attrs["made"]
    ((150, 5), False)
    """
    table = describe(name)
    pandas = _pandas(f"datasets.load({name!r})")
    if table.home is None:
        found = frame(table)
    else:
        found = pandas.read_csv(
            io.BytesIO(_content(table, table.home, download)),
            keep_default_na=False,
            na_values=list(table.missing),
            low_memory=False,
        )
    found.attrs.update(name=name, source=table.source, made=False)
    return found


def _pandas(where: str) -> Any:
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        raise MissingDependencyError(
            "Tables are data frames of pandas, which is not installed.",
            where=where,
            remedy="pip install pandas",
        ) from error


def _content(table: Table, home: Home, download: bool) -> bytes:
    """The table's bytes, from the first place that has them."""
    named = os.environ.get(FOLDER, "")
    tried = [f"no such file in {named}" if named else f"{FOLDER} is not set"]
    if named:
        for ending in ("csv", "csv.gz"):
            path = Path(named).expanduser() / f"{table.name}.{ending}"
            if path.is_file():
                return _own(path, table, home)
    cached = cache_folder() / "datasets" / "tables" / f"{table.name}.csv"
    if not cached.is_file():
        tried.append(f"there is no {cached}")
    elif _is_right(content := cached.read_bytes(), table):
        return content
    else:
        tried.append(f"{cached} is broken")
        print_line(f"{cached} is there, but its sha256 hash is wrong")
    recipe = home.recipe
    if recipe is None:
        tried.append(f"not fetched, for this cannot be redone surely: {home.changed}")
    elif not download:
        tried.append("not fetched, for download=False")
    else:
        try:
            return _fetched(table, home, recipe, cached)
        except DownloadError as error:
            tried.append(f"{error.where}: {error.received or error.message}")
    made = "; datasets.make_cereal() makes rows like these, and says so"
    raise DownloadError(
        f"The table {table.name!r} is not on this machine, and was not fetched.",
        where=f"datasets.load({table.name!r})",
        expected=f"{table.name}.csv or {table.name}.csv.gz ({table.rows} rows, "
        f"{table.columns} columns) in the folder that {FOLDER} names, or {cached}",
        received="; ".join(tried),
        remedy=f"put the file there; its home is {' and '.join(home.addresses())}"
        + (made if table.name == "cereal" else ""),
    )


def _is_right(content: bytes, table: Table) -> bool:
    return hashlib.sha256(content).hexdigest() == table.sha256


def _own(path: Path, table: Table, home: Home) -> bytes:
    """The user's file: the table, with any line ends, or what the table is made of."""
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(
            "The file cannot be read whole.",
            where=str(path),
            expected=f"the table {table.name!r}",
            received=f"{type(error).__name__}: {error}",
            remedy=f"put the whole file there, or unset {FOLDER}",
        ) from error
    content = tidy(raw)
    if _is_right(content, table):
        return content
    if home.recipe is not None and len(home.paths) == 1:
        with suppress(FileFormatError):
            made = home.recipe([raw])
            if _is_right(made, table):
                return made
    raise FileFormatError(
        "The file is not the one that was expected: incomplete, or another.",
        where=str(path),
        expected=f"{table.rows} rows of {table.columns} columns, sha256 {table.sha256}",
        received=f"sha256 {hashlib.sha256(content).hexdigest()}",
        remedy=f"take it away, or read it with pandas.read_csv; {table.name}'s home is "
        f"{' and '.join(home.addresses())}",
    )


def _fetched(table: Table, home: Home, recipe: Recipe, cached: Path) -> bytes:
    """The table from its home, which is in the cache when it is whole, not before.

    Raises:
        DownloadError: it cannot be fetched, or not be kept.
        FileFormatError: what came is not what was published.
    """
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=cached.parent) as folder:
            content = _checked(recipe(_parts(home, folder)), table, home)
            part = Path(folder, cached.name)
            part.write_bytes(content)
            os.replace(part, cached)
    except FileFormatError as error:
        error.at(f"datasets.load({table.name!r})")
        raise
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(
            "The cache cannot be written.",
            where=str(cached.parent),
            received=f"{type(error).__name__}: {error} (KERAS_HOME can name a folder "
            "that can be written)",
        ) from error
    return content


def _checked(content: bytes, table: Table, home: Home) -> bytes:
    """The same bytes, if they are the table's."""
    if _is_right(content, table):
        return content
    raise FileFormatError(
        "What was fetched is not the table that was expected: incomplete, or another.",
        where=" and ".join(home.addresses()),
        expected=f"{table.rows} rows of {table.columns} columns, sha256 {table.sha256}",
        received=f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}",
        remedy="try again; if it stays so, do not use the file",
    )


def _parts(home: Home, folder: str) -> list[bytes]:
    """The files of a home, as they are there.

    Of some commits only the first digits are known. Should the server not find one by
    them, the newest version is asked for: the hash tells whether it is the same.
    """
    try:
        return _files(home, home.commit, folder)
    except DownloadError:
        if len(home.commit) == 40:
            raise
    return _files(home, "HEAD", folder)


def _files(home: Home, commit: str, folder: str) -> list[bytes]:
    hashes: Sequence[str | None] = home.hashes or [None] * len(home.paths)
    parts: list[bytes] = []
    for origin, file_hash in zip(home.addresses(commit), hashes):
        path = get_file(
            f"part{len(parts)}",
            origin=origin,
            file_hash=file_hash,
            cache_dir=folder,
            cache_subdir="",
        )
        parts.append(Path(path).read_bytes())
    return parts
