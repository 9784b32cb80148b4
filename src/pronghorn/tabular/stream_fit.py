"""`fit` on files that are larger than memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from pronghorn.callbacks import Callback
from pronghorn.data.broken import is_gzip
from pronghorn.data.files import Files, Paths, find_files
from pronghorn.data.raw import RawTable, joined
from pronghorn.data.reader import read_table
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.data.scan import row_count
from pronghorn.data.splits import shuffled
from pronghorn.errors import ArgumentError, DataError
from pronghorn.tabular.class_weights import (
    ClassWeight,
    check_class_weight,
    class_weights,
)
from pronghorn.tabular.presets import ByRows, Preset
from pronghorn.tabular.stream import TableStream
from pronghorn.tabular.stream_eval import EvalFiles, EvalTable, encode_eval
from pronghorn.tabular.stream_progress import Progress, TellRows
from pronghorn.tabular.table_model import TableModel
from pronghorn.tabular.targets import Target
from pronghorn.tabular.training import Rows, train

__all__ = [
    "LARGE",
    "check_streamed",
    "fit_stream",
    "held_parts",
    "is_large",
    "is_paths",
    "read_files",
]

LARGE = 1 << 30
"""Files whose values take more bytes, 8 for each, are streamed, unless told not to."""

ROWS_SEEN = 30_000_000
"""A preset that lets the number of epochs follow the rows sees so many on large tables,
or each row once: further passes teach less than the rows that are still to come."""

EVERY = 30.0
"""Seconds between two backups within an epoch."""

GZIPPED = 5  # how many times larger text is than its gzip file, about


def is_paths(data: Any) -> bool:
    """Whether `data` is a file, a pattern, or a list of these.

    >>> is_paths("data/*.parquet"), is_paths([[1, 2], [3, 4]])
    (True, False)
    """
    if isinstance(data, (list, tuple)):
        return bool(data) and all(isinstance(d, (str, os.PathLike)) for d in data)
    return isinstance(data, (str, os.PathLike))


def is_large(files: Files) -> bool:
    """Whether files hold more than fits well into memory: above `LARGE`."""
    if files.parquet:
        return row_count(files) * len(files.columns) * 8 > LARGE
    sizes = [p.stat().st_size * (GZIPPED if is_gzip(p) else 1) for p in files.paths]
    return sum(sizes) > LARGE


def read_files(given: Paths, keep: Sequence[str] = ()) -> RawTable:
    """Files as one table in memory.

    Args:
        given: as for `find_files`.
        keep: columns that stay text, though all their values are numbers.
    """
    files = find_files(given)
    tables = [read_table(path, keep=keep, as_text=keep) for path in files.paths]
    if len(tables) == 1:
        return tables[0]
    columns = {
        name: reduce(joined, [table.column(name) for table in tables])
        for name in files.columns
    }
    return RawTable(columns, sum(t.rows for t in tables), files.source)


def check_streamed(
    files: Files | None,
    target: Any,
    sample_weight: Any,
    class_weight: ClassWeight | None,
    folds: int,
) -> None:
    """Refuses what does not go with a stream of rows.

    Args:
        files: what `find_files` found, or None: a table in memory.
        target, sample_weight, class_weight: what `fit` was given.
        folds: that somebody asks for; those of "best" by its name are 0 here.

    Raises:
        ArgumentError: no files; a target or weights that are no column's name; folds; a
            `class_weight` that no classes have.
    """
    if files is None or not isinstance(target, str):
        raise ArgumentError(
            "Only files can be streamed, with the target among their columns.",
            where="fit(stream=)",
            expected="paths, and the target's name",
            received="a table in memory" if files is None else type(target).__name__,
            remedy="leave stream out",
        )
    if sample_weight is not None and not isinstance(sample_weight, str):
        raise ArgumentError(
            "The weights of streamed rows are one of their columns.",
            where="fit(sample_weight=)",
            expected="the column's name",
            received=type(sample_weight).__name__,
        )
    check_class_weight(class_weight)
    if folds:
        raise ArgumentError(
            "Folds do not go with files that are streamed.",
            where="fit(folds=)",
            expected="0: all members are validated by the same rows, held in memory; "
            "with folds every row would be, each epoch",
            received=str(folds),
            remedy='preset="best", or folds=0, with validation= or eval_set=; '
            "stream=False where the table fits into memory",
        )


def fit_stream(
    stream: TableStream,
    chosen: Preset,
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    progress: Callable[[Progress], object] | None = None,
    class_weight: ClassWeight | None = None,
    eval_set: EvalFiles | EvalTable | None = None,
    measured: float = 0.0,
) -> TableModel:
    """Trains a preset's net on a table that is read block by block.

    The rows that the stream holds out choose the weights, or those of an `eval_set`. A
    training that was broken off goes on from its last backup, which lies beside the
    prepared rows.

    Args:
        stream: the table.
        chosen: the preset. Its folds are not used: all members are validated by the
            rows held out.
        seed: of all that is drawn. Default 0.
        callbacks: Keras's.
        progress: called with a `Progress` now and then.
        class_weight: as for `fit`.
        eval_set: rows to choose the weights by. Default: those that the stream holds
            out.
        measured: the part of the rows held out that choose nothing: they are left to
            measure the model by, as `held_parts` says. Default 0.

    Raises:
        ArgumentError: a `class_weight` that does not fit the target.
        DataError: all weights are zero; rows of the `eval_set` do not fit.
    """
    chosen = _epochs_for(replace(chosen, folds=0), stream.rows)
    learned = _rows(stream, stream.sample())
    factors = _factors(stream, class_weight)
    watched, first = _held(stream, measured, seed), 0
    if eval_set is not None:
        watched = encode_eval(eval_set, stream, seed)
        first = stream.schema.rows["read"]  # numbers behind those of the table
    source: RowBlocks = stream
    if factors is not None:
        source = _Weighed(stream, factors)
        learned = _weighed_rows(learned, factors, stream.target)
        if watched is not None:
            watched = _weighed_rows(watched, factors, stream.target)
    sizes = [len(levels) for levels in stream.host.categories]
    key = _key(chosen, seed, factors, watched)
    folder = stream.folder / f"training-{key[:16]}"
    calls = [*callbacks]
    if progress is not None:
        calls.append(TellRows(progress, stream.rows))
    goal = stream.target
    done = train(
        learned,
        watched,
        sizes,
        goal.outputs,
        goal.schema.task,
        chosen,
        seed,
        calls,
        source=source,
        backup=(folder, EVERY),
    )
    counts = {**stream.schema.rows, "training": stream.rows}
    counts["validation"] = 0 if watched is None else len(watched)
    net = {"members": chosen.members, "hidden": list(chosen.hidden), "seed": seed}
    schema = replace(stream.schema, rows=counts, net=net)
    validated = None
    if done.validated is not None:
        validated = (done.validated, first + np.arange(len(done.validated)))
    return TableModel(schema, goal, done.net, done.history, done.best, validated)


def held_parts(rows: int, measured: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of the rows held out choose the weights, and which measure the model.

    They are drawn by chance: rows held out come in the order of their files.

    >>> [len(part) for part in held_parts(100, 0.5, seed=0)]
    [50, 50]
    """
    order = shuffled(rows, seed, stream=4)
    count = round(rows * (1 - measured))
    return np.sort(order[:count]), np.sort(order[count:])


def _held(stream: TableStream, measured: float, seed: int) -> Rows | None:
    """The rows held out that choose the weights."""
    held = stream.validation_data
    if held is None:
        return None
    rows = _rows(stream, held)
    if not measured:
        return rows
    return rows.take(held_parts(len(rows), measured, seed)[0])


class _Weighed(RowBlocks):
    """A table whose rows' weights are multiplied by a factor of their class."""

    def __init__(self, stream: TableStream, factors: np.ndarray) -> None:
        self.what = stream.what
        self._stream = stream
        self._factors = factors

    @property
    def counts(self) -> Sequence[int]:
        """See `RowBlocks.counts`."""
        return self._stream.counts

    def read(self, number: int, slot: int) -> tuple[Any, Any, Any]:
        """See `RowBlocks.read`."""
        x, y, weight = self._stream.read(number, slot)
        return x, y, _weighed(y, weight, self._factors, self._stream.target)

    def placed(self, epoch: int, number: int, first: int, order: np.ndarray) -> None:
        """See `RowBlocks.placed`."""
        self._stream.placed(epoch, number, first, order)


def _factors(stream: TableStream, asked: ClassWeight | None) -> np.ndarray | None:
    """By class, what makes the training rows' weights have mean 1.

    Of numbers one factor; None where rows count alike.
    """
    if asked is None and not stream.weighed:
        return None
    goal, totals = stream.target, stream.totals
    factors = np.ones(goal.outputs)
    if asked is not None:
        factors = class_weights(asked, goal, totals)
    total = float((factors * totals).sum())
    if not total > 0:
        raise DataError(
            "There is no row to train on: all weights are zero.",
            where="fit(sample_weight=, class_weight=)",
            expected="a weight above 0",
            received=f"{stream.rows:,} rows of weight 0",
        )
    return factors * (stream.rows / total)


def _weighed(
    target: np.ndarray, weight: np.ndarray | None, factors: np.ndarray, goal: Target
) -> np.ndarray:
    found = factors[target] if goal.classes else np.full(len(target), factors[0])
    return (found if weight is None else found * weight).astype(np.float32)


def _weighed_rows(rows: Rows, factors: np.ndarray, goal: Target) -> Rows:
    return replace(rows, weight=_weighed(rows.target, rows.weight, factors, goal))


def _key(
    chosen: Preset, seed: int, factors: np.ndarray | None, watched: Rows | None
) -> str:
    """What tells trainings on the same prepared rows apart."""
    told = hashlib.sha256(f"{chosen!r} {seed}".encode())
    arrays = [factors]
    if watched is not None:
        arrays += [watched.numbers, watched.ids, watched.target, watched.weight]
    for array in arrays:
        told.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    return told.hexdigest()


def _epochs_for(chosen: Preset, rows: int) -> Preset:
    """The preset with whole numbers; few epochs of many rows, where nobody chose."""
    settled = chosen.at(rows)
    if not isinstance(chosen.epochs, ByRows):
        return settled
    assert isinstance(settled.epochs, int)
    return replace(settled, epochs=max(1, min(settled.epochs, ROWS_SEEN // rows)))


def _rows(stream: TableStream, batch: Sequence[Any]) -> Rows:
    x, y, *weight = batch
    if not isinstance(x, Mapping):
        x = {"ids" if x.dtype == np.int32 else "numbers": x}
    empty = np.zeros((len(y), 0))
    numbers = x.get("numbers", empty.astype(np.float32))
    ids = x.get("ids", empty.astype(np.int32))
    return Rows(numbers, ids, y, weight[0] if weight else None)
