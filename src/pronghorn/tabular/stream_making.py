"""How a table in files becomes encoded rows in buckets, drawn by chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.buckets import BucketWriter, Part, check_space
from pronghorn.data.infer import columns_from
from pronghorn.data.raw import NumberColumn, RawTable, TextColumn
from pronghorn.data.scan import Chunk, Scan
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.data.summary import Summary
from pronghorn.data.survey import Draw, Survey
from pronghorn.errors import DataError
from pronghorn.ir import rng
from pronghorn.tabular.host import Host, fit_host
from pronghorn.tabular.stream_progress import Progress, Telling
from pronghorn.tabular.stream_target import encode_target, target_from
from pronghorn.tabular.targets import Target

__all__ = ["Options", "Spreading", "enumerate_categories"]

HELD, BUCKET, FOLLOWED = 1, 2, 3  # streams of draws by row number
FOLLOWED_ROWS = 1 << 16
"""About so many rows are followed through the shuffle, to tell how far it goes."""

RARE = 3
"""A category of fewer training rows than this counts as unseen."""

SAMPLE_PARTS, SAMPLE_ROWS = 16, 16_384


@dataclass(frozen=True)
class Options:
    """What the prepared rows depend on besides the files: a part of their key."""

    target: str
    task: str | None
    features: tuple[str, ...]
    drop: tuple[str, ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    weight: str | None
    validation: float
    validation_rows: int
    seed: int
    block_bytes: int


class Spreading:
    """Counts a table's columns, then encodes its rows and spreads them by chance.

    Args:
        scan: the table.
        columns: the names of its columns.
        chosen: what to make of it.
        folder: for the rows.
        progress: called now and then, or None.
    """

    def __init__(
        self,
        scan: Scan,
        columns: Sequence[str],
        chosen: Options,
        folder: Path,
        progress: Callable[[Progress], object] | None,
    ) -> None:
        self._scan = scan
        self._columns = [name for name in columns if name != chosen.target]
        self._chosen = chosen
        self._folder = folder
        self._tell = Telling(progress, "shuffled", scan.rows)
        part = min(chosen.validation, chosen.validation_rows / scan.rows)
        self._held = Draw(chosen.seed, HELD, part)
        part = min(1.0, FOLLOWED_ROWS / scan.rows)
        self._followed = Draw(chosen.seed, FOLLOWED, part)

    def run(self, key: str, begun: Mapping[str, Any] | None) -> None:
        """Does it.

        Args:
            key: of what the rows are made from.
            begun: the manifest of a run that was broken off, or None.
        """
        scan, chosen = self._scan, self._chosen
        survey = Survey(scan, chosen.target, self._held, self._counted())
        goal, levels = target_from(survey.target, chosen.target, chosen.task)
        schema = self._schema(survey, goal)
        names = _read_names(scan, schema, goal, levels, chosen)
        coding = _Coding(schema, Host(schema), goal, levels, chosen)
        parts = coding.parts(scan)
        row_bytes = sum(part.row_bytes for part in parts)
        buckets = max(1, -(-scan.rows * row_bytes // chosen.block_bytes))
        done = 0 if begun is None else sum(begun["counts"]) * row_bytes
        check_space(self._folder, scan.rows * row_bytes - done)
        more = {
            "schema": json.loads(schema.to_json()),
            "target": goal.to_dict(),
            "read": scan.rows,
        }
        writer = BucketWriter(self._folder, key, parts, buckets + 1, begun, more)
        totals = np.zeros(goal.outputs)  # of the training rows' weights
        if writer.chunks and begun is not None:
            totals += begun["totals"]
        self._tell(sum(writer.counts))
        for chunk in scan.chunks(names, start=writer.chunks):
            numbers = chunk.first + np.arange(chunk.table.rows)
            arrays, there = coding.encode(chunk)
            drawn = rng.hashes(chosen.seed, 0, BUCKET, numbers).astype(np.uint64)
            to = (drawn * np.uint64(buckets) >> np.uint64(32)).astype(np.int64)
            to[self._held.held(numbers)] = buckets
            to[~there] = -1
            places = writer.add(arrays, to)
            some = self._followed.held(numbers) & (to >= 0) & (to < buckets)
            kept = np.stack([numbers[some], to[some], places[some]], axis=1)
            np.save(self._folder / f"followed-{chunk.number:06d}.npy", kept)
            totals += _totals(goal, arrays, (to >= 0) & (to < buckets))
            writer.save(totals=totals.tolist())
            self._tell(chunk.first + chunk.table.rows)
        writer.save(whole=True, totals=totals.tolist())

    def _counted(self) -> list[str]:
        """The columns that may be of use, and the weights."""
        chosen = self._chosen
        names = [n for n in self._columns if n not in chosen.drop]
        if chosen.features:
            names = [n for n in names if n in chosen.features]
        return list(
            dict.fromkeys([*names, *([chosen.weight] if chosen.weight else [])])
        )

    def _schema(self, survey: Survey, goal: Target) -> Schema:
        """The columns as the training rows show them, with their encoders."""
        chosen = self._chosen

        def summary(name: str) -> Summary:
            return survey.summary(name, wanted=name in chosen.features)

        names, features, drop = self._columns, chosen.features, list(chosen.drop)
        if chosen.weight is not None:
            drop.append(chosen.weight)
        columns = tuple(
            replace(c, reason="the weights") if c.name == chosen.weight else c
            for c in columns_from(
                summary, names, chosen.target, features=features, drop=drop
            )
        )
        fitted = _fit_on_sample(self._scan, survey, columns, chosen.target, self._held)
        counts = {"read": self._scan.rows, "training": survey.target.rows}
        return Schema(fitted, goal.schema, dict(chosen.missing), counts)


def _totals(
    goal: Target, arrays: Mapping[str, np.ndarray], learned: np.ndarray
) -> np.ndarray:
    """The sum of the training rows' weights, by class; of numbers one sum."""
    count = np.count_nonzero(learned)
    classes = arrays["target"][learned] if goal.classes else np.zeros(count, np.int32)
    weights = arrays["weight"][learned] if "weight" in arrays else None
    return np.bincount(classes, weights, minlength=goal.outputs).astype(np.float64)


def _fit_on_sample(
    scan: Scan,
    survey: Survey,
    columns: Sequence[ColumnSchema],
    target: str,
    draw: Draw,
) -> tuple[ColumnSchema, ...]:
    """The columns with their encoders: categories by all rows, the rest by a sample."""
    used = [c for c in columns if c.used]
    enumerate_categories(scan, used)
    names = [c.name for c in used]
    parts = []
    for table, numbers in scan.ranges([*names, target], SAMPLE_PARTS, SAMPLE_ROWS):
        there = ~draw.held(numbers) & ~table.columns[target].missing
        parts.append(table.take(np.flatnonzero(there)))
    sample = _stacked(parts)
    fitted = fit_host(columns, sample, np.arange(sample.rows))
    return tuple(
        _with_categories(c, survey.counts.get(c.name)) if c.used else c for c in fitted
    )


def enumerate_categories(scan: Scan, used: Sequence[ColumnSchema]) -> None:
    """Has columns of categories read as places among these."""
    for column in used:
        if column.kind == "boolean" and column.name in scan.numbers:
            scan.take_as_text(column.name)
        typed = column.name in scan.numbers or column.name in scan.dates
        if column.kind in ("categorical", "boolean") and not typed:
            scan.enumerate_texts(column.name, column.categories)


def _with_categories(
    column: ColumnSchema, counts: Mapping[str, int] | None
) -> ColumnSchema:
    if "categories" not in column.encoder or counts is None:
        return column
    often = [c for c in column.categories if counts.get(c, 0) >= RARE]
    if column.kind == "boolean" or len(column.categories) <= 2 or not often:
        often = list(column.categories)
    return replace(column, encoder={**column.encoder, "categories": often})


def _stacked(parts: Sequence[RawTable]) -> RawTable:
    """The rows of tables of one form, one after the other."""
    columns: dict[str, Any] = {}
    for name, first in parts[0].columns.items():
        every: list[Any] = [part.columns[name] for part in parts]
        if not isinstance(first, TextColumn):
            values = np.concatenate([c.values for c in every])
            columns[name] = replace(first, values=values)
            continue
        places: dict[str, int] = {}
        codes = []
        for column in every:
            assert isinstance(column, TextColumn)
            to = [places.setdefault(level, len(places)) for level in column.levels]
            codes.append(np.array([*to, -1], np.int32)[column.codes])
        columns[name] = TextColumn(name, np.concatenate(codes), tuple(places))
    return RawTable(columns, sum(p.rows for p in parts), parts[0].source)


def _read_names(
    scan: Scan, schema: Schema, goal: Target, levels: Sequence[str], chosen: Options
) -> list[str]:
    """The columns that are read, prepared to be."""
    if goal.classes:
        scan.enumerate_texts(chosen.target, levels)
    else:
        scan.take_as_number(chosen.target)
    names = [c.name for c in schema.used]
    if chosen.weight is not None:
        if chosen.weight not in scan.numbers:
            raise DataError(
                f"The column {chosen.weight!r} of weights holds text.",
                where="weight=",
                expected="numbers",
                received="text",
            )
        names.append(chosen.weight)
    return [*dict.fromkeys(names), chosen.target]


@dataclass(frozen=True)
class _Coding:
    """From a chunk of the table to the arrays that a net is fed with.

    Attributes:
        schema, host: what the columns are, and what encodes them.
        goal, levels: the target, and the texts of its classes.
        chosen: the names of target and weights.
    """

    schema: Schema
    host: Host
    goal: Target
    levels: Sequence[str]
    chosen: Options

    def parts(self, scan: Scan) -> list[Part]:
        """The arrays' forms."""
        names = [c.name for c in self.schema.used]
        table, _ = next(scan.ranges(names, 1, 1))
        inputs = self.host.encode(table)
        parts = [
            Part("numbers", inputs.numbers.shape[1], "float32"),
            Part("ids", inputs.ids.shape[1], "int32"),
        ]
        parts = [part for part in parts if part.width]
        parts.append(Part("target", 0, "int32" if self.goal.classes else "float32"))
        if self.chosen.weight is not None:
            parts.append(Part("weight", 0, "float32"))
        return parts

    def encode(self, chunk: Chunk) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """A chunk's arrays, and which of its rows are of use."""
        table, chosen = chunk.table, self.chosen
        inputs = self.host.encode(table)
        values, there = encode_target(
            self.goal, self.levels, table.columns[chosen.target]
        )
        arrays = {"numbers": inputs.numbers, "ids": inputs.ids, "target": values}
        if chosen.weight is not None:
            weights = table.columns[chosen.weight]
            assert isinstance(weights, NumberColumn)
            bad = np.flatnonzero(~(weights.values >= 0) & there)
            if len(bad):
                raise DataError(
                    "A sample weight is missing or negative.",
                    where=f"column {chosen.weight!r}, row {chunk.first + bad[0] + 1}",
                    expected="0 or more",
                    received=str(weights.values[bad[0]]),
                )
            arrays["weight"] = weights.values.astype(np.float32)
        return arrays, there
