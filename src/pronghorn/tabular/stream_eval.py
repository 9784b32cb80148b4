"""The rows of an `eval_set`, encoded as the rows of a stream are."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.buckets import check_space
from pronghorn.data.files import Files
from pronghorn.data.raw import RawTable, TextColumn
from pronghorn.data.scan import Chunk, Scan, open_scan
from pronghorn.data.sql import EVERY_COLUMN, Codes
from pronghorn.data.survey import Draw, find_numbers
from pronghorn.errors import ArgumentError, DataError, PronghornError
from pronghorn.tabular.host import HostInputs
from pronghorn.tabular.stream import TableStream
from pronghorn.tabular.stream_making import enumerate_categories
from pronghorn.tabular.stream_target import whole_numbers
from pronghorn.tabular.targets import Target
from pronghorn.tabular.training import Rows
from pronghorn.tabular.values import check_columns

__all__ = ["EvalFiles", "EvalTable", "encode_eval", "files_of"]

MOST_ROWS = 100_000
"""Of files of more rows about so many are drawn: they lie in memory."""

EVAL = 5  # a stream of draws by row number


@dataclass(frozen=True)
class EvalTable:
    """Rows in memory.

    Attributes:
        table: the columns.
        values: the target, (rows,).
    """

    table: RawTable
    values: np.ndarray


@dataclass(frozen=True)
class EvalFiles:
    """Rows in files.

    Attributes:
        files: where they lie.
        target: the name of the target's column.
        missing: codes that mean missing; None: those of the rows to train on.
    """

    files: Files
    target: str
    missing: Codes | None = None

    def __post_init__(self) -> None:
        nothing: dict[str, Any] = dict.fromkeys(self.files.columns)
        RawTable(nothing, 0, self.files.source).column(self.target)  # or it raises


def files_of(stream: TableStream, target: object) -> EvalFiles:
    """The rows of a stream, all of them, where they lie.

    Its own encoding is that of its own rows; others need them as they are.

    Raises:
        ArgumentError: another target; rows held out, or weights.
    """
    name = stream.schema.target.name
    same = isinstance(target, str) and target == name
    if stream.weighed or stream.held_out or not same:
        raise ArgumentError(
            "The rows of this TableStream are no eval_set.",
            where=stream.what,
            expected=f"the target {target!r}, no validation= and no weight=",
            received=f"the target {name!r}, {stream.held_out:,} rows held out"
            + (", and weights" if stream.weighed else ""),
            remedy="give the paths of its files",
        )
    return EvalFiles(stream.files, name, stream.schema.missing)


def encode_eval(given: EvalTable | EvalFiles, stream: TableStream, seed: int) -> Rows:
    """These rows as the stream encodes its own.

    Args:
        given: the rows. Those of files that have no target are left out.
        stream: the rows to train on.
        seed: of the rows that are drawn, where files have more than 100,000.

    Raises:
        DataError: a column is missing, or a value does not fit it; a label that no row
            to train on has; no row with a target.
    """
    try:
        if isinstance(given, EvalFiles):
            return _of_files(given, stream, seed)
        inputs = stream.host.encode(given.table)
        return Rows(inputs.numbers, inputs.ids, stream.target.encode(given.values))
    except PronghornError as error:
        raise error.within("fit(eval_set=)") from None


def _of_files(given: EvalFiles, stream: TableStream, seed: int) -> Rows:
    files = given.files
    check_columns(stream.schema.used, files.columns, files.source)
    codes = stream.schema.missing if given.missing is None else given.missing
    with tempfile.TemporaryDirectory(prefix="eval-", dir=stream.folder) as name:
        folder = Path(name)
        if not files.parquet:
            check_space(folder, files.nbytes)  # CSV is copied
        scan = open_scan(
            files, folder, missing=_known(codes, files), target=given.target
        )
        with closing(scan):
            return _drawn(scan, given.target, stream, seed)


def _known(codes: Codes, files: Files) -> Mapping[str, Sequence[str]]:
    """The codes of columns that the files have."""
    return {k: v for k, v in codes.items() if k in (EVERY_COLUMN, *files.columns)}


def _drawn(scan: Scan, target: str, stream: TableStream, seed: int) -> Rows:
    used = stream.schema.used
    names = [column.name for column in used]
    find_numbers(scan, names)
    enumerate_categories(scan, used)
    draw = Draw(seed, EVAL, min(1.0, MOST_ROWS / scan.rows))
    inputs: list[HostInputs] = []
    targets: list[np.ndarray] = []
    for chunk in scan.chunks([*names, target]):
        numbers = chunk.first + np.arange(chunk.table.rows)
        told = chunk.table.columns[target]
        rows = np.flatnonzero(draw.held(numbers) & ~told.missing)
        if len(rows):
            targets.append(_targets(stream.target, chunk, target, rows))
            inputs.append(stream.host.encode(chunk.table.take(rows)))
    if not targets:
        raise DataError(
            f"No row of {scan.source} has the target {target!r}.",
            expected="at least one",
            received=f"{scan.rows:,} rows without",
        )
    return Rows(
        np.concatenate([part.numbers for part in inputs]),
        np.concatenate([part.ids for part in inputs]),
        np.concatenate(targets),
    )


def _targets(goal: Target, chunk: Chunk, name: str, rows: np.ndarray) -> np.ndarray:
    """The target of a chunk's rows, which all have one, as a net learns it."""
    column = chunk.table.columns[name]
    assert isinstance(column, TextColumn)
    codes = column.codes[rows]
    present = np.unique(codes)
    texts = [column.levels[code] for code in present.tolist()]
    try:
        encoded = goal.encode(_values(goal, texts))
    except DataError:
        _tell_bad(goal, texts, chunk, [int(rows[codes == c][0]) for c in present])
        raise
    return encoded[np.searchsorted(present, codes)]


def _values(goal: Target, texts: Sequence[str]) -> np.ndarray:
    """Texts as labels are: numbers where those are."""
    if goal.classes and goal.labels.dtype.kind in "iuf":
        try:
            return whole_numbers(texts)
        except ValueError:
            pass
    return np.array(texts, object)


def _tell_bad(
    goal: Target, texts: Sequence[str], chunk: Chunk, firsts: Sequence[int]
) -> None:
    """Raises for the first row of the text that is no label, or no number."""
    for first, text in sorted(zip(firsts, texts, strict=True)):
        try:
            goal.encode(_values(goal, [text]))
        except DataError as error:
            row = chunk.first + first + 1
            error.where = (
                f"{chunk.table.source}, row {row} (counted from 1 below the header)"
            )
            raise
