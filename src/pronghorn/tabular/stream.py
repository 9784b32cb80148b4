"""Tables larger than memory, for `fit`: shuffled on the disk, read block by block."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.buckets import (
    BucketReader,
    check_space,
    read_manifest,
)
from pronghorn.data.files import Files, Paths, find_files
from pronghorn.data.infer import check_selection
from pronghorn.data.locks import FolderLock
from pronghorn.data.raw import RawTable
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.data.scan import open_scan
from pronghorn.data.schema import Schema
from pronghorn.data.sql import Codes
from pronghorn.errors import ArgumentError, StateError
from pronghorn.tabular.host import Host
from pronghorn.tabular.stream_making import Options, Spreading
from pronghorn.tabular.stream_progress import Progress
from pronghorn.tabular.targets import Target

__all__ = ["TableStream"]

FORMAT = 2


class TableStream(RowBlocks):
    """A table in files, larger than memory, that `Model.fit` takes as x.

    The table is prepared once: its columns are counted where it lies, then its rows are
    encoded and spread over files by chance, in a folder; training reads those, one
    ahead. The shuffle is a true one: each epoch takes the files in a new order, and
    the rows of each as well. What was prepared is used again for the same files and
    options, and a preparation that was broken off goes on where it stopped.

    A batch is (x, y) or (x, y, weights). x is float32 numbers (rows, columns), NaN
    where missing; or int32 ids (rows, columns) of categories, 0 missing, 1 unseen; or
    where there are both, a dict of `numbers` and `ids`. y is int32 numbers of the
    classes, or float32 standardized: `target.decode` turns predictions back.

    Args:
        paths: a CSV or Parquet file, a pattern such as "data/*.parquet", or a list.
            CSV files are copied to Parquet first.
        target: the column to predict. Rows without one are left out.
        task: "regression" or "classification". Default: by the target's values.
        features, drop: the columns to use, or to leave out.
        missing: further codes that mean missing, by column name, "*" for every column.
        weight: the column of sample weights, which is no feature. Default none.
        validation: the part of the rows to hold out, drawn by number. Default 0.
        validation_rows: hold out no more than about so many. Default 100,000.
        seed: of what is drawn. Default 0.
        cache_dir: a folder to keep the prepared rows in. Default: one in the system's
            folder for temporary files, which `close` deletes, and the end of a `with`
            that no error ends.
        block_bytes: of rows in memory; two blocks are at a time. Default 32 MiB.
        memory: what DuckDB may use while it prepares, in bytes. Default 256 MiB.
        progress: called with a `Progress` now and then, such as `print`.

    Attributes:
        files: where the rows come from.
        schema: the table's columns, each with its kind and its encoder.
        target: the target, which decodes predictions.
        host: encodes raw rows for predictions.
        totals: the sum of the training rows' weights by class, where there are none
            their number: float64, (classes,), or (1,) for a target of numbers.
        displacement: how far an epoch moves a row on average, as a part of the table:
            measured in the first epoch; 1/3 is what a perfect shuffle gives.
        folder: where the prepared rows are.

    Raises:
        DataError: no such file, columns that differ, a missing target, an infinite
            number, a disk that is too small.
        ArgumentError: an unknown column or task, a part out of range.
        MissingDependencyError: DuckDB is not installed.

    Example:

    >>> import tempfile
    >>> import pronghorn as keras
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     lines = [f"{i / 100},{i / 50}" for i in range(500)]
    ...     _ = path.write_text("\\n".join(["x,y", *lines]))
    ...     with TableStream(path, target="y") as stream:
    ...         model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    ...         model.compile(loss="mse")
    ...         _ = model.fit(stream, epochs=2, batch_size=64, verbose=0)
    >>> stream.rows, 0.3 < stream.displacement < 0.37
    (500, True)
    """

    schema: Schema
    target: Target
    totals: np.ndarray
    displacement: float | None

    def __init__(
        self,
        paths: Paths,
        target: str,
        *,
        task: str | None = None,
        features: Sequence[str] = (),
        drop: Sequence[str] = (),
        missing: Codes | None = None,
        weight: str | None = None,
        validation: float = 0.0,
        validation_rows: int = 100_000,
        seed: int = 0,
        cache_dir: str | os.PathLike[str] | None = None,
        block_bytes: int = 32 << 20,
        memory: int = 256 << 20,
        progress: Callable[[Progress], object] | None = None,
    ) -> None:
        _check_arguments(task, validation, validation_rows, block_bytes)
        codes = tuple((k, tuple(v)) for k, v in (missing or {}).items())
        self._options = Options(
            target,
            task,
            tuple(features),
            tuple(drop),
            codes,
            weight,
            float(validation),
            int(validation_rows),
            int(seed),
            int(block_bytes),
        )
        self.files = find_files(paths)
        self._check_columns()
        self.what = self.files.source
        self._memory = memory
        self._progress = progress
        self._keeps = cache_dir is not None
        key = _key(self.files, self._options)
        parent = Path(tempfile.gettempdir() if cache_dir is None else cache_dir)
        self.folder = parent / f"pronghorn-rows-{key[:16]}"
        self._take_folder()
        try:
            self._prepare(key)
        except BaseException:
            self._lock.release()
            raise
        if self._keeps:
            self._lock.release()  # to read is for everybody

    # --- what there is

    @property
    def counts(self) -> Sequence[int]:
        """How many rows each block has."""
        return self._counts

    def read(self, number: int, slot: int) -> tuple[Any, Any, Any]:
        """See `RowBlocks.read`."""
        return self._batch(self._reader.read(self._places[number], slot))

    @property
    def validation_data(self) -> tuple[Any, ...] | None:
        """The rows held out, for `fit(validation_data=...)`: (x, y), with weights
        (x, y, weights); None where there are none."""
        found = self._reader.read(len(self._reader.counts) - 1)
        if not len(found["target"]):
            return None
        batch = self._batch(found)
        return batch if batch[2] is not None else batch[:2]

    def sample(self, rows: int = 100_000) -> tuple[Any, Any, Any]:
        """x, y and weights of some training rows, drawn by chance: to adapt layers.

        Args:
            rows: at most so many, and at most a block. Default 100,000.
        """
        found = self._reader.read(self._places[0])
        return self._batch({name: array[:rows] for name, array in found.items()})

    @property
    def held_out(self) -> int:
        """How many rows are held out."""
        return self._reader.counts[-1]

    @property
    def weighed(self) -> bool:
        """Whether rows have weights."""
        return "weight" in self._reader.parts

    @property
    def held(self) -> int:
        """Bytes of rows in memory now."""
        return self._reader.held

    def placed(self, epoch: int, number: int, first: int, order: np.ndarray) -> None:
        """See `RowBlocks.placed`: the rows that are followed tell how far it is."""
        if self.displacement is not None:
            return
        if first == 0:
            self._moved, self._followed_rows = 0.0, 0
        rows, places = self._followed.get(self._places[number], (None, None))
        if rows is not None:
            turned = np.empty(len(order), np.int64)
            turned[order] = np.arange(len(order))
            now = (first + turned[places] + 0.5) / self.rows
            was = (rows + 0.5) / self._read_rows
            self._moved += float(np.abs(now - was).sum())
            self._followed_rows += len(rows)
        if first + len(order) == self.rows and self._followed_rows:
            self.displacement = self._moved / self._followed_rows

    def close(self) -> None:
        """Deletes the prepared rows, unless they have a folder of the caller's own."""
        if not self._keeps:
            self._lock.release()
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> TableStream:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        """Closes it; after an error the rows stay, to go on with."""
        if kind is None:
            self.close()

    def _batch(self, found: Mapping[str, np.ndarray]) -> tuple[Any, Any, Any]:
        given = [name for name in ("numbers", "ids") if name in found]
        x: Any = {name: found[name] for name in given}
        if len(given) == 1:
            x = found[given[0]]
        return x, found["target"], found.get("weight")

    # --- how it is made

    def _check_columns(self) -> None:
        columns, chosen = self.files.columns, self._options
        names = [chosen.target, *([chosen.weight] if chosen.weight else [])]
        nothing: dict[str, Any] = dict.fromkeys(columns)
        RawTable(nothing, 0, self.files.source).column(chosen.target)
        for name in names[1:]:
            if name not in columns or name == chosen.target:
                raise ArgumentError(
                    f"{self.files.source} has no column {name!r} of weights.",
                    where="weight=",
                    expected="a column other than the target",
                    received=repr(name),
                )
        source = self.files.source
        check_selection(columns, source, chosen.target, chosen.features, chosen.drop)

    def _take_folder(self) -> None:
        """The folder for this process alone, to make the rows in it, or to delete it.

        Of a folder for temporary files there may be another.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FolderLock(self.folder)
        if self._lock.held:
            return
        if self._keeps:
            raise StateError(
                "Another process prepares these rows.",
                where=str(self.folder),
                expected="one at a time",
                received="a folder that is in use",
                remedy="wait for it; then its rows are used again",
            )
        self.folder = Path(tempfile.mkdtemp(prefix=self.folder.name + "-"))
        self._lock = FolderLock(self.folder)

    def _prepare(self, key: str) -> None:
        found = read_manifest(self.folder, key)
        if found is None or not found["whole"]:
            self._tell_space()
            scan = open_scan(
                self.files,
                self.folder,
                missing=dict(self._options.missing),
                target=self._options.target,
                memory=self._memory,
            )
            with closing(scan):
                names, tell = self.files.columns, self._progress
                making = Spreading(scan, names, self._options, self.folder, tell)
                making.run(key, found)
            for path in self.folder.glob("source-*"):
                path.unlink()
            shutil.rmtree(self.folder / "spilled", ignore_errors=True)
            found = read_manifest(self.folder, key)
        assert found is not None
        self._open(found)

    def _tell_space(self) -> None:
        """CSV is copied, and rows take about 4 bytes a value: more than compressed."""
        copied = 0 if self.files.parquet else self.files.nbytes
        check_space(self.folder, copied + self.files.nbytes)

    def _open(self, manifest: Mapping[str, Any]) -> None:
        self.schema = Schema.from_json(json.dumps(manifest["schema"]))
        self.target = Target.from_dict(self.schema.target, manifest["target"])
        self.host = Host(self.schema)
        self.totals = np.array(manifest["totals"], np.float64)
        self._reader = BucketReader(self.folder, manifest)
        every = self._reader.counts[:-1]
        self._places = [bucket for bucket, count in enumerate(every) if count]
        self._counts = [every[bucket] for bucket in self._places]
        self._reader.room(max(self._counts))
        self._read_rows = int(manifest["read"])
        self._followed = _followed(self.folder)
        self._moved, self._followed_rows = 0.0, 0
        self.displacement = None


def _check_arguments(
    task: str | None, validation: float, most: int, block_bytes: int
) -> None:
    if task not in (None, "regression", "classification"):
        raise ArgumentError(
            f"There is no task {task!r}.",
            where="task=",
            expected="'regression' or 'classification'",
            received=repr(task),
        )
    if not 0 <= validation < 1 or most < 1:
        raise ArgumentError(
            "The rows to hold out are out of range.",
            where="validation=, validation_rows=",
            expected="a part from 0 (none) to below 1, and at least one row",
            received=f"{validation!r} and {most!r}",
        )
    if block_bytes < 1:
        raise ArgumentError(
            "A block holds at least a row.",
            where="block_bytes=",
            expected="a number of bytes, such as 32 << 20",
            received=repr(block_bytes),
        )


def _key(files: Files, options: Options) -> str:
    """What tells prepared rows apart from those of other files or options."""
    told = json.dumps([FORMAT, files.versions(), asdict(options)])
    return hashlib.sha256(told.encode()).hexdigest()


def _followed(folder: Path) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """By bucket the numbers of the rows that are followed, and their places there."""
    found = [np.load(path) for path in sorted(folder.glob("followed-*.npy"))]
    every = np.concatenate(found) if found else np.zeros((0, 3), np.int64)
    every = every[np.argsort(every[:, 1], kind="stable")]
    buckets, starts = np.unique(every[:, 1], return_index=True)
    groups = np.split(every, starts[1:])
    return {
        int(bucket): (group[:, 0], group[:, 2])
        for bucket, group in zip(buckets, groups, strict=True)
    }
